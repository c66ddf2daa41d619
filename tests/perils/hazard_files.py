"""Hazards for the tests: synthetic matrices, and HDF5 files in the layout that CLIMADA writes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from riskmodel.perils.hazard import Hazard
from riskmodel.perils.impact_function import ImpactFunction
from riskmodel.world.world import World

WIND = ImpactFunction([0.0, 20.0, 30.0, 45.0, 60.0, 80.0], [0.0, 0.0, 0.1, 0.4, 0.7, 1.0],
                      [0.0, 0.0, 0.3, 0.6, 0.9, 1.0], name="wind")
EVENTS = 300


def matrices(seed=5, events=EVENTS):
    """Return intensity, fraction, yearly rate, lat and lon of a synthetic wind hazard."""
    rng = np.random.default_rng(seed)
    lat = np.repeat(np.arange(28.0, 35.0), 8)[:50]
    lon = np.tile(np.arange(-102.0, -94.0), 8)[:50]
    intensity = sparse.random(events, 50, density=0.3, random_state=seed, format="csr",
                              data_rvs=lambda k: rng.uniform(10.0, 70.0, k))
    fraction = intensity.copy()
    fraction.data = rng.uniform(0.3, 1.0, fraction.nnz)
    return intensity, fraction, rng.uniform(1e-4, 1e-3, events), lat, lon


def hazard(**changes):
    intensity, fraction, rate, lat, lon = matrices()
    given = {"fraction": fraction, "kind": "TC", "unit": "m/s", **changes}
    return Hazard.of(intensity, rate, lat, lon, **given)


def world(count=20, seed=9):
    """Return a world of sites among the centroids, each known to the metre."""
    rng = np.random.default_rng(seed)
    ids = [f"s{i:02d}" for i in range(count)]
    return World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": rng.uniform(28.2, 33.5, count),
                            "lon": rng.uniform(-101.5, -95.5, count),
                            "it_mw": rng.uniform(10.0, 1000.0, count)}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}))


def write_climada(path, *, fraction=True, dense=False, legacy=False, frequency_unit="1/year",
                  crs='GEOGCRS["WGS 84",ID["EPSG",4326]]', without=()):
    """Write a hazard as CLIMADA 6.1 does (``legacy``: centroids as before version 5)."""
    import h5py

    intensity, share, rate, lat, lon = matrices()
    share = share if fraction else sparse.csr_matrix(share.shape)
    text = h5py.special_dtype(vlen=str)
    with h5py.File(path, "w") as file:
        for name, matrix in (("intensity", intensity), ("fraction", share)):
            if dense:
                file[name] = matrix.toarray()
                continue
            group = file.create_group(name)
            for part in ("data", "indices", "indptr"):
                group[part] = getattr(matrix, part)
            group.attrs["shape"] = matrix.shape
        file["frequency"] = rate
        file["event_id"] = np.arange(1, EVENTS + 1)
        names = file.create_dataset("event_name", (EVENTS,), dtype=text)
        names[:] = [f"storm_{i}" for i in range(EVENTS)]
        for name, value in (("haz_type", "TC"), ("units", "m/s"),
                            ("frequency_unit", frequency_unit)):
            file.create_dataset(name, (1,), dtype=text)[0] = value
        group = file.create_group("centroids")
        if legacy:
            group["lat"], group["lon"] = lat, lon
        else:
            group.attrs["nblocks"] = 2
            group.attrs["metadata"] = np.bytes_(f"(dp0\nVcrs\np1\nV{crs}\np2\ns.".encode())
            group["block0_items"] = np.array([b"region_id"])
            group["block0_values"] = np.zeros((50, 1), np.int64)
            group["block1_items"] = np.array([b"geometry.x", b"geometry.y"])
            group["block1_values"] = np.column_stack([lon, lat])
        for name in without:
            del file[name]
    return path
