"""``riskmodel run``: read, check, simulate, measure, and leave a folder of answers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.cluster import cluster
from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.kept_blocks import kept_blocks
from riskmodel.commands.outputs import MANIFEST, REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.report import check_sections
from riskmodel.commands.training_table import training_table
from riskmodel.commands.worlds import check_worlds, read_checked, ready_engine
from riskmodel.errors import BeyondSpanWarning, RiskModelError

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.engine.losses.losses import Losses

TAIL_LEVEL = 0.99
RETURN_PERIOD = 100
#: what contributions.parquet explains, and by what
EXPLAINED: tuple[tuple[str, float | None], ...] = (("aal", None), ("tvar", TAIL_LEVEL))
DIMENSIONS = ("peril", "region", "node", "lab")


def run(folder: Path | None, *, as_of: str | None, years: int, seed: int,
        perils: list[str] | None, worlds: int, booking: str, workers: int | None, out: Path,
        as_json: bool, anew: bool = False, events: bool = False, dask: str | None = None,
        rare: Sequence[str] | None = None, defensive: float = 0.1, even: bool = False,
        until: str | None = None, sections: Sequence[str] | None = None,
        without: Sequence[str] | None = None) -> None:
    """Run one world and write ``out``; print the headline table, or one JSON document.

    Finished blocks of years are kept beside ``out`` until it is written: the same command goes on
    where it was stopped. ``anew`` forgets them first. ``events`` writes the tables of causes and
    events of a long run as well. ``rare`` names theatres whose wars are drawn often; what counts
    every year alike (training) is then left out. ``until`` stops the run when an error is reached,
    after ``years`` at the latest. ``sections`` and ``without`` are of the report alone.
    """
    from riskmodel.measures.until import Until, sentence
    with wrong_usage():
        target = check_target(out)
        check_sections(sections, without, worlds=worlds, weighted=bool(rare))
    world, warned = read_checked(folder, as_of)
    if warned:
        say(f"{len(warned)} warning{'s' if len(warned) > 1 else ''} about the world "
            "(`riskmodel check` lists them)")
    from riskmodel.commands.rare import proposal_asked
    from riskmodel.engine.outages.rare_years import rare_facts, rare_perils
    from riskmodel.engine.run.simulation import simulate
    from riskmodel.perils.registry import load_perils

    with wrong_usage():
        proposal = proposal_asked(rare, defensive, even=even)
        stop = None if until is None else Until.parse(until)
        if stop is not None:
            stop.check(tuple(world.labs["lab_id"]))
        chosen = rare_perils(load_perils(world, perils), proposal)
        if proposal is not None:
            rare_facts(chosen, world)
            if worlds > 1:
                raise RiskModelError("--rare and --worlds: weights of years are known for one "
                                     "world only; leave out one of the two")
        check_worlds(worlds, years)
    ready_engine()
    with kept_blocks(target, anew=anew) as blocks:
        with cluster(dask) as executor, progress_bar("simulating") as progress:
            losses = simulate(world, years=years, seed=seed, perils=perils, worlds=worlds,
                              booking=booking, workers=workers, executor=executor,
                              progress=progress, keep=blocks, events=events, rare=proposal,
                              until=stop)
        with whole_folder(target) as fresh:
            measures = write_tables(losses, fresh)
            from riskmodel.report.first_years import watch_first_years
            from riskmodel.report.html import write_report

            first, training = None, None
            if losses.weights is None:
                first = watch_first_years(losses, workers=workers)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", BeyondSpanWarning)  # the tables have said so
                    training = first.training
                _write(training, fresh / "training.parquet")
            write_report(losses, fresh / REPORT, first=first, sections=sections,
                         without=without or ())
            write_manifest(fresh, losses.manifest)
    if as_json:
        print_json({"ok": True, "out": str(target), **losses.manifest,
                    "measures": records(measures),
                    "training": None if training is None else records(training)})
        return
    headline(losses, measures)
    if stop is not None:
        say(sentence(losses.manifest["until"]))
    if even:
        say("Years are spread evenly over the regimes: the errors are upper bounds.")
    if training is None:
        say(weighing(losses, measures))
    else:
        training_table(training)
    say(f"report: {target / REPORT}")
    say(f"tables: {target} (their list: {MANIFEST})")


def weighing(losses: Losses, measures: pd.DataFrame) -> str:
    """Return what is said of weighted years: how they were drawn, and what they are worth."""
    from riskmodel.measures.weighted_words import drawn_otherwise, worth

    return (f"{drawn_otherwise(losses)} {worth(measures, TAIL_LEVEL)} Training counts every year "
            "alike and is left out.")


def write_tables(losses: Losses, folder: Path) -> pd.DataFrame:
    """Write the losses and every table made from them; return the measures."""
    from riskmodel.measures.whole_run import all_exceedance, all_measures

    losses.to_parquet(folder)
    measures = all_measures(losses)
    _write(measures, folder / "measures.parquet")
    _write(all_exceedance(losses), folder / "exceedance.parquet")
    _write(all_contributions(losses), folder / "contributions.parquet")
    return measures


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False)


def all_contributions(losses: Losses) -> pd.DataFrame:
    """Return who and what explains AAL and TVaR, for the total and for each lab.

    One row per explained lab (``of``), dimension (``by``) and its value (``key``).
    """
    import pandas as pd

    from riskmodel.measures.contributions import contributions

    parts = []
    # a tail that the years cannot hold is NaN in the measures, with a note; it has no parts
    held = [(name, level) for name, level in EXPLAINED
            if level is None or losses.n_years * (1 - level) > 1 - 1e-9]
    for of in (None, *losses.labs):
        for name, level in held:
            for by in DIMENSIONS:
                if of is not None and by == "lab":
                    continue
                part = contributions(losses, measure=name, level=level, by=[by], lab=of)
                part = part.rename(columns={by: "key"})
                part.insert(1, "by", by)
                parts.append(part.drop(columns=["lab"], errors="ignore"))
    return pd.concat(parts, ignore_index=True)


def headline(losses: Losses, measures: pd.DataFrame) -> None:
    """Print the headline table: a line per lab with capacity, and the total."""
    import pandas as pd

    rows = []
    idle = 0
    for lab, part in measures.groupby("lab", sort=False):
        capacity = pick(part, "capacity")["value"]
        if capacity == 0:
            idle += 1
            continue
        aal, share, any_loss = pick(part, "aal"), pick(part, "aal_share"), pick(part, "p_loss")
        tail = pick(part, "aep", RETURN_PERIOD)
        tvar = pick(part, "tvar", TAIL_LEVEL)
        band = {"what worlds say": f"{number(aal['band_low'])} to {number(aal['band_high'])}"
                } if losses.worlds > 1 else {}
        rows.append({
            "lab": lab,
            "IT MW": number(capacity),
            "AAL, MW-days": with_error(aal["value"], aal["se"]),
            **band,
            "of its capacity": f"{number(100 * share['value'])} %",
            "years with a loss": f"{number(100 * any_loss['value'])} %",
            **worth_of(aal, tvar),
            f"1-in-{RETURN_PERIOD} year": with_error(tail["value"], tail["se"]),
            f"worst {100 * (1 - TAIL_LEVEL):.0f} % of years":
                with_error(tvar["value"], tvar["se"]),
        })
    frame = pd.DataFrame(rows)
    more = ""
    if idle:
        more = f"; {idle} lab{'s' if idle > 1 else ''} without capacity on that day left out"
    print_table(
        frame, f"Lost training capacity, {losses.n_years:,} year{'s' * (losses.n_years != 1)}, "
        f"seed {losses.seed}",
        right=[name for name in frame.columns if name != "lab"],
        caption=f"{losses.booking} booking; ± is one standard error; MW-days of IT power"
                f"{_told(losses)}{more}")


def worth_of(aal: dict[str, Any], tvar: dict[str, Any]) -> dict[str, str]:
    """Return the effective numbers of years of a lab, where years carry weights."""
    if "n_effective" not in aal:
        return {}
    return {"effective years, mean": number(aal["n_effective"]),
            f"worst {100 * (1 - TAIL_LEVEL):.0f} %": number(tvar["n_effective"])}


def _told(losses: Losses) -> str:
    if losses.worlds == 1:
        return ""
    return (f"; {losses.worlds} worlds: nine in ten have a true AAL within what worlds say, and IT "
            "MW is their mean")


def pick(measures: pd.DataFrame, name: str, level: float | None = None) -> dict[str, Any]:
    """Return the row of one measure at one level."""
    rows = measures[measures["measure"] == name]
    if level is not None:
        rows = rows[(rows["level"] - level).abs() < 1e-9]
    return dict(rows.iloc[0])
