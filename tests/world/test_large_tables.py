"""A large table is read in pieces, its words once; what comes out and what is said is the same.

The limits above which a table counts as large are lowered, so that small ones show it.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.errors import WorldError
from riskmodel.world import columns, io, textfile, world
from riskmodel.world.cells import NumberCells, WordCells
from riskmodel.world.columns import _EMPTY, _WRONG, _is_empty, _number
from riskmodel.world.findings import which_combination

HEADER = ("event_id,peril,region,rate_per_yr,node_id,probability,depth,duration_dist,duration_h,"
          "duration_shape,part,duration_group,confidence,source_urls")
GOOD = "e1,storm,north,0.1,a,0.5,1,fixed,24,,,,low,"
FILES = {
    "good": [GOOD, GOOD.replace(",a,", ",b,"), GOOD.replace("e1", "e2")],
    "a blank line and a quoted line end": [
        GOOD, "", GOOD.replace("e1", '"e\n2"').replace(",0.5,", ",x,"), GOOD.replace("e1", "e3")],
    "wrong and empty numbers": [
        GOOD.replace(",0.5,", ",half,"), GOOD.replace(",a,", ",b,").replace(",0.5,", ",,"),
        GOOD.replace("e1", "e2").replace(",24,", ", ,"),
        GOOD.replace("e1", "e3").replace(",24,", ",1e999,"),
        GOOD.replace("e1", "e4").replace(",24,", ", 24 ,"),
        GOOD.replace("e1", "e5").replace(",24,", ",2_4,")],
    "rows of one event that differ": [
        GOOD, GOOD.replace(",a,", ",b,").replace("north", "south"),
        GOOD.replace("e1", "e2"), GOOD.replace("e1", "e2").replace(",a,", ",b,").replace(
            ",0.1,", ",0.2,")],
    "the same row twice, and words nobody knows": [
        GOOD, GOOD, GOOD.replace("e1", "e2").replace("fixed", "fixd"),
        GOOD.replace("e1", "e3").replace(",a,", ",nowhere,")],
    "uneven rows and bounds": [
        GOOD + ",more", GOOD.replace(",a,", ",b,").replace(",0.5,", ",1.5,"), "e2,storm"],
    "text that is empty": [GOOD.replace(",storm,", ",,"), GOOD.replace(",a,", ",  ,"), GOOD],
}


def folder_with(tmp_path: Path, rows: list[str]) -> Path:
    io.write_world(rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": 50.0, "lon": 10.0, "it_mw": 1.0}),
        labs=pd.DataFrame({"lab_id": ["l"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": "l", "site_id": ["a", "b"], "share": 1.0})), tmp_path)
    (tmp_path / "events.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def as_large(monkeypatch) -> None:
    monkeypatch.setattr(textfile, "_ROWS_AT_ONCE", 2)
    monkeypatch.setattr(columns, "_FEW", 0)
    monkeypatch.setattr(world, "_CELLS_AT_ONCE", 2)


@pytest.mark.parametrize("case", FILES)
def test_a_large_table_is_read_as_a_small_one(case, tmp_path, monkeypatch):
    folder = folder_with(tmp_path, FILES[case])
    small = rm.read_world(folder, check=False)
    as_large(monkeypatch)
    large = rm.read_world(folder, check=False)
    pd.testing.assert_frame_equal(large.events, small.events)
    assert list(large.lines["events"]) == list(small.lines["events"])
    assert large.all_problems() == small.all_problems()
    assert large.fingerprint == small.fingerprint
    assert (case != "good") == any(p.level == "raise" for p in small.all_problems())


def test_a_large_file_names_file_and_lines(tmp_path):
    """Beyond the first piece that is read; nothing is lowered here."""
    rows = [f"e{i},storm,north,0.1,a,0.5,1,fixed,24,,,,low," for i in range(45_000)]
    rows[41_000] = rows[41_000].replace(",0.5,", ",half,")
    rows[43_000] = rows[43_000].replace(",24,", ",,")
    rows[44_000] = rows[40_000]
    with pytest.raises(WorldError) as caught:
        rm.read_world(folder_with(tmp_path, rows))
    told = {p.check: p for p in caught.value.problems}
    assert all(p.where == "events.csv" for p in told.values())
    assert told["wrong_type"].rows == (41_002,)
    assert "half" in told["wrong_type"].message
    assert told["empty_cells"].rows == (43_002,)
    assert told["duplicate_keys"].rows == (40_002, 44_002)


NUMBERS = st.one_of(
    st.floats().map(repr), st.integers().map(str), st.sampled_from(
        ["", " ", "1_000", "+.5", "5.", ".", "1e5", "1e", "e5", "--1", "inf", "nan", "0x10",
         "1e999", " 7 ", "7\u00a0", "١", "1,5", "-", "1.2.3"]), st.text(max_size=6))


@settings(deadline=None)
@given(st.lists(st.lists(NUMBERS, max_size=6), max_size=4))
def test_numbers_of_a_file_are_those_of_its_cells(pieces):
    """What a piece of plain numbers becomes is what every cell of it becomes."""
    cells = NumberCells()
    for piece in pieces:
        cells.extend(piece)
    texts = [text for piece in pieces for text in piece]
    values, empty, wrong, shown = columns._numbers_of(cells)
    parsed = [_EMPTY if _is_empty(text) else _number(text) for text in texts]
    assert empty.tolist() == [p is _EMPTY for p in parsed]
    assert wrong.tolist() == [p is _WRONG for p in parsed]
    assert shown == [t for t, p in zip(texts, parsed, strict=True) if p is _WRONG]
    for value, p in zip(values.tolist(), parsed, strict=True):
        assert math.isnan(value) if p is _EMPTY or p is _WRONG else value == p
    assert len(list(cells)) == len(texts)


def test_equal_words_are_kept_once():
    cells = WordCells()
    cells.extend(["".join(["no", "rth"]), "".join(["nor", "th"])])
    assert cells.words[0] is cells.words[1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 1.0, math.nan]))))
def test_rows_that_agree_have_one_number(rows):
    frame = pd.DataFrame(rows, columns=["x", "y"])
    number = which_combination(frame, ["x", "y"])
    keys = [(x, str(y)) for x, y in rows]
    assert len(set(number.tolist())) == len(set(keys))
    assert len(set(zip(number.tolist(), keys, strict=True))) == len(set(keys))
    if rows:
        assert np.unique(number).tolist() == list(range(len(set(keys))))


def test_a_table_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "t.csv"
    textfile.write_table(file, ["a", "b"], [iter(["1", "2"]), ["x", "y,z"]])
    assert file.read_bytes() == b'a,b\n1,x\n2,"y,z"\n'
    with pytest.raises(ValueError, match="longer"):
        textfile.write_table(file, ["a", "b"], [iter(["1"]), ["x", "y"]])
    assert file.read_bytes() == b'a,b\n1,x\n2,"y,z"\n'
    assert [item.name for item in tmp_path.iterdir()] == ["t.csv"]
