"""``simulate``: years of disruption, and what every lab loses in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.engine.kept.block_store import BlockStore
from riskmodel.engine.kept.identity import identity_of
from riskmodel.engine.long import long_run
from riskmodel.engine.long.simulation import LongTask, run_long
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.tables import to_losses
from riskmodel.engine.outages.rare_years import KEY as RARE
from riskmodel.engine.outages.rare_years import rare_facts, year_weights
from riskmodel.engine.outages.streams import check_seed
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.plan.planned import RECOVERY_CAP_DAYS, planned
from riskmodel.engine.plan.worlds import Worlds, all_rows, how_to_run
from riskmodel.engine.run.manifest import describe_run
from riskmodel.engine.run.rounds import each_task
from riskmodel.engine.run.runner import BLOCK_YEARS, Span
from riskmodel.engine.run.until import Stop, run_until
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.perils.kinetic.proposal import Proposal
    from riskmodel.world.world import World

BOOKINGS = ("occurrence", "calendar")


def simulate(world: World, years: int = 10_000, seed: int = 0, *,
             perils: Sequence[Any] | str | None = None, worlds: int = 1,
             booking: str = "occurrence", horizon_days: float = 365.0,
             recovery_cap_days: float = RECOVERY_CAP_DAYS, workers: int | None = None,
             executor: Any = None, progress: Callable[[int, int], None] | None = None,
             adequacy: bool = True, keep: str | Path | None = None,
             rare: Proposal | None = None, until: Stop | None = None,
             most_in_memory: int | None = None, events: bool = False) -> Losses:
    """Simulate years of disruption of a world and return what each lab loses.

    Parameters
    ----------
    world : the world; it is checked first, and refused with every problem at once.
    years : trials, each of ``horizon_days`` days.
    seed : one whole number; every draw is a function of it and of the labels of what is drawn.
    perils : ids or objects; None takes all of the world's.
    worlds : states of the world. With 1 every number is at its best and a holding counts where its
        probability is above one half. With more, year y runs in world y mod ``worlds``, in which
        every number of every peril is drawn from what is known of it
        (``riskmodel.perils.ignorance``) and every holding by its probability
        (``riskmodel.world.attribution``); a lab's capacity is then its mean over the years, and the
        measures have a band of ignorance beside the sampling error. Perils that are no dataclass
        with a field ``spec``, and event tables, stay as they are: the manifest says which.
    booking : "occurrence": events happen inside the year, their outages run on to recovery and
        belong to it; "calendar": a warm-up of ``recovery_cap_days`` precedes the year and losses
        are cut at both its ends.
    recovery_cap_days : every own outage ends at the latest so long after its start.
    workers : threads over blocks of years, all cores by default. The result is the same, byte for
        byte, for any number.
    executor : who computes the blocks instead of threads: an executor of ``concurrent.futures``,
        anything with its ``submit`` or ``map``, or a ``distributed.Client`` of a Dask cluster. Each
        task is one block of years on one thread (with several worlds, some blocks of one of them);
        the world travels to each process once. The result is the same, byte for byte.
    progress : called with (years done, years in all).
    adequacy : also run the calendar booking, on which LOLE, LOLH and EUE rest.
    keep : a folder for finished blocks of years. The same call with the same folder takes up what
        is finished there, after a crash, a kill or Ctrl-C, and ends with the same bytes; a call
        that differs in anything but ``years``, ``workers`` and ``executor`` is refused. The folder
        is left as it is: remove it when it is no longer needed.
    rare : ``rm.rare_regimes(...)``: wars of some theatres are drawn more often than they are, and
        every year carries the weight that makes up for it (``Losses.weights``), so that measures
        far out need fewer years. Draws of all else are those of the plain run. One world only.
        ``rm.even_regimes()`` leaves the chances true and spreads the years evenly over them.
    until : ``rm.Until(measure="tvar", level=0.99, relative_error=0.02)``: stop as soon as that
        standard error is reached, at ``years`` at the latest. It is looked at after fixed numbers
        of years; what comes back is the plain run of so many, and its manifest says what was seen.
    most_in_memory : with more years than this (250,000 where not given) the run is *long* and the
        answer a ``LongRun``: its years are summed up block by block, so that memory does not grow
        with them, and its year table is written in Parquet parts below ``keep`` (not at all
        without).
    events : also write the tables of causes and events of a long run.

    Raises
    ------
    WorldError, RiskModelError
    """
    if booking not in BOOKINGS:
        raise RiskModelError(f"booking is {booking!r}; give one of {', '.join(BOOKINGS)}")
    if workers is not None and workers < 1:
        raise RiskModelError(f"workers is {workers}; give 1 or more")
    seed = check_seed(seed)
    if until is not None:
        return run_until(until, lambda so_far, folder: simulate(
            world, so_far, seed, perils=perils, worlds=worlds, booking=booking,
            horizon_days=horizon_days, recovery_cap_days=recovery_cap_days, workers=workers,
            executor=executor, adequacy=adequacy, keep=folder, rare=rare,
            most_in_memory=most_in_memory, events=events,
            progress=None if progress is None else lambda done, _: progress(done, years)),
            years, keep)
    made = planned(world, years, seed, perils=perils, worlds=worlds, horizon_days=horizon_days,
                   recovery_cap_days=recovery_cap_days, rare=rare)
    years, worlds, plan, states = made.n_years, made.worlds, made.plan, made.states
    facts = None if rare is None else rare_facts(made.perils, world)
    shared = states, spans_of(plan, booking, adequacy)
    run, tasks = how_to_run(states, years)
    manifest = describe_run(world, plan, made.perils, years=years, seed=seed, booking=booking,
                            horizon_days=horizon_days, recovery_cap_days=recovery_cap_days,
                            worlds=worlds)
    is_long = years > (long_run.MOST_IN_MEMORY if most_in_memory is None else most_in_memory)
    if facts is not None:
        if is_long and facts["theatres"]:
            raise RiskModelError(f"{years:,} years under a proposal (rare): weighted years are not "
                                 "summed up in a long run; ask for fewer, that is what rare is for")
        manifest[RARE] = facts
    store = None if keep is None else BlockStore(
        Path(keep), identity_of(world, made.perils, manifest, adequacy=adequacy,
                                block=BLOCK_YEARS))
    if isinstance(states, Worlds):
        manifest["ignorance"] = states.describe()

    def whole(blocks: Sequence[Any], years: int, manifest: dict[str, Any]) -> Losses:
        of, rows = all_rows(states, blocks)
        losses = to_losses(of, rows, world=world, n_years=years, seed=seed, booking=booking,
                           horizon_days=horizon_days, manifest=manifest,
                           with_adequacy=adequacy or booking == "calendar")
        if facts is not None:
            losses = replace(losses, weights=year_weights(manifest, years))
        return _with_worlds(losses, states, years)

    parts: list[Any] = []
    done = 0
    try:
        if is_long:
            kept = [table for table, wanted in (
                ("years", True), ("adequacy", adequacy or booking == "calendar"),
                ("causes", events), ("events", events)) if wanted]
            long = LongTask(states, world, years, manifest, long_run.LAYOUT, tuple(kept), run,
                            shared, whole)
            found = run_long(long, store=store, workers=workers, executor=executor,
                             progress=progress)
            return _with_worlds(found, states, years)
        for task, part in each_task(run, shared, tasks, store=store, workers=workers,
                                    executor=executor):
            parts.append(part)
            done += task[-1]
            if progress is not None:
                progress(done, years)
    finally:
        if store is not None:
            store.close()
        plan.scratch.clear()
    return whole(parts, years, manifest)


def _with_worlds(losses: Losses, states: Plan | Worlds, years: int) -> Losses:
    """Add the labs' sizes in each world, where there are several.

    A lab's capacity is then its mean over the years.
    """
    if isinstance(states, Plan):
        return losses
    capacity = states.capacity_mw()
    count = np.array([states.years_of(k, years) for k in range(states.count)], dtype=float)
    return replace(losses, worlds=states.count, world_capacity_mw=capacity, plan=states,
                   capacity_mw=count @ capacity / years)


def spans_of(plan: Plan, booking: str, adequacy: bool) -> tuple[Span, ...]:
    """Return the passes over a block: the losses, and the calendar year's adequacy."""
    if booking == "calendar":
        return (Span(plan.segments, 0.0, plan.horizon_h, True, True),)
    occurrence = Span(1, -np.inf, np.inf, True, False)
    if not adequacy:
        return (occurrence,)
    return occurrence, Span(plan.segments, 0.0, plan.horizon_h, False, True)
