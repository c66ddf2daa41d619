"""When what was hit is whole again.

Repair starts at the earlier of the campaign's end and an access delay, which depends on the kind
of campaign and of target: a grid is mended under fire, a hall in a short war waits. A target that
is hit again before it is whole starts again: what was damaged earlier waits for the later hit too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic.campaigns import KINDS
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Draw = Callable[[str], NDArray[np.float64]]

#: what is lost for good never comes back; the engine ends it at its recovery cap
PERMANENT_H = 1.0e6


def repair_start(hit_h: ArrayLike, campaign_end_h: ArrayLike,
                 access_delay_h: ArrayLike) -> NDArray[np.float64]:
    """Return the hour at which repair of a hit may start: campaign's end or access, the earlier."""
    hit = np.asarray(hit_h, float)
    return np.maximum(hit, np.minimum(np.asarray(campaign_end_h, float),
                                      hit + np.asarray(access_delay_h, float)))


def whole_again(target: ArrayLike, hit_h: ArrayLike, start_h: ArrayLike,
                repair_h: ArrayLike) -> NDArray[np.float64]:
    """Return the hour at which the damage of each hit is mended, later hits on it included.

    Parameters
    ----------
    target : number of the part that was hit; equal numbers are hits on the same part
    hit_h : hour of each hit ; start_h : hour at which its repair may start
    repair_h : how long the repair of its damage takes

    A hit that comes before an earlier one's damage is mended stops that repair: it begins anew once
    the later hit's may, and takes its whole length. Shapes (n,).
    """
    of, hit = np.asarray(target), np.asarray(hit_h, float)
    if not len(of):
        return np.zeros(0)
    order = np.lexsort((hit, of))
    of, hit = of[order], hit[order]
    start, length = np.asarray(start_h, float)[order], np.asarray(repair_h, float)[order]
    following = np.full(len(of), np.inf)
    same = of[1:] == of[:-1]
    following[:-1][same] = hit[1:][same]
    begun = start.copy()
    at = np.arange(len(of))
    again = np.flatnonzero(begun + length > following)
    while len(again):
        at[again] += 1
        begun[again] = np.maximum(begun[again], start[at[again]])
        again = again[begun[again] + length[again] > following[at[again]]]
    whole = np.empty(len(of))
    whole[order] = begun + length
    return whole


def access_delay(data: Mapping[str, Any], kind: NDArray[np.int64],
                 target_class: str) -> NDArray[np.float64]:
    """Return the access delay in hours by kind of campaign (place in ``KINDS``)."""
    each = np.array([figure(data, "access", name, target_class) for name in KINDS])
    return each[kind]


def hall_hours(data: Mapping[str, Any], draw: Draw) -> NDArray[np.float64]:
    """Return how long the repair of damaged halls takes; some are lost for good."""
    return np.where(draw("permanent") < figure(data, "repair", "permanent_share"), PERMANENT_H,
                    quantiles.lognormal(draw("repair"), figure(data, "repair", "hall_median"),
                                        figure(data, "repair", "hall_sigma")))


def power_hours(data: Mapping[str, Any], draw: Draw, near: NDArray[np.bool_]
                ) -> NDArray[np.float64]:
    """Return how long a site's power stays off once people may come: less after a near miss."""
    median = np.where(near, figure(data, "repair", "near_median"),
                      figure(data, "repair", "power_median"))
    return quantiles.lognormal(draw("power repair"), median, figure(data, "repair", "power_sigma"))


def grid_hours(data: Mapping[str, Any], theatre: str, draw: Draw) -> NDArray[np.float64]:
    """Return how long a substation takes: a lost transformer waits for a spare or a new one."""
    lost = draw("transformer") < figure(data, "theatres", theatre, "grid", "transformer_lost")
    spare = draw("spare") < figure(data, "theatres", theatre, "grid", "spare")
    case = np.where(lost, np.where(spare, 1, 2), 0)
    names = ("equipment", "spare", "transformer")
    median = np.array([figure(data, "repair", f"{name}_median") for name in names])
    sigma = np.array([figure(data, "repair", f"{name}_sigma") for name in names])
    return quantiles.lognormal(draw("repair"), median[case], sigma[case])


def line_hours(data: Mapping[str, Any], draw: Draw) -> NDArray[np.float64]:
    """Return how long an overhead line cut by debris takes."""
    return quantiles.lognormal(draw("repair"), figure(data, "repair", "line_median"),
                               figure(data, "repair", "line_sigma"))


def gas_hours(data: Mapping[str, Any], draw: Draw) -> NDArray[np.float64]:
    """Return how long a gas plant takes: years where its cold boxes are gone."""
    gone = draw("cold box") < figure(data, "repair", "cold_box_lost")
    return quantiles.lognormal(
        draw("repair"),
        np.where(gone, figure(data, "repair", "cold_box_median"),
                 figure(data, "repair", "gas_median")),
        np.where(gone, figure(data, "repair", "cold_box_sigma"),
                 figure(data, "repair", "gas_sigma")))


def cable_hours(data: Mapping[str, Any], draw: Draw) -> NDArray[np.float64]:
    """Return how long a cable landing takes."""
    return quantiles.lognormal(draw("repair"), figure(data, "repair", "cable_median"),
                               figure(data, "repair", "cable_sigma"))
