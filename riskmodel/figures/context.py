"""The report's own context of losses: its names, its numbers, its choice of labs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from riskmodel.engine.long.long_run import LongRun
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL, one_of
from riskmodel.report.context import Context

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World


def context_of(losses: Losses, world: World | None = None, *, sites: bool = False,
               lab: str | None = None) -> Context:
    """Return the context in which the report would read these losses, of all labs or of one."""
    every = losses if isinstance(losses, LongRun) else None
    few = losses.first if isinstance(losses, LongRun) else losses
    if world is not None and few.world is not world:
        few = dataclasses.replace(few, world=world)
    context = Context(few, few.world, sites=sites, every=every)
    who = chosen_lab(few, lab)
    return context if who == TOTAL else context.only(who)


def chosen_lab(losses: Losses, lab: str | None) -> str:
    """Return a lab of the losses, or "total"; refuse one that is not there."""
    return TOTAL if lab in (None, TOTAL) else one_of(str(lab), losses.labs, "lab")


def refuse_story(losses: Losses, what: str) -> None:
    """Refuse losses of a story where a figure is of years."""
    if losses.kind != "annual":
        raise RiskModelError(f"{what}: these are losses of a story, and a story has no frequency; "
                             "give losses of `simulate`, or draw the course of the story with "
                             "figures.year")
