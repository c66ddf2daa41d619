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
# # Which story costs which lab how much, and how do I tell one of my own?
#
# Scenarios are files: a paragraph, sources, what is hit, how deep and how long. Each is played
# without chance, on the world of the day it asks for.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
pd.options.display.max_colwidth = 160
plt.rcParams["figure.dpi"] = 90

rm.scenarios()[["scenario", "name", "world_as_of", "confidence"]]

# %% [markdown]
# ## The suite
#
# `riskmodel stress --all -o out` writes the same as a page, with every paragraph, every source and
# what each leaves out.

# %%
suite = rm.stress_suite(lambda day: rm.read_world(as_of=day))
table = suite.table.pivot(index="scenario", columns="lab", values="lost_mw_days")
order = table["total"].sort_values(ascending=False).index
labs = table.drop(columns=["total", "unknown"]).sum().sort_values(ascending=False)
shown = table.loc[order, [*labs[labs > 0].index, "unknown"]]

figure, axis = plt.subplots(figsize=(10, 7), layout="constrained")
drawn = axis.imshow(np.log10(shown.where(shown >= 1)), cmap="OrRd", aspect="auto", vmin=0, vmax=9)
axis.set_xticks(range(shown.shape[1]), shown.columns, rotation=60, ha="right")
axis.set_yticks(range(shown.shape[0]), shown.index)
for (row, column), value in np.ndenumerate(shown.to_numpy()):
    if value >= 1:
        axis.text(column, row, f"{value:,.0f}", ha="center", va="center", fontsize=7)
axis.spines[:].set_visible(False)
axis.tick_params(length=0)
axis.set_title("Lost MW-days", loc="left", fontsize=10)
plt.show()

# %% [markdown]
# Long beats deep: a delay of months to what is being built costs more than the worst week of a
# grid. How deep it gets and how long until it is back:

# %%
totals = suite.table.query("lab == 'total'").set_index("scenario").loc[order]
totals[["world_as_of", "lost_mw_days", "lost_mw_peak", "lost_share_peak", "hours_to_50pct_back",
        "hours_to_90pct_back"]]

# %% [markdown]
# What finds nothing in its world is said, and is no error.

# %%
pd.Series({played.scenario.scenario_id: "; ".join(played.finds_nothing)
           for played in suite.played if played.finds_nothing}, name="finds nothing").to_frame()

# %% [markdown]
# ## One of your own
#
# A storm takes half of the local supply of every site in the grid of Atlanta for two days. `hits`
# chooses by country, grid, cloud, operator and more; `node` names one by its id. Each row says
# where its numbers come from, and a judgement what it rests on. Faults are listed all at once.

# %%
OWN = '''
id = "ice-storm-southeast"
name = "An ice storm in the Southeast"
story = "Freezing rain brings lines down around Atlanta; half of the supply is out for two days."
as_of = "2026-11-24"
confidence = "low"
does_not_cover = ["Roads, and gas that freezes with the lines."]

[sources.helene]
title = "Hurricane Helene, September 2024: lines down over ten states (events_observed, E022)"
url = "https://www.eia.gov/todayinenergy/detail.php?id=66744"
published = "2024-10-01"

[[events]]
peril = "winter_storm"
region = "SOCO"

[[events.outages]]
hits = { kind = "feed", grid = "SOCO" }
start_h = 0.0
duration_h = 48
depth = 0.5
source = "helene;judgement"
note = "Ice breaks what wind breaks; half and two days are a guess to be changed."
'''
world = rm.read_world()
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "ice-storm-southeast.toml"
    path.write_text(OWN)
    ice = rm.load_scenario(path)
    path.write_text(OWN.replace("0.5", "1.5").replace("grid =", "gird ="))
    try:
        rm.load_scenario(path)
    except rm.RiskModelError as error:
        print("\n".join(str(error).splitlines()[1:]))
rm.stress(world, ice).years[["lab", "lost_mw_days", "shortfall_mw_days"]]

# %% [markdown]
# ## What this does not show
#
# - **Likelihood.** A large number here may be a story that never comes; frequencies are what
#   `simulate` adds.
# - **One number each.** A scenario has no error bar: it is as good as its premises, which its file
#   states. Most are of low confidence.
# - **The later day.** Scenarios of supply count plans of the record as if all were to open on time.
# - **What is not in the record**: sites nobody has published, above all in China.
