"""Execute the percent scripts: ``python -m tests.notebooks.build`` writes the notebooks again.

With a folder as argument it writes them there instead. Each runs in an empty folder of its own,
with the package that is installed.
"""

from __future__ import annotations

import sys
import tempfile
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
    """Write every notebook."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as empty:
            done = execute(script, Path(empty))
        nbformat.write(done, target / f"{script.stem}.ipynb")
        print(target / f"{script.stem}.ipynb")


if __name__ == "__main__":
    main()
