"""``World``: sites, who holds them, what they need and what may hit them, at a date."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import Problem, RiskModelError, WorldError
from riskmodel.world import exposure
from riskmodel.world.columns import Typed, conform, near
from riskmodel.world.tables import TABLES

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

    from riskmodel.world.graph import Explanation

#: tables that can change a result; the others are the record behind them
ENGINE_TABLES = ("sites", "sites_timeline", "labs", "holdings", "nodes", "requirements", "events",
                 "clouds", "chips", "grid_regions", "theatres", "supply_nodes", "events_observed")
#: columns without which a frame given in memory means nothing
_LEAST = {"sites": ("site_id", "lat", "lon", "it_mw"), "labs": ("lab_id", "needed_share"),
          "holdings": ("lab_id", "site_id", "share"), "nodes": ("node_id", "kind"),
          "requirements": ("node_id", "group", "member_id"),
          "events": ("event_id", "peril", "region", "rate_per_yr", "node_id", "probability",
                     "depth", "duration_dist", "duration_h")}

_CELLS_AT_ONCE = 100_000


@cache
def _empty(name: str) -> pd.DataFrame:
    return conform(TABLES[name], {c: [] for c in TABLES[name].names}, [], where=name,
                   in_file=False).frame


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """The tables of a world as frames with every column of ``riskmodel.world.tables``.

    Empty text is ``""`` and an unknown number NaN; an empty cell with a defined default holds it.
    A table that is not there is an empty frame. Make one with ``read_world`` or
    ``World.from_frames``; ask ``check()`` before relying on it.
    """

    sites: pd.DataFrame
    sites_timeline: pd.DataFrame
    labs: pd.DataFrame
    lab_aliases: pd.DataFrame
    holdings: pd.DataFrame
    deals: pd.DataFrame
    deal_sites: pd.DataFrame
    clouds: pd.DataFrame
    chips: pd.DataFrame
    supply_nodes: pd.DataFrame
    grid_regions: pd.DataFrame
    theatres: pd.DataFrame
    nodes: pd.DataFrame
    requirements: pd.DataFrame
    events: pd.DataFrame
    events_observed: pd.DataFrame
    as_of: dt.date | None = None
    folder: Path | None = None
    perils: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    registry: Mapping[str, Any] = field(default_factory=dict)
    #: what was wrong with the cells themselves; ``check`` raises or returns them with the rest
    problems: tuple[Problem, ...] = ()
    #: line numbers of the rows of tables read from files; positions where there are none
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    #: tables and "table.column" that could not be read, on which no check can rely
    unreadable: frozenset[str] = frozenset()
    #: ``sites`` before and after the capacity of the day was written into them
    cut: tuple[pd.DataFrame, pd.DataFrame] | None = None

    @classmethod
    def from_frames(cls, *, sites: pd.DataFrame, holdings: pd.DataFrame, labs: pd.DataFrame,
                    nodes: pd.DataFrame | None = None, requirements: pd.DataFrame | None = None,
                    events: pd.DataFrame | None = None,
                    perils: Mapping[str, Mapping[str, Any]] | None = None,
                    as_of: str | dt.date | None = None,
                    **other_tables: pd.DataFrame | None) -> World:
        """Make a world from frames in memory: the same tables as the files.

        Least columns: ``sites`` site_id, lat, lon, it_mw; ``holdings`` lab_id, site_id, share;
        ``labs`` lab_id, needed_share; ``nodes`` node_id, kind; ``requirements`` node_id, group,
        member_id; ``events`` the event table. The frames are copied and never changed. With
        ``as_of`` and ``sites_timeline`` the capacity of that day counts.

        Raises
        ------
        RiskModelError
            Something is not a frame, or the name of no table.
        WorldError
            A required column is absent. Everything else waits for ``check``.
        """
        given: dict[str, pd.DataFrame | None] = {
            "sites": sites, "holdings": holdings, "labs": labs, "nodes": nodes,
            "requirements": requirements, "events": events, **other_tables}
        typed: dict[str, Typed] = {}
        missing: list[Problem] = []
        for name, frame in given.items():
            if name not in TABLES:
                raise RiskModelError(f"from_frames: there is no table '{name}'"
                                     f"{near(name, TABLES)}; tables are {', '.join(TABLES)}")
            if frame is None:
                continue
            if not isinstance(frame, pd.DataFrame):
                raise RiskModelError(f"from_frames: {name} is a {type(frame).__name__}; give a "
                                     "pandas DataFrame")
            if not frame.columns.is_unique:
                twice = frame.columns[frame.columns.duplicated()].tolist()
                raise RiskModelError(f"from_frames: {name} has the column {twice[0]!r} twice")
            cells = {str(column): frame[column] for column in frame.columns}
            typed[name] = conform(TABLES[name], cells, range(len(frame)), where=name,
                                  in_file=False)
            missing += [problem for problem in typed[name].problems
                        if problem.check == "missing_column"]
        if missing:
            raise WorldError(missing)
        return assemble(typed, as_of=exposure.to_date(as_of), cut=as_of is not None,
                        perils=perils or {})

    # ---------------------------------------------------------------- what is exposed

    def effective_holdings(self) -> pd.DataFrame:
        """Return ``lab_id, site_id, share`` as they count: see ``riskmodel.world.exposure``."""
        return exposure.effective_holdings(self)

    def lab_capacity(self) -> pd.Series:
        """Return IT capacity in MW per lab_id, every lab in the order of ``labs``."""
        return exposure.lab_capacity(self)

    @property
    def sites_as_given(self) -> pd.DataFrame:
        """The sites as the caller or the file gave them, before the timeline was applied."""
        if self.cut is not None and self.sites is self.cut[1]:
            return self.cut[0]
        return self.sites  # somebody has put other sites in their place since

    # ---------------------------------------------------------------- is it sound

    def check(self, levels: Mapping[str, str] | None = None, *,
              strict: bool = False) -> list[Problem]:
        """Check everything at once; return what is only worth a warning.

        Parameters
        ----------
        levels : name of a check -> "raise", "warn" or "ignore", instead of its own level.
        strict : also refuse cycles of requirements.

        Raises
        ------
        WorldError
            Lists every problem at level "raise", with file, rows and mend.
        """
        problems = self.all_problems(levels, strict=strict)
        refused = [problem for problem in problems if problem.level == "raise"]
        if refused:
            raise WorldError(refused)
        return problems

    def all_problems(self, levels: Mapping[str, str] | None = None, *,
                     strict: bool = False) -> list[Problem]:
        """Return every problem, refused or not, without raising."""
        from riskmodel.world.checks import find_problems

        return find_problems(self, levels, strict=strict)

    # ---------------------------------------------------------------- what hangs on what

    @cached_property
    def all_nodes(self) -> pd.DataFrame:
        """Frame ``node_id, kind, name, country_iso2``: the sites, then every other node."""
        wanted = ["node_id", "kind", "name", "country_iso2"]
        kinds = dict(zip(self.nodes["node_id"], self.nodes["kind"], strict=True))
        sites = self.sites.rename(columns={"site_id": "node_id"})
        sites = sites.assign(kind=[kinds.get(node) or "site" for node in sites["node_id"]])
        others = self.nodes[~self.nodes["node_id"].isin(sites["node_id"])]
        parts = [part[wanted] for part in (sites, others) if len(part)]
        if not parts:
            return self.nodes[wanted].copy()
        return pd.concat(parts, ignore_index=True).drop_duplicates("node_id", ignore_index=True)

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the requirements as a graph: an edge runs from who needs to who serves."""
        from riskmodel.world.graph import to_networkx

        return to_networkx(self)

    def explain(self, node_id: str) -> Explanation:
        """Return what a site hangs on, down to the leaves; print it, or take its ``frame``."""
        from riskmodel.world.graph import explain

        return explain(self, node_id)

    # ---------------------------------------------------------------- where it is

    @cached_property
    def regions(self) -> gpd.GeoDataFrame:
        """Polygons ``region_id, kind, name, country_iso2, geometry`` in lon/lat WGS84.

        Read when first asked for: the folder's own, else those that ship.
        """
        from riskmodel.world.geography import read_regions

        return read_regions(self.folder)

    # ---------------------------------------------------------------- another world from it

    def move(self, lab: str, mw: float, from_site: str, to_site: str) -> World:
        """Return a world with MW of a lab at another site; see ``world.edits_move.move``."""
        from riskmodel.world.edits_move import move

        return move(self, lab, mw, from_site, to_site)

    def scale(self, factor: float, *, lab: str | None = None, site: str | None = None) -> World:
        """Return a world with a multiple of the capacity; see ``world.edits_scale.scale``."""
        from riskmodel.world.edits_scale import scale

        return scale(self, factor, lab=lab, site=site)

    def drop(self, *, sites: str | Iterable[str] = (), labs: str | Iterable[str] = ()) -> World:
        """Return a world without some sites or labs; see ``world.edits_parts.drop``."""
        from riskmodel.world.edits_parts import drop

        return drop(self, sites=sites, labs=labs)

    def subset(self, *, sites: str | Iterable[str] | None = None,
               labs: str | Iterable[str] | None = None,
               countries: str | Iterable[str] | None = None,
               grid_regions: str | Iterable[str] | None = None) -> World:
        """Return the part that meets every condition; see ``world.edits_parts.subset``."""
        from riskmodel.world.edits_parts import subset

        return subset(self, sites=sites, labs=labs, countries=countries,
                      grid_regions=grid_regions)

    def add_site(self, *, site_id: str, it_mw: float, lat: float | None = None,
                 lon: float | None = None, lab: str | None = None,
                 holdings: Mapping[str, float] | None = None, country_iso2: str = "",
                 grid_region: str = "", operator: str = "", cloud_region: str = "",
                 like: str | None = None, requirements: pd.DataFrame | None = None,
                 nodes: pd.DataFrame | None = None, **columns: Any) -> World:
        """Return a world with one more site; see ``world.edits_add.add_site``."""
        from riskmodel.world.edits_add import add_site

        return add_site(self, site_id=site_id, it_mw=it_mw, lat=lat, lon=lon, lab=lab,
                        holdings=holdings, country_iso2=country_iso2, grid_region=grid_region,
                        operator=operator, cloud_region=cloud_region, like=like,
                        requirements=requirements, nodes=nodes, **columns)

    # ---------------------------------------------------------------- which one is it

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 (hex) of what can change a result: tables, polygons, perils, date, building."""
        from riskmodel.world.building import steps_to_come
        from riskmodel.world.geography import regions_checksum

        digest = hashlib.sha256()
        for name in ENGINE_TABLES:
            frame: pd.DataFrame = getattr(self, name)
            for column in TABLES[name].names:
                digest.update(f"\x1d{name}.{column}\x1e".encode())
                _digest_column(digest, frame[column])
        digest.update(json.dumps(self.perils, sort_keys=True, default=str).encode())
        digest.update(str(self.as_of).encode())
        digest.update(repr(steps_to_come(self).to_numpy().tolist()).encode())
        digest.update(regions_checksum(self.folder).encode())
        return digest.hexdigest()

    def __repr__(self) -> str:
        mw = float(np.nansum(self.sites["it_mw"].to_numpy()))
        day = f", as_of={self.as_of}" if self.as_of else ""
        return (f"World({len(self.sites)} sites, {mw:.0f} MW IT, {len(self.labs)} labs, "
                f"{len(self.all_nodes)} nodes, {len(self.requirements)} requirement rows{day})")


def _digest_column(digest: Any, column: pd.Series) -> None:
    """Add the cells' own writing to a digest, a part of a large column at a time."""
    for first in range(0, len(column), _CELLS_AT_ONCE):
        cells = column.iloc[first:first + _CELLS_AT_ONCE].tolist()
        digest.update(("\x1f" if first else "").encode())
        digest.update("\x1f".join(map(repr, cells)).encode())


