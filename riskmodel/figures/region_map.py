"""The map: where the capacity stands, and where the loss comes from, by region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.figures.context import context_of
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import about
from riskmodel.figures.labels import TOTAL, label, name_whose
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import MM_PER_POINT, sheet
from riskmodel.report.names import world_regions
from riskmodel.report.numbers import nice_ticks, number
from riskmodel.report.outlines import FINE, View, rings, shows
from riskmodel.report.places import places
from riskmodel.report.worldmap import (
    DEEPEST,
    GRID_KINDS,
    LARGEST,
    diamond,
    place_names,
    radius,
    sized_marks,
    views,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.report.places import Place
    from riskmodel.world.world import World

#: letters of a name on the map
_LONGEST = 22


def world_map(losses: Losses, *, lab: str | None = None, view: str = "world",
              names: int | None = None, world: World | None = None, size: str = "double",
              width_mm: float | None = None) -> Figure:
    """Draw regions: circles of IT capacity, diamonds of the loss that their events cause.

    The places, their numbers and the projections are the report's; no single site is shown, and
    areas are in proportion.

    Parameters
    ----------
    lab : whose capacity and loss; all labs together if not given
    view : "world", or "us" (the contiguous United States, with grid regions)
    names : most regions that are named; those that find room if not given
    world : the world of the losses, where they do not hold it
    size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : the world is not at hand, or nothing stands in the window
    """
    context = context_of(losses, world, lab=lab)
    if context.world is None:
        raise RiskModelError("world_map: the world is not with the losses; give world=...")
    windows = views()
    if view not in windows:
        raise RiskModelError(f"world_map: view is {view!r}; give one of {', '.join(windows)}")
    window, found = windows[view], places(context)
    tops = (max((p.capacity_mw for p in found), default=0.0),
            max((p.lost_mw_days for p in found), default=0.0))
    on = sheet(size, width_mm)
    pixel = on.width_mm / window.width  # mm
    letter = on.points * MM_PER_POINT / pixel
    swell = max(1.0, letter / 22.0)  # where letters are large beside the map, marks are too
    marks = sized_marks(found, window, view, tops)
    for mark in marks:
        mark["r"], mark["d"] = swell * mark["r"], swell * mark["d"]
        mark["name"] = label(mark["name"], _LONGEST, mark["place"].region)
    if not marks:
        raise RiskModelError(f"world_map: no region with capacity or loss is in the view {view!r}")
    unit = "MW-days a year" if context.annual else "MW-days"
    key_height = 0.8 * letter + max(1.4 * letter, 2 * _key_radius(found, view, swell))

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        axis.set_axis_off()
        axis.set(xlim=(0, window.width), ylim=(window.height + key_height, 0), aspect="equal")
        name_whose(axis, context.names, context.lab or TOTAL, on.letters(0.8))
        _land(axis, window, context.world, grid=view == "us")
        _marks(axis, marks, on.points)
        most = len(marks) if names is None else names
        for x, y, name, anchor in place_names(marks, window, most, letter=0.56 * letter,
                                              height=1.15 * letter):
            axis.text(x, y, name, fontsize=0.85 * on.points, va="baseline",
                      ha={"start": "left", "end": "right", "middle": "center"}[anchor])
        _key(axis, window, found, view, swell, letter, unit, on.points)

    return drawn(
        paint, name="map" if view == "world" else f"map-{view}", sheet=on,
        height_mm=(window.height + key_height) * pixel
        + (3.6 if context.lab else 2.2) * on.points * MM_PER_POINT,
        about=about(context.losses), units={"circle": "MW IT", "diamond": unit},
        caption=f"{context.subject[0].upper()}{context.subject[1:]}: IT capacity that stands in a "
                "region (circles) and loss that events of a region cause, "
                + ("in an average year" if context.annual else "in the story")
                + " (diamonds), by grid region or country. Areas are in proportion.")


def _land(axis: Axes, view: View, world: World | None, *, grid: bool) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.patches import Rectangle
    from matplotlib.path import Path

    window = Rectangle((0, 0), view.width, view.height, transform=axis.transData)
    edge = Path(np.column_stack(view.put(*view.frame(60)))) if view.globe else window.get_path(
        ).transformed(window.get_patch_transform())
    axis.add_collection(PathCollection([edge], facecolor=colour("sea"), linewidth=0))
    regions = world_regions(world)
    if regions is None:
        return
    layers = [("country", colour("land"), colour("paper"))]
    if grid:
        layers += [(kind, "none", colour("zone")) for kind in GRID_KINDS]
    for kind, face, line in layers:
        shapes = []
        for geometry in regions[regions["kind"] == kind].geometry:
            if shows(view, geometry):
                paths = [Path(ring / FINE, closed=True) for ring in rings(view, geometry)]
                if paths:
                    shapes.append(Path.make_compound_path(*paths))
        axis.add_collection(PathCollection(shapes, facecolor=face, edgecolor=line, linewidth=0.4))
    for collection in axis.collections:  # the key stands below the window
        collection.set_clip_path(window)


def _marks(axis: Axes, marks: list[dict[str, Any]], points: float) -> None:
    from matplotlib.patches import Circle, Polygon

    for mark in marks:
        if mark["r"] > 0:
            axis.add_patch(Circle((mark["x"], mark["y"]), mark["r"], facecolor=colour("c2"),
                                  alpha=0.45, edgecolor="none"))
    for mark in marks:
        if mark["d"] > 0:
            axis.add_patch(Polygon(diamond(mark["x"], mark["y"], max(mark["d"], 1.5)),
                                   facecolor=colour("c1"), alpha=0.75, edgecolor=colour("paper"),
                                   linewidth=points / 30))


def _key(axis: Axes, view: View, found: list[Place], scale: str, swell: float, letter: float,
         unit: str, points: float) -> None:
    """Write what the sizes mean below the map."""
    from matplotlib.patches import Circle, Polygon

    x = 0.5 * letter
    y = view.height + 0.6 * letter + max(0.7 * letter, _key_radius(found, scale, swell))
    for values, largest, word, ink in (
            ([p.capacity_mw for p in found], LARGEST[scale], "MW IT", "c2"),
            ([p.lost_mw_days for p in found], DEEPEST[scale], unit, "c1")):
        top = max(values, default=0.0)
        if top <= 0:
            continue
        step = _key_step(top)
        r = swell * radius(step, top, largest)
        x += r
        axis.add_patch(Circle((x, y), r, facecolor=colour(ink), alpha=0.45, edgecolor="none")
                       if ink == "c2" else
                       Polygon(diamond(x, y, r), facecolor=colour(ink), alpha=0.75))
        words = f"{number(step)} {word}"
        axis.text(x + r + 0.4 * letter, y, words, va="center", fontsize=0.9 * points)
        x += r + 0.62 * letter * len(words) + 1.5 * letter


def _key_step(top: float) -> float:
    return nice_ticks(top, 3)[1]


def _key_radius(found: list[Place], scale: str, swell: float) -> float:
    """Return how far the larger mark of the key reaches from its middle."""
    tops = ((max((p.capacity_mw for p in found), default=0.0), LARGEST[scale]),
            (max((p.lost_mw_days for p in found), default=0.0), DEEPEST[scale]))
    return max(swell * radius(_key_step(top), top, largest) if top > 0 else 0.0
               for top, largest in tops)
