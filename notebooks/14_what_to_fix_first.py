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
# # What should be fixed first?
#
# A lab can put batteries or diesel beside its halls, draw a second line, store fuel, run without
# its cloud's control plane. Each helps; together they help less than the sum of what each promises.
# Which comes first depends on what else is there.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
lab = "openai"

# %% [markdown]
# ## On whom does it hang?
#
# Every lost MW-hour has one root cause, and what failed there was supplied by somebody: a grid, a
# gas supply, a cloud, whoever runs the hall. The parts add up to the average annual loss, and to
# the mean of the worst year in a hundred.

# %%
losses = rm.simulate(world, years=2_000, seed=7, adequacy=False)
average = rm.contributions(losses, by="supplier", lab=lab).set_index("supplier")
tail = rm.contributions(losses, "tvar", 0.99, by="supplier", lab=lab).set_index("supplier")
average[["value", "se", "share"]].assign(tail_share=tail["share"]).head(8)

# %% [markdown]
# ## Four mitigations, sixteen worlds
#
# A mitigation is an edit of the world. Each of the sixteen combinations goes through the same
# disasters, so that differences have small errors. Here for perils of power and of the cloud that
# are quick to draw; `riskmodel diversify mitigations` takes all of them and two minutes.

# %%
few = ["adequacy_curtailment", "cloud_outage", "fuel_cut", "grid_outage", "load_trip",
       "winter_storm"]
make = rm.mitigations
chosen = [make.reserve(lab, hours=24), make.fuel_store(lab, hours=72), make.second_feed(lab),
          make.control_plane_reserve(lab, hours=24)]
value = rm.mitigation_value(world, lab, chosen, years=1_000, seed=7, perils=few)
value[["mitigation", "first_in", "first_in_se", "value", "se", "last_in", "last_in_se", "share"]]

# %% [markdown]
# `first_in` is what each saves alone, `last_in` what it still saves on top of all the others, and
# `value` is Shapley's: the mean over all orders in which they could come.

# %%
figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
places = np.arange(len(value))[::-1]
for shift, name, error, label, colour in (
        (0.25, "first_in", "first_in_se", "alone", "#9db8cc"),
        (0.0, "value", "se", "Shapley value", "#1f5f8b"),
        (-0.25, "last_in", "last_in_se", "on top of the others", "#d9a066")):
    axis.barh(places + shift, value[name], height=0.23, xerr=1.96 * value[error], color=colour,
              label=label, error_kw={"elinewidth": 0.8})
axis.set_yticks(places, value["mitigation"])
axis.set(xlabel=f"MW-days a year avoided, of {value['base'].iat[0]:,.0f}")
axis.legend(frameon=False)
plt.show()

# %%
alone, together = value["first_in"].sum(), value["value"].sum()
print(f"Promised one by one: {alone:,.0f} MW-days a year; saved together: {together:,.0f}.")
assert np.isclose(together, value["base"].iat[0] - value["with_all"].iat[0])

# %% [markdown]
# A reserve bridges what a second line or stored fuel would bridge as well: these three lose when
# the others are there. The control plane is another chain; what is saved there is saved in any
# order.
#
# ## One of your own
#
# Anything that turns a world into another is a mitigation, with its own words for what it does not
# do. Here: half of the lab's largest site moves to its smallest.

# %%
held = world.effective_holdings().query("lab_id == @lab").merge(
    world.sites[["site_id", "it_mw"]], on="site_id")
held["mw"] = held["share"] * held["it_mw"]
held = held[held["mw"] > 0].sort_values("mw")
small, large = held["site_id"].iloc[0], held["site_id"].iloc[-1]
half = float(held["mw"].iloc[-1]) / 2
spread = rm.Mitigation(
    "spread out", "Half of the largest site moves to the smallest.",
    "It leaves each place as safe as it was, and costs the move.", "judgement",
    lambda of: of.move(lab=lab, mw=half, from_site=large, to_site=small))
both = rm.mitigation_value(world, lab, [spread, chosen[0]], years=1_000, seed=7, perils=few)
both[["mitigation", "first_in", "first_in_se", "last_in", "last_in_se", "value", "se"]]

# %% [markdown]
# ## What this does not show
#
# - **What anything costs**, and whether a second line can be had at all.
# - **Sets that do not start, tanks that are empty.** The hours and shares are judgements.
# - **Rare events.** They rest on a thousand years here; run more before deciding.
# - **A plan.** Shapley's value is a fair way to share out what all of them save. Who can afford two
#   should look at the pairs.
