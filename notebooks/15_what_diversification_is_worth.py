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
# # What is geographic diversification worth?
#
# A lab's capacity stands in several places. What is that worth, compared with all of it at its
# largest site? The same MW are put through the same simulated years in both arrangements, and four
# currencies answer: MW that never fail, lost capacity, shortfall, money.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm
from riskmodel.decisions.diversification.text import quote, shown_table

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## First a case that can be worked out by hand
#
# One site of 200 MW, down for ten days whenever it is hit, four times a year; or two of 100 MW,
# each hit as often, apart from each other. With q the share of time that a site is down, the firm
# MW that two sites are worth beyond one is known: `need - (2 q (1 - q) max(need - .5, 0) + q²
# need) / q`, times 200.


# %%
def two_places(one: float, other: float) -> rm.World:
    """A lab of 200 MW at two sites of equal hazard."""
    sites = pd.DataFrame({"site_id": ["north", "south"], "lat": [60.0, 40.0], "lon": [10.0, 10.0],
                          "it_mw": [one, other]})
    events = pd.DataFrame({
        "event_id": ["n", "s"], "peril": "storm", "region": "here", "rate_per_yr": 4.0,
        "node_id": ["north", "south"], "probability": 1.0, "depth": 1.0,
        "duration_dist": "fixed", "duration_h": 240.0})
    return rm.World.from_frames(
        sites=sites, labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [1.0]}), events=events,
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": sites["site_id"], "share": 1.0}))


one, two = (rm.simulate(two_places(*mw), years=20_000, seed=1) for mw in ((200, 0), (100, 100)))
q = 1 - np.exp(-4 * 240 / 8760)
rows = []
for need in (1.0, 0.75, 0.5):
    exact = 200 * (need - (2 * q * (1 - q) * max(need - 0.5, 0) + q * q * need) / q)
    found = rm.equivalent_firm_mw(one, two, lab="lab", needed_share=need)
    rows.append((need, exact, found.value, found.low, found.high))
pd.DataFrame(rows, columns=["needed share", "by hand", "simulated, MW", "low", "high"])

# %% [markdown]
# Where everything is needed at once the second site is worth nothing in firm MW, and the lab is
# short nearly twice as often: each site can stop it.

# %%
rm.compare(one, two, measures=["aal", "lolh", "eue"])[["lab", "measure", "base", "other", "se"]]

# %% [markdown]
# ## The labs of the record

# %%
world = rm.read_world()
losses = rm.simulate(world, years=4_000, seed=7, adequacy=False)
labs = ["google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai"]
worth = rm.diversification(losses, labs)
shown_table(worth).set_index("lab")[[
    "capacity_mw", "sites", "largest_share", "efc", "efc_low", "efc_high", "aal", "aal_se",
    "tvar", "tvar_se", "eue", "eue_se", "low_confidence_share"]].T

# %%
print("\n\n".join(quote(worth, lab) for lab in ("anthropic", "openai")))

# %% [markdown]
# Firm MW and average loss need not agree: where the largest site is in a safer place than the
# others, the spread costs average loss and still pays in firm MW, because not everything goes at
# once. `money` weighs the two with a price and a cost of capital, both inputs:

# %%
money = worth.table[worth.table["measure"].str.startswith("money")]
money.pivot_table(index=["lab", "comparison"], columns="measure", values="value") / 1e6

# %% [markdown]
# ## It hangs on what is needed at once

# %%
fig, axis = plt.subplots(figsize=(8, 4), layout="constrained")
for lab in ("meta", "anthropic", "openai", "microsoft"):
    figures = rm.needed_share_figures(losses, lab)
    efc = figures[figures["measure"] == "efc"]
    size = float(world.lab_capacity()[lab])
    axis.fill_between(efc["needed_share"], efc["low"] / size, efc["high"] / size, alpha=0.2)
    axis.plot(efc["needed_share"], efc["value"] / size, label=lab)
axis.set(xlabel="share of capacity needed up at once", ylabel="firm MW / capacity",
         title="What the spread is worth (n = 4,000 years, seed 7)")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What this does not show
#
# Whether a run can really go on at fewer places: capacity is counted, not training progress. Rates
# are at their best values here; `worlds=K` adds what is not known of them. Most of each figure
# rests on records of low confidence (`low_confidence_share`), and the needed share is a judgement.
