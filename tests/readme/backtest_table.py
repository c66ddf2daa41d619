"""The README's table of back-tests: ``python -m tests.readme.backtest_table`` prints it."""

from __future__ import annotations

import riskmodel as rm
from riskmodel.commands.backtests import text_rows

DRAWS = 2000


def lines() -> list[str]:
    """Return the table as lines of Markdown, worked out anew."""
    world = rm.read_world()
    rows = [row for name in rm.backtests(world)["backtest"]
            for row in text_rows(rm.backtest(world, name, n=DRAWS))]
    head = list(rows[0])
    table = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return table + ["| " + " | ".join(str(row[name]).replace("|", "/") for name in head) + " |"
                    for row in rows]


if __name__ == "__main__":
    print("\n".join(lines()))
