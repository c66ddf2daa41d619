"""``riskmodel diversify allocate``: where a lab's next MW would do least harm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.looks import print_lines
from riskmodel.commands.outputs import REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.worlds import check_worlds, read_checked, ready_engine

if TYPE_CHECKING:
    from riskmodel.decisions.allocation.allocation import Allocation
    from riskmodel.decisions.allocation.frontier import Frontier


def allocate(folder: Path | None, *, as_of: str | None, lab: str, mw: float,
             candidates: list[str], level: float, alone: bool, years: int, seed: int, worlds: int,
             perils: list[str] | None, cap: list[str], max_share: list[str],
             min_domestic: list[str], shares_of: str, hub: str | None, max_km: float | None,
             mean_km: float | None, cost: list[str], budget: float | None, along: str | None,
             fresh: bool, replicates: int, sites: bool, out: Path | None, as_json: bool) -> None:
    """Split MW over candidate sites; print the split and its reasons, leave a page if asked."""
    with wrong_usage():
        target = None if out is None else check_target(out)
    turned = None if along is None else _along(along)
    conditions: dict[str, Any] = {
        "caps": _caps(cap), "max_share": _shares(max_share), "shares_of": shares_of,
        "min_domestic": _pairs(min_domestic, "--min-domestic", "US=.5"),
        "hub": _hub(hub), "max_km": max_km, "mean_km": mean_km,
        "cost": _pairs(cost, "--cost", "ERCOT=9.5e6") or None, "budget": budget}
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.allocation.allocation import allocate as work
    from riskmodel.decisions.allocation.frontier import frontier
    from riskmodel.decisions.allocation.places import REGIONS, places_of
    from riskmodel.decisions.allocation.years import check_asked
    from riskmodel.perils.registry import load_perils

    asked = candidates[0] if candidates == [REGIONS] else candidates or None
    with wrong_usage():
        places_of(world, asked)
        check_asked(world, lab, level, years)
        load_perils(world, perils)
        check_worlds(worlds, years)
    ready_engine()
    with progress_bar("simulating") as progress:
        found = work(world, lab, mw, asked, level, existing=not alone, years=years, seed=seed,
                     worlds=worlds, perils=perils, fresh=fresh, replicates=replicates,
                     progress=progress, **conditions)
    curve = None if turned is None else frontier(found, turned[0], of=turned[1])
    if target is not None:
        _write(found, curve, target, sites=sites)
    if as_json:
        print_json(_document(found, curve, target))
        return
    _show(found, curve)
    if target is not None:
        say(f"report: {target / REPORT}")


def _pairs(texts: list[str], option: str, example: str) -> dict[str, float]:
    """Return NAME=NUMBER options as a mapping."""
    found: dict[str, float] = {}
    for text in texts:
        name, sign, value = text.rpartition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign or not name.strip():
            raise WrongUsage(f"{option} {text!r} is not understood; write {option} {example}")
    return found


def _caps(texts: list[str]) -> float | Mapping[str, float] | None:
    """Return caps: one number for all, or SITE=MW."""
    if len(texts) == 1 and "=" not in texts[0]:
        try:
            return float(texts[0])
        except ValueError:
            pass
    return _pairs(texts, "--cap", "SITE=300, or --cap 300 for every candidate") or None


def _shares(texts: list[str]) -> dict[str, float | dict[str, float]]:
    """Return DIMENSION=SHARE and DIMENSION:GROUP=SHARE as ``max_share`` takes them."""
    found: dict[str, Any] = {}
    for name, share in _pairs(texts, "--max-share", "grid_region=.4 or "
                              "grid_region:ERCOT=.4").items():
        dimension, _, group = name.partition(":")
        if isinstance(found.get(dimension, {}), float) or (not group and dimension in found):
            raise WrongUsage(f"--max-share names {dimension} both whole and by group, or twice; "
                             "name each group once")
        if group:
            found.setdefault(dimension, {})[group] = share
        else:
            found[dimension] = share
    return found


def _hub(text: str | None) -> str | tuple[float, float] | None:
    """Return a site_id, or LAT,LON as two numbers."""
    parts = (text or "").split(",")
    if len(parts) != 2:
        return text
    try:
        return float(parts[0]), float(parts[1])
    except ValueError:
        return text


def _along(text: str) -> tuple[str, str]:
    """Return what ``--frontier`` turns: budget, min_domestic:US or max_share:grid_region."""
    from riskmodel.decisions.allocation.frontier import ALONG

    along, _, of = text.partition(":")
    if along not in ALONG or (of == "") != (along == "budget"):
        raise WrongUsage(f"--frontier {text!r} is not understood; write budget, min_domestic:US or "
                         "max_share:grid_region")
    return along, of


def _write(found: Allocation, curve: Frontier | None, target: Path, *, sites: bool) -> None:
    from riskmodel._version import __version__
    from riskmodel.report.allocation import write_allocation

    with whole_folder(target) as fresh:
        found.table.to_parquet(fresh / "allocation.parquet", index=False)
        found.rows.to_parquet(fresh / "allocation_rows.parquet", index=False)
        found.summary.to_parquet(fresh / "allocation_splits.parquet", index=False)
        if curve is not None:
            curve.table.to_parquet(fresh / "frontier.parquet", index=False)
        write_allocation(found, fresh / REPORT, curve, sites=sites)
        write_manifest(fresh, {
            "kind": "allocate", "riskmodel": __version__, "lab": found.lab, "mw": found.mw,
            "level": found.level, "existing": found.existing, "candidates": found.candidates,
            "years": found.years.n_years, "seed": found.years.seed,
            "frontier": None if curve is None else {"along": curve.along, "what": curve.what},
            "fresh_seed": None if found.fresh is None else found.fresh.seed,
            "worlds": found.years.worlds,
            "world": {"as_of": found.world.as_of, "fingerprint": found.world.fingerprint}})


def _document(found: Allocation, curve: Frontier | None, target: Path | None) -> dict[str, Any]:
    return {"ok": True, "lab": found.lab, "mw": found.mw, "level": found.level,
            "existing": found.existing, "held_mw": found.years.held_mw,
            "years": found.years.n_years, "seed": found.years.seed,
            "tvar": found.split.cvar, "var": found.split.var, "aal": found.split.aal,
            "bound": found.split.bound, "gap": found.split.gap,
            "mw_price": found.split.mw_price, "unit": found.objective_unit,
            "optimism": {"value": found.optimism.value, "se": found.optimism.se,
                         "clear": found.optimism.clear},
            "candidates": records(found.table), "rows": records(found.rows),
            "splits": records(found.summary), "notes": list(found.notes),
            "frontier": None if curve is None else {
                "along": curve.along, "what": curve.what, "table": records(curve.table),
                "left_out": {f"{limit:g}": why for limit, why in curve.left_out.items()}},
            "text": found.to_text(), "out": None if target is None else str(target)}


def _show(found: Allocation, curve: Frontier | None) -> None:
    used = found.table[found.table["mw"] > 0].sort_values("mw", ascending=False)
    print_table(pd.DataFrame([{
        "candidate": row["candidate"], "region": row["region"], "MW": number(row["mw"]),
        "when years are drawn again": "-" if row["mw_low"] != row["mw_low"] else
        f"{number(row['mw_low'])} to {number(row['mw_high'])}",
        "share": f"{100 * row['share']:.1f} %"} for row in records(used)]),
        f"{found.mw:,.6g} MW for {found.lab}", right=["MW", "share"],
        caption=f"{len(found.table) - len(used)} candidates get nothing")
    text = found.to_text().splitlines()
    print_lines([line for line in text[1:] if not line.startswith("  ")])
    if curve is not None:
        _show_frontier(curve)


def _show_frontier(curve: Frontier) -> None:
    lines = records(curve.table[curve.table["measure"] == "tvar"])
    fresh = {row["limit"]: row for row in lines if row["sample"] == "fresh"}
    rows = []
    for row in (line for line in lines if line["sample"] == "fitted"):
        seen = fresh.get(row["limit"])
        rows.append({
            curve.what: number(row["limit"], 4), "least tail": number(row["value"]),
            "drawn again": f"{number(row['low'])} to {number(row['high'])}",
            "on fresh years": "-" if seen is None else
            with_error(seen["value"], seen["se"])})
    print_table(pd.DataFrame(rows), "Frontier", right=[curve.what, "least tail"],
                caption=f"tail mean at {curve.level:g}, MW-days")
    for limit in curve.left_out:
        say(f"left out: no split keeps {limit:g}")
