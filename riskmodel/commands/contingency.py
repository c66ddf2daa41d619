"""``riskmodel contingency``: what one failure, or two, takes from a lab; and which node matters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    records,
    say,
    waiting,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_holds, check_lab, read_checked, ready_engine, simulated

if TYPE_CHECKING:
    from riskmodel.report.names import Names
    from riskmodel.world.world import World

#: rows of each lab on a terminal; the file and --json have all
SHOWN = 12
SHOWN_NODES = 15


def contingency(folder: Path | None, *, as_of: str | None, lab: str | None, order: int,
                threshold: float, hours: float, kinds: list[str] | None, sites: bool,
                importance: bool, years: int, held_years: int, seed: int, out: Path | None,
                as_json: bool) -> None:
    """Find the failures that take at least ``threshold`` of a lab; print, and write where asked."""
    from riskmodel.decisions.contingency.table import worst_losses
    from riskmodel.report.names import Names

    check_table_file(out)
    if importance and lab in (None, "total"):
        raise WrongUsage("--importance is of one lab; name it with --lab")
    world, _ = read_checked(folder, as_of)
    check_lab(world, lab)
    check_holds(world, lab)
    ready_engine()
    with wrong_usage():
        found = worst_losses(world, lab, order=order, threshold=threshold, hours=hours,
                             kinds=kinds, places=sites)
    matters = _importance(world, str(lab), years, held_years, seed, kinds) if importance else None
    table = pd.concat([part for part in (found.singles, found.pairs) if len(part)]
                      or [found.singles], ignore_index=True)
    write_table_file(_flat(table), out)
    beside = None if out is None or matters is None else out.with_stem(f"{out.stem}-importance")
    if matters is not None:
        write_table_file(matters, beside)
    if as_json:
        print_json({"ok": True, "as_of": world.as_of, "threshold": threshold, "hours": hours,
                    "order": order, "out": None if out is None else str(out),
                    "single": records(_plain(found.singles)),
                    "double": records(_plain(found.pairs)),
                    "search": found.search,
                    "importance": None if matters is None else {
                        **matters.attrs, "nodes": records(matters)}})
        return
    names = Names(world, sites)
    _show(found.singles, found.pairs, names, threshold, hours, order)
    if order == 2:
        pairs, runs = (sum(each[what] for each in found.search.values())
                       for what in ("pairs", "evaluated"))
        say(f"{pairs:,} pairs ruled on by bounds, {runs:,} of them with a run of the engine")
    if matters is not None:
        _show_importance(matters, str(lab), names)
    for path in (out, beside):
        if path is not None:
            say(f"table: {path}")


def _importance(world: World, lab: str, years: int, held_years: int, seed: int,
                kinds: list[str] | None) -> pd.DataFrame:
    from riskmodel.decisions.importance.importance import importance

    losses = simulated(world, years, seed)
    with waiting("running the short years again"):
        return importance(losses, lab, kinds=kinds, held_years=held_years)


def _show(singles: pd.DataFrame, pairs: pd.DataFrame, names: Names, threshold: float,
          hours: float, order: int) -> None:
    both = [frame for frame in (singles, pairs) if len(frame)]
    if not both:
        say(f"no single failure{' and no pair' if order == 2 else ''} takes {threshold:.0%} of it")
        return
    rows = []
    for lab, part in pd.concat(both, ignore_index=True).groupby("lab", sort=False):
        for row in records(part.head(SHOWN)):
            rows.append({"lab": str(lab), "out together": called(row, names),
                         "lost, MW": number(row["lost_mw"]), "of the lab": _percent(row, "lost"),
                         "each alone": "" if row["order"] == 1 else
                         f"{row['alone_a']:.0%}, {row['alone_b']:.0%}",
                         "leans on it": _percent(row, "behind")})
        if len(part) > SHOWN:
            rows.append({"lab": str(lab), "out together": f"... and {len(part) - SHOWN} more",
                         "lost, MW": "", "of the lab": "", "each alone": "", "leans on it": ""})
    print_table(pd.DataFrame(rows), f"What takes {threshold:.0%} or more of a lab",
                right=["lost, MW", "of the lab", "each alone", "leans on it"],
                caption=f"everything named is wholly out for {hours:g} h; pairs of which one alone "
                        "takes as much are left out; leans on it: capacity at sites that need it "
                        "at all")


def _percent(row: dict[str, Any], what: str) -> str:
    return f"{row[f'{what}_share']:.0%}"


def called(row: dict[str, Any], names: Names) -> str:
    """Return what a contingency is called: its nodes, and who is the same to the lab."""
    sides = []
    for side in ("a", "b"):
        if not row[f"node_{side}"]:
            continue
        name = names.node(row[f"node_{side}"])
        also = dict.fromkeys(names.node(node) for node in row[f"also_{side}"])
        also.pop(name, None)
        sides.append(name + (f" (or {', '.join(also)})" if also else ""))
    return " + ".join(sides)


def _show_importance(frame: pd.DataFrame, lab: str, names: Names) -> None:
    from riskmodel.report.numbers import estimate

    facts = frame.attrs["short"]
    rows = []
    time = frame[frame["basis"] == "time"]
    value, se = (time.pivot(index="node", columns="measure", values=what)
                 for what in ("value", "se"))
    by = value.sort_values(["fussell_vesely", "birnbaum"], ascending=False, kind="stable")
    for node in by.index[:SHOWN_NODES]:
        shares = {f"{name}, %": f"{100 * value.loc[node, key]:.2f} ± {100 * se.loc[node, key]:.2f}"
                  for name, key in (("critical", "criticality"),
                                    ("Fussell-Vesely", "fussell_vesely"),
                                    ("Birnbaum", "birnbaum"))}
        rows.append({"node": names.node(str(node)),
                     **{name: text.replace("nan", "-") for name, text in shares.items()},
                     "RAW": estimate(value.loc[node, "raw"], se.loc[node, "raw"]),
                     "RRW": estimate(value.loc[node, "rrw"], se.loc[node, "rrw"])})
    print_table(pd.DataFrame(rows), f"What makes {lab} short: {facts['years_short']:,} of "
                f"{facts['years']:,} years, {facts['time']:.3%} of the time",
                right=["critical, %", "Fussell-Vesely, %", "Birnbaum, %", "RAW", "RRW"],
                caption="± one standard error. Critical: of the time short, not short had it not "
                        "failed; Fussell-Vesely: it is one of a smallest set that makes it short. "
                        "Birnbaum: time short, were it out all year, beyond never. RAW: the "
                        "former against now; RRW: now against the latter")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["se"])


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table for a file: names in one cell with ; between them."""
    return frame.assign(**{name: frame[name].map(";".join) for name in ("also_a", "also_b")})
