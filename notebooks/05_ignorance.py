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
# # How much of the error is chance, and how much is ignorance?
#
# Two kinds of not knowing stand behind a risk number. *Chance*: what a year brings, and the finite
# number of years that were simulated. *Ignorance*: the rates, severities and attributions may be
# other than their best value. More years shrink the first and leave the second as it is.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()

# %% [markdown]
# ## Forty worlds
#
# In each world every number is drawn from what its record says of it: a counted rate from the
# posterior of its count, a judgement from its low, best and high, a holding by its probability.
# Year y runs in world y mod 40.

# %%
losses = rm.simulate(world, years=4_000, seed=7, worlds=40, adequacy=False)
found = rm.measure(losses, measures=["aal"]).set_index("lab")
found = found[found["value"] > 0].sort_values("value")
found[["value", "se", "band", "band_low", "band_high"]]

# %% [markdown]
# `se` is the error of simulation, which knows of both years and worlds. `band` is the spread
# between worlds once the spread that sampling makes is taken off; nine worlds in ten lie between
# `band_low` and `band_high`.

# %%
figure, axis = plt.subplots(figsize=(8, 4.2), layout="constrained")
places = np.arange(len(found))
axis.barh(places, found["band_high"] - found["band_low"], left=found["band_low"], height=0.55,
          color="#9db8cc", label="ignorance: 90 % of worlds")
axis.errorbar(found["value"], places, xerr=1.96 * found["se"], fmt="o", color="#1f5f8b",
              markersize=4, label="chance: ± 1.96 standard errors")
axis.set_yticks(places, found.index)
axis.set(xscale="log", xlabel="average annual loss, MW-days")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## More years do not help against ignorance
#
# The same worlds with a quarter of the years: the band stays about the same, as far as so few
# years can tell it. Nor is `se` twice as large: it is the error of a mean over 40 worlds, and what
# would shrink it is more worlds, not more years in each.

# %%
short = rm.simulate(world, years=1_000, seed=7, worlds=40, adequacy=False)
rows = [rm.measure(run, by="total", measures=["aal"]).assign(years=run.n_years)
        for run in (short, losses)]
pd.concat(rows).set_index("years")[["value", "se", "band", "band_low", "band_high"]]

# %% [markdown]
# A world needs 20 years beyond the level for a band of it: the 1-in-100 year of 40 worlds would
# take 80,000 years. Asked for less, the answer is NaN and says why.

# %%
rm.measure(losses, by="total", measures=["aep"], return_periods=[2, 5, 100])[
    ["level", "value", "se", "band", "note"]]

# %% [markdown]
# ## Which number matters?
#
# A tornado: each number at its 5 % and at its 95 % point, the others at their best, under the same
# draws, so that the difference is the number's and not chance's. Here for three perils that are
# quick to draw; `riskmodel tornado` takes all of them and some minutes.

# %%
few = ["cable_cut", "sanctions_cutoff", "winter_storm"]
moved = rm.tornado(world, years=2_000, seed=7, top=6, worlds=20, perils=few)
rm.figures.tornado(moved, world, seed=7, world=world)

# %%
moved[["number", "measure", "input_low", "input_high", "input_unit", "low", "high", "swing", "se"]]

# %% [markdown]
# ## What this does not show
#
# - **Only numbers are drawn, not models.** A peril that works otherwise than modelled is in no
#   band.
# - **Numbers are drawn apart** unless the files tie them. What makes one rate higher may make
#   another higher too; the band of the total is then too narrow.
# - **One at a time** leaves out that effects multiply: two numbers at their high ends do more than
#   the sum of both bars.
# - **What a lab needs up at once, and how large a site is,** are taken as stated.
