"""What a figure was made from: how much was drawn, by which seed, of which world, by which code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmodel._version import __version__
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.report.numbers import whole

if TYPE_CHECKING:
    from riskmodel.world.world import World

YEARS, DRAWS, STORY = "simulated years", "draws", "story"


@dataclass(frozen=True)
class About:
    """What stands in the foot line of a figure.

    Attributes
    ----------
    n : simulated years or draws behind the numbers; 0 where nothing was drawn
    seed : None where nothing was drawn, or it is not known
    as_of : day of the world, as text; empty where it has none
    of : what ``n`` counts: "simulated years", "draws", or "story"
    more : what else must be said, such as the booking
    day : what ``as_of`` is, in words
    """

    n: int
    seed: int | None
    as_of: str
    of: str = YEARS
    more: tuple[str, ...] = ()
    day: str = "world of"  # what the day is

    @property
    def parts(self) -> tuple[str, ...]:
        """The foot line in pieces between which it may be broken."""
        if self.of == STORY:
            drawn = ("n = 0: a story, nothing drawn", "no seed")
        else:
            drawn = (f"n = {whole(self.n)} {self.of}",
                     "seed not given" if self.seed is None else f"seed {self.seed}")
        world = f"{self.day} {self.as_of}" if self.as_of else "world without a date"
        return (*drawn, world, *self.more, f"riskmodel {__version__}")

    @property
    def line(self) -> str:
        """The foot line."""
        return " · ".join(self.parts)


def about(source: Losses | World | About, *, n: int | None = None, seed: int | None = None,
          of: str | None = None) -> About:
    """Return what the foot line says of losses or of a world.

    Parameters
    ----------
    source : losses (their years, seed, day and booking are taken), or the world of a frame that
        does not say what it was drawn with
    n, seed, of : how much was drawn, by which seed, and what ``n`` counts ("simulated years" or
        "draws"); they stand before what losses say

    Raises
    ------
    RiskModelError : a world alone does not say n
    """
    if isinstance(source, About):
        return source
    if isinstance(source, Losses):
        return _of_losses(source, n, seed, of)
    if n is None:
        raise RiskModelError("about: a world does not say how many years or draws a frame stands "
                             "on; give n=... and seed=...")
    return About(int(n), seed, day_of(source), of or YEARS)


def _of_losses(losses: Losses, n: int | None, seed: int | None, of: str | None) -> About:
    told: Mapping[str, Any] = losses.manifest
    world = told.get("world")
    named = world.get("as_of") if isinstance(world, Mapping) else told.get("as_of")
    as_of = str(named or day_of(losses.world))
    if losses.kind != "annual":
        return About(0, None, as_of, STORY)
    more = [f"{losses.booking} booking"]
    if losses.worlds > 1:
        more.insert(0, f"{whole(losses.worlds)} worlds")
    if losses.weights is not None:
        more.append("years weighted")
    return About(int(losses.n_years if n is None else n),
                 losses.seed if seed is None else seed, as_of, of or YEARS, tuple(more))


def day_of(world: World | None) -> str:
    """Return the day of a world as text, empty where it has none."""
    return str(getattr(world, "as_of", None) or "")
