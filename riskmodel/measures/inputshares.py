"""Which unknown number explains how much of the spread between worlds, from one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.worlds import draw_numbers, unknown_numbers
from riskmodel.errors import RiskModelError
from riskmodel.measures import worldspread as ws
from riskmodel.measures.yeartable import TOTAL, one_of, require_annual, year_series
from riskmodel.perils.ignorance import Input

Floats = NDArray[np.float64]
HOLDINGS = "holdings"
#: fewer worlds than this tell no number from chance
FEWEST_WORLDS = 20


def input_shares(losses: Losses, lab: str | None = None, *,
                 perils: Sequence[Any] | None = None) -> pd.DataFrame:
    """Return how much of the variance of the AAL between worlds each unknown number explains.

    For each number the mean loss that its own peril causes in world k is set against its value in
    world k: explained variance r^2 Var, less the 1 / (K - 2) that chance alone explains, over the
    variance between worlds of the whole. Numbers that share their draw are one row. Shares need not
    add up to 1: effects multiply. ``holdings`` is the lab's capacity (of one lab only: attributions
    move capacity between labs and leave the total).

    ``perils`` are the peril objects of the run; None loads them by their ids.

    Returns
    -------
    frame ``peril, number, share, se, correlation, unit, n``, largest share first; ``n`` is the
    number of worlds and ``se`` holds for a true share.

    Raises
    ------
    RiskModelError : too few worlds, no world at hand, or perils that cannot be loaded by their id
    """
    from riskmodel.perils.registry import load_perils

    require_annual(losses, "the share of an input")
    if losses.worlds < FEWEST_WORLDS:
        raise RiskModelError(f"input_shares: {losses.worlds} worlds tell no number from chance; "
                             f"simulate with worlds={FEWEST_WORLDS} or more")
    if losses.years.empty:
        raise RiskModelError("input_shares: no lab lost anything in these years, so no number can "
                             "move it; simulate more years, or with more perils")
    if losses.world is None or losses.causes.empty:
        raise RiskModelError("input_shares needs the world of the losses, and their causes")
    if lab is not None and lab != TOTAL:
        one_of(lab, losses.labs, "lab")
    if perils is None:
        perils = load_perils(losses.world, list(losses.manifest["perils"]))
    perils = sorted(perils, key=lambda peril: peril.spec.peril_id)
    unknown = unknown_numbers(perils)
    values = draw_numbers(unknown, losses.manifest["seed"], losses.worlds)
    whole = _means(losses, lab, None)
    spread = ws.between(*whole).variance
    by_peril = {peril.spec.peril_id: _means(losses, lab, peril.spec.peril_id)[0]
                for peril in perils}
    rows = []
    for tied in groups(unknown):
        loss = np.sum([by_peril[peril_id] for peril_id in
                       dict.fromkeys(unknown[i].peril_id for i in tied)], axis=0)
        rows.append({**label([unknown[i] for i in tied]),
                     **_share(values[:, tied[0]], loss, spread)})
    if lab not in (None, TOTAL) and losses.world_capacity_mw is not None:
        mw = losses.world_capacity_mw[:, losses.labs.index(str(lab))]
        rows.append({"peril": "", "number": HOLDINGS, "unit": "MW",
                     **_share(mw, whole[0], spread)})
    columns = ["peril", "number", "share", "se", "correlation", "unit"]
    frame = pd.DataFrame(rows, columns=columns).assign(n=losses.worlds)
    return frame.sort_values(["share", "peril", "number"], ascending=[False, True, True],
                             ignore_index=True)


def groups(unknown: Sequence[Input]) -> list[list[int]]:
    """Return the positions of the inputs that share one draw, in order."""
    found: dict[tuple[str, str], list[int]] = {}
    for i, each in enumerate(unknown):
        found.setdefault((each.stream, each.name), []).append(i)
    return list(found.values())


def label(tied: Sequence[Input]) -> dict[str, str]:
    """Return peril, number and unit of inputs that share one draw."""
    first = tied[0]
    more = f" and {len(tied) - 1} tied to it" if len(tied) > 1 else ""
    return {"peril": ", ".join(dict.fromkeys(each.peril_id for each in tied)),
            "number": first.path + more, "unit": first.unit}


def _means(losses: Losses, lab: str | None, peril: str | None) -> tuple[Floats, Floats]:
    """Return each world's mean loss of a lab (or of all), of one peril's events or of all."""
    if peril is None:
        pairs = year_series(losses, TOTAL if lab in (None, TOTAL) else "lab", "lost")
        years, values = pairs[lab if lab is not None else TOTAL]
    else:
        frame = losses.causes[(losses.causes["peril"] == peril).to_numpy()]
        if lab not in (None, TOTAL):
            frame = frame[(frame["lab"] == lab).to_numpy()]
        years = frame["year"].to_numpy()
        values = frame["lost_mw_days"].to_numpy(dtype=float)
    of = ws.values_of_years(losses, years, values)
    if peril is None:
        return ws.means(of)
    return of.sums() / of.count, np.zeros(losses.worlds)


def _share(value: Floats, loss: Floats, spread: float) -> dict[str, float]:
    count = value.size
    if np.ptp(value) == 0 or np.ptp(loss) == 0 or not spread > 0:
        return {"share": 0.0, "se": np.nan, "correlation": 0.0}
    r = float(np.corrcoef(value, loss)[0, 1])
    scale = float(loss.var(ddof=1)) / spread
    share = max(r * r - (1.0 - r * r) / (count - 2), 0.0) * scale
    se = 2.0 * abs(r) * (1.0 - r * r) / np.sqrt(count - 2) * scale
    return {"share": share, "se": float(se), "correlation": r}
