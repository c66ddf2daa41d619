"""What is said of a run whose years carry weights: which wars were made frequent, and its worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.engine.outages.rare_years import proposal_in

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses


def drawn_otherwise(losses: Losses) -> str:
    """Return a sentence on how the years were drawn; empty where all weigh the same."""
    if losses.weights is None:
        return ""
    proposal = proposal_in(losses.manifest)
    if proposal is None:
        return "The years carry weights that came with them."
    names = [name.replace("_", " ").title() for name in sorted(proposal.theatres)]
    where = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return (f"Wars of the theatre{'s' if len(names) > 1 else ''} {where} were drawn more often "
            "than they happen, and every year carries the weight that makes up for it (at most "
            f"{1 / proposal.defensive:g}).")


def worth(measures: pd.DataFrame, level: float, lab: str = "total") -> str:
    """Return a sentence on how many plain years the weighted ones are worth for a lab.

    ``measures`` is a frame of ``measure`` with the column ``n_effective``, and holds the AAL and
    TVaR at ``level``.
    """
    mine = measures[measures["lab"] == lab]
    aal = mine.loc[mine["measure"] == "aal", "n_effective"]
    tail = mine.loc[(mine["measure"] == "tvar") & np.isclose(mine["level"].astype(float), level),
                    "n_effective"]
    told = [(f"{float(found.iloc[0]):,.0f} plain years for {what}")
            for found, what in ((aal, "the average"),
                                (tail, f"the mean of the worst {100 * (1 - level):g} % of years"))
            if len(found) and np.isfinite(float(found.iloc[0]))]
    return f"They are worth {' and '.join(told)}." if told else ""
