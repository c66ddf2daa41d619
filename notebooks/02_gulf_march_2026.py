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
# # Gulf, March 2026: what was lost, and what if it reaches the Abu Dhabi campus?
#
# In March 2026 drones took out cloud zones in two Gulf states. Here the campaign is played as it
# happened, and then once more against a world in which the large campus in Abu Dhabi runs.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

happened = rm.load_scenario("gulf-campaign-2026")
reaches = rm.load_scenario("gulf-reaches-abu-dhabi-campus")
print(happened.story)

# %% [markdown]
# ## As it happened
#
# In the record's own world the six zones are down and count nothing, so the story is played on the
# day before the war. What never came back counts for two years.

# %%
before = rm.read_world(as_of=happened.world_as_of)
lost = rm.stress(before, happened)
lost.years[["lab", "lost_mw_days", "shortfall_mw_days"]]

# %% [markdown]
# All of it is `unknown`'s: both are general cloud regions, and no source shows frontier training
# there. What it does show is the order and the length of things.

# %%
told = rm.replay(lost)
first = told.outages.sort_values("start_h").assign(
    start_h=lambda t: t["start_h"].round(1), days=lambda t: (t["end_h"] - t["start_h"]) / 24)
first[["node", "start_h", "days", "depth"]]

# %% [markdown]
# ## The same, reaching the campus
#
# The first 200 MW of the campus are dated December 2026: in today's world there is nothing to lose.
# `world_as_of` says which day a scenario wants.

# %%
rows = []
for day in (None, "2027-12-31", "2028-12-31"):
    world = rm.read_world(as_of=day)
    losses = rm.stress(world, reaches)
    by_lab = losses.years.set_index("lab")["lost_mw_days"]
    gulf = world.sites[world.sites["country_iso2"].isin(["AE", "SA", "QA", "BH"])]
    rows.append({"world of": str(world.as_of), "MW in the Gulf": gulf["it_mw"].sum(),
                 "lost MW-days": by_lab.sum()} | by_lab.to_dict())
pd.DataFrame(rows).set_index("world of").fillna(0.0)

# %%
panels = {"as it happened": lost,
          "reaching the campus, end of 2027": rm.stress(rm.read_world(as_of="2027-12-31"), reaches)}
colours = {"unknown": "#a8a29a", "openai": "#2f6fa8", "g42": "#c4512d", "microsoft": "#23836d"}
figure, axes = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained", sharey=True)
for axis, (name, losses) in zip(axes, panels.items(), strict=True):
    course = rm.replay(losses).labs
    hours = sorted({*course["start_h"], *course["end_h"]})
    levels = {lab: [steps.query("start_h <= @hour < end_h")["lost_mw"].sum() for hour in hours]
              for lab, steps in course.groupby("lab")}
    axis.stackplot([hour / 24 for hour in hours], *levels.values(), labels=list(levels),
                   colors=[colours[lab] for lab in levels], step="post", linewidth=0)
    axis.set_title(name, loc="left", fontsize=10)
    axis.set(xlabel="days since the first hit", xlim=(-10, 760))
    axis.legend(frameon=False)
axes[0].set_ylabel("MW missing")
plt.show()

# %% [markdown]
# ## What would have to be different for it to hurt more
#
# The share of halls that burns for good is one number of the story, and a judgement. The loss
# follows it in a straight line, from what a hit without fire costs.

# %%
world = rm.read_world(as_of="2027-12-31")
campus = [o for event in reaches.events(world) for o in event.outages if o.node == "stargate_uae"]
found = {}
for burned in (0.0, 0.33, 0.66, 1.0):
    changed = [rm.OwnOutage(o.node, o.start_h, o.duration_h, burned, o.part)
               if o.part == "halls burned" else
               rm.OwnOutage(o.node, o.start_h, o.duration_h, o.depth * (1 - burned) / 0.67, o.part)
               for o in campus]
    story = rm.stress(world, rm.Event("kinetic_strike", "gulf", changed))
    found[burned] = story.years["lost_mw_days"].sum()
pd.Series(found, name="lost MW-days").rename_axis("share of halls that burn").to_frame()

# %% [markdown]
# ## What this does not show
#
# - **How likely it is.** A story has no frequency; the peril `kinetic_strike` has, per theatre.
# - **Data and customers.** In 2026 they were the larger loss, and capacity says nothing of them.
# - **The zones' power.** No zone publishes it: 20 MW each is an estimate of the world.
# - **Plans.** Two hundred megawatts are the first phase; what a war does to those that follow, to
#   licences and to staff is not here.
# - **When the Emirates come back.** On the last day of the record they had not.
