"""Each observed event feeds one family, once; the families add up to the lists they came from."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase

import pandas as pd
import pytest
from scipy import stats

from riskmodel.perils.spec import numbers
from riskmodel.world.shipped import shipped_folder
from tests.perils.conftest import FILES

GEO = shipped_folder()
YEARS = 16.58
#: the row of hazard_rates.csv on each cause of the US list, the record's number of events, and the
#: endings of its count ids
US_LIST = {"R01": (763, ("storm", "winter", "hurricane", "heat")), "R02": (60, ("equipment",)),
           "R03": (127, ("system",)), "R04": (51, ("fuel",)), "R05": (69, ("appeal",)),
           "R06": (46, ("islanding",)), "R07": (418, ("attack",))}
#: what each ending feeds
FAMILY = {"storm": "grid_outage", "winter": "winter_storm", "hurricane": "hurricane",
          "heat": "heatwave", "equipment": "grid_outage", "system": "grid_outage",
          "fuel": "grid_outage", "islanding": "grid_outage", "appeal": "adequacy_curtailment",
          "attack": "sabotage"}
#: state-events a year by region, as the record prints them: all causes it lists, attacks included
REGIONS = {"RFC": 16.82 + 0.48 + 0.78 + 0.30 + 0.18 + 6.39,
           "SERC": 8.02 + 0.48 + 1.09 + 0.12 + 0.78 + 1.81,
           "TRE": 3.74 + 0.12 + 1.03 + 0.30 + 0.96 + 0.54,
           "WECC": 6.57 + 1.87 + 3.32 + 1.21 + 0.72 + 11.40 + 2.11,
           "NPCC": 3.86 + 0.12 + 0.54 + 0.78 + 0.24 + 3.44,
           "SPP_MRO": 3.50 + 0.06 + 0.12 + 0.36 + 1.08 + 1.44}


@pytest.fixture(scope="module")
def counts():
    table = pd.read_csv(GEO / "counts.csv", dtype=str, keep_default_na=False)
    table["number"] = pd.to_numeric(table["count"])
    return table


@pytest.fixture(scope="module")
def record():
    table = pd.read_csv(GEO / "hazard_rates.csv", dtype=str, keep_default_na=False)
    return table.set_index("rate_id")


@pytest.fixture(scope="module")
def observed():
    return pd.read_csv(GEO / "events_observed.csv", dtype=str, keep_default_na=False)


def ending(count_id):
    return count_id.rsplit("_", 1)[1]


def us_rows(counts):
    return counts[counts["count_id"].str.startswith("oe417_")]


def counted_numbers():
    """Yield family, path and count id of every counted number of every file."""
    for path in FILES:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, number in numbers(data).items():
            if "counted" in number:
                yield data["id"], name, str(number["counted"])


def test_the_us_list_adds_up_to_the_record_by_cause(counts, record):
    rows = us_rows(counts)
    for rate_id, (number, endings) in US_LIST.items():
        found = rows[rows["count_id"].map(ending).isin(endings)]["number"].sum()
        assert found == number, rate_id
        # the record prints that number over its years (16 and 7 months), with the exact interval
        low, best, high = (record.loc[rate_id, f"annual_rate_{name}"]
                           for name in ("low", "best", "high"))
        for text, exact in ((best, number), (low, stats.chi2.ppf(0.025, 2 * number) / 2),
                            (high, stats.chi2.ppf(0.975, 2 * number + 2) / 2)):
            decimals = len(text.partition(".")[2])
            assert abs(float(text) - exact / (16 + 7 / 12)) < 0.51 * 10.0**-decimals + 1e-9, rate_id
    assert {e for _, ends in US_LIST.values() for e in ends} == set(rows["count_id"].map(ending))
    assert rows["number"].sum() == sum(number for number, _ in US_LIST.values()) == 1534


def test_the_us_list_adds_up_to_the_record_by_region(counts):
    rows = us_rows(counts)
    for region, rate in REGIONS.items():
        found = rows[rows["region"] == region]
        printed = len(set(found["count_id"].map(ending)))  # each figure is rounded to .01 a year
        assert abs(found["number"].sum() / YEARS - rate) < 0.035 + 0.005 * printed, region
    assert set(rows["region"]) == {*REGIONS, "elsewhere"}
    assert (rows.loc[rows["region"] == "elsewhere", "use"] == "context").all()
    assert set(rows["exposure"]) == {"16.58"}


def test_each_row_of_the_us_list_has_the_family_of_its_cause(counts):
    rows = us_rows(counts)
    assert list(rows["family"]) == [FAMILY[ending(name)] for name in rows["count_id"]]


def test_every_observed_event_feeds_its_own_family_once(counts, observed):
    fed = [(event.strip(), row["count_id"], row["family"])
           for row in counts.to_dict("records")
           for event in row["event_ids"].split(";") if event.strip()]
    family = dict(zip(observed["event_id"], observed["family"], strict=True))
    events = [event for event, _, _ in fed]
    assert sorted(events) == sorted(set(events)), "an event stands in two rows"
    assert set(events) == set(family)
    for event, count_id, of in fed:
        assert family[event] == of, (event, count_id)


def test_a_count_is_no_smaller_than_the_events_it_names(counts):
    for row in counts[counts["use"] == "rate"].to_dict("records"):
        named = [event for event in row["event_ids"].split(";") if event.strip()]
        assert row["number"] >= len(named), row["count_id"]
        # what is counted beyond the record's own events is told
        if named and row["number"] > len(named):
            assert row["others"], row["count_id"]
        assert float(row["exposure"]) > 0


def test_every_counted_number_has_its_row_in_its_own_family(counts):
    families = dict(zip(counts["count_id"], counts["family"], strict=True))
    for family, path, wanted in counted_numbers():
        rows = [name for name in families if fnmatchcase(name, wanted)]
        assert rows, f"{family}: {path} counts {wanted!r}, which counts.csv does not have"
        assert {families[name] for name in rows} == {family}, (family, path, wanted)


def test_every_count_is_used_by_its_family(counts):
    used = {(family, name) for family, _, wanted in counted_numbers()
            for name in counts["count_id"] if fnmatchcase(name, wanted)}
    rates = counts[counts["use"] == "rate"]
    unused = [(row["family"], row["count_id"]) for row in rates.to_dict("records")
              if (row["family"], row["count_id"]) not in used]
    assert not unused, f"counted, but in no file of its family: {unused}"


def test_events_told_for_severity_are_named_where_they_are_used(counts):
    """E011 (a substation) and the collapses are in the sources of grid_outage."""
    data = tomllib.loads((GEO / "perils" / "grid_outage.toml").read_text(encoding="utf-8"))
    titles = " ".join(source["title"] for source in data["sources"].values())
    assert "E011" in titles
    mine = counts[counts["family"] == "grid_outage"]
    named = {event for text in mine["event_ids"] for event in text.split(";") if event}
    first, last = min(named), max(named)
    assert f"{first}-{last}" in titles
