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
# # A grid is out for hours or for days: what does a reserve buy?
#
# First as a story, with nothing drawn: one whole interconnection out, for longer and longer. Then
# by chance: how much of what grids cost in a year would batteries or diesel of so many hours save?

# %%
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
labs = ["google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai"]

# %% [markdown]
# ## Who hangs on which interconnection?
#
# `behind_share` needs it at all; `lost_share` is what a month without it would take, after
# generation on site.

# %%
leans = rm.dependencies(world, labs, kinds=["interconnection"])
leans = leans.assign(node=leans["node"].str.removeprefix("interconnection:"))
leans.pivot(index="lab", columns="node", values="lost_share").reindex(labs)[
    ["EASTERN", "TEXAS", "WESTERN"]].fillna(0.0)

# %% [markdown]
# ## Longer and longer
#
# The Eastern interconnection, out whole.

# %%
hours = [0.05, 0.12, 0.3, 0.52, 1, 3, 8, 20, 25, 50, 100, 200]
story = rm.stress_grid(world, where=["interconnection:EASTERN"], duration_h=hours)
peak = story.pivot(index="duration_h", columns="lab", values="lost_share_peak")[labs]
ends = {"google_deepmind": 0, "meta": 0, "anthropic": 0.012, "openai": 0, "microsoft": 0, "xai": 0}
fig, axis = plt.subplots(figsize=(8, 3.8), layout="constrained")
for lab, lift in ends.items():
    line, = axis.step(peak.index, peak[lab], where="post", linewidth=1.8)
    axis.text(210, peak[lab].iloc[-1] + lift, lab, color=line.get_color(), va="center", fontsize=9)
axis.set(xscale="log", xlim=(0.05, 1200), ylim=(0, 0.9), xlabel="hours out",
         ylabel="share of the lab down")
axis.set_xticks([0.1, 0.5, 1, 6, 24, 72], ["6 min", "30 min", "1 h", "6 h", "24 h", "72 h"])
axis.minorticks_off()
plt.show()

# %% [markdown]
# Between half an hour and a day nothing changes, and what decides is what stands in the basement:
# 6 minutes of battery, 30 minutes, or diesel for a day. That is the weakest part of the record:
# each reserve is a rule for a kind of operator, not a fact about a site.

# %%
power = world.requirements.query("group == 'power'").drop_duplicates("node_id").merge(
    world.sites[["site_id", "it_mw"]], left_on="node_id", right_on="site_id").query("it_mw > 0")
power.groupby(["ride_through_h", "rule", "confidence"])["it_mw"].agg(["sum", "size"]).rename(
    columns={"sum": "MW", "size": "sites"})

# %% [markdown]
# ## By chance
#
# Three perils come through the grid: outages of a supply, a grid or a system; dips of the voltage
# that throw halls onto their own backup (the grid stays up); and load that is asked to go when
# generation is short. Every site gets at least so many hours of reserve, under the same draws.

# %%
few = ["grid_outage", "load_trip", "adequacy_curtailment"]
steps = [0, 1, 3, 6, 12, 24, 36, 48, 72, 120]
runs = {step: rm.simulate(
    rm.mitigations.reserve(hours=step).apply(world) if step else world, years=4_000, seed=7,
    perils=few, adequacy=False) for step in steps}
parts = pd.concat([rm.contributions(run, measure="aal", by=["peril"]).assign(reserve_h=step)
                   for step, run in runs.items()])
fig, axis = plt.subplots(figsize=(8, 3.8), layout="constrained")
for peril, colour in zip(few, ("#1f5f8b", "#c4512d", "#23836d"), strict=True):
    part = parts[parts["peril"] == peril]
    axis.errorbar(part["reserve_h"], part["value"], part["se"], color=colour, marker="o",
                  markersize=3, label=peril)
axis.set(xlabel="hours of reserve at every site, at least", ylim=(0, None),
         ylabel="AAL of all labs, MW-days", xticks=[0, 12, 24, 36, 48, 72, 96, 120],
         title="4,000 years, seed 7; bars: one standard error")
axis.title.set_fontsize(10)
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# Dips are answered by the first half day, and what is left of them is sets that do not start, which
# no hour mends. For the grid the first day does little, as seven tenths of all MW are taken to have
# it already, and the second does most: storms take lines for days.

# %%
table = {}
for step in (0, 12, 24, 72):
    found = rm.measure(runs[step], measures=["aal", "tvar"], levels=[0.99])
    found = found[found["lab"].isin(labs)].set_index(["lab", "measure"])
    table[f"{step} h"] = found["value"].map("{:,.1f}".format) + " ± " + found["se"].map(
        "{:,.1f}".format)
order = [(lab, name) for name in ("aal", "tvar") for lab in labs]
pd.DataFrame(table).rename_axis(["MW-days of", "measure"]).loc[order]

# %% [markdown]
# ## What this does not show
#
# - **Whether the reserve is there.** It is a rule. Look it up for the sites that matter to you, and
#   write it into `requirements.csv`: it is worth more than most rates.
# - **Fuel.** A reserve beyond a day needs deliveries, on roads that the same storm closes.
# - **Cooling.** A battery that feeds chips but not pumps carries minutes, whatever its hours.
# - **Training.** What a run loses to a dip of a minute, checkpoint and restart, is
#   `16_from_mw_days_to_model_loss`.