def assemble(typed: Mapping[str, Typed], *, as_of: dt.date | None, cut: bool,
             perils: Mapping[str, Mapping[str, Any]],
             registry: Mapping[str, Any] | None = None, folder: Path | None = None,
             lines: Mapping[str, Sequence[int]] | None = None,
             problems: Sequence[Problem] = (), unreadable: frozenset[str] = frozenset(),
             own: dt.date | None = None) -> World:
    """Put typed tables together; ``cut`` applies the capacity of the day ``as_of``."""
    frames = {name: typed[name].frame if name in typed else _empty(name).copy() for name in TABLES}
    found = list(problems)
    broken = set(unreadable)
    for name in TABLES:
        if name in typed:
            found += typed[name].problems
            broken |= {f"{name}.{column}" for column in typed[name].broken}
    both = None
    if cut and as_of is not None:
        given = frames["sites"]
        own = exposure.own_date(own, given, frames["sites_timeline"])
        frames["sites"] = exposure.sites_on(given, frames["sites_timeline"], as_of, own)
        both = given, frames["sites"]
    labs = frames["labs"]
    if (exposure.UNKNOWN not in set(labs["lab_id"].tolist())
            and exposure.needs_unknown(frames["sites"], frames["holdings"])):
        frames["labs"] = with_unknown(labs)
    return World(**frames, as_of=as_of, folder=folder, perils=dict(perils),
                 registry=dict(registry or {}), problems=tuple(found), lines=dict(lines or {}),
                 unreadable=frozenset(broken), cut=both)


def with_unknown(labs: pd.DataFrame) -> pd.DataFrame:
    """Return the labs with a last row for what nobody is known to hold."""
    row = {c.name: np.nan if c.kind == "number" else "" for c in TABLES["labs"].columns}
    row |= {"lab_id": exposure.UNKNOWN, "name": "not attributed", "needed_share": 0.0,
            "needed_share_basis": "nobody's need is known: none is counted"}
    out = labs.reindex(range(len(labs) + 1))
    for name, value in row.items():
        out.iloc[-1, out.columns.get_loc(name)] = value  # type: ignore[index]
    return out
