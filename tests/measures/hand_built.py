"""Losses built by hand, so that every expected number can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel import Losses

PERILS = ("flood", "grid_outage", "site_failure")
REGIONS = ("north", "south")


def losses_from_causes(causes: pd.DataFrame, n_years: int, labs: tuple[str, ...],
                       adequacy: pd.DataFrame | None = None, kind: str = "annual") -> Losses:
    """The year table and the event table that belong to the causes."""
    causes = causes.astype({"year": "int64", "event": "int64", "lost_mw_days": "float64"})
    per_event = causes.groupby(["year", "lab", "event"], as_index=False)["lost_mw_days"].sum()
    years = per_event.groupby(["year", "lab"], as_index=False)["lost_mw_days"].agg(
        lost_mw_days="sum", max_event_mw_days="max")
    years["shortfall_mw_days"] = 0.0
    events = causes.drop_duplicates("event")[["event", "year", "peril", "region"]].assign(
        event_id="", event_no=0, campaign_id="", start_h=0.0)
    return Losses(
        years=years[["year", "lab", "lost_mw_days", "shortfall_mw_days", "max_event_mw_days"]],
        causes=causes, events=events, adequacy=adequacy, labs=labs,
        capacity_mw=np.full(len(labs), 100.0), needed_share=np.full(len(labs), 0.5),
        n_years=n_years, seed=1, kind=kind, manifest={"recovery_cap_days": 730.0})


def random_losses(n_years: int = 2000, seed: int = 5, *, ties: bool = False) -> Losses:
    """About one event a year that hits one to three labs from a few root nodes."""
    rng = np.random.default_rng(seed)
    events = rng.poisson(n_years)
    year = np.sort(rng.integers(0, n_years, events))
    peril = rng.integers(0, 3, events)
    rows = []
    for lab in ("a", "b", "c"):
        for node in ("grid:X", "site_1"):
            hit = rng.random(events) < 0.4
            lost = rng.exponential(10.0, events) * (1 + peril)
            if ties:
                lost = np.ceil(lost / 20) * 10
            rows.append(pd.DataFrame({
                "year": year, "event": np.arange(events), "lab": lab,
                "peril": np.array(PERILS, dtype=object)[peril],
                "region": np.array(REGIONS, dtype=object)[np.arange(events) % 2],
                "node": node, "lost_mw_days": lost})[hit])
    causes = pd.concat(rows, ignore_index=True)
    adequacy = pd.DataFrame({"year": [3, 7, 7], "lab": ["a", "a", "b"],
                             "shortfall_mw_days": [5.0, 10.0, 20.0],
                             "shortfall_h": [12.0, 24.0, 48.0], "shortfall_days": [1, 2, 3]})
    return losses_from_causes(causes, n_years, ("a", "b", "c", "idle"), adequacy)
