"""Keep what is worked out from a world, or from a peril and a world, for the next block of years.

Worlds and specs are never changed once they are made, so what follows from them stays true. Values
are shared: nobody changes them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from riskmodel.world.world import World

P = ParamSpec("P")
T = TypeVar("T")
#: states of the numbers of one peril that are kept with a world
MOST_SPECS = 16


def kept_with_world(function: Callable[[World], T]) -> Callable[[World], T]:
    """Work a function of a world out once, and keep the answer as long as the world."""
    answers: WeakKeyDictionary[World, T] = WeakKeyDictionary()

    @wraps(function)
    def again(world: World) -> T:
        if world not in answers:
            answers[world] = function(world)
        return answers[world]

    return again


def kept_with_peril(method: Callable[Concatenate[Any, World, P], T]
                    ) -> Callable[Concatenate[Any, World, P], T]:
    """Work a method of a peril and a world out once for each further argument.

    The answer is kept with the world, for the last few states of the peril's numbers (its
    ``spec``).
    """
    answers: WeakKeyDictionary[World, dict[int, tuple[Any, dict[Any, Any]]]] = WeakKeyDictionary()

    @wraps(method)
    def again(peril: Any, world: World, *args: P.args, **kwargs: P.kwargs) -> T:
        of_world = answers.setdefault(world, {})
        mine = of_world.get(id(peril.spec))
        if mine is None:
            for oldest in list(of_world)[:len(of_world) + 1 - MOST_SPECS]:
                of_world.pop(oldest, None)  # another thread may have been quicker
            # the spec is held with the answers: its id is its own for as long as they are kept
            mine = of_world.setdefault(id(peril.spec), (peril.spec, {}))
        key = (args, tuple(sorted(kwargs.items())))
        if key not in mine[1]:
            mine[1][key] = method(peril, world, *args, **kwargs)
        return mine[1][key]  # type: ignore[no-any-return]

    return again
