"""How many large grid disturbances a span of years brings: Poisson with an uncertain rate.

rate of state-events of at least M MW
    = rate of disturbances of at least m MW x (M / m)^-exponent x states per disturbance
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.perils import quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.backtests.draws import Draws
    from riskmodel.decisions.backtests.frozen import Frozen
    from riskmodel.world.world import World


def forecast(frozen: Frozen, world: World, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Return the predicted number of events, shape (n,)."""
    rate = frozen.draw(draws("rate"), "rate_per_yr")
    exponent = frozen.draw(draws("exponent"), "survival_exponent")
    states = frozen.draw(draws("states"), "states_per_event")
    ratio = frozen.given("threshold_mw") / frozen.best("rate_threshold_mw")
    mean = rate * ratio**-exponent * states * frozen.given("years")
    return {"events": quantiles.poisson(draws("count"), mean).astype(float)}
