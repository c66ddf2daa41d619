"""An allocation in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.decisions.allocation.check import AS_IS, CHOSEN, CLEAR, EQUAL, FITTED, FRESH, pick
from riskmodel.decisions.allocation.shadow_words import amount, cap_words, mw_words, tail_words

if TYPE_CHECKING:
    from riskmodel.decisions.allocation.allocation import Allocation

OTHERS = {EQUAL: "the equal split", AS_IS: "growth where the lab is today"}


def allocation_text(found: Allocation, *, sites: bool = True) -> str:
    """Return the split, how sure it is, and what stands in its way."""
    beside = (f" beside the {found.years.held_mw:,.0f} MW of today"
              if found.existing and found.years.held_mw > 0 else "")
    lines = [f"{found.mw:,.6g} MW for {found.lab}{beside}, least {tail_words(found.level)} of "
             f"{found.years.n_years:,} years" if found.price is None else
             f"{found.mw:,.6g} MW for {found.lab}{beside}, least money a year"]
    lines += [f"  {name}: {_mw(mw, low, high)}" for name, mw, low, high in split_lines(
        found, sites=sites)]
    lines += check_words(found)
    lines += [f"{words}." for words in price_lines(
        found, named=lambda site, region: site if sites else f"a site in {region}")]
    lines += [f"Note: {note}." for note in found.notes]
    return "\n".join(lines)


def split_lines(found: Allocation, *, sites: bool) -> list[tuple[str, float, float, float]]:
    """Return (name, MW, its 5 and 95 % points) of what gets capacity, most first.

    By region the points are NaN where several candidates are summed.
    """
    table = found.table
    if not sites:
        sums = table.groupby("region", sort=False)
        alone = sums["candidate"].transform("size") == 1
        table = table.assign(mw_low=table["mw_low"].where(alone),
                             mw_high=table["mw_high"].where(alone))
        table = table.groupby("region", sort=False, as_index=False).agg(
            {"mw": "sum", "mw_low": "first", "mw_high": "first"}).rename(
                columns={"region": "candidate"})
    table = table[table["mw"] > 0].sort_values("mw", ascending=False, kind="stable")
    return list(table[["candidate", "mw", "mw_low", "mw_high"]].itertuples(index=False, name=None))


def _mw(mw: float, low: float, high: float) -> str:
    again = "" if np.isnan(low) else f" ({low:,.0f} to {high:,.0f} when the years are drawn again)"
    return f"{mw:,.1f} MW{again}"


def check_words(found: Allocation) -> list[str]:
    """Say what the split does on fresh years, beside the others, and whether it was flattered."""
    tail = tail_words(found.level)
    fitted, se = pick(found.summary, FITTED, CHOSEN)
    lines = [f"With it the {tail} of {found.lab} is {amount(fitted)} ± {amount(se)} MW-days on the "
             "years it was fitted to"]
    sample = FITTED
    if found.fresh is not None:
        sample = FRESH
        value, se = pick(found.summary, FRESH, CHOSEN)
        lines[0] += f", {amount(value)} ± {amount(se)} on {found.fresh.n_years:,} fresh years"
    lines[0] += "."
    where = "on fresh years" if sample == FRESH else "on the fitted years"
    for other, words in OTHERS.items():
        value, se = pick(found.summary, sample, CHOSEN, other)
        if np.isnan(value):
            continue
        verdict = ("better" if value < -CLEAR * se else "worse" if value > CLEAR * se
                   else "not told apart from")
        than = f"{verdict} than {words}" if verdict in ("better", "worse") else f"{verdict} {words}"
        lines.append(f"It is {than}: {_signed(value)} ± {amount(se)} MW-days {where}, paired.")
    if found.fresh is not None:
        by, se = found.optimism.value, found.optimism.se
        lines.append(
            f"The fitted years flatter it by {amount(by)} ± {amount(se)} MW-days: the tail on them "
            "is optimistic." if found.optimism.clear else
            "The fitted years flatter it no more than chance explains "
            f"({_signed(by)} ± {amount(se)} MW-days).")
    return lines


def price_lines(found: Allocation, *, named: Callable[[str, str], str]) -> list[str]:
    """Return shadow prices in words: binding rows, caps that bind most, a further MW.

    ``named(site_id, region)`` says what a candidate is called.
    """
    what, unit = found.objective_words, found.objective_unit
    rows = found.rows[found.rows["binding"] & (found.rows["shadow_price"] > 0)]
    lines = [f"{row['name'][0].upper()}{row['name'][1:]}: {row['words']}"
             for row in rows.sort_values("shadow_price", ascending=False).to_dict("records")]
    capped = found.table[(found.table["reduced_cost"] < 0) & (found.table["cap"] < found.mw)
                         & (found.table["mw"] >= found.table["cap"] * (1 - 1e-6))]
    for row in capped.sort_values("reduced_cost").head(5).to_dict("records"):
        lines.append(cap_words(named(row["candidate"], row["region"]), row["reduced_cost"], what,
                               unit))
    lines.append(mw_words(found.split.mw_price, what, unit))
    return lines


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{amount(abs(value))}"
