"""``write_report``: one self-contained HTML file, or its PDF. It asks nothing of the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from riskmodel.engine.long.long_run import LongRun
from riskmodel.errors import RiskModelError
from riskmodel.report import (
    asked,
    backtests,
    buildout,
    causes,
    changes,
    concentration,
    confidence,
    contingency,
    cover,
    curves,
    dependencies,
    diversification,
    frontier_section,
    glossary,
    headline,
    ignorance,
    limits,
    method,
    next_mw,
    scenarios,
    sources,
    steadiness,
    story,
    summary,
    training,
    worldmap,
)
from riskmodel.report.browser import SUFFIX
from riskmodel.report.choice import choose, described
from riskmodel.report.context import Context, Section
from riskmodel.report.names import clean
from riskmodel.report.numbers import estimate, number, percent, whole
from riskmodel.report.page import whole_page
from riskmodel.report.pdf import write_pdf
from riskmodel.world.columns import near, nearest
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.report.first_years import FirstYears
    from riskmodel.world.world import World

#: the sections in the order in which they are read
SECTIONS: dict[str, Callable[[Context], Section]] = {
    "summary": summary.build, "headline": headline.build, "curves": curves.build,
    "ignorance": ignorance.build, "causes": causes.build, "map": worldmap.build,
    "story": story.build, "scenarios": scenarios.build,
    dependencies.KEY: dependencies.build,
    "contingency": contingency.build, "concentration": concentration.build,
    "diversification": diversification.build,
    frontier_section.KEY: frontier_section.build, "training": training.build,
    "build-out": buildout.build,
    "next-mw": next_mw.build, "cover": cover.build,
    "confidence": confidence.build, "steadiness": steadiness.build,
    changes.KEY: changes.build,
    "backtests": backtests.build, "limits": limits.build,
    "asked": asked.build, "method": method.build, "sources": sources.build,
    "glossary": glossary.build,
}
#: what a story needs of them
STORY_SECTIONS = ("summary", "headline", "story", "causes", "map", "confidence", "limits", "asked",
                  "sources")
#: what counts every year alike, and is left out where years carry weights
UNWEIGHTED = ("diversification", "frontier", "training", "next-mw", "cover")
TITLE = "Disruption risk to AI training capacity"
STORY_TITLE = "A stress test of AI training capacity"


def write_report(losses: Losses, path: str | Path, *, world: World | None = None,
                 sites: bool = False, title: str | None = None, story_year: int | None = None,
                 first: FirstYears | None = None, sections: Sequence[str] | None = None,
                 without: Sequence[str] = (), lab: str | None = None,
                 since: Losses | str | Path | None = None) -> Path:
    """Write the risk report of ``losses`` as one HTML file, or as a PDF, and return its path.

    Parameters
    ----------
    losses : result of ``simulate``, ``stress`` or ``read_losses``; of a long run the headline is
        of all years and what explains it of its first years, which the report says
    path : file to write; it appears whole or not at all. One that ends in ``.pdf`` is printed by a
        browser of this machine (``RISKMODEL_BROWSER`` names one) and needs ``riskmodel[pdf]``
    world : world of the losses, where ``losses.world`` does not hold it (after ``read_losses``);
        without any, the sections that need it say so
    sites : name sites; without it the report speaks of regions
    title : heading of the report
    story_year : year to tell day by day; without it about the 1-in-200 year
    first : ``watch_first_years(losses)`` where it is at hand, so that no year runs again
    sections : keys of the sections that are wanted (``report_sections()`` lists them); all that
        the run can have if not given. They stand in the report's own order
    without : keys of sections to leave out
    lab : one lab_id: the report is then of this lab, with others only where it is compared
    since : an earlier run, or its folder, to say what changed since; the numbers of the last
        version if not given

    Raises
    ------
    RiskModelError : the folder does not exist, ``story_year`` was not simulated, a section is not
        known or not to be had, there is no such lab, the earlier run cannot be compared, or
        nothing here prints a PDF
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise RiskModelError(f"write_report: there is no folder {str(target.parent)!r}; make it "
                             "first or give another path")
    told = losses.first.n_years if isinstance(losses, LongRun) else losses.n_years
    if story_year is not None and not 0 <= story_year < max(told, 1):
        raise RiskModelError(f"write_report: year {story_year} was not simulated, or is not among "
                             "the years a report of a long run can tell; story_year is a whole "
                             f"number from 0 to {told - 1}")
    written = _written(losses, world=world, sites=sites, title=title, story_year=story_year,
                       first=first, sections=sections, without=without, lab=lab, since=since)
    if target.suffix.lower() == SUFFIX:
        write_pdf(written.page, target, title=written.title, subject=written.subject)
    else:
        write_whole(target, written.page)
    return target


