"""The first years of a run: what is too dear to run again for all of them runs on these."""

from __future__ import annotations

from dataclasses import replace

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses


def first_years(losses: Losses, most: int) -> Losses:
    """Return the losses of the first years of a run, whole rounds of its worlds."""
    if isinstance(losses, LongRun):
        losses = losses.first
    n = min(losses.n_years, max(most - most % losses.worlds, losses.worlds))
    if n == losses.n_years:
        return losses
    frames = {name: frame[frame["year"] < n] for name in ("years", "causes", "adequacy")
              if (frame := getattr(losses, name)) is not None}
    weights = None if losses.weights is None else losses.weights[:n]
    return replace(losses, n_years=n, weights=weights, **frames)
