"""Importance of the components of a small coherent system, exactly.

A system is told by its minimal path sets: it works while all members of one of them work.
Components fail independently. Everything is counted over all 2^n states of the components, so the
answers are exact to rounding; the sampled importance of a simulated world is checked against them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_COMPONENTS = 16
COLUMNS = ("component", "availability", "birnbaum", "criticality", "fussell_vesely", "raw", "rrw")

PathSets = Iterable[Collection[str]]


def k_of_n_paths(components: Sequence[str], k: int) -> list[tuple[str, ...]]:
    """Return the path sets of a system that works while any ``k`` of its components do."""
    if not 1 <= k <= len(components):
        raise RiskModelError(f"k is {k} of {len(components)} components; give 1 to as many")
    return list(combinations(components, k))


def system_availability(paths: PathSets, availability: Mapping[str, float]) -> float:
    """Return the probability that the system works."""
    _, works, probability = _states(paths, availability)
    return float(probability[works].sum())


def component_importance(paths: PathSets, availability: Mapping[str, float]) -> pd.DataFrame:
    """Return how much each component matters to a coherent system.

    With Q the probability that the system fails, Q(i down) and Q(i up) the same with component i
    known, and q_i its own unavailability (Vesely et al., Measures of risk importance and their
    applications, NUREG/CR-3385, 1983; Kuo and Zhu, Importance measures in reliability, 2012):

    * birnbaum = Q(i down) - Q(i up): the chance that all hangs on i;
    * criticality = birnbaum x q_i / Q: that i is down and all hangs on it, given failure;
    * fussell_vesely: that a minimal cut set with i in it is down, given failure. It is no smaller
      than the criticality: i may be part of what is down without all hanging on it;
    * raw = Q(i down) / Q, risk achievement worth; rrw = Q / Q(i up), risk reduction worth, infinite
      where nothing fails without i.

    Parameters
    ----------
    paths : minimal path sets, each a collection of component names
    availability : name -> probability that it works

    Raises
    ------
    RiskModelError : a path names a component without availability, a number is no probability, the
        system cannot fail, or there are more than 16 components
    """
    names, works, probability = _states(paths, availability)
    fails = ~works
    total = float(probability[fails].sum())
    if total <= 0:
        raise RiskModelError("this system cannot fail: importance has no meaning")
    state = np.arange(len(works))
    in_cut = _in_failed_cut(works, len(names))
    rows = []
    for i, name in enumerate(names):
        up = (state >> i & 1).astype(bool)
        p = float(availability[name])
        given = {True: p, False: 1 - p}
        # with the component known, whatever its own chance: the others' states carry on
        other = _probability(names, {**availability, name: 0.5}) * 2
        q = {is_up: float(other[fails & (up == is_up)].sum()) for is_up in given}
        birnbaum = q[False] - q[True]
        rows.append((name, p, birnbaum, birnbaum * given[False] / total,
                     float(probability[fails & in_cut[i]].sum()) / total, q[False] / total,
                     total / q[True] if q[True] > 0 else np.inf))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _states(paths: PathSets, availability: Mapping[str, float]
            ) -> tuple[list[str], NDArray[np.bool_], NDArray[np.float64]]:
    """Return the names, and of every state (bit i set: i works) if the system works, its chance."""
    sets = [frozenset(path) for path in paths]
    names = list(availability)
    if not sets or not all(sets):
        raise RiskModelError("give at least one path set, and no empty one")
    strangers = sorted(set().union(*sets) - set(names))
    if strangers:
        raise RiskModelError(f"component {strangers[0]!r} stands in a path set but has no "
                             "availability")
    if len(names) > MOST_COMPONENTS:
        raise RiskModelError(f"{len(names)} components have {2.0**len(names):.3g} states; the "
                             f"exact count takes up to {MOST_COMPONENTS}")
    for name, value in availability.items():
        if not 0 <= value <= 1:
            raise RiskModelError(f"availability of {name!r} is {value}; give a probability")
    state = np.arange(2 ** len(names))
    masks = [sum(1 << names.index(each) for each in path) for path in sets]
    works = np.any([(state & mask) == mask for mask in masks], axis=0)
    return names, works, _probability(names, availability)


def _probability(names: Sequence[str], availability: Mapping[str, float]) -> NDArray[np.float64]:
    chance = np.ones(1)
    for name in names:  # bit after bit, the first name the lowest
        p = float(availability[name])
        chance = np.concatenate([chance * (1 - p), chance * p])
    return chance


def _in_failed_cut(works: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """Return where component i is down in a minimal cut set that is down: (components, states).

    Put in words of the states: some of the others that are down may be thought up until all hangs
    on i. Such states pass on to every state with more down, a component at a time.
    """
    state = np.arange(2 ** n)
    found = np.zeros((n, len(state)), bool)
    for i in range(n):
        down = (state >> i & 1) == 0
        found[i] = down & ~works & works[state | 1 << i]
        for j in range(n):
            if j != i:
                less = state | 1 << j  # the same with j up
                found[i] |= found[i][less]
    return found
