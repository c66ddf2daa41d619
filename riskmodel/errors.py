"""The errors and warnings of riskmodel: one small family, all of them ``ValueError`` children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input: what, where, and what to do about it.

    ``rows`` are line numbers of the file as an editor counts them (the header is line 1); for
    frames that live in memory they are positions, from 0.
    """

    check: str
    level: str  # "raise" or "warn"
    where: str  # file name, or table name for frames in memory
    message: str
    mend: str
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        rows = ""
        if self.rows:
            shown = ", ".join(str(row) for row in self.rows[:8])
            more = f" and {len(self.rows) - 8} more" if len(self.rows) > 8 else ""
            rows = f", row {shown}" if len(self.rows) == 1 else f", rows {shown}{more}"
        return f"{self.where}{rows}: {self.message} [{self.check}]\n    mend: {self.mend}"


class RiskModelError(ValueError):
    """Something asked of riskmodel cannot be done; the message says what to do instead."""


class WorldError(RiskModelError):
    """The world cannot be used. ``problems`` lists everything found, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the world:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class RiskModelWarning(UserWarning):
    """Parent of the warnings of riskmodel."""


class BeyondSpanWarning(RiskModelWarning):
    """A return period longer than the simulated span was asked for; the answer is NaN."""
