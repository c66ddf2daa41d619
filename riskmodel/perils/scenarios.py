"""Scenarios: named stories with their sources, told by files and resolved against a world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import Problem, RiskModelError
from riskmodel.perils.events import Event, OwnOutage
from riskmodel.perils.scenario_file import scenario_problems
from riskmodel.perils.selectors import describe_selector, require_node, select
from riskmodel.world.building import steps_to_come
from riskmodel.world.columns import near
from riskmodel.world.exposure import to_date
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.textfile import read_toml

if TYPE_CHECKING:
    from riskmodel.world.world import World

FOLDER = "scenarios"
#: a loss that is never made good; the engine ends it at its recovery cap
FOREVER_H = 1.0e6
_DAY_H = 24.0
COLUMNS = ("scenario", "name", "world_as_of", "confidence", "story")


@dataclass(frozen=True)
class Resolved:
    """A scenario on one world: its events, and what in it finds nothing there."""

    events: tuple[Event, ...]
    finds_nothing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scenario:
    """A story somebody asks for, as its file tells it.

    Attributes
    ----------
    world_as_of : day of the world it asks to be played on; None: the world's own date
    begins : day of hour 0, where the story has one
    does_not_cover : sentences; sources : key -> title, url, published
    told : the events of the file, not yet resolved against a world
    """

    scenario_id: str
    name: str
    story: str
    as_of: dt.date
    world_as_of: dt.date | None
    begins: dt.date | None
    confidence: str
    does_not_cover: tuple[str, ...]
    sources: Mapping[str, Mapping[str, Any]]
    told: tuple[Mapping[str, Any], ...]

    def events(self, world: World) -> list[Event]:
        """Return its events on a world: every node named, every step that comes late.

        Raises
        ------
        RiskModelError
            A node named singly is not in the world. A selector that finds nothing is no error:
            see ``resolve``.
        """
        return list(self.resolve(world).events)

    def resolve(self, world: World) -> Resolved:
        """Return its events on a world, and in words what finds nothing there."""
        events: list[Event] = []
        nothing: list[str] = []
        for number, told in enumerate(self.told):
            outages: list[OwnOutage] = []
            for row in told.get("outages", ()):
                nodes = self._nodes(world, row, nothing)
                outages += [outage for node in nodes for outage in _repeated(node, row)]
            for row in told.get("delays", ()):
                outages += self._late(world, row, nothing)
            events.append(Event(peril=told["peril"], region=told.get("region", ""),
                                outages=outages, event_id=f"{self.scenario_id}/{number + 1}"))
        return Resolved(tuple(events), tuple(dict.fromkeys(nothing)))

    def _nodes(self, world: World, row: Mapping[str, Any], nothing: list[str]) -> list[str]:
        if "node" in row:
            try:
                return [require_node(world, row["node"])]
            except RiskModelError as error:
                mend = "" if str(error).endswith("?") else (
                    "; play it on a world that has it, or write a scenario for this one")
                raise RiskModelError(f"scenario {self.scenario_id!r}: {error}{mend}") from None
        found = select(world, row["hits"])
        if not found:
            nothing.append(f"{describe_selector(row['hits'])}: finds nothing in this world")
        return found

    def _late(self, world: World, row: Mapping[str, Any], nothing: list[str]) -> list[OwnOutage]:
        """Return one own outage for each step that opens late, from the day it was to open.

        Steps that open within ``lead_days`` of the story's begin have their goods. ``depth`` is
        the step's share of the site's capacity on the world's day, times the share that is late.
        """
        begins, steps = self.begins, steps_to_come(world)
        sites = set(self._nodes(world, row, nothing))
        if not sites or begins is None:
            return []
        if world.as_of is None or not len(steps):
            nothing.append(f"{_reach(row)}: finds nothing under construction in this world; read "
                           "it for a day later than its record")
            return []
        hours = FOREVER_H if row.get("cancelled") else float(row["delay_days"]) * _DAY_H
        late = []
        for step in steps[steps["site_id"].isin(sites)].to_dict("records"):
            opens = world.as_of - dt.timedelta(days=float(step["days_open"]))
            days = (opens - begins).days
            if days >= float(row["lead_days"]):
                late.append(OwnOutage(
                    node=str(step["site_id"]), start_h=days * _DAY_H, duration_h=hours,
                    depth=min(1.0, float(step["share"]) * float(row["share"])),
                    part=f"step {step['date']}"))
        if not late:
            nothing.append(f"{_reach(row)}: no step opens between {begins} plus "
                           f"{row['lead_days']:g} days and this world's {world.as_of}")
        return late


def _reach(row: Mapping[str, Any]) -> str:
    return str(row["node"]) if "node" in row else describe_selector(row["hits"])


def _repeated(node: str, row: Mapping[str, Any]) -> list[OwnOutage]:
    hours = FOREVER_H if row.get("permanent") else float(row["duration_h"])
    return [OwnOutage(node=node, start_h=float(row["start_h"]) + n * float(row.get("every_h", 0.0)),
                      duration_h=hours, depth=float(row["depth"]), part=row.get("part", ""))
            for n in range(int(row.get("times", 1)))]


def load_scenario(name: str | Path, *, world: World | None = None) -> Scenario:
    """Return a scenario by its id, or from a TOML file of your own.

    Parameters
    ----------
    name : an id of ``scenarios()``, such as "gulf-campaign-2026"; or the path of a file
    world : look for ids in this world's folder first, then among those that ship

    Raises
    ------
    RiskModelError
        There is no such scenario; or the file has faults, listed all at once with key and mend.
    """
    path = Path(name).expanduser()
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise RiskModelError(f"there is no file {str(name)!r}; give the path of a scenario's "
                                 "TOML, or one of the ids that `riskmodel scenarios` lists")
        return _read(path, str(path))
    files = scenario_files(world)
    if str(name) not in files and path.is_dir():
        raise RiskModelError(f"{str(name)!r} is a folder and no scenario; a world is named with "
                             "--world, a folder of scenarios with --scenarios")
    if str(name) not in files:
        raise RiskModelError(f"there is no scenario {str(name)!r}"
                             f"{near(str(name), files) or ';'} there are "
                             f"{', '.join(files) or 'none'}")
    return _read(files[str(name)], f"{FOLDER}/{name}.toml")


def scenarios(world: World | None = None) -> pd.DataFrame:
    """Return the scenarios there are: frame ``scenario, name, world_as_of, confidence, story``.

    ``world_as_of`` is ISO text, empty where a scenario is played on the world's own date.
    """
    found = [load_scenario(name, world=world) for name in scenario_files(world)]
    rows = [(each.scenario_id, each.name, each.world_as_of.isoformat() if each.world_as_of else "",
             each.confidence, each.story) for each in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def scenario_files(world: World | None = None) -> dict[str, Path]:
    """Return id -> file: those that ship, and those of the world's own folder before them."""
    folders = [shipped_folder()]
    if world is not None and world.folder is not None:
        folders.append(world.folder)
    found = {path.stem: path for folder in folders for path in (folder / FOLDER).glob("*.toml")}
    return dict(sorted(found.items()))


