"""Map layers of a run: regions with their capacity and expected loss; sites when asked for."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.next_mw.grid_area import grid_area
from riskmodel.errors import RiskModelError
from riskmodel.exchange.harmless import visible
from riskmodel.measures.contributions import contributions
from riskmodel.measures.yeartable import require_annual

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World


def to_geoparquet(losses: Losses, folder: str | Path, *, sites: bool = False) -> list[Path]:
    """Write ``regions.parquet`` (GeoParquet) and, when asked for, ``sites.parquet``.

    Raises
    ------
    RiskModelError
        The losses do not carry their world, or are a story.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, layer in layers(losses, sites=sites).items():
        path = target / f"{name}.parquet"
        layer.to_parquet(path, index=False)
        written.append(path)
    return written


def to_geopackage(losses: Losses, file: str | Path, *, sites: bool = False) -> Path:
    """Write one GeoPackage with the layer ``regions`` and, when asked for, ``sites``."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    for name, layer in layers(losses, sites=sites).items():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            layer.to_file(path, layer=name, driver="GPKG")
    return path


def layers(losses: Losses, *, sites: bool = False) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers by name, longitude and latitude (EPSG:4326).

    ``regions``: one row a region, ``region, it_mw`` (capacity that stands in the grid region),
    ``sites``, ``aal_mw_days`` and ``aal_se`` (loss a year that events of this region cause, all
    labs), ``aal_share``, ``n_years``, ``seed``, ``as_of``. The shape is that of the grid or the
    country; a region that is no place on the map (a cloud, an operator) has none.
    ``sites``: one row a site with its place and capacity; ``aal_mw_days`` is what it lost.
    """
    require_annual(losses, "a map layer")
    world = losses.world
    if world is None:
        raise RiskModelError("these losses do not carry their world, so nothing says where a "
                             "region is; read them with read_losses(folder, world=...)")
    out = {"regions": _regions(losses, world)}
    if sites:
        out["sites"] = _sites(losses, world)
    return out


def _regions(losses: Losses, world: World) -> gpd.GeoDataFrame:
    import geopandas as gpd

    lost = contributions(losses, measure="aal", by=["region"])
    held = world.sites[world.sites["it_mw"] > 0]
    region = held["grid_region"].where(held["grid_region"] != "", held["country_iso2"])
    mw = held.groupby(region)["it_mw"].agg(["sum", "size"])
    names = list(dict.fromkeys([*lost["region"].astype(str), *mw.index.astype(str)]))
    by_name = lost.assign(region=lost["region"].astype(str)).set_index("region")
    frame = pd.DataFrame({
        "region": [visible(name, keep="") for name in names],
        "it_mw": mw["sum"].reindex(names).fillna(0.0).to_numpy(),
        "sites": mw["size"].reindex(names).fillna(0).astype(int).to_numpy(),
        "aal_mw_days": by_name["value"].reindex(names).fillna(0.0).to_numpy(),
        "aal_se": by_name["se"].reindex(names).to_numpy(),
        "aal_share": by_name["share"].reindex(names).fillna(0.0).to_numpy()})
    frame = _run_columns(frame, losses, world)
    return gpd.GeoDataFrame(frame, geometry=[_shape(world, name) for name in names],
                            crs="EPSG:4326")


def _shape(world: World, region: str) -> Any:
    """Return the area of a grid region, a country or a theatre; None for what is no place."""
    import shapely

    shape = grid_area(world, region)
    if shape is None:
        regions = world.regions
        codes = {region, *world.theatres.loc[world.theatres["theatre_id"] == region,
                                             "country_iso2"]}
        found = regions[(regions["kind"] == "country") & regions["country_iso2"].isin(codes)]
        shape = shapely.union_all(found.geometry.to_numpy()) if len(found) else None
    if shape is None or shape.is_empty:
        return None
    polygons = [part for part in shapely.get_parts(shapely.get_parts(shape))
                if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(polygons) if polygons else None


def _sites(losses: Losses, world: World) -> gpd.GeoDataFrame:
    import geopandas as gpd

    lost = contributions(losses, measure="aal", by=["site"], world=world)
    by_site = lost.set_index("site")
    sites = world.sites
    text = ("site_id", "name", "operator", "country_iso2", "grid_region", "status", "confidence")
    frame = pd.DataFrame({name: [visible(str(v), keep="") for v in sites[name]] for name in text})
    frame["it_mw"] = sites["it_mw"].to_numpy(dtype=float)
    frame["coord_precision_km"] = sites["coord_precision_km"].to_numpy(dtype=float)
    frame["aal_mw_days"] = by_site["value"].reindex(sites["site_id"]).fillna(0.0).to_numpy()
    frame["aal_se"] = by_site["se"].reindex(sites["site_id"]).to_numpy()
    frame = _run_columns(frame, losses, world)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(
        np.asarray(sites["lon"], float), np.asarray(sites["lat"], float)), crs="EPSG:4326")


def _run_columns(frame: pd.DataFrame, losses: Losses, world: World) -> pd.DataFrame:
    return frame.assign(n_years=losses.n_years, booking=losses.booking,
                        seed=-1 if losses.seed is None else losses.seed,
                        as_of=str(world.as_of or ""))
