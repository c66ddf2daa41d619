"""Compile a world and its perils, once, into the arrays that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import HOLD, LAB, Catalogue, Graph
from riskmodel.engine.plan.catalogue import Skeleton, Tables, compile_catalogues
from riskmodel.engine.plan.graph import compile_graph

if TYPE_CHECKING:
    from riskmodel.perils.protocol import SamplingPeril
    from riskmodel.world.world import World


HOURS_PER_YEAR = 8760.0  # of a rate; a trial may be longer or shorter


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything a block of years needs, and nothing that depends on the block.

    ``nodes`` stand in topological order; ``perils``, ``regions`` and ``event_ids`` turn the numbers
    of the kernel back into names.
    """

    world: World
    graph: Graph
    catalogue: Catalogue
    event_ids: tuple[str, ...]
    samplers: tuple[tuple[int, SamplingPeril], ...]  # (position in perils, peril)
    nodes: tuple[str, ...]
    node_index: dict[str, int]
    labs: tuple[str, ...]
    capacity_mw: np.ndarray
    needed_share: np.ndarray
    perils: tuple[str, ...]
    regions: tuple[str, ...]
    region_index: dict[str, int]
    seed: int
    segments: int  # of the calendar's trial: the year and its warm-up
    horizon_h: float
    cap_h: float
    merge_width: int
    part_names: dict[int, str]  # number of a part -> its name, as far as met
    skeletons: dict[str, Skeleton]  # of the event tables, for other numbers of the same perils
    hold_room: int = 0  # most holdings of any state of the world that shares the scratch
    scratch: list[Any] = field(default_factory=list)  # of threads that are done, to be used again

    def __getstate__(self) -> dict[str, Any]:
        """Leave the scratch behind when the plan travels to another process."""
        return {**self.__dict__, "scratch": []}


def make_plan(world: World, perils: Sequence[Any], *, seed: int, horizon_h: float, cap_h: float,
              extra_regions: Sequence[str] = (), extra_labs: Sequence[str] = ()) -> Plan:
    """Compile the world under the given peril objects.

    ``extra_regions`` and ``extra_labs`` are named by what comes later: a story, another state of
    the world.
    """
    perils = sorted(perils, key=lambda peril: peril.spec.peril_id)
    sites = world.sites
    ids = list(dict.fromkeys([*world.nodes["node_id"], *sites["site_id"],
                              *world.requirements["node_id"], *world.requirements["member_id"]]))
    graph, nodes = compile_graph(ids, world.requirements)
    index = {node: i for i, node in enumerate(nodes)}

    labs_frame = world.labs
    holdings = world.effective_holdings()
    labs = list(labs_frame["lab_id"])
    needed = dict(zip(labs_frame["lab_id"], labs_frame["needed_share"], strict=True))
    for lab in (*holdings["lab_id"], *extra_labs):
        if lab not in needed:  # what nobody holds goes to `unknown`, which needs nothing
            needed[lab] = 0.0
            labs.append(lab)
    graph, capacity = with_holdings(graph, sites, holdings, labs, needed, index)

    segments = 1 + int(np.ceil(cap_h / horizon_h - 1e-9))
    names = tuple(peril.spec.peril_id for peril in perils)
    tables = compile_catalogues(world, perils, index, graph.node["rank"], seed, segments,
                                horizon_h / HOURS_PER_YEAR)
    samplers, regions, region_index = _samplers_and_regions(world, perils, tables, extra_regions)
    widest = int(max((graph.group["member_end"] - graph.group["member"]).max(initial=1),
                     (graph.node["group_end"] - graph.node["group"]).max(initial=1)))
    return Plan(
        world=world, graph=graph,
        catalogue=_with_regions(tables, region_index), event_ids=tables.event_ids,
        samplers=samplers, nodes=tuple(nodes), node_index=index, labs=tuple(labs),
        capacity_mw=capacity, needed_share=np.array([needed[lab] for lab in labs], dtype=float),
        perils=names, regions=regions, region_index=region_index, seed=seed,
        segments=segments, horizon_h=horizon_h, cap_h=cap_h, merge_width=widest,
        part_names=dict(tables.part_names), skeletons=tables.skeletons)


