"""Which nodes of a world a scenario speaks of: one by name, or all that share what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.world.building import steps_to_come
from riskmodel.world.columns import near
from riskmodel.world.exposure import to_date

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: kinds of node that a site may hang on, each a key of a selector: ``grid = "PJM"``
HANGS_ON = ("country", "grid", "interconnection", "cloud_region", "cloud", "operator", "gas",
            "corridor", "theatre")
#: column of ``sites`` that says the same, for worlds whose requirements do not
_COLUMNS = {"country": "country_iso2", "grid": "grid_region"}
KEYS = ("kind", *HANGS_ON, "chip_family", "chips_from", "under_construction_after")


def select(world: World, asked: Mapping[str, Any]) -> list[str]:
    """Return the nodes that a selector finds, sorted; empty where the world has none.

    Parameters
    ----------
    asked : every key narrows the choice; a list means any of its values.

        - ``kind``: kind of the nodes to return, "site" if not given. Another kind, such as
          "feed", returns the nodes of that kind that a site so chosen hangs on, however far down;
          without other keys, all nodes of the kind.
        - ``country``, ``grid``, ``interconnection``, ``cloud_region``, ``cloud``, ``operator``,
          ``gas``, ``corridor``, ``theatre``: the site hangs on that node, however far down
          (``grid = "PJM"`` on ``grid:PJM``), or its own row names that country or grid.
        - ``chip_family``: the site names one of these families.
        - ``chips_from``: a family the site names is made there first of all (words of
          ``chips.foundry_locations``); a site that names no known family counts.
        - ``under_construction_after`` (ISO date): a step of the site that this world counts opens
          after that day, and had not opened when the record ended.

    Raises
    ------
    RiskModelError
        There is no such key, or a value is empty; see ``selector_problems``.
    """
    wrong = selector_problems(asked)
    if wrong:
        raise RiskModelError(f"selector {describe_selector(asked)}: {'; '.join(wrong)}")
    kind = str(asked.get("kind", "site"))
    needs = _needs(world)
    sites = _sites(world, asked, needs)
    if kind == "site":
        return sorted(sites)
    nodes = world.all_nodes
    alike = set(nodes.loc[nodes["kind"] == kind, "node_id"])
    if set(asked) <= {"kind"}:
        return sorted(alike)
    found: set[str] = set()
    for site in sites:
        found |= (_reached(site, needs) | {site}) & alike
    return sorted(found)


def selector_problems(asked: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a selector as it stands in a file, one line each."""
    if not isinstance(asked, Mapping) or not asked:
        return ['hits is empty; say what it hits, as in hits = { kind = "feed", grid = "PJM" }']
    problems = [f"hits.{key} is not a way to choose{near(key, KEYS)} (keys: "
                f"{', '.join(KEYS)})" for key in asked if key not in KEYS]
    for key, value in asked.items():
        if key == "under_construction_after":
            try:
                to_date(value, f"hits.{key}")
            except RiskModelError as error:
                problems.append(str(error))
        elif key == "kind":
            if not isinstance(value, str) or not value:
                problems.append('hits.kind is one kind of node as text, such as "feed"')
        elif not _texts(value) or not all(_texts(value)):
            problems.append(f"hits.{key} is {value!r}; give text, or a list of texts")
    return problems


def describe_selector(asked: Mapping[str, Any]) -> str:
    """Return a selector in words: ``feed of sites with grid PJM or MISO``."""
    kind = str(asked.get("kind", "site"))
    words = [f"{key.replace('_', ' ')} {' or '.join(map(str, _texts(value) or [value]))}"
             for key, value in asked.items() if key != "kind"]
    if not words:
        return f"every {kind}"
    of = "sites" if kind == "site" else f"{kind} of sites"
    return f"{of} with {' and '.join(words)}"


def require_node(world: World, node: str) -> str:
    """Return the node if the world has it; raise with the nearest name if not."""
    known = world.all_nodes["node_id"].tolist()
    if node not in set(known):
        raise RiskModelError(f"there is no node {node!r} in this world{near(node, known)}")
    return node


def _texts(value: Any) -> list[str]:
    """Return one text or a list of them as a list; empty where it is something else."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return list(value)
    return []


def _needs(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node, member in zip(world.requirements["node_id"], world.requirements["member_id"],
                            strict=True):
        found.setdefault(node, []).append(member)
    return found


def _reached(node: str, needs: Mapping[str, list[str]]) -> set[str]:
    """Return everything a node hangs on, however far down."""
    seen: set[str] = set()
    stack = list(needs.get(node, ()))
    while stack:
        this = stack.pop()
        if this not in seen:
            seen.add(this)
            stack.extend(needs.get(this, ()))
    return seen


def _sites(world: World, asked: Mapping[str, Any], needs: Mapping[str, list[str]]) -> list[str]:
    building = None
    if "under_construction_after" in asked:
        building = _building(world, asked["under_construction_after"])
    chips = dict(zip(world.chips["chip_family"], world.chips["foundry_locations"], strict=True))
    found = []
    for row in world.sites.to_dict("records"):
        site = row["site_id"]
        reached = _reached(site, needs)
        if building is not None and site not in building:
            continue
        if all(any(f"{key}:{value}" in reached or row.get(_COLUMNS.get(key, ""), "") == value
                   for value in _texts(asked[key])) for key in HANGS_ON if key in asked) \
                and _has_chips(row["chip_family"], asked, chips):
            found.append(site)
    return found


def _has_chips(text: str, asked: Mapping[str, Any], made: Mapping[str, str]) -> bool:
    named = [family.strip() for family in str(text).split(";") if family.strip()]
    if "chip_family" in asked and not set(named) & set(_texts(asked["chip_family"])):
        return False
    if "chips_from" not in asked:
        return True
    first = [made[family].split(";")[0] for family in named if family in made]
    return not first or any(place in where for where in first
                            for place in _texts(asked["chips_from"]))


def _building(world: World, after: Any) -> set[str]:
    import datetime as dt

    day = to_date(after)
    steps = steps_to_come(world)
    if day is None or world.as_of is None or not len(steps):
        return set()
    return {site for site, open_for in zip(steps["site_id"], steps["days_open"], strict=True)
            if world.as_of - dt.timedelta(days=float(open_for)) > day}
