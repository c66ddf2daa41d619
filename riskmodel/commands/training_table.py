"""The second table of ``riskmodel run``: what the lost years mean for training, lab by lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import number, print_table

if TYPE_CHECKING:
    import pandas as pd

#: measure -> how its rows are called
YEARS = {"aal": "average", "tvar": "worst"}
CAPTION = ("the first {n:,} years, run again; ± is one standard error; days of a run over all "
           "sites, if it needs every site (rigid), three quarters of them (quorum) or any "
           "(elastic); slip and model loss (re-planned with what is left) of the FLOP lost; {law}; "
           "training.parquet has H100e-days, months of trend and all bounds too")


def training_table(frame: pd.DataFrame) -> None:
    """Print two lines a lab: its average year and its worst years."""
    import pandas as pd

    rows = []
    tail = frame["level"].dropna()
    for lab, of_lab in frame.groupby("lab", sort=False):
        for measure, called in YEARS.items():
            found = {(row["quantity"], row["run"]): row for row in
                     of_lab[of_lab["measure"] == measure].to_dict("records")}
            if not found or ("flop", "") not in found:
                continue
            chance = f" {100 * (1 - tail.iloc[0]):.3g} %" if measure == "tvar" else ""
            rows.append({
                "lab": lab, "year": called + chance,
                "1e24 FLOP": _cell(found, "flop", scale=1e-24),
                **{f"days, {run}": _cell(found, "lost_run_days", run) for run in _runs(frame)},
                "slip, months": _cell(found, "months_slip"),
                "loss, 1e-6 nats": _cell(found, "loss_replanned", scale=1e6)})
    if not rows:
        return
    table = pd.DataFrame(rows)
    law = next((text for text in frame["constants"][frame["law"] != ""]), "")
    print_table(table, "What it means for training",
                right=[name for name in table.columns if name not in ("lab", "year")],
                caption=CAPTION.format(n=int(frame["n"].max()), law=law))


def _runs(frame: pd.DataFrame) -> list[str]:
    return [str(run) for run in frame["run"].unique() if run]


def _cell(found: dict[Any, Any], quantity: str, run: str = "", scale: float = 1.0) -> str:
    row = found.get((quantity, run))
    if row is None:
        return "-"
    return f"{number(row['value'] * scale)} ± {number(row['se'] * scale, 2)}"
