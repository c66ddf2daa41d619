"""What one outage of two grids does to three sites, hour by hour."""

from __future__ import annotations

from typing import Any

from making.pictures.small_world import starter

HOURS = 48.0


def cascade() -> Any:
    """Draw the availability of the grids and of the three sites of the made-up world."""
    import riskmodel as rm
    from riskmodel.figures.drawing import drawn
    from riskmodel.figures.foot_facts import about
    from riskmodel.figures.palette import colour
    from riskmodel.figures.sheet import sheet

    world = starter()
    grids = ["grid:ERCOT", "grid:PJM", "grid:SE3"]
    story = rm.stress(world, [rm.Event(peril="grid_outage", region="three grids", outages=[
        rm.OwnOutage(node=grid, start_h=6, duration_h=HOURS) for grid in grids])])
    timeline = rm.replay(story).timeline
    rows = {"the three grids": ("grid:ERCOT", "down for two days"),
            "prairie": ("prairie", "diesel for 12 hours"),
            "valley": ("valley", "40 % from gas behind the meter"),
            "mill": ("mill", "two feeds, but of one grid")}

    def paint(figure: Any) -> None:
        panels = figure.subplots(len(rows), 1, sharex=True)
        for axes, (name, (node, told)) in zip(panels, rows.items(), strict=True):
            pieces = timeline[timeline["node"] == node]
            x, y = [0.0], [1.0]
            for start, end, level in pieces[["start_h", "end_h", "availability"]].itertuples(
                    index=False):
                x += [start, start, end, end]
                y += [y[-1], level, level, 1.0]
            x, y = [*x, 66.0], [*y, 1.0]
            ink = "c1" if node.startswith("grid") else "c2"
            axes.fill_between(x, y, 1.0, color=colour(ink), alpha=.25, lw=0)
            axes.plot(x, y, color=colour(ink))
            axes.set(ylim=(-.05, 1.1), yticks=[0, 1])
            axes.set_title(f"{name}: {told}", fontsize=8)
        panels[1].set_ylabel("availability", loc="top")
        panels[-1].set(xlim=(0, 66), xticks=range(0, 67, 6), xlabel="hours")

    return drawn(paint, name="cascade", caption="Availability of three grids that fail at once, "
                 "and of three sites behind them. The shaded part is lost.",
                 units={"x": "hours", "y": "share"}, about=about(story), sheet=sheet(),
                 height_mm=95)
