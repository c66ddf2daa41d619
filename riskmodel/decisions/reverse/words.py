"""A reverse stress test in words: what does it, or that nothing does, and how near it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.reverse.reverse_stress import OUTAGES, SCALED, ReverseStress

if TYPE_CHECKING:
    import pandas as pd


def sentence(found: ReverseStress, *, lab: str | None = None,
             name: Callable[[str], str] = str) -> str:
    """Return the answer in one or two sentences.

    ``lab`` and ``name`` say how the lab and the members are called, where not by their ids.
    """
    who = lab or ("all labs together" if found.lab == "total" else found.lab)
    asked = (f"{100 * found.share:.3g} % of the {found.capacity_mw:,.0f} MW of {who} missing for "
             f"{_days(found.days)}")
    if found.kind == OUTAGES:
        return f"{asked}: {_outage(found, name)}"
    if found.kind == SCALED:
        return f"{asked}: {_scaled(found, name)}"
    return f"{asked}: {_year(found)}"


def effort(found: ReverseStress, row: Mapping[Any, Any]) -> str:
    """Return what of one member does it: how deep and how long, how scaled, or which loss."""
    if found.kind == OUTAGES:
        return f"{_percent(row['depth'])} down for {hours(row['duration_h'])}"
    if found.kind == SCALED:
        return (f"{_times(row['depth_factor'])} the depth, {_times(row['duration_factor'])} the "
                "duration")
    cause = f"{row['peril']}{', ' + row['region'] if row['region'] else ''}"
    return f"{row['spell_days']:.3g} days on end, {row['lost_mw_days']:,.0f} MW-days; {cause}"


def _outage(found: ReverseStress, name: Callable[[str], str]) -> str:
    best = found.mildest
    if best is None:
        return f"nothing among {found.family} does it, each failing alone. {_nearest(found, name)}"
    others = int(found.members["does_it"].sum()) - 1
    also = {0: "No other does it.", 1: "One other does it, less mildly."}.get(
        others, f"{others} others do it, less mildly.")
    full = best["duration_h_at_full_depth"]
    short = "" if best["depth"] > 0.9995 else f" (wholly down: {hours(full)})"
    return (f"of {found.family}, the mildest is {name(best['member'])}, "
            f"{effort(found, best)}{short}. {also}")


def _scaled(found: ReverseStress, name: Callable[[str], str]) -> str:
    best = found.mildest
    if best is None:
        return (f"no scenario does it, however deep and long it is made. {_nearest(found, name)}")
    told = [name(each) for each in found.members.loc[found.members["as_told"], "member"]]
    as_told = f"As told, {_join(told)} {'do' if len(told) > 1 else 'does'} it." if told else \
        "As told, none does it."
    return (f"of the scenarios, the mildest is {name(best['member'])} at "
            f"{_times(best['depth_factor'])} its depth and {_times(best['duration_factor'])} its "
            f"duration. {as_told}")


def _year(found: ReverseStress) -> str:
    best, chance = found.mildest, found.chance
    assert chance is not None
    if best is None:
        return (f"none of {found.family} does it; its chance is below "
                f"1 in {1 / chance['high']:,.0f} a year (95 %).")
    cause = f"{best['peril']}{', ' + best['region'] if best['region'] else ''}"
    return (f"{len(found.members):,} of {found.family} do it, one in "
            f"{1 / chance['value']:,.0f} (95 %: {1 / chance['high']:,.0f} to "
            f"{1 / chance['low']:,.0f}). The least severe is year {best['year']}, whose loss is "
            f"passed once in {best['return_period_yr']:,.0f} years; {_percent(best['cause_share'])}"
            f" of it comes from {cause}.")


def _nearest(found: ReverseStress, name: Callable[[str], str]) -> str:
    members: pd.DataFrame = found.members
    if members.empty or not members["most_share"].max() > 0:
        return "None takes anything of it for so long."
    row: Any = members.iloc[int(members["most_share"].to_numpy().argmax())]
    return (f"The most that one takes for so long is {_percent(row['most_share'])} "
            f"({name(row['member'])}).")


def hours(value: float) -> str:
    """Return hours, or days where they are many."""
    return f"{value:,.3g} h" if value < 96 else f"{value / 24:,.3g} days"


def _days(value: float) -> str:
    return f"{value:g} day{'' if value == 1 else 's'} on end"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _times(factor: float) -> str:
    return f"{factor:,.3g} times"


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
