"""Files that are whole or not there: written under another name, and renamed when all is there."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: how names of files begin that are not finished
UNFINISHED = ".unfinished-"


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a name beside a file to write under; it becomes the file if the block ends well."""
    unfinished = path.with_name(f"{UNFINISHED}{path.name}-{uuid.uuid4().hex}")
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename == str(unfinished):
            error.filename = str(path)  # the name that was asked for
        unfinished.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text as UTF-8, so that no half of it is ever read."""
    with beside(path) as unfinished:
        unfinished.write_bytes(text.encode("utf-8"))


def checksum(path: Path) -> str:
    """Return the sha256 (hex) of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
