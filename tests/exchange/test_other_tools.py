"""Other people's tools read what leaves: Oasis' readers, ODS_Tools, the RDLS schema.

They live in environments of their own. To run these tests with them:

    python -m venv oasis && oasis/bin/pip install oasislmf
    git clone --branch 0__2__0 https://github.com/GFDRR/rdl-standard
    RISKMODEL_OASIS_PYTHON=$PWD/oasis/bin/python \
    RISKMODEL_RDLS_SCHEMA=$PWD/rdl-standard/schema/rdls_schema.json \
    python -m pytest -m slow tests/exchange
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.exchange.starter_world import write_starter

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent
OASIS = os.environ.get("RISKMODEL_OASIS_PYTHON", "")
SCHEMA = os.environ.get("RISKMODEL_RDLS_SCHEMA", "")
needs_oasis = pytest.mark.skipif(
    not OASIS, reason="RISKMODEL_OASIS_PYTHON names no Python with oasislmf: see this file's head")
needs_schema = pytest.mark.skipif(
    not SCHEMA, reason="RISKMODEL_RDLS_SCHEMA names no rdls_schema.json: see this file's head")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> rm.Losses:
    folder = tmp_path_factory.mktemp("run") / "mine"
    write_starter(folder)
    return rm.simulate(rm.read_world(folder), years=300, seed=7, adequacy=False)


def in_oasis(script: str, *words: object) -> dict[str, object]:
    """Run one of the scripts beside this file in the other environment; return what it says."""
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run([OASIS, str(HERE / script), *map(str, words)], env=clean, text=True,
                          capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


@needs_oasis
def test_ord_tables_load_in_oasis_own_readers(run, tmp_path):
    folder = rm.to_ord(run, tmp_path / "ord")
    told = in_oasis("oasis_reads_ord.py", folder)
    rows = {name: len((folder / f"gul_S1_{name}.csv").read_text().splitlines()) - 1
            for name in ("splt", "selt", "melt", "ept", "palt")}
    assert told["rows"] == rows
    assert told["columns_match"] is True
    assert told["largest_difference"] < 1e-3  # Oasis keeps single precision
    assert told["joined_with_labs"] == ["alpha", "beta", "total"]


@needs_oasis
def test_an_oed_file_passes_the_checks_of_ods_tools(run, tmp_path):
    path = rm.to_oed(run.world, tmp_path / "location.csv", usd_per_mw=1e7)
    told = in_oasis("ods_tools_checks_oed.py", path)
    assert told == {"rows": 3, "invalid": []}


@needs_oasis
def test_ods_tools_does_refuse_what_is_no_oed(tmp_path):
    """The check above can fail: a file with a country that is none does not pass."""
    (tmp_path / "bad.csv").write_text(
        "PortNumber,AccNumber,LocNumber,CountryCode,BuildingTIV,ContentsTIV,BITIV,OtherTIV,"
        "LocCurrency,LocPerilsCovered\n1,1,1,ZZZ,1,0,0,0,USD,AA1\n", encoding="utf-8")
    assert in_oasis("ods_tools_checks_oed.py", tmp_path / "bad.csv")["invalid"]


@needs_schema
def test_rdls_metadata_validates_against_the_standards_schema(run, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    path = rm.to_rdls(run, tmp_path, publisher="Us", contact="us@example.org",
                      licence="CC-BY-4.0")
    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    (dataset,) = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    assert [error.message for error in check.iter_errors(dataset)] == []
    assert list(check.iter_errors({**dataset, "risk_data_type": ["weather"]}))
