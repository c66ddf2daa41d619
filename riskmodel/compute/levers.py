"""Efficiency levers: research that cuts the compute some kind of work needs.

    needed / before = sum over kinds of work of s_i / m_i

with s_i the share of the compute that goes into a kind of work and m_i the product of the levers
that act on it. A lever never acts on what it does not touch: multiplying all of them, as headlines
do, would credit a trick of reinforcement learning to pretraining.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.compute.inputs import Band, band, read_inputs, titles
from riskmodel.compute.scaling import FLOP_PER_PARAMETER_TOKEN
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from riskmodel.world.world import World

SCOPES = ("pretraining", "rl", "tuning", "inference")
TOGETHER = "all together"
FRAME_COLUMNS = ("lever", "name", "scope", "share", "factor_low", "factor", "factor_high",
                 "mw_days_low", "mw_days", "mw_days_high", "covers_aal", "unit", "confidence",
                 "note", "source")


@dataclass(frozen=True)
class Lever:
    """A lever: its scope, the factor by which it cuts compute there, and where that is from.

    Levers of one ``family`` do the same thing, and only the strongest counts; "" is a family of
    its own.
    """

    key: str
    scope: str
    factor: Band
    name: str = ""
    family: str = ""
    source: str = ""
    confidence: str = "low"
    note: str = ""

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise RiskModelError(f"lever {self.key!r}: scope is {self.scope!r}"
                                 f"{near(self.scope, SCOPES)}; give one of {', '.join(SCOPES)}")
        low, best, high = self.factor
        if not (0 < low <= best <= high < math.inf):
            raise RiskModelError(f"lever {self.key!r}: factor is {tuple(self.factor)}; give low, "
                                 "best, high in order, above 0 (1 does nothing)")


def read_levers(world: World | None = None) -> dict[str, Lever]:
    """Return the levers of ``compute/levers.toml`` by key."""
    data = read_inputs("levers", world)
    return {key: Lever(key, str(entry["scope"]), band(data, "levers", key, "factor"),
                       str(entry.get("name", key)), str(entry.get("family", "")),
                       "; ".join(titles(data, str(entry["factor"]["source"]))),
                       str(entry["factor"]["confidence"]), str(entry["factor"].get("note", "")))
            for key, entry in data["levers"].items()}


def read_work(name: str = "training", *, world: World | None = None) -> dict[str, float]:
    """Return the shares of compute by kind of work: ``training`` (illustrative) or ``serving``."""
    data = read_inputs("levers", world)
    if name not in data["work"]:
        raise RiskModelError(f"there is no work {name!r}; there is {', '.join(data['work'])}")
    return _shares({scope: band(data, "work", name, scope).best for scope in data["work"][name]})


def needed_compute(levers: Iterable[Lever], shares: Mapping[str, float], end: str = "best"
                   ) -> float:
    """Return the compute needed with the levers, over that without them.

    Parameters
    ----------
    shares : of the compute by scope, adding up to 1
    end : "low", "best" or "high" of every factor

    Raises
    ------
    RiskModelError : shares that do not add up to 1, or an unknown scope
    """
    return 1.0 - saved_compute(levers, shares, end)


def saved_compute(levers: Iterable[Lever], shares: Mapping[str, float], end: str = "best"
                  ) -> float:
    """Return the share of compute saved, ``sum of s_i (1 - 1 / m_i)``: it adds up over scopes."""
    parts = _shares(shares)
    factor = scope_factors(levers, end)
    return sum(share * (1.0 - 1.0 / factor[scope]) for scope, share in parts.items())


def scope_factors(levers: Iterable[Lever], end: str = "best") -> dict[str, float]:
    """Return the joint factor of each scope: the strongest of each family, families multiplied."""
    if end not in Band._fields:
        raise RiskModelError(f"end is {end!r}; give low, best or high")
    strongest: dict[tuple[str, str], float] = {}
    for lever in levers:
        group = lever.scope, lever.family or lever.key
        strongest[group] = max(strongest.get(group, 0.0), getattr(lever.factor, end))
    found = dict.fromkeys(SCOPES, 1.0)
    for (scope, _), factor in strongest.items():
        found[scope] *= factor
    return found


def resilience_bought(capacity_mw: float, levers: Sequence[Lever] | None = None,
                      shares: Mapping[str, float] | None = None, *, days: float = 365.0,
                      aal_mw_days: float = math.nan, world: World | None = None) -> pd.DataFrame:
    """Return each lever as MW-days of resilience: capacity that the same work no longer needs.

    ``(1 - needed) x capacity x days``: so much may be lost in a year before the work of a year
    without the lever is missed. It is bought only as long as it is not spent on more work.

    Parameters
    ----------
    capacity_mw : IT MW whose work the shares split
    levers, shares : the files' where not given
    aal_mw_days : average annual loss, for ``covers_aal``: how many times over it is covered

    Returns
    -------
    frame ``lever, name, scope, share, factor_low, factor, factor_high, mw_days_low, mw_days,
    mw_days_high, covers_aal, unit, confidence, note, source``; one row a lever alone, and a last
    row, ``all together``, whose factor is 1 / needed. Scopes add up; levers of one scope do not.
    """
    if not (math.isfinite(capacity_mw) and capacity_mw >= 0 and days > 0):
        raise RiskModelError(f"resilience_bought: capacity_mw is {capacity_mw} and days {days}; "
                             "give MW, 0 or more, and days above 0")
    used = list(read_levers(world).values()) if levers is None else list(levers)
    parts = read_work(world=world) if shares is None else _shares(shares)
    whole = capacity_mw * days

    def bought(some: Sequence[Lever]) -> list[float]:
        return [saved_compute(some, parts, end) * whole for end in Band._fields]

    rows: list[tuple[Any, ...]] = []
    for lever in used:
        found = bought([lever])
        rows.append((lever.key, lever.name or lever.key, lever.scope, parts.get(lever.scope, 0.0),
                     *lever.factor, *found, found[1] / aal_mw_days, "MW-days", lever.confidence,
                     lever.note, lever.source))
    found = bought(used)
    factors = [1.0 / needed_compute(used, parts, end) for end in Band._fields]
    naive = float(np.prod(list(scope_factors(used).values())))
    rows.append((TOGETHER, TOGETHER, "", 1.0, *factors, *found, found[1] / aal_mw_days, "MW-days",
                 "low", f"each on its own share of the work; their bare product would be "
                 f"{naive:.3g}", ""))
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS))


def sparse_attention_saving(context: int, kept: int) -> float:
    """Return by how much keeping ``kept`` tokens a query cuts causal core attention.

    ``sum of i over sum of min(i, kept)`` for i = 1 ... context.
    """
    if context < 1 or kept < 1:
        raise RiskModelError("sparse_attention_saving: give a context and a number of kept tokens, "
                             "1 or more")
    few = min(kept, context)
    return context * (context + 1) / (few * (few + 1) + 2 * few * (context - few))


def reference_runs(world: World | None = None) -> pd.DataFrame:
    """Return published runs: training FLOP by ``6 N D`` with active parameters, and what follows.

    Frame ``run, parameters, active_parameters, active_share, tokens, flop, mfu``; NaN where the
    record does not say. ``mfu`` is FLOP over chip-hours at the dense BF16 peak of an H100.
    """
    from riskmodel.compute.chips import h100_peak_flops

    data = read_inputs("levers", world)
    peak = h100_peak_flops(world)
    rows = []
    for name, entry in data["reference"].items():
        own = {key: band(data, "reference", name, key).best for key in entry}
        active, tokens = own["active_parameters"], own.get("tokens", math.nan)
        whole = own.get("parameters", math.nan)
        flop = FLOP_PER_PARAMETER_TOKEN * active * tokens
        spent = own.get("pretraining_chip_h", math.nan) * 3600.0 * peak
        rows.append((name, whole, active, active / whole, tokens, flop, flop / spent))
    return pd.DataFrame(rows, columns=["run", "parameters", "active_parameters", "active_share",
                                       "tokens", "flop", "mfu"])


def _shares(shares: Mapping[str, float]) -> dict[str, float]:
    for scope, share in shares.items():
        if scope not in SCOPES:
            raise RiskModelError(f"there is no kind of work {scope!r}{near(scope, SCOPES)}; give "
                                 f"shares of {', '.join(SCOPES)}")
        if not 0 <= share <= 1:
            raise RiskModelError(f"the share of {scope} is {share}; it is from 0 to 1")
    if abs(sum(shares.values()) - 1.0) > 1e-9:
        raise RiskModelError(f"shares of the work add up to {sum(shares.values()):g}; they add up "
                             "to 1")
    return dict(shares)
