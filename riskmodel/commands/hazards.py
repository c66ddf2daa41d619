"""``riskmodel import-hazard``: a CLIMADA hazard and an impact function become an event table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import WrongUsage, number, print_json, say, wrong_usage
from riskmodel.commands.worlds import read_checked

if TYPE_CHECKING:
    import pandas as pd


def import_hazard(file: Path, *, impact: Path, folder: Path | None, peril: str, region: str | None,
                  on: str, within_km: float | None, dist: str, hours: float | None,
                  shape: float | None, together: bool, part: str, hold: bool, out: Path,
                  as_json: bool) -> None:
    """Write the event table of a hazard over a world; say what it does to the world's sites."""
    from riskmodel.perils.climada_hazard import read_hazard
    from riskmodel.perils.hazard_import import (
        DurationLaw,
        centroid_weights,
        event_table,
        expected_annual_loss,
        places_of,
    )
    from riskmodel.perils.impact_function import read_impact_function
    from riskmodel.world.textfile import write_table

    check_file(out, peril)
    function = read_impact_function(impact)
    if hours is None and function.duration_h is None:
        raise WrongUsage(f"{impact} has no column duration_h; say how long outages last with "
                         "--duration-h")
    with wrong_usage():
        law = DurationLaw(dist, hours, math.nan if shape is None else shape, together)
    hazard = read_hazard(file)
    world, _ = read_checked(folder, None)
    places = places_of(world, "feed" if on == "feed" else "site")
    table = event_table(hazard, function, places, peril=peril, region=region or "", duration=law,
                        within_km=within_km, part=part, beyond="hold" if hold else "refuse")
    near = int((centroid_weights(hazard, places, within_km).getnnz(axis=0) > 0).sum())
    shown = table.dropna(axis=1, how="all")
    write_table(out, list(shown.columns), [_text(shown[name]) for name in shown.columns])
    hits = int((table["probability"] > 0).sum())
    loss = (float(expected_annual_loss(table, world.sites.set_index("site_id")["it_mw"]).sum())
            if on == "site" else None)
    if as_json:
        print_json({"ok": True, "out": str(out), "peril": peril, "events": hazard.n_events,
                    "rows": len(table), "hits": hits, "places": len(places), "places_near": near,
                    "rate_per_yr": float(hazard.rate_per_yr.sum()),
                    "expected_lost_mw_days_per_yr": loss})
        return
    say(f"{hazard.n_events:,} events, {number(hazard.rate_per_yr.sum())} a year; {near} of "
        f"{len(places)} {on}s are near a centroid, hit {hits:,} times over all events")
    if loss is not None:
        say(f"expected loss {number(loss)} MW-days a year, outages over each other counted twice")
    say(f"event table: {out} (put it into a world's folder as events.csv)")


def check_file(out: Path, peril: str) -> None:
    """Refuse to write over a file that is something else than an event table of this peril."""
    import pandas as pd

    if out.is_dir():
        raise WrongUsage(f"{out} is a folder; name the file to write, such as {out / 'events.csv'}")
    if not out.parent.is_dir():
        raise WrongUsage(f"there is no folder {out.parent}; make it first")
    if not out.exists():
        return
    try:
        there = set(pd.read_csv(out, usecols=["peril"], dtype=str)["peril"].dropna())
    except (ValueError, OSError):
        raise WrongUsage(f"{out} is there and is no event table; name another file") from None
    if there - {peril}:
        raise WrongUsage(f"{out} holds events of {', '.join(sorted(there - {peril}))}; name "
                         "another file, and join the tables by hand")


def _text(cells: pd.Series) -> Iterator[str]:
    if cells.dtype.kind == "f":
        return ("" if math.isnan(value) else repr(value) for value in cells.tolist())
    return (str(value) for value in cells.tolist())
