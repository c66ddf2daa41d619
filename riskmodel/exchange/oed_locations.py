"""OED location files: the Oasis Open Exposure Data form in which insurers hand over sites."""

from __future__ import annotations

import pandas as pd

from riskmodel.exchange.incoming import Incoming

#: columns that only an OED location file has together
_MARKS = ("LocNumber", "AccNumber", "PortNumber")
#: our column -> OED's, as the standard spells it
_KNOWN = {"lat": "Latitude", "lon": "Longitude", "country_iso2": "CountryCode",
          "locality": "City"}
_ID, _NAME = "portfolio, account and location", "name of the location"


def is_oed(columns: pd.Index) -> bool:
    """Tell whether a table's columns are those of an OED location file."""
    lower = {str(name).lower() for name in columns}
    return "locnumber" in lower and sum(mark.lower() in lower for mark in _MARKS) > 1


def as_oed(read: Incoming) -> Incoming:
    """Return a spreadsheet read as an OED location file.

    A site is a location; its id joins portfolio, account and location, since only together they
    are unique. Insured values are money: they become MW only by a factor that somebody states.
    """
    lower = {str(name).lower(): str(name) for name in read.frame.columns}

    def cells(name: str) -> list[str]:
        column = lower.get(name.lower())
        return [""] * len(read.frame) if column is None else read.frame[column].tolist()

    frame = read.frame.copy()
    parts = zip(*(cells(mark) for mark in reversed(_MARKS)), strict=True)
    frame[_ID] = ["_".join(["loc", *(word for word in row if word)]) for row in parts]
    frame[_NAME] = [name or f"Location {number}" for name, number in
                    zip(cells("LocName"), cells("LocNumber"), strict=True)]
    known = {ours: lower[oed.lower()] for ours, oed in _KNOWN.items() if oed.lower() in lower}
    return Incoming(frame, read.rows, "oed", read.notes, {
        "site_id": _ID, "name": _NAME, **known}, source=read.source,
        decimal_comma=read.decimal_comma, used={_ID, _NAME})
