"""Text from data on a figure is text: never mathematics, never markup, and never endless."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import riskmodel as rm
from riskmodel import figures
from riskmodel.figures.labels import MISSING, label
from tests.hostile import TEXTS, hostile_world

#: control characters and the marks that turn a line around
UNSEEN = set("\x00\x07\x1b\n\r\u2028\u202e\u2066\u200f\u200b")


@pytest.fixture(scope="module")
def losses() -> rm.Losses:
    return rm.simulate(hostile_world(), years=300, seed=1, adequacy=False)


@pytest.mark.parametrize("size", ["single", pytest.param("slide", marks=pytest.mark.slow)])
@pytest.mark.parametrize("make", [
    lambda losses, **how: figures.exceedance(losses, list(losses.labs[:2]), **how),
    lambda losses, **how: figures.contributions(losses, "peril", **how),
    lambda losses, **how: figures.contributions(losses, "lab", **how),
    lambda losses, **how: figures.contributions(losses, "site", **how),
    lambda losses, **how: figures.world_map(losses, **how),
    lambda losses, **how: figures.year(losses, **how)],
    ids=["exceedance", "peril", "lab", "site", "map", "year"])
def test_hostile_names_do_no_harm(losses, tmp_path, make, size):
    figure = make(losses, size=size)
    page = figure.bbox
    for text in figure.findobj(mpl.text.Text):
        assert not text.get_text() or not text.get_parse_math()
        assert len(text.get_text()) < 200
        assert not UNSEEN & set(text.get_text()) or text.get_gid() == "foot"
        if text.get_text() and text.get_visible() and text.get_in_layout():
            assert text.get_window_extent().width <= page.width
    written = figures.write(figure, tmp_path / "a.svg").read_text("utf-8")
    assert "<script" not in written
    assert len(figures.note(figure).whole_caption) < 1500


def test_dollars_stand_as_they_are(losses):
    figure = figures.contributions(losses, "lab", size="double")
    shown = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert any(text.startswith("{{ 7 * 7 }}{% raw %}$") for text in shown)


def test_letters_that_the_font_lacks():
    assert label("百度", 20, "baidu") == "baidu"
    assert label("百度 Lab", 20, "百") == f"{MISSING}{MISSING} Lab"
    assert label("Zürich — Łódź", 20, "z") == "Zürich — Łódź"
    assert label(TEXTS["long"], 12) == "x" * 11 + "…"
    assert label(r"$x^2$ and $\nosuch{", 30) == r"$x^2$ and $\nosuch{"
