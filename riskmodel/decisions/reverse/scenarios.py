"""Reverse stress over told scenarios: how much deeper or longer, or how little of it, does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.reverse.mildest import least_true, trade_off
from riskmodel.decisions.reverse.need import Need
from riskmodel.decisions.reverse.reverse_stress import SCALED, ReverseStress
from riskmodel.decisions.reverse.spells import is_held, most_held_mw
from riskmodel.decisions.stress.suite import refuse_twins
from riskmodel.engine.stories.stories import Stage
from riskmodel.errors import RiskModelError
from riskmodel.measures.labcourse import lab_course
from riskmodel.perils.events import Event, OwnOutage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.scenarios import Scenario
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

#: of a factor; nobody scales a story more finely
_EXACT = 1e-6
UNIT = "times the scenario"
MEMBERS = ("member", "as_told", "does_it", "severity", "unit", "severity_at_least",
           "depth_factor", "duration_factor", "duration_factor_as_deep", "depth_factor_as_long",
           "most_share")
FRONTIER = ("member", "depth_factor", "duration_factor", "severity")


def scaled(events: Sequence[Event], depth: float, duration: float, cap_h: float) -> list[Event]:
    """Return the events with depths and durations times the factors; begins stay where they are.

    Depths are cut at 1; what lasts longer than ``cap_h`` counts as ``cap_h`` before it is scaled.
    """
    return [Event(event.peril, event.region, [
        OwnOutage(each.node, each.start_h, min(min(each.duration_h, cap_h) * duration, cap_h),
                  min(each.depth * depth, 1.0), each.part)
        for each in event.outages], event.event_id, event.campaign_id) for event in events]


def scaled_scenarios(world: World, need: Need, told: Sequence[Scenario], *, tolerance: float
                     ) -> ReverseStress:
    """Ask every scenario; one that names a node which is not there is left out, with the reason."""
    refuse_twins(told)
    stories: dict[str, list[Event]] = {}
    left_out: dict[str, str] = {}
    for scenario in told:
        try:
            stories[scenario.scenario_id] = scenario.events(world)
        except RiskModelError as error:
            left_out[scenario.scenario_id] = str(error)
    every = [event for events in stories.values() for event in events]
    stage = need.stage(world, {event.peril for event in every}, {event.region for event in every})
    rows, curves = [], []
    for name, events in stories.items():
        row, curve = _asked(stage, need, events, tolerance)
        rows.append({"member": name, "unit": UNIT, **row})
        if len(curve):
            curve.insert(0, "member", name)
            curves.append(curve)
    members = pd.DataFrame(rows, columns=list(MEMBERS)).sort_values(
        ["does_it", "severity", "most_share"], ascending=[False, True, False], kind="stable",
        ignore_index=True)
    return ReverseStress(
        need.lab, need.share, need.days, need.capacity_mw, "the scenarios, scaled", SCALED, members,
        pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=list(FRONTIER)),
        left_out=left_out)


def _asked(stage: Stage, need: Need, events: Sequence[Event], tolerance: float
           ) -> tuple[dict[str, object], pd.DataFrame]:
    rows = [each for event in events for each in event.outages
            if each.depth > 0 and each.duration_h > 0]
    if not rows:
        return {"as_told": False, "does_it": False, "most_share": 0.0}, pd.DataFrame()
    deepest = max(1.0, 1.0 / min(each.depth for each in rows))
    longest = max(1.0, need.cap_h / min(min(each.duration_h, need.cap_h) for each in rows))

    def course(depth: Floats, duration: Floats):  # type: ignore[no-untyped-def]
        return lab_course(stage.play([
            scaled(events, float(d), float(h), need.cap_h)
            for d, h in zip(depth.ravel(), duration.ravel(), strict=True)]), need.mw)

    def does_it(depth: Floats, duration: Floats) -> NDArray[np.bool_]:
        return is_held(course(depth, duration), need.level_mw, need.hours).reshape(depth.shape)

    one, far = np.ones(1), np.array([longest])
    most = most_held_mw(course(np.array([deepest]), far), need.hours)[0] / need.capacity_mw
    found = trade_off(does_it, longest, deepest=deepest, tolerance=tolerance,
                     exact=_EXACT)
    row: dict[str, object] = {"as_told": bool(does_it(one, one)[0]), "most_share": float(most),
                              "does_it": found.mildest is not None}
    if found.mildest is None:
        return row, pd.DataFrame()
    depth, duration = found.mildest
    row |= {"severity": depth * duration, "severity_at_least": found.at_least,
            "depth_factor": depth, "duration_factor": duration}
    if does_it(one, far)[0]:
        row["duration_factor_as_deep"] = float(least_true(
            lambda tries: does_it(np.ones(tries.shape), tries), np.zeros(1), far, exact=_EXACT)[0])
    full = np.array([deepest])
    if does_it(full, one)[0]:
        row["depth_factor_as_long"] = float(least_true(
            lambda tries: does_it(tries, np.ones(tries.shape)), np.zeros(1), full, exact=_EXACT)[0])
    return row, pd.DataFrame({"depth_factor": found.depth, "duration_factor": found.length,
                              "severity": found.depth * found.length})
