"""The map: where the capacity stands, and where the expected loss comes from. No tiles, no net."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.context import Context, Section
from riskmodel.report.names import world_regions
from riskmodel.report.numbers import number
from riskmodel.report.outlines import View, graticule, land
from riskmodel.report.page import render
from riskmodel.report.places import Place, places

EQUAL_EARTH = "+proj=eqearth +datum=WGS84"
ALBERS_US = "+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=37.5 +lon_0=-96 +datum=WGS84"
#: polygons of the layer of grid regions
GRID_KINDS = ("grid_us", "bidding_zone")
MOST_ROWS = 25
SMALLEST_NAMED = 4.0  # pixels: marks below go without a name
FEWEST_INSIDE = 3  # regions that are worth a closer picture
LARGEST = {"world": 22.0, "us": 34.0}  # radius of the largest bubble, pixels
DEEPEST = {"world": 14.0, "us": 20.0}  # half diagonal of the largest diamond, pixels


def views() -> dict[str, View]:
    """Return the two windows: the world, and the contiguous United States."""
    return {"world": View(EQUAL_EARTH, -180, -56, 180, 78, 960),
            "us": View(ALBERS_US, -121, 25.5, -73, 48, 960, globe=False)}


def radius(value: float, top: float, largest: float) -> float:
    """Return the radius of a mark: areas, not widths, are to be compared."""
    return largest * math.sqrt(value / top) if value > 0 and top > 0 else 0.0


def _overlaps(box: tuple[float, ...], others: list[tuple[float, ...]]) -> bool:
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


def _inset(view: View, detail: View) -> Markup:
    """Draw where the detail lies."""
    corners = zip(*view.put(*detail.frame(20)), strict=True)
    return svg.path(corners, close=True, class_="inset")


def name_marks(marks: list[dict[str, Any]], view: View, most: int) -> list[Markup]:
    """Write the names of the first marks where there is room for them (see ``place_names``)."""
    return [svg.text(x, y, name, text_anchor=anchor)
            for x, y, name, anchor in place_names(marks, view, most)]


def place_names(marks: list[dict[str, Any]], view: View, most: int, *, letter: float = 6.4,
                height: float = 13.0) -> list[tuple[float, float, str, str]]:
    """Return ``x, y, name, anchor`` of the names that find room; y is their foot.

    A mark has ``x, y, name``, ``r`` the radius of its circle and ``d`` that of its diamond, and may
    have ``room``, how near to its middle no name may come. ``letter`` is the width of a letter and
    ``height`` that of a line, in pixels of the view.
    """
    taken: list[tuple[float, ...]] = [
        (m["x"] - room, m["y"] - room, m["x"] + room, m["y"] + room)
        for m in marks if m["r"] > SMALLEST_NAMED for room in [m.get("room", m["r"] / 2)]]
    placed = []
    named = [m for m in marks if max(m["r"], 1.4 * m["d"]) > SMALLEST_NAMED]
    middle = 4 / 13 * height
    for mark in named[:most]:
        x, y, r = mark["x"], mark["y"], max(mark["r"], mark["d"], 3.0)
        width = letter * len(mark["name"]) + 4
        for dx, dy, anchor in ((r + 4, middle, "start"), (-r - 4, middle, "end"),
                               (0, -r - 5, "middle"), (0, r + height, "middle")):
            left = x + dx - {"start": 0, "end": width, "middle": width / 2}[anchor]
            box = (left, y + dy - height + 2, left + width, y + dy + 3)
            inside = box[0] > 0 and box[2] < view.width and box[1] > 0 and box[3] < view.height
            if inside and not _overlaps(box, taken):
                taken.append(box)
                placed.append((x + dx, y + dy, str(mark["name"]), anchor))
                break
    return placed


def sized_marks(found: list[Place], view: View, scale: str, tops: tuple[float, float],
                ) -> list[dict[str, Any]]:
    """Return the places in the window, in pixels: ``x, y, name, place, r, d``, largest first.

    ``tops`` are the capacity and the loss of the largest circle and diamond of the ``scale``
    ("world" or "us"); areas are in proportion.
    """
    marks = []
    for place in found:
        if not place.placed or not view.holds(place.lon, place.lat):
            continue
        x, y = view.put(place.lon, place.lat)
        marks.append({
            "x": float(x), "y": float(y), "name": place.short, "place": place,
            "r": radius(place.capacity_mw, tops[0], LARGEST[scale]),
            "d": radius(place.lost_mw_days, tops[1], DEEPEST[scale])})
    return sorted(marks, key=lambda m: -max(m["r"], 1.5 * m["d"]))


def _title(place: Place, per: str) -> str:
    parts = [place.name]
    if place.capacity_mw > 0:
        parts.append(f"{number(place.capacity_mw)} MW IT at {place.sites} "
                     f"site{'s' if place.sites != 1 else ''}")
    if place.lost_mw_days > 0:
        parts.append(f"{number(place.lost_mw_days)} MW-days{per} lost to events here")
    return ": ".join([parts[0], "; ".join(parts[1:])])


def diamond(x: float, y: float, d: float) -> list[tuple[float, float]]:
    """Return the corners of a diamond of half diagonal ``d``."""
    return [(x, y - d), (x + d, y), (x, y + d), (x - d, y)]


def picture(context: Context, view: View, found: list[Place], *, key: str, title: str,
            labels: int, grid: bool, detail: View | None = None) -> Markup | None:
    """Draw one window: land, bubbles of capacity, diamonds of loss; None where it is empty."""
    tops = (max((p.capacity_mw for p in found), default=0.0),
            max((p.lost_mw_days for p in found), default=0.0))
    scale = "us" if grid else "world"
    marks = sized_marks(found, view, scale, tops)
    if not marks:
        return None
    layers = [graticule(view, 10.0 if grid else 30.0)]
    regions = world_regions(context.world)
    if regions is not None:
        kinds = regions["kind"]
        layers.append(land(view, regions[kinds == "country"], "land"))
        layers.append(land(view, regions[kinds.isin(GRID_KINDS)], "zones" if grid else "zones off",
                           layer="grid regions"))
        layers.append(land(view, regions[kinds == "theatre"], "theatres off", layer="theatres"))
    per = " a year" if context.annual else ""
    bubbles = [svg.element("circle", svg.element("title", _title(m["place"], per)),
                           cx=round(m["x"], 1), cy=round(m["y"], 1), r=round(m["r"], 1))
               for m in marks if m["r"] > 0]
    diamonds = []
    for m in marks:
        if m["d"] > 0:
            outline = diamond(m["x"], m["y"], max(m["d"], 1.5))
            corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
            diamonds.append(svg.element("path", svg.element("title", _title(m["place"], per)),
                                        d=f"M{corners}Z"))
    layers += [svg.group(bubbles, class_="capacity", data_layer="capacity"),
               svg.group(diamonds, class_="loss", data_layer="expected loss" if context.annual
                         else "loss"),
               svg.group(name_marks([m for m in marks if detail is None or not detail.holds(
                   m["place"].lon, m["place"].lat)], view, labels), class_="map-labels")]
    if detail is not None:
        layers.append(_inset(view, detail))
    placed = [m["place"] for m in marks]
    desc = (f"{len(placed)} regions. Most capacity: "
            + ", ".join(f"{p.name} {number(p.capacity_mw)} MW" for p in
                        sorted(placed, key=lambda p: -p.capacity_mw)[:3])
            + ". The table below holds every number.")
    return svg.figure(view.width, view.height, layers, key=key, title=title, desc=desc,
                      class_="atlas")


def legend(found: list[Place], annual: bool) -> Markup:
    """Draw what the sizes mean."""
    from riskmodel.report.numbers import nice_ticks

    drawn: list[Markup] = []
    x = 4.0
    for what, values, largest, unit in (
            ("capacity", [p.capacity_mw for p in found], LARGEST["world"], "MW IT"),
            ("loss", [p.lost_mw_days for p in found], DEEPEST["world"],
             "MW-days/yr" if annual else "MW-days")):
        top = max(values, default=0.0)
        if top <= 0:
            continue
        step = nice_ticks(top, 3)[1]
        for value in (step, 2 * step):
            r = radius(value, top, largest)
            x += r
            shape = (svg.element("circle", cx=round(x, 1), cy=24, r=round(r, 1))
                     if what == "capacity" else
                     svg.path(diamond(x, 24, r), close=True))
            label = f"{number(value)} {unit}"
            drawn += [svg.group([shape], class_=what),
                      svg.text(x + r + 5, 28, label, class_="tick")]
            x += r + 5 + 6.6 * len(label) + 12
        x += 10
    return svg.figure(round(x), 48, drawn, key="map-legend", title="Sizes on the map",
                      desc="Circles: IT capacity that stands in a region. Diamonds: loss that "
                           "events of a region cause. Areas are in proportion.", class_="legend")


def build(context: Context) -> Section:
    """Write the section."""
    title = "Where it stands, and where the loss comes from"
    if context.world is None:
        return Section("map", title, render(
            "missing.html.j2", what="The map", why="the world was not given with the losses"))
    found = places(context)
    of = f", {context.subject}" if context.lab else ""
    windows = views()
    inside = [p for p in found if p.placed and windows["us"].holds(p.lon, p.lat)]
    closer = len(inside) >= FEWEST_INSIDE
    globe = picture(context, windows["world"], found, key="map-world", labels=12, grid=False,
                    title=f"World map of IT capacity and of expected loss by region{of}",
                    detail=windows["us"] if closer else None)
    zoom = picture(context, windows["us"], found, key="map-us", labels=40, grid=True,
                   title="The contiguous United States: capacity and expected loss by grid "
                   f"region{of}",
                   ) if closer else None
    total = math.fsum(p.lost_mw_days for p in found)
    shown = found[:MOST_ROWS]
    rest = found[MOST_ROWS:]
    body = render(
        "map.html.j2", globe=globe, zoom=zoom, legend=legend(found, context.annual) if found
        else None, rows=shown, total=total, annual=context.annual,
        capacity=math.fsum(p.capacity_mw for p in found), sites=sum(p.sites for p in found),
        rest={"count": len(rest), "capacity": math.fsum(p.capacity_mw for p in rest),
              "lost": math.fsum(p.lost_mw_days for p in rest),
              "sites": sum(p.sites for p in rest)},
        unplaced=[p.name for p in found if not p.placed],
        no_regions=world_regions(context.world) is None,
        lab=context.subject if context.lab else "")
    return Section("map", title, body)
