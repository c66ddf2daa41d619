"""A small world with every kind of node that the built-in perils hit, and blocks of draws."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd

from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.perils.ignorance import Input, value_at
from riskmodel.perils.spec import numbers
from riskmodel.world.world import World

SITES = [
    # site_id, country, grid, feed, cloud region
    ("abilene", "US", "ERCOT", "feed:abilene", ""),
    ("temple", "US", "ERCOT", "feed:temple", ""),
    ("ashburn", "US", "PJM", "feed:ashburn", "cloud_region:aws/us-east-1"),
    ("columbus", "US", "PJM", "feed:columbus", "cloud_region:aws/us-east-2"),
    ("sines", "PT", "PT", "feed:sines", ""),
    ("dubai_az1", "AE", "DEWA", "feed:dubai", "cloud_region:aws/me-central-1"),
    ("dubai_az2", "AE", "DEWA", "feed:dubai", "cloud_region:aws/me-central-1"),
    ("doha", "QA", "KAHRAMAA", "feed:doha", "cloud_region:google_cloud/me-central1"),
    ("haifa", "IL", "NOGA", "feed:haifa", ""),
]
SYSTEMS = {"ERCOT": "TEXAS", "PJM": "EASTERN", "PT": "CONTINENTAL_EUROPE", "DEWA": "GCC",
           "KAHRAMAA": "GCC", "NOGA": "ISRAEL"}
PLACES = {"US": (32.0, -99.0), "PT": (38.5, -8.3), "AE": (24.9, 55.3), "QA": (25.2, 51.4),
          "IL": (32.0, 34.9), "FI": (61.0, 28.0), "TW": (24.0, 121.0)}
THEATRES = {"AE": "gulf", "QA": "gulf", "IL": "levant"}


def build_world(keep=None, *, order=None, perils=None, extra=(), events=None, chains=True,
                systems=None) -> World:
    """Return the small world with some of its sites only, in any order; nodes all stay."""
    rows = [*SITES, *extra]
    rows = [row for row in rows if keep is None or row[0] in keep]
    if order is not None:
        rows = [rows[i] for i in order]
    sites = pd.DataFrame({
        "site_id": [r[0] for r in rows], "lat": [PLACES[r[1]][0] for r in rows],
        "lon": [PLACES[r[1]][1] for r in rows], "it_mw": 100.0,
        "country_iso2": [r[1] for r in rows], "grid_region": [r[2] for r in rows]})
    systems = {**SYSTEMS, **(systems or {})}
    holdings = pd.DataFrame({"lab_id": "lab", "site_id": sites["site_id"], "share": 1.0})
    labs = pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]})
    nodes, needs = {}, []
    for site, country, grid, feed, region in [*SITES, *extra]:
        nodes |= {feed: "feed", f"grid:{grid}": "grid",
                  f"interconnection:{systems[grid]}": "interconnection"}
        needs += [(feed, "grid", f"grid:{grid}"),
                  (f"grid:{grid}", "interconnection", f"interconnection:{systems[grid]}")]
        if "_az" in site:
            nodes[site] = "zone"
        if region:
            cloud = f"cloud:{region.split(':')[1].split('/')[0]}"
            nodes |= {region: "cloud_region", cloud: "cloud"}
            needs += [(region, "provider", cloud)]
        if country in THEATRES and chains:
            nodes |= {f"country:{country}": "country",
                      f"theatre:{THEATRES[country]}": "theatre"}
            needs += [(f"country:{country}", "theatre", f"theatre:{THEATRES[country]}")]
        if any(site == r[0] for r in rows):
            needs.append((site, "power", feed))
            if region:
                needs.append((site, "control_plane", region))
            if country in THEATRES and chains:
                needs.append((site, "country", f"country:{country}"))
    there = {r[0] for r in rows}
    nodes = {n: k for n, k in nodes.items() if k != "zone" or n in there}
    theatres = pd.DataFrame({"theatre_id": list(THEATRES.values()),
                             "country_iso2": list(THEATRES)})
    return World.from_frames(
        sites=sites, holdings=holdings, labs=labs,
        nodes=pd.DataFrame({"node_id": list(nodes), "kind": list(nodes.values())}),
        requirements=pd.DataFrame(list(dict.fromkeys(needs)),
                                  columns=["node_id", "group", "member_id"]),
        theatres=theatres, perils=perils, events=events)


def at(number, u, exposure=0.5):
    """Return a number of a peril's file at the probability ``u`` of what it may be."""
    law = Input("", "", (), number, "", "")
    return float(value_at(law, np.array([u]), np.array([exposure])
                          if "exposure_factor" in number else None)[0])


def far_out(data, *, divisors, u=0.999):
    """Return a peril's data with every number far up in its band, the divisors far down."""
    data = copy.deepcopy(data)
    for path, number in numbers(data).items():
        down = path.endswith(divisors) or path.startswith(divisors)
        number["best"] = at(number, 1 - u if down else u, 1 - u)
        number.update(low=min(number["low"], number["best"]), high=max(number["high"],
                                                                        number["best"]))
        for key in ("counted", "count", "exposure", "exposure_factor", "hits", "trials"):
            number.pop(key, None)
    return data


class Draws:
    """A block of years over the engine's keyed draws."""

    def __init__(self, years, peril, seed=7, horizon_h=8760.0):
        self.years = np.asarray(years, np.int64)
        self.horizon_h = horizon_h
        self.peril = peril
        self.seed = seed

    def uniform(self, purpose, *, year, event=0, entity=""):
        return keyed_uniform(self.seed, purpose, self.peril, year, event, entity)
