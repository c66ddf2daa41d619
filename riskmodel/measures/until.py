"""``Until``: simulate no more years than an asked-for error of an asked-for measure needs."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures.yeartable import TOTAL, one_of

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

MEASURES = ("aal", "p_loss", "aep", "oep", "var", "tvar", "lole", "lolh", "eue")
PERIODS, LEVELS = ("aep", "oep"), ("var", "tvar")
FORM = "MEASURE[:LEVEL][:LAB]=ERROR, such as tvar:0.99=2% or aep:100:openai=0.05"
FIRST_LOOK = 4096  # years; whole blocks, so that none is run twice
FEWEST_IN_TAIL = 50  # with so many, a standard error knows itself to about a tenth


@dataclass(frozen=True)
class Until:
    """Stop when the standard error of a measure is small enough, for ``simulate(until=...)``.

    Attributes
    ----------
    measure : aal, p_loss, aep, oep, var, tvar, lole, lolh or eue
    level : of var and tvar the probability, of aep and oep the return period; None for the others
    lab : whose measure; None for all labs together
    relative_error : the asked-for standard error over the measure's value
    first_look : years after which the error is looked at first; then at every doubling, and at the
        most years
    fewest_in_tail : nothing stops before so many years (weighted ones by what they are worth) lie
        in the tail of the measure, or so many have a loss

    An error is itself estimated, and a run that stops as soon as it looks small stops a little too
    often where it happens to be too small. Looks are few (doublings) and never at few years, which
    keeps that bias well below the error asked for; it is not zero. Where no bias at all is
    wanted, take the number of years found here and simulate so many under another seed.
    """

    measure: str = "aal"
    level: float | None = None
    lab: str | None = None
    relative_error: float = 0.05
    first_look: int = FIRST_LOOK
    fewest_in_tail: int = FEWEST_IN_TAIL

    def __post_init__(self) -> None:
        one_of(self.measure, MEASURES, "until: measure")
        needs = self.measure in (*PERIODS, *LEVELS)
        if needs != (self.level is not None):
            raise RiskModelError("until: give a level with var and tvar (a probability), a return "
                                 "period with aep and oep, and neither with the others")
        if self.measure in LEVELS and not 0 < self.level < 1:  # type: ignore[operator]
            raise RiskModelError(f"until: level is {self.level}; {self.measure} needs a "
                                 "probability such as 0.99")
        if self.measure in PERIODS and not self.level > 1:  # type: ignore[operator]
            raise RiskModelError(f"until: level is {self.level}; {self.measure} needs a return "
                                 "period in years, above 1, such as 100")
        if not 0 < self.relative_error < 1:
            raise RiskModelError(f"until: relative_error is {self.relative_error}; give a share "
                                 "above 0 and below 1, such as 0.02")
        if self.first_look < 2 or self.fewest_in_tail < 2:
            raise RiskModelError("until: first_look and fewest_in_tail are 2 or more")

    @classmethod
    def parse(cls, text: str) -> Until:
        """Return what a text such as ``tvar:0.99=2%`` asks for."""
        what, _, error = text.partition("=")
        words = [word.strip() for word in what.split(":")]
        try:
            level = (float(words[1]) if len(words) > 1 and words[0] in (*PERIODS, *LEVELS)
                     else None)
            share = float(error.strip().removesuffix("%")) / (100 if "%" in error else 1)
        except ValueError:
            raise RiskModelError(f"until: {text!r} is not {FORM}") from None
        rest = words[1 if level is None else 2:]
        if len(rest) > 1 or not words[0]:
            raise RiskModelError(f"until: {text!r} is not {FORM}")
        return cls(words[0], level, rest[0] if rest else None, share)

    def looks_at(self, most: int) -> list[int]:
        """Return after how many years the error is looked at; the last is the most."""
        years, found = self.first_look, []
        while years < most:
            found.append(years)
            years *= 2
        return [*found, most]

    def check(self, labs: tuple[str, ...]) -> None:
        """Refuse a lab that is not there."""
        if self.lab not in (None, TOTAL):
            one_of(str(self.lab), labs, "until: lab")
        elif self.measure in ("lole", "lolh"):
            raise RiskModelError(f"until: {self.measure} does not add up over labs; name a lab")

    def look(self, losses: Losses) -> dict[str, Any]:
        """Return what the years so far say: ``years, value, relative_error, reached``."""
        from riskmodel.measures.measure import measure

        of = TOTAL if self.lab in (None, TOTAL) else str(self.lab)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BeyondSpanWarning)
            at = float(self.level or 0.0)
            frame = measure(losses, by=TOTAL if of == TOTAL else "lab", measures=self.measure,
                            return_periods=[at if self.measure in PERIODS else 2.0],
                            levels=[at if self.measure in LEVELS else 0.5])
        row = frame[frame["lab"] == of].iloc[0]
        value, se = float(row["value"]), float(row["se"])
        relative = se / value if value > 0 else float("nan")
        years = float(row.get("n_effective", losses.n_years))
        enough = years * self._share(losses, of) >= self.fewest_in_tail
        return {"years": losses.n_years, "value": _told(value), "relative_error": _told(relative),
                "reached": bool(enough and relative <= self.relative_error)}

    def _share(self, losses: Losses, of: str) -> float:
        """Return the chance of a year that tells something of the measure."""
        if self.measure in LEVELS:
            return 1.0 - float(self.level or 0.0)
        if self.measure in PERIODS:
            return 1.0 / float(self.level or 1.0)
        from riskmodel.measures.measure import measure

        frame = measure(losses, by=TOTAL if of == TOTAL else "lab", measures="p_loss")
        return float(frame.loc[frame["lab"] == of, "value"].iloc[0])

    def describe(self) -> dict[str, Any]:
        """Return it in plain numbers, as the manifest of a run holds it."""
        return asdict(self)


def _told(number: float) -> float | None:
    return number if np.isfinite(number) else None


def sentence(told: dict[str, Any]) -> str:
    """Return a sentence on how a run with ``until`` ended, from the manifest's entry."""
    level = told["level"]
    of = ("" if level is None else f" at {100 * level:g} %" if told["measure"] in LEVELS
          else f" of {level:g} years")
    who = "all labs" if told["lab"] in (None, TOTAL) else told["lab"]
    last = told["looks"][-1]
    error = last["relative_error"]
    stands = "no error can be told" if error is None else f"it is {100 * error:.2g} %"
    asked = (f"{told['measure'].upper()}{of} of {who} was asked for to "
             f"{100 * told['relative_error']:g} % (standard error)")
    return (f"{asked}: reached with {last['years']:,} years, {stands}." if told["reached"] else
            f"{asked}: not reached with the most years, {last['years']:,}; {stands}.")
