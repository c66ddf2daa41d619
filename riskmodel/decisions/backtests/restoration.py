"""How long restoration takes, from the restorations that had been seen before.

Durations are lognormal with unknown median and spread. A weak prior (``prior_median_h`` and
``prior_sigma``, worth ``prior_events`` and ``prior_spread_events`` restorations) and the earlier
events of the same class give the conjugate predictive distribution, Student's t in the logarithm
(Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.3).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.decisions.backtests.draws import Draws
    from riskmodel.decisions.backtests.frozen import Frozen
    from riskmodel.world.world import World

COLUMNS = {"half_h": "duration_h_to_50pct", "full_h": "duration_h_to_full"}


def forecast(frozen: Frozen, world: World, draws: Draws) -> dict[str, NDArray[np.float64]]:
    """Return predicted hours to half and to full restoration, whichever were observed.

    Both share their draw: what is slow to half is slow to the end.
    """
    found = {}
    for name in frozen.data["observed"]:
        seen = past_hours(frozen, world, COLUMNS[name])
        found[name] = predictive(
            draws("restoration"), seen, median=frozen.best(name, "prior_median_h"),
            sigma=frozen.best("prior_sigma"), weight=frozen.best("prior_events"),
            spread_weight=frozen.best("prior_spread_events"))
    return found


def predictive(u: ArrayLike, seen: ArrayLike, *, median: float, sigma: float,
               weight: float, spread_weight: float) -> NDArray[np.float64]:
    """Return quantiles of the next duration, in the unit of ``seen``.

    The prior's median counts as ``weight`` events, its spread as ``spread_weight``.
    """
    from scipy.special import stdtrit

    x = np.log(np.asarray(seen, dtype=float))
    n, prior = x.size, float(np.log(median))
    mean = float(x.mean()) if n else prior
    strength, freedom = weight + n, spread_weight + n
    centre = (weight * prior + n * mean) / strength
    squares = (spread_weight * sigma**2 + float(((x - mean) ** 2).sum())
               + weight * n / strength * (mean - prior) ** 2)
    scale = np.sqrt(squares / freedom * (strength + 1.0) / strength)
    return np.exp(centre + scale * stdtrit(freedom, np.asarray(u, dtype=float)))


def past_hours(frozen: Frozen, world: World, column: str) -> NDArray[np.float64]:
    """Return the durations of the earlier events that the file names, where the record has them.

    Raises
    ------
    RiskModelError : an event is not in the world's ``events_observed``, or was not over before the
        freeze.
    """
    table = world.events_observed.set_index("event_id")
    hours = []
    for event in frozen.data.get("past", []):
        if event not in table.index:
            raise RiskModelError(f"back-test {frozen.data['id']}: past names the event {event!r}, "
                                 "which is not in events_observed")
        row = table.loc[event]
        value = float(row[column])
        if not np.isfinite(value) or value <= 0:
            continue
        over = dt.date.fromisoformat(f"{row['start_utc']}-01-01"[:10]) + dt.timedelta(hours=value)
        if over >= frozen.freeze:
            raise RiskModelError(f"back-test {frozen.data['id']}: {event} was over on {over}, not "
                                 f"before the freeze of {frozen.freeze}; take it out of past")
        hours.append(value)
        frozen.read[f"events_observed.{event}.{column}"] = {
            "low": value, "best": value, "high": value, "unit": "h", "known_on": over,
            "source": event}
    return np.array(hours)
