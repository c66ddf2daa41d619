"""Files of figures: the same bytes each time, letters that can be searched, words that stay."""

from __future__ import annotations

import re
import zlib

import matplotlib as mpl
import pytest

from riskmodel import figures
from riskmodel.errors import RiskModelError


@pytest.mark.parametrize("form", ["pdf", *(pytest.param(form, marks=pytest.mark.slow)
                                          for form in ("svg", "png"))])
def test_the_same_figure_is_the_same_file(draw, tmp_path, form):
    paths = [figures.write(draw["tornado"](), tmp_path / f"{i}.{form}") for i in range(2)]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_pdf_letters_are_truetype_and_it_has_no_date(draw, tmp_path):
    data = figures.write(draw["contributions"](), tmp_path / "a.pdf").read_bytes()
    plain = data + b"".join(_inflated(part) for part in re.findall(
        rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL))
    assert b"/Type42" in plain or b"/FontFile2" in plain
    assert b"/Type3" not in plain
    assert b"CreationDate" not in plain
    assert b"seed 3" in plain  # the caption stands in the document's properties


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def test_svg_letters_are_outlines_and_words_stand_in_its_description(draw, tmp_path):
    text = figures.write(draw["exceedance"](), tmp_path / "a.svg").read_text("utf-8")
    assert "<text" not in text
    assert "Exceedance curves of all labs together" in text
    assert not re.search(r"<dc:date>", text)


def test_a_notebook_shows_it_without_pyplot(drawn):
    assert drawn("tornado")._repr_png_().startswith(b"\x89PNG")


def test_what_no_file_can_be_says_so(draw, tmp_path):
    figure = draw["exceedance"]()
    with pytest.raises(RiskModelError, match=r"\.pdf, \.svg, \.png"):
        figures.write(figure, tmp_path / "a.gif")
    with pytest.raises(RiskModelError, match="there is no folder"):
        figures.write(figure, tmp_path / "none" / "a.pdf")
    with pytest.raises(RiskModelError, match="not made by"):
        figures.write(mpl.figure.Figure(), tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []
