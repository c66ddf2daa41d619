"""Vertical integration as a lever: what a lab leases or rents from a cloud becomes its own.

The halls stay where they are, with their supply. What changes is who runs them and from where: the
rows that need a cloud's control plane or an operator come to need the lab's own. Fewer parties can
let the lab down; but one control plane and one operator now stand under all its sites, so that what
was several smaller outages in different years becomes one larger. The own control plane fails as
often as the perils let a cloud of its size fail, and nobody can cut the lab off from it. What
owning costs, and whether the lab runs halls as well as those whose trade it is, is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.world.edits import appended, edited, require_labs, require_sites, typed_rows
from riskmodel.world.exposure import mw_of_lab

if TYPE_CHECKING:
    from riskmodel.world.world import World

#: how a holding is held that may become the lab's own
RENTED = ("leased", "cloud")
CONTROL = ("cloud", "cloud_region")


def rented_sites(world: World, lab: str) -> dict[str, float]:
    """Return the MW that a lab leases or rents from a cloud, by site; holdings as they count."""
    rows = world.holdings[(world.holdings["lab_id"] == lab)
                          & world.holdings["kind"].isin(RENTED)]
    rented = set(rows["site_id"])
    return {site: mw for site, mw in mw_of_lab(world, lab).items() if site in rented}


def ownership_lever(world: World, lab: str, sites: str | Iterable[str] | None = None) -> World:
    """Return the world in which what a lab leases or rents from clouds is its own.

    At each site the groups with a cloud or a cloud region come to need the lab's own control plane,
    those with an operator the lab as operator, on the same terms. A lab that owns sites already
    brings the others under the operator and the cloud of its largest own one; else both are new,
    ``operator:LAB`` and ``cloud:LAB``. A site that others share runs under the lab for them as
    well: of the changed world read the lab's own losses.

    Parameters
    ----------
    sites : those that change hands; every leased or rented one if not given

    Raises
    ------
    RiskModelError : no such lab or site, or nothing that is leased or rented
    """
    require_labs(world, [lab], "ownership_lever")
    rented = rented_sites(world, lab)
    wanted = list(rented) if sites is None else [sites] if isinstance(sites, str) else list(sites)
    require_sites(world, wanted, "ownership_lever")
    strange = [site for site in wanted if site not in rented]
    if strange or not wanted:
        raise RiskModelError(
            f"ownership_lever: {lab} leases or rents nothing at {strange[0]}" if strange else
            f"ownership_lever: {lab} leases or rents nothing at {world.as_of}; ask for another "
            "lab, or a later as_of")
    operator, cloud = _own_nodes(world, lab)
    kind = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    name = str(world.labs.loc[world.labs["lab_id"] == lab, "name"].iloc[0] or lab)
    new = [{"node_id": node, "kind": what, "name": f"{name} (own)", "rule": "ownership_lever",
            "source_urls": "judgement", "as_of": str(world.as_of or ""), "confidence": "low"}
           for node, what in ((operator, "operator"), (cloud, "cloud")) if node not in kind]
    rows = []
    done: set[tuple[Any, ...]] = set()
    for row in world.requirements.to_dict("records"):
        what = kind.get(row["member_id"], "")
        if row["node_id"] in wanted and (what in CONTROL or what == "operator"):
            row = {**row, "member_id": cloud if what in CONTROL else operator, "k": 1.0,
                   "weight": 1.0, "rule": "ownership_lever"}
            key = (row["node_id"], row["group"], row["member_id"])
            if key in done:  # several clouds of one group become one
                continue
            done.add(key)
        rows.append(row)
    like = world.requirements
    needs = pd.DataFrame({column: pd.Series([row[column] for row in rows], dtype=like[column].dtype)
                          for column in like.columns})
    mine = world.holdings["site_id"].isin(wanted) & (world.holdings["lab_id"] == lab)
    holdings = world.holdings.assign(kind=world.holdings["kind"].where(~mine, "owned"))
    at = world.sites["site_id"].isin(wanted)
    site_columns = {"operator": name, "cloud_provider": name, "cloud_region": ""}
    owned = world.sites.assign(**{column: world.sites[column].where(~at, value)
                                  for column, value in site_columns.items()})
    return edited(world, sites=owned, holdings=holdings, requirements=needs,
                  nodes=appended(world.nodes, typed_rows("nodes", new, "nodes of ownership_lever")
                                 if new else pd.DataFrame()))


def _own_nodes(world: World, lab: str) -> tuple[str, str]:
    """Return the operator and the cloud under which a lab runs what is its own."""
    held = world.holdings[(world.holdings["lab_id"] == lab) & (world.holdings["kind"] == "owned")]
    mw = dict(zip(world.sites["site_id"], world.sites["it_mw"].fillna(0.0), strict=True))
    own = max(sorted(held["site_id"]), key=lambda site: mw.get(site, 0.0), default="")
    kind = dict(zip(world.nodes["node_id"], world.nodes["kind"], strict=True))
    found: dict[str, str] = {}
    if own:
        needs: dict[str, list[str]] = {}
        for node, member in zip(world.requirements["node_id"], world.requirements["member_id"],
                                strict=True):
            needs.setdefault(node, []).append(member)
        ring = list(needs.get(own, []))
        for node in ring:
            found.setdefault(kind.get(node, ""), node)
            if kind.get(node) == "cloud_region":
                ring += needs.get(node, [])
    return str(found.get("operator", f"operator:{lab}")), str(found.get("cloud", f"cloud:{lab}"))
