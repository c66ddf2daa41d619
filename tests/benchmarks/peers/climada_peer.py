"""Run by CLIMADA's own Python: impact per lab and year sets, as often as it is asked to.

``python climada_peer.py JOB.npz`` says on standard output, after the mark ``>>>``, which version it
is; then for every number of years on standard input the seconds and the mean loss of each lab.

Every lab's sites are an exposure; an event's intensity at a site is the mean MW-days lost there for
each MW (probability x mean duration), and the impact function hands it through. The year sets of
all labs share one sampling of events, so that a year is the same year for all.
"""

import json
import sys
import time
from importlib.metadata import version

import geopandas as gpd
import numpy as np
from climada.engine import ImpactCalc
from climada.entity import Exposures, ImpactFunc, ImpactFuncSet
from climada.hazard import Centroids, Hazard
from climada.util import yearsets
from scipy import sparse


def main() -> None:
    job = np.load(sys.argv[1])
    labs = [exposures_of(job, lab) for lab in range(int(job["lab"].max()) + 1)]
    hazard = hazard_of(job)
    most = float(hazard.intensity.max())
    through = ImpactFuncSet([ImpactFunc("XX", 1, np.array([0.0, most]), np.array([0.0, most]),
                                        np.ones(2), "d", "days lost")])
    say({"version": f"CLIMADA {version('climada')}"})
    for line in sys.stdin:
        years = int(line)
        begun, cpu = time.perf_counter(), time.process_time()
        impacts = [ImpactCalc(lab, through, hazard).impact(save_mat=False) for lab in labs]
        sets, sampled = [], None
        for impact in impacts:
            named = [2000] * years  # names must be years of the calendar
            if sampled is None:
                yearly, sampled = yearsets.impact_yearset(
                    impact, named, correction_fac=False, with_replacement=True, seed=1)
            else:
                yearly = yearsets.impact_yearset_from_sampling_vect(
                    impact, named, sampled, correction_fac=False)
            sets.append(yearly)
        say({"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu,
             "aal": [float(yearly.at_event.mean()) for yearly in sets]})


def say(told: dict) -> None:
    print(">>>" + json.dumps(told), flush=True)


def exposures_of(job: np.lib.npyio.NpzFile, lab: int) -> Exposures:
    mine = job["lab"] == lab
    return Exposures(gpd.GeoDataFrame(
        {"value": job["mw"][mine], "impf_XX": 1, "centr_XX": np.flatnonzero(mine)},
        crs="EPSG:4326", geometry=gpd.points_from_xy(job["lon"][mine], job["lat"][mine])))


def hazard_of(job: np.lib.npyio.NpzFile) -> Hazard:
    events, sites = len(job["rate"]), len(job["mw"])
    days = sparse.csr_matrix((job["probability"] * job["mean_h"] / 24.0, job["site"],
                              job["indptr"]), shape=(events, sites))
    hazard = Hazard(
        "XX", units="d", centroids=Centroids(lat=job["lat"], lon=job["lon"]), intensity=days,
        fraction=sparse.csr_matrix((events, sites)), frequency=job["rate"],
        event_id=np.arange(1, events + 1), date=np.full(events, 738000),
        event_name=[str(i) for i in range(events)], orig=np.ones(events, bool))
    hazard.check()
    return hazard


if __name__ == "__main__":
    main()
