"""Waves of a campaign, and what is launched in each.

A raid and a short war are front-loaded: waves thin out with a half-life and leave a thin tail. In
a long war large salvoes follow one another as a gamma renewal process, and the wave of a salvo
takes with it the drones of the days until the next one. A wave is one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils import quantiles
from riskmodel.perils.kinetic.campaigns import LONG, RAID, Campaigns
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import Block

WEAPONS = ("drone", "ballistic", "cruise")
HOURS_PER_DAY = 24.0
#: numbers that one campaign's waves may take; the tail of a front-loaded one counts from TAIL
WAVES_PER_CAMPAIGN = 256
TAIL = 64
#: salvoes of a war that are drawn in one round; WAVES_PER_CAMPAIGN is a multiple
AT_ONCE = 8


@dataclass(frozen=True)
class Waves:
    """Waves of a theatre's campaigns, one entry each.

    ``campaign`` is the position in ``Campaigns``, ``wave`` the number within the campaign,
    ``start_h`` the hour of the year, ``spread_h`` how long its drones keep coming (to the next
    salvo in a long war), ``launches`` the munitions of each of ``WEAPONS``, shape (waves, 3).
    """

    campaign: NDArray[np.int64]
    wave: NDArray[np.int64]
    start_h: NDArray[np.float64]
    spread_h: NDArray[np.float64]
    launches: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.wave)

    def take(self, chosen: NDArray[Any]) -> Waves:
        """Return some of them, by mask or by position."""
        return Waves(*(getattr(self, f.name)[chosen] for f in fields(self)))

    def code(self, campaigns: Campaigns) -> NDArray[np.int64]:
        """Return the number of each wave within theatre and year."""
        return campaigns.number[self.campaign] * WAVES_PER_CAMPAIGN + self.wave


def sample_waves(block: Block, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
                 horizon_h: float | None = None) -> Waves:
    """Return the waves that begin within the year (or ``horizon_h``), with their launches."""
    last = np.minimum(campaigns.end_h, block.horizon_h if horizon_h is None else horizon_h)
    # a wave keeps the drones that come past the year's end; those of a window end with it
    over = campaigns.end_h if horizon_h is None else last
    front = np.flatnonzero(campaigns.kind != LONG)
    long = np.flatnonzero(campaigns.kind == LONG)
    parts = [_front(block, data, theatre, campaigns, front, last),
             _tail(block, data, theatre, campaigns, front, last),
             _salvoes(block, data, theatre, campaigns, long, last, over)]
    campaign, wave, start, spread = (np.concatenate(column) for column in
                                     zip(*parts, strict=True))
    bare = Waves(campaign, wave, start, spread, np.zeros((len(wave), len(WEAPONS))))
    return Waves(campaign, wave, start, spread,
                 _launches(block, data, theatre, campaigns, bare))


def front_waves(data: Mapping[str, Any], theatre: str, kind: int) -> float:
    """Return the mean number of front waves of a raid or a short war, the first included."""
    return (figure(data, "raid", "waves") if kind == RAID
            else figure(data, "theatres", theatre, "short_war", "waves"))


_Part = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]",
              "NDArray[np.float64]"]


def _front(block: Block, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
           chosen: NDArray[np.intp], last: NDArray[np.float64]) -> _Part:
    year, number = campaigns.year[chosen], campaigns.number[chosen]
    mean = np.where(campaigns.kind[chosen] == RAID, front_waves(data, theatre, RAID),
                    front_waves(data, theatre, -1))
    more = quantiles.poisson(block.uniform("front waves", year=year, event=number, entity=theatre),
                             np.maximum(mean - 1.0, 0.0))
    count = 1 + np.minimum(more, TAIL - 1)
    at = np.repeat(chosen, count)
    wave = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    u = block.uniform("wave hour", year=campaigns.year[at],
                      event=campaigns.number[at] * WAVES_PER_CAMPAIGN + wave, entity=theatre)
    half = figure(data, "theatres", theatre, "short_war", "half_life")
    into = np.where(wave == 0, 0.0, -np.log2(1.0 - u) * half) - campaigns.age_h[at]
    start = campaigns.start_h[at] + into
    kept = (into >= 0) & ~((wave == 0) & campaigns.under_way[at]) & (start < last[at])
    return _part(data, at[kept], wave[kept], start[kept])


def _tail(block: Block, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
          chosen: NDArray[np.intp], last: NDArray[np.float64]) -> _Part:
    """Return the thin tail of a short war: Poisson at a constant rate to the war's end."""
    chosen = chosen[campaigns.kind[chosen] != RAID]
    rate = figure(data, "theatres", theatre, "short_war", "tail_waves") / HOURS_PER_DAY
    count = quantiles.poisson(
        block.uniform("tail waves", year=campaigns.year[chosen], event=campaigns.number[chosen],
                      entity=theatre), rate * block.horizon_h)
    count = np.minimum(count, WAVES_PER_CAMPAIGN - TAIL)
    at = np.repeat(chosen, count)
    wave = TAIL + np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    start = campaigns.start_h[at] + block.horizon_h * block.uniform(
        "wave hour", year=campaigns.year[at],
        event=campaigns.number[at] * WAVES_PER_CAMPAIGN + wave, entity=theatre)
    kept = start < last[at]
    return _part(data, at[kept], wave[kept], start[kept])


