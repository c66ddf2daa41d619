"""Random worlds and stories, drawn by hypothesis, small but with every rule in them."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from riskmodel import Event, OwnOutage, World
from tests.reference.slow import Group, Own

SHARES = (1.0, 1.0, 0.5, 0.3, 0.75)
DEPTHS = (1.0, 1.0, 0.5, 0.25, 0.7)
HOURS = st.integers(0, 80).map(lambda n: n / 2)
LENGTHS = st.integers(1, 100).map(lambda n: n / 2)


@st.composite
def stories(draw, cycles: bool):
    """Draw (nodes, groups, events, MW of sites, holdings, needed), sound by construction."""
    n_nodes = draw(st.integers(2, 7))
    n_sites = draw(st.integers(1, 3))
    names = [f"n{i}" for i in draw(st.permutations(range(n_nodes)))]
    sites = [f"s{i}" for i in range(n_sites)]
    nodes = names + sites
    groups = {}
    for place, node in enumerate(nodes):
        pool = [m for m in nodes if m != node] if cycles else nodes[:place]
        if not pool:
            continue
        for number in range(draw(st.integers(0 if node in names else 1, 2))):
            members = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=min(4, len(pool)),
                                    unique=True))
            mode = draw(st.sampled_from(["quorum", "quorum", "proportional"]))
            if mode == "quorum":
                weights, k = [1.0] * len(members), draw(st.integers(1, len(members)))
            else:
                weights = [draw(st.sampled_from([0.6, 0.4, 1.0, 0.25])) for _ in members]
                k = draw(st.sampled_from([1.0, sum(weights), 0.8]))
                k = min(k, sum(weights))
            ride = 0.0 if cycles else draw(st.sampled_from([0.0, 0.0, 3.0, 7.5]))
            recharge = draw(st.sampled_from([24.0, 0.0, 5.0])) if ride else 24.0
            groups.setdefault(node, []).append(Group(
                f"g{number}", tuple(zip(members, weights, strict=True)), float(k), mode,
                draw(st.sampled_from(SHARES)), ride, recharge))
    events = []
    for _ in range(draw(st.integers(1, 3))):
        outages = [
            OwnOutage(draw(st.sampled_from(nodes)), draw(HOURS), draw(LENGTHS),
                      draw(st.sampled_from(DEPTHS)),
                      draw(st.sampled_from(["", "", "hall", "east"])))
            for _ in range(draw(st.integers(1, 4)))]
        events.append(Event("storm", "here", outages))
    labs = ["x", "y"]
    holdings = []
    for site in sites:
        first = draw(st.sampled_from([1.0, 0.5, 0.25]))
        holdings += [("x", site, first)] + ([("y", site, 1 - first)] if first < 1 else [])
    mw = {site: float(draw(st.sampled_from([100, 50, 10]))) for site in sites}
    needed = {lab: draw(st.sampled_from([1.0, 0.8, 0.5, 0.0])) for lab in labs}
    return nodes, groups, events, mw, holdings, needed


def as_world(bundle) -> World:
    """Several stories' worlds side by side in one, node and lab ids marked with their number."""
    sites, labs, holdings, nodes, rows = [], [], [], [], []
    for i, (names, groups, _, mw, held, needed) in enumerate(bundle):
        sites += [(f"{i}/{site}", 0.0, 0.0, power) for site, power in mw.items()]
        labs += [(f"{i}/{lab}", share) for lab, share in needed.items()]
        holdings += [(f"{i}/{lab}", f"{i}/{site}", share) for lab, site, share in held]
        nodes += [(f"{i}/{n}", "grid") for n in names if n not in mw]
        rows += [(f"{i}/{node}", g.name, f"{i}/{m}", w, g.k, g.mode, g.share, g.ride_h,
                  g.recharge_h)
                 for node, of_node in groups.items() for g in of_node for m, w in g.members]
    return World.from_frames(
        sites=pd.DataFrame(sites, columns=["site_id", "lat", "lon", "it_mw"]),
        labs=pd.DataFrame(labs, columns=["lab_id", "needed_share"]),
        holdings=pd.DataFrame(holdings, columns=["lab_id", "site_id", "share"]),
        nodes=pd.DataFrame(nodes, columns=["node_id", "kind"]),
        requirements=pd.DataFrame(rows, columns=[
            "node_id", "group", "member_id", "weight", "k", "mode", "share", "ride_through_h",
            "recharge_h"]))


def as_events(bundle) -> list[Event]:
    """The events of all stories; every story's events keep their order."""
    return [
        Event(event.peril, event.region,
              [OwnOutage(f"{i}/{o.node}", o.start_h, o.duration_h, o.depth, o.part)
               for o in event.outages], event_id=f"{i}/{number}")
        for i, story in enumerate(bundle) for number, event in enumerate(story[2])]


def as_reference(nodes, groups, events, mw, holdings, needed):
    """The same as the reference takes it."""
    outages = [Own(o.node, o.start_h, o.start_h + o.duration_h, o.depth, o.part, number)
               for number, event in enumerate(events) for o in event.outages]
    held = [(lab, site, share * mw[site]) for lab, site, share in holdings]
    capacity = {lab: sum(m for who, _, m in held if who == lab) for lab in needed}
    return (nodes, groups, outages, held,
            {lab: capacity[lab] * share for lab, share in needed.items()}, capacity)
