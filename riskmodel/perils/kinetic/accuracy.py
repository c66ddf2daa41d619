"""Where an aimed munition falls: the circular-error law."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def within(radius_m: ArrayLike, cep_m: ArrayLike) -> NDArray[np.float64]:
    """Return the chance that a munition falls within ``radius_m`` of its aim.

    1 - 2^-(r / CEP)^2: falls are normal and alike in every direction, and half of them lie within
    the circular error probable (CEP). Both in metres; arrays are broadcast.
    """
    radius, cep = np.asarray(radius_m, float), np.asarray(cep_m, float)
    if np.any(radius < 0) or np.any(cep <= 0):
        raise RiskModelError("a radius is 0 m or more and a circular error is above 0 m")
    return np.asarray(-np.expm1(-np.log(2.0) * (radius / cep) ** 2), float)
