"""``stress``: what one given story costs each lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmodel.engine.losses import Losses
from riskmodel.engine.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.story import run_story
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event

if TYPE_CHECKING:
    from riskmodel.world.world import World


def stress(world: World, events: Event | Sequence[Event], *,
           recovery_cap_days: float = RECOVERY_CAP_DAYS) -> Losses:
    """Return the losses of a story: given events, no random numbers.

    Several events may overlap; overlapping outages of one site are united before they are valued.
    The result is of a story, not of a year: annual measures of it raise, while
    ``losses.years`` (year 0), ``contributions(..., measure="total")`` and ``replay`` read it.
    """
    told = [events] if isinstance(events, Event) else list(events)
    wrong = [event for event in told if not isinstance(event, Event)]
    if wrong:
        raise RiskModelError(f"stress takes an Event or a list of them, not {type(wrong[0])}")
    if not recovery_cap_days > 0:
        raise RiskModelError("recovery_cap_days must be above 0")
    return run_story(world, told, recovery_cap_days=recovery_cap_days)
