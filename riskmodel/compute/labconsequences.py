"""What a lab's lost year means for its training: the four answers, per lab and measure.

The year's compute is taken as one programme: a lab that holds so much for a year could train so
many FLOP, and loses a share of them, on average (aal) or in its worst years (tvar).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.compute.consequences import TrainingRun, consequences
from riskmodel.compute.growth import Growth, read_growth
from riskmodel.compute.inputs import Band
from riskmodel.compute.ledger import conversion, ledgers
from riskmodel.compute.progress import (
    RunCourses,
    progress_measures,
    run_courses,
    sites_of_run,
)
from riskmodel.compute.runspec import RunSpec
from riskmodel.compute.scaling import Law, as_law
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.again import same_world
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World

MEASURES = ("aal", "tvar", "var", "aep")
_ENDS = ("value", "low", "high", "band_low", "band_high")
COLUMNS = ("lab", "lost", "measure", "level", "fraction_lost", "question", "value", "low", "high",
           "sim_low", "sim_high", "band_low", "band_high", "unit", "law", "constants", "note")


def lab_consequences(losses: Losses, run: RunSpec | None = None, *,
                     measures: Iterable[str] | str = ("aal", "tvar"), levels: ArrayLike = (0.99,),
                     return_periods: ArrayLike = (100,),
                     law: Law | str | Iterable[Law | str] | None = None,
                     growth: Growth | None = None, mfu: Band | float | None = None,
                     courses: RunCourses | None = None, world: World | None = None
                     ) -> pd.DataFrame:
    """Return model loss, slip and months of trend for each lab's lost year.

    Parameters
    ----------
    run : None counts the FLOP of lost capacity; a run counts its lost progress, and its programme
        is what the sites of the run could train
    measures : some of ``aal, tvar, var, aep``
    courses : ``run_courses(losses)`` where it is at hand; else the years are run again

    Returns
    -------
    frame ``lab, lost, measure, level, fraction_lost, question, value, low, high, sim_low, sim_high,
    band_low, band_high, unit, law, constants, note``
        ``low`` and ``high`` are the answer's own bounds at this fraction (of growth, of slip);
        ``sim_*`` and ``band_*`` are the answer at the ends of the fraction's 95 % interval of
        simulation and of its band of ignorance: every answer rises with the fraction. Labs that
        hold nothing, and ``unknown``, are left out. ``slip_days`` are of a year's programme.
        Capacity and runs are weighed alike, a site by the FLOP of its chips; an elastic run without
        checkpoints and restarts has the fraction of its capacity.
    """
    place = same_world(losses, world, "lab_consequences")
    refuse_weighted(losses, "lab_consequences")
    wanted = [measures] if isinstance(measures, str) else list(measures)
    strange = [name for name in wanted if name not in MEASURES]
    if strange:
        raise RiskModelError(f"lab_consequences: {strange[0]!r} is no loss of a year; give some of "
                             f"{', '.join(MEASURES)}")
    if courses is None:
        courses = run_courses(losses, world=world)
    asked = ["capacity", *wanted]
    flop = ledgers(losses, measures=asked if run is None else "capacity", levels=levels,
                   return_periods=return_periods, mfu=mfu, courses=courses.sites, world=world)
    flop = flop[flop["ledger"] == "flop"]
    per_day = _capacity(flop)
    if run is None:
        lost, what, size = flop, "capacity", per_day
    else:
        lost = progress_measures(losses, run, measures=asked, levels=levels,
                                 return_periods=return_periods, courses=courses, world=world)
        lost = lost[lost["quantity"] == "lost_progress"]
        what, size = f"progress, {run.label}", _capacity(lost)
        per_day = _flop_of_run(losses, run, list(size), courses, conversion(
            place, mfu, courses.sites.sites).of("flop"), world)
    pace = growth if growth is not None else read_growth(place)
    named = [law] if law is None or isinstance(law, str) or not isinstance(law, Iterable) \
        else list(law)
    used = [as_law(one, world=place) for one in named]
    frames = []
    for row in lost[lost["measure"].isin(wanted)].to_dict("records"):
        lab = row["lab"]
        if lab == UNKNOWN or not size.get(lab, 0.0) > 0 or not np.isfinite(row["value"]):
            continue
        programme = TrainingRun(per_day[lab] * losses.horizon_days, losses.horizon_days,
                                mode="elastic", name=lab)
        share = [float(row[end]) / (size[lab] * losses.horizon_days) for end in _ENDS]
        frames.append(_answers(share, programme, used, pace).assign(
            lab=lab, lost=what, measure=row["measure"], level=row["level"]))
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _answers(share: list[float], run: TrainingRun, laws: list[Law], growth: Growth
             ) -> pd.DataFrame:
    """Return the answers at a fraction, and their values at the other ends of it."""
    known = [max(f, 0.0) for f in share if np.isfinite(f)]
    frame = consequences(sorted(set(known)), run, law=laws, growth=growth)
    at = {f: part.reset_index(drop=True)
          for f, part in frame.groupby("fraction_lost", sort=False)}
    out = at[max(share[0], 0.0)].copy()
    for name, f in zip(("sim_low", "sim_high", "band_low", "band_high"), share[1:], strict=True):
        out[name] = at[max(f, 0.0)]["value"] if np.isfinite(f) else np.nan
    return out


def _flop_of_run(losses: Losses, run: RunSpec, labs: list[str], courses: RunCourses,
                 factor: NDArray[np.float64], world: World | None) -> dict[str, float]:
    """Return what the sites of each lab's run can train in a day, FLOP, on average over years."""
    states = np.arange(losses.n_years) % losses.worlds
    out = {}
    for lab in labs:
        mw = sites_of_run(held_mw(losses, lab, courses.sites.sites, world=world), run)
        out[lab] = float((mw @ factor)[states % len(mw)].mean())
    return out


def _capacity(frame: pd.DataFrame) -> dict[str, float]:
    own = frame[frame["measure"] == "capacity"]
    return dict(zip(own["lab"], own["value"].astype(float), strict=True))
