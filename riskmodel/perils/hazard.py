"""A hazard from elsewhere: events times places, with an intensity for each and a yearly rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: what a rate per year is called in the files people have
YEARLY = ("", "1/year", "1/yr", "1/y", "per year", "annual", "yearly")


@dataclass(frozen=True, eq=False)
class Hazard:
    """Intensities of events at centroids; make one with ``Hazard.of`` or ``read_hazard``.

    ``intensity`` and ``fraction`` are sparse CSR, shape (events, centroids); ``fraction`` is the
    share of the centroid's cell that is affected, None for all of it. ``rate_per_yr`` has shape
    (events,); ``lat`` and ``lon`` (WGS84 degrees) shape (centroids,).
    """

    intensity: Any
    fraction: Any | None
    rate_per_yr: NDArray[np.float64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    event_ids: tuple[str, ...]
    kind: str = ""
    unit: str = ""
    source: str = field(default="")

    @classmethod
    def of(cls, intensity: Any, rate_per_yr: ArrayLike, lat: ArrayLike, lon: ArrayLike, *,
           fraction: Any | None = None, event_ids: Sequence[object] | None = None, kind: str = "",
           unit: str = "", source: str = "") -> Hazard:
        """Make a hazard from matrices (scipy sparse or plain arrays) and arrays; they are copied.

        A ``fraction`` without any entry means "all of every cell", as it does in CLIMADA.

        Raises
        ------
        RiskModelError
            Shapes do not agree, or a number is not possible; the message says which.
        """
        from scipy import sparse

        matrix = _csr(intensity, "intensity")
        share = None if fraction is None else _csr(fraction, "fraction")
        if share is not None and share.nnz == 0:
            share = None
        rates, lats, lons = (np.array(a, dtype=float).ravel() for a in (rate_per_yr, lat, lon))
        events, places = matrix.shape
        if events == 0 or places == 0:
            raise RiskModelError(f"the hazard has {events} events and {places} centroids; it needs "
                                 "one of each at least")
        ids = ([str(i) for i in range(events)] if event_ids is None
               else [str(name) for name in event_ids])
        for name, size, wanted, of in (
                ("rate_per_yr", len(rates), events, "events"),
                ("event_ids", len(ids), events, "events"),
                ("lat", len(lats), places, "centroids"), ("lon", len(lons), places, "centroids")):
            if size != wanted:
                raise RiskModelError(f"{name} has {size} values, but the intensity has {wanted} "
                                     f"{of} (shape {events} x {places}: events x centroids)")
        if share is not None and share.shape != matrix.shape:
            raise RiskModelError(f"fraction has the shape {share.shape}, intensity {matrix.shape}; "
                                 "they must agree")
        if not (np.isfinite(rates) & (rates >= 0)).all():
            raise RiskModelError("rate_per_yr is negative or not finite for some event")
        if not np.isfinite(matrix.data).all():
            raise RiskModelError("the intensity is not finite somewhere; leave unknown cells out")
        if share is not None and not ((share.data >= 0) & (share.data <= 1)).all():
            raise RiskModelError("the fraction is outside 0 to 1 somewhere")
        if not ((np.abs(lats) <= 90) & (np.abs(lons) <= 360)).all():
            raise RiskModelError("the centroids are no degrees of latitude and longitude; write "
                                 "the hazard in WGS84 (EPSG:4326)")
        return cls(sparse.csr_matrix(matrix), share, rates, lats, (lons + 180.0) % 360.0 - 180.0,
                   tuple(_unique(ids)), kind, unit, source)

    @property
    def n_events(self) -> int:
        """Number of events."""
        return int(self.intensity.shape[0])

    @property
    def n_centroids(self) -> int:
        """Number of centroids."""
        return int(self.intensity.shape[1])


def _csr(matrix: Any, what: str) -> Any:
    from scipy import sparse

    try:
        result = sparse.csr_matrix(matrix, dtype=float, copy=True)
    except (TypeError, ValueError) as error:
        raise RiskModelError(f"{what} is no matrix of events x centroids: {error}") from None
    result.sum_duplicates()
    return result


def _unique(ids: list[str]) -> list[str]:
    """Number the names that stand more than once: event tables know an event by its name."""
    seen: dict[str, int] = {}
    taken = set(ids)
    result = []
    for name in ids:
        count = seen.get(name, 0)
        seen[name] = count + 1
        if count:
            number = count + 1
            while f"{name}#{number}" in taken:
                number += 1
            name = f"{name}#{number}"
            taken.add(name)
        result.append(name)
    return result
