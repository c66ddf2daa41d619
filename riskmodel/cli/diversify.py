"""The verbs of ``riskmodel diversify``: what spreading capacity is worth, and where to put it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import (
    DEFAULT_YEARS,
    AsOf,
    Json,
    Lab,
    Level,
    MitigationMeasure,
    PageFolder,
    Perils,
    RankBy,
    Seed,
    TableFile,
    World,
    WorldOption,
    Worlds,
    Years,
    names,
    numbers,
)
from riskmodel.commands.console import user_errors

app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False,
    help="What geographic diversification is worth; and where to put the next MW.",
    epilog="Example: riskmodel diversify --lab openai,anthropic -o out-diversify",
)
Labs = Annotated[str | None, typer.Option(
    "--lab", metavar="A,B", callback=names, show_default=False,
    help="Only these labs; all that hold something if not given.")]
PriceOption = Annotated[str | None, typer.Option(
    "--price", metavar="USD|ANCHOR", show_default=False,
    help="USD per MW-day of IT power, or an anchor of prices.toml: rental, capex, ownership.")]


@app.callback(invoke_without_command=True)
def diversify(
    context: typer.Context,
    world: WorldOption = None,
    as_of: AsOf = None,
    lab: Labs = None,
    years: Years = DEFAULT_YEARS,
    seed: Seed = 0,
    worlds: Worlds = 1,
    perils: Perils = None,
    level: Level = 0.99,
    price: PriceOption = None,
    needed_share: Annotated[float | None, typer.Option(
        min=0, max=1, help="Share of its capacity that a lab needs up at once; each lab's own if "
        "not given.", show_default=False)] = None,
    copies: Annotated[int | None, typer.Option(
        min=1, help="Independent copies of the largest site to compare with; as many as the lab "
        "has sites if not given.", show_default=False)] = None,
    out: PageFolder = None,
    json: Json = False,
) -> None:
    """Say what the spread of each lab's sites is worth, in firm MW, lost capacity and money."""
    if context.invoked_subcommand is not None:
        return
    from riskmodel.commands.diversify import value as work

    with user_errors(as_json=json):
        # the callbacks of --lab and --perils have made lists of the texts
        work(world, as_of=as_of, labs=lab, years=years, seed=seed,  # type: ignore[arg-type]
             worlds=worlds, perils=perils, level=level, price=price,  # type: ignore[arg-type]
             needed=needed_share, copies=copies, out=out, as_json=json)


@app.command(epilog="Example: riskmodel diversify concentration --lab openai --by chip,foundry")
def concentration(
    world: World = None,
    as_of: AsOf = None,
    lab: Lab = None,
    by: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="What sites have in common: site, operator, country, grid_region, interconnection, "
             "feed, gas_area, cloud, cloud_region, theatre, chip, designer, foundry; all if not "
             "given.")] = None,
    years: Annotated[int | None, typer.Option(
        min=100, show_default=False,
        help="Also simulate so many years, and say how far the sites fail apart in them.")] = None,
    seed: Seed = 0,
    perils: Perils = None,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Show how much rests on one operator, country, grid, cloud, chip or theatre."""
    from riskmodel.commands.concentration import concentration as work

    with user_errors(as_json=json):
        # the callbacks of --by and --perils have made lists of the text
        work(world, as_of=as_of, lab=lab, by=by, years=years, seed=seed,  # type: ignore[arg-type]
             perils=perils, out=out, as_json=json)  # type: ignore[arg-type]


@app.command(epilog="Example: riskmodel diversify zones --radius 100,500 --lab meta --top 3")
def zones(
    world: World = None,
    as_of: AsOf = None,
    lab: Lab = None,
    radius: Annotated[str, typer.Option(
        metavar="KM,KM", callback=numbers, help="Circles to look for, centred anywhere.")] =
        "50,100,250",
    kinds: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Zones beside circles: feed, grid_region, interconnection, gas_area, cloud_region, "
             "cloud, operator, country, theatre; all if not given.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Zones of each kind, largest first.")] = 1,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Show where most MW lie together: within a radius, on one grid, in one theatre."""
    from riskmodel.commands.zones import zones as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, lab=lab, radius_km=radius,  # type: ignore[arg-type]
             kinds=kinds, top=top, out=out, as_json=json)  # type: ignore[arg-type]


