"""The Shannon scaling law as a form, and a warning where a recovery leans on more tokens.

    C = a N^alpha log2(1 + b D^beta / (c (D N)^gamma + d D^delta + e)),   loss = 1 / C

(Ouyang et al. 2026). Its nine constants are published nowhere: the user supplies them, or says that
they are made up. It prices no lost compute. It says where more tokens make a model worse, which a
monotone law cannot: beyond the tokens at which the signal-to-noise ratio peaks,

    beta (c (D N)^gamma + d D^delta + e) = gamma c (D N)^gamma + delta d D^delta.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.compute.scaling import ChinchillaLaw, Law, as_law
from riskmodel.errors import RiskModelError, RiskModelWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: tokens between which a turning point is looked for
_LEAST, _MOST = 1.0, 1e60
#: tokens a parameter over the law's own optimum from which a plan counts as overtraining
OVER_OPTIMUM = 1.5


class OvertrainingWarning(RiskModelWarning):
    """A recovery plan leans on more tokens than the model's size is good for."""


@dataclass(frozen=True)
class ShannonLaw:
    """The form with nine constants of the user's; ``origin`` says whose they are.

    ``origin`` is "user" (fitted by somebody, who is named in ``note``) or "synthetic" (made up to
    try the form).
    """

    a: float
    b: float
    c: float
    d: float
    e: float
    alpha: float
    beta: float
    gamma: float
    delta: float
    origin: str = "user"
    note: str = ""

    def __post_init__(self) -> None:
        if self.origin not in ("user", "synthetic"):
            raise RiskModelError(f"ShannonLaw: origin is {self.origin!r}; say whose constants "
                                 "these are, 'user' or 'synthetic'")
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, str):
                continue
            least = 0.0 if item.name in ("c", "d", "e") else math.ulp(0.0)
            if not (math.isfinite(value) and value >= least):
                raise RiskModelError(f"ShannonLaw: {item.name} is {value}; the constants are "
                                     "above 0 (c, d and e may be 0)")
        if self.c == self.d == self.e == 0:
            raise RiskModelError("ShannonLaw: c, d and e are all 0; without noise there is no "
                                 "ratio of signal to noise")

    @property
    def constants(self) -> str:
        """Return the set in force, and whose it is, as text."""
        numbers = ", ".join(f"{f.name} {getattr(self, f.name):g}" for f in fields(self)
                            if not isinstance(getattr(self, f.name), str))
        return f"shannon ({self.origin}): {numbers}"

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss of a model of so many parameters after so many tokens."""
        n, d = np.asarray(parameters, dtype=float), np.asarray(tokens, dtype=float)
        noise = self.c * (d * n)**self.gamma + self.d * d**self.delta + self.e
        capacity = self.a * n**self.alpha * np.log1p(self.b * d**self.beta / noise) / np.log(2.0)
        return np.asarray(1.0 / capacity)

    def stationarity(self, parameters: float, tokens: ArrayLike) -> Floats:
        """Return the residual of the stationarity condition in D, over its noise.

        Below 0 more tokens still help, above 0 they hurt. Independent of a, b and alpha.
        """
        d = np.asarray(tokens, dtype=float)
        size, data = self.c * (d * parameters)**self.gamma, self.d * d**self.delta
        noise = size + data + self.e
        return np.asarray((self.gamma * size + self.delta * data) / noise - self.beta)

    def turning_tokens(self, parameters: float) -> float | None:
        """Return the tokens from which a model of this size gets worse; None if it never does.

        1 where more tokens hurt from the first on.
        """
        from scipy.optimize import brentq

        if not (math.isfinite(parameters) and parameters > 0):
            raise RiskModelError(f"parameters is {parameters}; give a number above 0")
        grid = np.linspace(math.log(_LEAST), math.log(_MOST), 2000)
        above = self.stationarity(parameters, np.exp(grid)) > 0
        turns = np.flatnonzero(~above[:-1] & above[1:])
        if above[0]:
            return _LEAST
        if not turns.size:
            return None
        low, high = grid[turns[0]], grid[turns[0] + 1]
        root = brentq(lambda x: float(self.stationarity(parameters, math.exp(x))), low, high,
                      xtol=1e-14, rtol=1e-14)
        return math.exp(root)


def more_tokens(parameters: float, tokens: float, planned_tokens: float, *,
                law: Law | str | None = None, shannon: ShannonLaw | None = None) -> float:
    """Return the loss added by training a smaller or frozen model on more tokens than planned.

    Negative where it helps, by the law in force. A recovery that leans on overtraining warns: where
    ``shannon`` is given, beyond its turning point; else where tokens a parameter exceed 1.5 times
    the law's own optimum at that compute, for which no monotone law is evidence.

    Warns
    -----
    OvertrainingWarning
    """
    used = as_law(law)
    for name, value in (("parameters", parameters), ("tokens", tokens),
                        ("planned_tokens", planned_tokens)):
        if not (math.isfinite(value) and value > 0):
            raise RiskModelError(f"more_tokens: {name} is {value}; give a number above 0")
    overtraining(parameters, tokens, law=used, shannon=shannon, stacklevel=3)
    return float(used.loss(parameters, tokens) - used.loss(parameters, planned_tokens))


def overtraining(parameters: float, tokens: float, *, law: Law | None = None,
                 shannon: ShannonLaw | None = None, stacklevel: int = 2) -> bool:
    """Tell whether a plan leans on overtraining, and warn if it does; see :func:`more_tokens`."""
    if shannon is not None:
        turn = shannon.turning_tokens(parameters)
        if turn is None or tokens <= turn:
            return False
        why = f"{turn:.3g} tokens, where the Shannon law in force turns ({shannon.constants})"
    else:
        used = as_law(law)
        best = used.optimal(6.0 * parameters * tokens)
        limit = OVER_OPTIMUM * best.tokens_per_parameter
        if tokens / parameters <= limit:
            return False
        form = "" if isinstance(used, ChinchillaLaw) else " by its joint fit"
        why = (f"{OVER_OPTIMUM:g} times the optimum of {used.name}{form}, "
               f"{best.tokens_per_parameter:.3g} tokens a parameter")
    warnings.warn(
        f"this recovery trains {parameters:.3g} parameters on {tokens:.3g} tokens, beyond {why}: "
        "more tokens later are no free way back where the model is tuned, quantised or perturbed "
        "afterwards", OvertrainingWarning, stacklevel=stacklevel)
    return True
