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
# # How much of a lab hangs together, and what would a cover pay for it?
#
# Sites that share an operator, a grid or a foundry can be lost together. First what is shared, from
# the record alone; then how far the sites fail apart in simulated years; then what a simple cover
# on lost MW-days would pay.

# %%
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()

# %% [markdown]
# ## What is shared
#
# 1 over the sum of squared shares: over how many equal groups a lab's MW would be as concentrated.
# 1 is all in one. Dark is few.

# %%
by = ["site", "operator", "cloud", "country", "grid_region", "interconnection", "chip", "foundry"]
shares = rm.concentration(world, by)
number = shares[shares["measure"] == "effective_number"].pivot(
    index="lab", columns="dimension", values="value")[by]
labs = ["total", "google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai"]
number = number.loc[labs]
figure, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
axis.imshow(-np.log(number), cmap="Oranges", aspect="auto", vmin=-np.log(12), vmax=2)
for (row, column), value in np.ndenumerate(number.to_numpy()):
    axis.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=9)
axis.set_xticks(range(len(by)), [name.replace("_", "\n") for name in by], fontsize=8)
axis.set_yticks(range(len(labs)), labs)
plt.show()

# %% [markdown]
# Where the record is silent the answer has bounds. A third of OpenAI's MW stands at sites with two
# kinds of chips, and nothing says how many of each:

# %%
rm.concentration(world, ["chip", "foundry"], lab="openai")[
    ["dimension", "measure", "value", "low", "high", "largest", "split_share"]]

# %% [markdown]
# ## Where it lies together
#
# The circle that holds most of a lab, centred anywhere, and the largest grid. A circle goes by the
# regions in it; `low` and `high` are what it surely and possibly holds, given how well the places
# are known.

# %%
zones = rm.accumulation(world, radius_km=[100, 250], kinds=["grid_region", "gas_area"])
zones[zones["lab"].isin(["total", "google_deepmind", "meta", "openai"])][
    ["lab", "kind", "radius_km", "zone", "value", "low", "high", "share", "n_sites"]]

# %% [markdown]
# ## How far the sites fail apart
#
# Shares know nothing of how often a group fails, or that a grid hangs on another. Simulated years
# do: `independent_bets` is how many equal and independent sites would spread the year's loss as
# much. A small site with worse years counts more here than its MW, so it can exceed the number by
# share.

# %%
losses = rm.simulate(world, years=3_000, seed=7, adequacy=False)
courses = rm.site_courses(losses)
bets = rm.independent_bets(losses, courses=courses)
table = bets[bets["lab"].isin(labs)].pivot(index="lab", columns="measure", values=["value", "se"])
pd.DataFrame({"sites, by share": number["site"], "grids, by share": number["grid_region"],
              "independent bets": table["value", "independent_bets"],
              "± se": table["se", "independent_bets"],
              "tail benefit": table["value", "tail_benefit"],
              "± se ": table["se", "tail_benefit"]}).loc[labs]

# %% [markdown]
# ## A cover
#
# Paid is what a site loses after a waiting period and before the end of an indemnity period,
# outage by outage. How much of the average loss that is hangs on both.

# %%
waits = [0, 6, 12, 24, 48, 96, 168, 336]
figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
for days, colour in ((14, "#c4512d"), (90, "#a8781d"), (365, "#2f6fa8")):
    found = pd.concat(
        rm.cover(losses, "total", waiting_h=wait, indemnity_days=days, courses=courses)
        for wait in waits).query("measure == 'recovered_share'")
    axis.errorbar(waits, found["value"], yerr=1.96 * found["se"], color=colour, marker="o",
                  markersize=4, label=f"indemnity {days} days")
axis.set_xscale("symlog", linthresh=6)
axis.set(xlabel="waiting period, hours", ylabel="share of the average loss paid",
         ylim=(0, 1), xticks=waits, xticklabels=waits)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# For one lab, with a limit a year. `worth` adds to the expected payment the cost of the capital
# that the cover sets free. `low` and `high` of money are the bounds of the price and of the cost of
# capital; of a chance, its 95 % interval.

# %%
print(fill(str(rm.read_price()), 95))
paid = rm.cover(losses, "openai", waiting_h=12, indemnity_days=180, annual_limit_mw_days=5_000,
                courses=courses)[["measure", "level", "value", "se", "low", "high", "unit"]]
paid.astype(object).where(paid.notna(), "")

# %% [markdown]
# ## What this does not show
#
# - **Shares are of capacity, not of importance.** A site that holds the checkpoints is one more.
# - **Effective numbers say nothing of likelihood**, and independent bets only of perils that are
#   modelled, at their best values; `rm.simulate(world, worlds=...)` says what is not known of them.
# - **A circle is no event.** What falls within 100 km need not be lost by one.
# - **The premium is the expected payment alone**: no loading, no exclusion of war, no insurer who
#   takes all labs' bad years at once.
