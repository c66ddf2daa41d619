"""What somebody sees when the program itself is at fault: a sentence, and where the trace lies."""

from __future__ import annotations

import platform
import shlex
import sys
import tempfile
import traceback

from riskmodel._version import __version__
from riskmodel.commands.console import say

#: exit code of a fault; 2 would blame the words, and there is no third
FAULT = 1


def tell(fault: Exception) -> int:
    """Say that the program failed, keep its trace in a file; return the exit code."""
    told = "".join(traceback.format_exception(fault))
    command = shlex.join(["riskmodel", *sys.argv[1:]])
    what = f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__
    say(f"error: a fault of riskmodel, not of what you gave it ({what})")
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="replace", delete=False,
                                         prefix="riskmodel-fault-", suffix=".txt") as file:
            file.write(f"{command}\nriskmodel {__version__}, Python {platform.python_version()}, "
                       f"{platform.platform()}\n\n{told}")
    except OSError:  # nowhere to write: the trace is better seen than lost
        say(told)
        return FAULT
    say(f"mend: please report it; {file.name} holds the command, the versions and the trace")
    return FAULT
