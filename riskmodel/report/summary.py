"""The answer in plain words; every word that could be wrong is computed."""

from __future__ import annotations

import math

from riskmodel.report import changes, ignorance, scenarios
from riskmodel.report.confidence import LAYER_NAMES, low_share
from riskmodel.report.context import TAIL_PERIOD, Context, Section
from riskmodel.report.names import UNKNOWN_LAB
from riskmodel.report.numbers import estimate, number, percent, whole
from riskmodel.report.page import render


def _standing(context: Context) -> str:
    if context.lab:
        return _standing_of_one(context)
    labs = [lab for lab in context.ranked if lab != UNKNOWN_LAB]
    day = f"On {context.as_of}, " if context.as_of else ""
    count = f"{len(labs)} lab" + ("" if len(labs) == 1 else "s")
    if math.isnan(context.total_capacity):
        return f"{day}{count} are looked at; their capacity was not given."
    text = f"{day}{count} hold {number(context.total_capacity)} MW of IT capacity between them"
    unknown = context.capacity.get(UNKNOWN_LAB, 0.0)
    if unknown > 0 and context.total_capacity > 0:
        text += (f", counting {number(unknown)} MW "
                 f"({percent(unknown / context.total_capacity)}) that nobody has attributed")
    return text + "."


def _standing_of_one(context: Context) -> str:
    day = f"On {context.as_of}, " if context.as_of else ""
    if math.isnan(context.total_capacity):
        return f"{day}{context.subject} is looked at alone; its capacity was not given."
    if context.total_capacity == 0:
        return (f"{day}nothing energised is attributed to {context.subject} with a probability "
                "above one half, so there is nothing that it could lose; it is not a finding that "
                "it is safe.")
    running = sum(mw > 0 for mw in context.held.values())
    text = f"{day}{context.subject} holds {number(context.total_capacity)} MW of IT capacity"
    if running:
        most = "up to " if context.losses.worlds > 1 else ""  # not all of them in every world
        text += f" at {most}{running} site{'' if running == 1 else 's'}"
    assert context.whole is not None
    every = context.whole.total_capacity
    if every > 0:
        text += f", {percent(context.total_capacity / every)} of what all labs hold"
    return text + "."


def _average(context: Context) -> list[str]:
    row = context.row("total", "aal")
    value, se = float(row["value"]), float(row["se"])
    share = context.value("total", "aal_share")
    said = [f"In an average year it loses {estimate(value, se)} MW-days" if context.lab else
            f"In an average year they lose {estimate(value, se)} MW-days together"]
    if not math.isnan(share):
        still = value / context.losses.horizon_days
        who = "it" if context.lab else "they"
        said[0] += (f", {percent(share)} of what {who} could run: as if {number(still)} MW stood "
                    "still all year")
    said[0] += "."
    tail = context.value("total", "aep")
    chance = context.value("total", "p_loss")
    if math.isnan(tail):
        said.append(f"The run is too short to say what one year in {TAIL_PERIOD:g} loses.")
    else:
        text = f"One year in {TAIL_PERIOD:g} loses {number(tail)} MW-days or more"
        if value > 0 and tail > 0:
            text += f", {tail / value:.2g} times the average"
        said.append(text + ("; nearly every year loses something." if chance > 0.9995 else
                            f"; {percent(chance)} of years lose something."))
    return said


def _who(context: Context) -> list[str]:
    if context.whole is not None:
        return _place(context, context.whole)
    named = [lab for lab in context.ranked if lab != UNKNOWN_LAB] or context.ranked
    if len(named) < 2:
        return []
    worst = max(named, key=lambda lab: context.value(lab, "aal"))
    unknown = UNKNOWN_LAB in context.ranked and (
        context.value(UNKNOWN_LAB, "aal") > context.value(worst, "aal"))
    said = (f"{'Of the labs known by name, the' if unknown else 'The'} largest expected loss is "
            f"that of {context.names.lab(worst)} "
            f"({estimate(context.value(worst, 'aal'), context.row(worst, 'aal')['se'])} MW-days "
            "a year)")
    shares = [lab for lab in named if context.value(lab, "aal_share") > 0]
    if shares:
        most = max(shares, key=lambda lab: context.value(lab, "aal_share"))
        what = percent(context.value(most, "aal_share"))
        said += (f"; it also loses the largest share of its own capacity, {what}"
                 if most == worst else
                 f"; {context.names.lab(most)} loses the largest share of its own capacity, {what}")
    return [said + "."]


