"""``riskmodel stress``: stories, grids of them, and the mildest that does it, on portfolios."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import WrongUsage, print_json, say, waiting, wrong_usage
from riskmodel.commands.outputs import REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.scenarios import load
from riskmodel.commands.stress_asked import (
    asked_portfolios,
    read_family,
    read_grid,
    read_reverse,
    refuse_portfolios,
    scenario_paths,
)
from riskmodel.commands.stress_shown import document, show
from riskmodel.commands.worlds import check_lab, read_checked, ready_engine, world_of
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.commands.stress_asked import OnDay, Reverse
    from riskmodel.decisions.reverse.reverse_stress import ReverseStress
    from riskmodel.decisions.stress.grid import Grid
    from riskmodel.decisions.stress.suite import Suite
    from riskmodel.perils.scenarios import Scenario
    from riskmodel.world.world import World

TABLE, GRID, REVERSE, FRONTIER = ("stress.parquet", "stress_grid.parquet",
                                  "reverse_stress.parquet", "reverse_frontier.parquet")


@dataclass(frozen=True)
class Asked:
    """The words of one command."""

    names: list[str]
    everything: bool = False
    scenario_folders: list[Path] = field(default_factory=list)
    portfolios: list[str] = field(default_factory=list)
    grids: list[str] = field(default_factory=list)
    reverse: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    world: Path | None = None
    as_of: str | None = None
    lab: str | None = None


@dataclass(frozen=True)
class Answer:
    """What one command found. ``table`` is empty where no scenario or one world only was asked."""

    suite: Suite
    portfolios: tuple[str, ...]
    table: pd.DataFrame
    left_out: dict[tuple[str, str], str]
    grids: list[pd.DataFrame]
    reverse: list[tuple[str, ReverseStress]]  # with the name of the portfolio
    worlds: dict[str, World]  # portfolio -> the world that grids and questions were asked on


def stress(asked: Asked, *, out: Path | None, sites: bool, as_json: bool) -> None:
    """Play what is asked for; print what it costs, and leave a page and tables if asked."""
    if not (asked.names or asked.everything or asked.scenario_folders or asked.grids
            or asked.reverse):
        raise WrongUsage("name a scenario or a file, or write --all, --scenarios, --grid or "
                         "--reverse; `riskmodel scenarios` lists the scenarios")
    if asked.families and not asked.reverse:
        raise WrongUsage("--family belongs to --reverse; write --reverse LAB:SHARE:DAYS too")
    with wrong_usage():
        target = None if out is None else check_target(out)
    grids = [read_grid(text) for text in asked.grids]
    questions = [read_reverse(text) for text in asked.reverse]
    fixed = (read_checked(asked.world, asked.as_of)[0]
             if asked.world is not None or asked.as_of is not None else None)
    if asked.lab is not None:
        check_lab(fixed or read_checked(None, None)[0], asked.lab)
    told, named = _scenarios(asked, fixed)
    portfolios = asked_portfolios(asked.portfolios, fixed or _shipped(), asked.as_of)
    ready_engine()
    with waiting("playing"):
        answer = _play(asked, told, named, fixed, portfolios, grids, questions)
    if target is not None:
        from riskmodel.report.stress_page import write_stress

        with whole_folder(target) as fresh:
            _write_tables(answer, bool(told), fresh)
            write_stress(answer.suite, fresh / REPORT, sites=sites, table=answer.table,
                         grids=answer.grids, reverse=answer.reverse, worlds=answer.worlds)
            write_manifest(fresh, _facts(answer))
    if as_json:
        print_json(document(answer, target))
        return
    show(answer, asked.lab)
    if target is not None:
        say(f"report: {target / REPORT}")


def _shipped() -> OnDay:
    read: dict[dt.date | None, World] = {}

    def on(day: dt.date | None) -> World:
        if day not in read:
            read[day] = read_checked(None, day.isoformat() if day else None)[0]
        return read[day]

    return on


def _scenarios(asked: Asked, fixed: World | None) -> tuple[list[Scenario], set[str]]:
    """Return the scenarios, and the ids of those asked for by name or folder."""
    from riskmodel.perils.scenarios import scenario_files

    paths = [str(path) for path in scenario_paths(asked.scenario_folders)]
    refuse_portfolios(asked.names)
    told = [load(name, fixed) for name in dict.fromkeys([*asked.names, *paths])]
    named = {each.scenario_id for each in told}
    if asked.everything:
        told = [load(name, fixed) for name in scenario_files(fixed) if name not in named] + told
    return told, named


def _play(asked: Asked, told: list[Scenario], named: set[str], fixed: World | None,
          portfolios: dict[str, OnDay], grids: list[Grid], questions: list[Reverse]) -> Answer:
    import pandas as pd

    from riskmodel.decisions.stress.grid import stress_grid
    from riskmodel.decisions.stress.portfolios import UNNAMED
    from riskmodel.decisions.stress.suite import stress_suite
    from riskmodel.decisions.stress.table import table_and_left_out

    base = fixed or _shipped()
    table = pd.DataFrame()
    left_out: dict[tuple[str, str], str] = {}
    if told and portfolios:
        table, left_out = table_and_left_out(portfolios, told, leave_out=asked.everything)
        for (_, scenario), why in left_out.items():
            if scenario in named:
                raise RiskModelError(why)
    # of several portfolios the first one's stories are told
    suite = stress_suite(next(iter(portfolios.values()), base), told, leave_out=asked.everything)
    for scenario, why in suite.left_out.items():
        if scenario in named:
            raise RiskModelError(why)
    on = portfolios or {UNNAMED: base if callable(base) else lambda _day: base}
    worlds = {name: world(None) for name, world in on.items()} if grids or questions else {}
    return Answer(suite, tuple(portfolios), table, left_out,
                  [stress_grid(worlds, grid) for grid in grids],
                  [(name, _reverse(world, question, family, told, bool(portfolios)))
                   for question in questions for family in asked.families or ["grid"]
                   for name, world in worlds.items()], worlds)


def _reverse(world: World, question: Reverse, family: str, told: list[Scenario], several: bool
             ) -> ReverseStress:
    from riskmodel.decisions.reverse.reverse_stress import reverse_stress
    from riskmodel.engine.losses.losses import Losses

    members = read_family(family, told)
    if isinstance(members, Losses):
        if several:
            raise WrongUsage(f"{family} is the run of one world; ask it without --portfolio")
        world = world_of(members.manifest, Path(family))
    with wrong_usage():
        return reverse_stress(world, question.lab, question.share, question.days, family=members)


def _write_tables(answer: Answer, told: bool, folder: Path) -> None:
    import pandas as pd

    if told:
        frame = answer.table
        if not answer.portfolios:
            frame = answer.suite.table.copy()
            frame.insert(0, "portfolio", "")
        frame.to_parquet(folder / TABLE, index=False)
    if answer.grids:
        pd.concat(answer.grids, ignore_index=True).to_parquet(folder / GRID, index=False)
    for name, frames in ((REVERSE, [_labelled(portfolio, found, found.members)
                                    for portfolio, found in answer.reverse]),
                         (FRONTIER, [_labelled(portfolio, found, found.frontier)
                                     for portfolio, found in answer.reverse])):
        kept = [frame for frame in frames if len(frame)]
        if answer.reverse:
            whole = pd.concat(kept, ignore_index=True) if kept else frames[0]
            whole.to_parquet(folder / name, index=False)


def _labelled(portfolio: str, found: ReverseStress, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of one question with the question in front."""
    out = frame.copy()
    question: dict[str, str | float] = {
        "portfolio": portfolio, "lab": found.lab, "share": found.share, "days": found.days,
        "family": found.family}
    for place, (name, value) in enumerate(question.items()):
        out.insert(place, name, value)
    return out


def _facts(answer: Answer) -> dict[str, Any]:
    from riskmodel._version import __version__

    return {"kind": "stress", "riskmodel": __version__,
            "scenarios": [{"scenario": each.scenario.scenario_id, "world": {
                "as_of": each.world.as_of, "fingerprint": each.world.fingerprint},
                "finds_nothing": each.finds_nothing,
                "recovery_cap_days": each.losses.manifest["recovery_cap_days"]}
                for each in answer.suite.played],
            "portfolios": list(answer.portfolios),
            "worlds": {name: {"as_of": world.as_of, "fingerprint": world.fingerprint}
                       for name, world in answer.worlds.items()},
            "left_out": answer.suite.left_out}
