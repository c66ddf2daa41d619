"""``check``, ``perils`` and ``explain``: look at a world without simulating it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.commands.console import (
    WrongUsage,
    print_json,
    print_table,
    problem_record,
    records,
    say,
    shown_text,
    wrong_usage,
)
from riskmodel.commands.worlds import read_checked, read_unchecked
from riskmodel.errors import Problem, RiskModelError, WorldError

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: labs that `check` names on its line of capacities
_SHOWN_LABS = 8
#: so many sites are listed where one of them was misspelt beyond a guess
_FEW_SITES = 20


def check(folder: Path | None, *, as_of: str | None, as_json: bool) -> None:
    """Check a world and its perils and say what is in it; raises with every problem."""
    world = read_unchecked(folder, as_of)
    problems = [*world.all_problems(), *peril_problems(world)]
    refused = [problem for problem in problems if problem.level == "raise"]
    if refused:
        raise WorldError(refused)
    capacity = world.lab_capacity()
    counts = {name: len(getattr(world, name)) for name in
              ("sites", "labs", "holdings", "deals", "nodes", "requirements", "events")}
    if as_json:
        print_json({"ok": True, "as_of": world.as_of, "fingerprint": world.fingerprint,
                    "rows": counts, "it_mw": float(capacity.sum()),
                    "labs": {str(lab): float(mw) for lab, mw in capacity.items()},
                    "problems": [problem_record(each) for each in problems]})
        return
    for each in problems:
        say(f"warning: {each}")
    rows = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    held = capacity[capacity > 0].sort_values(ascending=False, kind="stable")
    more = f" and {len(held) - _SHOWN_LABS} labs more" if len(held) > _SHOWN_LABS else ""
    print_lines([f"{rows}; {capacity.sum():,.0f} MW IT"
                 + (f" on {world.as_of.isoformat()}" if world.as_of else ""),
                 "MW by lab: " + (", ".join(f"{lab} {mw:,.4g}" for lab, mw in
                                            held.head(_SHOWN_LABS).items()) or "none") + more,
                 f"fit to run, with {len(problems)} warning{'s' if len(problems) != 1 else ''}"])


def peril_problems(world: World) -> list[Problem]:
    """Return what keeps the perils of a world from being read, each file by itself."""
    from dataclasses import replace

    from riskmodel.perils.registry import load_perils

    told: dict[str, Problem] = {}
    for peril, data in world.perils.items():
        try:
            load_perils(replace(world, perils={peril: data}), [peril])
        except RiskModelError as error:
            file, _, what = str(error).partition(": ")
            known = file.endswith(".toml")
            told[str(error)] = Problem(
                "perils", "raise", file if known else "perils", what if known else str(error),
                "mend the file, or take the shipped one again (`riskmodel init` writes some); "
                "without the file the world is without the peril")
    return list(told.values())


def print_lines(lines: list[str]) -> None:
    """Print lines on stdout."""
    import typer

    for line in lines:
        typer.echo(shown_text(line))


def list_perils(folder: Path | None, *, as_json: bool) -> None:
    """List the perils a world has."""
    import pandas as pd

    from riskmodel.perils.registry import load_perils

    world, _ = read_checked(folder, None)
    rows = [{"peril": spec.peril_id, "name": spec.name, "group": spec.group,
             "definition": spec.definition}
            for spec in (peril.spec for peril in load_perils(world))]
    if as_json:
        print_json({"ok": True, "perils": rows})
        return
    print_table(pd.DataFrame(rows, columns=["peril", "name", "group", "definition"]), "Perils",
                caption="riskmodel perils show PERIL gives every number with its source")


def show_peril(peril_id: str, folder: Path | None, *, as_json: bool) -> None:
    """Show one peril: what it is and every number in it, with low, best, high and source."""
    from riskmodel.perils.describe import describe
    from riskmodel.perils.registry import load_perils
    from riskmodel.perils.spec import numbers

    world, _ = read_checked(folder, None)
    with wrong_usage():
        (peril,) = load_perils(world, [peril_id])
    spec = peril.spec
    if as_json:
        print_json({"ok": True, "peril": spec.peril_id, "name": spec.name, "group": spec.group,
                    "definition": spec.definition, "oed_code": spec.oed_code,
                    "rdls_type": spec.rdls_type, "numbers": numbers(spec.data),
                    "sources": spec.data.get("sources", {})})
        return
    print_lines([describe(spec).rstrip()])
    events = world.events[world.events["peril"] == peril_id]
    if len(events):
        print_lines([f"an event table of {events['event_id'].nunique():,} events, "
                     f"{len(events):,} rows"])


def explain(site: str, folder: Path | None, *, as_of: str | None, as_json: bool) -> None:
    """Show what one site hangs on, down to the last node."""
    world, _ = read_checked(folder, as_of)
    if site not in set(world.sites["site_id"]):
        import difflib

        known = list(world.sites["site_id"])
        near = difflib.get_close_matches(site, known, n=3)
        hint = (f"did you mean {', '.join(near)}?" if near else
                f"there are {', '.join(known)}" if len(known) <= _FEW_SITES else
                "the column site_id of its sites.csv names them")
        raise WrongUsage(f"there is no site {site!r} in this world; {hint}")
    told = world.explain(site)
    if as_json:
        print_json({"ok": True, "site": site, "requirements": records(told.frame)})
    else:
        print_lines([str(told)])
