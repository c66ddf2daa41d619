"""Reading the world a command speaks of, and finding again the one a run was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import WrongUsage, progress_bar, waiting, wrong_usage
from riskmodel.commands.outputs import MANIFEST
from riskmodel.errors import Problem, RiskModelError, WorldError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

#: the table that every world has
SITES = "sites.csv"


def read_checked(folder: Path | None, as_of: str | None) -> tuple[World, list[Problem]]:
    """Read a world and check it; return it with its warnings, raise with every problem."""
    world = read_unchecked(folder, as_of)
    return world, world.check()


def read_unchecked(folder: Path | None, as_of: str | None) -> World:
    """Read a world with whatever is wrong in it."""
    from riskmodel.world.io import read_world

    if folder is not None and (folder / MANIFEST).is_file() and not (folder / SITES).is_file():
        raise WrongUsage(f"{folder} is what a command left and no world; name a folder of tables, "
                         f"or look at this one: riskmodel report {folder}")
    with wrong_usage():
        # resolved, so that a manifest that names the folder can be read from anywhere
        return read_world(None if folder is None else folder.expanduser().resolve(),
                          as_of=as_of, check=False)


def check_lab(world: World, lab: str | None) -> None:
    """Refuse a lab that is not in the world; ``total`` stands for all of them."""
    if lab is not None and lab != "total":
        _check_known([lab], [*world.labs["lab_id"], "total"])


def check_labs(world: World, labs: Iterable[str] | None) -> None:
    """Refuse labs that are not in the world."""
    _check_known(labs or [], list(world.labs["lab_id"]))


def _check_known(labs: Iterable[str], known: list[str]) -> None:
    for lab in labs:
        if lab not in known:
            raise WrongUsage(f"there is no lab {lab!r} in this world{near(lab, known) or '.'} "
                             f"There are {', '.join(known)}")


def check_holds(world: World, lab: str | None) -> None:
    """Refuse a lab that is in the world and holds nothing in it on its date."""
    if lab in set(world.labs["lab_id"]) and not world.lab_capacity().get(lab, 0.0) > 0:
        raise WrongUsage(f"{lab} holds no MW in this world"
                         + (f" on {world.as_of}" if world.as_of else "")
                         + "; name a lab that does, or a later --as-of")


def check_worlds(worlds: int, years: int) -> None:
    """Refuse more states of the world than there are years."""
    if worlds > years:
        raise WrongUsage(f"{worlds} worlds in {years} years: each world needs a year at least; "
                         "ask for more years, or fewer worlds")


def ready_engine() -> None:
    """Compile the engine, or read what was compiled, and say so where somebody waits."""
    from riskmodel.engine.run.runner import warm_up

    with waiting("preparing the engine (compiled at its first start, about half a minute)"):
        warm_up()


def simulated(world: World, years: int, seed: int, perils: list[str] | None = None, *,
              worlds: int = 1, **how: Any) -> Losses:
    """Simulate years of a world, with the progress shown where somebody looks at it.

    ``how`` goes on to ``simulate``.
    """
    from riskmodel.engine.run.simulation import simulate
    from riskmodel.perils.registry import load_perils

    with wrong_usage():
        chosen = load_perils(world, perils)
        check_worlds(worlds, years)
    ready_engine()
    with progress_bar("simulating") as progress:
        return simulate(world, years, seed, perils=chosen, worlds=worlds, progress=progress, **how)


def world_of(manifest: Mapping[str, Any], output: Path, folder: Path | None = None) -> World:
    """Read the world a manifest names (or ``folder``); raise if it is not the same any more."""
    from riskmodel.world.io import read_world

    facts = manifest["world"]
    if folder is not None:
        world, _ = read_checked(folder, facts["as_of"])
        if world.fingerprint != facts["fingerprint"]:
            raise RiskModelError(
                f"{folder} is not the world that {output} was made from ({_two(facts, world)}); "
                f"give that one, or run this one: riskmodel run {folder} -o OUT")
        return world
    where = None if facts["folder"] is None else Path(facts["folder"])
    name = "the world that ships with riskmodel" if where is None else str(where)
    if where is not None and not where.is_dir():
        raise RiskModelError(f"{output} was made from the world {name}, which is not there any "
                             "more; give its new place with --world")
    try:
        world = read_world(where, as_of=facts["as_of"])
    except WorldError as error:
        raise RiskModelError(f"{output} was made from {name}, which cannot be read any more "
                             f"(`riskmodel check` says more): {error}") from error
    if world.fingerprint != facts["fingerprint"]:
        raise RiskModelError(
            f"{output} was made from {name}, which has changed since ({_two(facts, world)}); run "
            "it again, or give the world it was made from with --world")
    return world


def _two(facts: Mapping[str, Any], world: World) -> str:
    return (f"fingerprint {str(facts['fingerprint'])[:12]} then, {world.fingerprint[:12]} now")
