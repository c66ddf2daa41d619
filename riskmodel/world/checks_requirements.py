"""Checks of requirement rows (groups, k, weights, cycles) and of the event table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import Problem
from riskmodel.world.findings import number, problem, readable

if TYPE_CHECKING:
    from riskmodel.world.world import World

_SHARED = ("k", "mode", "share", "ride_through_h", "recharge_h")
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
    by = rows.groupby(["node_id", "group"], sort=False)
    number_of = by.ngroup().to_numpy()
    differ = by[list(_SHARED)].nunique(dropna=False)
    for (node, group), counts in differ[(differ > 1).any(axis=1)].iterrows():
        mask = (rows["node_id"] == node) & (rows["group"] == group)
        for column in counts.index[counts > 1]:
            values = ", ".join(_cell(v) for v in dict.fromkeys(rows.loc[mask, column]))
            yield problem(world, "group_consistency", "raise", "requirements", mask,
                          f"rows of group '{group}' of '{node}' differ in {column}: {values}",
                          f"give every row of the group the same {column} (an empty cell means "
                          "the default), or make two groups of it")
    consistent = ~(differ[["k", "mode"]] > 1).any(axis=1).to_numpy()
    first = by.head(1)
    order = number_of[first.index]
    size = by["member_id"].nunique().to_numpy()[order]
    weight = by["weight"].sum().to_numpy()[order]
    k = first["k"].to_numpy(dtype=float)
    quorum = (first["mode"] == "quorum").to_numpy()
    proportional = (first["mode"] == "proportional").to_numpy()
    sound = consistent[order] & ~np.isnan(k) & (k > 0)  # the rest has been named already
    for i in np.flatnonzero(sound & quorum & ((k < 1) | (k > size) | (k != np.round(k)))):
        text = _k_fault(float(k[i]), int(size[i]))
        yield _of_group(world, first, i, "k_range", "raise", *text)
    for i in np.flatnonzero(sound & proportional & (k > weight * (1 + 1e-9))):
        yield _of_group(world, first, i, "never_served", "warn",
                        f"needs a weight of {number(float(k[i]))}, but its members add up to "
                        f"{number(float(weight[i]))}: it is short even when all of them are up",
                        "raise the weights or lower k")


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


def _of_group(world: World, first: object, i: int, check: str, level: str, text: str,
              mend: str) -> Problem:
    frame = world.requirements
    row = first.iloc[int(i)]  # type: ignore[attr-defined]
    mask = (frame["node_id"] == row["node_id"]) & (frame["group"] == row["group"])
    return problem(world, check, level, "requirements", mask,
                   f"group '{row['group']}' of '{row['node_id']}' {text}", mend)


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
    for column in ("region", "rate_per_yr"):
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
    shape, hours = rows["duration_shape"], rows["duration_h"]
    for dist, bad, text, mend in (
            ("lognormal", shape.isna(), "has no duration_shape",
             "give the standard deviation of the logarithm (0 for a fixed duration)"),
            ("weibull", ~(shape > 0), "needs a duration_shape above 0",
             "give the shape (1 is the exponential)"),
            ("lognormal", ~(hours > 0), "needs a median duration_h above 0", "give hours above 0"),
            ("weibull", ~(hours > 0), "needs a scale duration_h above 0", "give hours above 0"),
            ("exponential", ~(hours > 0), "needs a mean duration_h above 0", "give hours above 0")):
        mask = (rows["duration_dist"] == dist) & bad
        if mask.any() and readable(world, "events", "duration_h"):
            yield problem(world, "durations", "raise", "events", mask,
                          f"a {dist} duration {text}", mend)
