"""How the kernel's functions are compiled."""

from __future__ import annotations

from typing import Any

from numba import njit


def jit(**options: Any) -> Any:
    """Return numba's decorator with the kernel's options.

    The kernel allocates nothing, so it is compiled without numba's counting of references, which
    would cost an atomic instruction per array and call. Divisors are never 0 by construction.
    """
    return njit(_nrt=False, error_model="numpy", **options)
