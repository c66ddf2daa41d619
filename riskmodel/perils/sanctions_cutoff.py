"""``sanctions_cutoff``: a provider cuts a foreign tenant off, by law or by its own filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure
from riskmodel.world.tables import EVENTS

if TYPE_CHECKING:
    from riskmodel.world.world import World


@dataclass(frozen=True)
class SanctionsCutoff:
    """A lab loses what it holds with the providers of one foreign state, all of it at once.

    An event is a lab and a state; its region is the state whose providers cut. The engine has no
    outage of one tenant: the site loses the tenant's share of it, and every holder bears that in
    proportion. The lost MW are right; whose they are is right where one tenant holds the site.
    """

    spec: PerilSpec

    def catalogue(self, world: World) -> pd.DataFrame:
        """Return two events (filter, listing) per lab and foreign state with a provider."""
        held = tenancies(world)
        rows = []
        for lab, home in _countries(world.labs, "lab_id").items():
            for state in sorted(set().union(*_countries(world.clouds, "cloud_id").values())):
                if not home or state in home:
                    continue
                mine = held[(held["lab_id"] == lab) & (held["state"] == state)]
                for kind, rate in self.rates(home, state).items():
                    depth = min(1.0, figure(self.spec.data, kind, "depth"))
                    head = {"event_id": f"{kind}/{lab}/{state}", "peril": self.spec.peril_id,
                            "region": state, "rate_per_yr": rate, "duration_dist": "lognormal",
                            "duration_h": figure(self.spec.data, kind, "median"),
                            "duration_shape": figure(self.spec.data, kind, "sigma"),
                            "part": f"tenant {lab}", "duration_group": "tenant",
                            "confidence": "low", "source_urls": ""}
                    # an event is there whether or not the lab holds anything: sites may leave
                    rows.append(head | {"node_id": f"country:{state}", "probability": 0.0,
                                        "depth": 0.0})
                    rows += [head | {"node_id": site, "probability": 1.0,
                                     "depth": min(1.0, share * depth)}
                             for site, share in zip(mine["site_id"], mine["share"], strict=True)]
        return pd.DataFrame(rows, columns=list(EVENTS.names))

    def rates(self, home: frozenset[str], state: str) -> dict[str, float]:
        """Return kind of cut -> rate (1/yr) for a lab at home in some states, in another."""
        data = self.spec.data
        rates = {"filter": (figure(data, "filter", "public_rate")
                            * figure(data, "filter", "cases_per_public_case")
                            / figure(data, "filter", "foreign_tenants"))}
        if any(set(pair) == {one, state} for pair in data["rivals"] for one in home):
            rates["listing"] = (figure(data, "listing", "listed_rate")
                                * figure(data, "listing", "cut_share"))
        return rates


def tenancies(world: World) -> pd.DataFrame:
    """Return ``lab_id, site_id, share, state``: who holds what with providers of which state.

    A site's provider is the cloud that its requirements reach; a site without one has a landlord
    only, and is left out. ``share`` is what counts of the lab's holding (see
    ``World.effective_holdings``).
    """
    needs = world.requirements
    members: dict[str, list[str]] = {}
    for node, member in zip(needs["node_id"], needs["member_id"], strict=True):
        if member.startswith(("cloud:", "cloud_region:")):
            members.setdefault(node, []).append(member)
    state_of = {cloud: min(states) for cloud, states in
                _countries(world.clouds, "cloud_id").items() if states}
    held = world.effective_holdings()
    states = []
    for site in held["site_id"]:
        reached = [far for near in members.get(site, []) for far in
                   (near, *members.get(near, []))]
        found = {state_of.get(node.removeprefix("cloud:"), "") for node in reached
                 if node.startswith("cloud:")}
        states.append(min(found - {""}, default=""))
    held = held.assign(state=pd.Series(states, dtype=object, index=held.index))
    return held[held["state"] != ""].sort_values(["lab_id", "site_id"], ignore_index=True)


def _countries(table: pd.DataFrame, key: str) -> dict[str, frozenset[str]]:
    """Return the home states of each row: "GB/US" is at home in both."""
    found = {name: frozenset(text.split("/")) - {""} for name, text in
             zip(table[key], table["hq_country_iso2"], strict=True)}
    return dict(sorted(found.items()))
