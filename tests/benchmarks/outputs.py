"""What a contender finds: year tables in MW-hours, and the figures that are read off them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.standard_job import LABS, PERILS

RETURN_PERIOD = 100


@dataclass
class YearTable:
    """Losses in MW-hours, shape (years, labs), and by peril, shape (perils, labs).

    What a contender does not compute stays None.
    """

    lost: np.ndarray
    short: np.ndarray | None = None  # below what the lab needs up at once
    largest: np.ndarray | None = None  # of one event
    by_peril: np.ndarray | None = None

    @classmethod
    def of(cls, years: int, *, everything: bool = True) -> YearTable:
        """Return a table of zeros; with only ``lost`` unless ``everything`` is asked for."""
        table = cls(np.zeros((years, LABS)))
        if everything:
            table.short, table.largest = np.zeros((years, LABS)), np.zeros((years, LABS))
            table.by_peril = np.zeros((len(PERILS), LABS))
        return table

    def figures(self) -> dict[str, np.ndarray]:
        """Return AAL, AEP, OEP, shortfall (per lab) and contributions by peril, in MW-days."""
        found = {"aal": self.lost.mean(axis=0), "aep": exceeded(self.lost)}
        if self.largest is not None and self.short is not None and self.by_peril is not None:
            found |= {"oep": exceeded(self.largest), "shortfall": self.short.mean(axis=0),
                      "by_peril": self.by_peril / len(self.lost)}
        return {name: values / 24.0 for name, values in found.items()}


def exceeded(yearly: np.ndarray) -> np.ndarray:
    """Return what each lab's years exceed once in ``RETURN_PERIOD``, from shape (years, labs)."""
    rank = max(len(yearly) - 1 - len(yearly) // RETURN_PERIOD, 0)
    return np.asarray(np.partition(yearly, rank, axis=0)[rank])
