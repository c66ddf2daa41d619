"""P01 to P03, the random streams; and P56, one large site against two of half its size."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.engine.losses.tables import to_losses
from riskmodel.engine.outages.streams import keyed_uniform, philox4x32
from riskmodel.engine.plan.plan import make_plan
from riskmodel.engine.run.runner import run_task
from riskmodel.engine.run.simulation import spans_of
from riskmodel.perils.registry import load_perils


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "expected"), [
    ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1")])
def test_p01_philox_4x32(counter, key, expected):
    """Known answers of Random123, alone and in the middle of an array."""
    assert philox4x32(words(counter), words(key)).tolist() == words(expected)
    many = np.zeros((5, 4), np.uint64)
    many[3] = words(counter)
    assert philox4x32(many, words(key))[3].tolist() == words(expected)


@pytest.mark.parametrize(("counter", "key", "expected"), [
    ("0 0 0 0", "0 0",
     "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b"),
    ("ffffffffffffffff " * 4, "ffffffffffffffff " * 2,
     "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0"),
    ("243f6a8885a308d3 13198a2e03707344 a4093822299f31d0 082efa98ec4e6c89",
     "452821e638d01377 be5466cf34e90c6c",
     "a528f45403e61d95 38c72dbd566e9788 a5a1610e72fd18b5 57bd43b5e52b7fe6")])
def test_p02_philox_4x64(counter, key, expected):
    """numpy's generator, an independent judge of the construction: it counts before it draws.

    So the counter to set is the one wanted less 1, modulo 2**256.
    """
    wanted = sum(word << (64 * i) for i, word in enumerate(words(counter)))
    before = (wanted - 1) % 2**256
    state = np.array([(before >> (64 * i)) & (2**64 - 1) for i in range(4)], dtype=np.uint64)
    bits = np.random.Philox(counter=state, key=np.array(words(key), dtype=np.uint64))
    assert bits.random_raw(4).tolist() == words(expected)


# ------------------------------------------------------------------ P03

CHUNKS = [(0, 37), (37, 27), (64, 36)]


def storms() -> rm.World:
    """Two sites on a grid, an event a month: 100 scenarios with some thousand draws."""
    sites = ("s", "t")
    rows = [("gale", "storm", 12.0, "g", 0.5), ("fire", "fire", 3.0, "s", 0.9),
            ("fire", "fire", 3.0, "t", 0.4)]
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": sites, "lat": 50.0, "lon": 10.0, "it_mw": 100.0}),
        labs=pd.DataFrame({"lab_id": sites, "needed_share": 1.0}),
        holdings=pd.DataFrame({"lab_id": sites, "site_id": sites, "share": 1.0}),
        nodes=pd.DataFrame({"node_id": ["g"], "kind": ["grid"]}),
        requirements=pd.DataFrame({"node_id": sites, "group": "power", "member_id": "g"}),
        events=pd.DataFrame(rows, columns=["event_id", "peril", "rate_per_yr", "node_id",
                                           "probability"]).assign(
            region="here", depth=1.0, duration_dist="lognormal", duration_h=50.0,
            duration_shape=1.0))


@pytest.mark.parametrize("booking", ["occurrence", "calendar"])
def test_p03_chunks_order_and_workers(booking, tmp_path):
    """100 years in one piece; in 37, 27 and 36; in reverse; on 1, 2 and 8 workers: equal bytes."""
    world = storms()
    plan = make_plan(world, load_perils(world), seed=17, horizon_h=8760.0, cap_h=17520.0)
    spans = spans_of(plan, booking, True)

    def written(run_all, chunks, folder) -> dict[str, bytes]:
        found = dict(zip(chunks, run_all(partial(run_task, (plan, spans)), chunks), strict=True))
        losses = to_losses(plan, [found[chunk] for chunk in sorted(found)], world=world,
                           n_years=100, seed=17, booking=booking, horizon_days=365.0, manifest={},
                           with_adequacy=True)
        assert len(losses.years) > 150
        losses.to_parquet(folder)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    whole = written(map, [(0, 100)], tmp_path / "whole")
    assert set(whole) == {"years.parquet", "causes.parquet", "events.parquet",
                          "adequacy.parquet", "losses.json"}
    assert written(map, CHUNKS, tmp_path / "chunks") == whole
    assert written(map, CHUNKS[::-1], tmp_path / "reversed") == whole
    for workers in (1, 2, 8):
        with ThreadPoolExecutor(workers) as pool:
            assert written(pool.map, CHUNKS, tmp_path / f"on {workers}") == whole


def test_p03_keyed_uniforms():
    """The draws that sampling perils take: in one piece, in chunks, reversed and alone."""
    years = np.arange(100)
    whole = keyed_uniform(5, "size", "storm", years, 3, "grid:X")
    assert len(set(whole)) == 100
    parts = [keyed_uniform(5, "size", "storm", years[a:a + n], 3, "grid:X") for a, n in CHUNKS]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    assert keyed_uniform(5, "size", "storm", years[::-1], 3, "grid:X")[::-1].tobytes() \
        == whole.tobytes()
    assert keyed_uniform(5, "size", "storm", 64, 3, "grid:X") == whole[64]
    mixed = keyed_uniform(5, "size", "storm", years, 3, ["grid:Y", "grid:X"] * 50)
    assert mixed[1::2].tobytes() == whole[1::2].tobytes()


# ------------------------------------------------------------------ P56

def fires(sites: dict[str, float]) -> rm.World:
    """One lab; every site burns on its own, .4 times a year, for 40 days in the median."""
    ids = list(sites)
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ids, "lat": 50.0, "lon": 10.0,
                            "it_mw": list(sites.values())}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [0.8]}),
        holdings=pd.DataFrame({"lab_id": "lab", "site_id": ids, "share": 1.0}),
        events=pd.DataFrame({"event_id": ids, "peril": [f"fire_{s}" for s in ids], "region": "here",
                             "rate_per_yr": 0.4, "node_id": ids, "probability": 1.0, "depth": 1.0,
                             "duration_dist": "lognormal", "duration_h": 960.0,
                             "duration_shape": 0.7}))


@pytest.mark.parametrize("booking", ["occurrence", "calendar"])
def test_p56_splitting_a_site(booking):
    """1 GW at a, or half of it at a and half at b: the same average, no heavier tail."""
    years = 20_000
    lost, tvar = [], []
    for sites in ({"a": 1000.0}, {"a": 500.0, "b": 500.0}):
        losses = rm.simulate(fires(sites), years=years, seed=56, booking=booking, adequacy=False)
        table = losses.years.set_index("year")["lost_mw_days"].reindex(range(years), fill_value=0.0)
        lost.append(table.to_numpy())
        frame = rm.measure(losses, by="total", measures=["tvar"], levels=[0.9, 0.95, 0.99])
        tvar.append(frame["value"].to_numpy())
    one, two = lost
    gap = two - one  # under common draws: what burns at a burns in both
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(years)
    se = np.sqrt(np.array([table.var() for table in lost]).sum() / years)
    assert gap.std() / np.sqrt(years) < se
    assert (tvar[1] <= tvar[0]).all()
    assert tvar[1][0] < 0.95 * tvar[0][0]  # and clearly so: two fires in a year are rarer


def test_p56_a_split_under_one_hazard_changes_nothing():
    """Both halves on one node that fails: ratio 1 to 1e-12, tail and all."""
    runs = []
    for sites in ({"a": 1000.0}, {"a": 500.0, "b": 500.0}):
        base = fires(sites)
        runs.append(rm.simulate(rm.World.from_frames(
            sites=base.sites, labs=base.labs, holdings=base.holdings,
            nodes=pd.DataFrame({"node_id": ["g"], "kind": ["grid"]}),
            requirements=pd.DataFrame({"node_id": list(sites), "group": "power",
                                       "member_id": "g"}),
            events=base.events.iloc[:1].assign(node_id="g")), years=3000, seed=56).years)
    assert runs[0]["year"].tolist() == runs[1]["year"].tolist()
    for name in ("lost_mw_days", "shortfall_mw_days", "max_event_mw_days"):
        np.testing.assert_allclose(runs[0][name], runs[1][name], rtol=1e-12)
