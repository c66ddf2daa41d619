"""``tornado``: which input moves the AAL and the tail most, one at a time, under common draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.tornado.screening import screened
from riskmodel.engine.outages.streams import check_seed, keyed_uniform
from riskmodel.engine.plan.worlds import can_rebuild, rebuilt, unknown_numbers
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS, simulate
from riskmodel.errors import RiskModelError
from riskmodel.measures.influence import paired_se, tail_influence
from riskmodel.measures.inputshares import HOLDINGS, input_shares, label
from riskmodel.measures.yeartable import TOTAL, one_of, year_totals
from riskmodel.perils.ignorance import Input, end_values
from riskmodel.perils.registry import load_perils
from riskmodel.world.attribution import draw_holdings, uncertain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

MEASURES = ("aal", "tvar")
COLUMNS = ("peril", "number", "lab", "measure", "level", "low", "high", "swing", "se", "unit", "n",
           "base", "input_low", "input_best", "input_high", "input_unit", "share", "share_se")
_HOLDING_WORLDS = 1001


@dataclass(frozen=True)
class _Candidate:
    """One input, or several that share their draw; no inputs: the holdings."""

    inputs: tuple[Input, ...]
    share: float
    share_se: float


def tornado(world: World, years: int = 10_000, seed: int = 0, *, top: int = 10,
            lab: str | None = None, level: float = 0.99, worlds: int = 100,
            perils: Sequence[Any] | str | None = None, booking: str = "occurrence",
            workers: int | None = None,
            progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Return what moves a lab's, or the total's, AAL and TVaR most.

    A screen moves every number once, its peril alone, over 1,000 years, and keeps twice as many as
    asked for. Each of these is then set to the 5 % and to the 95 % point of what is known of it,
    all others at their best, and all perils are simulated again under the same draws. For one lab
    the holdings are a candidate too: the attributions that give it the 5 % and the 95 % point of
    its capacity. One run over ``worlds`` states of the world says what share of the spread between
    worlds each explains.

    Parameters
    ----------
    top : inputs in the answer ; lab : None takes all labs together ; level : of the TVaR

    Returns
    -------
    frame ``peril, number, lab, measure, level, low, high, swing, se, unit, n, base, input_low,
    input_best, input_high, input_unit, share, share_se``
        two rows an input (aal, tvar), largest swing of the AAL first. ``low`` and ``high`` are the
        measure at the input's low and high end, ``swing`` high - low and ``se`` its error, paired
        year by year; ``base`` is the measure with every number at its best. ``share`` is the part
        of the AAL's variance between worlds that the input explains. ``attrs["screened"]`` lists
        ``peril, number, unit, score`` of every number that the screen saw move anything, largest
        first: the larger change of AAL and TVaR, as a share of the whole.

    Raises
    ------
    WorldError, RiskModelError
    """
    seed = check_seed(seed)
    if top < 1:
        raise RiskModelError(f"top is {top}; give 1 or more")
    if not 0 < level < 1 or years * (1 - level) < 1:
        raise RiskModelError(f"{years} years cannot hold the level {level}; simulate more years, "
                             "or ask for less")
    world.check()
    labs = [*world.labs["lab_id"], TOTAL]
    who = TOTAL if lab is None else one_of(lab, labs, "lab")
    chosen = [_steady(peril, world) for peril in load_perils(world, perils)]
    common: dict[str, Any] = {"seed": seed, "booking": booking, "workers": workers,
                              "adequacy": False}
    candidates, seen = _candidates(world, chosen, who, top, level=level, years=years,
                                   worlds=worlds, **common)
    runs = 2 + 2 * len(candidates)
    done = 1

    def run(of: World, with_perils: Sequence[Any]) -> Losses:
        nonlocal done
        losses = simulate(of, years, perils=with_perils, **common)
        done += 1
        if progress is not None:
            progress(done, runs)
        return losses

    base = _Tail(run(world, chosen), who, level)
    rows = []
    for each in candidates:
        ends = (_ends(chosen, each) if each.inputs
                else _holding_ends(world, chosen, who, seed))
        low, high = (_Tail(run(end.world or world, end.perils), who, level) for end in ends)
        named = (label(each.inputs) if each.inputs
                 else {"peril": "", "number": HOLDINGS, "unit": "MW"})
        for name in MEASURES:
            rows.append({
                **named, "lab": who, "measure": name, "level": level if name == "tvar" else np.nan,
                "low": low.value(name), "high": high.value(name),
                "swing": high.value(name) - low.value(name), "se": high.paired_se(low, name),
                "unit": "MW-days", "n": years, "base": base.value(name),
                "input_low": ends[0].value,
                "input_best": each.inputs[0].best if each.inputs else np.nan,
                "input_high": ends[1].value, "input_unit": named["unit"], "share": each.share,
                "share_se": each.share_se})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    swing = frame["swing"].abs().where(frame["measure"] == MEASURES[0])
    order = swing.groupby([frame["peril"], frame["number"]]).transform("max")
    frame = frame.assign(order=order).sort_values(
        ["order", "peril", "number", "measure"], ascending=[False, True, True, True])
    frame = frame.drop(columns="order").head(top * len(MEASURES)).reset_index(drop=True)
    frame.attrs["screened"] = seen
    return frame


