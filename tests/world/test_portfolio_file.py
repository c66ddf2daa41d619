"""Portfolio files: edits made in order, every fault named, folders and patterns."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import riskmodel as rm
from riskmodel.world.portfolio_file import portfolio_paths, read_portfolio, read_portfolios
from tests.world_factory import write_small_world

MOVE = """
name = "half of it at b"

[[edits]]
edit = "move"
lab = "one"
mw = 30
from_site = "a"
to_site = "b"

[[edits]]
edit = "scale"
factor = 2
site = "b"
"""


@pytest.fixture
def world() -> rm.World:
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["a", "b"], "lat": 30.0, "lon": -99.0,
                            "it_mw": [100.0, 10.0]}),
        labs=pd.DataFrame({"lab_id": ["one"], "needed_share": [0.9]}),
        holdings=pd.DataFrame({"lab_id": "one", "site_id": ["a", "b"], "share": 1.0}))


def write(folder, text: str, name: str = "p.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def sizes(world: rm.World) -> dict[str, float]:
    return dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))


def test_edits_are_made_in_their_order(world, tmp_path):
    portfolio = read_portfolio(write(tmp_path, MOVE))
    assert portfolio.name == "half of it at b"
    assert sizes(portfolio.on(world)) == {"a": 70.0, "b": 80.0}
    assert sizes(world) == {"a": 100.0, "b": 10.0}
    first, second = MOVE.split("\n[[edits]]\n")[1:]
    turned = f"[[edits]]\n{second}\n[[edits]]\n{first}"
    assert sizes(read_portfolio(write(tmp_path, turned)).on(world)) == {"a": 70.0, "b": 50.0}


def test_no_edits_are_the_world_as_it_is(world, tmp_path):
    portfolio = read_portfolio(write(tmp_path, "# nothing\n", "as_it_is.toml"))
    assert portfolio.name == "as_it_is"
    assert portfolio.on(world) is world


def test_other_edits_take_their_own_words(world, tmp_path):
    text = '[[edits]]\nedit = "drop"\nsites = ["b"]\n[[edits]]\nedit = "add_site"\n' \
           'site_id = "c"\nit_mw = 5\nlat = 1.0\nlon = 2.0\nlab = "one"\n'
    assert sizes(read_portfolio(write(tmp_path, text)).on(world)) == {"a": 100.0, "c": 5.0}


def test_every_fault_is_named_at_once(tmp_path):
    text = 'nmae = "x"\n[[edits]]\nedit = "mvoe"\n[[edits]]\nedit = "move"\nlab = "one"\n' \
           'mw = 3\nform_site = "a"\nto_site = "b"\n[[edits]]\nedit = "scale"\n'
    with pytest.raises(rm.RiskModelError) as caught:
        read_portfolio(write(tmp_path, text))
    for part in ("5 problems in the portfolio's file", "nmae is not a key", "did you mean 'name'",
                 "edits[0].edit is 'mvoe'; did you mean 'move'", "edits[1].form_site is not part",
                 "did you mean 'from_site'", "edits[1].from_site is not there",
                 "edits[2].factor is not there"):
        assert part in str(caught.value)
    for text, message in (("edits = 3", "write \\[\\[edits\\]\\]"), ("name = 3", "name is 3"),
                          ("[[edits]\n", "toml")):
        with pytest.raises(rm.RiskModelError, match=message):
            read_portfolio(write(tmp_path, text))
    with pytest.raises(rm.RiskModelError, match="there is no file"):
        read_portfolio(tmp_path / "gone.toml")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("mw = 30", "mw = 3000", r"p.toml: edits\[0\], move"),
    ('"b"', '"c"', r"edits\[0\], move: there is no site 'c'"),
    ("factor = 2", 'factor = "two"', r"edits\[1\], scale: .*give numbers as numbers"),
    ("factor = 2", "factor = -2", r"edits\[1\], scale: the factor is -2")])
def test_an_edit_that_cannot_be_made_says_which(world, tmp_path, old, new, message):
    portfolio = read_portfolio(write(tmp_path, MOVE.replace(old, new)))
    with pytest.raises(rm.RiskModelError, match=message):
        portfolio.on(world)


def test_a_folder_of_portfolios(world, tmp_path):
    write(tmp_path, MOVE)
    write(tmp_path, "", "now.toml").write_text("# nothing\n", encoding="utf-8")
    write_small_world(tmp_path / "small")
    (tmp_path / "else").mkdir()
    found = read_portfolios(tmp_path, world=world)
    assert set(found) == {"half of it at b", "now", "small"}
    assert sizes(found["now"](dt.date(2027, 1, 1))) == sizes(world)
    assert "texas_big" in sizes(found["small"](None))
    assert list(read_portfolios(str(tmp_path / "n*.toml"), world=world)) == ["now"]
    assert list(read_portfolios(tmp_path / "small")) == ["small"]
    assert [path.name for path in portfolio_paths(tmp_path / "p.toml")] == ["p.toml"]
    table = rm.stress_grid(found, where=["site@*"], duration_h=[24])
    assert table[table["lab"] == "total"].set_index("portfolio")["lost_mw_days"]["now"] == 110.0


def test_the_base_is_the_shipped_world_of_the_day(tmp_path):
    write(tmp_path, "# nothing\n", "now.toml")
    on = read_portfolios(tmp_path)["now"]
    later = on(dt.date(2027, 12, 31))
    assert later.as_of == dt.date(2027, 12, 31)
    assert on(dt.date(2027, 12, 31)) is later
    fixed = read_portfolios(tmp_path, as_of="2027-12-31")["now"]
    assert fixed(None).as_of == dt.date(2027, 12, 31)


def test_what_is_not_found_and_what_is_there_twice(world, tmp_path):
    for where in (tmp_path, tmp_path / "x*.toml", tmp_path / "gone"):
        with pytest.raises(rm.RiskModelError, match="has no portfolio"):
            read_portfolios(where)
    write(tmp_path, MOVE)
    write(tmp_path, MOVE, "q.toml")
    with pytest.raises(rm.RiskModelError, match="two portfolios are called 'half of it at b'"):
        read_portfolios(tmp_path, world=world)
