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
# # What would somebody else's hazard cost us?
#
# A hazard from CLIMADA, or from anything that gives events x places with an intensity, becomes an
# event table with the help of an impact function; the table runs like every other peril. The storms
# below are made up on the spot, so that the notebook needs nothing but `riskmodel`.

# %%
import tempfile
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse

import riskmodel as rm
from riskmodel.perils.climada_hazard import read_hazard
from riskmodel.perils.hazard import Hazard
from riskmodel.perils.hazard_import import (
    DurationLaw,
    event_table,
    expected_annual_loss,
    places_of,
)
from riskmodel.perils.impact_function import ImpactFunction

plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## A hazard: a wind for each storm and place, and how often each storm comes
#
# 400 straight tracks over a grid of half a degree from Texas to the lakes; the wind falls off
# beside the track. Nothing here is a climate: it is a shape to work with.

# %%
rng = np.random.default_rng(1)
lat, lon = (axis.ravel() for axis in np.meshgrid(np.arange(28, 45.1, 0.5),
                                                 np.arange(-104, -79.9, 0.5), indexing="ij"))
tracks = 400
start, slope = rng.uniform(-104, -80, tracks), rng.normal(0.4, 0.3, tracks)
top = 25 + rng.weibull(1.6, tracks) * 18
beside = np.abs(lon[None, :] - start[:, None] - slope[:, None] * (lat[None, :] - 28)) * 95
wind = top[:, None] / np.maximum(beside / 50, 1) ** 0.7
storms = Hazard.of(sparse.csr_matrix(np.where(wind >= 20, wind, 0)), np.full(tracks, 2 / tracks),
                   lat, lon, kind="wind", unit="m/s")
print(f"{storms.n_events} storms at {storms.n_centroids} places, {storms.rate_per_yr.sum():.1f} a "
      f"year; strongest wind {wind.max():.0f} m/s")

# %% [markdown]
# ## What a wind does: an impact function
#
# `paa` is the chance that a place is affected, `mdd` the share of it lost, both read off by
# straight lines as CLIMADA does. Winds beyond the last point are refused, unless one asks to hold
# its values.

# %%
damage = ImpactFunction(intensity=[0, 25, 40, 60, 120], mdd=[0, 0, 0.2, 0.6, 1],
                        paa=[0, 0, 0.1, 0.5, 1], duration_h=[0, 0, 48, 240, 1000], name="halls")
world = rm.read_world()
places = places_of(world)
table = event_table(storms, damage, places, peril="made_up_wind",
                    duration=DurationLaw("lognormal", hours=None, shape=0.8))
hits = table[table["probability"] > 0]
print(f"{len(hits):,} rows: {hits['event_id'].nunique()} storms hit {hits['node_id'].nunique()} "
      f"of {len(places)} sites")
hits[["event_id", "rate_per_yr", "node_id", "probability", "depth", "duration_h"]].head()

# %% [markdown]
# ## Run it: alone, and beside the local grid failures of the world
#
# The table is put into the world's `events`; a copy of the world with other perils works the same.

# %%
frames = {name: getattr(world, name) for name in ("sites", "holdings", "labs", "nodes",
                                                  "requirements", "theatres")}
stormy = rm.World.from_frames(**frames, events=table, perils=world.perils)
alone = rm.simulate(stormy, years=20_000, seed=7, perils=["made_up_wind"])
both = rm.simulate(stormy, years=20_000, seed=7, perils=["made_up_wind", "grid_outage"])
exact = expected_annual_loss(table, world.sites.set_index("site_id")["it_mw"])
aal = rm.measure(alone, by="total").query("measure == 'aal'").iloc[0]
print(f"mean loss by the table {exact.sum():.0f} MW-days a year, simulated {aal['value']:.0f} "
      f"+- {aal['se']:.0f}")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
states = world.regions.query("kind == 'state'")
states.plot(ax=left, color="#efede8", edgecolor="white", linewidth=0.6, aspect=1.25)
sites = world.sites.set_index("site_id")
left.scatter(sites["lon"], sites["lat"], s=5 + exact.reindex(sites.index) * 12,
             color="#1f5f8b", alpha=0.6, linewidths=0)
left.set(xlim=(-106, -78), ylim=(27, 46), xticks=[], yticks=[], xlabel="", ylabel="")
left.set_title("Mean loss by site (area)", loc="left", fontsize=10)
for losses, name in ((alone, "the storms alone"), (both, "storms and grid outages")):
    ladder = rm.exceedance(losses, basis="aep", by="total").dropna(subset=["lost_mw_days"])
    right.plot(ladder["return_period"], ladder["lost_mw_days"], marker="o", label=name)
right.set(xscale="log", yscale="log", ylim=(50, None), xlabel="return period, years",
          ylabel="MW-days lost in a year")
right.legend(frameon=False)
plt.show()

# %% [markdown]
# ## The same from a file
#
# `read_hazard` reads what CLIMADA's `Hazard.write_hdf5` wrote (it needs h5py, the extra
# `riskmodel[hazards]`); on the command line it is `riskmodel import-hazard`.

# %%
if find_spec("h5py"):
    import h5py

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "storms.hdf5"
        with h5py.File(path, "w") as file:
            group = file.create_group("intensity")
            for part in ("data", "indices", "indptr"):
                group[part] = getattr(storms.intensity, part)
            group.attrs["shape"] = storms.intensity.shape
            file["frequency"] = storms.rate_per_yr
            file["centroids/lat"], file["centroids/lon"] = lat, lon
        again = event_table(read_hazard(path), damage, places, peril="made_up_wind")
    same = np.allclose(again["probability"], table["probability"], rtol=1e-12)
    print(f"read back from HDF5: {len(again):,} rows, the same chances: {same}")
else:
    print("h5py is not installed: the matrices above are the other way in")

# %% [markdown]
# ## What this does not show
#
# - Real storms: the tracks, winds and rates are invented, and so is the impact function.
# - Spread of damage within one event: given the storm, sites fail independently of each other.
# - Supply: only sites are hit here; `places_of(world, "feed")` hits their local supplies instead.
