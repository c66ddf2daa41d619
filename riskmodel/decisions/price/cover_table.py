"""``cover``: what a cover on lost capacity would pay, what it leaves, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.price.cover import Cover, Recovered, recoveries
from riskmodel.decisions.price.file import as_price
from riskmodel.decisions.price.price import Price, money
from riskmodel.engine.losses.courses import Courses, site_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures.influence import paired_se, tail_influence
from riskmodel.measures.yeartable import TOTAL, one_of, require_annual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

COLUMNS = ("lab", "measure", "level", "value", "se", "low", "high", "unit", "n")


def cover(losses: Losses, lab: str | None = None, *, waiting_h: float = 0.0,
          indemnity_days: float | None = None, deductible_mw_days: float = 0.0,
          limit_mw_days: float | None = None, annual_limit_mw_days: float | None = None,
          limit_money: float | None = None, annual_limit_money: float | None = None,
          price: Price | float | str | None = None, level: float = 0.99,
          courses: Courses | None = None, world: World | None = None) -> pd.DataFrame:
    """Return what a cover on a lab's lost MW-days would pay, and what it leaves to the lab.

    Parameters
    ----------
    lab : a lab, or ``total``; every lab with capacity, and the total, if not given.
    waiting_h, indemnity_days : nothing is paid for the first hours of a spell, nor for what is lost
        later than so many days after them; no end if not given.
    deductible_mw_days, limit_mw_days : of one spell of one site.
    annual_limit_mw_days : of all payments of one year.
    limit_money, annual_limit_money : the same in money, turned into MW-days by the price.
    price : of a lost MW-day: a ``Price``, a number, the name of an anchor, or None for the world's
        default. See ``read_price``.
    level : of the TVaR.
    courses : of all sites, occurrence booking, where they are there already (for many terms in a
        row); else the years of ``losses`` are run again.
    world : the world of the losses, where they were read from a folder.

    Returns
    -------
    frame ``lab, measure, level, value, se, low, high, unit, n``
        ``aal``, ``recovery`` (the pure premium) and ``aal_net`` in MW-days a year;
        ``recovered_share`` of the AAL; ``tvar``, ``tvar_net`` (of the year losses less what is
        paid) and ``tvar_avoided``, its error paired year by year; ``p_claim`` and ``p_limit`` (some
        limit reached), the chance in a year, and ``claims`` a year; in money a year ``premium``
        (the recovery at the price) and ``worth`` (that and the capital the cover sets free, see
        ``riskmodel.decisions.price.price``), whose ``low`` and ``high`` are the price's bounds. Of
        probabilities they are the exact 95 % interval, of the others NaN.

    Raises
    ------
    RiskModelError : terms that cannot be, no such lab, or the losses are no years.
    """
    require_annual(losses, "cover")
    refuse_weighted(losses, "cover")
    names = [TOTAL, *losses.labs]
    wanted = ([one_of(lab, names, "lab")] if lab is not None else
              [TOTAL, *(name for name, mw in zip(losses.labs, losses.capacity_mw, strict=True)
                        if mw > 0)])
    priced = as_price(price, world=world if world is not None else losses.world)
    terms = Cover(
        waiting_h, _or_none(indemnity_days), deductible_mw_days,
        _limit(limit_mw_days, limit_money, priced, "limit"),
        _limit(annual_limit_mw_days, annual_limit_money, priced, "annual_limit"))
    if courses is None:
        courses = site_courses(losses, world=world)
    if courses.n_years != losses.n_years:
        raise RiskModelError(f"cover: courses of {courses.n_years} years for losses of "
                             f"{losses.n_years}; give site_courses(losses), or none")
    rows: list[dict[str, Any]] = []
    for name in wanted:
        mw = held_mw(losses, None if name == TOTAL else name, courses.sites, world=world)
        rows += [{"lab": name, "n": losses.n_years, **row}
                 for row in _rows(recoveries(courses, mw, terms), level, priced,
                                   losses.worlds)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _or_none(value: float | None) -> float:
    return np.inf if value is None else value


def _limit(mw_days: float | None, in_money: float | None, price: Price, what: str) -> float:
    if mw_days is not None and in_money is not None:
        raise RiskModelError(f"cover: {what}_mw_days and {what}_money say the same thing twice; "
                             "give one of them")
    if in_money is not None and not price.per_mw_day > 0:
        raise RiskModelError(f"cover: {what}_money needs a price above 0 to become MW-days")
    return _or_none(mw_days) if in_money is None else in_money / price.per_mw_day


def _rows(found: Recovered, level: float, price: Price, worlds: int) -> list[dict[str, Any]]:
    batch = np.arange(len(found.lost_mw_days)) % worlds if worlds > 1 else None

    def se(values: Floats) -> float:
        # where nothing was seen there is no error: that is no certainty
        return paired_se(values, np.zeros_like(values), batch) if values.any() else np.nan

    gross, paid = found.lost_mw_days, found.paid_mw_days
    net = np.maximum(gross - paid, 0.0)  # rounding must not leave a loss below nothing
    aal, recovery = float(gross.mean()), float(paid.mean())
    ratio = recovery / aal if aal > 0 else np.nan
    (before, of_before), (after, of_after) = (tail_influence(each, level) for each in (gross, net))
    avoided = of_before - of_after
    premium, worth = money(recovery, 0.0, price), money(recovery, before - after, price)
    in_money = f"{price.currency}/yr"
    return [
        _row("aal", aal, se(gross), "MW-days"), _row("recovery", recovery, se(paid), "MW-days"),
        _row("recovered_share", ratio, se((paid - ratio * gross) / aal) if aal > 0 else np.nan,
             "1"),
        _row("aal_net", float(net.mean()), se(net), "MW-days"),
        _row("tvar", before, se(of_before), "MW-days", level),
        _row("tvar_net", after, se(of_after), "MW-days", level),
        _row("tvar_avoided", before - after, se(avoided), "MW-days", level),
        _chance("p_claim", found.claims > 0),
        _chance("p_limit", found.spell_limit | found.annual_limit),
        _row("claims", float(found.claims.mean()), se(found.claims.astype(float)), "1/yr"),
        _row("premium", premium.value, price.per_aal_mw_day * se(paid), in_money)
        | {"low": premium.low, "high": premium.high},
        _row("worth", worth.value,
             se(price.per_aal_mw_day * paid + price.per_tvar_mw_day * avoided), in_money)
        | {"low": worth.low, "high": worth.high}]


def _row(measure: str, value: float, se: float, unit: str,
         level: float = np.nan) -> dict[str, Any]:
    return {"measure": measure, "level": level, "value": value, "se": se, "low": np.nan,
            "high": np.nan, "unit": unit}


def _chance(measure: str, years: NDArray[np.bool_]) -> dict[str, Any]:
    value, se, low, high = est.loss_probability(years.astype(float), len(years))
    return _row(measure, value, se, "1") | {"low": low, "high": high}
