"""Compile the event tables of catalogue perils into the arrays of the draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import (
    EFFECT,
    EVENT,
    EXPONENTIAL,
    FIXED,
    LOGNORMAL,
    PERIL,
    ROW,
    SPECIAL,
    WEIBULL,
    Catalogue,
)
from riskmodel.engine.streams import entity_hash, part_hash, stream_key
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

_DISTS = {"fixed": FIXED, "exponential": EXPONENTIAL, "lognormal": LOGNORMAL, "weibull": WEIBULL}
_PURPOSES = ("count", "event", "row", "duration")


class Tables(NamedTuple):
    """Compiled catalogues with the names that their numbers stand for."""

    catalogue: Catalogue  # its regions are still to be numbered
    event_ids: tuple[str, ...]
    event_regions: tuple[str, ...]
    regions: tuple[str, ...]
    part_names: dict[int, str]


def compile_catalogues(world: World, perils: Sequence[Any], node_index: dict[str, int],
                       rank: np.ndarray, seed: int, segments: int, years: float, *,
                       lift: bool = False) -> Tables:
    """Compile every peril that has a catalogue; ``perils`` is the plan's whole list.

    ``years`` is the length of a trial: its events are Poisson with their yearly rate times this.
    ``lift`` raises a stated ceiling that drawn rates pass; else it is an error.

    Events without a row that can hit this world stay: they keep their number, so that a world with
    fewer sites keeps the draws of the sites it shares.
    """
    parts = []
    for position, peril in enumerate(perils):
        if hasattr(peril, "catalogue"):
            part = _compile_one(peril, peril.catalogue(world), position, node_index, rank, years,
                                lift)
            if part is not None:
                parts.append(part)
    keys = np.zeros((segments, len(parts), 8), np.uint64)
    for s in range(segments):
        for i, part in enumerate(parts):
            for j, purpose in enumerate(_PURPOSES):
                name = purpose if s == 0 else f"{purpose} warm-up {s}"
                keys[s, i, 2 * j:2 * j + 2] = stream_key(seed, name, part["peril_id"])

    def join(name: str, dtype: Any) -> np.ndarray:
        arrays = [np.asarray(part[name], dtype=dtype) for part in parts]
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype)

    def offsets(name: str) -> np.ndarray:
        sizes = [len(part[name]) for part in parts]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    event_off = offsets("keep")
    def pack(record: np.dtype[Any], **columns: Any) -> np.ndarray:
        array = np.zeros(len(next(iter(columns.values()))), record)
        for name, values in columns.items():
            array[name] = values
        return array

    count_off = offsets("count_cdf")
    row_count = join("rows_of_event", np.int64)
    hall, group = join("part", np.int64), join("group", np.uint64)
    special = (hall != 0) | (group != 0)
    place = np.where(special, np.cumsum(special) - 1, -1)
    alias = [part["alias"] + event_off[i] for i, part in enumerate(parts)]
    catalogue = Catalogue(
        key=keys,
        peril=pack(PERIL, position=[part["position"] for part in parts], count=count_off[:-1],
                   count_end=count_off[1:], thin=[part["thin"] for part in parts],
                   event=event_off[:-1], events=np.diff(event_off)),
        count_cdf=join("count_cdf", float),
        event=pack(EVENT, keep=join("keep", float),
                   alias=np.concatenate(alias) if alias else np.zeros(0, np.int32),
                   row=np.cumsum(row_count) - row_count, rows=row_count),
        row=pack(ROW, below=join("below", np.uint64) - np.uint64(1), ident=join("ident", np.uint64),
                 node=join("node", np.int32)),
        effect=pack(EFFECT, dist=join("dist", np.int32), scale=join("scale", float),
                    shape=join("shape", float), depth=join("depth", float), special=place),
        special=pack(SPECIAL, part=hall[special], group=group[special]))
    ids = tuple(name for part in parts for name in part["event_ids"])
    regions = tuple(name for part in parts for name in part["event_regions"])
    names = {number: name for part in parts for number, name in part["part_names"].items()}
    return Tables(catalogue, ids, regions, tuple(sorted(set(regions))), names)


def ceiling_rate(total: float, stated: float | None, peril_id: str, lift: bool = False) -> float:
    """Return the rate of the dominating process: as stated, else the power of two above."""
    if stated is None:
        return float(2.0 ** np.ceil(np.log2(total) + 1e-12)) if total > 0 else 0.0
    if lift and 0 < stated < total:
        return float(stated * 2.0 ** np.ceil(np.log2(total / stated) + 1e-12))
    if stated < total:
        raise RiskModelError(
            f"peril {peril_id}: ceiling_rate_per_yr is {stated:g} but its events add up to "
            f"{total:g} a year; raise the ceiling (every draw of this peril will change)")
    return float(stated)


def alias_tables(rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (keep, alias): pick a slot evenly, keep it with chance ``keep``, else take its alias.

    Walker 1977, by Vose's construction: picks event i with probability rates[i] / sum(rates).
    """
    n = len(rates)
    alias = np.arange(n)
    total = float(rates.sum())
    if total <= 0:
        return np.ones(n), alias
    keep = rates * (n / total)
    small = [i for i in range(n) if keep[i] < 1.0]
    large = [i for i in range(n) if keep[i] >= 1.0]
    while small and large:
        less, more = small.pop(), large[-1]
        alias[less] = more
        keep[more] -= 1.0 - keep[less]
        if keep[more] < 1.0:
            small.append(large.pop())
    for i in [*small, *large]:  # what is left differs from 1 by rounding only
        keep[i] = 1.0 if rates[i] > 0 else 0.0
    return keep, alias


