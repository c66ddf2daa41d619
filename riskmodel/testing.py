"""``check_peril``: does a peril keep the rules of the protocol?

It sits on top of the layers: it builds a block of years over the engine's keyed draws and calls the
peril on a world, on the same world shuffled and on one with half of its sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.errors import RiskModelError
from riskmodel.perils.catalogue import EventTablePeril
from riskmodel.perils.protocol import GROUPS, OUTAGE_COLUMNS, PerilSpec
from riskmodel.perils.spec import id_problems, spec_problems
from riskmodel.world.tables import EVENTS, TABLES
from riskmodel.world.world import World

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.perils.names import Names

#: what a row of a sample is, whatever number its event has: that counts events of the whole world
_DRAWN = ("year", "region", "event_start_h", "node_id", "part", "start_h", "duration_h", "depth")


def check_peril(peril: Any, world: World | None = None, *, years: int = 512,
                seed: int = 1) -> pd.DataFrame:
    """Check a peril against the rules; return the table that it was judged by.

    Parameters
    ----------
    peril : object with a ``spec`` and either ``catalogue(world)`` or ``sample(block, world)``
    world : a world that the peril can hit; None takes ``example_world()``
    years : length of the block that a sampling peril draws
    seed : of that block

    Returns
    -------
    The event table, or the sampled own outages. Empty means that nothing was hit and little was
    tested: give a world with the peril's nodes, or more years.

    Raises
    ------
    RiskModelError
        Lists every rule that is broken.
    """
    world = example_world() if world is None else world
    problems = _spec_problems(peril)
    kinds = [name for name in ("catalogue", "sample") if callable(getattr(peril, name, None))]
    table = pd.DataFrame()
    if len(kinds) != 1:
        problems.append(f"it has {' and '.join(kinds) or 'neither'} of catalogue(world) and "
                        "sample(block, world); it needs exactly one")
    else:
        before = {name: getattr(world, name).copy() for name in TABLES}
        judge = _check_catalogue if kinds == ["catalogue"] else _check_sampler
        found, table = judge(peril, world, years, seed)
        problems += found
        problems += [f"it changed the world's table {name}" for name, frame in before.items()
                     if not frame.equals(getattr(world, name))]
    if problems:
        name = getattr(getattr(peril, "spec", None), "peril_id", type(peril).__name__)
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise RiskModelError(f"peril {name!r} breaks {len(problems)} "
                             f"rule{'s' if len(problems) != 1 else ''}:\n{listed}")
    return table


def example_world() -> World:
    """Return a small world with every kind of node that the built-in perils hit."""
    rows = [("texas_a", 32.4, -99.8, "US", "ERCOT", "aws/us-east-2"),
            ("texas_b", 31.1, -97.3, "US", "ERCOT", ""),
            ("virginia", 39.0, -77.5, "US", "PJM", "aws/us-east-1"),
            ("portugal", 38.5, -8.3, "PT", "PT", ""),
            ("dubai_a", 24.9, 55.3, "AE", "DEWA", "aws/me-central-1"),
            ("dubai_b", 25.0, 55.4, "AE", "DEWA", "aws/me-central-1"),
            ("taipei", 25.0, 121.5, "TW", "TAIPOWER", "google_cloud/asia-east1"),
            ("seoul", 37.5, 127.0, "KR", "KEPCO", "aws/ap-northeast-2")]
    theatres = {"AE": "gulf", "TW": "taiwan_strait", "KR": "korea"}
    nodes: dict[str, str] = {"dubai_a": "zone", "dubai_b": "zone"}
    needs: list[tuple[str, str, str]] = []
    for site, _, _, country, grid, region in rows:
        nodes |= {f"feed:{site}": "feed", f"grid:{grid}": "grid", f"country:{country}": "country"}
        needs += [(site, "power", f"feed:{site}"), (f"feed:{site}", "grid", f"grid:{grid}"),
                  (site, "country", f"country:{country}")]
        if region:
            cloud = f"cloud:{region.split('/')[0]}"
            nodes |= {f"cloud_region:{region}": "cloud_region", cloud: "cloud"}
            needs += [(site, "control_plane", f"cloud_region:{region}"),
                      (f"cloud_region:{region}", "provider", cloud)]
        if country in theatres:
            nodes[f"theatre:{theatres[country]}"] = "theatre"
            needs.append((f"country:{country}", "theatre", f"theatre:{theatres[country]}"))
    ids = [row[0] for row in rows]
    return World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": [row[1] for row in rows],
                            "lon": [row[2] for row in rows], "it_mw": 100.0,
                            "country_iso2": [row[3] for row in rows],
                            "grid_region": [row[4] for row in rows]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        nodes=pd.DataFrame({"node_id": list(nodes), "kind": list(nodes.values())}),
        requirements=pd.DataFrame(list(dict.fromkeys(needs)),
                                  columns=["node_id", "group", "member_id"]),
        theatres=pd.DataFrame({"theatre_id": list(theatres.values()),
                               "country_iso2": list(theatres)}))


@dataclass(frozen=True)
class CheckBlock:
    """A block of years over the engine's keyed draws, for trying a sampling peril by hand."""

    years: NDArray[np.int64]
    peril_id: str
    seed: int = 1
    horizon_h: float = 8760.0

    def uniform(self, purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                entity: ArrayLike | Names = "") -> NDArray[np.float64]:
        """Return uniforms in (0, 1), one per element of the broadcast labels."""
        return keyed_uniform(self.seed, purpose, self.peril_id, year, event, entity)


