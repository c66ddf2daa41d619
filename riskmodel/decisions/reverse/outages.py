"""Reverse stress over single outages: one place fails, so deep for so long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.reverse.mildest import trade_off
from riskmodel.decisions.reverse.need import Need
from riskmodel.decisions.reverse.reverse_stress import OUTAGES, ReverseStress
from riskmodel.decisions.reverse.spells import held_by_h, most_held_mw
from riskmodel.engine.stories.stories import Stage
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import LabCourse, lab_course
from riskmodel.perils.events import Event, OwnOutage
from riskmodel.perils.places import nodes_at, place_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.places import Place
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

UNIT = "hours of full outage"
_PERIL = "outage"
MEMBERS = ("member", "nodes", "does_it", "severity", "unit", "severity_at_least", "depth",
           "duration_h", "least_depth", "duration_h_at_least_depth", "duration_h_at_full_depth",
           "most_share")
FRONTIER = ("member", "depth", "duration_h", "severity")


def single_outages(world: World, need: Need, places: Sequence[Place], words: str, *,
                   tolerance: float) -> ReverseStress:
    """Ask every place; ``words`` name the family."""
    hit = {place_words(place): nodes_at(world, place) for place in places}
    if len(hit) < len(places):
        raise RiskModelError("reverse_stress: a place stands twice in the family; take one out")
    stage = need.stage(world, [_PERIL])
    worst = _courses(stage, need, [(nodes, 1.0) for nodes in hit.values()])
    most = most_held_mw(worst, need.hours) / need.capacity_mw
    ever = np.isfinite(held_by_h(worst, need.level_mw, need.hours))
    rows: list[dict[str, Any]] = []
    curves: list[pd.DataFrame] = []
    for (name, nodes), share, does_it in zip(hit.items(), most, ever, strict=True):
        row = {"member": name, "nodes": len(nodes), "does_it": bool(does_it), "unit": UNIT,
               "most_share": float(share)}
        if does_it:
            row |= _asked(stage, need, nodes, tolerance, name, curves)
        rows.append(row)
    members = pd.DataFrame(rows, columns=list(MEMBERS)).sort_values(
        ["does_it", "severity", "most_share"], ascending=[False, True, False], kind="stable",
        ignore_index=True)
    return ReverseStress(
        need.lab, need.share, need.days, need.capacity_mw, words, OUTAGES, members,
        pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=list(FRONTIER)))


def _asked(stage: Stage, need: Need, nodes: Sequence[str], tolerance: float, name: str,
           curves: list[pd.DataFrame]) -> dict[str, float]:
    def shortest(depth: Floats) -> Floats:
        # while it lasts an outage does not know when it will end, and once it has ended nothing is
        # missing: the longest one tells by when any of that depth has done it
        course = _courses(stage, need, [(nodes, float(each)) for each in depth])
        return held_by_h(course, need.level_mw, need.hours)

    def does_it(depth: Floats, length: Floats) -> NDArray[np.bool_]:
        return shortest(depth.ravel()).reshape(depth.shape) <= length * (1 + 1e-12)

    found = trade_off(does_it, need.cap_h, shortest=shortest, tolerance=tolerance)
    assert found.mildest is not None  # at full depth it does it
    curves.append(pd.DataFrame({"member": name, "depth": found.depth, "duration_h": found.length,
                                "severity": found.depth * found.length}))
    depth, hours = found.mildest
    return {"severity": depth * hours, "severity_at_least": found.at_least, "depth": depth,
            "duration_h": hours, "least_depth": float(found.depth[0]),
            "duration_h_at_least_depth": float(found.length[0]),
            "duration_h_at_full_depth": float(found.length[-1])}


def _courses(stage: Stage, need: Need, asked: Sequence[tuple[Sequence[str], float]]) -> LabCourse:
    """Return the lab's course under outages as long as the engine counts, one story each."""
    stories = [[Event(_PERIL, "", [OwnOutage(node, 0.0, need.cap_h, depth) for node in nodes])]
               for nodes, depth in asked]
    return lab_course(stage.play(stories), need.mw)
