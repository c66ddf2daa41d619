"""One bad year, day by day, as a replay rebuilds it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from riskmodel.errors import RiskModelError
from riskmodel.report import svg
from riskmodel.report.context import Context, Section, records
from riskmodel.report.numbers import nice_ticks, number, percent, short, whole
from riskmodel.report.page import render

if TYPE_CHECKING:
    from riskmodel.engine.stories.replay import Replay

PERIOD = 200  # return period of the year that is told
MOST_EVENTS = 12
MOST_LABS = 6  # one more shade is left for the others
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 274, 58, 14, 12, 44


def pick_year(context: Context) -> tuple[int, str] | None:
    """Return the year to tell and why it; None where no year lost anything."""
    if context.story_year is not None:
        return context.story_year, "the year that was asked for"
    if not context.annual:
        return 0, ""
    sums = context.losses.years.groupby("year")["lost_mw_days"].sum()
    sums = sums[sums > 0]
    if sums.empty:
        return None
    order = sums.reset_index().sort_values(["lost_mw_days", "year"], ascending=[False, True])
    n = context.losses.n_years
    if n < PERIOD:
        return int(order["year"].iloc[0]), f"the worst of the {whole(n)} simulated years"
    if context.losses.weights is not None:
        reached = np.cumsum(context.losses.weights[order["year"].to_numpy(np.int64)])
        rank = min(int(np.searchsorted(reached, n / PERIOD)), len(order) - 1) + 1
        return int(order["year"].iloc[rank - 1]), (
            f"about the 1-in-{n / reached[rank - 1]:,.0f} year of {context.subject}, by the "
            "weights of the years")
    rank = min(math.ceil(n / PERIOD), len(order))
    which = f"rank {whole(rank)} of {whole(n)}" if rank > 1 else f"the worst of {whole(n)}"
    return int(order["year"].iloc[rank - 1]), (
        f"about the 1-in-{n / rank:,.0f} year of {context.subject} ({which})")


def steps(labs: pd.DataFrame, order: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the hours at which something changes and the lost MW of each lab from then on.

    Shapes (times,), (labs, times). Rows of one lab do not overlap or, if they do, add up.
    """
    hours = np.unique(np.concatenate([[0.0], labs["start_h"].to_numpy(float),
                                      labs["end_h"].to_numpy(float)]))
    lost = np.zeros((len(order), len(hours)))
    at = {lab: i for i, lab in enumerate(order)}
    for lab, start, end, mw in zip(labs["lab"], labs["start_h"], labs["end_h"], labs["lost_mw"],
                                   strict=True):
        first, last = np.searchsorted(hours, [start, end])
        lost[at[str(lab)], first:last] += mw
    return hours, lost


@dataclass(frozen=True, eq=False)
class Course:
    """What labs were missing over a year: the worst labs, and all others as one.

    ``hours`` at which something changes, shape (times,); ``lost`` MW of each from then on, shape
    (labs, times); ``labs`` their ids, "" for the ``others`` together; ``totals`` MW-days of each.
    """

    hours: np.ndarray
    lost: np.ndarray
    labs: tuple[str, ...]
    others: tuple[str, ...]
    totals: tuple[float, ...]


def course_of(told: Replay, most: int = MOST_LABS) -> Course:
    """Return the course of the ``most`` labs that lose most, and of all others together."""
    totals = told.losses.groupby("lab")["lost_mw_days"].sum().sort_values(ascending=False)
    totals = totals[totals > 0]
    top = [str(lab) for lab in totals.index[:most]]
    others = tuple(str(lab) for lab in totals.index[most:])
    labs = told.labs[told.labs["lab"].isin(totals.index) & (told.labs["lost_mw"] > 0)].copy()
    labs["lab"] = [lab if lab in top else "" for lab in labs["lab"].astype(str)]
    order = (*top, "") if others else tuple(top)
    hours, lost = steps(labs, list(order))
    sums = (*(float(totals[lab]) for lab in top), float(totals.iloc[most:].sum()))
    return Course(hours, lost, order, others, sums[:len(order)])


