"""The report printed to a PDF by a real browser: its pages, outline, metadata and bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import riskmodel as rm
from riskmodel.report.pdf import renumbered
from tests.browser.visits import MARKS
from tests.report.conftest import make_world

pytestmark = MARKS
pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

SECTIONS = ["summary", "headline", "causes", "method", "glossary"]


@pytest.fixture(scope="module")
def losses() -> rm.Losses:
    return rm.simulate(make_world(), years=400, seed=3, adequacy=False)


@pytest.fixture(scope="module")
def printed(losses, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ein größerer ordner")
    return rm.write_report(losses, folder / "report.PDF", lab="beta", sections=SECTIONS)


@pytest.fixture(scope="module")
def file(printed):
    with pypdf.PdfReader(printed) as reader:
        yield reader


def test_what_the_file_says_of_itself(file):
    told = file.metadata
    assert told["/Title"] == "Disruption risk to the training capacity of Beta & Co"
    assert told["/Subject"] == ("World of 2026-11-23, 400 simulated years, seed 3, "
                                "occurrence booking")
    assert told["/Creator"] == f"riskmodel {rm.__version__}"
    assert "/CreationDate" not in told
    root = file.trailer["/Root"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert "/JavaScript" not in str(root)


def test_it_has_an_outline_of_the_sections(file):
    titles: list[str] = []

    def walk(items, depth=0):
        for item in items:
            if isinstance(item, list):
                walk(item, depth + 1)
            elif depth == 1:
                titles.append(item.title)

    walk(file.outline)
    assert titles == ["In short", "What Beta & Co stands to lose", "What takes the capacity down",
                      "How it was computed", "Words"]


def test_pages_are_a4_numbered_and_read_in_order(file):
    count = len(file.pages)
    assert 2 <= count <= 8
    texts = [page.extract_text() for page in file.pages]
    for number, (page, text) in enumerate(zip(file.pages, texts, strict=True), start=1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        assert re.search(rf"\b{number} ?/ ?{count}\b", text)
    whole = " ".join(" ".join(texts).split())
    places = [whole.index(words) for words in (
        "In short", "What Beta & Co stands to lose", "By peril", "By region",
        "How it was computed", "AAL, average annual loss")]
    assert places == sorted(places)


def test_a_reader_of_another_make_reads_the_same_order(printed):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not installed")
    text = subprocess.run(["pdftotext", str(printed), "-"], capture_output=True, text=True,
                          check=True).stdout
    text = " ".join(text.split())
    places = [text.index(words) for words in (
        "In short", "What Beta & Co stands to lose", "What takes the capacity down",
        "How it was computed")]
    assert places == sorted(places)


def test_the_same_run_prints_the_same_bytes(losses, printed, tmp_path):
    again = rm.write_report(losses, tmp_path / "again.pdf", lab="beta", sections=SECTIONS)
    assert again.read_bytes() == printed.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["again.pdf"]  # nothing is left beside it


def test_marks_of_cells_count_from_one_wherever_the_browser_began(printed):
    pdf = printed.read_bytes()
    marks = sorted(set(re.findall(rb"\(node\d{8}\)", pdf)))
    assert marks == [b"(node%08d)" % number for number in range(1, len(marks) + 1)]
    assert len(marks) > 10
    later = re.sub(rb"\(node(\d{8})\)", lambda found: b"(node%08d)" % (int(found[1]) * 3 + 70), pdf)
    assert later != pdf
    assert renumbered(later) == pdf
