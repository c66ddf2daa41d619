"""What is drawn are the numbers of the measures, and what cannot be drawn says why."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel import figures
from riskmodel.engine.long import long_run
from riskmodel.engine.long.long_run import Layout
from riskmodel.errors import RiskModelError
from riskmodel.figures.palette import HEAT, colours, tint
from riskmodel.figures.sheet import sheet
from riskmodel.report.curves import periods
from riskmodel.report.heat import SHADES


def test_the_curve_and_its_band_are_those_of_the_measure(losses):
    axis = figures.exceedance(losses, "beta", basis="aep").axes[0]
    grid = periods(losses.n_years)
    found = rm.exceedance(losses, "aep", return_periods=grid)
    found = found[found["lab"] == "beta"].dropna(subset=["lost_mw_days"])
    x, y = axis.lines[0].get_data()
    np.testing.assert_allclose(x, found["return_period"])
    np.testing.assert_allclose(y, found["lost_mw_days"])
    edge = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert edge.max() == pytest.approx((found["lost_mw_days"] + 1.96 * found["se"]).max())
    assert axis.get_xscale() == "log"


def test_bars_add_up_to_the_measure_and_carry_their_errors(losses):
    axis = figures.contributions(losses, "peril").axes[0]
    aal = rm.measure(losses, by="total", measures="aal")["value"].iloc[0]
    assert sum(bar.get_width() for bar in axis.patches) == pytest.approx(aal)
    found = rm.contributions(losses, by="peril")
    errors = [np.ptp(path.vertices[:, 0]) / 2 for path in axis.collections[0].get_paths()]
    np.testing.assert_allclose(errors, 1.959964 * found["se"][found["value"] > 0], rtol=1e-5)


def test_what_is_left_is_one_bar_and_the_sum_stays(losses):
    axis = figures.contributions(losses, "region", most=1).axes[0]
    whole = figures.contributions(losses, "region").axes[0]
    assert len(axis.patches) == 2
    assert sum(bar.get_width() for bar in axis.patches) == pytest.approx(
        sum(bar.get_width() for bar in whole.patches))
    assert axis.get_yticklabels()[-1].get_text().endswith("more")


def test_one_year_adds_up_to_its_loss(losses):
    year = int(losses.years.groupby("year")["lost_mw_days"].sum().idxmax())
    axis = figures.year(losses, year).axes[0]
    x, y = axis.lines[0].get_data()
    lost = losses.years.loc[losses.years["year"] == year, "lost_mw_days"].sum()
    assert (np.asarray(y)[:-1] * np.diff(x)).sum() == pytest.approx(lost)


def test_a_story_has_a_course_and_no_curve(world):
    story = rm.stress(world, [rm.Event("storm", "ERCOT", [rm.OwnOutage("tex", 0.0, 240.0)])])
    told = figures.note(figures.year(story))
    assert told.name == "story"
    assert "nothing drawn" in told.about.line
    assert figures.contributions(story).axes[0].get_xlabel() == "loss of the story, MW-days"
    with pytest.raises(RiskModelError, match="a story has no frequency"):
        figures.exceedance(story)


def test_the_map_has_a_mark_for_each_region_and_no_site(losses):
    figure = figures.world_map(losses)
    shown = " ".join(text.get_text() for text in figure.findobj(mpl.text.Text))
    assert "ERCOT" in shown
    assert "Secret" not in shown
    circles = [p for p in figure.axes[0].patches if isinstance(p, mpl.patches.Circle)]
    big, small = sorted((c.get_radius() for c in circles[:2]), reverse=True)
    assert (big / small) ** 2 == pytest.approx(100.0 / 40.0, rel=1e-6)  # areas, ERCOT and PJM


def test_land_is_drawn_from_the_shipped_outlines():
    world = rm.read_world()
    losses = rm.stress(world, [rm.Event("grid_outage", "ERCOT", [
        rm.OwnOutage("grid:ERCOT", 0.0, 48.0)])])
    axis = figures.world_map(losses).axes[0]
    land = axis.collections[1]
    assert len(land.get_paths()) > 150  # countries


def test_cells_of_a_story_are_those_of_the_table(answers):
    table = answers["stress"]
    axis = figures.stress_heat(table).axes[0]
    cells = [text.get_text() for text in axis.texts]
    total = table.loc[table["lab"] == "total", "lost_mw_days"].iloc[0]
    assert cells[-1] == f"{float(f'{total:.2g}'):g}"
    assert len(cells) == (table["capacity_mw"] > 0).sum()


def test_a_difference_is_drawn_with_its_interval(answers):
    table = answers["compare"]
    axis = figures.difference(answers["compare"], figures.About(1, 1, "2026-01-01")).axes[0]
    row = table[(table["measure"] == "aal") & (table["lab"] == "total")].iloc[0]
    assert axis.lines[1].get_xdata() == pytest.approx([row["low"], row["high"]])
    assert axis.lines[2].get_xdata() == pytest.approx([row["difference"]])


def test_firm_mw_is_that_of_the_table(answers, losses):
    found = answers["diversification"]
    axis = figures.firm_mw(found, losses).axes[0]
    row = found.table.query("lab == 'beta' and comparison == 'spread' and measure == 'efc'").iloc[0]
    assert axis.lines[0].get_xdata() == pytest.approx([row["low"], row["high"]])


def test_run_days_are_those_of_the_table(answers, losses):
    frame = answers["training"]
    axis = figures.training(frame, losses, lab="beta").axes[0]
    rows = frame.query("lab == 'beta' and quantity == 'lost_run_days' and measure == 'tvar'")
    dots = [line.get_xdata()[0] for line in axis.lines if len(line.get_xdata()) == 1]
    assert sorted(dots) == pytest.approx(sorted(rows["value"]))


def test_colours_are_the_reports():
    assert colours()["c2"] == "#2f6fa8"
    assert len([name for name in colours() if name.startswith("c")]) == 8
    assert tint("c1", 0.0) == "#ffffff"
    assert tint("c1", 1.0) == colours()["c1"]
    assert len(HEAT) == len(SHADES)


@pytest.mark.parametrize(("call", "says"), [
    (lambda losses: figures.exceedance(losses, "gamma"), "gamma"),
    (lambda losses: figures.exceedance(losses, basis="ep"), "aep, oep or both"),
    (lambda losses: figures.exceedance(losses, "idle"), "no loss of idle was seen"),
    (lambda losses: figures.exceedance(losses, size="huge"), "single, double, slide"),
    (lambda losses: figures.exceedance(losses, width_mm=3), "60 to 600 mm"),
    (lambda losses: figures.contributions(losses, "weather"), "by is 'weather'"),
    (lambda losses: figures.contributions(losses, lab="idle"), "lost nothing"),
    (lambda losses: figures.convergence(losses, lab="idle"), "no loss of idle"),
    (lambda losses: figures.world_map(losses, view="moon"), "world, us"),
    (lambda losses: figures.year(losses, 99_999), "1199"),
    (lambda losses: figures.training(pd.DataFrame(), losses, measure="var"), "aal or tvar"),
    (lambda losses: figures.about(rm.read_world()), "give n="),
    (lambda losses: figures.note(mpl.figure.Figure()), "not made by riskmodel.figures"),
])
def test_what_cannot_be_drawn_says_why(losses, call, says):
    with pytest.raises(RiskModelError, match=says):
        call(losses)


def test_a_bare_year_table_has_curves_and_no_causes():
    frame = pd.DataFrame({"year": range(200), "lab": "a", "lost_mw_days": np.arange(200.0)})
    losses = rm.Losses.from_years(frame, 400)
    told = figures.note(figures.exceedance(losses, "a", basis="aep"))
    assert "seed not given" in told.about.line
    assert "world without a date" in told.about.line
    with pytest.raises(RiskModelError, match="cause"):
        figures.contributions(losses)


def test_weighted_years_are_drawn_and_say_so():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"year": range(400), "lab": "a", "lost_mw_days": rng.exponential(9, 400)})
    weights = np.where(np.arange(400) % 2, 0.5, 1.5)
    losses = rm.Losses.from_years(frame, 400, weights=weights)
    figure = figures.exceedance(losses, basis="aep")
    assert "years weighted" in figures.note(figure).about.line
    found = rm.exceedance(losses, "aep", by="total", return_periods=periods(400))
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(),
                               found["lost_mw_days"].dropna())


def test_a_long_run_is_drawn_from_all_its_years_or_says_from_which(world, monkeypatch):
    monkeypatch.setattr(long_run, "LAYOUT", Layout(2048, 1500, 300))
    run = rm.simulate(world, years=4100, seed=3, most_in_memory=3000)
    assert isinstance(run, rm.LongRun)
    of = {name: figures.note(make()).about.n for name, make in {
        "curve": lambda: figures.exceedance(run),
        "parts": lambda: figures.contributions(run),
        "tail": lambda: figures.contributions(run, measure="tvar", level=0.99),
        "map": lambda: figures.world_map(run), "year": lambda: figures.year(run),
        "steadiness": lambda: figures.convergence(run)}.items()}
    assert of["curve"] == of["parts"] == 4100
    assert of["tail"] == of["map"] == of["year"] == of["steadiness"] == run.first.n_years
    aal = rm.measure(run, by="total", measures="aal")["value"].iloc[0]
    assert sum(bar.get_width() for bar in figures.contributions(run).axes[0].patches
               ) == pytest.approx(aal)


def test_a_wide_figure_has_room_for_more_letters():
    assert sheet("double").letters(0.3) > sheet("single").letters(0.3)
    assert sheet("slide").rows(100) < 20
    assert sheet("single").rows(100) == 100
