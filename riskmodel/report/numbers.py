"""How numbers are written: as many digits as the error allows, and never more than three."""

from __future__ import annotations

import math

#: what stands where there is no number
NOTHING = "–"
ROUNDING = 1e-9  # of a value
_NBSP = " "


def _decimals(value: float, digits: int) -> int:
    """Return the decimal places that leave ``digits`` significant digits of ``value``."""
    return digits - 1 - math.floor(math.log10(abs(value)))


def _fixed(value: float, places: int) -> str:
    rounded = round(value, places)
    if rounded == 0:
        rounded = 0.0  # no minus zero
    return f"{rounded:,.{max(places, 0)}f}"


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with at most ``digits`` significant digits: 12,345 -> 12,300."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    places = _decimals(value, digits)
    text = _fixed(value, places)
    if places > 0 and "." in text and abs(value) >= 1:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def whole(value: float | None) -> str:
    """Write a count or a year number in full: 100,000."""
    if value is None or math.isnan(value):
        return NOTHING
    return f"{value:,.0f}".replace("-", "−")


def estimate(value: float | None, se: float | None) -> str:
    """Write a value with its standard error: one digit of error (two if it begins with 1)."""
    if value is None or math.isnan(value):
        return NOTHING
    # an error far below the value is the rounding of a sum, and no error
    if se is None or math.isnan(se) or math.isinf(se) or se <= ROUNDING * abs(value):
        return number(value)
    digits = 2 if f"{se:e}"[0] == "1" else 1
    places = _decimals(se, digits)
    return f"{_fixed(value, places)}{_NBSP}±{_NBSP}{_fixed(se, places)}".replace("-", "−")


def estimate_pair(value: float | None, se: float | None) -> tuple[str, str]:
    """Write value and error apart, for cells where they stand one below the other."""
    first, _, second = estimate(value, se).partition(f"{_NBSP}±{_NBSP}")
    return first, f"±{_NBSP}{second}" if second else ""


def percent(value: float | None, digits: int = 2) -> str:
    """Write a share (0-1) in per cent."""
    if value is None or math.isnan(value):
        return NOTHING
    scaled = 100.0 * value
    if scaled == 0:
        return f"0{_NBSP}%"
    if abs(scaled) < 0.001:
        return f"<{_NBSP}0.001{_NBSP}%"
    if abs(scaled - 100) < 1e-4:
        scaled = 100.0  # a sum of shares, but for rounding
    if 99.95 <= abs(scaled) < 100:
        return f">{_NBSP}99.9{_NBSP}%"
    places = min(max(_decimals(scaled, digits), 0), 3)
    return f"{_fixed(scaled, places)}{_NBSP}%".replace("-", "−")


def nice_ticks(top: float, count: int = 4) -> list[float]:
    """Return round axis values from 0 to at least ``top``, about ``count`` steps apart."""
    if not top > 0 or math.isinf(top):
        return [0.0, 1.0]
    rough = top / count
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= rough * (1 - 1e-12))
    n = math.ceil(top / step - 1e-9)
    return [step * i for i in range(n + 1)]


def short(value: float) -> str:
    """Write an axis value in little room: 12,500 -> 12.5k."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"
