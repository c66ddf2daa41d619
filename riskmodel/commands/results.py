"""``riskmodel replay``: one year of what a run left behind, told in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    records,
    say,
)
from riskmodel.commands.outputs import read_manifest
from riskmodel.commands.worlds import world_of
from riskmodel.engine.long.long_run import LongRun
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.engine.losses.losses import Losses

#: rows of a table shown on a terminal; --json gives all
SHOWN = 20


def _read(output: Path, world_folder: Path | None) -> Losses:
    """Return the losses of a whole output, with the world they were made from."""
    manifest = read_manifest(output)
    from riskmodel.engine.losses.storage import read_losses

    world = world_of(manifest, output, world_folder)
    return read_losses(output, world=world)


def worst_year(losses: Losses) -> int:
    """Return the year in which all labs together lost most; the earliest of equals."""
    if isinstance(losses, LongRun):
        losses = losses.first  # the table of all its years is not in memory
    if losses.years.empty:
        raise RiskModelError("no year of this run has a loss; there is none to replay: run more "
                             "years, or with more perils")
    totals = losses.years.groupby("year")["lost_mw_days"].sum()
    return int(totals.index[int(totals.to_numpy().argmax())])


def replay(output: Path, *, year: int | None, world_folder: Path | None, as_json: bool) -> None:
    """Tell one simulated year in full: its events, outages and what each lab lost."""
    losses = _read(output, world_folder)
    asked = worst_year(losses) if year is None else year
    if asked >= losses.n_years:
        raise WrongUsage(f"the run has {losses.n_years:,} years, 0 to {losses.n_years - 1}; there "
                         f"is no year {asked}")
    from riskmodel.engine.stories.replay import replay as rebuild

    told = rebuild(losses, year=asked)
    if as_json:
        print_json({"ok": True, "year": asked, "seed": losses.seed,
                    "events": records(told.events), "outages": records(told.outages),
                    "timeline": records(told.timeline), "labs": records(told.labs),
                    "losses": records(told.losses)})
        return
    say(f"year {asked} of {losses.n_years:,}, seed {losses.seed}"
        + (f", the worst of {_among(losses)}" if year is None else ""))
    if told.losses.empty:
        say("nothing was lost in that year")
        return
    _show_year(told.events, told.losses)


def _among(losses: Losses) -> str:
    if isinstance(losses, LongRun):
        return f"its first {losses.first.n_years:,} years"
    return "the run"


def _show_year(events: pd.DataFrame, losses: pd.DataFrame) -> None:
    by_event = losses.groupby("event")["lost_mw_days"].sum()
    frame = events.assign(lost=events["event"].map(by_event).fillna(0.0))
    frame = frame[frame["lost"] > 0].sort_values("start_h", kind="stable")
    text = frame[["peril", "region", "event_id"]].assign(**{
        "day": [number(hour / 24) for hour in frame["start_h"]],
        "lost MW-days": [number(value) for value in frame["lost"]]})
    _print_top(text, "Events that cost capacity", ["day", "lost MW-days"])
    causes = (losses.groupby(["lab", "peril", "region", "node"], as_index=False, observed=True)
              .agg({"lost_mw_days": "sum"})
              .sort_values("lost_mw_days", ascending=False, kind="stable"))
    text = causes[["lab", "peril", "region", "node"]].assign(
        **{"lost MW-days": [number(value) for value in causes["lost_mw_days"]]})
    _print_top(text, "What each lab lost, and where it began", ["lost MW-days"])


def _print_top(frame: pd.DataFrame, title: str, right: list[str]) -> None:
    left_out = len(frame) - SHOWN
    print_table(frame.head(SHOWN), title, right=right,
                caption=f"{left_out} more rows with --json" if left_out > 0 else "")
