"""The report of one lab: its own numbers, and others only where they are compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reading import cells, read, rows, words

import riskmodel as rm
from riskmodel.report.html import SECTIONS, absent, render_report
from tests.report.conftest import make_world


@pytest.fixture(scope="module")
def alpha(losses) -> str:
    return render_report(losses, lab="alpha")


@pytest.fixture(scope="module")
def beta(losses) -> str:
    return render_report(losses, lab="beta", sites=True,
                         sections=["summary", "headline", "causes", "map"])


def part(page: str, key: str) -> str:
    """Return one section as a page of its own."""
    start = page.index(f'<section id="{key}"')
    return page[start:page.index("</section>", start) + len("</section>")]


def test_it_is_titled_with_the_lab_and_has_every_section(alpha):
    assert "<title>Disruption risk to the training capacity of Alpha Lab</title>" in alpha
    assert [attrs["id"] for tag, attrs in read(alpha).elements if tag == "section"] == [
        key for key in SECTIONS if key not in absent()]
    assert "What Alpha Lab stands to lose" in words(alpha)


def test_the_headline_is_that_of_the_lab_and_of_all_to_compare(losses, alpha):
    shown = cells(alpha, "headline-table")
    of_lab, of_all = rm.measure(losses, by="lab"), rm.measure(losses, by="total")
    for lab, frame in (("alpha", of_lab), ("total", of_all)):
        frame = frame[frame["lab"] == lab].set_index("measure")["value"]
        for name in ("capacity", "aal", "p_loss"):
            assert shown[lab, name] == pytest.approx(float(frame[name]), rel=1e-12)
    assert {lab for lab, _ in shown} == {"alpha", "total"}
    assert "All labs, to compare" in words(alpha)
    low = rm.low_confidence_share(losses).set_index(["lab", "layer"])["value"]
    assert shown["total", "low_confidence"] == pytest.approx(float(low["total", "any"]))
    assert shown["alpha", "low_confidence"] == pytest.approx(float(low["alpha", "any"]))


@pytest.mark.parametrize("lab", ["alpha", "beta"])
def test_causes_add_up_to_the_lab(losses, alpha, beta, lab):
    page = {"alpha": alpha, "beta": beta}[lab]
    aal = rm.measure(losses, by="lab", measures="aal").set_index("lab")["value"][lab]
    found = rm.contributions(losses, by=["peril"], lab=lab)
    shown = rows(page, "by-peril")
    assert shown[-1][0] == pytest.approx(aal, rel=1e-9)  # the row of the sum
    assert sorted(row[0] for row in shown[:-1]) == pytest.approx(
        sorted(value for value in found["value"] if value > 0), rel=1e-9)
    tail = rm.contributions(losses, "tvar", 0.99, by=["peril"], lab=lab).set_index("peril")
    assert sorted(row[2] for row in shown[:-1]) == pytest.approx(
        sorted(tail.loc[found.loc[found["value"] > 0, "peril"], "share"]), abs=1e-9)


def test_the_site_that_felt_it_is_the_labs_share(losses, beta):
    aal = rm.measure(losses, by="lab", measures="aal").set_index("lab")["value"]["beta"]
    assert sum(row[0] for row in rows(beta, "by-site")) == pytest.approx(aal, rel=1e-9)


def test_the_map_holds_the_labs_capacity(alpha, beta):
    assert rows(alpha, "map-table")[-1][0] == pytest.approx(0.75 * 100)
    assert rows(beta, "map-table")[-1][0] == pytest.approx(0.25 * 100 + 40)


def test_the_cap_is_moved_for_the_lab(losses, alpha):
    middle = rows(alpha, "cap-table")[1][0]
    aal = rm.measure(losses, by="lab", measures="aal").set_index("lab")["value"]["alpha"]
    assert middle == pytest.approx(aal, rel=1e-9)  # all 1,200 years, the run's own cap


def test_the_story_is_of_the_labs_own_bad_year(losses, alpha):
    sums = losses.years[losses.years["lab"] == "alpha"].groupby("year")["lost_mw_days"].sum()
    worst = sums.sort_values(ascending=False)
    year = int(worst.index[math.ceil(1200 / 200) - 1])
    text = words(part(alpha, "story"))
    assert f"Simulated year {year}, about the 1-in-200 year of Alpha Lab" in text
    assert f"Alpha Lab loses {worst.iloc[5]:,.0f}"[:24] in text
    assert "Beta" not in text


def test_others_stand_only_where_they_are_compared(alpha):
    for key in SECTIONS:
        if key in absent():
            continue
        text = words(part(alpha, key))
        assert "Beta & Co" not in text, key
        assert "Idle Lab" not in text, key
        assert "all labs together" not in text or key == "summary", key


def test_its_place_among_the_labs_is_told(losses, beta):
    aal = rm.measure(losses, by="lab", measures="aal").set_index("lab")["value"]
    place = 1 + int((aal.drop(["unknown", "beta"]) > aal["beta"]).sum())
    which = {1: "largest", 2: "2nd largest"}[place]
    assert f"Its expected loss is the {which} of 2 labs with capacity" in words(
        part(beta, "summary"))


def test_a_lab_without_capacity_is_told_so(losses):
    page = render_report(losses, lab="idle")
    text = words(page)
    assert "nothing energised is attributed to Idle Lab" in words(part(page, "summary"))
    assert "Without capacity on that day: Idle Lab" in text
    for what in ("An exceedance curve", "A table of contributions", "A bad year"):
        assert f"{what} cannot be given here" in text
    assert "Beta & Co" not in text


def test_a_lab_that_lost_nothing_is_told_its_bound():
    base = make_world()
    calm = make_world(events=base.events[base.events["node_id"].isin(["grid:ERCOT", "tex"])],
                      holdings=base.holdings[base.holdings["site_id"] != "tex"])
    page = render_report(rm.simulate(calm, years=300, seed=1), lab="beta",
                         sections=["summary", "headline"])
    assert "No loss was seen in 300 simulated years" in words(page)
    assert cells(page, "headline-table")["beta", "aal"] == 0.0
    assert "chance of a loss is given as an upper bound" in words(page)


def test_an_unknown_lab_gets_the_nearest_by_id_or_name(losses):
    with pytest.raises(rm.RiskModelError, match=r"no lab 'alhpa'.*did you mean 'alpha'.*beta"):
        render_report(losses, lab="alhpa")
    with pytest.raises(rm.RiskModelError, match="did you mean 'beta'"):
        render_report(losses, lab="Beta & co")


def test_a_story_of_one_lab(world):
    story = rm.stress(world, [rm.Event("storm", "PJM", [rm.OwnOutage("ohio", 0, 48, 1.0)])])
    hit, calm = (render_report(story, lab=lab) for lab in ("beta", "alpha"))
    assert "In this story Beta & Co loses 80 MW-days." in words(hit)
    assert "In this story Alpha Lab loses 0 MW-days." in words(calm)
    assert "Beta" not in words(calm)


def test_several_worlds(world):
    many = rm.simulate(world, years=2000, seed=5, worlds=4, adequacy=False)
    page = render_report(many, lab="beta", sections=["summary", "headline", "ignorance", "map"])
    aal = rm.measure(many, by="lab", measures="aal").set_index("lab")["value"]["beta"]
    assert cells(page, "headline-table")["beta", "aal"] == pytest.approx(aal)
    assert len(rows(page, "ignorance-table")) == 1
    held = many.capacity_mw[many.labs.index("beta")]
    assert rows(page, "map-table")[-1][0] == pytest.approx(float(held))
    assert "MW of IT capacity at up to 2 sites" in words(page)
    assert "The Gulf:" not in words(page)  # it holds nothing there in any world


def test_the_losses_are_left_as_they_are(losses):
    before = {name: getattr(losses, name).copy() for name in ("years", "causes", "events")}
    render_report(losses, lab="alpha", sections=["summary", "headline", "causes"])
    for name, frame in before.items():
        assert getattr(losses, name).equals(frame)
    assert np.array_equal(losses.capacity_mw, rm.simulate(
        losses.world, years=1, seed=3).capacity_mw)
