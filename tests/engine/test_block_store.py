"""Finished blocks are kept, taken up, refused and, where they are damaged, run anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import riskmodel as rm
from riskmodel.engine.kept import block_store
from riskmodel.engine.kept.block_store import BlockStore, OtherRunError, forget
from riskmodel.engine.kept.sealed import Damaged, read_sealed, write_sealed
from tests.engine.small import lab_per_site, table
from tests.engine.unsure import Sampled, Storms, spec_of, stated

YEARS = 5000  # three blocks
TABLES = ("years", "causes", "events", "adequacy")


def place(depth: float = 0.7) -> rm.World:
    """Two sites on one grid, one with a battery; storms strike the grid, fires a hall."""
    return lab_per_site(
        ("s", "power", "g", {"ride_through_h": 6.0}), ("t", "power", "g"), sites=("s", "t"),
        events=table({"event_id": "gale", "node_id": "g", "rate_per_yr": 0.5, "depth": depth,
                      "duration_dist": "lognormal", "duration_h": 40.0, "duration_shape": 1.0},
                     {"event_id": "fire", "peril": "fire", "node_id": "s", "rate_per_yr": 0.1,
                      "duration_h": 300.0, "part": "hall", "depth": 0.5}))


class Stopped(Exception):
    """The run is stopped here."""


def stop_after(years: int):
    """Return a progress that stops the run when so many years are done."""
    def progress(done: int, total: int) -> None:
        if done >= years:
            raise Stopped
    return progress


def run(keep: Path | None = None, world: rm.World | None = None, **how) -> rm.Losses:
    return rm.simulate(world or place(), **{"years": YEARS, "seed": 3, "keep": keep, **how})


def same(one: rm.Losses, other: rm.Losses) -> None:
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert dict(one.manifest) == dict(other.manifest)


@pytest.fixture(scope="module")
def whole() -> rm.Losses:
    return run()


def stopped(keep: Path, after: int = 1, **how) -> list[Path]:
    with pytest.raises(Stopped):
        run(keep, progress=stop_after(after), **how)
    return sorted((keep / "blocks").iterdir())


# ---------------------------------------------------------------- going on


@pytest.mark.parametrize("after", [1, 3000])
def test_goes_on_where_it_was_stopped(whole, tmp_path, after, monkeypatch):
    left = stopped(tmp_path / "k", after)
    assert block_store.years_in(tmp_path / "k") == min(2048 * len(left), YEARS)
    assert 1 <= len(left) < 3
    ran = []
    kept = BlockStore.save
    monkeypatch.setattr(BlockStore, "save",
                        lambda self, name, part: (ran.append(name), kept(self, name, part))[1])
    same(run(tmp_path / "k"), whole)
    assert len(ran) == 3 - len(left)  # what was finished is not run again
    same(run(tmp_path / "k"), whole)  # and all of it stands there now
    assert len(ran) == 3 - len(left)


def test_several_worlds_go_on(tmp_path):
    perils = [Storms(spec_of("storm", stated(1.0, 2.0, 4.0))), Sampled(spec_of(
        "fire", stated(0.1, 0.2, 0.4)), node="t")]
    how = {"years": 600, "worlds": 5, "perils": perils}
    straight = run(**how)
    assert len(stopped(tmp_path / "k", 250, **how)) == 3
    again = run(tmp_path / "k", **how)
    same(again, straight)
    assert again.world_capacity_mw.tolist() == straight.world_capacity_mw.tolist()


def test_more_years_take_up_the_whole_blocks(whole, tmp_path):
    run(tmp_path / "k", years=4096)
    blocks = {path: path.stat().st_mtime_ns for path in (tmp_path / "k" / "blocks").iterdir()}
    same(run(tmp_path / "k"), whole)
    assert {path: path.stat().st_mtime_ns for path in blocks} == blocks


def test_a_calm_world_goes_on(tmp_path):
    """Blocks without a row."""
    stopped(tmp_path / "k", perils=[])
    assert run(tmp_path / "k", perils=[]).years.empty


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize("harm", ["cut", "changed", "empty"])
def test_a_damaged_block_is_run_anew(whole, tmp_path, harm):
    first, *_ = stopped(tmp_path / "k", 3000)
    sound = first.read_bytes()
    spoilt = bytearray(sound)
    spoilt[-20] ^= 1
    first.write_bytes({"cut": sound[:-100], "changed": bytes(spoilt), "empty": b""}[harm])
    same(run(tmp_path / "k"), whole)
    read_sealed(first)  # sound again


def test_unfinished_files_are_removed(whole, tmp_path):
    first, *_ = stopped(tmp_path / "k")
    half = first.with_name(f".unfinished-{first.name}-abc")
    half.write_bytes(first.read_bytes()[:50])
    same(run(tmp_path / "k"), whole)
    assert not half.exists()


def test_blocks_of_no_run_are_not_trusted(whole, tmp_path):
    stopped(tmp_path / "k")
    (tmp_path / "k" / "run.json").write_text("{", encoding="utf-8")
    same(run(tmp_path / "k"), whole)


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400))
def test_no_sealed_file_that_is_cut_passes(tmp_path, cut):
    path = tmp_path / "file"
    arrays = {"one": np.arange(9.0), "none": np.zeros((0, 3), np.int32),
              "rows": np.zeros(3, np.dtype([("year", "i8"), ("lab", "i4"), ("x", "f8")],
                                           align=True))}
    write_sealed(path, {"told": ["é", 1]}, arrays)
    whole = path.read_bytes()
    header, found = read_sealed(path)
    assert header == {"told": ["é", 1]}
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].tolist() == array.tolist()
    path.write_bytes(whole[:min(cut, len(whole) - 1)])
    with pytest.raises(Damaged):
        read_sealed(path)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(("how", "says"), [
    ({"seed": 4}, r"What changed: seed 3 -> 4\. Mend: repeat the old call"),
    ({"booking": "calendar"}, "booking occurrence -> calendar"),
    ({"adequacy": False}, "adequacy True -> False"),
    ({"worlds": 2}, "worlds 1 -> 2"),
    ({"horizon_days": 100.0}, r"horizon_days 365\.0 -> 100\.0"),
    ({"recovery_cap_days": 10.0}, r"recovery_cap_days 730\.0 -> 10\.0"),
    ({"perils": ["fire"]}, r"perils\.storm \w+ -> not there"),
    ({"world": place(0.6)}, r"What changed: world\.events\.depth \w+ -> \w+\. Mend"),
], ids=lambda value: next(iter(value)) if isinstance(value, dict) else "")
def test_another_run_is_refused_and_says_why(tmp_path, how, says):
    blocks = stopped(tmp_path / "k")
    with pytest.raises(OtherRunError, match=says):
        run(tmp_path / "k", **how)
    assert sorted((tmp_path / "k" / "blocks").iterdir()) == blocks  # nothing is lost by asking


def test_another_version_is_refused(tmp_path):
    stopped(tmp_path / "k")
    path = tmp_path / "k" / "run.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["run"] |= {"riskmodel": "0.0.9", "versions.numpy": "1.0"}
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(OtherRunError) as refused:
        run(tmp_path / "k")
    assert refused.value.changed == (f"riskmodel 0.0.9 -> {rm.__version__}",
                                     f"versions.numpy 1.0 -> {np.__version__}")


def test_a_peril_of_other_numbers_or_other_code_is_refused(tmp_path):
    rate = stated(1.0, 2.0, 4.0)
    stopped(tmp_path / "k", perils=[Storms(spec_of("storm", rate))])
    with pytest.raises(OtherRunError, match=r"perils\.storm \w+ -> \w+"):
        run(tmp_path / "k", perils=[Storms(spec_of("storm", {**rate, "best": 3.0}))])
    with pytest.raises(OtherRunError, match=r"perils\.storm\.node s -> t"):
        run(tmp_path / "k", perils=[Storms(spec_of("storm", rate), node="t")])


    class Gales(Storms):  # told in this file, not in that of storms
        pass

    with pytest.raises(OtherRunError, match=r"perils\.storm\.code \w+ -> \w+"):
        run(tmp_path / "k", perils=[Gales(spec_of("storm", rate))])


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work", encoding="utf-8")
    for use in (run, forget):
        with pytest.raises(rm.RiskModelError, match=r"no block of riskmodel \(chapter\.txt\)"):
            use(tmp_path / "thesis")
    with pytest.raises(rm.RiskModelError, match="is a file"):
        run(tmp_path / "thesis" / "chapter.txt")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_two_live_runs_do_not_share_a_folder(tmp_path):
    store = BlockStore(tmp_path / "k", {"seed": 1})
    for use in (lambda: BlockStore(tmp_path / "k", {"seed": 1}), lambda: forget(tmp_path / "k")):
        with pytest.raises(rm.RiskModelError, match="still alive"):
            use()
    store.close()
    assert not (tmp_path / "k").exists()  # nothing finished in it
    forget(tmp_path / "k")


def test_forget_removes_blocks_of_any_run(tmp_path):
    stopped(tmp_path / "k")
    forget(tmp_path / "k")
    assert not (tmp_path / "k").exists()
    assert block_store.years_in(tmp_path / "k") == 0


def test_the_frame_of_a_run_that_kept_blocks_is_writable(tmp_path):
    """What came from files can be worked with as what came from memory."""
    run(tmp_path / "k")
    again = run(tmp_path / "k")
    for name in TABLES:
        frame: pd.DataFrame = getattr(again, name)
        frame.loc[0, frame.select_dtypes(float).columns[0]] = 1.0
