"""Section: what it takes to bring a lab down so far for so long, in words, a figure and a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskmodel.decisions.reverse.reverse_stress import SCALED, YEARS, ReverseStress
from riskmodel.decisions.reverse.words import effort, sentence
from riskmodel.report.context import Section
from riskmodel.report.mildest_figure import Curve, mildest_figure
from riskmodel.report.names import Names, clean
from riskmodel.report.page import render
from riskmodel.report.place_names import place_name

MOST_CURVES = 6
MOST_ROWS = 8


def build(asked: Sequence[tuple[str, ReverseStress]], names: Names) -> Section:
    """Write the section; ``asked`` are answers with the names of their portfolios."""
    blocks: dict[tuple[object, ...], list[tuple[str, ReverseStress]]] = {}
    for portfolio, found in asked:
        question = (found.lab, found.share, found.days, found.kind, found.family)
        blocks.setdefault(question, []).append((portfolio, found))
    return Section("reverse", "What it takes to bring a lab down", render(
        "reverse.html.j2", blocks=[_block(number, answers, names)
                                   for number, answers in enumerate(blocks.values())]))


def _block(number: int, answers: list[tuple[str, ReverseStress]], names: Names) -> dict[str, Any]:
    first = answers[0][1]
    lab = "all labs together" if first.lab == "total" else names.lab(first.lab)

    def name(member: str) -> str:
        return member if first.kind in (SCALED, YEARS) else place_name(member, names)

    several = len(answers) > 1
    worth = [(portfolio, row) for portfolio, found in answers
             for row in (found.members.head(1) if several else _worth_a_row(found)).to_dict(
                 "records")]
    curves = _curves(answers, name, several)
    return {
        "title": f"{lab[0].upper()}{lab[1:]}: {100 * first.share:.3g} % for {first.days:g} "
                 f"day{'' if first.days == 1 else 's'}, by {first.family}",
        "says": [f"{clean(portfolio)}: {sentence(found, lab=lab, name=name)}" if several
                 else sentence(found, lab=lab, name=name) for portfolio, found in answers],
        "figure": mildest_figure(curves, key=f"frontier-{number}", factors=first.kind == SCALED,
                                  title=f"What brings down {lab}") if curves else "",
        "keys": [(curve.colour, curve.name) for curve in curves], "kind": first.kind,
        "several": several,
        "rows": [{"portfolio": clean(portfolio), "name": name(row["member"]),
                  "effort": effort(first, row) if row["does_it"] else "", "does_it": row["does_it"],
                  "severity": row["severity"], "at_least": row["severity_at_least"],
                  "unit": row["unit"], "most": row.get("most_share", float("nan"))}
                 for portfolio, row in worth[:None if several else MOST_ROWS]],
        "hidden": 0 if several else max(len(worth) - MOST_ROWS, 0),
        "idle": 0 if several else len(first.members) - len(worth),
        "left_out": {clean(key): clean(why, 400) for _, found in answers
                     for key, why in found.left_out.items()}}


def _worth_a_row(found: ReverseStress) -> pd.DataFrame:
    """Return the members that do it, or take something of the lab for so long."""
    if found.kind == YEARS:
        return found.members
    return found.members[found.members["does_it"] | (found.members["most_share"] > 0)]


def _curves(answers: list[tuple[str, ReverseStress]], name: Any, several: bool) -> list[Curve]:
    """Return the frontiers to draw: the mildest members, or of each portfolio its mildest."""
    curves: list[Curve] = []
    for portfolio, found in answers:
        depth, length = (("depth_factor", "duration_factor") if found.kind == SCALED else
                         ("depth", "duration_h"))
        if found.frontier.empty:
            continue
        rows = found.members[found.members["does_it"]].head(1 if several else MOST_CURVES)
        for row in rows.to_dict("records"):
            points = found.frontier[found.frontier["member"] == row["member"]]
            label = f"{clean(portfolio)}: {name(row['member'])}" if several else name(row["member"])
            curves.append(Curve(label, f"c{len(curves) % 8 + 1}",
                                [*zip(points[depth], points[length], strict=True)],
                                (row[depth], row[length])))
    return curves
