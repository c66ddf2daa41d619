"""Reverse stress over simulated years: which of them do it, and which is the least severe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.reverse.reverse_stress import YEARS, ReverseStress
from riskmodel.decisions.reverse.spells import longest_h
from riskmodel.engine.losses.courses import site_courses
from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import RiskModelError
from riskmodel.measures.estimators import probability_interval
from riskmodel.measures.labcourse import lab_course
from riskmodel.measures.yeartable import TOTAL

if TYPE_CHECKING:
    from riskmodel.world.world import World

UNIT = "years of return period"
CAUSE = ("peril", "region", "event_id", "campaign_id", "cause_share")
MEMBERS = ("member", "year", "does_it", "severity", "unit", "severity_at_least", "lost_mw_days",
           "return_period_yr", "se", "spell_days", *CAUSE)
_ROUNDING = 1e-9


def years_that_do_it(losses: Losses, world: World, lab: str, share: float, days: float
                     ) -> ReverseStress:
    """Run the years again, watch the lab's sites, and keep the years with such a spell."""
    refuse_weighted(losses, "reverse_stress")
    courses = site_courses(losses, losses.booking, world=world)
    mw = held_mw(losses, None if lab == TOTAL else lab, courses.sites, world=world)
    course = lab_course(courses, mw)
    if not (course.capacity_mw > 0).any():
        raise RiskModelError(f"lab {lab!r} has no capacity in these losses, so no share of it can "
                             "be lost; take another lab")
    n = losses.n_years
    capacity = course.capacity_mw[np.arange(n) % len(course.capacity_mw)]
    level = np.where(capacity > 0, share * capacity, np.inf)
    spell_h = longest_h(course, level)
    years = np.flatnonzero(spell_h >= days * HOURS_PER_DAY * (1 - _ROUNDING))
    lost = course.lost_mw_days()
    rank = n - np.searchsorted(np.sort(lost), lost[years] * (1 - _ROUNDING), side="left")
    chance = rank / n
    mine = losses.causes if lab == TOTAL else losses.causes[losses.causes["lab"] == lab]
    mine = mine[mine["year"].isin(years)]
    causes = [_cause(mine[mine["year"] == year], losses.events) for year in years]
    members = pd.DataFrame({
        "member": [f"year {year}" for year in years], "year": years, "does_it": True,
        "severity": 1.0 / chance, "unit": UNIT, "severity_at_least": 1.0 / chance,
        "lost_mw_days": lost[years], "return_period_yr": 1.0 / chance,
        "se": np.sqrt((1.0 - chance) / (n * chance)) / chance,
        "spell_days": spell_h[years] / HOURS_PER_DAY,
        **{name: [cause[name] for cause in causes] for name in CAUSE}})
    members = members.sort_values(["lost_mw_days", "year"], ignore_index=True)[list(MEMBERS)]
    seen = len(years)
    low, high = probability_interval(seen, n)
    return ReverseStress(
        lab, share, days, float(capacity.mean()), f"{n:,} simulated years", YEARS, members,
        pd.DataFrame(), chance={"value": seen / n, "se": float(np.sqrt(seen / n * (1 - seen / n)
                                                                       / n)),
                                "low": float(low), "high": float(high), "n": n})


def _cause(rows: pd.DataFrame, events: pd.DataFrame) -> dict[str, Any]:
    """Return the campaign, or the event where it is of none, behind most of one year's loss."""
    if rows.empty:
        return {"peril": "", "region": "", "event_id": "", "campaign_id": "", "cause_share": np.nan}
    told = events.loc[rows["event"], ["peril", "region", "event_id", "campaign_id"]].astype(str)
    told["lost"] = rows["lost_mw_days"].to_numpy()
    told["cause"] = [campaign or f"event {event}" for campaign, event in
                     zip(told["campaign_id"], rows["event"], strict=True)]
    sums = told.groupby("cause", sort=True)["lost"].sum()
    first = told[told["cause"] == sums.idxmax()].iloc[0]
    return {"peril": first["peril"], "region": first["region"],
            "campaign_id": first["campaign_id"],
            "event_id": "" if first["campaign_id"] else first["event_id"],
            "cause_share": float(sums.max() / sums.sum())}
