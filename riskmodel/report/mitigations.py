"""What to fix first: the section on mitigations, and a page of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.report.context import Section, records
from riskmodel.report.mitigation_figure import VALUES, mitigation_bars
from riskmodel.report.names import Names, clean
from riskmodel.report.numbers import number, percent, whole
from riskmodel.report.page import render, whole_page
from riskmodel.world.wholefile import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.decisions.mitigations.mitigations import Mitigation
    from riskmodel.world.world import World

TITLE = "What to fix first"
ALL = "all labs"


def mitigation_rows(frame: pd.DataFrame, mitigations: Sequence[Mitigation]) -> list[dict[str, Any]]:
    """Return the rows of ``mitigation_value`` with what each mitigation does and does not."""
    about = {each.name: each for each in mitigations}
    rows = []
    for row in records(frame):
        each = about[row["mitigation"]]
        row |= {"does": each.does, "does_not": each.does_not, "source": clean(each.source, 200),
                "url": next((word for word in each.source.split()
                             if word.startswith(("http://", "https://"))), ""),
                "beyond": {name: not abs(row[name]) <= 1.96 * row[error]
                           for name, (error, _, _) in VALUES.items()}}
        rows.append(row)
    return rows


def said(rows: Sequence[dict[str, Any]], name: str, what: str, unit: str) -> str:
    """Say in a sentence or two what comes first, and how little the parts add."""
    first = rows[0]
    joint = first["base"] - first["with_all"]
    alone = math.fsum(row["first_in"] for row in rows)
    text = (f"All of them together would save {name} {number(joint)} of "
            f"{number(first['base'])} {unit} of {'their' if name == ALL else 'its'} {what} "
            f"({percent(joint / first['base'])}); one by one they promise {number(alone)}. "
            if len(rows) > 1 and first["base"] > 0 else "")
    best = max(rows, key=lambda row: row["first_in"])
    head = f"What saves most alone is {best['mitigation']} ({number(best['first_in'])} {unit})"
    if first is not best:
        head += f"; in the mean over all orders it is {first['mitigation']}"
    return f"{text}{head}."


def written(frame: pd.DataFrame, mitigations: Sequence[Mitigation], names: Names) -> Section:
    """Write the section from an answer of ``mitigation_value``."""
    rows = mitigation_rows(frame, mitigations)
    first = rows[0]
    unit = "MW-days a year" if first["measure"] == "aal" else "MW-days"
    what = ("average loss" if first["measure"] == "aal"
            else f"mean loss of the worst 1 in {1 / (1 - first['level']):,.0f} years")
    name = ALL if first["lab"] == "total" else names.lab(first["lab"])
    body = render("mitigations.html.j2", rows=rows, what=what, name=name, base=first["base"],
                  with_all=first["with_all"], n=first["n"], runs=first["coalitions"],
                  unit=unit, said=said(rows, name, what, unit),
                  keys=[(label, colour) for _, label, colour in VALUES.values()],
                  bars=mitigation_bars(rows, key="mitigation-bars",
                                       unit=f"{unit} avoided"))
    return Section("mitigations", TITLE, body)


def write_mitigations(frame: pd.DataFrame, mitigations: Sequence[Mitigation], world: World,
                      path: str | Path) -> Path:
    """Write the page of ``riskmodel diversify mitigations`` and return its path."""
    names = Names(world)
    section = written(frame, mitigations, names)
    first = frame.iloc[0]
    whose = ALL if first["lab"] == "total" else names.lab(str(first["lab"]))
    about = [f"World of {world.as_of}" if world.as_of else "A world without a date",
             f"{whole(int(first['n']))} simulated years a run",
             f"{whole(int(first['coalitions']))} runs"]
    joint = float(first["base"] - first["with_all"])
    unit = "MW-days a year" if first["measure"] == "aal" else "MW-days in such a year"
    figures = [(number(float(first["base"])), unit, "now"),
               (number(joint), unit, "avoided with all of them")]
    target = Path(path)
    write_whole(target, whole_page(title=f"{TITLE}: {whose}", sections=[section], about=about,
                                   figures=figures))
    return target
