"""Every figure has units, n, seed and day, in every size, and leaves matplotlib as it was."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from riskmodel import __version__, figures
from riskmodel.figures.sheet import SIZES

NAMES = sorted(figures.FIGURES)
#: those whose ticks matplotlib chooses, names and panels among them
QUICK = {"contributions", "convergence", "difference"}
#: what an axis or a mark may be counted in; "" counts names
UNITS = {"years", "MW-days", "MW-days a year", "MW IT", "MW", "GW", "days", "hours", "%", "ratio",
         "date", "share of years", ""}


def texts(figure):
    """Return every text that can be seen on the figure."""
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_visible()
            and text.get_text()]


def test_the_walk_holds_every_figure(draw):
    assert sorted(draw) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_units_and_the_foot_line_are_on_the_figure(drawn, name):
    figure = drawn(name)
    told, shown = figures.note(figure), texts(figure)
    foot = next(text.get_text() for text in figure.texts if text.get_gid() == "foot")
    assert foot.replace("\n", " · ") == told.about.line
    if told.about.of == "story":
        assert told.about.seed is None
        assert "nothing drawn" in foot
    else:
        assert f"n = {told.about.n:,} {told.about.of}" in foot
        assert f"seed {told.about.seed}" in foot
        assert told.about.n > 0
    assert told.about.as_of
    assert told.about.as_of in foot
    assert f"riskmodel {__version__}" in foot
    assert set(told.units.values()) <= UNITS
    assert any(told.units.values())
    # a unit stands on its axis; marks of a map and cells of a table in the key or below them
    for axis in ("x", "y"):
        unit = told.units.get(axis, "")
        labels = [getattr(each, f"get_{axis}label")() for each in figure.axes]
        if unit and unit != "date":
            assert any(unit in label for label in labels), (name, axis, labels)
    for mark in set(told.units) - {"x", "y"}:
        assert any(told.units[mark] in text for text in shown), (name, mark)


@pytest.mark.parametrize("name", NAMES)
def test_the_caption_can_be_pasted(drawn, name):
    told = figures.note(drawn(name))
    assert told.caption[0].isupper()
    assert told.caption.endswith(".")
    assert "\n" not in told.caption
    assert "nan" not in told.caption.lower().split()
    assert told.whole_caption.endswith(f"riskmodel {__version__}.")


@pytest.mark.parametrize("size", ["single", *(pytest.param(size, marks=pytest.mark.slow)
                                              for size in SIZES if size != "single")])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_and_letters_can_be_read(draw, name, size):
    figure = draw[name](size=size)
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(SIZES[size][0])
    if size == "slide" and not name.endswith("map"):
        width, height = figure.get_size_inches()
        assert width / height == pytest.approx(16 / 9, rel=1e-6)
    page = figure.bbox
    beyond = _beyond(figure)
    for text in figure.findobj(mpl.text.Text):
        if not (text.get_visible() and text.get_text()) or text in beyond:
            continue
        assert text.get_fontsize() >= 5.25
        box = text.get_window_extent()
        assert box.x0 >= page.x0 - 2, text
        assert box.x1 <= page.x1 + 2, text
        assert box.y0 >= page.y0 - 2, text
        assert box.y1 <= page.y1 + 2, text
    for tick in (text for axis in figure.axes for text in axis.get_xticklabels()):
        assert "$" not in tick.get_text()


def _beyond(figure):
    """Return the labels of ticks beyond the limits of their axes, which matplotlib keeps."""
    axes = [axis for each in figure.axes for axis in (each.xaxis, each.yaxis)]
    kept = {text for axis in axes for tick in (*axis.majorTicks, *axis.minorTicks)
            for text in (tick.label1, tick.label2)}
    shown = {text for axis in axes if axis.axes.axison for tick in axis._update_ticks()
             for text in (tick.label1, tick.label2)}
    return kept - shown


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(
    name, marks=pytest.mark.slow) for name in NAMES])
def test_the_users_settings_neither_reach_it_nor_change(draw, name, tmp_path):
    calm = figures.write(draw[name](), tmp_path / "calm.svg").read_bytes()
    wild = {"font.size": 31.0, "axes.facecolor": "red", "text.parse_math": True,
            "savefig.bbox": "tight", "svg.fonttype": "none", "axes.grid": True,
            "xtick.labelsize": 30, "lines.linewidth": 9.0, "font.family": ["serif"]}
    with mpl.rc_context(wild):
        before = dict(mpl.rcParams)
        figure = draw[name]()
        assert dict(mpl.rcParams) == before
        assert figures.write(figure, tmp_path / "wild.svg").read_bytes() == calm
    assert plt.get_fignums() == []


def test_a_width_of_ones_own(draw):
    assert draw["exceedance"](width_mm=120).get_size_inches()[0] * 25.4 == pytest.approx(120)
