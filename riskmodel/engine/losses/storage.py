"""Losses to Parquet and back, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import KEY, year_weights
from riskmodel.errors import RiskModelError
from riskmodel.world.wholefile import beside, write_whole

if TYPE_CHECKING:
    from riskmodel.world.world import World

TABLES = ("years", "causes", "events", "adequacy")
HEAD = "losses.json"


def write_losses(losses: Losses, folder: str | Path) -> Path:
    """Write the tables and then the head; a folder without a head is not a result."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    head = folder / HEAD
    head.unlink(missing_ok=True)  # from here on, until the end, the folder counts as unfinished
    for name in TABLES:
        frame = getattr(losses, name)
        path = folder / f"{name}.parquet"
        if frame is None:
            path.unlink(missing_ok=True)
            continue
        with beside(path) as unfinished:
            frame.to_parquet(unfinished, index=False)
    text = json.dumps({
        "labs": list(losses.labs), "capacity_mw": [float(x) for x in losses.capacity_mw],
        "needed_share": [float(x) for x in losses.needed_share], "n_years": losses.n_years,
        "seed": losses.seed, "booking": losses.booking, "horizon_days": losses.horizon_days,
        "kind": losses.kind, "worlds": losses.worlds,
        "world_capacity_mw": None if losses.world_capacity_mw is None
        else losses.world_capacity_mw.tolist(),
        # weights of a proposal are worked out again; those from elsewhere are all there is
        **({} if losses.weights is None or KEY in losses.manifest
           else {"weights": losses.weights.tolist()}),
        "tables": [t for t in TABLES if getattr(losses, t) is not None],
        "rows": {t: len(getattr(losses, t)) for t in TABLES if getattr(losses, t) is not None},
        "categories": {f"{table}.{column}": list(frame[column].cat.categories)
                       for table in TABLES if (frame := getattr(losses, table)) is not None
                       for column in frame.columns
                       if isinstance(frame[column].dtype, pd.CategoricalDtype)},
        "manifest": losses.manifest}, indent=1, allow_nan=True)  # in order: replay reads it
    write_whole(head, text + "\n")
    return folder


def read_losses(folder: str | Path, *, world: World | None = None,
                years: tuple[int, int] | None = None) -> Losses:
    """Read what ``Losses.to_parquet`` wrote.

    Give the ``world`` where it is at hand: ``replay`` and parts of the report need it. A long run
    comes back as a ``LongRun``; of it ``years=(first, end)`` reads the year table of some years,
    numbered from 0, which cannot be run again.

    Raises
    ------
    RiskModelError
        The folder holds no finished result, or a table of it is missing or cut short.
    """
    folder = Path(folder)
    head = folder / HEAD
    if not head.is_file():
        raise RiskModelError(f"{folder} holds no finished result ({HEAD} is missing): the run that "
                             "wrote it was stopped, or it is another folder; run it again")
    try:
        facts: dict[str, Any] = json.loads(head.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RiskModelError(f"{head} is damaged ({error}); run again") from None
    _same_world(folder, facts, world)
    if facts.get("long"):
        from riskmodel.engine.long.storage import read_long, read_years

        run = read_long(folder, facts, world)
        return run if years is None else read_years(run, *years)
    if years is not None:
        raise RiskModelError(f"{folder} is no long run: read it whole, and take the years you want "
                             "of its tables")
    frames: dict[str, pd.DataFrame | None] = dict.fromkeys(TABLES)
    for name in facts["tables"]:
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise RiskModelError(f"{path} is missing; run again")
        frame = pd.read_parquet(path)
        if len(frame) != facts["rows"][name]:
            raise RiskModelError(f"{path} has {len(frame)} rows, but {HEAD} says "
                                 f"{facts['rows'][name]}; it belongs to another run: run again")
        frames[name] = _as_written(frame, name, facts["categories"])
    table, causes, events = frames["years"], frames["causes"], frames["events"]
    if table is None or causes is None or events is None:
        raise RiskModelError(f"{head} names too few tables; run again")
    return Losses(
        years=table, causes=causes, events=events, adequacy=frames["adequacy"], world=world,
        kind=facts["kind"], weights=np.array(facts["weights"], dtype=float) if "weights" in facts
        else year_weights(facts["manifest"], facts["n_years"]), **of_head(facts))


def of_head(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of ``Losses`` that stand in every head, of a long run as well."""
    capacity = facts.get("world_capacity_mw")
    return {"labs": tuple(facts["labs"]), "worlds": facts.get("worlds", 1),
            "capacity_mw": np.array(facts["capacity_mw"], dtype=float),
            "needed_share": np.array(facts["needed_share"], dtype=float),
            "world_capacity_mw": None if capacity is None else np.array(capacity, dtype=float),
            **{name: facts[name] for name in ("n_years", "seed", "booking", "horizon_days",
                                              "manifest")}}


def _same_world(folder: Path, facts: dict[str, Any], world: World | None) -> None:
    if world is not None:
        told = facts["manifest"].get("world", {}).get("fingerprint")
        if told is not None and told != world.fingerprint:
            raise RiskModelError(f"{folder} was computed on another world than the one given; "
                                 "run again, or give the world it was computed on")


def _as_written(frame: pd.DataFrame, table: str, categories: dict[str, list[str]]) -> pd.DataFrame:
    """Give columns of categories back the words they were written with, used or not."""
    for name in frame.columns:
        words = categories.get(f"{table}.{name}")
        if words is not None:
            kept = pd.Index(words, dtype=object)
            frame[name] = pd.Categorical(frame[name].astype(object), categories=kept)
    return frame
