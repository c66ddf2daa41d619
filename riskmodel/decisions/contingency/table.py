"""Contingencies for people: failures that are the same to a lab stand in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.contingency.contingency import (
    HOURS,
    THRESHOLD,
    Model,
    check_numbers,
    labs_of,
    model_of,
    mw_of,
    pairs,
    singles,
)

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: what a row is called by, where several nodes are the same to a lab: the first of these kinds
CALLED_BY = ("grid", "cloud", "country", "theatre", "operator", "gas", "interconnection",
             "cloud_region", "corridor", "plant", "feed", "zone", "site")
#: kinds that are one place
PLACES = ("site", "zone")


@dataclass(frozen=True, eq=False)
class WorstLosses:
    """What one failure and two take from each lab.

    ``singles`` and ``pairs`` are frames as of ``contingency``, all at or above the threshold, pairs
    minimal ones only, with doubles dropped: nodes of which each alone takes the same from the lab
    at every site stand in one row, the others in ``also_a`` and ``also_b`` (tuples). ``by_kind`` is
    the worst single failure of each kind, whatever it takes. ``search`` is as of ``contingency``.
    """

    singles: pd.DataFrame
    pairs: pd.DataFrame
    by_kind: pd.DataFrame
    threshold: float
    hours: float
    search: dict[str, dict[str, int]]


def worst_losses(world: World, lab: str | Sequence[str] | None = None, *, order: int = 2,
                 threshold: float = THRESHOLD, hours: float = HOURS,
                 kinds: Sequence[str] | None = None, places: bool = False) -> WorstLosses:
    """Return the single failures and the minimal pairs that take ``threshold`` of each lab.

    ``places``: single sites and zones too. With ``order`` 1 there are no pairs. Other parameters,
    and what raises, as of ``contingency``.
    """
    check_numbers(order, threshold, hours, None)
    world.check()
    if kinds is None and not places:
        kinds = [kind for kind in world.all_nodes["kind"].unique() if kind not in PLACES]
    model = model_of(world, hours, kinds)
    one, two, kind, search = [], [], [], {}
    for name in labs_of(model, lab):
        alike = _Alike.of(model, name)
        every = singles(model, name, 0.0, None)
        kind.append(_worst_of_kinds(every))
        one.append(_without_doubles(every[every["lost_share"] >= threshold * (1 - 1e-9)], alike))
        if order == 2:
            found, search[name] = pairs(model, name, threshold, None, True)
            two.append(_without_doubles(found, alike))
    return WorstLosses(_joined(one, model), _joined(two, model), _joined(kind, model), threshold,
                       hours, search)


@dataclass(frozen=True, eq=False)
class _Alike:
    """Which nodes take the same from a lab at every site; who takes nothing is like nobody."""

    number: dict[str, int]
    rank: dict[str, tuple[int, str]]  # the least of a class is what it is called by

    @classmethod
    def of(cls, model: Model, lab: str) -> _Alike:
        taken = np.round(model.alone * (mw_of(model, lab) > 0), 9)
        _, number = np.unique(taken, axis=0, return_inverse=True)
        number = np.where(taken.any(axis=1), number, number.max(initial=0) + 1
                          + np.arange(len(taken)))
        names = [model.names[node] for node in model.nodes]
        kinds = [model.kinds[node] for node in model.nodes]
        rank = {name: (CALLED_BY.index(kind) if kind in CALLED_BY else len(CALLED_BY), name)
                for name, kind in zip(names, kinds, strict=True)}
        return cls(dict(zip(names, number.tolist(), strict=True)), rank | {"": (0, "")})


def _without_doubles(frame: pd.DataFrame, alike: _Alike) -> pd.DataFrame:
    """Return one row for all that differ only in nodes that are alike."""
    groups: dict[tuple[int, int, float], list[dict[str, Any]]] = {}
    for cells in frame.to_dict("records"):
        row = {str(name): value for name, value in cells.items()}
        a, b = (alike.number.get(row[name], -1) for name in ("node_a", "node_b"))
        if b >= 0 and (a, row["node_a"]) > (b, row["node_b"]):
            row, a, b = _turned(row), b, a
        groups.setdefault((a, b, round(row["lost_share"], 9)), []).append(row)
    out = []
    for rows in groups.values():
        best = min(rows, key=lambda row: (alike.rank[row["node_a"]], alike.rank[row["node_b"]]))
        for side in ("a", "b"):
            named = {row[f"node_{side}"] for row in rows} - {best[f"node_{side}"]}
            best[f"also_{side}"] = tuple(sorted(named, key=alike.rank.__getitem__))
        out.append(_turned(best) if best["alone_b"] > best["alone_a"] else best)
    if not out:
        return frame.assign(also_a=[], also_b=[])
    return pd.DataFrame(out)[[*frame.columns, "also_a", "also_b"]]


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    """Return the same pair with its two sides exchanged."""
    other = {"a": "b", "b": "a"}
    return {name[:-1] + other[name[-1]] if name[-2:] in ("_a", "_b") else name: value
            for name, value in row.items()}


def _worst_of_kinds(every: pd.DataFrame) -> pd.DataFrame:
    best = every.sort_values("lost_share", ascending=False, kind="stable")
    return best.drop_duplicates("kind_a")


def _joined(parts: list[pd.DataFrame], model: Model) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    empty = singles(model, next(iter(model.held_mw)), 1.0, None).iloc[:0]
    return empty.assign(also_a=[], also_b=[])
