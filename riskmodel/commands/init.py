"""``riskmodel init``: a first world to edit, and what to do with it next."""

from __future__ import annotations

from pathlib import Path

from riskmodel.commands.console import print_json, say, wrong_usage


def init(folder: Path, *, bare: bool, as_json: bool) -> None:
    """Write the starter world and say the next steps."""
    from riskmodel.exchange.starter_world import write_starter

    with wrong_usage():
        files = write_starter(folder, bare=bare)
    if as_json:
        print_json({"ok": True, "folder": str(folder), "files": files})
        return
    what = "tables that wait for your sites" if bare else "three made-up sites of two labs"
    say(f"{folder}: {what}, and {sum(f.startswith('perils/') for f in files)} perils; "
        f"{folder / 'README.md'} says what each table means")
    say(f"next: edit sites.csv, labs.csv and holdings.csv, then `riskmodel check {folder}` and "
        f"`riskmodel run {folder} -o out`")
