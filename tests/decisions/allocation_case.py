"""A small world to split capacity in: five sites, three grids, two countries, known storms."""

from __future__ import annotations

import pandas as pd

import riskmodel as rm

SITES = ("tex_a", "tex_b", "ohio", "oslo", "dubai")


def small_world(**events_changes) -> rm.World:
    """Two sites share ERCOT; every grid and one site fail at known rates; one lab holds ERCOT."""
    sites = pd.DataFrame({
        "site_id": SITES, "lat": [32.0, 33.0, 40.0, 59.9, 25.0],
        "lon": [-99.0, -97.0, -83.0, 10.7, 55.2], "it_mw": [100.0, 0.0, 40.0, 0.0, 0.0],
        "coord_precision_km": [1.0, 1.0, 5.0, 20.0, 1.0],
        "operator": ["Alpha", "Alpha", "Beta", "Beta", ""],
        "country_iso2": ["US", "US", "US", "NO", "AE"],
        "grid_region": ["ERCOT", "ERCOT", "PJM", "NO1", ""]})
    events = pd.DataFrame({
        "event_id": ["e", "p", "n", "d", "f"], "peril": "storm",
        "region": ["ERCOT", "PJM", "NO1", "gulf", "ERCOT"],
        "rate_per_yr": [0.3, 0.25, 0.2, 0.5, 0.1],
        "node_id": ["grid:ERCOT", "grid:PJM", "grid:NO1", "dubai", "tex_b"], "probability": 1.0,
        "depth": 1.0, "duration_dist": "exponential",
        "duration_h": [200.0, 150.0, 120.0, 900.0, 100.0]}).assign(**events_changes)
    return rm.World.from_frames(
        sites=sites, events=events,
        labs=pd.DataFrame({"lab_id": ["one", "none"], "needed_share": [0.9, 0.9]}),
        holdings=pd.DataFrame({"lab_id": ["one"], "site_id": ["tex_a"], "share": [1.0]}),
        nodes=pd.DataFrame({"node_id": ["grid:ERCOT", "grid:PJM", "grid:NO1"], "kind": "grid"}),
        requirements=pd.DataFrame({
            "node_id": ["tex_a", "tex_b", "ohio", "oslo"], "group": "power",
            "member_id": ["grid:ERCOT", "grid:ERCOT", "grid:PJM", "grid:NO1"]}),
        theatres=pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["AE"]}),
        as_of="2026-11-23")
