"""What one lab hangs on, as a picture inside a page: light, dark and print from one drawing."""

from __future__ import annotations

import textwrap

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.dependency_picture import Box, Drawing, arrival
from riskmodel.report.names import KIND_NAMES, clean
from riskmodel.report.numbers import percent

#: kind of node -> colour of its family; kinds of one family stand beside each other
FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "sites": ("c8", ("site", "zone")),
    "power": ("c4", ("feed", "grid", "interconnection")),
    "own plants and gas": ("c6", ("plant", "gas")),
    "clouds": ("c2", ("cloud", "cloud_region")),
    "countries and theatres": ("c5", ("country", "theatre")),
    "operators and corridors": ("c3", ("operator", "corridor")),
}
_OTHER = "c7"
_COLUMN, _UNIT, _BOX, _PAD = 226.0, 132.0, 14.0, 6.0
_LONGEST = 27  # letters of a name beside its box
_LINE = 13.0  # from one line of a name to the next
_LEAST_BAND = 0.008  # of the lab's capacity
_SHADES = 4


def colour(kind: str) -> str:
    """Return the style class of a kind of node."""
    return next((shade for shade, kinds in FAMILIES.values() if kind in kinds), _OTHER)


def families(made: Drawing) -> list[tuple[str, str]]:
    """Return name and colour of the families that stand in a drawing."""
    seen = {box.kind for box in made.boxes.values()}
    found = [(name, shade) for name, (shade, kinds) in FAMILIES.items() if seen & set(kinds)]
    known = {kind for _, kinds in FAMILIES.values() for kind in kinds}
    return [*found, ("others", _OTHER)] if seen - known else found


def dependency_figure(made: Drawing, *, key: str) -> Markup:
    """Draw boxes and bands; what it says stands in a table beside it."""
    drawn = [_band(one, other, width, need, arrival(made, one, other))
             for one, other, width, need in made.bands]
    for box in made.boxes.values():
        drawn += _box(box)
    most = sorted((box for box in made.boxes.values() if box.kind not in FAMILIES["sites"][1]),
                  key=lambda box: (-box.share, box.name))[:5]
    said = ", ".join(f"{box.name} {percent(box.share)}" for box in most)
    return svg.figure(made.columns * _COLUMN, made.height * _UNIT + 2 * _PAD, drawn, key=key,
                      class_="chart hangs", title=f"What {made.lab} hangs on",
                      desc=f"Share of its capacity at sites that need: {said or 'nothing'}. All of "
                           "it stands in the table below.")


def _box(box: Box) -> list[Markup]:
    left, top = box.column * _COLUMN, box.top * _UNIT + _PAD
    high = box.height * _UNIT
    kind = KIND_NAMES.get(box.kind, box.kind)
    name = clean(box.name.removesuffix(f" ({kind})"))
    lines = textwrap.wrap(name, _LONGEST) if high >= 2 * _LINE else []
    if len(lines) != 2:
        lines = [clean(name, _LONGEST)]
    lines[-1] += f" {percent(box.share)}"
    first = top + high / 2 + 3.8 - (len(lines) - 1) * _LINE / 2
    return [svg.element("rect", x=round(left, 1), y=round(top, 1), width=_BOX,
                        height=round(high, 1), class_=colour(box.kind)),
            *(svg.text(left + _BOX + 5, first + place * _LINE, line, class_="beside")
              for place, line in enumerate(lines))]


def _band(one: Box, other: Box, width: float, need: float, below: float) -> Markup:
    """Return a band between two boxes, in the colour of what it leads to."""
    width = max(width, _LEAST_BAND)
    left, right = one.column * _COLUMN + _BOX, other.column * _COLUMN
    up, down = one.middle - width / 2, one.middle + width / 2
    top = other.top + below
    end = min(top + width, other.top + other.height)
    up, down, top, end = (round(each * _UNIT + _PAD, 1) for each in (up, down, top, end))
    bend = round((left + right) / 2, 1)
    shade = 1 + min(int(need * _SHADES), _SHADES - 1)
    return svg.element(
        "path", class_=f"{colour(other.kind)} need{shade}",
        d=f"M{left:g},{up:g}C{bend:g},{up:g} {bend:g},{top:g} {right:g},{top:g}V{end:g}"
          f"C{bend:g},{end:g} {bend:g},{down:g} {left:g},{down:g}Z")
