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
# # What takes a lab down at once, alone or in pairs?
#
# Without chance first: take a grid, a cloud, a country or a gas supply out and follow what hangs on
# it. Then with chance: which node makes a lab short in the simulated years.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

world = rm.read_world()
kinds = [kind for kind in world.all_nodes["kind"].unique() if kind != "site"]
labs = ["anthropic", "openai", "xai", "meta", "google_deepmind", "microsoft"]

leans = rm.dependencies(world, "openai", kinds=kinds)
leans.head(12)[["node", "kind", "sites", "behind_mw", "behind_share", "lost_share"]]

# %% [markdown]
# `behind_share` counts all capacity that needs the node at all; `lost_share` what its loss for a
# month really takes. A site with a plant of its own keeps that part when the grid is gone.
#
# ## One failure

# %%
single = rm.contingency(world, labs, threshold=0.0, kinds=kinds)
worst = single.pivot_table(index="lab", columns="kind_a", values="lost_share", aggfunc="max")
worst = worst.reindex(labs)[["country", "interconnection", "grid", "feed", "gas", "plant",
                             "cloud", "operator", "corridor"]]
figure, axis = plt.subplots(figsize=(9, 3.2), layout="constrained")
axis.imshow(worst.fillna(0.0), cmap="Oranges", vmin=0, vmax=1.15, aspect="auto")
for (row, column), share in np.ndenumerate(worst.to_numpy()):
    if not np.isnan(share):
        axis.text(column, row, f"{share:.0%}", ha="center", va="center", fontsize=9,
                  color="white" if share > 0.7 else "black")
axis.set_xticks(range(worst.shape[1]), worst.columns, rotation=25, ha="right")
axis.set_yticks(range(len(labs)), labs)
axis.set_title("Largest share of a lab that one failure of the kind takes", fontsize=10)
axis.spines[:].set_visible(False)
plt.show()

# %% [markdown]
# ## Two failures
#
# Only pairs of which neither alone takes a fifth. Nearly all pairs are ruled out, or known, by
# bounds; the answer is the one that trying every pair gives.

# %%
wide = [kind for kind in kinds if kind not in ("feed", "plant")]
pairs = rm.contingency(world, labs, order=2, threshold=0.2, minimal=True, kinds=wide)
print(pd.DataFrame(pairs.attrs["search"]).T.to_string())
pairs.groupby("lab", sort=False).head(2)[["lab", "node_a", "node_b", "lost_share", "alone_a",
                                          "alone_b", "beyond_sum_share"]]

# %% [markdown]
# No pair takes more than the sum of its two (`beyond_sum_share`, to rounding): no site of the
# record has two feeds that stand in for each other. With redundancy it is above 0.
#
# ## How few failures leave a lab without any power?

# %%
fewest = pd.concat([rm.fewest_failures(world, lab) for lab in labs], ignore_index=True)
fewest.assign(nodes=fewest["nodes"].map(len)).groupby("lab", sort=False)["failures"].max().to_frame(
    "failures that cut off everything").join(
    fewest[fewest["failures"] == 1].set_index("lab")["cut_off_share"].rename("one cuts off"))

# %% [markdown]
# ## Reserves: how long must a grid be out?

# %%
figure, axis = plt.subplots(figsize=(7, 3.4), layout="constrained")
hours = np.array([0.05, 0.2, 1, 6, 23, 25, 72, 720])
for lab in labs:
    lost = [rm.contingency(world, lab, threshold=0.0, hours=each, kinds=["grid"], top=1)
            ["lost_share"].sum() for each in hours]
    axis.step(hours, lost, where="post", label=lab)
axis.set(xscale="log", xlabel="hours out", ylabel="share lost with its worst grid", ylim=(0, 1))
axis.legend(frameon=False, fontsize=8, ncols=2)
plt.show()

# %% [markdown]
# ## With chance: who makes the lab short?
#
# The years' own outages are drawn once; trials run again without a node's outages, and with it held
# down all year. *criticality*: what would not have been short had it not failed. *Fussell-Vesely*:
# when it belongs to a smallest set of failures that makes the lab short. *Birnbaum*: how much hangs
# on it, whether it ever fails or not.

# %%
losses = rm.simulate(world, years=1500, seed=7)
frame = rm.importance(losses, "openai", kinds=kinds, held_years=150)
time = frame[frame["basis"] == "time"]
table = time.pivot(index="node", columns="measure", values="value")
errors = time.pivot(index="node", columns="measure", values="se")
table["criticality, se"] = errors["criticality"]
print(frame.attrs["short"])
table.sort_values("fussell_vesely", ascending=False).head(10)

# %% [markdown]
# ## The same on paper
#
# Five equal components in a bridge: exact, and a node can matter more by one measure than another.

# %%
from riskmodel.measures.reliability import component_importance

bridge = [("1", "4"), ("2", "5"), ("1", "3", "5"), ("2", "3", "4")]
component_importance(bridge, dict.fromkeys("12345", 0.9)).set_index("component")

# %% [markdown]
# ## What this does not show
#
# - **How often.** A country can be lost for a month, in the model; the first half does not say how
#   likely that is. The importance does, as far as the perils know.
# - **What nobody has recorded.** Second feeds, contracts for backup, spare capacity elsewhere are
#   not public; where the record is silent a site hangs on one feed of one grid.
# - **Three at once.** Triples are sought only where a minimum cut finds them (all power gone).
# - **Single sites.** They are nodes too (`kinds=None`); here only supplies and plants appear.
