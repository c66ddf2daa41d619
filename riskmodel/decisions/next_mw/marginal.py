"""``next_mw``: what one more MW is worth in every grid region, and which ranks mean something.

A probe of 0 MW stands in every region (:mod:`riskmodel.decisions.next_mw.candidates`), and one run
says what a MW there loses, and when. For a lab whose year loss is ``L``, with ``u`` the loss of a
MW:

- ``aal`` = E[u], MW-days a year: AAL is additive, whoever has the MW;
- ``tail`` = E[u | L in its tail], the derivative of TVaR(L + x u) at x = 0 (Euler's rule; Tasche
  1999): a place that fails with the lab costs more than one that fails apart from it. Years that
  tie at VaR share the tail evenly, as in ``contributions``;
- ``credit`` = 1 - E[days lost there while the lab is short] / E[days the lab is short]: firm MW per
  MW. The lab is short while it has less than its need, fixed in MW; each firm MW more serves one
  MW-day a day of that, a MW here what of it is up. On calendar booking, as all shortfall is;
- ``cost`` = p x aal + r x p x tail, money a year (:mod:`riskmodel.decisions.price.price`).

Without a lab the tail is the MW's own TVaR: what it costs somebody who has nothing else.

A block of, say, 100 MW is not 100 times the first MW: it makes a tail of its own. The columns
``block_*`` give the change of TVaR and of the capacity not served that the whole block brings, per
MW of it, and ``block_cost`` with them, so that one sees how far the derivative carries.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.next_mw.candidate_years import CandidateYears, candidate_years
from riskmodel.decisions.next_mw.years import MarginalYears
from riskmodel.decisions.price.file import as_price
from riskmodel.decisions.price.price import money
from riskmodel.engine.plan.held import held_mw
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures import worldspread as ws
from riskmodel.measures.ranks import rank_table, standard_errors
from riskmodel.measures.yeartable import TOTAL, one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.decisions.price.price import Price
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.engine.plan.planned import Planned
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

#: what the ranking may go by; of credit much is good, of the others little
BY = ("cost", "block_cost", "aal", "tail", "credit")
#: MW-days, firm MW or money for each MW below this are rounding
_ROUNDING = 1e-12
_OF_PLACE = ("country_iso2", "theatre", "interconnection", "lat", "lon", "coord_precision_km",
             "placed_at", "sites", "it_mw")
_VALUES = ("aal", "tail", "credit", "cost", "saving", "block_tail", "block_credit", "block_cost")


def next_mw(world: World | Losses | CandidateYears, lab: str | None = None, mw: float = 100.0,
            level: float = 0.99, *, needed_share: float | None = None,
            price: Price | float | str | None = None, by: str = "cost",
            years: int = 20_000, seed: int = 0, worlds: int = 1,
            regions: Sequence[str] | str | None = None,
            perils: Sequence[Any] | str | None = None, operator: str = "",
            workers: int | None = None,
            progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Return what one more MW is worth in every grid region, best first.

    Parameters
    ----------
    world : a world, which is run for ``years`` and what stands after them; or losses, or the
        answer of ``candidate_years``, whose run is taken as it is
    lab : whose portfolio the MW joins; "total" for all labs together; None for a MW alone
    mw : the block that is also priced as a whole
    level : of the TVaR
    needed_share : what the lab needs at once, of its capacity; its own in ``labs`` if not given
    price : a ``Price``, USD per MW-day of IT power, or the name of an anchor
    by : what the ranking goes by: "cost" or "block_cost" (little is good), "aal", "tail", or
        "credit" (much is good)
    regions : candidates; every grid region if not given
    operator : who runs the candidates; nobody, unless given

    Returns
    -------
    frame, a row a region, best first, then those without a candidate:
        ``rank, region, country_iso2, theatre, interconnection, lab``;
        ``aal`` (MW-days a MW-year), ``aal_share`` of the year, ``tail`` (MW-days a MW), ``credit``
        (firm MW a MW), ``cost`` and ``saving`` (money a MW and year; the saving is against a MW
        spread as the lab's are), ``block_tail``, ``block_credit`` and ``block_cost`` (of a block of
        ``mw``, a MW of it), each with ``_se``;
        ``cost_low, cost_high`` over the bounds of the price;
        ``rank_low, rank_high, tied_with_best, tied_with_next, to_best, to_next`` of what the
        ranking goes by (:func:`riskmodel.measures.ranks.rank_table`);
        ``aal_band_low, aal_band_high``, 90 % of the worlds, with several;
        ``lat, lon, coord_precision_km, placed_at`` of the candidate, ``sites`` and ``it_mw`` that
        stand in the region, ``by, level, mw, currency, n, worlds``, and ``left_out``.

        ``credit`` is NaN where the lab is never short, and without a lab.

    Raises
    ------
    WorldError, RiskModelError
    """
    one_of(by, BY, "by")
    if not (np.isfinite(mw) and mw > 0):
        raise RiskModelError(f"next_mw: mw is {mw}; give the block's MW, above 0")
    if not 0 < level < 1:
        raise RiskModelError(f"next_mw: level is {level}; give a probability between 0 and 1")
    if by == "credit" and lab is None:
        raise RiskModelError("next_mw: a capacity credit is a lab's; give lab=, or another by=")
    if needed_share is not None and not 0 <= needed_share <= 1:
        raise RiskModelError(f"next_mw: needed_share is {needed_share}; give a share from 0 to 1")
    if not isinstance(world, CandidateYears):
        run = candidate_years(world, years=years, seed=seed, worlds=worlds, regions=regions,
                              perils=perils, operator=operator, lab=lab or "", workers=workers,
                              progress=progress)
    else:
        run = world
    if lab is not None:
        one_of(lab, [*run.world.labs["lab_id"], TOTAL], "lab")
        run.require(lab)
    cost = as_price(price, world=run.world)
    found = _years(run, lab, level=level, mw=mw, needed_share=needed_share)
    if not found.tail_is_known:
        warnings.warn(f"level {level:g} lies beyond the span of {run.made.n_years} simulated "
                      "years: the tail is NaN. Simulate more years, or ask for less.",
                      BeyondSpanWarning, stacklevel=2)
    places = run.places
    frame = _frame(found, cost, by, run.made).assign(
        region=list(places.loc[places["site_id"] != "", "region"]))
    out = places[["region", *_OF_PLACE, "left_out"]].merge(frame, on="region", how="left")
    out = out.assign(lab=lab or "", by=by, level=level, mw=mw, currency=cost.currency,
                     n=run.made.n_years, worlds=run.made.worlds)
    flags = ["tied_with_best", "tied_with_next"]
    out[flags] = out[flags].eq(True)  # without a candidate it is tied with nobody
    return out.sort_values(["rank", "region"], kind="stable", ignore_index=True)[list(COLUMNS)]


