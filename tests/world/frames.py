"""Small frames to start from; each test changes what it is about."""

import pandas as pd

import riskmodel as rm


def frames(**changes):
    tables = {
        "sites": pd.DataFrame({"site_id": ["a", "b", "c"], "lat": [10.0, 20.0, 30.0],
                               "lon": [1.0, 2.0, 3.0], "it_mw": [100.0, 50.0, 30.0]}),
        "holdings": pd.DataFrame({"lab_id": ["x", "y", "y"], "site_id": ["a", "a", "b"],
                                  "share": [0.6, 0.4, 1.0]}),
        "labs": pd.DataFrame({"lab_id": ["x", "y"], "needed_share": [0.8, 0.5]}),
    }
    return tables | changes


def world(**changes):
    return rm.World.from_frames(**frames(**changes))


def nodes(*ids, kind="grid"):
    return pd.DataFrame({"node_id": list(ids), "kind": [kind] * len(ids)})


def requirements(*rows):
    """Rows of node_id, group, member_id and a dict of the rest."""
    return pd.DataFrame([{"node_id": node, "group": group, "member_id": member, **rest}
                         for node, group, member, rest in rows])


def event(**changes):
    row = {"event_id": "e", "peril": "p", "region": "r", "rate_per_yr": 0.1, "node_id": "a",
           "probability": 1.0, "depth": 1.0, "duration_dist": "fixed", "duration_h": 5.0}
    return row | changes


def names(problems):
    return [problem.check for problem in problems]
