"""Sites as an OED location file, for the tools of insurers; read back by ``import_sites``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.exchange.harmless import write_csv

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: the perils of OED that stand for all of them
_ALL_PERILS = "AA1"
_MOST_TEXT = 40  # OED's longest location number and name


def to_oed(world: World, file: str | Path, *, usd_per_mw: float = 0.0) -> Path:
    """Write the sites of a world as an OED location file, with MW in a column of its own.

    Parameters
    ----------
    usd_per_mw : insured value of one MW of IT power, USD. 0, the default, states no value: OED
        wants a number, and the model has none.

    Raises
    ------
    RiskModelError
        The value is negative.
    """
    if not (np.isfinite(usd_per_mw) and usd_per_mw >= 0):
        raise RiskModelError(f"to_oed: usd_per_mw is {usd_per_mw}; give USD, 0 or more")
    sites = world.sites
    mw = sites["it_mw"].fillna(0.0).to_numpy(dtype=float)
    frame = pd.DataFrame({
        "PortNumber": "1", "AccNumber": "1",
        "LocNumber": [str(i) for i in range(1, len(sites) + 1)],
        "LocName": [str(name or site)[:_MOST_TEXT].replace(",", ";") for name, site in
                    zip(sites["name"], sites["site_id"], strict=True)],
        "CountryCode": sites["country_iso2"].tolist(),
        "Latitude": sites["lat"].to_numpy(dtype=float),
        "Longitude": sites["lon"].to_numpy(dtype=float),
        "BuildingTIV": mw * usd_per_mw, "ContentsTIV": 0.0, "BITIV": 0.0, "LocCurrency": "USD",
        "LocPerilsCovered": _ALL_PERILS,
        "FlexiLocSiteId": sites["site_id"].tolist(), "FlexiLocITMW": mw})
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(path, frame)
    return path
