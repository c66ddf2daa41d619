"""Years of losses per MW at candidate sites, and of what a lab keeps where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.engine.plan.again import same_world
from riskmodel.engine.plan.held import held_mw
from riskmodel.engine.plan.planned import Planned
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


def check_asked(world: World, lab: str, level: float, years: int) -> None:
    """Refuse a lab that is not there, and years too few for the level."""
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


def place_years(world: World, lab: str, candidates: Sequence[str], run: Losses | Planned,
                seed: int, *, workers: int | None = None,
                progress: Callable[[int, int], None] | None = None) -> PlaceYears:
    """Read the years of a run, or of one that is only planned, at candidates and where the lab is.

    Raises
    ------
    RiskModelError : the losses are of another world
    """
    if isinstance(run, Losses):
        same_world(run, world, "allocate")
    watched = list(dict.fromkeys([*candidates, *_maybe_held(world, lab)]))
    courses = site_courses(run, sites=watched, world=world, workers=workers, progress=progress)
    return years_of_courses(world, lab, candidates, run, courses, seed)


def years_of_courses(world: World, lab: str, candidates: Sequence[str], run: Losses | Planned,
                     courses: Courses, seed: int) -> PlaceYears:
    """Read years from courses that are at hand: of the candidates and of all that the lab holds."""
    watched = list(courses.sites)
    place = {site: column for column, site in enumerate(watched)}
    unit = courses.unit_losses().tocsr()
    mw = held_mw(run, lab, watched, world=world)
    entries = unit.tocoo()
    held_losses = np.bincount(
        entries.row, weights=entries.data * mw[entries.row % len(mw), entries.col],
        minlength=run.n_years).astype(float)
    mean = dict(zip(watched, mw.mean(axis=0).tolist(), strict=True))
    return PlaceYears(tuple(candidates), unit[:, [place[site] for site in candidates]].tocsr(),
                      {site: each for site, each in mean.items() if each > 0}, held_losses,
                      seed, run.worlds)


def _maybe_held(world: World, lab: str) -> list[str]:
    """Return sites of which the lab holds something, in some state of the world."""
    if lab == "unknown":  # it holds whatever is left anywhere
        return world.sites["site_id"].tolist()
    mine = world.holdings["lab_id"] == lab
    known = set(world.sites["site_id"])
    return [site for site in world.holdings.loc[mine, "site_id"] if site in known]


def settings_of(losses: Losses) -> dict[str, Any]:
    """Return what a run was asked for, but for its seed, as ``planned`` takes it."""
    told = losses.manifest
    return {"years": losses.n_years, "worlds": losses.worlds, "perils": list(told["perils"]),
            "horizon_days": losses.horizon_days,
            "recovery_cap_days": float(told["recovery_cap_days"])}
