"""What campaigns do to the build-out: halls that are hit, and building that stops.

Campaigns, waves and hits are those of ``kinetic_strike``, drawn over the whole time from the record
to the last day. Two things follow for a site in a theatre:

- a hit takes its part of the site, standing or to come, until it is mended;
- building stops from the beginning of a campaign to its end, or for the access delay of halls,
  whichever is shorter: builders come back when repair may start. It stops in a country with the
  chance of its weight in the theatre, and never for a campaign that was under way on the day of the
  record: dates of the record were given in its knowledge. What opens later by one campaign may meet
  the next. (A judgement: no record tells how long building stood still.)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.engine.plan.planned import RECOVERY_CAP_DAYS
from riskmodel.errors import RiskModelError
from riskmodel.perils.kinetic import repair, targets
from riskmodel.perils.kinetic.campaigns import KINDS, Campaigns, sample_campaigns, sizes
from riskmodel.perils.kinetic.damage import data_centre_damage
from riskmodel.perils.kinetic.hits import Fire, sample_hits
from riskmodel.perils.kinetic.regime import rates, sample_paths
from riskmodel.perils.kinetic.sample import campaign_lengths
from riskmodel.perils.kinetic.waves import sample_waves
from riskmodel.world.exposure import to_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from riskmodel.engine.outages.given import KeyedBlock
    from riskmodel.perils.protocol import PerilSpec
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Campaign:
    """A campaign that is given: where, from which day, and of which kind.

    ``kind`` is "raid", "short_war" or "long_war"; its length, size and targets are drawn.
    """

    theatre: str
    begins: str
    kind: str = "short_war"

    def check(self, spec: PerilSpec) -> None:
        """Refuse a theatre or kind that the peril does not know, or a day that is none."""
        theatres = list(spec.data["theatres"])
        if self.theatre not in theatres:
            raise RiskModelError(f"campaign: there is no theatre {self.theatre!r}; there are "
                                 f"{', '.join(theatres)}")
        if self.kind not in KINDS:
            raise RiskModelError(f"campaign: kind is {self.kind!r}; it is one of "
                                 f"{', '.join(KINDS)}")
        to_date(self.begins, "campaign")


def campaign_damage(block: KeyedBlock, spec: PerilSpec, world: World, record: dt.date,
                    last: dt.date, steps: pd.DataFrame, given: Campaign | None = None
                    ) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return delays of steps and hits on sites, by draw.

    Parameters
    ----------
    block : its years are the draws, its horizon the time from the record to ``last``
    steps : ``steps_to_come`` of the world at ``last``

    Returns
    -------
    frames ``draw, site_id, date, delay_days, late_share`` and ``draw, site_id, start_d, end_d,
    depth``; days count from the record
    """
    late, hit = [], []
    for theatre in spec.data["theatres"]:
        sites = targets.theatre_sites(world).get(theatre, {})
        if not sites or (given is not None and given.theatre != theatre):
            continue
        campaigns = (_drawn(block, spec, theatre, record) if given is None
                     else _given(block, spec, given, record))
        if not len(campaigns):
            continue
        fire = Fire(block, spec.data, theatre, campaigns,
                    sample_waves(block, spec.data, theatre, campaigns))
        hit.append(_hits(fire, targets.data_centres(spec.data, theatre, sites)))
        late.append(_stops(block, spec.data, theatre, campaigns, sites, steps,
                           float((last - record).days)))
    empty = (pd.DataFrame(columns=["draw", "site_id", "date", "delay_days", "late_share"]),
             pd.DataFrame(columns=["draw", "site_id", "start_d", "end_d", "depth"]))
    frames = []
    for parts, nothing in zip((late, hit), empty, strict=True):
        some = [part for part in parts if len(part)]
        frames.append(pd.concat(some, ignore_index=True) if some else nothing)
    return frames[0], frames[1]


def _drawn(block: KeyedBlock, spec: PerilSpec, theatre: str, record: dt.date) -> Campaigns:
    found = rates(spec.data, theatre, record)
    return sample_campaigns(block, spec.data, found, sample_paths(block, found))


