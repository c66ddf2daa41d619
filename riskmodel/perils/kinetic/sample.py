"""One campaign of a theatre, many times over: what a back-test compares with a record.

``campaign_sample`` gives a war as begun and lets the model play it, on all targets of the theatre
and not only on those of a world. It reads every number from the spec it is given, so that numbers
frozen at an earlier day can stand in for today's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import damage, regime, targets
from riskmodel.perils.kinetic.campaigns import KINDS, LONG, RAID, Campaigns, sizes
from riskmodel.perils.kinetic.hits import Fire, sample_hits
from riskmodel.perils.kinetic.waves import WEAPONS, sample_waves
from riskmodel.perils.node_failures import HOURS_PER_YEAR
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.quantiles import lognormal
from riskmodel.perils.spec import figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class CampaignSample:
    """Replicates of one campaign.

    Attributes
    ----------
    n : replicates, numbered 0 to n - 1
    campaigns : frame ``replicate, size, named, end_h``: launches over those of a median campaign,
        whether data centres are named, and the campaign's end (h since its start, may lie past the
        window)
    waves : frame, one row a wave within the window: ``replicate, wave, start_h``;
        ``launched_CLASS`` and ``leaked_CLASS`` for drone, ballistic and cruise (munitions); and
        hits on the whole theatre's targets: ``data_centre_direct``, ``data_centre_near``,
        ``grid``, ``gas``, ``cable``, and ``line`` (lines cut by debris)
    outages : frame, one row an own outage: ``replicate, wave, target_class, target, part, start_h,
        duration_h, depth, direct``. Hours count from the campaign's start. A data centre's hall
        (part ``building ...``) lost for good has a duration above ``PERMANENT_H``; parts
        ``power ...`` are the site's power. Targets of the class data_centre are nameless numbers
        0 to N - 1; a part ``facility j`` is the theatre's facility j of that class.
    """

    n: int
    campaigns: pd.DataFrame
    waves: pd.DataFrame
    outages: pd.DataFrame

    def totals(self) -> pd.DataFrame:
        """Return the sums over waves per replicate, shape (n, columns of ``waves`` less three)."""
        sums = self.waves.drop(columns=["wave", "start_h"]).groupby("replicate").sum()
        return sums.reindex(np.arange(self.n), fill_value=0)

    def zones_down(self, hour: float | None = None) -> NDArray[np.int64]:
        """Return the data centres hit or without power per replicate, shape (n,).

        Ever within the window, or at one ``hour`` since the campaign's start.
        """
        return self._down("data_centre", "target", hour)

    def facilities_down(self, target_class: str = "grid",
                        hour: float | None = None) -> NDArray[np.int64]:
        """Return the distinct facilities of a class hit per replicate, or down at one ``hour``."""
        return self._down(target_class, "part", hour)

    def _down(self, target_class: str, what: str, hour: float | None) -> NDArray[np.int64]:
        rows = self.outages[self.outages["target_class"] == target_class]
        if hour is not None:
            rows = rows[(rows["start_h"] <= hour) & (rows["start_h"] + rows["duration_h"] > hour)]
        found = rows.groupby("replicate")[what].nunique()
        return np.asarray(found.reindex(np.arange(self.n), fill_value=0), np.int64)


@dataclass(frozen=True)
class _Replicates:
    """A block whose years are replicates."""

    years: NDArray[np.int64]
    horizon_h: float
    uniform: Callable[..., NDArray[np.float64]]


def campaign_sample(spec: PerilSpec, theatre: str, n: int,
                    uniform: Callable[..., NDArray[np.float64]], days: float = 10.0, *,
                    kind: str = "short_war", named: bool | None = None, size: float | None = None,
                    length_days: float | None = None) -> CampaignSample:
    """Play one campaign of a theatre ``n`` times, given that it begins.

    Parameters
    ----------
    spec : of ``kinetic_strike``, with whatever numbers its ``data`` holds (only ``best`` is read)
    theatre : as in the file
    uniform : keyed draws, ``uniform(purpose, *, year, event=0, entity="")`` as of a ``Block``; the
        replicate stands for the year. ``riskmodel.testing.CheckBlock(...).uniform`` is one.
    days : length of the window from the campaign's start; later waves are left out, but repair
        waits for the campaign's end or the access delay as everywhere
    kind : "raid", "short_war" or "long_war"
    named : whether data centres are named; None draws it with the theatre's probability
    size : launches over those of a median campaign; None draws it
    length_days : of the campaign; None draws it from its kind

    Raises
    ------
    RiskModelError : an unknown theatre or kind, or a number that makes no sense
    """
    data = spec.data
    if theatre not in data["theatres"]:
        raise RiskModelError(f"there is no theatre {theatre!r}; there are "
                             f"{', '.join(data['theatres'])}")
    if kind not in KINDS:
        raise RiskModelError(f"kind is {kind!r}; it is one of {', '.join(KINDS)}")
    if n < 1 or days <= 0:
        raise RiskModelError(f"n = {n} replicates of {days} days: give 1 or more, above 0 days")
    years = np.arange(n, dtype=np.int64)
    block = _Replicates(years, days * HOURS_PER_DAY, uniform)
    place = KINDS.index(kind)

    def draw(purpose: str) -> NDArray[np.float64]:
        return uniform(purpose, year=years, event=1, entity=theatre)

    drawn_size, drawn_named = sizes(draw, data, theatre)
    campaigns = Campaigns(
        years, np.ones(n, np.int64), np.full(n, place), np.zeros(n),
        campaign_lengths(spec, theatre, place, draw, length_days, n), np.zeros(n),
        np.zeros(n, bool),
        drawn_size if size is None else np.full(n, float(size)),
        drawn_named if named is None else np.full(n, bool(named)))
    waves = sample_waves(block, data, theatre, campaigns, horizon_h=days * HOURS_PER_DAY)
    order = np.lexsort((waves.start_h, campaigns.year[waves.campaign]))
    waves = waves.take(order)
    fire = Fire(block, data, theatre, campaigns, waves)
    through = fire.leakers()
    frame: dict[str, NDArray[Any]] = {"replicate": fire.year, "wave": waves.wave,
                                      "start_h": waves.start_h}
    for i, weapon in enumerate(WEAPONS):
        frame[f"launched_{weapon}"] = waves.launches[:, i].astype(np.int64)
    for i, weapon in enumerate(WEAPONS):
        frame[f"leaked_{weapon}"] = through[:, i].astype(np.int64)
    grid = targets.whole_class(data, theatre, "grid")
    held = {"data_centre": targets.every_data_centre(data, theatre), "grid": grid, "line": grid,
            "gas": targets.whole_class(data, theatre, "gas"),
            "cable": targets.whole_class(data, theatre, "cable")}
    outages = []
    for target_class, of in held.items():
        hits = sample_hits(fire, target_class, of)
        if target_class == "data_centre":
            direct = damage.direct_hits(hits)
            frame["data_centre_direct"] = np.bincount(hits.wave[direct], minlength=len(waves))
            frame["data_centre_near"] = np.bincount(hits.wave[~direct], minlength=len(waves))
            found = damage.data_centre_damage(hits)
        else:
            frame[target_class] = np.bincount(hits.wave, minlength=len(waves))
            found = damage.node_damage(hits)
        outages.append(pd.DataFrame({
            "replicate": fire.year[found["wave"]], "wave": waves.wave[found["wave"]],
            "target_class": target_class, "target": found["target"], "part": found["part"],
            "start_h": found["start_h"], "duration_h": found["duration_h"],
            "depth": found["depth"], "direct": found["direct"]}))
    return CampaignSample(
        n, pd.DataFrame({"replicate": years, "size": campaigns.size, "named": campaigns.named,
                         "end_h": campaigns.end_h}),
        pd.DataFrame(frame), pd.concat(outages, ignore_index=True))


def campaign_lengths(spec: PerilSpec, theatre: str, place: int,
                     draw: Callable[[str], NDArray[np.float64]], length_days: float | None,
                     n: int) -> NDArray[np.float64]:
    """Return the lengths in hours of ``n`` campaigns of one kind (place in ``KINDS``)."""
    if length_days is not None:
        return np.full(n, float(length_days) * HOURS_PER_DAY)
    if place == RAID:
        return lognormal(draw("raid length"), figure(spec.data, "raid", "length_median"),
                         figure(spec.data, "raid", "length_sigma"))
    peace = regime.rates(spec.data, theatre).peace[1 if place == LONG else 0]
    return -np.log1p(-draw("war length")) / peace * HOURS_PER_YEAR
