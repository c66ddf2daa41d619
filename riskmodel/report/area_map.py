"""Grid regions on the map, shaded by a value; a dot where the candidate of each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.names import world_regions
from riskmodel.report.numbers import number
from riskmodel.report.outlines import FINE, View, graticule, land, outline
from riskmodel.report.shades import shade
from riskmodel.report.worldmap import ALBERS_US, EQUAL_EARTH, name_marks

if TYPE_CHECKING:
    from riskmodel.world.world import World

_DOT = 4.2
GULF = "+proj=aea +lat_1=23 +lat_2=29 +lat_0=26 +lon_0=52 +datum=WGS84"
EUROPE = "+proj=aea +lat_1=43 +lat_2=62 +lat_0=54 +lon_0=11 +datum=WGS84"


def views() -> dict[str, tuple[str, View]]:
    """Return the windows: what each is called, and what it shows."""
    return {
        "world": ("The world", View(EQUAL_EARTH, -180, -56, 180, 78, 960)),
        "us": ("The contiguous United States", View(ALBERS_US, -121, 25.5, -73, 48, 960,
                                                    globe=False)),
        "europe": ("Europe", View(EUROPE, -8, 38.5, 30, 69, 470, globe=False)),
        "gulf": ("The Gulf", View(GULF, 47.5, 22.6, 57, 30, 470, globe=False))}


def area_map(world: World, rows: Sequence[dict[str, Any]], view: View, at: Sequence[float], *,
             areas: dict[str, Any], closer: Sequence[View] = (), key: str, title: str,
             what: str) -> Markup | None:
    """Draw one window; None where none of the regions stands in it.

    Parameters
    ----------
    rows : of each region ``region, name, short, value, text, lon, lat``, best first; several may
        share an area, which then has the shade of the worst of them, and each its own dot
    at : bounds of the shades
    areas : region -> its area (:func:`riskmodel.decisions.next_mw.grid_area.grid_area`) or None
    closer : windows that show a part of this one larger: names are written there
    what : the value in words, for those who hear the picture
    """
    inside = [row for row in rows if view.holds(row["lon"], row["lat"])]
    if not inside:
        return None
    layers = [graticule(view, 30.0 if view.globe else 10.0)]
    shapes = world_regions(world)
    if shapes is not None:
        layers.append(land(view, shapes[shapes["kind"] == "country"], "land"))
    layers.append(_areas(rows, areas, view, at))
    marks = [{"x": float(x), "y": float(y), "r": _DOT, "d": 0.0, "room": _DOT,
              "name": row["short"], "row": row}
             for row in inside for x, y in [view.put(row["lon"], row["lat"])]]
    dots = [svg.element("circle", svg.element("title", mark["row"]["text"]),
                        cx=round(mark["x"], 1), cy=round(mark["y"], 1), r=_DOT,
                        class_=f"s{shade(mark['row']['value'], at)}") for mark in marks]
    layers.append(svg.group(dots[::-1], class_="stands"))  # the best on top
    far = [mark for mark in marks
           if not any(near.holds(mark["row"]["lon"], mark["row"]["lat"]) for near in closer)]
    layers.append(svg.group(name_marks(far, view, len(far)), class_="map-labels"))
    named = ", ".join(f"{row['name']} {number(row['value'])}" for row in inside[:3])
    return svg.figure(view.width, view.height, layers, key=key, title=title, class_="atlas",
                      desc=f"{what} of {len(inside)} grid regions. The best: {named}. The table "
                           "below holds every number.")


def _areas(rows: Sequence[dict[str, Any]], areas: dict[str, Any], view: View,
           at: Sequence[float]) -> Markup:
    paths: dict[str, Markup] = {}
    for row in rows:  # best first: of regions that share an area the worst stays
        area = areas.get(row["region"])
        data = outline(view, area) if area is not None else ""
        if data:
            paths[data] = svg.element("path", svg.element("title", row["text"]), d=data,
                                      class_=f"s{shade(row['value'], at)}")
    return svg.group(paths.values(), class_="areas", transform=f"scale({1 / FINE:g})")
