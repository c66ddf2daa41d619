"""How deep and how long an event must be to do it: a curve a member, the mildest marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskmodel.report import svg
from riskmodel.report.numbers import number, percent

_WIDTH, _HEIGHT = 760.0, 330.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 96.0, 16.0, 14.0, 44.0
_HOURS = ((1.0, "1 h"), (6.0, "6 h"), (24.0, "1 day"), (72.0, "3 days"), (168.0, "1 week"),
          (336.0, "2 weeks"), (720.0, "1 month"), (2190.0, "3 months"), (4380.0, "6 months"),
          (8760.0, "1 year"), (17520.0, "2 years"))
_FACTORS = tuple((base * 10.0 ** power, f"{base * 10.0 ** power:,.5g} x")
                 for power in range(-4, 5) for base in (1, 2, 5))
_SHARES = tuple((step / 10, f"{10 * step} %") for step in range(0, 11, 2))
_GAP_X, _GAP_Y = 52.0, 26.0
_LEAST_SPAN = 40.0  # the longest time shown is so many times the shortest, at least


@dataclass(frozen=True)
class Curve:
    """One member: its colour, the frontier's (depth, length) by rising depth, and its mildest."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    mildest: tuple[float, float]


def mildest_figure(curves: Sequence[Curve], *, key: str, title: str, factors: bool = False
                    ) -> Markup:
    """Draw the shortest length that does it against depth; above a curve its member does it.

    Lengths are hours on a logarithmic scale, depths shares from 0 to 1; with ``factors`` both are
    factors on logarithmic scales, and a cross marks the story as told.
    """
    lengths = [length for curve in curves for _, length in curve.points]
    depths = [depth for curve in curves for depth, _ in curve.points]
    if factors:
        lengths, depths = [*lengths, 1.0], [*depths, 1.0]
    low, high = _widened(min(lengths), max(lengths))
    near, far = _widened(min(depths), max(depths)) if factors else (0.0, 1.0)

    def x(depth: float) -> float:
        share = (math.log(depth / near) / math.log(far / near) if factors else depth)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    def y(length: float) -> float:
        share = math.log(length / low) / math.log(high / low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    drawn = _axes(x, y, (low, high), (near, far), factors)
    for curve in curves:
        path = [(x(depth), y(length)) for depth, length in curve.points]
        # no shallower one does it, however long it lasts
        drawn.append(svg.path([(path[0][0], _TOP), *path], class_=f"curve line-{curve.colour}"))
        if len(curves) == 1:
            drawn.append(svg.path([(path[0][0], _TOP), *path, (path[-1][0], _TOP)], close=True,
                                  class_=f"band {curve.colour}"))
        drawn.append(svg.element("circle", cx=round(x(curve.mildest[0]), 1),
                                 cy=round(y(curve.mildest[1]), 1), r=5, class_=curve.colour))
    if factors:
        here, there = x(1.0), y(1.0)
        drawn += [svg.line(here - 6, there, here + 6, there, class_="axis"),
                  svg.line(here, there - 6, here, there + 6, class_="axis"),
                  svg.text(here + 9, there - 6, "as told", class_="tick")]
    said = "; ".join(f"{curve.name}: mildest at {_depth(curve.mildest[0], factors)} for "
                     f"{_length(curve.mildest[1], factors)}" for curve in curves)
    return svg.figure(_WIDTH, _HEIGHT, drawn, key=key, title=title, desc=f"{said}.",
                      class_="chart wide")


def _axes(x, y, lengths, depths, factors) -> list[Markup]:  # type: ignore[no-untyped-def]
    left, right, bottom = _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    drawn: list[Markup] = []
    free = math.inf
    for value, word in _FACTORS if factors else _HOURS:
        if lengths[0] <= value <= lengths[1] and free - y(value) >= _GAP_Y:
            free = y(value)
            drawn += [svg.line(left, free, right, free, class_="grid"),
                      svg.text(left - 7, free + 4, word, class_="tick", text_anchor="end")]
    free = -math.inf
    for value, word in _FACTORS if factors else _SHARES:
        if depths[0] <= value <= depths[1] and x(value) - free >= _GAP_X:
            free = x(value)
            drawn += [svg.line(free, bottom, free, bottom + 4, class_="axis"),
                      svg.text(free, bottom + 18, word, class_="tick",
                               text_anchor="end" if free > right - 26 else "middle")]
    return [*drawn, svg.line(left, bottom, right, bottom, class_="axis"),
            svg.text((left + right) / 2, _HEIGHT - 6,
                     "times the told depth" if factors else "share of it that is down",
                     class_="tick", text_anchor="middle")]


def _widened(low: float, high: float) -> tuple[float, float]:
    """Return bounds on a logarithmic scale with room around, and never a narrow strip."""
    room = max((high / low) ** 0.08, 1.25, (_LEAST_SPAN * low / high) ** 0.5)
    return low / room, high * room


def _depth(value: float, factors: bool) -> str:
    return f"{number(value)} times the depth" if factors else f"{percent(value)} down"


def _length(value: float, factors: bool) -> str:
    return f"{number(value)} times the duration" if factors else f"{number(value)} hours"
