"""Chip supply and export control: late steps of a future day, nothing of today's."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

import riskmodel as rm
from riskmodel.perils.chip_supply import ChipSupply, from_plant, from_taiwan
from riskmodel.perils.export_control import ExportControl
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import figure, read_spec, shipped_data
from riskmodel.testing import check_peril
from riskmodel.world.world import World
from tests.perils.best import set_best
from tests.perils.small_world import Draws, far_out

CHIPS = shipped_data("chip_supply")
EXPORT = shipped_data("export_control")
SUPPLY = ChipSupply(read_spec(CHIPS))
CONTROL = ExportControl(read_spec(EXPORT))
YEARS = 30_000
RECORD, DAY = "2026-07-01", "2027-07-01"
SITES = {"abilene": ("US", "GB300"), "dubai": ("AE", "GB300"), "ulanqab": ("CN", "Ascend"),
         "shanghai": ("CN", "GB300"), "johor": ("MY", "GB300")}

PLACES = {"abilene": (32.5, -99.8), "dubai": (24.9, 55.3), "ulanqab": (41.0, 113.1),
          "shanghai": (31.2, 121.3), "johor": (1.6, 103.6)}


def world(as_of=DAY, sites=tuple(SITES)) -> World:
    """Each site: 60 MW stand, 40 MW open on 1 May 2027, two months before the day."""
    steps = [(site, day, mw, state) for site in sites for day, mw, state in (
        ("2026-01-01", 60.0, "observed_or_confirmed"), ("2027-05-01", 100.0, "projected"))]
    return World.from_frames(
        sites=pd.DataFrame({"site_id": list(sites), "lat": [PLACES[s][0] for s in sites],
                            "lon": [PLACES[s][1] for s in sites], "it_mw": 60.0,
                            "country_iso2": [SITES[s][0] for s in sites], "as_of": RECORD,
                            "chip_family": [SITES[s][1] for s in sites]}),
        sites_timeline=pd.DataFrame(
            steps, columns=["site_id", "date", "it_mw", "state"]).assign(as_of=RECORD),
        holdings=pd.DataFrame({"lab_id": ["dragon" if s == "johor" else "lab" for s in sites],
                               "site_id": list(sites), "share": 1.0}),
        labs=pd.DataFrame({"lab_id": ["lab", "dragon"], "needed_share": 0.8,
                           "hq_country_iso2": ["US", "CN"]}),
        chips=pd.DataFrame({
            "chip_family": ["GB300", "Ascend"], "designer": ["NVIDIA", "Huawei"],
            "foundry": ["TSMC", "SMIC"], "foundry_locations": ["Taiwan (4NP)", "China; Taiwan"],
            "packaging": ["CoWoS-L (Taiwan)", "domestic (China)"],
            "memory_supplier": ["SK hynix;Micron", "CXMT"]}),
        supply_nodes=pd.DataFrame({
            "node_id": ["fab_a", "fab_b", "pack", "hbm", "smic"],
            "node_type": ["foundry", "foundry", "packaging", "memory", "foundry"],
            "country_iso2": ["TW", "TW", "TW", "KR", "CN"],
            "operator": ["TSMC", "TSMC", "TSMC", "SK hynix", "SMIC"]}),
        as_of=as_of)


def with_best(peril, **paths):
    return type(peril)(replace(peril.spec, data=set_best(peril.spec.data, **paths)))


def only(kind: str, **paths) -> ChipSupply:
    """Return the peril with one kind of shock."""
    others = {f"{name}__rate": 0.0 for name in ("earthquake", "blockade", "plant_loss",
                                                "equipment") if name != kind}
    return with_best(SUPPLY, **others, **paths)


def sample(peril, of=None, years=YEARS):
    of = world() if of is None else of
    return peril.sample(Draws(np.arange(years), peril.spec.peril_id), of)


def chance_late(rate: float, median: float, sigma: float, lead: float,
                days_open: float = 61.0, watched: float = 365.0) -> float:
    """Return the mean number of shocks that leave the step missing on the day."""
    window = max(0.0, watched - days_open - lead) / 365.0
    return rate * window * ndtr(math.log(median / days_open) / sigma)


# ------------------------------------------------------------------------------ today, and later


@pytest.mark.parametrize("name", ["chip_supply", "export_control"])
def test_today_nothing_is_lost_and_at_the_end_of_2027_something_is(name, shipped):
    peril = load_perils(shipped, [name])[0]
    today = rm.simulate(shipped, years=2000, seed=7, perils=[peril], adequacy=False)
    assert not len(today.years)
    assert not len(peril.sample(Draws(np.arange(2000), name), shipped))
    later = rm.simulate(rm.read_world(as_of="2027-12-31"), years=20_000, seed=7, perils=[peril],
                        adequacy=False)
    assert later.years["lost_mw_days"].sum() > 0


@pytest.mark.parametrize("name", ["chip_supply", "export_control"])
def test_rules_are_kept_in_a_future_world(name):
    then = rm.read_world(as_of="2029-12-31")
    table = check_peril(load_perils(then, [name])[0], then, years=1000)
    assert len(table) > 5
    assert set(table["start_h"]) == {0.0}
    assert table["part"].str.startswith("step ").all()
    assert (table.groupby(["year", "event", "node_id"])["depth"].sum() <= 1 + 1e-9).all()


def test_calendar_booking_has_no_second_helping_from_its_warm_up():
    """Delays stand at the day itself: the year before it is not another such day."""
    of = world(sites=("abilene",))
    peril = only("blockade", blockade__rate=0.09, blockade__sigma=0.01, blockade__median=600.0,
                 blockade__queue=1.0)
    booked = {booking: rm.simulate(of, years=4000, seed=7, perils=[peril], booking=booking,
                                   adequacy=False) for booking in ("occurrence", "calendar")}
    years = {name: set(losses.years["year"]) for name, losses in booked.items()}
    assert years["occurrence"] == years["calendar"]
    assert booked["calendar"].years["lost_mw_days"].max() <= 40 * 365 + 1e-6


# ------------------------------------------------------------------------------ chip supply


def test_what_a_family_hangs_on():
    assert from_taiwan(world()) == {"GB300": 1.0, "Ascend": 0.0}
    assert from_plant(world(), "fab_a") == {"GB300": 0.5, "Ascend": 0.0}
    assert from_plant(world(), "pack") == {"GB300": 1.0, "Ascend": 0.0}
    assert from_plant(world(), "hbm") == {"GB300": 0.5, "Ascend": 0.0}
    assert from_plant(world(), "smic") == {"GB300": 0.0, "Ascend": 1.0}


def test_a_blockade_delays_what_waits_for_taiwan_and_nothing_else():
    rate, sigma = 0.05, figure(CHIPS, "blockade", "sigma")
    rows = sample(only("blockade", blockade__rate=rate))
    assert set(rows["node_id"]) == {"abilene", "dubai", "shanghai", "johor"}
    assert set(rows["region"]) == {"TW"}
    assert rows["depth"].unique().tolist() == [pytest.approx(0.4)]
    assert rows["part"].unique().tolist() == ["step 2027-05-01"]
    mine = rows[rows["node_id"] == "abilene"]
    median = figure(CHIPS, "blockade", "median") * figure(CHIPS, "blockade", "queue")
    wanted = chance_late(rate, median, sigma, figure(CHIPS, "lead"))
    assert abs(len(mine) / YEARS - wanted) < 4 * math.sqrt(wanted / YEARS)
    # what is left of the delay is lognormal beyond the two months that have passed
    hours = mine["duration_h"].to_numpy() + 61 * 24
    over = ndtr(math.log(median / 61) / sigma)
    for p in (0.25, 0.5, 0.75):
        level = 24 * median * math.exp(sigma * ndtri(1 - over * (1 - p)))
        assert abs((hours <= level).mean() - p) < 4 * math.sqrt(p * (1 - p) / len(hours))
    # one shock, one length: sites with the same chips are late together
    assert (rows.groupby(["year", "event"])["duration_h"].nunique() == 1).all()


def test_earthquakes_have_the_rate_of_their_count():
    peril = only("earthquake", earthquake__median=300.0, earthquake__sigma=0.01)
    rows = sample(peril, world(sites=("abilene",)))
    rate = 4.5 / 27.1
    wanted = rate * (365 - 61 - figure(CHIPS, "lead")) / 365
    assert abs(len(rows) / YEARS - wanted) < 4 * math.sqrt(wanted / YEARS)
    # as they are, days of a stop seldom outlast the months that have passed
    assert len(sample(only("earthquake"), world(sites=("abilene",)))) < 0.05 * len(rows)


def test_one_plant_delays_by_its_share():
    fixed = {"plant_loss__rate": 0.05, "plant_loss__median": 200.0, "plant_loss__sigma": 1e-6,
             "plant_loss__queue": 1.0}
    rows = sample(only("plant_loss", **fixed), world(sites=("abilene",)))
    assert set(rows["region"]) == {"TW", "KR"}
    assert set((rows["duration_h"] / 24).round(1)) == {200 * 0.5 - 61, 200 * 1.0 - 61}


def test_equipment_is_a_sites_own():
    rows = sample(only("equipment"))
    assert set(rows["region"]) == {"US", "AE", "CN", "MY"}
    rate = figure(CHIPS, "equipment", "rate") * figure(CHIPS, "equipment", "no_spare")
    wanted = chance_late(rate, figure(CHIPS, "equipment", "median"),
                         figure(CHIPS, "equipment", "sigma"), figure(CHIPS, "lead"))
    for _, mine in rows.groupby("node_id"):
        assert abs(len(mine) / YEARS - wanted) < 4 * math.sqrt(wanted / YEARS)
    assert rows["depth"].unique().tolist() == [pytest.approx(0.4 * 0.33)]
    assert rows.groupby(["year", "event"])["node_id"].nunique().max() == 1


def test_longer_stops_and_higher_rates_never_lose_less():
    base = sample(SUPPLY)
    keys = ["year", "region", "node_id", "part"]

    def total(table):
        return table.groupby(keys)["duration_h"].sum()

    longer = total(sample(with_best(SUPPLY, blockade__median=400.0)))
    more = total(sample(with_best(SUPPLY, blockade__rate=0.05)))
    for other in (longer, more):
        both = pd.concat([total(base), other], axis=1, keys=["base", "other"]).fillna(0.0)
        assert (both["other"] >= both["base"] - 1e-6).all()
        assert both["other"].sum() > both["base"].sum()


@pytest.mark.parametrize("peril", [SUPPLY, CONTROL], ids=lambda peril: peril.spec.peril_id)
def test_sites_that_leave_change_nothing(peril):
    columns = ["year", "node_id", "part", "duration_h", "depth", "region"]
    kept = ("dubai", "shanghai")
    full = sample(peril)
    full = full[full["node_id"].isin(kept)]
    few = sample(peril, world(sites=kept))
    assert len(few) > 20
    one, two = (table[columns].sort_values(columns).reset_index(drop=True)
                for table in (full, few))
    pd.testing.assert_frame_equal(one, two)


def test_rates_far_out_in_their_bands_fit_under_the_ceilings():
    for peril in (SUPPLY, CONTROL):
        data = far_out(peril.spec.data, divisors=("lead",))
        sample(type(peril)(replace(peril.spec, data=data)), years=200)  # a rate above it raises


# ------------------------------------------------------------------------------ export control


def test_destinations_and_their_chances():
    assert CONTROL.classes(world()) == {"dubai": "licence", "ulanqab": "embargo",
                                        "shanghai": "embargo", "johor": "owner"}
    reach = CONTROL.reach(world())
    assert reach["ulanqab"] == 0.0  # chips made at home
    assert reach["shanghai"] == figure(EXPORT, "embargo", "chance")
    assert reach["dubai"] == figure(EXPORT, "licence", "chance")


@pytest.mark.parametrize(("site", "group"), [("shanghai", "embargo"), ("dubai", "licence"),
                                             ("johor", "owner")])
def test_tightenings_reach_and_cancel_at_their_rates(site, group):
    """Years in which the step is missing, and those in which it never comes."""
    rows = sample(CONTROL)
    rows = rows[rows["node_id"] == site]
    window = (365 - 61 - figure(EXPORT, "lead")) / 365
    mean = (4.5 / 3.5) * window * figure(EXPORT, group, "chance")
    gone = figure(EXPORT, group, "cancelled")
    late = ndtr(math.log(figure(EXPORT, "median") / 61) / figure(EXPORT, "sigma"))
    wanted = mean * (gone + (1 - gone) * late)
    assert abs(len(rows) / YEARS - wanted) < 4 * math.sqrt(wanted / YEARS)
    never = rows["duration_h"] > 730 * 24 * 10
    assert abs(never.sum() / YEARS - mean * gone) < 4 * math.sqrt(mean * gone / YEARS)
    assert not sample(CONTROL)["node_id"].isin(["abilene", "ulanqab"]).any()
