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
# # What does a rate rest on?
#
# A risk number is worth what its rates are worth. Here is every peril of the shipped world, what
# its numbers rest on, and how a count becomes a rate with a band.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import riskmodel as rm
from riskmodel.perils.posterior import gamma_posterior
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import numbers, source_keys

plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
perils = load_perils(world)

# %% [markdown]
# ## Counted, sourced, or judged
#
# Each number of each peril says where it comes from. `counted` numbers are worked out from a table
# of counts; `judgement` marks those that no record gives, with a note on what they rest on.

# %%
rows = []
for peril in perils:
    found = numbers(peril.spec.data)
    judged = {path for path, number in found.items() if "judgement" in source_keys(number)}
    counted = {path for path, number in found.items() if {"count", "hits"} & set(number)}
    rows.append({"peril": peril.spec.peril_id, "group": peril.spec.group, "numbers": len(found),
                 "counted": len(counted), "sourced": len(set(found) - judged - counted),
                 "judgement": len(judged - counted)})
pd.DataFrame(rows).style.hide()

# %%
for peril in perils:
    print(f"{peril.spec.name}. {peril.spec.data['effect']}\n")

# %% [markdown]
# ## From a count to a rate
#
# `k` events in `T` years leave the rate Gamma(k + 1/2, T): Jeffreys' posterior. Two cuts of many
# cables in the Red Sea in 2.85 years say less than 763 storms in 16.58.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
cases = [("cuts of three or more cables, Red Sea", 2, 2.85),
         ("severe-weather state-events, US", 763, 16.58)]
for axis, (name, count, years) in zip(axes, cases, strict=True):
    law = stats.gamma(count + 0.5, scale=1 / years)
    rate = np.linspace(law.ppf(0.0005), law.ppf(0.9995), 300)
    found = gamma_posterior(count, years)
    axis.plot(rate, law.pdf(rate), color="#2f6fa8")
    axis.axvspan(found.low, found.high, color="#2f6fa8", alpha=0.15)
    axis.axvline(found.mean, color="#c4512d")
    axis.set(title=f"{name}\n{count} in {years} years: {found.mean:.3g} "
             f"[{found.low:.2g}, {found.high:.3g}]", xlabel="events a year", yticks=[])
    axis.title.set_fontsize(9)
plt.show()

# %% [markdown]
# ## What each peril costs
#
# Average annual loss by peril, all labs together, at the best estimate of every number.

# %%
losses = rm.simulate(world, years=10_000, seed=7, adequacy=False)
by = rm.contributions(losses, measure="aal", by=["peril"])
by = by[by["value"] > 0].sort_values("value")
figure, axis = plt.subplots(figsize=(8, 0.32 * len(by) + 0.9), layout="constrained")
axis.barh(by["peril"].astype(str), by["value"], xerr=by.get("se"),
          color="#2f6fa8", ecolor="#1d2329")
axis.set(xscale="log", xlabel=f"MW-days a year; {losses.n_years:,} years, seed {losses.seed}, "
         f"world of {world.as_of}")
plt.show()

# %% [markdown]
# One peril in full: every number with low, best, high, source and the day it was known. On the
# command line: `riskmodel perils show cloud_outage`.

# %%
cloud = next(peril for peril in perils if peril.spec.peril_id == "cloud_outage")
pd.DataFrame([{"number": path, **{key: number[key] for key in
                                  ("low", "best", "high", "unit", "source", "known_on")}}
              for path, number in numbers(cloud.spec.data).items()]).style.hide()

# %% [markdown]
# ## What this does not show
#
# - How far the answer moves when the numbers are not known: `05_ignorance`.
# - Whether the rates would have predicted what happened: `06_backtests`.
# - Dependence between perils: a war that cuts gas and cables at once is drawn inside
#   `kinetic_strike` only.
