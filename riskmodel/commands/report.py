"""``riskmodel report``: the report of a run again, as much of it as somebody wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from riskmodel.commands.console import (
    WrongUsage,
    print_json,
    print_table,
    say,
    wrong_usage,
)
from riskmodel.commands.outputs import PDF, REPORT, read_manifest
from riskmodel.commands.since import earlier_run
from riskmodel.commands.worlds import world_of
from riskmodel.report.browser import SUFFIX, find_browser


def report(output: Path, *, file: Path | None, sections: Sequence[str] | None,
           without: Sequence[str] | None, lab: str | None, pdf: bool, sites: bool,
           world_folder: Path | None, since: Path | None, as_json: bool) -> None:
    """Write the report of a run again, into the output or into ``file``; as a PDF by its name.

    ``since`` is the folder of an earlier run that its section on what changed compares with.
    """
    check_sections(sections, without)  # what this run cannot have is known when it is read
    manifest = read_manifest(output)
    name = PDF if pdf else REPORT
    target = (file or output / name).expanduser().resolve()
    if target.is_dir():
        raise WrongUsage(f"{target} is a folder; name a file, such as {target / name}")
    if pdf and target.suffix.lower() != SUFFIX:
        raise WrongUsage(f"--pdf and -o {file}: name a file that ends in {SUFFIX}, or leave out "
                         "one of the two")
    if target.suffix.lower() == SUFFIX:
        find_browser()  # before anything is computed
    from riskmodel.engine.losses.storage import read_losses
    from riskmodel.report.context import Context
    from riskmodel.report.html import known_lab, write_report

    losses = read_losses(output, world=world_of(manifest, output, world_folder))
    if lab is not None and lab not in losses.labs:
        with wrong_usage():
            known_lab(Context(losses, losses.world), lab)
    write_report(losses, target, sites=sites, sections=sections, without=without or (), lab=lab,
                 since=None if since is None else earlier_run(since))
    if as_json:
        print_json({"ok": True, "report": str(target), "sites": sites, "lab": lab})
    else:
        say(f"report: {target}")


def check_sections(sections: Sequence[str] | None, without: Sequence[str] | None, *,
                   worlds: int = 2, weighted: bool = False) -> None:
    """Refuse names of no section, or of one that such a run cannot have, before it is computed.

    Raises
    ------
    WrongUsage
    """
    if sections is None and not without:
        return
    from riskmodel.report.choice import choose
    from riskmodel.report.html import SECTIONS, absent

    with wrong_usage():
        choose(SECTIONS, absent(worlds=worlds, weighted=weighted), sections, without or ())


def list_sections(*, as_json: bool) -> None:
    """Print the sections that a report may have."""
    import pandas as pd

    from riskmodel.report.html import report_sections

    found = report_sections()
    if as_json:
        print_json({"ok": True, "sections": [{"section": key, "about": about}
                                             for key, about in found.items()]})
        return
    print_table(pd.DataFrame({"section": list(found), "what it is about": list(found.values())}),
                "Sections of the report", caption="a run may have less: bands of ignorance need "
                "several worlds, and a story has no average year")
