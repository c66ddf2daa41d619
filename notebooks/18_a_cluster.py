# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does a cluster change the answer?
#
# A run is cut into blocks of 2,048 years, and every draw is a function of the seed and of what is
# drawn. So it must not matter who computes a block. Here one process and a real Dask cluster (a
# scheduler and two workers) compute the same years, and one worker is killed in the middle.

# %%
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from distributed import Client

import riskmodel as rm
from riskmodel.engine.run.runner import BLOCK_YEARS, warm_up

YEARS, SEED = 16 * BLOCK_YEARS, 7
PERILS = ["grid_outage", "load_trip", "site_failure"]  # some of them, so that this is quick
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
warm_up()  # compile first, or read what was compiled: no part of what is measured below

# %% [markdown]
# ## Start the cluster
#
# With Dask's own commands, as one would type them on the machines of a real cluster.

# %%
folder = tempfile.TemporaryDirectory()
file = Path(folder.name) / "scheduler.json"


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--scheduler-file", str(file), "--host",
         "127.0.0.1", "--no-dashboard"], cwd=folder.name, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)  # kill -9: no goodbye, nothing saved
    process.wait()


scheduler = start("scheduler", "--port", "0", "--idle-timeout", "10m")
while not file.exists():
    time.sleep(0.05)
workers = [start("worker", "--nworkers", "1", "--nthreads", "1", "--death-timeout", "60")
           for _ in range(2)]
logging.getLogger("distributed.client").setLevel(logging.ERROR)  # it tells of the killed worker
client = Client(scheduler_file=str(file), timeout=60)
client.wait_for_workers(2, timeout=60)
rm.simulate(world, years=4 * BLOCK_YEARS, perils=PERILS, executor=client)  # the first loads much
print(f"{len(client.nthreads())} workers, {os.cpu_count()} cores on this machine")

# %% [markdown]
# ## The same years, four times
#
# With `executor=client` the compiled world is sent to the workers once (at the command line:
# `riskmodel run --dask tcp://HOST:PORT`). In the last run one worker is killed when a third of the
# years is done; the scheduler gives its blocks to the other.

# %%
seen, runs, seconds = {}, {}, {}


def timed(name: str, victim: subprocess.Popen | None = None, **how) -> None:
    """Run the years and note when each block came in."""
    begun, notes = time.perf_counter(), [(0.0, 0)]

    def progress(done: int, of: int) -> None:
        notes.append((time.perf_counter() - begun, done))
        if victim is not None and victim.poll() is None and 3 * done >= of:
            assert done < of
            kill(victim)

    runs[name] = rm.simulate(world, years=YEARS, seed=SEED, perils=PERILS, progress=progress,
                             **how)
    seconds[name] = time.perf_counter() - begun
    seen[name] = pd.DataFrame(notes, columns=["seconds", "years"])


timed("one process, one thread", workers=1)
timed("one process, two threads", workers=2)
timed("two workers", executor=client)
timed("two workers, one killed", executor=client, victim=workers[0])
print(f"{len(client.nthreads())} worker is left")

# %%
first = runs["one process, one thread"]
tables = ("years", "causes", "events", "adequacy")
table_of_runs = pd.DataFrame([
    {"run": name, "seconds": round(seconds[name], 1),
     "times as fast as one thread": round(seconds["one process, one thread"] / seconds[name], 2),
     "rows": sum(len(getattr(run, table)) for table in tables),
     "all tables the same": all(getattr(run, table).equals(getattr(first, table))
                                for table in tables)}
    for name, run in runs.items()])
assert table_of_runs["all tables the same"].all()
table_of_runs

# %%
figure, axes = plt.subplots(figsize=(7, 3.6))
for name, notes in seen.items():
    axes.step(notes["seconds"], notes["years"], where="post", label=name)
axes.set(xlabel="seconds", ylabel="years done",
         title=f"Progress, {YEARS:,} years, seed {SEED}, {os.cpu_count()} cores")
axes.legend(frameon=False, fontsize=8)
plt.show()

# %%
client.close()
for process in (workers[1], scheduler):
    kill(process)
folder.cleanup()

# %% [markdown]
# ## What this does not show
#
# - **Speed on many machines.** All processes share this machine, at this hour: the ratio has no
#   second machine's cores and no real network in it.
# - **Other processors.** The bytes are the same where the versions are (workers with others are
#   refused). A processor of another kind may round a logarithm in its last bit.
# - **The rest of a run.** Measures, tables and report are made by the process that asked.
# - **A cluster that is lost.** If the scheduler itself dies the run ends with an error; the command
#   line keeps the blocks that had come in, and the same command goes on from them.
