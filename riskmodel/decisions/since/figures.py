"""The headline numbers of a run, few enough to be kept and compared years later."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.engine.long.long_run import LongRun
from riskmodel.errors import BeyondSpanWarning, RiskModelError
from riskmodel.measures.contributions import contributions
from riskmodel.measures.measure import measure
from riskmodel.measures.yeartable import TOTAL, require_annual

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

MEASURES = ("capacity", "aal", "p_loss", "aep", "tvar", "eue")
PERIOD, LEVEL = 100.0, 0.99
COLUMNS = ("lab", "measure", "level", "value", "se", "unit", "n")
PERIL_COLUMNS = ("lab", "peril", "value", "se")
#: facts of a manifest that say which run it was
_FACTS = ("riskmodel", "perils", "years", "seed", "booking", "horizon_days", "recovery_cap_days",
          "worlds", "rare")
#: facts of its world
_OF_WORLD = ("folder", "as_of", "fingerprint")


@dataclass(frozen=True, eq=False)
class Figures:
    """What is kept of a run.

    Attributes
    ----------
    name : what it is called, such as "First version"
    facts : what its manifest says of it: version of riskmodel, world, perils, years, seed, booking
    measures : frame ``lab, measure, level, value, se, unit, n``; labs with capacity and "total"
    by_peril : frame ``lab, peril, value, se``: the AAL of each of them by peril, MW-days
    commit, of_day : where the code of it stands in the history, and its day; "" where not known
    why : what has moved numbers since, in words
    """

    name: str
    facts: Mapping[str, Any]
    measures: pd.DataFrame
    by_peril: pd.DataFrame
    commit: str = ""
    of_day: str = ""
    why: tuple[str, ...] = ()

    @property
    def years(self) -> int:
        """Simulated years."""
        return int(self.facts["years"])

    @property
    def labs(self) -> list[str]:
        """Labs that hold something, in the order of the run, without the total."""
        return [lab for lab in dict.fromkeys(self.measures["lab"]) if lab != TOTAL]

    def of(self, lab: str, name: str) -> tuple[float, float]:
        """Return one measure of a lab and its standard error; NaN where it is not there."""
        rows = self.measures[(self.measures["lab"] == lab) & (self.measures["measure"] == name)]
        if rows.empty:
            return float("nan"), float("nan")
        return float(rows["value"].iloc[0]), float(rows["se"].iloc[0])


def figures_of(losses: Losses, name: str = "this run") -> Figures:
    """Return the headline numbers of a run.

    Raises
    ------
    RiskModelError : it is a story, which has no average year
    """
    require_annual(losses, "a comparison with earlier numbers")
    held = losses.first if isinstance(losses, LongRun) else losses
    wanted = [each for each in MEASURES if each != "eue" or held.adequacy is not None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BeyondSpanWarning)  # NaN, which the comparison says
        table = pd.concat([measure(losses, by=by, measures=wanted, return_periods=(PERIOD,),
                                   levels=(LEVEL,)) for by in ("lab", TOTAL)], ignore_index=True)
    mw = table[table["measure"] == "capacity"]
    idle = set(mw.loc[mw["value"] == 0, "lab"]) - {TOTAL}
    table = table.loc[~table["lab"].isin(idle), list(COLUMNS)].reset_index(drop=True)
    return Figures(name, facts_of(losses), table, _by_peril(losses, table["lab"].unique()))


def facts_of(losses: Losses) -> dict[str, Any]:
    """Return what says which run it was; what its manifest leaves out is read from the losses."""
    told = losses.manifest
    world = told.get("world")
    world = world if isinstance(world, Mapping) else {}
    facts = {name: told.get(name) for name in _FACTS}
    facts |= {"years": losses.n_years, "seed": losses.seed, "booking": losses.booking,
              "horizon_days": losses.horizon_days, "worlds": losses.worlds}
    return facts | {"world": {name: world.get(name) for name in _OF_WORLD}}


def _by_peril(losses: Losses, labs: Any) -> pd.DataFrame:
    parts = []
    for lab in labs:
        try:
            found = contributions(losses, by="peril", lab=None if lab == TOTAL else lab)
        except RiskModelError:  # a year table from elsewhere does not say what caused the losses
            return pd.DataFrame(columns=list(PERIL_COLUMNS))
        parts.append(found.assign(lab=lab)[list(PERIL_COLUMNS)])
    frames = [part for part in parts if len(part)]
    return (pd.concat(frames, ignore_index=True) if frames
            else pd.DataFrame(columns=list(PERIL_COLUMNS)))


def to_document(figures: Figures) -> dict[str, Any]:
    """Return them as a document for JSON; floats in full, so that they read back as they are."""
    return {"name": figures.name, "commit": figures.commit, "of_day": figures.of_day,
            "run": dict(figures.facts),
            "measures": {"columns": list(COLUMNS), "rows": _rows(figures.measures, COLUMNS)},
            "aal_by_peril": {"columns": list(PERIL_COLUMNS),
                             "rows": _rows(figures.by_peril, PERIL_COLUMNS)},
            "why": list(figures.why)}


def from_document(document: Mapping[str, Any]) -> Figures:
    """Return figures from what ``to_document`` made."""
    measures, perils = (
        pd.DataFrame(document[name]["rows"], columns=document[name]["columns"])
        for name in ("measures", "aal_by_peril"))
    numbers = {name: float for name in ("level", "value", "se") if name in measures}
    return Figures(document["name"], document["run"], measures.astype(numbers),
                   perils.astype({"value": float, "se": float}), document["commit"],
                   document["of_day"], tuple(document["why"]))


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[list[Any]]:
    return [[None if value != value else value for value in row]
            for row in frame[list(columns)].astype(object).to_numpy().tolist()]
