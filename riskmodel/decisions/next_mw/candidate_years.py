"""One run in which a probe in every grid region is watched, beside the sites of the labs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.next_mw.candidates import with_candidates
from riskmodel.engine.losses.courses import booked_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.again import same_world
from riskmodel.engine.plan.planned import Planned, planned
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL, one_of, require_annual

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.engine.losses.courses import Courses
    from riskmodel.world.world import World


@dataclass(frozen=True, eq=False, repr=False)
class CandidateYears:
    """What the probes and the labs' sites were missing, and when, in every simulated year.

    Attributes
    ----------
    world : the world without probes
    made : the compiled run of the world with them
    places : the frame of ``with_candidates``
    occurrence, calendar : courses of the labs' sites and of the probes
    lab : the one whose sites are watched; None for every lab, "" for none
    seed : of the run
    """

    world: World
    made: Planned
    places: pd.DataFrame
    occurrence: Courses
    calendar: Courses
    lab: str | None
    seed: int

    def __repr__(self) -> str:
        return (f"CandidateYears({len(self.probes)} regions, n_years={self.made.n_years}, "
                f"seed={self.seed})")

    @property
    def probes(self) -> list[str]:
        """Site ids of the probes."""
        return [site for site in self.places["site_id"] if site]

    def require(self, lab: str | None) -> None:
        """Refuse a lab whose sites were not watched."""
        if lab is not None and self.lab not in (None, lab):
            whose = f"the sites of {self.lab}" if self.lab else "the candidates alone"
            raise RiskModelError(f"next_mw: in this run {whose} were watched, not those of {lab}; "
                                 "make it with candidate_years(world, ...) for every lab")


def candidate_years(world: World | Losses, *, years: int = 20_000, seed: int = 0, worlds: int = 1,
                    regions: Sequence[str] | str | None = None,
                    perils: Sequence[Any] | str | None = None, operator: str = "",
                    lab: str | None = None, workers: int | None = None,
                    progress: Callable[[int, int], None] | None = None) -> CandidateYears:
    """Run the years once, for as many questions of ``next_mw`` as one likes.

    Parameters
    ----------
    world : a world; or losses, whose world, years, seed, worlds and perils are taken
    regions : grid regions that get a probe; all if not given
    operator : who runs the probes; nobody, unless given
    lab : watch the sites of this lab only ("" for none): quicker; every site if not given

    Raises
    ------
    WorldError, RiskModelError
    """
    run: dict[str, Any] = {"years": years, "seed": seed, "worlds": worlds, "perils": perils}
    if isinstance(world, Losses):
        world, run = _run_of(world)
    if lab:
        one_of(lab, [*world.labs["lab_id"], TOTAL], "lab")
    probed, places = with_candidates(world, regions, operator=operator)
    probes = [site for site in places["site_id"] if site]
    if not probes:
        raise RiskModelError("next_mw: no region can have a candidate: " + "; ".join(
            f"{row['region']}: {row['left_out']}" for row in places.to_dict("records")))
    made = planned(probed, **run)
    occurrence, calendar = booked_courses(made, sites=[*_sites_of(world, lab), *probes],
                                          workers=workers, progress=progress)
    return CandidateYears(world, made, places, occurrence, calendar, lab, int(run["seed"]))


def _run_of(losses: Losses) -> tuple[World, dict[str, Any]]:
    """Return the world of losses and what their run was asked for."""
    require_annual(losses, "next_mw")
    world = same_world(losses, None, "next_mw")
    told = losses.manifest
    return world, {"years": losses.n_years, "seed": told["seed"], "worlds": losses.worlds,
                   "perils": list(told["perils"]), "horizon_days": told["horizon_days"],
                   "recovery_cap_days": told["recovery_cap_days"]}


def _sites_of(world: World, lab: str | None) -> list[str]:
    """Return the sites that a lab may hold something of, in any state of the world."""
    if lab == "":
        return []
    running = world.sites.loc[world.sites["it_mw"].fillna(0.0) > 0, "site_id"]
    if lab in (None, TOTAL, "unknown"):
        return list(running)
    mine = set(world.holdings.loc[world.holdings["lab_id"] == lab, "site_id"])
    return [site for site in running if site in mine]
