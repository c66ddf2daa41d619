"""Keyed randomness: every draw is a pure function of its labels.

A counter-based generator (Philox4x32-10; Salmon, Moraes, Dror and Shaw 2011, "Parallel random
numbers: as easy as 1, 2, 3") turns (key, counter) into four words. The key is a hash of (seed,
purpose, peril), the counter holds (year, event, entity), so nothing depends on order, on block
size, on workers or on what else is in the world.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# multipliers and Weyl constants of Philox4x32
M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def philox4x32(counter: ArrayLike, key: ArrayLike) -> NDArray[np.uint32]:
    """Return the ten-round Philox4x32 words of each counter.

    Parameters
    ----------
    counter : array of 32-bit words, shape (..., 4)
    key : array of 32-bit words, shape (..., 2), broadcast against the counter

    Returns
    -------
    uint32 array, shape (..., 4)
    """
    words = np.asarray(counter, dtype=np.uint64)
    keys = np.asarray(key, dtype=np.uint64)
    x0, x1, x2, x3 = (words[..., i] for i in range(4))
    k0, k1 = keys[..., 0], keys[..., 1]
    for _ in range(10):
        p0, p1 = M0 * x0, M1 * x2
        x0, x1, x2, x3 = (
            (p1 >> _32) ^ x1 ^ k0, p1 & LOW, (p0 >> _32) ^ x3 ^ k1, p0 & LOW)
        k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
    return np.stack(np.broadcast_arrays(x0, x1, x2, x3), axis=-1).astype(np.uint32)


def check_seed(seed: object) -> int:
    """Return the seed as an int, or say why it cannot be one."""
    if isinstance(seed, (np.random.Generator, np.random.BitGenerator, np.random.RandomState)):
        raise RiskModelError(
            "seed is a live generator; give one integer: a generator carries a position, so the "
            "answer would depend on the order of calls, and here every draw is keyed by its labels")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise RiskModelError(f"seed is {seed!r}; give one whole number, 0 or more")
    return int(seed)


def stream_key(seed: int, purpose: str, peril: str) -> tuple[int, int]:
    """Return the two 32-bit key words of one stream of draws."""
    text = f"{int(seed)}\x1f{purpose}\x1f{peril}".encode()
    digest = blake2b(text, digest_size=8, person=b"riskmodel key").digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


@lru_cache(maxsize=1 << 18)
def entity_hash(entity: str) -> int:
    """Return the 64-bit number that stands for an entity's id in the counter."""
    return int.from_bytes(
        blake2b(entity.encode(), digest_size=8, person=b"riskmodel entity").digest(), "little")


def part_hash(part: str) -> int:
    """Return the number that stands for a part's name, 0 for the whole node."""
    return 0 if part == "" else (entity_hash(part) >> 1) | 1


def keyed_uniform(seed: int, purpose: str, peril: str, year: ArrayLike, event: ArrayLike = 0,
                  entity: ArrayLike = "") -> NDArray[np.float64]:
    """Return uniforms strictly between 0 and 1, one per element of the broadcast labels.

    ``year`` and ``event`` are whole numbers from 0 to 2**32 - 1, ``entity`` strings. 52 random bits
    each.
    """
    # hashed before it is broadcast: the same few names stand for every year of a block
    names = np.asarray(entity, dtype=object)
    codes, few = pd.factorize(names.ravel())
    hashes = np.array([entity_hash(str(name)) for name in few], dtype=np.uint64)[codes]
    years, events, ids = np.broadcast_arrays(
        np.asarray(year), np.asarray(event), hashes.reshape(names.shape))
    counter = np.stack([years.astype(np.uint64), events.astype(np.uint64), ids & LOW, ids >> _32],
                       axis=-1)
    words = philox4x32(counter, np.array(stream_key(seed, purpose, peril))).astype(np.uint64)
    bits = (words[..., 0] << np.uint64(20)) | (words[..., 1] >> np.uint64(12))
    return (bits.astype(np.float64) + 0.5) * 2.0**-52
