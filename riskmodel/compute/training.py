"""What a lab's lost year means for training, in one table: ledgers, progress and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.compute.growth import Growth
from riskmodel.compute.inputs import Band
from riskmodel.compute.labconsequences import lab_consequences
from riskmodel.compute.ledger import ledgers
from riskmodel.compute.progress import RunCourses, progress_measures, run_courses
from riskmodel.compute.runspec import RunSpec, run_spec, three_modes
from riskmodel.compute.scaling import Law
from riskmodel.engine.losses.firstyears import first_years
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.outages.rare_years import refuse_weighted
from riskmodel.engine.plan.again import again, same_world
from riskmodel.errors import RiskModelError
from riskmodel.world.exposure import UNKNOWN

if TYPE_CHECKING:
    from riskmodel.world.world import World

MOST_YEARS = 20_000  # run again: what is kept of a year grows with the sites it hits
TAIL_LEVEL = 0.99
MEASURES = ("capacity", "aal", "tvar")
#: what the answers of ``lab_consequences`` are called here
ANSWERS = {"replanned_loss": "loss_replanned", "fewer_tokens_loss": "loss_frozen",
           "slip_days": "months_slip", "trend_months": "trend_months",
           "trend_months_effective": "trend_months_effective"}
PROGRESS = ("lost_progress", "lost_run_days")
COLUMNS = ("lab", "quantity", "run", "measure", "level", "value", "se", "low", "high", "input_low",
           "input_high", "band_low", "band_high", "unit", "n", "worlds", "booking", "law",
           "constants", "note")
_MONTH = 365.25 / 12.0
_Z = 1.959964


@dataclass(frozen=True, eq=False)
class TrainingParts:
    """What a table of training is put together from, under the same courses of sites.

    ``ledgers`` and ``progress`` as their functions give them; ``answers`` of the FLOP of lost
    capacity and of each run's lost progress, by the run's name ("" of capacity).
    """

    ledgers: pd.DataFrame
    progress: pd.DataFrame
    answers: dict[str, pd.DataFrame]


def training_parts(losses: Losses, specs: Sequence[RunSpec], *, labs: Sequence[str] | None = None,
                   level: float = TAIL_LEVEL, law: Law | str | Iterable[Law | str] | None = None,
                   growth: Growth | None = None, mfu: Band | float | None = None,
                   courses: RunCourses | None = None) -> TrainingParts:
    """Return ledgers, lost progress, and what they mean, of all years of ``losses``.

    Parameters
    ----------
    labs : whose progress; all but ``unknown`` where not given
    level, law, growth, mfu, courses : as of ``training_losses``; several laws give several answers
    """
    if courses is None:
        courses = run_courses(losses)
    return TrainingParts(
        ledgers(losses, measures=MEASURES, levels=(level,), mfu=mfu, courses=courses.sites),
        progress_measures(losses, specs, labs=labs, measures=MEASURES, levels=(level,),
                          courses=courses),
        {"" if spec is None else spec.label: lab_consequences(
            losses, spec, levels=(level,), law=law, growth=growth, mfu=mfu, courses=courses)
         for spec in (None, *specs)})


def training_losses(losses: Losses, *, labs: Sequence[str] | None = None,
                    level: float = TAIL_LEVEL,
                    runs: Sequence[RunSpec] | None = None, law: Law | str | None = None,
                    growth: Growth | None = None, mfu: Band | float | None = None,
                    years: int = MOST_YEARS, courses: RunCourses | None = None,
                    world: World | None = None) -> pd.DataFrame:
    """Return what the average and the worst years of each lab mean for its training.

    Parameters
    ----------
    labs : some of the labs of the losses; all where not given
    level : of the tail: .99 is the mean of the worst year in a hundred
    runs : how a lab's run over all its sites is laid out; rigid, by quorum of three quarters and
        elastic where not given
    law : a scaling law or its name; the file's default where not given
    years : the first of so many are run again; all of them where the run has no more
    courses : ``run_courses`` of just those years, where they are at hand

    Returns
    -------
    frame ``lab, quantity, run, measure, level, value, se, low, high, input_low, input_high,
    band_low, band_high, unit, n, worlds, booking, law, constants, note``
        ``quantity`` is ``mw_days``, ``h100e_days`` or ``flop`` (``run`` is empty);
        ``lost_progress`` (MW-days) or ``lost_run_days`` of each run; ``loss_replanned`` and
        ``loss_frozen`` (nats a token, added), ``months_slip``, ``trend_months`` and
        ``trend_months_effective`` of lost capacity (``run`` is empty) and of each run's lost
        progress. ``measure`` is ``capacity``, ``aal`` or ``tvar``. ``low`` and ``high`` are the
        95 % interval of simulation; ``input_low`` and ``input_high`` the ends of what goes in
        (chips and MFU, growth; capacity that comes back or stays lost for slip); ``band_*`` those
        of ignorance where the run has several worlds. ``se`` of an answer is that of the loss
        times the answer's slope over the interval. ``law`` and ``constants`` name the set in force.

    Notes
    -----
    Rows are labs that hold capacity; what nobody is known to hold trains nothing.

    Raises
    ------
    RiskModelError : a story, a bare year table or years with weights, a level outside 0 to 1, or
        courses of other years
    """
    if not 0 < level < 1:
        raise RiskModelError(f"training_losses: level is {level}; give a share between 0 and 1, "
                             "such as .99 for the worst year in a hundred")
    if years < 1:
        raise RiskModelError(f"training_losses: years is {years}; give 1 or more")
    place = same_world(losses, world, "training_losses")
    refuse_weighted(losses, "training_losses")
    # compiled once, also where the losses were read from a folder
    few = replace(first_years(losses, years), world=place, plan=again(losses, place))
    if labs is not None:
        few = _of_labs(few, labs)
    specs = list(three_modes(run_spec(world=place)) if runs is None else runs)
    read = training_parts(few, specs, level=level, law=law, growth=growth, mfu=mfu,
                          courses=courses)
    lost = read.progress
    parts = [_ledgers(read.ledgers), lost[lost["quantity"].isin(PROGRESS)]]
    for run, found in read.answers.items():
        base = (parts[0][parts[0]["quantity"] == "flop"] if run == "" else
                lost[(lost["quantity"] == "lost_progress") & (lost["run"] == run)])
        parts.append(_answers(found, base, run))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    held = frame[(frame["quantity"] == "mw_days") & (frame["measure"] == "capacity")
                 & (frame["value"] > 0)]["lab"]
    frame = frame[frame["lab"].isin(set(held) - {UNKNOWN})]
    for name in ("law", "constants", "note"):
        frame = frame.assign(**{name: frame[name].fillna("") if name in frame else ""})
    order = {lab: i for i, lab in enumerate(losses.labs)}
    return frame.sort_values("lab", key=lambda labs: labs.map(order), kind="stable",
                             ignore_index=True)[list(COLUMNS)]


def _of_labs(losses: Losses, labs: Sequence[str]) -> Losses:
    strange = [lab for lab in labs if lab not in losses.labs]
    if strange:
        raise RiskModelError(f"training_losses: there is no lab {strange[0]!r} in these losses; "
                             f"there are {', '.join(losses.labs[:20])}")
    kept = [lab for lab in losses.labs if lab in set(labs)]
    where = [losses.labs.index(lab) for lab in kept]
    held = losses.world_capacity_mw
    return replace(losses, labs=tuple(kept), capacity_mw=losses.capacity_mw[where],
                   needed_share=losses.needed_share[where],
                   world_capacity_mw=None if held is None else held[:, where],
                   years=losses.years[losses.years["lab"].isin(kept)],
                   causes=losses.causes[losses.causes["lab"].isin(kept)])


def _ledgers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns={"ledger": "quantity", "chips_low": "input_low",
                                 "chips_high": "input_high"}).assign(run="")


def _answers(found: pd.DataFrame, base: pd.DataFrame, run: str) -> pd.DataFrame:
    """Return the answers in the columns of the table, with the error of the loss behind them."""
    if found.empty:
        return found
    keys = ["lab", "measure", "level"]
    of = base.set_index(["lab", "measure"])
    where = pd.MultiIndex.from_frame(found[["lab", "measure"]])
    columns = ["se", "low", "high", "n", "worlds", "booking", "note"]
    own = of.loc[where, columns].reset_index(drop=True)
    found = found.reset_index(drop=True)
    wide = (own["high"] - own["low"]).to_numpy(float)
    rise = (found["sim_high"] - found["sim_low"]).to_numpy(float)
    slope = np.divide(rise, wide, out=np.zeros_like(rise), where=wide > 0)
    scale = np.where(found["question"] == "slip_days", 1.0 / _MONTH, 1.0)
    out = found[[*keys, "law", "constants"]].assign(
        quantity=found["question"].map(ANSWERS), run=run, se=own["se"] * slope * scale,
        unit=np.where(found["question"] == "slip_days", "months", found["unit"]),
        n=own["n"], worlds=own["worlds"], booking=own["booking"],
        note=_joined(found["note"], own["note"]))
    for name, given in (("value", "value"), ("low", "sim_low"), ("high", "sim_high"),
                        ("input_low", "low"), ("input_high", "high"),
                        ("band_low", "band_low"), ("band_high", "band_high")):
        out[name] = found[given] * scale
    return out


def _joined(first: pd.Series, second: pd.Series) -> list[str]:
    return ["; ".join(text for text in pair if isinstance(text, str) and text)
            for pair in zip(first, second, strict=True)]
