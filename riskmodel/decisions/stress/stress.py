"""``stress``: what given stories cost each lab."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from riskmodel.decisions.stress.grid import Grid, stress_grid
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.stories.story import run_story
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event
from riskmodel.perils.scenarios import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.decisions.stress.suite import Suite
    from riskmodel.world.world import World


@overload
def stress(world: World, story: Scenario | Event | Sequence[Event], *,
           recovery_cap_days: float = ...) -> Losses: ...
@overload
def stress(world: World, story: Sequence[Scenario], *,
           recovery_cap_days: float = ...) -> Suite: ...
@overload
def stress(world: World, story: Grid, *, recovery_cap_days: float = ...) -> pd.DataFrame: ...
def stress(world: World, story: Scenario | Event | Sequence[Event] | Sequence[Scenario] | Grid, *,
           recovery_cap_days: float = RECOVERY_CAP_DAYS) -> Losses | Suite | pd.DataFrame:
    """Return the losses of a story: given events, no random numbers.

    ``story`` is a scenario (``load_scenario``), an event or a list of them. Several events may
    overlap; overlapping outages of one site are united before they are valued.
    The result is of a story, not of a year: annual measures of it raise, while
    ``losses.years`` (year 0), ``contributions(..., measure="total")`` and ``replay`` read it.
    Of a scenario, ``losses.manifest["scenario"]`` says which, and what in it finds nothing in this
    world; the world is taken as given, whatever day the scenario asks for.

    Many stories give no single losses: a list of scenarios gives their suite (``stress_suite``), a
    grid of parameters (``Grid``) its frame (``stress_grid``).
    """
    if not recovery_cap_days > 0:
        raise RiskModelError("recovery_cap_days must be above 0")
    if isinstance(story, Grid):
        return stress_grid(world, story, recovery_cap_days=recovery_cap_days)
    if isinstance(story, Scenario):
        return _scenario(world, story, recovery_cap_days)
    told = [story] if isinstance(story, Event) else list(story)
    scenarios = [each for each in told if isinstance(each, Scenario)]
    if told and len(scenarios) == len(told):
        from riskmodel.decisions.stress.suite import stress_suite

        return stress_suite(world, scenarios, recovery_cap_days=recovery_cap_days)
    events = [each for each in told if isinstance(each, Event)]
    if len(events) < len(told):
        wrong = next(each for each in told if not isinstance(each, Event))
        raise RiskModelError("stress takes a Scenario, an Event or a list of events, a list of "
                             f"scenarios, or a Grid, not {type(wrong)}"
                             f"{' among others' if len(told) > 1 else ''}")
    return run_story(world, events, recovery_cap_days=recovery_cap_days)


def _scenario(world: World, scenario: Scenario, recovery_cap_days: float) -> Losses:
    resolved = scenario.resolve(world)
    losses = run_story(world, resolved.events, recovery_cap_days=recovery_cap_days)
    asked = scenario.world_as_of
    return dataclasses.replace(losses, manifest={**losses.manifest, "scenario": {
        "id": scenario.scenario_id, "name": scenario.name,
        "world_as_of": asked.isoformat() if asked else None,
        "finds_nothing": list(resolved.finds_nothing)}})
