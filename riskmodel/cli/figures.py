"""The verb ``riskmodel figures``: its options and example."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Json, WorldOption, names
from riskmodel.commands.console import user_errors

EXAMPLE = ("Example: riskmodel figures out -o out-figures --size single --format pdf,svg "
           "--only exceedance,contributions --lab openai")


class Size(StrEnum):
    """What a figure is drawn for."""

    single = "single"
    double = "double"
    slide = "slide"


def figures(
    output: Annotated[Path, typer.Argument(
        help="Folder that `riskmodel run`, compare, buildout or diversify allocate left.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write them into; made if it "
                                      "is not there.")],
    formats: Annotated[str, typer.Option(
        "--format", metavar="A,B", callback=names,
        help="Some of pdf, svg and png.")] = "pdf,png",
    only: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Only these figures; all that the folder holds if not given. Of a run: exceedance, "
             "contributions, convergence, world_map, year, stress_heat, diversification, firm_mw, "
             "training, build_out, backtests, restoration.")] = None,
    lab: Annotated[str | None, typer.Option(
        help="Figures of one lab (a lab_id); of all if not given.", show_default=False)] = None,
    size: Annotated[Size, typer.Option(
        help="One column of a paper (85 mm), two (178 mm), or a slide (254 mm, 16:9).",
    )] = Size.double,
    width_mm: Annotated[float | None, typer.Option(
        "--width-mm", help="A width of your own instead.", show_default=False)] = None,
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Draw figures for papers and slides, with captions ready to paste."""
    from riskmodel.commands.figures import figures as work

    with user_errors(as_json=json):
        # the callbacks have made lists of the texts
        work(output, out=out, formats=formats, only=only,  # type: ignore[arg-type]
             lab=lab, size=size.value, width_mm=width_mm, world_folder=world, as_json=json)
