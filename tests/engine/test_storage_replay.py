"""Losses on disk and back, and any one year told again."""

import json

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import riskmodel as rm
from tests.engine.small import hit, lab_per_site, table, world

TABLES = ("years", "causes", "events", "adequacy")


def grids() -> rm.World:
    """Two sites on one grid, one with a battery; storms strike the grid, fires a hall."""
    return lab_per_site(
        ("s", "power", "g", {"ride_through_h": 6.0}), ("t", "power", "g"), sites=("s", "t"),
        events=table(
            {"event_id": "gale", "node_id": "g", "rate_per_yr": 2.0, "depth": 0.7,
             "duration_dist": "lognormal", "duration_h": 40.0, "duration_shape": 1.0},
            *({"event_id": f"fire {s}", "peril": "fire", "node_id": s, "rate_per_yr": 1.5,
               "duration_dist": "exponential", "duration_h": 300.0, "part": "hall", "depth": 0.5}
              for s in "st")))


@pytest.fixture(scope="module")
def losses():
    return rm.simulate(grids(), years=300, seed=3)


def told(losses, year) -> pd.DataFrame:
    """Return the year's causes as the run wrote them: lab, peril, region, node, MW-days."""
    causes = losses.causes[losses.causes["year"] == year]
    return causes.astype(dict.fromkeys(("lab", "peril", "region", "node"), str)).groupby(
        ["lab", "peril", "region", "node"])["lost_mw_days"].sum()


def assert_replays(losses, years, **how):
    """What the replay lost, by cause and hour by hour, is what the run lost."""
    for year in years:
        again = rm.replay(losses, year, **how)
        mine = again.losses.groupby(["lab", "peril", "region", "node"])["lost_mw_days"].sum()
        pd.testing.assert_series_equal(mine, told(losses, year), rtol=1e-12)
        steps = again.labs.assign(
            lost=again.labs["lost_mw"] * (again.labs["end_h"] - again.labs["start_h"]) / 24)
        expected = losses.years[losses.years["year"] == year].set_index("lab")["lost_mw_days"]
        if losses.booking == "occurrence":
            pd.testing.assert_series_equal(steps.groupby("lab")["lost"].sum(),
                                           expected.sort_index(), check_names=False, rtol=1e-9,
                                           check_index_type=False)
        assert set(again.outages["event"]) <= set(again.events["event"])
        struck = set(losses.events.loc[losses.events["year"] == year, "start_h"])
        assert struck <= set(again.events["start_h"])  # and the events that cost nothing


# ------------------------------------------------------------------ Parquet

def same(one, other):
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    for name in ("labs", "n_years", "seed", "booking", "horizon_days", "kind"):
        assert getattr(one, name) == getattr(other, name)
    assert one.capacity_mw.tolist() == other.capacity_mw.tolist()
    assert one.needed_share.tolist() == other.needed_share.tolist()
    assert dict(one.manifest) == dict(other.manifest)


def test_read_back_equal(losses, tmp_path):
    folder = tmp_path / "Läufe von heute"
    losses.to_parquet(folder)
    same(rm.read_losses(folder), losses)
    measured = [rm.measure(run, return_periods=[10, 100], levels=[0.9, 0.99])
                for run in (rm.read_losses(folder), losses)]
    assert_frame_equal(*measured, check_exact=True)


def test_a_story_and_a_run_without_adequacy_read_back_equal(tmp_path):
    story = rm.stress(grids(), hit(("g", 0, 30), event_id="dark", campaign_id="c"))
    story.to_parquet(tmp_path / "story")
    same(rm.read_losses(tmp_path / "story"), story)
    bare = rm.simulate(grids(), years=20, adequacy=False)
    bare.to_parquet(tmp_path / "story")  # over another result: nothing of it is left
    back = rm.read_losses(tmp_path / "story")
    assert back.adequacy is None
    assert back.kind == "annual"
    assert not (tmp_path / "story" / "adequacy.parquet").exists()


def test_nothing_lost_reads_back_equal(tmp_path):
    calm = rm.simulate(world(), years=10, perils=[])
    assert len(calm.years) == len(calm.events) == 0
    calm.to_parquet(tmp_path)
    same(rm.read_losses(tmp_path), calm)


def test_a_folder_that_was_not_finished_is_refused(losses, tmp_path):
    with pytest.raises(rm.RiskModelError, match="no finished result"):
        rm.read_losses(tmp_path / "nowhere")
    losses.to_parquet(tmp_path)
    (tmp_path / "losses.json").unlink()  # the head is written last
    with pytest.raises(rm.RiskModelError, match="no finished result"):
        rm.read_losses(tmp_path)


def test_a_run_stopped_while_writing_leaves_no_result(losses, tmp_path, monkeypatch):
    """Also where an older, whole result stood there before."""
    losses.to_parquet(tmp_path)

    def stop(self, *args, **kwargs):
        raise KeyboardInterrupt
    monkeypatch.setattr(pd.DataFrame, "to_parquet", stop)
    with pytest.raises(KeyboardInterrupt):
        losses.to_parquet(tmp_path)
    with pytest.raises(rm.RiskModelError, match="no finished result"):
        rm.read_losses(tmp_path)