COLUMNS = (
    "rank", "region", "country_iso2", "theatre", "interconnection", "lab",
    *(f"{name}{end}" for name in ("aal", "aal_share", "tail", "credit", "cost") for end in
      ("", "_se")), "cost_low", "cost_high",
    *(f"{name}{end}" for name in ("saving", "block_tail", "block_credit", "block_cost")
      for end in ("", "_se")),
    "rank_low", "rank_high", "tied_with_best", "tied_with_next", "to_best", "to_best_se",
    "to_next", "to_next_se", "aal_band_low", "aal_band_high", "lat", "lon", "coord_precision_km",
    "placed_at", "sites", "it_mw", "by", "level", "mw", "currency", "n", "worlds", "left_out")


def _years(run: CandidateYears, lab: str | None, *, level: float, mw: float,
           needed_share: float | None) -> MarginalYears:
    """Return the years of the run as the measures read them."""
    if lab is None:
        return MarginalYears.alone(run.occurrence, run.probes, level, mw)
    held = held_mw(run.made, None if lab == TOTAL else lab, run.occurrence.sites)
    if not held.sum() > 0:
        raise RiskModelError(f"next_mw: {lab} has no capacity on that day; ask about a MW alone, "
                             "without a lab")
    if needed_share is None:
        if lab == TOTAL:
            raise RiskModelError("next_mw: all labs together have no need of their own; give "
                                 "needed_share=")
        labs = run.world.labs
        needed_share = dict(zip(labs["lab_id"], labs["needed_share"].tolist(), strict=True))[lab]
    return MarginalYears.of_lab(run.occurrence, run.calendar, run.probes, held, needed_share, level,
                                mw)


def _frame(found: MarginalYears, cost: Price, by: str, made: Planned) -> pd.DataFrame:
    """Return values, errors and ranks, a row a candidate."""
    influence = found.influence(cost.per_aal_mw_day, cost.per_tvar_mw_day)
    frame = rank_table(influence[by], low_is_good=by != "credit", worlds=made.worlds)
    for name in _VALUES:
        frame[name] = _rounded(influence[name].mean(axis=0))
        frame[f"{name}_se"] = _rounded(standard_errors(influence[name], made.worlds))
    frame["aal_share"] = frame["aal"] / made.horizon_days
    frame["aal_share_se"] = frame["aal_se"] / made.horizon_days
    ends = [money(aal, tail, cost) for aal, tail in zip(frame["aal"], frame["tail"], strict=True)]
    frame["cost_low"] = [end.low for end in ends]
    frame["cost_high"] = [end.high for end in ends]
    frame["aal_band_low"], frame["aal_band_high"] = _bands(influence["aal"], made.worlds)
    return frame


def _rounded(values: Floats) -> Floats:
    """Return values, those that only rounding keeps from 0 made 0."""
    return np.where(np.abs(values) < _ROUNDING, 0.0, values)


def _bands(per_year: Floats, worlds: int) -> tuple[Floats, Floats]:
    """Return 5 and 95 % of what the worlds' true means may be; NaN with one or too few years."""
    n, width = per_year.shape
    low, high = np.full((2, width), np.nan)
    count = ws.years_of_worlds(n, worlds)
    for column in range(width):
        of = ws.YearValues(np.arange(n) % worlds, per_year[:, column], count)
        if ws.enough_for_mean(of):
            found = ws.between(*ws.means(of))
            low[column], high[column] = found.band_low, found.band_high
    return low, high
