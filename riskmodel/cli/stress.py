"""The verb ``riskmodel stress``: its options and examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import AsOf, Json, PageFolder
from riskmodel.commands.console import user_errors

EPILOG = "Example: riskmodel stress --all --portfolio portfolios -o out-stress"


def stress(
    scenarios: Annotated[list[str] | None, typer.Argument(
        metavar="SCENARIO|FILE...", help="Ids of scenarios, or files of your own.",
        show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every scenario there is.")] = False,
    folders: Annotated[list[Path] | None, typer.Option(
        "--scenarios", metavar="FOLDER", help="Every scenario file of a folder; may be repeated.",
        show_default=False)] = None,
    portfolios: Annotated[list[str] | None, typer.Option(
        "--portfolio", metavar="WHERE", help="A TOML file of edits of the world, a folder of "
        "tables, a folder of such, or a pattern in quotes; may be repeated. Scenarios, grids and "
        "questions are asked of each.", show_default=False)] = None,
    grids: Annotated[list[str] | None, typer.Option(
        "--grid", metavar="WORDS", help="One outage in every combination of where, how long and "
        "how deep: \"where=grid:ERCOT,feed@grid:PJM duration_h=24,96 depth=.3,.7\"; may be "
        "repeated.", show_default=False)] = None,
    reverse: Annotated[list[str] | None, typer.Option(
        "--reverse", metavar="LAB:SHARE:DAYS", help="The mildest event that leaves a share of a "
        "lab missing for so many days on end; may be repeated.", show_default=False)] = None,
    families: Annotated[list[str] | None, typer.Option(
        "--family", help="What --reverse may use: a kind of node (grid, cloud, country, gas ...), "
        "nodes with commas between, `scenarios` (made milder and worse), or the folder of a run "
        "(its years); may be repeated; grid if not given.", show_default=False)] = None,
    world: Annotated[Path | None, typer.Option(
        "--world", help="Folder of tables, played on its own date; the shipped world, on the date "
        "each scenario asks for, if none is given.", show_default=False)] = None,
    as_of: AsOf = None,
    lab: Annotated[str | None, typer.Option(
        help="Lab of the printed tables of portfolios and grids; all together if not given.",
        show_default=False)] = None,
    sites: Annotated[bool, typer.Option("--sites", help="Name single sites on the page, not only "
                                        "regions.")] = False,
    out: PageFolder = None,
    json: Json = False,
) -> None:
    """Play scenarios: what each would cost each lab, without chance; on many portfolios at once.

    Also grids of outages, and in reverse: the mildest event that takes a lab down so far.
    """
    from riskmodel.commands.stress import Asked
    from riskmodel.commands.stress import stress as work

    with user_errors(as_json=json):
        work(Asked(scenarios or [], everything, folders or [], portfolios or [], grids or [],
                   reverse or [], families or [], world, as_of, lab),
             out=out, sites=sites, as_json=json)