def test_damage_is_noticed(losses, tmp_path):
    losses.to_parquet(tmp_path)
    losses.years.iloc[:-1].to_parquet(tmp_path / "years.parquet", index=False)
    with pytest.raises(rm.RiskModelError, match=f"has {len(losses.years) - 1} rows"):
        rm.read_losses(tmp_path)
    (tmp_path / "years.parquet").unlink()
    with pytest.raises(rm.RiskModelError, match="is missing"):
        rm.read_losses(tmp_path)
    (tmp_path / "losses.json").write_text('{"labs": [', encoding="utf-8")
    with pytest.raises(rm.RiskModelError, match="is damaged"):
        rm.read_losses(tmp_path)


# ------------------------------------------------------------------ replay

@pytest.mark.parametrize("booking", ["occurrence", "calendar"])
def test_replay_tells_what_the_run_lost(booking):
    run = rm.simulate(grids(), years=60, seed=3, booking=booking)
    assert_replays(run, sorted(set(run.years["year"]))[:12])


def test_replay_of_the_shipped_world(tmp_path):
    """Its worst years and some others; after reading back, with the world at hand or given."""
    shipped = rm.read_world()
    run = rm.simulate(shipped, years=400, seed=7, adequacy=False)
    worst = run.years.groupby("year")["lost_mw_days"].sum().nlargest(2).index
    assert_replays(run, [*(int(year) for year in worst), 17, 399])
    run.to_parquet(tmp_path)
    back = rm.read_losses(tmp_path, world=shipped)
    assert_replays(back, [int(worst[0])])
    bare = rm.read_losses(tmp_path)
    assert_replays(bare, [int(worst[1])], world=rm.read_world())
    with pytest.raises(rm.RiskModelError, match="needs the world"):
        rm.replay(bare, 17)


def test_replay_of_a_story():
    """6 h ridden through, then .7 for 24 h at s, all 30 at t; the fire of s is inside it."""
    story = rm.stress(grids(), [
        hit(("g", 10, 30, 0.7), event_id="dark", campaign_id="winter"),
        hit(("s", 50, 4, 0.2, "hall"), peril="fire", region="there")])
    again = rm.replay(story)
    assert again.events["event_id"].tolist() == ["dark", "event 1"]
    assert again.events["campaign_id"].tolist() == ["winter", ""]
    assert again.events["start_h"].tolist() == [10.0, 50.0]
    assert again.outages[["node", "part", "start_h", "end_h", "depth"]].to_numpy().tolist() == [
        ["g", "", 10.0, 40.0, 0.7], ["s", "hall", 50.0, 54.0, 0.2]]
    # 6 full-load hours at .7 of the load last 60/7 h
    s = again.timeline[again.timeline["node"] == "s"]
    assert s["start_h"].tolist() == [pytest.approx(10 + 60 / 7), 50.0]
    assert s["end_h"].tolist() == [40.0, 54.0]
    assert s["availability"].tolist() == [pytest.approx(0.3), 0.8]
    assert s["cause_node"].tolist() == ["g", "s"]
    assert s["cause_event"].tolist() == [0, 1]
    lost = again.losses.set_index(["lab", "node"])["lost_mw_days"] * 24
    assert lost["lab s", "g"] == pytest.approx(70 * (30 - 60 / 7))
    assert lost["lab t", "g"] == pytest.approx(70 * 30)
    assert lost["lab s", "s"] == pytest.approx(20 * 4)
    assert again.labs.loc[again.labs["lab"] == "lab t"].to_numpy().tolist() == [
        ["lab t", 10.0, 40.0, pytest.approx(70.0)]]
    assert_replays(story, [0])


def test_replay_of_a_year_in_which_nothing_happened(losses):
    quiet = sorted(set(range(300)) - set(losses.years["year"]))
    again = rm.replay(losses, quiet[0])
    assert len(again.losses) == len(again.labs) == 0
    assert again.losses["lost_mw_days"].sum() == 0.0


def test_another_world_is_refused(losses, tmp_path):
    other = lab_per_site(("s", "power", "g", {"ride_through_h": 7.0}), ("t", "power", "g"),
                         sites=("s", "t"), events=grids().events)
    with pytest.raises(rm.RiskModelError, match="fingerprint differs"):
        rm.replay(losses, 1, world=other)
    losses.to_parquet(tmp_path)
    with pytest.raises(rm.RiskModelError, match="another world"):
        rm.read_losses(tmp_path, world=other)
    assert rm.read_losses(tmp_path, world=grids()).world is not None  # the same, built again
    facts = json.loads((tmp_path / "losses.json").read_text("utf-8"))
    assert facts["manifest"]["world"]["fingerprint"] == grids().fingerprint


@pytest.mark.parametrize("year", [-1, 300])
def test_there_is_no_such_year(losses, year):
    with pytest.raises(rm.RiskModelError, match="years 0 to 299"):
        rm.replay(losses, year)


def test_other_peoples_years_have_nothing_behind_them():
    frame = pd.DataFrame({"year": [0], "lab": ["x"], "lost_mw_days": [1.0]})
    with pytest.raises(rm.RiskModelError, match="nothing behind"):
        rm.replay(rm.Losses.from_years(frame, n_years=10), 0)