# -------------------------------------------------------------------- the spec


def _spec_problems(peril: Any) -> list[str]:
    spec = getattr(peril, "spec", None)
    if not isinstance(spec, PerilSpec):
        return ["it has no spec of type riskmodel.perils.protocol.PerilSpec"]
    if isinstance(peril, EventTablePeril) and not spec.data:
        return []  # a table that somebody gave: it says no more of itself than its rows
    problems = id_problems(spec.peril_id)
    if not spec.definition.strip():
        problems.append("its spec has no definition")
    if spec.group not in GROUPS:
        problems.append(f"its group is {spec.group!r}; it is one of {', '.join(GROUPS)}")
    if not spec.data:
        problems.append("its spec has no data: the parsed TOML, in which every number has low, "
                        "best, high, unit, source, confidence and known_on")
    else:
        problems += [f"its file: {problem}" for problem in spec_problems(spec.data)]
        if spec.data.get("id") != spec.peril_id:
            problems.append(f"its file has the id {spec.data.get('id')!r}")
    return problems


# -------------------------------------------------------------------- a table of events


def _check_catalogue(peril: Any, world: World, years: int,
                     seed: int) -> tuple[list[str], pd.DataFrame]:
    table, problems = _call(lambda: peril.catalogue(world), "catalogue(world)")
    if table is None:
        return problems, pd.DataFrame()
    problems = _columns(table, [c.name for c in EVENTS.columns if c.required], "catalogue(world)")
    strange = sorted(set(table.columns) - set(EVENTS.names))
    problems += [f"catalogue(world) has the column {name!r}, which no event table has"
                 for name in strange]
    if problems:
        return problems, table
    problems += _event_bounds(table, peril)
    if problems:
        return problems, table
    for other, what in ((world, "called again"), (_shuffled(world), "with the world shuffled")):
        again, failed = _call(partial(peril.catalogue, other), "catalogue(world)")
        problems += failed
        if again is not None and not _same(table, again, list(EVENTS.names)):
            problems.append(f"catalogue(world) gives another table {what}")
    fewer, gone = _fewer(world)
    part, failed = _call(lambda: peril.catalogue(fewer), "catalogue(world) with fewer sites")
    problems += failed
    if part is not None:
        heads = ["event_id", "region", "rate_per_yr"]
        if not _same(table.drop_duplicates("event_id"), part.drop_duplicates("event_id"), heads):
            problems.append("taking sites away changes its events or their rates: every draw of "
                            "the sites that remain would change")
        elif not _same(_without(table, gone), _without(part, gone), list(EVENTS.names)):
            problems.append("taking sites away changes the rows of nodes that remain")
    return problems, table


