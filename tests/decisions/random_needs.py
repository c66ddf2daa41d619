"""Random worlds of some sixty nodes with every kind of group in them, for pairs of failures."""

from __future__ import annotations

import numpy as np
import pandas as pd

import riskmodel as rm

NEEDS = ["node_id", "group", "member_id", "weight", "k", "mode", "share", "ride_through_h",
         "recharge_h"]


def random_world(seed: int, *, nodes: int = 45, sites: int = 15, cycle: bool = False) -> rm.World:
    """Return a world of ``nodes`` + ``sites`` nodes in layers, held by three labs."""
    rng = np.random.default_rng(seed)
    names = [f"n{i:02d}" for i in range(nodes)]
    places = [f"s{i:02d}" for i in range(sites)]
    rows = []
    for place, node in enumerate([*names, *places]):
        pool = names[:min(place, nodes)][-20:]  # members stand before who needs them
        if len(pool) < 4:
            continue
        for group in range(int(rng.integers(0 if place < nodes else 1, 3))):
            rows += _group(rng, node, f"g{group}", pool)
    if cycle:  # two nodes that need each other; nothing rides through inside a cycle
        rows = [row for row in rows if row[0] not in ("n20", "n30")]
        rows += [("n20", "loop", "n30", 1.0, 1, "quorum", 0.6, 0.0, 24.0),
                 ("n30", "loop", "n20", 1.0, 1, "quorum", 1.0, 0.0, 24.0),
                 ("n30", "more", "n05", 1.0, 1, "quorum", 0.5, 0.0, 24.0)]
    shares = [(lab, site, share) for site in places
              for lab, share in zip("xyz", rng.dirichlet([0.5, 0.5, 0.5]), strict=True)
              if share > 0.1]
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": places, "lat": 0.0, "lon": 0.0,
                            "it_mw": rng.choice([10.0, 50.0, 120.0], sites)}),
        labs=pd.DataFrame({"lab_id": list("xyz"), "needed_share": 0.8}),
        holdings=pd.DataFrame(shares, columns=["lab_id", "site_id", "share"]),
        nodes=pd.DataFrame({"node_id": names,
                            "kind": rng.choice(["grid", "cloud", "plant"], nodes)}),
        requirements=pd.DataFrame(rows, columns=NEEDS))


def _group(rng: np.random.Generator, node: str, group: str, pool: list[str]) -> list[tuple]:
    how = rng.choice(["one", "all", "dual", "two_of_three", "in_part", "to_spare"],
                     p=[0.35, 0.1, 0.15, 0.1, 0.2, 0.1])
    size = {"one": 1, "all": 2, "dual": 2, "two_of_three": 3, "in_part": 2, "to_spare": 3}[how]
    members = rng.choice(pool, size, replace=False)
    share = float(rng.choice([1.0, 1.0, 0.5, 0.3]))
    ride = float(rng.choice([0.0, 0.0, 10.0, 100.0]))
    weights, k, mode = np.ones(size), 1.0, "quorum"
    if how == "all" or how == "two_of_three":
        k = 2.0
    elif how == "in_part":
        weights, mode = np.array([0.6, 0.4]), "proportional"
    elif how == "to_spare":
        weights, mode = np.array([0.5, 0.4, 0.3]), "proportional"
    return [(node, group, member, weight, k, mode, share, ride, 24.0)
            for member, weight in zip(members, weights, strict=True)]
