"""``LongRun``: the losses of more years than memory holds, measured from all of them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from riskmodel.engine.long.accumulators import Accumulators
from riskmodel.engine.long.ranked import TOP
from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError

#: a run of more years is long: its years are not kept in memory
MOST_IN_MEMORY = 250_000


@dataclass(frozen=True)
class Layout:
    """How a long run is cut: it decides files and rounding, never a draw.

    ``part_years`` : years of one file of the year table, at least
    ``first_years`` : years kept whole, as ordinary losses (``LongRun.first``)
    ``top`` : largest values of each lab that are kept one by one
    """

    part_years: int = 131_072
    first_years: int = 50_000
    top: int = TOP


LAYOUT = Layout()


class NotKept:
    """What stands where a long run has no table; it says so whatever is asked of it."""

    def __init__(self, table: str) -> None:
        self._table = table

    def _refuse(self) -> NoReturn:
        raise RiskModelError(
            f"a long run keeps no table of {self._table} in memory: rm.measure, rm.exceedance and "
            "rm.contributions read all its years; for anything else take run.first, the ordinary "
            "losses of its first years, or rm.read_losses(folder, years=(first, end)) where it "
            "was written to a folder")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copying and pickling ask for these
            raise AttributeError(name)
        self._refuse()

    def __getitem__(self, key: Any) -> Any:
        self._refuse()

    def __len__(self) -> int:
        self._refuse()

    def __iter__(self) -> Any:
        self._refuse()

    def __repr__(self) -> str:
        return f"<{self._table}: not kept in memory>"


@dataclass(frozen=True, eq=False, repr=False)
class LongRun(Losses):
    """Losses of more years than memory holds.

    ``measure``, ``exceedance`` and ``contributions`` (AAL) read all years; everything else needs
    ``first``. ``years``, ``causes``, ``events`` and ``adequacy`` refuse and say so.

    Attributes
    ----------
    all_years : what is known of all years
    first : the ordinary losses of the first years
    folder : where the year table lies in parts (``years/part-000000.parquet`` ...), None where the
        run kept no folder
    tables : names of the tables that lie there
    """

    all_years: Any = None
    first: Any = None
    folder: Path | None = None
    tables: tuple[str, ...] = ()

    def __repr__(self) -> str:
        worlds = f", worlds={self.worlds}" if self.worlds > 1 else ""
        return (f"LongRun(n_years={self.n_years}, seed={self.seed}{worlds}, "
                f"booking={self.booking!r}, labs={len(self.labs)}, first={self.first.n_years})")

    @property
    def accumulators(self) -> Accumulators:
        """What is known of all years."""
        assert isinstance(self.all_years, Accumulators)
        return self.all_years

    def to_parquet(self, folder: str | Path) -> Path:
        """Write everything into ``folder``; the parts of the tables are linked where they can be.

        Read back with ``read_losses``.
        """
        from riskmodel.engine.long.storage import write_long

        return write_long(self, Path(folder))


def refuse_long(losses: Any, what: str) -> None:
    """Refuse to run all years of a long run again."""
    if isinstance(losses, LongRun):
        raise RiskModelError(f"{what} would run all {losses.n_years:,} years of a long run again "
                             "and keep what it finds; give it run.first, the ordinary losses of "
                             f"the first {losses.first.n_years:,}")


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or make a copy where that cannot be."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
