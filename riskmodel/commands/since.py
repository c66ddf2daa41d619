"""``riskmodel since``: what changed since the last version's numbers, or since an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import number, print_json, print_table, records, say
from riskmodel.commands.outputs import read_manifest
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

#: measures of the printed table, and how their columns are called
SHOWN = {"aal": "AAL", "tvar": "worst 1 %"}


def since(output: Path, earlier: Path | None, *, as_json: bool) -> None:
    """Print what changed, lab by lab and peril by peril."""
    from riskmodel.decisions.since.comparable import notes_on
    from riskmodel.decisions.since.since import sides, since_of

    losses = earlier_run(output)
    before, then, now = sides(losses, None if earlier is None else earlier_run(earlier))
    found = since_of(losses, before, then, now)
    perils = since_of(losses, before, then, now, by="peril")
    called = then.name if earlier is None else str(earlier)
    notes = notes_on(then, now)
    if as_json:
        print_json({"ok": True, "then": {"called": called, "commit": then.commit, **then.facts},
                    "now": dict(now.facts), "since": records(found), "perils": records(perils),
                    "notes": notes, "why": list(then.why)})
        return
    _show(found, perils, f"{called} ({then.commit})" if then.commit else called)
    for line in [text.split("\n")[0] for text in then.why] + notes:
        say(f"- {line}")


def earlier_run(folder: Path) -> Losses:
    """Return the losses of a run's folder; its world is not needed."""
    manifest = read_manifest(folder)
    if "years" not in manifest:
        raise RiskModelError(f"{folder} is an output of riskmodel {manifest.get('kind', '')}, not "
                             "of `riskmodel run`: it has no simulated years to compare")
    from riskmodel.engine.losses.storage import read_losses

    return read_losses(folder)


def _show(found: pd.DataFrame, perils: pd.DataFrame, called: str) -> None:
    lines = []
    for lab, part in found.groupby("lab", sort=False):
        line = {"lab": str(lab)}
        by_name = {row["measure"]: row for row in part.to_dict("records")}
        for name, head in SHOWN.items():
            if name in by_name:
                line |= _cells(by_name[name], head)
        lines.append(line)
    n = f"n = {int(found['n_then'].iloc[0]):,} years then, {int(found['n_now'].iloc[0]):,} now"
    _print(lines, f"Since {called}", f"MW-days; ± is one standard error; {n}")
    total = perils[perils["lab"] == "total"]
    _print([{"peril": str(row["peril"]), **_cells(row, "AAL")}
            for row in total.to_dict("records")], "All labs, by peril", "MW-days")


def _cells(row: Mapping[Any, Any], head: str) -> dict[str, str]:
    return {f"{head}, then": number(row["then"]), f"{head}, now": number(row["now"]),
            f"{head}, change": f"{'+' if row['difference'] > 0 else ''}{number(row['difference'])}"
                               f" ± {number(row['se'], 2)}",
            **({"": str(row["verdict"]).removesuffix(" at this n")} if head == "AAL" else {})}


def _print(lines: list[dict[str, str]], title: str, caption: str) -> None:
    if lines:
        table = pd.DataFrame(lines)
        print_table(table, title, right=[name for name in table.columns[1:] if name.strip()],
                    caption=caption)
