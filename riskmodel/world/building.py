"""What a world of a future day counts that stood nowhere on the day of its record.

A world read with ``as_of`` later than its record takes the steps of the timeline up to that day as
energised. Those dated after the record are still under construction when the record ends: whatever
stops chips or equipment before they open makes them late.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.world import exposure

if TYPE_CHECKING:
    from riskmodel.world.world import World

COLUMNS = ("site_id", "date", "share", "days_open", "days_watched")


def steps_to_come(world: World) -> pd.DataFrame:
    """Return the steps that the world counts and that its record had not seen built.

    Returns
    -------
    One row a step, by site and date: ``site_id``; ``date`` (ISO 8601, the day it is to open);
    ``share`` of the site's capacity that comes with it, 0-1; ``days_open``, days from its opening
    to the world's ``as_of``; ``days_watched``, days from the record to ``as_of``, in which
    something may happen that delays it. Without ``as_of``, or with one not later than the record,
    nothing is under construction and the frame is empty.

    A step called projected whose day has passed by the record's date was late already: it is taken
    to open on the day after the record. Where a later step is lower (part of a site leaves), the
    capacity that stays is counted. The record's date is the registry's; a world without one takes,
    site by site, the last day that the site's own rows speak of.
    """
    as_of, own = world.as_of, record_date(world)
    timeline = world.sites_timeline
    if as_of is None or own is None or as_of <= own or not len(timeline):
        return _frame([])
    seen_to = days_seen(world)
    capacity = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    counted = timeline[exposure.steps_counted(timeline, as_of, own)
                       & timeline["site_id"].isin(set(capacity))]
    rows: list[tuple[object, ...]] = []
    for site, steps in counted.sort_values("date", kind="stable").groupby("site_id"):
        known = seen_to.get(str(site), own)
        stays = np.minimum.accumulate(steps["it_mw"].to_numpy(float)[::-1])[::-1]
        added = np.diff(stays, prepend=0.0)
        whole = max(float(stays[-1]), float(capacity[site]))
        for date, state, mw in zip(steps["date"], steps["state"], added, strict=True):
            opens = dt.date.fromisoformat(date)
            if opens <= known and state == "projected":
                opens = known + dt.timedelta(days=1)
            if opens > known and mw > 0:
                rows.append((site, date, mw / whole, float((as_of - opens).days),
                             float((as_of - known).days)))
    return _frame(rows)


def record_date(world: World) -> dt.date | None:
    """Return the day of the world's record: the registry's, else the last one its rows speak of."""
    stated = exposure.to_date(world.registry.get("as_of"), "as_of of registry.toml")
    return exposure.own_date(stated, world.sites_as_given, world.sites_timeline)


def days_seen(world: World) -> dict[str, dt.date]:
    """Return site -> the day up to which its record was seen; a site without one is left out.

    The day of the registry, else the last day that the site's rows speak of.
    """
    stated = exposure.to_date(world.registry.get("as_of"), "as_of of registry.toml")
    if stated is not None:
        return dict.fromkeys(world.sites["site_id"], stated)
    found: dict[str, dt.date] = {}
    for frame in (world.sites_as_given, world.sites_timeline):
        for site, text in zip(frame["site_id"], frame["as_of"], strict=True):
            try:
                day = dt.date.fromisoformat(text)
            except ValueError:
                continue  # the check of dates speaks of it
            found[site] = max(found.get(site, day), day)
    return found


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"site_id": object, "date": object, "share": float, "days_open": float,
                         "days_watched": float})
