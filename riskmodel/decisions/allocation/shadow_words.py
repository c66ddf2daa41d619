"""Shadow prices in words: what one MW more of room would change, for conditions that bind."""

from __future__ import annotations

import math

from riskmodel.decisions.allocation.linear_rows import Row

#: a gain below this part of the price is told as another one: the row is tied with others
TIED_BELOW = 0.9


def tail_words(level: float) -> str:
    """Return the name of a tail mean: "1-in-100 tail mean" at .99."""
    return f"1-in-{1 / (1 - level):.3g} tail mean"


def amount(value: float) -> str:
    """Return a number with three significant digits."""
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 6)}f}"


def row_words(row: Row, price: float, gain: float, what: str, unit: str) -> str:
    """Say what a binding row costs.

    Parameters
    ----------
    price : the dual: what the objective falls by per unit of room, from this programme alone
    gain : what it really falls by per unit, found by solving again with a little more room
    what : what falls ("the 1-in-100 tail mean"); ``unit`` : its unit
    """
    if price <= 0:
        return "binding, but costs nothing: another split as good keeps it with room to spare"
    room = _room(row)
    if gain <= 1e-3 * price:
        return (f"binding, but tied with other conditions: {room} alone would change nothing, less "
                f"room would cost up to {amount(price)} {unit} per {row.unit}")
    if gain < TIED_BELOW * price:
        return (f"{room} would cut {what} by {amount(gain)} {unit}; tied with other conditions, so "
                f"that less room would cost up to {amount(price)} {unit} per {row.unit}; binding")
    return f"{room} would cut {what} by {amount(gain)} {unit}; binding"


def _room(row: Row) -> str:
    place = row.place
    if row.unit != "MW":
        if row.at_least:
            return f"One less ({row.unit}) asked for by {row.name!r}"
        return f"One more ({row.unit}) in {place or repr(row.name)}"
    if row.at_least:
        return f"One MW less asked for in {place}" if place else f"One MW less in {row.name!r}"
    return f"One more MW allowed in {place}" if place else f"One MW more in {row.name!r}"


def cap_words(place: str, reduced_cost: float, what: str, unit: str) -> str:
    """Say what the cap of one candidate costs; ``reduced_cost`` is below 0."""
    return (f"One more MW allowed at {place} would cut {what} by {amount(-reduced_cost)} {unit}; "
            "its cap binds")


def mw_words(price: float, what: str, unit: str) -> str:
    """Say what each further MW to place adds, every limit as it stands."""
    verb = "adds" if price >= 0 else "takes"
    rest = "to" if price >= 0 else "off"
    return f"Each further MW to place {verb} {amount(abs(price))} {unit} {rest} {what}"
