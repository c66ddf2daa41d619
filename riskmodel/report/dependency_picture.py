"""What one lab hangs on, as a picture: its sites on the left, what they need to the right of them.

A box is as high as the capacity behind it; a band is as wide as the capacity that needs what it
leads to, and as dark as it needs it. Sites of one region stand in one box unless sites are asked
for, and so do their local supplies and plants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.decisions.contingency.dependence import part_of_graph
from riskmodel.errors import RiskModelError
from riskmodel.report.names import KIND_NAMES, Names

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.figure import Figure

    from riskmodel.world.world import World

COLOURS = {"site": "#41576b", "zone": "#41576b", "feed": "#d08a1d", "grid": "#c4671a",
           "interconnection": "#8f4a13", "plant": "#7a8f2a", "gas": "#55661c",
           "cloud": "#3a7ca5", "cloud_region": "#5b9bc2", "country": "#8a5a9e",
           "theatre": "#6d3f82", "operator": "#8b8f94", "corridor": "#b0a08a"}
OTHER = "#8b8f94"
#: what a box is put below: what carries most comes first within a column
ORDER = ("site", "zone", "feed", "plant", "grid", "gas", "interconnection", "country", "theatre",
         "cloud_region", "cloud", "operator", "corridor")
LEAST_HEIGHT, GAP = 0.08, 0.035  # of the lab's capacity
MOST_BOXES = 80
_WIDTH = 0.085  # of a box, in columns
_INCH, _COLUMN_INCH, _HEAD_INCH, _FOOT_INCH = 2.5, 2.8, 0.72, 0.6


@dataclass
class Box:
    """One box: a node, or all of one name and kind."""

    kind: str
    name: str
    sites: set[str] = field(default_factory=set)
    nodes: list[str] = field(default_factory=list)
    column: int = 0
    share: float = 0.0
    top: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.top + self.height / 2


@dataclass(frozen=True, eq=False)
class Drawing:
    """Boxes with their places, and bands (from, to, share of the lab, part that needs it)."""

    lab: str
    capacity_mw: float
    boxes: dict[tuple[str, str], Box]
    bands: list[tuple[Box, Box, float, float]]
    columns: int
    height: float


def drawing(world: World, lab: str, *, sites: bool = False, most: int = MOST_BOXES) -> Drawing:
    """Return where everything goes.

    Raises
    ------
    RiskModelError : no such lab, or it holds nothing, or it hangs on more than ``most`` things
    """
    graph = part_of_graph(world, lab=lab)
    root = f"lab:{lab}"
    mw = {site: data["it_mw"] for _, site, data in graph.out_edges(root, data=True)}
    size = sum(mw.values())
    if not size > 0:
        raise RiskModelError(f"{lab} holds no capacity on this day: there is nothing to draw")
    graph.remove_node(root)
    names = Names(world, sites)
    behind = _sites_behind(graph, mw)
    boxes: dict[tuple[str, str], Box] = {}
    box_of: dict[str, Box] = {}
    for node, kind in graph.nodes(data="kind"):
        key = str(kind), names.node(node)
        box = boxes.setdefault(key, Box(*key))
        box.sites |= behind[node]
        box.nodes.append(node)
        box_of[node] = box
    for box in boxes.values():
        box.share = _power(box.sites, mw) / size
        if box.kind in ("site", "zone") and len(box.nodes) > 1:
            box.name = _several(box, len(box.nodes))
    if len(boxes) > most:
        without = "draw it without sites, or " if sites else ""
        raise RiskModelError(f"{lab} hangs on {len(boxes)} things by name, too many for one page "
                             f"that can be read; {without}write a .graphml for a program that can "
                             "zoom")
    bands = _bands(graph, box_of, behind, mw, size)
    columns = _columns(boxes, bands)
    return Drawing(names.lab(lab), size, boxes, bands, columns, _stack(boxes, bands, columns))


def _power(sites: set[str], mw: dict[str, float]) -> float:
    return sum(mw[site] for site in sorted(sites))  # a sum of floats hangs on its order


def _several(box: Box, many: int) -> str:
    place = box.name.removeprefix("a site in ")
    return f"{many} sites in {place}"


def _sites_behind(graph: nx.MultiDiGraph, mw: dict[str, float]) -> dict[str, set[str]]:
    import networkx as nx

    return {node: {site for site in (nx.ancestors(graph, node) | {node}) if site in mw}
            for node in graph}


def _bands(graph: nx.MultiDiGraph, box_of: dict[str, Box], behind: dict[str, set[str]],
           mw: dict[str, float], size: float) -> list[tuple[Box, Box, float, float]]:
    """Return one band between two boxes: all capacity that needs the one for the other."""
    users: dict[tuple[int, int], set[str]] = {}
    parts: dict[tuple[int, int], list[tuple[float, float]]] = {}
    ends: dict[tuple[int, int], tuple[Box, Box]] = {}
    for user, member, data in graph.edges(data=True):
        one, other = box_of[user], box_of[member]
        if one is other:
            continue
        key = id(one), id(other)
        ends[key] = one, other
        users.setdefault(key, set()).update(behind[user])
        need = data["share"] * (data["weight"] / data["k"] if data["mode"] == "proportional"
                                else 1.0)
        power = _power(behind[user], mw)
        parts.setdefault(key, []).append((need, power))
    found = []
    for key, (one, other) in ends.items():
        weight = sum(power for _, power in parts[key])
        need = sum(n * power for n, power in parts[key]) / weight if weight else 0.0
        found.append((one, other, _power(users[key], mw) / size, need))
    return found


def _columns(boxes: dict[tuple[str, str], Box], bands: list[Any]) -> int:
    """Put every box right of all that need it; what nobody here needs stands first."""
    for _ in range(len(boxes)):  # the longest way; a circle stops when all have been round
        moved = False
        for one, other, *_ in bands:
            if other.column <= one.column < len(boxes):
                other.column, moved = one.column + 1, True
        if not moved:
            break
    used = sorted({box.column for box in boxes.values()})
    for box in boxes.values():
        box.column = used.index(box.column)
    return len(used)


def _stack(boxes: dict[tuple[str, str], Box], bands: list[Any], columns: int) -> float:
    """Give every box its height and place; return the height of the highest column."""
    tallest = 0.0
    for column in range(columns):
        mine = [box for box in boxes.values() if box.column == column]
        for box in mine:
            box.height = max(box.share, LEAST_HEIGHT)
        if column == 0:
            mine.sort(key=lambda box: (-box.share, box.name))
        else:  # near what leads to it, the kinds together
            pull = {id(box): _pull(box, bands) for box in mine}
            mine.sort(key=lambda box: (_rank(box.kind), pull[id(box)], box.name))
        at = 0.0
        for box in mine:
            box.top = at
            at += box.height + GAP
        tallest = max(tallest, at - GAP)
    for column in range(columns):  # short columns stand in the middle
        mine = [box for box in boxes.values() if box.column == column]
        below = max(box.top + box.height for box in mine)
        for box in mine:
            box.top += (tallest - below) / 2
    return tallest


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _pull(box: Box, bands: list[Any]) -> float:
    into = [(one.middle, width) for one, other, width, _ in bands if other is box]
    return sum(at * width for at, width in into) / max(sum(width for _, width in into), 1e-12)


def dependency_picture(world: World, lab: str, *, sites: bool = False) -> Figure:
    """Draw what a lab hangs on, from its sites by grid to what these need, layer by layer.

    ``sites`` names single sites instead of the regions that they stand in.

    Raises
    ------
    RiskModelError : no such lab, or nothing of it runs at the world's date
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = drawing(world, lab, sites=sites)
    high = _INCH * made.height + _HEAD_INCH + _FOOT_INCH
    figure = Figure(figsize=(_COLUMN_INCH * made.columns + 0.4, high))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, _FOOT_INCH / high, 0.98, _INCH * made.height / high))
    axes.set(xlim=(-0.05, made.columns - 0.08), ylim=(made.height + 0.01, -0.01))
    axes.axis("off")
    for one, other, width, need in made.bands:
        _band(axes, one, other, width, need, arrival(made, one, other))
    for box in made.boxes.values():
        _box(axes, box)
    day = f", {world.as_of}" if world.as_of else ""
    left = 0.15 / figure.get_figwidth()
    figure.text(left, 1 - 0.25 / high, f"What {made.lab} hangs on", fontsize=13, weight="bold",
                va="center", parse_math=False)
    figure.text(left, 1 - 0.5 / high, f"{made.capacity_mw:,.0f} MW IT{day}. Per cent: of its "
                "capacity, at sites that need this at all", fontsize=9, color="#555555",
                va="center")
    figure.text(left, 0.4 / high, "Bands: as wide as the capacity that needs what they lead to, "
                "as dark as the part of it that does.", fontsize=8, color="#555555", va="center")
    _legend(figure, made, high)
    return figure


