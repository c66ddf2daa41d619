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
# # How do a few thousand years tell the one in a thousand?
#
# What costs a portfolio in the Gulf most is a long, large war, and few simulated years hold one.
# Here wars are drawn more often than they happen, every year carries the weight that makes up for
# it, and the far tail needs far fewer years. Then: years spread evenly over the regimes, and a run
# that stops by itself.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## A made-up portfolio with half its MW in the Gulf
#
# Six halls of 50 MW in the UAE, six in the United States; strikes and failures of sites.

# %%
names = [f"gulf_{i}" for i in range(6)] + [f"home_{i}" for i in range(6)]
sites = pd.DataFrame({
    "site_id": names, "lat": [24.5] * 6 + [39.0] * 6, "lon": [54.5] * 6 + [-98.0] * 6,
    "it_mw": 50.0, "country_iso2": ["AE"] * 6 + ["US"] * 6})
world = rm.World.from_frames(
    sites=sites, labs=pd.DataFrame({"lab_id": ["gulf_half"], "needed_share": [0.8]}),
    holdings=pd.DataFrame({"lab_id": "gulf_half", "site_id": names, "share": 1.0}),
    theatres=pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["AE"]}))
how = {"seed": 7, "perils": ["kinetic_strike", "site_failure"], "adequacy": False}
plain = rm.simulate(world, years=20_000, **how)
rare = rm.simulate(world, years=5_000, rare=rm.rare_regimes("gulf"), **how)

# %% [markdown]
# A quarter of the years, and a far better tail. `n_effective` says how many plain years would know
# the same row as well: more than were drawn far out, fewer for what wars have no part in.

# %%
asked = {"measures": ["aal", "p_loss", "aep", "tvar"], "return_periods": [100, 1000],
         "levels": [0.99, 0.999]}
both = rm.measure(plain, **asked).merge(rm.measure(rare, **asked), on=["measure", "level"],
                                        suffixes=("", "_rare"))
both[["measure", "level", "value", "se", "value_rare", "se_rare", "n_effective"]]

# %%
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
for losses, colour, label in ((plain, "0.45", "20,000 plain years"),
                              (rare, "#c2410c", "5,000 weighted years")):
    curve = rm.exceedance(losses, "aep", return_periods=np.geomspace(5, 4000, 40))
    axis.plot(curve["return_period"], curve["lost_mw_days"], color=colour, label=label)
    axis.fill_between(curve["return_period"], curve["lost_mw_days"] - 2 * curve["se"],
                      curve["lost_mw_days"] + 2 * curve["se"], color=colour, alpha=0.2, lw=0)
axis.set(xscale="log", xlabel="return period, years", ylabel="lost in a year, MW-days")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What the weights are
#
# True chance over drawn chance of the year's wars. A tenth of the years is drawn with the true
# chances (the defensive part), so that none weighs more than ten. Many light years at war stand
# for the few that happen.

# %%
lost = np.zeros(rare.n_years)
lost[rare.years["year"]] = rare.years["lost_mw_days"]
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
axis.scatter(np.maximum(lost, 1), rare.weights, s=4, color="#c2410c", alpha=0.4)
axis.axhline(1.0, color="0.6", lw=0.8)
axis.set(xscale="log", yscale="log", ylim=(1e-5, 20), xlabel="lost in the year, MW-days (1: none)",
         ylabel="weight of the year")
plt.show()
print(f"mean weight {rare.weights.mean():.3f}, heaviest {rare.weights.max():.2f}; "
      f"years that lost over 50,000 MW-days: {(lost > 5e4).sum()} drawn, which stand for "
      f"{rare.weights[lost > 5e4].sum():.1f}")

# %% [markdown]
# ## Two worlds under the same weights
#
# Compared worlds share the proposal, year by year. What if two of the six halls stood at home?

# %%
moved = world
for hall in ("gulf_0", "gulf_1"):
    moved = moved.move(lab="gulf_half", mw=50, from_site=hall, to_site="home_0")
other = rm.simulate(moved, years=5_000, rare=rm.rare_regimes("gulf"), **how)
found = rm.compare(rare, other, by="total", measures=["aal", "tvar"], level=0.999)
found[["measure", "base", "other", "difference", "se", "verdict"]]

# %% [markdown]
# ## Even years, and a run that stops by itself
#
# `even_regimes()` leaves every chance true and spreads the years: the share that begins at war is
# right in any thousand years (7 % here). `until=` looks at the error after 4,096 years and at
# every doubling, and ends with the plain run of so many years.

# %%
even = rm.simulate(world, years=4_096, rare=rm.even_regimes(), **how)
stopped = rm.simulate(world, years=100_000, rare=rm.rare_regimes("gulf"),
                      until=rm.Until("tvar", 0.999, relative_error=0.015), **how)
print(rm.measure(even, measures="aal")[["value", "se"]].to_string(index=False))
pd.DataFrame(stopped.manifest["until"]["looks"])

# %% [markdown]
# ## What this does not show
#
# - Weights mend what the simulation draws, not what the model says: chances of war are judgements,
#   and how far they may be off is a matter of several worlds, which weighted years do not know.
# - A lab without a site in the theatre is known worse than by as many plain years; so is what is
#   no tail. `n_effective` says by how much.
# - Diversification, allocation, cover and training count every year alike and refuse these years.
