"""Capacity by rule: PUE, timeline steps where the record has none, IT power at the world's date.

Facility power is what meters and permits speak of, IT power is what trains; ``pue`` passes from one
to the other. A number that no source gives is an estimate with a band and says how it was made.
"""

from __future__ import annotations

import calendar
import re

import numpy as np
import pandas as pd

from riskmodel.world.rules import Rules

OPEN = ("operational", "partial")
SHUT = "damaged"
_STEP = ["site_id", "date", "it_mw", "facility_mw", "state", "note", "rule", "source_urls",
         "as_of", "confidence"]


def last_day(text: str) -> str:
    """Return a date known to the month or year as the last day of it (``dates_to_last_day``).

    Examples
    --------
    >>> last_day("2027"), last_day("2028-02"), last_day("2026-11-01"), last_day("")
    ('2027-12-31', '2028-02-29', '2026-11-01', '')
    """
    if re.fullmatch(r"\d{4}", text):
        return f"{text}-12-31"
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        year, month = (int(part) for part in text.split("-"))
        return f"{text}-{calendar.monthrange(year, month)[1]:02d}"
    return text


def default_pue(timeline: pd.DataFrame) -> float:
    """Return the median of facility over IT power of the record's steps, to two decimals."""
    record = timeline[(timeline["rule"] == "") & (timeline["it_mw"] > 0)]
    return round(float((record["facility_mw"] / record["it_mw"]).median()), 2)


def first_phase_share(sites: pd.DataFrame, timeline: pd.DataFrame) -> float:
    """Return the median share of a plan that its first phase brings, to the nearest 0.05.

    Over sites that do not run yet and whose record has several steps.
    """
    waiting = set(sites.loc[~sites["status"].isin([*OPEN, SHUT]), "site_id"])
    record = timeline[(timeline["rule"] == "") & timeline["site_id"].isin(waiting)]
    shares = [group["it_mw"].iloc[0] / group["it_mw"].iloc[-1]
              for _, group in record.sort_values("date").groupby("site_id") if len(group) > 1]
    return round(float(np.median(shares)) * 20) / 20


def with_pue(sites: pd.DataFrame, timeline: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the sites with ``pue`` and ``pue_basis``.

    The ratio of the site's own last step that has happened (of the first projected one where none
    has), else the default of the rules.
    """
    out = sites.copy()
    record = timeline[(timeline["rule"] == "") & (timeline["it_mw"] > 0)].sort_values("date")
    record = record[record["facility_mw"] > 0]
    for i, site in enumerate(out["site_id"]):
        steps = record[record["site_id"] == site]
        seen = steps[steps["state"] != "projected"]
        if len(steps):
            step = seen.iloc[-1] if len(seen) else steps.iloc[0]
            out.loc[i, "pue"] = round(step["facility_mw"] / step["it_mw"], 4)
            out.loc[i, "pue_basis"] = f"own timeline, step of {step['date']}"
        else:
            out.loc[i, "pue"] = rules.number("pue_default")
            out.loc[i, "pue_basis"] = "default: median of the timeline ratios"
    return out


def filled_steps(timeline: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the record's steps with IT power from facility power / PUE where it is empty."""
    out = timeline.copy()
    pue = sites.set_index("site_id")["pue"]
    empty = out["it_mw"].isna() | (out["rule"] == "it_from_facility")
    ratio = out["site_id"].map(pue)
    out.loc[empty, "it_mw"] = (out["facility_mw"] / ratio)[empty].round(1)
    out.loc[empty, "rule"] = "it_from_facility"
    return out


