"""The loop for any requirements: quorums, second feeds, shares, reserves, partial depths.

``NetworkxAny`` gives what riskmodel gives, to rounding, on any world without cycles and
proportional groups: from one instant at which something changes to the next it works out, in
topological order, every node below one that is not whole. ``NetworkxAll`` is quicker, but its walk
down the graph is right only where every need is of one member, whole, without reserve.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import networkx as nx

from tests.benchmarks.networkx_loop import NetworkxAll, Outage, below
from tests.benchmarks.outputs import YearTable
from tests.benchmarks.standard_job import Job

EPS = 1e-12
WHOLE = (1.0, -1)  # availability, and the place of the outage that is the cause


class Group(NamedTuple):
    """What a node requires together, ``k`` of its members."""

    node: str
    name: str
    members: tuple[str, ...]
    k: int
    share: float
    reserve_h: float
    recharge_h: float


class NetworkxAny(NetworkxAll):
    """Draws one at a time, and an exact cascade from instant to instant."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.place = {node: i for i, node in enumerate(nx.topological_sort(self.graph))}
        self.groups: dict[str, list[Group]] = {}
        needs = job.world.requirements
        assert (needs["mode"] == "quorum").all()
        for (node, name), rows in needs.groupby(["node_id", "group"], sort=False):
            first = rows.iloc[0]
            self.groups.setdefault(node, []).append(Group(
                node, name, tuple(rows.member_id), int(first.k), float(first.share),
                float(first.ride_through_h), float(first.recharge_h)))

    def book(self, table: YearTable, year: int, outages: list[Outage]) -> None:
        """Step through the year, and value what is lost."""
        outages.sort(key=lambda outage: (outage.start, outage.event, outage.node))
        hit = [{outage.node} | nx.descendants(self.graph, outage.node) for outage in outages]
        marks = sorted({o.start for o in outages} | {o.end for o in outages})
        caused: defaultdict[tuple[int, int, int], float] = defaultdict(float)
        changes: list[list[tuple[float, float]]] = [[] for _ in range(self.labs)]
        down: dict[str, float] = {}  # site -> MW it is short of
        levels: dict[Group, float] = {}  # of the reserves that are not full
        now, mark = marks[0] if marks else 0.0, 1
        while mark < len(marks):
            active = [i for i, o in enumerate(outages) if o.start <= now < o.end]
            state, short = self.cascade(outages, hit, active, levels)
            hours = marks[mark] - now
            for group, gap in short.items():
                if levels.get(group, group.reserve_h) > 0.0:
                    hours = min(hours, levels.get(group, group.reserve_h) / gap)
            for name in [*down, *(name for name in state if name not in down)]:
                if name in self.sites:
                    lab, mw = self.sites[name]
                    value, cause = state.get(name, WHOLE)
                    gone = mw * (1.0 - value)
                    if gone != down.get(name, 0.0):
                        changes[lab].append((now, gone - down.get(name, 0.0)))
                        down[name] = gone
                    if gone:
                        caused[outages[cause].event, outages[cause].peril, lab] += gone * hours
            _drain_and_fill(levels, short, hours)
            now += hours
            if marks[mark] - now < 1e-9:
                now, mark = marks[mark], mark + 1
        for name, gone in down.items():
            changes[self.sites[name][0]].append((now, -gone))
        self.close(table, year, caused,
                   [below(changes[lab], slack) for lab, slack in enumerate(self.slack)])

    def cascade(self, outages: list[Outage], hit: list[set[str]], active: list[int],
                levels: dict[Group, float],
                ) -> tuple[dict[str, tuple[float, int]], dict[Group, float]]:
        """Return the nodes that are not whole, and by how much each group with a reserve is short.

        Causes by the design's words: own or the group with the lowest cap, ties to the earlier.
        """
        own: dict[str, tuple[float, int]] = {}
        for i in active:  # earliest first: the deepest counts
            left = 1.0 - outages[i].depth
            if left < own.get(outages[i].node, WHOLE)[0] - EPS:
                own[outages[i].node] = (left, i)
        state: dict[str, tuple[float, int]] = {}
        short: dict[Group, float] = {}
        touched = set().union(*(hit[i] for i in active))
        for node in sorted(touched, key=self.place.__getitem__):
            value, cause = own.get(node, WHOLE)
            for group in self.groups.get(node, ()):
                if len(group.members) == 1:
                    served, why = state.get(group.members[0], WHOLE)
                else:
                    served, why = _quorum([state.get(m, WHOLE) for m in group.members], group.k)
                if served >= 1.0 - EPS:
                    continue
                if group.reserve_h > 0.0:
                    short[group] = 1.0 - served
                    if levels.get(group, group.reserve_h) > 0.0:
                        continue
                cap = 1.0 - group.share * (1.0 - served)
                if cap < value - EPS or (cap <= value + EPS and why < cause):
                    cause = why
                value = min(value, cap)
            if value < 1.0 - EPS:
                state[node] = (value, cause)
        return state, short


def _quorum(members: list[tuple[float, int]], k: int) -> tuple[float, int]:
    """Return the k-th largest availability; of ties, the latest failure counts as the larger."""
    return sorted(members, key=lambda m: (-round(m[0], 12), -m[1]))[k - 1]


def _drain_and_fill(levels: dict[Group, float], short: dict[Group, float], hours: float) -> None:
    for group, gap in short.items():
        left = levels.get(group, group.reserve_h) - hours * gap
        levels[group] = left if left > 1e-9 else 0.0
    for group in [group for group in levels if group not in short]:
        gain = hours * group.reserve_h / group.recharge_h if group.recharge_h else group.reserve_h
        levels[group] += gain
        if levels[group] >= group.reserve_h:
            del levels[group]
