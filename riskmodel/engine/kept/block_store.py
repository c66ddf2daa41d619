"""Finished blocks of a run on disk, so that a run that was killed goes on where it stopped.

One file a task, written whole or not at all, named by what the task is and not by when it was done;
``run.json`` says which run they belong to. A block that is cut short or changed counts as not done.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from riskmodel.engine.kept.folder_lock import hold
from riskmodel.engine.kept.identity import differences
from riskmodel.engine.kept.sealed import Damaged, read_sealed, write_sealed
from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.plan.worlds import WorldPart
from riskmodel.errors import RiskModelError
from riskmodel.world.wholefile import UNFINISHED, write_whole

FORMAT = "riskmodel blocks 1"
RUN = "run.json"
LOCK = "riskmodel.lock"
BLOCKS = "blocks"
PARTS = "parts"  # of the tables of a long run
STATE = "state.sealed"  # of a long run: all that is known at the end of its last finished part
OURS = frozenset({RUN, LOCK, BLOCKS, PARTS, STATE})
#: said where nobody knows better
MEND = ("repeat the old call to go on with it, name another folder, or remove this one to start "
        "over")


class OtherRunError(RiskModelError):
    """The folder holds blocks of another run; ``changed`` says in what it differs."""

    def __init__(self, folder: Path, changed: Sequence[str], mend: str = MEND) -> None:
        self.changed = tuple(changed)
        super().__init__(f"{folder} holds the finished blocks of another run, and blocks of two "
                         f"runs are never mixed. What changed: {'; '.join(changed)}. Mend: {mend}")


class BlockStore:
    """The finished blocks of one run, in a folder of their own.

    Parameters
    ----------
    folder : made where it is not there
    identity : what the blocks depend on, field by field (``riskmodel.engine.kept.identity``)

    Raises
    ------
    OtherRunError : the folder holds blocks of another run
    RiskModelError : another process is at work in it, or it is a folder of something else
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder = folder
        _check_ours(folder)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock: IO[str] | None = hold(folder / LOCK)
        except BlockingIOError:
            raise RiskModelError(f"{folder}: another run is at work there and still alive; wait "
                                 "for it, or write to another place") from None
        try:
            self._take_up(identity)
        except BaseException:
            self.close()
            raise

    def _take_up(self, identity: Mapping[str, Any]) -> None:
        path = self.folder / RUN
        told = _read_run(path)
        new = json.loads(json.dumps(identity, default=str))
        if told is not None and told != new:
            raise OtherRunError(self.folder, differences(told, new))
        if told is None:  # nothing in here can be trusted without it
            for name in (BLOCKS, PARTS):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / STATE).unlink(missing_ok=True)
            write_whole(path, json.dumps({"format": FORMAT, "run": new}, indent=1) + "\n")
        blocks = self.folder / BLOCKS
        blocks.mkdir(exist_ok=True)
        for path in (*blocks.glob(f"{UNFINISHED}*"), *self.folder.glob(f"{UNFINISHED}*"),
                     *self.parts.glob(f"*/{UNFINISHED}*")):
            path.unlink()  # of a run that was killed while writing

    def _path(self, name: str) -> Path:
        return self.folder / BLOCKS / f"{name}.block"

    def load(self, name: str) -> Any | None:
        """Return what a task brought back, None where it is not there or is damaged."""
        path = self._path(name)
        if not path.is_file():
            return None
        try:
            header, arrays = read_sealed(path)
        except Damaged:
            path.unlink()
            return None
        rows = tuple(Rows(**{field: arrays[f"{i}.{field}"] for field in Rows._fields})
                     for i in range(header["passes"]))
        if header["event_ids"] is None:
            return rows
        return WorldPart(rows, tuple(header["event_ids"]), tuple(header["regions"]))

    def has(self, name: str) -> bool:
        """Tell whether a task is done, as far as its file's name tells."""
        return self._path(name).is_file()

    def save(self, name: str, part: Any) -> None:
        """Keep what a task brought back."""
        passes = part.rows if isinstance(part, WorldPart) else part
        named = isinstance(part, WorldPart)
        header = {"passes": len(passes), "event_ids": list(part.event_ids) if named else None,
                  "regions": list(part.regions) if named else None}
        write_sealed(self._path(name), header, {
            f"{i}.{field}": array for i, rows in enumerate(passes)
            for field, array in rows._asdict().items()})

    def drop(self, names: Iterable[str]) -> None:
        """Forget tasks whose results live on elsewhere."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    @property
    def parts(self) -> Path:
        """The folder of what a long run has written so far."""
        return self.folder / PARTS

    def load_state(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return what a long run knew at the end of its last part, None if there is nothing."""
        try:
            return read_sealed(self.folder / STATE)
        except (FileNotFoundError, Damaged):
            return None

    def save_state(self, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what a long run knows at the end of a part."""
        write_sealed(self.folder / STATE, header, arrays)

    def close(self) -> None:
        """Let go of the folder; what is finished stays."""
        if self._lock is not None:
            if years_in(self.folder) == 0:
                shutil.rmtree(self.folder, ignore_errors=True)  # nothing to go on from
            self._lock.close()
            self._lock = None


def forget(folder: Path) -> None:
    """Remove a folder of blocks, whatever run they belong to.

    Raises
    ------
    RiskModelError : another process is at work in it, or it is a folder of something else
    """
    if not folder.exists():
        return
    _check_ours(folder)
    try:
        lock = hold(folder / LOCK)
    except BlockingIOError:
        raise RiskModelError(f"{folder}: another run is at work there and still alive; stop it "
                             "first") from None
    shutil.rmtree(folder)
    lock.close()


def _check_ours(folder: Path) -> None:
    """Refuse a folder that holds something else."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RiskModelError(f"{folder} is a file; name a folder for the finished blocks")
    strange = sorted(entry.name for entry in folder.iterdir()
                     if entry.name not in OURS and not entry.name.startswith(UNFINISHED))
    if strange:
        raise RiskModelError(f"{folder} holds what is no block of riskmodel ({strange[0]}); name "
                             "another folder for the blocks")


def _read_run(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        return None
    run = told.get("run")
    return run if isinstance(run, dict) else None


def years_in(folder: Path) -> int:
    """Return how many finished years a folder of blocks holds."""
    years = sum(int(path.stem.rpartition("-")[2]) for path in (folder / BLOCKS).glob("*.block"))
    with suppress(FileNotFoundError, Damaged):
        years += int(read_sealed(folder / STATE)[0]["years"])
    return years
