"""What the answer does not cover, and how far it hangs on the recovery cap."""

from __future__ import annotations

import math
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.report.context import Context, Section
from riskmodel.report.names import clean
from riskmodel.report.numbers import number, whole
from riskmodel.report.page import render

DEFAULT_CAP_DAYS = 730.0

#: perils of the design that a run may leave out, in the words of a reader
_FAMILIES = {
    "load_trip": "many halls dropping off the grid at once, or failing to ride through a dip",
    "adequacy_curtailment": "rationing of power when a grid runs short",
    "winter_storm": "winter storms", "heatwave": "heatwaves", "earthquake": "earthquakes",
    "hurricane": "hurricanes", "cable_cut": "submarine cable cuts",
    "fuel_cut": "loss of gas supply", "sabotage": "sabotage", "cyber": "cyber attacks",
    "sanctions_cutoff": "sanctions that cut a lab off",
    "export_control": "export controls", "chip_supply": "delays of chips and of construction",
}


def modelled(context: Context) -> set[str]:
    """Return the perils of the run, seen or not."""
    listed = context.losses.manifest.get("perils") or ()
    names = {str(part.get("peril_id", "")) if isinstance(part, dict) else str(part)
             for part in listed}
    return names | set(context.perils)


def not_modelled(context: Context) -> list[str]:
    """Return the perils that this run leaves out."""
    present = modelled(context)
    built_in = {"kinetic_strike": "kinetic strikes", "grid_outage": "grid outages",
                "cloud_outage": "cloud control-plane outages",
                "site_failure": "fire and cooling failure on site"}
    return [text for peril, text in {**built_in, **_FAMILIES}.items() if peril not in present]


def peril_limits(context: Context) -> list[tuple[str, list[str]]]:
    """Return what each peril of the run says of itself that it leaves out."""
    if context.world is None:
        return []
    present = modelled(context)
    rows = []
    for peril, told in context.world.perils.items():
        listed = told.get("not_modelled")
        if str(peril) in present and isinstance(listed, list) and listed:
            rows.append((context.names.peril(str(peril)), [clean(text, 400) for text in listed]))
    return rows


def cap_days(context: Context) -> float:
    """Return the recovery cap of the run."""
    given = context.losses.manifest.get("recovery_cap_days")
    return float(given) if given is not None else DEFAULT_CAP_DAYS


def sensitivity(context: Context) -> tuple[list[dict[str, Any]], str]:
    """Return the total AAL at half, one and two recovery caps, on the same years; or why not."""
    losses = context.losses
    if not context.annual:
        return [], "a story has no average"
    if context.world is None:
        return [], "the world was not given with the losses"
    if losses.seed is None:
        return [], "these losses do not come from a simulation"
    if context.total_lost == 0:
        return [], "nothing was lost"
    from riskmodel.engine.run.simulation import simulate
    from riskmodel.measures.measure import measure

    years = min(losses.n_years, context.sensitivity_years)
    base = cap_days(context)
    perils = sorted(modelled(context))
    rows = []
    try:
        for factor in (0.5, 1.0, 2.0):
            run = simulate(context.world, years=years, seed=losses.seed, perils=perils or None,
                           booking=losses.booking, horizon_days=losses.horizon_days,
                           recovery_cap_days=factor * base, adequacy=False)
            found = measure(run, by="lab" if context.lab else "total", measures=["aal"])
            if context.lab:
                found = found[found["lab"] == context.lab]
            rows.append({"cap": factor * base, "factor": factor,
                         "value": float(found["value"].iloc[0]),
                         "se": float(found["se"].iloc[0])})
    except RiskModelError as error:
        return [], f"the run could not be repeated ({error})"
    middle = rows[1]["value"]
    for row in rows:
        row["ratio"] = row["value"] / middle if middle > 0 else math.nan
    return rows, ""


def build(context: Context) -> Section:
    """Write the section."""
    rows, why = sensitivity(context)
    years = min(context.losses.n_years, context.sensitivity_years)
    said = ""
    if rows and rows[1]["value"] > 0:
        said = (f"Half the cap gives {number(rows[0]['ratio'], 2)} times the average, double the "
                f"cap {number(rows[2]['ratio'], 2)} times.")
    body = render("limits.html.j2", rows=rows, why=why, years=whole(years), said=said,
                  missing=not_modelled(context), own=peril_limits(context),
                  cap=cap_days(context), annual=context.annual, needed=_needed(context),
                  worlds=context.losses.worlds, whose=context.subject)
    return Section("limits", "Limits, and what is not modelled", body)


def _needed(context: Context) -> list[tuple[str, float]]:
    return [(context.names.lab(lab), float(share)) for lab, share in
            zip(context.losses.labs, context.losses.needed_share, strict=True)
            if lab in set(context.ranked[:20]) and share == share]
