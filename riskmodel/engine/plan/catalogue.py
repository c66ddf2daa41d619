"""Compile the event tables of catalogue perils into the arrays of the draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
from riskmodel.engine.outages.streams import entity_hash, part_hash, stream_key
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
    skeletons: dict[str, Skeleton]  # by peril


def compile_catalogues(world: World, perils: Sequence[Any], node_index: dict[str, int],
                       rank: np.ndarray, seed: int, segments: int, years: float, *,
                       lift: bool = False,
                       skeletons: Mapping[str, Skeleton] | None = None) -> Tables:
    """Compile every peril that has a catalogue; ``perils`` is the plan's whole list.

    ``years`` is the length of a trial: its events are Poisson with their yearly rate times this.
    ``lift`` raises a stated ceiling that drawn rates pass; else it is an error. ``skeletons`` are
    those of other numbers of the same perils: where the words of a table are the same, most of the
    work is done.

    Events without a row that can hit this world stay: they keep their number, so that a world with
    fewer sites keeps the draws of the sites it shares.
    """
    parts = []
    kept = skeletons or {}
    for position, peril in enumerate(perils):
        if hasattr(peril, "catalogue"):
            part = _compile_one(peril, peril.catalogue(world), position, node_index, rank, years,
                                lift, kept.get(peril.spec.peril_id))
            if part is not None:
                parts.append(part)
    keys = np.zeros((segments, len(parts), 8), np.uint64)
    for s in range(segments):
        for i, part in enumerate(parts):
            for j, purpose in enumerate(_PURPOSES):
                name = purpose if s == 0 else f"{purpose} warm-up {s}"
                keys[s, i, 2 * j:2 * j + 2] = stream_key(seed, name, part["peril_id"])

    def join(name: str, dtype: Any) -> np.ndarray:
        arrays = [np.asarray(part.pop(name), dtype=dtype) for part in parts]
        if len(arrays) == 1:
            return arrays[0]
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
    return Tables(catalogue, ids, regions, tuple(sorted(set(regions))), names,
                  {part["peril_id"]: part["skeleton"] for part in parts})


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


@lru_cache(maxsize=256)
def poisson_cdf(rate: float) -> np.ndarray:
    """Return P(N <= n) for n = 0, 1, ... until it is 1 to rounding."""
    from scipy.stats import poisson

    top = int(poisson.isf(1e-15, rate)) + 2 if rate > 0 else 0
    cdf = np.asarray(poisson.cdf(np.arange(top + 1), rate), dtype=float)
    cdf[-1] = 1.0
    return cdf


@dataclass(frozen=True, eq=False)
class Skeleton:
    """What the words of an event table settle, whatever its numbers: kept from world to world."""

    words: pd.DataFrame
    codes: np.ndarray  # event of each row, events by id
    event_ids: list[str]
    head: np.ndarray  # first row of each event
    regions: list[str]
    node: np.ndarray  # place in the plan, -1 where it is not in the world
    ident: np.ndarray
    order: np.ndarray  # of the rows: by event, then node
    dist: np.ndarray
    part: np.ndarray
    group: np.ndarray
    part_names: dict[int, str]


def _skeleton(peril_id: str, frame: pd.DataFrame, node_index: dict[str, int],
              rank: np.ndarray) -> Skeleton:
    # by id: the order of a table's rows is no part of a draw
    codes, event_ids = pd.factorize(frame["event_id"], sort=True)
    codes = codes.astype(np.int32)
    head = np.full(len(event_ids), -1, np.int64)
    head[codes[::-1]] = np.arange(len(codes))[::-1]
    region, regions = _distinct(frame, "region")
    torn = np.unique(codes[region != region[head][codes]])
    if len(torn):
        raise _torn(peril_id, [str(event_ids[i]) for i in torn])
    where, nodes = _distinct(frame, "node_id")
    part, parts = _distinct(frame, "part")
    group, groups = _distinct(frame, "duration_group")
    dist, dists = _distinct(frame, "duration_dist")
    node = np.array([node_index.get(name, -1) for name in nodes], np.int32)[where]
    part_hashes = [part_hash(name) for name in parts]
    return Skeleton(
        words=frame[_words_of(frame)], codes=codes, event_ids=[str(e) for e in event_ids],
        head=head, regions=[regions[i] for i in region[head]], node=node,
        ident=_idents(codes, where, nodes, part, parts),
        order=np.lexsort((np.where(node >= 0, rank[node], -1), codes)).astype(np.int32),
        dist=np.array([_DISTS[name] for name in dists], np.int32)[dist],
        part=np.array(part_hashes, np.int64)[part],
        group=np.array([entity_hash(name) if name else 0 for name in groups], np.uint64)[group],
        part_names=dict(zip(part_hashes, parts, strict=True)))


def _distinct(frame: pd.DataFrame, column: str) -> tuple[np.ndarray, list[str]]:
    """Return where each row's word stands among the distinct ones, and those; absent is ""."""
    if column not in frame:
        return np.zeros(len(frame), np.int64), [""]
    codes, words = pd.factorize(frame[column], use_na_sentinel=False)
    return codes, [str(word) for word in words]


