"""The data dictionary of what a run leaves: columns and types read from a real run.

What each column means stands in ``.docs/result_columns.toml``; a column that is not told there, or
told and not there, fails the build.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from making.markdown import code, prose, table
from making.places import DOCS

YEARS = 400


def told() -> dict[str, dict[str, str]]:
    """Return table -> column -> meaning; ``_`` stands for what a row of the table is."""
    return tomllib.loads((DOCS / "result_columns.toml").read_text(encoding="utf-8"))


@cache
def columns() -> dict[str, dict[str, str]]:
    """Return table -> column -> type, of the tables that a run of a small world leaves."""
    from typer.testing import CliRunner

    from riskmodel.cli import app

    with TemporaryDirectory() as folder:
        world, out = Path(folder) / "mine", Path(folder) / "out"
        for words in (["init", str(world)],
                      ["run", str(world), "--years", str(YEARS), "--seed", "7", "--worlds", "2",
                       "-o", str(out)]):
            done = CliRunner().invoke(app, words)
            if done.exit_code != 0:
                raise RuntimeError(f"riskmodel {' '.join(words)}: {done.output}")
        return {path.stem: {str(name): _kind(series) for name, series in
                            pd.read_parquet(path).items()}
                for path in sorted(out.glob("*.parquet"))}


def dictionary() -> str:
    """Return a section for each table of a run.

    Raises
    ------
    ValueError
        Lists the columns that are not told, and those told that no run leaves.
    """
    found, meanings = columns(), told()
    there = {(name, column) for name, held in found.items() for column in held}
    said = {(name, column) for name, held in meanings.items() for column in held if column != "_"}
    if there != said:
        raise ValueError("result_columns.toml and a real run differ in "
                         + ", ".join(f"{name}.{column}" for name, column in sorted(there ^ said)))
    return "\n".join(_section(name, found[name], meanings[name]) for name in meanings)


def _section(name: str, kinds: dict[str, str], meanings: dict[str, str]) -> str:
    rows = [(code(column), kind, prose(meanings[column])) for column, kind in kinds.items()]
    return (f"### {name}.parquet\n\n{prose(meanings['_'])}\n\n"
            f"{table(('column', 'type', 'meaning and unit'), rows)}\n")


def _kind(series: pd.Series) -> str:
    if isinstance(series.dtype, pd.CategoricalDtype) or series.dtype.kind not in "iuf":
        return "text"
    return "number" if series.dtype.kind == "f" else "whole number"
