"""``backtest``: freeze what was known at a day, predict, and compare with what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.backtests.draws import Draws
from riskmodel.decisions.backtests.frozen import Frozen, read_backtests
from riskmodel.engine.outages.streams import check_seed
from riskmodel.errors import RiskModelError
from riskmodel.measures.scores import central_interval, crps, percentile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

#: what a back-test's file may name under ``forecast``
FORECASTS: Mapping[str, str] = {
    "strike_on_cloud": "riskmodel.decisions.backtests.strike_on_cloud",
    "campaign_on_grid": "riskmodel.decisions.backtests.campaign_on_grid",
    "state_events": "riskmodel.decisions.backtests.state_events",
    "restoration": "riskmodel.decisions.backtests.restoration",
    "load_trips": "riskmodel.decisions.backtests.load_trips",
}
DRAWS = 10_000
COVER = 0.9
COLUMNS = ("quantity", "what", "unit", "observed", "low", "median", "high", "percentile", "crps",
           "crps_unit", "inside", "verdict")


@dataclass(frozen=True, eq=False)
class BackTest:
    """What was predicted, and what happened.

    Attributes
    ----------
    table : frame ``quantity, what, unit, observed, low, median, high, percentile, crps, crps_unit,
        inside, verdict``; low and high are the 5 and 95 % points of the forecast, ``percentile``
        says where in it the observed value fell, ``crps`` is the continuous ranked probability
        score: of the quantity, or of its natural logarithm where ``crps_unit`` is "ln".
    samples : quantity -> draws of the forecast, shape (n,)
    inputs : every number that the forecast read, with the day it was known
    """

    backtest_id: str
    name: str
    story: str
    freeze: dt.date
    lower_bound: frozenset[str]
    table: pd.DataFrame
    samples: Mapping[str, NDArray[np.float64]]
    inputs: pd.DataFrame
    sources: Mapping[str, Any]
    n: int
    seed: int

    @property
    def verdict(self) -> str:
        """One sentence over all quantities."""
        inside = int(self.table["inside"].sum())
        count = len(self.table)
        if inside == count:
            word = "both " if count == 2 else f"all {count} " if count > 2 else ""
            return f"{word}inside the 90 % band"
        missed = self.table.loc[~self.table["inside"], ["what", "verdict"]]
        return f"{inside} of {count} inside the 90 % band; " + "; ".join(
            f"{what}: {verdict}" for what, verdict in missed.itertuples(index=False))


def backtests(world: World) -> pd.DataFrame:
    """Return the back-tests of a world: frame ``backtest, name, freeze, story``."""
    return pd.DataFrame([{"backtest": key, "name": each.data["name"], "freeze": each.freeze,
                          "story": each.data["story"]}
                         for key, each in read_backtests(world).items()],
                        columns=["backtest", "name", "freeze", "story"])


def backtest(world: World, name: str, *, n: int = DRAWS, seed: int = 0) -> BackTest:
    """Return one back-test of the world: its forecast, frozen at a day, against what happened.

    Parameters
    ----------
    name : an id of ``backtests(world)``, such as "aws-gulf-2026"
    n : draws of the forecast ; seed : one whole number

    Raises
    ------
    RiskModelError : no such back-test; or its forecast asks for a number that was not known
        before the freeze.
    """
    found = read_backtests(world)
    if name not in found:
        near = get_close_matches(str(name), list(found), n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RiskModelError(f"there is no back-test {name!r}{hint or '.'} There are "
                             f"{', '.join(found) or 'none: back-tests lie in the world folder'}")
    if isinstance(n, bool) or n != int(n) or n < 100:
        raise RiskModelError(f"n is {n!r}; give a whole number of draws, 100 or more")
    return _run(found[name], world, int(n), check_seed(seed))


def _run(frozen: Frozen, world: World, n: int, seed: int) -> BackTest:
    data = frozen.data
    try:
        module = import_module(FORECASTS[data["forecast"]])
    except KeyError:
        raise RiskModelError(f"back-test {data['id']}: forecast is {data['forecast']!r}; give one "
                             f"of {', '.join(FORECASTS)}") from None
    forecast: Callable[..., dict[str, NDArray[np.float64]]] = module.forecast
    samples = forecast(frozen, world, Draws(seed, str(data["id"]), n))
    missing = sorted(set(data["observed"]) - set(samples))
    if missing:
        raise RiskModelError(f"back-test {data['id']}: its forecast says nothing of "
                             f"{', '.join(missing)}; it speaks of {', '.join(samples)}")
    rows = []
    for name, fact in data["observed"].items():
        sample, observed = samples[name], frozen.observed(name)
        low, high = central_interval(sample, COVER)
        at_least = bool(fact.get("at_least", False))
        where = percentile(sample, observed)
        # of a lower bound only this is known: what is below it did not happen
        inside = (observed <= high) if at_least else (low <= observed <= high)
        rows.append({
            "quantity": name, "what": fact["what"], "unit": fact["unit"], "observed": observed,
            "low": low, "median": float(np.median(sample)), "high": high, "percentile": where,
            "crps": np.nan if at_least else _crps(sample, observed, fact),
            "crps_unit": "ln" if _in_logs(fact) else fact["unit"], "inside": inside,
            "verdict": _verdict(sample, observed, inside, at_least)})
    return BackTest(
        backtest_id=data["id"], name=data["name"], story=data["story"], freeze=frozen.freeze,
        lower_bound=frozenset(name for name, fact in data["observed"].items()
                              if fact.get("at_least", False)),
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        samples={name: samples[name] for name in data["observed"]}, inputs=frozen.inputs(),
        sources=data.get("sources", {}), n=n, seed=seed)


def _in_logs(fact: Mapping[str, Any]) -> bool:
    """Say whether a quantity is scored by its logarithm: times that spread over decades."""
    return fact.get("scale", "linear") == "log"


def _crps(sample: NDArray[np.float64], observed: float, fact: Mapping[str, Any]) -> float:
    if _in_logs(fact):
        return crps(np.log(sample), float(np.log(observed)))
    return crps(sample, observed)


def _verdict(sample: NDArray[np.float64], observed: float, inside: bool, at_least: bool) -> str:
    low, high = central_interval(sample, 0.5)
    if not inside:
        return "missed: predicted too little" if observed > np.median(sample) else (
            "missed: predicted too much")
    if at_least:
        return "not contradicted: a lower bound inside the band"
    return "as predicted" if low <= observed <= high else "inside the band"
