"""Fixtures of the tests of perils."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.world.shipped import shipped_folder
from tests.perils.small_world import build_world

FILES = sorted((shipped_folder() / "perils").glob("*.toml"))


@pytest.fixture(scope="session")
def world() -> rm.World:
    return build_world()


@pytest.fixture(scope="session")
def shipped() -> rm.World:
    return rm.read_world()


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def peril_file(request) -> Path:
    return request.param


@pytest.fixture
def peril_data(peril_file) -> dict:
    return tomllib.loads(peril_file.read_text(encoding="utf-8"))
