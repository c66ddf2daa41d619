"""A plain spreadsheet of sites becomes a valid world, and nothing in it is lost."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.exchange.column_guesses import GUESSES, plain, take_columns
from riskmodel.exchange.import_sites import BadRows, import_sites

SHEET = """Site,Latitude,Longitude,MW,Tenant,Share,Comments,Colour
Oak Campus,32.45,-99.73,120,OpenAI,,first,blue
Birch Hall,40.08,-82.81,60,Our Lab,50%,,green
Birch Hall,40.08,-82.81,60,Anthropic,0.3,,
Elm,60.48,15.43,25,,,,red
Pine,35.68,139.69,10,Our Lab,,,
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("sheet")
    return import_sites(write(folder / "sites.csv", SHEET), folder / "mine")


def test_the_world_is_valid_and_holds_what_the_sheet_says(made):
    world = rm.read_world(made.folder)
    assert world.check() == []
    assert dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True)) == {
        "oak_campus": 120, "birch_hall": 60, "elm": 25, "pine": 10}
    held = {(row.lab_id, row.site_id): row.share for row in world.holdings.itertuples()}
    assert held == {("openai", "oak_campus"): 1.0, ("our_lab", "birch_hall"): 0.5,
                    ("anthropic", "birch_hall"): 0.3, ("our_lab", "pine"): 1.0}
    # what nobody is named for is nobody's: a fifth of Birch Hall, and Elm
    assert world.lab_capacity()["unknown"] == pytest.approx(0.2 * 60 + 25)


def test_sites_hang_on_what_the_polygons_say(made):
    sites = made.world.sites.set_index("site_id")
    assert sites["grid_region"].to_dict() == {
        "oak_campus": "ERCOT", "birch_hall": "PJM", "elm": "SE3", "pine": "JP"}
    assert sites["country_iso2"].to_dict() == {
        "oak_campus": "US", "birch_hall": "US", "elm": "SE", "pine": "JP"}
    assert sites.loc["oak_campus", "admin1"] == "Texas"
    needs = set(zip(made.world.requirements["node_id"], made.world.requirements["member_id"],
                    strict=True))
    for chain in (("oak_campus", "feed:oak_campus"), ("feed:oak_campus", "grid:ERCOT"),
                  ("grid:ERCOT", "interconnection:TEXAS"), ("oak_campus", "country:US"),
                  ("grid:SE3", "interconnection:NORDIC")):
        assert chain in needs


def test_a_site_of_the_record_is_linked_as_the_record_links_it(tmp_path):
    """The shipped sites, given by place and MW alone, come back to their grids and countries."""
    shipped = rm.read_world()
    sites = shipped.sites[(shipped.sites["coord_precision_km"] <= 2)
                          & (shipped.sites["grid_region"] != "OFF_GRID")]
    lines = ["id,lat,lon,it_mw"] + [f"{s.site_id},{s.lat},{s.lon},1" for s in sites.itertuples()]
    made = import_sites(write(tmp_path / "s.csv", "\n".join(lines)), tmp_path / "w").world.sites
    assert made["country_iso2"].tolist() == sites["country_iso2"].tolist()
    same = [a == b for a, b in zip(made["grid_region"], sites["grid_region"], strict=True)]
    assert sum(same) / len(same) > 0.85  # planning regions only approximate the footprints


def test_columns_are_shown_and_what_is_not_understood_is_kept(made):
    assert made.columns["it_mw"] == "MW"
    assert made.columns["lab"] == "Tenant"
    assert made.unused == ("Colour",)
    kept = rows(made.folder / "imported_columns.csv")
    assert [(row["site_id"], row["Colour"]) for row in kept] == [
        ("oak_campus", "blue"), ("birch_hall", "green"), ("birch_hall", ""), ("elm", "red"),
        ("pine", "")]
    assert any("taken for MW of IT power" in note for note in made.notes)
    assert "Colour" in (made.folder / "README.md").read_text(encoding="utf-8")


def test_the_made_world_runs(made):
    losses = rm.simulate(rm.read_world(made.folder), years=300, seed=1, adequacy=False)
    assert {"openai", "our_lab"} <= set(losses.labs)
    assert losses.years["lost_mw_days"].sum() > 0


BAD = """name,lat,lon,it_mw,lab,share,country
Good,40.08,-82.81,60,us,,US
Turned,-82.81,40.08,60,us,,US
Afar,40.08,-82.81,60,us,,Sweden
Comma,40.08,-82.81,"12,5",us,,US
Half,40.08,-82.81,60,us,50,US
Powerless,40.08,-82.81,,us,,US
Nowhere,,,60,us,,US
Sea,0,-30,60,us,,
Elsewhere,40.08,-82.81,60,us,,Ruritania
Good,40.08,-82.81,61,us,,US
Negative,40.08,-82.81,-5,us,,US
"""


def test_rows_that_cannot_be_taken_stop_it_and_are_named_with_their_mend(tmp_path):
    file = write(tmp_path / "s.csv", BAD)
    with pytest.raises(BadRows) as caught:
        import_sites(file, tmp_path / "w")
    told = {row.row: f"{row.message} | {row.mend}" for row in caught.value.rows}
    assert sorted(told) == [3, 4, 5, 6, 7, 8, 9, 10, 12]
    for row, words in ((3, "the file says US"), (4, "lies in US, and the file says SE"),
                       (5, "'12,5' may be 12.5"), (6, "0.5"), (7, "no power"), (8, "no lat"),
                       (9, "no country"), (10, "Ruritania"), (12, "-5")):
        assert words in told[row], told[row]
    assert not (tmp_path / "w").exists()


