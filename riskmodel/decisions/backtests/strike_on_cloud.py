"""A campaign on a theatre's data centres, as ``kinetic_strike`` plays it with frozen numbers.

Ignorance and chance together: the replicates are spread over states of the world, each with its own
draw of every number within its band.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.perils import quantiles
from riskmodel.perils.kinetic.sample import CampaignSample, campaign_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.backtests.draws import Draws
    from riskmodel.decisions.backtests.frozen import Frozen
    from riskmodel.world.world import World

STATES = 50
PERIL = "kinetic_strike"
HOURS_PER_DAY = 24.0


def forecast(frozen: Frozen, world: World, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Return campaigns, leak share, direct hits, data centres down and days out, shape (n,)."""
    data = frozen.peril_data(world.perils[PERIL], PERIL)
    theatre = str(frozen.data["theatre"])
    parts: dict[str, list[NDArray[np.float64]]] = {
        "drone_leak": [], "direct_hits": [], "zones_down": [], "days_out": []}
    for first, count, spec in draws.states(data, STATES):
        sample = campaign_sample(spec, theatre, count, draws.of_block(first),
                                 days=frozen.given("days"))
        totals = sample.totals()
        launched = totals["launched_drone"].to_numpy(float)
        parts["drone_leak"].append(np.where(
            launched > 0, totals["leaked_drone"] / np.maximum(launched, 1.0),
            spec.data["theatres"][theatre]["weapons"]["drone"]["leak"]["best"]))
        parts["direct_hits"].append(totals["data_centre_direct"].to_numpy(float))
        parts["zones_down"].append(sample.zones_down().astype(float))
        parts["days_out"].append(_days_out(sample))
    rate = frozen.draw(draws("rate of campaigns"), PERIL, "theatres", theatre, "regime", "attacks",
                       "crisis")
    found = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    pool = found["days_out"]
    found["days_out"] = pool[(draws("which hit") * len(pool)).astype(np.int64)]
    found["campaigns"] = quantiles.poisson(draws("campaigns"),
                                           rate * frozen.given("years_watched")).astype(float)
    return found


def _days_out(sample: CampaignSample) -> NDArray[np.float64]:
    """Return the days until each directly hit data centre is whole again, one entry each."""
    rows = sample.outages[(sample.outages["target_class"] == "data_centre")]
    rows = rows.assign(end=rows["start_h"] + rows["duration_h"])
    hit = rows[rows["direct"]].groupby(["replicate", "target"])["start_h"].min()
    end = rows.groupby(["replicate", "target"])["end"].max().reindex(hit.index)
    # what is lost for good ends at the recovery cap of the model
    return np.minimum((end - hit).to_numpy(float) / HOURS_PER_DAY, RECOVERY_CAP_DAYS)
