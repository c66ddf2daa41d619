"""What all the blocks of a run share, on its way to other processes: packed once, opened once.

A compiled world is some megabytes and a block's own numbers are a few bytes, so the two travel
apart: a task holds the digest of the parcel, and a process that has opened it once keeps it.
"""

from __future__ import annotations

import pickle
import tempfile
import threading
import zlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from platform import python_version
from typing import Any

from riskmodel._version import __version__
from riskmodel.engine.kept.identity import own_code
from riskmodel.errors import RiskModelError

KEPT = 4  # parcels that a process keeps open: those of the last runs

_lock = threading.Lock()
_opened: dict[str, Any] = {}


class Absent:
    """The answer of a process that has not got the parcel and cannot read its file."""


class Parcel:
    """What the blocks share. Where it is not pickled (threads) it is simply the value.

    Pickled, it is a digest and the name of a temporary file, which is written when it is pickled
    for the first time and removed by ``close``.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self._lock = threading.Lock()
        self._packed: Packed | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        packed = self.packed()
        return Packed, (packed.digest, packed.file, None, packed.versions)

    def open(self) -> Any:
        """Return what the parcel holds."""
        return self.value

    def packed(self) -> Packed:
        """Return the parcel as bytes, and see that they lie in the temporary file."""
        with self._lock:
            if self._packed is None:
                packed = pack(self.value)
                assert packed.content is not None
                with tempfile.NamedTemporaryFile(prefix="riskmodel-", delete=False) as file:
                    file.write(packed.content)
                self._packed = Packed(packed.digest, file.name, packed.content, packed.versions)
            return self._packed

    def close(self) -> None:
        """Remove the temporary file, if one was written."""
        with self._lock:
            if self._packed is not None and self._packed.file is not None:
                Path(self._packed.file).unlink(missing_ok=True)


class Packed:
    """A parcel as bytes, or as the name of a file that holds them."""

    def __init__(self, digest: str, file: str | None, content: bytes | None,
                 versions: dict[str, str]) -> None:
        self.digest, self.file, self.content, self.versions = digest, file, content, versions

    def open(self) -> Any:
        """Return what the parcel holds, opened once in each process; Absent if it is not here.

        Raises
        ------
        RiskModelError : this process runs other versions than the one that packed it, or lacks
            what the parcel needs
        """
        with _lock:
            if self.digest in _opened:
                return _opened[self.digest]
            content = self.content
            if content is None:
                try:
                    content = Path(self.file or "").read_bytes()
                except OSError:
                    return Absent()
                if sha256(content).hexdigest() != self.digest:
                    return Absent()
            refuse_others(self.versions, versions())
            try:
                value = pickle.loads(zlib.decompress(content))
            except Exception as error:
                raise RiskModelError(
                    "a worker cannot open what the blocks of the run share "
                    f"({type(error).__name__}: {error}); a peril of your own must stand in a "
                    "module that the workers can import") from error
            while len(_opened) >= KEPT:
                del _opened[next(iter(_opened))]
            _opened[self.digest] = value
            return value


def pack(value: Any, dumps: Callable[[Any], bytes] = pickle.dumps) -> Packed:
    """Return a value as bytes, with the versions that whoever opens it must have.

    Raises
    ------
    RiskModelError : it holds something that cannot travel
    """
    try:
        content = zlib.compress(dumps(value), 1)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise RiskModelError(
            f"the run cannot be sent to other processes ({error}); a peril of your own must be "
            "a class at the top of a module; or compute on threads, without executor=") from error
    return Packed(sha256(content).hexdigest(), None, content, versions())


@cache
def versions() -> dict[str, str]:
    """Return what must be the same wherever blocks of one run are computed."""
    import numba
    import numpy
    import pandas

    return {"riskmodel": f"{__version__} (code {own_code()[:10]})",
            "python": ".".join(python_version().split(".")[:2]), "numpy": numpy.__version__,
            "pandas": pandas.__version__, "numba": numba.__version__}


def refuse_others(told: dict[str, str], here: dict[str, str], who: str = "a worker") -> None:
    """Refuse a worker whose versions differ: its bytes could differ too.

    Raises
    ------
    RiskModelError : names every difference, and the mend
    """
    apart = [f"{name} {here.get(name, 'missing')} there, {told[name]} here"
             for name in told if here.get(name) != told[name]]
    if apart:
        raise RiskModelError(
            f"{who} runs other versions than this process, so its results could differ: "
            f"{'; '.join(apart)}. Install the same versions on every machine and start the "
            "cluster again")
