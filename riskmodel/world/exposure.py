"""What is exposed on a day: energised capacity, and which lab holds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

UNKNOWN = "unknown"
#: an attribution counts where it is more likely true than not (one state of the world)
COUNTS_ABOVE = 0.5
#: what is left of a site below this is rounding of shares, not a holder nobody knows
ROUNDING = 1e-9
_RANK = {"low": 0, "medium": 1, "high": 2}
_BANDS = ("it_mw_low", "it_mw_high", "facility_mw_low", "facility_mw_high")
#: columns of a site that follow its timeline
_FOLLOW = ("it_mw", "it_mw_basis", "facility_mw", "pue", "confidence", *_BANDS)


def to_date(value: str | dt.date | None, what: str = "as_of") -> dt.date | None:
    """Return a date from ISO 8601 text or a date; ``None`` stays ``None``."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        raise RiskModelError(
            f"{what} is {value!r}; give a day as 2026-10-01, or a datetime.date") from None


def own_date(registry_as_of: dt.date | None, *frames: pd.DataFrame) -> dt.date | None:
    """Return the world's own date: the registry's, else the last day any of its sources speaks of.

    Steps the record calls projected lie in that date's future.
    """
    if registry_as_of is not None:
        return registry_as_of
    found = []
    for frame in frames:
        for text in frame["as_of"]:
            try:
                found.append(dt.date.fromisoformat(text))
            except ValueError:
                continue  # the check of dates speaks of it
    return max(found, default=None)


def sites_on(sites: pd.DataFrame, timeline: pd.DataFrame, as_of: dt.date,
             own: dt.date | None) -> pd.DataFrame:
    """Return the sites with the capacity that was energised on ``as_of``.

    A site with timeline rows gets ``it_mw`` of its last step up to that day, 0 before the first; a
    site without keeps its own. Steps called projected count only if ``as_of`` is later than the
    world's ``own`` date (where it has none, the day asked for is all there is to go by, and they
    count). Facility power and the bands follow, and a site is no surer than the step it stands on.
    """
    has_steps = set(timeline["site_id"]) & set(sites["site_id"])
    out = sites.copy()
    if not has_steps:
        return out
    day = as_of.isoformat()
    steps = timeline[steps_counted(timeline, as_of, own)].sort_values("date", kind="stable")
    step_of = {step["site_id"]: step for step in steps.to_dict("records")}  # the last one stays
    none = {"it_mw": 0.0, "facility_mw": np.nan, "confidence": "", "date": "", "state": ""}
    columns = {name: sites[name].tolist() for name in _FOLLOW}
    for i, site in enumerate(sites["site_id"].tolist()):
        if site in has_steps:
            row = {name: cells[i] for name, cells in columns.items()}
            for name, value in _on_step(row, step_of.get(site, none), day).items():
                columns[name][i] = value
    for name, cells in columns.items():
        out[name] = pd.Series(cells, dtype=sites[name].dtype)
    return out


def steps_counted(timeline: pd.DataFrame, as_of: dt.date, own: dt.date | None) -> pd.Series:
    """Return which rows of a timeline a world at ``as_of`` counts; see ``sites_on``."""
    counts = ((timeline["date"] != "") & (timeline["date"] <= as_of.isoformat())
              & timeline["it_mw"].notna())
    if own is not None and as_of <= own:
        counts &= timeline["state"] != "projected"
    return counts


def _on_step(site: dict[str, Any], step: Mapping[Any, Any], day: str) -> dict[str, Any]:
    """Return what a site's row says once it stands on a step of its timeline."""
    it_mw, was = float(step["it_mw"]), site["it_mw"]
    basis = f"timeline step of {step['date']}, {step['state']}" if step["date"] else \
        f"its timeline has no step up to {day}"
    sure = min(site["confidence"], step["confidence"] or site["confidence"],
               key=lambda word: _RANK.get(word, len(_RANK)))
    new = {"confidence": sure}
    if it_mw == was:
        return new
    ratio = it_mw / was if was > 0 else np.nan
    facility = step["facility_mw"]
    if np.isnan(facility):
        facility = it_mw * site["pue"] if not np.isnan(site["pue"]) else \
            ratio * site["facility_mw"]
    # a band is a statement about the old figure: it is carried over in proportion
    scale = ratio if it_mw > 0 else 0.0
    return new | {"it_mw": it_mw, "it_mw_basis": basis,
                  "facility_mw": facility if it_mw > 0 else 0.0,
                  **{name: site[name] * scale for name in _BANDS}}


def counting(holdings: pd.DataFrame) -> pd.Series:
    """Return which holdings count with one state of the world: probability above one half."""
    return holdings["probability"] > COUNTS_ABOVE


def needs_unknown(sites: pd.DataFrame, holdings: pd.DataFrame) -> bool:
    """Tell whether any part of a site is held by nobody who is known, or by ``unknown`` itself."""
    if (holdings["lab_id"] == UNKNOWN).any():
        return True
    held = dict.fromkeys(sites["site_id"].tolist(), 0.0)
    for site, share, probability in zip(holdings["site_id"].tolist(), holdings["share"].tolist(),
                                        holdings["probability"].tolist(), strict=True):
        if probability > COUNTS_ABOVE and site in held and share > 0:
            held[site] += share
    return any(share < 1.0 - ROUNDING for share in held.values())


def effective_holdings(world: World) -> pd.DataFrame:
    """Return ``lab_id, site_id, share``: who holds what, each site adding up to 1.

    With one state of the world a holding counts with its share where its probability is above one
    half; every other share, and what nobody is named for, is held by the lab ``unknown``. Rows
    stand in the order of ``holdings``, then what is left to ``unknown`` in the order of ``sites``.
    """
    holdings = world.holdings
    known = set(world.sites["site_id"])
    rows = holdings[counting(holdings) & holdings["site_id"].isin(known) & (holdings["share"] > 0)]
    out = rows[["lab_id", "site_id", "share"]]
    held = out.groupby("site_id")["share"].sum()
    rest = 1.0 - held.reindex(world.sites["site_id"]).fillna(0.0)
    rest = rest[rest > ROUNDING]
    left = pd.DataFrame({"lab_id": UNKNOWN, "site_id": rest.index.to_numpy(),
                         "share": rest.to_numpy()})
    if len(left):
        out = pd.concat([out, left], ignore_index=True) if len(out) else left
    sums = out.groupby(["lab_id", "site_id"], sort=False)["share"].sum()
    out = sums.reset_index()
    for name in ("lab_id", "site_id"):
        out[name] = out[name].astype(object)
    return out


def mw_of_lab(world: World, lab: str) -> dict[str, float]:
    """Return site_id -> MW that a lab effectively holds there; sites of 0 MW are left out."""
    size = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    held = effective_holdings(world)
    held = held[held["lab_id"] == lab]
    return {site: share * size[site] for site, share in
            zip(held["site_id"], held["share"], strict=True) if share * size[site] > 0}


def lab_capacity(world: World) -> pd.Series:
    """Return IT capacity in MW per lab_id, every lab in the order of ``labs``."""
    held = effective_holdings(world)
    mw = world.sites.drop_duplicates("site_id").set_index("site_id")["it_mw"]
    capacity = (held["share"] * held["site_id"].map(mw)).groupby(held["lab_id"]).sum()
    labs = pd.Index(world.labs["lab_id"].drop_duplicates(), name="lab_id", dtype=object)
    return capacity.reindex(labs).fillna(0.0).rename("it_mw")
