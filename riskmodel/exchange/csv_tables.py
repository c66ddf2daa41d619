"""Plain tables of a run: CSV that is safe to open in a spreadsheet, and a folder for DuckDB."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.engine.long.long_run import LongRun
from riskmodel.errors import BeyondSpanWarning
from riskmodel.exchange.harmless import write_csv
from riskmodel.exchange.ord_tables import year_weights
from riskmodel.measures.contributions import contributions
from riskmodel.measures.whole_run import all_exceedance, all_measures

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

_BY = ("peril", "region", "lab")
QUERY = "example.sql"
_SQL = """-- Questions to the tables of a run. From this folder: duckdb < example.sql
-- Losses are MW-days of IT capacity. Years without a loss have no row in years.parquet.
-- weight is 1, but for runs that draw bad years more often than they happen.

-- the average year of each lab, from the year table itself
SELECT years.lab, sum(years.weight * years.lost_mw_days) / any_value(run.n_years) AS aal_mw_days
FROM 'years.parquet' AS years, 'run.parquet' AS run
GROUP BY years.lab ORDER BY aal_mw_days DESC;

-- the ten worst years of all labs together
SELECT year, sum(lost_mw_days) AS lost_mw_days
FROM 'years.parquet' GROUP BY year ORDER BY lost_mw_days DESC LIMIT 10;

-- what takes capacity down, by peril
SELECT causes.peril,
       sum(causes.weight * causes.lost_mw_days) / any_value(run.n_years) AS aal_mw_days
FROM 'causes.parquet' AS causes, 'run.parquet' AS run
GROUP BY causes.peril ORDER BY aal_mw_days DESC;

-- one year in a hundred, as the report has it
SELECT lab, value, se, unit FROM 'measures.parquet'
WHERE measure = 'aep' AND level = 100 ORDER BY value DESC;
"""


def result_tables(losses: Losses, *, sites: bool = False) -> dict[str, pd.DataFrame]:
    """Return ``measures``, ``exceedance``, ``contributions`` and ``years`` of a run.

    A long run has no ``years`` here: they lie in Parquet parts in its own folder.
    Contributions by root node name single sites, so they come only with ``sites``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BeyondSpanWarning)  # the tables say so themselves
        tables = {"measures": all_measures(losses), "exceedance": all_exceedance(losses)}
    # a long run keeps no table of years or causes in memory; its contributions know all years
    whole = not isinstance(losses, LongRun)
    parts = []
    if not whole or len(losses.causes):
        for by in (*_BY, *(["node"] if sites else [])):
            part = contributions(losses, measure="aal", by=[by])
            part = part.assign(key=part[by].astype(str), by=by)
            parts.append(part[["of", "by", "key", "measure", "value", "share", "se", "unit", "n",
                               "booking"]])
    if whole:
        years = losses.years
        if losses.weights is not None:
            years = years.assign(weight=losses.weights[years["year"].to_numpy(dtype=int)])
        tables["years"] = years
    if parts:
        tables["contributions"] = pd.concat(parts, ignore_index=True)
    return tables


def to_csv(losses: Losses, folder: str | Path, *, mark: bool = False,
           sites: bool = False) -> list[Path]:
    """Write the tables of a run as CSV; return the files.

    Text that a spreadsheet would take for a formula gets a ``'`` before it. ``mark`` puts a
    byte-order mark first, by which Excel knows UTF-8. ``sites`` adds contributions by root node.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in result_tables(losses, sites=sites).items():
        path = target / f"{name}.csv"
        write_csv(path, frame, mark=mark)
        written.append(path)
    return written


def to_duckdb(losses: Losses, folder: str | Path, *, sites: bool = False) -> Path:
    """Write a folder of Parquet tables that DuckDB reads, with questions to them in SQL.

    Without ``sites`` the root node of a cause that is a single site is called "a site".
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    causes = losses.causes.assign(node=losses.causes["node"].astype(object))
    if not sites:
        known = set() if losses.world is None else set(losses.world.sites["site_id"])
        causes["node"] = causes["node"].map(lambda node: "a site" if node in known else node)
    weights = year_weights(losses)
    causes["weight"] = weights[causes["year"].to_numpy(dtype=int)]
    plain = {**result_tables(losses, sites=sites), "causes": causes,
             "years": losses.years.assign(
                 weight=weights[losses.years["year"].to_numpy(dtype=int)]),
             "events": losses.events,
             "run": pd.DataFrame({"n_years": [losses.n_years], "booking": [losses.booking],
                                  "seed": [-1 if losses.seed is None else losses.seed]})}
    for name, frame in plain.items():
        words = frame.select_dtypes("category").columns
        frame = frame.astype(dict.fromkeys(words, object))
        frame.to_parquet(target / f"{name}.parquet", engine="pyarrow", index=False)
    (target / QUERY).write_text(_SQL, encoding="utf-8")
    return target
