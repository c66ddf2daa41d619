"""CVaR-optimal split of capacity over candidates: a linear programme on years of losses.

With losses per MW ``U`` (years x candidates), a fixed loss ``e`` of the rest of the portfolio and
year weights ``w``, the loss of a year is ``L = e + U x`` and the programme is that of Rockafellar
and Uryasev (2000, Journal of Risk 2(3)):

    minimise    t (a + sum_y w_y u_y / (1 - level)) + p sum_y w_y L_y + c x
    subject to  u_y >= L_y - a,  u >= 0,  sum x = mw,  0 <= x <= cap,  rows

Only years of the tail matter, so the rows ``u_y >= L_y - a`` are added when they are broken: a
cutting-plane method (the idea of Kuenzi-Bay and Mayer 2006, Computational Management Science 3)
with one cut a year in place of one cut a tail, which needs a handful of rounds where the single cut
needs hundreds. Each round solves a relaxation, so its value is a lower bound; the objective at its
split is an upper bound; the method stops when they meet. ``route="full"`` writes every year down at
once. The solver is HiGHS (through scipy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.decisions.allocation.infeasible_rows import refuse_clash
from riskmodel.decisions.allocation.linear_rows import Row, check_rows, stacked
from riskmodel.errors import RiskModelError
from riskmodel.measures.weighted_tail import weighted_tail

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ROUTES = ("cuts", "full")
#: stop when upper and lower bound agree to this part of the objective
GAP = 1e-6
#: a broken row of a year: by so much of the scale of the losses
_BROKEN = 1e-9
#: the interior-point method (ended at a corner) is quicker than simplex beyond so many entries
_LARGE = 50_000
_MOST_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class CvarProgram:
    """What is to be split, over what, and what may not be.

    Attributes
    ----------
    unit_losses : sparse, shape (years, candidates): MW-days lost by each MW in each year
    mw : what is split; ``caps`` : most MW at each candidate
    rows : further conditions
    existing : loss of everything else in each year; ``weights`` : of the years, adding up to 1
    cost : objective per MW at each candidate; ``tail_weight`` : objective per unit of CVaR;
        ``aal_weight`` : objective per unit of mean loss
    names : of the candidates, for messages
    """

    unit_losses: csr_array
    mw: float
    level: float
    caps: Floats
    rows: tuple[Row, ...]
    existing: Floats
    weights: Floats
    cost: Floats
    tail_weight: float
    aal_weight: float
    names: tuple[str, ...]

    def losses(self, mw: Floats) -> Floats:
        """Return the loss of each year under a split, shape (years,)."""
        return np.asarray(self.existing + self.unit_losses @ mw, dtype=float)

    def objective(self, mw: Floats) -> float:
        """Return what is minimised, at a split."""
        lost = self.losses(mw)
        tail = weighted_tail(lost, self.weights, self.level).cvar
        return float(self.tail_weight * tail + self.aal_weight * (self.weights @ lost)
                     + self.cost @ mw)


@dataclass(frozen=True, eq=False)
class CvarSplit:
    """The best split, how sure that is, and what each condition costs.

    Attributes
    ----------
    mw : shape (candidates,)
    cvar, var, aal : of the year losses under it; ``cost`` : ``program.cost @ mw``
    objective, bound : value reached, and proven lower bound of every split's value
    row_prices : by how much the objective falls per unit by which a row is loosened, 0 or more
    reduced_costs : rise of the objective per MW forced onto a candidate (above 0 at 0 MW; below 0
        at its cap: what one MW more of cap would save)
    mw_price : rise of the objective per MW more to place, every row's limit as it stands
    years_used : positions of the years that the programme wrote down; ``rounds`` : of the method
    """

    program: CvarProgram
    mw: Floats
    cvar: float
    var: float
    aal: float
    cost: float
    objective: float
    bound: float
    row_prices: Floats
    reduced_costs: Floats
    mw_price: float
    years_used: Ints
    rounds: int
    route: str

    @property
    def gap(self) -> float:
        """How far the split may be from the best, as a part of the objective."""
        size = max(abs(self.objective), 1e-12)
        return max(self.objective - self.bound, 0.0) / size


def cvar_program(unit_losses: Any, mw: float, *, level: float = 0.99,
                 caps: ArrayLike | None = None, rows: Sequence[Row] = (),
                 existing: ArrayLike | None = None, year_weights: ArrayLike | None = None,
                 cost: ArrayLike | None = None, tail_weight: float = 1.0,
                 aal_weight: float = 0.0, names: Sequence[str] | None = None) -> CvarProgram:
    """Return a checked programme; see :class:`CvarProgram`. Nothing given is changed.

    Parameters
    ----------
    unit_losses : dense or scipy sparse, shape (years, candidates), any sign
    year_weights : any positive scale; equal if not given

    Raises
    ------
    RiskModelError : a shape does not fit, a number is not finite, or nothing would be minimised
    """
    from scipy.sparse import csr_array, issparse

    matrix = csr_array(unit_losses if issparse(unit_losses)
                       else np.asarray(unit_losses, dtype=float), dtype=float)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise RiskModelError(f"unit losses have shape {matrix.shape}; give years x candidates")
    years, count = matrix.shape
    if not np.isfinite(mw) or not mw > 0:
        raise RiskModelError(f"mw is {mw!r}; give the MW to split, above 0")
    if not 0 < level < 1:
        raise RiskModelError(f"level is {level!r}; give a probability between 0 and 1, such as .99")
    if tail_weight < 0 or aal_weight < 0 or (tail_weight + aal_weight == 0 and cost is None):
        raise RiskModelError(f"tail_weight {tail_weight!r} and aal_weight {aal_weight!r} must not "
                             "be negative, and one of them above 0 where there is no cost")
    weights = _of(year_weights, years, 1.0, "year_weights")
    if (weights < 0).any() or not weights.sum() > 0:
        raise RiskModelError("year_weights must not be negative, and not all 0")
    top = _of(caps, count, np.inf, "caps", infinite=True)
    if (top < 0).any():
        raise RiskModelError("caps must not be negative")
    if not np.isfinite(matrix.data).all():
        raise RiskModelError("unit losses hold a number that is not finite")
    check_rows(rows, count)
    called = tuple(names) if names is not None else tuple(f"candidate {i}" for i in range(count))
    if len(called) != count:
        raise RiskModelError(f"{len(called)} names for {count} candidates; give one for each")
    return CvarProgram(matrix, float(mw), float(level), np.minimum(top, float(mw)), tuple(rows),
                       _of(existing, years, 0.0, "existing"), weights / weights.sum(),
                       _of(cost, count, 0.0, "cost"), float(tail_weight), float(aal_weight), called)


def _of(given: ArrayLike | None, size: int, default: float, what: str, *,
        infinite: bool = False) -> Floats:
    values = np.full(size, default) if given is None else np.array(given, dtype=float)
    if values.shape != (size,):
        raise RiskModelError(f"{what} has shape {values.shape}; give {size} numbers")
    if np.isnan(values).any() or (not infinite and not np.isfinite(values).all()):
        raise RiskModelError(f"{what} holds a number that is not finite")
    return values


def minimise_cvar(program: CvarProgram, route: str = "cuts", *,
                  start_years: Ints | None = None, gap: float = GAP) -> CvarSplit:
    """Return the split with the least objective.

    Parameters
    ----------
    route : "cuts" adds years as they come to matter; "full" writes all of them down at once
    start_years : years to begin with (``years_used`` of a programme that differs a little)

    Raises
    ------
    RiskModelError : no split keeps all conditions (the message says which clash), or the solver
        does not reach the gap
    """
    if route not in ROUTES:
        raise RiskModelError(f"route is {route!r}; give one of {', '.join(ROUTES)}")
    refuse_clash(program.rows, program.caps, program.mw, program.names)
    master = _Master(program)
    kept = np.zeros(master.losses.shape[0], dtype=bool)
    equal = np.full(len(program.caps), 1.0 / len(program.caps))
    kept[master.worst(equal)] = True
    if start_years is not None:
        kept[master.merged[start_years]] = True
    if route == "full":
        kept[:] = True
    best: tuple[float, Floats] | None = None
    for rounds in range(1, _MOST_ROUNDS + 1):
        found = master.solve(np.flatnonzero(kept))
        split = master.clean(found.x[:len(program.caps)])
        value = program.objective(split * program.mw)
        if best is None or value < best[0]:
            best = value, split
        broken = master.broken(found, kept)
        reached = best[0] - master.value(found) <= gap * max(abs(best[0]), 1e-12)
        if reached or not broken.size:
            return master.result(found, best[1], np.flatnonzero(kept), rounds, route)
        kept[broken] = True
    raise RiskModelError(f"the programme did not close its gap to {gap:g} in {_MOST_ROUNDS} rounds;"
                         " ask for fewer years or candidates, or a wider gap")


class _Master:
    """The programme in shares of the MW and losses of about 1, over some of the years."""

    def __init__(self, program: CvarProgram) -> None:
        from scipy.sparse import csr_array, diags_array

        self.program = program
        count = len(program.caps)
        bare = (np.diff(program.unit_losses.indptr) == 0) & (program.existing == 0)
        lossy = np.flatnonzero(~bare)
        matrix = program.unit_losses[lossy] * program.mw
        fixed, weights = program.existing[lossy], program.weights[lossy]
        #: position in the programme of each year: years without loss are one
        self.merged = np.full(len(bare), len(lossy), dtype=np.int64)
        self.merged[lossy] = np.arange(len(lossy))
        self.first = np.append(lossy, np.flatnonzero(bare)[:1])  # a year that each stands for
        if bare.any():
            matrix = csr_array((np.append(matrix.data, []), matrix.indices,
                                np.append(matrix.indptr, matrix.indptr[-1])),
                               shape=(len(lossy) + 1, count))
            fixed = np.append(fixed, 0.0)
            weights = np.append(weights, program.weights[bare].sum())
        start = fixed + matrix @ np.full(count, 1.0 / count)
        self.scale = float(abs(weighted_tail(start, weights, program.level).cvar)) or 1.0
        self.losses = csr_array(diags_array(np.full(matrix.shape[0], 1 / self.scale)) @ matrix)
        self.fixed, self.weights = fixed / self.scale, weights
        self.rows, self.limits, self.row_scale = stacked(program.rows, count, program.mw)
        mean = self.losses.T @ weights
        self.linear = program.aal_weight * mean + program.cost * program.mw / self.scale
        self.constant = program.aal_weight * float(weights @ self.fixed)
        self.size = max(program.tail_weight, float(np.abs(self.linear).max()), 1e-300)

    def worst(self, split: Floats) -> Ints:
        """Return years for a start: twice the tail of a split (weight enough to bound ``a``)."""
        level = max(1.0 - 2.0 * (1.0 - self.program.level), 0.0)
        if level == 0.0:
            return np.arange(len(self.weights))
        return weighted_tail(self.fixed + self.losses @ split, self.weights, level).years

    def solve(self, years: Ints) -> Any:
        """Solve the programme with the rows of some years only."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, eye_array, hstack, vstack

        program, many = self.program, len(years)
        count = len(program.caps)
        tail = program.tail_weight / (1.0 - program.level)
        objective = np.concatenate([self.linear, [program.tail_weight], tail * self.weights[years]])
        cuts = hstack([self.losses[years], csr_array(np.full((many, 1), -1.0)),
                       -eye_array(many, format="csr")], format="csr")
        matrix, limits = cuts, -self.fixed[years]
        if program.rows:
            matrix = vstack([cuts, hstack([self.rows, csr_array((len(program.rows), 1 + many))])])
            limits = np.concatenate([limits, self.limits])
        bounds = np.zeros((count + 1 + many, 2))
        bounds[:count, 1] = program.caps / program.mw
        bounds[count] = -np.inf, np.inf
        bounds[count + 1:, 1] = np.inf
        whole = np.zeros((1, count + 1 + many))
        whole[0, :count] = 1.0
        matrix = matrix.tocsc()
        tried = ("highs-ipm", "highs-ds") if matrix.nnz > _LARGE else ("highs-ds", "highs-ipm")
        for method in tried:
            found = linprog(objective / self.size, A_ub=matrix, b_ub=limits, A_eq=csr_array(whole),
                            b_eq=[1.0], bounds=bounds, method=method)
            if found.status == 0:
                return found
        raise RiskModelError(f"the solver gave up on the programme: {found.message} Ask for fewer "
                             "years or candidates")

    def value(self, found: Any) -> float:
        """Return the value of the relaxation in the programme's unit: a lower bound."""
        return float(found.fun * self.size + self.constant) * self.scale

    def clean(self, split: Floats) -> Floats:
        """Return shares within their bounds that add up to 1, rounding taken off."""
        top = self.program.caps / self.program.mw
        shares = np.clip(np.where(split < 1e-9, 0.0, split), 0.0, top)
        return np.minimum(shares / shares.sum(), top)

    def broken(self, found: Any, kept: NDArray[np.bool_]) -> Ints:
        """Return the worst years above ``a`` that are not written down, a tail's worth at most."""
        count = len(self.program.caps)
        lost = self.fixed + self.losses @ found.x[:count]
        over = np.flatnonzero((lost > found.x[count] + _BROKEN) & ~kept)
        most = max(200, int(len(self.weights) * (1.0 - self.program.level)))
        return over[np.argsort(-lost[over], kind="stable")[:most]]

    def result(self, found: Any, split: Floats, years: Ints, rounds: int, route: str) -> CvarSplit:
        """Return the split with its measures and prices in the programme's units."""
        program, count = self.program, len(self.program.caps)
        mw = split * program.mw
        lost = program.losses(mw)
        tail = weighted_tail(lost, program.weights, program.level)
        unit = self.size * self.scale
        prices = -found.ineqlin.marginals[len(years):] * unit / self.row_scale
        reduced = (found.lower.marginals + found.upper.marginals)[:count] * unit / program.mw
        return CvarSplit(
            program, mw, tail.cvar, tail.var, float(program.weights @ lost),
            float(program.cost @ mw), program.objective(mw), self.value(found),
            np.maximum(prices, 0.0), reduced,
            float(found.eqlin.marginals[0]) * unit / program.mw, self.first[years], rounds, route)