def chart(hours: np.ndarray, lost: np.ndarray, names: list[str], horizon_days: float) -> Markup:
    """Draw the lost MW over time, one lab on top of the other."""
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    days = hours / 24
    end = max(float(days[-1]), 1.0)
    pile = np.vstack([np.zeros(len(hours)), np.cumsum(lost, axis=0)])
    ticks = nice_ticks(float(pile[-1].max()))

    def x(day: float) -> float:
        return _LEFT + (right - _LEFT) * day / end

    def y(mw: float) -> float:
        return bottom - (bottom - _TOP) * mw / ticks[-1]

    drawn = []
    for tick in ticks:
        drawn += [svg.line(_LEFT, y(tick), right, y(tick), class_="grid"),
                  svg.text(_LEFT - 6, y(tick) + 4, short(tick), class_="tick", text_anchor="end")]
    for i in range(len(lost)):
        edge = [(x(d), y(v)) for d, v in _stairs(days, pile[i + 1], end)]
        floor = [(x(d), y(v)) for d, v in _stairs(days, pile[i], end)]
        drawn.append(svg.path([*edge, *floor[::-1]], close=True,
                              class_=f"area l{i + 1}"))
    drawn.append(svg.path([(x(d), y(v)) for d, v in _stairs(days, pile[-1], end)], class_="edge"))
    drawn.append(svg.line(_LEFT, bottom, right, bottom, class_="axis"))
    for tick in nice_ticks(end, 6):
        if tick <= end:
            drawn += [svg.line(x(tick), bottom, x(tick), bottom + 4, class_="axis"),
                      svg.text(x(tick), bottom + 19, f"{tick:g}", class_="tick",
                               text_anchor="middle")]
    drawn.append(svg.text((_LEFT + right) / 2, _HEIGHT - 4, "days since the beginning",
                          class_="tick", text_anchor="middle"))
    if end > horizon_days * 1.01:
        drawn += [svg.line(x(horizon_days), _TOP, x(horizon_days), bottom, class_="mark"),
                  svg.text(x(horizon_days) - 4, _TOP + 10, "year ends", class_="tick",
                           text_anchor="end")]
    peak = int(np.argmax(pile[-1]))
    whose = names[0] if len(names) == 1 else f"{len(names)} labs or groups of labs"
    desc = (f"Lost IT power of {whose} over {end:.0f} days; the "
            f"largest, {number(float(pile[-1].max()))} MW, from day {days[peak]:.0f}.")
    return svg.figure(_WIDTH, _HEIGHT, drawn, key="story-chart", desc=desc,
                      title="Lost MW over time", class_="chart wide")


def _stairs(days: np.ndarray, values: np.ndarray, end: float) -> list[tuple[float, float]]:
    """Return the corners of a step function; equal neighbours are merged."""
    corners = [(float(days[0]), float(values[0]))]
    for day, value in zip(days[1:], values[1:], strict=True):
        if value != corners[-1][1]:
            corners += [(float(day), corners[-1][1]), (float(day), float(value))]
    return [*corners, (end, corners[-1][1])]


def _day(hours: float) -> str:
    """Return the day of an hour, as people count: the first 24 hours are day 1."""
    return f"{int(hours // 24) + 1}"


def _listed(parts: list[str], most: int = 4) -> str:
    if len(parts) > most:
        return ", ".join(parts[:most]) + f" and {len(parts) - most} more"
    return ", ".join(parts)


def _counted(names: list[str]) -> list[str]:
    """Return names once, with their number, most frequent first."""
    counts = pd.Series(names, dtype=object).value_counts(sort=True)
    return [f"{name} (×{n})" if n > 1 else str(name) for name, n in counts.items()]


