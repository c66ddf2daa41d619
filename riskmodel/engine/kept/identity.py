"""What a run is, field by field, so that two runs are never mixed and one can say what differs.

The manifest of a result says what was run; this says more, for machines: the code as well, and a
digest of every column of the world, so that a refusal can name what was edited.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: folders of the package whose code can change a block
CODE = ("world", "perils", "engine")
DIGITS = 16


def identity_of(world: World, perils: Sequence[Any], manifest: Mapping[str, Any], **more: Any
                ) -> dict[str, Any]:
    """Return what the blocks of a run depend on, as flat fields.

    ``manifest`` is that of the run; ``more`` is what it does not tell. The number of years is left
    out: blocks of the same years are the same in a longer run.
    """
    fields: dict[str, Any] = {
        "riskmodel": manifest["riskmodel"], "code": own_code(),
        **{f"versions.{name}": text for name, text in manifest["versions"].items()},
        "processor": f"{platform.system()} {platform.machine()}",
        "world.as_of": manifest["world"]["as_of"],
        "world.fingerprint": manifest["world"]["fingerprint"]}
    fields |= _columns(world)
    for peril in perils:
        name = f"perils.{peril.spec.peril_id}"
        fields[name] = manifest["perils"][peril.spec.peril_id]
        if (code := _code_of(type(peril))) is not None:
            fields[f"{name}.code"] = code
        fields |= {f"{name}.{key}": value for key, value in sorted(getattr(
            peril, "__dict__", {}).items()) if isinstance(value, str | int | float)}
    for name in ("seed", "booking", "horizon_days", "recovery_cap_days", "worlds"):
        fields[name] = manifest[name]
    fields["rare"] = manifest.get("rare", "not asked for")  # the proposal, where there is one
    return fields | more


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return ``field old -> new`` of every field that differs."""
    found = {}
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, "not there"), new.get(name, "not there")
        if one != other:
            found[name] = f"{name} {_short(one)} -> {_short(other)}"
    # which file or column of the world it is says more than that it is another world
    if any(name.startswith("world.") and name != "world.fingerprint" for name in found):
        found.pop("world.fingerprint", None)
    for name in list(found):
        if f"world.{name}" in found and name in old and name in new:
            del found[name]
    return list(found.values())


def _short(value: Any) -> str:
    text = str(value)
    return text[:10] if len(text) == DIGITS or len(text) == 64 else text


def digest_of(*texts: str) -> str:
    """Return a short digest of some texts."""
    return hashlib.sha256("\x1d".join(texts).encode()).hexdigest()[:DIGITS]


def _columns(world: World) -> dict[str, str]:
    from riskmodel.world.tables import TABLES
    from riskmodel.world.world import ENGINE_TABLES

    fields = {}
    for name in ENGINE_TABLES:
        frame = getattr(world, name)
        for column in TABLES[name].names:
            fields[f"world.{name}.{column}"] = digest_of(*map(repr, frame[column].tolist()))
    for peril, data in sorted(world.perils.items()):
        fields[f"world.perils.{peril}"] = digest_of(json.dumps(data, sort_keys=True, default=str))
    return fields


@cache
def own_code() -> str:
    """Return a digest of the package's code that makes blocks: a version may be under work."""
    package = Path(__file__).parents[2]
    files = sorted(path for folder in CODE for path in (package / folder).rglob("*.py"))
    return digest_of(*(f"{path.relative_to(package).as_posix()}\x1e"
                       f"{path.read_text(encoding='utf-8')}" for path in files))


def _code_of(peril: type) -> str | None:
    """Return a digest of the file of a user's own peril, None of those that ship."""
    if peril.__module__.partition(".")[0] == "riskmodel":
        return None
    try:
        return digest_of(Path(inspect.getfile(peril)).read_text(encoding="utf-8"))
    except (TypeError, OSError):  # typed in a notebook: there is no file
        return None
