"""Epoch AI's table "AI Data Centers" (``data_centers.csv``): owners, users, power, no coordinates.

Its column ``Current power (MW)`` is IT power: it equals ``IT power (MW)`` of the same day in
Epoch's table of timelines. Names carry how sure Epoch is, as ``Anthropic #confident``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from riskmodel.exchange.column_guesses import plain
from riskmodel.exchange.incoming import Incoming

CREDIT = ('Epoch AI, "AI Data Centers", epoch.ai/data/ai-data-centers, CC BY 4.0: mapped to the '
          "columns here; places, nodes and requirements are not Epoch's")
_POWER = ("Current IT power (MW)", "Current power (MW)")
_TAG = re.compile(r"\s*#(confident|likely|speculative)\s*$")
#: Epoch's words -> ours
WORDS = {"confident": "confirmed", "likely": "likely", "speculative": "speculative",
         "": "likely"}
_OWNER, _LABS, _CLOUD = "owner without its tag", "users and their tags", "cloud"
_SOURCE, _CHIPS = "source", "chip types"
#: Epoch's owners -> the cloud whose control plane runs the site, as rules.toml calls it
_CLOUD_OF = {"Amazon": "AWS", "Google": "Google Cloud", "Microsoft": "Azure",
             "Oracle": "Oracle OCI", "Meta": "Meta", "CoreWeave": "CoreWeave",
             "SpaceXAI": "SpaceXAI", "Fluidstack": "Fluidstack", "Nebius": "Nebius",
             "Nscale": "Nscale", "Alibaba": "Alibaba Cloud", "Huawei": "Huawei Cloud"}


def is_epoch(columns: pd.Index) -> bool:
    """Tell whether a table's columns are those of Epoch's data centres."""
    there = set(columns)
    return bool({"Owner", "Users", "Current H100 equivalents"} <= there
                and there & set(_POWER) and there & {"Name", "Title"})


def as_epoch(read: Incoming, places: Mapping[str, tuple[str, str, str]]) -> Incoming:
    """Return a spreadsheet read as Epoch's table.

    ``places`` gives lat, lon and coord_precision_km by name in letters and digits
    (``column_guesses.plain``), for tables without coordinates.
    """
    frame = read.frame.copy()
    columns = list(frame.columns)
    owners = [split_tags(text) for text in frame["Owner"]]
    frame[_OWNER] = ["; ".join(name for name, _ in row) for row in owners]
    frame[_CLOUD] = [next((_CLOUD_OF[name] for name, _ in row if name in _CLOUD_OF), "")
                     for row in owners]
    frame[_LABS] = ["; ".join(f"{name} #{tag}" if tag else name
                              for name, tag in split_tags(text)) for text in frame["Users"]]
    frame[_CHIPS] = [text.replace(",", ";") for text in (
        frame["Current chip types"] if "Current chip types" in columns else [""] * len(frame))]
    frame[_SOURCE] = "https://epoch.ai/data/ai-data-centers"
    name = "Name" if "Name" in columns else "Title"
    known = {"name": name, "it_mw": next(p for p in _POWER if p in columns),
             "operator": _OWNER, "owner": _OWNER, "lab": _LABS, "cloud_provider": _CLOUD,
             "country_iso2": "Country", "source_urls": _SOURCE, "chip_family": _CHIPS}
    notes = [*read.notes, "power is taken as Epoch's IT power; users whom Epoch tags confident, "
             "likely or speculative hold with the probability of that word"]
    used = {_OWNER, _LABS, _CLOUD, _SOURCE, _CHIPS, "Owner", "Users", "Current chip types"}
    if not {"latitude", "longitude"} <= {plain(c) for c in columns}:
        found = [places.get(plain(text), ("", "", "")) for text in frame[name]]
        for i, (ours, column) in enumerate((("lat", "lat by name"), ("lon", "lon by name"),
                                            ("coord_precision_km", "precision by name"))):
            frame[column] = [row[i] for row in found]
            known[ours] = column
            used.add(column)
        notes.append(f"Epoch's table has addresses and no coordinates: "
                     f"{sum(bool(row[0]) for row in found)} of {len(frame)} places were found by "
                     "name (--places, then the shipped world)")
    return Incoming(frame, read.rows, "epoch", notes, known, credits=[CREDIT],
                    licence="CC BY 4.0", source=f"Epoch AI, AI Data Centers ({read.source})",
                    used=used)


def split_tags(text: str) -> list[tuple[str, str]]:
    """Return the names of a cell and how sure Epoch is of each.

    Examples
    --------
    >>> split_tags("OpenAI #likely, Microsoft")
    [('OpenAI', 'likely'), ('Microsoft', '')]
    """
    out = []
    for part in str(text).split(","):
        word = part.strip()
        tag = _TAG.search(word)
        bare = _TAG.sub("", word)
        if bare:
            out.append((bare, tag.group(1) if tag else ""))
    return out
