"""What is measured side by side, and what each computes and leaves out."""

from __future__ import annotations

from riskmodel.engine.plan import Plan
from tests.benchmarks.engine_runs import Engine, Floor
from tests.benchmarks.networkx_loop import NetworkxAll, NetworkxSums
from tests.benchmarks.rounds import Contender
from tests.benchmarks.standard_job import Job
from tests.benchmarks.vectorised_numpy import NumpyAll, NumpySums

ENGINE, ENGINE_1 = "riskmodel, 2 threads", "riskmodel, 1 thread"
FLOOR, FLOOR_1 = "floor, 2 threads", "floor, 1 thread"
LOOP, LOOP_SUMS, LOOP_CIRCLES = ("networkx loop, all outputs", "networkx loop, sums only",
                                 "networkx loop, sums only, circles searched")
NUMPY, NUMPY_SUMS = "vectorised numpy, all outputs", "vectorised numpy, sums only"

DOES = {
    ENGINE: "keyed draws, exact cascade for any requirements, union of overlapping outages, "
            "shortfall, AEP, OEP, contributions by peril, every loss with its event and root node",
    ENGINE_1: "the same on one thread",
    LOOP: "the same outputs for the standard job only (needs of one member, whole, without "
          "reserve): a walk down the graph for every failed node at run time, one draw at a time",
    LOOP_SUMS: "AAL and AEP with overlaps counted twice: no union, shortfall, OEP or causes",
    LOOP_CIRCLES: "the same, and looks for the sites of a circle at run time instead of reading "
                  "them from the event table",
    NUMPY: "the same outputs for the standard job only, one thread; the cascade is a table of "
           "which sites a node takes, made beforehand",
    NUMPY_SUMS: "AAL and AEP from the same table with overlaps counted twice: no union, shortfall, "
                "OEP or causes",
    FLOOR: "riskmodel's own draws and table reads and nothing else",
    FLOOR_1: "the same on one thread",
}


def engine_contenders(plan: Plan) -> list[Contender]:
    """Return riskmodel and its floor, on two threads and on one."""
    return [Contender(ENGINE, Engine(plan, 2)), Contender(ENGINE_1, Engine(plan, 1)),
            Contender(FLOOR, Floor(plan, 2)), Contender(FLOOR_1, Floor(plan, 1))]


def references(job: Job) -> list[Contender]:
    """Return the loops and the arrays, which know the standard job only."""
    return [Contender(LOOP, NetworkxAll(job)), Contender(LOOP_SUMS, NetworkxSums(job)),
            Contender(LOOP_CIRCLES, NetworkxSums(job, circles=True)),
            Contender(NUMPY, NumpyAll(job)), Contender(NUMPY_SUMS, NumpySums(job))]