def it_per_chip_kw(sites: pd.DataFrame, timeline: pd.DataFrame, family: str) -> float:
    """Return the median IT kW per accelerator of sites that publish both for one chip family.

    NaN where no site does. Counts that the record itself derived from power say so and are left
    out.
    """
    last = (timeline[(timeline["rule"] == "") & (timeline["state"] != "projected")]
            .sort_values("date").drop_duplicates("site_id", keep="last").set_index("site_id"))
    alone = sites[(sites["chip_family"] == family) & (sites["accelerator_count"] > 0)
                  & sites["site_id"].isin(last.index)
                  & ~sites["notes"].str.contains("count derived", regex=False)]
    ratios = [float(last.loc[site, "it_mw"]) * 1000 / count
              for site, count in zip(alone["site_id"], alone["accelerator_count"], strict=True)]
    return float(np.median(ratios)) if ratios else float("nan")


def plan_it_mw(site: pd.Series) -> float:
    """Return the IT power of the record's figure, whatever basis it has; NaN where it is empty."""
    power = float(site["power_mw"])
    return power if site["power_basis"].endswith("it") else power / float(site["pue"])


def estimated_mw(site: pd.Series, sites: pd.DataFrame, timeline: pd.DataFrame,
                 chips: pd.DataFrame, rules: Rules) -> tuple[float, float, float, str]:
    """Return low, best, high IT MW and the method, for a site whose record gives no power.

    From its accelerators where their number is known, else a general cloud zone's worth per zone;
    NaN and no method where neither applies.
    """
    nothing = (np.nan, np.nan, np.nan, "")
    if not np.isnan(float(site["power_mw"])):
        return nothing
    count, family = float(site["accelerator_count"]), str(site["chip_family"])
    if count > 0:
        kw = it_per_chip_kw(sites, timeline, family)
        overhead = rules.tables["server_overhead"]
        tdp = chips.set_index("chip_family")["tdp_w"].get(family, np.nan)
        low, high = (count * tdp * overhead[key] / 1e6 for key in ("low", "high"))
        if not np.isnan(kw):
            return (round(low, 1), round(count * kw / 1000, 1), round(high, 1),
                    f"{count:,.0f} {family} at {kw:.2f} kW of IT power each, as at sites that "
                    "publish both")
        if not np.isnan(tdp):
            return (round(low, 1), round(count * tdp * overhead["value"] / 1e6, 1), round(high, 1),
                    f"{count:,.0f} {family} at {tdp:.0f} W x {overhead['value']} for hosts")
        return nothing
    if site["cloud_region"] and site["status"] in (*OPEN, SHUT):
        zone, zones = rules.tables["zone_it_mw"], rules["zones_of_region"].get(site["site_id"], 1)
        word = "zone" if zones == 1 else "zones"
        return (zone["low"] * zones, zone["value"] * zones, zone["high"] * zones,
                f"{zones} {word} of a general cloud region at {zone['value']} MW each")
    return nothing


def ruled_steps(sites: pd.DataFrame, timeline: pd.DataFrame, chips: pd.DataFrame,
                rules: Rules) -> pd.DataFrame:
    """Return steps for sites whose record has dates but no timeline of its own.

    Running and damaged sites: one step at the day they opened (``opening``). Sites to come: the
    plan at its last date, its first phase before that (``plan_phases``). A running site with no
    opening date gets no step and counts as it stands; a plan without a date or a size gets none
    and counts as nothing.
    """
    record = timeline[timeline["rule"].isin(["", "it_from_facility"])]
    stepped = set(record.loc[record["it_mw"] > 0, "site_id"])
    rows: list[dict[str, object]] = []
    for _, site in sites.iterrows():
        if site["site_id"] in stepped or not site["operational_from"]:
            continue
        known = plan_it_mw(site)
        _, best, _, method = estimated_mw(site, sites, timeline, chips, rules)
        mw = best if np.isnan(known) else known
        if np.isnan(mw):
            continue
        runs = site["status"] in (*OPEN, SHUT)
        note = "the record's power" if not np.isnan(known) else f"estimated: {method}"
        if runs:
            rows.append(_step(site, site["operational_from"], mw, "estimated", "opening",
                              f"{note}, from the day it opened"))
        else:
            rows += _plan(site, mw, note, rules)
    return pd.DataFrame(rows, columns=_STEP)


