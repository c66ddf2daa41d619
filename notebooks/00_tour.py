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
# # A tour: what would each lab lose, and what takes it down?
#
# Read the world, look at it, simulate it, read the answer, and break one grid on purpose.
# Everything below runs on the data that ship with the package; nothing is downloaded.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## The world
#
# A folder of tables: sites with their IT power, who holds them, and what they hang on. Capacity is
# what was energised on the world's own date. `check()` lists every doubtful record.

# %%
world = rm.read_world()
doubts = world.check()
print(f"{len(world.sites)} sites, {len(world.deals)} deals, {len(world.nodes)} nodes, "
      f"{len(world.requirements)} requirements on {world.as_of}; {len(doubts)} warnings")
capacity = world.lab_capacity().sort_values(ascending=False)
capacity[capacity > 0].rename("IT MW").to_frame()

# %% [markdown]
# What nobody attributes with more than even odds belongs to the lab `unknown`.

# %%
countries = world.regions.query("kind == 'country'")
running = world.sites.query("it_mw > 0").sort_values("it_mw", ascending=False)
later = world.sites.query("it_mw == 0 and status in ['construction', 'planned']")

figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained", width_ratios=[1, 1.1])
windows = {"North America": ((-126, -66), (22, 52)), "Elsewhere": ((-14, 154), (-46, 70))}
for axis, (name, (east_west, south_north)) in zip(axes, windows.items(), strict=True):
    countries.plot(ax=axis, color="#e9e7e1", edgecolor="white", linewidth=0.6, aspect=1.25)
    axis.scatter(later["lon"], later["lat"], s=18, facecolors="none", edgecolors="#8a5a2b",
                 linewidths=1, label="being built or planned")
    axis.scatter(running["lon"], running["lat"], s=running["it_mw"] / 2, color="#1f5f8b",
                 alpha=0.6, linewidths=0, label="running; area is IT power")
    axis.set(xlim=east_west, ylim=south_north, xticks=[], yticks=[], xlabel="", ylabel="")
    axis.set_title(name, loc="left", fontsize=10)
    axis.spines[:].set_visible(False)
axes[1].legend(loc="lower left", frameon=False, markerscale=0.7)
figure.suptitle(f"{running['it_mw'].sum():,.0f} MW of IT power at {len(running)} sites")
plt.show()

# %% [markdown]
# Each site hangs on a feed, a grid, a control plane, a country. `explain` walks the chain.

# %%
in_texas = running.query("grid_region == 'ERCOT'").iloc[0]
print(world.explain(in_texas["site_id"]))

# %% [markdown]
# ## A few thousand years
#
# One seed gives one answer, whatever the machine's number of cores. The loss of a year is IT power
# times time, in MW-days; an outage that runs past December belongs to the year it began in.

# %%
YEARS = 5_000
losses = rm.simulate(world, years=YEARS, seed=7)
found = rm.measure(losses, by="lab")
aal = found.query("measure == 'aal'").set_index("lab")
share = found.query("measure == 'aal_share'").set_index("lab")["value"]
worst = found.query("measure == 'tvar' and level == 0.99").set_index("lab")
pd.DataFrame({
    "IT MW": capacity, "lost MW-days a year": aal["value"], "±": aal["se"],
    "share of capacity, %": 100 * share, "in the worst 1 % of years": worst["value"],
    "± ": worst["se"],
}).query("`IT MW` > 0").sort_values("IT MW", ascending=False)

# %% [markdown]
# ## How bad a year can be
#
# The loss that all of a year (AEP), or its largest event (OEP), passes with a chance of one in so
# many. Bands are 1.96 standard errors; the curves end where five of the simulated years are left.

# %%
rm.figures.exceedance(losses, ["total", *capacity[capacity > 0].index[:5]])

# %% [markdown]
# ## What takes it down
#
# Each lost MW-hour has one cause, so the parts add up to the whole.

# %%
parts = rm.contributions(losses, measure="aal", by=["peril"])
whole = rm.measure(losses, by="total", measures=["aal"])["value"].item()
print(f"sum of the parts {parts['value'].sum():,.3f} MW-days a year, total {whole:,.3f}")
parts.sort_values("value", ascending=False)[["peril", "value", "se", "share"]]

# %% [markdown]
# ## Break one grid
#
# A story instead of chance: the Texas grid loses 70 % for four days. Batteries, diesel and
# generation on site carry some of it. A story has no return period, and asking for one is refused.

# %%
blackout = rm.Event(peril="grid_outage", region="ERCOT", outages=[
    rm.OwnOutage(node="grid:ERCOT", start_h=0, duration_h=96, depth=0.7)])
story = rm.stress(world, [blackout])
lost = story.years.set_index("lab")["lost_mw_days"].sort_values(ascending=False)
pd.DataFrame({"lost MW-days": lost, "% of four days": 100 * lost / (capacity[lost.index] * 4)})

# %% [markdown]
# ## What this does not show
#
# - **Rates are uncertain, and this run takes each at its best estimate.** The errors above are
#   those of a finite number of simulated years, not those of ignorance.
# - **Attribution is a judgement.** Where the record names no lab with better than even odds, the
#   capacity is `unknown`'s; no lab's number here is a disclosure.
# - **Capacity is not training.** Lost MW-days say nothing about checkpoints, rerouting or idle
#   chips, and public data cannot tell training from serving.
# - **The record is a sample**, thin outside the United States, and several Gulf sites publish no
#   power at all.
