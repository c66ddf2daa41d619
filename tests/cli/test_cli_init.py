"""``riskmodel init``: a first world that is valid, small and explained, and never writes over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import riskmodel as rm
from riskmodel.cli import app
from riskmodel.exchange.starter_world import PERILS, write_starter
from riskmodel.perils.registry import load_perils

SITES = "sites.csv"


def call(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_the_first_world_has_no_problem_and_every_peril_finds_something(tmp_path: Path):
    write_starter(tmp_path / "mine")
    world = rm.read_world(tmp_path / "mine")
    assert world.check() == []
    assert (len(world.sites), len(world.labs)) == (3, 2)
    assert set(world.lab_capacity().to_dict().items()) == {("alpha", 130.0), ("beta", 70.0)}
    assert {peril.spec.peril_id for peril in load_perils(world)} == {*PERILS, "river_flood"}
    losses = rm.simulate(world, years=3000, seed=7, adequacy=False)
    # which of them strike in so few years is chance; these are frequent
    assert {"grid_outage", "site_failure", "cloud_outage", "winter_storm", "river_flood"} <= set(
        losses.causes["peril"])


def test_it_says_what_to_do_next_and_leaves_a_readme(tmp_path: Path):
    mine = tmp_path / "mine"
    code, out, err = call("init", mine)
    assert (code, out) == (0, "")
    assert f"riskmodel check {mine}" in err
    text = (mine / "README.md").read_text(encoding="utf-8")
    for file in [*mine.glob("*.csv"), mine / "registry.toml"]:
        assert f"`{file.name}`" in text  # every table is explained
    assert call("check", mine)[0] == 0
    assert "alpha 130, beta 70" in call("check", mine)[1]


def test_json_lists_the_files(tmp_path: Path):
    code, out, _ = call("init", tmp_path / "mine", "--json")
    told = json.loads(out)
    assert code == 0
    assert all((tmp_path / "mine" / name).is_file() for name in told["files"])


def test_bare_waits_for_sites_and_is_valid_with_one(tmp_path: Path):
    mine = tmp_path / "mine"
    assert call("init", mine, "--bare")[0] == 0
    code, _, err = call("check", mine)
    assert code == 1
    assert "[no_rows]" in err
    assert "site_id, lat, lon and it_mw" in err
    (mine / SITES).write_text("site_id,lat,lon,it_mw\nmine,51.5,-0.1,12.5\n", encoding="utf-8")
    (mine / "labs.csv").write_text("lab_id,needed_share\nus,0.8\n", encoding="utf-8")
    code, out, _ = call("check", mine)
    assert code == 0
    assert "unknown 12.5" in out  # nobody holds it yet, and the check shows it


def test_nothing_is_written_over(tmp_path: Path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letters.txt").write_text("dear", encoding="utf-8")
    code, _, err = call("init", mine)
    assert code == 2
    assert "letters.txt" in err
    assert [item.name for item in mine.iterdir()] == ["letters.txt"]
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    assert call("init", file)[0] == 2


def swap(name: str, old: str, new: str):
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return edit


def raw(name: str, change):
    def edit(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))
    return edit


#: slip -> the edit that makes it, and what the message must say
SLIPS = {
    "misspelt column": (swap(SITES, ",it_mw", ",it_MW"), ["row 1", "rename 'it_MW' to 'it_mw'"]),
    "places swapped": (swap(SITES, "32.1,-98.9", "-98.9,32.1"), ["row 2", "exchanged"]),
    "places swapped in range": (swap(SITES, "59.9,16.6", "16.6,59.9"), ["row 4", "exchanged"]),
    "share in per cent": (swap("holdings.csv", "y,0.5", "y,50"), ["row 3", "0.5"]),
    "shares above one": (swap("holdings.csv", "y,0.5", "y,0.7"), ["rows 3, 4", "1.2"]),
    "unknown lab": (swap("holdings.csv", "beta,mill", "betta,mill"), ["row 5", "mean 'beta'"]),
    "dangling grid": (swap("requirements.csv", "grid,grid:PJM", "grid,grid:PJN"),
                      ["row 13", "mean 'grid:PJM'"]),
    "decimal comma": (swap(SITES, "10,40,", '10,"12,5",'), ["row 4", "'12,5' may be 12.5"]),
    "with its unit": (swap(SITES, "10,40,", "10,40 MW,"), ["row 4", "'40 MW' may be 40"]),
    "thousands": (swap(SITES, "10,40,", '10,"1,000",'), ["row 4", "may be 1000 (or 1.000)"]),
    "per cent sign": (swap("holdings.csv", "y,0.5", "y,50%"), ["row 3", "'50%' may be 0.5"]),
    "semicolons": (raw("labs.csv", lambda b: b.replace(b",", b";")), ["row 1", "';'", "commas"]),
    "spreadsheet date": (swap(SITES, "2026-11-23", "23/11/2026"), ["row 2", "be 2026-11-23"]),
    "either date": (swap(SITES, "2026-11-23", "03/04/2026"),
                    ["row 2", "may be 2026-04-03 or 2026-03-04"]),
    "serial date": (swap(SITES, "2026-11-23", "46349"), ["row 2", "may be 2026-11-23"]),
    "empty file": (raw("labs.csv", lambda b: b""), ["labs.csv", "empty"]),
    "a spreadsheet": (lambda f: (f / SITES).rename(f / "sites.xlsx"), ["save it as 'sites.csv'"]),
    "old encoding": (raw(SITES, lambda b: b.replace(b"Sala", b"Bj\xf6rk")), ["row 4", "UTF-8"]),
    "peril file": (raw("perils/cyber.toml", lambda b: b + b"x\n"), ["perils/cyber.toml, row"]),
    "peril number": (swap("perils/heatwave.toml", "best = ", "best = 777"),
                     ["heatwave.toml", "not in order"]),
    "peril name": (lambda f: (f / "perils/cyber.toml").rename(f / "perils/cybr.toml"),
                   ["perils/cybr.toml", "near: cyber"]),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_named_with_file_rows_and_mend(slip: str, tmp_path: Path):
    write_starter(tmp_path / "mine")
    edit, told = SLIPS[slip]
    edit(tmp_path / "mine")
    code, _, err = call("check", tmp_path / "mine")
    assert code == 1
    assert "mend: " in err
    for words in told:
        assert words in err


def test_a_byte_order_mark_and_windows_line_ends_are_no_slip(tmp_path: Path):
    write_starter(tmp_path / "mine")
    raw(SITES, lambda b: b"\xef\xbb\xbf" + b.replace(b"\n", b"\r\n"))(tmp_path / "mine")
    assert call("check", tmp_path / "mine")[0] == 0


def test_several_slips_are_told_at_once(tmp_path: Path):
    write_starter(tmp_path / "mine")
    for slip in ("decimal comma", "unknown lab", "peril file"):
        SLIPS[slip][0](tmp_path / "mine")
    swap("perils/site_failure.toml", "best = ", "best = 777")(tmp_path / "mine")
    code, out, _ = call("check", tmp_path / "mine", "--json")
    told = json.loads(out)["problems"]
    assert code == 1
    assert {each["check"] for each in told} == {"wrong_type", "foreign_keys", "not_toml", "perils"}
