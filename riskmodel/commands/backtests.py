"""``riskmodel backtest``: how the model would have done, from what was known at the time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.outputs import REPORT, check_target, whole_folder, write_manifest
from riskmodel.commands.worlds import read_checked

if TYPE_CHECKING:
    from riskmodel.decisions.backtests.backtest import BackTest

ALL = "all"
TABLE = "backtests.parquet"


def backtest(names: list[str], *, folder: Path | None, n: int, seed: int, out: Path | None,
             as_json: bool) -> None:
    """Run back-tests (all if none is named); print their table, and write a page if asked."""
    import pandas as pd

    from riskmodel.decisions.backtests.backtest import backtest as run
    from riskmodel.decisions.backtests.backtest import backtests

    with wrong_usage():
        target = None if out is None else check_target(out)
    world, _ = read_checked(folder, None)
    wanted = list(dict.fromkeys(names))
    if not wanted or ALL in wanted:
        wanted = list(backtests(world)["backtest"])
    with wrong_usage():
        tests = [run(world, name, n=n, seed=seed) for name in wanted]
    table = pd.concat([test.table.assign(backtest=test.backtest_id, freeze=str(test.freeze))
                       for test in tests], ignore_index=True)
    if target is not None:
        from riskmodel.report.backtest_page import write_backtests

        with whole_folder(target) as fresh:
            table.to_parquet(fresh / TABLE, index=False)
            write_backtests(tests, fresh / REPORT)
            write_manifest(fresh, {"kind": "backtests", "backtests": wanted, "draws": n,
                                   "seed": seed, "fingerprint": world.fingerprint})
    if as_json:
        print_json({"ok": True, "draws": n, "seed": seed,
                    "out": None if target is None else str(target),
                    "backtests": [{"backtest": test.backtest_id, "name": test.name,
                                   "freeze": test.freeze, "verdict": test.verdict,
                                   "quantities": records(test.table)} for test in tests]})
        return
    print_table(pd.DataFrame([row for test in tests for row in text_rows(test)]),
                f"Back-tests, {n:,} draws, seed {seed}",
                right=["forecast 5 / 50 / 95 %", "happened", "place"],
                caption="place: where in the forecast the observed value fell, 50 % is the middle; "
                        "CRPS: of the quantity, or of its logarithm (ln)")
    if target is not None:
        say(f"report: {target / REPORT}")


def text_rows(test: BackTest) -> list[dict[str, Any]]:
    """Return the lines of one back-test as text."""
    rows = []
    for row in test.table.to_dict("records"):
        more = "≥ " if row["quantity"] in test.lower_bound else ""
        unit = " ln" if row["crps_unit"] == "ln" else ""
        rows.append({
            "back-test": test.backtest_id, "quantity": f"{row['what']}, {row['unit']}",
            "forecast 5 / 50 / 95 %": " / ".join(number(row[key], 2)
                                                 for key in ("low", "median", "high")),
            "happened": more + f"{row['observed']:,.4g}",
            "place": place(row["percentile"]),
            "CRPS": number(row["crps"], 2) + unit, "verdict": row["verdict"]})
    return rows


def place(share: float) -> str:
    """Return a percentile as text; near the ends with more digits, for a miss is a number too."""
    if share in (0.0, 1.0):
        return "beyond every draw"
    digits = 0 if 0.01 <= share <= 0.99 else 2
    return f"{100 * share:.{digits}f} %"
