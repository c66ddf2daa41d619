"""Run one given story through the engine: no draws, no years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.kernel.layout import Given
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.tables import to_losses
from riskmodel.engine.outages.given import pack, story_table
from riskmodel.engine.plan.plan import Plan, make_plan
from riskmodel.engine.run.manifest import describe_run
from riskmodel.engine.run.runner import Span, run_given
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.perils.events import Event
    from riskmodel.world.world import World


@dataclass(frozen=True)
class _NoDraws:
    """A peril that only lends its name to the events of a story."""

    spec: SimpleNamespace

    def regions(self, world: World) -> list[str]:
        """Return no region of its own."""
        return []


def plan_for(world: World, perils: Iterable[str], regions: Iterable[str], *, cap_h: float) -> Plan:
    """Return the compiled world, for stories of these perils and regions."""
    named = [_NoDraws(SimpleNamespace(peril_id=name, data={}, ceiling_rate_per_yr=None))
             for name in sorted(set(perils))]
    return make_plan(world, named, seed=0, horizon_h=8760.0, cap_h=cap_h,
                     extra_regions=sorted(set(regions)))


def story_plan(world: World, events: Sequence[Event], *, cap_h: float) -> tuple[Plan, Given]:
    """Return the compiled world and the story's own outages."""
    plan = plan_for(world, (event.peril for event in events), (event.region for event in events),
                    cap_h=cap_h)
    lost = [(number, outage.node) for number, event in enumerate(events)
            for outage in event.outages if outage.node not in plan.node_index]
    if lost:
        from difflib import get_close_matches

        words = []
        for number, node in lost[:5]:
            near = get_close_matches(node, plan.nodes, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            words.append(f"event {number} hits {node!r}{hint}")
        raise RiskModelError("the story names nodes that are not in this world: "
                             + "; ".join(words))
    return plan, pack(plan, story_table(plan, [events]), 1)


def run_story(world: World, events: Sequence[Event], *, recovery_cap_days: float,
              check: bool = True) -> Losses:
    """Return the losses of a story: several events may overlap, and nothing is drawn."""
    if check:
        world.check()
    plan, given = story_plan(world, events, cap_h=recovery_cap_days * 24.0)
    rows = run_given(plan, given, 0, 1, Span(1, -np.inf, np.inf, True, True))
    plan.scratch.clear()
    manifest = describe_run(world, plan, [], years=1, seed=None, booking="occurrence",
                            horizon_days=365.0, recovery_cap_days=recovery_cap_days)
    manifest["story"] = [
        {"peril": event.peril, "region": event.region, "event_id": event.event_id,
         "campaign_id": event.campaign_id,
         "outages": [[o.node, o.start_h, o.duration_h, o.depth, o.part] for o in event.outages]}
        for event in events]
    return to_losses(plan, [(rows,)], world=world, n_years=1, seed=None, booking="occurrence",
                     horizon_days=365.0, manifest=manifest, with_adequacy=True, kind="story",
                     event_ids=[event.event_id or f"event {n}" for n, event in enumerate(events)],
                     campaigns=[event.campaign_id for event in events])
