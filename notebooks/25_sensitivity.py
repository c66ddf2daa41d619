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
# # Which unknown number is worth looking up?
#
# The perils' files hold a thousand numbers that are not known for sure. Which of them moves the
# answer? First all numbers of six perils, roughly; then the few that matter, in full.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()

# %% [markdown]
# ## All of them, roughly: the screen
#
# Each number goes to the end that lies further from its best, its own peril alone, under the same
# 1,000 years. `riskmodel tornado` does so for all perils in some minutes; here are six, which make
# three quarters of the average annual loss (`grid_outage` is left out for its 129 numbers).

# %%
few = ["kinetic_strike", "sanctions_cutoff", "fuel_cut", "cloud_outage", "cable_cut",
       "site_failure"]
moved = rm.tornado(world, years=1_000, seed=7, top=6, worlds=25, perils=few)
seen = pd.DataFrame(moved.attrs["screened"])
fig, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
for peril, part in seen.groupby("peril"):
    axis.plot(part.index + 1, part["score"], ".", markersize=5, label=peril)
axis.axhline(0.1, color="#bbbbbb", linewidth=0.8, zorder=0)
axis.set(xscale="log", yscale="log", ylim=(1e-4, 1), xlabel="rank of the number",
         ylabel="change of AAL or of the worst\n1 % of years, share of the whole")
axis.legend(frameon=False, fontsize=8, ncols=2, loc="lower left")
plt.show()
print(f"{len(seen)} numbers move anything, {(seen['score'] >= 0.1).sum()} of them by a tenth or "
      f"more and {(seen['score'] < 0.01).sum()} by less than a hundredth")

# %% [markdown]
# Two thirds of the numbers that do anything could stand at the end of their band, and no headline
# would show it. What can be gained lies in one number of ten, in few places.
#
# ## The few that matter, in full
#
# The first twelve of the screen are set to both ends, their 5 and 95 % points, and all six perils
# run again under the same draws. The thin lines are chance, and shrink with more years; the bars
# are ignorance, and do not.

# %%
rm.figures.tornado(moved, world, seed=7)

# %%
full = moved.pivot(index=["peril", "number"], columns="measure", values=["swing", "se"])
full.columns = [f"{measure} {name}" for name, measure in full.columns]
place = seen.assign(screen_rank=seen.index + 1).set_index(["peril", "number"])
full.join(place).sort_values("aal swing", key=abs, ascending=False)

# %% [markdown]
# The screen and the full runs do not agree on the order: the screen looks at one end, leaves out
# what perils share, and takes the tail as seriously as the mean. Its eleventh and twelfth are third
# and fourth here. It keeps twice as many as are asked for; ask for more than you need.
#
# ## Where a week of research goes
#
# Not where a word of confidence is lowest, but where the bar is long. By this list: how often a
# state lists a foreign lab and how long a listing stands; among how many targets in the Gulf an
# attacker chooses, how many hits go to data centres by name, how many drones a day come. The time
# of a listing moves the worst years twice as far as any of the Gulf's numbers here.
#
# ## What this does not show
#
# - **Numbers that move together.** One at a time leaves out that effects multiply. `05_ignorance`
#   draws all at once, and is the place for a band.
# - **Rules of the world**: reserves of a day, a quarter for a control plane, 730 days to recovery.
#   They are no peril's number. `23_a_grid_outage` and `24_a_cloud_failure` move two of them.
# - **Wrong models.** A bar is as long as low and high say, and those are mostly judgements.
