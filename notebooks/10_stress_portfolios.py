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
# # Which portfolio stands which stress, and what would it take to bring it down?
#
# Three portfolios of one lab under five scenarios, an outage in every combination of where, how
# long and how deep, and in reverse: the mildest event that takes a quarter of the lab for a week.
# Stories: nothing is drawn.

# %%
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams["figure.dpi"] = 90
LAB = "openai"

now = rm.read_world()
portfolios = {
    "as it is": now,
    "300 MW to Wisconsin": now.move(LAB, 300, "stargate_abilene", "ms_fairwater_wisconsin"),
    "Abilene at half": now.scale(0.5, lab=LAB, site="stargate_abilene")}
pd.Series({name: world.lab_capacity()[LAB] for name, world in portfolios.items()}, name="MW IT")

# %% [markdown]
# A portfolio may also be a small file of edits, or a folder of tables;
# `rm.read_portfolios(folder)` reads them all.
#
# ## Three portfolios under five scenarios

# %%
STORIES = ["ercot-winter-storm-2021", "texas-grid-collapse", "gas-cut", "heat-dome-us-south",
           "northeast-cascade-2003"]
table = rm.stress_table(portfolios, STORIES)
rm.stress_wide(table, columns="portfolio", lab=LAB)

# %% [markdown]
# The most that is missing at once, and the days until 90 % of that is back:

# %%
pd.concat({name: rm.stress_wide(table, name, columns="portfolio", lab=LAB)
           for name in ("lost_share_peak", "days_to_90pct_back")}, axis=1)

# %% [markdown]
# ## One outage, in every combination
#
# `where` takes nodes, selectors (`feed@grid:MISO`: the feeds of the sites on that grid) and
# several at once (`grid:ERCOT+grid:MISO`). Six places, five lengths, four depths and three
# portfolios are 360 stories in one call.

# %%
grid = rm.stress_grid(
    portfolios, peril="grid_outage", duration_h=[0.25, 1, 4, 24, 168], depth=[0.25, 0.5, 0.75, 1.0],
    where=["grid:ERCOT", "grid:MISO", "grid:SOCO", "gas:ERCOT", "feed@grid:MISO",
           "grid:ERCOT+grid:MISO"])
figure, axes = plt.subplots(3, 6, figsize=(11, 6), layout="constrained", sharex=True, sharey=True)
mine = grid[grid["lab"] == LAB]
for row, portfolio in zip(axes, portfolios, strict=True):
    for axis, where in zip(row, mine["where"].unique(), strict=True):
        cells = mine[(mine["portfolio"] == portfolio) & (mine["where"] == where)]
        lost = cells.pivot(index="depth", columns="duration_h", values="lost_mw_days")
        axis.imshow(np.log10(lost.where(lost >= 1)), cmap="OrRd", vmin=-1, vmax=5, origin="lower",
                    aspect="auto")
        for (i, j), value in np.ndenumerate(lost.to_numpy()):
            axis.text(j, i, f"{value:,.2g}" if value < 10 else f"{value:,.0f}", ha="center",
                      va="center", fontsize=7)
        axis.set_xticks(range(lost.shape[1]), [f"{hours:g}" for hours in lost.columns])
        axis.set_yticks(range(lost.shape[0]), [f"{100 * depth:g} %" for depth in lost.index])
        axis.tick_params(length=0, labelsize=7)
        axis.spines[:].set_visible(False)
        if portfolio == "as it is":
            axis.set_title(where, fontsize=8, loc="left")
    row[0].set_ylabel(portfolio, fontsize=8)
figure.supxlabel("hours", fontsize=8)
figure.suptitle(f"Lost MW-days of {LAB}", fontsize=10)
plt.show()

# %% [markdown]
# What is moved from Texas leaves its grid and its gas, and hangs on the grid of the Midwest
# instead: the column of `grid:MISO` darkens. Batteries bridge a quarter of an hour, not a day.
#
# ## In reverse
#
# The mildest event of a family that leaves a quarter of the lab missing for seven days on end.
# Deeper or longer never does less, so the search is exact.

# %%
for name, world in portfolios.items():
    print(fill(f"{name}: {rm.reverse_stress(world, LAB, share=0.25, days=7, family='grid')}", 95))

# %% [markdown]
# The same of other labs, a quarter of each for one day: a deeper outage empties the generators'
# tanks sooner, so it need not last as long. Above its curve it is done; the dot is the mildest,
# the least product of depth and hours.

# %%
figure, axis = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for lab in ("anthropic", "google_deepmind", "openai", "mistral", "meta", "xai"):
    answer = rm.reverse_stress(now, lab, share=0.25, days=1, family="grid")
    if not answer.found:
        print(fill(str(answer), 95))
        continue
    best = answer.mildest
    curve = answer.frontier[answer.frontier["member"] == best["member"]]
    line, = axis.plot(100 * curve["depth"], curve["duration_h"], label=f"{lab}: {best['member']}")
    axis.plot(100 * best["depth"], best["duration_h"], "o", color=line.get_color())
axis.set(xlim=(0, 101), ylim=(0, None), xlabel="share of the grid that is down, per cent",
         ylabel="hours it must last")
axis.legend(fontsize=8, frameon=False, loc="lower left")
axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Other families: any kind of node, places of your own, and the scenarios themselves, made milder
# and worse. "Nothing does it" is an answer too.

# %%
for share, days, family in ((0.25, 7, "country"), (0.5, 30, "grid"),
                            (0.5, 30, ["grid:ERCOT+grid:SOCO", "grid:ERCOT+grid:MISO"]),
                            (0.25, 7, [rm.load_scenario(name) for name in STORIES[:2]])):
    print(fill(str(rm.reverse_stress(now, LAB, share, days, family=family)), 95), "\n")

# %% [markdown]
# ## What this does not show
#
# - **How likely any of it is.** A mild event may never come and a severe one may be due;
#   `rm.reverse_stress(world, LAB, share, days, family=losses)` asks the simulated years instead.
# - **Pairs.** A family fails one member at a time; `riskmodel contingency` finds the worst pairs.
# - **Depth is a premise.** Half of a grid down means half of every load on it here, not a half
#   that somebody chooses.
# - **What moving costs**, and whether Wisconsin has the megawatts.
# - **An error bar.** A story is as good as its premises; many needs and holdings are of low
#   confidence.
