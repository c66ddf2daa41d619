"""Scaling laws: what compute, size and tokens make of a run's loss, in nats a token.

A law prices what lost compute costs. Sets of constants for one form disagree, so every answer here
carries the name of the set in force.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskmodel.compute.inputs import read_inputs, titles
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

FLOP_PER_PARAMETER_TOKEN = 6.0  # C = 6 N D: forward and backward pass of a dense transformer
FLOP_PER_PF_DAY = 1e15 * 86_400.0


class Split(NamedTuple):
    """How a run's compute is split between size and tokens, and the loss that it reaches."""

    parameters: float
    tokens: float
    loss: float

    @property
    def tokens_per_parameter(self) -> float:
        """Return D / N."""
        return self.tokens / self.parameters


@dataclass(frozen=True)
class ChinchillaLaw:
    """``L(N, D) = E + A / N^alpha + B / D^beta``, with C = 6 N D (Hoffmann et al. 2022)."""

    name: str
    E: float
    A: float
    B: float
    alpha: float
    beta: float
    source: str = ""
    confidence: str = "low"

    def __post_init__(self) -> None:
        _positive(self.name, {"A": self.A, "B": self.B, "alpha": self.alpha, "beta": self.beta})
        if not (math.isfinite(self.E) and self.E >= 0):
            raise RiskModelError(f"law {self.name!r}: E is {self.E}; give 0 or more")

    @property
    def constants(self) -> str:
        """Return the set in force as text."""
        return (f"{self.name}: E {self.E:g}, A {self.A:g}, B {self.B:g}, alpha {self.alpha:g}, "
                f"beta {self.beta:g}")

    @property
    def kappa(self) -> float:
        """Return the exponent of excess loss in compute: alpha beta / (alpha + beta)."""
        return self.alpha * self.beta / (self.alpha + self.beta)

    @property
    def excess(self) -> float:
        """Return K of ``L* - E = K C^-kappa`` along the compute-optimal path, C in FLOP."""
        g = self._g
        return (self.A * g**-self.alpha + self.B * g**self.beta) \
            * FLOP_PER_PARAMETER_TOKEN**self.kappa

    @property
    def _g(self) -> float:
        return (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss of a model of so many parameters after so many tokens."""
        n, d = np.asarray(parameters, dtype=float), np.asarray(tokens, dtype=float)
        return np.asarray(self.E + self.A * n**-self.alpha + self.B * d**-self.beta)

    def optimal(self, flop: float) -> Split:
        """Return the split of ``flop`` that reaches the least loss."""
        flop = _run_flop(flop)
        budget = flop / FLOP_PER_PARAMETER_TOKEN
        n = self._g * budget ** (self.beta / (self.alpha + self.beta))
        d = budget / n
        return Split(n, d, float(self.loss(n, d)))

    def optimal_loss(self, flop: ArrayLike) -> Floats:
        """Return the least loss that so much compute reaches."""
        return np.asarray(self.E + self.excess * np.asarray(flop, dtype=float) ** -self.kappa)

    def replanned(self, flop: float, fraction_lost: ArrayLike) -> Floats:
        """Return the loss added where a run is planned again with what compute is left.

        ``K C^-kappa ((1 - f)^-kappa - 1)``; NaN where nothing is left.
        """
        left = _left(fraction_lost)
        return np.asarray(self.excess * _run_flop(flop)**-self.kappa * (left**-self.kappa - 1.0))

    def fewer_tokens(self, tokens: float, fraction_lost: ArrayLike,
                     parameters: float = math.nan) -> Floats:
        """Return the loss added where the architecture is frozen and the run sees fewer tokens.

        ``B ((D (1 - f))^-beta - D^-beta)``, whatever the size; NaN where nothing is left.
        """
        del parameters  # of no weight in this form
        return np.asarray(self.B * ((tokens * _left(fraction_lost))**-self.beta
                                    - tokens**-self.beta))


@dataclass(frozen=True)
class KaplanLaw:
    """``L(N) = (Nc/N)^aN``, ``L(D) = (Dc/D)^aD``, ``L(C) = (Cc/C)^aC`` with C in PF-days.

    Jointly ``L(N, D) = ((Nc/N)^(aN/aD) + Dc/D)^aD`` with constants of its own (Kaplan et al. 2020).
    """

    name: str
    Nc: float
    alpha_N: float
    Dc: float
    alpha_D: float
    Cc: float
    alpha_C: float
    joint_Nc: float
    joint_alpha_N: float
    joint_Dc: float
    joint_alpha_D: float
    source: str = ""
    confidence: str = "low"

    def __post_init__(self) -> None:
        _positive(self.name, {key: value for key, value in vars(self).items()
                              if isinstance(value, float | int)})

    @property
    def constants(self) -> str:
        """Return the set in force as text."""
        return (f"{self.name}: Nc {self.Nc:g}, aN {self.alpha_N:g}, Dc {self.Dc:g}, aD "
                f"{self.alpha_D:g}, Cc {self.Cc:g} PF-days, aC {self.alpha_C:g}")

    def loss_of_parameters(self, parameters: ArrayLike) -> Floats:
        """Return the loss of a model with as many tokens as it can use."""
        return np.asarray((self.Nc / np.asarray(parameters, dtype=float)) ** self.alpha_N)

    def loss_of_tokens(self, tokens: ArrayLike) -> Floats:
        """Return the loss of a large model after so many tokens, stopped early."""
        return np.asarray((self.Dc / np.asarray(tokens, dtype=float)) ** self.alpha_D)

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the loss by the joint fit."""
        n, d = np.asarray(parameters, dtype=float), np.asarray(tokens, dtype=float)
        size = (self.joint_Nc / n) ** (self.joint_alpha_N / self.joint_alpha_D)
        return np.asarray((size + self.joint_Dc / d) ** self.joint_alpha_D)

    def optimal_loss(self, flop: ArrayLike) -> Floats:
        """Return the least loss that so much compute reaches."""
        pf_days = np.asarray(flop, dtype=float) / FLOP_PER_PF_DAY
        return np.asarray((self.Cc / pf_days) ** self.alpha_C)

    def optimal(self, flop: float) -> Split:
        """Return the split of ``flop`` with the least loss by the joint fit, and L(C) as loss."""
        from scipy.optimize import minimize_scalar

        flop = _run_flop(flop)
        budget = flop / FLOP_PER_PARAMETER_TOKEN
        found = minimize_scalar(
            lambda x: float(self.loss(math.exp(x), budget / math.exp(x))),
            bounds=(math.log(budget) * 0.2, math.log(budget) * 0.9), method="bounded",
            options={"xatol": 1e-10})
        n = math.exp(found.x)
        return Split(n, budget / n, float(self.optimal_loss(flop)))

    def replanned(self, flop: float, fraction_lost: ArrayLike) -> Floats:
        """Return the loss added where a run is planned again: ``L(C) ((1 - f)^-aC - 1)``."""
        return np.asarray(self.optimal_loss(_run_flop(flop))
                          * (_left(fraction_lost)**-self.alpha_C - 1.0))

    def fewer_tokens(self, tokens: float, fraction_lost: ArrayLike,
                     parameters: float = math.nan) -> Floats:
        """Return the loss added with fewer tokens: by the joint fit, or L(D) without a size."""
        left = tokens * _left(fraction_lost)
        if math.isnan(parameters):
            return np.asarray(self.loss_of_tokens(left) - self.loss_of_tokens(tokens))
        return np.asarray(self.loss(parameters, left) - self.loss(parameters, tokens))


Law = ChinchillaLaw | KaplanLaw
_FORMS: Mapping[str, type[ChinchillaLaw] | type[KaplanLaw]] = {"chinchilla": ChinchillaLaw,
                                                             "kaplan": KaplanLaw}


def read_law(name: str | None = None, *, world: World | None = None) -> Law:
    """Return a scaling law of ``compute/scaling.toml``; the file's default where none is named.

    ``besiroglu`` (default), ``hoffmann`` (as printed), ``hoffmann_unrounded``, ``kaplan``.

    Raises
    ------
    RiskModelError : there is no such law, or its constants are not those of its form
    """
    data = read_inputs("scaling", world)
    laws = data["laws"]
    wanted = str(data["default_law"]) if name is None else name
    if wanted not in laws:
        raise RiskModelError(f"there is no scaling law {wanted!r}{near(wanted, laws)}; laws are "
                             f"{', '.join(laws)}")
    entry = laws[wanted]
    form = _FORMS.get(str(entry.get("form")))
    if form is None:
        raise RiskModelError(f"scaling.toml: laws.{wanted} has form {entry.get('form')!r}; give "
                             f"one of {', '.join(_FORMS)}")
    try:
        return form(wanted, **{key: float(value) for key, value in entry["constants"].items()},
                    source="; ".join(titles(data, str(entry["source"]))),
                    confidence=str(entry["confidence"]))
    except (KeyError, TypeError) as error:
        raise RiskModelError(f"scaling.toml: laws.{wanted} does not have the constants of the form "
                             f"{entry['form']}: {error}") from None


def laws(world: World | None = None) -> tuple[str, ...]:
    """Return the names of the scaling laws of ``compute/scaling.toml``."""
    return tuple(read_inputs("scaling", world)["laws"])


def as_law(law: Law | str | None, *, world: World | None = None) -> Law:
    """Return a law from what a caller may give: a law, a name, or nothing for the default."""
    return law if isinstance(law, ChinchillaLaw | KaplanLaw) else read_law(law, world=world)


def _left(fraction_lost: ArrayLike) -> Floats:
    """Return the part left; NaN where nothing is."""
    lost = np.asarray(fraction_lost, dtype=float)
    if (lost < 0).any():
        raise RiskModelError("fraction_lost must not be negative")
    return np.where(lost < 1.0, 1.0 - lost, np.nan)


def _run_flop(flop: float) -> float:
    if not (math.isfinite(flop) and flop > 0):
        raise RiskModelError(f"a run's compute is {flop} FLOP; give a number above 0")
    return float(flop)


def _positive(name: str, constants: Mapping[str, float]) -> None:
    wrong = [f"{key} = {value}" for key, value in constants.items()
             if not (math.isfinite(value) and value > 0)]
    if wrong:
        raise RiskModelError(f"law {name!r}: {', '.join(wrong)}; constants are above 0")
