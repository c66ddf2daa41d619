"""k-of-n redundancy, with and without a common cause."""

from __future__ import annotations

from riskmodel.errors import RiskModelError


def k_of_n_unavailability(unavailability: float, k: int, n: int, beta: float = 0.0) -> float:
    """Return the probability that fewer than ``k`` of ``n`` equal members are up.

    ``beta`` is the share of a member's unavailability that strikes all members at once (the beta
    factor of common-cause analysis): redundancy cannot go below ``beta x unavailability``.
    """
    _check(unavailability, "unavailability")
    _check(beta, "beta")
    if not 1 <= k <= n:
        raise RiskModelError(f"k is {k} and n is {n}; give 1 <= k <= n")
    from scipy.special import bdtr

    alone = float(bdtr(k - 1, n, 1 - (1 - beta) * unavailability))
    common = beta * unavailability
    return common + (1 - common) * alone


def least_members(k: int, availability: float, target: float, *, most: int = 10_000) -> int:
    """Return the least n such that at least ``k`` of n independent members are up with ``target``.
    """
    _check(availability, "availability")
    if not (0 < target < 1 and availability > 0):
        raise RiskModelError("give a target between 0 and 1 and an availability above 0")
    for n in range(k, most + 1):
        if 1 - k_of_n_unavailability(1 - availability, k, n) >= target:
            return n
    raise RiskModelError(f"more than {most} members would be needed for {target}")


def _check(value: float, name: str) -> None:
    if not 0 <= value <= 1:
        raise RiskModelError(f"{name} is {value}; give a probability from 0 to 1")
