"""The benchmark's figure: what a year costs as more sites are hit, and a run as it gets longer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import (
    CLIMADA,
    ENGINE,
    ENGINE_1,
    FLOOR,
    LOOP,
    LOOP_ANY,
    LOOP_SUMS,
    NUMPY,
    NUMPY_SUMS,
    OASIS,
)
from tests.benchmarks.markdown import years_per_s

#: name -> colour, line, and what it is called beside its line
SHOWN = {
    LOOP_ANY: ("#7a3510", "-", "networkx loop, any requirements"),
    LOOP: ("#b4531a", "-", "networkx loop, all outputs"),
    LOOP_SUMS: ("#b4531a", ":", "networkx loop, sums"),
    OASIS: ("#7a5195", "-", "Oasis"), CLIMADA: ("#3d7a4f", "-", "CLIMADA"),
    NUMPY: ("#2f6f9f", "-", "numpy, all outputs"), NUMPY_SUMS: ("#2f6f9f", ":", "numpy, sums"),
    ENGINE_1: ("black", "--", "riskmodel, 1 thread"), ENGINE: ("black", "-", "riskmodel"),
    FLOOR: ("0.55", "-", "floor"),
}


def growth_figure(data: dict[str, Any], path: Path) -> None:
    """Draw it into a PNG or PDF file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.5, 5.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    if len({job["sites"] for job in data["jobs"]}) > 1:
        _cost_of_a_year(left, data)
    else:  # one size has no line: bars
        _bars_of_a_year(left, data)
    _cost_of_a_run(right, data)
    figure.savefig(path, dpi=150)


def _cost_of_a_year(axes: Any, data: dict[str, Any]) -> None:
    jobs = [job for job in data["jobs"] if job["job"] == "standard"]
    ends = []
    for name, (colour, line, label) in SHOWN.items():
        points = [(job["site_hits"], 1e6 / years_per_s(job["runs"][name]))
                  for job in jobs if name in job["runs"]]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, linestyle=line, marker="o",
                      markersize=4, linewidth=2.2 if name == ENGINE else 1.3)
            ends.append((points[-1], colour, label))
    rich = [(job["site_hits"], 1e6 / years_per_s(job["runs"][ENGINE]))
            for job in data["jobs"] if job["job"] == "rich"]
    if rich:
        axes.plot(*zip(*rich, strict=True), color="#c03030", marker="s", markersize=4,
                  linewidth=1.3)
        ends.append((rich[-1], "#c03030", "riskmodel, rich job"))
    axes.set(xscale="log", yscale="log", xlabel="sites hit a year",
             ylabel="microseconds of a simulated year",
             title="Cost of a year, standard job")
    if not ends:
        return
    sizes = [f"{job['sites']:,}" for job in jobs]
    axes.set_title(f"Cost of a year, standard job of {', '.join(sizes)} sites")
    axes.autoscale_view()
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * (high / low) ** 0.8)  # room for the names
    _name_lines(axes, ends)
    hits = [job["site_hits"] for job in jobs]
    if len(hits) > 1:
        first = 1e6 / years_per_s(jobs[0]["runs"][ENGINE])
        axes.plot(hits, [first * h / hits[0] for h in hits], color="0.75", linewidth=6, zorder=0,
                  solid_capstyle="round")
        axes.text(0.02, 0.02, "grey band: in proportion to the sites hit, from 100 sites on",
                  transform=axes.transAxes, fontsize=8, color="0.35")
    axes.grid(True, which="major", color="0.9")


def _bars_of_a_year(axes: Any, data: dict[str, Any]) -> None:
    for job in data["jobs"]:
        rich = job["job"] != "standard"
        bars = [(label, 1e6 / years_per_s(job["runs"][name]), "#c03030" if rich else colour)
                for name, (colour, _, label) in SHOWN.items()
                if name in job["runs"] and (name == ENGINE or not rich)]
        for label, cost, colour in bars:
            drawn = axes.barh(label + (", rich job" if rich else ""), cost, color=colour,
                              height=0.6)
            axes.bar_label(drawn, [f"{cost:,.3g}"], padding=3, fontsize=8.5)
    sites = {f"{job['sites']:,}" for job in data["jobs"]}
    axes.set(xscale="log", xlabel="microseconds of a simulated year",
             title=f"Cost of a year, {', '.join(sites)} sites")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)


def _name_lines(axes: Any, ends: list[tuple[tuple[float, float], str, str]]) -> None:
    """Write each line's name at its end, moved apart where they would overlap."""
    import math

    low, high = (math.log10(v) for v in axes.get_ylim())
    step = (high - low) * 0.045
    right = max(x for (x, _), _, _ in ends) * 1.6
    place = -math.inf
    for (x, y), colour, label in sorted(ends, key=lambda end: end[0][1]):
        place = max(math.log10(y), place + step)
        axes.annotate(label, (x, y), (right, 10.0**place), color=colour, fontsize=8.5,
                      va="center", arrowprops={"arrowstyle": "-", "color": colour,
                                               "linewidth": 0.5, "relpos": (0.0, 0.5)})


def _cost_of_a_run(axes: Any, data: dict[str, Any]) -> None:
    for number, sites in enumerate(sorted({row["sites"] for row in data["years"]})):
        points = [(row["years"], row["seconds"]) for row in data["years"]
                  if row["sites"] == sites and row["seconds"] is not None]
        if points:
            axes.plot(*zip(*points, strict=True), color=("black", "#2f6f9f", "#b4531a")[number % 3],
                      marker="o", markersize=4, label=f"{sites:,} sites")
    axes.set(xscale="log", yscale="log", xlabel="years simulated", ylabel="seconds",
             title="Cost of a run, 2 threads")
    axes.grid(True, which="major", color="0.9")
    if axes.lines:
        axes.legend(frameon=False)
