"""``riskmodel diversify spread``: how far each lab is from the best spread of its MW."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import number, print_json, print_table, progress_bar, records, say
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_labs, read_checked, simulated

if TYPE_CHECKING:
    from riskmodel.decisions.allocation.spread_frontier import SpreadFrontier

#: sites to split over, as the table calls them
CALLED = {"own": "own sites", "running": "all that run"}


def spread(folder: Path | None, *, as_of: str | None, labs: list[str] | None, years: int,
           seed: int, perils: list[str] | None, level: float, out: Path | None,
           as_json: bool) -> None:
    """Print how far labs are from the best spread of their MW, among own and among all sites."""
    check_table_file(out)
    world, _ = read_checked(folder, as_of)
    check_labs(world, labs)
    from riskmodel.decisions.allocation.spread_frontier import AMONG, spread_frontier
    from riskmodel.engine.losses.courses import site_courses

    losses = simulated(world, years, seed, perils)
    if labs is None:
        held = dict(zip(losses.labs, losses.capacity_mw, strict=True))
        labs = sorted((lab for lab in held if held[lab] > 0 and lab != "unknown"),
                      key=lambda lab: -held[lab])
    with progress_bar("watching sites") as progress:
        courses = site_courses(losses, losses.booking, progress=progress)
    found = [spread_frontier(losses, lab, among, level=level, courses=courses)
             for lab in labs for among in AMONG]
    table = (pd.concat([each.table for each in found], ignore_index=True) if found
             else pd.DataFrame())
    write_table_file(table, out)
    if as_json:
        splits = [each.splits.assign(lab=each.lab, among=each.among) for each in found]
        print_json({"ok": True, "years": years, "seed": seed, "level": level, "out": out,
                    "table": records(table),
                    "splits": records(pd.concat(splits, ignore_index=True)) if splits else []})
        return
    if not found:
        say("no lab with a name holds anything on this day: there is nothing to split")
        return
    print_table(pd.DataFrame([_line(each) for each in found]),
                f"Distance from the best spread, {years:,} years, seed {seed}",
                right=["MW", "AAL", "AAL, more", "tail mean", "tail mean, more"],
                caption=f"MW-days, ± one standard error; tail: worst {100 * (1 - level):.3g} % of "
                        f"years; more: than the split of the least tail, fitted on "
                        f"{found[0].n_fitted:,} years and read on {found[0].n_fresh:,} others; "
                        "room, power and cost are not asked")
    if out is not None:
        say(f"table: {out}")


def _line(found: SpreadFrontier) -> dict[str, Any]:
    return {"lab": found.lab, "MW": number(found.mw), "among": CALLED[found.among],
            "AAL": _both(*found.of("as_is", "aal")),
            "AAL, more": _both(*found.of("difference", "aal")),
            "tail mean": _both(*found.of("as_is", "tvar")),
            "tail mean, more": _both(*found.of("difference", "tvar"))}


def _both(value: float, se: float) -> str:
    return f"{number(value)} ± {number(se, 2)}"
