"""``contributions``: what a measure is made of, in numbers that add up to it (Euler's split)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures import euler
from riskmodel.measures.long_run import contributions_of_all
from riskmodel.measures.yeartable import TOTAL, Floats, one_of, require_annual, year_totals

if TYPE_CHECKING:
    from riskmodel.world.world import World

CAUSES = ("peril", "region", "node", "supplier", "site", "lab", "event")
MEASURES = ("aal", "tvar", TOTAL)
#: causes that miss more than this share of the loss are not explained away
_SUMS_TO = 1e-6


def contributions(losses: Losses, measure: str = "aal", level: float | None = None,
                  by: Sequence[str] | str = ("peril",), lab: str | None = None, *,
                  world: World | None = None) -> pd.DataFrame:
    """Split a measure by cause.

    Parameters
    ----------
    measure : "aal", "tvar" (with ``level``), or "total" for a story
    by : some of "peril", "region", "node" (the root node), "supplier" (who or what supplied it:
        ``riskmodel.measures.supplied``), "site" (which site felt it: the years are run again),
        "lab", "event"
        Of a long run "aal" is that of all its years, split by one of "peril", "region", "node" and
        "lab"; "tvar" is that of its first years, whose number stands in ``n``.
    lab : whose measure is explained; None or "total" for all labs together
    world : the world of the losses, where they were read from a folder; only "supplier" and "site"
        ask for it

    Returns
    -------
    frame ``of, lab, <by>, measure, level, value, share, se, unit, n, booking``
        ``of`` is the lab (or "total") whose measure, or whose tail, is explained; ``lab`` is the
        lab that contributes where ``by`` has it, else the same as ``of``. Largest first. The
        values add up to the measure (``riskmodel.measures.euler``). With "event" rows of no
        contribution are left out.

    Raises
    ------
    RiskModelError : an unknown word; a story asked for annual measures or for its sites; a year
        table that does not say what caused the losses; a world that is needed and not there
    """
    columns = [by] if isinstance(by, str) else list(by)
    if not columns or len(set(columns)) < len(columns):
        raise RiskModelError("contributions: by needs one or more different columns of "
                             f"{', '.join(CAUSES)}")
    for name in columns:
        one_of(name, CAUSES, "by")
    one_of(measure, MEASURES, "measure")
    if measure == TOTAL:
        if losses.kind == "annual":
            raise RiskModelError("contributions: 'total' is the total of a story; of simulated "
                                 "years ask for 'aal' or 'tvar'")
    else:
        require_annual(losses, measure)
    if (measure == "tvar") != (level is not None):
        raise RiskModelError("contributions: give a level (such as 0.99) with 'tvar', and only "
                             "with it")

    of = TOTAL if lab in (None, TOTAL) else str(lab)
    if isinstance(losses, LongRun):
        if measure == "tvar":
            return contributions(losses.first, measure, level, columns, lab, world=world)
        if of != TOTAL:
            one_of(of, losses.labs, "lab")
        return _tidy(contributions_of_all(losses, columns, of), losses, columns, of, measure, level)
    years, totals = year_totals(losses, of, weighted=True)
    drawn = None if losses.weights is None else losses.weights[np.asarray(years, np.int64)]
    causes = _causes(losses, columns, of, years, totals, world)
    codes, keys = _groups(causes, columns)
    whole = euler.explained(years, totals, losses.n_years, measure, level, drawn)
    value, se = euler.split(whole, causes["year"].to_numpy(), codes,
                            causes["lost_mw_days"].to_numpy(dtype=float), len(keys))
    share = value / whole.value if whole.value else np.nan
    return _tidy(keys.assign(value=value, share=share, se=se), losses, columns, of, measure, level)


def _tidy(found: pd.DataFrame, losses: Losses, columns: Sequence[str], of: str, measure: str,
          level: float | None) -> pd.DataFrame:
    """Return the frame of ``contributions`` from the causes and their parts."""
    out = found[list(columns)].copy()
    out.insert(0, "of", of)
    if "lab" in columns:
        out.insert(1, "lab", out.pop("lab"))
    else:
        out.insert(1, "lab", of)
    out["measure"] = measure
    out["level"] = np.nan if level is None else float(level)
    for name in ("value", "share", "se"):
        out[name] = found[name]
    out["unit"] = "MW-days"
    out["n"] = losses.n_years
    out["booking"] = losses.booking
    if "event" in columns:
        out = out[out["value"] != 0]
    return out.sort_values(["value", *columns], ascending=[False] + [True] * len(columns),
                           ignore_index=True)


def _causes(losses: Losses, columns: Sequence[str], of: str, years: NDArray, totals: Floats,
            world: World | None) -> pd.DataFrame:
    """Rows ``year, <columns>, lost_mw_days`` that add up to the loss explained."""
    # who lost is in the year table itself, so that other people's year tables can be read
    frame = losses.years if list(columns) == ["lab"] else losses.causes
    if "site" in columns:
        from riskmodel.measures.felt import site_causes

        frame = site_causes(losses, of, world=world, each_lab="lab" in columns)
    else:
        keep = frame["lost_mw_days"].to_numpy(dtype=float) != 0
        if of != TOTAL:
            keep &= (frame["lab"] == of).to_numpy()
        frame = frame[keep]
    lost = float(totals.sum())
    found = float(frame["lost_mw_days"].sum())
    known = np.isin(frame["year"].to_numpy(), years).all()
    if not (known and abs(found - lost) <= _SUMS_TO * lost):
        raise RiskModelError(
            f"contributions: the causes of {of} hold {found:g} MW-days, its years {lost:g}, or "
            "they speak of other years; a year table without its causes can be split by lab only")
    if "supplier" in columns:
        from riskmodel.engine.plan.again import same_world
        from riskmodel.measures.supplied import suppliers_of

        frame = frame.assign(supplier=suppliers_of(
            frame, losses, same_world(losses, world, "contributions")))
    return frame


def _groups(causes: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray, pd.DataFrame]:
    """Number the distinct combinations of the columns; return each row's number and the names."""
    codes = np.zeros(len(causes), dtype=np.int64)
    words = []
    for name in columns:
        code, distinct = pd.factorize(causes[name])
        words.append(np.asarray(distinct))
        codes = codes * max(len(distinct), 1) + code
    present, codes = np.unique(codes, return_inverse=True)
    frame = pd.DataFrame(index=range(present.size))
    for name, distinct in zip(reversed(columns), reversed(words), strict=True):
        present, digit = np.divmod(present, max(len(distinct), 1))
        frame.insert(0, name, distinct[digit])
    return codes, frame
