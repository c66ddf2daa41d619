"""Texts from data on a figure: cleaned, shortened, and drawn with letters that the font has."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from riskmodel.report.names import UNKNOWN_LAB, Names, clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOTAL = "total"
#: stands for a letter that the font does not have
MISSING = "\N{WHITE SQUARE}"


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


def label(text: object, longest: int, instead: str = "") -> str:
    """Return a text from data as it may be drawn, of at most ``longest`` letters.

    ``instead`` (an id) is taken where the font has not all letters of the text; where that does
    not help, a missing letter is a white square.
    """
    shown = clean(text, longest)
    if any(ord(letter) not in _letters() for letter in shown) and instead:
        other = clean(instead, longest)
        if all(ord(letter) in _letters() for letter in other):
            return other
    return "".join(letter if ord(letter) in _letters() else MISSING for letter in shown)


def lab_label(names: Names, lab: str, longest: int) -> str:
    """Return the name of a lab, of all together, or of the unknown one."""
    if lab == TOTAL:
        return "All labs"
    if lab == UNKNOWN_LAB:
        return "Unknown"
    return label(names.lab(lab), longest, lab)


def who_words(names: Names, lab: str) -> str:
    """Return a lab as it is called inside a sentence."""
    if lab == TOTAL:
        return "all labs together"
    return lab_label(names, lab, 60)


def name_whose(axis: Axes, names: Names, lab: str, longest: int) -> None:
    """Write the name of the one lab whose figure it is above it; nothing for all of them."""
    if lab != TOTAL:
        axis.set_title(lab_label(names, lab, longest))


def plain_ticks(axis: Axes, which: str, write: Callable[[float], str]) -> None:
    """Write the numbers of an axis by ``write``, without powers, offsets or minor marks."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    chosen = axis.xaxis if which == "x" else axis.yaxis
    chosen.set_major_formatter(FuncFormatter(lambda value, _: write(value).replace("-", "−")))
    chosen.set_minor_formatter(NullFormatter())
