"""What is stressed: one world, or several under names, each perhaps of another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from riskmodel.errors import RiskModelError
from riskmodel.world.world import World

if TYPE_CHECKING:
    OnDay: TypeAlias = Callable[[dt.date | None], World]
    Portfolio: TypeAlias = World | OnDay

#: name of the portfolio where one world is given without any
UNNAMED = ""


def named_portfolios(given: Portfolio | Mapping[str, Portfolio]) -> dict[str, OnDay]:
    """Return name -> function that gives the portfolio's world of a day.

    ``given`` is a world (it stays as it is on every day), a function of a day (None: no day is
    asked for), or a mapping of names to such.
    """
    many = given if isinstance(given, Mapping) else {UNNAMED: given}
    if not many:
        raise RiskModelError("no portfolio is given; give a world, or a mapping of names to worlds")
    wrong = [name for name, each in many.items() if not (isinstance(each, World) or callable(each))]
    if wrong:
        raise RiskModelError(f"portfolio {wrong[0]!r} is a {type(many[wrong[0]]).__name__}; give a "
                             "World, or a function that gives the world of a day")
    return {str(name): _on(each) for name, each in many.items()}


def _on(portfolio: Portfolio) -> OnDay:
    if isinstance(portfolio, World):
        fixed = portfolio
        return lambda _day: fixed
    read: dict[dt.date | None, World] = {}

    def on(day: dt.date | None) -> World:
        if day not in read:
            read[day] = portfolio(day)
        return read[day]

    return on
