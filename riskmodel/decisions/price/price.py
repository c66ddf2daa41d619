"""What a lost MW-day costs, and what holding capital against a bad year costs: value in money.

``value = p x d_aal + r x p x d_tvar`` (methods of catastrophe pricing: expected loss plus a charge
on risk capital), in money a year, where

- ``p`` is the price of a lost MW-day of IT power (USD per MW-day),
- ``d_aal`` the average annual loss avoided (MW-days a year),
- ``r`` the cost of risk capital, above the risk-free rate (1 a year), and
- ``d_tvar`` the tail value at risk avoided (MW-days): ``p x d_tvar`` is the capital set free.

The capital is taken as the whole TVaR, not as what of it exceeds the AAL: with the usual 6 % the
difference is 6 % of the first term at most. Both inputs are the reader's; the defaults come from
``prices.toml`` of the world, see :mod:`riskmodel.decisions.price.file`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from riskmodel.errors import RiskModelError


class Money(NamedTuple):
    """An amount of money a year, and what it is at the ends of the price's and rate's bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Price:
    """A price of lost IT power, and a cost of risk capital, each with low and high.

    Parameters
    ----------
    per_mw_day : what one lost MW-day of IT power costs, in ``currency``.
    rate_per_yr : what capital costs above the risk-free rate, a share a year.
    low, high : bounds of ``per_mw_day``; the price itself where not given.
    rate_low, rate_high : bounds of ``rate_per_yr``; the rate itself where not given.
    currency : ISO 4217.
    basis : one line that says where the price is from.
    sources : title and address of each source.

    Raises
    ------
    RiskModelError
        A number is missing, negative or not between its bounds.
    """

    per_mw_day: float
    rate_per_yr: float
    low: float = math.nan
    high: float = math.nan
    rate_low: float = math.nan
    rate_high: float = math.nan
    currency: str = "USD"
    basis: str = "given by hand"
    sources: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Put the best number where a bound is not given, and check the order."""
        for low, best, high in (("low", "per_mw_day", "high"),
                                ("rate_low", "rate_per_yr", "rate_high")):
            value = getattr(self, best)
            if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
                raise RiskModelError(f"Price: {best} is {value!r}; give a number, 0 or more")
            for name in (low, high):
                if math.isnan(getattr(self, name)):
                    object.__setattr__(self, name, float(value))
            bounds = getattr(self, low), getattr(self, high)
            if not 0 <= bounds[0] <= value <= bounds[1]:
                raise RiskModelError(f"Price: {best} is {value:g}, outside of its bounds {low} = "
                                     f"{bounds[0]:g} and {high} = {bounds[1]:g}")

    @property
    def per_aal_mw_day(self) -> float:
        """Money a year for one MW-day a year less of average loss (``p``)."""
        return float(self.per_mw_day)

    @property
    def per_tvar_mw_day(self) -> float:
        """Money a year for one MW-day less of tail value at risk (``r x p``)."""
        return float(self.rate_per_yr * self.per_mw_day)

    def __str__(self) -> str:
        return (f"{self.per_mw_day:,.0f} {self.currency} a MW-day of IT power ({self.low:,.0f} to "
                f"{self.high:,.0f}; {self.basis}) and {self.rate_per_yr:.3g} a year on risk "
                f"capital ({self.rate_low:.3g} to {self.rate_high:.3g})")


def money(d_aal: float, d_tvar: float, price: Price) -> Money:
    """Return what an avoided loss is worth, in money a year.

    Parameters
    ----------
    d_aal : average annual loss avoided, MW-days a year; negative where the move is worse.
    d_tvar : tail value at risk avoided, MW-days.

    Returns
    -------
    ``value, low, high``: the formula of this module at the best numbers, and its least and greatest
    value over the bounds of price and rate (it is linear in each, so a corner has them). Sampling
    error is not in it: for losses paired year by year, the error of
    ``price.per_aal_mw_day x AAL + price.per_tvar_mw_day x TVaR`` is that of the same sum of their
    influence values.
    """
    corners = [p * (d_aal + r * d_tvar) for p in (price.low, price.high)
               for r in (price.rate_low, price.rate_high)]
    return Money(price.per_aal_mw_day * d_aal + price.per_tvar_mw_day * d_tvar,
                 min(corners), max(corners))
