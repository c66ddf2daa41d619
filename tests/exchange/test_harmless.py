"""Hostile text as site, lab and source does no harm in CSV and on the terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.commands.console import dumps, print_table, shown_text
from riskmodel.commands.tables import write_table_file
from riskmodel.exchange.harmless import csv_cell, visible, write_csv
from riskmodel.exchange.starter_world import write_starter

FORMULA = "=cmd|' /C calc'!A0"
ESCAPE = "\x1b[31mred\x1b]0;title\x07"
TURNED = "abc\u202egnp.exe"
MARKUP = "[red]blood[/red]"
LONG = "x" * 10_000
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', FORMULA, TURNED, ESCAPE,
           MARKUP, LONG, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a\r\nb", "\x9b2J", " =1+1", "＝1")


def steers(text: str) -> bool:
    """Tell whether text holds a character that a terminal obeys or that turns text around."""
    return any((ord(c) < 32 and c not in "\n") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2066"
               for c in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_or_steers(text, tmp_path):
    write_csv(tmp_path / "t.csv", pd.DataFrame({"name": [text], "mw": [-98.9], "n": [-3]}))
    raw = (tmp_path / "t.csv").read_text(encoding="utf-8")
    (header, cells) = csv.reader(io.StringIO(raw, newline=""))
    assert cells[0].lstrip(" ")[:1] not in tuple("=+-@\t\r＝")
    assert cells[1:] == ["-98.9", "-3"]  # numbers are untouched
    assert "\u202e" not in raw
    assert "\x1b" not in raw
    assert header == ["name", "mw", "n"]


@given(st.text())
def test_a_cell_is_never_a_formula_and_plain_text_stays(text):
    cell = csv_cell(text)
    number = cell.strip().lstrip("+-").replace(".", "", 1)[:1].isdigit()
    first = cell.lstrip(" \u00a0")[:1]
    assert first not in tuple("=@＝＠")
    assert number or first not in tuple("+-＋－")
    if text.isalnum():
        assert cell == text


@given(st.text())
def test_what_is_shown_never_steers_and_letters_stay(text):
    assert not steers(visible(text))
    if text.isalnum() or (text.isascii() and text.isprintable()):
        assert visible(text) == text


def test_other_alphabets_stay_as_they_are():
    for text in ("Ørsted", "数据中心", "مركز البيانات", "Österreich – Linz", "👩‍💻"):
        assert visible(text).replace("\\u200d", "\u200d") == text


def test_a_byte_order_mark_only_when_asked(tmp_path):
    frame = pd.DataFrame({"name": ["Å"]})
    write_csv(tmp_path / "a.csv", frame)
    write_csv(tmp_path / "b.csv", frame, mark=True)
    assert not (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbfname")
    assert pd.read_csv(tmp_path / "b.csv")["name"].tolist() == ["Å"]


def test_tables_of_other_verbs_pass_the_same_door(tmp_path):
    write_table_file(pd.DataFrame({"lab": [FORMULA], "value": [1.5]}), tmp_path / "t.csv")
    assert f'"{FORMULA}"' not in (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert pd.read_csv(tmp_path / "t.csv").iloc[0].tolist() == ["'" + FORMULA, 1.5]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_terminal_is_not_steered(text, capsys):
    assert not steers(shown_text(text).replace("\t", ""))
    print_table(pd.DataFrame({text: [text]}), text, caption=text)
    shown = capsys.readouterr().out
    assert not steers(shown)
    assert len(shown) < 4000
    if text == MARKUP:
        assert MARKUP in shown  # shown as it stands, and no colour
    document = dumps({"name": text})
    assert not steers(document)
    assert json.loads(document) == {"name": text}


def test_a_hostile_world_is_checked_without_harm(call, tmp_path: Path):
    write_starter(tmp_path / "mine")
    rows = [f'{text},0.8' for text in (f'"{ESCAPE}"', f'"{TURNED}"', f'"{MARKUP}"', LONG)]
    (tmp_path / "mine" / "labs.csv").write_text(
        "lab_id,needed_share\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = call("check", "mine")
    assert code == 1  # the holdings name labs that are no more
    assert "'alpha' is no row" in err
    assert not steers(out + err)
    text = (tmp_path / "mine" / "holdings.csv").read_text(encoding="utf-8")
    for lab, name in (("alpha", ESCAPE), ("beta", LONG)):
        text = text.replace(f"{lab},", f'"{name}",')
    (tmp_path / "mine" / "holdings.csv").write_text(text, encoding="utf-8")
    code, out, err = call("check", "mine")
    assert code == 0, err
    assert "\\x1b[31mred" in out
    assert not steers(out + err)
    assert len(out) < 4000


def test_hostile_cells_are_imported_whole_and_kept_harmless(call, tmp_path: Path):
    with (tmp_path / "s.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["name", "lat", "lon", "mw", "lab", FORMULA])
        for i, text in enumerate(HOSTILE[:7]):
            writer.writerow([text, 40 + i / 10, -82.8, 10, text, text])
    code, out, err = call("import-sites", "s.csv", "-o", "mine")
    assert code == 0, err
    assert not steers(out + err)
    kept = (tmp_path / "mine" / "imported_columns.csv").read_text(encoding="utf-8")
    assert not steers(kept)
    assert all(not row[2].startswith(("=", "+", "-", "@"))
               for row in csv.reader(io.StringIO(kept, newline="")))
    code, out, err = call("check", "mine")
    assert code == 0, err
    assert not steers(out + err)
    world = rm.read_world(tmp_path / "mine")
    assert LONG in set(world.sites["name"])  # what was given stays
    assert max(map(len, [*world.sites["site_id"], *world.labs["lab_id"]])) <= 60