def replan(base: Plan, perils: Sequence[Any], holdings: pd.DataFrame) -> Plan:
    """Return the plan of another state of the same world: other numbers, other holdings.

    ``perils`` are in the order of ``base.perils``; the graph, the scratch and the names are shared
    with ``base``. A ceiling below the drawn rates is doubled until it is above them.
    """
    labs = list(base.labs)
    needed = dict(zip(labs, base.needed_share.tolist(), strict=True))
    graph, capacity = with_holdings(base.graph, base.world.sites, holdings, labs, needed,
                                    base.node_index)
    tables = compile_catalogues(base.world, perils, base.node_index, graph.node["rank"], base.seed,
                                base.segments, base.horizon_h / HOURS_PER_YEAR, lift=True,
                                skeletons=base.skeletons)
    samplers, regions, region_index = _samplers_and_regions(base.world, perils, tables, ())
    if regions == base.regions:
        regions, region_index = base.regions, base.region_index
    ids = base.event_ids if tables.event_ids == base.event_ids else tables.event_ids
    base.part_names.update(tables.part_names)
    return replace(
        base, graph=graph, catalogue=_with_regions(tables, region_index), event_ids=ids,
        samplers=samplers, capacity_mw=capacity, regions=regions, region_index=region_index)


def _samplers_and_regions(
        world: World, perils: Sequence[Any], tables: Tables, extra: Sequence[str],
) -> tuple[tuple[tuple[int, SamplingPeril], ...], tuple[str, ...], dict[str, int]]:
    samplers = tuple((i, p) for i, p in enumerate(perils) if not hasattr(p, "catalogue"))
    regions = tuple(sorted({*tables.regions, *extra,
                            *(r for _, p in samplers for r in p.regions(world))}))
    return samplers, regions, {region: i for i, region in enumerate(regions)}


def _with_regions(tables: Tables, region_index: dict[str, int]) -> Catalogue:
    codes = np.array([region_index[name] for name in tables.event_regions], dtype=np.int32)
    tables.catalogue.event["region"] = codes
    return tables.catalogue


def with_holdings(graph: Graph, sites: pd.DataFrame, holdings: pd.DataFrame, labs: list[str],
                  needed: dict[str, float], index: dict[str, int]) -> tuple[Graph, np.ndarray]:
    """Return the graph with who holds what, and the MW IT of each lab."""
    mw = dict(zip(sites["site_id"], sites["it_mw"], strict=True))
    number = {lab: i for i, lab in enumerate(labs)}
    node = np.array([index[site] for site in holdings["site_id"]], dtype=np.int32)
    lab = np.array([number[name] for name in holdings["lab_id"]], dtype=np.int32)
    share = holdings["share"].to_numpy(dtype=float)
    held = share * np.array([mw[site] for site in holdings["site_id"]], dtype=float)
    keep = held > 0
    order = np.lexsort((lab[keep], node[keep]))
    hold = np.zeros(int(keep.sum()), HOLD)
    hold["node"], hold["lab"], hold["mw"] = (a[keep][order] for a in (node, lab, held))
    nodes = graph.node.copy()
    off = np.searchsorted(hold["node"], np.arange(len(index) + 1))
    nodes["hold"], nodes["hold_end"] = off[:-1], off[1:]
    capacity = np.bincount(hold["lab"], weights=hold["mw"], minlength=len(labs)).astype(float)
    lab_array = np.zeros(len(labs), LAB)
    need = np.array([needed[name] for name in labs], dtype=float)
    lab_array["needed_mw"], lab_array["slack_mw"] = capacity * need, capacity * (1.0 - need)
    return graph._replace(node=nodes, hold=hold, lab=lab_array), capacity
