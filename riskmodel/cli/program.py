"""The program ``riskmodel``: one verb, one question.

Here stand the verbs, their options and their examples; what each does is in
``riskmodel.commands``. Exit codes: 0 done, 1 the input is wrong, 2 wrong usage.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from riskmodel._version import __version__
from riskmodel.cli.buildout import EXAMPLE as BUILDOUT_EXAMPLE
from riskmodel.cli.buildout import LEVERS_EXAMPLE, buildout, levers
from riskmodel.cli.compare import EXAMPLE as COMPARE_EXAMPLE
from riskmodel.cli.compare import compare
from riskmodel.cli.data import add_to as add_data
from riskmodel.cli.diversify import app as diversify_app
from riskmodel.cli.figures import EXAMPLE as FIGURES_EXAMPLE
from riskmodel.cli.figures import figures
from riskmodel.cli.help import Program, dress
from riskmodel.cli.options import (
    DEFAULT_YEARS,
    MOST_YEARS,
    AsOf,
    Booking,
    Duration,
    HitBy,
    Json,
    Output,
    PageFolder,
    Seed,
    World,
    WorldOption,
    names,
)
from riskmodel.cli.report import EXAMPLE as REPORT_EXAMPLE
from riskmodel.cli.report import SINCE_EXAMPLE, Sections, Without, report, since
from riskmodel.cli.stress import EPILOG as STRESS_EPILOG
from riskmodel.cli.stress import stress
from riskmodel.cli.structure import add_to as add_structure
from riskmodel.cli.training import EXAMPLE as TRAINING_EXAMPLE
from riskmodel.cli.training import training
from riskmodel.commands.console import user_errors

app = typer.Typer(
    name="riskmodel", cls=Program, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="What each AI lab stands to lose in training capacity, and why.",
    epilog="Example: riskmodel run -o out",
)
perils_app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False,
    help="List the perils of a world; `perils show PERIL` gives every number with its source.",
    epilog="Example: riskmodel perils show grid_outage",
)
app.add_typer(perils_app, name="perils")
scenarios_app = typer.Typer(
    invoke_without_command=True, no_args_is_help=False,
    help="List the scenarios; `scenarios show SCENARIO` tells one.",
    epilog="Example: riskmodel scenarios show ercot-winter-storm-2021",
)
app.add_typer(scenarios_app, name="scenarios")
app.add_typer(diversify_app, name="diversify")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"riskmodel {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                          help="Show the version and leave.")] = False,
) -> None:
    """What each AI lab stands to lose in training capacity, and why."""


@app.command(epilog="Example: riskmodel run my-world --as-of 2027-12-31 --years 5000 --seed 7 "
                    "-o out")
def run(
    world: World = None,
    as_of: AsOf = None,
    years: Annotated[int | None, typer.Option(
        min=1, show_default=f"{DEFAULT_YEARS}; {MOST_YEARS} with --until",
        help="Years to simulate; with --until the most.")] = None,
    seed: Seed = 0,
    perils: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Only these perils; all of the world if not given.")] = None,
    worlds: Annotated[int, typer.Option(
        min=1, help="States of the world to draw from what is not known; above 1 every measure has "
                    "a band of ignorance.")] = 1,
    booking: Annotated[Booking, typer.Option(
        help="A loss belongs to the year of its event, or to the year it falls in.",
    )] = Booking.occurrence,
    workers: Annotated[int | None, typer.Option(
        min=1, help="Threads; all cores if not given. The answer is the same.",
        show_default=False)] = None,
    dask: Annotated[str | None, typer.Option(
        metavar="ADDRESS", show_default=False,
        help="Simulate on a Dask cluster: tcp://HOST:PORT of its scheduler, or the scheduler's "
             "file. The answer is the same.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to leave the answer in.")] =
        Path("out"),
    fresh: Annotated[bool, typer.Option(
        "--fresh", help="Forget the finished blocks of an earlier run to OUT that was stopped.",
    )] = False,
    rare: Annotated[list[str] | None, typer.Option(
        metavar="THEATRE[:war=0.5,...]", show_default=False,
        help="Draw the wars of a theatre more often than they happen, and weigh the years: far "
             "fewer years for the far tail. Alone it takes numbers found to do well; or war, long, "
             "attacks, war_share, size, named. May stand several times.")] = None,
    defensive: Annotated[float, typer.Option(
        help="With --rare: share of years drawn with the true chances; no year weighs more than "
             "its inverse.")] = 0.1,
    even: Annotated[bool, typer.Option(
        "--even", help="Spread the years evenly over the regimes of all theatres: less error, and "
                       "the one that is told is an upper bound.")] = False,
    until: Annotated[str | None, typer.Option(
        metavar="MEASURE[:LEVEL][:LAB]=ERROR", show_default=False,
        help="Stop when a measure's relative standard error is reached, as in tvar:0.99=2% or "
             "aep:250:openai=5%.")] = None,
    events: Annotated[bool, typer.Option(
        "--events", help="Above 250,000 years: also write the tables of causes and events.",
    )] = False,
    sections: Sections = None,
    without: Without = None,
    json: Json = False,
) -> None:
    """Simulate a world; leave a report and tables, and print the headline table.

    Finished blocks of years are kept until OUT is written: after a crash, a kill or Ctrl-C the
    same command goes on where it was stopped and leaves the same bytes.
    """
    from riskmodel.commands.run import run as work

    with user_errors(as_json=json):
        # the callbacks of --perils and of the sections have made lists of the texts
        so_many = years or (DEFAULT_YEARS if until is None else MOST_YEARS)
        # the callbacks of --perils and of the sections have made lists of the texts
        work(world, as_of=as_of, years=so_many, seed=seed, perils=perils,  # type: ignore[arg-type]
             worlds=worlds, booking=booking.value, workers=workers, out=out, as_json=json,
             anew=fresh, events=events, dask=dask, rare=rare, defensive=defensive,
             even=even, until=until, sections=sections,  # type: ignore[arg-type]
             without=without)  # type: ignore[arg-type]


@app.command(epilog="Example: riskmodel tornado --lab openai --top 8 -o tornado.csv "
                    "--figure tornado.pdf")
def tornado(
    world: World = None,
    as_of: AsOf = None,
    years: Annotated[int, typer.Option(min=100, help="Years of each run.")] = 10_000,
    seed: Seed = 0,
    top: Annotated[int, typer.Option(min=1, help="Inputs to show.")] = 10,
    lab: Annotated[str | None, typer.Option(
        help="One lab; all labs together if not given.", show_default=False)] = None,
    worlds: Annotated[int, typer.Option(
        min=20, help="States of the world that choose the candidates.")] = 100,
    perils: Annotated[str | None, typer.Option(
        metavar="A,B", callback=names, show_default=False,
        help="Only these perils; all of the world if not given.")] = None,
    out: Annotated[Path | None, typer.Option(
        "-o", "--out", help="File to write the table to: .csv or .parquet.",
        show_default=False)] = None,
    figure: Annotated[Path | None, typer.Option(
        help="File to draw the average loss to: .pdf, .svg or .png.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show which unknown number moves the average loss and the tail most."""
    from riskmodel.commands.tornado import tornado as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, years=years, seed=seed, top=top, lab=lab, worlds=worlds,
             perils=perils, out=out, figure=figure, as_json=json)  # type: ignore[arg-type]


