"""The second table of ``riskmodel run``: what the lost years mean for training, lab by lab."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import print_table
from riskmodel.report.numbers import estimate, number

if TYPE_CHECKING:
    import pandas as pd

#: measure -> how its rows are called
YEARS = {"aal": "average", "tvar": "worst"}
WORLDS_SAY = "worlds say"
#: column -> quantity and scale of it, before and after the days of the runs
BEFORE = {"MW-days": ("mw_days", 1.0), "1e24 FLOP": ("flop", 1e-24)}
AFTER = {"slip, months": ("months_slip", 1.0), "loss, 1e-6 nats": ("loss_replanned", 1e6)}
CAPTION = ("the first {n:,} years, run again; ± is one standard error; days of a run over all "
           "sites, if it needs every site (rigid), three quarters of them (quorum) or any "
           "(elastic); slip and model loss (re-planned with what is left) of the FLOP lost; {law}; "
           "training.parquet has H100e-days, MW-days of progress, months of trend and all bounds "
           "too")
IN_WORLDS = "; worlds say: nine in ten of the {worlds} have their true average within{bare}"
TOO_FEW = " (of the worst years each world has too few)"


def training_table(frame: pd.DataFrame) -> None:
    """Print a lab's average year, what several worlds say of it, and its worst years."""
    table = training_rows(frame)
    if table.empty:
        return
    law = next((text for text in frame["constants"][frame["law"] != ""]), "")
    worlds, caption = int(frame["worlds"].max()), CAPTION
    if worlds > 1:
        bare = frame.loc[frame["measure"] == "tvar", "band_low"].isna().all()
        caption += IN_WORLDS.format(worlds=worlds, bare=TOO_FEW if bare else "")
    print_table(table, "What it means for training",
                right=[name for name in table.columns if name not in ("lab", "year")],
                caption=caption.format(n=int(frame["n"].max()), law=law))


def training_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the table, as text."""
    import pandas as pd

    columns = {**{name: (quantity, "", scale) for name, (quantity, scale) in BEFORE.items()},
               **{f"days, {run}": ("lost_run_days", str(run), 1.0)
                  for run in frame["run"].unique() if run},
               **{name: (quantity, "", scale) for name, (quantity, scale) in AFTER.items()}}
    rows = []
    tail = frame["level"].dropna()
    for lab, of_lab in frame.groupby("lab", sort=False):
        for measure, called in YEARS.items():
            found = {(row["quantity"], row["run"]): row for row in
                     of_lab[of_lab["measure"] == measure].to_dict("records")}
            if ("flop", "") not in found:
                continue
            chance = f" {100 * (1 - tail.iloc[0]):.3g} %" if measure == "tvar" else ""
            rows.append({"lab": lab, "year": called + chance,
                         **{name: _cell(found.get((quantity, run)), scale)
                            for name, (quantity, run, scale) in columns.items()}})
            if math.isfinite(found["flop", ""]["band_low"]):
                rows.append({"lab": "", "year": WORLDS_SAY,
                             **{name: _band(found.get((quantity, run)), scale)
                                for name, (quantity, run, scale) in columns.items()}})
    return pd.DataFrame(rows)


def _cell(row: Mapping[Any, Any] | None, scale: float) -> str:
    return "-" if row is None else estimate(row["value"] * scale, row["se"] * scale)


def _band(row: Mapping[Any, Any] | None, scale: float) -> str:
    if row is None or not math.isfinite(row["band_low"]):
        return "-"
    return f"{number(row['band_low'] * scale, 2)} to {number(row['band_high'] * scale, 2)}"