def write_picture(world: World, lab: str, path: Path, *, sites: bool = False) -> Path:
    """Draw what a lab hangs on into an .svg or .png file and return its path."""
    from matplotlib import rc_context

    figure = dependency_picture(world, lab, sites=sites)
    # the same world is the same file: no date of making in it, and no ids by chance
    with rc_context({"svg.hashsalt": "riskmodel"}):
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    return path


def arrival(made: Drawing, one: Box, other: Box) -> float:
    """Return how far below the top of a box a band arrives: below those from further up."""
    into = [(each, width) for each, end, width, _ in made.bands if end is other]
    fit = min(1.0, other.height / max(sum(width for _, width in into), 1e-12))
    rest = (other.height - fit * sum(width for _, width in into)) / 2
    above = sum(width for each, width in into
                if (each.middle, each.column, each.name) < (one.middle, one.column, one.name))
    return rest + fit * above


def _band(axes: Any, one: Box, other: Box, width: float, need: float, arrival: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Line

    width = max(width, 0.006)
    left, right = one.column + _WIDTH, other.column
    # a site's capacity needs several things at once: its bands leave on top of each other
    up, down = one.middle - width / 2, one.middle + width / 2
    top = other.top + arrival
    end = min(top + width, other.top + other.height)
    bend = left + (right - left) * 0.5
    points = [(left, up), (bend, up), (bend, top), (right, top), (right, end), (bend, end),
              (bend, down), (left, down)]
    codes = [Line.MOVETO, *[Line.CURVE4] * 3, Line.LINETO, *[Line.CURVE4] * 3]
    axes.add_patch(PathPatch(Line(points, codes), linewidth=0, zorder=1,
                             facecolor=COLOURS.get(other.kind, OTHER), alpha=0.08 + 0.32 * need))


def _legend(figure: Any, made: Drawing, high: float) -> None:
    """Say which colour is which kind, along the foot."""
    kinds = sorted({box.kind for box in made.boxes.values()}, key=_rank)
    at = 0.15
    for kind in kinds:
        word = KIND_NAMES.get(kind, kind)
        figure.text(at / figure.get_figwidth(), 0.16 / high, "\u25a0", fontsize=10, va="center",
                    color=COLOURS.get(kind, OTHER))
        figure.text((at + 0.14) / figure.get_figwidth(), 0.16 / high, word, fontsize=8,
                    color="#555555", va="center", parse_math=False)
        at += 0.32 + 0.066 * len(word)


def _box(axes: Any, box: Box) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((box.column, box.top), _WIDTH, box.height, linewidth=0, zorder=3,
                             facecolor=COLOURS.get(box.kind, OTHER)))
    kind = KIND_NAMES.get(box.kind, box.kind)
    axes.text(box.column + _WIDTH + 0.02, box.middle,
              f"{_folded(box.name.removesuffix(f' ({kind})'))}  {_percent(box.share)}", fontsize=8,
              va="center", zorder=4, linespacing=1.0, parse_math=False,
              bbox={"facecolor": "white", "alpha": 0.72, "linewidth": 0, "pad": 0.8})


def _folded(name: str) -> str:
    """Return a name on at most two lines."""
    import textwrap

    lines = textwrap.wrap(name, 28)
    if len(lines) > 2:
        lines = [lines[0], lines[1][:26].rstrip(" (,") + "…"]
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or share == 0 else "<1%"


def as_frame(made: Drawing) -> pd.DataFrame:
    """Return the boxes as a frame: column, kind, name, nodes, share."""
    return pd.DataFrame([(box.column, box.kind, box.name, len(box.nodes), box.share)
                         for box in made.boxes.values()],
                        columns=["column", "kind", "name", "nodes", "share"])
