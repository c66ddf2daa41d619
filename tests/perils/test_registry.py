"""Which perils a run takes, and what is said when one is not there."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.perils import registry
from riskmodel.perils.catalogue import EventTablePeril, event_table_perils
from riskmodel.perils.protocol import CataloguePeril, PerilSpec, SamplingPeril
from riskmodel.perils.registry import BUILT_IN, load_perils, register_peril, unregister_peril
from riskmodel.perils.spec import shipped_data
from tests.perils.small_world import build_world

EVENTS = pd.DataFrame({
    "event_id": ["e1", "e1", "e2"], "peril": ["flood", "flood", "frost"],
    "region": "R", "rate_per_yr": [0.1, 0.1, 0.2],
    "node_id": ["abilene", "nowhere", "temple"], "probability": 1.0, "depth": 1.0,
    "duration_dist": "fixed", "duration_h": 24.0})


class Quake:
    spec = PerilSpec("quake", "Quake", "The ground shakes.", "natural")

    def catalogue(self, world):
        return event_table_perils(world)[0].catalogue(world)


@pytest.fixture(autouse=True)
def _clean():
    yield
    for name in list(registry._registered):
        unregister_peril(name)


def ids(perils):
    return [peril.spec.peril_id for peril in perils]


def files(*names):
    return {name: shipped_data(name) for name in names}


def test_default_is_the_files_and_the_event_table():
    assert load_perils(build_world()) == []
    world = build_world(perils=files("site_failure", "grid_outage"), events=EVENTS)
    assert ids(load_perils(world)) == ["flood", "frost", "grid_outage", "site_failure"]


def test_every_built_in_peril_follows_one_of_the_two_protocols():
    for peril in load_perils(build_world(), list(BUILT_IN)):
        assert isinstance(peril, CataloguePeril) != isinstance(peril, SamplingPeril)


def test_a_selection_by_id_and_object_comes_sorted():
    world = build_world(perils=files("site_failure"), events=EVENTS)
    assert ids(load_perils(world, ["site_failure", "flood"])) == ["flood", "site_failure"]
    assert ids(load_perils(world, "frost")) == ["frost"]
    # built in, without a file in this world: the one that ships
    assert ids(load_perils(world, ["kinetic_strike", Quake()])) == ["kinetic_strike", "quake"]
    assert load_perils(world, []) == []


@pytest.mark.parametrize(("wanted", "hint"), [
    ("grid_outages", "did you mean 'grid_outage'"), ("flod", "did you mean 'flood'"),
    ("xyzzy", "There are .*cloud_outage, .*flood")])
def test_an_unknown_id_names_the_nearest(wanted, hint):
    with pytest.raises(RiskModelError, match=hint):
        load_perils(build_world(events=EVENTS), [wanted])


@pytest.mark.parametrize(("wanted", "message"), [
    (["flood", "flood"], "stands twice"), ([3], "is no peril"), ([Quake], "is no peril"),
    ([SimpleNamespace(spec=Quake.spec)], "neither of catalogue"),
    ([SimpleNamespace(spec=Quake.spec, catalogue=len, sample=len)], "catalogue and sample")])
def test_what_is_no_peril_is_refused(wanted, message):
    with pytest.raises(RiskModelError, match=message):
        load_perils(build_world(events=EVENTS), wanted)


def test_event_tables_keep_their_rows_and_their_words():
    flood, frost = event_table_perils(build_world(events=EVENTS))
    assert (flood.spec.peril_id, frost.spec.peril_id) == ("flood", "frost")
    table = flood.catalogue(build_world(keep={"sines"}))
    assert list(table["node_id"]) == ["abilene", "nowhere"]
    table.loc[0, "depth"] = 0.0
    assert (flood.catalogue(build_world())["depth"] == 1).all()  # callers cannot change it


def test_a_file_describes_an_event_table():
    data = {"id": "flood", "name": "Flood", "definition": "Water.",
            "effect": "Stops it.", "group": "natural",
            "oed_code": "ORF", "rdls_type": "fluvial_flood", "version": "1", "as_of": "2026-01-01",
            "not_modelled": ["Mud."], "rate": {
                "low": 0.1, "best": 0.1, "high": 0.1, "unit": "1/yr", "source": "judgement",
                "note": "A guess.", "confidence": "low", "known_on": "2026-01-01"}}
    world = build_world(events=EVENTS, perils={"flood": data})
    flood = next(peril for peril in load_perils(world) if peril.spec.peril_id == "flood")
    assert isinstance(flood, EventTablePeril)
    assert flood.spec.oed_code == "ORF"


def test_registered_perils_join_every_run():
    world = build_world(events=EVENTS)
    quake = rm.register_peril(Quake())
    assert ids(load_perils(world)) == ["flood", "frost", "quake"]
    again = Quake()
    register_peril(again)  # a cell run twice
    assert load_perils(world, ["quake"])[0] is again is not quake


def test_register_refuses_taken_and_ambiguous_ids():
    for name, message in (("grid_outage", "is built in"), ("strike", "different things"),
                          ("Big One", "lower-case")):
        peril = Quake()
        peril.spec = PerilSpec(name, "N", "D.", "natural")
        with pytest.raises(RiskModelError, match=message):
            register_peril(peril)


def test_one_id_twice_is_refused_rather_than_drawn_from_one_stream():
    table = EVENTS.assign(peril="grid_outage")
    with pytest.raises(RiskModelError, match="one stream"):
        load_perils(build_world(events=table, perils=files("grid_outage")))
    assert ids(load_perils(build_world(events=table))) == ["grid_outage"]
    peril = Quake()
    peril.spec = PerilSpec("flood", "N", "D.", "natural")
    register_peril(peril)
    with pytest.raises(RiskModelError, match="flood: the world's event table"):
        load_perils(build_world(events=EVENTS))


def test_a_file_without_a_peril_behind_it_is_refused():
    data = {**shipped_data("grid_outage"), "id": "grid_outrage"}
    with pytest.raises(RiskModelError, match="near: grid_outage"):
        load_perils(build_world(perils={"grid_outrage": data}))
    with pytest.raises(RiskModelError, match="file name and id must agree"):
        load_perils(build_world(perils={"grid_outage": data}))


def test_an_unsound_file_is_refused_with_every_problem():
    data = shipped_data("site_failure")
    data["cooling"]["rate"].pop("source")
    data["hall_fire"]["rate"]["low"] = 1.0
    with pytest.raises(RiskModelError, match="3 problems") as caught:
        load_perils(build_world(perils={"site_failure": data}))
    assert "perils/site_failure.toml" in str(caught.value)


def _entry(name, load):
    return SimpleNamespace(name=name, value=f"package:{name}", load=load)


def test_installed_packages_offer_perils(monkeypatch):
    asked = []

    def entries(group):
        asked.append(group)
        return [_entry("quake", lambda: Quake)]

    monkeypatch.setattr(registry, "entry_points", entries)
    assert ids(load_perils(build_world(events=EVENTS))) == ["flood", "frost", "quake"]
    assert asked == ["riskmodel.perils"]


def test_a_broken_installed_peril_is_named(monkeypatch):
    def fail():
        raise ImportError("no such module")

    monkeypatch.setattr(registry, "entry_points", lambda group: [_entry("bad", fail)])
    with pytest.raises(RiskModelError, match=r"'bad' of riskmodel\.perils.*no such module"):
        load_perils(build_world())
    monkeypatch.setattr(registry, "entry_points", lambda group: [
        _entry("one", Quake), _entry("two", Quake)])
    with pytest.raises(RiskModelError, match="is taken"):
        load_perils(build_world())
