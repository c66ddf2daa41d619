"""Every draw is a function of its labels: nothing depends on order, company, blocks or workers."""

import concurrent.futures as futures
import multiprocessing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import riskmodel as rm
from riskmodel.engine.outages.streams import philox4x32, stream_key
from riskmodel.engine.run import runner, simulation
from riskmodel.perils.catalogue import EventTablePeril
from riskmodel.perils.protocol import PerilSpec
from tests.engine.small import lab_per_site, table

SITES = tuple(f"s{i}" for i in range(8))


def storms() -> pd.DataFrame:
    """Two perils over shared nodes and sites, with every kind of duration and shared draws."""
    rows = [{"event_id": "gale", "node_id": node, "probability": 0.7, "duration_dist": "lognormal",
             "duration_h": 30.0, "duration_shape": 0.8, "depth": depth, "duration_group": "gale"}
            for node, depth in (("g0", 1.0), ("g1", 0.6), ("s1", 0.5), ("s6", 1.0))]
    rows += [{"event_id": "flood", "rate_per_yr": 0.4, "node_id": node, "probability": 0.5,
              "duration_dist": "weibull", "duration_h": 200.0, "duration_shape": 0.7}
             for node in SITES]
    rows += [{"event_id": f"fire {s}", "peril": "fire", "rate_per_yr": 0.3, "node_id": s,
              "duration_dist": "exponential", "duration_h": 400.0, "part": "hall", "depth": 0.4}
             for s in SITES]
    return table(*rows)


def shop(sites=SITES, order=None, events=None) -> rm.World:
    """Sites on two grids, every site a lab of its own; ``order`` shuffles all rows."""
    rows = [(s, "power", f"g{int(s[1:]) % 2}", {"ride_through_h": 8.0}) for s in sites]
    rows += [("g0", "up", "top"), ("g1", "up", "top", {"share": 0.5})]
    sites = list(sites)
    if order is not None:
        order.shuffle(rows)
        order.shuffle(sites)
    return lab_per_site(*rows, sites=sites, events=storms() if events is None else events)


def run(world, years=3000, seed=5, workers=1, **how) -> rm.Losses:
    return rm.simulate(world, years=years, seed=seed, workers=workers, **how)


