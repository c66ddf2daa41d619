"""The largest campaign of a year: events that share a campaign count as one occurrence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import Floats, names_of, one_of

OCCURRENCES = ("event", "campaign")


def largest_campaign_losses(losses: Losses, by: str = "lab") -> dict[str, Floats]:
    """Return the largest campaign of each year (OEP basis) of each lab, or of all together.

    Events of one year and peril with the same ``campaign_id`` are one occurrence; an event without
    a campaign is one by itself. That of all together is the largest sum over labs of one
    occurrence. Years without loss are left out, as in ``largest_event_losses``.

    Raises
    ------
    RiskModelError : the losses do not say what caused them (a bare year table)
    """
    refuse_weighted(losses)
    return {lab: values for lab, (_, values) in largest_campaign_series(losses, by).items()}


def largest_campaign_series(losses: Losses, by: str = "lab"
                            ) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """Return the years with a loss and the largest campaign of each."""
    names = names_of(losses, by)
    causes, events = losses.causes, losses.events
    if not len(causes) and losses.years["lost_mw_days"].gt(0).any():
        raise RiskModelError("the largest campaign of a year needs the causes of the losses, and a "
                             "bare year table has none; simulate, or read losses saved whole")
    place = pd.Index(events["event"].to_numpy(np.int64)).get_indexer(
        causes["event"].to_numpy(np.int64))
    occurrence = _occurrence_of_event(events)[place]
    frame = pd.DataFrame({"occurrence": occurrence, "year": causes["year"].to_numpy(np.int64),
                          "lab": causes["lab"].astype(str) if by == "lab" else names[0],
                          "lost": causes["lost_mw_days"].to_numpy(float)})
    each = frame.groupby(["lab", "year", "occurrence"], sort=False)["lost"].sum()
    largest = each.groupby(level=["lab", "year"]).max()
    found = {str(lab): (values.index.get_level_values("year").to_numpy(np.int64),
                        values.to_numpy(float)) for lab, values in largest.groupby(level="lab")}
    return {lab: found.get(lab, (np.zeros(0, np.int64), np.zeros(0))) for lab in names}


def check_occurrence(occurrence: str, basis: str) -> str:
    """Return ``occurrence`` if it is a word for what OEP counts; only OEP may ask for campaigns."""
    one_of(occurrence, OCCURRENCES, "occurrence")
    if occurrence == "campaign" and basis != "oep":
        raise RiskModelError(f"occurrence='campaign' says what the oep curve counts, and basis is "
                             f"{basis!r}; the sum of a year is the same either way")
    return occurrence


def _occurrence_of_event(events: pd.DataFrame) -> np.ndarray:
    """Return the number of the occurrence of each event, shape (events,)."""
    if not len(events):
        return np.zeros(0, np.int64)
    campaign = events["campaign_id"].astype(str)
    alone = (campaign == "").to_numpy()
    # a number of its own for an event without a campaign
    mark = np.where(alone, np.arange(len(events)), -1)
    key = [events["year"].to_numpy(), events["peril"].astype(str).to_numpy(),
           campaign.to_numpy(), mark]
    return pd.DataFrame(dict(enumerate(key))).groupby([0, 1, 2, 3], sort=False).ngroup().to_numpy()
