"""Three ledgers of a loss: MW-days, H100-equivalent days and FLOP, each at a site's own chips.

    H100e-days = MW-days x H100-equivalents per MW of the site
    FLOP       = H100e-days x 86,400 s x dense BF16 peak of an H100 x MFU

Every ledger is a sum over sites, so it adds up over sites, labs and years; one global constant
never stands in for a site's chips. The tail of each ledger is its own: the worst year in FLOP need
not be the worst in MW-days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.compute.annual import annual_measures
from riskmodel.compute.chips import h100_peak_flops, model_flops_use
from riskmodel.compute.inputs import Band
from riskmodel.compute.sitechips import site_chips
from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.again import same_world
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.measure import LEVELS, RETURN_PERIODS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

LEDGERS = ("mw_days", "h100e_days", "flop")
UNITS = {"mw_days": "MW-days", "h100e_days": "H100e-days", "flop": "FLOP"}
#: capacity of a ledger: what a day brings
_PER_DAY = {"mw_days": "MW", "h100e_days": "H100e", "flop": "FLOP/day"}
SECONDS_PER_DAY = 86_400.0
_ENDS = ("low", "best", "high")


@dataclass(frozen=True, eq=False)
class Conversion:
    """What one MW-day is at each site, in each ledger, with low, best and high.

    ``factor`` has shape (ledgers, ends, sites): ledgers as in ``LEDGERS``, ends low, best, high.
    """

    sites: tuple[str, ...]
    factor: NDArray[np.float64]
    mfu: Band
    basis: tuple[str, ...]

    def of(self, ledger: str, end: str = "best") -> NDArray[np.float64]:
        """Return what a MW-day is at each site, shape (sites,)."""
        if ledger not in LEDGERS or end not in _ENDS:
            raise RiskModelError(f"there is no ledger {ledger!r} with end {end!r}; ledgers are "
                                 f"{', '.join(LEDGERS)}, ends {', '.join(_ENDS)}")
        return np.asarray(self.factor[LEDGERS.index(ledger), _ENDS.index(end)])


def conversion(world: World, mfu: Band | float | None = None,
               sites: Iterable[str] | None = None) -> Conversion:
    """Return what one MW-day is at each site of a world.

    Parameters
    ----------
    mfu : share of the peak that training turns into model FLOP, a number or a band; the file's
        (``compute/chips.toml``) where not given
    sites : site ids in the order wanted; all of the world's where not given

    Raises
    ------
    RiskModelError : an MFU that is no share, or a site that is not in the world
    """
    use = _as_mfu(mfu, world)
    chips = site_chips(world).set_index("site_id")
    wanted = list(chips.index if sites is None else sites)
    strange = [site for site in wanted if site not in chips.index]
    if strange:
        raise RiskModelError(f"conversion: there is no site {strange[0]!r} in this world")
    table = chips.loc[wanted]
    per_mw = np.array([table[f"h100e_per_mw_it{end}"].to_numpy(float)
                       for end in ("_low", "", "_high")])
    flop = per_mw * np.array(use)[:, None] * SECONDS_PER_DAY * h100_peak_flops(world)
    return Conversion(tuple(wanted), np.array([np.ones_like(per_mw), per_mw, flop]), use,
                      tuple(table["basis"]))


def ledger_frame(lost: pd.DataFrame, world: World, mfu: Band | float | None = None
                 ) -> pd.DataFrame:
    """Return lost MW-days by site in all three ledgers.

    Parameters
    ----------
    lost : frame with ``site_id`` and ``lost_mw_days``; other columns (lab, year, peril) stay

    Returns
    -------
    the frame with ``h100e_days_low, h100e_days, h100e_days_high, flop_low, flop, flop_high``; each
    is a sum over rows, so any group of rows adds up to its total.
    """
    lacking = [name for name in ("site_id", "lost_mw_days") if name not in lost]
    if lacking:
        raise RiskModelError(f"ledger_frame: the frame lacks {', '.join(lacking)}")
    names, place = np.unique(lost["site_id"].to_numpy(str), return_inverse=True)
    how = conversion(world, mfu, [str(name) for name in names])
    mw_days = lost["lost_mw_days"].to_numpy(float)
    out = lost.copy()
    for ledger in LEDGERS[1:]:
        for end in _ENDS:
            name = ledger if end == "best" else f"{ledger}_{end}"
            out[name] = mw_days * how.of(ledger, end)[place]
    return out


def year_ledger(courses: Courses, mw: ArrayLike, factor: ArrayLike) -> Floats:
    """Return what a portfolio loses in each year in one ledger, shape (n_years,).

    Parameters
    ----------
    mw : MW held at each of ``courses.sites``, shape (worlds, sites) or (sites,)
    factor : what a MW-day is at each site, shape (sites,)
    """
    held = np.atleast_2d(np.asarray(mw, dtype=float)) * np.asarray(factor, dtype=float)
    return weighted_years(courses.unit_losses(), held)


def weighted_years(unit: csr_array, weight: Floats) -> Floats:
    """Return each year's sum over sites, shape (n_years,).

    Parameters
    ----------
    unit : losses of a MW at each site in each year, shape (n_years, sites)
    weight : of each site in each state of the world, shape (worlds, sites)
    """
    out = np.zeros(unit.shape[0])
    for number, row in enumerate(weight):
        out[number::len(weight)] = unit[number::len(weight)] @ row
    return out


def ledgers(losses: Losses, *, by: str = "lab", measures: Iterable[str] | str = ("aal", "tvar"),
            return_periods: ArrayLike = RETURN_PERIODS, levels: ArrayLike = LEVELS,
            mfu: Band | float | None = None, courses: Courses | None = None,
            world: World | None = None) -> pd.DataFrame:
    """Return annual measures of a run in all three ledgers.

    Parameters
    ----------
    by : "lab", or "total"
    measures : some of ``capacity, aal, aal_share, p_loss, aep, var, tvar``
    courses : ``site_courses(losses)`` where it is at hand; else the years are run again
    world : the world of the losses, where they were read from a folder

    Returns
    -------
    frame ``lab, ledger, measure, level, value, se, low, high, chips_low, chips_high, unit, n,
    booking, note, band, band_low, band_high, worlds``
        ``low`` and ``high`` are the 95 % interval of simulation, as in ``measure``; ``chips_low``
        and ``chips_high`` the value with every chip, and MFU, at its low and at its high end.
    """
    place = same_world(losses, world, "ledgers")
    refuse_weighted(losses, "ledgers")
    if courses is None:
        courses = site_courses(losses, losses.booking, world=world)
    elif courses.n_years != losses.n_years or courses.booking != losses.booking:
        raise RiskModelError("ledgers: the courses are not those of these losses (their years or "
                             "booking differ); give site_courses(losses, losses.booking)")
    how = conversion(place, mfu, courses.sites)
    held = [held_mw(losses, lab, courses.sites, world=world) for lab in losses.labs]
    unit = courses.unit_losses()
    frames = []
    for ledger in LEDGERS:
        ends = {}
        for end in _ENDS if ledger != "mw_days" else _ENDS[1:2]:
            factor = how.of(ledger, end)
            lost = np.column_stack([weighted_years(unit, mw * factor) for mw in held])
            size = np.column_stack([mw @ factor for mw in held])
            ends[end] = annual_measures(
                losses, lost, size, UNITS[ledger], capacity_unit=_PER_DAY[ledger], by=by,
                measures=measures, return_periods=return_periods, levels=levels)
        best = ends["best"]
        best.insert(1, "ledger", ledger)
        after = best.columns.get_loc("high")
        for shift, end in enumerate(("low", "high"), 1):
            best.insert(int(after) + shift, f"chips_{end}",  # type: ignore[arg-type]
                        ends.get(end, best)["value"].to_numpy())
        frames.append(best)
    return pd.concat(frames, ignore_index=True)


def _as_mfu(mfu: Band | float | None, world: World) -> Band:
    if mfu is None:
        return model_flops_use(world)
    use = mfu if isinstance(mfu, Band) else Band(*[float(mfu)] * 3)
    if not 0 < use.low <= use.best <= use.high <= 1:
        raise RiskModelError(f"mfu is {mfu}; give a share above 0, at most 1, as a number or a "
                             "Band(low, best, high)")
    return use