def by_lab(losses, labs=None, before=None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return years and adequacy of some labs and years, in an order that is nobody's."""
    tables = []
    for frame in (losses.years, losses.adequacy):
        keep = frame["lab"].isin(losses.labs if labs is None else labs)
        if before is not None:
            keep &= frame["year"] < before
        tables.append(frame[keep].sort_values(["year", "lab"], ignore_index=True))
    return tuple(tables)


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        assert len(a) > 20
        assert_frame_equal(a, b, check_exact=True)


def files(losses, folder: Path) -> dict[str, bytes]:
    losses.to_parquet(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def base():
    return run(shop())


# ------------------------------------------------------------------ company and order

@pytest.mark.parametrize("keep", [SITES[:3], SITES[5:], ("s4",)])
def test_a_subset_keeps_its_draws(base, keep):
    """And so does a superset: the base is one of the subset."""
    labs = [f"lab {s}" for s in keep]
    assert_same(by_lab(run(shop(keep)), labs), by_lab(base, labs))


def test_a_shuffled_world_keeps_its_draws(base):
    shuffled = run(shop(order=np.random.default_rng(3)))
    assert_same(by_lab(shuffled), by_lab(base))


def test_the_order_of_an_event_table_does_not_matter(base):
    turned = storms().iloc[::-1].reset_index(drop=True)
    assert_same(by_lab(run(shop(events=turned))), by_lab(base))


@pytest.mark.parametrize("booking", ["occurrence", "calendar"])
def test_the_shipped_world_and_half_of_it(booking):
    """With the built-in perils, every site a lab of its own: half of the sites keep their years."""
    full = rm.read_world()
    sites = full.sites[full.sites["it_mw"] > 0]

    def restricted(sites):
        gone = set(full.sites["site_id"]) - set(sites["site_id"])
        rows = full.requirements
        rows = rows[~rows["node_id"].isin(gone) & ~rows["member_id"].isin(gone)]
        own = pd.DataFrame({"lab_id": sites["site_id"], "site_id": sites["site_id"], "share": 1.0})
        return rm.World.from_frames(
            sites=sites, holdings=own,
            labs=pd.DataFrame({"lab_id": sites["site_id"], "needed_share": 1.0}), nodes=full.nodes,
            requirements=rows, clouds=full.clouds, grid_regions=full.grid_regions,
            theatres=full.theatres, supply_nodes=full.supply_nodes, perils=full.perils)

    half = sites.iloc[::2]
    losses = [run(restricted(s), years=150, booking=booking) for s in (sites, half[::-1])]
    labs = list(half["site_id"])
    assert_same(by_lab(losses[0], labs), by_lab(losses[1], labs))


def test_more_years_keep_the_first_years(base):
    """Also where the longer run has another block, and where the shorter ends within one."""
    longer = run(shop(), years=5000)
    assert_same(by_lab(longer, before=3000), by_lab(base))
    first = longer.events[longer.events["year"] < 3000]
    assert_frame_equal(first.reset_index(drop=True), base.events, check_exact=True)


def test_identical_worlds_differ_by_nothing(base):
    again = run(shop())
    assert_same(by_lab(again), by_lab(base))
    assert_frame_equal(again.causes, base.causes, check_exact=True)
    assert len(run(shop(), seed=6).years) != len(base.years)  # another seed, other disasters


# ------------------------------------------------------------------ who computes it

def test_who_computes_it_does_not_matter(tmp_path):
    """One thread, two, a thread pool and a process pool: the same bytes on disk."""
    world, how = shop(), {"years": 4200}
    bytes_of = files(run(world, **how), tmp_path / "one")
    assert files(run(world, workers=2, **how), tmp_path / "two") == bytes_of
    with futures.ThreadPoolExecutor(2) as pool:
        assert files(run(world, executor=pool, **how), tmp_path / "threads") == bytes_of
    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        other = run(world, executor=pool, **how)
    assert files(other, tmp_path / "processes") == bytes_of


def test_the_shipped_world_on_two_workers(tmp_path):
    """Sampling perils too: their blocks are drawn by whoever computes them."""
    world = rm.read_world()
    one = files(run(world, years=2100), tmp_path / "one")
    assert files(run(world, years=2100, workers=2), tmp_path / "two") == one


@pytest.mark.parametrize("size", [1, 7, 500])
def test_block_size_does_not_matter(size, base, monkeypatch):
    monkeypatch.setattr(runner, "BLOCK_YEARS", size)
    monkeypatch.setattr(simulation, "BLOCK_YEARS", size)
    years = 300 if size == 1 else 3000
    small = run(shop(), years=years)
    assert_same(by_lab(small), by_lab(base, before=years))
    causes = base.causes[base.causes["year"] < years]
    assert_frame_equal(small.causes, causes, check_exact=True)


def test_the_shipped_world_in_small_blocks(monkeypatch):
    """What a sampling peril draws for a year does not depend on the years asked for with it."""
    world = rm.read_world()
    whole = run(world, years=60)
    monkeypatch.setattr(simulation, "BLOCK_YEARS", 13)
    assert_same(by_lab(run(world, years=60)), by_lab(whole))


def test_room_grows_without_a_trace(monkeypatch):
    """More rows, own outages and points than there is room for at first, against small blocks."""
    sites = [f"t{i}" for i in range(300)]
    events = table(*({"node_id": s, "rate_per_yr": 2.0, "duration_h": 50.0} for s in sites),
                   {"node_id": "g", "event_id": "dark", "rate_per_yr": 12.0, "duration_h": 5.0})
    world = lab_per_site(*((s, "power", "g", {"share": 0.5}) for s in sites), sites=sites,
                         events=events)
    grown = run(world, years=120)
    room = runner.Sizes()
    assert len(grown.years) > room.rows
    assert grown.causes.groupby("year").size().max() > room.pool
    monkeypatch.setattr(simulation, "BLOCK_YEARS", 10)
    assert_same(by_lab(grown), by_lab(run(world, years=120)))


def test_progress_is_told_block_by_block():
    told = []
    run(shop(), years=5000, workers=2, progress=lambda *done: told.append(done))
    assert told == [(2048, 5000), (4096, 5000), (5000, 5000)]


# ------------------------------------------------------------------ one peril and the others

def apart(**fires) -> pd.DataFrame:
    """Storms on s0 to s3, fires on s4 to s7: what one peril does can be seen alone."""
    return table(
        *({"event_id": f"gale {s}", "node_id": s, "duration_dist": "exponential",
           "duration_h": 90.0} for s in SITES[:4]),
        *({"event_id": f"fire {s}", "peril": "fire", "node_id": s, "duration_h": 50.0, **fires}
          for s in SITES[4:]))


STORMY, FIERY = ([f"lab {s}" for s in part] for part in (SITES[:4], SITES[4:]))


@pytest.mark.parametrize("changed", [{"rate_per_yr": 3.0}, {"probability": 0.5},
                                     {"event_id": "all at once"}])
def test_another_table_redraws_its_own_peril_only(changed):
    before, after = run(shop(events=apart())), run(shop(events=apart(**changed)))
    assert_same(by_lab(before, STORMY), by_lab(after, STORMY))
    assert not by_lab(before, FIERY)[0].equals(by_lab(after, FIERY)[0])


def test_a_selection_of_perils_keeps_their_draws():
    world = shop(events=apart())
    both, one = run(world), run(world, perils=["storm"])
    assert_same(by_lab(both, STORMY), by_lab(one, STORMY))
    assert len(by_lab(one, FIERY)[0]) == 0
    assert_same(by_lab(one), by_lab(run(world, perils="storm")))


def named(losses) -> set:
    return set(zip(losses.events["year"], losses.events["event_no"], losses.events["event_id"],
                   losses.events["start_h"], strict=True))


@pytest.mark.parametrize(("low", "ceiling"), [(0.9, None), (0.3, 8.0)])
def test_a_lower_rate_keeps_the_events_that_remain(low, ceiling):
    """Below the ceiling: the power of two above the total of 3.2, or one that is stated."""
    sites = SITES[:4]
    runs = {}
    for factor in (1.0, low):
        frame = table(*({"event_id": f"gale {s}", "node_id": s, "rate_per_yr": 0.8 * factor}
                        for s in sites))
        peril = EventTablePeril(PerilSpec("storm", "storm", "a test", "natural",
                                          ceiling_rate_per_yr=ceiling), frame)
        runs[factor] = run(shop(sites, events=table({}).iloc[:0]), perils=[peril])
    fewer, more = named(runs[low]), named(runs[1.0])
    assert fewer < more
    # each event stays with probability `low`, by a draw of its own
    assert abs(len(fewer) - low * len(more)) < 4 * (len(more) * low * (1 - low)) ** 0.5


def test_an_event_is_where_its_labels_put_it(base):
    """Start hours from the generator alone: key (seed, purpose, peril), counter (year, event)."""
    events = base.events
    for peril in ("storm", "fire"):
        some = events[events["peril"] == peril].iloc[:200]
        counter = np.zeros((len(some), 4), np.uint64)
        counter[:, 0], counter[:, 1] = some["year"], some["event_no"]
        words = philox4x32(counter, np.array(stream_key(5, "event", peril)))
        start = (words[:, 0] + 0.5) * 2.0**-32 * 8760.0
        np.testing.assert_array_equal(some["start_h"], start)


# ------------------------------------------------------------------ the seed

@pytest.mark.parametrize("seed", [np.random.default_rng(1), np.random.Philox(1),
                                  np.random.RandomState(1)])
def test_a_live_generator_is_no_seed(seed):
    with pytest.raises(rm.RiskModelError, match=r"carries a position.*keyed by its labels"):
        run(shop(), seed=seed)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", None])
def test_a_seed_is_one_whole_number(seed):
    with pytest.raises(rm.RiskModelError, match="whole number"):
        run(shop(), seed=seed)


def test_any_whole_number_is_a_seed():
    assert_same(by_lab(run(shop(), seed=np.int64(5))), by_lab(run(shop(), seed=5)))
    assert run(shop(), years=50, seed=2**200).seed == 2**200


def test_many_events_of_one_peril(monkeypatch):
    """600 a year: the room for arrivals grows too, in a few steps."""
    grow = runner.Sizes.grow

    def counted(self, status):
        steps.append(status)
        assert len(steps) < 20, "it grows without end"
        grow(self, status)
    steps: list[int] = []
    monkeypatch.setattr(runner.Sizes, "grow", counted)
    world = lab_per_site(sites=("s",), events=table({"rate_per_yr": 600.0, "duration_h": 0.01}))
    often = run(world, years=50, adequacy=False)
    assert abs(len(often.events) - 50 * 600) < 4 * (50 * 600) ** 0.5
