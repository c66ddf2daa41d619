"""How much of a lab hangs on NVIDIA, TSMC, Broadcom, SK hynix; and what custom silicon changes.

A share is a part of the lab's MW of IT power in a layer of its build-out. Where a site or deal
names several chip families and nobody says how much of each, the value splits the power evenly and
the bounds give all of it to one of them; where it names none, the capacity counts as ``unknown``,
and the bounds of every supplier hold it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.compute.buildout import ALL_LAYERS, labs_asked
from riskmodel.compute.chip_makers import ROLES, Makers, chip_makers, mixed, unknown_makers
from riskmodel.compute.chips import chip_families, designer_of, families_of
from riskmodel.compute.deal_ledger import HeldMegawatts, ledger_rows
from riskmodel.compute.deal_numbers import read_deals
from riskmodel.compute.inputs import Band
from riskmodel.compute.planned_power import PlannedPower
from riskmodel.errors import RiskModelError
from riskmodel.world.building import record_date
from riskmodel.world.columns import near
from riskmodel.world.exposure import UNKNOWN, to_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

COLUMNS = ("lab", "date", "layer", "role", "supplier", "value", "low", "high", "it_mw", "layer_mw",
           "unknown_share", "unit")
SILICON_COLUMNS = ("lab", "date", "layer", "strength", "to", "role", "supplier", "value", "low",
                   "high", "unit")
#: what most readers ask for: role and supplier
NAMED = (("designer", "NVIDIA"), ("foundry", "TSMC"), ("foundry_place", "Taiwan"),
         ("design_partner", "Broadcom"), ("memory", "SK hynix"))
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
#: designers whose chips anybody may buy; the silicon of everybody else is custom
MERCHANT = ("NVIDIA", "AMD", "Cerebras")


@dataclass(frozen=True)
class Piece:
    """MW of a layer that name the same chip families."""

    mw: float
    families: tuple[str, ...]


def supply_dependence(world: World, lab: str | Sequence[str] | None = None,
                      date: str | dt.date | None = None, *,
                      layers: Iterable[str] = ("energised", "contracted"),
                      roles: Iterable[str] = ROLES) -> pd.DataFrame:
    """Return which suppliers each lab's chips hang on, layer by layer.

    Parameters
    ----------
    date : the day of the layers; the world's own if not given
    layers : some of ``energised, scheduled, contracted, announced, up_to``; see ``build_out``
    roles : some of ``designer``, ``design_partner`` (Broadcom, under other designers' names),
        ``foundry``, ``foundry_place`` (Taiwan or elsewhere, of the dies), ``memory``

    Returns
    -------
    frame ``lab, date, layer, role, supplier, value, low, high, it_mw, layer_mw, unknown_share,
    unit``
        ``value`` is the supplier's share of the layer's MW, and the shares of a role add up to 1;
        ``supplier`` is "unknown" where the record names none and "(nobody)" where none is needed.

    Raises
    ------
    RiskModelError : no such lab, layer or role, or no day
    """
    wanted, kinds = _words(layers, ALL_LAYERS, "layer"), _words(roles, ROLES, "role")
    day, makers = _day(world, date), chip_makers(world)
    rows = []
    for name, by_layer in layer_pieces(world, lab, day).items():
        for layer in wanted:
            pieces = by_layer[layer]
            whole = sum(piece.mw for piece in pieces)
            if not whole > 0:
                continue
            for role in kinds:
                found = shares_of(pieces, makers, role)
                rest = found.get(UNKNOWN, Band(0.0, 0.0, 0.0)).best
                rows += [(name, day.isoformat(), layer, role, supplier, share.best, share.low,
                          share.high, share.best * whole, whole, rest, "1")
                         for supplier, share in sorted(found.items(),
                                                       key=lambda item: (-item[1].best, item[0]))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def custom_silicon(world: World, lab: str, date: str | dt.date | None = None, *,
                   to: str | None = None, away_from: str = "NVIDIA",
                   strengths: Iterable[float] = STRENGTHS,
                   layers: Iterable[str] = ("energised", "contracted")) -> pd.DataFrame:
    """Return what moving a share of one designer's capacity to custom silicon changes.

    The MW stay what they are; the chips on them become another family.

    Parameters
    ----------
    to : the chip family; if not given the last of the lab's own list that it, or its parent,
        designs; else the last custom one there (whose designer sells to few: Trainium, TPU); else
        TPU v7
    away_from : the designer whose chips are replaced
    strengths : shares of that designer's capacity, 0-1

    Returns
    -------
    frame ``lab, date, layer, strength, to, role, supplier, value, low, high, unit``
        a row for each of NVIDIA, TSMC, Taiwan, Broadcom and SK hynix (and the new family's
        designer), unit "1"; and ``role`` "h100e", unit "H100e": what the layer's MW are then worth.

    Raises
    ------
    RiskModelError : no such lab, layer or chip family; a strength that is no share
    """
    steps = [float(step) for step in strengths]
    if not all(0 <= step <= 1 for step in steps):
        raise RiskModelError(f"custom_silicon: strengths are {steps}; give shares from 0 to 1")
    wanted, day, makers = _words(layers, ALL_LAYERS, "layer"), _day(world, date), chip_makers(world)
    pieces = layer_pieces(world, lab, day)[lab]
    target = to if to is not None else own_silicon(world, lab)
    if target not in makers:
        raise RiskModelError(
            f"custom_silicon: there is no chip family {target!r} in chips.csv"
            f"{near(str(target), makers) or '.'} There are {', '.join(makers) or 'none: add it'}")
    designer = next(iter(makers[target]["designer"]))
    shown = list(dict.fromkeys([*NAMED, ("designer", designer)]))
    power = {name: family.h100e_per_mw for name, family in chip_families(world).items()}
    rows: list[tuple[object, ...]] = []
    for layer in wanted:
        if not sum(piece.mw for piece in pieces[layer]) > 0:
            continue
        for step in steps:
            moved = {name: mixed(one, makers[target], step)
                     if away_from in one["designer"] else one for name, one in makers.items()}
            rating = {name: Band(*((1 - step) * a + step * b for a, b in
                                   zip(one, power[target], strict=True)))
                      if away_from in makers[name]["designer"] else one
                      for name, one in power.items()}
            head = (lab, day.isoformat(), layer, step, target)
            for role, supplier in shown:
                share = shares_of(pieces[layer], moved, role).get(supplier, Band(0.0, 0.0, 0.0))
                rows.append((*head, role, supplier, share.best, share.low, share.high, "1"))
            worth = worth_of(pieces[layer], rating)
            rows.append((*head, "h100e", "", worth.best, worth.low, worth.high, "H100e"))
    return pd.DataFrame(rows, columns=list(SILICON_COLUMNS))


def own_silicon(world: World, lab: str) -> str:
    """Return the custom chip family that a lab would move to: see ``custom_silicon``."""
    designer = {family: designer_of(text) for family, text in
                zip(world.chips["chip_family"], world.chips["designer"], strict=True) if text}
    row = world.labs[world.labs["lab_id"] == lab].iloc[0]
    whose = f"{row['name']} {row['parent']}".lower()
    custom = [family for family in families_of(row["chip_families"])
              if designer.get(family, MERCHANT[0]) not in MERCHANT]
    own = [family for family in custom if designer[family].lower() in whose]
    return next(reversed(own or custom), "TPU v7")


def layer_pieces(world: World, lab: str | Sequence[str] | None, day: dt.date
                 ) -> dict[str, dict[str, list[Piece]]]:
    """Return lab -> layer -> its MW with the chip families that they name."""
    wanted = labs_asked(world, lab, "supply_dependence")
    if lab is None:
        wanted = [name for name in wanted if name != UNKNOWN]
    record = record_date(world) or day
    plan = PlannedPower.of(world, [record, day])
    at_site = dict(zip(world.sites["site_id"], world.sites["chip_family"], strict=True))
    out = {}
    for name in wanted:
        layers: dict[str, list[Piece]] = {layer: [] for layer in ALL_LAYERS}
        stood, now = np.minimum(plan.it_mw[0], plan.it_mw[1]), plan.it_mw[1]
        for site, share, before, after in zip(plan.sites, plan.of_lab(name), stood, now,
                                              strict=True):
            for layer, mw in (("energised", before), ("scheduled", after - before)):
                if share * mw > 0:
                    layers[layer].append(Piece(share * mw, families_of(at_site[site])))
        deals = read_deals(world, name)
        ledger = ledger_rows(deals, HeldMegawatts.of(plan, 1, name), day)
        families = {deal.deal_id: deal.families for deal in deals}
        for deal, layer, mw in zip(ledger["deal_id"], ledger["layer"], ledger["added_mw"],
                                   strict=True):
            if mw > 0:
                layers[layer].append(Piece(float(mw), families[deal]))
        out[name] = layers
    return out


def shares_of(pieces: Sequence[Piece], makers: Mapping[str, Makers], role: str
              ) -> dict[str, Band]:
    """Return each supplier's share of some MW in one role, with bounds."""
    whole = sum(piece.mw for piece in pieces)
    sums: dict[str, NDArray[np.float64]] = {}
    loose = 0.0
    for piece in pieces:
        parts = [makers.get(family, unknown_makers())[role] for family in piece.families]
        parts = parts or [unknown_makers()[role]]
        part = piece.mw / whole
        for name in dict.fromkeys(name for one in parts for name in one):
            bands = [one.get(name, Band(0.0, 0.0, 0.0)) for one in parts]
            total = sums.setdefault(name, np.zeros(3))
            total += part * np.array([min(b.low for b in bands),
                                      float(np.mean([b.best for b in bands])),
                                      max(b.high for b in bands)])
        # what one of the families does not name may be anybody's
        loose += part * max((one[UNKNOWN].high for one in parts if UNKNOWN in one), default=0.0)
    out = {}
    for name, total in sums.items():
        low, best, high = (float(value) for value in total)
        if name == UNKNOWN:
            low = 0.0
        else:
            high = min(1.0, high + loose)
        out[name] = Band(low, best, max(best, high))
    return out


def worth_of(pieces: Sequence[Piece], rating: Mapping[str, Band]) -> Band:
    """Return the H100-equivalents of some MW; a chip that nobody names has the mean of the rest."""
    named = [(piece, [rating[f] for f in piece.families if f in rating]) for piece in pieces]
    some = [(piece.mw, bands) for piece, bands in named if bands]
    if not some:
        return Band(float("nan"), float("nan"), float("nan"))
    total = np.zeros(3)
    for mw, bands in some:
        total += mw * np.array([min(b.low for b in bands), float(np.mean([b.best for b in bands])),
                                max(b.high for b in bands)])
    known = sum(mw for mw, _ in some)
    whole = sum(piece.mw for piece in pieces)
    low, best, high = (float(value) for value in total * whole / known)
    return Band(low, best, high)


def _day(world: World, date: str | dt.date | None) -> dt.date:
    day = to_date(date) or world.as_of or record_date(world)
    if day is None:
        raise RiskModelError("supply_dependence: the world has no date; give one as 2027-12-31")
    return day


def _words(given: Iterable[str], known: Sequence[str], what: str) -> list[str]:
    found = [given] if isinstance(given, str) else list(given)
    for word in found:
        if word not in known:
            raise RiskModelError(f"supply_dependence: there is no {what} {word!r}"
                                 f"{near(str(word), known)}; there are {', '.join(known)}")
    return found
