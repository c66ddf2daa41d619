"""``riskmodel tornado``: which unknown number moves the answer most."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_labs, check_worlds, read_checked, ready_engine


def tornado(folder: Path | None, *, as_of: str | None, years: int, seed: int, top: int,
            lab: str | None, worlds: int, perils: list[str] | None, out: Path | None,
            figure: Path | None, as_json: bool) -> None:
    """Move the inputs that matter, one at a time; print a table, write and draw it where asked."""
    check_table_file(out)
    if figure is not None:
        from riskmodel.figures.files import form_of

        with wrong_usage():
            form_of(figure)
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.tornado.tornado import tornado as work
    from riskmodel.perils.registry import load_perils

    with wrong_usage():
        load_perils(world, perils)
        check_labs(world, None if lab is None else [lab])
        check_worlds(worlds, years)
    ready_engine()
    with progress_bar("simulating") as progress:
        frame = work(world, years, seed, top=top, lab=lab, worlds=worlds, perils=perils,
                     progress=progress)
    write_table_file(frame, out)
    if figure is not None:
        from riskmodel import figures

        figures.write(figures.tornado(frame, world, seed=seed, world=world), figure)
    if as_json:
        print_json({"ok": True, "years": years, "seed": seed, "worlds": worlds,
                    "out": None if out is None else str(out),
                    "figure": None if figure is None else str(figure), "tornado": records(frame)})
        return
    print_table(shown(frame), f"What moves the loss of {lab or 'all labs'}, {years:,} years a run, "
                f"seed {seed}",
                right=["AAL", "TVaR"],
                caption="each number at its 5 % and 95 % point, the others at their best; MW-days "
                        "at the one and the other, ± one standard error of the difference")
    if out is not None:
        say(f"table: {out}")
    if figure is not None:
        say(f"figure: {figure}")


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table for people: a line an input, largest swing of the AAL first."""
    rows = []
    for (peril, name), part in frame.groupby(["peril", "number"], sort=False):
        aal, tvar = (part[part["measure"] == measure].iloc[0] for measure in ("aal", "tvar"))
        rows.append({
            "number": f"{peril}: {name}",
            "from, to": f"{number(aal['input_low'])} to {number(aal['input_high'])} "
                        f"{aal['input_unit']}",
            "AAL": _moved(aal), "TVaR": _moved(tvar)})
    return pd.DataFrame(rows)


def _moved(row: pd.Series) -> str:
    return f"{number(row['low'])} to {number(row['high'])} ± {number(row['se'], 2)}"
