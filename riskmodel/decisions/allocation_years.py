"""Years of losses per MW at candidate sites, and of what a lab keeps where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.again import same_world
from riskmodel.engine.courses import site_courses
from riskmodel.engine.held import held_mw
from riskmodel.engine.losses import Losses
from riskmodel.engine.simulation import simulate
from riskmodel.engine.streams import keyed_uniform
from riskmodel.errors import RiskModelError
from riskmodel.measures.influence import paired_se
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

#: a tail measure rests on so many years at least
_FEWEST_TAIL_YEARS = 20


@dataclass(frozen=True, eq=False)
class PlaceYears:
    """Simulated years, as a split of capacity sees them.

    Attributes
    ----------
    candidates : site ids; ``unit_losses`` : sparse, shape (years, candidates), MW-days per MW
    held : site_id -> MW that the lab holds today (the mean over worlds)
    held_losses : MW-days that its holdings of today lose in each year, shape (years,)
    worlds : states of the world; year y ran in world y mod ``worlds``
    """

    candidates: tuple[str, ...]
    unit_losses: csr_array
    held: dict[str, float]
    held_losses: Floats
    seed: int
    worlds: int

    @property
    def n_years(self) -> int:
        """Years simulated."""
        return int(self.unit_losses.shape[0])

    @property
    def held_mw(self) -> float:
        """MW of the lab today."""
        return sum(self.held.values())

    def se(self, influence: Floats) -> float:
        """Return the standard error of the mean of one value a year; a world is a batch."""
        batch = np.arange(self.n_years) % self.worlds if self.worlds > 1 else None
        return paired_se(influence, np.zeros(self.n_years), batch)

    def resampled(self, replicate: int) -> Floats:
        """Return year weights of a bootstrap replicate: years, or whole worlds, drawn again."""
        many = self.worlds if self.worlds > 1 else self.n_years
        drawn = keyed_uniform(self.seed, "allocation bootstrap", "", np.arange(many), replicate)
        times = np.bincount((drawn * many).astype(np.int64), minlength=many).astype(float)
        return times[np.arange(self.n_years) % self.worlds] if self.worlds > 1 else times


def check_asked(world: World, lab: str, candidates: Sequence[str], level: float,
                years: int) -> None:
    """Refuse a lab or site that is not there, a candidate named twice, and too few years."""
    known = world.sites["site_id"].tolist()
    if not candidates:
        raise RiskModelError("candidates is empty; name sites of the world, or leave it out to take"
                             " all of them")
    for site in candidates:
        if site not in set(known):
            raise RiskModelError(f"the candidate {site!r} is no site of this world"
                                 f"{near(str(site), known)}")
    if len(set(candidates)) < len(candidates):
        twice = next(site for site in candidates if list(candidates).count(site) > 1)
        raise RiskModelError(f"the candidate {twice!r} stands twice; name it once")
    labs = world.labs["lab_id"].tolist()
    if lab not in labs:
        raise RiskModelError(f"there is no lab {lab!r} in this world{near(str(lab), labs)}")
    if not isinstance(level, float) or not 0 < level < 1:
        raise RiskModelError(f"level is {level!r}; give a probability between 0 and 1, such as .99")
    beyond = years * (1 - level)
    if beyond < _FEWEST_TAIL_YEARS * (1 - 1e-9):
        raise RiskModelError(
            f"{years:,} years leave {beyond:.3g} beyond the level {level:g}; a split of the tail "
            f"needs {_FEWEST_TAIL_YEARS} at least: simulate more years, or ask for a lower level")


def place_years(world: World, lab: str, candidates: Sequence[str], losses: Losses, *,
                level: float, workers: int | None = None,
                progress: Callable[[int, int], None] | None = None) -> PlaceYears:
    """Read the years of a run at the candidates and where the lab is.

    Raises
    ------
    RiskModelError : see ``check_asked``; or the losses are of another world
    """
    check_asked(world, lab, candidates, level, losses.n_years)
    world = same_world(losses, world, "allocate")
    watched = list(dict.fromkeys([*candidates, *_maybe_held(world, lab)]))
    courses = site_courses(losses, sites=watched, world=world, workers=workers, progress=progress)
    unit = courses.unit_losses().tocsr()
    mw = held_mw(losses, lab, watched, world=world)
    entries = unit.tocoo()
    held_losses = np.bincount(
        entries.row, weights=entries.data * mw[entries.row % len(mw), entries.col],
        minlength=losses.n_years).astype(float)
    mean = dict(zip(watched, mw.mean(axis=0).tolist(), strict=True))
    return PlaceYears(tuple(candidates), unit[:, :len(candidates)].tocsr(),
                      {site: each for site, each in mean.items() if each > 0}, held_losses,
                      int(losses.manifest["seed"]), losses.worlds)


def _maybe_held(world: World, lab: str) -> list[str]:
    """Return sites of which the lab holds something, in some state of the world."""
    if lab == "unknown":  # it holds whatever is left anywhere
        return world.sites["site_id"].tolist()
    mine = world.holdings["lab_id"] == lab
    known = set(world.sites["site_id"])
    return [site for site in world.holdings.loc[mine, "site_id"] if site in known]


def planned_run(world: World, years: int, seed: int, *, worlds: int = 1,
                perils: Sequence[Any] | str | None = None, **settings: Any) -> Losses:
    """Return a run of ``years`` of which only the first few were simulated.

    Courses are read by running the years again, so that nothing else of the run is needed: this
    saves one of two passes over the years. Its loss tables are not those of all the years.
    """
    few = simulate(world, worlds, seed, perils=perils, worlds=worlds, adequacy=False, **settings)
    if isinstance(years, bool) or years != int(years) or years < worlds:
        raise RiskModelError(f"years is {years!r}; give a whole number, one a world at least")
    return replace(few, n_years=int(years))


def fresh_run(losses: Losses, world: World, seed: int, *,
              perils: Sequence[Any] | str | None = None) -> Losses:
    """Return a planned run like ``losses``, as many years, under another seed."""
    told = losses.manifest
    return planned_run(
        world, losses.n_years, seed, perils=list(told["perils"]) if perils is None else perils,
        worlds=losses.worlds, booking=losses.booking, horizon_days=losses.horizon_days,
        recovery_cap_days=float(told["recovery_cap_days"]))
