"""The verbs about data in and out: ``init``, ``import-sites`` and ``export``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Json, Output, Sites, WorldOption, date
from riskmodel.commands.console import user_errors


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; new or empty.")],
    bare: Annotated[bool, typer.Option("--bare", help="Headers only, without the three example "
                                       "sites.")] = False,
    json: Json = False,
) -> None:
    """Write a small world of your own, with comments, to edit, check and run."""
    from riskmodel.commands.init import init as work

    with user_errors(as_json=json):
        work(folder, bare=bare, as_json=json)


class Form(StrEnum):
    """What a file of sites is."""

    auto = "auto"
    sheet = "sheet"
    layer = "layer"
    oed = "oed"
    epoch = "epoch"


def import_sites(
    file: Annotated[Path, typer.Argument(
        help="Spreadsheet (.csv, .xlsx), map layer (GeoPackage, GeoParquet, GeoJSON), OED location "
             "file, or Epoch AI's data_centers.csv.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to make; new or empty.")],
    form: Annotated[Form, typer.Option("--from", help="What the file is; auto looks at it.")] =
        Form.auto,
    columns: Annotated[list[str] | None, typer.Option(
        "--map", metavar="OURS=COLUMN", show_default=False,
        help="A column of the file for one of ours, against the guess: --map it_mw='Leistung MW'. "
             "Nothing after = takes none. May be repeated.")] = None,
    skip_bad: Annotated[bool, typer.Option(
        "--skip-bad", help="Leave out rows that cannot be taken, and list them in "
        "skipped_rows.csv.")] = False,
    lab: Annotated[str, typer.Option(
        help="Who holds the sites for which the file names nobody.", show_default=False)] = "",
    mw_per: Annotated[str | None, typer.Option(
        "--mw-per", metavar="COLUMN=MW", show_default=False,
        help="MW for one unit of a column, where the file has no power: BuildingTIV=2e-7.")] = None,
    places: Annotated[Path | None, typer.Option(
        help="Table with name, lat and lon for Epoch's sites.", show_default=False)] = None,
    layer: Annotated[str | None, typer.Option(
        help="Which layer of a GeoPackage, or sheet of a workbook.", show_default=False)] = None,
    crs: Annotated[str | None, typer.Option(
        help="Reference system of a layer that does not say it, as EPSG:25832.",
        show_default=False)] = None,
    as_of: Annotated[str | None, typer.Option(
        "--as-of", metavar="DATE", callback=date, show_default=False,
        help="The made world's date; the shipped world's if not given.")] = None,
    json: Json = False,
) -> None:
    """Make a world of sites that lie in another form; nothing in the file is lost."""
    from riskmodel.commands.import_sites import import_sites as work

    with user_errors(as_json=json):
        work(file, out=out, form=form.value, columns=columns or [], skip_bad=skip_bad, lab=lab,
             mw_per=mw_per, places=places, layer=layer, crs=crs, as_of=as_of, as_json=json)


class Target(StrEnum):
    """The form an export takes."""

    csv = "csv"
    duckdb = "duckdb"
    geoparquet = "geoparquet"
    geopackage = "geopackage"
    ord = "ord"
    oed = "oed"
    rdls = "rdls"


def export(
    output: Output,
    to: Annotated[Target, typer.Option("--to", help="The form: Oasis ORD loss tables, OED "
                                       "locations, map layers, RDLS metadata, CSV, or Parquet for "
                                       "DuckDB.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to make, new or empty; for "
                                      "geopackage and oed also a file.")],
    sites: Sites = False,
    bom: Annotated[bool, typer.Option("--bom", help="CSV with a byte-order mark, for Excel.")] =
        False,
    publisher: Annotated[str, typer.Option(help="RDLS: who publishes.", show_default=False)] = "",
    contact: Annotated[str, typer.Option(help="RDLS: an e-mail or https address.",
                                         show_default=False)] = "",
    licence: Annotated[str, typer.Option(help="RDLS: licence of the tables, as CC-BY-4.0.",
                                         show_default=False)] = "",
    usd_per_mw: Annotated[float, typer.Option(
        "--usd-per-mw", min=0, help="OED: insured value of a MW; 0 states none.")] = 0.0,
    world: WorldOption = None,
    json: Json = False,
) -> None:
    """Write a run in the form of another tool."""
    from riskmodel.commands.export import export as work

    with user_errors(as_json=json):
        work(output, to=to.value, out=out, sites=sites, mark=bom, publisher=publisher,
             contact=contact, licence=licence, usd_per_mw=usd_per_mw, world_folder=world,
             as_json=json)


def add_to(app: typer.Typer) -> None:
    """Make the verbs known to the program."""
    app.command(epilog="Example: riskmodel init mine")(init)
    app.command("import-sites", epilog="Example: riskmodel import-sites sites.xlsx "
                "--map it_mw='Leistung MW' -o mine")(import_sites)
    app.command(epilog="Example: riskmodel export out --to ord -o out-ord")(export)
