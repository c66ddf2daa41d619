"""Lost training progress of each lab, beside its lost capacity: annual measures of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.compute.annual import annual_measures
from riskmodel.compute.ledger import conversion, weighted_years
from riskmodel.compute.response import largest_sites, lost_progress
from riskmodel.compute.runspec import RunSpec, run_spec, three_modes
from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.again import same_world
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.measure import LEVELS, RETURN_PERIODS
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

QUANTITIES = ("lost_capacity", "lost_progress", "lost_run_days")
#: group of requirements that says which control plane a site restarts by
CONTROL_GROUP = "control_plane"


@dataclass(frozen=True, eq=False)
class RunCourses:
    """Courses of sites, and of the control planes that they restart by, of the same years.

    Take them once and ask for as many runs as wanted.
    """

    sites: Courses
    control: Courses | None
    control_of: dict[str, str]


def control_planes(world: World) -> dict[str, str]:
    """Return site -> the control plane that its jobs restart by, where a requirement names one."""
    needs = world.requirements
    sites = set(world.sites["site_id"])
    named = needs[(needs["group"] == CONTROL_GROUP) & needs["node_id"].isin(sites)]
    one = named.groupby("node_id")["member_id"].transform("size") == 1
    return dict(zip(named.loc[one, "node_id"], named.loc[one, "member_id"], strict=True))


def run_courses(losses: Losses, *, world: World | None = None, workers: int | None = None
                ) -> RunCourses:
    """Run the years of ``losses`` again, watching sites and control planes."""
    place = same_world(losses, world, "run_courses")
    sites = list(place.sites["site_id"])
    of = control_planes(place)
    planes = list(dict.fromkeys(of.values()))
    both = site_courses(losses, losses.booking, sites=[*sites, *planes], world=world,
                        workers=workers)
    return RunCourses(both.only(sites), both.only(planes) if planes else None, of)


def progress_measures(losses: Losses, runs: RunSpec | Sequence[RunSpec] | None = None, *,
                      labs: Sequence[str] | None = None,
                      measures: Iterable[str] | str = ("aal", "tvar"),
                      return_periods: ArrayLike = RETURN_PERIODS, levels: ArrayLike = LEVELS,
                      courses: RunCourses | None = None, world: World | None = None
                      ) -> pd.DataFrame:
    """Return lost progress of each lab's run, beside the capacity that the same sites lost.

    Parameters
    ----------
    runs : how the run of every lab is laid out; the defaults of ``compute/training.toml`` rigid,
        by quorum of three quarters, and elastic where not given
    labs : all but ``unknown`` where not given: nobody trains on what nobody is known to hold
    measures : some of ``capacity, aal, aal_share, p_loss, aep, var, tvar``
    courses : ``run_courses(losses)`` where it is at hand; else the years are run again

    Returns
    -------
    frame ``lab, run, quantity, measure, level, value, se, low, high, unit, n, booking, note, band,
    band_low, band_high, worlds``
        ``quantity`` is ``lost_capacity`` (of the sites of the run) or ``lost_progress``, both in
        MW-days, or ``lost_run_days``, days of the undisturbed run. Whatever else the lab holds at
        sites that the run does not use is in neither.

    Notes
    -----
    A site counts in a run by the work it does there, the FLOP of its chips, and not by its MW. A
    MW-day of lost progress is a day of the whole run over its MW: an elastic run of two sites of
    the same MW loses three quarters of itself where the one with three times the chips is down.
    """
    place = same_world(losses, world, "progress_measures")
    wanted = [lab for lab in losses.labs if lab != UNKNOWN] if labs is None else list(labs)
    strange = [lab for lab in wanted if lab not in losses.labs]
    if strange:
        raise RiskModelError(f"progress_measures: there is no lab {strange[0]!r} in these losses; "
                             f"there are {', '.join(losses.labs)}")
    specs = list(three_modes(run_spec(world=place))) if runs is None else (
        [runs] if isinstance(runs, RunSpec) else list(runs))
    labels = [spec.label for spec in specs]
    if len(set(labels)) < len(labels):
        raise RiskModelError(f"progress_measures: two runs are called {labels[0]!r}; give them "
                             "names of their own")
    refuse_weighted(losses, "progress_measures")
    if courses is None:
        courses = run_courses(losses, world=world)
    elif (courses.sites.n_years, courses.sites.booking) != (losses.n_years, losses.booking):
        raise RiskModelError("progress_measures: the courses are not those of these losses; give "
                             "run_courses(losses)")
    unit = courses.sites.unit_losses()
    work = conversion(place, sites=courses.sites.sites).of("h100e_days")
    mw = {lab: held_mw(losses, lab, courses.sites.sites, world=world) for lab in wanted}
    frames = []
    for spec in specs:
        lost = np.zeros((len(QUANTITIES), losses.n_years, len(losses.labs)))
        held = np.zeros((losses.worlds, len(losses.labs)))
        for number, lab in enumerate(losses.labs):
            if lab not in mw:
                continue
            of_run = sites_of_run(mw[lab], spec)
            found = lost_progress(courses.sites, of_run, spec, work=work,
                                  control=courses.control, control_of=courses.control_of)
            lost[0, :, number] = weighted_years(unit, of_run)
            lost[1, :, number], lost[2, :, number] = found.mw_days, found.run_days
            held[:, number] = found.run_mw
        for name, of_year in zip(QUANTITIES, lost, strict=True):
            days = name == "lost_run_days"
            frame = annual_measures(
                losses, of_year, (held > 0).astype(float) if days else held,
                "run-days" if days else "MW-days", capacity_unit="runs" if days else "MW",
                measures=measures, return_periods=return_periods, levels=levels)
            frame.insert(1, "run", spec.label)
            frame.insert(2, "quantity", name)
            frames.append(frame[frame["lab"].isin(wanted)])
    return pd.concat(frames, ignore_index=True)


def sites_of_run(mw: Floats, spec: RunSpec) -> Floats:
    """Return the MW of the run at each site in each state: its largest sites, or all."""
    out = np.zeros_like(mw)
    for state, row in enumerate(mw):
        chosen = largest_sites(row, spec.largest)
        out[state, chosen] = row[chosen]
    return out