def happenings(context: Context, told: Replay) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the events that mattered, in order of time, and the sum of the others."""
    names = context.names
    lost = told.losses.groupby("event")["lost_mw_days"].sum()
    lost = lost[lost > 0].sort_values(ascending=False)
    chosen = set(lost.index[:MOST_EVENTS])
    rows = []
    shared = told.events["campaign_id"].value_counts()
    for event in records(told.events.sort_values(["start_h", "event"])):
        if event["event"] not in chosen:
            continue
        own = told.outages[told.outages["event"] == event["event"]]
        part = told.losses[told.losses["event"] == event["event"]]
        by_lab = part.groupby("lab")["lost_mw_days"].sum().sort_values(ascending=False)
        roots = part.groupby("node")["lost_mw_days"].sum().sort_values(ascending=False)
        roots = roots[roots > 0]
        felt = told.timeline
        felt = felt[(felt["cause_event"] == event["event"]) & (felt["kind"] == "site")
                    & (felt["availability"] < 1)]
        until = max([*felt["end_h"], *own.loc[own["node"].isin(roots.index), "end_h"]],
                    default=math.nan)
        campaign = event["campaign_id"]
        rows.append({
            "day": _day(float(event["start_h"])), "peril": names.peril(str(event["peril"])),
            "colour": context.colour(str(event["peril"])),
            "region": names.region(str(event["region"])),
            "campaign": campaign if campaign != -1 and shared.get(campaign, 0) > 1 else "",
            "down": _listed(_counted([names.node(str(node)) for node in roots.index])),
            "sites": int(felt["node"].nunique()),
            "until": "" if math.isnan(until) else _day(float(until)),
            "lost": float(lost[event["event"]]),
            "labs": _listed([f"{names.lab(str(lab))} {number(float(mw))}"
                             for lab, mw in by_lab.items() if mw > 0], 3)})
    rest = lost.iloc[MOST_EVENTS:]
    return rows, {"count": len(rest), "lost": float(rest.sum())}


def build(context: Context) -> Section:
    """Write the section."""
    title = "The story of one bad year" if context.annual else "The story, day by day"
    picked = pick_year(context)
    if picked is None:
        return Section("story", title, render("missing.html.j2", what="A bad year",
                                              why="no simulated year lost anything"))
    year, why = picked
    told, reason = replayed(context, year)
    if told is None or told.losses.empty:
        return Section("story", title, render(
            "missing.html.j2", what=f"Year {year}" if context.annual else "The story",
            why=reason or "nothing was lost in it"))
    course = course_of(told)
    hours, lost = course.hours, course.lost
    shown = [context.names.lab(lab) if lab else f"{len(course.others)} more labs"
             for lab in course.labs]
    rows, rest = happenings(context, told)
    total = math.fsum(course.totals)
    share = total / (context.total_capacity * context.losses.horizon_days)
    pile = lost.sum(axis=0)
    body = render(
        "story.html.j2", annual=context.annual, year=year, why=why, total=total,
        share=percent(share), chart=chart(hours, lost, shown, context.losses.horizon_days),
        legend=[(name, f"l{i + 1}", mw) for i, (name, mw) in enumerate(zip(
            shown, course.totals, strict=True))],
        rows=rows, rest=rest, peak=float(pile.max()), peak_day=_day(float(hours[pile.argmax()])),
        peak_share=percent(float(pile.max()) / context.total_capacity),
        events=int((told.losses.groupby("event")["lost_mw_days"].sum() > 0).sum()),
        sites=context.sites, lab=context.subject if context.lab else "")
    return Section("story", title, body)


def replayed(context: Context, year: int) -> tuple[Replay | None, str]:
    """Return a year rebuilt, of the one lab where the context has one; or None and why not."""
    if context.world is None:
        return None, "the world was not given with the losses, and a year is rebuilt from it"
    from riskmodel.engine.stories.replay import replay

    try:
        told = replay(context.losses, year, world=context.world)
    except RiskModelError as error:
        return None, f"it could not be replayed: {error}"
    if not context.lab:
        return told, ""
    return replace(told, labs=told.labs[told.labs["lab"] == context.lab],
                   losses=told.losses[told.losses["lab"] == context.lab],
                   timeline=told.timeline[~told.timeline["kind"].eq("site")
                                          | told.timeline["node"].isin(list(context.held))]), ""
