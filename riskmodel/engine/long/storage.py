"""A long run to a folder and back: what is known of all years, the first years, and the parts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.engine.kept.sealed import Damaged, read_sealed, write_sealed
from riskmodel.engine.long.accumulators import Accumulators
from riskmodel.engine.long.long_run import LongRun, NotKept, link_or_copy
from riskmodel.engine.long.year_parts import part_name
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.storage import HEAD, TABLES, of_head, read_losses, write_losses
from riskmodel.errors import RiskModelError
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.world.world import World

BOOK = "all_years.sealed"
FIRST = "first"


def write_long(run: LongRun, folder: Path) -> Path:
    """Write a long run; the head comes last, so that half of it does not pass for a result."""
    folder.mkdir(parents=True, exist_ok=True)
    head = folder / HEAD
    head.unlink(missing_ok=True)
    parts = {}
    for table in TABLES:
        (folder / f"{table}.parquet").unlink(missing_ok=True)  # of another, shorter run
        if table not in run.tables or run.folder is None:
            shutil.rmtree(folder / table, ignore_errors=True)
            continue
        (folder / table).mkdir(exist_ok=True)
        found = sorted((run.folder / table).glob("part-*.parquet"))
        if folder.resolve() != run.folder.resolve():
            for path in (folder / table).iterdir():
                path.unlink()
            for path in found:
                link_or_copy(path, folder / table / path.name)
        parts[table] = len(found)
    write_losses(run.first, folder / FIRST)
    write_sealed(folder / BOOK, *run.accumulators.arrays())
    text = json.dumps({
        "long": True, "labs": list(run.labs), "capacity_mw": run.capacity_mw.tolist(),
        "needed_share": run.needed_share.tolist(), "n_years": run.n_years, "seed": run.seed,
        "booking": run.booking, "horizon_days": run.horizon_days, "worlds": run.worlds,
        "world_capacity_mw": None if run.world_capacity_mw is None
        else run.world_capacity_mw.tolist(),
        "adequacy": run.adequacy is not None, "parts": parts, "manifest": run.manifest}, indent=1)
    write_whole(head, text + "\n")
    return folder


def read_long(folder: Path, facts: dict[str, Any], world: World | None) -> LongRun:
    """Read what ``write_long`` wrote; ``facts`` is its head."""
    try:
        book = Accumulators.from_arrays(*read_sealed(folder / BOOK))
    except (FileNotFoundError, Damaged):
        raise RiskModelError(f"{folder / BOOK} is missing or damaged; run again") from None
    for table, count in facts["parts"].items():
        for number in range(count):
            if not (folder / table / part_name(number)).is_file():
                raise RiskModelError(f"{folder / table / part_name(number)} is missing; run again")
    return LongRun(
        years=NotKept("years"), causes=NotKept("causes"), events=NotKept("events"),  # type: ignore[arg-type]
        adequacy=NotKept("adequacy") if facts["adequacy"] else None,  # type: ignore[arg-type]
        world=world, all_years=book, first=read_losses(folder / FIRST, world=world),
        folder=folder, tables=tuple(facts["parts"]), **of_head(facts))


def read_years(run: LongRun, first: int, end: int) -> Losses:
    """Return the years from ``first`` to before ``end`` of a long run as a year table.

    They are numbered from 0, so that everything reads them as the years of a run. Causes and
    events come along where the run kept them.
    """
    if not 0 <= first < end <= run.n_years:
        raise RiskModelError(f"years is ({first}, {end}), and the run has the years 0 to before "
                             f"{run.n_years}; give (first, end) within them")
    if first % run.worlds:
        raise RiskModelError(f"years begin at {first}, in the middle of a round of the run's "
                             f"{run.worlds} worlds; begin at {first - first % run.worlds}")
    if run.folder is None or "years" not in run.tables:
        raise RiskModelError("this long run kept no year table; simulate with keep=folder")
    frames = {table: _rows(run.folder / table, first, end) for table in run.tables}
    empty = {table: getattr(run.first, table).iloc[:0] for table in ("causes", "events")}
    return Losses(
        years=frames["years"], causes=frames.get("causes", empty["causes"]),
        events=frames.get("events", empty["events"]), adequacy=frames.get("adequacy"),
        labs=run.labs, capacity_mw=run.capacity_mw.copy(), needed_share=run.needed_share.copy(),
        n_years=end - first, seed=run.seed, booking=run.booking, horizon_days=run.horizon_days,
        manifest={**run.manifest, "years": end - first,
                  "source": f"the years {first} to before {end} of a long run"},
        worlds=run.worlds, world_capacity_mw=run.world_capacity_mw)


def _rows(folder: Path, first: int, end: int) -> pd.DataFrame:
    import pyarrow.dataset as ds

    # by their names: the order of the blocks; a row's year decides whether it is taken
    files = sorted(str(path) for path in folder.glob("part-*.parquet"))
    year = ds.field("year")
    table = ds.dataset(files, format="parquet").to_table(filter=(year >= first) & (year < end))
    frame = table.to_pandas()
    if folder.name in ("years", "adequacy"):  # as in a shorter run
        frame["lab"] = pd.Series(frame["lab"].astype(object).to_numpy())
    frame["year"] -= first
    return frame.sort_values("year", kind="stable", ignore_index=True)
