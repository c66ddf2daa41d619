"""A long run, forced small: the measures of the same years in memory, and its files."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import riskmodel as rm
from riskmodel.engine.kept.block_store import BlockStore, OtherRunError, years_in
from riskmodel.engine.long import long_run
from riskmodel.engine.long.accumulators import Accumulators
from riskmodel.engine.long.long_run import Layout, LongRun
from riskmodel.engine.long.ranked import RELATIVE_ERROR
from riskmodel.engine.losses.by_site import losses_by_site
from tests.engine.test_block_store import Stopped, place, stop_after
from tests.engine.unsure import Sampled, Storms, spec_of, stated
from tests.file_digests import digests

YEARS = 13_000  # four parts of two blocks, the last short
TOP = 300
SAME = 1e-9  # of what is exact, up to the order of sums
WORLDS = 7


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_run, "LAYOUT", Layout(4096, 3000, TOP))


def run(keep: Path | None = None, **how) -> LongRun:
    found = rm.simulate(place(), **{"years": YEARS, "seed": 3, "most_in_memory": 5000,
                                    "keep": keep, **how})
    assert isinstance(found, LongRun)
    return found


def several() -> dict:
    return {"worlds": WORLDS, "perils": [
        Storms(spec_of("storm", stated(1.0, 2.0, 4.0))),
        Sampled(spec_of("fire", stated(0.1, 0.2, 0.4)), node="t")]}


@pytest.fixture(scope="module", params=["one world", "several worlds"])
def how(request) -> dict:
    return {} if request.param == "one world" else several()


@pytest.fixture(scope="module")
def memory(how) -> rm.Losses:
    return rm.simulate(place(), years=YEARS, seed=3, **how)


@pytest.fixture(scope="module")
def long(how, tmp_path_factory) -> LongRun:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_run, "LAYOUT", Layout(4096, 3000, TOP))
        return run(tmp_path_factory.mktemp("kept") / "k", events=True, **how)


def close(got, true, rel: float) -> None:
    np.testing.assert_allclose(got.to_numpy(float), true.to_numpy(float), rtol=rel, atol=1e-12)


# ---------------------------------------------------------------- measures


@pytest.mark.parametrize("by", ["lab", "total"])
def test_the_measures_are_those_of_the_same_years_in_memory(memory, long, by):
    got, true = (rm.measure(each, by=by) for each in (long, memory))
    assert got[["lab", "measure", "unit", "n", "booking", "worlds"]].equals(
        true[["lab", "measure", "unit", "n", "booking", "worlds"]])
    tail = got["measure"].isin(["aep", "oep", "var", "tvar"])
    count = np.where(got["measure"].isin(["aep", "oep"]), YEARS / got["level"],
                     YEARS * (1 - got["level"]))
    top = ~tail | (np.nan_to_num(count) <= TOP - 1)
    assert (tail & top).any() and (tail & ~top).any()  # noqa: PT018
    close(got["value"][top], true["value"][top], SAME)
    close(got["value"][~top], true["value"][~top], RELATIVE_ERROR)
    # the slope of a quantile and its interval look further down than the quantile
    inner = ~tail | (np.nan_to_num(count) <= TOP / 4)
    for name in ("se", "low", "high"):
        close(got[name][inner], true[name][inner], SAME)
        known = ~inner & got[name].notna()
        close(got[name][known], true[name][known], 5 * RELATIVE_ERROR)
    means = ~tail
    for name in ("band", "band_low", "band_high"):
        close(got[name][means], true[name][means], 1e-6)
        assert got[name][tail].isna().all()
    assert got["note"][means].equals(true["note"][means])


def test_what_several_worlds_do_not_keep_is_nan_and_says_why(long):
    if long.worlds == 1:
        pytest.skip("of several worlds")
    found = rm.measure(long, by="total", measures=["aep"], return_periods=[10, 1000])
    below, above = found.iloc[0], found.iloc[1]
    assert np.isnan(below["se"]) and "not kept so far down" in below["note"]  # noqa: PT018
    assert above["se"] > 0 and np.isnan(above["band"])  # noqa: PT018
    assert "no band of return periods and tails" in above["note"]


@pytest.mark.parametrize("basis", ["aep", "oep"])
def test_the_curves_are_those_of_the_same_years_in_memory(memory, long, basis):
    for by in ("lab", "total"):
        got, true = (rm.exceedance(each, basis=basis, by=by) for each in (long, memory))
        assert got["return_period"].equals(true["return_period"])
        close(got["lost_mw_days"], true["lost_mw_days"], RELATIVE_ERROR)


@pytest.mark.parametrize("by", ["peril", "region", "node", "lab"])
@pytest.mark.parametrize("lab", [None, "lab t"])
def test_contributions_to_the_aal_are_those_of_the_same_years_in_memory(memory, long, by, lab):
    got, true = (rm.contributions(each, by=by, lab=lab) for each in (long, memory))
    assert_frame_equal(got, true, rtol=SAME, check_dtype=False, check_categorical=False)


def test_contributions_to_a_tail_are_those_of_the_first_years(long):
    got = rm.contributions(long, measure="tvar", level=0.9, by="peril")
    assert_frame_equal(got, rm.contributions(long.first, measure="tvar", level=0.9, by="peril"))
    assert set(got["n"]) == {long.first.n_years} == {3000 - 3000 % long.worlds}


def test_the_first_years_are_an_ordinary_run(how, long):
    short = rm.simulate(place(), years=long.first.n_years, seed=3, **how)
    for table in ("years", "causes", "adequacy", "events"):
        assert_frame_equal(getattr(long.first, table), getattr(short, table), check_exact=True)
    assert_frame_equal(rm.measure(long.first), rm.measure(short), check_exact=True)
    year = int(short.years["year"].iloc[-1])
    assert rm.replay(long.first, year).losses.equals(rm.replay(short, year).losses)


def test_any_year_can_be_told_again(memory, long):
    year = int(memory.years["year"].iloc[-1])
    told = rm.replay(long, year).losses["lost_mw_days"].sum()
    assert told == pytest.approx(
        memory.years.query("year == @year")["lost_mw_days"].sum(), rel=1e-9)


# ---------------------------------------------------------------- accumulators


def test_blocks_merged_in_their_order_are_one_pass(memory, long):
    """Two accumulators, of the years before and after some block, make that of all."""
    from riskmodel.engine.plan.plan import make_plan
    from riskmodel.engine.run.runner import run_block
    from riskmodel.engine.run.simulation import spans_of
    from riskmodel.perils.registry import load_perils

    if long.worlds > 1:
        pytest.skip("one world is enough")
    world = place()
    plan = make_plan(world, load_perils(world, None), seed=3, horizon_h=8760.0, cap_h=17520.0)
    names = {"peril": plan.perils, "region": plan.regions, "node": plan.nodes}
    spans = spans_of(plan, "occurrence", True)
    whole, one, two = (Accumulators(plan.labs, 1, TOP) for _ in range(3))
    for first in range(0, 6000, 1000):
        rows = run_block(plan, first, 1000, spans)
        whole.take(rows, 1000, names)
        (one if first < 2000 else two).take(rows, 1000, names)
    one.merge(two)
    assert one.years == whole.years == 6000
    for (name, got), true in zip(one.arrays()[1].items(), whole.arrays()[1].values(), strict=True):
        np.testing.assert_allclose(got, true, rtol=1e-12, err_msg=name)


# ---------------------------------------------------------------- what it keeps, what it refuses


def test_tables_of_years_refuse_and_say_what_to_do(long):
    for ask in (lambda: long.years["lab"], lambda: len(long.causes), lambda: long.events.groupby,
                lambda: list(long.adequacy), lambda: rm.convergence(long, "aal"),
                lambda: rm.exceedance(long, basis="oep", occurrence="campaign"),
                lambda: rm.compare(long, long)):
        with pytest.raises(rm.RiskModelError, match=r"run\.first.*read_losses\(folder, years="):
            ask()
    with pytest.raises(rm.RiskModelError, match=r"not by peril, region; give run\.first"):
        rm.contributions(long, by=["peril", "region"])
    with pytest.raises(rm.RiskModelError, match="lab is 'lab x'"):
        rm.contributions(long, lab="lab x")
    for again in (rm.site_courses, losses_by_site):
        with pytest.raises(rm.RiskModelError, match=r"all 13,000 years of a long run.*run\.first"):
            again(long)
    assert "LongRun(n_years=13000" in repr(long)


def test_without_a_folder_there_is_no_year_table(tmp_path):
    bare = run(years=6000)
    assert bare.folder is None
    back = rm.read_losses(bare.to_parquet(tmp_path / "o"))
    assert_frame_equal(rm.measure(back), rm.measure(bare), check_exact=True)
    with pytest.raises(rm.RiskModelError, match="kept no year table"):
        rm.read_losses(tmp_path / "o", years=(0, 10))


def test_the_parts_hold_every_year(memory, long, tmp_path):
    folder = long.to_parquet(tmp_path / "o")
    back = rm.read_losses(folder)
    assert isinstance(back, LongRun)
    for by in ("lab", "total"):
        assert_frame_equal(rm.measure(back, by), rm.measure(long, by), check_exact=True)
    start = 5000 - 5000 % long.worlds
    some = rm.read_losses(folder, years=(start, 9000))
    assert some.n_years == 9000 - start
    for table in ("years", "adequacy"):
        true = getattr(memory, table).query("year >= @start and year < 9000")
        true = true.assign(year=true["year"] - start)
        assert_frame_equal(getattr(some, table), true.reset_index(drop=True), check_exact=True)
    true = memory.causes.query("year >= @start and year < 9000")
    true = true.assign(year=true["year"] - start)
    columns = ["year", "lab", "peril", "region", "node"]
    order = [*columns, "lost_mw_days"]
    got, true = (frame[order].astype(dict.fromkeys(columns[1:], str)).sort_values(
        order, ignore_index=True) for frame in (some.causes, true))
    assert_frame_equal(got, true, check_exact=True)
    assert set(some.causes["event"]) <= set(some.events["event"])
    with pytest.raises(rm.RiskModelError, match="came in as a year table"):
        rm.replay(some, 1)
    aal = rm.measure(some, by="total", measures=["aal"])["value"].item()
    assert aal == pytest.approx(some.years["lost_mw_days"].sum() / some.n_years)
    assert rm.convergence(some, "aal")["n"].max() == some.n_years
    for wrong in ((0, YEARS + 1), (9, 9)):
        with pytest.raises(rm.RiskModelError, match="within them"):
            rm.read_losses(folder, years=wrong)


def test_damage_to_a_written_long_run_is_noticed(long, tmp_path):
    folder = long.to_parquet(tmp_path / "o")
    book = folder / "all_years.sealed"
    book.write_bytes(book.read_bytes()[:-9])
    with pytest.raises(rm.RiskModelError, match="missing or damaged"):
        rm.read_losses(folder)
    long.to_parquet(folder)
    (folder / "years" / "part-000001.parquet").unlink()
    with pytest.raises(rm.RiskModelError, match=r"part-000001\.parquet is missing"):
        rm.read_losses(folder)


# ---------------------------------------------------------------- going on


@pytest.mark.parametrize("after", [1, 5000])
def test_goes_on_with_the_same_bytes(how, long, tmp_path, after):
    straight = long.to_parquet(tmp_path / "straight")
    with pytest.raises(Stopped):
        run(tmp_path / "k", events=True, progress=stop_after(after), **how)
    kept = years_in(tmp_path / "k")
    assert after <= kept < YEARS
    with pytest.raises(Stopped):  # and again
        run(tmp_path / "k", events=True, progress=stop_after(max(after, kept) + 1), **how)
    again = run(tmp_path / "k", events=True, **how)
    assert digests(again.to_parquet(tmp_path / "again")) == digests(straight)


def test_blocks_of_finished_parts_are_let_go(tmp_path):
    with pytest.raises(Stopped):
        run(tmp_path / "k", progress=stop_after(9000))
    names = sorted(path.stem for path in (tmp_path / "k" / "blocks").iterdir())
    assert names == ["8192-2048"]
    assert sorted(path.name for path in (tmp_path / "k" / "parts" / "years").iterdir()
                  if not path.name.startswith(".")) == ["part-000000.parquet",
                                                        "part-000001.parquet"]


@pytest.mark.parametrize("harm", ["part", "state", "block", "first"])
def test_damaged_files_are_made_anew(tmp_path, harm):
    straight = run(tmp_path / "s").to_parquet(tmp_path / "straight")
    keep = tmp_path / "k"
    with pytest.raises(Stopped):
        run(keep, progress=stop_after(9000))
    path = {"part": keep / "parts" / "years" / "part-000000.parquet",
            "state": keep / "state.sealed", "block": keep / "blocks" / "8192-2048.block",
            "first": keep / "parts" / "first" / "losses.json"}[harm]
    path.write_bytes(path.read_bytes()[:-50]) if harm != "first" else path.unlink()
    again = run(keep).to_parquet(tmp_path / "again")
    assert digests(again) == digests(straight)


def test_more_years_go_on_from_the_whole_parts(tmp_path, monkeypatch):
    straight = run(tmp_path / "s").to_parquet(tmp_path / "straight")
    run(tmp_path / "k", years=9000)
    ran = []
    save = BlockStore.save
    monkeypatch.setattr(BlockStore, "save",
                        lambda self, name, part: (ran.append(name), save(self, name, part))[1])
    again = run(tmp_path / "k").to_parquet(tmp_path / "again")
    assert ran == ["8192-2048", "10240-2048", "12288-712"]
    assert digests(again) == digests(straight)


def test_other_tables_or_another_layout_are_refused(tmp_path, monkeypatch):
    with pytest.raises(Stopped):
        run(tmp_path / "k", progress=stop_after(9000))
    with pytest.raises(OtherRunError, match="tables years, adequacy -> years, adequacy, causes,"):
        run(tmp_path / "k", events=True)
    monkeypatch.setattr(long_run, "LAYOUT", Layout(4096, 3000, TOP + 1))
    with pytest.raises(OtherRunError, match="top 300 -> 301"):
        run(tmp_path / "k")


# ---------------------------------------------------------------- the report


def test_the_report_says_what_it_is_made_from(long, tmp_path):
    if long.worlds > 1:
        pytest.skip("one world is enough")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.BeyondSpanWarning)
        text = rm.write_report(long, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "are of all 13,000 years; what explains them in other sections is made from the first " \
           "3,000 of them" in text
    aal = rm.measure(long, by="total", measures=["aal"])["value"].item()
    assert f'data-value="{aal!r}"' in text or f"{aal:.1f}" in text
    with pytest.raises(rm.RiskModelError, match="from 0 to 2999"):
        rm.write_report(long, tmp_path / "r.html", story_year=5000)


def test_a_run_at_the_limit_is_not_long():
    assert not isinstance(rm.simulate(place(), years=50, most_in_memory=50), LongRun)
    assert isinstance(rm.simulate(place(), years=51, most_in_memory=50), LongRun)
    frame: pd.DataFrame = rm.simulate(place(), years=50, most_in_memory=50).years
    assert len(frame)
