"""How much of a lab rests on one operator, country, grid, cloud, chip, foundry or theatre.

A share is a part of the lab's capacity at the world's date. ``hhi``, the sum of squared shares, is
the chance that two MW picked at random share the group; its inverse is how many equal groups would
be as concentrated. Capacity that belongs to no group of the kind (nothing outside of the theatres
is in one) shares it with nothing and adds nothing to the sum. None of these measures knows how
often a group fails, or that one hangs on another: see :mod:`riskmodel.decisions.independent_bets`.

What the record does not say is not guessed. Its capacity counts as one more group, ``unknown``, and
the bounds tell how far the answer could lie: ``low`` and ``high`` of the HHI hold whatever the
truth, from all of the unknown spread without end to all of it in the largest group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.measures.concentration import exp_entropy
from riskmodel.measures.yeartable import TOTAL, one_of
from riskmodel.world.exposure import UNKNOWN, effective_holdings
from riskmodel.world.site_groups import DIMENSIONS, site_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmodel.world.world import World

MEASURES = ("hhi", "effective_number", "exp_entropy", "largest_share")
COLUMNS = ("lab", "dimension", "measure", "value", "low", "high", "unit", "largest", "n",
           "known_share", "split_share", "unknown_share", "none_share", "it_mw")
_UNITS = {"hhi": "1", "effective_number": "groups", "exp_entropy": "groups", "largest_share": "1"}


def concentration(world: World, by: str | Sequence[str] | None = None,
                  lab: str | None = None) -> pd.DataFrame:
    """Return how concentrated each lab's capacity is, by what its sites have in common.

    Parameters
    ----------
    by : one dimension or several of ``riskmodel.world.site_groups.DIMENSIONS`` (operator, country,
        grid_region, chip ...); all of them if not given.
    lab : a lab_id, or ``total``; every lab with capacity, and the total, if not given.

    Returns
    -------
    frame ``lab, dimension, measure, value, low, high, unit, largest, n, known_share, split_share,
    unknown_share, none_share, it_mw``
        ``measure`` is ``hhi``, ``effective_number`` (1 / HHI; infinite where nothing belongs to any
        group), ``exp_entropy`` (NaN where some capacity belongs to no group, or where a bound does
        not exist) or ``largest_share``. ``largest`` names the largest known group, sites by their
        region, and ``n`` counts the groups. ``low`` and ``high`` hold for every way to resolve the
        shares that are unknown, or split among groups whose parts no record tells (the value
        splits them evenly).

    Raises
    ------
    RiskModelError : there is no such dimension or lab, or the lab has no capacity.
    """
    wanted = list(DIMENSIONS) if by is None else [by] if isinstance(by, str) else list(by)
    held = mw_by_site(world, lab)
    rows = []
    for dimension in wanted:
        groups = site_groups(world, dimension)
        for name, mw in held.items():
            rows += _rows(name, dimension, groups, mw)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def mw_by_site(world: World, lab: str | None = None) -> dict[str, pd.Series]:
    """Return MW by site of one lab, or of each lab with capacity and of ``total``, largest first.

    Raises
    ------
    RiskModelError : there is no such lab, or it has no capacity at the world's date.
    """
    held = effective_holdings(world)
    site_mw = world.sites.drop_duplicates("site_id").set_index("site_id")["it_mw"]
    mw = held["share"] * held["site_id"].map(site_mw).fillna(0.0)
    by_lab = {str(name): pd.Series(part.to_numpy(), index=held.loc[part.index, "site_id"])
              for name, part in mw[mw > 0].groupby(held["lab_id"], sort=False)}
    everything = site_mw[site_mw > 0]
    if lab is not None:
        one_of(lab, [TOTAL, *world.labs["lab_id"], UNKNOWN], "lab")
        found = everything if lab == TOTAL else by_lab.get(lab, pd.Series(dtype=float))
        if not len(found):
            raise RiskModelError(f"{lab!r} holds no capacity in this world at {world.as_of}; "
                                 "choose another lab, or a later as_of")
        return {lab: found}
    if not len(everything):
        raise RiskModelError(f"nothing runs in this world at {world.as_of}; choose a later as_of")
    order = sorted(by_lab, key=lambda name: (name == UNKNOWN, -by_lab[name].sum(), name))
    return {TOTAL: everything, **{name: by_lab[name] for name in order}}


def _rows(lab: str, dimension: str, groups: pd.DataFrame,
          mw: pd.Series) -> list[Mapping[str, object]]:
    part = groups["share"] * groups["site_id"].map(mw).fillna(0.0)
    total = float(mw.sum())
    of = {word: float(part[groups["certainty"] == word].sum()) / total
          for word in ("known", "split", "unknown", "none")}
    belongs = (part > 0) & groups["certainty"].isin(["known", "split"])
    share = (part[belongs] / total).groupby(groups.loc[belongs, "name"]).sum()
    sure = belongs & (groups["certainty"] == "known")
    pinned = (part[sure] / total).groupby(groups.loc[sure, "name"]).sum()
    counted = np.append(share.to_numpy(), of["unknown"])
    counted = counted[counted > 0]
    hhi, low, high = float((counted**2).sum()), *_hhi_bounds(pinned, of["split"] + of["unknown"])
    top = float(pinned.max()) if len(pinned) else 0.0
    entropy = exp_entropy(counted) if not of["none"] > 0 else np.nan
    sharp = of["known"] == 1.0 or not of["split"] + of["unknown"] > 0
    values = {
        "hhi": (hhi, low, high),
        "effective_number": (_inverse(hhi), _inverse(high), _inverse(low)),
        "exp_entropy": (entropy, *((entropy, entropy) if sharp else (np.nan, np.nan))),
        "largest_share": (float(share.max()) if len(share) else 0.0, top,
                          min(1.0, top + of["split"] + of["unknown"]))}
    # of equal ones the first by name: rounding of sums does not choose
    ranked = sorted(share.index, key=lambda name: (-round(float(share[name]), 9), str(name)))
    about = {"largest": str(ranked[0]) if ranked else "",
             "n": len(share), **{f"{word}_share": value for word, value in of.items()},
             "it_mw": total}
    return [{"lab": lab, "dimension": dimension, "measure": measure, "value": value, "low": least,
             "high": most, "unit": _UNITS[measure], **about}
            for measure, (value, least, most) in values.items()]


def _hhi_bounds(pinned: pd.Series, loose: float) -> tuple[float, float]:
    """Return the least and the greatest HHI: ``loose`` spread without end, or all in one group.

    The sum of squares is convex, so where the loose share lies in whole it is greatest, and most
    of all on top of the largest.
    """
    shares = np.sort(pinned.to_numpy(dtype=float))
    low = float((shares**2).sum())
    top = shares[-1] if len(shares) else 0.0
    return low, low + 2.0 * top * loose + loose**2


def _inverse(value: float) -> float:
    return 1.0 / value if value > 0 else np.inf
