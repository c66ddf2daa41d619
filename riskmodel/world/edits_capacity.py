"""Sites at another capacity: the row of the site and its capacity steps, in proportion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.world.edits import appended, typed_rows
from riskmodel.world.edits_steps import Steps
from riskmodel.world.tables import SITES_TIMELINE

if TYPE_CHECKING:
    from riskmodel.world.world import World

_WITH_POWER = ("it_mw_low", "it_mw_high", "facility_mw_low", "facility_mw", "facility_mw_high",
               "accelerator_count")
_BUILDS = ("construction", "planned", "damaged", "")


def capacity_of(world: World, site: str) -> float:
    """Return the IT capacity of one site in MW."""
    return float(world.sites["it_mw"].to_numpy(float)[(world.sites["site_id"] == site).argmax()])


def capacity_after(world: World, steps: Steps, asked_mw: float) -> float:
    """Return the capacity that the steps leave a site with: what the world reads back from them."""
    counted = [step["it_mw"] for step in steps if step["counted"]]
    follows = world.cut is not None and world.sites is world.cut[1]
    return float(counted[-1]) if counted and follows else max(asked_mw, 0.0)


def sites_at(world: World, capacity: Mapping[str, float], basis: Mapping[str, str],
             donor: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return ``sites`` with other capacities, each with why (``basis``).

    Facility power, bands and accelerators go in proportion. A site where nothing ran takes the
    proportions of its ``donor``, and its chips where it names none.
    """
    out = world.sites.copy()
    rows = {site: row for row, site in zip(out.to_dict("records"), out["site_id"], strict=True)}
    cells = {name: out[name].tolist() for name in
             ("it_mw", "it_mw_basis", "status", "chip_family", *_WITH_POWER)}
    for i, site in enumerate(out["site_id"]):
        if site not in capacity:
            continue
        new = _at(rows[site], capacity[site], rows.get((donor or {}).get(site, "")))
        why = rows[site]["it_mw_basis"]
        new["it_mw_basis"] = f"{why}; {basis[site]}" if why else basis[site]
        for name, value in new.items():
            cells[name][i] = value
    for name, column in cells.items():
        out[name] = pd.Series(column, index=out.index, dtype=out[name].dtype)
    return out


def _at(row: Mapping[Any, Any], mw: float, donor: Mapping[Any, Any] | None) -> dict[str, Any]:
    was = float(row["it_mw"])
    new: dict[str, Any] = {"it_mw": mw}
    if was > 0:
        new |= {name: row[name] * (mw / was) for name in _WITH_POWER}
    elif mw > 0 and donor is not None:
        ratio = mw / float(donor["it_mw"])
        new |= {name: donor[name] * ratio for name in _WITH_POWER}
        if np.isfinite(row["pue"]) and np.isfinite(donor["pue"]):
            new |= {name: new[name] * row["pue"] / donor["pue"] for name in _WITH_POWER
                    if name.startswith("facility")}
        new["chip_family"] = row["chip_family"] or donor["chip_family"]
        if row["status"] in _BUILDS:
            new["status"] = "partial"
    return new


def timeline_with(world: World, steps: Mapping[str, Steps]) -> pd.DataFrame:
    """Return ``sites_timeline`` with the steps of some sites put in place of their old ones."""
    table = world.sites_timeline
    rows = [{name: step.get(name) for name in SITES_TIMELINE.names}
            for site in steps for step in steps[site]]
    kept = table[~table["site_id"].isin(list(steps))]
    return appended(kept, typed_rows("sites_timeline", rows, "steps of an edit")) if rows else kept
