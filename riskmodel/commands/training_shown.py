"""The four tables of ``riskmodel training`` for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import number, print_table, with_error

if TYPE_CHECKING:
    from riskmodel.commands.training import TrainingFigures

UNITS = {"mw_days": "MW-days", "h100e_days": "H100e-days", "flop": "FLOP"}
_Z = 1.959964  # sim_low and sim_high are a 95 % interval


def show(found: TrainingFigures, seed: int) -> None:
    """Print ledgers, lost progress, the four answers and the levers of a lab."""
    tail = f"worst {100 * (1 - found.level):.3g} %"
    called = {"aal": "average", "tvar": tail}
    print_table(_ledgers(found, called), f"What {found.lab} loses in a year, {found.years:,} "
                f"years, seed {seed}", right=["a full day", *called.values()],
                caption="± one standard error of simulation; in brackets with every chip and MFU "
                        "at its low and its high end")
    print_table(_progress(found, called), "Lost training progress of a run over its sites",
                right=["MW-days, " + each for each in called.values()]
                + ["days of the run, " + each for each in called.values()],
                caption=_layout(found))
    table = _answers(found, called)
    print_table(table, "Four answers to four questions",
                right=[str(name) for name in table if name not in ("lost", "year")],
                caption="of the year's compute taken as one programme; re-planned: not begun yet, "
                        "planned again with what is left; frozen: same model, fewer tokens (both: "
                        "1e-6 nats a token added); slip: same plan, ends later; months: the "
                        "trend's, in compute alone, and times algorithms. ± one standard error of "
                        "simulation only. A site counts by the FLOP of its chips, in capacity "
                        "and in runs.\n"
                        + _in_force(found))
    print_table(_levers(found), "Efficiency levers as MW-days of resilience bought in a year",
                right=["share", "factor", "MW-days", "times the average year"],
                caption="sum of s_i / m_i: a lever acts on its own share of the work (shares are "
                        "illustrative); in brackets low to high. Bought only while it is not "
                        f"spent on more work. All together: {found.levers['note'].iloc[-1]}")


def _ledgers(found: TrainingFigures, called: dict[str, str]) -> pd.DataFrame:
    rows = []
    for ledger, part in found.ledgers.groupby("ledger", sort=False):
        by = {row["measure"]: row for row in part.to_dict("records")}
        rows.append({"ledger": UNITS[str(ledger)], "a full day": _size(by["capacity"]["value"]),
                     **{text: _with_chips(by[name]) for name, text in called.items()}})
    return pd.DataFrame(rows)


def _with_chips(row: Mapping[Any, Any]) -> str:
    text = _size(row["value"])
    if text == "-":
        return text
    if math.isfinite(row["se"]):
        text += f" ± {_size(row['se'], 2)}"
    if row["chips_low"] == row["chips_high"]:
        return text
    return f"{text} ({_size(row['chips_low'])} to {_size(row['chips_high'])})"


def _progress(found: TrainingFigures, called: dict[str, str]) -> pd.DataFrame:
    def cells(part: pd.DataFrame, quantity: str, unit: str) -> dict[str, str]:
        own = {row["measure"]: row for row in
               part[part["quantity"] == quantity].to_dict("records")}
        return {f"{unit}, {text}": with_error(own[name]["value"], own[name]["se"])
                for name, text in called.items()}

    rows: list[dict[str, str]] = []
    for run, part in found.progress.groupby("run", sort=False):
        if not rows:
            rows.append({"run": "(capacity of its sites)",
                         **cells(part, "lost_capacity", "MW-days")})
        rows.append({"run": str(run), **cells(part, "lost_progress", "MW-days"),
                     **cells(part, "lost_run_days", "days of the run")})
    return pd.DataFrame(rows).fillna("-")


def _layout(found: TrainingFigures) -> str:
    spec = found.specs[0]
    away = ("checkpoints on site only" if spec.offsite_lag_h is None
            else f"newest checkpoint elsewhere {spec.offsite_lag_h:g} h old")
    moves = ("never moved" if spec.relocate_after_h is None
             else f"replaced after {spec.relocate_after_h:g} h")
    spread = "all sites" if spec.largest is None else f"the {spec.largest} largest sites"
    return (f"over {spread}; a checkpoint each {spec.interval_h:.3g} h, restart {spec.restart_h:g} "
            f"h, {away}, lost capacity {moves}; goodput {spec.goodput:.1%} without any outage")


def _answers(found: TrainingFigures, called: dict[str, str]) -> pd.DataFrame:
    several = len(found.laws) > 1
    rows = []
    for (run, measure), part in found.answers.groupby(["run", "measure"], sort=False):
        cells = {"lost": f"{run} run" if run else "capacity",
                 "year": called[str(measure)], "of the year": "-"}
        for row in part.to_dict("records"):
            cells["of the year"] = f"{number(100 * row['fraction_lost'], 2)} %"
            name, scale = _HEADS[row["question"]]
            cells[f"{name}\n{row['law']}" if several and row["law"] else name] = _with_error(
                row, scale)
        rows.append(cells)
    return pd.DataFrame(rows)


_HEADS = {"replanned_loss": ("re-planned", 1e6), "fewer_tokens_loss": ("frozen", 1e6),
          "slip_days": ("slip, days", 1.0), "trend_months": ("months, compute", 1.0),
          "trend_months_effective": ("months, effective", 1.0)}


def _in_force(found: TrainingFigures) -> str:
    """Return the constants that the answers rest on, and where their bands are, as lines."""
    lines = [f"constants: {law.constants}" for law in found.laws]
    trend = found.answers.loc[found.answers["question"] == "trend_months_effective", "constants"]
    lines += [f"trend: {text}" for text in trend.unique()]
    if found.worlds > 1:
        lines.append(f"bands of {found.worlds} states of the world: in --json and in the file")
    return "\n".join(lines)


def _with_error(row: Mapping[Any, Any], scale: float) -> str:
    text = number(row["value"] * scale, 2)
    se = (row["sim_high"] - row["sim_low"]) / (2 * _Z) * scale
    return text if text == "-" or not math.isfinite(se) else f"{text} ± {number(se, 1)}"


def _levers(found: TrainingFigures) -> pd.DataFrame:
    return pd.DataFrame([{
        "lever": row["name"], "acts on": row["scope"] or "-", "share": f"{row['share']:.0%}",
        "factor": _between(row, "factor"), "MW-days": _between(row, "mw_days"),
        "times the average year": number(row["covers_aal"], 2)}
        for row in found.levers.to_dict("records")])


def _between(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (number(row[name + end]) for end in ("", "_low", "_high"))
    return value if low == high else f"{value} ({low} to {high})"


def _size(value: float, digits: int = 3) -> str:
    return f"{value:.{digits - 1}e}" if value >= 1e6 else number(value, digits)
