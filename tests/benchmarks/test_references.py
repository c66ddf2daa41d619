"""The benchmark's references do riskmodel's job: the same figures from the same outages."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.engine_runs import Engine, Floor, engine_outages, plan_of
from tests.benchmarks.networkx_any import NetworkxAny
from tests.benchmarks.networkx_loop import NetworkxAll, NetworkxSums, Outage
from tests.benchmarks.outputs import YearTable, exceeded
from tests.benchmarks.rich_job import rich_job
from tests.benchmarks.standard_job import LABS, PERILS, standard_job
from tests.benchmarks.vectorised_numpy import Hits, NumpyAll, NumpySums

YEARS = 60


@pytest.fixture(scope="module")
def job():
    return standard_job(100)


@pytest.fixture(scope="module")
def engine(job):
    """The plan, the engine's year table, and the outages it drew in each year."""
    plan = plan_of(job.world)
    return plan, Engine(plan, 2)(YEARS), [engine_outages(plan, year) for year in range(YEARS)]


def as_hits(numpy: NumpySums, years: list[list[Outage]]) -> Hits:
    """Return the outages as the arrays that numpy's blocks are made of, events in order."""
    rows, events = [], 0
    for year, outages in enumerate(years):
        for outage in sorted(outages, key=lambda o: o.event):
            rows.append((year, events + outage.event, outage.peril, numpy.node[outage.node],
                         outage.start, outage.end))
        events += max((o.event for o in outages), default=-1) + 1
    return Hits(*(np.array(column) for column in zip(*rows, strict=True)))


def same(found: YearTable, engine: YearTable, rel: float) -> None:
    for name in ("lost", "short", "largest", "by_peril"):
        np.testing.assert_allclose(getattr(found, name), getattr(engine, name), rtol=rel,
                                   atol=rel * 1e3, err_msg=name)


def test_the_engine_found_something(engine):
    """So that the comparisons below compare something."""
    _, table, outages = engine
    assert sum(len(year) for year in outages) > 10 * YEARS
    assert (table.short > 0).sum() > 20
    assert (table.by_peril > 0).all()
    assert table.lost.sum() == pytest.approx(table.by_peril.sum())


def test_the_networkx_loop_gives_the_engines_numbers(job, engine):
    _, table, outages = engine
    loop = NetworkxAll(job)
    found = YearTable.of(YEARS)
    for year in range(YEARS):
        loop.book(found, year, list(outages[year]))
    same(found, table, 1e-9)


@pytest.mark.parametrize("kind", [standard_job, rich_job])
def test_the_loop_for_any_requirements_gives_the_engines_numbers(kind):
    job = kind(100)
    plan = plan_of(job.world)
    table, loop, found = Engine(plan, 2)(YEARS), NetworkxAny(job), YearTable.of(YEARS)
    for year in range(YEARS):
        loop.book(found, year, engine_outages(plan, year))
    same(found, table, 1e-9)


def test_vectorised_numpy_gives_the_engines_numbers(job, engine):
    """To a millionth: it tells site-years apart by large numbers in its sort key."""
    _, table, outages = engine
    arrays = NumpyAll(job)
    found = YearTable.of(YEARS)
    arrays.book(found, 0, YEARS, as_hits(arrays, outages))
    same(found, table, 1e-6)


def test_sums_count_overlaps_twice(job, engine):
    """Both sums of the same outages agree, and are above the engine's, which unites overlaps."""
    _, table, outages = engine
    loop, arrays = NetworkxSums(job), NumpySums(job)
    one, two = (YearTable.of(YEARS, everything=False) for _ in range(2))
    for year in range(YEARS):
        loop.book(one, year, list(outages[year]))
    arrays.book(two, 0, YEARS, as_hits(arrays, outages))
    np.testing.assert_allclose(one.lost, two.lost, rtol=1e-9)
    assert (one.lost >= table.lost - 1e-6).all()
    assert one.lost.sum() > 1.001 * table.lost.sum()


def test_a_circle_is_what_the_event_table_says(job):
    table, search = NetworkxSums(job), NetworkxSums(job, circles=True)
    for event in (0, 1, 2, 777, 9998, 9999):
        assert sorted(table.footprint(event)) == sorted(search.footprint(event))


@pytest.mark.parametrize("reference", [NumpyAll, NetworkxAll])
def test_own_draws_agree(job, engine, reference):
    """Each draws the same events its own way: means within four standard errors."""
    plan, _, _ = engine
    years = 4096 if reference is NumpyAll else 600
    ours, theirs = Engine(plan, 2)(4096).lost.sum(axis=1), reference(job)(years).lost.sum(axis=1)
    error = np.hypot(ours.std() / np.sqrt(len(ours)), theirs.std() / np.sqrt(len(theirs)))
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    assert error < 0.06 * ours.mean()


def test_the_floor_draws_what_the_engine_draws(engine):
    plan, _, outages = engine
    hours = sum(o.end - o.start for year in outages for o in year)
    assert Floor(plan, 1)(YEARS) == pytest.approx(hours)


def test_exceedance_is_the_year_exceeded_once_in_a_hundred():
    yearly = np.arange(1000.0)[:, None].repeat(LABS, axis=1)
    assert exceeded(yearly).tolist() == [989.0] * LABS


def test_the_rich_job_has_what_it_says():
    plain, rich = standard_job(100).world, rich_job(100).world
    rich.check()
    needs = rich.requirements
    groups = needs.groupby(["node_id", "group"]).agg(
        members=("member_id", "size"), k=("k", "first"), ride=("ride_through_h", "first"),
        share=("share", "first")).reset_index()
    power = groups[groups.group == "power"]
    cloud = groups[groups.group == "cloud"]
    assert ((power.members == 2) & (power.k == 1)).sum() == 30
    assert ((cloud.members == 3) & (cloud.k == 2)).sum() == 30
    assert (power.ride > 0).sum() == 50
    assert (groups.share < 1).sum() == 34 + 50
    assert 0.5 < (rich.events.drop_duplicates("event_id").depth < 1).mean() < 0.7
    same_as = plain.events.drop(columns="depth").equals(rich.events.drop(columns="depth"))
    assert same_as
    assert set(rich.events.peril) == set(PERILS)
