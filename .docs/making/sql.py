"""The questions in SQL that an export for DuckDB carries."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from making.pictures.small_world import starter

YEARS = 400


def example() -> str:
    """Return ``example.sql`` of an export, as a block of code."""
    import riskmodel as rm

    losses = rm.simulate(starter(), years=YEARS, seed=7)
    with TemporaryDirectory() as folder:
        rm.to_duckdb(losses, folder)
        text = next(Path(folder).glob("*.sql")).read_text(encoding="utf-8")
    return f"```sql\n{text.strip()}\n```\n"
