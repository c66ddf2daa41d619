"""Our reading of a CLIMADA hazard against CLIMADA's own expected annual impact.

CLIMADA is installed from the package index into an environment of its own, made here as the
benchmark makes it (``tests.benchmarks.peers.build``).
"""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import riskmodel as rm
from riskmodel.perils.climada_hazard import read_hazard
from riskmodel.perils.hazard_import import (
    DurationLaw,
    centroid_weights,
    event_table,
    expected_annual_loss,
    places_of,
)
from riskmodel.world.world import World
from tests.benchmarks.peers.build import CLIMADA_VERSION, CannotInstall, build
from tests.perils import hazard_files as made

pytestmark = pytest.mark.slow

INSTALL_S = 300
PEER = Path(__file__).with_name("climada_peer.py")


@pytest.fixture(scope="module")
def climada(tmp_path_factory) -> Path:
    """Return the Python of an environment with CLIMADA, or skip with the reason."""
    try:
        return build("climada", tmp_path_factory.mktemp("climada"), INSTALL_S)
    except CannotInstall as why:
        pytest.skip(str(why))


@pytest.fixture(scope="module")
def case(climada, tmp_path_factory):
    """Return the world, the hazard read from CLIMADA's file, and what CLIMADA says."""
    folder = tmp_path_factory.mktemp("case")
    intensity, fraction, rate, lat, lon = made.matrices()
    world = made.world()
    np.savez(folder / "case.npz", intensity_data=intensity.data, fraction_data=fraction.data,
             indices=intensity.indices, indptr=intensity.indptr, rate=rate, lat=lat, lon=lon,
             value=world.sites["it_mw"], site_lat=world.sites["lat"], site_lon=world.sites["lon"],
             points=made.WIND.intensity, mdd=made.WIND.mdd, paa=made.WIND.paa)
    environment = {"HOME": str(folder), "PATH": str(climada.parent), "MPLBACKEND": "Agg"}
    done = subprocess.run([climada, PEER, folder], check=False, capture_output=True, text=True,
                          timeout=240, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    if find_spec("h5py") is None:
        pytest.skip("h5py is not installed: riskmodel[hazards]")
    said = json.loads((folder / "climada.json").read_text())
    return world, read_hazard(folder / "hazard.hdf5"), said


def table_of(world, hazard):
    return event_table(hazard, made.WIND, places_of(world), peril="imported_wind",
                       duration=DurationLaw(hours=24.0))


def test_expected_annual_loss_is_climadas(case):
    world, hazard, said = case
    assert said["version"] == CLIMADA_VERSION
    weights = centroid_weights(hazard, places_of(world))
    assert weights.indices.tolist() == said["centroid"]
    loss = expected_annual_loss(table_of(world, hazard), world.sites.set_index("site_id")["it_mw"])
    assert min(said["eai_exp"]) > 0
    np.testing.assert_allclose(loss.to_numpy(), said["eai_exp"], rtol=1e-9)
    assert loss.sum() == pytest.approx(said["aai_agg"], rel=1e-9)


def test_simulated_loss_is_climadas(case):
    world, hazard, said = case
    tables = {name: getattr(world, name) for name in ("sites", "holdings", "labs")}
    world = World.from_frames(**tables, events=table_of(world, hazard))
    losses = rm.simulate(world, years=100_000, seed=11, adequacy=False)
    yearly = np.zeros(losses.n_years)
    rows = losses.years.groupby("year")["lost_mw_days"].sum()
    yearly[rows.index] = rows.to_numpy()
    error = yearly.std() / np.sqrt(len(yearly))
    assert error < 0.03 * said["aai_agg"]
    assert abs(yearly.mean() - said["aai_agg"]) < 4 * error
    print(f"CLIMADA {said['version']}: aai_agg {said['aai_agg']:.4f}, simulated "
          f"{yearly.mean():.4f} +- {error:.4f} MW-days/yr")