def test_skipped_rows_stand_in_a_file_and_nothing_else_is_lost(tmp_path):
    made = import_sites(write(tmp_path / "s.csv", BAD), tmp_path / "w", skip_bad=True)
    assert len(made.world.sites) + len(made.skipped) == 11
    left = rows(tmp_path / "w" / "skipped_rows.csv")
    assert [row["name"] for row in left] == [
        "Turned", "Afar", "Comma", "Half", "Powerless", "Nowhere", "Sea", "Elsewhere", "Negative"]
    assert all(row["why not"] and row["mend"] for row in left)
    assert left[2]["it_mw"] == "12,5"
    # two sites of one name and another power are two sites
    assert made.world.sites["site_id"].tolist() == ["good", "good_2"]


def test_a_file_of_a_european_spreadsheet(tmp_path):
    text = "Name;Breite;Länge;Leistung MW\nHalle;50,11;8,68;12,5\n"
    file = tmp_path / "s.csv"
    file.write_bytes(text.encode("cp1252"))
    made = import_sites(file, tmp_path / "w", columns={"it_mw": "Leistung MW", "lon": "Länge"},
                        lab="us")
    assert made.world.sites[["lat", "lon", "it_mw", "grid_region"]].values.tolist() == [
        [50.11, 8.68, 12.5, "DE_LU"]]
    assert made.world.lab_capacity().to_dict() == {"us": 12.5}
    assert any("Windows-1252" in note for note in made.notes)


def test_facility_power_is_divided_by_pue(tmp_path):
    text = "name,lat,lon,facility_mw,pue\nA,40.08,-82.81,125,1.25\nB,40.5,-82.81,130,\n"
    sites = import_sites(write(tmp_path / "s.csv", text), tmp_path / "w").world.sites
    assert sites["it_mw"].tolist() == pytest.approx([100, 100])
    assert "over PUE 1.25" in sites["it_mw_basis"].iloc[0]


def test_a_workbook(tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"name": ["A"], "lat": [40.08], "lon": [-82.81], "it_mw": [60.0],
                          "opened": [pd.Timestamp("2026-03-01")]})
    frame.to_excel(tmp_path / "s.xlsx", index=False)
    site = import_sites(tmp_path / "s.xlsx", tmp_path / "w").world.sites.iloc[0]
    assert (site["site_id"], site["it_mw"], site["operational_from"]) == ("a", 60, "2026-03-01")


def test_a_workbook_without_openpyxl_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "s.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(RiskModelError, match=r"riskmodel\[excel\]"):
        import_sites(tmp_path / "s.xlsx", tmp_path / "w")


@pytest.mark.parametrize(("text", "words"), [
    ("", "is empty"), ("name,lat,lon,mw\n", "no row"), ("a,a\n1,2\n", "more than once"),
    ("name,breadth,width,mw\nx,1,2,3\n", "--map lat=COLUMN"),
    ("name,lat,lon,mw\nx,1,2,3,4\n", "double quotes")])
def test_a_file_that_is_none_is_refused_in_words(text, words, tmp_path):
    with pytest.raises(RiskModelError, match=words):
        import_sites(write(tmp_path / "s.csv", text), tmp_path / "w")


def test_mapping_goes_before_guessing_and_its_slips_are_named():
    columns = ["Site", "MW", "Peak", "Lat", "Lon"]
    taken, _ = take_columns(columns, {}, {"it_mw": "Peak", "name": ""})
    assert taken == {"lat": "Lat", "lon": "Lon", "it_mw": "Peak"}
    for told, words in (({"itmw": "MW"}, "did you mean 'it_mw'"),
                        ({"it_mw": "mw"}, "did you mean 'MW'")):
        with pytest.raises(RiskModelError, match=words):
            take_columns(columns, {}, told)


def test_the_guesses_are_written_as_they_are_compared():
    assert all(word == plain(word) for words in GUESSES.values() for word in words)


def test_the_command_shows_its_columns_and_speaks_json(call, tmp_path):
    write(tmp_path / "s.csv", SHEET)
    code, _, err = call("import-sites", "s.csv", "-o", "mine")
    assert code == 0
    assert "lab = Tenant" in err
    assert "Colour" in err
    code, out, _ = call("import-sites", "s.csv", "-o", "other", "--json")
    assert (code, json.loads(out)["sites"]) == (0, 4)
    assert call("import-sites", "s.csv", "-o", "mine")[0] == 1  # never written over
    write(tmp_path / "bad.csv", BAD)
    code, _, err = call("import-sites", "bad.csv", "-o", "third")
    assert (code, "--skip-bad" in err) == (1, True)
    assert call("import-sites", "nowhere.csv", "-o", "third")[0] == 2
    assert call("import-sites", "s.csv", "-o", "third", "--mw-per", "MW")[0] == 2


def test_a_zone_beside_a_site_is_taken_only_where_it_is_the_countrys_own(tmp_path):
    text = ("name,lat,lon,mw\nLuxembourg,49.6,6.1,1\nUzhhorod,48.62,22.29,1\n"
            "Anchorage,61.2,-149.9,1\n")
    made = import_sites(write(tmp_path / "s.csv", text), tmp_path / "w")
    # inside the zone of Germany and Luxembourg; 4 km from Slovakia's; no polygon in Alaska
    assert made.world.sites["grid_region"].tolist() == ["DE_LU", "UA", "US"]
    assert made.world.check() == []
    # nobody is named: a world all the same, whose capacity is nobody's
    assert made.world.lab_capacity().to_dict() == {"unknown": 3.0}
