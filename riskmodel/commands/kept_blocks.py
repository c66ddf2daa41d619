"""The finished blocks of a run of the command line: kept beside OUT until OUT is written."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskmodel.commands.console import say
from riskmodel.engine.kept.block_store import OtherRunError, forget, years_in

MEND = "give the old command to go on with that run, or add --fresh to start over"
ANEW = "--fresh"


def blocks_of(target: Path) -> Path:
    """Return the folder, beside the target, that keeps the finished blocks of a run to it."""
    return target.parent / f".{target.name}.blocks"


@contextmanager
def kept_blocks(target: Path, *, anew: bool = False) -> Iterator[Path]:
    """Give the folder for finished blocks; it goes when the block ends well, and stays else.

    With ``anew`` what an earlier run left in it is forgotten first.

    Raises
    ------
    OtherRunError : it holds the blocks of another run
    """
    folder = blocks_of(target)
    if anew:
        forget(folder)
    try:
        yield folder
    except OtherRunError as error:
        raise OtherRunError(folder, error.changed, MEND) from None
    except KeyboardInterrupt:
        if (years := years_in(folder)) > 0:
            say(f"stopped: {years:,} finished years are kept in {folder}; to go on: {_command()}")
        raise
    forget(folder)


def _command() -> str:
    """Return the command that goes on: this one, without starting over."""
    return shlex.join(["riskmodel", *(word for word in sys.argv[1:] if word != ANEW)])
