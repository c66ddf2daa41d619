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
# # Where do the megawatts stand, and how sure is each number?
#
# Every record carries a confidence: the size of a site, who holds it, what it hangs on, how often
# something happens. Here are the MW by lab and place, what is doubtful about them, and how much of
# the answer rests on the doubtful part.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
rm.exposure(world, "interconnection").head(8)

# %% [markdown]
# Two thirds of what is known runs on one synchronous grid. `rm.exposure` asks by lab, country,
# grid, cloud, chip and more, and adds up to the same whole.
#
# ## How sure is the size, and how sure the holder?

# %%
size = rm.exposure(world, "site_confidence").set_index("site_confidence")["share"]
holder = rm.exposure(world, "holding_confidence").set_index("holding_confidence")["share"]
pd.DataFrame({"size of the site, share of MW": size, "who holds it, share of MW": holder}).reindex(
    ["high", "medium", "low", "nobody named"]).fillna(0.0)

# %% [markdown]
# How large a site is, is fairly known. Whose it is, is not: for half of all MW the record names
# nobody or is of low confidence. So a lab's capacity is less sure than any of its sites. Below, the
# bounds of its sites' sizes, and the spread over 400 states of the world in which each attribution
# is true with its probability.

# %%
sure = rm.exposure(world).set_index("lab")
drawn = rm.simulate(world, years=400, worlds=400, seed=7, perils=["cable_cut"], adequacy=False)
spread = rm.measure(drawn, measures=["capacity"]).set_index("lab")
labs = sure.index[sure["it_mw"] > 100][::-1]
fig, axis = plt.subplots(figsize=(8.5, 4), layout="constrained")
for shift, low, high, colour, told in (
        (0.17, sure["it_mw_low"], sure["it_mw_high"], "#9db8cc", "sizes of sites, low to high"),
        (-0.17, spread["band_low"], spread["band_high"], "#c4512d", "holders: 90 % of worlds")):
    axis.barh(np.arange(len(labs)) + shift, (high - low)[labs], left=low[labs], height=0.3,
              color=colour, label=told)
axis.plot(sure.loc[labs, "it_mw"], range(len(labs)), "k|", markersize=16,
          label="counted in a run: more likely than not")
axis.plot(spread.loc[labs, "value"], range(len(labs)), "D", color="#1d2329", markersize=4,
          label="mean over worlds")
axis.set(xlabel="MW IT", yticks=range(len(labs)), yticklabels=labs)
axis.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# Google's sites are each given to its lab at 60 %. That is yes, seventeen times, and all of it
# counts; over worlds it is a good third less. A run with `--worlds` carries that, a plain one not.
#
# ## A few doubtful megawatts carry much of the risk

# %%
losses = rm.simulate(world, years=4_000, seed=7, adequacy=False)
felt = rm.contributions(losses, measure="aal", by=["site"]).merge(
    world.sites[["site_id", "it_mw", "country_iso2", "confidence"]], left_on="site",
    right_on="site_id")
low = felt[felt["confidence"] == "low"]
print(f"{size['low']:.0%} of MW, at sites whose record is of low confidence, are "
      f"{low['value'].sum() / felt['value'].sum():.0%} of the AAL of "
      f"{felt['value'].sum():,.0f} MW-days a year")
place = felt.groupby("country_iso2").agg(mw=("it_mw", "sum"), aal=("value", "sum"))
place["low"] = low.groupby("country_iso2")["it_mw"].sum() / place["mw"]
place = place[place["mw"] > 0].fillna({"low": 0.0})
part = place[["mw", "aal"]] / place[["mw", "aal"]].sum()
fig, axis = plt.subplots(figsize=(7, 4.2), layout="constrained")
dots = axis.scatter(part["mw"], part["aal"], c=place["low"], cmap="OrRd", vmin=0, vmax=1, s=60,
                    edgecolors="#555555")
for code in part.index[part["aal"] > 0.005]:
    axis.annotate(code, part.loc[code, ["mw", "aal"]], xytext=(6, -9 if code == "QA" else 0),
                  textcoords="offset points", fontsize=9)
axis.plot([1e-3, 1], [1e-3, 1], color="#bbbbbb", linewidth=0.8, zorder=0)
axis.set(xscale="log", yscale="log", xlabel="share of MW, by country",
         ylabel="share of AAL (4,000 years, seed 7)")
fig.colorbar(dots, label="of the country's MW, on low-confidence sites")
plt.show()

# %% [markdown]
# Three Gulf states hold a sixtieth of the MW and a third of the AAL, and no source says how many MW
# they are: twenty for each zone is an estimate.
#
# ## Which record is the weak one?
#
# A loss has a chain: site, holding, need, rate. A layer is low where its own record is; `any` where
# one of them is.

# %%
weak = rm.low_confidence_share(losses)
weak = weak[weak["lab"].isin([*labs, "total"])]
table = weak["value"].map("{:.0%}".format) + " ± " + weak["se"].map("{:.1%}".format)
weak.assign(told=table).pivot(index="lab", columns="layer", values="told").reindex(
    [*labs[::-1], "total"])[["site", "holding", "requirement", "rate", "any"]]

# %% [markdown]
# Nearly every loss has a weak link, mostly a rate: looking up rates is a field's work. Who holds a
# site and what it hangs on can be looked up by one person with a telephone.
#
# ## What this does not show
#
# - **What is in no record.** 125 sites are a sample, thin in China. Confidence cannot see a gap.
# - **That "medium" is right.** Words were given by judgement, row by row, and severities and
#   durations are in no layer. `05_ignorance` and `25_sensitivity` turn words into numbers.
# - **Sites that are right or wrong together.** Attributions are drawn apart; a false reading of how
#   a lab buys capacity would move many at once.
