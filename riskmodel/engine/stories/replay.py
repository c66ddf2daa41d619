"""``replay``: any single year again, in full detail, so that it can be told as a story."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import Given, Rows, Work
from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.plan.again import again, refuse_bare, same_world
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.run.runner import run_year
from riskmodel.engine.run.simulation import spans_of
from riskmodel.engine.stories.story import story_plan
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event, OwnOutage

if TYPE_CHECKING:
    from riskmodel.world.world import World


@dataclass(frozen=True)
class Replay:
    """One year, hour by hour. Hours count from the start of the year; before it they are negative.

    Attributes
    ----------
    events : event, peril, region, event_id, campaign_id, start_h; also those that cost nothing.
    outages : event, peril, region, node, kind, part, start_h, end_h, depth: the direct failures.
    timeline : node, kind, start_h, end_h, availability, cause_node, cause_event: what every touched
        node experienced, wherever it was below 1.
    labs : lab, start_h, end_h, lost_mw: what each lab was missing.
    losses : lab, event, peril, region, node, lost_mw_days: the year's loss by cause.
    """

    year: int
    events: pd.DataFrame
    outages: pd.DataFrame
    timeline: pd.DataFrame
    labs: pd.DataFrame
    losses: pd.DataFrame

    def __repr__(self) -> str:
        lost = self.losses["lost_mw_days"].sum()
        return (f"Replay(year={self.year}, events={len(self.events)}, "
                f"outages={len(self.outages)}, lost={lost:.1f} MW-days)")


def replay(losses: Losses, year: int = 0, *, world: World | None = None) -> Replay:
    """Rebuild one simulated year, or a story, in full detail.

    Raises
    ------
    RiskModelError
        The losses know neither their world nor were given it, or it is not the one they were
        computed on; or there is no such year.
    """
    refuse_bare(losses, "replay")
    if not 0 <= year < losses.n_years:
        raise RiskModelError(f"year is {year}; these losses hold years 0 to {losses.n_years - 1}")
    plan, given = _plan_of(losses, world, int(year))
    span = spans_of(plan, losses.booking, False)[0]
    work, rows = run_year(plan, int(year), given, span)
    return _frames(plan, work, rows, int(year), losses)


def _plan_of(losses: Losses, world: World | None, year: int) -> tuple[Plan, Given | None]:
    if losses.kind == "story":
        manifest = losses.manifest
        events = [Event(e["peril"], e["region"], [OwnOutage(*o) for o in e["outages"]],
                        e["event_id"], e["campaign_id"]) for e in manifest["story"]]
        return story_plan(same_world(losses, world, "replay"), events,
                          cap_h=manifest["recovery_cap_days"] * HOURS_PER_DAY)
    states = again(losses, world, "replay")
    return (states if isinstance(states, Plan) else states.plan(year % states.count)), None


def _frames(plan: Plan, work: Work, rows: Rows, year: int, losses: Losses) -> Replay:
    n_ev, n_out, n_touched, _ = (int(n) for n in rows.count[4:8])
    ev, out = work.ev[:n_ev], work.out[:n_out]
    kinds = dict(zip(plan.world.all_nodes["node_id"], plan.world.all_nodes["kind"], strict=True))
    story = losses.manifest.get("story")
    ids = [story[e["no"]]["event_id"] or f"event {e['no']}" if story
           else plan.event_ids[e["row"]] if e["row"] >= 0 else "" for e in ev]
    campaigns = [story[e["no"]]["campaign_id"] if story
                 else str(e["campaign"]) if e["campaign"] >= 0 else "" for e in ev]
    perils = [plan.perils[p] for p in ev["peril"]]
    regions = [plan.regions[r] for r in ev["region"]]
    events = pd.DataFrame({
        "event": np.arange(n_ev), "peril": perils, "region": regions, "event_id": ids,
        "campaign_id": campaigns, "start_h": ev["start"]})
    cause_event = out["event"]
    nodes = [plan.nodes[n] for n in out["node"]]
    outages = pd.DataFrame({
        "event": cause_event, "peril": [perils[e] for e in cause_event],
        "region": [regions[e] for e in cause_event], "node": nodes,
        "kind": [kinds.get(node, "") for node in nodes],
        "part": [plan.part_names.get(int(p), "") for p in out["part"]],
        "start_h": out["start"], "end_h": out["end"], "depth": out["depth"]})
    pieces = []
    changes: dict[str, list[tuple[float, float]]] = {}
    for place in work.touched[:n_touched]:
        name = plan.nodes[place]
        off, length = int(work.node[place]["off"]), int(work.node[place]["len"])
        points = work.pool[off:off + length]
        for point, after in pairwise(points):
            if point["v"] < 1.0:
                cause = int(point["c"])
                pieces.append((name, kinds.get(name, ""), point["t"], after["t"], point["v"],
                               nodes[cause], int(cause_event[cause])))
        held = plan.graph.hold[plan.graph.node[place]["hold"]:plan.graph.node[place]["hold_end"]]
        before = np.concatenate([[1.0], points["v"][:-1]])
        for hold in held:
            changes.setdefault(plan.labs[hold["lab"]], []).extend(
                zip(points["t"], (before - points["v"]) * hold["mw"], strict=True))
    timeline = pd.DataFrame(pieces, columns=["node", "kind", "start_h", "end_h", "availability",
                                             "cause_node", "cause_event"])
    causes = rows.causes[:rows.count[1]]
    told = rows.events[causes["event"]]
    number = {(int(e["peril"]), int(e["no"]), float(e["start"])): i for i, e in enumerate(ev)}
    which = [number[int(t["peril"]), int(t["no"]), float(t["start"])] for t in told]
    lost = pd.DataFrame({
        "lab": [plan.labs[i] for i in causes["lab"]], "event": which,
        "peril": [perils[i] for i in which], "region": [regions[i] for i in which],
        "node": [plan.nodes[i] for i in causes["node"]],
        "lost_mw_days": causes["lost"] / HOURS_PER_DAY})
    return Replay(year, events, outages,
                  timeline.sort_values(["start_h", "node"], ignore_index=True), _steps(changes),
                  lost.sort_values("lost_mw_days", ascending=False, ignore_index=True))


def _steps(changes: dict[str, list[tuple[float, float]]]) -> pd.DataFrame:
    """Return lab, start_h, end_h, lost_mw: one row for each stretch of constant loss."""
    rows = []
    for lab in sorted(changes):
        points = pd.DataFrame(changes[lab], columns=["t", "mw"]).groupby("t")["mw"].sum()
        level = points.cumsum().to_numpy()
        times = points.index.to_numpy()
        for i in range(len(times) - 1):
            if level[i] > 1e-9:
                rows.append((lab, times[i], times[i + 1], level[i]))
    return pd.DataFrame(rows, columns=["lab", "start_h", "end_h", "lost_mw"])
