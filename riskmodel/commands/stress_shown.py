"""What ``riskmodel stress`` prints: tables for people, one document for programs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import number, print_table, records, say, wrong_usage

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.commands.stress import Answer
    from riskmodel.decisions.reverse.reverse_stress import ReverseStress
    from riskmodel.decisions.stress.suite import Played, Suite

_WORST = 2  # labs named in a line of the console's table
_MEMBERS = 5  # members of a family shown
_TOTAL = "total"


def document(answer: Answer, target: Path | None) -> dict[str, Any]:
    """Return the one JSON document."""
    out: dict[str, Any] = {"ok": True, "out": None if target is None else str(target),
                           "scenarios": [_record(played) for played in answer.suite.played],
                           "left_out": answer.suite.left_out}
    if answer.portfolios:
        out["portfolios"] = list(answer.portfolios)
        out["stress"] = records(answer.table)
        out["left_out"] = [{"portfolio": portfolio, "scenario": scenario, "why": why}
                           for (portfolio, scenario), why in answer.left_out.items()]
    if answer.grids:
        out["grids"] = [records(grid) for grid in answer.grids]
    if answer.reverse:
        out["reverse"] = [_question(portfolio, found) for portfolio, found in answer.reverse]
    return out


def _record(played: Played) -> dict[str, Any]:
    scenario = played.scenario
    return {"scenario": scenario.scenario_id, "name": scenario.name,
            "world_as_of": played.world.as_of, "confidence": scenario.confidence,
            "lost_mw_days": played.total_lost, "finds_nothing": played.finds_nothing,
            "does_not_cover": scenario.does_not_cover,
            "labs": records(played.table.drop(columns=["scenario", "world_as_of"]))}


def _question(portfolio: str, found: ReverseStress) -> dict[str, Any]:
    return {"portfolio": portfolio, "lab": found.lab, "share": found.share, "days": found.days,
            "capacity_mw": found.capacity_mw, "family": found.family, "kind": found.kind,
            "found": found.found, "mildest": found.mildest, "says": str(found),
            "chance": found.chance, "members": records(found.members),
            "frontier": records(found.frontier), "left_out": found.left_out}


def show(answer: Answer, lab: str | None) -> None:
    """Print everything; ``lab`` is the lab of the tables that show one, all labs if not given."""
    if answer.portfolios and len(answer.table):
        _show_portfolios(answer, lab or _TOTAL)
    elif answer.suite.played or answer.suite.left_out:
        show_suite(answer.suite)
    for grid in answer.grids:
        _show_grid(grid, lab or _TOTAL)
    questions: dict[tuple[object, ...], list[tuple[str, ReverseStress]]] = {}
    for portfolio, found in answer.reverse:
        questions.setdefault((found.lab, found.share, found.days, found.family), []).append(
            (portfolio, found))
    for answers in questions.values():
        if len(answers) > 1:
            _show_side_by_side(answers)
        else:
            _show_reverse(*answers[0])


def show_suite(suite: Suite) -> None:
    """Print what each scenario costs."""
    import pandas as pd

    rows = []
    for played in suite.ranked:
        labs = played.table[played.table["lab"] != _TOTAL]
        total = played.table[played.table["lab"] == _TOTAL].iloc[0]
        worst = labs[labs["lost_mw_days"] > 0].nlargest(_WORST, "lost_mw_days")
        rows.append({
            "scenario": played.scenario.scenario_id, "world of": str(played.world.as_of or "-"),
            "lost MW-days": number(total["lost_mw_days"]),
            "peak, MW": number(total["lost_mw_peak"]),
            "50 % back, h": hours(total["hours_to_50pct_back"]),
            "90 % back, h": hours(total["hours_to_90pct_back"]),
            "hit hardest, MW-days": ", ".join(
                f"{lab} {number(lost)}" for lab, lost in
                zip(worst["lab"], worst["lost_mw_days"], strict=True)) or "nobody"})
    if rows:
        print_table(pd.DataFrame(rows), "What each scenario costs",
                    right=["lost MW-days", "peak, MW", "50 % back, h", "90 % back, h"],
                    caption="peak: the most missing at once; hours count from then; never: not "
                            "while the model counts")
    for played in suite.played:
        for line in played.finds_nothing:
            say(f"note: {played.scenario.scenario_id}: {line}")
    for name, why in suite.left_out.items():
        say(f"left out: {name}: {why}")


def _show_portfolios(answer: Answer, lab: str) -> None:
    from riskmodel.decisions.stress.table import stress_wide

    with wrong_usage():
        wide = stress_wide(answer.table, columns="portfolio", lab=lab)
    _print_wide(wide, f"Lost MW-days of {_who(lab)} in each portfolio",
                "-: not played on that portfolio")
    for (portfolio, scenario), why in answer.left_out.items():
        say(f"left out: {portfolio}: {scenario}: {why}")


def _show_grid(grid: pd.DataFrame, lab: str) -> None:
    from riskmodel.decisions.stress.table import stress_wide

    for portfolio, part in grid.groupby("portfolio", sort=False):
        with wrong_usage():
            wide = stress_wide(part, columns="depth", lab=lab)
        wide = wide.rename(columns=lambda depth: f"{100 * depth:g} % down")
        of = f", {portfolio!s}" if portfolio else ""
        _print_wide(wide, f"Lost MW-days of {_who(lab)} by depth ({part['peril'].iloc[0]}{of})", "")
    for place in grid.loc[grid["nodes"] == 0, "where"].unique():
        say(f"note: {place}: finds nothing in a world it was asked of")


def _print_wide(wide: pd.DataFrame, title: str, caption: str) -> None:
    figures = [str(name) for name in wide.columns]
    shown = wide.map(number).set_axis(figures, axis=1).reset_index()
    shown.columns = [{"duration_h": "hours"}.get(str(name), str(name)) for name in shown.columns]
    if "hours" in shown:
        shown["hours"] = [f"{value:g}" for value in shown["hours"]]
    print_table(shown, title, right=[*figures, "hours"], caption=caption)


def _show_side_by_side(answers: list[tuple[str, ReverseStress]]) -> None:
    """Print one question asked of several portfolios."""
    import pandas as pd

    from riskmodel.decisions.reverse.words import effort

    rows = []
    for portfolio, found in answers:
        best = found.mildest
        most = found.members["most_share"].max() if len(found.members) else 0.0
        rows.append({
            "portfolio": portfolio, "capacity, MW": number(found.capacity_mw),
            "mildest": "nothing" if best is None else best["member"],
            "how": f"the most is {100 * most:.3g} %" if best is None else effort(found, best),
            "severity": "-" if best is None else f"{number(best['severity'])} {best['unit']}"})
    first = answers[0][1]
    print_table(pd.DataFrame(rows), f"{100 * first.share:.3g} % of {_who(first.lab)} missing for "
                f"{first.days:g} days on end, by {first.family}", right=["capacity, MW"])


def _show_reverse(portfolio: str, found: ReverseStress) -> None:
    import pandas as pd

    from riskmodel.commands.looks import print_lines
    from riskmodel.decisions.reverse.reverse_stress import SCALED
    from riskmodel.decisions.reverse.words import effort

    print_lines([f"{portfolio}: {found}" if portfolio else str(found)])
    rows = []
    for row in found.members[found.members["does_it"]].head(_MEMBERS).to_dict("records"):
        told = {"member": row["member"], "mildest that does it": effort(found, row)}
        if found.kind == SCALED:
            told |= {"only longer": _factor(row["duration_factor_as_deep"]),
                     "only deeper": _factor(row["depth_factor_as_long"])}
        rows.append(told | {"severity": f"{number(row['severity'])} {row['unit']}"})
    if rows:
        print_table(pd.DataFrame(rows), "", right=["only longer", "only deeper", "severity"])
    for name, why in found.left_out.items():
        say(f"left out: {name}: {why}")


def _factor(value: float) -> str:
    return "never" if math.isnan(value) else f"{value:,.3g} x"


def _who(lab: str) -> str:
    return "all labs" if lab == _TOTAL else lab


def hours(value: float) -> str:
    """Return hours as text; what never comes back says so."""
    return "never" if math.isinf(value) else number(value)
