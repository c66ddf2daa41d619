"""An output folder is whole or not there, and nothing of anybody else's is overwritten."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riskmodel.commands.outputs import (
    check_target,
    read_manifest,
    whole_folder,
    write_manifest,
)
from riskmodel.errors import RiskModelError
from tests.cli.conftest import running

FACTS = {"world": {"folder": None}}


def _make(target: Path, text: str = "numbers") -> None:
    with whole_folder(check_target(target)) as fresh:
        (fresh / "years.parquet").write_text(text)
        write_manifest(fresh, FACTS)


def test_written_whole_and_known_again(tmp_path: Path):
    _make(tmp_path / "deep" / "out")
    manifest = read_manifest(tmp_path / "deep" / "out")
    assert manifest["world"] == {"folder": None}
    assert list(manifest["sha256"]) == ["years.parquet"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def _half(path: Path) -> None:
    path.write_text("half")
    raise LookupError("lost the rest")


def test_an_error_inside_leaves_nothing(tmp_path: Path):
    with pytest.raises(LookupError), whole_folder(tmp_path / "out") as fresh:
        _half(fresh / "years.parquet")
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_keeps_the_earlier_output(tmp_path: Path):
    _make(tmp_path / "out", "first")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "out"):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "years.parquet").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_earlier_output_is_replaced_whole(tmp_path: Path):
    _make(tmp_path / "out", "first")
    (tmp_path / "out" / "adequacy.parquet").write_text("of the first run")
    _make(tmp_path / "out", "second")
    assert (tmp_path / "out" / "years.parquet").read_text() == "second"
    assert not (tmp_path / "out" / "adequacy.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_another_command_left_is_replaced(tmp_path: Path):
    for text in ("first", "second"):
        with whole_folder(check_target(tmp_path / "out")) as fresh:
            (fresh / "next_mw.parquet").write_text(text)
            write_manifest(fresh, FACTS)
    assert (tmp_path / "out" / "next_mw.parquet").read_text() == "second"


def test_an_empty_folder_is_taken(tmp_path: Path):
    (tmp_path / "out").mkdir()
    _make(tmp_path / "out")
    assert read_manifest(tmp_path / "out")


def test_what_is_not_ours_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match="no output of riskmodel"):
        check_target(tmp_path / "thesis")
    with pytest.raises(RiskModelError, match="is a file"):
        check_target(tmp_path / "thesis" / "chapter1.txt")
    _make(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(RiskModelError, match=r"somebody else.*notes\.txt"):
        check_target(tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    with pytest.raises(RiskModelError, match="the folder you are in"):
        check_target(Path())


def test_a_link_is_followed(tmp_path: Path):
    _make(tmp_path / "real", "first")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    _make(tmp_path / "link", "second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "years.parquet").read_text() == "second"


def test_a_changed_or_missing_table_is_noticed(tmp_path: Path):
    out = tmp_path / "out"
    _make(out)
    (out / "years.parquet").write_text("other numbers")
    with pytest.raises(RiskModelError, match=r"years\.parquet was changed"):
        read_manifest(out)
    (out / "years.parquet").unlink()
    with pytest.raises(RiskModelError, match=r"years\.parquet is missing"):
        read_manifest(out)


def test_a_later_format_is_refused(tmp_path: Path):
    _make(tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 99}))
    with pytest.raises(RiskModelError, match="its format is 99"):
        read_manifest(tmp_path / "out")


KILLED = """
import sys, time
from pathlib import Path
from riskmodel.commands.outputs import whole_folder, write_manifest
with whole_folder(Path(sys.argv[1])) as fresh:
    (fresh / "years.parquet").write_text("half of the")
    if sys.argv[2] == "late":
        write_manifest(fresh, {"world": {}})
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_killed_writer_leaves_nothing_that_passes(tmp_path: Path, moment: str):
    out = tmp_path / "out"
    with running([sys.executable, "-c", KILLED, str(out), moment],
                 stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        # while it lives, another run to the same place leaves its folder alone
        _make(out, "of the other")
        assert len(list(tmp_path.glob(".out.riskmodel-*"))) == 1
        writer.send_signal(signal.SIGKILL)
    assert (out / "years.parquet").read_text() == "of the other"
    _make(out, "of the third")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert read_manifest(out)


def test_killed_between_the_two_renames(tmp_path: Path):
    """The earlier output comes back where its replacement never arrived."""
    _make(tmp_path / "out", "first")
    work = tmp_path / ".out.riskmodel-0badcafe"
    work.mkdir()
    (work / "lock").touch()
    (tmp_path / "out").rename(work / "old")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "out"):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "years.parquet").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
