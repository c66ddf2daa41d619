"""The section on what hangs together: its numbers, its words, and names that are no sites."""

from __future__ import annotations

import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report import concentration
from riskmodel.report.context import Context
from tests.report.conftest import make_world


def _section(losses, world):
    return str(concentration.build(Context(losses, world)).body)


def _cells(text, table):
    """Return the full numbers behind the cells of a table, row by row."""
    part = text[text.index(f'id="{table}"'):]
    rows = part[:part.index("</table>")].split("<tr data-lab=")[1:]
    return [[float(cell.split('"')[0]) for cell in row.split('<data value="')[1:]] for row in rows]


def test_the_heat_table_says_what_the_function_says(losses, world):
    text = _section(losses, world)
    read(text)
    frame = rm.concentration(world, list(concentration.BY))
    rows = _cells(text, "concentration-table")
    assert len(rows) == 2  # all labs, and the one lab with more than one site
    for row, lab in zip(rows, ("total", "beta"), strict=True):
        found = frame[(frame["lab"] == lab) & (frame["measure"] == "effective_number")]
        assert row[0] == pytest.approx(found["it_mw"].iloc[0])
        assert row[1:] == pytest.approx(found["value"].tolist(), nan_ok=True)
    assert "beta" in text
    assert "Alpha Lab: everything of theirs" in words(text)


def test_the_zones_say_what_the_function_says(losses, world):
    rows = _cells(_section(losses, world), "zones-table")
    frame = rm.accumulation(world, radius_km=100.0, kinds=list(concentration.ZONES))
    for row, lab in zip(rows, ("total", "beta"), strict=True):
        assert row == pytest.approx(frame[frame["lab"] == lab]["value"].tolist())


def test_it_speaks_of_regions_and_says_what_is_not_known(losses, world):
    text = words(_section(losses, world))
    assert "Secret" not in text
    assert "not known" in text  # no operator is on record
    assert "gulf" in text.lower()


def test_a_lab_with_half_its_mw_on_one_grid_is_named(losses, world):
    # Beta & Co: 40 MW in Ohio, 25 in Texas
    assert "1 of the 1 labs with more than one site in the table: Beta & Co (62 % on PJM)" in words(
        _section(losses, world))


def test_without_a_world_it_says_so(losses):
    assert "the world was not given" in words(_section(losses, None))


def test_hostile_names_stay_text():
    bad = '<script>alert(1)</script>"><img onerror=x>'
    base = make_world()
    sites = base.sites.assign(operator=bad, admin1=bad, cloud_provider=bad)
    of = make_world({"alpha": bad, "beta": bad, "idle": bad}, sites=sites)
    losses = rm.simulate(of, 50, seed=1)
    text = _section(losses, of)
    assert not {"script", "img"} & {tag for tag, _ in read(text).elements}
    assert "&lt;script&gt;" in text
