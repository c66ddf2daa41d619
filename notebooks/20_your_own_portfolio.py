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
# # What would my own three sites lose?
#
# From a spreadsheet to measures, to a picture and to files that other tools read. Put your own rows
# in place of these made-up ones; names of columns are guessed, and the guesses shown.

# %%
import tempfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd

import riskmodel as rm

pd.options.display.float_format = lambda x: f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

desk = tempfile.TemporaryDirectory()  # a folder of your own in real life
here = Path(desk.name)
sheet = """site,latitude,longitude,MW,tenant,share,colour
Oak Campus,32.45,-99.73,120,Our Lab,,blue
Birch Hall,40.08,-82.81,60,Our Lab,50%,green
Birch Hall,40.08,-82.81,60,Their Lab,50%,green
Elm,60.48,15.43,25,Their Lab,,red
"""
(here / "sites.csv").write_text(sheet, encoding="utf-8")
made = rm.import_sites(here / "sites.csv", here / "ours")
print(pd.Series(dict(made.columns), name="column of the file"))
print("\nnot understood, and kept beside the world:", ", ".join(made.unused))
for note in made.notes:
    print("note:", note)

# %% [markdown]
# The world is a folder of plain tables. Country, grid and what each site hangs on follow from where
# it is, by the polygons and rules of the world that ships.

# %%
world = rm.read_world(here / "ours")
world.check()  # raises with every problem at once; here there is none
print(sorted(path.name for path in (here / "ours").glob("*.csv")))
world.sites[["site_id", "it_mw", "country_iso2", "grid_region", "coord_precision_km"]]

# %%
print(world.explain("birch_hall"))

# %% [markdown]
# ## A slip of the pen is named before anything runs
#
# Exchanged latitude and longitude, and a decimal comma: both rows are named with their mend, and
# nothing is written. `skip_bad=True` would leave them out and list them in a file.

# %%
wrong = sheet.replace("32.45,-99.73", "-99.73,32.45").replace(",25,", ',"25,5",')
(here / "wrong.csv").write_text(wrong, encoding="utf-8")
try:
    rm.import_sites(here / "wrong.csv", here / "wrong")
except rm.RiskModelError as error:
    print(str(error).replace("wrong.csv: ", ""))

# %% [markdown]
# ## What the sites lose

# %%
losses = rm.simulate(world, years=5_000, seed=7)
found = rm.measure(losses, measures=["capacity", "aal", "aep", "tvar"], return_periods=[10, 100],
                   levels=[0.99])
found[["lab", "measure", "level", "value", "se", "unit"]]

# %%
causes = rm.contributions(losses, measure="aal", by=["peril", "lab"])
shares = causes.pivot_table(index="peril", columns="lab", values="value", aggfunc="sum")
shares = shares.loc[shares.sum(axis=1).nlargest(8).index[::-1]]
figure, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
shares.plot.barh(stacked=True, ax=axis, color=["#4477aa", "#ee8866"])
axis.set_xlabel("MW-days of IT power a year")
axis.set_ylabel("")
axis.set_title(f"What takes it down: average of {losses.n_years:,} years, seed {losses.seed}, "
               f"as of {world.as_of}", fontsize=10)
axis.legend(title=None, frameon=False)
plt.show()

# %% [markdown]
# ## Out again
#
# Oasis' loss tables (a summary is a lab, a loss is MW-days), and a map layer of regions that any
# GIS opens. Single sites enter a layer only with `sites=True`.

# %%
folder = rm.to_ord(losses, here / "ord")
print(sorted(path.name for path in folder.iterdir()))
average = pd.read_csv(folder / "gul_S1_palt.csv")
labs = pd.read_csv(folder / "gul_S1_summary-info.csv")
average.merge(labs, left_on="SummaryId", right_on="summary_id")[["lab", "MeanLoss", "SDLoss"]]

# %%
(layer,) = rm.to_geoparquet(losses, here / "layers")
regions = gpd.read_parquet(layer)
regions[["region", "it_mw", "sites", "aal_mw_days", "aal_se"]].head(6)

# %%
desk.cleanup()

# %% [markdown]
# ## What this does not show
#
# - Needs by rule are a first guess: a second feed, batteries or generation of your own belong into
#   `requirements.csv`, or into the columns `onsite_generation_mw` and `operator`.
# - Rates of grids that the perils do not know are those of other grids.
# - All numbers are at their best value; `worlds=200` adds the band of what is not known.
# - Five thousand years are few for a 1-in-100 year: look at the errors.
