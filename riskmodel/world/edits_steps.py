"""Capacity steps of a site that an edit makes larger or smaller.

A world of a day reads what runs from ``sites_timeline``. The steps follow the edit, so that the
world is written and read back as it stands, and so that a world of a future day still knows what
of a site is under construction:

- What leaves a site is a slice of all it has: every step up to the day shrinks in proportion. Steps
  after the day go down by the same MW: growth that is planned stays planned.
- What arrives keeps its days: the part that ran when the record ends runs at its new place too, the
  part still under construction there opens on the same days here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.world.building import days_seen, record_date, steps_to_come
from riskmodel.world.exposure import steps_counted

if TYPE_CHECKING:
    from riskmodel.world.world import World

Steps = list[dict[str, Any]]
_DAY = dt.timedelta(days=1)
RULE = "edit"


def steps_of(world: World, site: str) -> Steps:
    """Return the steps of one site as records, by date; ``counted`` says which the world counts."""
    rows = world.sites_timeline[world.sites_timeline["site_id"] == site]
    rows = rows.sort_values("date", kind="stable")
    counted = (steps_counted(rows, world.as_of, record_date(world)).tolist()
               if world.as_of is not None else [False] * len(rows))
    return [{str(k): v for k, v in row.items()} | {"counted": counts}
            for row, counts in zip(rows.to_dict("records"), counted, strict=True)]


def under_construction(world: World, site: str) -> list[tuple[dt.date, float]]:
    """Return what of a site's capacity the record had not seen built: day it opens, share."""
    if world.as_of is None:
        return []
    rows = steps_to_come(world)
    rows = rows[rows["site_id"] == site]
    return [(world.as_of - dt.timedelta(days=int(days)), float(share))
            for days, share in zip(rows["days_open"], rows["share"], strict=True)]


def smaller(steps: Steps, before_mw: float, mw: float) -> Steps:
    """Return the steps of a site of ``before_mw`` MW that ``mw`` MW leave."""
    kept = max(before_mw - mw, 0.0) / before_mw
    return [_at(step, step["it_mw"] * kept if step["counted"] else max(step["it_mw"] - mw, 0.0))
            for step in steps]


def in_proportion(steps: Steps, factor: float) -> Steps:
    """Return the steps of a site all of which, running and planned, becomes a multiple."""
    return [_at(step, step["it_mw"] * factor) for step in steps]


def larger(world: World, site: str, before_mw: float, mw: float,
           to_come: Sequence[tuple[dt.date, float]], note: str) -> Steps:
    """Return the steps of a site of ``before_mw`` MW to which ``mw`` MW come.

    ``to_come`` says what share of them opens on a day after the record; the rest runs. A site
    without steps, to which nothing comes that is still to open, needs none.
    """
    steps = steps_of(world, site)
    if world.as_of is None or not (steps or to_come):
        return steps
    own = record_date(world)
    seen = world.as_of if own is None or world.as_of <= own else min(
        world.as_of, days_seen(world).get(site, own))
    runs = mw * (1.0 - sum(share for _, share in to_come))
    standing = [step for step in steps
                if step["counted"] and step["state"] != "projected"
                and step["date"] <= seen.isoformat()]
    if standing:
        steps = _raised(steps, site, standing[-1]["date"], runs, "", note)
    elif steps:  # before anything that is late already, or it would be late too
        first = dt.date.fromisoformat(steps[0]["date"])
        steps = _raised(steps, site, min(seen, first - _DAY).isoformat(), runs, "estimated", note)
    else:
        steps = _raised([], site, seen.isoformat(), before_mw + runs, "estimated", note)
    for day, share in to_come:
        steps = _raised(steps, site, max(day, seen + _DAY).isoformat(), mw * share, "projected",
                        note)
    return steps


def _raised(steps: Steps, site: str, date: str, mw: float, state: str, note: str) -> Steps:
    """Return the steps with ``mw`` more from a day on; there is a step on that day then."""
    out = list(steps)
    if not any(step["date"] == date for step in out):
        before = [step for step in out if step["date"] < date]
        out.append({"site_id": site, "date": date, "facility_mw": np.nan, "state": state,
                    "it_mw": before[-1]["it_mw"] if before else 0.0, "note": note, "rule": RULE,
                    "counted": True})
        out.sort(key=lambda step: str(step["date"]))
    return [_at(step, step["it_mw"] + mw) if step["date"] >= date else step for step in out]


def _at(step: dict[str, Any], mw: float) -> dict[str, Any]:
    """Return a step at another IT power; facility power in proportion."""
    was = step["it_mw"]
    facility = step["facility_mw"] * mw / was if was > 0 else (0.0 if mw == 0 else np.nan)
    return step | {"it_mw": mw, "facility_mw": facility}