@app.command(epilog="Example: riskmodel diversify spread --lab openai,meta --years 10000")
def spread(
    world: World = None,
    as_of: AsOf = None,
    lab: Labs = None,
    years: Annotated[int, typer.Option(
        min=100, help="Years to simulate; half of them fit, half check.")] = DEFAULT_YEARS,
    seed: Seed = 0,
    perils: Perils = None,
    level: Level = 0.99,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Say how far each lab is from the best spread of its MW: average and tail, now and at best."""
    from riskmodel.commands.spread import spread as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, labs=lab, years=years, seed=seed,  # type: ignore[arg-type]
             perils=perils, level=level, out=out, as_json=json)  # type: ignore[arg-type]


@app.command(epilog="Example: riskmodel diversify cover --waiting-h 12 --indemnity-days 180 "
                    "--annual-limit 5000")
def cover(
    world: World = None,
    as_of: AsOf = None,
    lab: Lab = None,
    waiting_h: Annotated[float, typer.Option(
        help="Hours at the start of each outage of a site that are not paid for.")] = 12.0,
    indemnity_days: Annotated[float, typer.Option(
        help="Days after them for which is paid.")] = 365.0,
    deductible: Annotated[float, typer.Option(
        help="MW-days of each outage of a site that are not paid for.")] = 0.0,
    limit: Annotated[float | None, typer.Option(
        help="Most MW-days paid for one outage of a site.", show_default=False)] = None,
    annual_limit: Annotated[float | None, typer.Option(
        help="Most MW-days paid in a year.", show_default=False)] = None,
    price: Annotated[str | None, typer.Option(
        help="Of a lost MW-day of IT power: USD, or an anchor of the world's prices.toml (rental, "
             "capex, ownership); the file's default if not given.", show_default=False)] = None,
    years: Annotated[int, typer.Option(min=100, help="Years to simulate.")] = DEFAULT_YEARS,
    seed: Seed = 0,
    perils: Perils = None,
    out: TableFile = None,
    json: Json = False,
) -> None:
    """Price a simple cover on lost MW-days: what it would pay, and what it leaves."""
    from riskmodel.commands.cover import cover as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, lab=lab, waiting_h=waiting_h, indemnity_days=indemnity_days,
             deductible=deductible, limit=limit, annual_limit=annual_limit, price=price,
             years=years, seed=seed, perils=perils,  # type: ignore[arg-type]
             out=out, as_json=json)


@app.command(epilog="Example: riskmodel diversify mitigations --lab openai "
                    "--with reserve=48,feed,fuel=168")
def mitigations(
    world: World = None,
    as_of: AsOf = None,
    lab: Annotated[str | None, typer.Option(
        help="Whose loss counts, and whose sites are mended; all labs together if not given.",
        show_default=False)] = None,
    with_: Annotated[str | None, typer.Option(
        "--with", metavar="A,B=VALUE", callback=names, show_default=False,
        help="reserve=HOURS, feed=GRID, generation=SHARE, fuel=HOURS, control=HOURS, "
             "second-control=CLOUD, spares=FACTOR, repair=PERIL:NUMBER:FACTOR, leave=THEATRE:SITE; "
             "the usual ones that change something if not given.")] = None,
    measure: Annotated[MitigationMeasure, typer.Option(
        help="What they are to save.")] = MitigationMeasure.aal,
    level: Annotated[float, typer.Option(min=0, max=1, help="Of TVaR.")] = 0.99,
    years: Annotated[int, typer.Option(min=2, help="Years of each run.")] = 5_000,
    seed: Seed = 0,
    permutations: Annotated[int | None, typer.Option(
        min=0, show_default=False,
        help="Random orders instead of every coalition; 0 forces every coalition. Above six "
             "mitigations 24 if not given.")] = None,
    perils: Perils = None,
    out: TableFile = None,
    page: Annotated[Path | None, typer.Option(
        "--page", help="HTML page to write beside.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Say what to fix first: what each mitigation saves alone, last, and by Shapley's value."""
    from riskmodel.commands.mitigations import mitigations as work

    with user_errors(as_json=json):
        # the callbacks of --with and --perils have made lists of the text
        work(world, as_of=as_of, lab=lab, words=with_,  # type: ignore[arg-type]
             measure=measure.value, level=level, years=years, seed=seed,
             permutations=permutations, perils=perils,  # type: ignore[arg-type]
             out=out, page=page, as_json=json)


@app.command("next", epilog="Example: riskmodel diversify next --lab openai --mw 100 -o out-next")
def next_mw(
    world: World = None,
    as_of: AsOf = None,
    lab: Annotated[str | None, typer.Option(
        help="The lab (a lab_id) that the MW joins, or `total`; a MW alone if not given.",
        show_default=False)] = None,
    mw: Annotated[float, typer.Option(
        min=0.001, help="The block that is also priced as a whole.")] = 100.0,
    by: Annotated[RankBy, typer.Option(help="What the ranking goes by.")] = RankBy.cost,
    regions: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Only these grid regions; all of the world if not given.")] = None,
    level: Level = 0.99,
    years: Years = DEFAULT_YEARS,
    seed: Seed = 0,
    worlds: Worlds = 1,
    perils: Perils = None,
    price: PriceOption = None,
    needed_share: Annotated[float | None, typer.Option(
        min=0, max=1, help="Share of its capacity that the lab needs up at once; its own if not "
        "given.", show_default=False)] = None,
    operator: Annotated[str, typer.Option(
        help="Who runs the new MW; nobody, and so no fault of an operator, if not given.",
        show_default=False)] = "",
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", help="Folder to leave the page and the table in, or a file of the table: "
        ".csv or .parquet.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Rank the grid regions by what one more MW costs there, and say which ranks are chance."""
    from riskmodel.commands.next_mw import next_mw as work

    with user_errors(as_json=json):
        # the callbacks of --regions and --perils have made lists of the texts
        work(world, as_of=as_of, lab=lab, mw=mw, level=level, by=by.value,
             regions=regions, years=years, seed=seed, worlds=worlds,  # type: ignore[arg-type]
             perils=perils, price=price, needed=needed_share,  # type: ignore[arg-type]
             operator=operator, out=out, as_json=json)


@app.command(epilog="Example: riskmodel diversify allocate --lab openai --mw 1000 "
                    "--candidate ms_goodyear --candidate aws_new_carlisle "
                    "--candidate coreweave_norway --max-share grid_region=.4 --min-domestic US=.5 "
                    "--cap ms_goodyear=300 -o out-allocate")
def allocate(
    lab: Annotated[str, typer.Option(help="The lab (a lab_id).")],
    mw: Annotated[float, typer.Option(help="IT MW to place.")],
    world: WorldOption = None,
    as_of: AsOf = None,
    candidate: Annotated[list[str] | None, typer.Option(
        metavar="SITE|REGION", show_default=False,
        help="A candidate, again for each: a site_id, or a grid region (a probe is put up there); "
             "`regions` for every grid region; every site if not given.")] = None,
    alone: Annotated[bool, typer.Option(
        "--alone", help="As if the MW were all the lab had; else beside what it has today.")] =
        False,
    level: Level = 0.99,
    years: Years = DEFAULT_YEARS,
    seed: Seed = 0,
    worlds: Worlds = 1,
    perils: Perils = None,
    cap: Annotated[list[str] | None, typer.Option(
        metavar="SITE=MW", help="Most MW at one candidate, or a number for every one.",
        show_default=False)] = None,
    max_share: Annotated[list[str] | None, typer.Option(
        metavar="WHAT=SHARE", show_default=False,
        help="Most of one group: grid_region=.4, or grid_region:ERCOT=.4; also operator, country, "
             "interconnection, theatre, cloud.")] = None,
    min_domestic: Annotated[list[str] | None, typer.Option(
        metavar="COUNTRY=SHARE", help="Least share in a country, or in several: US,CA=.5.",
        show_default=False)] = None,
    shares_of: Annotated[str, typer.Option(
        help="Shares of all that the lab then holds, or of the new MW alone: all, new.")] = "all",
    hub: Annotated[str | None, typer.Option(
        metavar="SITE|LAT,LON", help="Where distances are measured from.",
        show_default=False)] = None,
    max_km: Annotated[float | None, typer.Option(
        help="Nothing beyond so many km of the hub.", show_default=False)] = None,
    mean_km: Annotated[float | None, typer.Option(
        help="Most km from the hub on average over the MW.", show_default=False)] = None,
    cost: Annotated[list[str] | None, typer.Option(
        metavar="WHERE=AMOUNT", help="Cost per MW at a site, in a grid region or a country.",
        show_default=False)] = None,
    budget: Annotated[float | None, typer.Option(
        help="Most to spend.", show_default=False)] = None,
    frontier: Annotated[str | None, typer.Option(
        metavar="WHAT", help="Also the frontier: budget, min_domestic:US or max_share:grid_region.",
        show_default=False)] = None,
    fresh: Annotated[bool, typer.Option(
        "--fresh/--no-fresh", help="Check the split on as many fresh years.")] = True,
    replicates: Annotated[int, typer.Option(
        min=0, help="Times the years are drawn again, to see how far the split moves.")] = 20,
    sites: Annotated[bool, typer.Option(
        "--sites", help="Name single sites on the page, not only regions.")] = False,
    out: PageFolder = None,
    json: Json = False,
) -> None:
    """Split MW over candidate sites so that the lab's bad years cost least."""
    from riskmodel.commands.allocate import allocate as work

    with user_errors(as_json=json):
        # the callback of --perils has made a list of the text
        work(world, as_of=as_of, lab=lab, mw=mw, candidates=candidate or [], level=level,
             alone=alone, years=years, seed=seed, worlds=worlds,
             perils=perils, cap=cap or [], max_share=max_share or [],  # type: ignore[arg-type]
             min_domestic=min_domestic or [], shares_of=shares_of, hub=hub, max_km=max_km,
             mean_km=mean_km, cost=cost or [], budget=budget, along=frontier, fresh=fresh,
             replicates=replicates, sites=sites, out=out, as_json=json)
