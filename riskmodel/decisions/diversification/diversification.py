"""``diversification``: what the spread of a lab's sites is worth, in four currencies side by side.

The currencies, each with its error: MW of capacity that never fails (EFC), lost capacity avoided
(AAL, TVaR, EUE), money a year, and what stands between: a lab can gain in one and lose in another.
Every comparison is of the same MW under the same disasters, so most of the noise cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.diversification.arrangements import (
    AS_IS,
    CONCENTRATED,
    EVEN_COPIES,
    NAMES,
    UNLINKED,
    Arrangement,
    arrangements,
    largest_site,
)
from riskmodel.decisions.diversification.firm import FirmCapacity, firm_capacity
from riskmodel.decisions.price.file import as_price
from riskmodel.decisions.price.price import Price, money
from riskmodel.engine.losses.courses import Courses, booked_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.confidence import low_confidence_share
from riskmodel.measures.influence import paired_se, reach95, tail_influence
from riskmodel.measures.yeartable import one_of, require_annual
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

#: what is compared with what: (name, base, alternative)
COMPARISONS = (("spread", CONCENTRATED, AS_IS), ("unlinking", AS_IS, UNLINKED),
               ("even copies", AS_IS, EVEN_COPIES))
COLUMNS = ("lab", "comparison", "measure", "level", "value", "se", "low", "high", "unit", "n",
           "note")
PLACED_COLUMNS = ("lab", "arrangement", "measure", "level", "value", "se", "unit", "n")


@dataclass(frozen=True, eq=False)
class Diversification:
    """What spreading is worth to each lab.

    Attributes
    ----------
    table : frame ``lab, comparison, measure, level, value, se, low, high, unit, n, note``.
        ``comparison`` is "spread" (as it is, against everything at the lab's largest site),
        "unlinking" (the same sites with independent fates, against as it is) or "even copies" (even
        over independent copies of the largest site, against as it is). ``measure`` is ``efc`` (MW),
        ``aal_avoided``, ``tvar_avoided``, ``eue_avoided`` (MW-days, positive is better), ``money``
        (a year) and ``money_low_price``, ``money_high_price`` (at the ends of the price's bounds).
        ``low`` and ``high`` are 95 % of sampling; for efc the bracket of ``equivalent_firm_mw``.
        Errors are paired year by year; those of the last two comparisons stand on 20 batches of
        years, within which the fates of sites are mixed.
    placed : frame ``lab, arrangement, measure, level, value, se, unit, n``: AAL, TVaR and EUE of
        each arrangement itself
    labs : frame ``lab, capacity_mw, sites, largest_site, largest_region, largest_share,
        needed_share, low_confidence_share, low_confidence_se``
    """

    table: pd.DataFrame
    placed: pd.DataFrame
    labs: pd.DataFrame
    level: float
    price: Price
    n_years: int
    seed: int | None


def diversification(losses: Losses, labs: Sequence[str] | str | None = None, *,
                    level: float = 0.99, price: Price | float | str | None = None,
                    needed_share: float | None = None, copies: int | None = None,
                    world: World | None = None, workers: int | None = None,
                    courses: tuple[Courses, Courses] | None = None,
                    low_confidence: pd.DataFrame | None = None) -> Diversification:
    """Return what the spread of each lab's sites is worth.

    Parameters
    ----------
    losses : a run; its years are run again once, watching sites
    labs : lab ids; those that hold something, without ``unknown``, if not given
    level : of the TVaR
    price : USD per MW-day, an anchor of ``prices.toml``, or a ``Price``
    needed_share : 0-1, instead of each lab's own
    copies : of the largest site, for "even copies"
    courses : (occurrence, calendar) of ``booked_courses(losses)``, where they are at hand
    low_confidence : what ``low_confidence_share(losses)`` returned, where it is at hand

    Raises
    ------
    RiskModelError : a lab that is not there or holds nothing; too few years for the level
    """
    require_annual(losses, "the value of diversification")
    refuse_weighted(losses, "diversification")
    if not 0 < level < 1 or losses.n_years * (1 - level) < 1:
        raise RiskModelError(f"{losses.n_years} years cannot hold the level {level}; simulate more "
                             "years, or ask for less")
    chosen = _chosen(losses, labs)
    occurrence, calendar = courses or booked_courses(losses, world=world, workers=workers)
    where = world or losses.world
    assert where is not None  # the courses needed it
    worth = as_price(price, world=where)
    rows: list[tuple[object, ...]] = []
    placed: list[tuple[object, ...]] = []
    about: list[dict[str, object]] = []
    for lab in chosen:
        mw = held_mw(losses, lab, occurrence.sites, world=world)
        need = (float(losses.needed_share[losses.labs.index(lab)]) if needed_share is None
                else needed_share)
        found = arrangements(mw, occurrence, calendar, copies=copies)
        for name in NAMES:
            placed += _alone(lab, found[name], need, level, losses)
        for name, base, other in COMPARISONS:
            rows += _compared(lab, name, found[base], found[other], need, level, worth, losses)
        about.append({"lab": lab, **_about(mw, occurrence.sites, where), "needed_share": need})
    return Diversification(
        pd.DataFrame(rows, columns=list(COLUMNS)), pd.DataFrame(placed, columns=PLACED_COLUMNS),
        _with_confidence(pd.DataFrame(about), losses, where, low_confidence), level, worth,
        losses.n_years, losses.seed)


def _chosen(losses: Losses, labs: Sequence[str] | str | None) -> list[str]:
    if labs is None:
        return [lab for lab, mw in zip(losses.labs, losses.capacity_mw, strict=True)
                if mw > 0 and lab != UNKNOWN]
    asked = [labs] if isinstance(labs, str) else list(labs)
    for lab in asked:
        one_of(lab, losses.labs, "lab")
        if not losses.capacity_mw[losses.labs.index(lab)] > 0:
            raise RiskModelError(f"{lab} holds no capacity in this world: there is nothing to "
                                 "spread")
    return asked


def _alone(lab: str, placed: Arrangement, need: float, level: float, losses: Losses
           ) -> list[tuple[object, ...]]:
    n = losses.n_years
    tail, weight = tail_influence(placed.lost, level)
    short = _short(placed, need)

    def row(measure: str, at: float, value: float, weights: Floats, unit: str
            ) -> tuple[object, ...]:
        se = paired_se(weights, np.zeros(n), placed.batch)
        return lab, placed.name, measure, at, value, se, unit, n

    return [row("aal", np.nan, float(placed.own.mean()), placed.own, "MW-days"),
            row("tvar", level, tail, weight, "MW-days"),
            row("eue", np.nan, float(short.mean()), short, "MW-days/yr")]


def _short(placed: Arrangement, need: float) -> Floats:
    course = placed.calendar
    return course.shortfall(course.capacity_mw * (1 - need)).mw_days


def _compared(lab: str, name: str, base: Arrangement, other: Arrangement, need: float,
              level: float, price: Price, losses: Losses) -> list[tuple[object, ...]]:
    n = losses.n_years
    tail, weight = tail_influence(base.lost, level)
    other_tail, other_weight = tail_influence(other.lost, level)
    short, other_short = _short(base, need), _short(other, need)
    d_aal = float(base.own.mean() - other.own.mean())
    d_tvar = tail - other_tail
    batch = base.batch if other.batch is None else other.batch
    firm = firm_capacity(lab, base.calendar, other.calendar, need, losses.horizon_days, batch)
    reach = reach95(batch)
    amount = money(d_aal, d_tvar, price)
    a, b = price.per_aal_mw_day, price.per_tvar_mw_day
    money_se = paired_se(a * base.own + b * weight, a * other.own + b * other_weight, batch)

    def row(measure: str, at: float, value: float, se: float, unit: str) -> tuple[object, ...]:
        return (lab, name, measure, at, value, se, value - reach * se, value + reach * se, unit, n,
                "")

    return [
        _firm_row(lab, name, firm),
        row("aal_avoided", np.nan, d_aal, paired_se(base.own, other.own, batch), "MW-days"),
        row("tvar_avoided", level, d_tvar, paired_se(weight, other_weight, batch), "MW-days"),
        row("eue_avoided", np.nan, float(short.mean() - other_short.mean()),
            paired_se(short, other_short, batch), "MW-days/yr"),
        row("money", level, amount.value, money_se, f"{price.currency}/yr"),
        row("money_low_price", level, amount.low, np.nan, f"{price.currency}/yr"),
        row("money_high_price", level, amount.high, np.nan, f"{price.currency}/yr"),
    ]


def _firm_row(lab: str, name: str, firm: FirmCapacity) -> tuple[object, ...]:
    return (lab, name, "efc", np.nan, firm.value, firm.se, firm.low, firm.high, firm.unit, firm.n,
            firm.note)


def _about(mw: Floats, sites: Sequence[str], world: World) -> dict[str, object]:
    mean = mw.mean(axis=0)
    top = largest_site(mw)
    row = world.sites[world.sites["site_id"] == sites[top]].iloc[0]
    return {"capacity_mw": float(mean.sum()), "sites": int((mean > 0).sum()),
            "largest_site": sites[top],
            "largest_region": str(row["grid_region"] or row["country_iso2"]),
            "largest_share": float(mean[top] / mean.sum())}


def _with_confidence(labs: pd.DataFrame, losses: Losses, world: World,
                     shares: pd.DataFrame | None) -> pd.DataFrame:
    """Add the share of each lab's AAL that rests on records of low confidence."""
    if shares is None:
        shares = low_confidence_share(
            losses if losses.world is not None else replace(losses, world=world))
    labs["low_confidence_share"] = labs["low_confidence_se"] = np.nan
    if shares is not None:
        whole = shares[shares["layer"] == "any"].set_index("lab")
        labs["low_confidence_share"] = labs["lab"].map(whole["value"])
        labs["low_confidence_se"] = labs["lab"].map(whole["se"])
    return labs
