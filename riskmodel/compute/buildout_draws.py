"""The build-out in many draws: what each lab has on each day, with and without shocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.compute.buildout import UNTIL, labs_asked, ladder_of
from riskmodel.compute.campaign_damage import Campaign
from riskmodel.compute.late_openings import CAUSES, Steps, late_openings
from riskmodel.compute.planned_power import PlannedPower
from riskmodel.compute.sitechips import site_chips
from riskmodel.compute.slips import FILE as SLIPS_FILE
from riskmodel.compute.slips import Slips
from riskmodel.engine.outages.streams import check_seed
from riskmodel.engine.plan.worlds import draw_numbers, draw_world_holdings, rebuilt, unknown_numbers
from riskmodel.errors import RiskModelError
from riskmodel.perils.registry import load_perils
from riskmodel.world.building import record_date
from riskmodel.world.columns import near
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

PLAN, WITHOUT, WITH = "plan", "without shocks", "with shocks"
CASES = (PLAN, WITHOUT, WITH)
ENDS = ("low", "best", "high")
#: draws worked on at once
_CHUNK = 1000


@dataclass(frozen=True, eq=False)
class BuildOutDraws:
    """What each lab has on each day in each draw.

    Attributes
    ----------
    labs, days : names and days; ``record`` is the day of the record
    it_mw : case -> MW of IT power energised, shape (draws, labs, days). Cases: ``plan`` (as the
        record dates it), ``without shocks`` (ordinary slips alone), each cause on top of the slips,
        ``with shocks`` (all causes)
    h100e : case (those of ``CASES``) -> H100-equivalents of the sites whose chips are known, with
        every chip at its low, best and high end, shape (3, draws, labs, days)
    known_share : share of the planned MW whose chips are known, shape (labs, days); NaN without MW
    n, seed, worlds : draws; draw i ran in state of the world i mod ``worlds``
    """

    labs: tuple[str, ...]
    days: tuple[dt.date, ...]
    record: dt.date
    it_mw: Mapping[str, Floats]
    h100e: Mapping[str, Floats]
    known_share: Floats
    n: int
    seed: int
    worlds: int
    campaign: Campaign | None = None

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes that were drawn."""
        return tuple(case for case in self.it_mw if case not in CASES)


