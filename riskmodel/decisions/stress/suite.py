"""``stress_suite``: many scenarios, each on the world of the day it asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.decisions.stress.story_figures import FIGURES, story_figures
from riskmodel.decisions.stress.stress import stress
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.stories.replay import replay
from riskmodel.engine.stories.stories import set_stage
from riskmodel.errors import RiskModelError
from riskmodel.perils.scenarios import Scenario, load_scenario, scenario_files

if TYPE_CHECKING:
    from riskmodel.world.world import World

COLUMNS = ("scenario", "world_as_of", *FIGURES)


@dataclass(frozen=True, eq=False)
class Played:
    """One scenario played on one world.

    Attributes
    ----------
    table : frame of ``stress_suite``, this scenario's rows
    course : frame ``lab, start_h, end_h, lost_mw``: what each lab was missing, hour by hour
    finds_nothing : what in the scenario finds nothing in this world, in words
    """

    scenario: Scenario
    losses: Losses
    table: pd.DataFrame
    course: pd.DataFrame
    finds_nothing: tuple[str, ...]

    @property
    def world(self) -> World:
        """The world it was played on."""
        assert self.losses.world is not None  # stress keeps it
        return self.losses.world

    @property
    def total_lost(self) -> float:
        """MW-days that all labs lose."""
        return float(self.losses.years["lost_mw_days"].sum())


@dataclass(frozen=True, eq=False)
class Suite:
    """Scenarios played one after the other.

    Attributes
    ----------
    table : frame ``scenario, world_as_of`` and the figures of ``story_figures``, one row per
        scenario and lab, and one called "total"
    left_out : scenario id -> why it could not be played on its world
    """

    played: tuple[Played, ...]
    table: pd.DataFrame
    left_out: dict[str, str]

    @property
    def ranked(self) -> tuple[Played, ...]:
        """What was played, the costliest first."""
        return tuple(sorted(self.played, key=lambda each: -each.total_lost))


def stress_suite(world_on: World | Callable[[date | None], World],
                 scenarios: Sequence[Scenario] | None = None, *,
                 leave_out: bool = False,
                 recovery_cap_days: float = RECOVERY_CAP_DAYS) -> Suite:
    """Play scenarios, each on its world, and say what each lab loses.

    Parameters
    ----------
    world_on : a world, on which all are played as it is; or a function that gives the world of a
        day (``read_world(as_of=...)``), asked for the day each scenario names (None: none named)
    scenarios : all that ship, and those of the world's own folder, if not given
    leave_out : True leaves out a scenario that cannot be played on its world, with the reason,
        where otherwise the error goes on

    Raises
    ------
    RiskModelError
        A scenario names a node that its world does not have; two scenarios have one id.
    """
    from riskmodel.world.world import World

    fixed = world_on if isinstance(world_on, World) else None
    if scenarios is None:
        scenarios = [load_scenario(name, world=fixed) for name in scenario_files(fixed)]
    refuse_twins(scenarios)
    worlds: dict[date | None, World] = {}
    played: list[Played] = []
    left_out: dict[str, str] = {}
    for scenario in scenarios:
        day = scenario.world_as_of
        if fixed is not None:
            world = fixed
        else:
            if day not in worlds:
                worlds[day] = world_on(day)  # type: ignore[operator]
            world = worlds[day]
        try:
            scenario.resolve(world)
        except RiskModelError as error:
            if not leave_out:
                raise
            left_out[scenario.scenario_id] = str(error)
            continue
        played.append(play(world, scenario, recovery_cap_days=recovery_cap_days))
    frames = [each.table for each in played]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    return Suite(tuple(played), table, left_out)


def refuse_twins(scenarios: Sequence[Scenario]) -> None:
    """Refuse two scenarios of one id: their rows could not be told apart."""
    ids = [each.scenario_id for each in scenarios]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise RiskModelError(f"two scenarios are called {twice[0]!r}; give one of them another id")


def play(world: World, scenario: Scenario, *,
         recovery_cap_days: float = RECOVERY_CAP_DAYS) -> Played:
    """Play one scenario on one world."""
    losses = stress(world, scenario, recovery_cap_days=recovery_cap_days)
    events = scenario.events(world)
    stage = set_stage(world, (event.peril for event in events), (event.region for event in events),
                      recovery_cap_days=recovery_cap_days, check=False)
    table = story_figures(stage, [events]).drop(columns="story")
    table.insert(0, "scenario", scenario.scenario_id)
    table.insert(1, "world_as_of", world.as_of.isoformat() if world.as_of else "")
    return Played(scenario, losses, table, replay(losses).labs,
                  tuple(losses.manifest["scenario"]["finds_nothing"]))


def course_of(steps: pd.DataFrame) -> list[tuple[float, float]]:
    """Return (hour, MW missing from then on); ``steps`` are rows of ``Played.course``."""
    changes: dict[float, float] = {}
    for start, end, mw in zip(steps["start_h"], steps["end_h"], steps["lost_mw"], strict=True):
        changes[start] = changes.get(start, 0.0) + mw
        changes[end] = changes.get(end, 0.0) - mw
    level, course = 0.0, []
    for hour in sorted(changes):
        level += changes[hour]
        course.append((float(hour), level))
    return course
