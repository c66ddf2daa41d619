"""``exposure``: IT power by lab, place, cloud, chip or confidence, and how sure its size is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near
from riskmodel.world.exposure import UNKNOWN, counting, effective_holdings
from riskmodel.world.site_groups import DIMENSIONS, site_groups

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: what is said of a record, beside the dimensions of ``site_groups``
CONFIDENCES = ("site_confidence", "holding_confidence")
#: confidence of capacity that no holding names a holder for
NOBODY_NAMED = "nobody named"
_SUMS = ["it_mw", "it_mw_low", "it_mw_high"]


def exposure(world: World, by: str | Sequence[str] = "lab") -> pd.DataFrame:
    """Return IT power at the world's date, summed by what it is asked by.

    Parameters
    ----------
    by : one or several of ``lab``, the dimensions of ``riskmodel.world.site_groups`` (``country``,
        ``grid_region``, ``interconnection``, ``cloud``, ``chip`` ...), ``site_confidence`` (of the
        record of the site and its MW) and ``holding_confidence`` (of the record that says who holds
        it; ``nobody named`` where none does).

    Returns
    -------
    frame of the columns asked by, then ``it_mw, it_mw_low, it_mw_high`` (MW), ``share`` (of the
    whole world's ``it_mw``) and ``sites``, most MW first
        ``it_mw`` adds up to the world's whatever it is asked by. The bounds are those of the sites'
        records added up, all low or all high at once; a site without bounds adds its ``it_mw``. A
        site in several groups of one dimension is split evenly between them and counts once in
        each.

    Raises
    ------
    RiskModelError : there is no such thing to ask by
    """
    wanted = [by] if isinstance(by, str) else list(by)
    known = ["lab", *DIMENSIONS, *CONFIDENCES]
    for name in wanted:
        if name not in known:
            raise RiskModelError(f"exposure: there is nothing called {name!r} to ask by"
                                 f"{near(str(name), known)}; there are {', '.join(known)}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise RiskModelError("exposure: give one thing to ask by at least, and each once")
    sites = world.sites.drop_duplicates("site_id")
    rows = effective_holdings(world).merge(
        sites[["site_id", "confidence", *_SUMS]].rename(columns={"confidence": CONFIDENCES[0]}),
        on="site_id")
    for name in ("it_mw_low", "it_mw_high"):
        rows[name] = rows[name].fillna(rows["it_mw"])
    rows = rows[rows["it_mw"] > 0].rename(columns={"lab_id": "lab"})
    rows["holding_confidence"] = _of_holding(world, rows)
    for dimension in [name for name in wanted if name in DIMENSIONS]:
        groups = site_groups(world, dimension)[["site_id", "name", "share"]]
        groups = groups.rename(columns={"name": dimension, "share": "of_group"})
        rows = rows.merge(groups, on="site_id")
        rows["share"] *= rows.pop("of_group")
    rows[_SUMS] = rows[_SUMS].mul(rows["share"], axis=0)
    found = rows.groupby(wanted, sort=True).agg(
        **{name: (name, "sum") for name in _SUMS}, sites=("site_id", "nunique")).reset_index()
    whole = float(found["it_mw"].sum())
    found.insert(len(wanted) + len(_SUMS), "share", found["it_mw"] / whole if whole else 0.0)
    return found.sort_values(["it_mw", *wanted], ascending=[False, *[True] * len(wanted)],
                             ignore_index=True)


def _of_holding(world: World, rows: pd.DataFrame) -> list[str]:
    """Return the confidence of the record behind each (lab, site)."""
    held = world.holdings[counting(world.holdings)]
    told = dict(zip(zip(held["lab_id"], held["site_id"], strict=True),
                    held["confidence"].astype(str), strict=True))
    return [told.get(pair, NOBODY_NAMED if pair[0] == UNKNOWN else "")
            for pair in zip(rows["lab"], rows["site_id"], strict=True)]
