"""The verb ``riskmodel report``: its options and example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Json, Sites, WorldOption, names
from riskmodel.commands.console import user_errors

EXAMPLE = "Example: riskmodel report out -o openai.pdf --lab openai --without backtests,sources"

Sections = Annotated[
    str | None,
    typer.Option(metavar="A,B", callback=names, show_default=False,
                 help="Only these sections of the report; `riskmodel report --list-sections` "
                      "names them.")]
Without = Annotated[
    str | None,
    typer.Option(metavar="A,B", callback=names, show_default=False,
                 help="Leave these sections out of the report.")]


def report(
    output: Annotated[Path | None, typer.Argument(
        help="Folder that `riskmodel run` left.", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option(
        "-o", "--out", help="File to write, a PDF where it ends in .pdf; report.html in the folder "
                            "if not given.",
        show_default=False)] = None,
    sections: Sections = None,
    without: Without = None,
    list_sections: Annotated[bool, typer.Option(
        "--list-sections", help="Name the sections that there are, and leave.")] = False,
    lab: Annotated[str | None, typer.Option(
        help="The report of one lab (a lab_id); of all if not given.", show_default=False)] = None,
    since: Annotated[Path | None, typer.Option(
        metavar="EARLIER", show_default=False,
        help="Say what changed since this earlier run's folder, and not since the last "
             "version.")] = None,
    pdf: Annotated[bool, typer.Option(
        "--pdf", help="Print it as a PDF: report.pdf in the folder if no file is named. Needs a "
                      "Chromium, Chrome or Edge, and the extra pdf of riskmodel.")] = False,
    sites: Sites = False,
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Write the report of a run again: all of it, some of its sections, or of one lab."""
    from riskmodel.commands import report as work

    with user_errors(as_json=json):
        if list_sections:
            work.list_sections(as_json=json)
            return
        if output is None:
            raise typer.BadParameter("name the folder that `riskmodel run` left",
                                     param_hint="OUTPUT")
        # the callbacks have made lists of the texts
        work.report(output, file=file, sections=sections, without=without,  # type: ignore[arg-type]
                    lab=lab, pdf=pdf, sites=sites, world_folder=world, since=since,
                    as_json=json)


SINCE_EXAMPLE = "Example: riskmodel since out"


def since(
    output: Annotated[Path, typer.Argument(help="Folder that `riskmodel run` left.")],
    earlier: Annotated[Path | None, typer.Argument(
        help="Folder of an earlier run; the numbers of the last version if not given.",
        show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show what changed since the last version's numbers, or since an earlier run."""
    from riskmodel.commands.since import since as work

    with user_errors(as_json=json):
        work(output, earlier, as_json=json)
