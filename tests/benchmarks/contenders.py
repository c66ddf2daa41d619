"""What is measured side by side, and what each computes and leaves out."""

from __future__ import annotations

import riskmodel as rm
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.run.runner import BLOCK_YEARS
from tests.benchmarks.engine_runs import Engine, Floor
from tests.benchmarks.networkx_any import NetworkxAny
from tests.benchmarks.networkx_loop import NetworkxAll, NetworkxSums
from tests.benchmarks.peers.process import Peer
from tests.benchmarks.rounds import Contender
from tests.benchmarks.standard_job import Job
from tests.benchmarks.vectorised_numpy import NumpyAll, NumpySums

ENGINE, ENGINE_1 = "riskmodel, 2 threads", "riskmodel, 1 thread"
FLOOR, FLOOR_1 = "floor, 2 threads", "floor, 1 thread"
LOOP_ANY, LOOP = "networkx loop, any requirements", "networkx loop, all outputs"
LOOP_SUMS, LOOP_CIRCLES = ("networkx loop, sums only",
                           "networkx loop, sums only, circles searched")
NUMPY, NUMPY_SUMS = "vectorised numpy, all outputs", "vectorised numpy, sums only"
CLIMADA, OASIS = "CLIMADA, impact and year sets of each lab", "Oasis, gulmc to lecpy"
WHOLE, WHOLE_ADEQUACY = "rm.simulate", "rm.simulate with adequacy"

DOES = {
    ENGINE: "keyed draws, exact cascade for any requirements, union of overlapping outages, "
            "shortfall, AEP, OEP, contributions by peril, every loss with its event and root node",
    ENGINE_1: "the same on one thread",
    FLOOR: "riskmodel's own draws and table reads, and nothing else",
    FLOOR_1: "the same on one thread",
    LOOP_ANY: "the same outputs as riskmodel for any requirements without cycles and proportional "
              "groups: one draw at a time, a walk down the graph for every failed node, then from "
              "instant to instant every node below one that is not whole, in topological order; "
              "one thread. Equal to riskmodel to rounding on riskmodel's own draws",
    LOOP: "the same outputs as riskmodel, for the standard job only (every need is of one member, "
          "whole, without reserve): one draw at a time, a walk down the graph for every failed "
          "node at run time; one thread. Equal to riskmodel to rounding on riskmodel's own draws",
    LOOP_SUMS: "AAL and AEP, overlaps counted twice; no union, shortfall, OEP or causes",
    LOOP_CIRCLES: "the same, and searches the sites of a circle at run time, where the others read "
                  "them from the event table",
    NUMPY: "the same outputs as riskmodel, for the standard job only; the cascade is a table made "
           "beforehand of the sites each node takes down, which a job with quorums or reserves "
           "does not have; one thread. Equal to riskmodel to a millionth on riskmodel's own draws",
    NUMPY_SUMS: "AAL and AEP from the same table, overlaps counted twice; no union, shortfall, OEP "
                "or causes",
    CLIMADA: "sampled years of each lab from the mean damage of each event; no draws of sites or "
             "durations, no cascade (nodes were replaced by their sites beforehand), union, "
             "shortfall or causes",
    OASIS: "a draw of damage for every site and occurrence, AEP and OEP of each lab; no cascade "
           "(nodes were replaced by their sites beforehand, which then fail apart), union, "
           "shortfall or causes. In one process, without its start and the writing of its files",
    WHOLE: "the whole call on the shipped world, all perils, two threads: nine perils draw in "
           "numpy, and the tables of years, events and causes are made and kept",
    WHOLE_ADEQUACY: "the same with the calendar pass behind LOLE and EUE, as `riskmodel run` does",
}


def engine_contenders(plan: Plan, least_years: int = 2 * BLOCK_YEARS) -> list[Contender]:
    """Return riskmodel and its floor, on two threads and on one; a whole block for each thread."""
    return [Contender(name, run, least_years=least_years) for name, run in (
        (ENGINE, Engine(plan, 2)), (ENGINE_1, Engine(plan, 1)), (FLOOR, Floor(plan, 2)),
        (FLOOR_1, Floor(plan, 1)))]


def references(job: Job) -> list[Contender]:
    """Return the loops and the arrays, which know the standard job only."""
    return [
        Contender(LOOP_ANY, NetworkxAny(job)), Contender(LOOP, NetworkxAll(job)),
        Contender(LOOP_SUMS, NetworkxSums(job)),
        Contender(LOOP_CIRCLES, NetworkxSums(job, circles=True)),
        Contender(NUMPY, NumpyAll(job)), Contender(NUMPY_SUMS, NumpySums(job))]


def rich_references(job: Job) -> list[Contender]:
    """Return the loop that knows the rich job."""
    return [Contender(LOOP_ANY, NetworkxAny(job))]


def peer_contenders(peers: dict[str, Peer]) -> list[Contender]:
    """Return what runs in other environments; each needs long rounds, for what it does once.

    CLIMADA works out the impact of every event first, and its years cost little; Oasis reads the
    model first, and its years cost much.
    """
    names = {"climada": CLIMADA, "oasis": OASIS}
    least = {"climada": 10_000, "oasis": 8}
    return [Contender(names[key], peer, peer.watch, least_years=least[key], round_s=6.0)
            for key, peer in peers.items()]


def shipped_contenders(world: rm.World) -> list[Contender]:
    """Return the whole call on a world, with its default perils."""
    def run(years: int, adequacy: bool) -> rm.Losses:
        return rm.simulate(world, years=years, seed=7, workers=2, adequacy=adequacy)

    # planning takes a second or more, however few the years
    return [Contender(WHOLE, lambda years: run(years, False), least_years=32_768),
            Contender(WHOLE_ADEQUACY, lambda years: run(years, True), least_years=32_768)]
