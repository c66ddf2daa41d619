"""Every scenario by every lab: the stress tests that ship, on the worlds they ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.decisions.stress.table import table_and_left_out
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.perils.scenarios import Scenario, load_scenario, scenario_files
from riskmodel.report.context import Context, Section, records
from riskmodel.report.limits import cap_days
from riskmodel.report.names import clean
from riskmodel.report.numbers import number
from riskmodel.report.page import render
from riskmodel.report.scenario_table import scenario_table
from riskmodel.world.io import read_world
from riskmodel.world.shipped import shipped_folder

if TYPE_CHECKING:
    from riskmodel.world.world import World

KEY, TITLE = "scenarios", "What each scenario would cost"


@dataclass(frozen=True)
class Answer:
    """What the scenarios cost, those that cannot be played, and those that find nothing."""

    table: pd.DataFrame
    scenarios: dict[str, Scenario]
    left_out: dict[str, str]
    finds_nothing: set[str]
    own_days: bool  # each on the world of the day it names


def build(context: Context) -> Section:
    """Write the section; it needs the world, and no simulated year."""
    if context.world is None:
        return _missing("the world was not given with the losses")
    found = kept_answer(context)
    if isinstance(found, str):
        return _missing(found)
    table = _of_whole(context, found)
    total = table[table["lab"] == TOTAL]
    costly = set(total.loc[total["lost_mw_days"] > 0, "scenario"])
    titles = {name: each.name for name, each in found.scenarios.items()}
    body = render(
        "scenarios.html.j2", linked=False, cap=cap_days(context), own_days=found.own_days,
        left_out=[(clean(titles[name], 100), clean(why, 300))
                  for name, why in found.left_out.items()],
        without_loss=[clean(titles[name], 100) for name in total["scenario"]
                      if name not in costly],
        whose=context.called(TOTAL), lab=context.lab,
        **scenario_table(table[table["scenario"].isin(costly)], titles, context.names.lab,
                         finds_nothing=found.finds_nothing))
    return Section(KEY, TITLE, body)


def kept_answer(context: Context) -> Answer | str:
    """Return what every scenario costs, played at most once a report; or why it cannot be."""
    if KEY not in context.kept:
        try:
            context.kept[KEY] = played(context)
        except RiskModelError as error:
            context.kept[KEY] = str(error)
    return context.kept[KEY]  # type: ignore[no-any-return]


def in_short(context: Context) -> list[str]:
    """Return the costliest scenario as a sentence; nothing where none costs anything."""
    found = "no world" if context.world is None else kept_answer(context)
    if isinstance(found, str) or found.table.empty:
        return []
    table = _of_whole(context, found)
    total = table[table["lab"] == TOTAL]
    worst = records(total.nlargest(1, "lost_mw_days"))
    if not worst or not worst[0]["lost_mw_days"] > 0:
        return []
    name = clean(found.scenarios[worst[0]["scenario"]].name, 100)
    day = f" (on the world of {worst[0]['world_as_of']})" if found.own_days else ""
    return [f"Of {len(total)} scenarios, the costliest would be \u201c{name}\u201d{day}: "
            f"{number(worst[0]['lost_mw_days'])} MW-days if it happened, which says nothing of how "
            "often."]


def _of_whole(context: Context, found: Answer) -> pd.DataFrame:
    """Return the table, in which the one lab of a report is the whole."""
    if not context.lab:
        return found.table
    return found.table[found.table["lab"] == context.lab].assign(lab=TOTAL)


def played(context: Context) -> Answer:
    """Return what every scenario costs: of the world that ships each on the day it names.

    That is what ``riskmodel stress --all`` does; any other world is taken as it is.

    Raises
    ------
    RiskModelError : a file of a scenario cannot be read, or two have one id
    """
    world = context.world
    assert world is not None
    own_days = _ships(world)
    told = [load_scenario(name, world=world) for name in scenario_files(world)]
    on = _world_on(world) if own_days else world
    table, left_out = table_and_left_out(on, told, leave_out=True,
                                         recovery_cap_days=cap_days(context))
    names = {each.scenario_id: each for each in told}
    out = {scenario: why for (_, scenario), why in left_out.items()}
    in_part = {name for name, each in names.items() if name not in out and each.resolve(
        on(each.world_as_of) if callable(on) else on).finds_nothing}
    return Answer(table, names, out, in_part, own_days)


def _ships(world: World) -> bool:
    """Return whether this is the world that ships, and nothing was done to it."""
    if world.folder != shipped_folder():
        return False
    return read_world(as_of=world.as_of).fingerprint == world.fingerprint


def _world_on(world: World) -> Callable[[dt.date | None], World]:
    """Return the function that gives the shipped world of a day, ``world`` where none is named."""
    read = {None: world, world.as_of: world}

    def on(day: dt.date | None) -> World:
        if day not in read:
            read[day] = read_world(as_of=day)
        return read[day]

    return on


def _missing(why: str) -> Section:
    return Section(KEY, TITLE, render("missing.html.j2", what="The table of scenarios", why=why))
