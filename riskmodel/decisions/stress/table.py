"""``stress_table``: portfolios under scenarios, lab by lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.decisions.stress.portfolios import named_portfolios
from riskmodel.decisions.stress.story_figures import FIGURES, story_figures
from riskmodel.decisions.stress.suite import refuse_twins
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.stories.stories import set_stage
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event
from riskmodel.perils.scenarios import Scenario, load_scenario, scenario_files
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import datetime as dt

    from riskmodel.decisions.stress.portfolios import OnDay, Portfolio
    from riskmodel.world.world import World

COLUMNS = ("portfolio", "scenario", "world_as_of", *FIGURES)
#: columns that say which story a row is of, in the order of a wide view's index
KEYS = ("portfolio", "scenario", "where", "duration_h", "depth")


def stress_table(portfolios: Portfolio | Mapping[str, Portfolio],
                 scenarios: Sequence[Scenario | str | Path] | None = None, *,
                 leave_out: bool = False,
                 recovery_cap_days: float = RECOVERY_CAP_DAYS) -> pd.DataFrame:
    """Play scenarios on portfolios and return what each lab loses in each.

    Frame ``portfolio, scenario, world_as_of, lab, capacity_mw, lost_mw_days, lost_mw_peak,
    lost_share_peak, hours_to_50pct_back, hours_to_90pct_back, shortfall_mw_days,
    days_to_50pct_back, days_to_90pct_back``; the figures are those of ``stress_suite`` (see
    ``story_figures``). A row for each lab, and one called "total". They have no error: nothing is
    drawn.

    Parameters
    ----------
    portfolios : a world, or name -> world. Instead of a world, a function that gives the world of
        a day (``lambda day: rm.read_world(as_of=day)``) plays each scenario on the day it asks for;
        a world is taken as it is.
    scenarios : scenarios, their ids, or paths of their files; all that ship if not given
    leave_out : True leaves out of a portfolio the scenarios that name a node it does not have,
        where otherwise the error goes on

    Raises
    ------
    RiskModelError
        A scenario is not there or names a node that a world does not have; two have one id.
    """
    return table_and_left_out(portfolios, scenarios, leave_out=leave_out,
                              recovery_cap_days=recovery_cap_days)[0]


def table_and_left_out(
        portfolios: Portfolio | Mapping[str, Portfolio],
        scenarios: Sequence[Scenario | str | Path] | None = None, *, leave_out: bool = False,
        recovery_cap_days: float = RECOVERY_CAP_DAYS,
) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
    """Return ``stress_table`` and (portfolio, scenario) -> why it was left out."""
    if not recovery_cap_days > 0:
        raise RiskModelError("recovery_cap_days must be above 0")
    told = [each if isinstance(each, Scenario) else load_scenario(each)
            for each in (scenario_files() if scenarios is None else scenarios)]
    refuse_twins(told)
    left_out: dict[tuple[str, str], str] = {}
    frames = []
    for name, on in named_portfolios(portfolios).items():
        frame, without = _of_portfolio(on, told, leave_out, recovery_cap_days)
        left_out |= {(name, scenario): why for scenario, why in without.items()}
        frame.insert(0, "portfolio", name)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)], left_out


def _of_portfolio(on: OnDay, told: Sequence[Scenario], leave_out: bool, cap_days: float
                  ) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of one portfolio in the scenarios' order, and what was left out of it."""
    left_out: dict[str, str] = {}
    by_day: dict[dt.date | None, list[tuple[Scenario, list[Event]]]] = {}
    for scenario in told:
        try:
            events = scenario.events(on(scenario.world_as_of))
        except RiskModelError as error:
            if not leave_out:
                raise
            left_out[scenario.scenario_id] = str(error)
            continue
        by_day.setdefault(scenario.world_as_of, []).append((scenario, events))
    frames = [_played(on(day), stories, cap_days) for day, stories in by_day.items()]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS[1:])), left_out
    place = {scenario.scenario_id: number for number, scenario in enumerate(told)}
    table = pd.concat(frames, ignore_index=True)
    order = table["scenario"].map(place).argsort(kind="stable")
    return table.iloc[order].reset_index(drop=True), left_out


def _played(world: World, stories: Sequence[tuple[Scenario, list[Event]]], cap_days: float
            ) -> pd.DataFrame:
    every = [event for _, events in stories for event in events]
    stage = set_stage(world, (event.peril for event in every), (event.region for event in every),
                      recovery_cap_days=cap_days)
    table = story_figures(stage, [events for _, events in stories])
    names = [scenario.scenario_id for scenario, _ in stories]
    table.insert(0, "scenario", [names[story] for story in table["story"]])
    table.insert(1, "world_as_of", world.as_of.isoformat() if world.as_of else "")
    return table.drop(columns="story")


def stress_wide(table: pd.DataFrame, value: str = "lost_mw_days", *, columns: str = "lab",
                **only: object) -> pd.DataFrame:
    """Return a table of stories as people read it: a row a story, a column a lab.

    Parameters
    ----------
    table : of ``stress_table``, ``stress_grid`` or ``Suite.table``
    value : the figure to show
    columns : what goes across: "lab" (the total last), "portfolio", "scenario", "where",
        "duration_h" or "depth"
    only : rows to keep, such as ``lab="openai"``; what has one value only is left out of the index

    Raises
    ------
    RiskModelError : there is no such column, or nothing is left
    """
    known = list(table.columns)
    for name in (value, columns, *only):
        if name not in known:
            raise RiskModelError(f"stress_wide: the table has no column {name!r}"
                                 f"{near(name, known)}")
    kept = table
    for name, wanted in only.items():
        kept = kept[kept[name] == wanted]
    if kept.empty:
        raise RiskModelError("stress_wide: no row is left of the table; its labs are "
                             f"{', '.join(map(str, table['lab'].unique()))}")
    keys = [name for name in (*KEYS, "lab") if name in known and name != columns]
    index = [name for name in keys if kept[name].nunique() > 1] or keys[:1]
    if kept.duplicated([*index, columns]).any():
        raise RiskModelError("stress_wide: several rows fall into one cell; take one story a row")
    wide = kept.set_index([*index, columns])[value].unstack(columns)
    wide = wide.reindex(columns=pd.Index(kept[columns].unique(), name=columns))
    rows = kept.drop_duplicates(index).set_index(index).index
    return wide.reindex(rows)

