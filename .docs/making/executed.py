"""Python on a page, run while the page is made: what it prints stands below it.

A block of Python that is followed by a line ``<!-- output -->`` is run, with all such blocks
before it on the page, in one fresh process and an empty folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from tempfile import TemporaryDirectory

from making.places import ROOT

_BLOCK = re.compile(r"```python\n((?:(?!```).)*)```\n\n<!-- output -->\n", re.DOTALL)
_APART = "#---- the next block ----#"


def run(text: str) -> str:
    """Return a page with the output of its blocks in the place of the marks.

    Raises
    ------
    RuntimeError
        A block raised or warned; the text says what.
    """
    blocks = _BLOCK.findall(text)
    if not blocks:
        return text
    script = f"\nprint({_APART!r})\n".join(blocks)
    with TemporaryDirectory() as folder:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=folder, text=True,
                              capture_output=True, check=False,
                              env={**os.environ, "PYTHONPATH": path, "COLUMNS": "88"})
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(f"Python on a page of the documentation failed:\n{done.stderr[-3000:]}")
    outputs = iter(done.stdout.split(_APART))
    return _BLOCK.sub(lambda found: f"```python\n{found[1]}```\n\n{_shown(next(outputs))}", text)


def _shown(output: str) -> str:
    return f"```text\n{output.strip(chr(10))}\n```\n" if output.strip() else ""
