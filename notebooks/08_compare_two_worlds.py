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
# # What does moving 300 MW from Abilene to Wisconsin change?
#
# OpenAI's largest site runs in Abilene, Texas, much of it on gas turbines of its own. Suppose
# 300 MW of it stood at the campus in Wisconsin instead, on the grid of the Midwest. Is that better?

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
alt = world.move(lab="openai", mw=300, from_site="stargate_abilene",
                 to_site="ms_fairwater_wisconsin")

# %% [markdown]
# A move returns a new world. Everybody else keeps the MW it holds at both sites, and what each
# site hangs on stays as it is.

# %%
for each in (world, alt):
    for site in ("stargate_abilene", "ms_fairwater_wisconsin"):
        print(each.explain(site).headline)

# %% [markdown]
# ## The same disasters in both
#
# Under one seed both worlds go through the same storms, attacks and faults. Only what they cost
# differs, and only for whoever moved.

# %%
base = rm.simulate(world, years=5_000, seed=7)
other = rm.simulate(alt, years=5_000, seed=7)
found = rm.compare(base, other)
openai = found[found["lab"] == "openai"].set_index("measure")
openai[["level", "base", "other", "difference", "low", "high", "verdict"]]

# %%
for text in openai.loc[["aal", "tvar", "lole", "eue"], "sentence"]:
    print(text)
rest = found[~found["lab"].isin(["openai", "total"])]
print(f"{rest['lab'].nunique()} other labs: {', '.join(rest['verdict'].unique())}")

# %% [markdown]
# The average and the tail fall, and yet OpenAI is short of what it needs more often. Both are
# true: less is lost, but more of it at once. OpenAI can spare a fifth of its capacity
# (`needed_share`, a judgement). At Abilene two supplies share the load and fail apart, each with
# about as much behind it as can be spared. At Wisconsin one local supply carries it all.

# %%
needed = float(world.labs.set_index("lab_id")["needed_share"]["openai"])
rows = []
for name, each in (("base", world), ("other", alt)):
    held = each.effective_holdings()
    held = held[held["lab_id"] == "openai"].set_index("site_id")["share"]
    mw = held * each.sites.set_index("site_id")["it_mw"].reindex(held.index)
    power = each.requirements[each.requirements["group"] == "power"]
    power = power[power["node_id"].isin(mw.index)].set_index("member_id")
    behind = (power["weight"] * power["node_id"].map(mw)).rename(f"{name}, MW behind it")
    rows.append(behind.groupby(level=0).sum())
print(f"OpenAI can spare {(1 - needed) * mw.sum():.0f} MW of {mw.sum():,.0f}")
behind = pd.concat(rows, axis=1)
behind[behind.max(axis=1) > 0]

# %% [markdown]
# ## By peril
#
# What went away hangs on Texas: the gas of its turbines, and its winter storms. What came is the
# Midwest's grid, and the load trips of halls that hang on nothing else.

# %%
parts = [rm.contributions(losses, measure="aal", by=["peril"], lab="openai").set_index("peril")
         ["value"] for losses in (base, other)]
change = (parts[1].sub(parts[0], fill_value=0.0)).sort_values()
figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
axes[0].barh(change.index, change, color=np.where(change < 0, "#23836d", "#c4512d"))
axes[0].axvline(0, color="black", linewidth=0.8)
axes[0].set(xlabel="change of the average annual loss, MW-days")
shown = openai.loc[["aal", "tvar", "eue"]]
relative = 100 * shown[["difference", "low", "high"]].div(shown["base"], axis=0)
places = np.arange(len(shown))
axes[1].errorbar(relative["difference"], places, fmt="o", color="#1f5f8b", capsize=3,
                 xerr=[relative["difference"] - relative["low"],
                       relative["high"] - relative["difference"]])
axes[1].axvline(0, color="black", linewidth=0.8)
axes[1].set_yticks(places, ["AAL", "worst 1 % of years", "not served"])
axes[1].set(xlabel="change with its 95 % interval, % of the base", ylim=(-0.5, 2.5))
figure.suptitle(f"300 MW of OpenAI from Abilene to Wisconsin: n = {base.n_years:,} years, seed 7")
plt.show()

# %% [markdown]
# ## What common draws are worth
#
# Had the two runs been independent of each other, the error of the difference would be larger, and
# it would take the square of that as many years to make up for it.

# %%
alone = rm.compare(base, other, measures=["aal", "tvar"], paired=False)
alone = alone[alone["lab"] == "openai"].set_index("measure")
errors = pd.DataFrame({"paired": openai.loc[["aal", "tvar"], "se"], "independent": alone["se"]})
errors.assign(times_the_years=lambda rows: (rows["independent"] / rows["paired"]) ** 2)

# %% [markdown]
# ## And nothing is nothing
#
# A move of 0 MW is an equal world, and every difference is exactly 0.

# %%
still = world.move("openai", 0, "stargate_abilene", "ms_fairwater_wisconsin")
same = rm.compare(*(rm.simulate(each, years=400, seed=7) for each in (world, still)))
print(f"largest difference {same['difference'].abs().max()}, verdict: {set(same['verdict'])}")

# %% [markdown]
# ## What this does not show
#
# - What the move costs, how long it takes, and whether Wisconsin has the power.
# - Whether a larger campus draws attacks: no hazard here asks how many MW stand somewhere.
# - What is not known. At the best value of every number the verdicts are about chance alone;
#   `rm.simulate(..., worlds=40)` on both sides adds a band to every difference.
# - Whose the sites are. OpenAI's half of the Wisconsin campus is an attribution; what moved is as
#   sure as its hold on Abilene, and no surer.
