"""What a lab's sites hang on: grids, gas, clouds, countries and suppliers, drawn and as a table."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.compute.supply_dependence import supply_dependence
from riskmodel.errors import RiskModelError
from riskmodel.report.context import Context, Section, records
from riskmodel.report.dependency_figure import dependency_figure, families
from riskmodel.report.dependency_picture import MOST_BOXES, ORDER, Drawing, drawing
from riskmodel.report.names import KIND_NAMES, UNKNOWN_LAB, clean
from riskmodel.report.numbers import percent
from riskmodel.report.page import render

if TYPE_CHECKING:
    from riskmodel.world.world import World

KEY = "dependencies"
MOST_LABS, MOST_ROWS = 6, 60
#: roles of a supplier of chips, in words
_ROLES = {"designer": "designed by", "foundry": "made by", "foundry_place": "made in",
          "memory": "memory of"}
_NOBODY = ("(nobody)", "elsewhere")
_LEAST_SHARE = 0.1  # a supplier below it is left out


def build(context: Context) -> Section:
    """Write the section; it needs the world, and the losses that began at each node if there are.
    """
    title = f"What {context.subject if context.lab else 'each lab'} hangs on"
    if context.world is None:
        return _missing(title, "the world was not given with the losses")
    if context.lab:
        labs = [context.lab]
    else:
        labs = [lab for lab in context.first(MOST_LABS + 1) if lab != UNKNOWN_LAB][:MOST_LABS]
    lost = _lost(context, context.world)
    told = [each for place, lab in enumerate(labs)
            if (each := _told(context, context.world, lab, lost, place))]
    if not told:
        return _missing(title, "nobody named holds capacity on this day")
    shown = next((each["lab"] for each in told if each["spread"]), told[0]["lab"])
    body = render("dependencies.html.j2", labs=told, shown=shown, one=bool(context.lab),
                  sites=context.sites, lost=bool(lost), annual=context.annual,
                  n=context.losses.n_years)
    return Section(KEY, title, body)


def _missing(title: str, why: str) -> Section:
    return Section(KEY, title, render("missing.html.j2", what="The picture of what a lab hangs on",
                                      why=why))


def _told(context: Context, world: World, lab: str,
          lost: dict[tuple[str, str], tuple[float, float]], place: int) -> dict[str, Any] | None:
    try:
        made = drawing(world, lab, sites=context.sites, most=10**9)
    except RiskModelError:
        return None  # it holds nothing on this day
    rows = _rows(context, made, lab, lost)
    fits = len(made.boxes) <= MOST_BOXES
    return {"lab": lab, "name": made.lab, "mw": made.capacity_mw, "things": len(made.boxes),
            "spread": sum(len(box.nodes) for (kind, _), box in made.boxes.items()
                          if kind == "site") > 1,
            "svg": dependency_figure(made, key=f"hangs-{place}") if fits else "",
            "families": families(made) if fits else [], "rows": rows[:MOST_ROWS],
            "more": max(len(rows) - MOST_ROWS, 0), "chips": _chips(world, lab)}


def _rows(context: Context, made: Drawing, lab: str,
          lost: dict[tuple[str, str], tuple[float, float]]) -> list[dict[str, Any]]:
    """Return a row a box, kind by kind, what carries most first."""
    rows = []
    for (kind, name), box in made.boxes.items():
        value, se = lost.get((lab, _key(kind, name)), (0.0, math.nan))
        rows.append({"kind": KIND_NAMES.get(kind, kind), "order": _rank(kind), "name": box.name,
                     "share": box.share, "nodes": len(box.nodes), "lost": value, "se": se})
    return sorted(rows, key=lambda row: (row["order"], -row["share"], row["name"]))


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _key(kind: str, name: str) -> str:
    return f"{kind}\n{name}"


def _lost(context: Context, world: World) -> dict[tuple[str, str], tuple[float, float]]:
    """Return (lab, kind and name) -> the AAL that began there and its error, MW-days.

    Nodes of a kind that go by one name count as one, also in the error.
    """
    causes = context.losses.causes
    if causes.empty:
        return {}
    kinds = dict(zip(world.all_nodes["node_id"], world.all_nodes["kind"], strict=True))
    named = {node: _key(str(kinds.get(node, "")), context.names.node(str(node)))
             for node in causes["node"].unique()}
    losses = dataclasses.replace(context.losses, causes=causes.assign(
        node=pd.Categorical(causes["node"].map(named).astype(object))))
    part = dataclasses.replace(context, losses=losses, kept={})
    frame = part.contributions("aal" if context.annual else "total", ["lab", "node"])
    return {(str(row["lab"]), str(row["node"])): (float(row["value"]), float(row["se"]))
            for row in records(frame)}


def _chips(world: World, lab: str) -> str:
    """Return who the chips that run today come from, with the bounds where they are not known."""
    try:
        found = supply_dependence(world, lab)
    except RiskModelError:
        return ""
    found = found[(found["layer"] == "energised") & (found["value"] >= _LEAST_SHARE)
                  & ~found["supplier"].isin(_NOBODY)]
    parts = []
    for role, word in _ROLES.items():
        told = [f"{clean(row['supplier'])} {percent(row['value'])}{_bounds(row)}"
                for row in records(found[found["role"] == role])]
        if told:
            parts.append(f"{word} {', '.join(told)}")
    return "; ".join(parts)


def _bounds(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    return "" if high - low < 0.005 else f" ({percent(low)} to {percent(high)})"
