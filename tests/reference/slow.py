"""The judge: an obviously right, slow engine in plain Python.

It steps from one instant at which something changes to the next, works out the availability of
every node by going round until nothing moves, and finds the cause of every lost MW-hour by walking
down from the site. No arrays, no lists of points, nothing shared with the engine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

EPS = 1e-12


@dataclass(frozen=True)
class Group:
    name: str
    members: tuple[tuple[str, float], ...]  # (node, weight)
    k: float
    mode: str
    share: float
    ride_h: float
    recharge_h: float


@dataclass(frozen=True)
class Own:
    node: str
    start: float
    end: float
    depth: float
    part: str
    event: int


@dataclass
class Answer:
    lost: dict  # lab -> MW-h
    causes: dict  # (lab, event, node) -> MW-h
    shortfall: dict  # lab -> MW-h
    shortfall_h: dict
    days: dict


def solve(nodes, groups, outages, holdings, needed, capacity, window=(-math.inf, math.inf)):
    """Return the ``Answer``.

    nodes: ids; groups: node -> [Group]; outages: [Own]; holdings: [(lab, site, MW)];
    needed: lab -> MW needed; capacity: lab -> MW.
    """
    outages = sorted(outages, key=lambda o: (o.start, o.event, o.node))  # place = order of failure
    marks = sorted({o.start for o in outages} | {o.end for o in outages} | {
        w for w in window if math.isfinite(w)})
    reserve = {(n, g.name): g.ride_h for n in nodes for g in groups.get(n, ())}
    answer = Answer({}, {}, {}, {}, {})
    days = {}
    if not marks:
        return answer
    t = marks[0]
    while True:
        later = [m for m in marks if m > t]
        own, own_cause = own_state(nodes, outages, t)
        served, avail = availabilities(nodes, groups, own, reserve)
        # how long this state lasts: to the next mark, or until a reserve runs out
        step = (min(later) - t) if later else math.inf
        for node in nodes:
            for g in groups.get(node, ()):
                s = served[node, g.name]
                if s < 1 - EPS and reserve[node, g.name] > 0:
                    step = min(step, reserve[node, g.name] / (1 - s))
        if step == math.inf:
            return close(answer, days)
        book(answer, days, t, t + step, avail, own, own_cause, groups, served, reserve, outages,
             holdings, needed, capacity, window)
        for node in nodes:
            for g in groups.get(node, ()):
                key, s = (node, g.name), served[node, g.name]
                if s < 1 - EPS:
                    left = reserve[key] - step * (1 - s)
                    reserve[key] = left if left > 1e-9 else 0.0
                elif g.ride_h > 0:
                    gain = math.inf if g.recharge_h == 0 else step * g.ride_h / g.recharge_h
                    reserve[key] = min(g.ride_h, reserve[key] + gain)
        t = min(later) if later and abs(t + step - min(later)) < 1e-9 else t + step


def own_state(nodes, outages, t):
    """Own availability of every node at t, and the place of the outage that explains it."""
    own, cause = {}, {}
    for node in nodes:
        deepest = {}  # part -> (depth, place)
        for place, o in enumerate(outages):
            if o.node == node and o.start <= t < o.end and (
                    o.part not in deepest or o.depth > deepest[o.part][0] + EPS):
                deepest[o.part] = (o.depth, place)
        own[node] = max(0.0, 1.0 - sum(d for d, _ in deepest.values()))
        cause[node] = None
        if deepest:
            most = max(d for d, _ in deepest.values())
            cause[node] = min(p for d, p in deepest.values() if d >= most - EPS)
    return own, cause


def service(group, avail):
    if group.mode == "proportional":
        return min(1.0, sum(w * avail[m] for m, w in group.members) / group.k)
    return sorted((avail[m] for m, _ in group.members), reverse=True)[int(group.k) - 1]


def cap(node, group, served, reserve):
    s = served[node, group.name]
    if s < 1 - EPS and reserve[node, group.name] > 0:
        s = 1.0
    return 1.0 - group.share * (1.0 - s)


def availabilities(nodes, groups, own, reserve):
    """Start from everything up and go round until nothing moves by 1e-12."""
    avail = dict.fromkeys(nodes, 1.0)
    served = {(n, g.name): 1.0 for n in nodes for g in groups.get(n, ())}
    for _ in range(100_000):
        moved = 0.0
        for node in nodes:
            for g in groups.get(node, ()):
                served[node, g.name] = service(g, avail)
            value = min([own[node], *(cap(node, g, served, reserve) for g in groups.get(node, ()))])
            moved = max(moved, abs(value - avail[node]))
            avail[node] = value
        if moved <= EPS / 100:
            return served, avail
    raise AssertionError("did not settle")


def find_cause(node, avail, own, own_cause, groups, served, reserve, seen=()):
    """Place of the own outage that holds the node down, by the design's words."""
    if node in seen:  # round a cycle: nothing new to be found on this way
        return None
    here = (*seen, node)
    found = []
    if own[node] <= avail[node] + EPS and own_cause[node] is not None:
        found.append(own_cause[node])
    for g in groups.get(node, ()):
        if g.share == 0 or cap(node, g, served, reserve) > avail[node] + EPS:
            continue
        if cap(node, g, served, reserve) >= 1 - EPS:
            continue
        causes = {m: find_cause(m, avail, own, own_cause, groups, served, reserve, here)
                  for m, _ in g.members if avail[m] < 1 - EPS}
        if g.mode == "proportional":
            gaps = {m: w * (1 - avail[m]) for m, w in g.members if causes.get(m) is not None}
            if gaps:
                most = max(gaps.values())
                found.append(min(causes[m] for m in gaps if gaps[m] >= most - EPS))
        else:
            value = service(g, avail)
            above = sum(avail[m] > value + EPS for m, _ in g.members)
            ties = sorted((causes[m] for m, _ in g.members
                           if abs(avail[m] - value) <= EPS and causes.get(m) is not None),
                          reverse=True)  # latest failure first
            rank = int(g.k) - above - 1
            if rank < len(ties):
                found.append(ties[rank])
    return min(found) if found else None


def book(answer, days, start, end, avail, own, own_cause, groups, served, reserve, outages,
         holdings, needed, capacity, window):
    start, end = max(start, window[0]), min(end, window[1])
    if end <= start:
        return
    down = {}
    for lab, site, mw in holdings:
        gone = mw * (1 - avail[site])
        if avail[site] >= 1 - EPS:
            continue
        down[lab] = down.get(lab, 0.0) + gone
        answer.lost[lab] = answer.lost.get(lab, 0.0) + gone * (end - start)
        place = find_cause(site, avail, own, own_cause, groups, served, reserve)
        who = (lab, outages[place].event, outages[place].node) if place is not None else (lab,)
        answer.causes[who] = answer.causes.get(who, 0.0) + gone * (end - start)
    for lab, gone in down.items():
        over = gone - (capacity[lab] - needed[lab])
        if over > 1e-9 * capacity[lab]:
            answer.shortfall[lab] = answer.shortfall.get(lab, 0.0) + over * (end - start)
            answer.shortfall_h[lab] = answer.shortfall_h.get(lab, 0.0) + end - start
            first, last = math.floor(start / 24 + 1e-9), math.ceil(end / 24 - 1e-9)
            days.setdefault(lab, set()).update(range(first, last))


def close(answer, days):
    answer.days = {lab: len(found) for lab, found in days.items()}
    return answer
