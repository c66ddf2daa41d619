"""What was asked: the run, as its manifest tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmodel.measures.until import sentence
from riskmodel.report.context import Context, Section
from riskmodel.report.names import clean
from riskmodel.report.numbers import whole
from riskmodel.report.page import render

_LABELS = {
    "recovery_cap_days": "Recovery cap, days", "riskmodel": "Version of riskmodel",
    "versions": "Other versions", "fingerprint": "Fingerprint of the world",
    "folder": "Folder of the world", "adequacy": "Adequacy computed",
    "source": "Source of the year table",
}
#: said above already, or of no use to a reader
_SAID = {"as_of", "years", "n_years", "seed", "booking", "horizon_days", "kind", "labs",
         "capacity_mw", "needed_share", "files", "format", "sites", "perils", "world",
         "story", "rare", "until"}
_BOOKING = {
    "occurrence": "occurrence: a loss belongs to the year in which its event begins, and runs on "
                  "to recovery past the year's end",
    "calendar": "calendar: losses are cut at both ends of the year, after a warm-up",
}


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(key)} {_shown(part)}" for key, part in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_shown(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value == int(value):
        return whole(value)
    return clean(value, 90)


def _perils(context: Context) -> str:
    listed = context.losses.manifest.get("perils")
    if not listed:
        return ", ".join(context.names.peril(peril) for peril in context.perils)
    names = [str(part.get("peril_id", part)) if isinstance(part, Mapping) else str(part)
             for part in (listed.keys() if isinstance(listed, Mapping) else listed)]
    return ", ".join(context.names.peril(name) for name in names)


def _proposal(context: Context) -> str:
    """Return the proposal of the run, number by number."""
    rare = context.losses.manifest.get("rare")
    if rare is None:
        return "the years came with weights"
    told = [f"{clean(name)} (" + ", ".join(
        f"{key} {value:g}" for key, value in tilt.items() if value is not None) + ")"
            for name, tilt in rare["theatres"].items()]
    if told:
        told.append(f"{rare['defensive']:.0%} of the years with the true chances")
    if rare["even"]:
        told.append("years spread evenly over the regimes, so that errors are upper bounds")
    return "; ".join(told)


def facts(context: Context) -> list[tuple[str, str]]:
    """Return the rows of the table: what, and its value."""
    losses, manifest = context.losses, context.losses.manifest
    rows = [("Lab", f"{context.subject} alone")] if context.lab else []
    rows.append(("World at", context.as_of or "no date given"))
    if losses.kind == "annual":
        rows += [("Simulated years", whole(losses.n_years)),
                 ("Seed", "none: a year table from elsewhere" if losses.seed is None
                  else str(losses.seed)),
                 ("Horizon", f"{whole(losses.horizon_days)} days"),
                 ("Booking", _BOOKING.get(losses.booking, losses.booking))]
    else:
        rows += [("Kind of run", "one given story: no frequencies, no annual measures")]
    if losses.weights is not None or "rare" in manifest:
        rows.append(("Drawn otherwise", _proposal(context)))
    if "until" in manifest:
        rows.append(("Stopped", sentence(manifest["until"])))
    perils = _perils(context)
    if perils:
        rows.append(("Perils", perils))
    if context.world is not None:
        running = sum(mw > 0 for mw in context.held.values())
        rows.append(("Sites", f"{len(context.held)} on record, {running} with capacity on that day"
                     + (", of this lab" if context.lab else "")))
    of_world = manifest.get("world")
    told = {**(of_world if isinstance(of_world, Mapping) else {}), **manifest}
    for key, value in told.items():
        if key in _SAID or value is None or value == "":
            continue
        rows.append((_LABELS.get(key, clean(key).replace("_", " ").capitalize()), _shown(value)))
    return rows


def build(context: Context) -> Section:
    """Write the section."""
    return Section("asked", "What was asked", render("asked.html.j2", rows=facts(context)))
