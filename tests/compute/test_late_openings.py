"""Late openings: exact against the engine's own outages, and against their distributions."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from scipy.special import ndtr

import riskmodel as rm
from riskmodel.compute.buildout_draws import CASES, PLAN, WITH, WITHOUT, draw_build_out
from riskmodel.compute.buildout_fan import build_out_causes, build_out_fan, quantiles
from riskmodel.compute.campaign_damage import Campaign, delays_of_stops
from riskmodel.compute.slips import Slips
from riskmodel.engine.outages.given import KeyedBlock
from riskmodel.perils.registry import load_perils
from riskmodel.perils.spec import figure, shipped_data
from riskmodel.world.dated import on_date
from tests.compute.made_up_build import RECORD, world

CHIPS = ("chip_supply", "transformers", "export_control")
N = 4000


def exact(of, day, perils, n, seed):
    """MW of each site in each draw as the engine has it on day one: parts add, the deepest counts.

    The slow way: the peril's own table of outages, row by row.
    """
    then = on_date(of, day)
    sites = then.sites["site_id"].tolist()
    gone = {}
    for peril in load_perils(then, perils):
        block = KeyedBlock(np.arange(n), 8760.0, seed, peril.spec.peril_id)
        for row in peril.sample(block, then).to_dict("records"):
            key = (row["year"], row["node_id"], row["part"])
            gone[key] = max(gone.get(key, 0.0), row["depth"])
    share = np.zeros((n, len(sites)))
    for (year, site, _), depth in gone.items():
        share[year, sites.index(site)] += depth
    return then.sites["it_mw"].to_numpy() * (1.0 - np.minimum(share, 1.0))


@pytest.mark.parametrize("day", ["2027-12-31", "2028-12-31"])
def test_the_last_day_lacks_what_the_engine_lacks_there_draw_by_draw(day):
    shipped = rm.read_world()
    drawn = draw_build_out(shipped, ["openai", "meta", "bytedance"], dates=[day], draws=600, seed=5,
                           causes=CHIPS, slips=False, grace_days=0)
    site_mw = exact(shipped, day, ["chip_supply", "export_control"], 600, 5)
    held = shipped.effective_holdings()
    at = {site: i for i, site in enumerate(shipped.sites["site_id"])}
    for place, lab in enumerate(drawn.labs):
        mine = held[held["lab_id"] == lab]
        mw = sum(share * site_mw[:, at[site]]
                 for site, share in zip(mine["site_id"], mine["share"], strict=True))
        assert np.allclose(drawn.it_mw[WITH][:, place, 0], mw, atol=1e-9)
    assert (drawn.it_mw[WITH] < drawn.it_mw[PLAN]).any()


def test_without_anything_that_delays_the_plan_is_what_there_is():
    drawn = draw_build_out(world(), until="2028-12-31", draws=20, causes=(), slips=False)
    for case in CASES:
        assert (drawn.it_mw[case] == drawn.it_mw[PLAN][:1]).all()
    for lab in drawn.labs:
        then = [on_date(world(), day).lab_capacity()[lab] for day in drawn.days]
        assert drawn.it_mw[PLAN][0, drawn.labs.index(lab)].tolist() == pytest.approx(then)


def test_slips_are_as_often_and_as_long_as_the_file_says():
    """Beta's 80 MW are due on 1 September 2027: missing 200 days later is p x P(length > 200)."""
    data = Slips.of(world()).spec.data["slips"]
    day = dt.date(2027, 9, 1) + dt.timedelta(days=200)
    drawn = draw_build_out(world(), "lab", dates=[day], draws=N, seed=3, causes=())
    missing = drawn.it_mw[PLAN][:, 0, 0] - drawn.it_mw[WITHOUT][:, 0, 0]
    late = np.isin(np.round(missing), [80, 230])
    p = figure(data, "probability") * ndtr(math.log(figure(data, "median") / 200)
                                           / figure(data, "sigma"))
    assert abs(late.mean() - p) < 4 * math.sqrt(p * (1 - p) / N)


