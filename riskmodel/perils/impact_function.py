"""What an intensity does to a place: an impact function, in CLIMADA's words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

COLUMNS = ("intensity", "mdd", "paa")


@dataclass(frozen=True, eq=False)
class ImpactFunction:
    """Impact by intensity, read off by straight lines between the points given.

    Parameters
    ----------
    intensity : rising (equal neighbours make a step), in the hazard's unit
    mdd : mean damage degree, the share lost of what is affected, 0-1: here the depth
    paa : share of assets affected, 0-1: here the chance that a place is affected
    duration_h : hours out by intensity; None where the duration does not depend on it
    name : for messages

    The mean damage ratio is mdd x paa, each read off by itself, as CLIMADA 6 does.
    """

    intensity: NDArray[np.float64]
    mdd: NDArray[np.float64]
    paa: NDArray[np.float64]
    duration_h: NDArray[np.float64] | None = None
    name: str = "impact function"

    def __post_init__(self) -> None:
        for field in (*COLUMNS, "duration_h"):
            value = getattr(self, field)
            if value is not None:
                object.__setattr__(self, field, np.array(value, dtype=float).ravel())
        self._check()

    def _check(self) -> None:
        size = len(self.intensity)
        if size < 2:
            raise RiskModelError(f"{self.name}: {size} point{'s' if size != 1 else ''}; give two "
                                 "intensities or more")
        for field in ("mdd", "paa", "duration_h"):
            value = getattr(self, field)
            if value is None:
                continue
            if len(value) != size:
                raise RiskModelError(f"{self.name}: {size} intensities but {len(value)} values of "
                                     f"{field}; give one for each")
            top = np.inf if field == "duration_h" else 1.0
            if not (np.isfinite(value) & (value >= 0) & (value <= top)).all():
                raise RiskModelError(f"{self.name}: {field} has a value outside 0 to {top:g}; give "
                                     + ("hours" if field == "duration_h" else "shares, not "
                                        "per cent"))
        if not np.isfinite(self.intensity).all() or (np.diff(self.intensity) < 0).any():
            raise RiskModelError(f"{self.name}: intensities do not rise; sort the points")

    def affected(self, intensity: ArrayLike) -> NDArray[np.float64]:
        """Return the chance to be affected (paa) at each intensity."""
        return np.asarray(np.interp(np.asarray(intensity, float), self.intensity, self.paa))

    def depth(self, intensity: ArrayLike) -> NDArray[np.float64]:
        """Return the share lost of what is affected (mdd) at each intensity."""
        return np.asarray(np.interp(np.asarray(intensity, float), self.intensity, self.mdd))

    def hours(self, intensity: ArrayLike) -> NDArray[np.float64]:
        """Return the hours out at each intensity; the function must have a duration_h."""
        if self.duration_h is None:
            raise RiskModelError(f"{self.name} has no duration_h")
        return np.asarray(np.interp(np.asarray(intensity, float), self.intensity,
                                    self.duration_h))

    def require_cover(self, intensity: NDArray[np.float64], unit: str = "") -> None:
        """Refuse intensities outside the points given: what happens there is not known.

        Raises
        ------
        RiskModelError
            Says how far they reach and how far the function does.
        """
        if not len(intensity):
            return
        low, high = float(np.min(intensity)), float(np.max(intensity))
        first, last = float(self.intensity[0]), float(self.intensity[-1])
        if low < first or high > last:
            raise RiskModelError(
                f"{self.name} covers {first:g} to {last:g} {unit}".rstrip()
                + f", but the hazard reaches from {low:g} to {high:g}; add points to the function, "
                "or hold its end values (beyond='hold', --hold)")


def read_impact_function(path: str | Path) -> ImpactFunction:
    """Read an impact function from a CSV file: intensity, mdd, paa and, if given, duration_h.

    Raises
    ------
    RiskModelError
        The file cannot be read, lacks a column, or holds something other than numbers.
    """
    import pandas as pd

    path = Path(path)
    try:
        table = pd.read_csv(path, comment="#", skipinitialspace=True)
    except OSError as error:
        raise RiskModelError(f"{path}: {error.strerror or error}") from None
    except (ValueError, pd.errors.ParserError) as error:
        raise RiskModelError(f"{path} cannot be read as a CSV table: {error}") from None
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise RiskModelError(f"{path} lacks the column{'s' if len(missing) > 1 else ''} "
                             f"{', '.join(missing)}; an impact function has intensity, mdd and paa")
    columns = {}
    for name in (*COLUMNS, *(["duration_h"] if "duration_h" in table.columns else [])):
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(float)
        if np.isnan(values).any():
            row = int(np.flatnonzero(np.isnan(values))[0]) + 2
            raise RiskModelError(f"{path}, row {row}: {name} is no number")
        columns[name] = values
    return ImpactFunction(**columns, name=path.name)
