"""``riskmodel levers``: what domestic siting, ownership or custom silicon changes for a lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_labs, read_checked, ready_engine

SILICON = "silicon"


def levers(folder: Path | None, *, lab: str, lever: str, as_of: str | None,
           strengths: list[float], country: str, sites: list[str] | None, to: str | None,
           years: int, seed: int, worlds: int, perils: list[str] | None, level: float,
           out: Path | None, as_json: bool) -> None:
    """Print what changes by strength, and leave the table if asked."""
    check_table_file(out)
    if to is not None and lever != SILICON:
        raise WrongUsage("--to names a chip family and goes with --lever silicon; name sites with "
                         "--sites")
    if lab == "total":
        raise WrongUsage("a lever is pulled for one lab; name it with --lab")
    world, _ = read_checked(folder, as_of)
    check_labs(world, [lab])
    if lever == SILICON:
        from riskmodel.compute.supply_dependence import custom_silicon

        with wrong_usage():
            frame = custom_silicon(world, lab, to=to, strengths=strengths)
    else:
        from riskmodel.decisions.levers.table import lever_table
        from riskmodel.perils.registry import load_perils

        with wrong_usage():
            load_perils(world, perils)
        ready_engine()
        with wrong_usage(), progress_bar("simulating") as progress:
            frame = lever_table(world, lab, lever, strengths=strengths, years=years, seed=seed,
                                level=level, country=country, sites=sites, worlds=worlds,
                                perils=perils, progress=progress)
    write_table_file(frame, out)
    if as_json:
        print_json({"ok": True, "lab": lab, "lever": lever, "as_of": world.as_of,
                    "out": None if out is None else str(out), "levers": records(frame)})
        return
    if lever == SILICON:
        _show_silicon(frame, lab)
    else:
        _show(frame, lab, lever, country, years)
    if out is not None:
        say(f"table: {out}")


_SAID = {
    "siting": "a share of what the lab holds outside {country}, moved inside it",
    "ownership": "a share of what the lab leases or rents, run as its own: fewer parties, and one "
                 "larger common cause"}


def _show(frame: pd.DataFrame, lab: str, lever: str, country: str, years: int) -> None:
    from riskmodel.report.numbers import estimate, number, percent

    rows = []
    for strength, part in frame.groupby("strength", sort=False):
        of = {row["measure"]: row for row in records(part)}
        rows.append({
            "moved": percent(float(str(strength))), "MW": number(of["aal"]["changed_mw"]),
            "AAL": number(of["aal"]["value"]), "change": _change(of["aal"], estimate),
            "verdict": of["aal"]["verdict"], "tail": number(of["tvar"]["value"]),
            "change of tail": _change(of["tvar"], estimate), "": of["tvar"]["verdict"],
            "operators": number(of["effective_operator"]["value"]),
            "clouds": number(of["effective_cloud"]["value"]),
            "grids": number(of["effective_grid_region"]["value"])})
    print_table(pd.DataFrame(rows), f"{lab}: {lever} in {years:,} years",
                right=["moved", "MW", "AAL", "change", "tail", "change of tail", "operators",
                       "clouds", "grids"],
                caption=f"moved: {_SAID[lever].format(country=country)}. MW-days, ± one standard "
                        "error of the paired difference; effective numbers of operators, clouds "
                        "and grid regions")


def _change(row: dict[str, Any], estimate: Any) -> str:
    return "0" if not row["difference"] else str(estimate(row["difference"], row["se"]))


def _show_silicon(frame: pd.DataFrame, lab: str) -> None:
    from riskmodel.report.numbers import number, percent

    rows = []
    for (layer, strength), part in frame.groupby(["layer", "strength"], sort=False):
        told = {"layer": str(layer), "moved": percent(float(str(strength)))}
        for row in records(part):
            if row["role"] == "h100e":
                told["H100e"] = number(row["value"])
            else:
                low, high = row["low"], row["high"]
                bounds = f" ({percent(low)} to {percent(high)})" if high - low > 5e-4 else ""
                told[row["supplier"]] = f"{percent(row['value'])}{bounds}"
        rows.append(told)
    if not rows:
        say(f"{lab} has no capacity in these layers")
        return
    print_table(pd.DataFrame(rows), f"{lab}: NVIDIA's chips replaced by {frame['to'].iat[0]}",
                right=[*rows[0]][1:],
                caption="shares of the layer's MW; bounds where the record leaves it open")
