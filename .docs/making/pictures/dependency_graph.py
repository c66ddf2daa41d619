"""What two labs hang on: the requirement rows of the made-up world as a graph."""

from __future__ import annotations

from typing import Any

from making.pictures.small_world import starter

#: kinds of node by column, from the labs on the left to what they all share on the right
COLUMNS = (("lab",), ("site",), ("feed", "plant", "cloud_region", "country"),
           ("grid", "gas", "cloud"), ("interconnection",))
HEIGHT = 6.0


def dependency_graph() -> Any:
    """Draw labs, sites and what they need; a label says how much, how long without, how many."""
    from riskmodel.figures.drawing import drawn
    from riskmodel.figures.foot_facts import STORY, About
    from riskmodel.figures.palette import colour
    from riskmodel.figures.sheet import sheet

    world = starter()
    kinds = dict(zip(world.all_nodes["node_id"], world.all_nodes["kind"], strict=True))
    held = world.effective_holdings()
    kinds |= dict.fromkeys(held["lab_id"], "lab")
    rows = [(str(lab), str(site), f"{100 * share:.0f} %") for lab, site, share in
            held[["lab_id", "site_id", "share"]].itertuples(index=False)]
    needs = world.requirements
    for row in needs.to_dict("records"):
        rows.append((row["node_id"], row["member_id"], _terms(row, needs)))
    place = _places(rows, kinds)

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        axes.set_axis_off()
        boxes = {}
        for node, (x, y) in place.items():
            inner = kinds[node] in ("lab", "site")
            boxes[node] = axes.text(
                x, y, node.replace(":", ":\n", 1), ha="center", va="center", fontsize=7.5,
                weight="bold" if inner else "normal", zorder=3,
                bbox={"boxstyle": "round,pad=.35", "linewidth": .8, "facecolor": colour("paper"),
                      "edgecolor": colour("c1" if inner else "soft")})
        axes.set(xlim=(-.25, len(COLUMNS) - .65), ylim=(-.2, HEIGHT + .2))
        figure.draw_without_rendering()  # boxes know their size once they are drawn
        for start, end, label in rows:
            (x0, y0), (x1, y1) = place[start], place[end]
            axes.annotate("", xy=(x1, y1), xytext=(x0, y0), zorder=1, arrowprops={
                "arrowstyle": "-|>", "color": colour("soft"), "lw": .8, "shrinkA": 0, "shrinkB": 1,
                "patchA": boxes[start].get_bbox_patch(), "patchB": boxes[end].get_bbox_patch()})
            if label:
                axes.text(x0 + .55 * (x1 - x0), y0 + .55 * (y1 - y0), label, ha="center",
                          va="center", fontsize=6.5, color=colour("c2"), zorder=2,
                          bbox={"facecolor": colour("paper"), "pad": .8})

    facts = About(0, None, str(world.as_of), STORY, ("the made-up world of riskmodel init",))
    return drawn(paint, name="dependency-graph",
                 caption="What two labs of a made-up world hang on. An arrow runs from who needs "
                 "to who serves; on it stands the share that is held or that hangs on it, the "
                 "hours until it is felt, or how many are needed.",
                 units={}, about=facts, sheet=sheet(), height_mm=105)


def _terms(row: dict[str, Any], needs: Any) -> str:
    group = needs[(needs["node_id"] == row["node_id"]) & (needs["group"] == row["group"])]
    said = []
    if row["mode"] == "proportional":
        said.append(f"{100 * row['weight']:.0f} % of supply")
    elif len(group) > 1:
        said.append(f"{row['k']:.0f} of {len(group)}")
    if row["share"] < 1:
        said.append(f"{100 * row['share']:.0f} % of it")
    if row["ride_through_h"] >= 1:
        said.append(f"after {row['ride_through_h']:g} h")
    return "\n".join(said)


def _places(rows: list[tuple[str, str, str]], kinds: dict[str, str]
            ) -> dict[str, tuple[float, float]]:
    """Return where each node stands: by kind from left to right, near what needs it."""
    nodes = list(dict.fromkeys(name for row in rows for name in row[:2]))
    place: dict[str, tuple[float, float]] = {}
    for x, column in enumerate(COLUMNS):
        there = [node for node in nodes if kinds[node] in column]
        rank = {node: _mean([place[start][1] for start, end, _ in rows
                             if end == node and start in place], len(there) - i)
                for i, node in enumerate(there)}
        for i, node in enumerate(sorted(there, key=lambda name: rank[name])):
            place[node] = (float(x), HEIGHT * (i + .5) / len(there))
    return place


def _mean(values: list[float], instead: float) -> float:
    return sum(values) / len(values) if values else float(instead)
