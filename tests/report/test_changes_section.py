"""The report's section on what changed shows the numbers of ``since``."""

from __future__ import annotations

import pytest
from reading import cells, words

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.report import changes
from riskmodel.report.context import Context
from riskmodel.report.html import render_report
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def runs() -> tuple[rm.Losses, rm.Losses]:
    world = make_world()
    return rm.simulate(world, years=300, seed=1), rm.simulate(world, years=200, seed=2)


def test_every_difference_is_that_of_since(runs):
    then, now = runs
    page = render_report(now, since=then, sections=["since"])
    found = rm.since(now, then)
    aal = found[found["measure"] == "aal"].set_index("lab")["difference"]
    body = page[page.index('id="since-table"'):]
    for lab, difference in aal.items():
        assert f'<data value="{float(difference)!r}">' in body, lab
    perils = rm.since(now, then, by="peril")
    total = perils[perils["lab"] == "total"]
    shown = page[page.index('id="since-perils"'):]
    for difference in total["difference"]:
        assert f'<data value="{float(difference)!r}">' in shown
    assert "Against an earlier run" in words(page)
    assert "on the safe side" in words(page)
    told = changes.in_short(Context(now, now.world, since=then))
    assert told[0].startswith("Since the earlier run the average went from ")
    assert told[0].endswith(", within chance.")  # one world, two seeds
    assert changes.in_short(Context(now, now.world)) == []  # no last version of it


def test_the_same_run_again_changes_nothing(runs):
    then, _ = runs
    body = str(changes.build(Context(then, then.world, since=then)).body)
    table = body[:body.index("</table>")]
    shown = [float(part.split('"')[0]) for part in table.split('<data value="')[1:]]
    assert len(shown) == 6 * 4  # alpha, beta, unknown, total: then, now, difference, twice
    assert all(shown[place] == 0.0 for place in range(2, len(shown), 3))
    assert "compared year by year" in words(body)
    assert cells(body, "since-table")
    assert changes.in_short(Context(then, then.world, since=then)) == [
        "Since the earlier run the average has not changed."]


def test_another_world_than_the_last_versions_is_said_and_not_compared(runs):
    body = words(str(changes.build(Context(runs[0], runs[0].world)).body))
    assert "cannot be given here" in body
    assert "of another world" in body
    assert "--since" in body


def test_an_earlier_run_that_cannot_be_compared_is_an_error_not_a_page(runs):
    other = rm.simulate(make_world(as_of="2026-10-01"), years=50, seed=1)
    with pytest.raises(RiskModelError, match="--as-of of the same day"):
        render_report(runs[1], since=other, sections=["since"])


def test_the_shipped_world_is_compared_with_the_last_version():
    from dataclasses import replace

    from riskmodel.perils.registry import BUILT_IN

    losses = rm.simulate(rm.read_world(), years=20, seed=7, perils=["site_failure"])
    losses = replace(losses, manifest={**losses.manifest, "perils": dict.fromkeys(BUILT_IN, "x")})
    page = render_report(losses, sections=["since"])
    told = words(page)
    then = rm.last_version()
    assert f"{then.name} of {then.of_day} (commit {then.commit})" in told
    assert repr(then.of("openai", "aal")[0]) in page
    assert "Numbers change because" in told
    assert "Sanctions cut-off" in told
    assert "sanctions_cutoff" not in told.partition("Numbers change because")[0]


def test_the_report_of_one_lab_tells_of_that_lab(runs):
    then, now = runs
    page = render_report(now, since=then, sections=["since"], lab="beta")
    table = page[page.index('id="since-table"'):]
    assert 'data-lab="beta"' in table
    assert 'data-lab="alpha"' not in table
    assert 'data-lab="total"' not in table
    perils = rm.since(now, then, by="peril")
    shown = page[page.index('id="since-perils"'):]
    for difference in perils.loc[perils["lab"] == "beta", "difference"]:
        assert f'<data value="{float(difference)!r}">' in shown


def test_a_lab_without_capacity_then_and_now_has_nothing_to_compare(runs):
    then, now = runs
    page = render_report(now, since=then, sections=["since"], lab="idle")
    assert "Idle Lab held nothing then and holds nothing now" in words(page)
