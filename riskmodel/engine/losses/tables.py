"""From the kernel's rows to the frames of ``Losses``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.engine.kernel.layout import Rows
from riskmodel.engine.losses.losses import HOURS_PER_DAY, Losses
from riskmodel.engine.plan.plan import Plan

if TYPE_CHECKING:
    from riskmodel.world.world import World


def to_losses(plan: Plan, parts: Sequence[tuple[Rows, ...]], *, world: World, n_years: int,
              seed: int | None, booking: str, horizon_days: float, manifest: Mapping[str, Any],
              with_adequacy: bool, kind: str = "annual",
              event_ids: Sequence[str] | None = None,
              campaigns: Sequence[str] | None = None) -> Losses:
    """Join the blocks' rows, in block order, and give the numbers their names.

    ``event_ids`` and ``campaigns`` name the events of a story, by event number.
    """
    main = [part[0] for part in parts]
    last = [part[-1] for part in parts]

    def join(rows: Sequence[Rows], name: str) -> np.ndarray:
        table, column = name.split(".")
        return np.concatenate([getattr(r, table)[column] for r in rows])

    def names(codes: np.ndarray, words: Sequence[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, categories=pd.Index(list(words), dtype=object))

    years = pd.DataFrame({
        "year": join(main, "years.year"), "lab": _words(plan.labs, join(main, "years.lab")),
        "lost_mw_days": join(main, "years.lost") / HOURS_PER_DAY,
        "shortfall_mw_days": join(main, "years.short") / HOURS_PER_DAY,
        "max_event_mw_days": join(main, "years.event") / HOURS_PER_DAY})
    peril = join(main, "events.peril")
    region = join(main, "events.region")
    row = join(main, "events.row")
    number = join(main, "events.no")
    campaign = join(main, "events.campaign")
    if event_ids is None:
        ids = _words((*plan.event_ids, ""), np.where(row < 0, len(plan.event_ids), row))
        named = np.array([str(c) if c >= 0 else "" for c in campaign], dtype=object)
    else:
        ids = _words(event_ids, number)
        named = _words(campaigns or [""] * len(event_ids), number)
    events = pd.DataFrame({
        "event": np.arange(len(row)), "year": join(main, "events.year"),
        "peril": names(peril, plan.perils), "region": names(region, plan.regions),
        "event_id": ids, "event_no": number, "campaign_id": named,
        "start_h": join(main, "events.start")})
    shift = np.cumsum([0] + [len(rows.events) for rows in main])
    event = np.concatenate([rows.causes["event"] + shift[i] for i, rows in enumerate(main)])
    causes = pd.DataFrame({
        "year": events["year"].to_numpy()[event], "event": event,
        "lab": names(join(main, "causes.lab"), plan.labs),
        "peril": names(peril[event], plan.perils), "region": names(region[event], plan.regions),
        "node": names(join(main, "causes.node"), plan.nodes),
        "lost_mw_days": join(main, "causes.lost") / HOURS_PER_DAY})
    adequacy = None
    if with_adequacy:
        adequacy = pd.DataFrame({
            "year": join(last, "adequacy.year"),
            "lab": _words(plan.labs, join(last, "adequacy.lab")),
            "shortfall_mw_days": join(last, "adequacy.short") / HOURS_PER_DAY,
            "shortfall_h": join(last, "adequacy.hours"),
            "shortfall_days": join(last, "adequacy.days")})
    return Losses(
        years=years, causes=causes, events=events, adequacy=adequacy, labs=plan.labs,
        capacity_mw=plan.capacity_mw.copy(), needed_share=plan.needed_share.copy(),
        n_years=n_years, seed=seed, booking=booking, horizon_days=horizon_days, kind=kind,
        manifest=dict(manifest), world=world, plan=plan)


def _words(words: Sequence[str], codes: np.ndarray) -> np.ndarray:
    return np.array(list(words), dtype=object)[codes]
