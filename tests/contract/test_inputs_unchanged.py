"""Inputs are never changed: not the caller's frames, not a world's, not a result's."""

import dataclasses
import hashlib

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.world.io import write_world
from riskmodel.world.tables import TABLES
from tests.world_factory import write_small_world


def digest(frame: pd.DataFrame) -> str:
    """Return a hash of values, types, names and order; a changed cell or column changes it."""
    parts = [repr(list(frame.columns)), repr(frame.dtypes.astype(str).tolist()),
             repr(frame.index.tolist()), *(repr(frame[column].tolist()) for column in frame)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def frames_of(thing) -> dict[str, pd.DataFrame]:
    return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)
            if isinstance(getattr(thing, field.name), pd.DataFrame)}


def digests(frames) -> dict[str, str]:
    return {name: digest(frame) for name, frame in frames.items()}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Frames as a caller may have them: an index of their own, text types, other columns."""
    read = rm.read_world(write_small_world(tmp_path_factory.mktemp("world")))
    names = ("sites", "sites_timeline", "holdings", "labs", "nodes", "requirements", "events")
    frames = {name: getattr(read, name).copy() for name in names}
    frames["sites"].index = pd.Index(range(10, 10 + len(frames["sites"])))
    frames["sites"]["country_iso2"] = frames["sites"]["country_iso2"].astype("string")
    frames["labs"]["mine"] = "kept"
    frames["requirements"].loc[0, "k"] = None  # an empty cell, for which the world has a default
    return frames


WORLD_CALLS = {
    "from_frames": lambda world, path: None,
    "check": lambda world, path: world.check(),
    "check_strict": lambda world, path: world.all_problems(strict=True),
    "effective_holdings": lambda world, path: world.effective_holdings().assign(share=0),
    "lab_capacity": lambda world, path: world.lab_capacity().mul(2),
    "explain": lambda world, path: str(world.explain("texas_big")),
    "to_networkx": lambda world, path: world.to_networkx().clear(),
    "all_nodes": lambda world, path: len(world.all_nodes),
    "fingerprint": lambda world, path: world.fingerprint,
    "regions": lambda world, path: len(world.regions),
    "move": lambda world, path: world.move("aurora", 20, "texas_big", "koeln_hall"),
    "move_nothing": lambda world, path: world.move("aurora", 0, "texas_big", "koeln_hall"),
    "scale": lambda world, path: world.scale(2, lab="aurora"),
    "add_site": lambda world, path: world.add_site(site_id="new", it_mw=5, like="texas_big",
                                                   lab="aurora"),
    "drop": lambda world, path: world.drop(sites="koeln_hall", labs="boreal"),
    "subset": lambda world, path: world.subset(labs="aurora", countries=["US", "IE"]),
    "write_world": lambda world, path: write_world(world, path),
    "contingency": lambda world, path: rm.contingency(world, order=2, threshold=0.0),
    "dependencies": lambda world, path: rm.dependencies(world),
}


@pytest.mark.parametrize("call", WORLD_CALLS)
def test_the_world_changes_neither_frames_nor_itself(given, call, tmp_path):
    before = digests(given)
    world = rm.World.from_frames(**given, as_of="2026-11-01")
    own = digests(frames_of(world))
    assert set(own) == set(TABLES)
    WORLD_CALLS[call](world, tmp_path)
    assert digests(given) == before
    assert digests(frames_of(world)) == own


def test_the_hash_sees_a_change(given):
    before = digests(given)
    changed = {name: frame.copy() for name, frame in given.items()}
    changed["sites"].iloc[0, changed["sites"].columns.get_loc("it_mw")] += 1e-9
    changed["labs"] = changed["labs"].iloc[::-1]
    differ = {name for name in before if digests(changed)[name] != before[name]}
    assert differ == {"sites", "labs"}


@pytest.fixture(scope="module")
def simulated(given):
    world = rm.World.from_frames(**given, as_of="2026-11-01")
    before = digests(given), digests(frames_of(world))
    losses = rm.simulate(world, years=400, seed=3)
    return world, losses, before


def test_simulate_changes_no_input(given, simulated):
    world, losses, before = simulated
    assert len(losses.years) > 0
    assert (digests(given), digests(frames_of(world))) == before


LOSSES_CALLS = {
    "measure": lambda losses, world, path: rm.measure(losses),
    "exceedance": lambda losses, world, path: rm.exceedance(losses, return_periods=[2, 5]),
    "contributions": lambda losses, world, path: rm.contributions(losses, by=["peril"]),
    "compare": lambda losses, world, path: rm.compare(losses, rm.simulate(
        world.move("aurora", 20, "texas_big", "koeln_hall"), years=400, seed=3), level=0.9),
    "convergence": lambda losses, world, path: rm.convergence(losses),
    "replay": lambda losses, world, path: rm.replay(losses, int(losses.years["year"].iloc[0])),
    "allocate": lambda losses, world, path: rm.frontier(
        rm.allocate(world, "aurora", 10.0, level=0.9, losses=losses, fresh=False, replicates=1),
        "min_domestic", [0.1], of="IE"),
    "to_parquet": lambda losses, world, path: rm.read_losses(losses.to_parquet(path / "out")),
    "importance": lambda losses, world, path: rm.importance(losses, "aurora", held_years=20),
    "write_report": lambda losses, world, path: rm.write_report(losses, path / "report.html"),
    "stress": lambda losses, world, path: rm.stress(world, [rm.Event(
        peril="p", region="r", outages=[rm.OwnOutage(node="grid:ERCOT", duration_h=9.0)])]),
}


@pytest.mark.filterwarnings("ignore::riskmodel.errors.RiskModelWarning")
@pytest.mark.parametrize("call", [
    pytest.param(name, marks=pytest.mark.slow if name == "write_report" else ())
    for name in LOSSES_CALLS])
def test_reading_a_result_changes_neither_it_nor_the_world(given, simulated, call, tmp_path):
    world, losses, before = simulated
    own = digests(frames_of(losses))
    LOSSES_CALLS[call](losses, world, tmp_path)
    assert digests(frames_of(losses)) == own
    assert (digests(given), digests(frames_of(world))) == before
