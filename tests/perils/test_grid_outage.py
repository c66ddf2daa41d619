"""Grid outages: rates by cause, sizes, hours and footprints are those of the file."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.event_sizes import truncated_pareto, truncated_pareto_mean
from riskmodel.perils.grid_outage import GridOutage, feeds_by_grid
from riskmodel.perils.grid_streams import CAUSES, load_and_states, named_grids, sizes, streams
from riskmodel.perils.spec import figure, read_spec, shipped_data
from riskmodel.testing import check_peril
from tests.perils.small_world import Draws, build_world, far_out

DATA = shipped_data("grid_outage")
YEARS = 16.58  # January 2000 to July 2016
#: state-events per year by region and cause, as the record prints them
RECORD = {
    "RFC": {"equipment": 0.48, "system": 0.78, "fuel": 0.30},
    "SERC": {"equipment": 0.48, "system": 1.09, "fuel": 0.12},
    "TRE": {"equipment": 0.12, "system": 1.03, "fuel": 0.30},
    "WECC": {"equipment": 1.87, "system": 3.32, "fuel": 1.21, "islanding": 2.11},
    "NPCC": {"equipment": 0.12, "system": 0.54, "fuel": 0.78},
    "SPP_MRO": {"equipment": 0.06, "system": 0.12, "fuel": 0.36},
}
DRAWN = ["year", "region", "event_start_h", "node_id", "start_h", "duration_h", "depth"]
EVERYWHERE = {"local.footprint.inside_state_least": 1e6, "local.footprint.inside_state_most": 1e6}


def changed(changes):
    """Return the peril with some numbers set, their bounds and counts brought along."""
    data = copy.deepcopy(DATA)
    for path, value in changes.items():
        number = data
        for step in path.split("."):
            number = number[step]
        number.update(low=min(number["low"], value), best=value, high=max(number["high"], value))
        for key in ("counted", "count", "exposure", "exposure_factor", "exposure_scale"):
            number.pop(key, None)
    return GridOutage(read_spec(data))


def only(cause, **more):
    """Return the peril with one cause alone, whose events take every supply of their grid."""
    return changed({f"local.fails_inside.{name}": float(name == cause) for name in CAUSES}
                   | {"collapse.rate_oecd": 0.0, "collapse.rate_other": 0.0,
                      "system_collapse.rate": 0.0} | EVERYWHERE | more)


def sampled(peril, world, years, first=0, seed=7):
    return peril.sample(Draws(np.arange(first, first + years), "grid_outage", seed), world)


def rows(table):
    return {*map(tuple, table[DRAWN].to_numpy())}


def placed_world(places, grid="ERCOT"):
    """Return a world of sites at places (lat, lon, km known), each with a supply of its own."""
    ids = [f"s{i}" for i in range(len(places))]
    lat, lon, km = (list(side) for side in zip(*places, strict=True))
    nodes = pd.DataFrame({
        "node_id": [f"feed:{i}" for i in ids] + [f"grid:{grid}"],
        "kind": ["feed"] * len(ids) + ["grid"], "lat": [*lat, np.nan], "lon": [*lon, np.nan],
        "coord_precision_km": [*km, np.nan]})
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": lat, "lon": lon, "it_mw": 100.0,
                            "country_iso2": "US", "grid_region": grid}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}), nodes=nodes,
        requirements=pd.DataFrame(
            [(i, "power", f"feed:{i}") for i in ids]
            + [(f"feed:{i}", "grid", f"grid:{grid}") for i in ids],
            columns=["node_id", "group", "member_id"]))


def hours_law(cause):
    law = DATA["local"]["duration"][cause]
    earlier = DATA["local"]["duration"]["site_over_event"]["best"]
    if law["distribution"] == "weibull":
        return stats.weibull_min(law["shape"]["best"], scale=earlier * law["scale"]["best"])
    return stats.lognorm(law["sigma"]["best"], scale=earlier * law["median"]["best"])


# -------------------------------------------------------------------- what the file says


def test_the_file_holds_the_record():
    for region, causes in RECORD.items():
        rates = DATA["local"]["rates"][region]
        assert set(rates) == {"storm", *causes}
        for cause, rate in causes.items():
            assert rates[cause]["count"] == round(rate * YEARS)
            assert rates[cause]["exposure"] == YEARS
            assert rates[cause]["counted"] == f"oe417_{region.lower()}_{cause}"
    # severe weather less winter storms, hurricanes and heat: 763 less 180
    stand_in = DATA["local"]["rates"]["average_us_state"]
    assert {cause: number["count"] for cause, number in stand_in.items()} == {
        "storm": 583, "equipment": 60, "system": 127, "fuel": 51}
    assert all(number["exposure"] == pytest.approx(50 * YEARS) for number in stand_in.values())


def test_every_region_is_handed_out_once():
    found = {stream.label: stream for stream in streams(DATA, [])}
    for region, causes in RECORD.items():
        shares = [row["best"] for row in DATA["local"]["allocation"] if row["region"] == region]
        assert sum(shares) == pytest.approx(1.0, abs=1e-12)
        for cause in causes:
            stream = found[f"{region}/{cause}"]
            assert stream.rate_per_yr == DATA["local"]["rates"][region][cause]["best"]
            np.testing.assert_allclose(np.diff(stream.edges, prepend=0), shares)
    skewed = copy.deepcopy(DATA)
    for row in skewed["local"]["allocation"]:
        row["best"] *= 3.0
    again = {stream.label: stream for stream in streams(skewed, [])}
    np.testing.assert_allclose(again["RFC/storm"].edges, found["RFC/storm"].edges)


def test_sizes_are_those_of_the_record():
    """17.7 state-events a year of 300 MW and more, 3.7 of 1,000 MW; attacks and appeals apart."""
    law = DATA["local"]["size"]
    rate = (763 + 60 + 127 + 51 + 46) / YEARS
    ratio = 150_000 / law["smallest"]["best"]
    tail = stats.truncpareto(law["survival_exponent"]["best"], ratio)
    assert rate * tail.sf(300 / law["smallest"]["best"]) == pytest.approx(17.7, rel=0.03)
    assert 2.87 < rate * tail.sf(1000 / law["smallest"]["best"]) < 4.79
    for grid, load in (("PJM", 152_000), ("ERCOT", 71_000), ("FR", 16_000)):
        assert sizes(DATA, grid).ratio == pytest.approx(load / 110)


def test_the_chance_to_be_inside_stays_within_the_records_range():
    for grid in named_grids(DATA):
        found = sizes(DATA, grid)
        states = load_and_states(DATA, grid)[1]
        inside = states * found.unit_share * truncated_pareto_mean(found.exponent, found.ratio)
        assert inside * (1 + 1e-12) >= 0.01, grid
        assert inside <= 0.1 * (1 + 1e-12), grid
        # cutting the largest at the whole area costs little
        share = np.minimum(1.0, found.unit_share * truncated_pareto(
            np.linspace(0.5e-5, 1 - 0.5e-5, 100_000), found.exponent, found.ratio))
        assert share.mean() * states > 0.85 * inside, grid


# -------------------------------------------------------------------- rates and hours


@pytest.mark.parametrize("cause", CAUSES)
def test_rates_by_cause_and_grid(cause):
    years = 3000
    table = sampled(only(cause), build_world(), years)
    expected: dict[str, float] = {}
    for region, causes in DATA["local"]["rates"].items():
        rate = causes[cause]["best"] if cause in causes else 0.0
        if region == "average_us_state":
            for grid in ("PT", "DEWA", "KAHRAMAA", "NOGA"):
                expected[grid] = rate
            continue
        for row in DATA["local"]["allocation"]:
            if row["region"] == region:
                expected[row["grid"]] = expected.get(row["grid"], 0.0) + rate * row["best"]
    for grid in ("PJM", "ERCOT", "PT", "DEWA", "KAHRAMAA", "NOGA"):
        found = table[table["region"] == grid].drop_duplicates(["year", "event"])
        assert abs(len(found) - expected[grid] * years) <= 4 * np.sqrt(expected[grid] * years) + 1
    assert {"CAISO", "elsewhere", "OFF_GRID"}.isdisjoint(table["region"])


@pytest.mark.parametrize("cause", ["storm", "equipment", "system", "fuel"])
def test_hours_have_their_law_and_are_shared_by_an_event(cause):
    table = sampled(only(cause), build_world(), 4000)
    assert (table.groupby(["year", "event"])[["duration_h", "event_start_h"]].nunique() == 1).all(
        axis=None)
    hours = table.drop_duplicates(["year", "event"])["duration_h"].to_numpy()
    law = hours_law(cause)
    for q in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert abs((hours < law.ppf(q)).mean() - q) < 4 * np.sqrt(q * (1 - q) / len(hours)), q
    start = table.drop_duplicates(["year", "event"])["event_start_h"] / 8760
    assert stats.kstest(start, "uniform").pvalue > 1e-4


def test_collapses_have_their_rates_and_hours():
    years = 40_000
    silent = {f"local.fails_inside.{name}": 0.0 for name in CAUSES}
    table = sampled(changed(silent), build_world(), years)
    counts = table.groupby("node_id").size()
    for node, rate in (("grid:ERCOT", "rate_oecd"), ("grid:PT", "rate_oecd"),
                       ("grid:DEWA", "rate_other"), ("grid:KAHRAMAA", "rate_other")):
        mean = DATA["collapse"][rate]["best"] * years
        assert abs(counts[node] - mean) < 4 * np.sqrt(mean), node
    mean = DATA["system_collapse"]["rate"]["best"] * years
    for node in ("EASTERN", "CONTINENTAL_EUROPE", "GCC"):
        assert abs(counts[f"interconnection:{node}"] - mean) < 4 * np.sqrt(mean), node
    # one grid makes these systems: their collapse is the grid's own
    assert {"interconnection:TEXAS", "interconnection:ISRAEL"}.isdisjoint(counts.index)
    whole = table[table["node_id"].str.startswith("grid:")]["duration_h"].to_numpy()
    law = stats.lognorm(0.7, scale=18)
    for q in (0.1, 0.5, 0.9):
        assert abs((whole < law.ppf(q)).mean() - q) < 4 * np.sqrt(q * (1 - q) / len(whole))


def test_a_whole_grid_collapse_takes_every_supply():
    peril = changed({f"local.fails_inside.{name}": 0.0 for name in CAUSES}
                    | {"collapse.rate_oecd": 0.05})
    world = build_world(keep={"abilene", "temple", "ashburn"})
    losses = rm.simulate(world, years=1000, seed=3, perils=[peril], adequacy=False)
    table = sampled(peril, world, 1000, seed=3)
    hours = table[table["node_id"] == "grid:ERCOT"].groupby("year")["duration_h"].agg(["sum",
                                                                                      "size"])
    texas = losses.causes.astype({"node": str}).query("node == 'grid:ERCOT'")
    lost = texas.groupby("year")["lost_mw_days"].sum()
    once = hours.index[(hours["size"] == 1)]
    assert len(once) > 20
    np.testing.assert_allclose(lost[once], hours.loc[once, "sum"] / 24 * 200, rtol=1e-6)


# -------------------------------------------------------------------- where


def closed_form(grid, cause):
    """Return the rate of hits of one supply and its mean hours a year, by quadrature."""
    law = sizes(DATA, grid)
    rate = sum(DATA["local"]["rates"][row["region"]][cause]["best"] * row["best"]
               for row in DATA["local"]["allocation"] if row["grid"] == grid
               if cause in DATA["local"]["rates"][row["region"]])
    fails = DATA["local"]["fails_inside"][cause]["best"]
    hours = hours_law(cause)
    r = 2 * np.sin(np.pi * DATA["local"]["size"]["rank_correlation"]["best"] / 6)
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()

    def share(z):
        return np.minimum(1.0, law.unit_share * stats.truncpareto(law.exponent, law.ratio).ppf(
            stats.norm.cdf(z)))

    def mean_hours(z):
        return float(weights @ hours.isf(stats.norm.sf(r * z + np.sqrt(1 - r * r) * points)))

    z = np.linspace(-6, 6, 601)
    at = stats.norm.pdf(z)
    inside = integrate.trapezoid(share(z) * at, z)
    lasting = integrate.trapezoid(share(z) * np.array([mean_hours(x) for x in z]) * at, z)
    return rate * fails * inside, rate * fails * lasting


def test_one_sites_rate_and_hours_are_the_closed_form():
    """On the coast as in the middle: chance inside x rate, and longer for being large."""
    years = 60_000
    world = placed_world([(32.5, -99.8, 1.0), (27.8, -97.4, 1.0), (31.0, -97.0, 60.0)])
    table = sampled(changed({"collapse.rate_oecd": 0.0}), world, years)
    found = [closed_form("ERCOT", cause) for cause in CAUSES[:4]]
    rate = sum(f[0] for f in found)
    depth = [DATA["local"]["depth"][cause]["best"] for cause in CAUSES[:4]]
    lost = sum(f[1] * d for f, d in zip(found, depth, strict=True))
    for feed in ("feed:s0", "feed:s1", "feed:s2"):
        mine = table[table["node_id"] == feed]
        assert abs(len(mine) - rate * years) < 4 * np.sqrt(rate * years), feed
        yearly = np.bincount(mine["year"], mine["duration_h"] * mine["depth"], minlength=years)
        assert abs(yearly.mean() - lost) < 4 * yearly.std() / np.sqrt(years), feed
    # events that reach a site are large, and last longer than the average event
    assert closed_form("ERCOT", "storm")[1] > 1.25 * closed_form("ERCOT", "storm")[0] * hours_law(
        "storm").mean()


def test_simulated_losses_are_the_closed_form():
    """One site behind one supply, no reserve: AAL is rate x depth x mean hours, added up."""
    world = build_world(keep={"abilene"})
    years = 40_000
    losses = rm.simulate(world, years=years, seed=3, perils=["grid_outage"], adequacy=False)
    hours = sum(closed_form("ERCOT", cause)[1] * DATA["local"]["depth"][cause]["best"]
                for cause in CAUSES[:4])
    hours += DATA["collapse"]["rate_oecd"]["best"] * stats.lognorm(0.7, scale=18).mean()
    yearly = np.zeros(years)
    yearly[:len(losses.years)] = losses.years["lost_mw_days"]
    assert abs(yearly.mean() - hours / 24 * 100) < 4 * yearly.std() / np.sqrt(years)


def test_sites_of_one_place_go_out_together():
    """5 km apart against 400 km; and never closer than the places are known."""
    near, far = (32.5, -99.8 + 5.0 / 94.0, 1.0), (29.6, -97.2, 1.0)
    rough = [(32.5, -99.8, 200.0), (32.5, -99.8, 200.0)]
    table = sampled(only("storm", **{
        "local.footprint.inside_state_least": 0.03, "local.footprint.inside_state_most": 0.03,
    }), placed_world([(32.5, -99.8, 1.0), near, far, *rough]), 8000)
    events = table.assign(one=1).pivot_table(index=["year", "event"], columns="node_id",
                                             values="one", fill_value=0)

    def together(a, b):
        return (events[a] * events[b]).sum() / events[a].sum()

    assert events["feed:s0"].sum() > 400
    assert together("feed:s0", "feed:s1") > 0.85
    assert together("feed:s0", "feed:s2") < 0.15
    assert together("feed:s3", "feed:s4") < 0.5 * together("feed:s0", "feed:s1")


# -------------------------------------------------------------------- what must not change


def test_a_higher_rate_only_adds():
    world = build_world()
    base = rows(sampled(GridOutage(read_spec(DATA)), world, 3000))
    for path in ("local.rates.TRE.storm", "local.rates.RFC.system", "collapse.rate_oecd",
                 "local.rates.average_us_state.fuel", "local.fails_inside.storm"):
        peril = changed({path: 1.7 * figure(DATA, *path.split("."))})
        assert base < rows(sampled(peril, world, 3000)), path


def test_supplies_that_leave_or_join_do_not_change_the_others():
    peril = GridOutage(read_spec(DATA))
    places = [(32.5, -99.8, 1.0), (31.1, -97.4, 1.0), (29.4, -98.5, 30.0), (33.0, -97.0, 1.0)]
    whole = sampled(peril, placed_world(places), 4000)
    fewer = sampled(peril, placed_world(places[:3]), 4000)
    assert rows(whole[whole["node_id"] != "feed:s3"]) == rows(fewer)
    assert len(fewer) < len(whole)
    parts = pd.concat([sampled(peril, placed_world(places), n, first)
                       for first, n in ((0, 33), (33, 3967))])
    assert rows(parts) == rows(whole)


def test_rules_are_kept_on_small_worlds():
    assert len(check_peril(GridOutage(read_spec(DATA)), build_world(), years=1500)) > 100
    assert len(check_peril(only("storm"), placed_world([(32.5, -99.8, 1.0)] * 3), years=64)) > 100
    check_peril(GridOutage(read_spec(DATA)))


def test_numbers_far_out_in_their_bands_still_draw():
    data = far_out(DATA, divisors=("load_lost_inside", "state_equivalents", "load", "exponent"))
    peril = GridOutage(dataclasses.replace(read_spec(DATA), data=data))
    table = sampled(peril, build_world(), 400)
    assert len(table) > len(sampled(GridOutage(read_spec(DATA)), build_world(), 400))
    assert table["depth"].between(0, 1).all()


def test_a_grid_that_the_file_does_not_name_takes_the_stand_in():
    world = build_world(extra=[("hualien", "US", "NEW_GRID", "feed:hualien", "")],
                        systems={"NEW_GRID": "NEW"})
    assert feeds_by_grid(world)["NEW_GRID"] == ["feed:hualien"]
    peril = only("storm")
    assert "NEW_GRID" in peril.regions(world)
    table = sampled(peril, world, 3000)
    mean = 3000 * DATA["local"]["rates"]["average_us_state"]["storm"]["best"]
    found = (table["node_id"] == "feed:hualien").sum()
    assert abs(found - mean) < 4 * np.sqrt(mean)
    assert rows(table[table["node_id"] != "feed:hualien"]) == rows(
        sampled(peril, build_world(), 3000))


def test_a_site_off_the_grid_loses_nothing_to_it():
    world = build_world(extra=[("island", "US", "OFF_GRID", "feed:island", "")],
                        systems={"OFF_GRID": "NONE"})
    table = sampled(only("storm"), world, 300)
    assert "OFF_GRID" not in set(only("storm").regions(world))
    assert "feed:island" not in set(table["node_id"])
    assert len(sampled(only("storm"), world, 0)) == 0


@pytest.mark.parametrize("table", ["load", "state_equivalents"])
def test_an_allocation_without_its_load_or_states_is_refused(table):
    data = copy.deepcopy(DATA)
    data["local"][table] = data["local"][table][1:]
    with pytest.raises(RiskModelError, match=f"local.{table} has no row for PJM"):
        sampled(GridOutage(read_spec(data)), build_world(), 10)