def _read(path: Path, where: str) -> Scenario:
    faults: list[Problem] = []
    data = read_toml(path, where, faults)
    if data is None or faults:
        raise RiskModelError("\n".join(str(fault) for fault in faults))
    return read_scenario(data, where)


def read_scenario(data: Mapping[str, Any], where: str = "") -> Scenario:
    """Return a scenario from its parsed TOML; ``where`` names the file in messages.

    Raises
    ------
    RiskModelError
        Lists everything wrong with it at once.
    """
    problems = scenario_problems(data)
    stem = Path(where).stem
    if where and data.get("id") and data["id"] != stem:
        problems.append(f"id is {data['id']!r} but the file is called {stem!r}; make them agree")
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise RiskModelError(f"{where or data.get('id', 'scenario')}: {count} in the scenario's "
                             f"file:\n{listed}")
    as_of = to_date(data["as_of"])
    assert as_of is not None  # scenario_problems has seen to it
    return Scenario(
        scenario_id=data["id"], name=data["name"].strip(), story=" ".join(data["story"].split()),
        as_of=as_of, world_as_of=to_date(data.get("world_as_of")),
        begins=to_date(data.get("begins")), confidence=data["confidence"],
        does_not_cover=tuple(line.strip() for line in data["does_not_cover"]),
        sources=data["sources"], told=tuple(data["events"]))