def test_what_is_late_by_less_than_the_grace_is_not_late():
    short = draw_build_out(world(), "lab", dates=["2027-09-01"], draws=500, causes=("chip_supply",),
                           slips=False, grace_days=0)
    grace = draw_build_out(world(), "lab", dates=["2027-09-01"], draws=500, causes=("chip_supply",),
                           slips=False, grace_days=30)
    gone = [(one.it_mw[PLAN] - one.it_mw[WITH] > 0).mean() for one in (short, grace)]
    assert gone[0] > gone[1] > 0


# -------------------------------------------------------------------------------- what is kept


def test_a_draw_is_its_own_whatever_else_is_asked_for():
    wide = draw_build_out(world(), until="2028-06-30", draws=300, seed=2)
    narrow = draw_build_out(world(), "other", until="2028-06-30", draws=200, seed=2)
    place = wide.labs.index("other")
    for case in narrow.it_mw:
        assert np.array_equal(narrow.it_mw[case][:, 0], wide.it_mw[case][:200, place])
    # each cause is drawn from the same events when others are left out
    one = draw_build_out(world(), "other", until="2028-06-30", draws=200, seed=2,
                         causes=("transformers",))
    assert np.array_equal(one.it_mw["transformers"], narrow.it_mw["transformers"])


def test_shocks_only_take_and_more_causes_take_more():
    drawn = draw_build_out(world(), until="2028-06-30", draws=400, seed=4)
    assert (drawn.it_mw[WITHOUT] <= drawn.it_mw[PLAN] + 1e-9).all()
    for cause in drawn.causes:
        assert (drawn.it_mw[cause] <= drawn.it_mw[WITHOUT] + 1e-9).all()
        assert (drawn.it_mw[WITH] <= drawn.it_mw[cause] + 1e-9).all()


def test_states_of_the_world_spread_the_plan_and_keep_their_numbers():
    """Holdings with a chance of one half: the plan itself is not known."""
    of = world()
    of.holdings["probability"] = np.where(of.holdings["site_id"] == "alpha", 0.5, 1.0)
    drawn = draw_build_out(of, "lab", dates=["2027-12-31"], draws=400, worlds=40, seed=1)
    plan = drawn.it_mw[PLAN][:, 0, 0]
    assert set(np.round(plan)) == {110, 360}
    assert (plan[:40] == plan[40:80]).all()
    fan = build_out_fan(of, drawn=drawn)
    assert np.isfinite(fan.loc[fan["case"] == WITH, "se"]).all()


# ------------------------------------------------------------------------------------- campaigns


@pytest.mark.parametrize(("stops", "opens", "days"), [
    ([(10, 20)], 100, 20), ([(110, 20)], 100, 0), ([(95, 20), (105, 5)], 100, 20),
    ([(95, 20), (116, 5)], 100, 25), ([(10, 20), (20, 20)], 100, 30), ([(100, 9)], 100, 0)])
def test_building_that_stops_by_hand(stops, opens, days):
    """Overlaps count once, and what opens later by one campaign may meet the next."""
    begin, length = (np.array(column, float) for column in zip(*stops, strict=True))
    draw, late = delays_of_stops(np.zeros(len(stops), np.int64), begin, length, float(opens))
    assert late.sum() == pytest.approx(days)
    assert set(draw) <= {0}