@app.command(epilog="Example: riskmodel check my-world --as-of 2027-12-31")
def check(world: World = None, as_of: AsOf = None, json: Json = False) -> None:
    """Check a world: every problem at once, each with its mend. Nothing is written."""
    from riskmodel.commands.looks import check as work

    with user_errors(as_json=json):
        work(world, as_of=as_of, as_json=json)


app.command(epilog=REPORT_EXAMPLE)(report)
app.command(epilog=SINCE_EXAMPLE)(since)
app.command(epilog=FIGURES_EXAMPLE)(figures)


@app.command(epilog="Example: riskmodel replay out --year 4711")
def replay(
    output: Output,
    year: Annotated[int | None, typer.Option(
        min=0, help="The simulated year; the worst of the run if not given.",
        show_default=False)] = None,
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Tell one simulated year in full: its events, and what each lab lost to them."""
    from riskmodel.commands.results import replay as work

    with user_errors(as_json=json):
        work(output, year=year, world_folder=world, as_json=json)


@app.command(epilog="Example: riskmodel explain stargate_abilene")
def explain(
    site: Annotated[str, typer.Argument(help="A site_id.")],
    world: WorldOption = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show what one site hangs on, down to the last node."""
    from riskmodel.commands.looks import explain as work

    with user_errors(as_json=json):
        work(site, world, as_of=as_of, as_json=json)


@app.command(epilog="Example: riskmodel backtest all -o out-backtests")
def backtest(
    names: Annotated[list[str] | None, typer.Argument(
        help="Ids of back-tests, or `all`; all if none is given.", show_default=False)] = None,
    world: WorldOption = None,
    draws: Annotated[int, typer.Option(min=100, help="Draws of each forecast.")] = 10_000,
    seed: Seed = 0,
    out: PageFolder = None,
    json: Json = False,
) -> None:
    """Freeze what was known at a day, predict, and compare with what happened."""
    from riskmodel.commands.backtests import backtest as work

    with user_errors(as_json=json):
        work(names or [], folder=world, n=draws, seed=seed, out=out, as_json=json)


app.command(epilog=STRESS_EPILOG)(stress)


app.command(epilog=COMPARE_EXAMPLE)(compare)


@scenarios_app.callback(invoke_without_command=True)
def scenarios(context: typer.Context, world: WorldOption = None, json: Json = False) -> None:
    """List the scenarios; `scenarios show SCENARIO` tells one."""
    if context.invoked_subcommand is None:
        _list_scenarios(world, json)


@scenarios_app.command("list", epilog="Example: riskmodel scenarios list --json")
def scenarios_list(world: WorldOption = None, json: Json = False) -> None:
    """List the scenarios that ship, and those of a world's folder."""
    _list_scenarios(world, json)


@scenarios_app.command("show", epilog="Example: riskmodel scenarios show taiwan-blockade")
def scenarios_show(
    scenario: Annotated[str, typer.Argument(help="Its id, or a file of your own.")],
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Tell one scenario: its story, its events, what it leaves out, its sources."""
    from riskmodel.commands.scenarios import show_scenario

    with user_errors(as_json=json):
        show_scenario(scenario, world, as_json=json)


def _list_scenarios(world: Path | None, json: bool) -> None:
    from riskmodel.commands.scenarios import list_scenarios

    with user_errors(as_json=json):
        list_scenarios(world, as_json=json)


@perils_app.callback(invoke_without_command=True)
def perils(context: typer.Context, world: WorldOption = None, json: Json = False) -> None:
    """List the perils of a world; `perils show PERIL` gives every number with its source."""
    if context.invoked_subcommand is None:
        _list_perils(world, json)


@perils_app.command("list", epilog="Example: riskmodel perils list --json")
def perils_list(world: WorldOption = None, json: Json = False) -> None:
    """List the perils of a world."""
    _list_perils(world, json)


@perils_app.command("show", epilog="Example: riskmodel perils show grid_outage")
def perils_show(
    peril: Annotated[str, typer.Argument(help="Its id, as `riskmodel perils` lists it.")],
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Show one peril: what it is, and every number in it with low, best, high and source."""
    from riskmodel.commands.looks import show_peril

    with user_errors(as_json=json):
        show_peril(peril, world, as_json=json)


@app.command(epilog="Example: riskmodel adequacy rts79 --years 50000")
def adequacy(
    system: Annotated[str, typer.Argument(
        help="A generating system that ships (rts79, rbts), or a TOML file of your own.")],
    years: Annotated[int, typer.Option(min=1, help="Years to simulate.")] = DEFAULT_YEARS,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Ask whether generation is enough: exact and simulated indices side by side."""
    from riskmodel.commands.adequacy import adequacy as work

    with user_errors(as_json=json):
        work(system, years=years, seed=seed, as_json=json)


def _list_perils(world: Path | None, json: bool) -> None:
    from riskmodel.commands.looks import list_perils

    with user_errors(as_json=json):
        list_perils(world, as_json=json)


@app.command("import-hazard", epilog="Example: riskmodel import-hazard storms.hdf5 "
             "--impact wind.csv --peril european_wind -o events.csv")
def import_hazard(
    file: Annotated[Path, typer.Argument(help="HDF5 file that CLIMADA's Hazard.write_hdf5 wrote.")],
    impact: Annotated[Path, typer.Option(
        help="CSV file of the impact function: intensity, mdd, paa, and duration_h if it depends "
             "on the intensity.")],
    peril: Annotated[str, typer.Option(help="Id of the peril in the event table.")],
    world: WorldOption = None,
    region: Annotated[str | None, typer.Option(
        help="What the events' region is called; the hazard's type if not given.",
        show_default=False)] = None,
    on: Annotated[HitBy, typer.Option(help="What is hit: sites, or their local supplies.")] =
        HitBy.site,
    within_km: Annotated[float | None, typer.Option(
        "--within-km", help="How far a place's centroid may be; twice the centroids' spacing if "
        "not given.", show_default=False)] = None,
    duration: Annotated[Duration, typer.Option(help="Distribution of the outages' hours.")] =
        Duration.fixed,
    duration_h: Annotated[float | None, typer.Option(
        "--duration-h", min=0, help="Fixed hours, mean (exponential), median (lognormal) or scale "
        "(weibull); by the impact function if not given.", show_default=False)] = None,
    duration_shape: Annotated[float | None, typer.Option(
        "--duration-shape", help="Sigma of the lognormal, shape of the weibull.",
        show_default=False)] = None,
    together: Annotated[bool, typer.Option(
        "--together", help="Everything that an event hits shares one draw of the duration.")] =
        False,
    part: Annotated[str, typer.Option(help="The part of the node that is hit; the whole if not "
                                      "given.", show_default=False)] = "",
    hold: Annotated[bool, typer.Option(
        "--hold", help="Hold the impact function's end values where the hazard goes beyond it.",
        )] = False,
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write.")] = Path("events.csv"),
    json: Json = False,
) -> None:
    """Turn a CLIMADA hazard and an impact function into an event table for a world."""
    from riskmodel.commands.hazards import import_hazard as work

    with user_errors(as_json=json):
        work(file, impact=impact, folder=world, peril=peril, region=region, on=on.value,
             within_km=within_km, dist=duration.value, hours=duration_h, shape=duration_shape,
             together=together, part=part, hold=hold, out=out, as_json=json)


app.command(epilog=TRAINING_EXAMPLE)(training)
app.command(epilog=BUILDOUT_EXAMPLE)(buildout)
app.command(epilog=LEVERS_EXAMPLE)(levers)
add_structure(app)
add_data(app)
dress(app)


def main() -> None:
    """Run the program."""
    for stream in (sys.stdout, sys.stderr):
        # a C locale must not turn a lab's name into a crash
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except Exception as fault:  # not what a user can mend: commands turn that into a message
        from riskmodel.commands.faults import tell

        sys.exit(tell(fault))
