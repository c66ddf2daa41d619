"""A ranking of ``next_mw`` in sentences that do not claim more than the years can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Measure(NamedTuple):
    """How a measure is called, its unit, and whether little of it is good."""

    name: str
    unit: str
    low_is_good: bool = True


MEASURES = {
    "cost": Measure("cost of risk", "{money} a MW and year"),
    "block_cost": Measure("cost of risk of the whole block", "{money} a MW and year"),
    "aal": Measure("average annual loss", "MW-days a year for each MW"),
    "tail": Measure("loss in the tail", "MW-days for each MW"),
    "credit": Measure("capacity credit", "firm MW for each MW", low_is_good=False)}
#: names that a sentence holds
_MOST = 4


def lead_words(found: pd.DataFrame, named: Callable[[str], str] = str, lab: str = "") -> str:
    """Say in one or two sentences what a ranking tells, and what it does not.

    Parameters
    ----------
    found : the frame of ``next_mw``
    named : grid region -> what it is called
    lab : the name of the lab, "" for a MW alone
    """
    by = str(found["by"].iat[0])
    measure = MEASURES[by]
    rows = found[found["rank"].notna()]
    whose = f"For {lab}" if lab else "For a MW alone"
    if not len(rows):
        reason = ("it is never short of what it needs" if by == "credit" else
                  "these years cannot hold the tail")
        return f"{whose}, regions cannot be ranked by {measure.name}: {reason}."
    tied = rows[rows["tied_with_best"]]
    best = rows.iloc[0]
    least = "least" if measure.low_is_good else "greatest"
    if len(tied) == 1 and len(rows) > 1:
        text = (f"{whose}, {named(best['region'])} has the {least} {measure.name} of "
                f"{len(rows)} regions, beyond chance.")
    else:
        text = (f"{whose}, {len(tied)} of {len(rows)} regions cannot be told from the best by "
                f"{measure.name} in {int(best['n']):,} years: {_list(tied, named)}.")
    worst = rows.iloc[-1]
    group = rows[rows["rank_high"] == len(rows)]
    if len(rows) > len(tied) and not bool(worst["tied_with_best"]):
        surely = group[~group["tied_with_best"]]
        ratio = float(worst[by]) / float(best[by]) if float(best[by]) > 0 else 0.0
        text += (f" It is {'highest' if measure.low_is_good else 'lowest'} in "
                 f"{_list(surely.iloc[::-1], named)}"
                 + (f", up to {ratio:,.0f} times that of the best" if ratio >= 2 else "") + ".")
    return text


def _list(rows: pd.DataFrame, named: Callable[[str], str]) -> str:
    names = [named(region) for region in rows["region"]]
    more = len(names) - _MOST
    if more > 1:
        return f"{', '.join(names[:_MOST])} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