def _event_bounds(table: pd.DataFrame, peril: Any) -> list[str]:
    problems = []
    for column in EVENTS.columns:
        if column.name not in table:
            continue
        cells = table[column.name]
        if column.required and (cells.isna() | (cells.astype(str) == "")).any():
            problems.append(f"{column.name} is empty in some rows")
        elif column.kind == "number":
            values = pd.to_numeric(cells, errors="coerce").to_numpy(float)
            stated = ~np.isnan(values)
            low = -np.inf if column.low is None else column.low
            high = np.inf if column.high is None else column.high
            if ((values < low) | (values > high) | np.isinf(values))[stated].any():
                problems.append(f"{column.name} is outside {low:g} to {high:g}")
        elif column.values and not set(cells[cells.astype(str) != ""].dropna()) <= set(
                column.values):
            problems.append(f"{column.name} has a word other than {', '.join(column.values)}")
    if problems:
        return problems
    shaped = table["duration_dist"].isin(["lognormal", "weibull"])
    shape = (table["duration_shape"] if "duration_shape" in table
             else pd.Series(np.nan, index=table.index))
    if not (shape[shaped].to_numpy(float) > 0).all():
        problems.append("lognormal and weibull rows need a duration_shape above 0")
    spec = getattr(peril, "spec", None)
    if isinstance(spec, PerilSpec):
        if set(table["peril"]) - {spec.peril_id}:
            problems.append(f"the column peril holds something other than {spec.peril_id!r}")
        total = float(table.drop_duplicates("event_id")["rate_per_yr"].sum())
        if spec.ceiling_rate_per_yr is not None and spec.ceiling_rate_per_yr < total:
            problems.append(f"its events add up to {total:g} a year, above its "
                            f"ceiling_rate_per_yr of {spec.ceiling_rate_per_yr:g}")
    if (table.groupby("event_id")[["rate_per_yr", "region"]].nunique() > 1).any(axis=None):
        problems.append("rows of one event differ in rate_per_yr or region")
    key = [name for name in EVENTS.key if name in table]
    if table.duplicated(key).any():
        problems.append(f"two rows have the same {', '.join(key)}")
    return problems


# -------------------------------------------------------------------- a sampler


def _check_sampler(peril: Any, world: World, years: int,
                   seed: int) -> tuple[list[str], pd.DataFrame]:
    peril_id = getattr(getattr(peril, "spec", None), "peril_id", "?")
    span = np.arange(years, dtype=np.int64)

    def draw(at: NDArray[np.int64], of: World, what: str) -> tuple[pd.DataFrame | None, list[str]]:
        return _call(lambda: peril.sample(CheckBlock(at, peril_id, seed), of), what)

    regions, problems = _call(lambda: pd.DataFrame({"r": list(peril.regions(world))}),
                              "regions(world)")
    table, failed = draw(span, world, "sample(block, world)")
    problems += failed
    if table is None or regions is None:
        return problems, pd.DataFrame()
    problems += _columns(table, list(OUTAGE_COLUMNS), "sample(block, world)")
    if not problems:
        problems += _outage_bounds(table, span, set(regions["r"]))
    if problems:
        return problems, table
    names = list(_DRAWN)
    halves = [draw(part, world, "sample of half a block") for part in np.array_split(span, 2)]
    problems += [problem for _, failed in halves for problem in failed]
    joined = [half for half, _ in halves if half is not None]
    fewer, gone = _fewer(world)
    trials = [
        (table, draw(span, world, "sample"), "gives other draws when called again"),
        (table, (pd.concat(joined) if joined else None, []),
         "gives other draws when the block is cut in two: draws depend on the block"),
        (table, draw(span[::-1].copy(), world, "sample of years in reverse"),
         "gives other draws when the years of the block are turned round"),
        (table, draw(span, _shuffled(world), "sample of the world shuffled"),
         "gives other draws with the world shuffled: draws depend on the order of rows"),
        (_without(table, gone), draw(span, fewer, "sample with fewer sites"),
         "gives other draws for the sites that remain when others are taken away"),
    ]
    for expected, (got, failed), what in trials:
        problems += failed
        if got is not None and not _same(expected, _without(got, gone) if expected is not table
                                         else got, names):
            problems.append(f"sample(block, world) {what}")
    return problems, table


