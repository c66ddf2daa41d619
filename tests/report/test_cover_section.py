"""The section on a cover: the numbers of the function, and what the terms do."""

from __future__ import annotations

import dataclasses

import pytest
from reading import read, words

import riskmodel as rm
from riskmodel.report import cover
from riskmodel.report.context import Context


@pytest.fixture(scope="module")
def text(losses, world):
    return str(cover.build(Context(losses, world)).body)


def _numbers(text, table):
    part = text[text.index(f'id="{table}"'):]
    rows = part[:part.index("</table>")].split("<tr")[2:]
    return [[float(cell.split('"')[0]) for cell in row.split('<data value="')[1:]] for row in rows]


def test_the_table_says_what_the_function_says(text, losses):
    read(text)
    frame = rm.cover(losses, waiting_h=12.0, indemnity_days=365.0)
    shown = _numbers(text, "cover-table")
    order = ["aal", "recovery", "recovered_share", "tvar", "tvar_net", "p_claim", "premium"]
    rows = text[text.index('id="cover-table"'):].split("data-lab=")[1:]
    labs = [row.split('"')[1] for row in rows]
    assert labs[0] == "total"
    for lab, row in zip(labs, shown, strict=True):
        value = frame[frame["lab"] == lab].set_index("measure")["value"]
        assert row == pytest.approx(value[order].tolist()), lab


def test_longer_waits_pay_less_and_longer_indemnity_more(text):
    table = _numbers(text, "cover-terms")
    assert len(table) == len(cover.WAITING_H)
    for row in table:
        assert row == sorted(row)
    for column in zip(*table, strict=True):
        assert list(column) == sorted(column, reverse=True)
    # one of the terms is that of the table above
    paid = _numbers(text, "cover-table")[0][2]
    place = cover.WAITING_H.index(12.0), cover.INDEMNITY_DAYS.index(365.0)
    assert table[place[0]][place[1]] == pytest.approx(paid)


def test_the_price_names_its_sources(text):
    assert "SemiAnalysis" in words(text)
    assert 'href="https://eur-lex.europa.eu' in text


def test_what_cannot_be_run_again_is_said(losses):
    bare = rm.Losses.from_years(losses.years[["year", "lab", "lost_mw_days"]],
                                n_years=losses.n_years)
    assert "nothing behind them" in words(str(cover.build(Context(bare, None)).body))
    story = dataclasses.replace(losses, kind="story")
    assert "no average year" in words(str(cover.build(Context(story, None)).body))
