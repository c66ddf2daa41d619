"""``Losses``: what a simulation found. Data only: no plotting, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from riskmodel.world.world import World

HOURS_PER_DAY = 24.0

YEARS_COLUMNS = ("year", "lab", "lost_mw_days", "shortfall_mw_days", "max_event_mw_days")
CAUSES_COLUMNS = ("year", "event", "lab", "peril", "region", "node", "lost_mw_days")
EVENTS_COLUMNS = ("event", "year", "peril", "region", "event_id", "event_no", "campaign_id",
                  "start_h")


@dataclass(frozen=True, eq=False, repr=False)
class Losses:
    """Year losses per lab, and what caused them.

    Attributes
    ----------
    years : frame ``year, lab, lost_mw_days, shortfall_mw_days, max_event_mw_days``
        One row per simulated year and lab with a loss; years without loss are left out.
        ``max_event_mw_days`` is the largest loss that one event caused (for OEP).
    causes : frame ``year, event, lab, peril, region, node, lost_mw_days``
        The same loss split by cause: the event (row number in ``events``) and its root node. For
        each year and lab the rows add up to ``years.lost_mw_days``.
    events : frame ``event, year, peril, region, event_id, event_no, campaign_id, start_h``
        The events that caused a loss.
    adequacy : frame ``year, lab, shortfall_mw_days, shortfall_h, shortfall_days`` or None
        Calendar booking: below the needed capacity within the calendar year; the basis of LOLE,
        LOLH and EUE. None where it was not computed.
    labs : lab names; ``capacity_mw`` : IT MW of each, shape (labs,)
    kind : "annual", or "story" for a stress test, of which annual measures do not exist.
    worlds : states of the world that were drawn; year y ran in world y mod ``worlds``.
    world_capacity_mw : IT MW of each lab in each world, shape (worlds, labs), None with one world;
        ``capacity_mw`` is then the mean over the years.
    weights : weight of each year, shape (n_years,), mean near 1, where years were drawn under a
        proposal (``simulate(rare=...)``); None where all weigh the same. Those of a proposal are
        not saved: they are worked out again from the manifest.
    """

    years: pd.DataFrame
    causes: pd.DataFrame
    events: pd.DataFrame
    adequacy: pd.DataFrame | None
    labs: tuple[str, ...]
    capacity_mw: NDArray[np.float64]
    needed_share: NDArray[np.float64]
    n_years: int
    seed: int | None
    booking: str = "occurrence"
    horizon_days: float = 365.0
    kind: str = "annual"
    manifest: Mapping[str, Any] = field(default_factory=dict)
    world: World | None = None  # not saved; the manifest says which world it was
    worlds: int = 1
    world_capacity_mw: NDArray[np.float64] | None = None  # shape (worlds, labs)
    weights: NDArray[np.float64] | None = None  # shape (n_years,)
    plan: Any = None  # compiled arrays of the run, for replay; not saved

    def __repr__(self) -> str:
        span = f"n_years={self.n_years}" if self.kind == "annual" else "a story, not a year"
        worlds = f", worlds={self.worlds}" if self.worlds > 1 else ""
        return (f"Losses({span}, seed={self.seed}{worlds}, booking={self.booking!r}, "
                f"labs={len(self.labs)}, capacity={self.capacity_mw.sum():.0f} MW IT)")

    @classmethod
    def from_years(cls, frame: pd.DataFrame, n_years: int, *,
                   capacity_mw: Mapping[str, float] | None = None,
                   weights: ArrayLike | None = None) -> Losses:
        """Take somebody else's year table, so that the measures here can read it.

        ``frame`` needs ``year, lab, lost_mw_days``; ``shortfall_mw_days`` and
        ``max_event_mw_days`` (the largest single event of the year, for OEP) are read where they
        stand. Years without a row lost nothing. Capacity is NaN where ``capacity_mw`` has none.
        ``weights`` of years 0 to n_years - 1, shape (n_years,), where they were drawn with other
        chances than the true ones: true density over drawn density, with mean 1.
        """
        missing = [name for name in YEARS_COLUMNS[:3] if name not in frame.columns]
        if missing:
            raise RiskModelError(f"from_years: the frame lacks {', '.join(missing)}; it needs "
                                 "year, lab and lost_mw_days")
        if n_years != int(n_years) or n_years < 1:
            raise RiskModelError(f"from_years: n_years is {n_years}; give a whole number above 0")
        years = pd.DataFrame({name: frame[name].to_numpy() for name in YEARS_COLUMNS
                              if name in frame.columns})
        years["lab"] = years["lab"].astype(str).astype(object)
        for name in YEARS_COLUMNS[2:]:
            if name in years:
                years[name] = years[name].astype(float)
            else:
                years[name] = np.nan
        if years[["year", "lab"]].duplicated().any():
            raise RiskModelError("from_years: a year and lab stand twice; sum them first")
        if years["year"].nunique() > n_years:
            raise RiskModelError(f"from_years: the frame holds {years['year'].nunique()} years but "
                                 f"n_years is {n_years}")
        if not np.isfinite(years["lost_mw_days"]).all() or (years["lost_mw_days"] < 0).any():
            raise RiskModelError("from_years: lost_mw_days must be finite and not negative")
        weight = None if weights is None else np.array(weights, dtype=float)
        if weight is not None:
            if weight.shape != (n_years,) or not (np.isfinite(weight) & (weight >= 0)).all():
                raise RiskModelError(f"from_years: weights must be {n_years} finite numbers, one a "
                                     "year, none negative")
            if len(years) and not years["year"].between(0, n_years - 1).all():
                raise RiskModelError("from_years: with weights the years must count from 0 to "
                                     f"{n_years - 1}")
        labs = tuple(sorted(set(years["lab"])))
        given = dict(capacity_mw or {})
        return cls(
            years=years[list(YEARS_COLUMNS)],
            causes=pd.DataFrame(columns=list(CAUSES_COLUMNS)),
            events=pd.DataFrame(columns=list(EVENTS_COLUMNS)),
            adequacy=None, labs=labs,
            capacity_mw=np.array([given.get(lab, np.nan) for lab in labs], dtype=float),
            needed_share=np.full(len(labs), np.nan), n_years=int(n_years), seed=None,
            manifest={"source": "Losses.from_years"}, weights=weight,
        )

    def to_parquet(self, folder: str | Path) -> Path:
        """Write the tables and the manifest into ``folder``; read back with ``read_losses``."""
        from riskmodel.engine.losses.storage import write_losses

        return write_losses(self, folder)
