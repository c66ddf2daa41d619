"""The files ``compute/*.toml`` of a world: numbers with low, best, high and their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from riskmodel.errors import RiskModelError
from riskmodel.perils.spec import is_number_table, number_problems, source_keys
from riskmodel.world.exposure import to_date
from riskmodel.world.shipped import shipped_folder

if TYPE_CHECKING:
    from riskmodel.world.world import World

FOLDER = "compute"


class Band(NamedTuple):
    """A number with its bounds."""

    low: float
    best: float
    high: float

    def times(self, factor: float) -> Band:
        """Return the band times a number that is not negative."""
        return Band(self.low * factor, self.best * factor, self.high * factor)


def input_path(name: str, world: World | None = None) -> Path:
    """Return the path of ``compute/NAME`` in the world's folder, or in the one that ships."""
    folder = world.folder if world is not None else None
    path = folder / FOLDER / name if folder is not None else None
    return path if path is not None and path.is_file() else shipped_folder() / FOLDER / name


def read_inputs(name: str, world: World | None = None) -> dict[str, Any]:
    """Return the parsed file ``compute/NAME.toml``: the world's own, else the one that ships.

    Raises
    ------
    RiskModelError : everything that is wrong with the file, at once
    """
    path = input_path(f"{name}.toml", world)
    where = f"{FOLDER}/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RiskModelError(f"{where}: no TOML in UTF-8: {error}; mend the file") from None
    except OSError as error:
        raise RiskModelError(f"{where}: cannot be read: {error.strerror}") from None
    problems = input_problems(data)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise RiskModelError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
                             f"\n{listed}")
    return data


def input_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed file of inputs, one line each; empty if it is sound."""
    sources = data.get("sources", {})
    problems = [f"sources.{key} lacks a title or a url" for key, source in sources.items()
                if not (isinstance(source, Mapping) and source.get("title") and source.get("url"))]
    try:
        as_of = to_date(data.get("as_of"))
    except RiskModelError as error:
        as_of, problems = None, [*problems, str(error)]
    if as_of is None and "as_of" not in data:
        problems.append('as_of is not there; write it as as_of = "2026-11-23"')
    used: set[str] = set()
    for path, value in _tables({k: v for k, v in data.items() if k != "sources"}, ""):
        if is_number_table(value):
            problems += number_problems(path, value, sources, as_of, used)
        elif "source" in value:
            for key in source_keys(value):
                if key in sources:
                    used.add(key)
                elif key != "judgement":
                    problems.append(f"{path} names the source {key!r}, which is not in [sources]")
    return problems + [f"sources.{key} is used by nothing" for key in sources if key not in used]


def band(data: Mapping[str, Any], *path: str, where: str = "") -> Band:
    """Return one number of a parsed file with its bounds.

    Raises
    ------
    RiskModelError : it is not there; the message names its path
    """
    value: Any = data
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if not is_number_table(value):
        raise RiskModelError(f"{where or FOLDER}: the number {'.'.join(path)} is not there; write "
                             "it as { low = , best = , high = , unit = , source = , confidence = , "
                             "known_on = , note = }")
    return Band(float(value["low"]), float(value["best"]), float(value["high"]))


def titles(data: Mapping[str, Any], source: str) -> tuple[str, ...]:
    """Return title and address of the sources that a text names, ``judgement`` as it stands."""
    sources = data.get("sources", {})
    return tuple(f"{sources[key]['title']} <{sources[key]['url']}>" if key in sources else key
                 for key in source_keys({"source": source}))


def _tables(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give every table below a table, with its dotted path."""
    for key, inner in value.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(inner, Mapping):
            yield name, inner
            if not is_number_table(inner):
                yield from _tables(inner, name)
        elif isinstance(inner, list):
            for place, item in enumerate(inner):
                if isinstance(item, Mapping):
                    yield f"{name}[{place}]", item
