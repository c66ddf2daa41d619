"""Execute the percent scripts: ``python -m tests.notebooks.build`` writes the notebooks again.

``python -m tests.notebooks.build 03 19_rare`` makes only those whose names begin so; with a folder
as first argument they are written there instead. Each runs in an empty folder of its own, with the
package that is installed; the seconds each took are printed, and of all of them the sum.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))


def execute(script: Path, folder: Path) -> nbformat.NotebookNode:
    """Return the executed notebook of a percent script; ``folder`` is where it runs."""
    notebook = jupytext.read(script)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"  # not at random: the same notebook is the same file
    client = NotebookClient(notebook, timeout=240, kernel_name="python3", record_timing=False,
                            resources={"metadata": {"path": str(folder)}})
    return client.execute()


def main() -> None:
    """Write the notebooks that were asked for, all of them if none was."""
    asked = sys.argv[1:]
    target = Path(asked.pop(0)) if asked and Path(asked[0]).is_dir() else FOLDER
    names = [script.stem for script in SCRIPTS]
    lost = [begin for begin in asked if not any(name.startswith(begin) for name in names)]
    if lost:
        sys.exit(f"no notebook begins with {' or '.join(lost)}; there are {', '.join(names)}")
    chosen = [script for script in SCRIPTS if not asked or script.stem.startswith(tuple(asked))]
    begun = time.monotonic()
    for script in chosen:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as empty:
            done = execute(script, Path(empty))
        nbformat.write(done, target / f"{script.stem}.ipynb")
        print(f"{time.monotonic() - start:6.1f} s  {target / f'{script.stem}.ipynb'}", flush=True)
    print(f"{time.monotonic() - begun:6.1f} s  {len(chosen)} notebooks, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
