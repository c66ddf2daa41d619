"""Run by Oasis' own Python: gulmc, summarypy and lecpy over an occurrence list of so many years.

``python oasis_peer.py JOB.npz FOLDER`` says on standard output, after the mark ``>>>``, which
version it is; then for every number of years on standard input the seconds and the mean loss of
each lab. FOLDER is scratch; the model's files are written there, which is not timed.

Every event of every year is an event of Oasis' own with one sample, so that each occurrence is
drawn anew. A site's damage is its outage as a share of 730 days, in bins; an intensity bin stands
for one event of the catalogue. Items are drawn apart, sites of one node too. The three programs run
one after the other in this process, so that starting them costs nothing.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from oasislmf.pytools.common import data
from oasislmf.pytools.getmodel.common import Event_dtype, EventIndexBin_dtype
from oasislmf.pytools.gulmc.manager import run as gulmc
from oasislmf.pytools.lec.manager import run as lec
from oasislmf.pytools.summary.manager import run as summary
from scipy.special import ndtr

CAP_H = 17520.0
EDGES_H = np.concatenate([[0.0], np.geomspace(0.1, CAP_H, 49)])


def main() -> None:
    job = np.load(sys.argv[1])
    job = {name: job[name] for name in job.files}
    folder = Path(sys.argv[2])
    (folder / "input").mkdir(parents=True, exist_ok=True)
    (folder / "static").mkdir(exist_ok=True)
    (folder / "work" / "gul").mkdir(parents=True, exist_ok=True)
    write_exposure(job, folder / "input")
    write_damage(job, folder / "static")
    say({"version": f"Oasis LMF {version('oasislmf')}"})
    for line in sys.stdin:
        years = int(line)
        write_events(job, folder, years, np.random.default_rng(1))
        say({**run(folder), "aal": mean_losses(folder, years)})


def say(told: dict) -> None:
    print(">>>" + json.dumps(told), flush=True)


def run(folder: Path) -> dict:
    """Run the three programs; return the seconds they took."""
    begun, cpu = time.perf_counter(), time.process_time()
    gulmc(run_dir=str(folder), ignore_file_type=set(), sample_size=1, loss_threshold=0.0,
          alloc_rule=0, debug=0, random_generator=2, file_in=str(folder / "events.bin"),
          file_out=str(folder / "gul.bin"))
    summary(files_in=str(folder / "gul.bin"), static_path=str(folder / "input"), run_type="gul",
            low_memory=True, output_zeros=False,
            summary_sets_output=["-1", str(folder / "work" / "gul" / "summary.bin")])
    lec(run_dir=str(folder), subfolder="gul", ept_output_file=str(folder / "ept.csv"),
        agg_full_uncertainty=True, occ_full_uncertainty=True)
    return {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}


def write_exposure(job: dict, folder: Path) -> None:
    """Write items, coverages and summaries: a site is an item, a lab is a summary."""
    count = len(job["mw"])
    number = np.arange(1, count + 1)
    table(folder / "items.bin", data.items_dtype, item_id=number, coverage_id=number,
          areaperil_id=number, vulnerability_id=1, group_id=number)
    (job["mw"] * CAP_H / 24.0).astype(data.oasis_float).tofile(folder / "coverages.bin")
    table(folder / "correlations.bin", data.correlations_dtype, item_id=number,
          hazard_group_id=number)
    table(folder / "gulsummaryxref.bin", data.gul_summary_xref_dtype, item_id=number,
          summary_id=job["lab"] + 1, summaryset_id=1)
    rows = "".join(f"{i},{i},1\n" for i in number)
    (folder / "gul_summary_map.csv").write_text("loc_id,item_id,building_id\n" + rows)


def write_damage(job: dict, folder: Path) -> None:
    """Write the damage bins, and each event's chance of each of them as a vulnerability."""
    low, high = EDGES_H[:-1] / CAP_H, EDGES_H[1:] / CAP_H
    bins = len(low) + 1  # the first is no damage
    table(folder / "damage_bin_dict.bin", data.damagebin_dtype, bin_index=np.arange(1, bins + 1),
          bin_from=np.concatenate([[0.0], low]), bin_to=np.concatenate([[0.0], high]),
          interpolation=np.concatenate([[0.0], (low + high) / 2]), damage_type=0)
    first = job["indptr"][:-1]
    p, median, sigma = (job[name][first][:, None] for name in ("probability", "median_h", "sigma"))
    with np.errstate(divide="ignore"):
        below = ndtr((np.log(EDGES_H)[None, :] - np.log(median)) / sigma)
    below[:, -1] = 1.0  # outages end at the cap
    chance = np.concatenate([1.0 - p, p * np.diff(below, axis=1)], axis=1)
    intensities = len(chance)
    with (folder / "vulnerability.bin").open("wb") as file:
        file.write(np.int32(bins).tobytes())
        rows = np.zeros(chance.size, data.vulnerability_dtype)
        rows["vulnerability_id"] = 1
        rows["intensity_bin_id"] = np.repeat(np.arange(1, intensities + 1), bins)
        rows["damage_bin_id"] = np.tile(np.arange(1, bins + 1), intensities)
        rows["probability"] = chance.ravel()
        rows.tofile(file)


def write_events(job: dict, folder: Path, years: int, rng: np.random.Generator) -> None:
    """Write the years' occurrences, each an event with its footprint."""
    rate = job["rate"]
    counts = rng.poisson(rate.sum(), years)
    which = rng.choice(len(rate), counts.sum(), p=rate / rate.sum())
    number = np.arange(1, len(which) + 1)
    number.astype(data.oasis_int).tofile(folder / "events.bin")
    with (folder / "input" / "occurrence.bin").open("wb") as file:
        file.write(np.array([0, years], "i4").tobytes())  # no dates, so many periods
        rows = np.zeros(len(which), data.occurrence_dtype)
        rows["event_id"], rows["period_no"] = number, np.repeat(np.arange(1, years + 1), counts)
        rows.tofile(file)
    size = np.diff(job["indptr"])[which]
    start = np.repeat(job["indptr"][:-1][which] - np.cumsum(size) + size, size)
    at = start + np.arange(size.sum())
    with (folder / "static" / "footprint.bin").open("wb") as file:
        file.write(np.array([len(rate), 0], "i4").tobytes())
        rows = np.zeros(len(at), Event_dtype)
        rows["areaperil_id"] = job["site"][at] + 1
        rows["intensity_bin_id"] = np.repeat(which + 1, size)
        rows["probability"] = 1.0
        rows.tofile(file)
    length = size * Event_dtype.itemsize
    table(folder / "static" / "footprint.idx", EventIndexBin_dtype, event_id=number,
          offset=8 + np.cumsum(length) - length, size=length)


def mean_losses(folder: Path, years: int) -> list:
    """Return the mean yearly loss of each lab, from the exceedance curve of the years."""
    curve = np.genfromtxt(folder / "ept.csv", delimiter=",", names=True)
    aggregate = curve[(curve["EPCalc"] == 2) & (curve["EPType"] == 3)]
    return [float(aggregate["Loss"][aggregate["SummaryId"] == lab].sum() / years)
            for lab in np.unique(aggregate["SummaryId"])]


def table(path: Path, dtype: np.dtype, **columns: object) -> None:
    rows = np.zeros(len(next(iter(columns.values()))), dtype)
    for name, values in columns.items():
        rows[name] = values
    rows.tofile(path)


if __name__ == "__main__":
    main()
