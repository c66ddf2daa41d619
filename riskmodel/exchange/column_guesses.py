"""Which column of a stranger's spreadsheet is which of ours: a stated list, and what was taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near

#: our column -> spellings that are taken for it, letters and digits only, lower case; the first
#: that the file has wins
GUESSES: Mapping[str, tuple[str, ...]] = {
    "site_id": ("siteid", "id", "siteno", "sitecode", "code", "handle"),
    "name": ("name", "sitename", "site", "facility", "facilityname", "campus", "datacenter",
             "datacentre", "datacentername", "title", "locname", "standort"),
    "lat": ("lat", "latitude", "latdeg", "y", "breite", "breitengrad"),
    "lon": ("lon", "lng", "long", "longitude", "londeg", "x", "laenge", "längengrad"),
    "it_mw": ("itmw", "mwit", "itpowermw", "itloadmw", "itcapacitymw", "criticalmw",
              "criticalitmw", "criticalloadmw", "flexilocitmw", "mw", "capacitymw", "powermw",
              "loadmw", "capacity"),
    "facility_mw": ("facilitymw", "facilitypowermw", "totalpowermw", "gridconnectionmw",
                    "utilitymw", "grossmw"),
    "pue": ("pue",),
    "lab": ("lab", "labs", "labid", "tenant", "tenants", "customer", "user", "users",
            "primarylabs", "heldby"),
    "share": ("share", "labshare", "holding", "tenantshare"),
    "operator": ("operator", "operatedby", "provider", "colo", "betreiber"),
    "owner": ("owner", "ownedby", "landlord"),
    "country_iso2": ("countryiso2", "country", "countrycode", "iso2", "land"),
    "locality": ("locality", "city", "town", "municipality", "ort"),
    "grid_region": ("gridregion", "grid", "iso", "balancingauthority", "biddingzone"),
    "cloud_provider": ("cloudprovider", "cloud"),
    "cloud_region": ("cloudregion", "awsregion", "azureregion"),
    "chip_family": ("chipfamily", "chips", "chiptype", "chiptypes", "accelerator", "gpu",
                    "currentchiptypes"),
    "accelerator_count": ("acceleratorcount", "chipcount", "gpus", "gpucount", "accelerators"),
    "onsite_generation_mw": ("onsitegenerationmw", "onsitemw", "behindthemetermw",
                             "generationmw"),
    "onsite_generation_type": ("onsitegenerationtype", "onsitegeneration", "generation"),
    "operational_from": ("operationalfrom", "opened", "online", "startdate", "inservice"),
    "status": ("status",),
    "coord_precision_km": ("coordprecisionkm", "precisionkm"),
    "source_urls": ("sourceurls", "source", "sources", "url", "selectedsources"),
    "as_of": ("asof", "date", "lastupdated", "updated"),
    "confidence": ("confidence",),
    "notes": ("notes", "note", "comment", "comments", "remarks"),
}
#: spellings that do not say whether they mean IT or facility power
_VAGUE_MW = ("mw", "capacitymw", "powermw", "loadmw", "capacity")


def plain(name: str) -> str:
    """Return the letters and digits of a column's name, in lower case.

    Examples
    --------
    >>> plain("IT power (MW)")
    'itpowermw'
    """
    return re.sub(r"[\W_]+", "", name.lower())


def take_columns(columns: Sequence[str], known: Mapping[str, str],
                 told: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return our column -> the file's, and notes on what is not plain.

    What somebody told goes first, then what the form of the file knows, then the guesses. A
    column told as empty is not taken.

    Raises
    ------
    RiskModelError
        A told column is none of ours, or is not in the file.
    """
    taken: dict[str, str] = {}
    notes: list[str] = []
    for ours, theirs in told.items():
        if ours not in GUESSES:
            raise RiskModelError(f"--map {ours}={theirs}: '{ours}' is no column of a site"
                                 f"{near(ours, GUESSES)}; there are {', '.join(GUESSES)}")
        if theirs and theirs not in columns:
            raise RiskModelError(f"--map {ours}={theirs}: the file has no column '{theirs}'"
                                 f"{near(theirs, columns)}; it has {', '.join(columns)}")
    taken |= {ours: theirs for ours, theirs in told.items() if theirs}
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(plain(column), column)
    for ours, spellings in GUESSES.items():
        if ours in told:
            continue
        if ours in known:
            if known[ours] in columns and known[ours] not in taken.values():
                taken[ours] = known[ours]
            continue
        for spelling in (plain(ours), *spellings):
            theirs = by_plain.get(spelling, "")
            if theirs and theirs not in taken.values():
                taken[ours] = theirs
                if ours == "it_mw" and spelling in _VAGUE_MW:
                    notes.append(f"'{theirs}' is taken for MW of IT power; if it is facility "
                                 f"power say --map facility_mw='{theirs}'")
                break
    return {ours: taken[ours] for ours in GUESSES if ours in taken}, notes