def _outage_bounds(table: pd.DataFrame, years: NDArray[np.int64], regions: set[str]) -> list[str]:
    def numbers(name: str) -> NDArray[np.float64]:
        return pd.to_numeric(table[name], errors="coerce").to_numpy(float)

    start, event_start, hours = map(numbers, ("start_h", "event_start_h", "duration_h"))
    depth, event, campaign = map(numbers, ("depth", "event", "campaign_id"))
    rules = [
        (np.isin(numbers("year"), years), "year is outside the block"),
        ((event >= 0) & (event == np.floor(event)), "event is not a whole number from 0"),
        ((campaign >= -1) & (campaign == np.floor(campaign)),
         "campaign_id is not a whole number, -1 for none"),
        (np.isfinite(start) & (start >= 0), "start_h is negative or not finite"),
        ((event_start >= 0) & (event_start < 8760.0), "event_start_h is outside the year"),
        (start >= event_start, "start_h is before event_start_h"),
        (np.isfinite(hours) & (hours >= 0), "duration_h is negative or not finite"),
        ((depth >= 0) & (depth <= 1), "depth is outside 0 to 1"),
        (table["node_id"].map(lambda node: isinstance(node, str) and node != "").to_numpy(bool),
         "node_id is not a name"),
        (table["part"].map(lambda part: isinstance(part, str)).to_numpy(bool),
         "part is not text; the whole node is \"\""),
        (table["region"].isin(regions).to_numpy(bool), "region is not in regions(world)"),
    ]
    problems = [message for kept, message in rules if not np.all(kept)]
    same = table.groupby(["year", "event"])[["region", "campaign_id", "event_start_h"]].nunique()
    if (same > 1).any(axis=None):
        problems.append("rows of one event differ in region, campaign_id or event_start_h")
    return problems


# -------------------------------------------------------------------- the same world, otherwise


def _shuffled(world: World) -> World:
    """Return the world with the rows of every table turned round."""
    return _remade(world, {name: getattr(world, name).iloc[::-1] for name in TABLES})


def _fewer(world: World) -> tuple[World, set[str]]:
    """Return the world without every other site, and the sites that are gone."""
    gone = set(world.sites["site_id"].iloc[::2])
    frames = {name: getattr(world, name) for name in TABLES}
    for name, columns in (("sites", ["site_id"]), ("sites_timeline", ["site_id"]),
                          ("holdings", ["site_id"]), ("deal_sites", ["site_id"]),
                          ("nodes", ["node_id"]), ("requirements", ["node_id", "member_id"])):
        kept = ~frames[name][columns].isin(gone).any(axis=1)
        frames[name] = frames[name][kept]
    return _remade(world, frames), gone


def _remade(world: World, frames: dict[str, pd.DataFrame]) -> World:
    frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    return replace(world, **frames)  # type: ignore[arg-type]


def _call(function: Callable[[], Any], what: str) -> tuple[pd.DataFrame | None, list[str]]:
    try:
        result = function()
    except Exception as error:
        return None, [f"{what} raises {type(error).__name__}: {error}"]
    if not isinstance(result, pd.DataFrame):
        return None, [f"{what} returns a {type(result).__name__}; it returns a pandas DataFrame"]
    return result, []


def _columns(table: pd.DataFrame, needed: list[str], what: str) -> list[str]:
    missing = [name for name in needed if name not in table.columns]
    return [f"{what} lacks the column {name!r}" for name in missing]


def _without(table: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    return table[~table["node_id"].isin(gone)]


def _same(one: pd.DataFrame, two: pd.DataFrame, names: list[str]) -> bool:
    """Tell whether two tables hold the same rows in these columns, in any order."""
    names = [name for name in names if name in one.columns and name in two.columns]
    rows = [sorted(map(repr, table[names].astype(object).itertuples(index=False, name=None)))
            for table in (one, two)]
    return rows[0] == rows[1]
