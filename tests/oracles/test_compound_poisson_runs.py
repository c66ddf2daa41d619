"""P07 and P08 through the whole engine: a year of minute-long outages is compound Poisson.

Outages of a mean of one minute are so short that two of them overlap about once in 100,000 years:
the union that the engine takes changes nothing that 4 standard errors could see.
"""

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.measures import compound

YEARS = 100_000
MEAN_H = 1 / 60
#: one MW-day is 24 h of 1 MW, so an outage of MEAN_H costs one unit on average at this power
UNIT_MW = 24 / MEAN_H

P07 = {"var": {.9: 4.72841, .95: 5.95692, .99: 8.62257, .995: 9.71597, .996: 10.06266,
               .999: 12.16895},
       "tvar": {.9: 6.44151, .95: 7.60544, .99: 10.17193, .995: 11.23506, .996: 11.57306,
                .999: 13.63389},
       "oep": {.9: 2.94351, .95: 3.66334, .99: 5.29330, .995: 5.98896, .996: 6.21260,
               .999: 7.60040}}
P08 = {"var": {.99: 3.75070, .996: 4.79336}, "tvar": {.99: 4.88588, .996: 5.92383},
       "oep": {.99: 3.39618, .996: 4.31548}}


def simulate(rate: float, seed: int) -> rm.Losses:
    world = rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s"], "lat": [50.0], "lon": [10.0], "it_mw": [UNIT_MW]}),
        holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["s"], "share": [1.0]}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.0]}),
        events=pd.DataFrame({
            "event_id": ["blip"], "peril": ["test_blip"], "region": ["here"],
            "rate_per_yr": [rate], "node_id": ["s"], "probability": [1.0], "depth": [1.0],
            "duration_dist": ["exponential"], "duration_h": [MEAN_H],
            "duration_shape": [float("nan")]}))
    return rm.simulate(world, years=YEARS, seed=seed)


@pytest.fixture(scope="module", params=[(2.0, P07), (0.3, P08)], ids=["p07", "p08"])
def run(request):
    rate, table = request.param
    return rate, table, simulate(rate, seed=20_260_901)


def test_p07_p08_mean_variance_and_no_loss(run):
    rate, _, losses = run
    frame = rm.measure(losses, by="total", measures=["aal", "p_loss"]).set_index("measure")
    aal = frame.loc["aal"]
    # exact standard errors: the variance of a year is 2 x rate
    assert abs(aal["value"] - rate) <= 4 * (2 * rate / YEARS) ** .5
    assert aal["se"] == pytest.approx((2 * rate / YEARS) ** .5, rel=.05)
    p_loss = compound.compound_exponential_exceedance(rate, 1.0, 0.0)
    assert abs(frame.loc["p_loss", "value"] - p_loss) <= 4 * (p_loss * (1 - p_loss) / YEARS) ** .5


def test_p07_exceedance(run):
    rate, _, losses = run
    lost = losses.years.groupby("year")["lost_mw_days"].sum().to_numpy()
    for x in (1.0, 3.0):
        p = compound.compound_exponential_exceedance(rate, 1.0, x)
        assert abs((lost > x).sum() / YEARS - p) <= 4 * (p * (1 - p) / YEARS) ** .5


def test_p07_p08_ladders(run):
    _, table, losses = run
    levels = list(table["var"])
    periods = [1 / (1 - level) for level in levels]
    frame = rm.measure(losses, by="total", measures=["var", "tvar", "oep"], levels=levels,
                       return_periods=periods)
    for name, expected in table.items():
        rows = frame[frame["measure"] == name]
        assert len(rows) == len(expected)
        for (_, row), value in zip(rows.iterrows(), expected.values(), strict=True):
            assert abs(row["value"] - value) <= 4 * row["se"], (name, row["level"])