def _salvoes(block: Block, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
             chosen: NDArray[np.intp], last: NDArray[np.float64],
             over: NDArray[np.float64]) -> _Part:
    """Return the salvoes of long wars: gamma gaps, in equilibrium where the war is under way."""
    shape = figure(data, "salvoes", "gap_shape")
    scale = figure(data, "salvoes", "gap_mean") / shape

    def draw(purpose: str, at: NDArray[np.intp],
             wave: int | NDArray[np.int64]) -> NDArray[np.float64]:
        return block.uniform(purpose, year=campaigns.year[at],
                             event=campaigns.number[at] * WAVES_PER_CAMPAIGN + wave,
                             entity=theatre)

    now = campaigns.start_h[chosen].astype(float)
    running = campaigns.under_way[chosen]
    if running.any():  # the rest of a gap that is longer the longer it is (length-biased)
        of = chosen[running]
        now[running] += draw("gap under way", of, 0) * quantiles.gamma(
            draw("first gap", of, 0), shape + 1.0, scale)
    parts, wave = [], 0
    live = now < last[chosen]
    at, now = chosen[live], now[live]
    while len(at) and wave < WAVES_PER_CAMPAIGN:
        gap = quantiles.gamma(draw("gap", at[:, None], wave + np.arange(AT_ONCE)), shape, scale)
        start = np.cumsum(np.column_stack([now, gap]), axis=1)
        place, row = np.nonzero((start[:, :-1] < last[at][:, None]).T)
        began = start[row, place]
        parts.append((at[row], wave + place, began,
                      np.minimum(gap[row, place], over[at[row]] - began)))
        now, wave = start[:, -1], wave + AT_ONCE
        live = now < last[at]
        at, now = at[live], now[live]
    empty: _Part = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    joined = [np.concatenate(column) for column in zip(empty, *parts, strict=True)]
    return (joined[0], joined[1], joined[2], joined[3])


def _part(data: Mapping[str, Any], at: NDArray[np.intp], wave: NDArray[np.int64],
          start: NDArray[np.float64]) -> _Part:
    return at, wave, start, np.full(len(at), figure(data, "salvoes", "wave_hours"))


def _launches(block: Block, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
              waves: Waves) -> NDArray[np.float64]:
    """Return whole numbers of munitions per wave and weapon class, shape (waves, 3)."""
    at, kind = waves.campaign, campaigns.kind[waves.campaign]
    found = np.zeros(waves.launches.shape)
    days = np.where(kind == LONG, waves.spread_h / HOURS_PER_DAY, 1.0)
    raid = np.where(kind == RAID, figure(data, "theatres", theatre, "raid_scale"), 1.0)
    code = waves.code(campaigns)
    for place, weapon in enumerate(WEAPONS):
        path = ("theatres", theatre, "weapons", weapon)
        median = np.where(kind == LONG, figure(data, *path, "salvo"), figure(data, *path, "wave"))
        if weapon == "drone":
            median = median * days
        u = block.uniform(f"{weapon} launches", year=campaigns.year[at], event=code,
                          entity=theatre)
        sigma = figure(data, "salvoes", "drone_sigma" if weapon == "drone" else "missile_sigma")
        found[:, place] = np.rint(
            quantiles.lognormal(u, median * raid * campaigns.size[at], sigma))
    return found
