"""Talking to the person at the terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import errno
import json
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from riskmodel.errors import Problem, RiskModelError, RiskModelWarning, WorldError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

#: a word of data longer than this says nothing more on a terminal
_LONGEST_WORD = 200
_ENDLESS = re.compile(r"\S{" + str(_LONGEST_WORD + 1) + r",}")
#: columns of a table that is not shown on a terminal (a pipe, a file); wide enough not to fold
PIPE_WIDTH = 132


class WrongUsage(RiskModelError):
    """The command asks for what is not there: exit code 2."""


@contextmanager
def wrong_usage() -> Iterator[None]:
    """Take a refusal inside the block for wrong usage, not for wrong input."""
    try:
        yield
    except WorldError:
        raise
    except RiskModelError as error:
        raise WrongUsage(str(error)) from None


def console(*, stderr: bool = False) -> Console:
    """Return a console; where nobody looks at a terminal it is plain and wide."""
    from rich.console import Console

    shown = Console(stderr=stderr, highlight=False)
    if not shown.is_terminal:
        shown = Console(stderr=stderr, highlight=False, width=PIPE_WIDTH, soft_wrap=stderr)
    return shown


def say(text: str) -> None:
    """Write one line to stderr; what data put into it cannot steer the terminal."""
    typer.echo(shown_text(text), err=True)


def shown_text(text: str) -> str:
    """Return text for a terminal: control characters written out, endless words cut."""
    from riskmodel.exchange.harmless import visible

    return visible(_ENDLESS.sub(lambda word: f"{word[0][:_LONGEST_WORD - 20]}... "
                                f"({len(word[0]):,} characters)", text))


def plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it: NaN and infinities become null, arrays lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return str(value)  # dates, paths


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON objects."""
    return [plain(row) for row in frame.to_dict(orient="records")]


def dumps(document: Any) -> str:
    """Return one JSON document as text, keys in the order they were given."""
    from riskmodel.exchange.harmless import json_text

    return json_text(json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    typer.echo(dumps(document))


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return one problem as a JSON object."""
    return {"check": problem.check, "level": problem.level, "where": problem.where,
            "rows": list(problem.rows), "message": problem.message, "mend": problem.mend}


def print_table(frame: pd.DataFrame, title: str, *, right: Sequence[str] = (),
                caption: str = "") -> None:
    """Print a frame of ready-made text as a table on stdout."""
    from rich.markup import escape
    from rich.table import Table

    # rich reads marks in a title as colours, so they are escaped like the cells
    table = Table(title=escape(shown_text(title)) or None,
                  caption=escape(shown_text(caption)) or None, title_justify="left",
                  caption_justify="left", header_style="bold")
    for name in frame.columns:
        table.add_column(escape(shown_text(str(name))), overflow="fold",
                         justify="right" if name in right else "left")
    for row in frame.itertuples(index=False):
        table.add_row(*(escape(shown_text(str(cell))) for cell in row))
    console().print(table)


def number(value: float, digits: int = 3) -> str:
    """Return a number for people: ``digits`` significant ones, thousands apart, "-" for NaN."""
    value = float(value)
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}g}" if abs(value) < 1e-4 else f"{value:,.{min(places, 6)}f}"


def with_error(value: float, se: float, digits: int = 2) -> str:
    """Return a value with its standard error; the value alone where the error is not known."""
    if not math.isfinite(float(value)) or not math.isfinite(float(se)):
        return number(value)
    return f"{number(value)} ± {number(se, digits)}"


@contextmanager
def user_errors(*, as_json: bool = False) -> Iterator[None]:
    """Turn what a user can mend into a message on stderr and exit code 1 or 2.

    Bugs go on to ``riskmodel.commands.faults``.

    With ``as_json`` the same stands on stdout as one JSON document. Warnings of riskmodel become
    one-line notes.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RiskModelWarning)
        try:
            yield
        except WorldError as error:
            say(f"error: {error}")
            if as_json:
                print_json({"ok": False,
                            "problems": [problem_record(each) for each in error.problems]})
            raise typer.Exit(1) from None
        except RiskModelError as error:
            _fail(str(error), as_json, 2 if isinstance(error, WrongUsage) else 1)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            _fail(f"{error.filename or 'file'}: {error.strerror or error}{_mend(error)}", as_json)
        except MemoryError:
            _fail("there is not memory enough; ask for fewer --years or --worlds, or for fewer "
                  "--workers at once", as_json)
        except KeyboardInterrupt:
            say("stopped; nothing is left half written")
            raise
        finally:
            for note in dict.fromkeys(str(each.message) for each in caught):
                say(f"note: {note}")


def _mend(error: OSError) -> str:
    """Return what to do about a file or folder that the machine refuses, as a clause."""
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "; name another place, or ask for the right to read and write there"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "; make room there, or name a place on another disk"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "; see that the path is written right"
    return ""


def _fail(message: str, as_json: bool, code: int = 1) -> None:
    say(f"error: {message}")
    if as_json:
        print_json({"ok": False, "error": message})
    raise typer.Exit(code) from None


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on stderr what is being waited for; silent where it is no terminal."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield
        return
    with errors.status(what):
        yield


@contextmanager
def progress_bar(what: str, unit: str = "years") -> Iterator[Callable[[int, int], None] | None]:
    """Give a ``progress(done, total)`` that draws a bar on stderr; None where it is no terminal."""
    errors = console(stderr=True)
    if not errors.is_terminal:
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                  TextColumn(unit), TimeRemainingColumn(), console=errors,
                  transient=True) as bar:
        task = bar.add_task(what, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield progress
