"""What a lost fraction of a run's compute means: four answers to four questions, side by side.

1. ``replanned_loss``: the run has not begun and is planned again with what is left.
2. ``fewer_tokens_loss``: the architecture is frozen and the run sees fewer tokens.
3. ``slip_days``: the run keeps its plan and ends later.
4. ``trend_months`` and ``trend_months_effective``: how long the field's trend needs to make up for
   as much, in compute alone and in compute times algorithmic progress.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.compute.growth import Growth, longest_sensible_run_months, read_growth, trend_months
from riskmodel.compute.ledger import SECONDS_PER_DAY
from riskmodel.compute.scaling import FLOP_PER_PARAMETER_TOKEN, Law, as_law
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from riskmodel.world.world import World

QUESTIONS = ("replanned_loss", "fewer_tokens_loss", "slip_days", "trend_months",
             "trend_months_effective")
COLUMNS = ("fraction_lost", "question", "value", "low", "high", "unit", "law", "constants", "note")
NOTHING_LEFT = "all of the run's compute is lost: there is no run to speak of"
_DAYS_PER_MONTH = 365.25 / 12.0


@dataclass(frozen=True)
class TrainingRun:
    """A run as planned: its compute and its length; size and tokens where they are fixed.

    Parameters
    ----------
    flop : training compute, FLOP
    days : planned length
    parameters, tokens : of a frozen architecture; compute-optimal by the law in force where they
        are not given
    mode : "elastic" (what is lost is lost at the rate of what is left) or "rigid" (an outage stops
        the run, and it goes on where it stopped)
    restart_days : what a rigid run needs to be up again, once
    """

    flop: float
    days: float
    parameters: float = math.nan
    tokens: float = math.nan
    mode: str = "elastic"
    restart_days: float = 0.0
    name: str = "run"

    def __post_init__(self) -> None:
        for name in ("flop", "days"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise RiskModelError(f"TrainingRun: {name} is {getattr(self, name)}; give a "
                                     "number above 0")
        if math.isnan(self.parameters) != math.isnan(self.tokens):
            raise RiskModelError("TrainingRun: give both parameters and tokens, or neither")
        if not math.isnan(self.tokens):
            if not (self.parameters > 0 and self.tokens > 0):
                raise RiskModelError("TrainingRun: parameters and tokens are above 0")
            own = FLOP_PER_PARAMETER_TOKEN * self.parameters * self.tokens
            if not 0.5 < own / self.flop < 2.0:
                raise RiskModelError(
                    f"TrainingRun: 6 x {self.parameters:.3g} parameters x {self.tokens:.3g} tokens "
                    f"are {own:.3g} FLOP, and flop is {self.flop:.3g}; give numbers that agree, "
                    "with active parameters for a mixture of experts")
        if self.mode not in ("elastic", "rigid"):
            raise RiskModelError(f"TrainingRun: mode is {self.mode!r}; give elastic or rigid")
        if not self.restart_days >= 0:
            raise RiskModelError(f"TrainingRun: restart_days is {self.restart_days}; 0 or more")


def run_of_capacity(h100e: float, days: float, *, mfu: float = 0.40,
                    peak_flops: float = 989.5e12, **how: Any) -> TrainingRun:
    """Return the run that so many H100-equivalents train in so many days."""
    return TrainingRun(h100e * days * SECONDS_PER_DAY * peak_flops * mfu, days, **how)


def consequences(fraction_lost: ArrayLike, run: TrainingRun, *,
                 law: Law | str | Iterable[Law | str] | None = None, growth: Growth | None = None,
                 world: World | None = None) -> pd.DataFrame:
    """Return all four answers for each fraction of the run's compute that is lost.

    Parameters
    ----------
    fraction_lost : one number or many, from 0; from 1 on nothing is left and the answers are NaN
    law : a scaling law, its name, or several of them; the file's default where not given
    growth : growth of compute and algorithms; the file's where not given

    Returns
    -------
    frame ``fraction_lost, question, value, low, high, unit, law, constants, note``
        Loss in nats a token, added. Its bounds are NaN: sets of constants are no interval, ask for
        several laws. ``slip_days`` runs from capacity that comes back (``low``: the lost work at
        full rate) to capacity that stays lost (``high``: at the rate of what is left, methods'
        form for an elastic run); a rigid run slips by the lost time and the restart. Months of
        trend have 95 % bounds.
    """
    lost = np.atleast_1d(np.asarray(fraction_lost, dtype=float))
    if lost.ndim != 1 or not (lost >= 0).all():
        raise RiskModelError("consequences: fraction_lost must be one or many numbers, 0 or more")
    named = [law] if law is None or isinstance(law, str) or not isinstance(law, Iterable) \
        else list(law)
    used = [as_law(one, world=world) for one in named]
    pace = growth if growth is not None else read_growth(world)
    rows: list[tuple[Any, ...]] = []
    for one in used:
        best = one.optimal(run.flop)
        frozen = not math.isnan(run.tokens)
        size, tokens = ((run.parameters, run.tokens) if frozen
                        else (best.parameters, best.tokens))
        shape = (f"{size:.3g} parameters, {tokens:.3g} tokens"
                 f"{'' if frozen else ', compute-optimal'}")
        for question, values, note in (
                ("replanned_loss", one.replanned(run.flop, lost),
                 f"{run.flop:.3g} FLOP; {float(one.optimal_loss(run.flop)):.5f} as planned"),
                ("fewer_tokens_loss", one.fewer_tokens(tokens, lost, size), shape)):
            rows += [(f, question, v, math.nan, math.nan, "nats/token", one.name, one.constants,
                      note) for f, v in zip(lost, values, strict=True)]
    rows += _slip(lost, run, pace)
    for question, algorithms in (("trend_months", False), ("trend_months_effective", True)):
        value, low, high = trend_months(lost, pace, algorithms=algorithms)
        text = f"compute grows {pace.compute_per_yr.best:g} times a year"
        if algorithms:
            text += (f", compute for a fixed quality halves in {pace.halving_months.best:g} months"
                     f" ({pace.halving_months.low:g} to {pace.halving_months.high:g})")
        rows += [(*row, "months", "", text, "")
                 for row in zip(lost, [question] * lost.size, value, low, high, strict=True)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    gone = (frame["fraction_lost"] >= 1.0) & frame["value"].isna()
    frame.loc[gone, "note"] = NOTHING_LEFT
    frame.loc[gone, ["low", "high"]] = math.nan
    order = {question: i for i, question in enumerate(QUESTIONS)}
    keys = frame["question"].map(order)
    return frame.assign(_q=keys).sort_values(["fraction_lost", "_q"], kind="stable",
                                             ignore_index=True).drop(columns="_q")


def _slip(lost: Any, run: TrainingRun, growth: Growth) -> list[tuple[Any, ...]]:
    left = np.where(lost < 1.0, 1.0 - lost, np.nan)
    back = lost * run.days
    if run.mode == "elastic":
        value, low, high = back / left, back, back / left
        text = "elastic: lost work at the rate of what is left; low: capacity comes back"
    else:
        value = back + run.restart_days * (lost > 0)
        low = high = value
        text = "rigid: the outage and the restart"
    limit = longest_sensible_run_months(growth.algorithms_per_yr, growth.hardware_per_yr.best)
    rows = []
    for f, v, a, b in zip(lost, value, low, high, strict=True):
        planned, late = run.days / _DAYS_PER_MONTH, (run.days + v) / _DAYS_PER_MONTH
        note = (f"{late:.1f} months in all, past the longest sensible run of {limit:.1f}: starting "
                "again on newer hardware may be better" if planned <= limit < late else "")
        rows.append((f, "slip_days", v, a, b, "days", "", text, note))
    return rows
