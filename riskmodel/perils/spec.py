"""A peril's TOML file: every number a table with low, best, high, source and date of knowledge."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.posterior import beta_posterior, gamma_posterior
from riskmodel.perils.protocol import GROUPS, PerilSpec

CONFIDENCES = ("high", "medium", "low")
#: keys that every number carries
NUMBER_KEYS = ("low", "best", "high", "unit", "source", "confidence", "known_on")
#: the source of a number that no record gives; its note then says what it rests on
JUDGEMENT = "judgement"
#: settings of the machinery, not estimates: the only bare numbers a file may hold
TECHNICAL = ("ceiling_per_yr", "ceiling_rate_per_yr")
#: keys that every file carries
TEXT_KEYS = ("id", "name", "definition", "effect", "group", "oed_code", "rdls_type", "version",
             "as_of")
PERIL_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: words that mean something else to some readers: a strike is a labour strike to an insurer
AMBIGUOUS = ("strike", "strikes", "war")
_COUNT_TOLERANCE = 1e-3  # the files round to four digits


def is_number_table(value: Any) -> bool:
    """Tell whether a table of the file is a number with its bounds."""
    return isinstance(value, Mapping) and ("best" in value or {"low", "high"} <= set(value))


def numbers(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return every number of the file under its dotted path, in file order."""
    return {path: value for path, value in _walk(data, "") if is_number_table(value)}


def figure(data: Mapping[str, Any], *path: str | int, stated: str = "best") -> float:
    """Return one number of the file: ``figure(data, "rate")`` is ``data["rate"]["best"]``.

    Raises
    ------
    RiskModelError
        There is no such number; the message names the path.
    """
    value: Any = data
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
            break
    if not is_number_table(value) or stated not in value:
        where = ".".join(str(step) for step in path)
        raise RiskModelError(f"peril {data.get('id', '?')!r}: its TOML lacks the number "
                             f"{where}.{stated}; add {where} = {{ low = , best = , high = , ... }}")
    return float(value[stated])


def technical(data: Mapping[str, Any], *path: str, default: float) -> float:
    """Return a setting of the machinery, such as a ceiling rate, or its default."""
    value: Any = data
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return float(value)


def read_spec(data: Mapping[str, Any], where: str = "") -> PerilSpec:
    """Return the identity card of a peril from its parsed TOML.

    Raises
    ------
    RiskModelError
        Lists everything wrong with the file at once.
    """
    problems = spec_problems(data)
    if problems:
        name = where or f"perils/{data.get('id', '?')}.toml"
        listed = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise RiskModelError(f"{name}: {count} in the peril's file:\n{listed}")
    ceiling = data.get("ceiling_rate_per_yr")
    return PerilSpec(
        peril_id=data["id"], name=data["name"], definition=data["definition"],
        group=data["group"], oed_code=data["oed_code"], rdls_type=data["rdls_type"],
        ceiling_rate_per_yr=None if ceiling is None else float(ceiling), data=data)


def read_peril_spec(source: str | Path | Mapping[str, Any]) -> PerilSpec:
    """Return the identity card of a peril of your own from its TOML.

    Parameters
    ----------
    source : path of the file, or what ``tomllib`` made of it

    Raises
    ------
    RiskModelError
        There is no such file, it is no TOML, or lists everything wrong in it at once: every number
        is a table of low, best, high, unit, source, confidence and known_on.
    """
    if isinstance(source, Mapping):
        return read_spec(source)
    path = Path(source).expanduser()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RiskModelError(f"there is no file {str(source)!r} to read ({error.strerror}); give "
                             "the path of a peril's TOML, or the mapping that tomllib.loads "
                             "returns") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RiskModelError(f"{source}: not TOML: {error}") from None
    return read_spec(data, str(source))


