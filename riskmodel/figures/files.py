"""``write``: a figure as a file, the same bytes for the same figure.

PDF: letters are embedded as TrueType (type 42), which publishers ask for and which can be searched.
SVG: letters are outlines, so that the figure looks the same where the font is not there, and no
text of data becomes markup; its words stand in the title and the description. PNG: 300 dots an
inch.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "svg", "png")
PNG_DPI = 300
#: identifiers inside an SVG are made from it, not from chance
_SALT = "riskmodel"


def write(figure: Figure, path: str | Path) -> Path:
    """Write a figure of this package by its file's ending, whole or not at all; return the path.

    Nothing in the file depends on the day, the machine's fonts or the user's settings.

    Raises
    ------
    RiskModelError : the ending is not .pdf, .svg or .png; the folder does not exist; the figure is
        not of this package
    """
    from matplotlib import style

    target = Path(path).expanduser()
    form = form_of(target)
    told = note(figure)
    work = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with style.context(["default", told.sheet.style(), {
                "svg.hashsalt": _SALT, "svg.fonttype": "path", "pdf.fonttype": 42}]):
            figure.savefig(work, format=form, dpi=PNG_DPI if form == "png" else "figure",
                           metadata=_metadata(form, told.name, told.whole_caption))
        work.replace(target)
    finally:
        work.unlink(missing_ok=True)
    return target


def form_of(path: str | Path) -> str:
    """Return the form that a file's name asks for; refuse a name no figure can be written to."""
    target = Path(path).expanduser()
    form = target.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise RiskModelError(f"{target.name}: a figure is written as .{', .'.join(FORMATS)}; name "
                             "a file with one of these endings")
    if not target.parent.is_dir():
        raise RiskModelError(f"there is no folder {target.parent} to write {target.name} into; "
                             "make it first, or name another")
    return form


def _metadata(form: str, name: str, caption: str) -> dict[str, Any]:
    if form == "pdf":
        return {"Title": name, "Subject": caption, "Creator": "riskmodel", "CreationDate": None}
    if form == "svg":
        return {"Title": name, "Description": caption, "Creator": "riskmodel", "Date": None}
    return {"Title": name, "Description": caption, "Software": "riskmodel"}
