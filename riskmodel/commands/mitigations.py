"""``riskmodel diversify mitigations``: what to fix first."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    progress_bar,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_lab, read_checked, ready_engine


def mitigations(folder: Path | None, *, as_of: str | None, lab: str | None,
                words: list[str] | None, measure: str, level: float, years: int, seed: int,
                permutations: int | None, perils: list[str] | None, out: Path | None,
                page: Path | None, as_json: bool) -> None:
    """Simulate every coalition of the mitigations and print what each is worth."""
    check_table_file(out)
    if page is not None and not page.expanduser().parent.is_dir():
        raise WrongUsage(f"there is no folder {page.parent} to write {page.name} into; make it "
                         "first, or name another")
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.mitigations.mitigations import usual_mitigations
    from riskmodel.decisions.mitigations.value import mitigation_value
    from riskmodel.decisions.mitigations.words import mitigations_of
    from riskmodel.perils.registry import load_perils

    check_lab(world, lab)
    who = None if lab == "total" else lab
    with wrong_usage():  # before anything is simulated
        load_perils(world, perils)
        found = (usual_mitigations(world, who) if words is None
                 else mitigations_of(world, who, words))
        for each in found:
            each.apply(world)
    if not found:
        raise WrongUsage("none of the usual mitigations changes anything for these sites; name "
                         "your own with --with")
    ready_engine()
    with wrong_usage(), progress_bar("simulating", "runs") as progress:
        frame = mitigation_value(world, who, found, years, seed, measure=measure, level=level,
                                 permutations=permutations, perils=perils, progress=progress)
    write_table_file(frame, out)
    if page is not None:
        from riskmodel.report.mitigations import write_mitigations

        write_mitigations(frame, found, world, page.expanduser())
    if as_json:
        print_json({"ok": True, "as_of": world.as_of, "years": years, "seed": seed, "out": out,
                    "page": page,
                    "mitigations": [{"name": each.name, "does": each.does,
                                     "does_not": each.does_not, "source": each.source}
                                    for each in found], "values": records(frame)})
        return
    first = frame.iloc[0]
    what = "AAL" if measure == "aal" else f"TVaR {100 * level:g} %"
    print_table(shown(frame), f"What each saves {first['lab']} of its {what}: "
                f"{number(first['base'])} MW-days now, {number(first['with_all'])} with all",
                right=["first in", "last in", "Shapley value", "share"],
                caption=f"MW-days a year, ± one standard error, {years:,} years, seed {seed}, "
                        f"{first['coalitions']} runs. First in: alone; last in: on top of all the "
                        "others; Shapley values add up to what all save together")
    for each in found:
        say(f"{each.name}: {each.does} {each.does_not} ({each.source})")
    if out is not None:
        say(f"table: {out}")
    if page is not None:
        say(f"page: {page}")


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table for people."""
    def estimate(value: str, se: str) -> list[str]:
        return [with_error(v, e) for v, e in
                zip(frame[value], frame[se], strict=True)]

    return pd.DataFrame({
        "mitigation": frame["mitigation"], "first in": estimate("first_in", "first_in_se"),
        "last in": estimate("last_in", "last_in_se"), "Shapley value": estimate("value", "se"),
        "share": [f"{number(100 * share, 2)} %" for share in frame["share"]]})
