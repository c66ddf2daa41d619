"""The verb ``riskmodel training``: what the capacity that a lab loses means for its training."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from riskmodel.cli.options import (
    DEFAULT_YEARS,
    AsOf,
    Json,
    Perils,
    Seed,
    TableFile,
    World,
    Worlds,
    Years,
    names,
)
from riskmodel.commands.console import user_errors

EXAMPLE = ("Example: riskmodel training --lab anthropic --mode rigid --constants "
           "besiroglu,hoffmann --lever relex=3")


class Mode(StrEnum):
    """How a run stands the loss of a site."""

    rigid = "rigid"
    quorum = "quorum"
    elastic = "elastic"


class MovesTo(StrEnum):
    """Where lost capacity is replaced."""

    warm = "warm"
    leased = "leased"
    new_chips = "new_chips"


def training(
    lab: Annotated[str, typer.Option(help="The lab: a lab_id of the world.")],
    world: World = None,
    as_of: AsOf = None,
    years: Years = DEFAULT_YEARS,
    seed: Seed = 0,
    worlds: Worlds = 1,
    perils: Perils = None,
    level: Annotated[float, typer.Option(
        min=0.01, max=0.99999, help="Level of the tail: .99 is the worst 1 year in 100.")] = 0.99,
    mode: Annotated[Mode | None, typer.Option(
        help="Stops with any site (rigid), goes on while enough are up (quorum), or loses the "
             "share of what is down (elastic); all three if not given.",
        show_default=False)] = None,
    quorum_share: Annotated[float, typer.Option(
        help="Share of its sites that a quorum needs up.")] = 0.75,
    largest: Annotated[int | None, typer.Option(
        min=1, help="Spread the run over so many of the lab's largest sites; all if not given.",
        show_default=False)] = None,
    constants: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Scaling laws by their set of constants: besiroglu (if not given), hoffmann, "
             "hoffmann_unrounded, kaplan.")] = None,
    mfu: Annotated[float | None, typer.Option(
        help="Share of the chips' peak that training uses; the file's band if not given.",
        show_default=False)] = None,
    checkpoint_h: Annotated[float | None, typer.Option(
        help="Hours of work between checkpoints; those of most goodput if not given.",
        show_default=False)] = None,
    restart_h: Annotated[float | None, typer.Option(
        help="Hours to restart; the file's if not given.", show_default=False)] = None,
    offsite_lag_h: Annotated[float | None, typer.Option(
        help="Age of the newest checkpoint at another place; the file's if not given.",
        show_default=False)] = None,
    on_site_only: Annotated[bool, typer.Option(
        "--on-site-only", help="Checkpoints are kept nowhere else: a site whose storage is lost "
        "loses what it held.")] = False,
    moves_to: Annotated[MovesTo | None, typer.Option(
        help="Replace what is lost by capacity kept warm, leased, or by new chips, each with its "
             "delay; never if not given.", show_default=False)] = None,
    lever: Annotated[list[str] | None, typer.Option(
        "--lever", metavar="NAME=FACTOR", show_default=False,
        help="Factor of an efficiency lever on the compute it acts on, for the file's; 1 switches "
             "it off; may be given again.")] = None,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Turn a lab's lost MW-days into chips, FLOP, training progress, months and model loss."""
    from riskmodel.commands.training import RunAsked
    from riskmodel.commands.training import training as work

    with user_errors(as_json=json):
        asked = RunAsked(
            None if mode is None else mode.value, quorum_share, largest, checkpoint_h, restart_h,
            offsite_lag_h, on_site_only, None if moves_to is None else moves_to.value)
        # the callbacks of --constants and --perils have made lists of the texts
        work(world, lab=lab, as_of=as_of, years=years, seed=seed, worlds=worlds,
             perils=perils, level=level, run=asked, laws=constants,  # type: ignore[arg-type]
             mfu=mfu, levers=lever or [], out=out, as_json=json)
