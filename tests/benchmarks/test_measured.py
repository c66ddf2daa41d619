"""The benchmark on tiny sizes: its data, table, figure and peers. Nothing is timed here."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import contenders
from tests.benchmarks.__main__ import run
from tests.benchmarks.growth_figure import growth_figure
from tests.benchmarks.markdown import faster, markdown
from tests.benchmarks.peers import process
from tests.benchmarks.peers.build import python_of
from tests.benchmarks.peers.process import Peer, PeerFailed, exported
from tests.benchmarks.rounds import Contender, measure
from tests.benchmarks.standard_job import standard_job

SPEAKER = '''
import json, sys
print("noise")
print(">>>" + json.dumps({"version": "Speaker 1"}), flush=True)
for line in sys.stdin:
    years = int(line)
    if years > 100:
        sys.exit("too many years")
    told = {"seconds": years / 10, "cpu_s": years / 20, "aal": [1.0, 2.0]}
    print(">>>" + json.dumps(told), flush=True)
'''


@pytest.fixture(scope="module")
def data():
    return run([100], ["standard"], rounds=1, round_s=0.01, longest_s=60.0, peers=None,
               lengths=(64, 128), least_years=8)


def test_everything_that_can_run_is_measured(data):
    (job,) = data["jobs"]
    assert set(job["runs"]) == {
        contenders.ENGINE, contenders.ENGINE_1, contenders.FLOOR, contenders.FLOOR_1,
        contenders.LOOP_ANY, contenders.LOOP, contenders.LOOP_SUMS, contenders.LOOP_CIRCLES,
        contenders.NUMPY, contenders.NUMPY_SUMS}
    assert all(len(r["seconds_per_year"]) == 1 and r["seconds_per_year"][0] > 0
               for r in job["runs"].values())
    assert faster(job["runs"], contenders.ENGINE) == 1.0
    assert job["draws"] > job["outages"] > 10
    assert job["site_hits"] > 10
    assert [row["years"] for row in data["years"]] == [64, 128]
    assert set(data["skipped"]) == {"climada", "oasis"}


def test_the_table_says_what_was_measured_and_what_was_not(data):
    text = markdown(json.loads(json.dumps(data)))
    for name in data["jobs"][0]["runs"]:
        assert f"| {name} |" in text
        assert f"- **{name}**: " in text
    assert "Left out: climada: no folder of environments was given" in text
    assert "| 100 |" in text


def test_years_not_run_are_dashes(data):
    told = {**data, "years": [{"sites": 100, "years": 10, "seconds": 1.5},
                              {"sites": 100, "years": 20, "seconds": None}]}
    assert "| 100 | 1.50 | - |" in markdown(told)


def test_the_figure_is_drawn(data, tmp_path):
    growth_figure(data, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 20_000


def test_rounds_are_interleaved_and_long_enough():
    calls: list[str] = []
    one, two = (Contender(name, lambda years, name=name: calls.append(name),
                          watch=lambda: {"seconds": 1e-3, "cpu_s": 5e-4, "aal": [1.0]})
                for name in "ab")
    measure([one, two], 3, 0.004)
    assert calls[-6:] == ["a", "b"] * 3
    assert len(one.seconds) == len(two.seconds) == 3
    assert one.aal_mw_days == 1.0


@pytest.fixture
def speaker(tmp_path, monkeypatch):
    """A folder of environments with a peer that speaks the peers' language."""
    python = python_of(tmp_path / "speaker")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setattr(process, "HERE", tmp_path)
    (tmp_path / "speaker_peer.py").write_text(SPEAKER)
    return tmp_path


def test_a_peer_is_asked_and_answers(speaker):
    with closing(Peer("speaker", speaker, Path("job.npz"), speaker / "scratch")) as peer:
        peer(30)
        assert (peer.version, peer.watch()["seconds"]) == ("Speaker 1", 3.0)


def test_a_peer_that_ends_says_why(speaker):
    with closing(Peer("speaker", speaker, Path("job.npz"), speaker / "scratch")) as peer, \
            pytest.raises(PeerFailed, match="ended with code 1: too many years"):
        peer(1000)


def test_a_peer_that_cannot_start_leaves_no_open_pipe(speaker):
    """With warnings as errors an open pipe would fail whatever test runs when it is collected."""
    (speaker / "speaker_peer.py").write_text("raise SystemExit('no such module')")
    with pytest.raises(PeerFailed, match="ended with code 1: no such module"):
        Peer("speaker", speaker, Path("job.npz"), speaker / "scratch")
    gc.collect()


def test_a_peer_that_is_not_there_says_how_to_make_it(tmp_path):
    with pytest.raises(PeerFailed, match=r"peers\.build .* climada"):
        Peer("climada", tmp_path, Path("job.npz"), tmp_path)


def test_the_exported_job_has_the_expected_loss_of_the_job(tmp_path):
    """Of its rows, by hand: what a node takes down is lost with it, overlaps counted twice."""
    job = standard_job(100)
    told = np.load(exported(job, tmp_path))
    rate = np.repeat(told["rate"], np.diff(told["indptr"]))
    mean = float((rate * told["probability"] * told["mean_h"] * told["mw"][told["site"]]).sum())
    needs, sites = job.world.requirements, job.world.sites.set_index("site_id")["it_mw"]
    down = {node: {node} & set(sites.index) for node in [*sites.index, *job.world.nodes.node_id]}
    for _ in range(4):  # as deep as the job's needs go
        for node, member in zip(needs.node_id, needs.member_id, strict=True):
            down[member] |= down[node]
    mw = {node: sites[sorted(names)].sum() for node, names in down.items()}
    by_hand = sum(
        row.rate_per_yr * row.probability * row.duration_h
        * np.exp(row.duration_shape**2 / 2) * mw[row.node_id]
        for row in job.world.events.itertuples())
    assert mean == pytest.approx(by_hand, rel=1e-9)
