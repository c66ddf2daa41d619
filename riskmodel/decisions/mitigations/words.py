"""Mitigations by a word, for a command line or a file: ``reserve=48``, ``leave=gulf:my_site``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from riskmodel.decisions.mitigations import mitigations as mit
from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: word -> what may follow its "=", or must where it stands without brackets
WORDS = {
    "reserve": "[hours]", "feed": "[grid node]", "generation": "[share]", "fuel": "[hours]",
    "control": "[hours]", "second-control": "[cloud node]", "spares": "[factor]",
    "repair": "peril:factor, or peril:number of its file:factor", "leave": "theatre:to site"}


def mitigations_of(world: World, lab: str | None, words: Iterable[str]) -> list[mit.Mitigation]:
    """Return the mitigations that words name, for the sites of a lab.

    Raises
    ------
    RiskModelError : a word is not known, or what follows it is not what it takes; the message says
        what is
    """
    return [_one(world, lab, word.strip()) for word in words]


def _one(world: World, lab: str | None, text: str) -> mit.Mitigation:
    word, _, value = text.partition("=")
    simple: dict[str, Callable[[], mit.Mitigation]] = {
        "reserve": lambda: mit.reserve(lab, _number(text, value or "24")),
        "feed": lambda: mit.second_feed(lab, value or None),
        "generation": lambda: mit.on_site_generation(lab, _number(text, value or "0.3")),
        "fuel": lambda: mit.fuel_store(lab, _number(text, value or "72")),
        "control": lambda: mit.control_plane_reserve(lab, _number(text, value or "24")),
        "second-control": lambda: mit.second_control_plane(lab, value or None),
        "spares": lambda: mit.spare_transformers(_number(text, value or "0.1")),
        "repair": lambda: _repair(text, value),
        "leave": lambda: _leave(world, lab, text, value)}
    if word not in simple:
        raise RiskModelError(f"there is no mitigation {word!r}{near(word, WORDS)}; there are "
                             + ", ".join(f"{name}={takes}" for name, takes in WORDS.items()))
    return simple[word]()


def _repair(text: str, value: str) -> mit.Mitigation:
    parts = value.split(":")
    if len(parts) not in (2, 3) or not all(parts):
        raise _wrong(text)
    return mit.faster_repair(parts[0], parts[1:-1], _number(text, parts[-1]),
                             name=f"repair {':'.join(parts)}")


def _leave(world: World, lab: str | None, text: str, value: str) -> mit.Mitigation:
    theatre, _, site = value.partition(":")
    if not site or lab is None:
        raise _wrong(text) if lab is not None else RiskModelError(
            f"{text!r} moves the capacity of one lab: name it")
    return mit.leave_theatre(world, theatre, lab, site)


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise _wrong(text) from None


def _wrong(text: str) -> RiskModelError:
    word = text.partition("=")[0]
    return RiskModelError(f"{text!r} is not understood; write {word}={WORDS[word]}")
