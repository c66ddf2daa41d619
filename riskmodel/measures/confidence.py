"""How much of a lab's average annual loss rests on records of low confidence, layer by layer.

A loss has a chain: the site, the holding that gives it to the lab, the requirement rows between
the site and the root node that failed, and the rate of the event. The year table does not say which
site lost what. What hits a site never depends on who holds it, so the first years are simulated
again with every holding as a lab of its own: the same disasters, split by site exactly. The share
of these years stands for the AAL's, with the standard error of a ratio.

What counts as low:

- ``site``: ``sites.confidence`` of the site that lost capacity;
- ``holding``: ``holdings.confidence`` of the lab's row. What nobody is named for falls to the lab
  ``unknown`` without a row, and is not low: it is known to be unknown;
- ``requirement``: the root node cannot be reached from the site by rows that are all better than
  low (a site that failed itself needs no row);
- ``rate``: the confidence of the event's row in its table or catalogue; where a peril draws events
  that carry none, low if one of its rates (numbers per year) is, of the event's region where
  the file tells regions apart;
- ``any``: at least one of these. Severities are not in it: events do not carry theirs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL, require_annual, sum_by

if TYPE_CHECKING:
    from riskmodel.perils.protocol import Block, PerilSpec
    from riskmodel.world.world import World

LAYERS = ("site", "holding", "requirement", "rate", "any")
_LOW = "low"
_BETWEEN = "\x1f"  # between lab and site in the name of a holding


def low_confidence_share(losses: Losses, years: int = 4096) -> pd.DataFrame | None:
    """Return the share of each lab's AAL, and of the total's, that rests on low records.

    Parameters
    ----------
    losses : simulated losses that have their world
    years : how many of the first years are simulated again, in one world: every number at its
        best and the attributions that are more likely true than not, also where the losses were
        drawn over several worlds or under a proposal

    Returns
    -------
    frame ``lab, layer, value, se, unit, n``, "any" last of each lab; ``n`` counts the years; value
    and se are NaN for a lab that lost nothing in them. None where the world did not come along or
    a peril of the run cannot be loaded by its id.
    """
    require_annual(losses, "the low-confidence share")
    perils = _perils(losses)
    if losses.world is None or perils is None:
        return None
    n = min(years, losses.n_years)
    causes = _by_site(losses, losses.world, perils, n)
    flags = _flags(causes, losses.world, perils)
    lost = causes["lost_mw_days"].to_numpy(dtype=float)
    rows = []
    for lab in (*losses.labs, TOTAL):
        mine = np.full(len(causes), True) if lab == TOTAL else (causes["lab"] == lab).to_numpy()
        year = causes["year"].to_numpy()[mine]
        _, whole = sum_by(year, lost[mine])
        for layer in LAYERS:
            _, low = sum_by(year, lost[mine] * flags[layer].to_numpy()[mine])
            value = low.sum() / whole.sum() if whole.size else np.nan
            # of a ratio of means over years: years without loss add nothing
            se = np.sqrt(((low - value * whole) ** 2).sum()) / whole.sum() if whole.size else np.nan
            rows.append({"lab": lab, "layer": layer, "value": float(value), "se": float(se),
                         "unit": "1", "n": n})
    return pd.DataFrame(rows)


def _perils(losses: Losses) -> list[Any] | None:
    from riskmodel.perils.registry import load_perils

    if losses.world is None or "perils" not in losses.manifest:
        return None
    try:
        return load_perils(losses.world, list(losses.manifest["perils"]))
    except RiskModelError:  # an object that was given to simulate() and is known to nobody else
        return None


@dataclasses.dataclass(frozen=True)
class _Catalogue:
    """A peril that goes on seeing the world as it is, whoever the labs are said to be."""

    peril: Any
    world: World

    @property
    def spec(self) -> PerilSpec:
        return self.peril.spec

    def catalogue(self, world: World) -> pd.DataFrame:
        return self.peril.catalogue(self.world)


@dataclasses.dataclass(frozen=True)
class _Sampler:
    """The same for a peril that draws its own outages."""

    peril: Any
    world: World

    @property
    def spec(self) -> PerilSpec:
        return self.peril.spec

    def regions(self, world: World) -> list[str]:
        return self.peril.regions(self.world)

    def sample(self, block: Block, world: World) -> pd.DataFrame:
        return self.peril.sample(block, self.world)


def _by_site(losses: Losses, world: World, perils: list[Any], n: int) -> pd.DataFrame:
    """Causes of the first ``n`` years, each with its ``site`` and ``event_id``."""
    from riskmodel.engine.run.simulation import simulate

    held = world.effective_holdings()
    names = held["lab_id"] + _BETWEEN + held["site_id"]
    holders = _rows_like(world.labs, {"lab_id": names, "needed_share": 0.0})
    apart = dataclasses.replace(
        world, labs=pd.concat([world.labs, holders], ignore_index=True),
        holdings=_rows_like(world.holdings, {
            "lab_id": names, "site_id": held["site_id"], "share": held["share"],
            "probability": 1.0}))
    manifest = losses.manifest
    told = [_Catalogue(peril, world) if hasattr(peril, "catalogue") else _Sampler(peril, world)
            for peril in perils]
    again = simulate(apart, years=n, seed=manifest["seed"], perils=told, adequacy=False,
                     booking=losses.booking, horizon_days=losses.horizon_days,
                     recovery_cap_days=manifest["recovery_cap_days"])
    causes = again.causes.merge(again.events[["event", "event_id"]], on="event")
    holder = [name.split(_BETWEEN, 1) for name in causes.pop("lab").astype(str)]
    causes["lab"] = [lab for lab, _ in holder]
    causes["site"] = [site for _, site in holder]
    first = losses.years[losses.years["year"] < n]
    booked, found = float(first["lost_mw_days"].sum()), float(causes["lost_mw_days"].sum())
    if losses.worlds == 1 and losses.weights is None and abs(booked - found) > 1e-6 * booked:
        raise RiskModelError(f"the first {n} years lost {booked:g} MW-days, simulated again "
                             f"{found:g}: the world or a peril is not the one of the run")
    return causes


def _rows_like(frame: pd.DataFrame, cells: Mapping[str, Any]) -> pd.DataFrame:
    """Rows with these cells, and nothing known in the other columns of the table."""
    rows = pd.DataFrame(cells)
    for name in frame.columns:
        if name not in rows:
            rows[name] = "" if frame[name].dtype == object else np.nan
    return rows[list(frame.columns)]


def _flags(causes: pd.DataFrame, world: World, perils: list[Any]) -> pd.DataFrame:
    """Which layers of each cause are low."""
    low_sites = set(world.sites.loc[_is_low(world.sites), "site_id"])
    low = world.holdings[_is_low(world.holdings)]
    low_holdings = set(zip(low["lab_id"], low["site_id"], strict=True))
    sound = _sound_requirements(world)
    rate_is_low = _rates(world, perils)
    keys = ["lab", "site", "node", "peril", "region", "event_id"]
    words = causes[keys].astype(str)
    distinct = words.drop_duplicates(ignore_index=True)
    found = pd.DataFrame({
        "site": [site in low_sites for site in distinct["site"]],
        "holding": [pair in low_holdings for pair in zip(distinct["lab"], distinct["site"],
                                                         strict=True)],
        "requirement": [node not in sound(site) for site, node in zip(
            distinct["site"], distinct["node"], strict=True)],
        "rate": [rate_is_low(*row) for row in distinct[["peril", "region", "event_id", "node"]]
                 .itertuples(index=False)]})
    found["any"] = found.any(axis=1)
    # one row a distinct cause: back to every row in its place
    place = words.merge(distinct.reset_index(names="place"), on=keys, how="left")["place"]
    return found.loc[place].reset_index(drop=True)


def _is_low(frame: pd.DataFrame) -> pd.Series:
    return frame["confidence"].astype(str).str.strip().str.lower() == _LOW


def _sound_requirements(world: World) -> Callable[[str], set[str]]:
    """For a node: itself and what it reaches by requirement rows better than low."""
    rows = world.requirements[~_is_low(world.requirements)]
    needs: dict[str, list[str]] = {}
    for node, member in zip(rows["node_id"], rows["member_id"], strict=True):
        needs.setdefault(node, []).append(member)
    known: dict[str, set[str]] = {}

    def reached(start: str) -> set[str]:
        if start not in known:
            found, open_ends = {start}, [start]
            while open_ends:
                for member in needs.get(open_ends.pop(), ()):
                    if member not in found:
                        found.add(member)
                        open_ends.append(member)
            known[start] = found
        return known[start]

    return reached


def _rates(world: World, perils: list[Any]) -> Callable[[str, str, str, str], bool]:
    """Whether the rate behind an event is low: (peril, region, event_id, root node) -> bool."""
    rows: dict[tuple[str, str, str], bool] = {}
    files: dict[str, Mapping[str, Any]] = {}
    for peril in perils:
        name = peril.spec.peril_id
        files[name] = peril.spec.data
        table = peril.catalogue(world) if hasattr(peril, "catalogue") else pd.DataFrame()
        if "confidence" in table:
            for event, node, low in zip(table["event_id"].astype(str), table["node_id"],
                                        _is_low(table), strict=True):
                rows[name, event, node] = rows.get((name, event, node), False) or bool(low)
    of_region: dict[tuple[str, str], bool] = {}

    def is_low(peril: str, region: str, event: str, root: str) -> bool:
        if (peril, event, root) in rows:
            return rows[peril, event, root]
        if (peril, region) not in of_region:
            of_region[peril, region] = _low_rate_in(files.get(peril, {}), region)
        return of_region[peril, region]

    return is_low


def _low_rate_in(data: Mapping[str, Any], region: str) -> bool:
    from riskmodel.perils.spec import numbers

    rates = {path: number for path, number in numbers(data).items()
             if str(number.get("unit", "")).startswith("1/yr")}
    local = [number for path, number in rates.items() if region in path.split(".")]
    return any(number.get("confidence") == _LOW for number in local or rates.values())
