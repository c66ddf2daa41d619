"""How much computing a MW of IT power is, for each chip family.

    H100-equivalents per MW = rating / (thermal design power x server overhead)

``rating`` is the dense BF16 peak over that of an H100, ``server overhead`` the IT power of a chip
with its hosts, network and storage over its own design power. IT power leaves out PUE. Numbers and
sources: ``chips.csv`` and ``compute/chips.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.compute.inputs import Band, band, read_inputs
from riskmodel.world.rules import least

if TYPE_CHECKING:
    from riskmodel.world.world import World

FILE = "chips"
W_PER_MW = 1e6


@dataclass(frozen=True)
class Family:
    """What one chip family gives.

    Attributes
    ----------
    h100e_per_mw : H100-equivalents per MW of IT power
    h100e_per_chip, w_per_chip : rating, and W of IT power a chip; None where nobody publishes it
    known : whether the family's own power and peak are published
    """

    name: str
    h100e_per_mw: Band
    h100e_per_chip: Band | None
    w_per_chip: Band | None
    known: bool
    basis: str
    confidence: str


def chip_families(world: World) -> dict[str, Family]:
    """Return every chip family of the world's ``chips`` by name.

    A world without that table takes the one that ships. A family whose power or peak is not known
    takes the band of its designer's other families, of all where there is none, widened by
    ``unknown.power_factor``.
    """
    data = read_inputs(FILE, world)
    rows = _rows(world)
    known: dict[str, Family] = {}
    for row in rows:
        family = _known(row, data)
        if family is not None:
            known[family.name] = family
    found = {}
    for row in rows:
        name = str(row["chip_family"])
        found[name] = known.get(name) or _unknown(row, rows, known, data)
    return found


def family_frame(world: World) -> pd.DataFrame:
    """Return the families as a frame, one row each.

    ``chip_family, h100e_per_mw_it_low, h100e_per_mw_it, h100e_per_mw_it_high, h100e_per_chip,
    it_w_per_chip, known, basis, confidence``; NaN where nobody publishes it.
    """
    return pd.DataFrame([{
        "chip_family": f.name, "h100e_per_mw_it_low": f.h100e_per_mw.low,
        "h100e_per_mw_it": f.h100e_per_mw.best, "h100e_per_mw_it_high": f.h100e_per_mw.high,
        "h100e_per_chip": f.h100e_per_chip.best if f.h100e_per_chip else np.nan,
        "it_w_per_chip": f.w_per_chip.best if f.w_per_chip else np.nan, "known": f.known,
        "basis": f.basis, "confidence": f.confidence} for f in chip_families(world).values()])


def h100_peak_flops(world: World | None = None) -> float:
    """Return the dense BF16 peak of an H100, FLOP/s: what one H100-equivalent can do at most."""
    return band(read_inputs(FILE, world), "h100", "bf16_dense_tflops").best * 1e12


def model_flops_use(world: World | None = None) -> Band:
    """Return the share of the peak that a large run turns into model FLOP (MFU)."""
    return band(read_inputs(FILE, world), "mfu", "value")


def enclosing(bands: list[Band], best: float) -> Band:
    """Return the band that holds all of some bands, with another best number."""
    return Band(min(b.low for b in bands), best, max(b.high for b in bands))


def _rows(world: World) -> list[dict[str, Any]]:
    chips = world.chips
    if chips.empty:
        from riskmodel.world.derive import read_master
        from riskmodel.world.shipped import shipped_folder

        chips = read_master(shipped_folder(), "chips")
    return [{str(k): v for k, v in row.items()} for row in chips.to_dict("records")]


def _known(row: Mapping[str, Any], data: Mapping[str, Any]) -> Family | None:
    """Return a family from its own power and peak; None where either is not published."""
    name = str(row["chip_family"])
    tdp = (band(data, "tdp_w", name) if name in data["tdp_w"]
           else Band(*[float(row["tdp_w"])] * 3))
    rating, peak = _rating(row, data)
    if rating is None or not tdp.best > 0:
        return None
    entry = name if name in data["server_overhead"] else "other"
    overhead = band(data, "server_overhead", entry)
    watts = Band(tdp.low * overhead.low, tdp.best * overhead.best, tdp.high * overhead.high)
    per_mw = Band(rating.low / watts.high * W_PER_MW, rating.best / watts.best * W_PER_MW,
                  rating.high / watts.low * W_PER_MW)
    return Family(
        name, per_mw, rating, watts, True,
        f"{peak}, {tdp.best:g} W x {overhead.best:g} for hosts and network",
        least(str(row["confidence"]), str(data["server_overhead"][entry]["confidence"]),
              "high" if rating.low == rating.high else "low"))


def _rating(row: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Band | None, str]:
    """Return dense BF16 peak over an H100's, from the widest numbers that are published."""
    h100 = band(data, "h100", "bf16_dense_tflops").best
    own = float(row["bf16_dense_tflops"])
    if own > 0:
        return Band(*[own / h100] * 3), f"{own:g} dense BF16 TFLOP/s"
    for column, key, bits in (("fp8_dense_tflops", "of_fp8", 8), ("fp4_dense_tflops", "of_fp4", 4)):
        peak = float(row[column])
        if peak > 0:
            share = band(data, "bf16_share", key)
            return share.times(peak / h100), f"{share.best:g} of {peak:g} dense {bits}-bit TFLOP/s"
    return None, ""


def families_of(text: object) -> tuple[str, ...]:
    """Return the chip families that a cell names, between semicolons; each once."""
    return tuple(dict.fromkeys(part.strip() for part in str(text).split(";") if part.strip()))


def designer_of(text: str) -> str:
    """Return the first company of a designer's name as written."""
    return re.split(r"\s*[/(,;]", text)[0].strip()


def _unknown(row: Mapping[str, Any], rows: list[dict[str, Any]], known: Mapping[str, Family],
             data: Mapping[str, Any]) -> Family:
    company = designer_of(str(row["designer"]))
    kin = [known[str(r["chip_family"])] for r in rows
           if str(r["chip_family"]) in known and designer_of(str(r["designer"])) == company]
    whose = f"{company}'s families that do" if kin else "all families that do"
    like = kin or list(known.values())
    factor = band(data, "unknown", "power_factor")
    middle = float(np.exp(np.mean([np.log(f.h100e_per_mw.best) for f in like])))
    whole = enclosing([f.h100e_per_mw for f in like], middle)
    missing = "power" if _rating(row, data)[0] is not None else "peak"
    return Family(str(row["chip_family"]),
                  Band(whole.low * factor.low, whole.best * factor.best, whole.high * factor.high),
                  _rating(row, data)[0], None, False,
                  f"no {missing} is published: the middle of {whose}, band widened", "low")
