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
# # Where would 1,000 MW more do least harm?
#
# A lab is to place 1,000 MW beside what it has. Which split over a few regions makes the mean of
# its worst year in 100 as small as it can be, what do the conditions that people set cost, and how
# far can the answer be trusted? No peril asks how many MW stand at a place, so one run of years
# prices every split, and the best one is a linear programme.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
few = ["grid_outage", "kinetic_strike", "winter_storm", "site_failure", "hurricane"]

# %% [markdown]
# ## Candidates
#
# One site stands for each region: its grid, its country, its theatre are what matters here. Costs
# are an index made up for this page (Texas = 100), to show how a budget works; put your own.

# %%
candidates = {"stargate_abilene": 100, "aws_new_carlisle": 110, "ms_fairwater_wisconsin": 108,
              "ms_goodyear": 104, "meta_cheyenne": 112, "coreweave_norway": 125,
              "khazna_ajman": 90}
world.sites.set_index("site_id").loc[list(candidates), ["grid_region", "country_iso2"]]

# %% [markdown]
# ## The split
#
# At most 40 % of what the lab then has on one grid, half of it in the United States, no more than
# 350 MW at a place, and an average cost of at most 108.

# %%
found = rm.allocate(
    world, "openai", 1000, list(candidates), level=0.98, years=3_000, seed=7, perils=few,
    caps=350, max_share={"grid_region": 0.4}, min_domestic={"US": 0.5},
    cost=candidates, budget=108_000, cost_unit="points")
print(found.to_text())

# %% [markdown]
# Three things to read: the range in brackets (where it is wide, other splits do nearly as well),
# the tail on years the split has never seen, and what a little more room would save.

# %%
table = found.table[found.table["mw"] > 0].sort_values("mw")
figure, axis = plt.subplots(figsize=(8, 3.2), layout="constrained")
axis.barh(table["region"], table["mw"], color="#9db8cc", height=0.6)
axis.hlines(table["region"], table["mw_low"], table["mw_high"], color="#1f5f8b", linewidth=2)
axis.set_xlabel("MW; line: nine in ten of the splits made anew on redrawn years")
plt.show()

# %% [markdown]
# ## Beside simpler splits
#
# Differences are paired year by year, so they are far surer than the levels.

# %%
sums = found.summary
sums[(sums["sample"] == "fresh") & (sums["measure"] == "tvar")][
    ["split", "against", "value", "se", "unit", "n"]]

# %% [markdown]
# ## What the budget buys
#
# The same years at every point: the curve moves by the budget, not by chance. The band is where
# the best value lies when the years are drawn again; the dashed line is what the same splits do on
# fresh years.

# %%
curve = rm.frontier(found, "budget")
rm.figures.frontier(curve, world, seed=7)

# %% [markdown]
# ## Conditions that clash say so
#
# And what would mend them. Here as if the 1,000 MW were all the lab had.

# %%
try:
    rm.allocate(world, "openai", 1000, list(candidates), level=0.98, years=3_000, perils=few,
                caps={"coreweave_norway": 200, "khazna_ajman": 100},
                max_share={"country": {"US": 0.5}}, existing=False)
except rm.RiskModelError as error:
    print(error)

# %% [markdown]
# ## What this does not show
#
# - **Five perils and 3,000 years,** so that the page is quick; `riskmodel diversify allocate` takes
#   all of them and 20,000. The tail here rests on 60 years.
# - **No smallest site, no queue for power, no time to build:** give them as caps. The programme
#   likes to put a little everywhere.
# - **Rates stay as they are.** Nobody follows the capacity to its new place.
# - **Work is taken to be movable.** Whether a run can span the places is another question: see
#   what a lab needs up at once.
# - **The chosen sites are places, not offers.**