def test_a_campaign_that_is_given_stops_building_in_its_theatre_alone():
    """A short war in the Gulf from 1 March 2027: desert's 200 MW of June open later."""
    campaign = Campaign("gulf", "2027-03-01")
    how = {"until": "2027-12-31", "every": "half", "draws": 1000, "seed": 6, "slips": False,
           "grace_days": 0, "causes": ("kinetic_strike",)}
    given = draw_build_out(world(), campaign=campaign, **how)
    lab, other = (given.labs.index(name) for name in ("lab", "other"))
    missing = given.it_mw[PLAN] - given.it_mw[WITH]
    assert not missing[:, lab].any()
    days = [day.isoformat() for day in given.days]
    june = missing[:, other, days.index("2027-06-30")]
    # it opens on 1 June: on 30 June it lacks where building stood still for 30 days or more, which
    # a short war of exponential length does if it lasts so long (its access delay is longer)
    data = shipped_data("kinetic_strike")
    rate = figure(data, "theatres", "gulf", "regime", "peace", "short_war")
    assert figure(data, "access", "short_war", "hall") > 30 * 24
    p = math.exp(-rate * 29 / 365)
    whole = (june >= 200 - 1e-6).mean()
    assert abs(whole - p) < 4 * math.sqrt(p * (1 - p) / 1000) + 0.02  # a hit may add to it
    after = draw_build_out(world(), campaign=Campaign("gulf", "2027-07-15"), **how)
    assert not (after.it_mw[PLAN] - after.it_mw[WITH])[:, other, days.index("2027-06-30")].any()


@pytest.mark.parametrize(("how", "message"), [
    ({"causes": ["chips"]}, "no cause 'chips'"), ({"draws": 5, "worlds": 6}, "a draw for each"),
    ({"campaign": Campaign("golf", RECORD)}, "no theatre 'golf'"),
    ({"campaign": Campaign("gulf", RECORD, "raids")}, "kind is 'raids'"),
    ({"grace_days": -1}, "grace_days"), ({"lab": "lap"}, "no lab 'lap'")])
def test_what_cannot_be_drawn_is_refused_with_the_mend(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        draw_build_out(world(), **how)


# ---------------------------------------------------------------------------------- the frames


def test_quantiles_and_their_errors_are_those_of_a_known_distribution():
    values = np.random.default_rng(1).exponential(100.0, 20_000)
    for level, value, se in quantiles(values, [0.05, 0.5, 0.95])[:-1]:
        true = -100.0 * math.log(1 - level)
        assert abs(value - true) < 4 * se
        assert se == pytest.approx(100.0 * math.sqrt(level / (1 - level) / 20_000), rel=0.25)
    assert quantiles(np.full(50, 3.0), [0.5])[0] == (0.5, 3.0, 0.0)


def test_the_causes_add_up_to_no_less_than_all_shocks():
    drawn = draw_build_out(world(), until="2028-06-30", draws=500, seed=9)
    table = build_out_causes(world(), drawn=drawn)
    mean = table.pivot_table(index=["lab", "date"], columns="cause", values="value")
    causes = [name for name in mean if name not in ("slips", "all shocks")]
    assert (mean[causes].sum(axis=1) >= mean["all shocks"] - 1e-9).all()
    given = table.dropna(subset=["given"])
    assert np.allclose(given["given"] * given["probability"], given["value"])
    fan = build_out_fan(world(), drawn=drawn)
    middle = fan[(fan["unit"] == "MW") & fan["level"].isna()].set_index(["lab", "date", "case"])
    taken = middle["value"].xs(WITHOUT, level="case") - middle["value"].xs(WITH, level="case")
    assert np.allclose(taken.reindex(mean.index), mean["all shocks"])


def test_h100_equivalents_are_those_of_chips_that_are_known():
    """Gamma names no chip: 100 + 150 + 80 MW of the lab's 360 are known on the last day."""
    drawn = draw_build_out(world(), "lab", dates=["2027-12-31"], draws=10, causes=(), slips=False)
    assert drawn.known_share[0, 0] == pytest.approx(330 / 360)
    fan = build_out_fan(world(), drawn=drawn)
    row = fan[(fan["unit"] == "H100e") & (fan["level"] == 0.5) & (fan["case"] == PLAN)].iloc[0]
    from riskmodel.compute.sitechips import site_chips

    per_mw = site_chips(world()).set_index("site_id").loc["alpha", "h100e_per_mw_it"]
    assert row["value"] == pytest.approx(330 * per_mw)
    assert row["chips_low"] <= row["value"] <= row["chips_high"]
