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
# # What does a lab hang on, and what do two labs share?
#
# Behind every site stand a local supply, a grid, a cloud's control plane, a country. Rows of
# `requirements.csv` say who needs what, how much of it, and for how long it can do without. No
# chance here: only what would go if something went.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.2f}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
world = rm.read_world()
labs = ["google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai"]
graph = world.to_networkx()
print(f"{graph.number_of_nodes()} nodes, {graph.number_of_edges()} needs on {world.as_of}")

# %% [markdown]
# ## To need something is not to lose everything with it
#
# Each dot is a node that a lab hangs on: how much of the lab needs it at all, and how much a month
# without it would take. Supplies lie on the diagonal. A control plane takes a quarter of what needs
# it, an operator a tenth, a corridor of sea cables a fiftieth.

# %%
kinds = {"interconnection": "#8f4a13", "grid": "#d08a1d", "gas": "#55661c", "cloud": "#3a7ca5",
         "operator": "#8b8f94", "corridor": "#8a5a9e"}
leans = rm.dependencies(world, labs, kinds=list(kinds))
fig, axis = plt.subplots(figsize=(7.5, 4), layout="constrained")
for kind, colour in kinds.items():
    part = leans[leans["kind"] == kind]
    axis.scatter(part["behind_share"], part["lost_share"], s=26, color=colour, alpha=0.8,
                 linewidths=0, label=kind)
axis.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=0.8, zorder=0)
axis.set(xlabel="share of the lab that needs it", ylabel="share lost without it for a month")
axis.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# ## One lab, as a picture
#
# `riskmodel graph --lab anthropic -o graph.svg` writes the same, and `.graphml` for other programs.

# %%
figure = rm.dependency_picture(world, "anthropic")
figure.set_dpi(72)
figure

# %% [markdown]
# The other dots far below the line are labs with plants of their own, as here under TVA. Their MW
# have not become free of a supply; they hang on another. Of xai one interconnection takes a
# twentieth, and one gas supply nearly all.

# %%
moved = leans[leans["kind"].isin(["interconnection", "gas"])
              & leans["lab"].isin(["xai", "anthropic", "openai", "meta"])]
moved.pivot(index="lab", columns="node", values="lost_share").fillna(0.0)

# %% [markdown]
# ## What two labs share
#
# The largest share that one common node takes from both at once (countries aside).

# %%
lost = leans.pivot(index="node", columns="lab", values="lost_share")[labs].fillna(0.0)
shared = pd.DataFrame({one: [np.minimum(lost[one], lost[other]).max() for other in labs]
                       for one in labs}, index=labs)
most = {(one, other): np.minimum(lost[one], lost[other]).idxmax().split(":")[1]
        for one in labs for other in labs}
fig, axis = plt.subplots(figsize=(7, 4), layout="constrained")
axis.imshow(shared.where(np.tri(6, k=-1, dtype=bool)), cmap="Oranges", vmin=0, vmax=1.1)
for (row, column), value in np.ndenumerate(shared.to_numpy()):
    if column < row:
        axis.text(column, row, f"{value:.0%}\n{most[labs[row], labs[column]]}", ha="center",
                  va="center", fontsize=7, color="white" if value > 0.65 else "black")
axis.set_xticks(range(5), labs[:5], rotation=25, ha="right")
axis.set_yticks(range(1, 6), labs[1:])
axis.set(xlim=(-0.5, 4.5), ylim=(5.5, 0.5))
axis.spines[:].set_visible(False)
plt.show()

# %% [markdown]
# ## How few failures?
#
# A minimum cut: the fewest nodes whose failure leaves so much of a lab without any power, whatever
# the reserves. Nothing below is a guess over subsets; it is solved as a flow.

# %%
cuts = pd.concat([rm.fewest_failures(world, lab) for lab in labs], ignore_index=True)
kind_of = world.all_nodes.set_index("node_id")["kind"]
cuts["what"] = [" + ".join(node.split(":")[1] if kind_of[node] not in ("feed", "plant")
                           else f"a {kind_of[node]}" for node in nodes) for nodes in cuts["nodes"]]
cuts[["lab", "failures", "cut_off_mw", "cut_off_share", "what"]]

# %% [markdown]
# Grids by many names are one machine: the Eastern interconnection turns as a whole, and it is the
# first cut of five labs in six. Counting sites, operators or grids does not show that.
#
# ## What this does not show
#
# - **How likely any of it is.** No synchronous system of that size has failed whole in 60 years;
#   `23_a_grid_outage` puts a rate to it. `09_contingencies` goes on to pairs, reserves and chance.
# - **Needs nobody has recorded**: second feeds, water, a supplier of chillers, the one team that
#   knows the scheduler. A rule of the world stands where a site's own record is silent.
# - **Suppliers of what is still to be built**: foundries, transformers: `17_build_out_and_supply`.
