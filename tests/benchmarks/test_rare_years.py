"""Wars drawn often: the same answers, and at least 20 times fewer years for the far tail."""

from __future__ import annotations

import numpy as np
import pytest

import riskmodel as rm
from tests.benchmarks.rare_years import LEVEL, PROPOSAL, run

ASKED = {"measures": ["aal", "aep", "tvar", "eue"], "return_periods": [10, 100, 500],
         "levels": [LEVEL]}


@pytest.mark.slow
def test_weighted_years_agree_with_plain_ones_and_far_fewer_do():
    plain, rare = (run(years, 17, how, adequacy=True)
                   for years, how in ((60_000, None), (8_000, PROPOSAL)))
    one, two = (rm.measure(losses, "total", **ASKED) for losses in (plain, rare))
    apart = (two["value"] - one["value"]).abs() / np.hypot(one["se"], two["se"])
    assert (apart < 4).all(), apart.tolist()
    tail = [frame[frame["measure"] == "tvar"].iloc[0] for frame in (one, two)]
    per_year = [row["se"] ** 2 * row["n"] for row in tail]
    assert per_year[0] / per_year[1] > 20
    # the weighted run knows what its years are worth without the plain one
    assert tail[1]["n_effective"] / tail[1]["n"] > 20
