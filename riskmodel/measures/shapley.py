"""Shapley values: what each of several players is worth where their effects do not add.

A player's value is its mean contribution over all orders in which the players could join (Shapley
1953, "A value for n-person games"): the values add up to what all are worth together, players that
do the same get the same, one that changes nothing gets nothing. Exact from all 2^n coalitions up
to 15 players; beyond, a mean over random orders with its standard error, each order taken with its
reverse (Castro, Gomez and Tejada 2009, "Polynomial calculation of the Shapley value based on
sampling"; the reverse is the antithetic of Mitchell and others 2022). Every order adds up to the
whole, so their mean does. A coalition is asked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.engine.outages.streams import check_seed, keyed_uniform
from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]
#: the most players whose every coalition is asked for
EXACT_MOST = 15
#: coalition of players -> what it is worth
Value = Callable[[frozenset[Any]], float]


@dataclass(frozen=True, eq=False)
class Game:
    """How much of each coalition's worth goes to each player.

    Attributes
    ----------
    coalitions : which players are in, bool, shape (coalitions, players); row 0 is nobody, row 1 all
    weight : shape (coalitions, players); the Shapley value is ``weight.T @ worth``
    orders : the orders drawn, as rows of places of players, each followed by its reverse; None
        where every coalition is there and the value is exact
    """

    coalitions: NDArray[np.bool_]
    weight: Floats
    orders: NDArray[np.int64] | None = None

    def alone(self) -> NDArray[np.int64]:
        """Return the row of each player by itself."""
        return self._rows(np.eye(self.coalitions.shape[1], dtype=bool))

    def without(self) -> NDArray[np.int64]:
        """Return the row of all but one, for each player."""
        return self._rows(~np.eye(self.coalitions.shape[1], dtype=bool))

    def order_se(self, worth: ArrayLike) -> Floats:
        """Return the standard error that comes from the orders drawn, shape (players,).

        From the spread between pairs of an order and its reverse; 0 where the value is exact, NaN
        where there is one pair.
        """
        players = self.coalitions.shape[1]
        if self.orders is None:
            return np.zeros(players)
        worth = np.asarray(worth, dtype=float)
        gain = np.empty(self.orders.shape)
        for row, order in enumerate(self.orders):
            chain = worth[self._rows(_chain(order))]
            gain[row, order] = np.diff(chain)
        pairs = (gain[0::2] + gain[1::2]) / 2
        if len(pairs) < 2:
            return np.full(players, np.nan)
        return np.asarray(pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)))

    @cached_property
    def _at(self) -> dict[bytes, int]:
        return {row.tobytes(): place for place, row in enumerate(self.coalitions)}

    def _rows(self, coalitions: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.array([self._at[row.tobytes()] for row in np.ascontiguousarray(coalitions)],
                        dtype=np.int64)


def exact_game(players: int) -> Game:
    """Return every coalition of ``players`` players, and the weights of the exact value."""
    rows = 2**players
    number = np.arange(rows)
    number[1:] = number[:0:-1]  # nobody, then all, then the rest from large to small
    inside = ((number[:, None] >> np.arange(players)) & 1).astype(bool)
    size = inside.sum(axis=1)
    joins = np.array([factorial(s) * factorial(players - s - 1) / factorial(players)
                      for s in range(players)] + [0.0])
    # a coalition with the player counts for it, one without against it
    weight = np.where(inside, joins[size - 1][:, None], -joins[size][:, None])
    return Game(inside, weight)


def drawn_game(players: int, permutations: int, seed: int) -> Game:
    """Return the coalitions met by random orders and their reverses, and the weights of the mean.

    Beside them those of each player alone and of all but one. ``permutations`` counts reverses; an
    odd number is raised by one.
    """
    pairs = (permutations + 1) // 2
    u = keyed_uniform(seed, "order", "shapley", np.arange(pairs)[:, None],
                      np.arange(players)[None, :])
    forward = np.argsort(u, axis=1, kind="stable")
    orders = np.stack([forward, forward[:, ::-1]], axis=1).reshape(-1, players)
    at: dict[bytes, int] = {}
    coalitions: list[NDArray[np.bool_]] = []
    weights: list[Floats] = []

    def row(coalition: NDArray[np.bool_]) -> int:
        key = coalition.tobytes()
        if key not in at:
            at[key] = len(coalitions)
            coalitions.append(coalition.copy())
            weights.append(np.zeros(players))
        return at[key]

    for coalition in (np.zeros(players, bool), np.ones(players, bool),
                      *np.eye(players, dtype=bool), *~np.eye(players, dtype=bool)):
        row(coalition)
    for order in orders:
        chain = _chain(order)
        for player, before, after in zip(order, chain[:-1], chain[1:], strict=True):
            weights[row(before)][player] -= 1.0
            weights[row(after)][player] += 1.0
    return Game(np.array(coalitions), np.array(weights) / len(orders), orders)


def shapley(value: Value, players: Sequence[Hashable]) -> pd.DataFrame:
    """Return the exact Shapley value of up to 15 players.

    Parameters
    ----------
    value : frozenset of players -> what they are worth together; asked once for each of the 2^n
        coalitions, the empty one included
    players : different hashable things, such as names

    Returns
    -------
    frame ``player, first_in, last_in, value, se, n``
        in the order given; ``first_in`` is what the player adds to nobody, ``last_in`` to all the
        others, ``value`` its mean over all orders. The values add up to value(all) - value(none).
        ``n`` is the number of coalitions, ``se`` is 0.

    Raises
    ------
    RiskModelError : no players, one twice, or more than 15
    """
    names = _checked(players)
    if len(names) > EXACT_MOST:
        raise RiskModelError(f"{len(names)} players have {2**len(names):,} coalitions; shapley "
                             f"takes {EXACT_MOST} at most: use shapley_permutations")
    return _frame(value, names, exact_game(len(names)))


def shapley_permutations(value: Value, players: Sequence[Hashable], permutations: int = 200,
                         seed: int = 0) -> pd.DataFrame:
    """Return the Shapley value of any number of players from random orders, with its error.

    The frame is that of ``shapley``; ``se`` is the standard error over pairs of orders.
    ``permutations`` counts orders, reverses included; each asks for one coalition a player that no
    other order met.

    Raises
    ------
    RiskModelError : no players or one twice, or fewer than 4 permutations
    """
    names = _checked(players)
    if permutations < 4:
        raise RiskModelError(f"permutations is {permutations}; two pairs of an order and its "
                             "reverse are the least that has an error: give 4 or more")
    return _frame(value, names, drawn_game(len(names), int(permutations), check_seed(seed)))


def _frame(value: Value, names: list[Hashable], game: Game) -> pd.DataFrame:
    worth = np.array([float(value(frozenset(name for name, inside in zip(names, row, strict=True)
                                            if inside))) for row in game.coalitions])
    return pd.DataFrame({
        "player": names, "first_in": worth[game.alone()] - worth[0],
        "last_in": worth[1] - worth[game.without()], "value": game.weight.T @ worth,
        "se": game.order_se(worth), "n": len(worth)})


def _checked(players: Sequence[Hashable]) -> list[Hashable]:
    names = list(players)
    if not names:
        raise RiskModelError("no players: give one at least")
    if len(set(names)) < len(names):
        raise RiskModelError("a player stands twice; name each once")
    return names


def _chain(order: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the coalitions that an order builds, from nobody to all: shape (players + 1, players).
    """
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.arange(len(order) + 1)[:, None] > place[None, :]
