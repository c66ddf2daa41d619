"""``check_peril`` passes what keeps the rules and names every rule that is broken."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils.catalogue import event_table_perils
from riskmodel.perils.protocol import OUTAGE_COLUMNS, PerilSpec
from riskmodel.perils.registry import BUILT_IN, load_perils
from riskmodel.perils.spec import read_spec
from riskmodel.testing import check_peril, example_world
from tests.perils.small_world import build_world
from tests.perils.test_registry import EVENTS
from tests.perils.test_spec import GOOD


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_built_in_perils_keep_the_rules(name, world):
    peril = load_perils(world, [name])[0]
    years = {"kinetic_strike": 4000, "sabotage": 20_000}.get(name, 256)  # some are rare
    table = check_peril(peril, world, years=years)
    # this world has no gas, no foreign tenant and nothing under construction: see their own tests
    elsewhere = ("chip_supply", "export_control", "fuel_cut", "sanctions_cutoff")
    assert len(table) > 10 or name in elsewhere


def test_event_tables_keep_the_rules():
    world = build_world(events=EVENTS)
    for peril in event_table_perils(world):
        assert len(rm.check_peril(peril, world)) > 0


def test_the_example_world_is_sound():
    example_world().check()


class Table:
    """A catalogue that keeps the rules; each broken peril changes one thing."""

    def __init__(self, **changes):
        self.spec = read_spec(GOOD)
        self.changes = changes

    def catalogue(self, world):
        sites = sorted(world.sites["site_id"])
        nodes = sorted({*sites, "feed:gone"})
        return pd.DataFrame({
            "event_id": "e1", "peril": "flood", "region": "R", "rate_per_yr": 0.5,
            "node_id": nodes, "probability": 0.5, "depth": 0.5, "duration_dist": "lognormal",
            "duration_h": 24.0, "duration_shape": 0.5}).assign(**self.changes)


class Sampler:
    """A sampler that keeps the rules."""

    def __init__(self, **changes):
        self.spec = read_spec(GOOD)
        self.changes = changes

    def regions(self, world):
        return ["R"]

    def sample(self, block, world):
        sites = world.sites["site_id"].to_numpy(object)
        years = np.asarray(block.years)
        u = block.uniform("hit", year=years[:, None], entity=sites[None, :])
        return self.table(block, years, sites, u)

    def table(self, block, years, sites, u):
        row, column = np.nonzero(u < 0.1)
        start = u[row, column] * 80_000
        return pd.DataFrame({
            "year": years[row], "event": column, "region": "R", "campaign_id": -1,
            "event_start_h": start, "node_id": sites[column], "part": "", "start_h": start,
            "duration_h": 10.0, "depth": 0.5}).assign(**self.changes)


def test_both_ways_of_keeping_the_rules():
    assert len(check_peril(Table())) == 9
    assert len(check_peril(Sampler())) > 100


@pytest.mark.parametrize(("changes", "message"), [
    ({"depth": 1.2}, "depth is outside 0 to 1"),
    ({"probability": -0.1}, "probability is outside"),
    ({"rate_per_yr": np.inf}, "rate_per_yr is outside"),
    ({"rate_per_yr": np.nan}, "rate_per_yr is empty"),
    ({"region": ""}, "region is empty"),
    ({"duration_dist": "gamma"}, "word other than fixed"),
    ({"duration_shape": np.nan}, "duration_shape above 0"),
    ({"peril": "fire"}, "something other than 'flood'"),
    ({"rate_per_yr": np.arange(9) / 10}, "differ in rate_per_yr"),
    ({"node_id": "one"}, "two rows have the same"),
    ({"colour": "red"}, "the column 'colour'"),
    ({"rate_per_yr": 5.0}, "above its ceiling_rate_per_yr"),
])
def test_broken_tables(changes, message):
    with pytest.raises(RiskModelError, match=message):
        check_peril(Table(**changes))


@pytest.mark.parametrize(("changes", "message"), [
    ({"year": 100_000}, "year is outside the block"),
    ({"event": -1}, "event is not a whole number"),
    ({"event": 0.5}, "event is not a whole number"),
    ({"event": 0}, "rows of one event differ"),
    ({"campaign_id": 0.5}, "campaign_id is not"),
    ({"start_h": -1.0}, "start_h is negative"),
    ({"start_h": np.nan}, "start_h is negative or not finite"),
    ({"event_start_h": 9000.0}, "event_start_h is outside the year"),
    ({"start_h": 0.0}, "before event_start_h"),
    ({"duration_h": np.inf}, "duration_h is negative or not finite"),
    ({"depth": 2.0}, "depth is outside 0 to 1"),
    ({"node_id": 7}, "node_id is not a name"),
    ({"part": None}, "part is not text"),
    ({"region": "elsewhere"}, "region is not in regions"),
])
def test_broken_samples(changes, message):
    with pytest.raises(RiskModelError, match=message):
        check_peril(Sampler(**changes))


class Positional(Sampler):
    """Keys its draws by a site's place in the table."""

    def sample(self, block, world):
        sites = world.sites["site_id"].to_numpy(object)
        years = np.asarray(block.years)
        u = block.uniform("hit", year=years[:, None], event=np.arange(len(sites))[None, :])
        return self.table(block, years, sites, u)


