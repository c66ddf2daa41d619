"""``riskmodel diversify next``: what one more MW is worth in every grid region."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.diversify import as_price_given
from riskmodel.commands.outputs import REPORT, whole_folder, write_manifest
from riskmodel.commands.tables import table_or_folder, write_table_file
from riskmodel.commands.worlds import check_lab, check_worlds, read_checked, ready_engine

if TYPE_CHECKING:
    from riskmodel.world.world import World

TABLE = "next_mw.parquet"


def next_mw(folder: Path | None, *, as_of: str | None, lab: str | None, mw: float, level: float,
            by: str, regions: list[str] | None, years: int, seed: int, worlds: int,
            perils: list[str] | None, price: str | None, needed: float | None, operator: str,
            out: Path | None, as_json: bool) -> None:
    """Rank the grid regions; print the ranking, and leave a page or a table if asked."""
    file, target = table_or_folder(out)
    world, _ = read_checked(folder, as_of)
    check_lab(world, lab)
    from riskmodel.decisions.next_mw.candidates import grid_regions
    from riskmodel.decisions.next_mw.marginal import next_mw as work
    from riskmodel.perils.registry import load_perils

    if by == "credit" and lab is None:
        raise WrongUsage("a capacity credit is a lab's: name it with --lab, or rank by something "
                         "else")
    with wrong_usage():
        worth = as_price_given(price, world)
        load_perils(world, perils)
        known = grid_regions(world)
        for name in regions or []:
            if name not in known:
                raise WrongUsage(f"there is no grid region {name!r} in this world; there are "
                                 f"{', '.join(known)}")
        check_worlds(worlds, years)
    ready_engine()
    with progress_bar("simulating") as progress:
        frame = work(world, lab, mw, level, needed_share=needed, price=worth, by=by, years=years,
                     seed=seed, worlds=worlds, regions=regions, perils=perils, operator=operator,
                     progress=progress)
    write_table_file(frame, file)
    if target is not None:
        from riskmodel._version import __version__
        from riskmodel.report.next_mw import write_next_mw

        with whole_folder(target) as fresh:
            frame.to_parquet(fresh / TABLE, index=False)
            write_next_mw(frame, world, fresh / REPORT, seed=seed)
            write_manifest(fresh, {
                "kind": "next", "riskmodel": __version__, "lab": lab, "mw": mw, "level": level,
                "by": by, "years": years, "seed": seed, "worlds": worlds, "price": str(worth),
                "needed_share": needed, "operator": operator, "perils": perils,
                "world": {"as_of": world.as_of, "fingerprint": world.fingerprint}})
    if as_json:
        from riskmodel.decisions.next_mw.text import lead_words

        print_json({"ok": True, "lab": lab, "by": by, "years": years, "seed": seed,
                    "worlds": worlds, "price": str(worth), "text": lead_words(frame, lab=lab or ""),
                    "out": None if out is None else str(out), "regions": records(frame)})
        return
    _show(frame, world, lab)
    if out is not None:
        say(f"report: {out / REPORT}" if file is None else f"table: {file}")


def _show(frame: pd.DataFrame, world: World, lab: str | None) -> None:
    from riskmodel.decisions.next_mw.text import MEASURES, lead_words

    by = str(frame["by"].iat[0])
    rows: list[dict[str, str]] = []
    money = f"cost, 1,000 {frame['currency'].iat[0]}/yr"
    for row in records(frame[frame["rank"].notna()]):
        told = {"rank": _ranks(row), "region": row["region"],
                "in": row["country_iso2"] or "", "AAL": _both(row, "aal"),
                "tail": _both(row, "tail")}
        if lab is not None:
            told["credit"] = _both(row, "credit")
        told[money] = _both(row, "cost", 1e-3)
        if lab is not None:
            told[f"tail of {row['mw']:g} MW"] = _both(row, "block_tail")
        told["tied"] = "yes" if row["tied_with_best"] else ""
        rows.append(told)
    if rows:
        n = int(frame["n"].max())
        print_table(pd.DataFrame(rows), f"One more MW for {lab or 'itself alone'}, by "
                    f"{MEASURES[by].name}, {n:,} years", right=[*rows[0]][3:-1],
                    caption="rank: those a region may have; tied: with the best; MW-days for each "
                            "MW, ± one standard error; "
                            "all pairs compared under common draws, with a 5 % chance of one wrong "
                            "verdict")
    say(lead_words(frame, lab=lab or ""))
    for row in records(frame[frame["left_out"] != ""]):
        say(f"note: no candidate in {row['region']}: {row['left_out']}")


def _ranks(row: dict[str, Any]) -> str:
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return f"{low}" if low == high else f"{low}-{high}"


def _both(row: dict[str, Any], name: str, scale: float = 1.0) -> str:
    from riskmodel.report.numbers import NOTHING, estimate

    value, se = row[name], row[f"{name}_se"]
    return NOTHING if value is None else estimate(value * scale, (se or 0.0) * scale)
