"""Keyed randomness: every draw is a pure function of its labels.

A counter-based generator (Philox4x32-10; Salmon, Moraes, Dror and Shaw 2011, "Parallel random
numbers: as easy as 1, 2, 3") turns (key, counter) into four words. The key is a hash of (seed,
purpose, peril), the counter holds (year, event, entity), so nothing depends on order, on block
size, on workers or on what else is in the world.
"""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.names import Names

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# multipliers and Weyl constants of Philox4x32
M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)

#: counters that the compiled function works on at a time
CHUNK = 512
#: uniforms in one call from which on the compiled function is read in; from then on it does all
COMPILED_FROM = 1 << 16
_ready: list[Any] = []


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


@lru_cache(maxsize=1 << 14)
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
                  entity: ArrayLike | Names = "") -> NDArray[np.float64]:
    """Return uniforms strictly between 0 and 1, one per element of the broadcast labels.

    ``year`` and ``event`` are whole numbers from 0 to 2**32 - 1, ``entity`` strings or ``Names``.
    52 random bits each.
    """
    years, events = np.asarray(year), np.asarray(event)
    hashes = entity_hashes(entity)
    shape = max(years.shape, events.shape, hashes.shape, key=len)
    if not all(label.size == 1 or label.shape == shape for label in (years, events, hashes)):
        shape = np.broadcast_shapes(years.shape, events.shape, hashes.shape)
    key = stream_key(seed, purpose, peril)
    fill = _compiled(math.prod(shape))
    if fill is None:
        return numpy_uniform(key, years, events, hashes)
    rows, columns = shape if len(shape) == 2 else (1, math.prod(shape))
    # read-only or of another layout, an array would compile the function anew
    word = np.empty((4, CHUNK), np.uint64)
    out = np.empty(shape)
    fill(out.reshape(-1), rows, columns, *_steps(years, shape), *_steps(events, shape),
         *_steps(hashes, shape), np.uint64(key[0]), np.uint64(key[1]), word)
    return out


def numpy_uniform(key: tuple[int, int], years: NDArray[Any], events: NDArray[Any],
                  hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the same uniforms by numpy: what a few of them, and the tests, are drawn with."""
    years, events, ids = np.broadcast_arrays(years, events, hashes)
    counter = np.stack([years.astype(np.uint64), events.astype(np.uint64), ids & LOW, ids >> _32],
                       axis=-1)
    words = philox4x32(counter, np.array(key)).astype(np.uint64)
    bits = (words[..., 0] << np.uint64(20)) | (words[..., 1] >> np.uint64(12))
    return np.asarray((bits.astype(np.float64) + 0.5) * 2.0**-52)


def entity_hashes(entity: ArrayLike | Names) -> NDArray[np.uint64]:
    """Return the number of each entity, in the shape given."""
    if isinstance(entity, Names):
        return entity.book.numbers(entity.code, entity_hash)
    if isinstance(entity, str):
        return np.array(entity_hash(entity), np.uint64)
    # hashed before it is broadcast: the same few names stand for every year of a block
    names = np.asarray(entity, dtype=object)
    codes, few = pd.factorize(names.ravel())
    each = np.array([entity_hash(str(name)) for name in few], dtype=np.uint64)[codes]
    return each.reshape(names.shape)


def _steps(label: NDArray[Any], shape: tuple[int, ...]) -> tuple[NDArray[np.uint64], int, int]:
    """Return a label as one row of numbers, and the steps along rows and columns of ``shape``."""
    numbers = label.astype(np.uint64, copy=False)
    if numbers.size == 1:
        row, column = 0, 0
    elif numbers.shape == shape:
        row, column = shape[-1], 1
    elif len(shape) == 2 and numbers.shape in (shape[1:], (1, shape[1])):
        row, column = 0, 1
    elif len(shape) == 2 and numbers.shape == (shape[0], 1):
        row, column = 1, 0
    else:
        numbers, row, column = np.broadcast_to(numbers, shape), shape[-1], 1
    flat = np.ascontiguousarray(numbers).reshape(-1)
    return flat if flat.flags.writeable else flat.copy(), row, column


def _compiled(size: int) -> Any:
    """Return the compiled function, None where so few numbers are not worth reading it in."""
    if not _ready and size < COMPILED_FROM:
        return None
    if not _ready:
        from riskmodel.engine.kernel.entry import made
        from riskmodel.engine.kernel.uniforms import build

        _ready.append(made(build))
    return _ready[0]
