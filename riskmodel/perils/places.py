"""Where a story hits: a node, all that a selector finds, or several such at once.

As data or in one word: ``"grid:ERCOT"`` is a node; ``"PJM"`` the node so called, if there is only
one; ``"feed@grid:PJM"`` the feeds of the sites that hang on that grid, the selector
``{"kind": "feed", "grid": "PJM"}``; ``"gas@*"`` every node of the kind; ``"grid:ERCOT+grid:PJM"``
both at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from riskmodel.errors import RiskModelError
from riskmodel.perils.selectors import describe_selector, require_node, select, selector_problems

if TYPE_CHECKING:
    from riskmodel.world.world import World

Place: TypeAlias = "str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]"

TOGETHER, OF, ANY = "+", "@", "*"


def nodes_at(world: World, place: Place) -> list[str]:
    """Return the nodes of a place in a world, each once; empty where a selector finds nothing.

    Raises
    ------
    RiskModelError
        A node named singly is not there, a bare name has several, or a selector is faulty.
    """
    found: list[str] = []
    for part in _parts(place):
        if isinstance(part, str):
            found.append(_named(world, part))
        else:
            found += select(world, part)
    return list(dict.fromkeys(found))


def place_words(place: Place) -> str:
    """Return a place as the label of a row: the text it was given as, or its selector in words."""
    if isinstance(place, str):
        return place
    if isinstance(place, Mapping):
        return describe_selector(place)
    return f" {TOGETHER} ".join(place_words(part) for part in place)


def _parts(place: Place) -> list[str | Mapping[str, Any]]:
    if isinstance(place, str):
        words = [word.strip() for word in place.split(TOGETHER)]
        if not all(words):
            raise RiskModelError(f"{place!r} names no place; give a node such as 'grid:ERCOT', or "
                                 f"several joined by {TOGETHER}")
        return [_selector(word) if OF in word else word for word in words]
    if isinstance(place, Mapping):
        wrong = selector_problems(place)
        if wrong:
            raise RiskModelError(f"selector {dict(place)!r}: {'; '.join(wrong)}")
        return [place]
    if isinstance(place, Sequence) and place:
        return [piece for part in place for piece in _parts(part)]
    raise RiskModelError(f"{place!r} is no place; give a node's id, a selector, or a list of them")


def _selector(word: str) -> Mapping[str, Any]:
    """Read ``kind@key:value@key:value`` or ``kind@*``."""
    kind, *conditions = (piece.strip() for piece in word.split(OF))
    asked: dict[str, Any] = {"kind": kind}
    if conditions != [ANY]:
        for condition in conditions:
            key, _, value = condition.partition(":")
            if key in asked:
                raise RiskModelError(f"{word!r} gives {key} twice; give a selector as a mapping "
                                     "for a choice of values")
            asked[key] = value
    wrong = selector_problems(asked)
    if wrong:
        raise RiskModelError(f"{word!r}: {'; '.join(wrong)}; write it as feed@grid:PJM, or gas@* "
                             "for all of a kind")
    return asked


def _named(world: World, word: str) -> str:
    ids = world.all_nodes["node_id"].tolist()
    if word in set(ids):
        return word
    alike = [node for node in ids if node.partition(":")[2] == word]
    if len(alike) > 1:
        raise RiskModelError(f"{word!r} may be {', '.join(alike)}; give one of them")
    return alike[0] if alike else require_node(world, word)
