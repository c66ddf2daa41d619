"""Holdings in MW while sites change their size: who has how much, taken from one, given to another.

A share is of a site, so a site that grows or shrinks would change what everybody holds there. Here
the holdings of the sites in question are MW; they become shares again of the new capacities, and
whoever the edit is not about keeps its MW.

What a lab holds is what counts of it in one state of the world (probability above one half). What
``unknown`` holds is its own rows, what no row claims, and last the claims too weak to count: these
are only ``unknown``'s until one of them is true, and keep their lab wherever they go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.edits import appended, typed_rows
from riskmodel.world.exposure import COUNTS_ABOVE, ROUNDING, UNKNOWN, mw_of_lab
from riskmodel.world.tables import HOLDINGS

if TYPE_CHECKING:
    from riskmodel.world.world import World

Row = dict[str, Any]
_UNKNOWN_ROW: Row = {"lab_id": UNKNOWN, "kind": "unknown", "probability": 1.0, "origin": "",
                     "attribution": "unattributed"}


class HeldMegawatts:
    """Rows of ``holdings`` of some sites, each with its ``mw``; the world is left as it is."""

    def __init__(self, world: World, sites: Iterable[str]) -> None:
        self._table = world.holdings
        self.sites = set(sites)
        size = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
        self.capacity = {site: float(size[site]) for site in self.sites}
        mine = self._table[self._table["site_id"].isin(self.sites)]
        self.rows: list[Row] = [
            {str(k): v for k, v in row.items()}
            | {"mw": row["share"] * self.capacity[row["site_id"]]}
            for row in mine.to_dict("records")]

    # ---------------------------------------------------------------- who holds what

    def of(self, lab: str, site: str) -> list[Row]:
        """Return the rows that a lab holds effectively; those of ``unknown`` include what is free.

        What no row claims is a row of its own, with no ``origin``, in front of weak claims.
        """
        here = [row for row in self.rows if row["site_id"] == site]
        counts = [row for row in here if row["probability"] > COUNTS_ABOVE]
        mine = [row for row in counts if row["lab_id"] == lab and row["mw"] > 0]
        if lab != UNKNOWN:
            return mine
        free = self.capacity[site] - sum(row["mw"] for row in here)
        if free > ROUNDING * self.capacity[site]:
            mine.append(_UNKNOWN_ROW | {"site_id": site, "mw": free, "free": True})
        return mine + [row for row in here if row not in counts and row["mw"] > 0]

    def rivals(self, site: str) -> bool:
        """Tell whether more of a site is claimed than there is, so that not all can be true."""
        claimed = sum(row["mw"] for row in self.rows if row["site_id"] == site)
        return claimed > self.capacity[site] * (1.0 + ROUNDING)

    # ---------------------------------------------------------------- taking and giving

    def take(self, lab: str, site: str, mw: float, home: str) -> list[Row]:
        """Take MW from a lab's rows and return what was taken, a row each.

        First what once came from ``home``; the rest from the other rows in proportion, weak claims
        on what ``unknown`` holds only after everything else.
        """
        taken = []
        left = mw
        mine = self.of(lab, site)
        weak = [row for row in mine if not row.get("free")
                and row["probability"] <= COUNTS_ABOVE]
        first = [row for row in mine if row["origin"] == home]
        rest = [row for row in mine if row not in first and row not in weak]
        for rows in (first, rest, [row for row in weak if row not in first]):
            there = sum(row["mw"] for row in rows)
            part = min(left, there)
            for row in rows if part > 0 else ():
                amount = row["mw"] * part / there
                taken.append(row | {"mw": amount})
                row["mw"] -= amount
                if row["mw"] <= ROUNDING * amount:
                    row["mw"] = 0.0
            left -= part
            if left <= ROUNDING * mw:  # what is left by rounding is not a claim of its own
                break
        return taken

    def give(self, taken: list[Row], site: str, came_from: str) -> None:
        """Add what was taken elsewhere; it keeps its probability and remembers its origin."""
        for row in taken:
            origin = row["origin"] or came_from
            origin = "" if origin == site else origin
            if not origin and row["lab_id"] == UNKNOWN:
                continue  # back home, what no row claims is nobody's without a row
            there = [old for old in self.rows if old["site_id"] == site
                     and old["lab_id"] == row["lab_id"] and old["origin"] == origin]
            if there:
                there[0]["mw"] += row["mw"]
            else:
                note = f"moved here from {origin}" if origin else row.get("share_basis", "")
                self.rows.append(row | {"site_id": site, "origin": origin, "share_basis": note})

    # ---------------------------------------------------------------- back to shares

    def as_shares(self, capacity: Mapping[str, float]) -> pd.DataFrame:
        """Return the table of holdings at the new capacities, MW by site.

        An empty site keeps the shares it had: they speak of what is planned there. A claim that no
        longer fits into a smaller site holds all of it; the rest of it is ``unknown``'s.
        """
        gone = self._table["site_id"].isin(self.sites)
        order = {site: i for i, site in enumerate(self._table["site_id"])}
        rows = []
        for row in self.rows:
            size = capacity[row["site_id"]]
            if size > 0:
                row = row | {"share": min(row["mw"] / size, 1.0)}
                if row["share"] == 0.0 and self.capacity[row["site_id"]] > 0:
                    continue
            elif row["origin"]:
                continue
            rows.append(row)
        kept = appended(self._table[~gone], self._typed(rows)) if rows else self._table[~gone]
        place = kept["site_id"].map(order).fillna(len(self._table))
        return kept.loc[place.sort_values(kind="stable").index]

    def _typed(self, rows: list[Row]) -> pd.DataFrame:
        out = typed_rows("holdings", [{name: row.get(name) for name in HOLDINGS.names}
                                      for row in rows], "holdings of an edit")
        for name in self._table.columns.difference(list(HOLDINGS.names)):  # a caller's own
            out[name] = pd.Series([row.get(name) for row in rows], dtype=self._table[name].dtype)
        return out


def require_held(world: World, lab: str, site: str, mw: float, what: str) -> None:
    """Refuse to take more MW from a lab at a site than it effectively holds there."""
    has = mw_of_lab(world, lab)
    here = has.get(site, 0.0)
    if mw > here * (1.0 + ROUNDING):
        most = sorted(has.items(), key=lambda pair: -pair[1])
        told = ", ".join(f"{value:,.4g} MW at {name}" for name, value in most[:6])
        more = f" and less at {len(most) - 6} more sites" if len(most) > 6 else ""
        raise RiskModelError(
            f"{what}: {lab} holds {here:,.4g} MW at {site}, not the {mw:,.4g} MW asked for. "
            + (f"It holds {told}{more}." if most else "It holds nothing in this world.")
            + " Attributions of one half or less do not count.")
