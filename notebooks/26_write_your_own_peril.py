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
# # How do I add a peril of my own, and how do I know that it is right?
#
# No family that ships takes the grids of Norway and Ohio in one hour. A magnetic storm can: in 1989
# one took that of Quebec down for nine hours. Each of its numbers has low, best, high, unit,
# source, confidence and the day it was known, here or in a TOML file. A rate that is a count says
# so: one storm in 69 years leaves (1 + 1/2) / 69 a year.

# %%
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import riskmodel as rm

plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
def number(low, best, high, unit, note, source="judgement", **count):
    return {"low": low, "best": best, "high": high, "unit": unit, "source": source, "note": note,
            "confidence": "low", "known_on": "2026-11-23", **count}
spec = rm.read_peril_spec({
    "id": "magnetic_storm", "name": "Magnetic storm", "group": "natural", "version": "1.0",
    "definition": "A storm of the Earth's magnetic field takes down grids at high latitude.",
    "effect": "Takes whole grids.", "oed_code": "", "rdls_type": "", "as_of": "2026-11-23",
    "not_modelled": ["Burnt transformers, and the eleven years of the Sun's cycle."],
    "sources": {"dst": {"title": "The index Dst since 1957: -589 nT on 13 March 1989",
                        "url": "https://doi.org/10.1186/s40645-015-0043-8"}},
    "rate": number(0.001564, 0.02174, 0.06774, "1/yr", "-500 nT and stronger", "dst",
                   count=1, exposure=69),
    "median": number(4, 9, 24, "h", "Quebec: nine hours"),
    "sigma": number(0.5, 1.0, 1.5, "1", "one case says nothing of the spread"),
    "chance": number(0.1, 0.3, 0.6, "chance", "a grid above 50 degrees of magnetic latitude"),
    "grids": ["MISO", "PJM", "NYISO", "BPA", "PGE", "GB", "FI", "NO1", "NO2", "NO4", "SE3"]})

# %% [markdown]
# ## The object
#
# A `spec`, and either `catalogue(world)`, a table of events with rates (the short way), or
# `sample(block, world)`, which draws outages: one storm for the world, a uniform for each grid.
#
# **What makes it reproducible:** `block.uniform` is a pure function of (seed, purpose, peril, year,
# event, entity). Nothing hangs on the order of rows, size of a block, cores, or who holds what.

# %%
@dataclass(frozen=True)
class MagneticStorm:
    spec: rm.PerilSpec

    def regions(self, world):
        return ["world"]  # every word its events may carry

    def sample(self, block, world):
        data = self.spec.data
        grids = np.array([f"grid:{name}" for name in data["grids"]], dtype=object)
        mean = data["rate"]["best"] * block.horizon_h / 8760
        count = stats.poisson.ppf(block.uniform("count", year=block.years), mean).astype(int)
        year = np.repeat(block.years, count)
        event = np.arange(len(year)) - np.repeat(np.cumsum(count) - count, count)
        start = block.horizon_h * block.uniform("start", year=year, event=event)
        falls = block.uniform("falls", year=year[:, None], event=event[:, None],
                              entity=grids[None, :]) < data["chance"]["best"]
        row, grid = np.nonzero(falls & np.isin(grids, world.nodes["node_id"]))
        u = block.uniform("hours", year=year[row], event=event[row], entity=grids[grid])
        hours = stats.lognorm.ppf(u, data["sigma"]["best"], scale=data["median"]["best"])
        return pd.DataFrame({
            "year": year[row], "event": event[row], "region": "world", "campaign_id": -1,
            "event_start_h": start[row], "node_id": grids[grid], "part": "",
            "start_h": start[row], "duration_h": hours, "depth": 1.0})

world, peril = rm.read_world(), MagneticStorm(spec)
rm.check_peril(peril, world, years=10_000)[["year", "event", "node_id", "duration_h"]].head(3)

# %% [markdown]
# It keeps the rules: drawn again in half blocks, in reverse, with rows turned round and half of the
# sites, it is the same. A single draw of another kind is caught:

# %%
class Careless(MagneticStorm):
    def sample(self, block, world):
        return super().sample(block, world).assign(depth=np.random.default_rng().random())

try:
    rm.check_peril(Careless(spec), world, years=10_000)
except rm.RiskModelError as error:
    print(error)

# %% [markdown]
# ## An answer known by hand
#
# 100 MW with diesel for a day on one northern grid: rate x chance x MW x the mean time beyond it.

# %%
small = rm.World.from_frames(
    sites=pd.DataFrame([{"site_id": "site", "lat": 41.0, "lon": -83.0, "it_mw": 100.0}]),
    holdings=pd.DataFrame([{"lab_id": "lab", "site_id": "site", "share": 1.0}]),
    labs=pd.DataFrame([{"lab_id": "lab", "needed_share": 1.0}]),
    nodes=pd.DataFrame([{"node_id": "grid:PJM", "kind": "grid"}]),
    requirements=pd.DataFrame([{"node_id": "site", "group": "power", "member_id": "grid:PJM",
                                "ride_through_h": 24.0}]))
run = rm.simulate(small, years=1_000_000, seed=7, perils=[peril], adequacy=False)
found = rm.measure(run, by="total", measures=["aal"]).iloc[0]
beyond_h = stats.lognorm(1.0, scale=9.0).expect(lambda hours: hours - 24.0, lb=24.0)
by_hand = 1.5 / 69 * 0.3 * 100 * beyond_h / 24  # MW-days
print(f"{found['value']:.4f} ± {found['se']:.4f} {found['unit']} a year; by hand {by_hand:.4f}")
assert abs(found["value"] - by_hand) < 4 * found["se"]

# %% [markdown]
# ## Beside the others
#
# Once registered it is part of every run; its draws touch nobody else's.

# %%
rm.register_peril(peril)
losses = rm.simulate(world, years=4_000, seed=7, adequacy=False)
parts = rm.contributions(losses, measure="aal", by=["peril"]).sort_values("value")
own = rm.tornado(world, years=10_000, seed=7, top=4, worlds=20, perils=[peril])
own = own[own["measure"] == "aal"][::-1]
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
bars = left.barh(parts["peril"].astype(str), parts["value"], xerr=parts["se"], color="#9db8cc")
bars[list(parts["peril"]).index("magnetic_storm")].set_color("#c4512d")
left.set(xscale="log", xlabel="AAL, MW-days ± 1 se; 4,000 years, seed 7")
right.barh(own["number"], own["high"] - own["low"], left=own["low"], color="#c4512d")
right.set_xlabel("AAL of magnetic_storm as one number moves, 10,000 years")
plt.show()

# %% [markdown]
# It costs less than heat, as most sites are taken to have diesel for more than nine hours. What to
# look up next is how long such an outage lasts, not how often one comes.
#
# ## What this does not show
#
# - **That the numbers are right.** `check_peril` knows rules, not physics: 30 % and nine hours rest
#   on one case, and transformers that burn would make weeks of them.
# - **Giving it away**: a package offers it under the entry-point group `riskmodel.perils`.
