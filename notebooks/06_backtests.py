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
# # How does the model do against what happened?
#
# A back-test freezes what was known on a day, predicts from that alone, and compares with what then
# happened. A number that was known later cannot be read: the file of each back-test says when each
# number was known, and the reader refuses the rest.

# %%
import pandas as pd

import riskmodel as rm

world = rm.read_world()
rm.backtests(world)[["backtest", "name", "freeze"]].style.hide()

# %% [markdown]
# All of them, with 20,000 draws of each forecast. `percentile` says where in the forecast the
# observed value fell: 0.5 is the middle, 0 or 1 a miss. `crps` is the continuous ranked probability
# score, 0 is perfect; times are scored by their logarithm.

# %%
tests = [rm.backtest(world, name) for name in rm.backtests(world)["backtest"]]
table = pd.concat([test.table.assign(backtest=test.backtest_id) for test in tests])
shown = ["backtest", "what", "low", "median", "high", "observed", "percentile", "crps", "verdict"]
table[shown].style.hide().format(precision=2)

# %% [markdown]
# The same as a picture: the middle 90 % of each forecast over what happened, so that 1 is a hit.

# %%
rm.figures.backtests(tests)

# %% [markdown]
# ## What a forecast read
#
# Nothing in it was known on or after the freeze; `given` is what the forecast is conditional on.

# %%
iberia = next(test for test in tests if test.backtest_id == "restoration-iberia-2025")
print(iberia.story, "Frozen on", iberia.freeze)
iberia.inputs.style.hide().format(precision=2)

# %% [markdown]
# ## The bad ones
#
# They are the useful ones. One trip of data-centre load in the record let nobody expect five in the
# next half-year: the load grew faster than any average of the past.

# %%
for test in tests:
    if not test.table["inside"].all():
        print(f"{test.name}: {test.verdict}")

# %% [markdown]
# ## What this does not show
#
# - Judgements about what was known then are made today; hindsight is in them whatever their date.
# - A handful of events scores a model weakly: wide bands are easily right.
# - Losses of training capacity have not been observed at any lab, so no back-test reaches the last
#   step, from outages to lost MW-days.