def _idents(event: np.ndarray, node: np.ndarray, nodes: list[str], part: np.ndarray,
            parts: list[str]) -> np.ndarray:
    """Return the number that keys each row's draw: of its node, its part, and which time it is.

    The second row of the same node and part in an event has a draw of its own.
    """
    pair = node * len(parts) + part
    few, place = np.unique(pair, return_inverse=True)
    labels = [f"{nodes[p // len(parts)]}\x1f{parts[p % len(parts)]}" if parts[p % len(parts)]
              else nodes[p // len(parts)] for p in few.tolist()]
    ident = np.array([entity_hash(label) for label in labels], np.uint64)[place]
    cell = event.astype(np.int64) * len(few) + place
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    run = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    times = np.arange(len(order)) - np.repeat(run, np.diff(np.append(run, len(order))))
    for i in np.flatnonzero(times).tolist():
        ident[order[i]] = entity_hash(f"{labels[place[order[i]]]}\x1f#{times[i]}")
    return ident


def _words_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in ("event_id", "region", "node_id", "part", "duration_group",
                              "duration_dist") if name in frame]


def _torn(peril_id: str, events: list[str]) -> RiskModelError:
    return RiskModelError(f"peril {peril_id}: rows of event {', '.join(events[:5])} differ in "
                          "rate_per_yr or region; one event has one rate and one region")


def _compile_one(peril: Any, table: pd.DataFrame, position: int, node_index: dict[str, int],
                 rank: np.ndarray, years: float, lift: bool,
                 kept: Skeleton | None) -> dict[str, Any] | None:
    peril_id = peril.spec.peril_id
    frame = table.reset_index(drop=True)
    if len(frame) == 0:
        return None
    if (kept is None or _words_of(frame) != list(kept.words)
            or not frame[_words_of(frame)].equals(kept.words)):
        kept = _skeleton(peril_id, frame, node_index, rank)
    every = frame["rate_per_yr"].to_numpy(dtype=float)
    rates = every[kept.head]
    torn = np.unique(kept.codes[every != rates[kept.codes]])
    if len(torn):
        raise _torn(peril_id, [kept.event_ids[i] for i in torn])
    total = float(rates.sum())
    ceiling = ceiling_rate(total, peril.spec.ceiling_rate_per_yr, peril_id, lift)
    keep, alias = alias_tables(rates)
    probability = frame["probability"].to_numpy(float)
    depth = frame["depth"].to_numpy(float)
    live = ((kept.node >= 0) & (probability > 0) & (depth > 0)
            & (np.round(probability * 2.0**32) >= 1))
    order = kept.order[live[kept.order]]
    return {
        "peril_id": peril_id, "position": position, "skeleton": kept,
        "event_ids": kept.event_ids, "event_regions": kept.regions,
        "count_cdf": poisson_cdf(ceiling * years),
        "thin": np.uint64(round(total / ceiling * 2**32)) if ceiling > 0 else np.uint64(0),
        "keep": keep, "alias": alias,
        "rows_of_event": np.bincount(kept.codes[order], minlength=len(kept.event_ids)),
        "node": kept.node[order],
        "below": np.round(probability[order] * 2.0**32).astype(np.uint64),
        "part_names": kept.part_names, "ident": kept.ident[order], "dist": kept.dist[order],
        "scale": frame["duration_h"].to_numpy(float)[order],
        "shape": np.nan_to_num(frame["duration_shape"].to_numpy(float)[order], nan=1.0),
        "depth": depth[order], "part": kept.part[order], "group": kept.group[order],
    }
