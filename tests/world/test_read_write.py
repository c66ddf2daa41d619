import numpy as np
import pandas as pd
import pytest
from frames import frames, nodes, requirements, world

import riskmodel as rm
from riskmodel.world.io import write_world
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.tables import TABLES
from riskmodel.world.wholefile import checksum
from tests.world_factory import write_small_world


def assert_same(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert one.perils == other.perils
    assert one.as_of == other.as_of
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize("as_of", [None, "2026-02-01", "2027-12-31"])
def test_a_folder_reads_back_equal(tmp_path, as_of):
    path = write_small_world(tmp_path / "one")
    (path / "perils").mkdir()
    (path / "perils" / "winter_storm.toml").write_text('[rate_per_yr]\nbest = 0.25\n')
    first = rm.read_world(path, as_of=as_of)
    assert first.perils == {"winter_storm": {"rate_per_yr": {"best": 0.25}}}
    again = rm.read_world(write_world(first, tmp_path / "zwei Wörter"), as_of=as_of)
    assert_same(first, again)


def test_frames_read_back_equal_to_the_last_digit(tmp_path):
    tables = frames(nodes=nodes("g"), requirements=requirements(
        ("a", "power", "g", {"ride_through_h": 0.1 + 0.2, "rule": 'says "so", always'})))
    tables["sites"]["it_mw"] = [1 / 3, 1e-17, 123456789.123456789]
    tables["sites"]["name"] = ["Köln", "line\nbreak", "comma, quote \" and ;"]
    tables["deals"] = pd.DataFrame({"deal_id": ["d", "e", "f"], "lab_id": ["x", "x", "y"],
                                    "is_up_to": [True, False, None],
                                    "value_usd_bn": [1.5, np.nan, 300]})
    first = world(**tables)
    again = rm.read_world(write_world(first, tmp_path), check=False)
    assert_same(first, again)
    assert again.deals["is_up_to"].tolist() == [True, False, pd.NA]


def test_writing_leaves_no_partial_file_and_replaces_whole(tmp_path):
    write_world(world(), tmp_path)
    write_world(world(sites=frames()["sites"].iloc[:2],
                      holdings=frames()["holdings"]), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["holdings.csv", "labs.csv", "sites.csv"]
    assert len(rm.read_world(tmp_path).sites) == 2


def test_a_world_with_unreadable_cells_is_not_written(tmp_path):
    with pytest.raises(rm.WorldError, match="much"):
        write_world(world(sites=frames()["sites"].assign(it_mw=["much", 1, 2])), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_perils_that_live_in_memory_are_not_lost_silently(tmp_path):
    with pytest.raises(rm.RiskModelError, match="live only in memory"):
        write_world(world(perils={"storm": {"rate": 1}}), tmp_path)


def test_the_shipped_world_lies_where_the_package_finds_it():
    assert (shipped_folder() / "registry.toml").is_file()


def test_a_world_without_a_file_that_is_not_needed(tmp_path):
    path = write_small_world(tmp_path)
    for name in ("events.csv", "nodes.csv", "requirements.csv", "sites_timeline.csv"):
        (path / name).unlink()
    small = rm.read_world(path)
    assert len(small.events) == 0
    assert list(small.events.columns) == list(TABLES["events"].names)


def test_repr_says_what_it_is(tmp_path):
    text = repr(rm.read_world(write_small_world(tmp_path)))
    assert "3 sites" in text
    assert "350 MW IT" in text
    assert "as_of=2026-11-01" in text


def test_the_registry_travels_with_new_checksums(tmp_path):
    path = write_small_world(tmp_path / "one")
    (path / "registry.toml").write_text(
        'as_of = "2026-11-01"\ncredits = ["Käthe \\"K\\"", "B"]\n\n'
        f'[[files]]\npath = "sites.csv"\nsha256 = "{checksum(path / "sites.csv")}"\n'
        'licence = "CC BY 4.0"\n\n[[files]]\npath = "labs.csv"\nlicence = "own"\n')
    first = rm.read_world(path)
    assert first.check() == []
    target = write_world(first, tmp_path / "two")
    again = rm.read_world(target)
    assert again.check() == []
    assert again.registry["credits"] == ['Käthe "K"', "B"]
    assert [entry["licence"] for entry in again.registry["files"]] == ["CC BY 4.0", "own"]
    assert again.registry["files"][0]["sha256"] == checksum(target / "sites.csv")


def test_files_edited_or_gone_since_they_were_registered_are_named(tmp_path):
    path = write_small_world(tmp_path)
    with (path / "registry.toml").open("a") as stream:
        stream.write('[[files]]\npath = "sites.csv"\nsha256 = "0"\n'
                     '[[files]]\npath = "regions.parquet"\nsha256 = "0"\n')
    edited, gone = rm.read_world(path).check()
    assert (edited.check, edited.level, gone.check) == ("registered_files", "warn",
                                                        "registered_files")
    assert "sites.csv" in edited.message
    assert "regions.parquet" in gone.message
