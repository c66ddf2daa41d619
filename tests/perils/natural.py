"""What the tests of earthquake, hurricane and heatwave share: small worlds and exact means."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

import riskmodel as rm
from riskmodel.perils.spec import read_spec, shipped_data
from riskmodel.world.world import World
from tests.perils.best import set_best

CAP_H = 730 * 24.0
MW = 100.0


def changed(peril_class, name, **numbers):
    """Return the peril with some of its numbers replaced: section__key = best."""
    return peril_class(read_spec(set_best(shipped_data(name), **numbers)))


def placed_world(places, *, grid="", precision=0.0, feeds=()):
    """Return sites at (lat, lon); a name in ``feeds`` hangs, far away, on a feed at its place."""
    names = list(places)
    lat = [0.0 if name in feeds else places[name][0] for name in names]
    lon = [-140.0 if name in feeds else places[name][1] for name in names]
    nodes = pd.DataFrame({
        "node_id": [*(f"feed:{name}" for name in feeds), *([f"grid:{grid}"] if grid else [])],
        "kind": ["feed"] * len(feeds) + (["grid"] if grid else []),
        "lat": [*(places[name][0] for name in feeds), *([np.nan] if grid else [])],
        "lon": [*(places[name][1] for name in feeds), *([np.nan] if grid else [])]})
    needs = [(name, "power", f"feed:{name}") for name in feeds]
    needs += [(f"feed:{name}", "grid", f"grid:{grid}") for name in feeds if grid]
    return World.from_frames(
        sites=pd.DataFrame({"site_id": names, "lat": lat, "lon": lon, "it_mw": MW,
                            "coord_precision_km": precision, "grid_region": grid}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": names, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        nodes=nodes if len(nodes) else None,
        requirements=pd.DataFrame(needs, columns=["node_id", "group", "member_id"])
        if needs else None)


def law_of(row):
    """Return the duration's distribution, before the cap, as scipy has it."""
    if row["duration_dist"] == "weibull":
        return stats.weibull_min(row["duration_shape"], scale=row["duration_h"])
    return stats.lognorm(row["duration_shape"], scale=row["duration_h"])


def mean_loss(table):
    """Return node -> exact MW-days a year of one site of MW that hangs on the node alone."""
    p = (np.arange(4000) + 0.5) / 4000
    live = table[table["probability"] > 0]
    laws = live.groupby(["duration_dist", "duration_h", "duration_shape"])
    total = {}
    for _, rows in laws:
        hours = np.minimum(law_of(rows.iloc[0]).ppf(p), CAP_H).mean()
        each = rows["rate_per_yr"] * rows["probability"] * rows["depth"] * hours / 24.0 * MW
        for node, loss in each.groupby(rows["node_id"]).sum().items():
            total[node] = total.get(node, 0.0) + loss
    return total


def hit_rate(table, node):
    """Return how many events a year hit a node, one row or several."""
    rows = table[table["node_id"] == node]
    missed = (1.0 - rows["probability"]).groupby(rows["event_id"]).prod()
    rates = rows.groupby("event_id")["rate_per_yr"].first()
    return float((rates * (1.0 - missed)).sum())


def simulated(world, peril, years, seed=5):
    """Return the causes of every loss: year, event, node, lost_mw_days."""
    losses = rm.simulate(world, years=years, seed=seed, perils=[peril], adequacy=False)
    causes = losses.causes.copy()
    causes["node"] = causes["node"].astype(str)
    return causes.merge(losses.events[["event", "event_id", "start_h"]], on="event")


def check_means(world, peril, years):
    """Every node's simulated yearly loss and rate of events are the catalogue's, within 4 SE."""
    table = peril.catalogue(world)
    causes = simulated(world, peril, years)
    wanted = mean_loss(table)
    seen = {}
    for node in sorted({*world.sites["site_id"], *world.nodes["node_id"]} & set(wanted)):
        mine = causes[causes["node"] == node]
        yearly = np.zeros(years)
        per_year = mine.groupby("year")["lost_mw_days"].sum()
        yearly[per_year.index] = per_year.to_numpy()
        error = yearly.std() / np.sqrt(years)
        assert error > 0, node
        assert abs(yearly.mean() - wanted[node]) < 4 * error, node
        events, rate = mine["event"].nunique(), hit_rate(table, node)
        assert abs(events - rate * years) < 4 * np.sqrt(rate * years), node
        seen[node] = events
    return seen


def check_quantiles(hours, law, levels=(0.1, 0.25, 0.5, 0.75, 0.9)):
    """Observed durations lie below the law's quantiles as often as they should, within 4 SE."""
    n = len(hours)
    assert n > 300
    for level in levels:
        below = float((hours <= law.ppf(level) * (1 + 1e-9)).mean())
        assert abs(below - level) < 4 * np.sqrt(level * (1 - level) / n), (level, below, n)
