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
# # Whom does a cloud failure stop, and would a second cloud help?
#
# A control plane starts, places and restarts jobs; it does not run them. Here that of one region
# goes, then a whole provider's; then chance says how often, and three ways round it are tried.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from scipy import stats

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
labs = ["google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai"]

# %% [markdown]
# ## Who stands behind whose control plane?

# %%
behind = rm.dependencies(world, labs, kinds=["cloud", "cloud_region"], hours=12)
largest = behind.drop_duplicates(["lab", "kind"]).set_index("lab")  # most MW behind stand first
largest.loc[labs, ["kind", "node", "sites", "behind_mw", "behind_share"]]

# %% [markdown]
# Three of six labs have all they have behind one provider. Of regions this is a lower bound: for
# most MW the record names no region, or there is none.

# %%
regions = rm.exposure(world, "cloud_region").assign(named=lambda t: t["cloud_region"] != "")
regions.groupby("named")[["it_mw", "share"]].sum()

# %% [markdown]
# ## How long must it be out?
#
# Jobs run on until the next one needs a restart, 3.1 hours at such sizes. From then on a site loses
# a quarter of itself (half, a cloud zone), and never more. A grid, to compare, takes everything,
# once the diesel is gone.

# %%
hours = [1, 2, 3, 4, 6, 8, 12, 18, 24, 30, 36, 48]
places = {"cloud:google_cloud": "its provider", "grid:PJM": "its largest grid",
          "cloud_region:google_cloud/us-east5": "its largest cloud region"}
story = rm.stress_grid(world, where=list(places), duration_h=hours)
story = story[story["lab"] == "google_deepmind"]
fig, axis = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for (node, name), colour in zip(places.items(), ("#1f5f8b", "#8a5a2b", "#23836d"), strict=True):
    part = story[story["where"] == node]
    axis.plot(part["duration_h"], part["lost_mw_days"], marker="o", markersize=3, color=colour,
              label=name)
axis.set(xlabel="hours out", ylabel="lost MW-days of google_deepmind", xticks=range(0, 49, 6))
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## How often?
#
# By chance, a provider goes far more often than any one of its regions does (0.29 a year against
# 0.05), and 2 % of such faults reach a given other provider. For a lab with a provider of its own
# the average is known by hand: rate x MW x a quarter x the mean time beyond 3.1 hours.

# %%
losses = rm.simulate(world, years=20_000, seed=7, perils=["cloud_outage"], adequacy=False)
found = rm.measure(losses, measures=["aal", "tvar"], levels=[0.99]).set_index(["lab", "measure"])
rate = (2 + 0.5) / 8.7 * (1 + 3 * 0.02)  # its own, and what three large ones bring along
beyond_h = stats.lognorm(0.5, scale=7.0).expect(lambda h: h - 3.1, lb=3.1)
by_hand = rate * world.lab_capacity()["meta"] * 0.25 * beyond_h / 24
print(f"meta: {found.loc[('meta', 'aal'), 'value']:.2f} ± {found.loc[('meta', 'aal'), 'se']:.2f} "
      f"MW-days a year, by hand {by_hand:.2f}")

# %%
one = largest.query("kind == 'cloud'").loc[labs, "behind_share"].sort_values(kind="stable")
per_lab_h = 24 / world.lab_capacity()[one.index]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained", sharey=True)
for axis, name, title in zip(axes, ("aal", "tvar"), ("an average year", "the worst year in 100"),
                             strict=True):
    row = found.xs(name, level="measure").loc[one.index]
    axis.barh([f"{lab} ({part:.0%})" for lab, part in one.items()], row["value"] * per_lab_h,
              xerr=2 * row["se"] * per_lab_h, color="#1f5f8b", ecolor="#1d2329")
    axis.set(title=title, xlabel="hours of the whole lab lost, ± 2 se")
fig.suptitle("Labs and their share behind one provider; 20,000 years, seed 7", fontsize=10)
plt.show()

# %% [markdown]
# Sites on several clouds do nothing for the average: each MW hangs on one control plane as before.
# They take away from the tail, as not everything stops in the same hour.
#
# ## Three ways round it

# %%
make = rm.mitigations
ways = {"as it is": None, "12 h of cached credentials": make.control_plane_reserve(hours=12),
        "24 h of them": make.control_plane_reserve(hours=24),
        "a second cloud: Azure": make.second_control_plane(member="cloud:azure"),
        "a second one of its own": make.second_control_plane()}
rows = {}
for name, way in ways.items():
    run = losses if way is None else rm.simulate(way.apply(world), years=20_000, seed=7,
                                                 perils=["cloud_outage"], adequacy=False)
    aal = rm.measure(run, measures=["aal"]).set_index("lab").loc[labs]
    rows[name] = aal["value"].map("{:.2f}".format) + " ± " + aal["se"].map("{:.2f}".format)
pd.DataFrame(rows).rename_axis("AAL, MW-days")

# %% [markdown]
# Jobs that restart for a day without the cloud are worth as much as a second cloud, and half a day
# is most of it. A second one that a lab leans on already (Azure, for two of these) does little.
#
# ## What this does not show
#
# - **Serving.** Users notice minutes; here only capacity to train is counted.
# - **A quarter and 3.1 hours** are judgements of the world (`requirements.csv`), as is one rate for
#   every provider, large or small, in-house or not.
# - **Failover that fails.** A second control plane is taken to work when it is called.
# - **Being cut off**: by sanctions (`sanctions_cutoff`), by insolvency (the scenario
#   `neocloud-insolvency`). A cache does not help there.
