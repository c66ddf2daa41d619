"""Where something is missing the report says so, and everything else still stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reading import cells, read, rows, words

import riskmodel as rm
from riskmodel.report.html import SECTIONS, absent, render_report
from tests.report.conftest import make_world

#: the sections of a run with one world
EVERY = [key for key in SECTIONS if key not in absent()]


def headings(page: str) -> list[str]:
    return [attrs["id"] for tag, attrs in read(page).elements if tag == "section"]


def test_nothing_lost_is_said_with_its_bound():
    calm = make_world(events=make_world().events.assign(rate_per_yr=0.0))
    page = render_report(rm.simulate(calm, years=300, seed=1))
    text = words(page)
    assert headings(page) == EVERY
    assert "No loss was seen in 300 simulated years" in text
    assert f"below {100 * (1 - 0.05 ** (1 / 300)):.2f} %" in text.replace(" ", " ")
    assert "A bad year cannot be given here" in text
    assert cells(page, "headline-table")["alpha", "aal"] == 0.0


def test_a_world_without_capacity():
    base = make_world()
    page = render_report(rm.simulate(make_world(sites=base.sites.assign(it_mw=0.0)), years=20,
                                     seed=1))
    assert "There is no capacity to draw" in words(page)
    assert "Alpha Lab, Beta & Co, Idle Lab" in words(page)


def test_one_lab():
    base = make_world()
    page = render_report(rm.simulate(
        make_world(labs=None, holdings=base.holdings.assign(lab_id="alpha", share=1.0)
                   .drop_duplicates("site_id")), years=200, seed=1))
    assert headings(page) == EVERY


def test_a_year_table_from_elsewhere():
    frame = pd.DataFrame({"year": [1, 2, 3, 3], "lab": ["a", "a", "a", "b"],
                          "lost_mw_days": [5.0, 7.0, 1.0, 2.0]})
    page = render_report(rm.Losses.from_years(frame, n_years=40))
    text = words(page)
    assert headings(page) == EVERY
    assert cells(page, "headline-table")["a", "aal"] == pytest.approx(13 / 40)
    assert "these losses carry no causes" in text
    assert "The map cannot be given here: the world was not given with the losses" in text
    assert "OEP is not drawn" in text


def test_losses_read_back_take_a_world(world, losses, page, tmp_path):
    losses.to_parquet(tmp_path / "out")
    back = rm.read_losses(tmp_path / "out")
    without = words(render_report(back))
    assert "The map cannot be given here" in without
    assert "A statement on the Gulf cannot be made here" in without
    path = rm.write_report(back, tmp_path / "again.html", world=world)
    again = path.read_text(encoding="utf-8")
    for table in ("headline-table", "map-table", "by-region"):
        np.testing.assert_equal(rows(again, table), rows(page, table))


def test_the_gulf_today_and_later(page):
    text = words(page)
    assert "on 2026-11-23, no Gulf site whose power is on record is running, of 2 on file" in text
    assert "1 more counts with an estimated 10 MW" in text
    assert "200 MW from 2027-06-30 (projected)" in text


def test_the_gulf_when_it_runs():
    later = make_world(as_of="2027-12-31")
    text = words(render_report(rm.simulate(later, years=100, seed=1, adequacy=False)))
    assert "1 Gulf site of known size runs, with 200 MW IT" in text


def test_sites_are_named_only_where_asked_for(losses, page):
    for name in ("Texas Secret Hall", "Ohio Secret Hall", "Dubai Secret Hall", "Falcon Secret"):
        assert name not in page
    assert 'id="by-site"' not in page
    told = render_report(losses, sites=True)
    named = words(told)
    assert "Falcon Secret" in named
    assert "Texas Secret Hall" in named
    aal = rm.measure(losses, by="total", measures="aal")["value"].item()
    assert sum(row[0] for row in rows(told, "by-site")) == pytest.approx(aal, rel=1e-9)


def test_epoch_is_credited_where_its_records_are_used(losses, page):
    text = words(page)
    assert "Epoch AI" in text
    assert "CC BY 4.0" in text
    base = make_world()
    other = make_world(sites=base.sites.assign(source_urls=""))
    assert "build on Epoch AI" in text
    assert "build on Epoch AI" not in words(render_report(rm.simulate(other, years=20, seed=1)))


def test_perils_left_out_are_listed(page):
    text = words(page)
    assert "Perils that this run leaves out" in text
    assert "kinetic strikes; grid outages" in text
