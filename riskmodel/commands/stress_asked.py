"""What ``riskmodel stress`` is asked for in words: grids, questions, families, portfolios."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import WrongUsage, wrong_usage
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import datetime as dt

    from riskmodel.decisions.stress.grid import Grid
    from riskmodel.perils.scenarios import Scenario
    from riskmodel.world.world import World

    OnDay = Callable[[dt.date | None], World]

GRID_KEYS = ("where", "duration_h", "depth", "peril")
_GRID_EXAMPLE = '"where=grid:ERCOT,grid:PJM duration_h=24,96,336 depth=.3,.7 peril=grid_outage"'
_REVERSE_EXAMPLE = "openai:0.5:30"


@dataclass(frozen=True)
class Reverse:
    """One question: a share of a lab missing for so many days."""

    lab: str
    share: float
    days: float


def read_grid(text: str) -> Grid:
    """Read a grid from words such as ``where=grid:A,grid:B duration_h=24,96 depth=.5``."""
    from riskmodel.decisions.stress.grid import Grid

    found: dict[str, list[str]] = {}
    for word in shlex.split(text):
        key, sign, values = word.partition("=")
        if not sign or key not in GRID_KEYS:
            raise WrongUsage(f"--grid: {word!r} is no key=values of a grid{near(key, GRID_KEYS)}; "
                             f"write {_GRID_EXAMPLE}")
        if key in found:
            raise WrongUsage(f"--grid: {key} stands twice; join its values by commas")
        found[key] = [value.strip() for value in values.split(",") if value.strip()]
    missing = [key for key in ("where", "duration_h") if not found.get(key)]
    if missing:
        raise WrongUsage(f"--grid: {missing[0]} is not there; write {_GRID_EXAMPLE}")
    with wrong_usage():
        return Grid(found["where"], _numbers(found["duration_h"], "--grid: duration_h"),
                    _numbers(found.get("depth", ["1"]), "--grid: depth"),
                    ",".join(found.get("peril", ["outage"])))


def read_reverse(text: str) -> Reverse:
    """Read a question from words such as ``openai:0.5:30``."""
    parts = text.split(":")
    if len(parts) != 3 or not parts[0]:
        raise WrongUsage(f"--reverse: {text!r} is not LAB:SHARE:DAYS; write {_REVERSE_EXAMPLE} for "
                         "half of openai's capacity missing throughout 30 days")
    share, days = _numbers(parts[1:], "--reverse")
    return Reverse(parts[0], share, days)


def _numbers(words: Sequence[str], what: str) -> list[float]:
    found = []
    for word in words:
        try:
            found.append(float(word))
        except ValueError:
            raise WrongUsage(f"{what} has {word!r}, which is no number") from None
    return found


def read_family(text: str, told: Sequence[Scenario]) -> Any:
    """Return a family as ``reverse_stress`` takes it; a folder that a run left is its losses.

    ``told`` are the scenarios that the command names; the family ``scenarios`` means those, or all.
    """
    from riskmodel.commands.outputs import MANIFEST, read_manifest
    from riskmodel.engine.losses.storage import read_losses

    folder = Path(text).expanduser()
    if (folder / MANIFEST).is_file():
        read_manifest(folder)
        return read_losses(folder)
    if text == "scenarios":
        return list(told) or text
    if any(sign in text for sign in ":,@+"):
        return [place.strip() for place in text.split(",") if place.strip()]
    return text


def scenario_paths(folders: Sequence[Path]) -> list[Path]:
    """Return the scenario files of folders."""
    found = []
    for folder in folders:
        if not folder.expanduser().is_dir():
            raise WrongUsage(f"--scenarios: there is no folder {str(folder)!r}")
        here = sorted(folder.expanduser().glob("*.toml"))
        if not here:
            raise WrongUsage(f"--scenarios: {folder} holds no scenario (no *.toml)")
        found += here
    return found


def refuse_portfolios(names: Sequence[str]) -> None:
    """Refuse a portfolio in the place of a scenario: a pattern that the shell has spread out."""
    from riskmodel.world.textfile import read_toml

    for name in names:
        path = Path(name).expanduser()
        if not path.is_file():
            continue
        data = read_toml(path, name, [])
        if data is not None and "edits" in data and "events" not in data:
            raise WrongUsage(f"{name} is a portfolio, not a scenario; give each with --portfolio, "
                             "or their folder, or a pattern in quotes")


def asked_portfolios(where: Sequence[str], base: World | OnDay, as_of: str | None
                     ) -> dict[str, OnDay]:
    """Return name -> function that gives the portfolio's world of a day; empty if none is asked."""
    from riskmodel.world.portfolio_file import portfolio_paths, read_portfolios

    found: dict[str, OnDay] = {}
    for each in where:
        with wrong_usage():
            portfolio_paths(each)
        fresh = read_portfolios(each, world=base, as_of=as_of)
        twice = sorted(set(found) & set(fresh))
        if twice:
            raise RiskModelError(f"two portfolios are called {twice[0]!r}; give one of them "
                                 "another name")
        found |= fresh
    return found
