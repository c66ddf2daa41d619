"""Bad input: one error that lists every problem with its file, its rows and its mend."""

import pytest

import riskmodel as rm
from tests.world_factory import BROKEN_WORLDS, write_small_world

#: a broken id leaves references to it without a target; that too is said, and nothing else is
FOLLOW_UPS = {"site_twice": {"foreign_keys"}, "column_unknown": set()}


def test_there_are_fourteen():
    assert len(BROKEN_WORLDS) == 14


def test_the_small_world_is_sound(tmp_path):
    assert rm.read_world(write_small_world(tmp_path)).check() == []


@pytest.mark.parametrize("name", BROKEN_WORLDS)
@pytest.mark.parametrize("folder", ["world", "mein Ordner für Wëlten/世界"])
def test_broken_world_is_refused(tmp_path, name, folder):
    broken = BROKEN_WORLDS[name]
    path = write_small_world(tmp_path / folder)
    broken.break_it(path)
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    problems = caught.value.problems
    found = [p for p in problems if p.check == broken.check and p.where == broken.file]
    assert found, str(caught.value)
    problem = found[0]
    assert problem.rows == broken.rows
    for words in broken.says:
        assert words in problem.message
    assert broken.mend in problem.mend
    others = {p.check for p in problems} - {broken.check} - FOLLOW_UPS.get(name, set())
    assert not others, str(caught.value)
    # what a reader sees: the file, the rows and the mend stand in the text itself
    text = str(caught.value)
    assert broken.file in text
    assert problem.mend in text
    for row in broken.rows:
        assert str(row) in text


def test_both_empty_coordinates_are_named(tmp_path):
    path = write_small_world(tmp_path)
    BROKEN_WORLDS["coordinates_empty"].break_it(path)
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    assert [p.message.split("'")[1] for p in caught.value.problems] == ["lat", "lon"]


def test_many_problems_are_told_at_once(tmp_path):
    path = write_small_world(tmp_path)
    names = ["file_missing", "column_missing", "column_unknown", "type_wrong", "coordinates_empty",
             "latitude_95", "unknown_node", "k_above_group"]
    for name in names:
        BROKEN_WORLDS[name].break_it(path)
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    for name in names:
        broken = BROKEN_WORLDS[name]
        assert any(p.check == broken.check and p.where == broken.file and p.rows == broken.rows
                   for p in caught.value.problems), name
    assert f"{len(caught.value.problems)} problems" in str(caught.value)


def test_a_missing_table_does_not_drown_the_rest(tmp_path):
    """Without sites.csv every holding and requirement would point nowhere: that is one problem."""
    path = write_small_world(tmp_path)
    (path / "sites.csv").unlink()
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    assert [(p.check, p.where) for p in caught.value.problems] == [("missing_file", "sites.csv")]


def test_check_false_keeps_the_problems_for_later(tmp_path):
    path = write_small_world(tmp_path)
    BROKEN_WORLDS["type_wrong"].break_it(path)
    world = rm.read_world(path, check=False)
    assert [p.check for p in world.problems] == ["wrong_type"]
    with pytest.raises(rm.WorldError, match="about 200"):
        world.check()


def test_lines_count_line_breaks_inside_cells(tmp_path):
    path = write_small_world(tmp_path)
    text = (path / "sites.csv").read_text(encoding="utf-8")
    text = text.replace('"Köln, Halle 3"', '"Köln,\nHalle 3"').replace(",260,200,", ",260,-1,")
    (path / "sites.csv").write_text(text + "\n\n", encoding="utf-8")
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    assert [p.rows for p in caught.value.problems] == [(5,)]


@pytest.mark.parametrize(("change", "check", "row", "says"), [
    (("labs.csv", lambda t: t.replace(",", ";")), "not_csv", 1, "separated by ';'"),
    (("labs.csv", lambda t: t.replace("Boreal Research", "Boreal, Research")), "uneven_rows", 3,
     "1 row has"),
    (("labs.csv", lambda t: t.replace("name,", "lab_id,", 1)), "duplicate_columns", 1, "lab_id"),
    (("registry.toml", lambda t: "as_of = \n"), "not_toml", 1, "TOML"),
    (("registry.toml", lambda t: 'as_of = "soon"\n'), "dates", None, "soon"),
    (("sites_timeline.csv", lambda t: t.replace("2026-06-01", "2025-01-01")), "dates", 3,
     "backwards"),
    (("sites_timeline.csv", lambda t: t.replace("2026-06-01", "2026-06")), "dates", 3, "2026-06"),
    (("sites.csv", lambda t: t.replace("53.35,-6.4", "-6.4,53.35")), "outside_country", 2,
     "outside IE"),
])
def test_other_faults_of_files(tmp_path, change, check, row, says):
    path = write_small_world(tmp_path)
    name, edit = change
    text = (path / name).read_text(encoding="utf-8")
    edited = edit(text)
    assert edited != text
    (path / name).write_text(edited, encoding="utf-8")
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    found = [p for p in caught.value.problems if p.check == check]
    assert found, str(caught.value)
    assert found[0].where == name
    assert found[0].rows == (() if row is None else (row,))
    assert says in found[0].message


def test_a_broken_peril_file_is_a_problem_with_its_line(tmp_path):
    path = write_small_world(tmp_path)
    (path / "perils").mkdir()
    (path / "perils" / "winter_storm.toml").write_text('name = "Winter storm"\nrate = = 2\n')
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    (problem,) = caught.value.problems
    assert (problem.check, problem.where, problem.rows) == (
        "not_toml", "perils/winter_storm.toml", (2,))


def test_a_folder_that_is_not_there_gets_the_near_one(tmp_path):
    write_small_world(tmp_path / "welt_2026")
    with pytest.raises(rm.RiskModelError, match=r"did you mean .*welt_2026"):
        rm.read_world(tmp_path / "welt_2062")


def test_a_file_that_is_no_folder(tmp_path):
    path = write_small_world(tmp_path)
    with pytest.raises(rm.RiskModelError, match="give the folder"):
        rm.read_world(path / "sites.csv")


def test_spreadsheet_files_with_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = write_small_world(tmp_path)
    text = (path / "sites.csv").read_text(encoding="utf-8").replace("\n", "\r\n")
    (path / "sites.csv").write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    assert rm.read_world(path).check() == []


def test_utf16_is_named_and_nothing_made_of_its_noise(tmp_path):
    path = write_small_world(tmp_path)
    text = (path / "nodes.csv").read_text(encoding="utf-8")
    (path / "nodes.csv").write_bytes(text.encode("utf-16"))
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    assert [(p.check, p.where) for p in caught.value.problems] == [("not_utf8", "nodes.csv")]
    assert "UTF-16" in str(caught.value)


def test_what_may_be_empty_is_told_apart_from_what_may_not(tmp_path):
    path = write_small_world(tmp_path)
    text = (path / "sites.csv").read_text(encoding="utf-8")
    (path / "sites.csv").write_text(text.replace(",260,200,", ",big,1_000,"), encoding="utf-8")
    with pytest.raises(rm.WorldError) as caught:
        rm.read_world(path)
    mends = {p.message.split("'")[1]: p.mend for p in caught.value.problems}
    assert "leave the cell empty" in mends["facility_mw"]
    assert "empty" not in mends["it_mw"]
