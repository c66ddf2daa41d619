"""The one way to make a figure: style, drawing, foot line, and what its caption says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.figures.foot_facts import About
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import MM_PER_INCH, MM_PER_POINT, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOTE = "_riskmodel_note"
_LEAST_MM = 35.0


@dataclass(frozen=True)
class Note:
    """What a figure says of itself.

    Attributes
    ----------
    name : what it is called in files ; caption : ready to paste, without the foot line's facts
    units : axis or mark -> its unit; empty text where it counts names
    about : what the foot line says ; sheet : what it was drawn on
    """

    name: str
    caption: str
    units: Mapping[str, str]
    about: About
    sheet: Sheet

    @property
    def whole_caption(self) -> str:
        """The caption with what the figure was made from."""
        return f"{self.caption} {', '.join(self.about.parts)}."


def drawn(paint: Callable[[Figure], None], *, name: str, caption: str, units: Mapping[str, str],
          about: About, sheet: Sheet, height_mm: float) -> Figure:
    """Return a figure that ``paint`` fills, with the foot line below.

    The user's settings of matplotlib neither reach the figure nor are changed, and pyplot does not
    know of it: nothing has to be closed.
    """
    from matplotlib import style
    from matplotlib.figure import Figure as NewFigure

    with style.context(["default", sheet.style()]):
        figure = NewFigure(figsize=(sheet.width_mm / MM_PER_INCH,
                                    max(height_mm, _LEAST_MM) / MM_PER_INCH), dpi=150,
                           layout="constrained")
        paint(figure)
        _fix_ticks(figure, sheet)
        _write_foot(figure, about, sheet)
        # what matplotlib puts off to the first drawing is made here, in this style; the layout
        # creeps on with each drawing, so it is settled and then left as it is in every file
        for _ in range(2):
            figure.draw_without_rendering()
        figure.set_layout_engine("none")
    setattr(figure, _NOTE, Note(name, caption, dict(units), about, sheet))
    # a notebook shows what has this; it asks for it only where pyplot has not been loaded
    setattr(figure, "_repr_png_", partial(_png, figure))  # noqa: B010
    return figure


def _png(figure: Figure) -> bytes:
    """Return the figure as a notebook shows it."""
    from matplotlib import style

    held = BytesIO()
    with style.context(["default", note(figure).sheet.style()]):
        figure.savefig(held, format="png")
    return held.getvalue()


def note(figure: Figure) -> Note:
    """Return what a figure of this package says of itself: name, caption, units, n, seed, day."""
    found = getattr(figure, _NOTE, None)
    if not isinstance(found, Note):
        raise RiskModelError("note: this figure was not made by riskmodel.figures")
    return found


def _fix_ticks(figure: Figure, sheet: Sheet) -> None:
    """Give the axes the sheet's marks by name: matplotlib makes some only when it draws again."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            size = axis.get_tick_params().get("labelsize", 0.9 * sheet.points)
            axis.set_tick_params(labelsize=size, width=0.06 * sheet.points,
                                 labelfontfamily="DejaVu Sans")


def _write_foot(figure: Figure, about: About, sheet: Sheet) -> None:
    """Write the foot line below everything, on as many lines as it needs."""
    margin = 1.5 / sheet.width_mm
    text = figure.text(margin, 0, "", fontsize=sheet.foot_points, color=colour("soft"),
                       ha="left", va="bottom", linespacing=1.25, gid="foot")
    lines, width = [""], float(figure.bbox.width) * (1 - 2 * margin)
    for part in about.parts:
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        text.set_text(longer)
        if lines[-1] and text.get_window_extent().width > width:
            lines.append(part)
        else:
            lines[-1] = longer
    text.set_text("\n".join(lines))
    height = figure.get_size_inches()[1] * MM_PER_INCH
    room = (1.35 * len(lines) + 0.4) * sheet.foot_points * MM_PER_POINT / height
    text.set_y(0.25 * sheet.foot_points * MM_PER_POINT / height)
    engine = figure.get_layout_engine()
    assert engine is not None  # it was asked for
    engine.set(rect=(0.0, room, 1.0, 1.0 - room), w_pad=sheet.points * 0.25 / 72,  # type: ignore[call-arg]
               h_pad=sheet.points * 0.25 / 72)