class Crowded(Sampler):
    """Hits fall on the portfolio: fewer sites, more hits each."""

    def sample(self, block, world):
        sites = world.sites["site_id"].to_numpy(object)
        years = np.asarray(block.years)
        u = block.uniform("hit", year=years[:, None], entity=sites[None, :])
        return self.table(block, years, sites, u * len(sites) / 8)


class Blockwise(Sampler):
    """Keys its draws by the place of the year in the block."""

    def sample(self, block, world):
        sites = world.sites["site_id"].to_numpy(object)
        years = np.asarray(block.years)
        u = block.uniform("hit", year=np.arange(len(years))[:, None], entity=sites[None, :])
        return self.table(block, years, sites, u)


class Dice(Sampler):
    """Throws dice of its own."""

    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)

    def sample(self, block, world):
        sites = world.sites["site_id"].to_numpy(object)
        return self.table(block, np.asarray(block.years), sites,
                          self.rng.random((len(block.years), len(sites))))


class Meddler(Sampler):
    def sample(self, block, world):
        world.sites["it_mw"] = world.sites["it_mw"] * 2
        return super().sample(block, world)


@pytest.mark.parametrize(("peril", "messages", "kept"), [
    (Positional(), ["order of rows", "others are taken away"], "called again"),
    (Crowded(), ["others are taken away"], "order of rows"),
    (Blockwise(), ["cut in two", "turned round"], "order of rows"),
    (Dice(), ["called again"], "lacks the column"),
    (Meddler(), ["changed the world's table sites"], "called again"),
])
def test_draws_that_depend_on_what_they_must_not(peril, messages, kept):
    with pytest.raises(RiskModelError) as caught:
        check_peril(peril)
    for message in messages:
        assert message in str(caught.value)
    assert kept not in str(caught.value)


class Portfolio(Table):
    """Its rate grows with the number of sites."""

    def catalogue(self, world):
        return super().catalogue(world).assign(rate_per_yr=0.1 * len(world.sites))


class First(Table):
    """Its rows depend on the order of the sites."""

    def catalogue(self, world):
        first = world.sites["site_id"].iloc[0]
        return super().catalogue(world).assign(part=first)


def test_tables_that_depend_on_the_portfolio():
    with pytest.raises(RiskModelError, match="changes its events or their rates"):
        check_peril(Portfolio())
    with pytest.raises(RiskModelError, match="another table with the world shuffled"):
        check_peril(First())


class Silent:
    spec = read_spec(GOOD)


class Raises(Table):
    def catalogue(self, world):
        raise KeyError("water")


class Listing(Table):
    def catalogue(self, world):
        return [1, 2]


class Short(Sampler):
    def sample(self, block, world):
        return super().sample(block, world)[list(OUTAGE_COLUMNS)[:-1]]


@pytest.mark.parametrize(("peril", "message"), [
    (Silent(), "neither of catalogue"), (object(), "has no spec"),
    (Raises(), "raises KeyError"), (Listing(), "returns a list"),
    (Short(), "lacks the column 'depth'")])
def test_what_is_not_there(peril, message):
    with pytest.raises(RiskModelError, match=message):
        check_peril(peril)


def test_specs_without_numbers_or_sources():
    peril = Table()
    peril.spec = PerilSpec("flood", "Flood", "", "wet")
    with pytest.raises(RiskModelError) as caught:
        check_peril(peril)
    for message in ("has no definition", "group is 'wet'", "spec has no data"):
        assert message in str(caught.value)
    data = copy.deepcopy(GOOD)
    data["rate"].pop("source")
    peril.spec = PerilSpec("flood", "Flood", "Water.", "natural", data=data)
    with pytest.raises(RiskModelError, match="its file: rate lacks source"):
        check_peril(peril)


def test_every_broken_rule_is_listed():
    with pytest.raises(RiskModelError, match="breaks 3 rules") as caught:
        check_peril(Table(depth=1.2, probability=2.0, region=""))
    assert "'flood'" in str(caught.value)
