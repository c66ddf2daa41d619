"""A file of arrays that is whole or not there, and known to be as it was written.

Line 1 says what it is, line 2 the SHA-256 of everything after it, line 3 (JSON) a header and the
arrays' names, types and shapes; then their bytes. Nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.world.wholefile import beside

MAGIC = b"riskmodel sealed 1\n"


class Damaged(Exception):
    """The file is cut short, changed, or something else."""


def write_sealed(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
                 ) -> None:
    """Write header and arrays; the file is there when all of it is."""
    tidy = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    table = [[name, np.lib.format.dtype_to_descr(array.dtype), list(array.shape)]
             for name, array in tidy.items()]
    head = json.dumps({"header": header, "arrays": table}).encode() + b"\n"
    pieces: list[Any] = [head, *(array.reshape(-1).view(np.uint8).data
                                 for array in tidy.values() if array.size)]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    with beside(path) as unfinished, unfinished.open("wb") as file:
        file.write(MAGIC + digest.hexdigest().encode() + b"\n")
        for piece in pieces:
            file.write(piece)


def read_sealed(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header and the arrays.

    Raises
    ------
    Damaged
    """
    with path.open("rb") as file:
        if file.readline(len(MAGIC)) != MAGIC:
            raise Damaged(f"{path} is no sealed file")
        told = file.readline(80).rstrip(b"\n")
        body = file.read()
    if hashlib.sha256(body).hexdigest().encode() != told:
        raise Damaged(f"{path} is cut short or was changed")
    end = body.index(b"\n") + 1
    head = json.loads(body[:end])
    arrays: dict[str, NDArray[Any]] = {}
    for name, descr, shape in head["arrays"]:
        dtype = np.lib.format.descr_to_dtype(_tuples(descr))
        count = math.prod(shape)
        arrays[name] = np.frombuffer(body, dtype, count, end).reshape(shape)
        end += count * dtype.itemsize
    return head["header"], arrays


def _tuples(descr: Any) -> Any:
    """Turn the lists that JSON made of a dtype's tuples back."""
    if isinstance(descr, list):
        return [tuple(field) for field in descr]
    return descr
