"""The measures and curves of a whole run: every lab, and after them the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.measures.measure import exceedance, measure

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

_BY = ("lab", "total")


def all_measures(losses: Losses) -> pd.DataFrame:
    """Return every measure of every lab and of the total."""
    return pd.concat([measure(losses, by=by) for by in _BY], ignore_index=True)


def all_exceedance(losses: Losses) -> pd.DataFrame:
    """Return the AEP and OEP ladders of every lab and of the total."""
    return pd.concat([exceedance(losses, basis=basis, by=by)
                      for basis in ("aep", "oep") for by in _BY], ignore_index=True)
