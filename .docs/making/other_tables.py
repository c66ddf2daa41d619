"""Tables of commands other than ``run``: which function makes them and tells their columns."""

from __future__ import annotations

import re

from making import results
from making.markdown import code, table
from making.places import ROOT

#: table -> the command that leaves it, the public function that makes it
MADE_BY = {
    "comparison": ("compare", "compare"),
    "stress": ("stress", "stress_table"),
    "stress_grid": ("stress --grid", "stress_grid"),
    "reverse_stress": ("stress --reverse", "reverse_stress"),
    "reverse_frontier": ("stress --reverse", "reverse_stress"),
    "backtests": ("backtest", "backtest"),
    "diversification": ("diversify", "diversification"),
    "arrangements": ("diversify", "diversification"),
    "labs": ("diversify", "diversification"),
    "needed_share": ("diversify", "needed_share_figures"),
    "next_mw": ("diversify next", "next_mw"),
    "allocation": ("diversify allocate", "allocate"),
    "allocation_rows": ("diversify allocate", "allocate"),
    "allocation_splits": ("diversify allocate", "allocate"),
    "frontier": ("diversify allocate", "frontier"),
    "build_out": ("buildout", "build_out"),
    "build_out_fan": ("buildout", "build_out_fan"),
    "build_out_causes": ("buildout", "build_out_causes"),
    "suppliers": ("buildout", "supply_dependence"),
}


def written() -> set[str]:
    """Return the names of all tables that the commands' source speaks of, but those of a run."""
    texts = [file.read_text(encoding="utf-8")
             for file in sorted((ROOT / "riskmodel" / "commands").glob("*.py"))]
    named = {name for text in texts for name in re.findall(r'"(\w+)\.parquet"', text)}
    return named - set(results.told())


def page() -> str:
    """Return the table of tables.

    Raises
    ------
    ValueError
        A command leaves a table that is not told here, or the other way round.
    """
    if written() != set(MADE_BY):
        raise ValueError("making/other_tables.py and the commands differ in "
                         f"{sorted(written() ^ set(MADE_BY))}")
    rows = [(code(f"{name}.parquet"), code(f"riskmodel {verb}"),
             f"{{py:func}}`riskmodel.{function}`") for name, (verb, function) in MADE_BY.items()]
    return table(("table", "left by", "columns are told at"), rows)
