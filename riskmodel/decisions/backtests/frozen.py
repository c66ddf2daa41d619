"""What was known before a day: a back-test reads its numbers here, and nothing else.

A back-test's file (``backtests/<id>.toml`` of a world) holds ``freeze`` (a day), ``[numbers]`` in
the form of a peril's numbers, each known before that day, ``[given]`` (what the forecast is
conditional on, such as how many munitions were launched) and ``[observed]`` (what then happened).
Only the last two may have been known later, and a forecast never reads ``observed``.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.ignorance import Input, value_at
from riskmodel.perils.spec import is_number_table, number_problems, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

FOLDER = "backtests"
_TEXT = ("id", "name", "story", "forecast")


@dataclass(frozen=True)
class Frozen:
    """The file of one back-test. ``read`` lists every number a forecast asked for."""

    data: Mapping[str, Any]
    freeze: dt.date
    read: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def number(self, *path: str) -> Mapping[str, Any]:
        """Return one number of ``[numbers]``.

        Raises
        ------
        RiskModelError : there is none, or it was not known before the freeze.
        """
        value: Any = self.data.get("numbers", {})
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        name = ".".join(path)
        if not is_number_table(value):
            raise RiskModelError(f"back-test {self.data['id']}: its file has no number "
                                 f"numbers.{name}; add it with low, best, high, known_on, source")
        _refuse_later(self.data["id"], f"numbers.{name}", value, self.freeze)
        self.read[f"numbers.{name}"] = value
        return value

    def best(self, *path: str) -> float:
        """Return the best estimate of one number."""
        return float(self.number(*path)["best"])

    def draw(self, u: ArrayLike, *path: str) -> NDArray:
        """Return draws of one number's ignorance at the probabilities ``u``."""
        number = self.number(*path)
        return value_at(Input("", ".".join(path), (), number, "", ""), np.asarray(u, float))

    def given(self, *path: str) -> float:
        """Return one number that the forecast is conditional on; it may have been known later."""
        value: Any = self.data.get("given", {})
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if not is_number_table(value):
            raise RiskModelError(f"back-test {self.data['id']}: its file has no given."
                                 f"{'.'.join(path)}")
        self.read[f"given.{'.'.join(path)}"] = value
        return float(value["best"])

    def observed(self, name: str) -> float:
        """Return what happened; only the comparison asks for it."""
        try:
            return float(self.data["observed"][name]["value"])
        except KeyError:
            raise RiskModelError(f"back-test {self.data['id']}: its file has no observed."
                                 f"{name}.value") from None

    def peril_data(self, peril: Mapping[str, Any], section: str = "") -> dict[str, Any]:
        """Return a peril's file as it could have stood on the day of the freeze.

        Numbers of ``[numbers.<section>]`` replace those of the same path; a number of the peril
        that was known on the freeze or later and has no replacement is taken out, so that reading
        it raises. What is kept is listed in ``read``.
        """
        data = copy.deepcopy(dict(peril))
        before: Any = self.data.get("numbers", {})
        for step in section.split(".") if section else []:
            before = before.get(step, {})
        for path in numbers(before):
            _put(data, path, self.number(*(section.split(".") if section else []),
                                         *path.split(".")))
        for path, number in numbers(data).items():
            if _day(number.get("known_on")) >= self.freeze:
                _take_out(data, path)
            else:
                self.read[f"{peril['id']}.{path}"] = number
        return data

    def inputs(self) -> pd.DataFrame:
        """Return every number read: ``number, low, best, high, unit, known_on, source``."""
        rows = [{"number": path, **{key: number.get(key) for key in
                                    ("low", "best", "high", "unit", "known_on", "source")}}
                for path, number in sorted(self.read.items())]
        return pd.DataFrame(rows, columns=["number", "low", "best", "high", "unit", "known_on",
                                           "source"])


def read_backtests(world: World) -> dict[str, Frozen]:
    """Return the back-tests of a world's folder; a world in memory has none.

    Raises
    ------
    RiskModelError : lists everything wrong with a file.
    """
    import tomllib

    found: dict[str, Frozen] = {}
    if world.folder is None:
        return found
    for path in sorted((world.folder / FOLDER).glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise RiskModelError(f"{FOLDER}/{path.name}: not TOML ({error}); mend the line") \
                from None
        problems = frozen_problems(data)
        if data.get("id") != path.stem:
            problems.append(f"its id is {data.get('id')!r}; file name and id must agree")
        if problems:
            raise RiskModelError(f"{FOLDER}/{path.name}:\n" + "\n".join(
                f"  {problem}" for problem in problems))
        found[path.stem] = Frozen(data, _day(data["freeze"]))
    return found


def frozen_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed back-test, one line each."""
    problems = [f"{key} is not there; give it as text" for key in _TEXT
                if not isinstance(data.get(key), str) or not data[key]]
    try:
        freeze = _day(data.get("freeze"))
    except RiskModelError as error:
        return [*problems, f"freeze: {error}"]
    sources = data.get("sources", {})
    used: set[str] = set()
    for part in ("numbers", "given"):
        for path, number in numbers(data.get(part, {})).items():
            problems += number_problems(f"{part}.{path}", number, sources, None, used)
            if part == "numbers" and number.get("known_on"):
                try:
                    _refuse_later(str(data.get("id")), f"numbers.{path}", number, freeze)
                except RiskModelError as error:
                    problems.append(str(error))
    observed = data.get("observed", {})
    if not observed:
        problems.append("observed is not there; say what happened")
    for name, fact in observed.items():
        missing = [key for key in ("value", "unit", "what", "source", "known_on")
                   if fact.get(key) in (None, "")]
        if missing:
            problems.append(f"observed.{name} lacks {', '.join(missing)}")
        elif _day(fact["known_on"]) < freeze:
            problems.append(f"observed.{name} was known before the freeze: nothing to predict")
        elif fact["source"] not in sources:
            problems.append(f"observed.{name} names the source {fact['source']!r}, which is not "
                            "in [sources]")
    return problems


def _refuse_later(name: str, path: str, number: Mapping[str, Any], freeze: dt.date) -> None:
    known = _day(number.get("known_on"))
    if known >= freeze:
        raise RiskModelError(f"back-test {name}: {path} was known on {known}, not before the "
                             f"freeze of {freeze}; give what was known before")


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise RiskModelError(f"{value!r} is no date; write it as 2026-02-28") from None


def _put(data: dict[str, Any], path: str, number: Mapping[str, Any]) -> None:
    """Set the number at a dotted path (with [i] for the rows of a list)."""
    *way, last = path.split(".")
    here: Any = data
    for step in way:
        here = here.setdefault(step, {})
    here[last] = dict(number)


def _take_out(data: Any, path: str) -> None:
    """Remove the bounds of a number, so that reading it says what is lacking."""
    here = data
    for step in path.replace("[", ".[").split("."):
        here = here[int(step[1:-1])] if step.startswith("[") else here[step]
    for key in ("low", "best", "high"):
        here.pop(key, None)
