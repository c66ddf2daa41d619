"""How much of a lab rests on one operator, country, grid, cloud, chip, foundry or theatre.

A share is a part of the lab's capacity at the world's date. ``hhi``, the sum of squared shares, is
the chance that two MW picked at random share the group; its inverse is how many equal groups would
be as concentrated. Capacity that belongs to no group of the kind (nothing outside of the theatres
is in one) shares it with nothing and adds nothing to the sum. None of these measures knows how
often a group fails, or that one hangs on another: see
:mod:`riskmodel.decisions.concentration.independent_bets`.

What the record does not say is not guessed. Its capacity counts as one more group, ``unknown``, and
the bounds tell how far the answer could lie: ``low`` and ``high`` of the HHI hold whatever the
truth, from all of the unknown spread without end to all of it in the largest group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

MEASURES = ("hhi", "effective_number", "exp_entropy", "largest_share")
COLUMNS = ("lab", "dimension", "measure", "value", "low", "high", "unit", "largest", "n",
           "known_share", "split_share", "unknown_share", "none_share", "it_mw")
_UNITS = {"hhi": "1", "effective_number": "groups", "exp_entropy": "groups", "largest_share": "1"}


def concentration(world: World, by: str | Sequence[str] | None = None,
                  lab: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Return how concentrated each lab's capacity is, by what its sites have in common.

    Parameters
    ----------
    by : one dimension or several of ``riskmodel.world.site_groups.DIMENSIONS`` (operator, country,
        grid_region, chip ...); all of them if not given.
    lab : one or several of lab_id and ``total``; every lab with capacity, and the total, if not
        given.

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
    sites = pd.Index(world.sites["site_id"].drop_duplicates())
    held = {name: mw.groupby(level=0).sum().reindex(sites).fillna(0.0).to_numpy()
            for name, mw in mw_by_site(world, lab).items()}
    rows = []
    for dimension in wanted:
        groups = _Groups.read(world, dimension, sites)
        for name, mw in held.items():
            rows += _rows(name, dimension, groups, mw)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def mw_by_site(world: World, lab: str | Sequence[str] | None = None) -> dict[str, pd.Series]:
    """Return MW by site of some labs, or of each lab with capacity and of ``total``, largest first.

    Raises
    ------
    RiskModelError : there is no such lab, or it has no capacity at the world's date.
    """
    held = effective_holdings(world)
    site_mw = world.sites.drop_duplicates("site_id").set_index("site_id")["it_mw"]
    mw = held["share"] * held["site_id"].map(site_mw).fillna(0.0)
    by_lab = {str(name): pd.Series(part.to_numpy(), index=held.loc[part.index, "site_id"])
              for name, part in mw[mw > 0].groupby(held["lab_id"], sort=False)}
    by_lab[TOTAL] = site_mw[site_mw > 0]
    if lab is not None:
        wanted = [lab] if isinstance(lab, str) else list(lab)
        for name in wanted:
            one_of(name, [TOTAL, *world.labs["lab_id"], UNKNOWN], "lab")
            if not len(by_lab.get(name, [])):
                raise RiskModelError(f"{name!r} holds no capacity in this world at {world.as_of}; "
                                     "choose another lab, or a later as_of")
        return {name: by_lab[name] for name in wanted}
    if not len(by_lab[TOTAL]):
        raise RiskModelError(f"nothing runs in this world at {world.as_of}; choose a later as_of")
    order = sorted(by_lab, key=lambda name: (name != TOTAL, name == UNKNOWN, -by_lab[name].sum(),
                                             name))
    return {name: by_lab[name] for name in order}


@dataclass(frozen=True, eq=False)
class _Groups:
    """The groups of one dimension as arrays: a row for each site and group."""

    site: NDArray[np.int64]  # position among the world's sites
    share: Floats
    group: NDArray[np.int64]  # position among ``names``; -1 where there is none or it is not known
    names: NDArray[np.object_]  # sorted: the first of equals is the first by name
    of: dict[str, NDArray[np.bool_]]  # certainty -> its rows

    @classmethod
    def read(cls, world: World, dimension: str, sites: pd.Index) -> _Groups:
        frame = site_groups(world, dimension)
        found = frame["certainty"].isin(["known", "split"]).to_numpy()
        names = np.array(sorted(set(frame["name"][found])), dtype=object)
        group = np.full(len(frame), -1)
        group[found] = pd.Index(names).get_indexer(pd.Index(frame["name"][found]))
        return cls(sites.get_indexer(pd.Index(frame["site_id"])), frame["share"].to_numpy(), group,
                   names, {word: (frame["certainty"] == word).to_numpy()
                           for word in ("known", "split", "unknown", "none")})

    def summed(self, part: Floats, rows: NDArray[np.bool_]) -> Floats:
        """Return the sum of ``part`` by group over some rows, shape (names,)."""
        return np.bincount(self.group[rows], weights=part[rows],
                           minlength=len(self.names)).astype(float)


def _rows(lab: str, dimension: str, groups: _Groups, mw: Floats) -> list[Mapping[str, object]]:
    total = float(mw.sum())
    part = groups.share * mw[groups.site] / total
    of = {word: float(part[rows].sum()) for word, rows in groups.of.items()}
    loose = of["split"] + of["unknown"]
    share = groups.summed(part, groups.group >= 0)
    pinned = groups.summed(part, groups.of["known"])
    counted = np.append(share[share > 0], of["unknown"] if of["unknown"] > 0 else [])
    hhi, low, high = float((counted**2).sum()), *_hhi_bounds(pinned, loose)
    top = float(pinned.max(initial=0.0))
    entropy = exp_entropy(counted) if not of["none"] > 0 else np.nan
    values = {
        "hhi": (hhi, low, high),
        "effective_number": (_inverse(hhi), _inverse(high), _inverse(low)),
        "exp_entropy": (entropy, *((np.nan, np.nan) if loose > 0 else (entropy, entropy))),
        "largest_share": (float(share.max(initial=0.0)), top, min(1.0, top + loose))}
    # rounding of sums does not choose between equal ones
    largest = str(groups.names[np.argmax(np.round(share, 9))]) if share.any() else ""
    about = {"largest": largest, "n": int((share > 0).sum()),
             **{f"{word}_share": value for word, value in of.items()}, "it_mw": total}
    return [{"lab": lab, "dimension": dimension, "measure": measure, "value": value, "low": least,
             "high": most, "unit": _UNITS[measure], **about}
            for measure, (value, least, most) in values.items()]


def _hhi_bounds(pinned: Floats, loose: float) -> tuple[float, float]:
    """Return the least and the greatest HHI: ``loose`` spread without end, or all in one group.

    The sum of squares is convex, so it is greatest where the loose share lies in whole, and most
    of all on top of the largest.
    """
    low = float((pinned**2).sum())
    return low, low + 2.0 * float(pinned.max(initial=0.0)) * loose + loose**2


def _inverse(value: float) -> float:
    return 1.0 / value if value > 0 else np.inf
