"""Checks of what is held and of how much power there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import Problem
from riskmodel.world.exposure import COUNTS_ABOVE, ROUNDING, counting
from riskmodel.world.findings import number, problem, readable

if TYPE_CHECKING:
    from riskmodel.world.world import World

_BANDS = (("sites", "facility_mw"), ("sites", "it_mw"), ("deals", "capacity_gw"))


def shares_above_one(world: World) -> Iterator[Problem]:
    """Find sites of which more than the whole is held.

    Only holdings that count are added up: attributions of one half or less are alternatives. What
    all of them are worth in expectation can still be too much, which is only worth a warning.
    """
    holdings = world.holdings
    if not len(holdings) or not readable(world, "holdings", "site_id", "share"):
        return
    counts = counting(holdings)
    held = holdings[counts].groupby("site_id", sort=False)["share"].sum()
    over = held[held > 1.0 + ROUNDING]
    for site, total in over.items():
        rows = counts & (holdings["site_id"] == site)
        if (holdings.loc[rows, "share"] > 1.0).all():
            continue  # the check of bounds says it better
        parts = " + ".join(f"{lab} {number(share)}" for lab, share in
                           zip(holdings.loc[rows, "lab_id"], holdings.loc[rows, "share"],
                               strict=True))
        yield problem(world, "shares_above_one", "raise", "holdings", rows,
                      f"the shares of '{site}' add up to {number(total)}: {parts}",
                      "lower them to 1 together; where they are alternatives, say so with a "
                      f"probability of {COUNTS_ABOVE} or less")
    worth = (holdings["share"] * holdings["probability"]).groupby(holdings["site_id"],
                                                                  sort=False).sum()
    for site, total in worth[worth > 1.0 + ROUNDING].items():
        if site not in over.index:
            yield problem(world, "expected_share_above_one", "warn", "holdings",
                          holdings["site_id"] == site,
                          f"share x probability of '{site}' adds up to {number(total)}: not all "
                          "of it can be as probable as stated",
                          "lower probabilities until the sum is 1 or less")


def it_above_facility(world: World) -> Iterator[Problem]:
    """Find IT power above the facility power it is a part of."""
    for name, key in (("sites", "site_id"), ("sites_timeline", "site_id")):
        frame = getattr(world, name)
        over = (frame["it_mw"] > frame["facility_mw"] * (1 + 1e-9)).to_numpy(dtype=bool)
        if over.any():
            i = int(np.flatnonzero(over)[0])
            yield problem(world, "it_above_facility", "raise", name, over,
                          f"'{frame[key].iat[i]}' has {number(frame['it_mw'].iat[i])} MW of IT in "
                          f"a facility of {number(frame['facility_mw'].iat[i])} MW"
                          + (f" (and {int(over.sum()) - 1} more)" if over.sum() > 1 else ""),
                          "facility power holds IT and cooling: were the two exchanged, or is "
                          "it_mw facility power (divide it by the PUE)?")


def bands(world: World) -> Iterator[Problem]:
    """Find low, best and high values out of order."""
    for name, best in _BANDS:
        frame = getattr(world, name)
        low, high = frame[f"{best}_low"], frame[f"{best}_high"]
        slack = 1 + 1e-9
        bad = ((low > frame[best] * slack) | (frame[best] > high * slack)
               | (low > high * slack)).to_numpy(dtype=bool)
        if bad.any():
            yield problem(world, "bands", "warn", name, bad,
                          f"{best}_low, {best} and {best}_high are not in rising order",
                          "exchange or correct them; leave unknown ones empty")
