"""A run of more years than memory holds: each block is summed up, written and let go.

Blocks come in a fixed order. They are gathered into parts of a fixed number of years; at the end of
a part its files, and then all that is known so far, are written, and its blocks are forgotten. A
run that is killed goes on from the last part and the finished blocks of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kept.block_store import BlockStore, OtherRunError
from riskmodel.engine.kept.identity import differences
from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.long.accumulators import Accumulators
from riskmodel.engine.long.long_run import Layout, LongRun, NotKept
from riskmodel.engine.long.storage import FIRST
from riskmodel.engine.long.year_parts import PartWriter, part_name, whole
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.storage import HEAD, read_losses, write_losses
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.plan.worlds import WorldPart, Worlds
from riskmodel.engine.run.rounds import each_task, name_of
from riskmodel.engine.run.runner import BLOCK_YEARS, blocks_of

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: with several worlds each runs so many years of a part at least: compiling one costs time
FEWEST_OF_A_WORLD = 512


@dataclass(frozen=True, eq=False)
class LongTask:
    """What a long run is asked for; the fields are those of ``simulate``."""

    states: Plan | Worlds
    world: World
    years: int
    manifest: dict[str, Any]
    layout: Layout
    tables: tuple[str, ...]
    run: Callable[[Any, Any], Any]
    shared: Any
    whole: Callable[[Sequence[Any], int, dict[str, Any]], Losses]  # blocks, years, manifest

    @property
    def adequacy(self) -> bool:
        """Tell whether the shortfall of calendar years is found."""
        return "adequacy" in self.tables

    @property
    def worlds(self) -> int:
        """How many states of the world there are."""
        return self.states.count if isinstance(self.states, Worlds) else 1

    @property
    def plan(self) -> Plan:
        """The compiled world, every number at its best where there are several."""
        return self.states if isinstance(self.states, Plan) else self.states.base

    @property
    def first(self) -> int:
        """How many first years are kept whole: whole rounds of the worlds."""
        most = min(self.layout.first_years, self.years)
        return min(max(most - most % self.worlds, self.worlds), self.years)

    def parts(self) -> list[list[tuple[int, ...]]]:
        """Return the tasks of each part, in order; all but the last are the same in longer runs."""
        if isinstance(self.states, Plan):
            blocks, step = blocks_of(self.years), max(self.layout.part_years // BLOCK_YEARS, 1)
            return [blocks[first:first + step] for first in range(0, len(blocks), step)]
        each = max(-(-self.layout.part_years // self.worlds), FEWEST_OF_A_WORLD)
        of = [self.states.years_of(number, self.years) for number in range(self.worlds)]
        return [[(number, first, min(each, have - first)) for number, have in enumerate(of)
                 if have > first] for first in range(0, max(of), each)]


def run_long(task: LongTask, *, store: BlockStore | None, workers: int | None, executor: Any,
             progress: Callable[[int, int], None] | None) -> LongRun:
    """Run a long run, from where the store left it."""
    parts = task.parts()
    book, told = Accumulators(task.plan.labs, task.worlds, task.layout.top), _nothing(task)
    if store is not None and (found := _taken_up(task, store)) is not None:
        told, book = found
        _mend(task, parts, told, store, workers, executor)
    done = told["parts"]
    first: list[Any] = []
    stream = each_task(task.run, task.shared, [one for part in parts[done:] for one in part],
                       store=store, workers=workers, executor=executor)
    losses: Losses | None = None
    parts_named = len(task.plan.part_names)
    for number in range(done, len(parts)):
        writer = None if store is None else PartWriter(
            store.parts, number, task.tables, told["events"][-1])
        for one, block in islice(stream, len(parts[number])):
            rows, names = _named(task, block)
            world = one[0] if task.worlds > 1 else 0
            book.take(rows, one[-1], names, world, adequacy=task.adequacy)
            if writer is not None:
                writer.write(rows, names)
            if number == 0:
                first.append(_until(block, task.first))
            if progress is not None:
                progress(book.years, task.years)
        _forget_names(task.plan.part_names, parts_named)
        if number == 0:
            losses = task.whole(first, task.first, {
                **task.manifest, "years": task.first, "first_of_years": task.years})
            first = []
        if store is not None and writer is not None:
            if number == 0 and losses is not None:
                write_losses(losses, store.parts / FIRST)
                losses = None
            told = {**told, "parts": number + 1, "files": {**told["files"], **writer.close()},
                    "events": [*told["events"], writer.events]}
            if number + 1 < len(parts):  # the last part may grow in a longer run
                header, arrays = book.arrays()
                store.save_state({**header, **told}, arrays)
                store.drop(name_of(one) for one in parts[number])
    if losses is None:
        assert store is not None
        kept = read_losses(store.parts / FIRST)
        losses = replace(kept, world=task.world, plan=task.states, manifest={
            **kept.manifest, "first_of_years": task.years})
    return LongRun(
        years=NotKept("years"), causes=NotKept("causes"), events=NotKept("events"),  # type: ignore[arg-type]
        adequacy=NotKept("adequacy") if task.adequacy else None,  # type: ignore[arg-type]
        labs=task.plan.labs, capacity_mw=losses.capacity_mw.copy(),
        needed_share=losses.needed_share.copy(), n_years=task.years, seed=losses.seed,
        booking=losses.booking, horizon_days=losses.horizon_days, manifest=task.manifest,
        world=task.world, plan=task.states, all_years=book, first=losses,
        folder=None if store is None else store.parts,
        tables=task.tables if store is not None else ())


def _forget_names(names: dict[int, str], most: int) -> None:
    """Forget names of parts met in the years, such as those of waves: a replay meets them anew."""
    for number in list(names)[most:]:
        names.pop(number, None)


def _nothing(task: LongTask) -> dict[str, Any]:
    """Return what is told of a run before its first part.

    ``events`` has the number of the first event of each part, and of the next.
    """
    return {"parts": 0, "events": [0], "files": {}, "tables": list(task.tables),
            "layout": asdict(task.layout)}


def _taken_up(task: LongTask, store: BlockStore
              ) -> tuple[dict[str, Any], Accumulators] | None:
    """Return what is told and known of the finished parts, None if nothing is."""
    found = store.load_state()
    if found is None or not (store.parts / FIRST / HEAD).is_file():
        return None
    header, arrays = found
    mine = _nothing(task)
    changed = differences(*({"tables": ", ".join(one["tables"]), **one["layout"]}
                            for one in (header, mine)))
    if changed:
        raise OtherRunError(store.folder, changed)
    return {name: header[name] for name in mine}, Accumulators.from_arrays(header, arrays)


def _mend(task: LongTask, parts: list[list[tuple[int, ...]]], told: dict[str, Any],
          store: BlockStore, workers: int | None, executor: Any) -> None:
    """Write again those files of finished parts that are gone or damaged."""
    for number in range(told["parts"]):
        mine = {name: facts for name, facts in told["files"].items()
                if name.endswith(part_name(number))}
        if whole(store.parts, mine):
            continue
        writer = PartWriter(store.parts, number, task.tables, told["events"][number])
        for _, block in each_task(task.run, task.shared, parts[number], workers=workers,
                                  executor=executor):
            writer.write(*_named(task, block))
        writer.close()


def _named(task: LongTask, block: Any) -> tuple[tuple[Rows, ...], dict[str, Sequence[str]]]:
    """Return a block's rows, and the words behind their numbers."""
    plan = task.plan
    names: dict[str, Sequence[str]] = {"lab": plan.labs, "peril": plan.perils, "node": plan.nodes}
    if isinstance(block, WorldPart):
        return block.rows, {**names, "region": block.regions, "event_id": block.event_ids}
    return block, {**names, "region": plan.regions, "event_id": plan.event_ids}


def _until(block: Any, years: int) -> Any:
    """Return the rows of the years below ``years``."""
    if isinstance(block, WorldPart):
        return replace(block, rows=tuple(_cut(rows, years) for rows in block.rows))
    return tuple(_cut(rows, years) for rows in block)


def _cut(rows: Rows, years: int) -> Rows:
    keep = rows.events["year"] < years
    number = np.cumsum(keep) - 1
    causes = rows.causes[keep[rows.causes["event"]]].copy()
    causes["event"] = number[causes["event"]]
    return Rows(rows.count, rows.years[rows.years["year"] < years], causes, rows.events[keep],
                rows.adequacy[rows.adequacy["year"] < years],
                rows.courses[rows.courses["year"] < years])
