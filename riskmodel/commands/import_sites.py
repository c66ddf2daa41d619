"""``riskmodel import-sites``: a stranger's file of sites becomes a world, and says how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import WrongUsage, print_json, problem_record, say

if TYPE_CHECKING:
    from riskmodel.exchange.import_sites import Imported

_FORMS = {"sheet": "a spreadsheet", "layer": "a map layer", "oed": "an OED location file",
          "epoch": "Epoch AI's table of data centres"}


def import_sites(file: Path, *, out: Path, form: str, columns: Sequence[str], skip_bad: bool,
                 lab: str, mw_per: str | None, places: Path | None, layer: str | None,
                 crs: str | None, as_of: str | None, as_json: bool) -> None:
    """Import, and say which column was taken for what, what was kept, and what was left out."""
    from riskmodel.exchange.import_sites import import_sites as work

    if not file.is_file():
        raise WrongUsage(f"{file} is a folder; name the file of the sites in it" if file.is_dir()
                         else f"there is no file {file}; see that the path is written right")
    done = work(file, out, form=form, columns=_pairs(columns), skip_bad=skip_bad, lab=lab,
                mw_per=_factor(mw_per), places=places, layer=layer, crs=crs, as_of=as_of)
    if as_json:
        print_json({
            "ok": True, "folder": str(out), "form": done.form, "sites": len(done.world.sites),
            "columns": dict(done.columns), "kept_columns": list(done.unused),
            "skipped": [{"row": each.row, "message": each.message, "mend": each.mend}
                        for each in done.skipped],
            "notes": list(done.notes), "problems": [problem_record(e) for e in done.warnings]})
        return
    _tell(done, out)


def _tell(done: Imported, out: Path) -> None:
    from riskmodel.exchange.made_world import KEPT, SKIPPED

    say(f"read as {_FORMS[done.form]}; columns taken:")
    for ours, theirs in done.columns.items():
        say(f"  {ours} = {theirs}")
    if done.unused:
        say(f"not understood, kept in {out / KEPT}: {', '.join(done.unused)}")
    for note in done.notes:
        say(f"note: {note}")
    for each in done.warnings:
        say(f"warning: {each}")
    if done.skipped:
        say(f"{len(done.skipped)} rows left out, listed in {out / SKIPPED}")
    sites, labs = len(done.world.sites), len(done.world.labs)
    say(f"{out}: {sites:,} site{'s' * (sites != 1)}, {done.world.sites['it_mw'].sum():,.4g} MW IT, "
        f"{labs:,} lab{'s' * (labs != 1)}; next: `riskmodel check {out}`, "
        f"`riskmodel run {out} -o out`")


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in texts:
        ours, sign, theirs = text.partition("=")
        if not sign or not ours.strip():
            raise WrongUsage(f"--map {text}: write it as --map it_mw='Leistung MW'")
        out[ours.strip()] = theirs.strip()
    return out


def _factor(text: str | None) -> tuple[str, float] | None:
    if text is None:
        return None
    column, _, factor = text.rpartition("=")
    try:
        value = float(factor)
    except ValueError:
        value = 0.0
    if not column or not 0 < value < float("inf"):
        raise WrongUsage(f"--mw-per {text}: write a column and the MW of one unit of it, as "
                         "--mw-per BuildingTIV=2e-7")
    return column.strip(), value
