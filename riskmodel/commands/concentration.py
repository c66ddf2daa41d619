"""``riskmodel diversify concentration``: how much rests on how few."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_lab, read_checked, simulated

#: what a table of all labs shows; the rest is in --json, in the file and for one lab
MAIN = ("operator", "country", "grid_region", "interconnection", "cloud", "chip", "foundry",
        "theatre")


def concentration(folder: Path | None, *, as_of: str | None, lab: str | None,
                  by: list[str] | None, years: int | None, seed: int, perils: list[str] | None,
                  out: Path | None, as_json: bool) -> None:
    """Print the measures of each lab, or of one with all their bounds."""
    check_table_file(out)
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.concentration.concentration import concentration as work
    from riskmodel.world.site_groups import DIMENSIONS

    check_lab(world, lab)
    with wrong_usage():
        frame = work(world, by, lab)
    bets = None
    if years is not None:
        from riskmodel.decisions.concentration.independent_bets import independent_bets

        bets = independent_bets(simulated(world, years, seed, perils), lab)
    write_table_file(frame, out)
    if as_json:
        told: dict[str, Any] = {"ok": True, "as_of": world.as_of, "out": out,
                                "concentration": records(frame)}
        if bets is not None:
            told |= {"years": years, "seed": seed, "independent_bets": records(bets)}
        print_json(told)
        return
    if lab is not None:
        print_table(_of_one(frame, DIMENSIONS), f"What {lab} rests on",
                    right=["effective number", "largest share"], caption=_CAPTION_ONE)
    else:
        shown = [name for name in (by or MAIN) if name in set(frame["dimension"])]
        print_table(_of_all(frame, shown, DIMENSIONS), "Effective number of equal groups, largest "
                    "share in brackets", right=[DIMENSIONS[name] for name in shown],
                    caption=_CAPTION_ALL)
    if bets is not None:
        print_table(_bets(bets), f"How far the sites fail apart in {years:,} simulated years",
                    right=["independent bets", "tail benefit"], caption=_CAPTION_BETS)
    if out is not None:
        say(f"table: {out}")


_CAPTION_ONE = ("effective number: 1 / sum of squared shares, with its bounds where the record "
                "leaves shares open; infinite where nothing shares a group")
_CAPTION_ALL = ("1 / sum of squared shares: 1.0 is all in one, ∞ that no two MW share a group; "
                "sites outside of all theatres share none. What is not known counts as a group")
_CAPTION_BETS = ("independent bets: equal independent sites with the same spread of year losses; "
                 "tail benefit: 1 - TVaR of the sum / sum of TVaRs; ± one standard error")


def _of_one(frame: pd.DataFrame, words: dict[str, str]) -> pd.DataFrame:
    rows = []
    for dimension, part in frame.groupby("dimension", sort=False):
        found = {row["measure"]: row for row in part.to_dict("records")}
        count, top = found["effective_number"], found["largest_share"]
        rows.append({
            "by": words[str(dimension)], "effective number": _with_bounds(count),
            "largest share": _with_bounds(top, 100) + " %", "largest": top["largest"],
            "not known": _percent(top["unknown_share"] + top["split_share"]),
            "shares none": _percent(top["none_share"])})
    return pd.DataFrame(rows)


def _of_all(frame: pd.DataFrame, shown: list[str], words: dict[str, str]) -> pd.DataFrame:
    rows: dict[str, dict[str, str]] = {}
    for row in frame.to_dict("records"):
        if row["dimension"] in shown and row["measure"] in ("effective_number", "largest_share"):
            cells = rows.setdefault(row["lab"], {"lab": row["lab"]})
            name = words[row["dimension"]]
            if row["unknown_share"] == 1.0:
                cells[name] = "?"
            elif row["measure"] == "effective_number":
                cells[name] = _count(row["value"])
            else:
                cells[name] += f" ({_percent(row['value'])})"
    return pd.DataFrame(list(rows.values()))


def _bets(frame: pd.DataFrame) -> pd.DataFrame:
    rows: dict[str, dict[str, object]] = {}
    for row in frame.to_dict("records"):
        if row["measure"] != "diversification_ratio":
            cells = rows.setdefault(row["lab"], {"lab": row["lab"], "sites": row["sites"]})
            cells[row["measure"].replace("_", " ")] = (
                with_error(row["value"], row["se"], 1))
    return pd.DataFrame(list(rows.values()))


def _count(value: float) -> str:
    if value == float("inf"):
        return "∞"
    return number(round(value, 9), 2 if value < 10 else 3)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share > 0 else "-"


def _with_bounds(row: Mapping[Any, Any], scale: float = 1.0) -> str:
    low, value, high = (_count(scale * row[name]) for name in ("low", "value", "high"))
    return value if low == high else f"{value} ({low} to {high})"
