"""A portfolio as a small file: edits of a world, in the order in which they are made.

``[[edits]]`` tables, each with ``edit``, the name of a way to change a world (``move``, ``scale``,
``drop``, ``subset``, ``add_site``), and that way's own arguments by name::

    name = "300 MW of OpenAI from Abilene to Wisconsin"

    [[edits]]
    edit = "move"
    lab = "openai"
    mw = 300
    from_site = "stargate_abilene"
    to_site = "ms_fairwater_wisconsin"

A file without edits is the world as it is.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import Problem, RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.io import read_world
from riskmodel.world.textfile import read_toml

if TYPE_CHECKING:
    from riskmodel.world.world import World

EDITS = ("move", "scale", "drop", "subset", "add_site")
TOP = ("name", "edits")
#: arguments that are frames and stand in no such file
_FRAMES = ("requirements", "nodes")
SITES_FILE = "sites.csv"


@dataclass(frozen=True)
class PortfolioFile:
    """Edits to be made on any world. ``name`` is the file's own, or its file name's stem."""

    name: str
    edits: tuple[Mapping[str, Any], ...]
    where: str

    def on(self, world: World) -> World:
        """Return the world with every edit made, in order.

        Raises
        ------
        RiskModelError
            An edit cannot be made on this world; the message says which, and why.
        """
        for number, told in enumerate(self.edits):
            arguments = {key: value for key, value in told.items() if key != "edit"}
            try:
                world = getattr(world, told["edit"])(**arguments)
            except RiskModelError as error:
                raise RiskModelError(f"{self.where}: edits[{number}], {error}") from None
            except TypeError as error:
                raise RiskModelError(f"{self.where}: edits[{number}], {told['edit']}: {error}; "
                                     "give numbers as numbers and names as text") from None
        return world


def read_portfolio(path: str | Path) -> PortfolioFile:
    """Read the edits of one file.

    Raises
    ------
    RiskModelError : lists everything wrong with the file at once
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise RiskModelError(f"there is no file {str(path)!r}; give the path of a portfolio's TOML")
    faults: list[Problem] = []
    data = read_toml(file, str(path), faults)
    if data is None or faults:
        raise RiskModelError("\n".join(str(fault) for fault in faults))
    problems = portfolio_problems(data)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise RiskModelError(f"{path}: {count} in the portfolio's file:\n{listed}")
    return PortfolioFile(data.get("name", file.stem).strip(), tuple(data.get("edits", ())),
                         str(path))


def portfolio_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed portfolio, one line each; empty if it is sound."""
    problems = [f"{key} is not a key of a portfolio{near(key, TOP) or ';'} there are name and "
                "edits" for key in data if key not in TOP]
    name = data.get("name", "x")
    if not isinstance(name, str) or not name.strip():
        problems.append(f"name is {name!r}; give text, or leave it out")
    edits = data.get("edits", [])
    if not (isinstance(edits, list) and all(isinstance(edit, Mapping) for edit in edits)):
        return [*problems, "edits is not a list of tables; write [[edits]]"]
    for number, told in enumerate(edits):
        problems += [f"edits[{number}]{problem}" for problem in _edit_problems(told)]
    return problems


def _edit_problems(told: Mapping[str, Any]) -> list[str]:
    from riskmodel.world.world import World

    edit = told.get("edit")
    if edit not in EDITS:
        return [f".edit is {edit!r}{near(str(edit), EDITS) or ';'} edits are {', '.join(EDITS)}"]
    wanted = {key: each for key, each in inspect.signature(getattr(World, edit)).parameters.items()
              if key != "self" and key not in _FRAMES}
    free = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values())
    problems = [] if free else [
        f".{key} is not part of {edit}{near(key, wanted) or ';'} it takes {', '.join(wanted)}"
        for key in told if key != "edit" and key not in wanted]
    return problems + [
        f".{key} is not there; {edit} needs it" for key, each in wanted.items()
        if each.default is inspect.Parameter.empty and key not in told
        and each.kind is not inspect.Parameter.VAR_KEYWORD]


def read_portfolios(where: str | Path, *,
                    world: World | Callable[[dt.date | None], World] | None = None,
                    as_of: str | dt.date | None = None,
                    ) -> dict[str, Callable[[dt.date | None], World]]:
    """Read a folder of portfolios, or those that a pattern such as ``mine/*.toml`` matches.

    Returns name -> function that gives the portfolio's world of a day, as ``stress_table`` takes
    it. A portfolio is a TOML file of edits, made on the base world; or a folder of tables, a world
    of its own, on its own date.

    Parameters
    ----------
    where : a file, a folder of tables, a folder that holds such files and folders, or a pattern
    world : base of the edits; the world that ships, on the day asked for, if not given
    as_of : day of all worlds that are read here, whatever is asked for

    Raises
    ------
    RiskModelError : nothing is found, a file has faults, or two portfolios have one name
    """
    base = _base(world, as_of)
    found: dict[str, Callable[[dt.date | None], World]] = {}
    for path in portfolio_paths(where):
        if path.is_dir():
            name, on = path.name, _once(path.resolve(), as_of)
        else:
            file = read_portfolio(path)
            name, on = file.name, _edited(file, base)
        if name in found:
            raise RiskModelError(f"two portfolios are called {name!r}; give one of them another "
                                 "name")
        found[name] = on
    return found


def portfolio_paths(where: str | Path) -> list[Path]:
    """Return the files of edits and folders of tables that a path or a pattern stands for."""
    path = Path(where).expanduser()
    if path.is_file() or (path / SITES_FILE).is_file():
        return [path]
    if path.is_dir():
        found = [each for each in sorted(path.iterdir())
                 if each.suffix == ".toml" or (each / SITES_FILE).is_file()]
    else:
        root = Path(path.anchor) if path.is_absolute() else Path()
        pattern = str(path.relative_to(root)) if path.is_absolute() else str(path)
        found = sorted(each for each in root.glob(pattern)
                       if each.is_file() or (each / SITES_FILE).is_file())
    if not found:
        raise RiskModelError(f"{str(where)!r} has no portfolio; give a TOML file of edits, a "
                             "folder of tables, a folder of such, or a pattern in quotes")
    return found


def _base(world: World | Callable[[dt.date | None], World] | None, as_of: str | dt.date | None
          ) -> Callable[[dt.date | None], World]:
    if callable(world):
        return world
    if world is not None:
        fixed = world
        return lambda _day: fixed
    if as_of is not None:
        return _once(None, as_of)
    days: dict[dt.date | None, World] = {}

    def on(day: dt.date | None) -> World:
        if day not in days:
            days[day] = read_world(as_of=day)
        return days[day]

    return on


def _once(folder: Path | None, as_of: str | dt.date | None) -> Callable[[dt.date | None], World]:
    """Return a function that reads one world when it is first asked for, for every day."""
    kept: list[World] = []

    def on(_day: dt.date | None) -> World:
        if not kept:
            kept.append(read_world(folder, as_of=as_of))
        return kept[0]

    return on


def _edited(file: PortfolioFile, base: Callable[[dt.date | None], World]
            ) -> Callable[[dt.date | None], World]:
    return lambda day: file.on(base(day))
