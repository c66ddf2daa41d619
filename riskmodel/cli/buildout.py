"""The verbs ``buildout`` and ``levers``: capacity to come, and what moves it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    AsOf,
    Json,
    Level,
    Perils,
    Seed,
    TableFile,
    World,
    Worlds,
    Years,
    names,
    numbers,
)
from riskmodel.commands.console import user_errors

EXAMPLE = "Example: riskmodel buildout --lab openai --until 2029-12-31 --seed 7 -o out-buildout"
LEVERS_EXAMPLE = "Example: riskmodel levers --lab openai --lever silicon --to 'TPU v7'"


class Rung(StrEnum):
    """How far the days of a ladder lie apart."""

    quarter = "quarter"
    half = "half"
    year = "year"


class LeverName(StrEnum):
    """What is moved."""

    siting = "siting"
    ownership = "ownership"
    silicon = "silicon"


def buildout(
    world: World = None,
    lab: Annotated[str | None, typer.Option(
        "--lab", metavar="A,B", callback=names, show_default=False,
        help="Only these labs; those that hold or plan something if not given.")] = None,
    until: Annotated[str, typer.Option(metavar="DATE", help="Last day.")] = "2030-12-31",
    every: Annotated[Rung, typer.Option(help="Days between the record and the last.")] =
        Rung.quarter,
    draws: Annotated[int, typer.Option(
        min=1, help="Courses of events to draw.")] = 2000,
    seed: Seed = 0,
    worlds: Worlds = 1,
    causes: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Shocks: chip_supply, transformers, export_control, kinetic_strike; all if not "
             "given.")] = None,
    campaign: Annotated[str | None, typer.Option(
        metavar="THEATRE@DATE[:KIND]", show_default=False,
        help="A campaign that is given, and no other: gulf@2027-07-01, or with :raid, :short_war "
             "(if not given) or :long_war.")] = None,
    no_slips: Annotated[bool, typer.Option(
        "--no-slips", help="Leave ordinary slips of dates out.")] = False,
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", show_default=False,
        help="File for one table (.csv, .parquet), or folder for a page and all tables.")] = None,
    json: Json = False,
) -> None:
    """Show what each lab has to 2030: layers, a fan with and without shocks, suppliers."""
    from riskmodel.commands.buildout import buildout as work

    with user_errors(as_json=json):
        # the callbacks of --lab and --causes have made lists of the texts
        work(world, labs=lab, until=until, every=every.value, draws=draws,  # type: ignore[arg-type]
             seed=seed, worlds=worlds, causes=causes,  # type: ignore[arg-type]
             campaign=campaign, slips=not no_slips, out=out, as_json=json)


def levers(
    lab: Annotated[str, typer.Option(help="The lab: a lab_id of the world.")],
    lever: Annotated[LeverName, typer.Option(
        help="Move capacity inside a country; own what is leased or rented; or replace NVIDIA's "
             "chips by custom silicon.")],
    world: World = None,
    as_of: AsOf = None,
    strengths: Annotated[str, typer.Option(
        metavar="X,X", callback=numbers, help="Shares that are moved, 0-1.")] = "0,0.25,0.5,0.75,1",
    country: Annotated[str, typer.Option(help="Of siting: ISO code of the country.")] = "US",
    sites: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Of siting, the sites that take it; of ownership, those that change hands; all of "
             "the lab's if not given.")] = None,
    to: Annotated[str | None, typer.Option(
        metavar="FAMILY", show_default=False,
        help="Of silicon: the chip family; the lab's own if not given.")] = None,
    years: Years = 5_000,
    seed: Seed = 0,
    worlds: Worlds = 1,
    perils: Perils = None,
    level: Level = 0.99,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Say what domestic siting, ownership or custom silicon changes, by how far it is taken."""
    from riskmodel.commands.levers import levers as work

    with user_errors(as_json=json):
        # the callbacks of --strengths, --sites and --perils have made lists of the texts
        work(world, lab=lab, lever=lever.value, as_of=as_of,
             strengths=strengths, country=country, sites=sites,  # type: ignore[arg-type]
             to=to, years=years, seed=seed, worlds=worlds, perils=perils,  # type: ignore[arg-type]
             level=level, out=out, as_json=json)
