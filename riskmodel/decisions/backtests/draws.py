"""The keyed draws of a back-test, and states of the world drawn from its frozen numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.perils.ignorance import draw, inputs, with_values
from riskmodel.perils.protocol import PerilSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Draws:
    """Uniforms of one back-test: a pure function of seed, back-test, purpose and replicate."""

    seed: int
    backtest_id: str
    n: int

    def __call__(self, purpose: str, entity: str = "") -> NDArray[np.float64]:
        """Return one uniform for each replicate, shape (n,)."""
        return self._keyed(purpose, np.arange(self.n), 0, entity)

    def of_block(self, first: int) -> Callable[..., NDArray[np.float64]]:
        """Return draws as a peril's block gives them; its years are replicates from ``first``."""
        def uniform(purpose: str, *, year: ArrayLike, event: ArrayLike = 0,
                    entity: ArrayLike = "") -> NDArray[np.float64]:
            return self._keyed(purpose, np.asarray(year) + first, event, entity)

        return uniform

    def states(self, data: Mapping[str, Any], count: int
               ) -> Iterator[tuple[int, int, PerilSpec]]:
        """Yield first replicate, replicates and spec of each of ``count`` states of the world.

        In every state each number of the peril is drawn within its band.
        """
        spec = PerilSpec(str(data["id"]), str(data["name"]), str(data["definition"]),
                         str(data["group"]), data=data)
        unknown = inputs(spec)
        edges = np.linspace(0, self.n, min(count, self.n) + 1).astype(int)

        def uniform(stream: str, names: Sequence[str]) -> NDArray[np.float64]:
            states = np.arange(len(edges) - 1)
            return np.stack([self._keyed(f"state {stream}", states, 0, name) for name in names],
                            axis=1)

        values = draw(unknown, uniform)
        for state in range(len(edges) - 1):
            yield (int(edges[state]), int(edges[state + 1] - edges[state]),
                   with_values(spec, unknown, values[state]))

    def _keyed(self, purpose: str, year: ArrayLike, event: ArrayLike,
               entity: ArrayLike) -> NDArray[np.float64]:
        return keyed_uniform(self.seed, f"{self.backtest_id} {purpose}", "backtest", year, event,
                             entity)
