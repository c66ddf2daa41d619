"""A line of a comparison in words: what changed, by how much, and whether that can be told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

BETTER, WORSE = "better", "worse"
UNSURE, SAME = "cannot tell at this n", "no change"
VERDICTS = (BETTER, WORSE, UNSURE, SAME)
#: more years than this are no advice
_MOST_YEARS = 1e9


def measure_name(measure: str, level: float) -> str:
    """Return a measure as a sentence calls it.

    Examples
    --------
    >>> measure_name("tvar", 0.99), measure_name("aep", 100)
    ('mean loss of the worst 1 % of years', 'loss of the 1-in-100 year')
    """
    tail = f"{100 * (1 - level):.3g} %"
    return {
        "capacity": "IT capacity", "aal": "average annual loss",
        "aal_share": "share of its capacity lost", "p_loss": "chance of a year with a loss",
        "aep": f"loss of the 1-in-{level:g} year",
        "oep": f"largest single loss in {level:g} years",
        "var": f"loss that {tail} of years exceed",
        "tvar": f"mean loss of the worst {tail} of years",
        "lole": "days short", "lolh": "hours short", "eue": "needed capacity not served",
    }[measure]


def sentence(row: Mapping[str, Any]) -> str:
    """Return one row of ``compare`` as a sentence that can be quoted."""
    who = "all labs together" if row["lab"] == "total" else row["lab"]
    what = f"{who}: {measure_name(row['measure'], row['level'])}"
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    if not math.isfinite(row["difference"]):
        return f"{what} is not known: {row['note'] or 'nothing to compare'}."
    if row["verdict"] == SAME:
        return f"{what} does not change ({_number(row['base'])}{unit})."
    if not math.isfinite(row["se"]):
        return f"{what}: no loss seen in either, which says nothing about their difference."
    reach = (row["high"] - row["low"]) / 2
    if row["verdict"] == UNSURE:
        more = _years_needed(row, reach)
        return (f"{what} differs by {_signed(row['difference'])} ± {_number(reach)}{unit} (95 %): "
                f"cannot tell at {row['n']:,} years{more}.")
    moves = "falls" if row["difference"] < 0 else "rises"
    return (f"{what} {moves} from {_number(row['base'])} to {_number(row['other'])}{unit}, by "
            f"{_number(abs(row['difference']))} ± {_number(reach)} (95 %): {row['verdict']}.")


def _years_needed(row: Mapping[str, Any], reach: float) -> str:
    if row["difference"] == 0 or not reach > 0:
        return ""
    years = row["n"] * (reach / abs(row["difference"])) ** 2
    if years > _MOST_YEARS:
        return ""
    step = 10.0 ** (math.floor(math.log10(years)) - 1)
    return f"; about {math.ceil(years / step) * step:,.0f} would show a difference of this size"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{_number(abs(value))}"


def _number(value: float) -> str:
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.3g}" if abs(value) < 1e-4 else f"{value:,.{min(places, 6)}f}"
