"""A table for somebody's own file: .csv or .parquet, whole or not there."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import WrongUsage, wrong_usage
from riskmodel.commands.outputs import check_target

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")


def check_table_file(out: Path | None) -> None:
    """Refuse a name no table can be written to, before anything is computed."""
    if out is None:
        return
    if out.suffix not in SUFFIXES or out.is_dir():
        raise WrongUsage(f"{out} is no file to write a table to; name one that ends in "
                         f"{' or '.join(SUFFIXES)}")
    if not out.expanduser().parent.is_dir():
        raise WrongUsage(f"there is no folder {out.parent} to write {out.name} into; make it "
                         "first, or name another")


def table_or_folder(out: Path | None) -> tuple[Path | None, Path | None]:
    """Return ``out`` as a table's file or, resolved, as a folder for a page and its tables."""
    if out is None or out.suffix in SUFFIXES:
        check_table_file(out)
        return out, None
    with wrong_usage():
        return None, check_target(out)


def write_table_file(frame: pd.DataFrame, out: Path | None) -> None:
    """Write a table as its name's ending says; nothing where no file was named."""
    if out is None:
        return
    target = out.expanduser()
    work = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        if target.suffix == ".csv":
            from riskmodel.exchange.harmless import write_csv

            write_csv(work, frame)
        else:
            frame.to_parquet(work, index=False)
        work.replace(target)
    finally:
        work.unlink(missing_ok=True)
