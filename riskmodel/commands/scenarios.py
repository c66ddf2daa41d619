"""``riskmodel scenarios``: which stories there are, and what each tells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import print_json, print_table, records, wrong_usage
from riskmodel.commands.looks import print_lines
from riskmodel.commands.worlds import read_checked

if TYPE_CHECKING:
    from riskmodel.perils.scenarios import Scenario
    from riskmodel.world.world import World


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

    scenario = load(name, None if folder is None else read_checked(folder, None)[0])
    if as_json:
        print_json({"ok": True, "scenario": scenario.scenario_id, "name": scenario.name,
                    "story": scenario.story, "as_of": scenario.as_of,
                    "world_as_of": scenario.world_as_of, "begins": scenario.begins,
                    "confidence": scenario.confidence,
                    "does_not_cover": scenario.does_not_cover, "sources": scenario.sources,
                    "events": list(scenario.told)})
        return
    print_lines([describe_scenario(scenario).rstrip()])


def load(name: str, world: World | None) -> Scenario:
    """Load a scenario; an id or a path that is not there is wrong usage, a faulty file is not."""
    from riskmodel.perils.scenarios import load_scenario, scenario_files

    if name in scenario_files(world) or Path(name).expanduser().is_file():
        return load_scenario(name, world=world)
    with wrong_usage():
        return load_scenario(name, world=world)