def draw_build_out(world: World, lab: str | Sequence[str] | None = None,
                   until: str | dt.date = UNTIL, *, every: str = "quarter",
                   dates: Iterable[str | dt.date] | None = None, draws: int = 2000,
                   seed: int = 0, worlds: int = 1,
                   causes: Iterable[str] = tuple(CAUSES), campaign: Campaign | None = None,
                   slips: bool = True, grace_days: float | None = None) -> BuildOutDraws:
    """Draw the build-out of some labs: what slips, and then shocks, leave of the record's plan.

    Every draw is a course of events from the record's day on, keyed by seed and number: more draws
    keep the first ones, and a lab's draws do not depend on which others are asked for. Each case is
    worked out from the same events, so that their differences are paired.

    Parameters
    ----------
    lab, until, every, dates : as of ``build_out``
    causes : some of ``chip_supply`` (earthquakes, blockade, lost plants), ``transformers``,
        ``export_control``, ``kinetic_strike``
    worlds : states of the world to draw from what is not known of rates and holdings; with one,
        best values, and holdings as they count
    campaign : a campaign that is given; then ``kinetic_strike`` draws no other
    slips : ordinary slips of dates too (``compute/buildout.toml``); without them "without shocks"
        is the plan
    grace_days : what is late by no more is not called late; the file's, 30, if not given

    Raises
    ------
    RiskModelError : no such lab or cause, a day that makes no sense, fewer draws than worlds
    """
    seed = check_seed(seed)
    chosen = list(dict.fromkeys(causes))
    for cause in chosen:
        if cause not in CAUSES:
            raise RiskModelError(f"build_out: there is no cause {cause!r}{near(str(cause), CAUSES)}"
                                 f"; there are {', '.join(CAUSES)}")
    if draws < 1 or worlds < 1 or draws < worlds:
        raise RiskModelError(f"build_out: {draws} draws in {worlds} worlds; give 1 world or more, "
                             "and a draw for each at least")
    ladder = ladder_of(world, until, every, dates)
    record = record_date(world)
    if record is None:
        raise RiskModelError("build_out: the world's record has no date, so nothing tells what is "
                             "still to be built; give its registry an as_of")
    labs = labs_asked(world, lab, "build_out")
    if lab is None:
        labs = [name for name in labs if name != UNKNOWN]
    plan = PlannedPower.of(world, ladder)
    perils = {peril.spec.peril_id: peril for peril in
              load_perils(world, sorted({CAUSES[cause] for cause in chosen}))} if chosen else {}
    if campaign is not None and "kinetic_strike" in perils:
        campaign.check(perils["kinetic_strike"].spec)
    ordinary = Slips.of(world)
    if slips:
        perils[SLIPS_FILE] = ordinary
    grace = ordinary.grace_d if grace_days is None else float(grace_days)
    if not grace >= 0:
        raise RiskModelError(f"build_out: grace_days is {grace_days}; give 0 or more")
    steps = Steps.of(world, ladder[-1], plan.sites)
    on = [steps.on(world, day) for day in ladder]
    passed = [float((day - record).days) for day in ladder]
    chips = _chips(world, plan.sites)
    of_case = {WITHOUT: (), **{cause: (cause,) for cause in chosen}, WITH: tuple(chosen)}
    shape = (draws, len(labs), len(ladder))
    mw = {case: np.zeros(shape) for case in (PLAN, *of_case)}
    h100e = {case: np.zeros((len(ENDS), *shape)) for case in CASES}
    for number, held in enumerate(_states(world, labs, plan, worlds, seed)):
        own = _perils_of(perils, number, worlds, seed)
        mine = np.arange(number, draws, worlds, dtype=np.int64)
        # MW, and H100-equivalents at each end, of every lab: one product for all
        weight = np.concatenate([held, *(held * factor for factor in chips)]).T
        for first in range(0, len(mine), _CHUNK):
            part = mine[first:first + _CHUNK]
            happened = late_openings(world, steps, ladder[-1], part, seed, own, chosen, campaign)
            for at, power in enumerate(plan.it_mw):
                there = {PLAN: power[None, :]}
                for case, some in of_case.items():
                    there[case] = power * (1.0 - happened.missing(
                        on[at], passed[at], some, slips=slips, grace_d=grace))
                for case, site_mw in there.items():
                    found = site_mw @ (weight if case in h100e else weight[:, :len(labs)])
                    mw[case][part, :, at] = found[:, :len(labs)]
                    for end in range(len(ENDS) if case in h100e else 0):
                        columns = slice(len(labs) * (end + 1), len(labs) * (end + 2))
                        h100e[case][end, part, :, at] = found[:, columns]
    return BuildOutDraws(tuple(labs), tuple(ladder), record, mw, h100e,
                         _known_share(plan, labs, chips[0] > 0), draws, seed, worlds, campaign)


def _states(world: World, labs: Sequence[str], plan: PlannedPower, worlds: int, seed: int
            ) -> list[Floats]:
    """Return the labs' shares of the sites in each state of the world, shape (labs, sites)."""
    if worlds == 1:
        return [np.array([plan.of_lab(lab) for lab in labs])]
    drawn = draw_world_holdings(world, seed, worlds)
    lab_at = {lab: i for i, lab in enumerate(labs)}
    site_at = {site: i for i, site in enumerate(plan.sites)}
    out = np.zeros((worlds, len(labs), len(plan.sites)))
    for row, (lab, site) in enumerate(zip(drawn.lab_id, drawn.site_id, strict=True)):
        if lab in lab_at:
            out[:, lab_at[lab], site_at[site]] += drawn.share[:, row]
    return list(out)


def _perils_of(perils: Mapping[str, Any], number: int, worlds: int, seed: int) -> dict[str, Any]:
    """Return the perils with the numbers of one state of the world; their own with one state."""
    if worlds == 1:
        return dict(perils)
    unknown = unknown_numbers(list(perils.values()))
    values = draw_numbers(unknown, seed, number + 1)[number] if unknown else []
    out = {}
    for peril_id, peril in perils.items():
        mine = [i for i, each in enumerate(unknown) if each.peril_id == peril_id]
        if mine:
            peril = rebuilt(peril, [unknown[i] for i in mine], [float(values[i]) for i in mine])
        out[peril_id] = peril
    return out


def _chips(world: World, sites: Sequence[str]) -> list[Floats]:
    """Return H100-equivalents per MW at the low, best and high end; 0 where the chip is unknown."""
    found = site_chips(world).set_index("site_id").loc[list(sites)]
    known = found["known"].to_numpy(bool)
    return [np.where(known, found[f"h100e_per_mw_it{end}"].to_numpy(float), 0.0)
            for end in ("_low", "", "_high")]


def _known_share(plan: PlannedPower, labs: Sequence[str], known: NDArray[np.bool_]) -> Floats:
    share = np.array([plan.of_lab(lab) for lab in labs])
    whole = share @ plan.it_mw.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, (share * known) @ plan.it_mw.T / whole, np.nan)
