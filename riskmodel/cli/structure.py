"""The verbs about what hangs on what: ``graph`` and ``contingency``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import AsOf, Json, Lab, Seed, Sites, TableFile, World, names
from riskmodel.commands.console import user_errors


def graph(
    world: World = None,
    as_of: AsOf = None,
    site: Annotated[str | None, typer.Option(
        help="What one site hangs on, down to the last node.", show_default=False)] = None,
    lab: Annotated[str | None, typer.Option(
        help="What one lab leans on, and the fewest failures that cut it off.",
        show_default=False)] = None,
    node: Annotated[str | None, typer.Option(
        help="What one node needs, and which labs lean on it.", show_default=False)] = None,
    service: Annotated[str, typer.Option(
        help="The group of requirements whose fewest failures are sought.")] = "power",
    sites: Sites = False,
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", help="File for the graph (.json, .graphml) or for the picture of a lab "
        "(.svg, .png).", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show what hangs on what: the world, a lab, a site or a node."""
    from riskmodel.commands.graph import graph as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, site=site, lab=lab, node=node, service=service, sites=sites,
             out=out, as_json=json)


def contingency(
    world: World = None,
    as_of: AsOf = None,
    lab: Lab = None,
    order: Annotated[int, typer.Option(min=1, max=2, help="Failures at once.")] = 2,
    threshold: Annotated[float, typer.Option(
        min=0, max=1, help="Least share of the lab's capacity that is lost.")] = 0.2,
    hours: Annotated[float, typer.Option(
        min=0.01, help="How long everything is out; reserves that last longer carry over.")] = 720,
    kinds: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Only these kinds of nodes, as `riskmodel graph` lists them; all but sites if not "
             "given.")] = None,
    sites: Sites = False,
    importance: Annotated[bool, typer.Option(
        "--importance", help="Also simulate, and say how much each node matters for the lab being "
        "short of its need.")] = False,
    years: Annotated[int, typer.Option(min=1, help="Years to simulate for it.")] = 10_000,
    held_years: Annotated[int, typer.Option(
        min=2, help="Of them, years to run with each node held down.")] = 2000,
    seed: Seed = 0,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Find which single failure, or two together, takes much of a lab at once."""
    from riskmodel.commands.contingency import contingency as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, lab=lab, order=order, threshold=threshold, hours=hours,
             kinds=kinds, sites=sites, importance=importance,  # type: ignore[arg-type]
             years=years, held_years=held_years, seed=seed, out=out, as_json=json)


def add_to(app: typer.Typer) -> None:
    """Give the program these verbs."""
    app.command(epilog="Example: riskmodel graph --lab openai -o openai.svg")(graph)
    app.command(epilog="Example: riskmodel contingency --lab openai --threshold .3 "
                "-o openai.csv")(contingency)
