"""Validation by what happened: every back-test, run while the page is made."""

from __future__ import annotations

from functools import cache
from typing import Any

from making.markdown import code, links, number, prose, table

DRAWS = 2000
SEED = 0
HEADS = ("quantity", "forecast 5 / 50 / 95 %", "happened", "place", "CRPS", "verdict")


@cache
def results() -> list[Any]:
    """Return every back-test of the shipped world, run."""
    import riskmodel as rm

    world = rm.read_world()
    return [rm.backtest(world, name, n=DRAWS, seed=SEED)
            for name in rm.backtests(world)["backtest"]]


def rows(of: Any) -> list[tuple[str, ...]]:
    """Return the cells of one back-test's table."""
    cells = []
    for row in of.table.to_dict("records"):
        bound = "≥ " if row["quantity"] in of.lower_bound else ""
        cells.append((f"{prose(row['what'])}, {prose(row['unit'])}",
                      " / ".join(number(row[key], 3) for key in ("low", "median", "high")),
                      bound + number(row["observed"], 5), _place(row["percentile"]),
                      f"{number(row['crps'], 2)} {row['crps_unit']}" if row["crps"] == row["crps"]
                      else "a bound has none",
                      prose(row["verdict"])))
    return cells


def _place(percentile: float) -> str:
    if percentile in (0, 1):
        return "beyond every draw"
    return f"{100 * percentile:.0f} %"


def page() -> str:
    """Return a section for each back-test."""
    sections = []
    for of in results():
        inputs = of.inputs
        sources = "; ".join(f"{prose(source['title'])} {links(str(source['url']))}"
                            for source in of.sources.values())
        sections.append(f"### {prose(of.name)}\n\n{prose(of.story)} Frozen on {of.freeze}; the "
                        f"forecast reads {len(inputs)} numbers, all known by then. "
                        f"`riskmodel backtest {of.backtest_id} --draws {DRAWS}`\n\n"
                        f"{table(HEADS, rows(of))}\nSources: {sources}.\n")
    missed = [(of, row) for of in results() for row in of.table.to_dict("records")
              if not row["inside"]]
    count = sum(len(of.table) for of in results())
    said = "; ".join(f"{prose(row['what'])} ({code(of.backtest_id)}): {prose(row['verdict'])}"
                     for of, row in missed)
    return (f"{count - len(missed)} of {count} quantities lie within the 90 % band of their "
            f"forecast. Outside it: {said or 'none'}.\n\n" + "\n".join(sections))
