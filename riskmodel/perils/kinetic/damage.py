"""What a hit does: own outages of sites, grids, gas plants and cable corridors.

A direct hit damages part of the site (its depth stays until that building is mended) and nearly
always ends with the fire service shutting off the power of the whole site; a near miss cuts the
power only. A hit on a grid, gas or cable node takes one of its many facilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic import repair
from riskmodel.perils.kinetic.hits import Hits, hit_chances
from riskmodel.perils.kinetic.parts import POWER, facility_parts, site_parts
from riskmodel.perils.names import Names, joined
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: columns of the damage of hits: positions of wave and target, and the own outage
COLUMNS = ("wave", "target", "part", "start_h", "duration_h", "depth", "direct")

Columns = dict[str, Any]


def direct_hits(hits: Hits) -> NDArray[np.bool_]:
    """Tell direct hits on data centres from near misses."""
    direct_chance, near_chance = hit_chances(hits.fire.data, hits.fire.theatre)
    return np.asarray(hits.draw("direct") * near_chance < direct_chance, bool)


def data_centre_damage(hits: Hits) -> Columns:
    """Return the own outages of hits on data centres: halls, and the power of the site."""
    data, direct = hits.fire.data, direct_hits(hits)
    buildings = np.minimum(hits.targets.facilities[hits.target], POWER)
    building = np.minimum(hits.draw("building") * buildings, buildings - 1).astype(np.int64)
    begin = _repair_start(hits, "hall")
    year = hits.fire.year[hits.wave]
    site = _groups(year, hits.target)
    hall = np.flatnonzero(direct)
    end = repair.whole_again(_groups(site[hall], building[hall]), hits.hit_h[hall], begin[hall],
                             repair.hall_hours(data, lambda what: hits.draw(what)[hall]))
    halls = _outages(hits, hall, _site_parts(hits, hall, building), end,
                     quantiles.beta(hits.draw("depth")[hall], figure(data, "hit", "depth_a"),
                                    figure(data, "hit", "depth_b")), direct)
    cut = hits.draw("power cut") < np.where(
        direct, figure(data, "hit", "power_cut_probability"),
        figure(data, "hit", "near_power_cut_probability"))
    dark = np.flatnonzero(cut)
    end = repair.whole_again(site[dark], hits.hit_h[dark], begin[dark],
                             repair.power_hours(data, hits.draw, ~direct)[dark])
    power = _outages(hits, dark, _site_parts(hits, dark, np.full(len(hits), POWER)), end,
                     np.full(len(dark), figure(data, "hit", "power_cut_depth")), direct)
    return {name: joined([halls[name], power[name]]) for name in COLUMNS}


def node_damage(hits: Hits) -> Columns:
    """Return the own outages of hits on nodes of the grid, gas, cables, and on overhead lines.

    A facility keeps its number whatever campaign hits it: hit again it is not lost twice.
    """
    data, kind = hits.fire.data, hits.target_class
    facilities = hits.targets.facilities[hits.target]
    number = np.minimum(hits.draw("facility") * facilities, facilities - 1).astype(np.int64)
    if kind == "grid":
        length = repair.grid_hours(data, hits.fire.theatre, hits.draw)
    else:
        law = {"line": repair.line_hours, "gas": repair.gas_hours, "cable": repair.cable_hours}
        length = law[kind](data, hits.draw)
    begin = _repair_start(hits, "grid" if kind == "line" else kind)
    group = _groups(_groups(hits.fire.year[hits.wave], hits.target), number)
    end = repair.whole_again(group, hits.hit_h, begin, length)
    part = facility_parts(kind, number)
    every = np.arange(len(hits))
    depth = np.minimum(figure(data, "hit", f"{kind}_loss") / facilities, 1.0)
    return _outages(hits, every, part, end, depth, np.ones(len(hits), bool))


def _repair_start(hits: Hits, target_class: str) -> NDArray[np.float64]:
    campaigns = hits.fire.campaigns
    delay = repair.access_delay(hits.fire.data, campaigns.kind[hits.campaign], target_class)
    return repair.repair_start(hits.hit_h, campaigns.end_h[hits.campaign], delay)


def _site_parts(hits: Hits, chosen: NDArray[np.intp], building: NDArray[np.int64]) -> Names:
    """Name parts by campaign and wave: hits of two campaigns that overlap are never alike."""
    return site_parts(building[chosen], hits.fire.campaigns.number[hits.campaign[chosen]],
                      hits.fire.waves.wave[hits.wave[chosen]], hits.ordinal[chosen])


def _groups(one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number per distinct pair."""
    if not len(one):
        return np.zeros(0, np.int64)
    first = np.unique(one, return_inverse=True)[1].astype(np.int64)
    return first * (int(two.max()) + 1) + two


def _outages(hits: Hits, chosen: NDArray[np.intp], part: Names, end: NDArray[np.float64],
             depth: NDArray[np.float64], direct: NDArray[np.bool_]) -> Columns:
    return {"wave": hits.wave[chosen], "target": hits.target[chosen], "part": part,
            "start_h": hits.hit_h[chosen], "duration_h": end - hits.hit_h[chosen],
            "depth": np.asarray(depth, float), "direct": direct[chosen]}
