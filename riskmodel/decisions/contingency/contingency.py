"""``contingency``: what one failure takes from each lab, and what two take together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.decisions.contingency.pair_bounds import SAME, PairBounds, mixing
from riskmodel.decisions.contingency.pair_search import worst_pairs
from riskmodel.engine.plan.reach import reach
from riskmodel.engine.stories.outage_sets import OutageSets, outage_sets
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: a month: longer than every reserve that is known, so that a grid's loss is a site's
HOURS = 720.0
THRESHOLD = 0.2
COLUMNS = ("lab", "order", "node_a", "kind_a", "node_b", "kind_b", "lost_mw", "lost_share",
           "behind_share", "alone_a", "alone_b", "extra_share", "beyond_sum_share", "minimal",
           "hours", "se")


def contingency(world: World, lab: str | Sequence[str] | None = None, order: int = 1, *,
                threshold: float = THRESHOLD, hours: float = HOURS,
                kinds: Sequence[str] | None = None, top: int | None = None,
                minimal: bool = False) -> pd.DataFrame:
    """Return which single failures, or pairs of them, take at least a share of a lab at once.

    Every node is taken wholly out for ``hours`` and the cascade is worked out by the engine:
    shares, redundancy and reserves count as in a simulated year. What is reported is the most that
    is missing at any moment of the outage (reserves that last longer than the outage keep a site
    up). Nothing is drawn, so the numbers have no sampling error: ``se`` is NaN.

    Pairs are found by bounds, not by trying all (``riskmodel.decisions.contingency.pair_search``),
    and are the same that trying all would give. A pair in which one node alone takes as much is
    left out: order 1 has it.

    Parameters
    ----------
    lab : one lab, several, "total" for all capacity together; None takes every lab with capacity
    order : 1 or 2 failures at once
    threshold : least share of the lab's capacity, 0 to 1
    kinds : only nodes of these kinds ("grid", "cloud", "country", "operator", ..., "site"); all if
        None
    top : only so many of the worst of each lab
    minimal : order 2: only pairs of which neither alone reaches the threshold

    Returns
    -------
    frame, a row a lab and contingency, each lab's worst first: ``lab, order, node_a, kind_a,
    node_b, kind_b`` (empty for order 1), ``lost_mw, lost_share`` (of the lab's IT capacity),
    ``behind_share`` (capacity at sites that need any of the nodes at all, however little),
    ``alone_a, alone_b`` (the share each takes alone), ``extra_share`` (beyond the larger of the
    two), ``beyond_sum_share`` (beyond their sum: above 0 where one stood in for the other),
    ``minimal`` (no node of it alone reaches the threshold; always true for order 1),
    ``hours, se``. ``attrs["search"]`` says for each lab how many pairs there are, how many were
    bounded and how many went through the engine.

    Raises
    ------
    RiskModelError : no such lab or kind, or a number out of its bounds
    """
    check_numbers(order, threshold, hours, top)
    world.check()
    model = model_of(world, hours, kinds)
    parts = []
    search = {}
    for name in labs_of(model, lab):
        if order == 1:
            parts.append(singles(model, name, threshold, top))
        else:
            part, counts = pairs(model, name, threshold, top, minimal)
            parts.append(part)
            search[name] = counts
    filled = [part for part in parts if len(part)]
    frame = pd.concat(filled, ignore_index=True) if filled else _frame({})
    if order == 2:
        frame.attrs["search"] = search
    return frame


@dataclass(frozen=True, eq=False)
class Model:
    """A world ready for contingencies: what each node takes alone, at every site.

    ``nodes`` are positions in ``names`` (the plan's order) of the nodes of the kinds asked for;
    ``alone``, ``free`` (without reserves) and ``behind`` have shape (nodes, sites); ``held_mw`` is
    each lab's MW by site.
    """

    sets: OutageSets
    hours: float
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    nodes: Ints
    alone: Floats
    free: Floats
    behind: NDArray[np.bool_]
    held_mw: dict[str, Floats]


def model_of(world: World, hours: float = HOURS, kinds: Sequence[str] | None = None) -> Model:
    """Compile a world and take out every node once."""
    sets = outage_sets(world)
    kind_of = dict(zip(world.all_nodes["node_id"], world.all_nodes["kind"], strict=True))
    there = tuple(str(kind_of.get(node, "")) for node in sets.plan.nodes)
    for kind in kinds or ():
        if kind not in there:
            raise RiskModelError(f"contingency: no node of this world is of kind {kind!r}"
                                 f"{near(str(kind), set(there))}; kinds are "
                                 f"{', '.join(sorted(set(there)))}")
    nodes = np.array([i for i, kind in enumerate(there) if kinds is None or kind in kinds],
                     np.int64)
    alone = sets.lost_share(nodes[:, None], hours).toarray()
    free = sets.without_reserves().lost_share(nodes[:, None], hours).toarray()
    behind = reach(sets.plan, [sets.plan.node_index[site] for site in sets.sites])[nodes]
    held = world.effective_holdings()
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    column = {site: i for i, site in enumerate(sets.sites)}
    held_mw = {str(lab): np.zeros(len(sets.sites)) for lab in world.labs["lab_id"]}
    for lab, site, share in held.itertuples(index=False):
        held_mw[lab][column[site]] += share * mw[site]
    return Model(sets, hours, sets.plan.nodes, there, nodes, alone, free, behind, held_mw)


def labs_of(model: Model, lab: str | Sequence[str] | None) -> list[str]:
    """Return the labs asked for; every one with capacity if none is."""
    if lab is None:
        return [name for name, mw in model.held_mw.items() if mw.sum() > 0]
    asked = [lab] if isinstance(lab, str) else list(lab)
    for name in asked:
        if name not in model.held_mw and name != TOTAL:
            raise RiskModelError(f"contingency: there is no lab {name!r} in this world"
                                 f"{near(str(name), model.held_mw)}")
    return asked


def mw_of(model: Model, lab: str) -> Floats:
    """Return a lab's MW by site; of all labs for "total"."""
    if lab == TOTAL:
        return np.sum(list(model.held_mw.values()), axis=0)
    return model.held_mw[lab]


def singles(model: Model, lab: str, threshold: float, top: int | None) -> pd.DataFrame:
    """Return the single failures that take at least ``threshold`` of a lab, and something."""
    mw = mw_of(model, lab)
    lost = model.alone @ mw
    bar = max(threshold, SAME) * mw.sum()
    found = np.flatnonzero((lost > 0) & (lost >= bar * (1 - SAME)))
    rows = found[_worst_first(lost[found], mw.sum(), model.nodes[found], model)][:top]
    return _frame({
        "lab": lab, "order": 1, **_named(model, model.nodes[rows], "a"), "node_b": "",
        "kind_b": "", "lost_mw": lost[rows], "lost_share": lost[rows] / mw.sum(),
        "behind_share": model.behind[rows] @ mw / mw.sum(),
        "alone_a": lost[rows] / mw.sum(), "alone_b": np.nan, "extra_share": np.nan,
        "beyond_sum_share": np.nan, "minimal": True, "hours": model.hours, "se": np.nan})


def pairs(model: Model, lab: str, threshold: float, top: int | None, minimal: bool
          ) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the pairs that take at least ``threshold`` of a lab, and what the search did."""
    mw = mw_of(model, lab)
    size = float(mw.sum())
    felt = np.flatnonzero((model.behind @ mw) > 0)  # the others take nothing, in any pair
    where = np.flatnonzero(mw > 0)
    at = [model.sets.plan.node_index[model.sets.sites[i]] for i in where]
    nodes = model.nodes[felt]
    bounds = PairBounds(model.alone[np.ix_(felt, where)], model.free[np.ix_(felt, where)],
                        mw[where], mixing(model.sets.plan, nodes, at))
    found = worst_pairs(bounds, nodes, model.sets, model.hours, mw, top=top, minimal=minimal,
                        threshold_mw=threshold * size)
    a, b = found.a, found.b
    swap = bounds.single_mw[b] > bounds.single_mw[a] + SAME * size  # the heavier one first
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    order = _worst_first(found.lost_mw, size, nodes[a], model, nodes[b])[:top]
    a, b, lost = a[order], b[order], found.lost_mw[order] / size
    one, two = bounds.single_mw[a] / size, bounds.single_mw[b] / size
    either = (model.behind[felt[a]] | model.behind[felt[b]]) @ mw / size
    frame = _frame({
        "lab": lab, "order": 2, **_named(model, nodes[a], "a"), **_named(model, nodes[b], "b"),
        "lost_mw": lost * size, "lost_share": lost, "behind_share": either, "alone_a": one,
        "alone_b": two, "extra_share": lost - np.maximum(one, two),
        "beyond_sum_share": lost - one - two,
        "minimal": np.maximum(one, two) < threshold - SAME, "hours": model.hours, "se": np.nan})
    many = len(model.nodes)
    return frame, {"pairs": many * (many - 1) // 2, "bounded": found.bounded,
                   "evaluated": found.evaluated}


def _worst_first(lost_mw: Floats, size: float, first: Ints, model: Model,
                 second: Ints | None = None) -> Ints:
    """Return the order by falling loss; losses that are the same go by the names of the nodes."""
    names = np.array(model.names, dtype=object)
    keys = [names[first].astype(str), -np.round(lost_mw / size, 9)]
    if second is not None:
        keys.insert(0, names[second].astype(str))
    return np.lexsort(keys)


def _named(model: Model, nodes: Ints, which: str) -> dict[str, list[str]]:
    return {f"node_{which}": [model.names[i] for i in nodes],
            f"kind_{which}": [model.kinds[i] for i in nodes]}


def _frame(columns: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(columns or {name: [] for name in COLUMNS})[list(COLUMNS)]


def check_numbers(order: int, threshold: float, hours: float, top: int | None) -> None:
    """Refuse numbers that mean nothing here."""
    if order not in (1, 2):
        raise RiskModelError(f"order is {order!r}; give 1 for single failures or 2 for pairs")
    if not 0 <= threshold <= 1:
        raise RiskModelError(f"threshold is {threshold!r}; give a share from 0 to 1")
    if not (hours > 0 and math.isfinite(hours)):
        raise RiskModelError(f"hours is {hours!r}; give a number above 0")
    if top is not None and (isinstance(top, bool) or top != int(top) or top < 1):
        raise RiskModelError(f"top is {top!r}; give a whole number, 1 or more")
