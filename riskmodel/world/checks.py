"""Named checks of a world: each has a level, a message and a mend; all are reported together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskmodel.errors import Problem, RiskModelError
from riskmodel.world import checks_exposure, checks_places, checks_requirements, checks_tables
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from riskmodel.world.world import World

LEVELS = ("raise", "warn", "ignore")


@dataclass(frozen=True)
class Check:
    """A check: its name, its level and what it looks for. A fixed one cannot be lowered."""

    name: str
    level: str
    meaning: str
    fixed: bool = False


CHECKS: dict[str, Check] = {check.name: check for check in (
    # reading: without these there is no table to speak of
    Check("missing_file", "raise", "a required file is not there or cannot be read", True),
    Check("empty_file", "raise", "a file without even a header", True),
    Check("not_utf8", "raise", "bytes that are not UTF-8", True),
    Check("not_csv", "raise", "a file that is not comma-separated", True),
    Check("not_toml", "raise", "a TOML file with a syntax error", True),
    Check("uneven_rows", "raise", "rows with more or fewer cells than the header", True),
    Check("duplicate_columns", "raise", "a column named twice", True),
    Check("missing_column", "raise", "a required column is absent", True),
    Check("wrong_type", "raise", "a cell that is not of its column's kind", True),
    Check("empty_cells", "raise", "an empty cell in a required column", True),
    Check("unknown_column", "raise", "a column no table knows (in memory: warn)"),
    Check("registered_files", "warn", "a file that is not the one the registry lists"),
    # values of single cells and keys
    Check("no_rows", "raise", "a world without a site", True),
    Check("duplicate_keys", "raise", "two rows with the same key", True),
    Check("foreign_keys", "raise", "a reference to something that is not there", True),
    Check("bounds", "raise", "a number outside its bounds", True),
    Check("allowed_values", "raise", "a word the column does not know", True),
    Check("unusual_values", "warn", "a word outside the usual list"),
    Check("dates", "raise", "a date that is none, or two in reverse"),
    Check("units", "warn", "a number so large that its unit is probably another"),
    # exposure
    Check("shares_above_one", "raise", "holdings of a site that add up to more than the site"),
    Check("expected_share_above_one", "warn",
          "attributions of a site that cannot all be as probable as stated"),
    Check("it_above_facility", "raise", "IT power above the facility power that feeds it"),
    Check("bands", "warn", "a low, best and high value out of order"),
    # places
    Check("outside_country", "raise", "a place outside the country it names"),
    Check("unknown_country", "warn", "a country code without a polygon"),
    Check("placeholder_coordinates", "warn",
          "a rough place used where it must be a fine one"),
    # requirements and events
    Check("duplicate_member", "raise", "a member twice in one group", True),
    Check("group_consistency", "raise",
          "rows of one group that differ in k, mode, share, ride_through_h or recharge_h", True),
    Check("k_range", "raise",
          "k that is not whole or above the number of members (quorum), or not above 0 or above "
          "the sum of the weights (proportional)", True),
    Check("weights", "raise", "a weight that is not positive", True),
    Check("cycles", "warn", "nodes that need each other in a circle"),
    Check("ride_through_in_cycle", "raise", "a reserve on a group inside a cycle", True),
    Check("event_nodes", "warn", "an event that hits a node this world does not have"),
    Check("event_consistency", "raise", "rows of one event that differ in region or rate", True),
    Check("durations", "raise", "a duration without the numbers its distribution needs", True),
)}

Finder = Callable[["World"], Iterator[Problem]]
FINDERS: tuple[Finder, ...] = (
    checks_tables.no_rows, checks_tables.duplicate_keys, checks_tables.foreign_keys,
    checks_tables.bounds, checks_tables.allowed_values, checks_tables.dates, checks_tables.units,
    checks_exposure.shares_above_one, checks_exposure.it_above_facility, checks_exposure.bands,
    checks_places.outside_country, checks_places.placeholder_coordinates,
    checks_requirements.members, checks_requirements.groups, checks_requirements.cycles,
    checks_requirements.events,
)


def find_problems(world: World, levels: Mapping[str, str] | None = None, *,
                  strict: bool = False) -> list[Problem]:
    """Return every problem of a world at its level, those refused first, then by file and row."""
    chosen = _levels(levels, strict)
    found = [*world.problems]
    # a timeline must not hide what is wrong with the figure it replaces
    given = replace(world, sites=world.sites_as_given)
    for finder in FINDERS:
        found += finder(given)
    out = []
    for problem in found:
        level = chosen.get(problem.check, problem.level)
        if level != "ignore":
            out.append(problem if level == problem.level else replace(problem, level=level))
    # stable: within a file and row the order of the checks stays
    return sorted(out, key=lambda p: (p.level != "raise", p.where, p.rows[:1]))


def _levels(levels: Mapping[str, str] | None, strict: bool) -> dict[str, str]:
    chosen = {"cycles": "raise"} if strict else {}
    for name, level in (levels or {}).items():
        if name not in CHECKS:
            raise RiskModelError(f"there is no check '{name}'{near(name, CHECKS)}; checks are "
                                 f"{', '.join(CHECKS)}")
        if level not in LEVELS:
            raise RiskModelError(f"level {level!r} of check '{name}' is not known; use 'raise', "
                                 "'warn' or 'ignore'")
        if CHECKS[name].fixed and level != "raise":
            raise RiskModelError(f"check '{name}' ({CHECKS[name].meaning}) cannot be lowered: "
                                 "nothing sensible can be computed past it; mend the world")
        chosen[name] = level
    return chosen
