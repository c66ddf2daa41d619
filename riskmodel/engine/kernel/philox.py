"""Keyed bits in compiled code: the same as ``engine.outages.streams`` in numpy."""

from __future__ import annotations

import numpy as np

from riskmodel.engine.kernel.jit import jit
from riskmodel.engine.outages.streams import LOW, M0, M1, W0, W1

_32 = np.uint64(32)
_20 = np.uint64(20)
_12 = np.uint64(12)


@jit(forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on 32-bit words held in uint64 (see ``engine.outages.streams``)."""
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        c0 = (p1 >> _32) ^ c1 ^ k0
        c1 = p1 & LOW
        c2 = (p0 >> _32) ^ c3 ^ k1
        c3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@jit(forceinline=True)
def uniform52(high, low):
    """Return a uniform strictly inside (0, 1) from two 32-bit words."""
    return (np.float64(np.int64((high << _20) | (low >> _12))) + 0.5) * 2.220446049250313e-16


@jit(forceinline=True)
def put_counter(word, i, first, second, ident):
    """Write counter ``i``, (first, second, 64-bit ident), into ``word``, shape (4, n)."""
    word[0, i] = first
    word[1, i] = second
    word[2, i] = ident & LOW
    word[3, i] = ident >> _32


@jit()
def uniforms(word, first, count, k0, k1, out):
    """Turn counters ``first`` to ``first + count - 1`` into the uniforms ``out[:count]``.

    Loops without a branch: the compiler takes several counters at a time.
    """
    w0, w1, w2, w3 = word[0], word[1], word[2], word[3]
    for i in range(first, first + count):
        w0[i], w1[i], _, _ = philox(w0[i], w1[i], w2[i], w3[i], k0, k1)
    for i in range(count):
        out[i] = uniform52(w0[first + i], w1[first + i])