def _plan(site: pd.Series, mw: float, note: str, rules: Rules) -> list[dict[str, object]]:
    first, last = site["operational_from"], site["full_capacity_date"]
    phased = round(mw * rules.number("first_phase_share"), 1)
    if last and last > first:
        return [_step(site, first, phased, "projected", "plan_phases", f"first phase; {note}"),
                _step(site, last, mw, "projected", "plan_phases", f"whole plan; {note}")]
    if mw > rules.number("large_plan_mw"):
        return [_step(site, first, phased, "projected", "plan_phases",
                      f"first phase, the rest has no date; {note}")]
    return [_step(site, first, mw, "projected", "plan_phases", f"whole plan; {note}")]


def _step(site: pd.Series, date: str, mw: float, state: str, rule: str,
          note: str) -> dict[str, object]:
    return {"site_id": site["site_id"], "date": date, "it_mw": round(mw, 1),
            "facility_mw": round(mw * float(site["pue"]), 1), "state": state, "note": note,
            "rule": rule, "source_urls": site["source_urls"], "as_of": site["as_of"],
            "confidence": "low"}


def with_capacity(sites: pd.DataFrame, timeline: pd.DataFrame, chips: pd.DataFrame,
                  rules: Rules, as_of: str) -> pd.DataFrame:
    """Return the sites with IT and facility power at the world's date, with bands and basis.

    The last step that has happened counts; projected steps do not, however close their day.
    """
    rows: dict[str, list[float]] = {
        f"{name}_mw{end}": [] for name in ("it", "facility") for end in ("_low", "", "_high")}
    bases: list[str] = []
    for _, site in sites.iterrows():
        low, best, high, method = estimated_mw(site, sites, timeline, chips, rules)
        steps = timeline[timeline["site_id"] == site["site_id"]].sort_values("date")
        seen = steps[(steps["date"] <= as_of) & (steps["state"] != "projected")]
        runs = site["status"] in OPEN
        if len(seen):
            step = seen.iloc[-1]
            mw = float(step["it_mw"])
            word = step["rule"] or step["state"].replace("_", " ")
            basis = f"timeline step of {step['date']} ({word})"
        elif len(steps):
            mw = 0.0
            basis = f"nothing energised yet; first step projected for {steps['date'].min()}"
        elif runs:
            known = plan_it_mw(site)
            mw = best if np.isnan(known) else round(known, 1)
            basis = "opening date unknown, taken as running throughout"
            basis += "" if method else "; the record's power"
        else:
            mw, basis = 0.0, "nothing energised yet; no dated plan"
        if method and mw > 0:
            basis += f"; estimated, no power is published: {method}"
        elif method and site["status"] == SHUT:
            basis += f"; before that estimated, no power is published: {method}"
        if not method:
            low, high = (_record(site, name) for name in ("power_mw_low", "power_mw_high"))
        if mw == 0.0:
            low = high = 0.0
        pue = float(site["pue"])
        band = {"_low": np.nan if np.isnan(low) else round(min(low, mw), 1), "": mw,
                "_high": np.nan if np.isnan(high) else round(max(high, mw), 1)}
        facility = float(seen.iloc[-1]["facility_mw"]) if len(seen) else np.nan
        facility = round(mw * pue, 1) if np.isnan(facility) else facility
        for end, value in band.items():
            rows[f"it_mw{end}"].append(value)
        # bands of the same step: rounding must not push them past it
        rows["facility_mw_low"].append(min(round(band["_low"] * pue, 1), facility))
        rows["facility_mw"].append(facility)
        rows["facility_mw_high"].append(max(round(band["_high"] * pue, 1), facility))
        bases.append(basis)
    out = sites.copy()
    for name, values in rows.items():
        out[name] = np.array(values)
    out["it_mw_basis"] = pd.Series(bases, index=out.index, dtype=object)
    return out


def _record(site: pd.Series, name: str) -> float:
    power = float(site[name])
    return power if site["power_basis"].endswith("it") else power / float(site["pue"])
