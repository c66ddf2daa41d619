"""Run by CLIMADA's own Python, beside it: a hazard file, and CLIMADA's expected annual impact.

``python climada_peer.py FOLDER`` reads FOLDER/case.npz and writes FOLDER/hazard.hdf5 and
FOLDER/climada.json.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
from climada.engine import ImpactCalc
from climada.entity import Exposures, ImpactFunc, ImpactFuncSet
from climada.hazard import Centroids, Hazard
from scipy import sparse


def main() -> None:
    folder = Path(sys.argv[1])
    case = np.load(folder / "case.npz")
    shape = (len(case["rate"]), len(case["lat"]))
    fraction, intensity = (
        sparse.csr_matrix((case[f"{name}_data"], case["indices"], case["indptr"]), shape=shape)
        for name in ("fraction", "intensity"))
    hazard = Hazard(
        "TC", units="m/s", centroids=Centroids(lat=case["lat"], lon=case["lon"]),
        intensity=intensity, fraction=fraction, frequency=case["rate"],
        event_id=np.arange(1, shape[0] + 1), date=np.full(shape[0], 738000),
        event_name=[f"storm_{i}" for i in range(shape[0])], orig=np.ones(shape[0], bool))
    hazard.check()
    hazard.write_hdf5(str(folder / "hazard.hdf5"))
    exposures = Exposures(gpd.GeoDataFrame(
        {"value": case["value"], "impf_TC": 1}, crs="EPSG:4326",
        geometry=gpd.points_from_xy(case["site_lon"], case["site_lat"])))
    function = ImpactFunc("TC", 1, case["points"], case["mdd"], case["paa"], "m/s", "wind")
    impact = ImpactCalc(exposures, ImpactFuncSet([function]), hazard).impact()
    (folder / "climada.json").write_text(json.dumps({
        "version": version("climada"), "eai_exp": impact.eai_exp.tolist(),
        "aai_agg": float(impact.aai_agg), "centroid": exposures.gdf["centr_TC"].tolist()}))


if __name__ == "__main__":
    main()
