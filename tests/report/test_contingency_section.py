"""The section on single and double failures, and the picture of what a lab hangs on."""

from __future__ import annotations

import dataclasses
import itertools
import re
from xml.etree import ElementTree

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.decisions.contingency.table import worst_losses
from riskmodel.errors import RiskModelError
from riskmodel.report import contingency
from riskmodel.report.context import Context
from riskmodel.report.dependency_picture import as_frame, drawing, write_picture
from riskmodel.report.page import whole_page
from tests.engine.small import world as small
from tests.report.conftest import make_world

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> $\\frac{1}{0$'


def section(world: rm.World, losses: rm.Losses, **how) -> str:
    return str(contingency.build(Context(losses, world, **how)).body)


def test_numbers_are_those_of_the_frame_and_the_page_holds_them(world, losses):
    body = section(world, losses)
    rows = dict(re.findall(r'<tr data-lab="(\w+)">(.*?)</tr>', body, re.DOTALL))
    assert set(rows) == {"alpha", "beta"}  # nobody is told of who holds nothing
    frame = rm.contingency(world, "beta", 1, kinds=["grid"])
    shown = [float(each) for each in re.findall(r'<data value="([^"]+)"', rows["beta"])]
    assert shown == pytest.approx(frame["lost_share"].tolist())
    assert "Secret" not in body  # places go by the name of their region
    assert "1: ERCOT grid" in rows["alpha"]
    assert "2: ERCOT grid, PJM grid" in rows["beta"]
    page = whole_page(title="t", about=[], figures=[],
                      sections=[contingency.build(Context(losses, world))])
    assert '<section id="contingency"' in page
    assert page.count("<circle") == 2  # the worst grid of either lab


def test_sites_are_named_when_they_are_asked_for(world, losses):
    assert "Texas Secret Hall" in section(world, losses, sites=True)


def test_without_a_world_it_says_so(losses):
    bare = dataclasses.replace(losses, world=None)
    assert "was not given" in str(contingency.build(Context(bare, None)).body)


def test_hostile_names_do_no_harm(tmp_path):
    made = make_world({"alpha": HOSTILE, "beta": "Beta", "idle": "Idle"})
    made = dataclasses.replace(made, nodes=made.nodes.assign(name=HOSTILE))
    body = section(made, rm.simulate(made, 50, 1))
    assert "<script" not in body
    assert "<img" not in body
    picture = write_picture(made, "alpha", tmp_path / "a.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(picture)
    assert "<script" not in picture


def test_the_picture_of_a_notebook_is_that_of_the_file(world):
    figure = rm.dependency_picture(world, "beta")
    told = [text.get_text() for text in figure.texts]
    assert told[0] == "What Beta & Co hangs on"
    assert told[1].startswith("65 MW IT")
    boxes = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "ERCOT grid  38%" in boxes
    with pytest.raises(rm.RiskModelError, match="nothing to draw"):
        rm.dependency_picture(world, "idle")


def test_the_picture_is_the_same_file_each_time_and_has_every_box(world, tmp_path):
    one, two = (write_picture(world, "beta", tmp_path / name) for name in ("a.svg", "b.svg"))
    assert one.read_bytes() == two.read_bytes()
    assert write_picture(world, "beta", tmp_path / "c.png").read_bytes()[:4] == b"\x89PNG"
    frame = as_frame(drawing(world, "beta")).set_index("name")
    assert frame["share"].to_dict() == pytest.approx({
        "a site in ERCOT": 25 / 65, "a site in PJM": 40 / 65, "ERCOT grid": 25 / 65,
        "PJM grid": 40 / 65})
    assert frame["column"].tolist() == [0, 0, 1, 1]
    named = as_frame(drawing(world, "beta", sites=True))
    assert {"Texas Secret Hall", "Ohio Secret Hall"} < set(named["name"])


def test_boxes_of_one_column_do_not_overlap_and_bands_stay_in_their_box():
    rows = [("s", "power", "f"), ("t", "power", "f"), ("u", "power", "h"), ("f", "grid", "g"),
            ("h", "grid", "g"), ("g", "loop", "k"), ("k", "loop", "g", {"share": 0.5})]
    made = drawing(small(*rows, sites=("s", "t", "u")), "lab", sites=True)
    for column in range(made.columns):
        boxes = sorted((box for box in made.boxes.values() if box.column == column),
                       key=lambda box: box.top)
        for above, below in itertools.pairwise(boxes):
            assert above.top + above.height <= below.top
    assert all(0 < width <= 1 and 0 < need <= 1 for _, _, width, need in made.bands)


def test_what_cannot_be_drawn_is_refused(world):
    with pytest.raises(RiskModelError, match="holds no capacity"):
        drawing(world, "idle")
    with pytest.raises(RiskModelError, match="no lab 'gamma'"):
        drawing(world, "gamma")
    many = [(f"s{i}", "power", f"f{i}") for i in range(50)]
    big = small(*many, sites=tuple(f"s{i}" for i in range(50)))
    with pytest.raises(RiskModelError, match="draw it without sites"):
        drawing(big, "lab", sites=True)


def test_what_is_the_same_to_a_lab_stands_in_one_row():
    made = small(("s", "power", "f"), ("f", "grid", "g"), ("t", "power", "h"), ("t", "power", "k"),
                 ("u", "cloud", "c", {"share": 0.5}), sites=("s", "t", "u", "v"))
    kinds = {"f": "feed", "g": "grid", "h": "feed", "k": "feed", "c": "cloud"}
    made = dataclasses.replace(made, nodes=made.nodes.assign(kind=made.nodes["node_id"].map(kinds)))
    found = worst_losses(made, threshold=0.2)
    assert found.singles[["node_a", "also_a"]].to_numpy().tolist() == [["g", ("f",)]]
    # h and k take nothing alone: they are not the same, they are a pair
    assert found.pairs[["node_a", "node_b", "also_b"]].to_numpy().tolist() == [["h", "k", ()]]
    lower = worst_losses(made, threshold=0.125 + 0.25)
    told = {(row.node_a, row.node_b): row.also_a for row in lower.pairs.itertuples()}
    assert told == {("g", "c"): ("f",)}
    with_places = worst_losses(made, threshold=0.2, places=True)
    assert with_places.singles["also_a"].tolist()[0] == ("f", "s")
    assert worst_losses(made, order=1).pairs.empty
    assert isinstance(found.by_kind, pd.DataFrame)
    assert set(found.by_kind["kind_a"]) == {"grid", "feed", "cloud"}
