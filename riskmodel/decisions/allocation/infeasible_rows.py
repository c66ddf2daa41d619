"""Which conditions of a split clash, and by how much each would have to give.

The smallest set that cannot hold together (an irreducible infeasible subset: without any one of its
members the rest can be kept) is found by relaxing every condition at a price, keeping those whose
price the clash needs (a certificate of infeasibility), and then dropping one after the other
(the deletion filter of Chinneck and Dravnieks 1991, ORSA Journal on Computing 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.decisions.allocation.linear_rows import Row, stacked
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: a slack below this part of a condition's scale is rounding of the solver
_TOLERANCE = 1e-7
#: caps named one by one in a message; beyond, they are summed up
_MOST_NAMED = 4


@dataclass(frozen=True)
class Clash:
    """Conditions that cannot hold together.

    ``rows`` are positions of rows and ``caps`` of candidates whose caps take part; ``give`` has,
    for each row and then each cap, by how much it alone would have to be loosened (infinite where
    that does not help, because other conditions clash as well).
    """

    rows: tuple[int, ...]
    caps: tuple[int, ...]
    give: tuple[float, ...]


def refuse_clash(rows: Sequence[Row], caps: Floats, mw: float, names: Sequence[str]) -> None:
    """Raise an error that says which conditions clash, if any do."""
    clash = find_clash(rows, caps, mw)
    if clash is not None:
        raise RiskModelError(clash_text(clash, rows, caps, mw, names))


def find_clash(rows: Sequence[Row], caps: Floats, mw: float) -> Clash | None:
    """Return an irreducible set of conditions that clash; None where a split keeps all of them.

    ``caps`` are MW; those of ``mw`` or more bind nobody and take no part.
    """
    system = _System(rows, caps, mw)
    every = np.arange(system.size)
    slack, price = system.relaxed(every)
    if slack.sum() <= _TOLERANCE:
        return None
    kept = np.flatnonzero(price > 1e-9)
    if not system.clashes(kept):
        kept = every  # the certificate was lost to rounding
    for condition in kept.tolist():
        fewer = kept[kept != condition]
        if system.clashes(fewer):
            kept = fewer
    give = tuple(system.least(condition) for condition in kept.tolist())
    count = len(rows)
    return Clash(tuple(int(i) for i in kept if i < count),
                 tuple(int(system.capped[i - count]) for i in kept if i >= count), give)


class _System:
    """Rows, then caps below ``mw``, as ``A x <= b`` in shares of ``mw``."""

    def __init__(self, rows: Sequence[Row], caps: Floats, mw: float) -> None:
        from scipy.sparse import csr_array, vstack

        matrix, limits, scale = stacked(rows, len(caps), mw)
        self.capped = np.flatnonzero(caps < mw)
        own = csr_array((np.ones(len(self.capped)),
                         (np.arange(len(self.capped)), self.capped)),
                        shape=(len(self.capped), len(caps)))
        self.matrix = vstack([matrix, own], format="csr")
        self.limits = np.concatenate([limits, caps[self.capped] / mw])
        self.scale = np.concatenate([scale, np.full(len(self.capped), mw)])
        self.size = len(self.limits)

    def relaxed(self, which: Ints, loose: Ints | None = None) -> tuple[Floats, Floats]:
        """Return the least slacks with which some conditions hold, and each one's price.

        Only ``loose`` ones (all if not given) may give; infinite slack where that is not enough.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, hstack

        loose = which if loose is None else loose
        count, many = self.matrix.shape[1], len(loose)
        column = {int(condition): i for i, condition in enumerate(loose)}
        at = [i for i, condition in enumerate(which) if int(condition) in column]
        give = csr_array((-np.ones(len(at)), (at, [column[int(which[i])] for i in at])),
                         shape=(len(which), many))
        found: Any = linprog(
            np.concatenate([np.zeros(count), np.ones(many)]),
            A_ub=hstack([self.matrix[which], give], format="csc") if len(which) else None,
            b_ub=self.limits[which] if len(which) else None,
            A_eq=csr_array(np.concatenate([np.ones(count), np.zeros(many)])[None, :]), b_eq=[1.0],
            bounds=(0, None), method="highs-ds")
        if found.status != 0:
            return np.full(many, np.inf), np.zeros(len(which))
        price = -found.ineqlin.marginals if len(which) else np.zeros(0)
        return found.x[count:], price

    def clashes(self, which: Ints) -> bool:
        """Tell whether some conditions cannot hold together."""
        return bool(self.relaxed(which)[0].sum() > _TOLERANCE)

    def least(self, condition: int) -> float:
        """Return by how much one condition has to give where all others hold, in its unit."""
        slack = self.relaxed(np.arange(self.size), np.array([condition]))[0]
        return float(slack[0] * self.scale[condition])


def clash_text(clash: Clash, rows: Sequence[Row], caps: Floats, mw: float,
               names: Sequence[str]) -> str:
    """Say which conditions clash and what would mend it."""
    count = len(clash.rows)
    parts = [f"no split of {mw:g} MW keeps these together:"]
    for i, give in zip(clash.rows, clash.give, strict=False):
        row = rows[i]
        parts.append(f"  - {row.name}{row.remark}: {_mend(row, give)}")
    if clash.caps:
        total = float(caps[list(clash.caps)].sum())
        give = min(clash.give[count:])
        if len(clash.caps) <= _MOST_NAMED:
            for i, each in zip(clash.caps, clash.give[count:], strict=True):
                parts.append(f"  - at most {caps[i]:g} MW at {names[i]}: {_raise(each, caps[i])}")
        else:
            parts.append(f"  - the caps of {len(clash.caps)} candidates, which add up to {total:g} "
                         f"MW: {_raise(give, total)}")
    parts.append("loosen one of them by at least so much, or leave it out"
                 if np.isfinite(clash.give).any() else
                 "other conditions clash as well: loosening one of these alone is not enough; "
                 "mend these first, and the next message names the rest")
    return "\n".join(parts)


def _raise(give: float, cap: float) -> str:
    return (f"would have to be {_up(cap + give)} MW or more" if np.isfinite(give)
            else "loosening this alone does not help")


def _mend(row: Row, give: float) -> str:
    if not np.isfinite(give):
        return "loosening this alone does not help"
    limit = row.limit - give if row.at_least else row.limit + give
    shown = f"{_down(limit) if row.at_least else _up(limit)} {row.unit}"
    if np.isfinite(row.whole) and row.whole > 0:
        points = 100.0 * (limit + row.already) / row.whole
        rounded = np.floor(points * 100 + 1e-6) if row.at_least else np.ceil(points * 100 - 1e-6)
        shown = f"{rounded / 100:g} % ({shown})"
    return f"would have to be {shown} or {'less' if row.at_least else 'more'}"


def _up(value: float) -> str:
    return f"{np.ceil(value * 10 - 1e-6) / 10 + 0.0:,.10g}"  # no minus zero


def _down(value: float) -> str:
    return f"{np.floor(value * 10 + 1e-6) / 10 + 0.0:,.10g}"
