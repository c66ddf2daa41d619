"""Where capacity may go: sites of the world, and grid regions for which a probe is put up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from riskmodel.decisions.allocation.rows import Conditions
from riskmodel.decisions.next_mw.candidates import grid_regions, with_candidates
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: in place of a list: a probe in every grid region that can have one
REGIONS = "regions"


def places_of(world: World, candidates: Sequence[str] | str | None, *,
              frozen: bool = False) -> tuple[World, tuple[str, ...], dict[str, str]]:
    """Return the world with the probes that are asked for, the site ids, and region -> probe.

    Parameters
    ----------
    candidates : site ids and grid regions (a region that is no site gets a probe of 0 MW, see
        :mod:`riskmodel.decisions.next_mw.candidates`); "regions" for a probe in each region; every
        site of the world if None
    frozen : the world must stay as it is, because losses of it were given

    Raises
    ------
    RiskModelError : a name is neither, stands twice, its region can have no probe, or one would
        change a world that must stay
    """
    sites = world.sites["site_id"].tolist()
    if candidates is None:
        return world, tuple(sites), {}
    known, offered = set(sites), grid_regions(world)
    every = isinstance(candidates, str) and candidates == REGIONS
    asked = offered if every else [candidates] if isinstance(candidates, str) else list(candidates)
    if not asked:
        raise RiskModelError("candidates is empty; name sites or grid regions of the world, or "
                             "leave it out to take all sites")
    for name in asked:
        if name not in known and name not in offered:
            raise RiskModelError(f"the candidate {name!r} is no site and no grid region of this "
                                 f"world{near(str(name), [*sites, *offered])}")
    if len(set(asked)) < len(asked):
        twice = next(name for name in asked if asked.count(name) > 1)
        raise RiskModelError(f"the candidate {twice!r} stands twice; name it once")
    regions = [name for name in asked if name not in known]
    if not regions:
        return world, tuple(asked), {}
    if frozen:
        raise RiskModelError(
            f"{regions[0]!r} is a grid region, and the losses given know no site for it; make the "
            "world with riskmodel.decisions.next_mw.candidates.with_candidates, simulate that, "
            "and name its sites")
    probed, rows = with_candidates(world, regions)
    probes = {row["region"]: row["site_id"] for row in rows.to_dict("records") if row["site_id"]}
    reasons = dict(zip(rows["region"], rows["left_out"], strict=True))
    without = [name for name in regions if name not in probes]
    if without and not every:
        raise RiskModelError(f"the grid region {without[0]!r} can have no candidate: "
                             f"{reasons[without[0]]}")
    if not probes:
        raise RiskModelError("no grid region of this world can have a candidate; name sites")
    return probed, tuple(probes.get(name, name) for name in asked if name not in without), probes


def for_probes(conditions: Conditions, probes: Mapping[str, str]) -> Conditions:
    """Return the conditions with caps of regions, and a hub, meant for their probes."""
    caps = conditions.caps
    if isinstance(caps, Mapping):
        caps = {probes.get(name, name): cap for name, cap in caps.items()}
    hub = conditions.hub
    return replace(conditions, caps=caps, hub=probes.get(hub, hub) if isinstance(hub, str) else hub)
