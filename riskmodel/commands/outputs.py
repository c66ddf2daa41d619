"""The folder a run leaves behind: whole or not there, and known by its manifest.

Everything is written into a working folder beside the target, which takes the target's name in
one rename at the end. A run that is killed leaves only its working folder; the next run to the
same target clears it (a lock, which dies with its process, tells a dead one from a live one).
Finished blocks of years lie in another folder beside the target until the run has ended well.
"""

from __future__ import annotations

import glob
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from riskmodel.commands.console import dumps
from riskmodel.engine.kept.folder_lock import hold
from riskmodel.errors import RiskModelError
from riskmodel.world.wholefile import checksum

FORMAT = "riskmodel output"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
REPORT = "report.html"
PDF = "report.pdf"  # not written by a run: `riskmodel report --pdf`
#: every file of a run's folder
FILES = ("years.parquet", "causes.parquet", "events.parquet", "adequacy.parquet", "losses.json",
         "measures.parquet", "exceedance.parquet", "contributions.parquet",
         "training.parquet", MANIFEST, REPORT)
#: what a long run has instead of tables of its years: folders of parts, and what it knows of all
LONG = ("years", "adequacy", "causes", "events", "first", "all_years.sealed")


def check_target(path: Path) -> Path:
    """Return the folder to write, resolved; raise if writing it would destroy something else."""
    target = path.expanduser().resolve()
    if not target.exists():
        if target.parent.exists() and not target.parent.is_dir():
            raise RiskModelError(f"{target.parent} is a file; an output folder cannot lie in it")
        return target
    if not target.is_dir():
        raise RiskModelError(f"{path} is a file; name a folder that a run may write")
    if target == Path.cwd() or target in Path.cwd().parents:
        raise RiskModelError(f"{path} is or holds the folder you are in; name a folder inside it")
    found = sorted(entry.name for entry in target.iterdir())
    if not found:
        return target
    manifest = _manifest_of(target)
    if not manifest:
        raise RiskModelError(f"{path} is there and is no output of riskmodel; name another folder, "
                             "or move it away")
    # what other commands leave is listed in their manifests
    listed = {name.partition("/")[0] for name in manifest.get("sha256", {})}
    foreign = [name for name in found if name not in (*FILES, PDF, *LONG, *listed)]
    if foreign:
        raise RiskModelError(f"{path} is an output of riskmodel but holds files of somebody else "
                             f"({', '.join(foreign[:5])}); move them away, or name another folder")
    return target


def _manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of an output folder; empty where there is none of riskmodel's."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    ours = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    return manifest if ours else {}


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to write into; it becomes ``target`` if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_dead(target)
    work = target.parent / f"{_prefix(target)}{secrets.token_hex(4)}"
    work.mkdir()
    lock = hold(work / "lock")
    try:
        fresh = work / "new"
        fresh.mkdir()
        yield fresh
        if target.exists():
            target.rename(work / "old")
        fresh.rename(target)
    finally:
        _restore(work, target)
        lock.close()
        shutil.rmtree(work, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.riskmodel-"


def _restore(work: Path, target: Path) -> None:
    """Put the earlier output back where the replacement stopped between its two renames."""
    if (work / "old").is_dir() and not target.exists():
        (work / "old").rename(target)


def _clear_dead(target: Path) -> None:
    """Remove the working folders of runs to ``target`` that died."""
    if os.name != "posix":
        return
    for work in sorted(target.parent.glob(f"{glob.escape(_prefix(target))}*")):
        if not (work / "lock").is_file():
            continue
        try:
            lock = hold(work / "lock")
        except OSError:
            continue  # its run is alive
        _restore(work, target)
        lock.close()
        shutil.rmtree(work, ignore_errors=True)


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write ``manifest.json``: the facts of the run and the hash of every table in ``folder``.

    The report is left out: it is made from the tables and may be made again at any time.
    """
    tables = {path.relative_to(folder).as_posix(): checksum(path)
              for path in sorted(folder.rglob("*"))
              if path.is_file() and path.name not in (MANIFEST, REPORT)}
    document = {"format": FORMAT, "format_version": FORMAT_VERSION, **facts, "sha256": tables}
    (folder / MANIFEST).write_text(dumps(document) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a whole output folder; raise if it is none or was changed."""
    again = "run `riskmodel run -o` again"
    if not folder.is_dir():
        raise RiskModelError(f"{folder}: there is no such folder; `riskmodel run -o {folder}` "
                             "makes one")
    manifest = _manifest_of(folder)
    if not manifest:
        more = (f". It is a world: `riskmodel run {folder} -o OUT` makes an output of it"
                if (folder / "sites.csv").is_file() else "")
        raise RiskModelError(f"{folder} is no output of riskmodel (no {MANIFEST} of a run lies in "
                             f"it); name the folder that `riskmodel run -o` left{more}")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise RiskModelError(f"{folder}: its format is {manifest.get('format_version')}, this "
                             f"riskmodel reads {FORMAT_VERSION}; {again}")
    wrong = []
    for name, digest in manifest.get("sha256", {}).items():
        if not (folder / name).is_file():
            wrong.append(f"{name} is missing")
        elif checksum(folder / name) != digest:
            wrong.append(f"{name} was changed")
    if wrong:
        raise RiskModelError(f"{folder} is not as the run left it: {'; '.join(wrong)}; {again}")
    return manifest
