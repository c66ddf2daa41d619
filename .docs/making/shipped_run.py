"""One small run of the shipped world that pages and pictures share."""

from __future__ import annotations

from functools import cache
from typing import Any

YEARS = 4000
SEED = 7


@cache
def world() -> Any:
    """Return the shipped world."""
    import riskmodel as rm

    return rm.read_world()


@cache
def losses() -> Any:
    """Return the run: one world, every number at its best."""
    import riskmodel as rm

    return rm.simulate(world(), years=YEARS, seed=SEED)


@cache
def by_peril() -> dict[str, tuple[float, float]]:
    """Return peril -> AAL of all labs and its standard error, MW-days a year."""
    import riskmodel as rm

    found = rm.contributions(losses(), measure="aal", by=["peril"])
    return {str(row.peril): (float(row.value), float(row.se)) for row in found.itertuples()}
