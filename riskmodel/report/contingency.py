"""What one failure takes from each lab, and what two take only together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmodel.decisions.contingency.supply_cut import fewest_failures
from riskmodel.decisions.contingency.table import WorstLosses, worst_losses
from riskmodel.errors import RiskModelError
from riskmodel.report.context import Context, Section, records
from riskmodel.report.contingency_figure import GROUPS, worst_of_kinds
from riskmodel.report.names import UNKNOWN_LAB
from riskmodel.report.numbers import percent, whole
from riskmodel.report.page import render

if TYPE_CHECKING:
    from riskmodel.world.world import World

TITLE = "What one failure takes"
MOST_LABS, MOST_SINGLES, MOST_PAIRS = 12, 4, 3
SERVICE = "power"


def build(context: Context) -> Section:
    """Write the section; it needs the world, and no simulated year."""
    if context.world is None:
        return _missing("the world was not given with the losses")
    labs = [lab for lab in context.first(MOST_LABS) if lab != UNKNOWN_LAB]
    if context.lab and not labs:
        return _missing(f"{context.subject} holds nothing on that day that can fail")
    if not labs:
        return _missing("nobody but the unknown holds capacity")
    found = worst_losses(context.world, labs, places=context.sites)
    rows = [_row(context, found, lab) for lab in labs]
    dots = [{"name": row["name"], "dots": _dots(context, found, lab)}
            for lab, row in zip(labs, rows, strict=True)]
    body = render("contingency.html.j2", rows=rows, said=_said(context, found, labs),
                  figure=worst_of_kinds(dots, found.threshold, key="worst-single"),
                  groups=_drawn(found), threshold=found.threshold, days=found.hours / 24.0,
                  sites=context.sites,
                  pairs=whole(sum(each["pairs"] for each in found.search.values())))
    return Section("contingency", TITLE, body)


def _missing(why: str) -> Section:
    return Section("contingency", TITLE, render(
        "missing.html.j2", what="The table of what one failure takes", why=why))


def _row(context: Context, found: WorstLosses, lab: str) -> dict[str, Any]:
    single = found.singles[found.singles["lab"] == lab]
    pair = found.pairs[found.pairs["lab"] == lab]
    return {"lab": lab, "name": context.names.lab(lab),
            "singles": [_told(context, row) for row in records(single.head(MOST_SINGLES))],
            "more_singles": max(len(single) - MOST_SINGLES, 0),
            "pairs": [_told(context, row) for row in records(pair.head(MOST_PAIRS))],
            "more_pairs": max(len(pair) - MOST_PAIRS, 0),
            "power": _power(context, context.world, lab)}


def _told(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    names = context.names
    sides = []
    for side in ("a", "b"):
        if row[f"node_{side}"]:
            name = names.node(row[f"node_{side}"])
            also = [each for each in dict.fromkeys(names.node(n) for n in row[f"also_{side}"])
                    if each != name]
            sides.append(name + (f" (or {', '.join(also)})" if also else ""))
    return {"what": " and ".join(sides), "share": float(row["lost_share"])}


def _power(context: Context, world: World | None, lab: str) -> dict[str, Any] | None:
    """Return the fewest failures that leave a lab without power, and which; None if unknown."""
    assert world is not None
    try:
        last = records(fewest_failures(world, lab, SERVICE))[-1]
    except RiskModelError:
        return None  # no site of it needs the service
    return {"failures": last["failures"], "exact": last["exact"],
            "nodes": list(dict.fromkeys(context.names.node(node) for node in last["nodes"]))}


def _dots(context: Context, found: WorstLosses, lab: str) -> dict[str, tuple[float, str]]:
    """Return by group of kinds the share that the worst single failure takes, and its name."""
    mine = found.by_kind[found.by_kind["lab"] == lab]
    dots: dict[str, tuple[float, str]] = {}
    for group, (kinds, _) in GROUPS.items():
        rows = mine[mine["kind_a"].isin(kinds)]
        if len(rows):
            best = rows.iloc[int(rows["lost_share"].to_numpy().argmax())]
            dots[group] = float(best["lost_share"]), context.names.node(str(best["node_a"]))
    return dots


def _drawn(found: WorstLosses) -> list[tuple[str, str]]:
    """Return name and colour of the groups that stand in the figure."""
    kinds = set(found.by_kind["kind_a"])
    return [(group, colour) for group, (of, colour) in GROUPS.items() if kinds & set(of)]


def _said(context: Context, found: WorstLosses, labs: list[str]) -> str:
    """Say in a sentence or two for how many labs one failure is much."""
    def many(kinds: tuple[str, ...], least: float) -> int:
        rows = found.by_kind[found.by_kind["kind_a"].isin(kinds)
                             & (found.by_kind["lost_share"] >= least - 1e-9)]
        return int(rows["lab"].nunique())

    if context.lab:
        return _said_of_one(context, found, labs[0])
    power = many(("grid", "interconnection", "gas", "feed", "plant"), 0.5)
    cloud = many(("cloud", "cloud_region"), found.threshold)
    together = int(found.pairs["lab"].nunique())
    text = (f"The loss of one grid, interconnection, gas supply, local supply or plant takes half "
            f"or more of {power} of {len(labs)} labs, the loss of one cloud's control plane "
            f"{found.threshold:.0%} or more of {cloud}.")
    if together:
        text += (f" For {together}, there are two failures of which neither alone takes "
                 f"{found.threshold:.0%}, and both together do.")
    return text


def _said_of_one(context: Context, found: WorstLosses, lab: str) -> str:
    """Say what the worst single failure takes from one lab, and whether pairs add to it."""
    rows = found.by_kind[found.by_kind["lab"] == lab]
    if rows.empty:
        return f"No single failure takes anything from {context.names.lab(lab)}."
    worst = rows.iloc[int(rows["lost_share"].to_numpy().argmax())]
    text = (f"The worst single failure for {context.names.lab(lab)}, "
            f"{context.names.node(str(worst['node_a']))}, takes {percent(worst['lost_share'])} of "
            "its capacity at once.")
    pairs = int((found.pairs["lab"] == lab).sum())
    if pairs:
        text += (f" There {'is' if pairs == 1 else 'are'} {whole(pairs)} "
                 f"pair{'' if pairs == 1 else 's'} of failures of which neither alone takes "
                 f"{found.threshold:.0%}, and both together do.")
    return text
