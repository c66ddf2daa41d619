"""A world of three sites in a folder of its own, small enough to run in a blink."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "sites.csv": """\
site_id,name,operator,country_iso2,lat,lon,coord_precision_km,facility_mw,it_mw,status,grid_region,operational_from,full_capacity_date,confidence
dallas,Dallas,Acme,US,32.78,-96.80,1,130,100,operational,ERCOT,2025-01-01,2026-01-01,high
austin,Austin,Acme,US,30.27,-97.74,1,,60,operational,ERCOT,2025-06-01,2026-06-01,medium
dublin,Dublin,Beta,IE,53.35,-6.26,5,,40,operational,IE,2024-01-01,2024-06-01,low
""",
    "labs.csv": """\
lab_id,name,needed_share
alpha,Alpha,0.8
beta,Bêta,0.5
""",
    "holdings.csv": """\
lab_id,site_id,share,probability,attribution,confidence
alpha,dallas,1,1,confirmed,high
alpha,austin,0.5,0.9,likely,medium
beta,dublin,1,1,confirmed,high
""",
    "nodes.csv": """\
node_id,kind,name
grid:ERCOT,grid,Texas
grid:IE,grid,Ireland
""",
    "requirements.csv": """\
node_id,group,member_id,k,mode,share,ride_through_h,recharge_h
dallas,power,grid:ERCOT,1,quorum,1,6,24
austin,power,grid:ERCOT,1,quorum,0.9,2,24
dublin,power,grid:IE,1,quorum,1,0,24
""",
    "events.csv": """\
event_id,peril,region,rate_per_yr,node_id,probability,depth,duration_dist,duration_h,duration_shape,part
storm,grid_storm,ERCOT,0.3,grid:ERCOT,0.9,0.7,lognormal,30,0.8,
blackout,grid_storm,IE,0.2,grid:IE,1,1,exponential,12,,
fire,hall_fire,US,0.1,dallas,1,0.5,weibull,400,1.2,hall1
""",
}


def write(folder: Path) -> Path:
    """Write the world into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replace one piece of one table; it must be there."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
