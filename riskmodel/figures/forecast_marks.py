"""Back-tests: what was predicted from what was known, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.figures.drawing import drawn
from riskmodel.figures.foot_facts import DRAWS, About
from riskmodel.figures.labels import label, plain_ticks
from riskmodel.figures.palette import colour
from riskmodel.figures.sheet import sheet
from riskmodel.report.context import records
from riskmodel.report.numbers import short
from riskmodel.report.restoration_fan import FULL, HALF, fan_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.decisions.backtests.backtest import BackTest

_FEWEST, _MOST = 1e-2, 1e2  # of what happened: the ends of the axis


def backtests(tests: Sequence[BackTest], *, size: str = "double",
              width_mm: float | None = None) -> Figure:
    """Draw the middle 90 % of every forecast over what happened, so that 1 is a hit.

    Parameters
    ----------
    tests : of ``rm.backtest`` ; size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : there is none, or nothing happened of which a ratio could be made
    """
    rows = [{**row, "test": test} for test in tests for row in records(test.table)
            if row["observed"] > 0]
    if not rows:
        raise RiskModelError("backtests: no forecast of a quantity above 0; give what rm.backtest "
                             "returned")
    on = sheet(size, width_mm)
    lines = _lines(rows, on.rows(1000, lines=0.85))
    left = len(rows) - sum("observed" in line for line in lines)

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        for place, row in enumerate(lines):
            if "observed" not in row:
                continue
            low, middle, high = (min(max(row[end] / row["observed"], _FEWEST), _MOST)
                                 for end in ("low", "median", "high"))
            ink = colour("c2" if row["inside"] else "c1")
            axis.plot([low, high], [place, place], color=ink, alpha=0.5,
                      linewidth=on.points / 4, solid_capstyle="butt")
            axis.plot([middle], [place], "o", color=ink, markersize=0.42 * on.points)
        axis.axvline(1.0, color=colour("ink"), linewidth=on.points / 12)
        axis.set(xscale="log", xlim=(_FEWEST * 0.9, _MOST * 1.1), ylim=(len(lines) - 0.5, -0.5),
                 xlabel="predicted / happened, ratio")
        axis.set_yticks(range(len(lines)), [_words(row, on.letters(0.5)) for row in lines],
                        fontsize=0.85 * on.points)
        for line, text in zip(lines, axis.get_yticklabels(), strict=True):
            if "observed" not in line:
                text.set(fontweight="bold", color=colour("ink"))
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, "x", short)

    return drawn(
        paint, name="backtests", sheet=on, height_mm=on.height_of_rows(0.85 * len(lines)),
        about=_about(tests), units={"x": "ratio", "y": ""},
        caption="Forecasts from what was known before the day, over what happened: the bar is the "
                "middle 90 % of the draws, the dot their median, and at 1 stands what happened; "
                "the other colour marks what fell outside. Bars end at "
                f"{_FEWEST:g} and {_MOST:g}."
                + (f" {left} more quantities find no room." if left else ""))


def restoration(test: BackTest, *, size: str = "double", width_mm: float | None = None) -> Figure:
    """Draw the share back by each hour, predicted as a fan, and what happened.

    Parameters
    ----------
    test : of ``rm.backtest``, one that forecasts hours to half and to full restoration
    size, width_mm : see ``exceedance``

    Raises
    ------
    RiskModelError : the back-test is not of a restoration
    """
    if not {"half_h", "full_h"} <= set(test.samples):
        raise RiskModelError(f"restoration: {test.backtest_id} forecasts "
                             f"{', '.join(test.samples)}, not hours to half and full restoration; "
                             "draw it with figures.backtests")
    hours, (low, middle, high) = fan_curves(test.samples["half_h"], test.samples["full_h"])
    seen = {row["quantity"]: float(row["observed"]) for row in records(test.table)}
    on = sheet(size, width_mm)

    def paint(figure: Figure) -> None:
        axis = figure.subplots()
        axis.fill_between(hours, 100 * low, 100 * high, color=colour("c2"), alpha=0.18,
                          linewidth=0)
        axis.plot(hours, 100 * middle, color=colour("c2"), label="predicted, 90 % of curves")
        axis.plot([seen["half_h"], seen["full_h"]], [100 * HALF, 100 * FULL], "o",
                  color=colour("c1"), label="happened")
        ends = np.log10(hours[[0, -1]])
        axis.set(xscale="log", xlim=(hours[0], hours[-1]), ylim=(0, 105),
                 xlabel="hours since the outage", ylabel="restored, %")
        axis.set_xticks([10.0**power for power in range(int(np.ceil(ends[0])),
                                                        int(np.floor(ends[1])) + 1)])
        axis.grid(axis="y")
        plain_ticks(axis, "x", short)
        plain_ticks(axis, "y", short)
        axis.legend(loc="lower right")

    return drawn(
        paint, name=f"restoration-{test.backtest_id.removeprefix('restoration-')}", sheet=on,
        height_mm=on.height_mm(0.68 if on.narrow else 0.42), about=_about([test]),
        units={"x": "hours", "y": "%"},
        caption=f"{label(test.name, 120)}: share restored by each hour, predicted from what was "
                f"known before {test.freeze} (line: median, band: 90 % of the curves), and the "
                "hours at which half and 99 % were back.")


def _lines(rows: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Return the rows with a heading before those of each back-test; whole back-tests only."""
    lines: list[dict[str, Any]] = []
    for test in dict.fromkeys(row["test"] for row in rows):
        mine = [row for row in rows if row["test"] is test]
        if lines and len(lines) + 1 + len(mine) > most:
            break
        lines += [{"test": test}, *mine]
    return lines


def _words(line: dict[str, Any], longest: int) -> str:
    if "observed" not in line:
        return label(line["test"].name, longest)
    more = ", at least" if line["quantity"] in line["test"].lower_bound else ""
    return label(f"{line['what']}{more}", longest)


def _about(tests: Sequence[BackTest]) -> About:
    days = sorted({test.freeze.isoformat() for test in tests})
    asked = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return About(tests[0].n, tests[0].seed, asked, DRAWS, day="known before")
