"""How the worth of a spread hangs on what a lab needs up at once.

``needed_share`` is a judgement, and the answer hangs on it: a lab that needs everything gains
nothing in firm MW from two sites, a lab that can live on half gains most. So the figures are shown
for a ladder of shares, from one run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskmodel.decisions.diversification.arrangements import AS_IS, CONCENTRATED, arrangements
from riskmodel.decisions.diversification.firm import firm_capacity
from riskmodel.engine.losses.courses import Courses, booked_courses
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.held import held_mw
from riskmodel.measures.estimators import Z95
from riskmodel.measures.influence import paired_se
from riskmodel.measures.yeartable import one_of, require_annual

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
COLUMNS = ("lab", "needed_share", "measure", "value", "se", "low", "high", "unit", "n", "note")


def needed_share_figures(losses: Losses, lab: str, shares: Sequence[float] = SHARES, *,
                         courses: tuple[Courses, Courses] | None = None) -> pd.DataFrame:
    """Return the worth of a lab's spread at several needed shares.

    Returns
    -------
    frame ``lab, needed_share, measure, value, se, low, high, unit, n, note``: ``efc`` (MW: as it
    is, against everything at the largest site), ``eue`` (MW-days/yr) and ``lolh`` (h/yr) as it is,
    and ``eue_concentrated``, ``lolh_concentrated`` with everything at the largest site
    """
    require_annual(losses, "the worth of a spread")
    refuse_weighted(losses, "needed_share_figures")
    one_of(lab, losses.labs, "lab")
    occurrence, calendar = courses or booked_courses(losses)
    mw = held_mw(losses, lab, occurrence.sites)
    placed = arrangements(mw, occurrence, calendar)
    n = losses.n_years
    rows: list[tuple[object, ...]] = []
    for share in shares:
        firm = firm_capacity(lab, placed[CONCENTRATED].calendar, placed[AS_IS].calendar,
                             float(share), losses.horizon_days)
        rows.append((lab, share, "efc", firm.value, firm.se, firm.low, firm.high, "MW", n,
                     firm.note))
        for name, ending in ((AS_IS, ""), (CONCENTRATED, "_concentrated")):
            course = placed[name].calendar
            short = course.shortfall(course.capacity_mw * (1 - share))
            for measure, values, unit in (("eue", short.mw_days, "MW-days/yr"),
                                          ("lolh", short.hours, "h/yr")):
                mean, se = float(values.mean()), paired_se(values, np.zeros(n))
                rows.append((lab, share, f"{measure}{ending}", mean, se, mean - Z95 * se,
                             mean + Z95 * se, unit, n, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))