def shipped_data(peril_id: str) -> dict[str, Any]:
    """Return the parsed TOML that ships with the package for one built-in peril."""
    from riskmodel.world.shipped import shipped_folder

    path = shipped_folder() / "perils" / f"{peril_id}.toml"
    if not path.is_file():
        raise RiskModelError(f"no file perils/{peril_id}.toml ships with riskmodel")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def spec_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed peril file, one line each; empty if it is sound."""
    problems = [f"{key} is not there; give it as text" for key in TEXT_KEYS
                if not isinstance(data.get(key), str) and not isinstance(data.get(key), dt.date)]
    problems += [f"{key} is empty" for key in TEXT_KEYS
                 if data.get(key) == "" and key not in ("oed_code", "rdls_type")]
    peril_id = data.get("id")
    if isinstance(peril_id, str):
        problems += id_problems(peril_id)
    if data.get("group") and data["group"] not in GROUPS:
        problems.append(f"group is {data['group']!r}; it is one of {', '.join(GROUPS)}")
    not_modelled = data.get("not_modelled")
    if not (isinstance(not_modelled, list) and not_modelled
            and all(isinstance(line, str) and line for line in not_modelled)):
        problems.append("not_modelled is not there; list in sentences what the peril leaves out")
    as_of = _date(data.get("as_of"))
    if as_of is None and data.get("as_of"):
        problems.append(f"as_of is {data['as_of']!r}; write an ISO date")
    sources = data.get("sources", {})
    if not isinstance(sources, Mapping):
        return [*problems, "sources is not a table of tables with title, url and published"]
    for key, source in sources.items():
        if not (isinstance(source, Mapping) and source.get("title") and source.get("url")):
            problems.append(f"sources.{key} lacks a title or a url")
    used: set[str] = set()
    found = 0
    for path, value in _walk(data, ""):
        if path.split(".")[0] == "sources":
            continue
        if is_number_table(value):
            found += 1
            problems += number_problems(path, value, sources, as_of, used)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if path.rsplit(".", 1)[-1] not in TECHNICAL:
                problems.append(f"{path} is a bare number; write it as a table with "
                                f"{', '.join(NUMBER_KEYS)}")
            elif not (math.isfinite(value) and value > 0):
                problems.append(f"{path} is {value}; a ceiling rate is finite and above 0")
    problems += [f"sources.{key} is used by no number" for key in sources if key not in used]
    if not found:
        problems.append("the file holds no number")
    return problems


def id_problems(peril_id: str) -> list[str]:
    """Return what is wrong with a peril's id."""
    if not PERIL_ID.fullmatch(peril_id):
        return [f"id {peril_id!r} is not lower-case words joined by underscores"]
    if peril_id in AMBIGUOUS:
        return [f"id {peril_id!r} means different things to different readers; say which, as in "
                "kinetic_strike or labour_action"]
    return []


def number_problems(path: str, number: Mapping[str, Any], sources: Mapping[str, Any],
                     as_of: dt.date | None, used: set[str]) -> list[str]:
    """Return what is wrong with one number; the sources it names are added to ``used``."""
    problems = []
    missing = [key for key in NUMBER_KEYS if number.get(key) in (None, "")]
    if missing:
        problems.append(f"{path} lacks {', '.join(missing)}")
    triple = [number.get(key) for key in ("low", "best", "high")]
    if all(isinstance(value, (int, float)) for value in triple):
        low, best, high = (float(value) for value in triple)  # type: ignore[arg-type]
        if not all(map(math.isfinite, (low, best, high))):
            problems.append(f"{path} is not finite")
        elif not low <= best <= high:
            problems.append(f"{path} has low {low}, best {best}, high {high}: not in order")
    elif not {"low", "best", "high"} & set(missing):
        problems.append(f"{path} has a low, best or high that is not a number")
    if number.get("confidence") and number["confidence"] not in CONFIDENCES:
        problems.append(f"{path} has confidence {number['confidence']!r}; it is one of "
                        f"{', '.join(CONFIDENCES)}")
    known_on = _date(number.get("known_on"))
    if number.get("known_on") and known_on is None:
        problems.append(f"{path} has known_on {number['known_on']!r}; write an ISO date")
    elif known_on and as_of and known_on > as_of:
        problems.append(f"{path} was known on {known_on}, after the file's as_of {as_of}")
    for source in source_keys(number):
        if source == JUDGEMENT:
            if not number.get("note"):
                problems.append(f"{path} is a judgement without a note that says what it rests on")
        elif source in sources:
            used.add(source)
        else:
            problems.append(f"{path} names the source {source!r}, which is neither in [sources] "
                            f"nor '{JUDGEMENT}'")
    if {"count", "exposure", "counted", "hits", "trials"} & set(number):
        problems += _count_problems(path, number)
    return problems


def _count_problems(path: str, number: Mapping[str, Any]) -> list[str]:
    """Check that a rate read from a count, or a chance from trials, is the posterior of it."""
    seen, of = ("hits", "trials") if "hits" in number or "trials" in number else (
        "count", "exposure")
    count, exposure = number.get(seen), number.get(of)
    if not (isinstance(count, (int, float)) and isinstance(exposure, (int, float))
            and count >= 0 and exposure > 0):
        return [f"{path} needs both {seen} (0 or more) and {of} (above 0)"]
    factor = number.get("exposure_factor", 1.0)
    if not (isinstance(factor, (int, float)) and factor >= 1):
        return [f"{path} has exposure_factor {factor!r}; it is 1 (known) or more"]
    if seen == "hits" and count > exposure:
        return [f"{path} has more hits ({count}) than trials ({exposure})"]
    found = (beta_posterior(count, exposure) if seen == "hits"
             else gamma_posterior(count, exposure, factor))
    for key, wanted in (("low", found.low), ("best", found.mean), ("high", found.high)):
        stated = number.get(key)
        if isinstance(stated, (int, float)) and abs(stated - wanted) > _COUNT_TOLERANCE * wanted:
            return [f"{path} has {key} {stated}, but {count} in {exposure} leaves {wanted:.4g}; "
                    "run python -m riskmodel.perils.calibrate FOLDER"]
    return []


def source_keys(number: Mapping[str, Any]) -> list[str]:
    """Return the sources that a number names."""
    source = number.get("source", "")
    return [key.strip() for key in str(source).split(";") if key.strip()]


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every leaf and every number table with its dotted path."""
    if is_number_table(value):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{place}]")
    else:
        yield path, value


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
