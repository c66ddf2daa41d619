"""How much computing a MW of IT power is at each site, from the chips that stand there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from riskmodel.compute.chips import (
    FILE,
    W_PER_MW,
    Family,
    chip_families,
    enclosing,
    h100_peak_flops,
)
from riskmodel.compute.inputs import Band, band, read_inputs
from riskmodel.errors import RiskModelError
from riskmodel.world.rules import least

if TYPE_CHECKING:
    from riskmodel.world.world import World

SITE_COLUMNS = ("site_id", "chip_family", "h100e_per_mw_it_low", "h100e_per_mw_it",
                "h100e_per_mw_it_high", "flops_per_mw_low", "flops_per_mw", "flops_per_mw_high",
                "known", "basis", "confidence")
#: what the record writes beside a count that it worked out from power
_DERIVED = "count derived from power"


class _Found(NamedTuple):
    h100e: Band
    known: bool
    basis: str
    confidence: str


def site_chips(world: World) -> pd.DataFrame:
    """Return what a MW of IT power is at each site, from its own chips.

    The first of these that a site has: chips by family that somebody counted
    (``chips_of_site``); one family and a published count; its families, of which one is as good as
    the other (equal shares of the power, a band over all of them); nothing, and then it is the mean
    over the MW of sites that name their chips, with a band over all families that run there. A
    count that the record itself worked out from power says nothing new and is not used.

    Returns
    -------
    frame ``site_id, chip_family, h100e_per_mw_it_low, h100e_per_mw_it, h100e_per_mw_it_high,
    flops_per_mw_low, flops_per_mw, flops_per_mw_high, known, basis, confidence``
        ``flops_per_mw`` is peak dense BF16 FLOP/s per MW of IT power; ``known`` is False where the
        chips of the site, or the power or peak of one of them, are not published.

    Raises
    ------
    RiskModelError : ``chips_of_site`` names a family that is not in ``chips``
    """
    data = read_inputs(FILE, world)
    families = chip_families(world)
    sites = world.sites_as_given
    running = dict(zip(world.sites["site_id"], world.sites["it_mw"].fillna(0.0), strict=True))
    rows = [{str(k): v for k, v in row.items()} for row in sites.to_dict("records")]
    found = {str(row["site_id"]): _of_site(row, families, data) for row in rows}
    named = {site: one for site, one in found.items() if one is not None}
    rest = _of_nobody(named, running, families)
    peak = h100_peak_flops(world)
    out = []
    for row in rows:
        one = found[str(row["site_id"])] or rest
        confidence = least(one.confidence, str(row["confidence"]) or one.confidence)
        out.append((row["site_id"], row["chip_family"], *one.h100e,
                    *one.h100e.times(peak), one.known, one.basis, confidence))
    return pd.DataFrame(out, columns=list(SITE_COLUMNS))


def unknown_chips(world: World) -> pd.DataFrame:
    """Return the sites of :func:`site_chips` whose chips, or a chip's power or peak, is unknown.

    With ``it_mw``, what runs there on the world's day; the largest first.
    """
    frame = site_chips(world)
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"].fillna(0.0), strict=True))
    frame.insert(1, "it_mw", frame["site_id"].map(mw))
    return frame[~frame["known"]].sort_values("it_mw", ascending=False, kind="stable",
                                              ignore_index=True)


def compare_with_record(world: World) -> pd.DataFrame:
    """Return H100-equivalents per MW of facility power beside what others say of the same site.

    Frame ``anchor, site_id, value, low, high, stated, stated_low, stated_high, unit, agrees``;
    ``agrees`` where the two bands meet.
    """
    data = read_inputs(FILE, world)
    chips = {row["site_id"]: row for row in site_chips(world).to_dict("records")}
    pue = dict(zip(world.sites["site_id"], world.sites["pue"], strict=True))
    rows = []
    for name, anchor in data.get("anchors", {}).items():
        site = str(anchor["site_id"])
        if site not in chips:
            continue
        stated = band(data, "anchors", name, "h100e_per_facility_mw")
        low, best, high = (float(chips[site][f"h100e_per_mw_it{end}"]) / float(pue[site])
                           for end in ("_low", "", "_high"))
        rows.append((name, site, best, low, high, stated.best, stated.low, stated.high,
                     "H100e/MW of facility power", low <= stated.high and stated.low <= high))
    return pd.DataFrame(rows, columns=["anchor", "site_id", "value", "low", "high", "stated",
                                       "stated_low", "stated_high", "unit", "agrees"])


def _of_site(row: Mapping[str, Any], families: Mapping[str, Family],
             data: Mapping[str, Any]) -> _Found | None:
    names = [name.strip() for name in str(row["chip_family"]).split(";") if name.strip()]
    split = _split(str(row["site_id"]), families, data)
    here = [families[name] for name in (split or names) if name in families]
    if not here:
        return None
    count, mw = float(row["accelerator_count"]), float(row["it_mw"])
    derived = _DERIVED in str(row["notes"]).lower()
    rated = all(f.h100e_per_chip for f in here)
    if count > 0 and mw > 0 and not derived and rated and (split or len(names) == 1):
        return _counted(row, here, split or {names[0]: 1.0}, data)
    if split and all(f.w_per_chip and f.h100e_per_chip for f in here):
        return _shared(here, split)
    strangers = len(here) < len(split or names)
    best = float(np.mean([f.h100e_per_mw.best for f in here]))
    whole = enclosing([f.h100e_per_mw for f in here], best)
    basis = here[0].basis if len(here) == 1 else (
        f"equal power to each of {', '.join(f.name for f in here)}: the split is not published")
    if strangers:
        basis += "; other families it names are not in chips.csv"
    return _Found(whole, all(f.known for f in here) and not strangers, basis,
                  least(*(f.confidence for f in here), "low" if len(names) > 1 else "high"))


def _split(site: str, families: Mapping[str, Family],
           data: Mapping[str, Any]) -> dict[str, float]:
    """Return each family's share of a site's chips where somebody counted them, else nothing."""
    counted = data.get("chips_of_site", {}).get(site)
    if counted is None:
        return {}
    strange = [name for name in counted["count"] if name not in families]
    if strange:
        raise RiskModelError(f"{FILE}.toml: chips_of_site.{site} counts {strange[0]!r}, which is "
                             "no chip_family of chips.csv; give one that is")
    total = float(sum(counted["count"].values()))
    return {name: number / total for name, number in counted["count"].items()}


def _counted(row: Mapping[str, Any], here: list[Family], split: Mapping[str, float],
             data: Mapping[str, Any]) -> _Found:
    """Return what a MW is where the chips are counted: their ratings over the IT power."""
    mw, count = float(row["it_mw"]), float(row["accelerator_count"])
    ends = [float(row["it_mw_high"]), mw, float(row["it_mw_low"])]
    ends = [end if end > 0 else mw for end in ends]
    factor = band(data, "unknown", "count_factor")
    rating = np.sum([count * split[f.name] * np.array(f.h100e_per_chip) for f in here], axis=0)
    value = rating * np.array(factor) / np.array(ends)
    what = " and ".join(f"{count * split[f.name]:,.0f} {f.name}" for f in here)
    counted = data.get("chips_of_site", {}).get(row["site_id"], {})
    return _Found(Band(*(float(v) for v in value)), True,
                  f"{what} on {mw:g} MW of IT: {counted.get('basis', 'a published count')}",
                  least(str(counted.get("confidence", "medium")), *(_rating_sure(f) for f in here)))


def _rating_sure(family: Family) -> str:
    rating = family.h100e_per_chip
    return "high" if rating is not None and rating.low == rating.high else "low"


def _shared(here: list[Family], split: Mapping[str, float]) -> _Found:
    """Return what a MW is where only the proportions of the chips are known."""
    rating = np.sum([split[f.name] * np.array(f.h100e_per_chip) for f in here], axis=0)
    watts = np.sum([split[f.name] * np.array(f.w_per_chip) for f in here], axis=0)
    value = rating / watts[::-1] * W_PER_MW
    what = " and ".join(f"{split[f.name]:.0%} {f.name}" for f in here)
    return _Found(Band(*(float(v) for v in value)), True, f"{what} of the chips",
                  least(*(f.confidence for f in here)))


def _of_nobody(named: Mapping[str, _Found], running: Mapping[str, float],
               families: Mapping[str, Family]) -> _Found:
    """Return what a MW is where nobody says which chips stand."""
    mw = np.array([running.get(site, 0.0) for site in named])
    if mw.sum() > 0:
        best = float(mw @ [one.h100e.best for one in named.values()] / mw.sum())
        bands = [one.h100e for one, at in zip(named.values(), mw, strict=True) if at > 0]
        basis = "chips not published: the mean over MW of sites that name theirs"
    else:
        known = [f.h100e_per_mw for f in families.values() if f.known]
        best = float(np.exp(np.mean([np.log(b.best) for b in known])))
        bands, basis = known, "chips not published: the middle of all families"
    return _Found(enclosing(bands, best), False, basis, "low")
