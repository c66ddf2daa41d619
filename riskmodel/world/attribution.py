"""Who holds what in one state of the world: attributions drawn by their probability.

A holding's ``probability`` says how sure the record is that the lab is there at all; its ``share``
how much of the site it then has. A 50 % chance of a site is not half a site: in half of the worlds
the lab has it, in the others it has nothing.

The rule, site by site:

- **Side by side.** Where the shares of all labs named for the site fit into it together (they add
  up to 1 or less), the labs are co-tenants and every row is drawn by its own probability.
- **Alternatives.** Where the shares add up to more than 1 they cannot all be true. One draw for
  the site picks at most one row, each with its own probability (brought down in proportion where
  the probabilities add up to more than 1); what is left over is nobody's.
- **Moved.** A row with an ``origin`` stands on capacity that an edit brought from that site. It
  stands aside from the rivalry for the rest of the site, and is true in the same worlds as the
  lab's row at the origin: capacity that moves keeps the truth of its attribution, so that a lab's
  total in a world is what it was. Where the origin's rows are alternatives and the lab's is gone
  from there, it is drawn by its own probability.
- What no row holds in a world is held by ``unknown``, as are rows that name ``unknown``.

Sites are drawn apart from each other; that the attributions of one lab may be right or wrong
together is not modelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.world.exposure import ROUNDING, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnHoldings:
    """Shares held in each world: ``share`` has shape (worlds, rows); rows are (lab, site)."""

    lab_id: tuple[str, ...]
    site_id: tuple[str, ...]
    share: Floats

    def in_world(self, number: int) -> pd.DataFrame:
        """Return ``lab_id, site_id, share`` of one world, like ``effective_holdings``."""
        share = self.share[number]
        kept = np.flatnonzero(share > 0)
        return pd.DataFrame({
            "lab_id": pd.Series([self.lab_id[i] for i in kept], dtype=object),
            "site_id": pd.Series([self.site_id[i] for i in kept], dtype=object),
            "share": share[kept]})


def draw_holdings(world: World, uniform: Callable[[Sequence[str]], Floats]) -> DrawnHoldings:
    """Return who holds what in each world.

    Parameters
    ----------
    uniform : names -> uniforms in (0, 1), shape (worlds, names); the names are ``lab at site`` for
        co-tenants and ``site`` for alternatives, so that a draw stays with what it is about.
    """
    held = world.holdings
    known = set(world.sites["site_id"])
    held = held[held["site_id"].isin(known) & (held["share"] > 0)]
    moved_in = held[held["origin"] != ""].groupby("site_id")["share"].sum()
    held = held[held["lab_id"] != UNKNOWN]
    labs, sites, origins = (held[name].tolist() for name in ("lab_id", "site_id", "origin"))
    share = held["share"].to_numpy(float)
    chance = held["probability"].to_numpy(float)
    rows_of: dict[str, list[int]] = {}
    again: dict[str, int] = {}
    names = []
    for row, (lab, site, origin) in enumerate(zip(labs, sites, origins, strict=True)):
        name = f"{lab} at {origin or site}"
        if not origin:
            rows_of.setdefault(site, []).append(row)
            again[name] = again.get(name, 0) + 1
        names.append(name if origin or again[name] == 1 else f"{name} #{again[name]}")
    contested = {site for site, rows in rows_of.items()
                 if share[rows].sum() > 1.0 - moved_in.get(site, 0.0) + ROUNDING}
    u = uniform([*names, *sorted(contested)])
    true = u[:, :len(names)] < chance
    for place, site in enumerate(sorted(contested)):
        rows = rows_of[site]
        edges = np.cumsum(chance[rows]) / max(chance[rows].sum(), 1.0)
        picked = np.searchsorted(edges, u[:, len(names) + place], side="right")
        for order, row in enumerate(rows):
            true[:, row] = picked == order
    row_at = {(labs[row], site): row for site in contested for row in reversed(rows_of[site])}
    for row, (lab, origin) in enumerate(zip(labs, origins, strict=True)):
        if (lab, origin) in row_at:
            true[:, row] = true[:, row_at[lab, origin]]
    drawn = np.where(true, share, 0.0)
    wanted = list(dict.fromkeys(world.sites["site_id"]))
    place_of = {site: i for i, site in enumerate(wanted)}
    left = np.ones((len(u), len(wanted)))
    for row, site in enumerate(sites):
        left[:, place_of[site]] -= drawn[:, row]
    left[left <= ROUNDING] = 0.0
    pairs = [*zip(labs, sites, strict=True), *((UNKNOWN, site) for site in wanted)]
    drawn = np.concatenate([drawn, left], axis=1)
    once = list(dict.fromkeys(pairs))
    if len(once) < len(pairs):  # a lab that stands twice at a site: its shares add up
        total = np.zeros((len(u), len(once)))
        for pair, column in zip(pairs, drawn.T, strict=True):
            total[:, once.index(pair)] += column
        drawn = total
    ever = np.flatnonzero(drawn.max(axis=0, initial=0.0) > 0)
    return DrawnHoldings(tuple(once[i][0] for i in ever), tuple(once[i][1] for i in ever),
                         drawn[:, ever])


def uncertain(world: World) -> bool:
    """Tell whether any attribution may be false."""
    held = world.holdings
    return bool(((held["probability"] < 1.0) & (held["share"] > 0)
                 & (held["lab_id"] != UNKNOWN)).any())
