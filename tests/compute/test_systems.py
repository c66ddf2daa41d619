"""Every system that the brief names is a thing that the software computes with or shows."""

from __future__ import annotations

import tomllib
from importlib import import_module

import pytest

import riskmodel as rm
from riskmodel.compute.levers import read_levers
from riskmodel.compute.systems import brief_systems
from riskmodel.errors import RiskModelError
from riskmodel.perils.registry import load_perils
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.tables import TABLES

FOLDER = shipped_folder()
#: words of the brief, one for each of its systems
NAMED = ("stack", "2020 OpenAI", "Chinchilla", "Shannon", "muP", "Complete-muE",
         "Mixture of experts", "DeepSeek V3.2", "Sparse Attention", "price cut", "RELEX",
         "combination", "Anthropic", "Trainium", "Broadcom", "Fairwater", "Colossus", "Fluidstack",
         "OpenAI", "Stargate", "NVIDIA", "Mistral Large 3", "March 2026", "First known",
         "Domestic", "Geographic", "Vertical", "gap")


@pytest.fixture(scope="module")
def world():
    return rm.read_world()


def call_is_there(target, world):
    module, _, name = target.partition(":")
    return callable(getattr(import_module(module), name))


def row_is_there(target, world):
    table, _, key = target.partition("/")
    if table == "levers":
        return key in read_levers()
    return key in set(getattr(world, table)[TABLES[table].key[0]])


def number_is_so(target, world):
    file, _, rest = target.partition("#")
    path, _, stated = rest.partition("=")
    value = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    for step in path.split("."):
        value = value[step]
    return float(stated) == value if isinstance(value, float) else stated == str(value) or (
        not isinstance(value, bool | str) and float(stated) == float(value))


FOUND = {"call": call_is_there, "row": row_is_there, "number": number_is_so,
         "peril": lambda target, world: len(load_perils(world, [target])) == 1,
         "scenario": lambda target, world: rm.load_scenario(target) is not None,
         "backtest": lambda target, world: (FOLDER / "backtests" / f"{target}.toml").is_file(),
         "file": lambda target, world: (FOLDER / target).is_file()}


def test_every_row_of_the_brief_is_there():
    items = brief_systems()["item"].unique()
    assert len(items) == len(NAMED)
    for words in NAMED:
        assert any(words in item for item in items), words


def test_every_row_of_the_brief_is_computed_or_shown(world):
    frame = brief_systems()
    assert (frame["role"] != "").all()
    assert set(frame["kind"]) == set(FOUND)
    missing = [f"{item}: {kind}:{target}"
               for item, _, kind, target in frame.itertuples(index=False)
               if not FOUND[kind](target, world)]
    assert missing == []


def test_the_walk_sees_what_is_not_there(world):
    assert not number_is_so("compute/scaling.toml#laws.besiroglu.constants.E=1.9", world)
    assert not row_is_there("sites/atlantis", world)
    with pytest.raises(AttributeError):
        call_is_there("riskmodel.compute.levers:wishes", world)


def test_a_row_that_points_nowhere_is_refused(tmp_path, world):
    from dataclasses import replace

    own = replace(world, folder=tmp_path)
    (tmp_path / "compute").mkdir()
    file = tmp_path / "compute" / "brief_systems.csv"
    for text, says in (("item,role\na,b\n", "'shown_by' is absent"),
                       ("item,role,shown_by\na,b,\n", "shown by nothing"),
                       ("item,role,shown_by\na,b,wish:c\n", "KIND:TARGET")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(RiskModelError, match=says):
            brief_systems(own)
