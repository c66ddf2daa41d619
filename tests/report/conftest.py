"""A small world with everything a report shows, simulated once."""

from __future__ import annotations

import pandas as pd
import pytest

import riskmodel as rm


def make_world(labs: dict[str, str] | None = None, as_of: str = "2026-11-23",
               **changes: pd.DataFrame) -> rm.World:
    """Three sites, three labs (one without capacity), two grids, a theatre, four events."""
    names = labs or {"alpha": "Alpha Lab", "beta": "Beta & Co", "idle": "Idle Lab"}
    one, two, _ = names
    sites = pd.DataFrame({
        "site_id": ["tex", "ohio", "dubai", "soon"], "lat": [32.0, 40.0, 25.0, 24.5],
        "lon": [-99.0, -83.0, 55.2, 54.4], "it_mw": [100.0, 40.0, 10.0, 0.0],
        "name": ["Texas Secret Hall", "Ohio Secret Hall", "Dubai Secret Hall", "Falcon Secret"],
        "country_iso2": ["US", "US", "AE", "AE"], "grid_region": ["ERCOT", "PJM", "", ""],
        "it_mw_basis": ["facility / PUE", "facility / PUE", "estimate: band of peers", "none"],
        "confidence": ["high", "medium", "low", "medium"],
        "status": ["operational", "operational", "operational", "planned"],
        "source_urls": ["https://epoch.ai/data/ai-data-centers", "https://example.org/a", "", ""]})
    frames: dict[str, pd.DataFrame] = {
        "sites": sites,
        "labs": pd.DataFrame({"lab_id": list(names), "name": list(names.values()),
                              "needed_share": [0.9, 0.5, 0.5]}),
        "holdings": pd.DataFrame({"lab_id": [one, two, two], "site_id": ["tex", "ohio", "tex"],
                                  "share": [0.75, 1.0, 0.25]}),
        "nodes": pd.DataFrame({"node_id": ["grid:ERCOT", "grid:PJM"], "kind": ["grid", "grid"]}),
        "requirements": pd.DataFrame({
            "node_id": ["tex", "ohio"], "group": ["power", "power"],
            "member_id": ["grid:ERCOT", "grid:PJM"], "ride_through_h": [2.0, 0.0]}),
        "theatres": pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["AE"]}),
        "sites_timeline": pd.DataFrame({
            "site_id": ["soon"], "date": ["2027-06-30"], "it_mw": [200.0],
            "state": ["projected"]}),
        "events": pd.DataFrame({
            "event_id": ["g1", "g2", "f1", "k1"], "peril": ["storm", "storm", "fire", "raid"],
            "region": ["ERCOT", "PJM", "ERCOT", "gulf"], "rate_per_yr": [0.6, 0.4, 0.1, 0.2],
            "node_id": ["grid:ERCOT", "grid:PJM", "tex", "dubai"],
            "probability": [1.0, 0.9, 1.0, 0.8], "depth": [1.0, 0.8, 0.5, 1.0],
            "duration_dist": ["lognormal", "exponential", "fixed", "fixed"],
            "duration_h": [20.0, 30.0, 400.0, 2000.0],
            "duration_shape": [1.0, float("nan"), float("nan"), float("nan")]}),
    }
    return rm.World.from_frames(as_of=as_of, **(frames | changes))


@pytest.fixture(scope="session")
def world() -> rm.World:
    return make_world()


@pytest.fixture(scope="session")
def losses(world: rm.World) -> rm.Losses:
    return rm.simulate(world, years=1200, seed=3)


@pytest.fixture(scope="session")
def page(losses: rm.Losses, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = rm.write_report(losses, tmp_path_factory.mktemp("report") / "a report é.html")
    return path.read_text(encoding="utf-8")
