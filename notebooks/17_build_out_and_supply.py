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
# # What will each lab have by 2030, and what could make it late?
#
# Announcements overlap, ceilings are not promises, and dates slip. This keeps them apart, lets the
# dated part slip, and puts shocks on top: late chips, transformers, export rules, a campaign.

# %%
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
pd.options.display.max_colwidth = 90
LABS = ["openai", "anthropic", "google_deepmind", "meta", "xai"]
world = rm.read_world()

# %% [markdown]
# ## Layers
#
# What ran on the day of the record; steps that it dates; and what agreements add beyond both.

# %%
layers = rm.build_out(world, LABS, "2030-12-31", every="year")
last = layers[(layers["date"] == "2030-12-31") & layers["counted"].astype(bool)]
last.pivot_table(index="lab", columns="layer", values="it_mw", sort=False)

# %% [markdown]
# Why a deal adds nothing, or not all that it says: every deal of one lab on one day.

# %%
deals = rm.deal_ledger(world, "openai", "2028-12-31")
deals.loc[deals["it_mw"] > 0, ["deal_id", "layer", "it_mw", "at_sites_mw", "added_mw", "basis"]]

# %% [markdown]
# ## The fan
#
# A thin black line is the plan. Blue: with ordinary slips (four in ten sites, half a year in the
# middle: counts of 2025 and 2026). Red: with shocks as well.

# %%
drawn = rm.draw_build_out(world, LABS, draws=1000, seed=7)
fan = rm.build_out_fan(world, drawn=drawn)
rm.figures.build_out(fan, world, labs=["openai", "anthropic", "meta"])

# %% [markdown]
# Slips move plans most. Shocks are rare, and large where they come: `given` is what is missing when
# anything is.

# %%
causes = rm.build_out_causes(world, drawn=drawn)
end = causes[(causes["date"] == "2028-12-31") & causes["lab"].isin(["openai", "meta"])]
end.set_index(["lab", "cause"])[["planned_mw", "probability", "value", "se", "given", "given_se"]]

# %% [markdown]
# ## A campaign that is given
#
# A long war in the Gulf from July 2027: what it leaves of what is planned there.

# %%
war = rm.Campaign("gulf", "2027-07-01", "long_war")
at_war = rm.build_out_causes(world, ["openai", "g42"], every="half", draws=1000, seed=7,
                             causes=["kinetic_strike"], campaign=war)
at_war = at_war[at_war["cause"] == "kinetic_strike"]
at_war.pivot_table(index="date", columns="lab", values=["planned_mw", "value", "se"])

# %% [markdown]
# ## Whose chips
#
# Shares of what runs, and of what is contracted beyond it.

# %%
suppliers = rm.supply_dependence(world, LABS)
shown = suppliers[suppliers["supplier"].isin(["NVIDIA", "TSMC", "Broadcom", "SK hynix", "Taiwan"])]
shown.pivot_table(index=["lab", "layer"], columns="supplier", values="value", sort=False,
                  fill_value=0)

# %% [markdown]
# Custom silicon takes NVIDIA out of the chain, and neither the foundry nor the island.

# %%
silicon = rm.custom_silicon(world, "openai", layers=["energised"])
silicon.assign(what=silicon["supplier"].replace("", "H100e")).pivot_table(
    index="strength", columns="what", values="value", sort=False)

# %% [markdown]
# ## Own, or rent
#
# What is leased or rented comes under one control plane and one operator of the lab's own.

# %%
own = rm.lever_table(world, "anthropic", "ownership", strengths=[0.5, 1.0], years=2000, seed=7)
own = own[own["measure"].isin(["aal", "tvar", "effective_operator", "effective_cloud"])]
own.set_index(["strength", "measure"])[["base", "value", "difference", "se", "verdict", "unit"]]

# %% [markdown]
# ## What this does not show
#
# Plans that are dropped, plans made after the record, grids that do not connect in time, and who
# would be served first. Who holds a site is taken as it counts; `worlds=K` draws that too. Chances
# of shocks to supply are judgements more than counts. `riskmodel buildout` and `riskmodel levers`
# do this for any lab.
