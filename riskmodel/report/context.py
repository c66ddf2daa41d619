"""What the sections of a report share: the losses, their measures (computed once), the names."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from riskmodel.errors import BeyondSpanWarning
from riskmodel.report.names import UNKNOWN_LAB, Names

if TYPE_CHECKING:
    from riskmodel.engine.long.long_run import LongRun
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

TAIL_PERIOD = 100.0  # the return period of the headline, years
TAIL_LEVEL = 0.99  # and its probability
HEADLINE = ("capacity", "aal", "aal_share", "p_loss", "aep", "tvar", "lole", "eue")
MOST_LABS = 100  # rows of a table; the rest is summed in one row
#: perils whose colour is the same in every report; the worst of the others take what is left
USUAL_PERILS = ("kinetic_strike", "grid_outage", "cloud_outage", "site_failure")
COLOURS = 8  # colours that stay apart, also for colour-blind readers


@dataclass(frozen=True)
class Section:
    """One part of the report: where it is linked to, its heading and its content."""

    key: str
    title: str
    body: Markup


@dataclass
class Context:
    """Losses with everything that several sections read from them."""

    losses: Losses
    world: World | None = None
    sites: bool = False
    title: str | None = None
    story_year: int | None = None
    sensitivity_years: int = 5000
    every: LongRun | None = None  # all years, where ``losses`` are only the first of a long run
    lab: str = ""  # the one lab that the report is of, and ``losses`` are; "" for all
    whole: Context | None = None  # with ``lab``: the same of all labs, to compare with
    since: Losses | Path | None = None  # an earlier run to compare with; else the last version
    kept: dict[str, Any] = field(default_factory=dict)  # answers that several sections read

    @cached_property
    def weighing(self) -> str:
        """What is said of years that carry weights; empty where they carry none."""
        if self.losses.weights is None:
            return ""
        from riskmodel.measures.weighted_words import drawn_otherwise, worth

        told = worth(self._measured("total"), TAIL_LEVEL)
        return f"{drawn_otherwise(self.losses)} {told}".strip()

    @cached_property
    def names(self) -> Names:
        """Names of labs, perils, regions and nodes."""
        return Names(self.world, self.sites)

    def only(self, lab: str) -> Context:
        """Return the same of one lab alone, whose losses are then the whole."""
        return dataclasses.replace(self, losses=self._part([lab]), lab=lab, whole=self,
                                   kept=dict(self.kept))

    @property
    def run(self) -> Losses:
        """The losses of all labs of the run, for what runs its years again."""
        return self.losses if self.whole is None else self.whole.losses

    @property
    def subject(self) -> str:
        """Whose losses are told, in a sentence."""
        return self.names.lab(self.lab) if self.lab else "all labs together"

    def called(self, lab: str) -> str:
        """Return the name of a lab, or of the whole for "total"."""
        return "All labs" if lab == "total" and not self.lab else self.names.lab(
            self.lab if lab == "total" else lab)

    def lines(self, most: int, *, hit: bool = False) -> list[str]:
        """Return the rows of a table: the first labs and "total"; the one lab where there is one.
        """
        return [self.lab] if self.lab else [*self.first(most, hit=hit), "total"]

    @cached_property
    def held(self) -> dict[str, float]:
        """IT MW at each site of the world: all of it, or what the one lab holds on average."""
        if self.world is None:
            return {}
        sites = self.world.sites
        ids, mw = [str(site) for site in sites["site_id"]], sites["it_mw"].fillna(0.0)
        if not self.lab:
            return dict(zip(ids, (float(each) for each in mw), strict=True))
        if self.losses.worlds > 1:
            from riskmodel.engine.plan.held import held_mw

            mean = held_mw(self.run, self.lab, ids, world=self.world).mean(axis=0)
            rows = self.world.holdings
            named = set(rows.loc[rows["lab_id"] == self.lab, "site_id"])  # what is idle among it
            return {site: float(each) for site, each in zip(ids, mean, strict=True)
                    if each > 0 or site in named}
        rows = self.world.effective_holdings()
        rows = rows[rows["lab_id"] == self.lab]
        share = dict(zip(rows["site_id"], rows["share"], strict=True))
        return {site: float(share[site] * each) for site, each in zip(ids, mw, strict=True)
                if site in share}

    @property
    def measured(self) -> Losses:
        """The losses that the headline is of."""
        return self.losses if self.every is None else self.every

    @property
    def annual(self) -> bool:
        """Whether annual measures exist."""
        return self.losses.kind == "annual"

    @cached_property
    def capacity(self) -> dict[str, float]:
        """IT MW of each lab."""
        return {lab: float(mw) for lab, mw in
                zip(self.losses.labs, self.losses.capacity_mw, strict=True)}

    @cached_property
    def idle(self) -> list[str]:
        """Labs without capacity on that day."""
        return [lab for lab, mw in self.capacity.items() if mw == 0]

    @cached_property
    def lost(self) -> dict[str, float]:
        """MW-days each lab lost over all years, by their weights (or in the story)."""
        frame = self.losses.years
        if self.losses.weights is not None:
            weight = self.losses.weights[frame["year"].to_numpy(np.int64)]
            frame = frame.assign(lost_mw_days=frame["lost_mw_days"] * weight)
        sums = frame.groupby("lab")["lost_mw_days"].sum()
        return {lab: float(sums.get(lab, 0.0)) for lab in self.losses.labs}

    @cached_property
    def total_lost(self) -> float:
        """MW-days lost by all labs over all years (or in the story)."""
        return float(sum(self.lost.values()))

    @cached_property
    def ranked(self) -> list[str]:
        """Labs that hold capacity (or whose capacity is not known), worst first, unknown last."""
        labs = [lab for lab in self.losses.labs if lab not in set(self.idle)]
        return sorted(labs, key=lambda lab: (lab == UNKNOWN_LAB, -self.lost[lab], lab))

    def first(self, most: int, *, hit: bool = False) -> list[str]:
        """Return the first ``most`` ranked labs, ``unknown`` always among them.

        ``hit`` leaves out the labs that lost nothing.
        """
        labs = [lab for lab in self.ranked if self.lost[lab] > 0 or not hit]
        if len(labs) > most and labs[-1] == UNKNOWN_LAB:
            return [*labs[: most - 1], UNKNOWN_LAB]
        return labs[:most]

    @cached_property
    def total_capacity(self) -> float:
        """IT MW of all labs; NaN where one is not known."""
        return float(np.sum(self.losses.capacity_mw))

    @cached_property
    def as_of(self) -> str:
        """Day of the world, as text, or nothing."""
        told = self.losses.manifest
        of_world = told.get("world")
        named = of_world.get("as_of") if isinstance(of_world, Mapping) else told.get("as_of")
        return str(named or getattr(self.world, "as_of", None) or "")

    def _measured(self, by: str) -> pd.DataFrame:
        if by == "total" and self.lab:  # a long run measures all its labs at once
            frame = self._measured("lab")
            return frame[frame["lab"] == self.lab].assign(lab="total")
        from riskmodel.measures.measure import measure

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BeyondSpanWarning)  # the table says so itself
            return measure(self.measured, by=by, measures=list(HEADLINE),
                           return_periods=(TAIL_PERIOD,), levels=(TAIL_LEVEL,))

    @cached_property
    def by_lab(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(lab, measure) -> row of the headline measures."""
        return _rows(self._measured("lab"))

    @cached_property
    def by_total(self) -> dict[tuple[str, str], dict[str, Any]]:
        """("total", measure) -> row of the headline measures."""
        return _rows(self._measured("total"))

    def row(self, lab: str, measure: str) -> dict[str, Any]:
        """Return the estimate of one measure of a lab or of "total"."""
        table = self.by_total if lab == "total" else self.by_lab
        return table.get((lab, measure), {"value": np.nan, "se": np.nan, "high": np.nan})

    def value(self, lab: str, measure: str) -> float:
        """Return the value of one measure of a lab or of "total"."""
        return float(self.row(lab, measure)["value"])

    def of_labs(self, labs: list[str]) -> Context:
        """Return the same for a few labs, so that thousands are not measured to show six."""
        return Context(self._part(labs), self.world, sites=self.sites)

    def _part(self, labs: list[str]) -> Losses:
        losses, where = self.losses, [self.losses.labs.index(lab) for lab in labs]
        frames = {name: frame[frame["lab"].isin(labs)] for name in ("years", "causes", "adequacy")
                  if (frame := getattr(losses, name)) is not None}
        return dataclasses.replace(
            losses, labs=tuple(labs), capacity_mw=losses.capacity_mw[where],
            needed_share=losses.needed_share[where],
            world_capacity_mw=None if losses.world_capacity_mw is None
            else losses.world_capacity_mw[:, where], **frames)

    def curve(self, basis: str, by: str, periods: list[float]) -> pd.DataFrame:
        """Return the exceedance curve on the periods within the simulated span."""
        from riskmodel.measures.measure import exceedance

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BeyondSpanWarning)
            return exceedance(self.losses, basis=basis, by=by, return_periods=periods)

    def contributions(self, measure: str, by: list[str], level: float | None = None,
                      lab: str | None = None) -> pd.DataFrame:
        """Return what a measure is made of, largest first; empty where no cause is recorded."""
        from riskmodel.measures.contributions import contributions

        if self.losses.causes.empty:
            return pd.DataFrame(columns=[*by, "value", "share", "se"])
        frame = contributions(self.losses, measure=measure, level=level, by=by, lab=lab,
                              world=self.world)
        return frame.sort_values("value", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def by_peril(self) -> pd.DataFrame:
        """Contributions of the perils to the total AAL, or to the story."""
        return self.contributions("aal" if self.annual else "total", ["peril"])

    @cached_property
    def by_region(self) -> pd.DataFrame:
        """Contributions of peril and region to the total AAL, or to the story."""
        return self.contributions("aal" if self.annual else "total", ["region", "peril"])

    @cached_property
    def perils(self) -> list[str]:
        """Perils that caused a loss, worst first."""
        return [str(peril) for peril in self.by_peril["peril"]]

    def colour(self, peril: str) -> str:
        """Return the style class of a peril: the usual ones keep theirs from report to report."""
        known = [*USUAL_PERILS, *(each for each in self.perils if each not in USUAL_PERILS)]
        order = known.index(peril) if peril in known else COLOURS  # c8 is that of all the rest
        return f"c{min(order, COLOURS - 1) + 1}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _rows(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    return {(str(row["lab"]), str(row["measure"])): row for row in records(frame)}
