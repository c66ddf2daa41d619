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
# # How often is a grid short of generation, and what does a campus behind it lose?
#
# From units and load to curtailed MW-days. The grid here is the IEEE Reliability Test System of
# 1979: 32 units, published answers. It stands for no real grid; put your own units and hourly load
# in a TOML file and read that instead.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.4g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

grid = rm.read_generating_system("rts79")
print(f"{grid.name}: {grid.capacity_mw:,.0f} MW, peak {grid.peak_mw:,.0f} MW")
pd.DataFrame(grid.units)

# %% [markdown]
# ## Exact and simulated
#
# The exact numbers fold the units' two states into one distribution. The simulation takes every
# unit through the year, up and down at exponential times, and keeps each shortage with its start,
# length and depth. Both must agree with what has been printed, and with each other.

# %%
found = rm.adequacy_indices(grid, years=20_000, seed=7)
found.set_index("measure")[["unit", "published", "exact", "value", "se", "z"]]

# %% [markdown]
# ## What a shortage looks like
#
# The mean says little: two years in five have no shortage, one in eight is short for more than 24
# hours. Below, the hours short in each simulated year, and three shortages, piece by piece.

# %%
campus = rm.World.from_frames(
    sites=pd.DataFrame({"site_id": ["campus"], "lat": [40.0], "lon": [-95.0], "it_mw": [100.0]}),
    holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["campus"], "share": [1.0]}),
    labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
    nodes=pd.DataFrame({"node_id": ["grid:TEST"], "kind": ["grid"]}),
    requirements=pd.DataFrame({"node_id": ["campus"], "group": ["power"],
                               "member_id": ["grid:TEST"]}))
shared = rm.AdequacyGenerator.of(grid, "grid:TEST")
outages = rm.check_peril(shared, campus, years=4000)

figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
hours = outages.groupby("year")["duration_h"].sum().reindex(range(4000), fill_value=0)
axes[0].hist(hours, bins=[0, 1e-9, *np.arange(5, 105, 5)], color="#1f5f8b")
axes[0].set(xlabel="hours short in the year", ylabel="years of 4,000", yscale="log",
            title=f"{(hours == 0).mean():.0%} of years have none")
events = outages.groupby(["year", "event"])
for key in events["duration_h"].sum().nlargest(400).index[[0, 40, 399]]:
    one = events.get_group(key)
    edges = [*(one["start_h"] - one["start_h"].iloc[0]),
             one["start_h"].iloc[-1] + one["duration_h"].iloc[-1] - one["start_h"].iloc[0]]
    axes[1].stairs(100 * one["depth"], edges, linewidth=1.5, label=f"year {key[0]}")
axes[1].set(xlabel="hours since it began", ylabel="load not served, %", title="Three shortages")
axes[1].legend(frameon=False)
plt.show()

# %% [markdown]
# ## The campus behind it
#
# A 100 MW campus on that grid, without a battery. Either a shortage is shared out over all load, or
# an interruptible block of 300 MW, the campus among it, is cut before anybody else. The second is
# what a large load may sign to be connected early.

# %%
first = rm.AdequacyGenerator.of(grid, "grid:TEST", large_load_mw=300.0, peril_id="adequacy_first")
rows = []
for name, peril in {"shared by all load": shared, "interruptible block first": first}.items():
    losses = rm.simulate(campus, years=10_000, seed=7, perils=[peril])
    table = rm.measure(losses, by="lab").set_index("measure")
    aal, worst = table.loc["aal"], table.query("level == 0.99").loc["tvar"]
    rows.append({"curtailment": name, "AAL, MW-days": aal["value"], "±": aal["se"],
                 "exact": peril.expected_curtailed_h() * 100 / 24,
                 "worst 1 % of years": worst["value"], "hours below need": table.loc[
                     "lolh", "value"]})
pd.DataFrame(rows).set_index("curtailment")

# %% [markdown]
# ## More load on the same units
#
# A grid that takes on load without new units gets short much faster than the load grows.

# %%
growth = np.linspace(0.90, 1.10, 9)
expected = [[rm.AdequacyGenerator.of(grid.with_load(by), "grid:TEST", large_load_mw=block)
             .expected_curtailed_h() for by in growth] for block in (None, 300.0)]
figure, axis = plt.subplots(figsize=(7, 3.8), layout="constrained")
for values, label in zip(expected, ["shared by all load", "interruptible block first"],
                         strict=True):
    axis.plot(100 * (growth - 1), values, marker="o", markersize=3, label=label)
axis.set(yscale="log", xlabel="load against 1979, %", ylabel="hours of full curtailment a year")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What this does not show
#
# - **It is a test system.** Its margin is thin on purpose (19 % with large units of its time), so
#   its hours are no estimate for any grid that a campus hangs on.
# - **Units fail alone.** Cold, heat and lost gas take many at once: those are `winter_storm`,
#   `heatwave` and `fuel_cut`, and they are what real shortages are made of.
# - **No imports, no maintenance, no network, no weather in the load.** Each year has the same load.
# - **Who is cut first is a contract.** Neither of the two rules above is known for a real site; the
#   shipped world's `adequacy_curtailment` therefore counts past calls and judges who answers.
