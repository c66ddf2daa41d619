"""Every notebook runs from the installed package, and both of its forms say the same."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from tests.notebooks.build import FOLDER, SCRIPTS, execute

# the kernel is another process with warnings of its own; these are of the client's libraries
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning",
                                        "ignore::ResourceWarning")


def _code(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def test_there_is_a_tour():
    assert "00_tour" in [script.stem for script in SCRIPTS]


#: run with every test; the others are run where there is time, and by the builder of notebooks
ALWAYS = ("00_tour", "15_what_diversification_is_worth")


@pytest.mark.parametrize("script", [
    pytest.param(path, id=path.stem,
                 marks=() if path.stem in ALWAYS else (pytest.mark.slow, pytest.mark.notebook))
    for path in SCRIPTS])
def test_runs_in_an_empty_folder(script: Path, tmp_path: Path):
    done = execute(script, tmp_path)
    cells = [cell for cell in done.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    loud = [output.text for cell in cells for output in cell.outputs
            if output.output_type == "stream" and output.name == "stderr"]
    assert loud == [], "a notebook that people read must run without warnings"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_both_forms_agree(script: Path):
    beside = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert _code(beside) == _code(jupytext.read(script)), (
        "make it again: python -m tests.notebooks.build")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_notebook_is_executed(script: Path):
    beside = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    cells = [cell for cell in beside.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    assert "error" not in kinds
    assert any("image/png" in output.get("data", {}) for cell in cells
               for output in cell.outputs)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_short_enough_to_read(script: Path):
    assert len(script.read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_ends_with_what_it_does_not_show(script: Path):
    headings = re.findall(r"^# (#+ .+)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0].startswith("# ")
    assert headings[-1] == "## What this does not show"


def test_the_list_of_notebooks_names_each_once_with_its_own_title():
    listed = re.findall(r"^\| \[(\w+)\]\((\w+)\.ipynb\) \| (.+) \|$",
                        (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name for name, _, _ in listed) == [script.stem for script in SCRIPTS]
    for name, file, title in listed:
        assert name == file
        assert title.endswith("?")
        assert f"# # {title}\n" in (FOLDER / f"{name}.py").read_text(encoding="utf-8")