def poisson_cdf(rate: float) -> np.ndarray:
    """Return P(N <= n) for n = 0, 1, ... until it is 1 to rounding."""
    from scipy.stats import poisson

    top = int(poisson.isf(1e-15, rate)) + 2 if rate > 0 else 0
    cdf = np.asarray(poisson.cdf(np.arange(top + 1), rate), dtype=float)
    cdf[-1] = 1.0
    return cdf


def _compile_one(peril: Any, table: pd.DataFrame, position: int, node_index: dict[str, int],
                 rank: np.ndarray, years: float, lift: bool) -> dict[str, Any] | None:
    peril_id = peril.spec.peril_id
    frame = table.reset_index(drop=True)
    if len(frame) == 0:
        return None
    # by id: the order of a table's rows is no part of a draw
    event_codes, event_ids = pd.factorize(frame["event_id"], sort=True)
    heads = frame.loc[~frame["event_id"].duplicated(), ["event_id", "rate_per_yr", "region"]]
    heads = heads.set_index("event_id").loc[list(event_ids)]
    spread = frame.groupby(event_codes)[["rate_per_yr", "region"]].nunique()
    torn = list(np.asarray(event_ids, dtype=object)[(spread > 1).any(axis=1).to_numpy()])
    if torn:
        raise RiskModelError(f"peril {peril_id}: rows of event {', '.join(torn[:5])} differ in "
                             "rate_per_yr or region; one event has one rate and one region")
    rates = heads["rate_per_yr"].to_numpy(dtype=float)
    total = float(rates.sum())
    ceiling = ceiling_rate(total, peril.spec.ceiling_rate_per_yr, peril_id, lift)
    keep, alias = alias_tables(rates)

    parts = frame["part"].astype(str) if "part" in frame else pd.Series("", index=frame.index)
    groups = (frame["duration_group"].astype(str) if "duration_group" in frame
              else pd.Series("", index=frame.index))
    labels = [f"{node}\x1f{part}" if part else str(node)
              for node, part in zip(frame["node_id"], parts, strict=True)]
    again = pd.Series(labels).groupby([event_codes, labels]).cumcount()  # the same one once more
    labels = [f"{label}\x1f#{n}" if n else label for label, n in zip(labels, again, strict=True)]
    inside = frame["node_id"].map(lambda node: node in node_index).to_numpy(dtype=bool)
    can = (frame["probability"].to_numpy(float) > 0) & (frame["depth"].to_numpy(float) > 0)
    live = inside & can & (np.round(frame["probability"].to_numpy(float) * 2.0**32) >= 1)
    node = np.array([node_index.get(name, -1) for name in frame["node_id"]], np.int64)
    order = np.lexsort((np.where(node >= 0, rank[node], -1), event_codes))
    order = order[live[order]]
    probability = frame["probability"].to_numpy(float)[order]
    shape = frame["duration_shape"].to_numpy(float)[order]
    return {
        "peril_id": peril_id, "position": position, "event_ids": [str(e) for e in event_ids],
        "event_regions": [str(r) for r in heads["region"]],
        "count_cdf": poisson_cdf(ceiling * years),
        "thin": np.uint64(round(total / ceiling * 2**32)) if ceiling > 0 else np.uint64(0),
        "keep": keep, "alias": alias,
        "rows_of_event": np.bincount(event_codes[order], minlength=len(event_ids)),
        "node": node[order],
        "below": np.round(probability * 2.0**32).astype(np.uint64),
        "part_names": {part_hash(name): name for name in set(parts)},
        "ident": np.array([entity_hash(labels[i]) for i in order], np.uint64),
        "dist": np.array([_DISTS[d] for d in frame["duration_dist"].to_numpy()[order]],
                             np.int32),
        "scale": frame["duration_h"].to_numpy(float)[order],
        "shape": np.nan_to_num(shape, nan=1.0),
        "depth": frame["depth"].to_numpy(float)[order],
        "part": np.array([part_hash(p) for p in parts.to_numpy()[order]], np.int64),
        "group": np.array([entity_hash(g) if g else 0 for g in groups.to_numpy()[order]],
                              np.uint64),
    }
