"""What the documentation makes from the code leaves nothing out and invents nothing."""

from __future__ import annotations

import re
import tomllib

import pytest
from making import (
    docstrings,
    executed,
    licences,
    markdown,
    notebooks,
    oracles,
    other_tables,
    perils,
    program,
    readme,
    reference,
    stage,
)
from making.pictures import gallery
from making.places import PAGES, ROOT
from making.tables import dictionary

import riskmodel
from riskmodel.world import tables
from riskmodel.world.io import read_world
from riskmodel.world.schema import Table

WRITTEN = sorted(PAGES.rglob("*.md"))


def test_every_public_name_stands_in_one_group():
    listed = [name for names in reference.groups().values() for name in names]
    assert sorted(listed) == sorted(riskmodel._PUBLIC)


def test_a_public_module_has_a_page_of_what_it_offers(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "index.md").write_text("<!-- groups -->\n", encoding="utf-8")
    reference.write(tmp_path)
    index = (tmp_path / "reference" / "index.md").read_text(encoding="utf-8")
    for name, some in (("figures", {"exceedance", "tornado", "write"}),
                       ("mitigations", {"reserve", "second_control_plane"})):
        page = (tmp_path / "reference" / f"{name}.md").read_text(encoding="utf-8")
        told = re.findall(rf"^## {name}\.(\w+)$", page, re.MULTILINE)
        assert some <= set(told)
        assert page.count(".. auto") == len(told)
        assert f"]({name}.md)" in index
    assert set(riskmodel._MODULES) == {"figures", "mitigations"}


def test_a_name_without_words_is_refused():
    with pytest.raises(ValueError, match="no docstring"):
        reference._directive("nothing", lambda: None)


def test_every_command_has_words_an_example_and_its_options(tmp_path):
    (tmp_path / "reference").mkdir()
    program.write(tmp_path)
    page = (tmp_path / "reference" / "commands.md").read_text(encoding="utf-8")
    names = [name for name, _ in program.verbs()]
    assert {"riskmodel run", "riskmodel diversify allocate", "riskmodel perils show"} <= set(names)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == names
    run = page.split("## riskmodel run\n")[1].split("\n## ")[0]
    for option in ("--as-of", "--years", "--seed", "--worlds", "--rare", "--until", "--dask"):
        assert f"`{option}`" in run
    assert "occurrence\\|calendar" in run


def test_every_table_of_the_shipped_world_is_in_the_dictionary():
    text = dictionary()
    world = read_world()
    defined = [each for each in vars(tables).values() if isinstance(each, Table)]
    assert len(defined) > 10
    for table in defined:
        section = text.split(f"### {table.name}\n")[1].split("\n### ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section
    for name in ("sites", "holdings", "requirements", "deals"):
        section = text.split(f"### {name}\n")[1].split("\n### ")[0]
        assert all(f"`{column}`" in section for column in getattr(world, name).columns)


def test_every_shipped_file_has_its_licence_and_epoch_its_credit():
    page = licences.page()
    assert "Epoch AI" in page
    assert "CC BY 4.0" in page
    for path in sorted((ROOT / "geodata").rglob("*")):
        if path.is_file() and path.name != "registry.toml":
            assert f"`{path.relative_to(ROOT / 'geodata').as_posix()}`" in page


@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.ipynb")),
                         ids=lambda file: file.stem)
def test_every_notebook_says_what_it_asks(file):
    title, asks = notebooks.first_words(file)
    assert title
    assert asks


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(PAGES)))
def test_what_a_page_asks_for_is_there(page):
    text = page.read_text(encoding="utf-8")
    for topic in stage._NOTEBOOK.findall(text):
        assert notebooks.address(topic).endswith(f"_{topic}.ipynb")
    for kind, name in stage._MARK.findall(text):
        if kind == "made":
            assert name in stage.PARTS
        elif kind == "picture":
            assert name in gallery.PICTURES
        else:
            assert len(readme.section(name)) > 100


def test_a_section_of_the_readme_ends_where_the_next_begins():
    part = readme.section("Two commands")
    assert part.startswith("## Two commands\n")
    assert "riskmodel run" in part
    assert "## Ten lines" not in part
    assert "### Stress tests" in readme.section("What to do about it")  # what is below comes along
    assert "### " not in readme.lead("What to do about it")
    with pytest.raises(KeyError, match="no heading"):
        readme.section("No such thing")


def test_sections_of_a_docstring_become_lists():
    lines = ["Do it.", "", "Parameters", "----------", "first : one thing; second : another",
             "third : a long", "    story", "", "Raises", "------", "Wrong", "    it is"]
    assert docstrings.rendered(lines) == [
        "Do it.", "", "", "**Parameters**", "",
        "``first``", "    one thing", "", "``second``", "    another", "",
        "``third``", "    a long", "    story", "", "", "", "", "**Raises**", "",
        "Wrong", "    it is", "", ""]