def render_report(losses: Losses, **asked: Any) -> str:
    """Return the report as the text of a page; the arguments are those of ``write_report``."""
    return _written(losses, **asked).page


class _Written(NamedTuple):
    """A report as a page, and what a file says of itself."""

    title: str
    subject: str
    page: str


def _written(losses: Losses, *, world: World | None = None, sites: bool = False,
             title: str | None = None, story_year: int | None = None,
             first: FirstYears | None = None, sections: Sequence[str] | None = None,
             without: Sequence[str] = (), lab: str | None = None,
             since: Losses | str | Path | None = None) -> _Written:
    every = losses if isinstance(losses, LongRun) else None
    if every is not None:
        losses = every.first
    if world is not None and losses.world is not world:
        losses = dataclasses.replace(losses, world=world)
    context = Context(losses, losses.world, sites=sites, title=title, story_year=story_year,
                      every=every, since=Path(since) if isinstance(since, str) else since)
    if first is not None:
        context.kept["first_years"] = first
    if lab is not None:
        context = context.only(known_lab(context, lab))
    order = SECTIONS if context.annual else [
        *STORY_SECTIONS, *(key for key in SECTIONS if key not in STORY_SECTIONS)]
    cannot = absent(losses.kind, losses.worlds, weighted=losses.weights is not None)
    wanted = choose(order, cannot, sections, without)
    heading = clean(title, 140) if title else heading_of(context)
    about = _about(context)
    page = whole_page(title=heading, sections=[SECTIONS[key](context) for key in wanted],
                      about=about, figures=_figures(context))
    return _Written(heading, ", ".join(about), page)


def known_lab(context: Context, lab: str) -> str:
    """Return a lab of the run; else an error with the nearest by id or by name."""
    labs = context.losses.labs
    if lab in labs:
        return lab
    by_name = {context.names.lab(each).lower(): each for each in reversed(labs)}
    meant = by_name.get(nearest(lab.lower(), by_name), "")
    hint = f"; did you mean {meant!r}?" if meant else near(lab, labs)
    raise RiskModelError(f"there is no lab {clean(lab)!r} in this run{hint or '.'} Labs: "
                         f"{', '.join(clean(each) for each in sorted(labs))}")


def heading_of(context: Context) -> str:
    """Return the title of a report that was given none."""
    if context.lab:
        return (f"Disruption risk to the training capacity of {context.subject}" if context.annual
                else f"A stress test of the training capacity of {context.subject}")
    return TITLE if context.annual else STORY_TITLE


def report_sections() -> dict[str, str]:
    """Return the key of each section of the report, in order, and what it is about."""
    return described(SECTIONS)


def absent(kind: str = "annual", worlds: int = 1, *, weighted: bool = False) -> dict[str, str]:
    """Return the keys of the sections that the report of such a run cannot have, and why."""
    found = {}
    if worlds == 1:
        found["ignorance"] = "it tells several worlds apart, and the run has one"
    if weighted:
        found |= dict.fromkeys(UNWEIGHTED, "it counts every year alike, and these carry weights")
    if kind != "annual":
        found |= {key: "a story has no average year" for key in SECTIONS
                  if key not in STORY_SECTIONS}
    return found


def _about(context: Context) -> list[str]:
    losses = context.losses
    about = [f"World of {context.as_of}" if context.as_of else "A world without a date"]
    if context.annual:
        about += [f"{whole(context.measured.n_years)} simulated years",
                  "a year table from elsewhere" if losses.seed is None else f"seed {losses.seed}"]
        if losses.weights is not None:
            about.append("years weighted: rare wars drawn often")
        if losses.worlds > 1:
            about.append(f"{whole(losses.worlds)} worlds")
    else:
        about.append("one story, no frequencies")
    about.append(f"{losses.booking} booking")
    return about


def _figures(context: Context) -> list[tuple[str, str, str]]:
    """Return the few numbers at the top: value, unit, what it is."""
    figures = [(number(context.total_capacity), "MW IT", "capacity on that day")]
    if context.annual:
        row = context.row("total", "aal")
        share = context.value("total", "aal_share")
        figures += [
            (estimate(float(row["value"]), float(row["se"])), "MW-days a year",
             "average annual loss" + ("" if share != share else f", {percent(share)} of capacity")),
            (number(context.value("total", "aep")), "MW-days", "lost in one year in 100, or more"),
            (percent(context.value("total", "p_loss")), "of years", "lose something")]
    else:
        figures.append((number(context.total_lost), "MW-days", "lost in the story"))
    return figures
