"""``riskmodel buildout``: what each lab has to 2030, and what shocks leave of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    print_json,
    print_table,
    records,
    say,
    waiting,
    wrong_usage,
)
from riskmodel.commands.outputs import REPORT, whole_folder, write_manifest
from riskmodel.commands.tables import table_or_folder, write_table_file
from riskmodel.commands.worlds import check_labs, read_checked
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.compute.campaign_damage import Campaign

#: labs on the terminal where none is named
MOST_SHOWN = 6
#: name of a table -> its file in an output folder
TABLES = {"layers": "build_out.parquet", "fan": "build_out_fan.parquet",
          "causes": "build_out_causes.parquet", "suppliers": "suppliers.parquet"}


def buildout(folder: Path | None, *, labs: list[str] | None, until: str, every: str, draws: int,
             seed: int, worlds: int, causes: list[str] | None, campaign: str | None, slips: bool,
             out: Path | None, as_json: bool) -> None:
    """Print layers and fan, and leave a page or a table if asked."""
    file, target = table_or_folder(out)
    world, _ = read_checked(folder, None)
    from riskmodel.compute.buildout import build_out
    from riskmodel.compute.buildout_draws import draw_build_out
    from riskmodel.compute.buildout_fan import build_out_causes, build_out_fan
    from riskmodel.compute.late_openings import CAUSES
    from riskmodel.compute.supply_dependence import supply_dependence
    from riskmodel.report.buildout import largest, write_build_out

    check_labs(world, labs)
    with wrong_usage(), waiting("drawing the build-out"):
        layers = build_out(world, labs, until, every=every)
        shown = labs or largest(layers, most=len(world.labs))
        if not shown:
            raise RiskModelError("no lab of this world is known to hold or plan anything")
        drawn = draw_build_out(world, shown, until, every=every, draws=draws, seed=seed,
                               worlds=worlds, causes=causes or list(CAUSES),
                               campaign=as_campaign(campaign), slips=slips)
        tables = {"layers": layers, "fan": build_out_fan(world, drawn=drawn),
                  "causes": build_out_causes(world, drawn=drawn),
                  "suppliers": supply_dependence(world, shown)}
    if file is not None:
        write_table_file(pd.concat([table.assign(part=part) for part, table in tables.items()],
                                   ignore_index=True), file)
    if target is not None:
        from riskmodel._version import __version__

        with whole_folder(target) as fresh:
            for part, table in tables.items():
                table.to_parquet(fresh / TABLES[part], index=False)
            write_build_out(world, layers, drawn, tables["suppliers"], fresh / REPORT)
            write_manifest(fresh, {
                "kind": "buildout", "riskmodel": __version__, "labs": shown, "until": until,
                "every": every, "draws": draws, "seed": seed, "worlds": worlds,
                "causes": list(drawn.causes), "campaign": campaign, "slips": slips,
                "world": {"as_of": world.as_of, "fingerprint": world.fingerprint}})
    if as_json:
        print_json({"ok": True, "labs": shown, "until": until, "draws": draws, "seed": seed,
                    "worlds": worlds, "causes": list(drawn.causes), "campaign": campaign,
                    "slips": slips, "out": None if out is None else str(out),
                    **{part: records(table) for part, table in tables.items()}})
        return
    said = shown if labs else shown[:MOST_SHOWN]
    _show({part: table[table["lab"].isin(said)] for part, table in tables.items()}, said, drawn.n)
    if len(said) < len(shown):
        say(f"note: {len(shown) - len(said)} smaller labs are in the tables (--json, -o), or name "
            "them with --lab")
    if out is not None:
        say(f"report: {out / REPORT}" if file is None else f"table: {file}")


def as_campaign(text: str | None) -> Campaign | None:
    """Return a campaign written as THEATRE@DATE or THEATRE@DATE:KIND."""
    if text is None:
        return None
    from riskmodel.compute.campaign_damage import Campaign

    theatre, at, rest = text.partition("@")
    day, _, kind = rest.partition(":")
    if not (theatre and at and day):
        raise WrongUsage(f"--campaign is {text!r}; write it as gulf@2027-07-01, or "
                         "gulf@2027-07-01:long_war")
    return Campaign(theatre, day, kind) if kind else Campaign(theatre, day)


def _show(tables: dict[str, pd.DataFrame], labs: list[str], n: int) -> None:
    from riskmodel.compute.buildout import ALL_LAYERS
    from riskmodel.report.numbers import estimate, number, percent

    layers = tables["layers"]
    counted = layers[layers["counted"].astype(bool)]
    ends = (counted["date"].min(), counted["date"].max())
    found = {(row["lab"], row["date"], row["layer"]): row for row in records(counted)}
    shown = pd.DataFrame([{
        "lab": lab, "day": day,
        **{layer.replace("_", " "): number(round(found[lab, day, layer]["it_mw"]))
           for layer in ALL_LAYERS},
        "together": number(round(found[lab, day, ALL_LAYERS[-1]]["cumulative_mw"]))}
        for lab in labs for day in dict.fromkeys(ends)])
    print_table(shown, "Layers, MW of IT power", right=[*shown][2:],
                caption="energised on the day of the record; scheduled: dated by it; the rest is "
                        "promised, or only allowed, by agreements beyond both")
    fan = tables["fan"]
    fan = fan[(fan["unit"] == "MW") & (fan["date"].str.endswith("12-31"))]
    at = {(row["lab"], row["date"], row["case"], row["level"]): row["value"]
          for row in records(fan)}
    rows = []
    for lab, day in dict.fromkeys((lab, day) for lab, day, *_ in at):
        told = {"lab": lab, "day": day, "planned": number(at[lab, day, "plan", 0.5])}
        for case in ("without shocks", "with shocks"):
            told[case] = number(at[lab, day, case, 0.5])
            told[f"5 % {case}"] = number(at[lab, day, case, 0.05])
        rows.append(told)
    if rows:
        print_table(pd.DataFrame(rows), f"Energised MW in {n:,} draws: median, and the level that "
                    "one in twenty falls below", right=[*rows[0]][2:],
                    caption="without shocks: with ordinary slips of dates alone")
    causes = tables["causes"]
    last = causes[(causes["cause"] == "all shocks") & causes["date"].str.endswith("12-31")]
    if len(last):
        worst = last.loc[last.groupby("lab")["value"].idxmax()]
        print_table(pd.DataFrame([{
            "lab": row["lab"], "day": row["date"], "chance": percent(row["probability"]),
            "missing MW": estimate(row["value"], row["se"]),
            "missing where anything is": estimate(row["given"], row["given_se"])}
            for row in records(worst)]), "What shocks take on their worst year's end",
            right=["chance", "missing MW", "missing where anything is"],
            caption="beyond ordinary slips, mean ± one standard error")
