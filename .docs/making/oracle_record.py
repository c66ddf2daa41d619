"""A pytest plugin: what the tests of the oracles computed, and what it was held against.

No test is changed. Every comparison with ``pytest.approx`` or ``numpy.testing.assert_allclose`` is
noted as it is made, with its tolerance; ``abs(a - b) <= c`` and exact equalities are read from the
assertion. Whatever else a test asserts is noted as a property, in the words of its source.

Used by ``making.oracles``, which reads the file named by RISKMODEL_ORACLES.
"""

from __future__ import annotations

import ast
import json
import linecache
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_ORACLE = re.compile(r"p\d{2}(?=_|$)")
_now: dict[str, Any] = {}
_notes: list[dict[str, Any]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Have the tests compiled afresh, so that their assertions are seen, and watch comparisons."""
    import scipy.stats  # noqa: F401  (what is imported from here on is compiled afresh)

    import riskmodel  # noqa: F401

    sys.pycache_prefix = tempfile.mkdtemp(prefix="riskmodel-oracles-")
    for kind in {type(pytest.approx(value)) for value in (1.0, [1.0], {"a": 1.0}, np.ones(1))}:
        _watch(kind)
    np.testing.assert_allclose = _allclose(np.testing.assert_allclose)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write what was noted."""
    import shutil

    shutil.rmtree(sys.pycache_prefix or "", ignore_errors=True)
    sys.pycache_prefix = None
    target = os.environ.get("RISKMODEL_ORACLES")
    if target:
        Path(target).write_text(json.dumps(_notes), encoding="utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Know which test runs, and which oracles it is about."""
    name = item.originalname if isinstance(item, pytest.Function) else item.name
    named = _ORACLE.findall(name)
    only = [part for part in re.findall(r"[\w.]+", item.name[len(name):])
            if re.fullmatch(r"p\d{2}", part)]
    _now.update(file=str(item.path), test=name, case=item.name[len(name):].strip("[]"),
                oracles=only or named)
    _note({"kind": "test"})
    yield
    _now.clear()


def pytest_assertion_pass(item: pytest.Item, lineno: int, orig: str, expl: str) -> None:
    """Note an assertion that held, unless its comparison was noted as it was made."""
    if not _now or "approx(" in orig:
        return
    test = ast.parse(f"(\n{orig}\n)", mode="eval").body  # on lines of its own: it may hold comments
    found = _difference(test) or _equality(test, expl)
    _note(found or {"kind": "property", "what": ast.unparse(_bare(test))})


def _difference(test: ast.expr) -> dict[str, Any] | None:
    """Return the numbers of ``abs(a - b) <= c``, worked out once more where the test stands."""
    parts = _parts(test)
    frame = _frame()
    if parts is None or frame is None:
        return None
    try:
        computed, known, tolerance = (
            np.asarray(eval(compile(ast.Expression(part), "<oracle>", "eval"),
                            frame.f_globals, frame.f_locals), dtype=float) for part in parts)
    except Exception:  # a name of a comprehension: then the words of the source have to do
        return None
    if not (np.abs(computed - known) <= tolerance).all():
        return None
    return _numbers(ast.unparse(parts[0]), computed, known, tolerance)


def _bare(test: ast.expr) -> ast.expr:
    """Return what is asserted, without the message."""
    return test.elts[0] if isinstance(test, ast.Tuple) else test


def _parts(test: ast.expr) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    test = _bare(test)
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) \
            and test.func.attr == "all" and not test.args:
        test = test.func.value  # (np.abs(a - b) < c).all()
    if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Call)
            and isinstance(test.ops[0], ast.Lt | ast.LtE) and len(test.ops) == 1):
        return None
    call = test.left
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name != "abs" or len(call.args) != 1 or not isinstance(call.args[0], ast.BinOp) \
            or not isinstance(call.args[0].op, ast.Sub):
        return None
    return call.args[0].left, call.args[0].right, test.comparators[0]


def _equality(test: ast.expr, expl: str) -> dict[str, Any] | None:
    """Return the numbers of an equality, from what pytest says of it."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1
            and isinstance(test.ops[0], ast.Eq)):
        return None
    left, _, right = expl.splitlines()[0].partition(" == ")
    try:
        computed, known = (np.asarray(ast.literal_eval(side), dtype=object)
                           for side in (left, right))
    except (ValueError, SyntaxError):
        return None
    if not all(isinstance(value, int | float) for value in (*computed.flat, *known.flat)):
        return None
    if computed.shape != known.shape:
        return None
    return {"kind": "exact", "what": ast.unparse(test.left),
            "computed": [str(value) for value in computed.flat],
            "known": [str(value) for value in known.flat]}


def _watch(kind: type) -> None:
    plain = kind.__eq__

    def watched(self: Any, actual: Any) -> bool:
        inner = _now.get("inside")
        _now["inside"] = True
        try:
            same = plain(self, actual)
        finally:
            _now["inside"] = inner
        if same and not inner and _now.get("oracles"):
            known = self.expected
            if isinstance(known, dict):
                known, actual = list(known.values()), [actual[key] for key in known]
            known = np.asarray(known, dtype=float)
            tolerance = [self._approx_scalar(value).tolerance for value in known.flat]
            _note(_numbers(_source(), np.asarray(actual, dtype=float), known,
                           np.reshape(np.asarray(tolerance, dtype=float), known.shape)))
        return same

    kind.__eq__ = watched  # type: ignore[method-assign]


def _allclose(plain: Any) -> Any:
    def watched(actual: Any, desired: Any, rtol: float = 1e-7, atol: float = 0,
                **more: Any) -> None:
        plain(actual, desired, rtol=rtol, atol=atol, **more)
        if _now.get("oracles"):
            known = np.asarray(desired, dtype=float)
            _note(_numbers(_source(), np.asarray(actual, dtype=float), known,
                           atol + rtol * np.abs(known)))
    return watched


def _numbers(what: str, computed: Any, known: Any, tolerance: Any) -> dict[str, Any]:
    computed, known, tolerance = np.broadcast_arrays(computed, known, tolerance)
    return {"kind": "number", "what": what, "computed": _floats(computed), "known": _floats(known),
            "tolerance": _floats(tolerance)}


def _floats(values: Any) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in np.ravel(values)]


def _note(found: dict[str, Any]) -> None:
    _notes.append({**{key: _now[key] for key in ("file", "test", "case", "oracles")}, **found})


def _frame() -> Any:
    """Return the innermost frame that stands in the file of the test."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != _now["file"]:
        frame = frame.f_back
    return frame


def _source() -> str:
    """Return what was compared, in the words of the test."""
    frame = _frame()
    if frame is None:
        return ""
    statement = _statement(_now["file"], frame.f_lineno)
    if isinstance(statement, ast.Assert):
        test = statement.test
        return ast.unparse(test.left if isinstance(test, ast.Compare) else test)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.args[0])
    return linecache.getline(_now["file"], frame.f_lineno).strip()


@cache
def _statement(file: str, line: int) -> ast.stmt | None:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    covering = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)
                and node.lineno <= line <= (node.end_lineno or node.lineno)]
    return min(covering, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)