def _place(context: Context, whole: Context) -> list[str]:
    """Say where the one lab stands among the others."""
    others = [lab for lab in whole.ranked if lab != UNKNOWN_LAB]
    if context.lab not in others or len(others) < 2:
        return []
    order = sorted(others, key=lambda lab: -whole.value(lab, "aal"))
    place = order.index(context.lab) + 1
    which = "largest" if place == 1 else f"{_ordinal(place)} largest"
    text = f"Its expected loss is the {which} of {len(others)} labs with capacity"
    share, of_all = context.value("total", "aal_share"), whole.value("total", "aal_share")
    if share > 0 and of_all > 0:
        text += (f"; all labs together lose {percent(of_all)} of their capacity, and it loses "
                 f"{percent(share)} of its own")
    return [text + "."]


def _ordinal(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return f"{n}{ending}"


def _drivers(context: Context) -> list[str]:
    perils = context.by_peril
    if perils.empty:
        return []
    names = context.names
    first = perils.iloc[0]
    said = f"{names.peril(str(first['peril']))} causes {percent(float(first['share']))} of it"
    if len(perils) > 1:
        second = perils.iloc[1]
        said += f", {names.peril(str(second['peril'])).lower()} {percent(float(second['share']))}"
    regions = context.by_region.groupby("region")["share"].sum().sort_values(ascending=False)
    top, share = str(regions.index[0]), float(regions.iloc[0])
    if len(regions) > 1:
        where = names.region(top)
        article = "the " if where.endswith(("theatre", "interconnection")) or where.startswith(
            "United ") else ""
        said += f". By place, most comes from {article}{where} ({percent(share)})"
    return [said + "."]


def _trust(context: Context) -> list[str]:
    said = []
    value = context.value("total", "aal")
    if value > 0:
        se = float(context.row("total", "aal")["se"])
        told = ignorance.said(context) if context.losses.worlds > 1 else (
            "What the rates, the attributions and the recovery times themselves do not know is "
            "larger, and is not in this error.")
        said.append(f"The error of simulation is {percent(se / value)} of the average, with "
                    f"{whole(context.losses.n_years)} years. {told}".rstrip())
    if context.weighing:
        said.append(context.weighing)
    share, _ = low_share(context)
    whole_share = share.get("total", math.nan)
    if not math.isnan(whole_share):
        text = f"{percent(whole_share)} of the expected loss rests on at least one weak record"
        layers = {layer: share for layer, share in
                  context.kept["low_layers"]["total"].items() if layer != "any"}
        most = max(layers, key=lambda layer: layers[layer])
        if whole_share > 0 and layers[most] > 0:
            text += f", most often on {LAYER_NAMES[most]} ({percent(layers[most])})"
        said.append(text + ".")
    return said


def _story(context: Context) -> list[str]:
    lost = context.total_lost
    said = [f"In this story {context.subject if context.lab else 'the labs'} "
            f"lose{'s' if context.lab else ''} {number(lost)} MW-days."]
    hit = [lab for lab in context.ranked if context.lost[lab] > 0]
    if hit:
        worst = max(hit, key=lambda lab: context.lost[lab])
        if not context.lab:
            said.append(f"{context.names.lab(worst)} loses most: {number(context.lost[worst])} "
                        f"MW-days, {percent(context.lost[worst] / lost)} of it.")
        said += _drivers(context)
    untouched = [lab for lab in context.ranked if lab not in hit and lab != UNKNOWN_LAB]
    if untouched and not context.lab:
        count = sum(lab != UNKNOWN_LAB for lab in context.ranked)
        said.append(f"{len(untouched)} of {count} labs with capacity lose nothing.")
    said.append("A story has no frequency: it says what would happen, not how often.")
    return said


def sentences(context: Context) -> list[str]:
    """Return the summary, one statement each."""
    if not context.annual:
        return [_standing(context), *_story(context)]
    if context.lab and context.total_capacity == 0:
        return [_standing(context)]
    if context.total_lost == 0:
        bound = float(context.row("total", "p_loss").get("high", math.nan))
        return [_standing(context),
                f"No loss was seen in {whole(context.losses.n_years)} simulated years. That is "
                "not proof of safety: with 95 % confidence the chance of a year with a loss is "
                f"below {percent(bound)}."]
    return [_standing(context), *_average(context), *_who(context), *_drivers(context),
            *scenarios.in_short(context), *changes.in_short(context), *_trust(context)]


def build(context: Context) -> Section:
    """Write the section."""
    return Section("summary", "In short",
                   render("summary.html.j2", sentences=sentences(context)))
