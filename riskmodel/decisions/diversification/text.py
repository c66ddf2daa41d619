"""The worth of a spread in sentences that can be quoted: what is beyond chance, and what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from riskmodel.decisions.diversification.diversification import Diversification


def quote(found: Diversification, lab: str, name: str | None = None,
          region: str | None = None) -> str:
    """Return what the spread of a lab is worth, in a paragraph.

    ``name`` and ``region`` are what the lab, and the place of its largest site, are called.
    """
    about = _records(found.labs[found.labs["lab"] == lab])[0]
    rows = {(row["comparison"], row["measure"]): row
            for row in _records(found.table[found.table["lab"] == lab])}
    who = name or lab
    where = region or str(about["largest_region"])
    if about["sites"] == 1:
        text = [f"{who} has its {_mw(about['capacity_mw'])} at a single place ({where}): there is "
                "no spread to be worth anything."]
    else:
        text = [f"{who} runs {_mw(about['capacity_mw'])} at {about['sites']} sites, "
                f"{about['largest_share']:.0%} of it at the largest ({where}).",
                _firm(rows["spread", "efc"], about), _losses(rows, found.level)]
    text.append(_money(rows["spread", "money"], found, rows) if about["sites"] > 1 else "")
    text.append(_left(rows, about))
    share = float(about["low_confidence_share"])
    if not math.isnan(share):
        text.append(f"{share:.0%} of its average loss rests on records of low confidence.")
    return " ".join(part for part in text if part)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _mw(value: float) -> str:
    return f"{value:,.0f} MW" if abs(value) >= 100 else f"{value:,.3g} MW"


def _firm(row: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    need = f"if {about['needed_share']:.0%} of it must be up at once"
    if math.isnan(row["value"]):
        return f"In these years it would never fall short, {need}, even all in one place."
    value, low, high = row["value"], row["low"], row["high"]
    if row["note"]:
        return (f"{need[0].upper()}{need[1:]}, it never fell short as it is: against all of it at "
                f"that one place the spread is worth {_mw(value)} that never fail, or more.")
    places = 0 if abs(value) >= 100 else 1
    worth = "is worth" if value >= 0 else "costs as much as losing"
    text = (f"{need[0].upper()}{need[1:]}, the spread {worth} {_mw(abs(value))} that never fail "
            f"({low:,.{places}f} to {high:,.{places}f}), against all of it at that one place")
    if low <= 0 <= high:
        text += "; that is not beyond chance"
    return f"{text}."


def _losses(rows: Mapping[Any, Mapping[str, Any]], level: float) -> str:
    mean = _change(rows["spread", "aal_avoided"], "In an average year")
    years = f"in the worst one year in {1 / (1 - level):,.0f}"
    return f"{mean}; {_change(rows['spread', 'tvar_avoided'], years)}."


def _change(row: Mapping[str, Any], what: str) -> str:
    """Say what a year loses less, or more."""
    value, se = float(row["value"]), float(row["se"])
    if row["low"] <= 0 <= row["high"]:
        return (f"{what} the difference cannot be told from chance ({'+' if value > 0 else ''}"
                f"{_plain(value, se)} MW-days)")
    return f"{what} it loses {_plain(abs(value), se)} MW-days {'less' if value > 0 else 'more'}"


def _plain(value: float, se: float) -> str:
    """Write a value with its error, both to the first two digits of the error."""
    if math.isnan(se) or se <= 0:
        return f"{value:,.3g}"
    places = 1 - math.floor(math.log10(se))
    return (f"{round(value, places):,.{max(places, 0)}f} ± "
            f"{round(se, places):,.{max(places, 0)}f}").replace("-", "\u2212")


def _money(row: Mapping[str, Any], found: Diversification,
           rows: Mapping[Any, Mapping[str, Any]]) -> str:
    scale, word = (1e9, "billion") if abs(row["value"]) >= 1e9 else (1e6, "million")
    low, high = (rows["spread", f"money_{end}_price"]["value"] for end in ("low", "high"))
    text = (f"In money that is {row['value'] / scale:+,.1f} ± {row['se'] / scale:,.1f} {word} "
            f"{found.price.currency} a year ({low / scale:+,.1f} to {high / scale:+,.1f} over the "
            "bounds of the price)")
    beyond = "; that is not beyond chance" if row["low"] <= 0 <= row["high"] else ""
    return f"{text}{beyond}.".replace("-", "\u2212")


def _left(rows: Mapping[Any, Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    """Say what a perfect spread would still give."""
    row = rows["even copies", "eue_avoided"]
    firm = rows["even copies", "efc"]
    if math.isnan(firm["value"]) or row["low"] <= 0 <= row["high"]:
        return ""
    copies = max(2, int(about["sites"]))
    more = ", or more" if firm["note"] else ""
    return (f"Spread evenly over {copies} sites like its largest, each with a fate of its own, it "
            f"would have {_mw(firm['value'])} firm beyond that{more}." if firm["value"] > 0 else
            f"{copies} independent sites like its largest would do no better.")


def shown_table(found: Diversification) -> pd.DataFrame:
    """Return the comparison "spread" with one row a lab, for people: numbers as numbers.

    Frame ``lab, capacity_mw, sites, largest_region, largest_share, needed_share,
    low_confidence_share, efc, efc_se, efc_low, efc_high, efc_note, aal, aal_se, tvar, tvar_se, eue,
    eue_se, money, money_se``; aal, tvar and eue are what is avoided.
    """
    spread = found.table[found.table["comparison"] == "spread"]
    out = found.labs.drop(columns=["largest_site"]).copy()
    for measure, name in (("efc", "efc"), ("aal_avoided", "aal"), ("tvar_avoided", "tvar"),
                          ("eue_avoided", "eue"), ("money", "money")):
        rows = spread[spread["measure"] == measure].set_index("lab")
        out[name] = out["lab"].map(rows["value"])
        out[f"{name}_se"] = out["lab"].map(rows["se"])
        if measure == "efc":
            out["efc_low"] = out["lab"].map(rows["low"])
            out["efc_high"] = out["lab"].map(rows["high"])
            out["efc_note"] = out["lab"].map(rows["note"])
    return out
