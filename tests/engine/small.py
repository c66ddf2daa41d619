"""Small worlds told in a line, and their losses in hours of a site that is wholly down."""

from __future__ import annotations

import pandas as pd

import riskmodel as rm

MW = 100.0
NEEDS = ["node_id", "group", "member_id", "weight", "k", "mode", "share", "ride_through_h",
         "recharge_h"]
TERMS = {"weight": 1.0, "k": 1.0, "mode": "quorum", "share": 1.0, "ride_through_h": 0.0,
         "recharge_h": 24.0}


def world(*rows: tuple, sites=("s",), mw=MW, labs=None, holdings=None, events=None,
          needed: float = 1.0) -> rm.World:
    """Make a world; a row is (node, group, member, terms). One lab holds all unless told."""
    rows = [(*row, {}) if len(row) == 3 else row for row in rows]
    names = dict.fromkeys(name for row in rows for name in (row[0], row[2]) if name not in sites)
    labs = labs or {"lab": needed}
    if holdings is None:
        holdings = [("lab", site, 1.0) for site in sites]
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": list(sites), "lat": 50.0, "lon": 10.0, "it_mw": mw}),
        labs=pd.DataFrame({"lab_id": list(labs), "needed_share": list(labs.values())}),
        holdings=pd.DataFrame(holdings, columns=["lab_id", "site_id", "share"]),
        nodes=pd.DataFrame({"node_id": list(names), "kind": "grid"}) if names else None,
        requirements=pd.DataFrame(
            [(*row[:3], *({**TERMS, **row[3]}).values()) for row in rows],
            columns=NEEDS) if rows else None,
        events=events)


def lab_per_site(*rows: tuple, sites, events=None) -> rm.World:
    """Make a world in which every site is a lab's own, so that its losses can be told apart."""
    return world(*rows, sites=sites, labs=dict.fromkeys((f"lab {s}" for s in sites), 1.0),
                 holdings=[(f"lab {s}", s, 1.0) for s in sites], events=events)


def hit(*outages: tuple, peril: str = "storm", region: str = "here", event_id: str = "",
        campaign_id: str = "") -> rm.Event:
    """Make an event; an outage is (node, start, hours[, depth[, part]])."""
    return rm.Event(peril, region, [rm.OwnOutage(*outage) for outage in outages], event_id,
                    campaign_id)


def hours(losses: rm.Losses) -> float:
    """Return what was lost, in hours of one whole site."""
    return float(losses.years["lost_mw_days"].sum()) * 24.0 / MW


def lost(of: rm.World, *events: rm.Event, **how) -> float:
    """Return what the story costs, in hours of one whole site."""
    return hours(rm.stress(of, list(events), **how))


def causes(of: rm.World, *events: rm.Event, by: str = "node") -> dict[str, float]:
    """Return the hours lost by cause."""
    told = rm.stress(of, list(events)).causes
    split = told.astype({by: str}).groupby(by)["lost_mw_days"].sum() * 24.0 / MW
    return {name: round(value, 9) for name, value in split.items()}


def table(*rows: dict, **same) -> pd.DataFrame:
    """Make an event table; every row is certain, whole and an hour long unless it says else."""
    default = {"event_id": "e", "peril": "storm", "region": "here", "rate_per_yr": 1.0,
               "node_id": "s", "probability": 1.0, "depth": 1.0, "duration_dist": "fixed",
               "duration_h": 1.0, "duration_shape": float("nan"), "part": "",
               "duration_group": ""}
    return pd.DataFrame([{**default, **same, **row} for row in rows])
