"""``riskmodel training``: a lab's lost capacity as chips, FLOP, progress, months and model loss."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import WrongUsage, print_json, records, say, waiting, wrong_usage
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_holds, check_labs, read_checked, simulated
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.compute.levers import Lever
    from riskmodel.compute.runspec import RunSpec
    from riskmodel.compute.scaling import Law
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

#: columns of the file: all parts under each other
FILE_COLUMNS = ("lab", "part", "quantity", "run", "measure", "level", "value", "se", "low", "high",
                "input_low", "input_high", "band_low", "band_high", "unit", "n", "constants",
                "note")


@dataclass(frozen=True)
class RunAsked:
    """The run as the user asked for it; None leaves a number to ``compute/training.toml``."""

    mode: str | None = None
    quorum_share: float = 0.75
    largest: int | None = None
    interval_h: float | None = None
    restart_h: float | None = None
    offsite_lag_h: float | None = None
    on_site_only: bool = False
    place: str | None = None

    def specs(self, world: World) -> list[RunSpec]:
        """Return the run in the mode asked for, or in all three."""
        from riskmodel.compute.runspec import run_spec, three_modes

        if self.on_site_only and self.offsite_lag_h is not None:
            raise RiskModelError("--on-site-only and --offsite-lag-h exclude each other; give one")
        given: dict[str, Any] = {
            name: value for name in ("largest", "interval_h", "restart_h", "offsite_lag_h")
            if (value := getattr(self, name)) is not None}
        if self.on_site_only:
            given["offsite_lag_h"] = None
        three = three_modes(run_spec("rigid", self.place, world=world, **given), self.quorum_share)
        return [spec for spec in three if self.mode in (None, spec.mode)]


@dataclass(frozen=True, eq=False)
class TrainingFigures:
    """What the verb found: four tidy frames of one lab, and what they were computed with."""

    lab: str
    years: int
    worlds: int
    level: float
    specs: list[RunSpec]
    laws: list[Law]
    ledgers: pd.DataFrame
    progress: pd.DataFrame
    answers: pd.DataFrame
    levers: pd.DataFrame


def training(folder: Path | None, *, lab: str, as_of: str | None, years: int, seed: int,
             worlds: int, perils: list[str] | None, level: float, run: RunAsked,
             laws: list[str] | None, mfu: float | None, levers: list[str], out: Path | None,
             as_json: bool) -> None:
    """Simulate, then print what the lab's average and worst years mean for its training."""
    check_table_file(out)
    world, _ = read_checked(folder, as_of)
    check_labs(world, [lab])
    from riskmodel.compute.ledger import conversion
    from riskmodel.compute.scaling import read_law

    with wrong_usage():  # before the years are simulated
        specs = run.specs(world)
        used = ([read_law(name, world=world) for name in laws] if laws
                else [read_law(world=world)])
        chosen = levers_given(levers, world)
        conversion(world, mfu)
        check_holds(world, lab)
    losses = simulated(world, years, seed, perils, worlds=worlds, adequacy=False)
    with waiting("watching sites, and what runs over them lose"):
        found = training_figures(losses, lab, specs, used, chosen, level=level, mfu=mfu)
    write_table_file(as_one_table(found), out)
    if as_json:
        print_json({"ok": True, "lab": lab, "as_of": world.as_of, "years": years, "seed": seed,
                    "worlds": worlds, "level": level, "out": out,
                    "runs": [{"label": spec.label, **asdict(spec)} for spec in specs],
                    "constants": [law.constants for law in used],
                    "ledgers": records(found.ledgers), "progress": records(found.progress),
                    "answers": records(found.answers), "levers": records(found.levers)})
        return
    from riskmodel.commands.training_shown import show

    show(found, seed)
    if out is not None:
        say(f"table: {out}")


def training_figures(losses: Losses, lab: str, specs: list[RunSpec], laws: list[Law],
                     levers: list[Lever], *, level: float, mfu: float | None) -> TrainingFigures:
    """Return a lab's ledgers, lost progress, the four answers to them, and its levers."""
    from riskmodel.compute.levers import resilience_bought
    from riskmodel.compute.training import training_parts

    read = training_parts(losses, specs, labs=[lab], level=level, law=laws, mfu=mfu)
    three = _of(read.ledgers, lab)
    frames = [_of(found, lab).assign(run=run) for run, found in read.answers.items()]
    mw = three[three["ledger"] == "mw_days"].set_index("measure")["value"]
    bought = resilience_bought(float(mw["capacity"]), levers, days=losses.horizon_days,
                               aal_mw_days=float(mw["aal"]) or float("nan"),
                               world=losses.world)
    return TrainingFigures(lab, losses.n_years, losses.worlds, level, specs, laws, three,
                           read.progress.reset_index(drop=True),
                           pd.concat(frames, ignore_index=True), bought)


def levers_given(texts: list[str], world: World) -> list[Lever]:
    """Return the levers of the file, with the factors that a user wrote as ``NAME=FACTOR``."""
    from riskmodel.compute.inputs import Band
    from riskmodel.compute.levers import read_levers

    known = read_levers(world)
    for text in texts:
        name, _, number = text.partition("=")
        try:
            factor = float(number)
        except ValueError:
            raise WrongUsage(f"--lever {text}: write NAME=FACTOR, such as relex=3") from None
        if name not in known:
            raise WrongUsage(f"--lever {text}: there is no lever {name!r}; there are "
                             f"{', '.join(known)}")
        known[name] = replace(known[name], factor=Band(factor, factor, factor),
                              source="given by the user", confidence="", note="")
    return list(known.values())


def as_one_table(found: TrainingFigures) -> pd.DataFrame:
    """Return all parts under each other, in the columns of ``FILE_COLUMNS``."""
    parts = [
        found.ledgers.rename(columns={"ledger": "quantity", "chips_low": "input_low",
                                      "chips_high": "input_high"}).assign(part="ledger"),
        found.progress.assign(part="progress"),
        # an answer's own bounds come from its inputs; the interval of simulation is sim_*
        found.answers.rename(columns={
            "question": "quantity", "low": "input_low", "high": "input_high", "sim_low": "low",
            "sim_high": "high"}).assign(part="answer", n=found.years),
        found.levers.rename(columns={
            "lever": "quantity", "mw_days": "value", "mw_days_low": "input_low",
            "mw_days_high": "input_high"}).assign(part="lever", lab=found.lab,
                                                  measure="mw_days_bought")]
    rows = [row for part in parts for row in part.to_dict("records")]
    frame = pd.DataFrame(rows, columns=list(FILE_COLUMNS))
    texts = ["run", "constants", "note"]
    return frame.assign(**{name: frame[name].fillna("") for name in texts})


def _of(frame: pd.DataFrame, lab: str) -> pd.DataFrame:
    return frame[frame["lab"] == lab].reset_index(drop=True)