@dataclass(frozen=True)
class _End:
    value: float
    perils: Sequence[Any]
    world: World | None = None


def _candidates(world: World, perils: Sequence[Any], who: str, top: int, *, level: float,
                years: int, worlds: int, **common: Any
                ) -> tuple[list[_Candidate], list[dict[str, Any]]]:
    unknown = unknown_numbers(perils)
    moves = who != TOTAL and uncertain(world)
    if not unknown and not moves:
        raise RiskModelError("tornado: no number of these perils has a low and a high, and no "
                             "attribution is in doubt that could move this loss")
    losses = simulate(world, years, perils=perils, worlds=worlds, **common)
    shares = {(row["peril"], row["number"]): (float(row["share"]), float(row["se"]))
              for row in input_shares(losses, who, perils=perils).to_dict("records")}
    kept = screened(world, perils, unknown, who, seed=common["seed"], level=level,
                    booking=common["booking"], horizon_h=365.0 * 24.0,
                    cap_h=RECOVERY_CAP_DAYS * 24.0)
    found = []
    for places, _ in kept[:2 * top]:
        inputs = tuple(unknown[i] for i in places)
        named = label(inputs)
        found.append(_Candidate(inputs, *shares[named["peril"], named["number"]]))
    if moves:
        found.append(_Candidate((), *shares["", HOLDINGS]))
    seen = [{**label([unknown[i] for i in places]), "score": score} for places, score in kept]
    return found, seen


def _ends(perils: Sequence[Any], each: _Candidate) -> tuple[_End, _End]:
    """Return the perils with the input at its 5 % and at its 95 % point, what is tied with it."""
    ends = []
    for place in (0, 1):
        values = [end_values(one)[place] for one in each.inputs]
        moved = []
        for peril in perils:
            mine = [i for i, one in enumerate(each.inputs)
                    if one.peril_id == peril.spec.peril_id]
            moved.append(rebuilt(peril, [each.inputs[i] for i in mine],
                                 [values[i] for i in mine]) if mine else peril)
        ends.append(_End(values[0], moved))
    return ends[0], ends[1]


def _holding_ends(world: World, perils: Sequence[Any], who: str, seed: int) -> tuple[_End, _End]:
    """Return the world under the attributions that give the lab little, and much."""
    held = draw_holdings(world, lambda names: keyed_uniform(
        seed, "tornado", HOLDINGS, np.arange(_HOLDING_WORLDS)[:, None], 0,
        np.array(list(names), dtype=object)[None, :]).reshape(_HOLDING_WORLDS, len(names)))
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    of_lab = np.array([mw[site] if name == who else 0.0
                       for name, site in zip(held.lab_id, held.site_id, strict=True)])
    capacity = held.share @ np.nan_to_num(of_lab)
    order = np.argsort(capacity, kind="stable")
    ends = []
    for level in (0.05, 0.95):
        number = int(order[round(level * (_HOLDING_WORLDS - 1))])
        frame = held.in_world(number).assign(probability=1.0)
        for name in world.holdings.columns:
            if name not in frame:
                frame[name] = "" if world.holdings[name].dtype == object else np.nan
        # the whole attribution is as drawn: what nobody holds is left to `unknown` again
        fixed = replace(world, holdings=frame[frame["lab_id"] != "unknown"][
            list(world.holdings.columns)].reset_index(drop=True))
        ends.append(_End(float(capacity[number]), perils, fixed))
    return ends[0], ends[1]


def _steady(peril: Any, world: World) -> Any:
    """Return the peril with a stated ceiling, so that a higher rate keeps the events that are."""
    if (not can_rebuild(peril) or not hasattr(peril, "catalogue")
            or peril.spec.ceiling_rate_per_yr is not None or not unknown_numbers([peril])):
        return peril
    table = peril.catalogue(world)
    total = float(table.loc[~table["event_id"].duplicated(), "rate_per_yr"].sum())
    if not total > 0:
        return peril
    ceiling = float(2.0 ** (np.ceil(np.log2(total)) + 3))
    return replace(peril, spec=replace(peril.spec, ceiling_rate_per_yr=ceiling))


class _Tail:
    """Year losses of one run, year by year, and how each year weighs in AAL and TVaR."""

    def __init__(self, losses: Losses, who: str, level: float) -> None:
        years, values = year_totals(losses, None if who == TOTAL else who)
        n = losses.n_years
        self.loss = np.zeros(n)
        self.loss[np.asarray(years).astype(np.int64)] = values
        self.mean, self.influence = tail_influence(self.loss, level)

    def value(self, measure: str) -> float:
        """Return the AAL or the TVaR."""
        return float(self.loss.mean()) if measure == "aal" else self.mean

    def paired_se(self, other: _Tail, measure: str) -> float:
        """Return the standard error of the difference under common draws."""
        if measure == "aal":
            return paired_se(self.loss, other.loss)
        return paired_se(self.influence, other.influence)
