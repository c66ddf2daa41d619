"""P53 and P56 through ``World.move`` and ``rm.compare``: what common draws are worth, and what a
split at equal hazard changes."""

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm

YEARS = 20_000


def sites_alike(mw: dict[str, float], rate: float, hours: float, sigma: float) -> rm.World:
    """One lab; every site has its own outages, a peril of its own each, alike in law."""
    ids = list(mw)
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": 50.0, "lon": 10.0, "it_mw": list(mw.values())}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        events=pd.DataFrame({"event_id": ids, "peril": [f"fire_{s}" for s in ids],
                             "region": "here", "rate_per_yr": rate, "node_id": ids,
                             "probability": 1.0, "depth": 1.0, "duration_h": hours,
                             "duration_dist": "lognormal" if sigma else "fixed",
                             "duration_shape": sigma}))


def run(world: rm.World) -> rm.Losses:
    return rm.simulate(world, YEARS, seed=53, adequacy=False)


def aal_row(frame: pd.DataFrame) -> pd.Series:
    return frame[(frame["lab"] == "lab") & (frame["measure"] == "aal")].iloc[0]


def test_p53_common_draws():
    """All at one site or half at each of two, Poisson .1 each, unit loss: .05 against .15."""
    start = sites_alike({"one": 24.0, "two": 0.0}, 0.1, 1.0, 0.0)
    half = start.move("lab", 12, "one", "two")
    base, other = run(start), run(half)
    common = aal_row(rm.compare(base, other, measures=["aal"]))
    apart = aal_row(rm.compare(base, other, measures=["aal"], paired=False))
    # a sum of Poisson terms has the fourth moment kappa_4 + 3 variance^2
    for found, variance, fourth in ((common, 0.05, 0.2 * 0.5**4), (apart, 0.15, None)):
        of_year = found["se"] ** 2 * YEARS
        spread = (fourth + 2 * variance**2) if fourth is not None else (
            np.sqrt(0.1 + 2 * 0.1**2) + np.sqrt(0.2 * 0.5**4 + 2 * 0.05**2)) ** 2
        assert abs(of_year - variance) < 4 * np.sqrt(spread / YEARS)
    assert abs(common["difference"]) < 4 * common["se"]  # a split at equal hazard


@pytest.mark.parametrize("nothing", [
    lambda world: world, lambda world: world.move("lab", 0.0, "one", "two"),
    lambda world: world.move("lab", 7.0, "one", "one"),
    lambda world: world.move("lab", 12.0, "one", "two").move("lab", 12.0, "two", "one")])
def test_p53_identical_portfolios_differ_by_exactly_nothing(nothing):
    start = sites_alike({"one": 24.0, "two": 0.0}, 0.1, 1.0, 0.0)
    found = rm.compare(rm.simulate(start, 2000, 53), rm.simulate(nothing(start), 2000, 53))
    assert (found["difference"] == 0).all()
    assert (found["se"] == 0).all()
    assert set(found["verdict"]) == {"no change"}


def expected_loss(world: rm.World) -> float:
    """Return the AAL in MW-days: each site's MW x rate x chance x depth x mean duration."""
    events = world.events
    days = events["duration_h"] * np.exp(events["duration_shape"].to_numpy() ** 2 / 2) / 24
    per_mw = (events["rate_per_yr"] * events["probability"] * events["depth"] * days).groupby(
        events["node_id"]).sum()
    sites = world.sites.set_index("site_id")["it_mw"]
    return float((per_mw.reindex(sites.index) * sites).sum())


def test_p56_half_of_a_site_moved_to_its_twin():
    """1 GW, or half of it at the twin: the same average, a tail no heavier."""
    start = sites_alike({"one": 1000.0, "twin": 0.0}, 0.2, 240.0, 0.7)
    half = start.move("lab", 500, "one", "twin")
    assert half.sites["it_mw"].tolist() == [500.0, 500.0]
    assert expected_loss(half) / expected_loss(start) == pytest.approx(1.0, rel=1e-12)
    found = rm.compare(run(start), run(half), by="total", measures=["aal", "tvar"],
                       level=[0.9, 0.95, 0.99])
    aal = found[found["measure"] == "aal"].iloc[0]
    assert abs(aal["difference"]) < 4 * aal["se"]
    assert abs(aal["base"] - expected_loss(start)) < 4 * aal["se"] * 3  # overlaps are rare
    tail = found[found["measure"] == "tvar"]
    assert (tail["difference"] < 0).all()
    assert set(tail["verdict"]) == {"better"}
