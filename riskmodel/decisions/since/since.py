"""``since``: what changed since the last version's numbers, or since an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.decisions.comparison.compare import compare
from riskmodel.decisions.comparison.text import SAME, UNSURE
from riskmodel.decisions.since.comparable import same_run, why_not
from riskmodel.decisions.since.figures import LEVEL, MEASURES, PERIOD, Figures, figures_of
from riskmodel.decisions.since.last_version import last_version
from riskmodel.engine.long.long_run import LongRun
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.losses.storage import read_losses
from riskmodel.errors import RiskModelError
from riskmodel.measures.estimators import Z95
from riskmodel.measures.yeartable import TOTAL, one_of
from riskmodel.perils.registry import BUILT_IN
from riskmodel.world.io import read_world

MORE, LESS = "more", "less"
COLUMNS = ("lab", "measure", "level", "then", "now", "difference", "se", "low", "high", "verdict",
           "unit", "n_then", "n_now", "paired")
PERIL_COLUMNS = ("lab", "peril", "then", "now", "difference", "se", "low", "high", "verdict",
                 "unit", "n_then", "n_now")
_ROUNDING = 1e-9  # a difference below this part of the numbers is of rounding


def since(losses: Losses, earlier: Losses | Figures | str | Path | None = None,
          *, by: str = "measure") -> pd.DataFrame:
    """Return what changed since the last version's numbers, or since an earlier run.

    Parameters
    ----------
    losses : of ``simulate`` or ``read_losses``
    earlier : an earlier run, or the folder that ``riskmodel run`` or ``Losses.to_parquet`` left;
        the numbers of the last version (``last_version``) if not given, which are of the world
        that ships with all its perils
    by : "measure" for the headline measures of each lab and the total; "peril" for the average
        annual loss of each by peril

    Returns
    -------
    frame ``lab, measure, level, then, now, difference, se, low, high, verdict, unit, n_then, n_now,
    paired``, or ``lab, peril, then, now, difference, ...`` (MW-days)
        ``difference`` is now - then; ``low`` and ``high`` its 95 % interval; ``verdict`` is
        "more", "less", "cannot tell at this n" or "no change". Two runs of as many years are
        compared year by year (``paired``), as ``compare`` does; otherwise, and by peril, the errors
        are combined as of independent runs, which is on the safe side where both had one seed. One
        and the same run differs by exactly 0.

    Raises
    ------
    RiskModelError : the two do not mean the same: another world, day, booking or set of perils
    """
    one_of(by, ("measure", "peril"), "by")
    return since_of(losses, *sides(losses, earlier), by=by)


def since_of(losses: Losses, before: Losses | None, then: Figures, now: Figures, *,
             by: str = "measure") -> pd.DataFrame:
    """Return the frame of ``since`` from what ``sides`` found."""
    if by == "peril":
        return _by_peril(then, now)
    if before is not None and _pairs(before, losses):
        return _paired(before, losses)
    return _apart(then, now)


def sides(losses: Losses, earlier: Losses | Figures | str | Path | None = None
          ) -> tuple[Losses | None, Figures, Figures]:
    """Return the earlier run where there is one, and the figures of both sides.

    Raises
    ------
    RiskModelError : they cannot be compared, or there is no such run
    """
    before: Losses | None = None
    if earlier is None:
        then = last_version()
        refused = _not_as_shipped(losses)
        if refused:
            raise RiskModelError(f"the numbers of {then.name.lower()} are of the world that ships "
                                 f"with all its perils, and {refused}")
    elif isinstance(earlier, Figures):
        then = earlier
    else:
        named = "the earlier run"
        if isinstance(earlier, str | Path):
            named = str(earlier)
            earlier = read_losses(earlier)
        before = earlier
        then = figures_of(earlier, named)
    now = figures_of(losses)
    refused = why_not(then, now, ships=not _changed_world(losses))
    if refused:
        raise RiskModelError(f"{now.name} cannot be compared with {then.name}: {refused}")
    return before, then, now


def _not_as_shipped(losses: Losses) -> str:
    """Return why this run is not one of the world that ships with all its perils, or nothing."""
    if _changed_world(losses):
        return "this run is of another world"
    taken = set(losses.manifest.get("perils") or ())
    left_out, added = sorted(set(BUILT_IN) - taken), sorted(taken - set(BUILT_IN))
    if left_out:
        return f"this run leaves out {', '.join(left_out)}"
    return f"this run adds {', '.join(added)}" if added else ""


def _changed_world(losses: Losses) -> bool:
    """Return whether the run is not of the world that ships, as it is now."""
    world = losses.manifest.get("world")
    if not isinstance(world, dict) or world.get("folder") is not None:
        return True
    try:
        return bool(read_world(as_of=world.get("as_of")).fingerprint != world.get("fingerprint"))
    except RiskModelError:
        return True  # the world that ships cannot be read on that day


def _pairs(then: Losses, now: Losses) -> bool:
    """Return whether year stands against year: as many years, worlds, and the same proposal."""
    if isinstance(then, LongRun) or isinstance(now, LongRun):
        return False  # their years are not in memory
    return (then.n_years == now.n_years and then.worlds == now.worlds
            and then.manifest.get("rare") == now.manifest.get("rare")
            and (then.weights is None) == (now.weights is None))


def _paired(then: Losses, now: Losses) -> pd.DataFrame:
    wanted = [name for name in MEASURES
              if name != "eue" or not (then.adequacy is None or now.adequacy is None)]
    if now.n_years < PERIOD:
        wanted = [name for name in wanted if name not in ("aep", "tvar")]
    found = compare(then, now, measures=wanted, level=LEVEL, return_periods=(PERIOD,), paired=True)
    found = found.rename(columns={"base": "then", "other": "now"}).assign(
        n_then=then.n_years, n_now=now.n_years, paired=True)
    found["verdict"] = [_moves(row) if row["verdict"] not in (SAME, UNSURE) else row["verdict"]
                        for row in found.to_dict("records")]
    return found[list(COLUMNS)]


def _moves(row: Any) -> str:
    return MORE if row["difference"] > 0 else LESS


def _apart(then: Figures, now: Figures) -> pd.DataFrame:
    one = same_run(then, now)
    labs = [*dict.fromkeys([*now.labs, *then.labs]), TOTAL]
    units = dict(zip(now.measures["measure"], now.measures["unit"], strict=True))
    levels = dict(zip(now.measures["measure"], now.measures["level"], strict=True))
    rows = []
    for lab in labs:
        for name in units:
            if name not in set(then.measures["measure"]):
                continue
            before, after = (_held(side, lab, name) for side in (then, now))
            rows.append({"lab": lab, "measure": name, "level": levels[name], "unit": units[name],
                         "n_then": then.years, "n_now": now.years, "paired": False,
                         **_difference(before, after, one)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _held(side: Figures, lab: str, name: str) -> tuple[float, float]:
    """Return a measure; a lab that held nothing lost nothing."""
    return side.of(lab, name) if lab == TOTAL or lab in side.labs else (0.0, 0.0)


def _by_peril(then: Figures, now: Figures) -> pd.DataFrame:
    one = same_run(then, now)
    tables = [_perils_of(side) for side in (then, now)]
    rows = []
    for lab, peril in sorted({*tables[0], *tables[1]}, key=lambda key: (key[0] == TOTAL, key)):
        before, after = (table.get((lab, peril), (0.0, 0.0)) for table in tables)
        rows.append({"lab": lab, "peril": peril, "unit": "MW-days", "n_then": then.years,
                     "n_now": now.years, **_difference(before, after, one)})
    return pd.DataFrame(rows, columns=list(PERIL_COLUMNS))


def _perils_of(side: Figures) -> dict[tuple[str, str], tuple[float, float]]:
    """Return (lab, peril) -> its part of the AAL and the error of it."""
    return {(str(lab), str(peril)): (float(value), float(se))
            for lab, peril, value, se in side.by_peril.itertuples(index=False)}


def _difference(then: tuple[float, float], now: tuple[float, float], one: bool) -> dict[str, Any]:
    """Return two values, their difference and its error; ``one`` says they are of the same run."""
    difference, se = now[0] - then[0], float(np.hypot(then[1], now[1]))
    if abs(difference) <= _ROUNDING * max(abs(then[0]), abs(now[0])) and (one or not se > 0):
        difference, se, verdict = 0.0, 0.0, SAME
    elif abs(difference) > Z95 * se:  # False where the error is not known
        verdict = MORE if difference > 0 else LESS
    else:
        verdict = UNSURE
    return {"then": then[0], "now": now[0], "difference": difference, "se": se,
            "low": difference - Z95 * se, "high": difference + Z95 * se, "verdict": verdict}
