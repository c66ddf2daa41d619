"""The gallery of notebooks: what each asks, from its first cell, and the executed notebook."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from making.places import ROOT


def write(sources: Path) -> None:
    """Copy the executed notebooks into the site and list what each of them asks."""
    folder = sources / "notebooks"
    files = in_reading_order()
    cards = []
    for file in files:
        shutil.copy(file, folder / file.name)
        title, asks = first_words(file)
        cards.append(f"[{title}]({file.name})\n: {asks}\n")
    index = folder / "index.md"
    text = index.read_text(encoding="utf-8").replace("<!-- gallery -->", "\n".join(cards))
    names = "\n".join(file.stem for file in files)
    index.write_text(f"{text}\n```{{toctree}}\n:hidden:\n\n{names}\n```\n", encoding="utf-8")


def in_reading_order() -> list[Path]:
    """Return the executed notebooks in the order of ``notebooks/README.md``.

    Raises
    ------
    ValueError
        There are none, or the list does not name each of them once.
    """
    files = {file.stem: file for file in (ROOT / "notebooks").glob("*.ipynb")}
    if not files:
        raise ValueError("no executed notebooks in notebooks/")
    listed = re.findall(r"\]\((\w+)\.ipynb\)",
                        (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8"))
    if sorted(listed) != sorted(files):
        raise ValueError("notebooks/README.md does not name each notebook once: "
                         f"{', '.join(sorted(set(listed) ^ set(files))) or 'one stands twice'}")
    return [files[name] for name in listed]


def address(topic: str) -> str:
    """Return the file name of the notebook on a topic: its name without its number.

    Raises
    ------
    KeyError
        There is no such notebook.
    """
    found = sorted((ROOT / "notebooks").glob(f"[0-9]*_{topic}.ipynb"))
    if len(found) != 1:
        raise KeyError(f"{len(found)} notebooks in notebooks/ are called '{topic}'")
    return found[0].name


def first_words(file: Path) -> tuple[str, str]:
    """Return a notebook's title and its first paragraph, as Markdown.

    Raises
    ------
    ValueError
        The notebook was not executed, or does not begin with a title and a question.
    """
    held = json.loads(file.read_text(encoding="utf-8"))
    cells = held["cells"]
    if not any(cell.get("outputs") for cell in cells):
        raise ValueError(f"{file.name} lies without outputs; run tests/notebooks/build.py")
    text = "".join(cells[0]["source"]) if cells[0]["cell_type"] == "markdown" else ""
    found = re.match(r"# (.+?)\n\s*\n(.+?)(?:\n\s*\n|$)", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{file.name} does not begin with a title and what it asks")
    return found[1].strip(), " ".join(found[2].split())