def _given(block: KeyedBlock, spec: PerilSpec, given: Campaign, record: dt.date) -> Campaigns:
    """Return one campaign a draw, from the day that is given."""
    n, place = len(block.years), KINDS.index(given.kind)
    begins = to_date(given.begins, "campaign")
    assert begins is not None
    start = HOURS_PER_DAY * (begins - record).days

    def draw(purpose: str) -> Floats:
        return block.uniform(purpose, year=block.years, event=1, entity=given.theatre)

    if not 0 <= start < block.horizon_h:
        end = np.zeros(0)
        return Campaigns(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), end,
                         end, end, np.zeros(0, bool), end, np.zeros(0, bool))
    size, named = sizes(draw, spec.data, given.theatre)
    length = campaign_lengths(spec, given.theatre, place, draw, None, n)
    return Campaigns(np.asarray(block.years, np.int64), np.ones(n, np.int64), np.full(n, place),
                     np.full(n, start), start + length, np.zeros(n), np.zeros(n, bool), size,
                     named)


def _hits(fire: Fire, of: targets.Targets) -> pd.DataFrame:
    hits = sample_hits(fire, "data_centre", of)
    if not len(hits):
        return pd.DataFrame()
    found = data_centre_damage(hits)
    start = found["start_h"] / HOURS_PER_DAY
    return pd.DataFrame({
        "draw": fire.year[found["wave"]], "site_id": of.names[found["target"]], "start_d": start,
        "end_d": start + np.minimum(found["duration_h"] / HOURS_PER_DAY, RECOVERY_CAP_DAYS),
        "depth": found["depth"]})


def _stops(block: KeyedBlock, data: Mapping[str, Any], theatre: str, campaigns: Campaigns,
           sites: Mapping[str, str], steps: pd.DataFrame, whole_d: float) -> pd.DataFrame:
    """Return how much later each step opens for the campaigns that begin before it."""
    mine = steps[steps["site_id"].isin(sites)]
    new = campaigns.take(~campaigns.under_way)
    if not len(mine) or not len(new):
        return pd.DataFrame()
    access = repair.access_delay(data, new.kind, "hall")
    stop = np.minimum(new.end_h - new.start_h, access) / HOURS_PER_DAY
    begin = new.start_h / HOURS_PER_DAY
    order = np.lexsort((begin, new.year))
    rows = []
    for country in sorted(set(sites.values())):
        here = mine[[sites[site] == country for site in mine["site_id"]]]
        if not len(here):
            continue
        chance = min(1.0, targets.weight(data, theatre, country))
        comes = block.uniform("building stops", year=new.year, event=new.number,
                              entity=f"{theatre}/{country}") < chance
        chosen = order[comes[order]]
        for step in here.to_dict("records"):
            draw, days = delays_of_stops(new.year[chosen], begin[chosen], stop[chosen],
                                         whole_d - step["days_open"])
            rows.append(pd.DataFrame({"draw": draw, "site_id": step["site_id"],
                                      "date": step["date"], "delay_days": days,
                                      "late_share": 1.0}))
    some = [row for row in rows if len(row)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame()


def delays_of_stops(draw: NDArray[np.int64], begin: Floats, stop: Floats, opens: float
                    ) -> tuple[NDArray[np.int64], Floats]:
    """Return the draws in which a step opens later, and by how many days.

    Parameters
    ----------
    draw, begin, stop : of each campaign, by draw and then by beginning; in days. Building that
        stands still already does not stop twice: an overlap counts once
    opens : the day on which the step was to open
    """
    late: dict[int, float] = {}
    until: dict[int, float] = {}
    for number, start, length in zip(draw.tolist(), begin.tolist(), stop.tolist(), strict=True):
        if start < opens + late.get(number, 0.0):
            free = max(start, until.get(number, start))
            end = start + length
            if end > free:
                late[number] = late.get(number, 0.0) + end - free
                until[number] = end
    return np.array(list(late), np.int64), np.array(list(late.values()), float)
