"""What every change of a world shares: a new world with other tables, consistent with itself.

An edit never changes the world it is given. Tables it does not touch are shared between the two;
the line numbers of those it does are let go, since they no longer are those of a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError, WorldError
from riskmodel.world import exposure
from riskmodel.world.columns import conform, near
from riskmodel.world.tables import TABLES

if TYPE_CHECKING:
    from riskmodel.world.world import World


def edited(world: World, *, changed: Collection[str] = (), **frames: pd.DataFrame) -> World:
    """Return the world with other tables.

    ``changed`` names the sites whose capacity an edit has set: what it says now is also what was
    given, so that the world is written and checked as it stands. The lab ``unknown`` is added where
    part of a site is now nobody's.

    Raises
    ------
    WorldError
        The world has cells that could not be read: nothing can be built on it.
    """
    refused = [problem for problem in world.problems if problem.level == "raise"]
    if refused:
        raise WorldError(refused)
    new = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    cut = world.cut
    if "sites" in new:
        applied = world.cut is not None and world.sites is world.cut[1]
        cut = (_given(world, new["sites"], set(changed)), new["sites"]) if applied else None
    labs = new.get("labs", world.labs)
    if (exposure.UNKNOWN not in set(labs["lab_id"])
            and exposure.needs_unknown(new.get("sites", world.sites),
                                       new.get("holdings", world.holdings))):
        from riskmodel.world.world import with_unknown

        new["labs"] = with_unknown(labs)
    lines = {name: rows for name, rows in world.lines.items() if name not in new}
    return replace(world, cut=cut, lines=lines, **new)  # type: ignore[arg-type]


def _given(world: World, sites: pd.DataFrame, changed: set[str]) -> pd.DataFrame:
    """Return what was given for each of the new sites: as before, or as an edit has set it."""
    before = world.sites_as_given
    place = {site: row for row, site in enumerate(before["site_id"])}
    out = sites.copy()
    old = [place.get(site, -1) for site in sites["site_id"]]
    for name in before.columns:
        as_before = before[name].tolist()
        # a step of the timeline lowers the confidence again when the world is read
        kept = name == "confidence"
        out[name] = pd.Series(
            [now if row < 0 or (site in changed and not kept) else as_before[row]
             for now, row, site in zip(sites[name].tolist(), old, sites["site_id"], strict=True)],
            dtype=sites[name].dtype)
    return out


def typed_rows(table: str, rows: list[dict[str, Any]], what: str) -> pd.DataFrame:
    """Return rows as a frame with every column of a table.

    Raises
    ------
    WorldError
        A cell is not of its column's kind, or a required one is empty.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = {name: [row.get(name) for row in rows] for name in names}
    typed = conform(TABLES[table], cells, range(len(rows)), where=what, in_file=True)
    if typed.problems:
        raise WorldError(typed.problems)
    return typed.frame


def appended(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table with rows added at its end; the types of its columns stay."""
    if not len(rows):
        return frame
    return pd.DataFrame({
        name: pd.Series([*frame[name].tolist(),
                         *(rows[name].tolist() if name in rows else [None] * len(rows))],
                        dtype=frame[name].dtype)
        for name in frame.columns})


def require_sites(world: World, names: Iterable[str], what: str) -> None:
    """Refuse names that are no site of the world, with the nearest one that is."""
    _require(names, world.sites["site_id"], f"{what}: there is no site", "in this world")


def require_labs(world: World, names: Iterable[str], what: str) -> None:
    """Refuse names that are no lab of the world; ``unknown`` always is one."""
    _require(names, [*world.labs["lab_id"], exposure.UNKNOWN], f"{what}: there is no lab",
             "in this world")


def _require(names: Iterable[str], known: Iterable[str], head: str, tail: str) -> None:
    there = list(dict.fromkeys(known))
    for name in names:
        if name not in there:
            listed = ", ".join(there[:12]) + (f" and {len(there) - 12} more"
                                              if len(there) > 12 else "")
            raise RiskModelError(f"{head} '{name}' {tail}{near(str(name), there)}; "
                                 f"it has {listed or 'none'}")
