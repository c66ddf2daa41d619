"""``stress``: what one given story costs each lab."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmodel.engine.losses import Losses
from riskmodel.engine.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.story import run_story
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event
from riskmodel.perils.scenarios import Scenario

if TYPE_CHECKING:
    from riskmodel.world.world import World


def stress(world: World, events: Scenario | Event | Sequence[Event], *,
           recovery_cap_days: float = RECOVERY_CAP_DAYS) -> Losses:
    """Return the losses of a story: given events, no random numbers.

    ``events`` is a scenario (``load_scenario``), an event or a list of them. Several events may
    overlap; overlapping outages of one site are united before they are valued.
    The result is of a story, not of a year: annual measures of it raise, while
    ``losses.years`` (year 0), ``contributions(..., measure="total")`` and ``replay`` read it.
    Of a scenario, ``losses.manifest["scenario"]`` says which, and what in it finds nothing in this
    world; the world is taken as given, whatever day the scenario asks for.
    """
    if not recovery_cap_days > 0:
        raise RiskModelError("recovery_cap_days must be above 0")
    if isinstance(events, Scenario):
        resolved = events.resolve(world)
        losses = run_story(world, resolved.events, recovery_cap_days=recovery_cap_days)
        asked = events.world_as_of
        return dataclasses.replace(losses, manifest={**losses.manifest, "scenario": {
            "id": events.scenario_id, "name": events.name,
            "world_as_of": asked.isoformat() if asked else None,
            "finds_nothing": list(resolved.finds_nothing)}})
    told = [events] if isinstance(events, Event) else list(events)
    wrong = [event for event in told if not isinstance(event, Event)]
    if wrong:
        raise RiskModelError("stress takes a Scenario, an Event or a list of events, not "
                             f"{type(wrong[0])}")
    return run_story(world, told, recovery_cap_days=recovery_cap_days)
