"""``riskmodel adequacy``: a generating system's indices, exact and simulated, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    records,
    waiting,
    wrong_usage,
)

if TYPE_CHECKING:
    import pandas as pd

MEANINGS = {
    "lole": "hours with load short", "loee": "energy not served",
    "lole_days": "days short at their peak", "lolp_peak": "chance at the year's peak hour",
    "lolf": "shortages, any moment", "lolf_hourly": "shortages seen once an hour",
    "shortfall_h": "length of a shortage", "curtailed": "hours of full curtailment",
}


def adequacy(name: str, *, years: int, seed: int, as_json: bool) -> None:
    """Print the indices of a system that ships, or of a TOML file."""
    from riskmodel.measures.adequacy import adequacy_indices
    from riskmodel.perils.adequacy.files import read_generating_system, system_path

    with wrong_usage():
        path = system_path(name)
    system = read_generating_system(path)
    with waiting("simulating the units"):
        found = adequacy_indices(system, years=years, seed=seed)
    if as_json:
        print_json({"ok": True, "system": system.system_id, "name": system.name,
                    "units": sum(unit.count for unit in system.units),
                    "capacity_mw": system.capacity_mw, "peak_mw": system.peak_mw,
                    "hours": len(system.load_mw), "years": years, "seed": seed,
                    "indices": records(found)})
        return
    print_table(
        _shown(found),
        f"{system.name or system.system_id}: {sum(unit.count for unit in system.units)} units, "
        f"{system.capacity_mw:,.0f} MW, peak {system.peak_mw:,.0f} MW",
        right=["published", "exact", "simulated", "off by"],
        caption=f"{years:,} simulated years of {len(system.load_mw):,} h, seed {seed}; ± and "
                "'off by' in standard errors; exact by convolution")


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{
        "index": row["measure"], "what": MEANINGS[row["measure"]], "unit": row["unit"],
        "published": number(row["published"], 6), "exact": number(row["exact"], 7),
        "simulated": f"{number(row['value'], 5)} ± {number(row['se'], 2)}",
        "off by": "-" if math.isnan(row["z"]) else f"{row['z']:+.1f}"}
        for row in found.to_dict(orient="records")])