def test_text_from_data_is_no_markup():
    assert markdown.plain("a|b <i>*x*</i> $5") == r"a\|b \<i\>\*x\*\</i\> \$5"
    assert markdown.prose("see `a|b`, and *c*") == r"see `a\|b`, and \*c\*"
    assert [markdown.number(x) for x in (0, 1.5e-7, 12_345.6, 2.5)] == ["0", "1.5e-7", "12,346",
                                                                       "2.5"]


def test_every_oracle_that_a_test_names_is_told_and_none_besides():
    told = set(oracles.told()) - {"without_a_test"}
    texts = [file.read_text(encoding="utf-8") for name in oracles.FILES
             for file in ([ROOT / name] if name.endswith(".py")
                          else (ROOT / name).glob("test_*.py"))]
    named = {oracle for text in texts
             for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)
             for oracle in re.findall(r"p\d{2}(?=_|$)", name)}
    assert named == told
    assert not told & set(oracles.told()["without_a_test"])


CASE = '''
import numpy as np
import pytest

def test_p01_numbers():
    assert 2.0 == pytest.approx(2.001, abs=.01)
    np.testing.assert_allclose([1.0, 2.0], [1.0, 2.1], rtol=0, atol=.2)
    assert abs(3.0 - 3.5) < 1.0  # half of what it may be
    assert [1, 2] == [1, 2]
    assert "a" < "b", "words"
'''


def test_what_a_test_compares_is_noted_as_it_is(tmp_path):
    """The page of validation shows what the tests computed: the recorder reads them right."""
    (tmp_path / "test_case.py").write_text(CASE, encoding="utf-8")
    notes = oracles.recorded([str(tmp_path / "test_case.py")])
    by_kind = [(note["kind"], note.get("computed"), note.get("known"), note.get("tolerance"))
               for note in notes]
    assert by_kind == [
        ("test", None, None, None), ("number", [2.0], [2.001], [.01]),
        ("number", [1.0, 2.0], [1.0, 2.1], [.2, .2]), ("number", [3.0], [3.5], [1.0]),
        ("exact", ["1", "2"], ["1", "2"], None), ("property", None, None, None)]
    assert notes[-1]["what"] == "'a' < 'b'"
    (tmp_path / "test_case.py").write_text("def test_p01():\n    assert 1 == 2\n", "utf-8")
    with pytest.raises(RuntimeError, match="oracles failed"):
        oracles.recorded([str(tmp_path / "test_case.py")])


def test_every_shipped_peril_has_its_method_and_every_backtest_its_peril():
    every = perils.peril_data()
    assert {file.stem for file in perils.METHODS.glob("*.md")} == set(every)
    assert all("$" in perils.method(peril) for peril in every)  # an equation at least
    assert set(perils.TESTED_BY.values()) <= set(every)
    with pytest.raises(ValueError, match="not told"):
        perils.method("no_such_peril")
    for file in sorted((ROOT / "geodata" / "backtests").glob("*.toml")):
        forecast = tomllib.loads(file.read_text(encoding="utf-8"))["forecast"]
        assert {file.stem, forecast} & set(perils.TESTED_BY)


@pytest.mark.parametrize("name", ["dependency graph", "cascade", "booking"])
def test_a_picture_says_what_it_shows(name, tmp_path):
    shown = gallery.write(name, tmp_path)
    file = tmp_path / f"{name.replace(' ', '-')}.svg"
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    assert f"pictures/{file.name}" in shown
    alt = re.search(r"^:alt: (.+)$", shown, re.MULTILINE)
    assert alt is not None
    assert len(alt[1]) > 60


def test_python_on_a_page_is_run_and_shown():
    block = "```python\nx = {}\n```\n\n<!-- output -->\n"
    page = block.format(6) + "\nwords\n\n" + block.format("x * 7; print(x)")
    assert executed.run(page) == (
        "```python\nx = 6\n```\n\n\nwords\n\n```python\nx = x * 7; print(x)\n```\n\n"
        "```text\n42\n```\n")
    plain = "```python\nundefined\n```\n\nnot run\n\n"
    assert executed.run(plain + block.format(6)) == plain + "```python\nx = 6\n```\n\n\n"[:-1]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        executed.run(block.format("1 / 0"))
    with pytest.raises(RuntimeError, match="of no use"):
        executed.run(block.format("__import__('warnings').warn('of no use')"))


def test_every_table_that_a_command_leaves_is_told():
    assert other_tables.written() == set(other_tables.MADE_BY)
    assert {function for _, function in other_tables.MADE_BY.values()} <= set(riskmodel._PUBLIC)
    assert "`comparison.parquet`" in other_tables.page()
