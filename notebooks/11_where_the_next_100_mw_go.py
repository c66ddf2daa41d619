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
# # Where should the next 100 MW go?
#
# A candidate of 0 MW is put up in every grid region of the world, all alike but for where they are:
# a local supply, a grid with its gas, an interconnection, a country and its theatre. One run then
# says what a MW there would lose, and when. Nobody's losses change, so every question below is
# answered by the same disasters.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
run = rm.candidate_years(world, years=2_000, seed=7)
print(f"{len(run.probes)} regions; left out:",
      run.places.loc[run.places["left_out"] != "", ["region", "left_out"]].to_dict("records"))
run.places[["region", "country_iso2", "theatre", "coord_precision_km", "placed_at"]].iloc[::7]

# %% [markdown]
# ## A MW alone
#
# What it costs somebody who has nothing else: the average loss, and capital against the worst 1 in
# 100 years. `rank_low` and `rank_high` are the ranks that a region may have once every pair has
# been compared, year by year; `tied_with_best` says that these years cannot tell it from the best.

# %%
alone = rm.next_mw(run).dropna(subset=["rank"])
alone[["region", "country_iso2", "aal", "aal_se", "tail", "tail_se", "cost", "cost_se",
       "rank_low", "rank_high", "tied_with_best"]]

# %%
def dots(frame, name, label):
    """Draw the ranking with its errors; blue cannot be told from the best."""
    shown = frame.iloc[::-1]
    colours = np.where(shown["tied_with_best"], "#1f5f8b", "#8a8f94")
    _, axis = plt.subplots(figsize=(8, 8.4), layout="constrained")
    places = np.arange(len(shown))
    for place, value, se, colour in zip(places, shown[name], shown[f"{name}_se"], colours,
                                        strict=True):
        axis.errorbar(value, place, xerr=1.96 * se, fmt="o", color=colour, markersize=4)
    names = [f"{region} ({low:.0f} to {high:.0f})" for region, low, high in
             zip(shown["region"], shown["rank_low"], shown["rank_high"], strict=True)]
    axis.set_yticks(places, names, fontsize=7)
    axis.set_xlabel(label)
    axis.margins(y=0.01)
    return axis


axis = dots(alone, "cost", "cost of risk, USD a MW and year; region (ranks it may have)")
axis.set_xscale("log")
plt.show()

# %% [markdown]
# The picture has two truths. Between the Gulf and the rest of the world lies a factor of a hundred,
# and no doubt. Among the best two dozen the order is noise: more years would sort some of them, and
# the differences would still be small beside what is not modelled.

# %% [markdown]
# ## The first MW of a lab, and the block
#
# For a lab the tail of a place counts only as far as it comes in the lab's own bad years, and its
# firm worth (`credit`) as far as it is up while the lab is short. The first MW hides something: a
# hundred of them in one place make a bad year of their own. `block_tail` is the rise of the lab's
# TVaR for each of 100 MW.

# %%
openai = rm.next_mw(run, "openai", mw=100).dropna(subset=["rank"])
openai[["region", "aal", "tail", "tail_se", "block_tail", "block_tail_se", "credit", "credit_se",
        "block_credit", "rank_low", "rank_high"]].iloc[[0, 1, 2, -9, -8, -5, -2, -1]]

# %%
figure, axis = plt.subplots(figsize=(6, 4.2), layout="constrained")
axis.scatter(openai["tail"].clip(lower=1e-3), openai["block_tail"].clip(lower=1e-3), s=18,
             color="#1f5f8b")
axis.plot([1e-3, 300], [1e-3, 300], color="grey", linewidth=0.8)
named = openai.set_index("region")[["tail", "block_tail"]]
for region in ("ERCOT", "UAE", "NOGA", "INDIA_SR"):
    axis.annotate(region, named.loc[region], xytext=(6, -10), textcoords="offset points",
                  fontsize=8)
axis.set(xscale="log", yscale="log", xlabel="TVaR of the first MW, MW-days a MW",
         ylabel="TVaR of 100 MW, MW-days a MW")
plt.show()

# %% [markdown]
# On the line the first MW tells all. Far above it stands the Gulf, where a war takes whatever is
# there for months; most others above it rest on one or two years (see `block_tail_se`). For a real
# block rank by `by="block_cost"`.
#
# ## Which place is worth least depends on who asks
#
# The credit of a region for each lab, where it is lowest. A region is a poor place for a lab that
# is already there, and as good as firm for one that is not.

# %%
labs = ["openai", "anthropic", "meta", "xai", "google_deepmind", "microsoft"]
labs = [lab for lab in labs if world.lab_capacity().get(lab, 0.0) > 0]
credit = pd.DataFrame({lab: rm.next_mw(run, lab, by="credit").set_index("region")["credit"]
                       for lab in labs}).dropna()
credit.loc[credit.min(axis=1).nsmallest(8).index]

# %%
rm.next_mw(run, "openai", by="credit").dropna(subset=["rank"])[
    ["region", "credit", "credit_se", "rank_low", "rank_high", "tied_with_best"]].tail(6)

# %% [markdown]
# ## What this does not show
#
# - **What a place costs.** Power, land, chips, people, permits and latency are in no number here:
#   `rm.allocate` takes a cost and conditions for each candidate.
# - **Regions without a site on record.** Only the grid regions that the record knows are
#   candidates; much of the world is not, and its absence says nothing.
# - **A generic hall.** No generation, cloud or operator; a real site has its own, which may matter
#   more than the region. A candidate in a large region stands for a place within some hundred km.
# - **Ignorance.** Every rate is at its best value here. `worlds=K` draws them; the order among
#   theatres hangs on judgements about war.
