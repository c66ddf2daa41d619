"""Map layers, OED location files and Epoch AI's table as sources of sites."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.exchange.epoch_sites import split_tags
from riskmodel.exchange.import_sites import BadRows, import_sites

HERE = Path(__file__).resolve().parent
OED = """PortNumber,AccNumber,LocNumber,LocName,CountryCode,Latitude,Longitude,BuildingTIV,\
LocCurrency
1,A1,1,Oak,US,32.45,-99.73,500000000,USD
1,A1,2,,US,40.08,-82.81,250000000,USD
"""


@pytest.fixture
def layer():
    import geopandas as gpd
    import shapely

    return gpd.GeoDataFrame(
        {"name": ["Oak", "Birch"], "it_mw": [120.0, 60.0], "paint": ["blue", None]},
        geometry=[shapely.Point(-99.73, 32.45), shapely.box(-82.83, 40.06, -82.79, 40.10)],
        crs="EPSG:4326")


@pytest.mark.parametrize("name", ["s.gpkg", "s.parquet", "s.geojson"])
def test_every_kind_of_layer_in_any_reference_system(name, layer, tmp_path):
    path = tmp_path / name
    if name == "s.parquet":
        layer.to_crs("EPSG:3857").to_parquet(path)
    else:
        (layer if name == "s.geojson" else layer.to_crs("EPSG:5070")).to_file(path)
    made = import_sites(path, tmp_path / "w", lab="us")
    sites = made.world.sites
    assert sites["lat"].tolist() == pytest.approx([32.45, 40.08], abs=1e-5)
    assert sites["lon"].tolist() == pytest.approx([-99.73, -82.81], abs=1e-5)
    assert sites["grid_region"].tolist() == ["ERCOT", "PJM"]
    assert 1.5 < sites["coord_precision_km"].iloc[1] < 3  # the radius of the campus
    assert any("representative point" in note for note in made.notes)
    assert made.unused == ("paint",)
    assert made.world.lab_capacity().to_dict() == {"us": 180.0}


def test_a_layer_without_a_reference_system_or_a_place_is_refused_in_words(layer, tmp_path):
    layer.set_crs(None, allow_override=True).to_parquet(tmp_path / "s.parquet")
    with pytest.raises(RiskModelError, match="--crs EPSG:4326"):
        import_sites(tmp_path / "s.parquet", tmp_path / "w")
    import_sites(tmp_path / "s.parquet", tmp_path / "w", crs="EPSG:4326")
    layer.geometry = [None, layer.geometry[1]]
    layer.to_parquet(tmp_path / "gap.parquet")
    with pytest.raises(BadRows, match="the feature has no place"):
        import_sites(tmp_path / "gap.parquet", tmp_path / "v")
    (tmp_path / "s.gpkg").write_text("x", encoding="utf-8")
    with pytest.raises(RiskModelError, match="cannot be read as a map layer"):
        import_sites(tmp_path / "s.gpkg", tmp_path / "v")


def test_a_package_of_several_layers_asks_which(layer, tmp_path):
    for name in ("now", "later"):
        layer.to_file(tmp_path / "s.gpkg", layer=name)
    with pytest.raises(RiskModelError, match=r"2 layers: .*--layer"):
        import_sites(tmp_path / "s.gpkg", tmp_path / "w")
    assert len(import_sites(tmp_path / "s.gpkg", tmp_path / "w", layer="later").world.sites) == 2


def test_insured_values_are_no_power_until_somebody_states_a_factor(tmp_path):
    (tmp_path / "loc.csv").write_text(OED, encoding="utf-8")
    with pytest.raises(BadRows, match="no power"):
        import_sites(tmp_path / "loc.csv", tmp_path / "w")
    made = import_sites(tmp_path / "loc.csv", tmp_path / "w", mw_per=("BuildingTIV", 2e-7))
    sites = made.world.sites
    assert made.form == "oed"
    assert sites["site_id"].tolist() == ["loc_1_A1_1", "loc_1_A1_2"]
    assert sites["name"].tolist() == ["Oak", "Location 2"]
    assert sites["it_mw"].tolist() == pytest.approx([100, 50])
    assert sites["it_mw_basis"].str.contains("stated factor").all()
    assert sites["onsite_generation_mw"].isna().all()  # unknown stays empty
    assert "LocCurrency" in made.unused


def test_power_in_a_column_of_its_own_needs_no_factor(tmp_path):
    text = OED.replace("LocCurrency", "FlexiLocITMW").replace("USD", "12.5")
    (tmp_path / "loc.csv").write_text(text, encoding="utf-8")
    made = import_sites(tmp_path / "loc.csv", tmp_path / "w")
    assert made.world.sites["it_mw"].tolist() == [12.5, 12.5]


def test_epochs_table_with_its_words_its_places_and_its_credit(tmp_path):
    file = HERE / "epoch_data_centers.csv"
    with pytest.raises(BadRows, match="row 4: there is no lat"):
        import_sites(file, tmp_path / "w")
    places = tmp_path / "places.csv"
    places.write_text("name,lat,lon\nAnthropic-Amazon New Carlisle,41.69,-86.47\n",
                      encoding="utf-8")
    made = import_sites(file, tmp_path / "w", places=places)
    world = rm.read_world(tmp_path / "w")
    assert made.form == "epoch"
    assert len(world.sites) == 7
    assert world.sites["it_mw"].sum() == 946 + 636 + 910 + 368 + 183 + 238 + 240
    held = {(row.lab_id, row.site_id): (row.share, row.attribution)
            for row in world.holdings.itertuples()}
    assert held["xai", "colossus_2"] == (pytest.approx(1 / 3, abs=1e-6), "confirmed")
    assert held["openai", "microsoft_fairwater_atlanta"] == (0.5, "likely")
    assert held["google_deepmind", "google_pryor_north"] == (1.0, "speculative")
    assert held["google_deepmind", "google_bristow"] == (1.0, "likely")  # no word: not sure
    # a speculative holding counts for nobody with one world
    assert "google_pryor_north" not in set(world.effective_holdings().query(
        "lab_id == 'google_deepmind'")["site_id"])
    card = tomllib.loads((tmp_path / "w" / "registry.toml").read_text(encoding="utf-8"))
    assert "CC BY 4.0" in card["credits"][0]
    assert "Epoch AI" in card["credits"][0]
    assert {e["licence"] for e in card["files"] if e["path"] == "sites.csv"} == {"CC BY 4.0"}
    assert "cloud:aws" in set(world.requirements["member_id"])
    assert "Address" in made.unused


def test_epochs_tags_are_read():
    assert split_tags("OpenAI #likely, Microsoft") == [("OpenAI", "likely"), ("Microsoft", "")]
    assert split_tags("") == []


def test_a_form_that_the_file_is_not_is_refused(tmp_path):
    (tmp_path / "s.csv").write_text("name,lat,lon,mw\nA,1,2,3\n", encoding="utf-8")
    for form, words in (("epoch", "Epoch's table"), ("oed", "OED location file"),
                        ("xml", "there is no form")):
        with pytest.raises(RiskModelError, match=words):
            import_sites(tmp_path / "s.csv", tmp_path / "w", form=form)
