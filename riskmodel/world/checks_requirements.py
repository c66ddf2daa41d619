"""Checks of requirement rows (groups, k, weights, cycles) and of the event table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import Problem
from riskmodel.world.findings import (
    lines,
    number,
    problem,
    readable,
    where,
    which_combination,
)

if TYPE_CHECKING:
    from riskmodel.world.world import World

_SHARED = ("k", "mode", "share", "ride_through_h", "recharge_h")
#: a service this much below 1 is short
SHORT = 1e-12
#: longest cycle that is written out whole
_MOST_NAMED = 12


def members(world: World) -> Iterator[Problem]:
    """Find nodes that need themselves: the shortest of cycles, and always a slip."""
    rows = world.requirements
    own = ((rows["node_id"] == rows["member_id"]) & (rows["node_id"] != "")).to_numpy(dtype=bool)
    if own.any():
        node = rows["node_id"].iat[int(np.flatnonzero(own)[0])]
        yield problem(world, "cycles", "warn", "requirements", own,
                      f"'{node}' needs itself", "delete the row, or name the member that was meant")


def groups(world: World) -> Iterator[Problem]:
    """Find groups whose rows disagree, and k that cannot be met."""
    rows = world.requirements
    if not len(rows) or not readable(world, "requirements", "node_id", "group", "member_id"):
        return
    cells = {name: rows[name].tolist() for name in ("member_id", "weight", *_SHARED)}
    by: dict[tuple[str, str], list[int]] = {}
    for i, key in enumerate(zip(rows["node_id"].tolist(), rows["group"].tolist(), strict=True)):
        by.setdefault(key, []).append(i)
    for (node, group), at in by.items():
        name = f"group '{group}' of '{node}'"
        differ = {column: values for column in _SHARED
                  if len(values := dict.fromkeys(cells[column][i] for i in at)) > 1}
        for column, values in differ.items():
            yield _at(world, "group_consistency", "raise", at,
                      f"rows of {name} differ in {column}: {', '.join(map(_cell, values))}",
                      f"give every row of the group the same {column} (an empty cell means the "
                      "default), or make two groups of it")
        k, mode = cells["k"][at[0]], cells["mode"][at[0]]
        if "k" in differ or "mode" in differ or not k > 0:
            continue  # named already, here or by the bounds of k
        size = len({cells["member_id"][i] for i in at})
        weight = sum(cells["weight"][i] for i in at)
        if mode == "quorum" and (k < 1 or k > size or k != round(k)):
            text, mend = _k_fault(k, size)
            yield _at(world, "k_range", "raise", at, f"{name} {text}", mend)
        elif mode == "proportional" and k > weight * (1 + SHORT):
            # it would lose capacity for ever, and no outage would be the cause of it
            yield _at(world, "k_range", "raise", at,
                      f"{name} needs k = {k:.12g} of weight, but its members add up to "
                      f"{weight:.12g}: it is short even when all of them are up",
                      "raise the weights, or lower k to their sum or less")


def _k_fault(k: float, size: int) -> tuple[str, str]:
    plural = "s" if size != 1 else ""
    if k > size:
        return (f"needs k = {number(k)} of {size} member{plural}: more than there are",
                f"set k to {size} or less in every row of the group, or add the members that "
                "are missing")
    if k < 1:
        return (f"needs k = {number(k)} members: fewer than one",
                "set k to a whole number from 1; for a part of the supply use "
                "mode = proportional, for a part of the node use share")
    return (f"needs k = {number(k)} members: not a whole number",
            "set k to a whole number, or use mode = proportional")


def _at(world: World, check: str, level: str, at: list[int], message: str, mend: str) -> Problem:
    return Problem(check, level, where(world, "requirements"), message, mend,
                   lines(world, "requirements", at))


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else f"'{value}'"


def cycles(world: World) -> Iterator[Problem]:
    """Name nodes that need each other in a circle, and refuse reserves inside one.

    Cycles have a smallest solution and are solved; a battery inside one has a memory, which makes
    that solution depend on the order of things, so it is refused.
    """
    rows = world.requirements
    if not len(rows):
        return
    from riskmodel.world.graph import cyclic_parts

    for part, loop in cyclic_parts(world):
        inside = (rows["node_id"].isin(part) & rows["member_id"].isin(part)).to_numpy(dtype=bool)
        names = " -> ".join(loop[:_MOST_NAMED]) + (" -> ..." if len(loop) > _MOST_NAMED else "")
        if len(part) > 1:
            more = f" (one of several circles among {len(part)} nodes)" \
                if len(part) > len(set(loop)) else ""
            yield problem(world, "cycles", "warn", "requirements", inside,
                          f"nodes need each other in a circle: {names}{more}",
                          "cut one of these rows if the circle was not meant; else leave it: it "
                          "is solved for the smallest outages that are consistent")
        held = inside & (rows["ride_through_h"] > 0).to_numpy(dtype=bool)
        if held.any():
            yield problem(world, "ride_through_in_cycle", "raise", "requirements", held,
                          f"a reserve (ride_through_h) stands inside a circle: {names}",
                          "set ride_through_h to 0 on the rows of the circle, or cut the circle")


def events(world: World) -> Iterator[Problem]:
    """Find event rows that disagree, and durations without their numbers."""
    rows = world.events
    if not len(rows):
        return
    which = which_combination(rows, ("peril", "event_id"))
    head = np.zeros(which.max() + 1, np.int64)  # first row of each event
    head[which[::-1]] = np.arange(len(which))[::-1]
    for column in ("region", "rate_per_yr"):
        codes, _ = pd.factorize(rows[column], use_na_sentinel=False)
        if (codes == codes[head][which]).all():
            continue
        count = rows.groupby(["peril", "event_id"], sort=False)[column].transform("nunique",
                                                                                 dropna=False)
        differ = (count > 1).to_numpy(dtype=bool)
        for (peril, event), group in rows[differ].groupby(["peril", "event_id"], sort=False):
            values = ", ".join(_cell(v) for v in dict.fromkeys(group[column]))
            yield problem(world, "event_consistency", "raise", "events",
                          rows.index.isin(group.index),
                          f"rows of event '{event}' of '{peril}' differ in {column}: {values}",
                          f"an event has one {column}: give all its rows the same, or make two "
                          "events of it")
    dists = set(rows["duration_dist"])
    shape, hours = rows["duration_shape"], rows["duration_h"]
    for dist, bad, text, mend in (
            ("lognormal", shape.isna(), "has no duration_shape",
             "give the standard deviation of the logarithm (0 for a fixed duration)"),
            ("weibull", ~(shape > 0), "needs a duration_shape above 0",
             "give the shape (1 is the exponential)"),
            ("lognormal", ~(hours > 0), "needs a median duration_h above 0", "give hours above 0"),
            ("weibull", ~(hours > 0), "needs a scale duration_h above 0", "give hours above 0"),
            ("exponential", ~(hours > 0), "needs a mean duration_h above 0", "give hours above 0")):
        if dist not in dists:
            continue
        mask = (rows["duration_dist"] == dist) & bad
        if mask.any() and readable(world, "events", "duration_h"):
            yield problem(world, "durations", "raise", "events", mask,
                          f"a {dist} duration {text}", mend)
