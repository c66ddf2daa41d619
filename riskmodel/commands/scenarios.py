"""``riskmodel scenarios`` and ``riskmodel stress``: stories, and what each costs each lab."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    records,
    say,
    waiting,
    wrong_usage,
)
from riskmodel.commands.looks import print_lines
from riskmodel.commands.outputs import REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.worlds import read_checked
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.decisions.suite import Played, Suite
    from riskmodel.perils.scenarios import Scenario
    from riskmodel.world.world import World

TABLE = "stress.parquet"
_WORST = 2  # labs named in a line of the console's table


def list_scenarios(folder: Path | None, *, as_json: bool) -> None:
    """List the scenarios that ship, and those of a world's folder."""
    import pandas as pd

    from riskmodel.perils.scenarios import scenarios

    found = scenarios(None if folder is None else read_checked(folder, None)[0])
    if as_json:
        print_json({"ok": True, "scenarios": records(found)})
        return
    print_table(pd.DataFrame({"scenario": found["scenario"], "name": found["name"],
                              "world of": found["world_as_of"].replace("", "its own date"),
                              "confidence": found["confidence"]}), "Scenarios",
                caption="riskmodel scenarios show SCENARIO tells one; riskmodel stress SCENARIO "
                        "says what it costs")


def show_scenario(name: str, folder: Path | None, *, as_json: bool) -> None:
    """Show one scenario: its story, its events, what it leaves out, its sources."""
    from riskmodel.perils.scenario_text import describe_scenario

    scenario = _load(name, None if folder is None else read_checked(folder, None)[0])
    if as_json:
        print_json({"ok": True, "scenario": scenario.scenario_id, "name": scenario.name,
                    "story": scenario.story, "as_of": scenario.as_of,
                    "world_as_of": scenario.world_as_of, "begins": scenario.begins,
                    "confidence": scenario.confidence,
                    "does_not_cover": scenario.does_not_cover, "sources": scenario.sources,
                    "events": list(scenario.told)})
        return
    print_lines([describe_scenario(scenario).rstrip()])


def stress(names: list[str], *, everything: bool, folder: Path | None, as_of: str | None,
           out: Path | None, sites: bool, as_json: bool) -> None:
    """Play scenarios; print what each costs, and leave a page and a table if asked."""
    from riskmodel.decisions.suite import stress_suite
    from riskmodel.engine.runner import warm_up
    from riskmodel.perils.scenarios import scenario_files

    if not names and not everything:
        raise WrongUsage("name a scenario or a file, or write --all; `riskmodel scenarios` lists "
                         "them")
    with wrong_usage():
        target = None if out is None else check_target(out)
    fixed = read_checked(folder, as_of)[0] if folder is not None or as_of is not None else None
    told = [_load(name, fixed) for name in dict.fromkeys(names)]
    asked = {each.scenario_id for each in told}
    if everything:
        told = [_load(name, fixed) for name in scenario_files(fixed) if name not in asked] + told

    def on(day: dt.date | None) -> World:
        return read_checked(None, day.isoformat() if day else None)[0]

    with waiting("preparing the engine (compiled at its first start, about half a minute)"):
        warm_up()
    suite = stress_suite(fixed or on, told, leave_out=everything)
    for name, why in suite.left_out.items():
        if name in asked:
            raise RiskModelError(why)
    if target is not None:
        from riskmodel.report.suite_page import write_suite

        with whole_folder(target) as fresh:
            suite.table.to_parquet(fresh / TABLE, index=False)
            write_suite(suite, fresh / REPORT, sites=sites)
            write_manifest(fresh, _facts(suite))
    if as_json:
        print_json({"ok": True, "out": None if target is None else str(target),
                    "scenarios": [_record(played) for played in suite.played],
                    "left_out": suite.left_out})
        return
    _show(suite)
    if target is not None:
        say(f"report: {target / REPORT}")


def _load(name: str, world: World | None) -> Scenario:
    """Load a scenario; an id or a path that is not there is wrong usage, a faulty file is not."""
    from riskmodel.perils.scenarios import load_scenario, scenario_files

    if name in scenario_files(world) or Path(name).expanduser().is_file():
        return load_scenario(name, world=world)
    with wrong_usage():
        return load_scenario(name, world=world)


def _facts(suite: Suite) -> dict[str, Any]:
    from riskmodel._version import __version__

    return {"kind": "stress", "riskmodel": __version__,
            "scenarios": [{"scenario": each.scenario.scenario_id, "world": {
                "as_of": each.world.as_of, "fingerprint": each.world.fingerprint},
                "finds_nothing": each.finds_nothing,
                "recovery_cap_days": each.losses.manifest["recovery_cap_days"]}
                for each in suite.played],
            "left_out": suite.left_out}


def _record(played: Played) -> dict[str, Any]:
    scenario = played.scenario
    return {"scenario": scenario.scenario_id, "name": scenario.name,
            "world_as_of": played.world.as_of, "confidence": scenario.confidence,
            "lost_mw_days": played.total_lost, "finds_nothing": played.finds_nothing,
            "does_not_cover": scenario.does_not_cover,
            "labs": records(played.table.drop(columns=["scenario", "world_as_of"]))}


def _show(suite: Suite) -> None:
    import pandas as pd

    rows = []
    for played in suite.ranked:
        labs = played.table[played.table["lab"] != "total"]
        total = played.table[played.table["lab"] == "total"].iloc[0]
        worst = labs[labs["lost_mw_days"] > 0].nlargest(_WORST, "lost_mw_days")
        rows.append({
            "scenario": played.scenario.scenario_id, "world of": str(played.world.as_of or "-"),
            "lost MW-days": number(total["lost_mw_days"]),
            "peak, MW": number(total["lost_mw_peak"]),
            "50 % back, h": hours(total["hours_to_50pct_back"]),
            "90 % back, h": hours(total["hours_to_90pct_back"]),
            "hit hardest, MW-days": ", ".join(
                f"{lab} {number(lost)}" for lab, lost in
                zip(worst["lab"], worst["lost_mw_days"], strict=True)) or "nobody"})
    if rows:
        print_table(pd.DataFrame(rows), "What each scenario costs",
                    right=["lost MW-days", "peak, MW", "50 % back, h", "90 % back, h"],
                    caption="peak: the most missing at once; hours count from then; never: not "
                            "while the model counts")
    for played in suite.played:
        for line in played.finds_nothing:
            say(f"note: {played.scenario.scenario_id}: {line}")
    for name, why in suite.left_out.items():
        say(f"left out: {name}: {why}")


def hours(value: float) -> str:
    """Return hours as text; what never comes back says so."""
    return "never" if math.isinf(value) else number(value)
