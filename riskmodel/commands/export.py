"""``riskmodel export``: a run in the forms of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import WrongUsage, print_json, say, wrong_usage
from riskmodel.commands.outputs import read_manifest
from riskmodel.commands.worlds import world_of

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

_NEXT = {
    "ord": "Loss is MW-days; metadata.json says what the codes mean",
    "csv": "text that a spreadsheet would take for a formula begins with '",
    "duckdb": "from inside the folder: duckdb < example.sql",
    "geoparquet": "open regions.parquet with geopandas.read_parquet, QGIS or DuckDB",
    "geopackage": "open it in any GIS",
    "rdls": "rdls.json describes the CSV tables beside it (Risk Data Library Standard 0.2)",
    "oed": "BuildingTIV is 0 unless --usd-per-mw states a value; MW stand in FlexiLocITMW",
}
_ONE_FILE = {"geopackage": "riskmodel.gpkg", "oed": "location.csv"}


def export(output: Path, *, to: str, out: Path, sites: bool, mark: bool, publisher: str,
           contact: str, licence: str, usd_per_mw: float, world_folder: Path | None,
           as_json: bool) -> None:
    """Write a run for another tool; never over anything that is there."""
    from riskmodel.engine.losses.storage import read_losses
    from riskmodel.exchange.starter_world import require_empty

    single = to in _ONE_FILE and out.suffix == Path(_ONE_FILE[to]).suffix
    if single and out.exists():
        raise WrongUsage(f"{out} is there; name another file")
    if not single:
        with wrong_usage():
            require_empty(out, "export")
    manifest = read_manifest(output)
    losses = read_losses(output, world=world_of(manifest, output, world_folder))
    target = out if single else out / _ONE_FILE.get(to, "")
    _write(losses, to, target, sites, mark, publisher, contact, licence, usd_per_mw)
    files = [target] if target.is_file() else sorted(p for p in out.iterdir() if p.is_file())
    if as_json:
        print_json({"ok": True, "to": to, "out": str(out), "files": [str(f) for f in files],
                    "sites": sites})
        return
    say(f"{out}: {', '.join(f.name for f in files)}")
    say(_NEXT[to])
    if to in ("geoparquet", "geopackage", "csv", "duckdb") and not sites:
        say("regions only; --sites adds single sites")


def _write(losses: Losses, to: str, target: Path, sites: bool, mark: bool, publisher: str,
           contact: str, licence: str, usd_per_mw: float) -> None:
    from riskmodel.exchange import csv_tables, oed_export, ord_tables, rdls, result_layers

    if to == "ord":
        ord_tables.to_ord(losses, target)
    elif to == "csv":
        csv_tables.to_csv(losses, target, mark=mark, sites=sites)
    elif to == "duckdb":
        csv_tables.to_duckdb(losses, target, sites=sites)
    elif to == "geoparquet":
        result_layers.to_geoparquet(losses, target, sites=sites)
    elif to == "geopackage":
        result_layers.to_geopackage(losses, target, sites=sites)
    elif to == "rdls":
        rdls.to_rdls(losses, target, publisher=publisher, contact=contact, licence=licence)
    elif losses.world is not None:
        oed_export.to_oed(losses.world, target, usd_per_mw=usd_per_mw)
