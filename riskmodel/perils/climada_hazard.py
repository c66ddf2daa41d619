"""Read the HDF5 file that CLIMADA's ``Hazard.write_hdf5`` leaves (versions 3 to 6).

The layout, by CLIMADA 6.1: groups ``intensity`` and ``fraction`` hold a CSR matrix (``data``,
``indices``, ``indptr``, attribute ``shape``) or, written dense, are plain datasets; ``frequency``,
``event_id``, ``event_name``, ``haz_type``, ``units`` and ``frequency_unit`` are datasets; the group
``centroids`` is a pandas frame in blocks with ``geometry.x`` and ``geometry.y`` among its columns
(since version 5), or holds ``lat`` and ``lon`` (before). Nothing is unpickled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.hazard import YEARLY, Hazard

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDED = ("intensity", "frequency", "centroids")


def read_hazard(path: str | Path) -> Hazard:
    """Read a CLIMADA hazard from its HDF5 file.

    Raises
    ------
    RiskModelError
        h5py is not installed; the file is not there, no HDF5, or no CLIMADA hazard; its rates are
        not per year, or its centroids are not in degrees.
    """
    try:
        import h5py
    except ImportError:
        raise RiskModelError("reading a hazard from HDF5 needs h5py: install it with "
                             "`pip install h5py`, or riskmodel with its extra [hazards]") from None
    path = Path(path)
    if not path.is_file():
        raise RiskModelError(f"{path}: there is no such file")
    try:
        opened = h5py.File(path, "r")
    except OSError:
        raise RiskModelError(f"{path} is no HDF5 file; give the file that CLIMADA's "
                             "Hazard.write_hdf5 wrote") from None
    with opened as data:
        return _hazard(data, path)


def _hazard(data: Any, path: Path) -> Hazard:
    missing = [name for name in NEEDED if name not in data]
    if missing:
        raise RiskModelError(f"{path} is HDF5 but no CLIMADA hazard: it lacks "
                             f"{', '.join(missing)}; write it with Hazard.write_hdf5")
    unit = _text(data, "frequency_unit").strip().lower()
    if unit not in YEARLY:
        raise RiskModelError(f"{path}: its frequencies are per {unit!r}, not per year; set "
                             "hazard.frequency and hazard.frequency_unit to yearly ones first")
    intensity = _matrix(data, "intensity", path)
    fraction = _matrix(data, "fraction", path) if "fraction" in data else None
    lat, lon = _centroids(data["centroids"], path)
    names = _names(data, intensity.shape[0])
    try:
        return Hazard.of(intensity, np.asarray(data["frequency"], float), lat, lon,
                         fraction=fraction, event_ids=names, kind=_text(data, "haz_type"),
                         unit=_text(data, "units"), source=path.name)
    except RiskModelError as error:
        raise RiskModelError(f"{path}: {error}") from None


def _matrix(data: Any, name: str, path: Path) -> Any:
    from scipy import sparse

    found = data[name]
    if hasattr(found, "shape"):  # written with todense=True
        return sparse.csr_matrix(np.asarray(found, float))
    parts = ("data", "indices", "indptr")
    if "shape" not in found.attrs or any(part not in found for part in parts):
        raise RiskModelError(f"{path} is HDF5 but no CLIMADA hazard: {name} is no sparse matrix "
                             "(data, indices, indptr and the attribute shape)")
    try:
        return sparse.csr_matrix(tuple(np.asarray(found[part]) for part in parts),
                                 shape=tuple(int(size) for size in found.attrs["shape"]))
    except ValueError as error:
        raise RiskModelError(f"{path}: {name} is broken: {error}") from None


def _centroids(group: Any, path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    projection = group.attrs.get("metadata", b"")
    text = projection.decode("utf-8", "replace") if isinstance(projection, bytes) else str(
        projection)
    if "PROJCRS" in text or "PROJCS" in text:
        raise RiskModelError(f"{path}: its centroids are in a projection, not in degrees; convert "
                             "them (hazard.centroids.to_crs) to EPSG:4326 first")
    for lat, lon in (("lat", "lon"), ("latitude", "longitude")):
        if lat in group and lon in group and group[lat].size:
            return np.asarray(group[lat], float), np.asarray(group[lon], float)
    columns = _frame_columns(group)
    if not {"geometry.x", "geometry.y"} <= set(columns):
        what = "as shapes that are no points" if "geometry" in columns else "in a layout unknown"
        raise RiskModelError(f"{path}: its centroids are stored {what}; write the hazard with "
                             "CLIMADA 3 to 6, with points for centroids")
    return columns["geometry.y"], columns["geometry.x"]


def _frame_columns(group: Any) -> dict[str, NDArray[np.float64]]:
    """Return the number columns of a pandas frame stored in blocks; others are empty."""
    columns: dict[str, NDArray[np.float64]] = {}
    for number in range(int(group.attrs.get("nblocks", 0))):
        items = [_plain(item) for item in np.asarray(group[f"block{number}_items"])]
        values = np.asarray(group[f"block{number}_values"])
        for place, item in enumerate(items):
            numeric = values.dtype.kind in "fiu" and values.ndim == 2
            columns[item] = (values[:, place].astype(float) if numeric else np.zeros(0))
    return columns


def _names(data: Any, events: int) -> list[str]:
    for key in ("event_name", "event_id"):
        if key in data and len(data[key]) == events:
            return [_plain(name) for name in np.asarray(data[key]).tolist()]
    return [str(number + 1) for number in range(events)]


def _text(data: Any, name: str) -> str:
    if name not in data:
        return ""
    values = np.asarray(data[name]).ravel().tolist()
    return _plain(values[0]) if values else ""


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
