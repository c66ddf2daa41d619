"""``riskmodel diversify zones``: where most MW lie together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.commands.console import (
    number,
    print_json,
    print_table,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_lab, read_checked

#: what a table of all labs shows beside circles; the rest is in --json, in the file, for one lab
MAIN = ("feed", "grid_region", "interconnection", "gas_area", "cloud", "country", "theatre")


def zones(folder: Path | None, *, as_of: str | None, lab: str | None, radius_km: list[float],
          kinds: list[str] | None, top: int, out: Path | None, as_json: bool) -> None:
    """Print the largest zones of one lab, or the share of every lab in its largest of each kind."""
    check_table_file(out)
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.concentration.accumulation import accumulation
    from riskmodel.world.site_groups import DIMENSIONS

    check_lab(world, lab)
    with wrong_usage():
        frame = accumulation(world, lab, radius_km, kinds=kinds, top=top)
    write_table_file(frame, out)
    if as_json:
        print_json({"ok": True, "as_of": world.as_of, "out": out, "zones": records(frame)})
        return
    named = frame.assign(kind=[_kind(row, DIMENSIONS) for row in records(frame)])
    if lab is not None:
        print_table(_of_one(named), f"Where most MW of {lab} lie together", right=["MW", "share",
                                                                                  "sites"],
                    caption="bounds where places or groups are not known well enough; a site "
                            "counts whole in each zone it hangs on")
    else:
        shown = [kind for kind in dict.fromkeys(named["kind"])
                 if kinds or kind in {DIMENSIONS[name] for name in MAIN} or kind.endswith(" km")]
        print_table(_of_all(named, shown), "Share of each lab in its largest zone of each kind",
                    right=shown, caption="circles are centred where they hold most of the lab, "
                                         "anywhere; `--lab` names the zones")
    if out is not None:
        say(f"table: {out}")


def _kind(row: dict[str, object], words: dict[str, str]) -> str:
    radius = row["radius_km"]
    return words[str(row["kind"])] if radius is None else f"{radius:g} km"


def _of_one(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([{
        "zone of": row["kind"], "zone": row["zone"], "MW": _with_bounds(row),
        "share": f"{100 * row['share']:.0f} %", "sites": row["n_sites"]}
        for row in records(frame)])


def _of_all(frame: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    rows = []
    for lab, part in frame[frame["rank"] == 1].groupby("lab", sort=False):
        share = dict(zip(part["kind"], part["share"], strict=True))
        rows.append({"lab": lab, "MW": number(part["lab_mw"].iloc[0]), **{
            kind: f"{100 * share[kind]:.0f} %" if kind in share else "-" for kind in shown}})
    return pd.DataFrame(rows)


def _with_bounds(row: dict[str, float]) -> str:
    value = number(row["value"])
    low, high = number(row["low"]), number(row["high"])
    return value if low == high else f"{value} ({low} to {high})"
