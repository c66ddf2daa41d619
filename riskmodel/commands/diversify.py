"""``riskmodel diversify``: what the spread of each lab's sites is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.outputs import REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.worlds import check_labs, read_checked, simulated

if TYPE_CHECKING:
    from riskmodel.decisions.diversification.diversification import Diversification
    from riskmodel.world.world import World

TABLES = ("diversification.parquet", "arrangements.parquet", "labs.parquet",
          "needed_share.parquet")


def value(folder: Path | None, *, as_of: str | None, labs: list[str] | None, years: int, seed: int,
          worlds: int, perils: list[str] | None, level: float, price: str | None,
          needed: float | None, copies: int | None, out: Path | None, as_json: bool) -> None:
    """Say what the spread of each lab's sites is worth; leave a page and tables if asked."""
    with wrong_usage():
        target = None if out is None else check_target(out)
    world, _ = read_checked(folder, as_of)
    check_labs(world, labs)
    from riskmodel.decisions.diversification.diversification import diversification
    from riskmodel.decisions.diversification.needed_share import needed_share_figures

    with wrong_usage():
        worth = as_price_given(price, world)
    losses = simulated(world, years, seed, perils, worlds=worlds, adequacy=False)  # courses have it
    from riskmodel.engine.losses.courses import booked_courses

    with progress_bar("watching sites") as progress:
        courses = booked_courses(losses, progress=progress)
    occurrence, calendar = courses
    found = diversification(losses, labs, level=level, price=worth, needed_share=needed,
                            copies=copies, courses=(occurrence, calendar))
    several = found.labs.loc[found.labs["sites"] > 1, "lab"]
    frames = [needed_share_figures(losses, lab, courses=(occurrence, calendar)) for lab in several]
    shares = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if target is not None:
        from riskmodel.report.diversify_page import write_diversification

        with whole_folder(target) as fresh:
            for name, frame in zip(TABLES, (found.table, found.placed, found.labs, shares),
                                   strict=True):
                frame.to_parquet(fresh / name, index=False)
            write_diversification(found, shares, losses, fresh / REPORT)
            write_manifest(fresh, {"kind": "diversify", **losses.manifest})
    if as_json:
        print_json(_document(found, shares, target))
        return
    _show(found)
    if target is not None:
        say(f"report: {target / REPORT}")


def as_price_given(price: str | None, world: World) -> Any:
    """Return the price a user wrote: a number of USD per MW-day, or the name of an anchor."""
    from riskmodel.decisions.price.file import as_price

    try:
        return as_price(float(price), world=world) if price is not None else as_price(
            None, world=world)
    except ValueError:
        return as_price(price, world=world)


def _document(found: Diversification, shares: pd.DataFrame, target: Path | None) -> dict[str, Any]:
    from riskmodel.decisions.diversification.text import quote

    return {"ok": True, "years": found.n_years, "seed": found.seed, "level": found.level,
            "price": str(found.price), "out": None if target is None else str(target),
            "labs": records(found.labs), "table": records(found.table),
            "arrangements": records(found.placed), "needed_share": records(shares),
            "quotes": {lab: quote(found, lab) for lab in found.labs["lab"]}}


def _show(found: Diversification) -> None:
    from riskmodel.decisions.diversification.text import quote, shown_table

    table = shown_table(found).sort_values("capacity_mw", ascending=False)
    rows = []
    for row in records(table):
        alone = row["sites"] == 1
        rows.append({
            "lab": row["lab"], "MW": number(row["capacity_mw"]), "sites": str(row["sites"]),
            "firm MW": "-" if alone else _bracket(row),
            "AAL avoided": "-" if alone else _both(row, "aal"),
            "TVaR avoided": "-" if alone else _both(row, "tvar"),
            "EUE avoided": "-" if alone else _both(row, "eue"),
            f"million {found.price.currency}/yr": "-" if alone else _both(row, "money", 1e6),
            "on low records": "-" if row["low_confidence_share"] is None
            else f"{row['low_confidence_share']:.0%}"})
    print_table(pd.DataFrame(rows), f"What the spread is worth, {found.n_years:,} years, seed "
                f"{found.seed}",
                right=["MW", "sites", "firm MW", "AAL avoided", "TVaR avoided", "EUE avoided",
                       f"million {found.price.currency}/yr", "on low records"],
                caption="as it is, against everything at the lab's largest site; MW-days, ± one "
                        "paired standard error; positive is better")
    for lab in found.labs.loc[found.labs["sites"] > 1, "lab"]:
        say(quote(found, lab))


def _bracket(row: dict[str, Any]) -> str:
    if row["efc"] is None:
        return "never short"
    if row["efc_note"]:
        return f">= {number(row['efc'])}"
    return f"{number(row['efc'])} ({number(row['efc_low'])} to {number(row['efc_high'])})"


def _both(row: dict[str, Any], name: str, scale: float = 1.0) -> str:
    return with_error(row[name] / scale, row[f"{name}_se"] / scale)
