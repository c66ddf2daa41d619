"""Whether two sets of numbers mean the same thing, and what to say beside their difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmodel.decisions.since.figures import Figures

_SAME = {"booking": "booking", "horizon_days": "days in a year",
         "recovery_cap_days": "longest outage, days"}
#: what makes two runs one and the same
_IDENTITY = ("riskmodel", "world", "perils", "years", "seed", "booking", "horizon_days",
             "recovery_cap_days", "worlds", "rare")


def why_not(then: Figures, now: Figures, *, ships: bool = False) -> str:
    """Return why two runs cannot be compared, with the mend; empty where they can.

    ``ships`` says that the world of ``now`` is the one that ships: its tables move from version to
    version, and it stays the same world.
    """
    before, after = then.facts, now.facts
    for name, what in _SAME.items():
        one, two = before.get(name), after.get(name)
        if one is not None and two is not None and one != two:
            return (f"{what}: {_word(one)} then and {_word(two)} now, so that a year does not mean "
                    "the same; run both alike")
    worlds = _worlds(before), _worlds(after)
    if (worlds[0] > 1) != (worlds[1] > 1):
        one_, two_ = ("several worlds" if k > 1 else "one world" for k in worlds)
        return (f"{one_} then and {two_} now: the mean over what is not known lies above the "
                "numbers at their best values; run both with --worlds, or both without")
    world, other = (dict(facts.get("world") or {}) for facts in (before, after))
    if world.get("as_of") != other.get("as_of"):
        return (f"the world of {world.get('as_of') or 'no date'} then and of "
                f"{other.get('as_of') or 'no date'} now; run it with --as-of of the same day")
    if world.get("fingerprint") == other.get("fingerprint"):
        return ""
    if world.get("folder") != other.get("folder"):
        return (f"another world: {_place(world)} then, {_place(other)} now; "
                "`riskmodel compare` puts two worlds side by side")
    if world.get("folder") is None and not ships:
        return ("another world: this one is not the world that ships, or was changed since it was "
                "read; `rm.compare` puts two worlds side by side")
    return ""


def notes_on(then: Figures, now: Figures, named: Callable[[str], str] = str) -> list[str]:
    """Return what a reader of the differences must know; ``named`` names a peril."""
    notes = []
    worlds = [dict(facts.get("world") or {}) for facts in (then.facts, now.facts)]
    if worlds[0].get("fingerprint") != worlds[1].get("fingerprint"):
        notes.append("The tables of the world differ too, so that a difference is of tables and "
                     "model together.")
    perils = [set(facts.get("perils") or ()) for facts in (then.facts, now.facts)]
    if all(perils) and perils[0] != perils[1]:
        parts = [f"{what}: {', '.join(map(named, sorted(names)))}" for what, names in
                 (("only now", perils[1] - perils[0]), ("only then", perils[0] - perils[1]))
                 if names]
        notes.append(f"Perils {'; '.join(parts)}.")
    rare = [facts.get("rare") for facts in (then.facts, now.facts)]
    if rare[0] != rare[1]:
        notes.append("Years were drawn under different proposals; weights make up for it.")
    return notes


def same_run(then: Figures, now: Figures) -> bool:
    """Return whether both are one and the same run, as far as their manifests tell."""
    return all(_fact(then.facts, name) == _fact(now.facts, name) for name in _IDENTITY)


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    if name == "worlds":
        return _worlds(facts)
    if name == "world":  # where it lies does not matter
        return (facts.get("world") or {}).get("fingerprint")
    return facts.get(name)


def _worlds(facts: Mapping[str, Any]) -> int:
    return int(facts.get("worlds") or 1)  # the first version knew of one only


def _place(world: Mapping[str, Any]) -> str:
    return "the world that ships" if world.get("folder") is None else str(world["folder"])


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
