"""What the rows of ``measure`` have in common, however the years are kept: notes, units, bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures import estimators as est
from riskmodel.measures.worldspread import Between

#: all labs together, where the name of a lab could stand
TOTAL = "total"
#: periods that a market reader looks for on a curve
CURVE_PERIODS = (2, 5, 10, 20, 25, 30, 50, 75, 100, 150, 200, 250, 500, 1000, 2000, 5000, 10_000)
UNITS = {"capacity": "MW", "aal": "MW-days", "aal_share": "1", "p_loss": "1", "aep": "MW-days",
         "oep": "MW-days", "var": "MW-days", "tvar": "MW-days", "lole": "days/yr",
         "lolh": "h/yr", "eue": "MW-days/yr"}
#: measures of the shortfall, and their columns of the adequacy table
ADEQUACY = {"lole": "shortfall_days", "lolh": "shortfall_h", "eue": "shortfall_mw_days"}

NO_ADEQUACY = "the shortfall of calendar years was not computed"
NO_TOTAL = "of the total does not exist: days on which some lab is short do not add up over labs"
NO_EVENTS = "the largest event of a year is not in the year table"
BEYOND = "beyond the span of the simulated years"
NOTHING_SEEN = "no loss seen: high is a one-sided 95 % bound"
NO_CAPACITY = "no capacity to lose"
NO_NEED = "nothing is needed, so nothing can fall short"
OPEN_ABOVE = "too few years beyond it for an upper end"
TOO_FEW = "too few years in each world for a band"


def row(level: float, value: float, se: float, low: float, high: float, note: str = ""
        ) -> dict[str, Any]:
    """Return the numbers of one row."""
    return {"level": level, "value": value, "se": se, "low": low, "high": high, "note": note}


def certain(found: dict[str, Any]) -> dict[str, Any]:
    """Without capacity there is nothing to lose: a zero is exact, not merely all that was seen."""
    if found["value"] != 0:  # NaN: beyond the span, or a share of nothing
        return found
    return row(found["level"], 0.0, 0.0, 0.0, 0.0, NO_CAPACITY)


def scaled(found: dict[str, Any], whole: float) -> dict[str, Any]:
    """Return a row as a share of ``whole``."""
    scale = 1 / whole if whole > 0 else np.nan
    return {key: item * scale if key in ("value", "se", "low", "high") else item
            for key, item in found.items()}


def normal(found: dict[str, Any]) -> None:
    """Set a 95 % interval from the value and its error."""
    found["low"] = max(found["value"] - est.Z95 * found["se"], 0.0)
    found["high"] = found["value"] + est.Z95 * found["se"]


def set_band(found: dict[str, Any], band: Between, why_not: str = TOO_FEW) -> None:
    """Set the band of a row; where there is none for its value, the note says why."""
    found |= {"band": band.band, "band_low": band.band_low, "band_high": band.band_high}
    if np.isnan(band.band) and np.isfinite(found["value"]):
        add_note(found, why_not)


def add_note(found: dict[str, Any], text: str) -> None:
    """Add something to the note of a row."""
    found["note"] = "; ".join(each for each in (found["note"], text) if each)


def longest_loss_days(losses: Losses) -> float:
    """Return the longest that one year's losses can last, NaN where the run does not say."""
    if losses.booking == "calendar":
        return losses.horizon_days
    try:
        return losses.horizon_days + float(losses.manifest.get("recovery_cap_days", np.nan))
    except (TypeError, ValueError) as error:
        raise RiskModelError("manifest: recovery_cap_days is not a number") from error


def worst_loss(mw: float, days: float) -> float:
    """Return the most that a year can lose, in MW-days."""
    return 0.0 if mw == 0 else mw * days


def no_shortfall(name: str, lab: str, *, known: bool) -> str:
    """Return why a measure of the shortfall has no value; nothing where it has one."""
    if not known:
        return NO_ADEQUACY
    return f"{name} {NO_TOTAL}" if lab == TOTAL and name != "eue" else ""


def worst_shortfall(name: str, lab: str, losses: Losses, mw: float) -> float:
    """Return the most that a measure of the shortfall can be in a year."""
    needed = np.asarray(losses.needed_share, dtype=float)
    need_mw = (float(np.nansum(needed * losses.capacity_mw)) if lab == TOTAL
               else float(needed[losses.labs.index(lab)]) * mw)
    days = losses.horizon_days if need_mw != 0 else 0.0
    return {"lole": days, "lolh": days * HOURS_PER_DAY, "eue": days * need_mw}[name]
