"""What a run loses in a year, said over again in plain Python: slow, and hard to get wrong.

Functions of time are looked at in the middle of every cell between breakpoints.
"""

from __future__ import annotations

import math
from itertools import pairwise

INF = math.inf


class Function:
    """A function of time that is 0 outside of disjoint (start, end, level) pieces."""

    def __init__(self, pieces):
        self.pieces = sorted(p for p in pieces if p[1] > p[0] and p[2] > 0)

    def __call__(self, t):
        return max((v for a, b, v in self.pieces if a < t < b), default=0.0)

    def edges(self):
        return {x for a, b, _ in self.pieces for x in (a, b)}


def sampled(at, edges):
    """Make a Function of what ``at`` says in the middle of every cell."""
    times = sorted(edges)
    return Function([(a, b, at((a + b) / 2)) for a, b in pairwise(times)])


def unbroken(f, level, t):
    """Return start and end of the time around t in which f is never below the level."""
    a, b = next((p[0], p[1]) for p in f.pieces if p[0] < t < p[1])
    grown = True
    while grown:
        grown = False
        for start, end, value in f.pieces:
            if value >= level and (end == a or start == b):
                a, b = min(a, start), max(b, end)
                grown = True
    return a, b


def lasting(f, hours):
    def at(t):
        for level in sorted({v for _, _, v in f.pieces if v <= f(t)}, reverse=True):
            a, b = unbroken(f, level, t)
            if b - a > hours:
                return level
        return 0.0
    return sampled(at, f.edges())


def standing(f, hours):
    def at(t):
        for level in sorted({v for _, _, v in f.pieces}, reverse=True):
            if f(t) >= level and unbroken(f, level, t)[0] < t - hours:
                return level
        # what stood until t may be less than what stands at t
        return max((v for _, _, v in f.pieces
                    if f(t) >= v and unbroken(f, v, t)[0] < t - hours), default=0.0)
    return sampled(at, f.edges() | {x + hours for x in f.edges()})


def widened(f, before, after):
    return lambda t: max((v for a, b, v in f.pieces if a - before < t < b + after), default=0.0)


def waiting(pieces, blocks):
    """Let outages that end in a block last to its end; the highest of them counts."""
    out = []
    for a, b, v in pieces:
        ends = [end for start, end in blocks if start <= b < end]
        out.append((a, ends[0] if ends else b, v))
    return out


def lost_hours(outages, shares, spec, blocks=None, span=(-INF, INF)):
    """Return the hours a run loses; ``outages`` holds (start, end, level) pieces of each site."""
    n = len(shares)
    gone = []
    for i, pieces in enumerate(outages):
        late = waiting(pieces, blocks[i] if blocks else [])
        edges = {x for a, b, _ in late for x in (a, b)}
        gone.append(sampled(lambda t, late=late: max((v for a, b, v in late if a < t < b),
                                                     default=0.0), edges))
    ripe = [Function([]) for _ in gone]
    cut_off = [lasting(f, spec.storage_lost_after_h) for f in gone]
    if spec.relocate_after_h is not None:
        if spec.offsite_lag_h is not None:
            limit = min(spec.relocate_after_h, spec.storage_lost_after_h)
            cut_off = [lasting(f, limit) for f in gone]
            ripe = [standing(f, spec.relocate_after_h) for f in gone]
        else:
            ripe = [standing(f, spec.relocate_after_h) for f in cut_off]

    def moved(i, t):
        wanted = sum(s * f(t) for s, f in zip(shares, ripe, strict=True))
        return ripe[i](t) * (min(1.0, spec.relocate_share / wanted) if wanted > 0 else 0.0)

    every = set().union(*(f.edges() for f in (*gone, *cut_off, *ripe)))
    x = []
    for i in range(n):
        here = sampled(lambda t, i=i: gone[i](t) - moved(i, t), every)
        away = sampled(lambda t, i=i: cut_off[i](t) - moved(i, t), every)
        short = widened(here, spec.lost_work_h, spec.restart_h)
        long = widened(away, spec.lost_with_storage_h, spec.restart_h)
        x.append(lambda t, short=short, long=long: max(short(t), long(t)))
    edges = {e for edge in every for e in (edge, edge - spec.lost_work_h, edge + spec.restart_h,
                                           edge - spec.lost_with_storage_h)}
    times = sorted({min(max(e, span[0]), span[1]) for e in edges})
    total = 0.0
    for a, b in pairwise(times):
        levels = [f((a + b) / 2) for f in x]
        broken = sorted(levels, reverse=True)[n - spec.needed(n)]
        total += (b - a) * sum(s * max(v, broken) for s, v in zip(shares, levels, strict=True))
    return total
