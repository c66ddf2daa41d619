"""What a figure is drawn on: its width and letters, for a column of a paper, a page or a slide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.figures.palette import colour, colours

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72.0
#: size -> (width in mm, letters in points): one and two columns of a paper, a slide of 16:9
SIZES = {"single": (85.0, 7.0), "double": (178.0, 8.0), "slide": (254.0, 14.0)}
NARROWEST, WIDEST = 60.0, 600.0
_SLIDE_HEIGHT = 254.0 * 9 / 16
_SMALLEST = 5.5  # points


@dataclass(frozen=True)
class Sheet:
    """A sheet: its width in mm, its letters in points, and whether it is a slide."""

    width_mm: float
    points: float
    slide: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it is one column, where there is room for little beside the drawing."""
        return self.width_mm / self.points < 15.0

    @property
    def row_mm(self) -> float:
        """Height of a line of a table of marks."""
        return self.points * MM_PER_POINT * 2.0

    @property
    def foot_points(self) -> float:
        """Size of the letters of the foot line."""
        return max(self.points * 0.75, _SMALLEST)

    def rows(self, most: int, *, lines: float = 1.0) -> int:
        """Return how many rows of ``lines`` lines find room, at most ``most``."""
        if not self.slide:
            return most
        return max(1, min(most, math.floor((_SLIDE_HEIGHT - 10 * self.points * MM_PER_POINT)
                                           / (self.row_mm * lines))))

    def height_mm(self, ratio: float) -> float:
        """Return a height by its ratio to the width; of a slide always that of the slide."""
        return _SLIDE_HEIGHT if self.slide else self.width_mm * ratio

    def height_of_rows(self, rows: float) -> float:
        """Return the height of so many rows with an axis below; of a slide always the slide's."""
        return _SLIDE_HEIGHT if self.slide else self.row_mm * rows + 8 * self.points * MM_PER_POINT

    def letters(self, share: float) -> int:
        """Return how many letters find room in a share of the width."""
        return max(8, int(share * self.width_mm / (0.55 * self.points * MM_PER_POINT)))

    def style(self) -> dict[str, Any]:
        """Return the settings of matplotlib that hold while the figure is drawn."""
        line = self.points / 10.0
        ink, soft = colour("ink"), colour("soft")
        return {
            "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
            "font.size": self.points, "axes.labelsize": self.points,
            "axes.titlesize": self.points, "xtick.labelsize": 0.9 * self.points,
            "ytick.labelsize": 0.9 * self.points, "legend.fontsize": 0.9 * self.points,
            "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": ink,
            "xtick.color": ink, "ytick.color": ink, "xtick.labelcolor": soft,
            "ytick.labelcolor": soft, "axes.titleweight": "bold", "axes.titlelocation": "left",
            "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6 * line,
            "xtick.major.width": 0.6 * line, "ytick.major.width": 0.6 * line,
            "xtick.major.size": 0.35 * self.points, "ytick.major.size": 0.35 * self.points,
            "xtick.minor.size": 0.0, "ytick.minor.size": 0.0, "lines.linewidth": 1.6 * line,
            "lines.markersize": 0.5 * self.points, "patch.linewidth": 0.0,
            "axes.axisbelow": True, "grid.color": colour("faint"), "grid.linewidth": 0.6 * line,
            "legend.frameon": False, "legend.handlelength": 1.4, "legend.borderaxespad": 0.2,
            "legend.labelspacing": 0.35, "legend.columnspacing": 1.2,
            "figure.facecolor": colours()["paper"], "axes.facecolor": "none",
            "text.parse_math": False,  # a name with two dollar signs is a name
            "text.usetex": False, "axes.unicode_minus": True, "hatch.linewidth": 0.6 * line}


def sheet(size: str = "double", width_mm: float | None = None) -> Sheet:
    """Return the sheet of a size, or of a width of one's own.

    Raises
    ------
    RiskModelError : there is no such size, or the width is no width of a figure
    """
    if size not in SIZES:
        raise RiskModelError(f"size is {size!r}; give one of {', '.join(SIZES)}, or width_mm")
    width, points = SIZES[size]
    if width_mm is None:
        return Sheet(width, points, size == "slide")
    if not NARROWEST <= width_mm <= WIDEST:
        raise RiskModelError(f"width_mm is {width_mm}; give {NARROWEST:g} to {WIDEST:g} mm")
    return Sheet(float(width_mm), points)
