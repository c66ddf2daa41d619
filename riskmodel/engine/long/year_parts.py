"""The tables of a long run in Parquet parts: written block by block, whole or not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.world.wholefile import UNFINISHED, checksum


def part_name(number: int) -> str:
    """Return the file name of a part."""
    return f"part-{number:06}.parquet"


class PartWriter:
    """One part of each table, open for the blocks to come.

    Parameters
    ----------
    folder : holds a folder for each table
    tables : some of "years", "adequacy", "causes", "events"
    first_event : number of the first event of the part in the whole run
    """

    def __init__(self, folder: Path, number: int, tables: Sequence[str], first_event: int) -> None:
        self.folder, self.number, self.tables = folder, number, tuple(tables)
        self.events = first_event
        self._open: dict[str, Any] = {}
        self._rows = dict.fromkeys(tables, 0)
        for table in tables:
            (folder / table).mkdir(parents=True, exist_ok=True)

    def _path(self, table: str, *, finished: bool) -> Path:
        name = part_name(self.number)
        return self.folder / table / (name if finished else f"{UNFINISHED}{name}")

    def write(self, passes: Sequence[Rows], names: Mapping[str, Sequence[str]]) -> None:
        """Add the rows of a block; ``names`` has the words behind its numbers."""
        import pyarrow.parquet as pq

        for table in self.tables:
            found = _TABLES[table](passes, names, self.events)
            if table not in self._open:
                self._open[table] = pq.ParquetWriter(self._path(table, finished=False),
                                                     found.schema)
            self._open[table].write_table(found)
            self._rows[table] += found.num_rows
        self.events += len(passes[0].events)

    def close(self) -> dict[str, dict[str, Any]]:
        """Finish the files; return the digest and the rows of each, by its name."""
        found = {}
        for table in self.tables:
            self._open[table].close()
            path = self._path(table, finished=True)
            self._path(table, finished=False).replace(path)
            found[f"{table}/{path.name}"] = {"sha256": checksum(path), "rows": self._rows[table]}
        return found


def whole(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether files are there as they were written."""
    return all((folder / name).is_file() and checksum(folder / name) == facts["sha256"]
               for name, facts in files.items())


def _words(codes: np.ndarray, words: Sequence[str]) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)),
                                          pa.array(list(words) or [""], pa.string()))


def _years(passes: Sequence[Rows], names: Mapping[str, Sequence[str]], _: int) -> Any:
    import pyarrow as pa

    rows = passes[0].years
    return pa.table({
        "year": rows["year"], "lab": _words(rows["lab"], names["lab"]),
        "lost_mw_days": rows["lost"] / HOURS_PER_DAY,
        "shortfall_mw_days": rows["short"] / HOURS_PER_DAY,
        "max_event_mw_days": rows["event"] / HOURS_PER_DAY})


def _adequacy(passes: Sequence[Rows], names: Mapping[str, Sequence[str]], _: int) -> Any:
    import pyarrow as pa

    rows = passes[-1].adequacy
    return pa.table({
        "year": rows["year"], "lab": _words(rows["lab"], names["lab"]),
        "shortfall_mw_days": rows["short"] / HOURS_PER_DAY, "shortfall_h": rows["hours"],
        "shortfall_days": rows["days"]})


def _causes(passes: Sequence[Rows], names: Mapping[str, Sequence[str]], first_event: int) -> Any:
    import pyarrow as pa

    rows, events = passes[0].causes, passes[0].events
    event = events[rows["event"]]
    return pa.table({
        "year": event["year"], "event": rows["event"] + first_event,
        "lab": _words(rows["lab"], names["lab"]), "peril": _words(event["peril"], names["peril"]),
        "region": _words(event["region"], names["region"]),
        "node": _words(rows["node"], names["node"]),
        "lost_mw_days": rows["lost"] / HOURS_PER_DAY})


def _events(passes: Sequence[Rows], names: Mapping[str, Sequence[str]], first_event: int) -> Any:
    import pyarrow as pa

    rows = passes[0].events
    ids = (*names["event_id"], "")
    campaign = pa.array([str(c) if c >= 0 else "" for c in rows["campaign"].tolist()], pa.string())
    return pa.table({
        "event": np.arange(len(rows)) + first_event, "year": rows["year"],
        "peril": _words(rows["peril"], names["peril"]),
        "region": _words(rows["region"], names["region"]),
        "event_id": _words(np.where(rows["row"] < 0, len(ids) - 1, rows["row"]), ids),
        "event_no": rows["no"], "campaign_id": campaign, "start_h": rows["start"]})


_TABLES = {"years": _years, "adequacy": _adequacy, "causes": _causes, "events": _events}
