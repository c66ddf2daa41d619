"""Validation by known answers: every oracle with what was known and what the tests computed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from making.markdown import code, number, prose, table
from making.places import DOCS, ROOT

FILES = ("tests/oracles", "tests/world/test_geography.py")
#: numbers of one comparison that the table shows, and rows before they are folded
MOST_NUMBERS, MOST_ROWS = 6, 6


def told() -> dict[str, Any]:
    """Return what ``oracles.toml`` says of each oracle, by its id."""
    return tomllib.loads((DOCS / "oracles.toml").read_text(encoding="utf-8"))


def recorded(files: Sequence[str] = FILES) -> list[dict[str, Any]]:
    """Run the tests of the oracles in some files and return what they compared.

    Raises
    ------
    RuntimeError
        A test failed: a site with numbers that do not hold is not built.
    """
    # -vv: pytest then tells the values of an equality whole, however long
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "oracles.json"
        seen = os.pathsep.join([str(ROOT), str(DOCS), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-vv", "-p", "making.oracle_record",
             "-p", "no:cacheprovider", "-o", "enable_assertion_pass_hook=true", "-o", "addopts=",
             "-k", "test_p", *files],
            cwd=ROOT, text=True, capture_output=True, check=False,
            env={**os.environ, "PYTHONPATH": seen, "RISKMODEL_ORACLES": str(target)})
        if done.returncode != 0:
            raise RuntimeError(f"the tests of the oracles failed:\n{done.stdout[-3000:]}")
        return json.loads(target.read_text(encoding="utf-8"))


def page() -> str:
    """Return the table of all oracles and a section for each.

    Raises
    ------
    ValueError
        A test speaks of an oracle that ``oracles.toml`` does not tell, or the other way round.
    """
    known = told()
    left_out = known.pop("without_a_test")
    notes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for note in recorded():
        for oracle in note["oracles"]:
            if note not in notes[oracle]:
                notes[oracle].append(note)
    if set(known) != set(notes):
        raise ValueError(f"oracles.toml and the tests differ in {sorted(set(known) ^ set(notes))}")
    rows = [(f"[{oracle.upper()}](#{oracle})", prose(known[oracle]["title"]),
             *_counts(notes[oracle])) for oracle in sorted(known)]
    heads = ("", "what is known", "numbers compared", "largest miss, of its tolerance",
             "properties held")
    sections = [_section(oracle, known[oracle], notes[oracle]) for oracle in sorted(known)]
    missing = "\n".join(f"- **{oracle.upper()}**: {prose(why)}" for oracle, why in left_out.items())
    return (f"{table(heads, rows, right=(2, 3, 4))}\n"
            f"Not held against anything, because nothing here computes it:\n\n{missing}\n\n"
            + "\n".join(sections))


def _counts(notes: list[dict[str, Any]]) -> tuple[str, str, str]:
    numbers = [note for note in notes if note["kind"] in ("number", "exact")]
    compared = sum(len(note["computed"]) for note in numbers)
    misses = [miss for note in numbers if note["kind"] == "number" for miss in _misses(note)]
    held = sum(note["kind"] == "property" for note in notes)
    if not compared:
        return "a property", "", str(held)
    return f"{compared:,}", f"{max(misses):.2f}" if misses else "exact", str(held or "")


def _misses(note: dict[str, Any]) -> list[float]:
    return [abs(a - b) / tolerance for a, b, tolerance in
            zip(note["computed"], note["known"], note["tolerance"], strict=True)
            if None not in (a, b, tolerance) and tolerance > 0]


def _section(oracle: str, known: dict[str, str], notes: list[dict[str, Any]]) -> str:
    tests = list(dict.fromkeys((Path(note["file"]).relative_to(ROOT).as_posix(), note["test"])
                               for note in notes))
    where = ", ".join(f"{code(test)} in {code(file)}" for file, test in tests)
    lines = [f"({oracle})=", f"### {oracle.upper()}: {prose(known['title'])}", "",
             f"{prose(known['known'])} Source: {prose(known['source'])}. Tests: {where}.", ""]
    numbers = [_row(note) for note in notes if note["kind"] in ("number", "exact")]
    if numbers:
        heads = ("what the test computes", "computed", "known", "tolerance")
        lines += _folded(heads, numbers)
    held: dict[str, int] = defaultdict(int)
    for note in notes:
        if note["kind"] == "property":
            held[note["what"]] += 1
    if held:
        rows = [(code(_short(what)), str(times)) for what, times in held.items()]
        lines += _folded(("asserted, and true", "times"), rows)
    return "\n".join(lines) + "\n"


def _folded(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Return the first rows as a table, and the others folded below it."""
    lines = [table(heads, rows[:MOST_ROWS])]
    if len(rows) > MOST_ROWS:
        lines += [f"<details><summary>{len(rows) - MOST_ROWS} more</summary>", "",
                  table(heads, rows[MOST_ROWS:]), "</details>", ""]
    return lines


def _row(note: dict[str, Any]) -> tuple[str, str, str, str]:
    case = note["case"]
    what = code(_short(note["what"])) + (f" ({code(case)})" if 0 < len(case) <= 24 else "")
    if note["kind"] == "exact":
        return what, _some(note["computed"]), _some(note["known"]), "exact"
    tolerances = sorted({value for value in note["tolerance"] if value is not None})
    if not tolerances or tolerances[-1] == 0:
        said = "exact"
    else:
        low, high = number(tolerances[0], 2), number(tolerances[-1], 2)
        said = low if low == high else f"{low} to {high}"
    least = tolerances[0] or tolerances[-1] if tolerances else 0.0
    return (what, _some([_placed(value, least) for value in note["computed"]]),
            _some([_placed(value, least) for value in note["known"]]), said)


def _placed(value: float | None, tolerance: float) -> str:
    """Return a number to one decimal place beyond its tolerance."""
    if value is None or tolerance <= 0 or abs(value) >= 1e9:
        return number(float("nan") if value is None else value, 6)
    places = max(0, 1 - math.floor(math.log10(tolerance)))
    if places > 12:
        return number(value, 6)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _some(values: list[Any]) -> str:
    shown = ", ".join(str(value) for value in values[:MOST_NUMBERS])
    left = len(values) - MOST_NUMBERS
    return shown + (f" and {left} more" if left > 0 else "")


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:97] + "..."
