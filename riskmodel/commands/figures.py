"""``riskmodel figures``: figures for papers and slides of what a command left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.console import (
    WrongUsage,
    dumps,
    print_json,
    print_table,
    say,
    waiting,
    wrong_usage,
)
from riskmodel.commands.outputs import MANIFEST, read_manifest
from riskmodel.commands.worlds import world_of
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.commands.figure_sets import Draw

LISTED = "figures.json"


def figures(output: Path, *, out: Path, formats: Sequence[str], only: Sequence[str] | None,
            lab: str | None, size: str, width_mm: float | None, world_folder: Path | None,
            as_json: bool) -> None:
    """Draw what ``output`` holds into the folder ``out``, and list it with captions.

    A figure that cannot be drawn is left out with its reason; one that was named is an error.
    """
    from riskmodel.figures.files import FORMATS
    from riskmodel.figures.sheet import sheet

    with wrong_usage():
        sheet(size, width_mm)
        strange = [form for form in formats if form not in FORMATS]
        if strange:
            raise WrongUsage(f"--format {', '.join(strange)} is no form of a figure; give some of "
                             f"{', '.join(FORMATS)}")
        target = _target(out)
    draws = _draws(output, read_manifest(output), lab, world_folder)
    named = [_asked(name) for name in only or ()]
    unknown = [name for name in named if name not in draws]
    if unknown:
        raise WrongUsage(f"--only {', '.join(unknown)}: {output} has no such figure; it has "
                         f"{', '.join(draws)}")
    target.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    left_out: dict[str, str] = {}
    for name in named or draws:
        with waiting(f"drawing {name}"):
            try:
                made = draws[name](size=size, width_mm=width_mm)
            except RiskModelError as error:
                if named:
                    raise
                left_out[name] = str(error)
                continue
            entries += [_written(figure, target, formats, lab) for figure in made]
    if not entries:
        raise RiskModelError(f"no figure of {output} can be drawn: " + "; ".join(
            f"{name}: {why}" for name, why in left_out.items()))
    document = {"figures": entries, "left_out": left_out}
    _list(document, target)
    if as_json:
        print_json({"ok": True, "out": str(target), **document})
        return
    _show(entries, left_out, target)


def _asked(name: str) -> str:
    """Return a figure's name as its function has it, also where its file's was given."""
    found = name.replace("-", "_")
    return "world_map" if found in ("map", "map_us") else found


def _target(out: Path) -> Path:
    """Return the folder to write into; refuse one that another command left."""
    target = out.expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise WrongUsage(f"{out} is a file; name a folder for the figures")
    if (target / MANIFEST).is_file():
        raise WrongUsage(f"{out} is what a command left, and stays as it is; name another folder, "
                         f"such as {out / 'figures'}")
    return target


def _draws(output: Path, manifest: dict[str, Any], lab: str | None, world_folder: Path | None
           ) -> dict[str, Draw]:
    from riskmodel.commands import figure_sets as sets

    kind = manifest.get("kind")
    others = {"compare": sets.of_compare, "buildout": sets.of_buildout,
              "allocate": sets.of_allocate}
    if kind in others:
        with wrong_usage():
            return others[kind](output, manifest, lab)
    if kind is not None or "years" not in manifest:
        raise RiskModelError(f"{output} is an output of `riskmodel {kind}`, of which no figure is "
                             "drawn; give one of run, compare, buildout or diversify allocate")
    from riskmodel.engine.losses.storage import read_losses

    losses = read_losses(output, world=world_of(manifest, output, world_folder))
    with wrong_usage():
        from riskmodel.figures.context import chosen_lab

        who = chosen_lab(losses, lab)
    return sets.of_run(losses, output, None if who == "total" else who)


def _written(figure: Figure, target: Path, formats: Sequence[str], lab: str | None
             ) -> dict[str, Any]:
    """Write one figure in every form and return what the list says of it."""
    from riskmodel._version import __version__
    from riskmodel.figures import note, write

    told = note(figure)
    ending = "" if lab in (None, "total") else f"-{_harmless(str(lab))}"
    name = f"{_harmless(told.name)}{ending}"
    paths = [write(figure, target / f"{name}.{form}") for form in formats]
    width, height = (round(25.4 * float(inches), 1) for inches in figure.get_size_inches())
    return {"name": name, "files": [path.name for path in paths],
            "caption": told.whole_caption, "units": dict(told.units), "n": told.about.n,
            "n_counts": told.about.of, "seed": told.about.seed, "as_of": told.about.as_of,
            "lab": lab, "version": __version__, "width_mm": width, "height_mm": height}


def _harmless(name: str) -> str:
    """Return a name fit for a file, whatever data put into it."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:60].strip("_") or "figure"


def _list(document: dict[str, Any], target: Path) -> None:
    """Write ``figures.json``; figures of an earlier call that still lie there stay listed."""
    from riskmodel.world.wholefile import write_whole

    path = target / LISTED
    kept: list[dict[str, Any]] = []
    try:
        before = json.loads(path.read_text(encoding="utf-8"))["figures"]
        kept = [entry for entry in before
                if all((target / name).is_file() for name in entry["files"])]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is no list, or it is not ours
    drawn = {entry["name"] for entry in document["figures"]}
    figures = [entry for entry in kept if entry["name"] not in drawn] + document["figures"]
    write_whole(path, dumps({**document, "figures": sorted(figures, key=lambda e: e["name"])})
                + "\n")


def _show(entries: Sequence[dict[str, Any]], left_out: dict[str, str], target: Path) -> None:
    import pandas as pd

    if entries:
        print_table(pd.DataFrame([{
            "figure": entry["name"], "mm": f"{entry['width_mm']:g} x {entry['height_mm']:g}",
            "files": ", ".join(entry["files"])} for entry in entries]),
            f"{len(entries)} figure{'s' if len(entries) > 1 else ''}",
            caption=f"captions, units, n, seed and day: {LISTED}")
    for name, why in left_out.items():
        say(f"left out: {name}: {why.removeprefix(f'{name}: ')}")
    say(f"figures: {target}")
