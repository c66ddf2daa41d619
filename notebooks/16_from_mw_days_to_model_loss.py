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
# # What does a lost MW-day mean for a model?
#
# An outage is counted in MW-days. A lab feels chips that stood still, work done again, months, and
# a model that is a little worse. This goes down that chain for one lab.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm
from riskmodel.compute.checkpoints import best_interval, goodput, young_interval
from riskmodel.compute.ledger import conversion
from riskmodel.compute.progress import run_courses
from riskmodel.compute.shannon import more_tokens

pd.options.display.float_format = lambda x: f"{x:,.0f}" if 100 <= abs(x) < 1e9 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
LAB = "anthropic"
world = rm.read_world()

# %% [markdown]
# ## One outage, from MW to loss
#
# 1,000 MW out for ten days: 10,000 MW-days. What they are in chips hangs on the chips that stand
# there, so the same outage is not the same elsewhere. These are the lab's places, by their chips:

# %%
places = world.holdings.loc[world.holdings["lab_id"] == LAB, "site_id"].unique()
chips = rm.site_chips(world).set_index("site_id").loc[places, "chip_family"].drop_duplicates()
how = conversion(world, sites=chips.index)
pd.DataFrame({"H100e-days": 1e4 * how.of("h100e_days")} | {
    f"FLOP, {end}": 1e4 * how.of("flop", end) for end in ("low", "best", "high")},
             index=chips.replace("", "not known"))

# %% [markdown]
# A run of 5e26 FLOP in 120 days that loses 1, 5 or 20 % of its compute. Four answers to four
# questions: it is planned again; the same model sees fewer tokens; it ends later; how long the
# field's trend takes to bring as much, in compute alone or with better algorithms.

# %%
answers = rm.consequences([0.01, 0.05, 0.2], rm.TrainingRun(5e26, 120.0),
                          law=["besiroglu", "hoffmann"])
print("\n".join(answers.loc[answers["law"] != "", "constants"].unique()))
answers.pivot_table(index=["question", "unit", "law"], columns="fraction_lost", values="value",
                    sort=False)

# %% [markdown]
# ## The same outages under three kinds of run

# %%
losses = rm.simulate(world, years=2_000, seed=7, adequacy=False)
courses = run_courses(losses)
progress = rm.progress_measures(losses, labs=[LAB], courses=courses, levels=[0.99])
shown = progress[progress["quantity"] != "lost_run_days"]
shown.pivot_table(index=["quantity", "run"], columns="measure", values=["value", "se"], sort=False)

# %%
fig, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
own = progress[progress["quantity"] == "lost_run_days"]
for offset, (measure, name) in enumerate((("aal", "average year"), ("tvar", "worst 1 in 100"))):
    part = own[own["measure"] == measure]
    axis.bar(np.arange(len(part)) + 0.35 * offset, part["value"], 0.33, yerr=2 * part["se"],
             label=name)
axis.set(xticks=np.arange(3) + 0.17, xticklabels=own["run"].unique(), yscale="log",
         ylabel="days of the run lost in a year",
         title="The layout of the run decides (n = 2,000 years, seed 7; bars: 2 se)")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# A rigid run over every site stops with any of them: lost MW-days do not show that price of one big
# run. In months and loss, for lost capacity and for the progress of a rigid run:

# %%
run = rm.run_spec("rigid")
both = [rm.lab_consequences(losses, spec, courses=courses) for spec in (None, run)]
mine = pd.concat(both).query("lab == @LAB")
mine.pivot_table(index=["lost", "measure"], columns="question", values="value", sort=False)

# %% [markdown]
# ## How often to save: exact against Young's root
#
# Young's interval is near enough while saving is quick against the time between faults.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for axis, write_h in zip(axes, (0.05, 1.5), strict=True):
    tau = np.geomspace(0.05, 12, 300)
    axis.plot(tau, goodput(tau, write_h, 3.09, 0.167))
    for name, tau_h in (("exact", best_interval(write_h, 3.09)),
                        ("Young", young_interval(write_h, 3.09))):
        axis.plot(tau_h, goodput(tau_h, write_h, 3.09, 0.167), "o",
                  label=f"{name}: {tau_h:.2f} h, {goodput(tau_h, write_h, 3.09, 0.167):.1%}")
    axis.set(xscale="log", xlabel="hours between checkpoints", ylabel="goodput",
             title=f"{write_h:g} h to save, a fault each 3.09 h")
    axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What efficiency buys
#
# Each lever acts on its own share of the work: compute needed is the sum of s / m (Amdahl).

# %%
capacity = float(world.lab_capacity()[LAB])
aal = progress.query("quantity == 'lost_capacity' and measure == 'aal'")["value"].iloc[0]
bought = rm.resilience_bought(capacity, aal_mw_days=aal)
print(f"factor of all together {bought['factor'].iloc[-1]:.2f};", bought["note"].iloc[-1])
bought.set_index("lever")[["scope", "share", "factor", "mw_days_low", "mw_days", "mw_days_high",
                           "covers_aal"]]

# %% [markdown]
# ## A warning, not a forecast
#
# Making up for a smaller model with more tokens looks free in laws that always fall. In the Shannon
# form a model can get worse from too many tokens. Its constants below are made up to show the form.

# %%
made_up = rm.ShannonLaw(a=1e-3, b=1.0, c=1e-5, d=1e-4, e=1e6, alpha=0.3, beta=0.4, gamma=0.5,
                        delta=0.3, origin="synthetic")
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    gain = more_tokens(8e9, 60e12, 15e12, shannon=made_up)
print(f"{gain:.4f} nats a token by the law in force;", *(w.message for w in said))

# %% [markdown]
# ## What this does not show
#
# Whether these places train or serve: public data do not say, and no lab publishes how its run is
# laid out. A year is one programme here. Loss in nats is not capability; constants are fitted to
# far smaller runs; shares of work are illustrative. Rates are at their best values; `worlds=K` adds
# what is not known. `riskmodel training --lab LAB` does this for any lab.
