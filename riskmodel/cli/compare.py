"""The verb ``riskmodel compare``: two worlds, or a world and the same with something changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import AsOf, Booking, Json, PageFolder, Perils
from riskmodel.commands.console import user_errors

EXAMPLE = ("Example: riskmodel compare --move "
           "openai:300:stargate_abilene:ms_fairwater_wisconsin -o out-compare")


def compare(
    base: Annotated[Path | None, typer.Argument(
        metavar="A", help="A folder that `riskmodel run` left, or a folder of tables; the world "
        "that ships if none is given.", show_default=False)] = None,
    other: Annotated[Path | None, typer.Argument(
        metavar="B", help="The other one, of the same kind.", show_default=False)] = None,
    move: Annotated[list[str] | None, typer.Option(
        "--move", metavar="LAB:MW:FROM:TO", show_default=False,
        help="Compare A with itself after this move; may be given again.")] = None,
    scale: Annotated[list[str] | None, typer.Option(
        "--scale", metavar="LAB:FACTOR", show_default=False,
        help="... with a lab's capacity multiplied; may be given again.")] = None,
    drop_site: Annotated[list[str] | None, typer.Option(
        "--drop-site", metavar="SITE", show_default=False,
        help="... without a site; may be given again. Sites are dropped, then labs scaled, then "
             "moves made.")] = None,
    as_of: AsOf = None,
    years: Annotated[int | None, typer.Option(
        min=1, help="Years to simulate; 20000, or as many as the run A has.",
        show_default=False)] = None,
    seed: Annotated[int | None, typer.Option(
        min=0, max=2**63 - 1, metavar="N", help="Seed of both sides; 0, or that of the run A.",
        show_default=False)] = None,
    perils: Perils = None,
    worlds: Annotated[int | None, typer.Option(
        min=1, help="States of the world to draw from what is not known.",
        show_default=False)] = None,
    booking: Annotated[Booking | None, typer.Option(
        help="A loss belongs to the year of its event, or to the year it falls in.",
        show_default=False)] = None,
    level: Annotated[float, typer.Option(
        min=0.01, max=0.99999, help="Level of the tail: .99 is the worst 1 year in 100.")] = 0.99,
    sites: Annotated[bool, typer.Option("--sites", help="Name single sites on the page, not only "
                                        "regions.")] = False,
    workers: Annotated[int | None, typer.Option(
        min=1, help="Threads; all cores if not given. The answer is the same.",
        show_default=False)] = None,
    out: PageFolder = None,
    json: Json = False,
) -> None:
    """Compare two worlds under the same disasters: better, worse, or cannot tell."""
    from riskmodel.commands.compare import compare as work

    with user_errors(as_json=json):
        # the callback of --perils has made a list of the text
        work(base, other, moves=move or [], scales=scale or [], drops=drop_site or [],
             as_of=as_of, years=years, seed=seed, perils=perils,  # type: ignore[arg-type]
             worlds=worlds, booking=booking.value if booking else None, level=level, sites=sites,
             workers=workers, out=out, as_json=json)
