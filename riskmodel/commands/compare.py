"""``riskmodel compare``: what another world changes, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.outputs import (
    MANIFEST,
    REPORT,
    check_target,
    read_manifest,
    whole_folder,
    write_manifest,
)
from riskmodel.commands.worlds import check_worlds, read_checked, simulated, world_of
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.world.world import World

TABLE = "comparison.parquet"
YEARS, SEED = 20_000, 0
MOVE = "LAB:MW:FROM:TO, such as openai:300:stargate_abilene:ms_fairwater_wisconsin"
SCALE = "LAB:FACTOR, such as openai:1.5"
#: measures of the printed table
SHOWN = ("capacity", "aal", "tvar", "lole", "eue")
HEADS = {"capacity": "IT MW", "aal": "AAL, MW-days", "tvar": "tail mean, MW-days",
         "lole": "days short a year", "eue": "not served, MW-days a year"}


def compare(base: Path | None, other: Path | None, *, moves: list[str], scales: list[str],
            drops: list[str], as_of: str | None, years: int | None, seed: int | None,
            perils: list[str] | None, worlds: int | None, booking: str | None, level: float,
            sites: bool, workers: int | None, out: Path | None, as_json: bool) -> None:
    """Compare two outputs, two worlds, or a world with itself after changes."""
    with wrong_usage():
        target = None if out is None else check_target(out)
    changes = _changes(moves, scales, drops)
    if changes and other is not None:
        raise WrongUsage("--move, --scale and --drop-site change one world; two are given: leave "
                         "one out, or compare the two as they are")
    if not changes and other is None:
        raise WrongUsage("there is nothing to compare: name two folders, or say what changes "
                         f"with --move {MOVE}, --scale or --drop-site")
    asked = {"years": years, "seed": seed, "perils": perils, "worlds": worlds, "booking": booking}
    done = [folder is not None and (folder / MANIFEST).is_file() for folder in (base, other)]
    if other is not None and done[0] != done[1]:
        for folder in (base, other):
            if folder is not None and not folder.is_dir():
                raise WrongUsage(f"there is no folder {folder}; name two outputs of runs, or two "
                                 "folders of tables")
        raise WrongUsage(f"{base if done[0] else other} is the output of a run and "
                         f"{other if done[0] else base} a world: compare two of a kind, or run "
                         "the world first with `riskmodel run -o`")
    if done[0]:
        given = [f"--{name}" for name, value in {**asked, "as-of": as_of}.items()
                 if value is not None]
        if given:
            raise WrongUsage(f"{base} is the output of a run, which settles {', '.join(given)}; "
                             "leave that away, or name the folder of its world")
    sides = (_outputs(base, other, changes, workers) if done[0] and base is not None
             else _worlds(base, other, changes, as_of, asked, workers))
    if not 1 - level >= 1 / sides[0].n_years:
        raise WrongUsage(f"{sides[0].n_years} years cannot hold the level {level:g}; ask for more "
                         "years or for a lower level")
    from riskmodel.decisions.comparison.compare import compare as work

    found = work(*sides, level=level)
    called = _called(base, other, changes)
    if target is not None:
        _write(found, sides, called, changes, target, sites)
    if as_json:
        print_json({"ok": True, "out": None if target is None else str(target),
                    "base": {"called": called[0], **sides[0].manifest},
                    "other": {"called": called[1], **sides[1].manifest}, "changes": changes,
                    "comparison": records(found)})
        return
    show(found, sides[0])
    if target is not None:
        say(f"report: {target / REPORT}")


# -------------------------------------------------------------------- what is compared


def _changes(moves: Sequence[str], scales: Sequence[str],
             drops: Sequence[str]) -> list[dict[str, Any]]:
    """Return the changes in the order they are made."""
    found: list[dict[str, Any]] = [{"kind": "drop", "site": site} for site in drops]
    for text in scales:
        lab, _, factor = text.rpartition(":")
        found.append({"kind": "scale", "lab": lab, "factor": _number(factor, text, SCALE)})
    for text in moves:
        parts = text.split(":")
        if len(parts) != 4 or not all(parts):
            raise WrongUsage(f"--move {text!r} is no move; write it as {MOVE}")
        found.append({"kind": "move", "lab": parts[0], "mw": _number(parts[1], text, MOVE),
                      "from_site": parts[2], "to_site": parts[3]})
    return found


def _number(text: str, whole: str, form: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise WrongUsage(f"{whole!r} has {text!r} where a number stands; write {form}") from None


def changed(world: World, changes: Sequence[Mapping[str, Any]]) -> World:
    """Return the world after the changes; what cannot be done is wrong usage."""
    with wrong_usage():
        for change in changes:
            if change["kind"] == "drop":
                world = world.drop(sites=change["site"])
            elif change["kind"] == "scale":
                world = world.scale(change["factor"], lab=change["lab"])
            else:
                world = world.move(change["lab"], change["mw"], change["from_site"],
                                   change["to_site"])
    world.check()
    return world


def _outputs(base: Path, other: Path | None, changes: Sequence[Mapping[str, Any]],
             workers: int | None) -> tuple[Losses, Losses]:
    """Return the losses of two outputs, or of one and of its world with changes."""
    from riskmodel.engine.losses.storage import read_losses

    def losses_of(folder: Path, needed: bool) -> Losses:
        manifest = read_manifest(folder)
        if "years" not in manifest:
            raise RiskModelError(f"{folder} is an output of riskmodel {manifest.get('kind', '')}, "
                                 "not of `riskmodel run`: it has no simulated years to compare")
        try:
            world = world_of(manifest, folder)
        except RiskModelError:
            if needed:
                raise
            world = None  # the years are all that the comparison needs
        return read_losses(folder, world=world)

    first = losses_of(base, needed=bool(changes))
    if other is not None:
        return first, losses_of(other, needed=False)
    assert first.world is not None
    facts = first.manifest
    return first, simulated(
        changed(first.world, changes), facts["years"], facts["seed"], list(facts["perils"]),
        worlds=facts["worlds"], booking=facts["booking"], horizon_days=facts["horizon_days"],
        recovery_cap_days=facts["recovery_cap_days"], workers=workers)


def _worlds(base: Path | None, other: Path | None, changes: Sequence[Mapping[str, Any]],
            as_of: str | None, asked: Mapping[str, Any],
            workers: int | None) -> tuple[Losses, Losses]:
    """Return the losses of two worlds, or of one and of it with changes."""
    from riskmodel.perils.registry import load_perils

    first = read_checked(base, as_of)[0]
    second = changed(first, changes) if other is None else read_checked(other, as_of)[0]
    how = {"years": YEARS, "seed": SEED, "worlds": 1, "booking": "occurrence",
           **{name: value for name, value in asked.items() if value is not None}}
    with wrong_usage():
        for world in (first, second):
            load_perils(world, how.get("perils"))
        check_worlds(how["worlds"], how["years"])
    return simulated(first, workers=workers, **how), simulated(second, workers=workers, **how)


# -------------------------------------------------------------------- what is told


def _called(base: Path | None, other: Path | None,
            changes: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    first = "the world that ships" if base is None else base.name or str(base)
    if other is not None:
        return first, other.name or str(other)
    count = len(changes)
    return first, f"the same with {count} change{'s' if count > 1 else ''}"


def _write(found: pd.DataFrame, sides: tuple[Losses, Losses], called: tuple[str, str],
           changes: Sequence[Mapping[str, Any]], target: Path, sites: bool) -> None:
    from riskmodel.report.compare_page import write_comparison
    from riskmodel.report.names import Names

    facts = sides[0].manifest
    with whole_folder(target) as fresh:
        found.to_parquet(fresh / TABLE, engine="pyarrow", index=False)
        write_comparison(found, fresh / REPORT, base=called[0], other=called[1], changes=changes,
                         facts=facts, names=Names(sides[0].world, sites))
        write_manifest(fresh, {"kind": "compare", "base": facts, "other": sides[1].manifest,
                               "changes": list(changes)})


def show(found: pd.DataFrame, base: Losses) -> None:
    """Print the table: a line a lab and measure that may have changed, then who did not."""
    import pandas as pd

    rows = []
    still = []
    for lab, part in found.groupby("lab", sort=False):
        if (part["verdict"] == "no change").all():
            still.append(str(lab))
            continue
        for row in part.to_dict("records"):
            if row["measure"] in SHOWN:
                rows.append({
                    "lab": str(lab), "measure": HEADS[row["measure"]],
                    "base": number(row["base"]), "other": number(row["other"]),
                    "difference": number(row["difference"]),
                    "95 % interval": "" if row["verdict"] == "no change" else
                    f"{number(row['low'])} to {number(row['high'])}",
                    "verdict": row["verdict"]})
    if rows:
        worlds = f", {base.worlds} states of the world" if base.worlds > 1 else ""
        print_table(pd.DataFrame(rows), f"What changes, {base.n_years:,} years each, seed "
                    f"{base.seed}{worlds}",
                    right=["base", "other", "difference", "95 % interval"],
                    caption="the same disasters on both sides; less loss is better, and so is "
                            "more capacity; --json has every measure with a sentence")
    named = [lab for lab in still if lab != "total"]
    if named:
        say(f"no change for {', '.join(named)}")
    if not rows:
        say("nothing changes for anybody")
