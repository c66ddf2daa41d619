"""Proposals: other chances of war than the true ones, so that rare years are simulated often.

A proposal says, theatre by theatre, with which chances a year's regime and its war campaigns are
drawn instead of the true ones. Every year then carries a weight, true density over drawn density,
so that weighted means are those of the true chances (importance sampling). With chance
``defensive`` a year is drawn with the true chances in all theatres (the defensive mixture of
Hesterberg 1995, "Weighted average importance sampling and defensive mixture distributions",
Technometrics 37), so that no year weighs more than 1 / ``defensive``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic.regime import CALM, CRISIS, LONG_WAR, SHORT_WAR, RegimeRates

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFENSIVE = 0.1
#: years drawn with the true chances are too few below it, and a tilt does nothing above it
LEAST_DEFENSIVE, MOST_DEFENSIVE = 0.01, 0.99
MOST_SIZE = 3.0  # standard deviations of the log size
MOST_ATTACKS = 1000.0


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)


@dataclass(frozen=True)
class Tilt:
    """What is drawn otherwise in one theatre; None and the defaults leave the truth.

    Attributes
    ----------
    war : chance that the year begins at war (calm and crisis keep their proportion)
    long : share of long wars, of those under way and of those that begin
    attacks : factor on the rate of attacks in calm and crisis
    war_share : chance that such an attack begins a war
    size : standard deviations by which the log size of a war's campaign is shifted up
    named : chance that a war's campaign names data centres as targets
    """

    war: float | None = None
    long: float | None = None
    attacks: float = 1.0
    war_share: float | None = None
    size: float = 0.0
    named: float | None = None

    def __post_init__(self) -> None:
        for name in ("war", "long", "war_share", "named"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 < value < 1):
                raise RiskModelError(f"rare_regimes: {name} is {value!r}; give a probability "
                                     "above 0 and below 1, or leave it out for the true one")
        if not (_is_number(self.attacks) and 0 < self.attacks <= MOST_ATTACKS):
            raise RiskModelError(f"rare_regimes: attacks is {self.attacks!r}; give a factor above "
                                 f"0, up to {MOST_ATTACKS:g}; 1 leaves the true rate")
        if not (_is_number(self.size) and abs(self.size) <= MOST_SIZE):
            raise RiskModelError(f"rare_regimes: size is {self.size!r}; give standard deviations "
                                 f"from -{MOST_SIZE:g} to {MOST_SIZE:g}; 0 leaves the truth")


#: Found by trying on a portfolio with half its MW in the Gulf, where it takes the variance of TVaR
#: at 99.9 % down most (``python -m tests.benchmarks.rare_years``); round numbers, as the optimum
#: is flat.
USUAL = Tilt(war=0.4, long=0.5, attacks=3.0, war_share=0.85, size=1.6, named=0.95)


@dataclass(frozen=True)
class Proposal:
    """With which chances the regimes of a run are drawn; see :func:`rare_regimes`."""

    theatres: Mapping[str, Tilt] = field(default_factory=dict)
    defensive: float = DEFENSIVE
    even: bool = False  # years are spread evenly over the regimes of every theatre

    def __post_init__(self) -> None:
        if not (_is_number(self.defensive)
                and LEAST_DEFENSIVE <= self.defensive <= MOST_DEFENSIVE):
            raise RiskModelError(f"rare_regimes: defensive is {self.defensive!r}; give the share "
                                 "of years drawn with the true chances, from "
                                 f"{LEAST_DEFENSIVE:g} to {MOST_DEFENSIVE:g}")
        if not self.theatres and not self.even:
            raise RiskModelError("rare_regimes: no theatre is named; name one, such as 'gulf'")

    def describe(self) -> dict[str, Any]:
        """Return it in plain numbers, as the manifest of a run holds it."""
        return {"defensive": float(self.defensive), "even": self.even,
                "theatres": {name: asdict(tilt) for name, tilt in sorted(self.theatres.items())}}


def rare_regimes(theatres: str | Iterable[str] | Mapping[str, Tilt | Mapping[str, float]], *,
                 defensive: float = DEFENSIVE, even: bool = False) -> Proposal:
    """Return a proposal that makes wars of some theatres frequent, for ``simulate(rare=...)``.

    A year at war holds more events, so that a weighted year takes longer to run: with ``USUAL``
    about four times in the Gulf, and far more where wars are vast (``taiwan_strait``): tilt the
    size less there, as in ``{"taiwan_strait": {"war": 0.2, "attacks": 5}}``.

    Parameters
    ----------
    theatres : names of theatres, which take ``USUAL``: a year begins at war with chance .4 (unless
        it does so more often anyway), attacks come three times as often, .85 of them begin a war,
        half the wars are long, campaigns of a war are 1.6 standard deviations larger; or a mapping
        from theatre to what is tilted there (the numbers of :class:`Tilt`), all else true:
        ``{"gulf": {"war": 0.5}}``
    defensive : share of years that are drawn with the true chances everywhere; no year weighs more
        than its inverse
    even : also spread the years evenly over the regimes; see :func:`even_regimes`

    Raises
    ------
    RiskModelError : an unknown number, or one out of its bounds
    """
    if isinstance(theatres, str):
        theatres = [theatres]
    if not isinstance(theatres, Mapping):
        return Proposal(dict.fromkeys(theatres, USUAL), defensive, even)
    return Proposal({name: tilt if isinstance(tilt, Tilt) else _tilt(name, tilt)
                     for name, tilt in theatres.items()}, defensive, even)


def even_regimes() -> Proposal:
    """Return a proposal that spreads the years evenly over the regimes of all theatres.

    Chances are the true ones and years weigh the same, but the first n years of a run begin in
    calm, crisis and war almost exactly as often as they should (``riskmodel.perils.kinetic.even``).
    The standard errors of all measures are then upper bounds.
    """
    return Proposal(even=True)


def proposal_of(facts: Mapping[str, Any]) -> Proposal:
    """Return the proposal that :meth:`Proposal.describe` told."""
    return Proposal({name: Tilt(**tilt) for name, tilt in facts["theatres"].items()},
                    facts["defensive"], facts.get("even", False))


def tilted(found: RegimeRates, named: float, tilt: Tilt) -> tuple[RegimeRates, float]:
    """Return a theatre's regime and chance of being named as a tilt draws them.

    What never happens in truth, or always does, stays so. ``USUAL`` only ever raises a chance.
    """
    war, long, war_share, names = tilt.war, tilt.long, tilt.war_share, tilt.named
    start = found.start
    if tilt == USUAL:
        begins = float(start[SHORT_WAR:].sum())
        war = None if war is None else max(war, begins)
        long = None if long is None else max(long, found.long_share)
        war_share = None if war_share is None else max(war_share, found.war_share)
        names = None if names is None else max(names, named)
    rates = replace(
        found, start=_start(start, war, long), long_share=_between(found.long_share, long),
        war_share=_between(found.war_share, war_share),
        attacks=np.concatenate([found.attacks[:SHORT_WAR] * tilt.attacks,
                                found.attacks[SHORT_WAR:]]))
    most = max(rates.attacks[CALM] + rates.tension, rates.attacks[CRISIS])
    if most > rates.ceiling:
        raise RiskModelError(
            f"rare_regimes: {found.theatre} has {most:g} arrivals a year with attacks="
            f"{tilt.attacks:g}, above its ceiling_per_yr of {rates.ceiling:g}; tilt less")
    return rates, _between(named, names)


def _start(start: NDArray[np.float64], war: float | None,
           long: float | None) -> NDArray[np.float64]:
    found = np.array(start, dtype=float)
    begins, ends = float(found[SHORT_WAR:].sum()), float(found[:SHORT_WAR].sum())
    if long is not None and (found[SHORT_WAR:] > 0).all():
        found[SHORT_WAR], found[LONG_WAR] = begins * (1.0 - long), begins * long
    if war is not None and begins > 0 and ends > 0:
        found[:SHORT_WAR] *= (1.0 - war) / ends
        found[SHORT_WAR:] *= war / begins
    return found


def _between(truth: float, wanted: float | None) -> float:
    return truth if wanted is None or not 0 < truth < 1 else wanted


def _tilt(name: str, numbers: Mapping[str, float]) -> Tilt:
    known = [each.name for each in fields(Tilt)]
    unknown = sorted(set(numbers) - set(known))
    if unknown:
        raise RiskModelError(f"rare_regimes: {name} has no number {unknown[0]!r}; there are "
                             f"{', '.join(known)}")
    if not numbers:
        return USUAL
    return Tilt(**numbers)
