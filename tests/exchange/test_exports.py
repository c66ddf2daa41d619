"""What leaves for other tools: the numbers are those of the run, in the form the tool reads."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.exchange.country_codes import ISO3
from riskmodel.exchange.ord_tables import EP_TYPES
from riskmodel.exchange.rdls import metadata
from riskmodel.exchange.starter_world import write_starter

YEARS = 400


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> rm.Losses:
    folder = tmp_path_factory.mktemp("run") / "mine"
    write_starter(folder)
    return rm.simulate(rm.read_world(folder), years=YEARS, seed=7)


@pytest.fixture(scope="module")
def ord_folder(run: rm.Losses, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rm.to_ord(run, tmp_path_factory.mktemp("ord"))


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"gul_S1_{name}.csv")


# ---------------------------------------------------------------- Oasis ORD


def test_columns_are_the_standards(ord_folder):
    assert list(table(ord_folder, "splt")) == [
        "Period", "PeriodWeight", "EventId", "Year", "Month", "Day", "Hour", "Minute", "SummaryId",
        "SampleId", "Loss", "ImpactedExposure"]
    assert list(table(ord_folder, "selt")) == ["EventId", "SummaryId", "SampleId", "Loss",
                                               "ImpactedExposure"]
    assert list(table(ord_folder, "melt")) == [
        "EventId", "SummaryId", "SampleType", "EventRate", "ChanceOfLoss", "MeanLoss", "SDLoss",
        "MaxLoss", "FootprintExposure", "MeanImpactedExposure", "MaxImpactedExposure"]
    assert list(table(ord_folder, "ept")) == ["SummaryId", "EPCalc", "EPType", "ReturnPeriod",
                                              "Loss"]
    assert list(table(ord_folder, "palt")) == ["SummaryId", "SampleType", "MeanLoss", "SDLoss"]


def test_the_period_table_adds_up_to_the_years_and_the_average(run, ord_folder):
    splt = table(ord_folder, "splt")
    labs = dict(zip(table(ord_folder, "summary-info")["summary_id"],
                    table(ord_folder, "summary-info")["lab"], strict=True))
    assert set(labs.values()) == {"alpha", "beta", "total"}
    years = splt.assign(lab=splt["SummaryId"].map(labs)).groupby(["lab", "Period"])["Loss"].sum()
    for row in run.years.itertuples():
        assert years[row.lab, row.year + 1] == pytest.approx(row.lost_mw_days, rel=1e-9)
    assert years["total"].sum() == pytest.approx(years.drop("total").sum(), rel=1e-9)
    palt = table(ord_folder, "palt").set_index("SummaryId")["MeanLoss"]
    aal = rm.measure(run, measures=["aal"]).set_index("lab")["value"]
    for summary, lab in labs.items():
        assert (splt.query("SummaryId == @summary")["Loss"] * splt["PeriodWeight"].iloc[0]
                ).sum() == pytest.approx(palt[summary])
        if lab != "total":
            assert palt[summary] == pytest.approx(aal[lab])


def test_the_exceedance_table_is_what_ranking_the_periods_gives(ord_folder):
    splt, ept = table(ord_folder, "splt"), table(ord_folder, "ept")
    ept["word"] = ept["EPType"].map(EP_TYPES)
    assert ept["ReturnPeriod"].max() == 250  # nothing beyond the 400 simulated years
    for summary, rows in splt.groupby("SummaryId"):
        by_period = rows.groupby("Period")["Loss"]
        for kind, losses in (("AEP", by_period.sum()), ("OEP", by_period.max())):
            ranked = np.sort(losses.to_numpy())[::-1]
            for period in (10, 50, 100):
                at = ept[(ept["SummaryId"] == summary) & (ept["ReturnPeriod"] == period)]
                k = YEARS // period
                assert at[at["word"] == kind]["Loss"].iloc[0] == pytest.approx(ranked[k - 1])
                assert at[at["word"] == f"TVAR_{kind}"]["Loss"].iloc[0] == pytest.approx(
                    ranked[:k].mean())


def test_events_have_one_meaning_in_every_table(run, ord_folder):
    splt, melt = table(ord_folder, "splt"), table(ord_folder, "melt")
    info = pd.read_csv(ord_folder / "event-info.csv").set_index("EventId")
    assert set(splt["EventId"]) == set(melt["EventId"]) == set(info.index)
    assert melt["EventRate"].unique() == [1 / YEARS]
    assert (melt["EventRate"] * melt["MeanLoss"]).sum() == pytest.approx(
        (splt["PeriodWeight"] * splt["Loss"]).sum())
    moment = (splt["EventId"].map(info["start_h"]) * 60).round()
    day = pd.to_datetime(splt[["Month", "Day", "Hour", "Minute"]].assign(Year=2001))
    assert ((day - pd.Timestamp(2001, 1, 1)).dt.total_seconds() / 60 == moment).all()
    facts = json.loads((ord_folder / "metadata.json").read_text(encoding="utf-8"))
    assert facts["loss_unit"].startswith("MW-days")
    assert "folder" not in facts["manifest"]["world"]


def test_what_has_no_events_or_years_is_refused(run, tmp_path):
    with pytest.raises(RiskModelError, match="no events"):
        rm.to_ord(rm.Losses.from_years(run.years[["year", "lab", "lost_mw_days"]], YEARS), tmp_path)
    event = rm.Event("storm", "x", [rm.OwnOutage("prairie", 0, 24, 1.0)])
    story = rm.stress(run.world, [event])
    for export in (rm.to_ord, rm.to_geoparquet, rm.to_rdls):
        with pytest.raises(RiskModelError):
            export(story, tmp_path)


# ---------------------------------------------------------------- layers


def test_layers_open_in_plain_geopandas_and_add_up(run, tmp_path):
    (only,) = rm.to_geoparquet(run, tmp_path / "a")
    regions = gpd.read_parquet(only)
    assert only.name == "regions.parquet"
    assert regions.crs == "EPSG:4326"
    assert regions["aal_mw_days"].sum() == pytest.approx(
        rm.measure(run, by="total", measures=["aal"])["value"].iloc[0])
    assert regions["it_mw"].sum() == 200
    assert regions.set_index("region").loc["ERCOT"].geometry.geom_type == "MultiPolygon"
    named = set(regions.astype(str).to_numpy().ravel())
    assert not named & {"prairie", "valley", "mill", "Prairie campus"}  # regions, not sites


def test_sites_come_when_asked_for(run, tmp_path):
    rm.to_geopackage(run, tmp_path / "run.gpkg", sites=True)
    sites = gpd.read_file(tmp_path / "run.gpkg", layer="sites").set_index("site_id")
    assert sites.geometry["mill"].coords[0] == (16.6, 59.9)
    assert sites["aal_mw_days"].sum() == pytest.approx(
        rm.measure(run, by="total", measures=["aal"])["value"].iloc[0])
    assert gpd.list_layers(tmp_path / "run.gpkg")["name"].tolist() == ["regions", "sites"]


# ---------------------------------------------------------------- tables


def test_csv_reads_back_as_the_measures(run, tmp_path):
    rm.to_csv(run, tmp_path)
    aal = pd.read_csv(tmp_path / "measures.csv").query("measure == 'aal' and lab == 'alpha'")
    expected = rm.measure(run, measures=["aal"]).query("lab == 'alpha'")["value"].iloc[0]
    assert aal["value"].iloc[0] == expected
    years = pd.read_csv(tmp_path / "years.csv")
    assert years["lost_mw_days"].tolist() == run.years["lost_mw_days"].tolist()
    assert set(pd.read_csv(tmp_path / "contributions.csv")["by"]) == {"peril", "region", "lab"}


def test_the_example_query_of_the_duckdb_folder_gives_the_runs_numbers(run, tmp_path, monkeypatch):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    folder = rm.to_duckdb(run, tmp_path)
    monkeypatch.chdir(folder)
    queries = [q for q in (folder / "example.sql").read_text(encoding="utf-8").split(";")
               if q.strip()]
    found = [duckdb.sql(query).fetchall() for query in queries]
    assert len(found) == 4
    assert all(found)
    aal = rm.measure(run, measures=["aal"]).set_index("lab")["value"]
    assert dict(found[0]) == pytest.approx({"alpha": aal["alpha"], "beta": aal["beta"]})
    assert sum(value for _, value in found[2]) == pytest.approx(aal.sum())
    nodes = {row[0] for row in duckdb.sql("SELECT DISTINCT node FROM 'causes.parquet'").fetchall()}
    assert "a site" in nodes
    assert not nodes & {"prairie", "valley", "mill"}


# ---------------------------------------------------------------- OED and RDLS


def test_oed_goes_out_and_comes_back(run, tmp_path):
    rm.to_oed(run.world, tmp_path / "location.csv", usd_per_mw=1e7)
    back = rm.import_sites(tmp_path / "location.csv", tmp_path / "w", form="oed").world.sites
    assert back["it_mw"].tolist() == [100, 60, 40]
    assert back["name"].tolist() == run.world.sites["name"].tolist()
    assert pd.read_csv(tmp_path / "location.csv")["BuildingTIV"].tolist() == [1e9, 6e8, 4e8]
    with pytest.raises(RiskModelError, match="0 or more"):
        rm.to_oed(run.world, tmp_path / "x.csv", usd_per_mw=-1)


def test_rdls_says_what_the_standard_has_words_for_and_names_the_rest(run, tmp_path):
    path = rm.to_rdls(run, tmp_path, publisher="Us", contact="us@example.org")
    (dataset,) = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    assert dataset["spatial"]["countries"] == ["SWE", "USA"]
    assert dataset["risk_data_type"] == ["exposure", "loss"]
    assert {e["hazard_type"] for e in dataset["loss"]["losses"]} <= {
        "extreme_temperature", "strong_wind"}
    assert "grid_outage" in dataset["details"]
    assert all((tmp_path / each["download_url"]).is_file() for each in dataset["resources"])
    assert dataset["contact_point"]["email"] == "us@example.org"
    with pytest.raises(RiskModelError, match="https://"):
        metadata(run, contact="over there")


def test_country_codes_are_pairs():
    assert ISO3["US"] == "USA"
    assert ISO3["AE"] == "ARE"
    assert len(ISO3) == len(set(ISO3.values()))
    assert all(len(a) == 2 and len(b) == 3 and (a + b).isupper() for a, b in ISO3.items())


# ---------------------------------------------------------------- the command


def test_the_command_writes_each_form_and_never_over(call, run, tmp_path, monkeypatch):
    from riskmodel.commands import export

    monkeypatch.setattr(export, "read_manifest", lambda output: {})
    monkeypatch.setattr(export, "world_of", lambda *args: run.world)
    monkeypatch.setattr("riskmodel.engine.losses.storage.read_losses", lambda *args, **kwargs: run)
    for to in ("csv", "duckdb", "geoparquet", "ord", "oed", "rdls", "geopackage"):
        code, out, err = call("export", "out", "--to", to, "-o", f"there/{to}", "--json")
        assert code == 0, err
        assert json.loads(out)["files"]
    code, _, err = call("export", "out", "--to", "csv", "-o", "there/csv")
    assert (code, "not empty" in err) == (2, True)
    assert call("export", "out", "--to", "geopackage", "-o", "run.gpkg")[0] == 0
    assert call("export", "out", "--to", "geopackage", "-o", "run.gpkg")[0] == 2
    code, _, err = call("export", "out", "--to", "csv", "-o", "bom", "--bom")
    assert (tmp_path / "bom" / "years.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "--sites adds single sites" in err


def test_years_that_were_drawn_more_often_carry_their_weight(run, tmp_path):
    weights = np.where(np.arange(YEARS) % 2 == 0, 0.5, 1.5)
    weighted = dataclasses.replace(run, weights=weights)
    folder = rm.to_ord(weighted, tmp_path / "ord")
    splt, ept, palt = (table(folder, name) for name in ("splt", "ept", "palt"))
    assert splt["PeriodWeight"].to_numpy() == pytest.approx(weights[splt["Period"] - 1] / YEARS)
    aal = rm.measure(weighted, measures=["aal"])["value"].tolist()
    assert palt["MeanLoss"].tolist()[:2] == pytest.approx(aal)
    assert aal != pytest.approx(rm.measure(run, measures=["aal"])["value"].tolist())
    for basis, code in (("aep", 3), ("oep", 1)):
        curve = rm.exceedance(weighted, basis=basis, return_periods=[10, 50])
        for summary, lab in ((1, "alpha"), (2, "beta")):
            rows = ept[(ept["SummaryId"] == summary) & (ept["EPType"] == code)]
            rows = rows.set_index("ReturnPeriod")
            assert rows.loc[[10, 50], "Loss"].tolist() == pytest.approx(
                curve[curve["lab"] == lab]["lost_mw_days"].tolist())
    duck = rm.to_duckdb(weighted, tmp_path / "duck")
    years = pd.read_parquet(duck / "years.parquet").query("lab == 'alpha'")
    assert (years["weight"] * years["lost_mw_days"]).sum() / YEARS == pytest.approx(aal[0])


def test_a_long_run_leaves_its_measures_and_says_what_it_cannot_give(run, tmp_path):
    long = rm.simulate(run.world, years=YEARS, seed=7, adequacy=False, most_in_memory=100)
    names = {path.stem for path in rm.to_csv(long, tmp_path / "csv")}
    assert names == {"measures", "exceedance", "contributions"}
    aal = pd.read_csv(tmp_path / "csv" / "measures.csv").query("measure == 'aal'")["value"]
    assert aal.iloc[0] == pytest.approx(rm.measure(run, measures=["aal"])["value"].iloc[0])
    with pytest.raises(RiskModelError, match="long run"):
        rm.to_ord(long, tmp_path / "ord")
