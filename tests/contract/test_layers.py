"""Data flows one way: a folder imports only from folders to its left, wherever it does so."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

import riskmodel

PACKAGE = Path(riskmodel.__file__).parent
#: from left to right; a module reads its own layer and those with a smaller number
ORDER = {"world": 0, "perils": 1, "engine": 2, "measures": 3, "compute": 3.5, "decisions": 4,
         "report": 5, "figures": 5.2, "exchange": 5.5, "testing": 6, "commands": 7,
         "cli": 8, "__main__": 9}
ANYWHERE = {"errors", "_version"}
#: loaded inside the functions that use them; the kernel's modules are such a place themselves
HEAVY = {"geopandas", "matplotlib", "networkx", "scipy", "numba", "shapely", "pyproj", "pyarrow",
         "dask", "distributed", "jinja2"}
MODULES = sorted(PACKAGE.rglob("*.py"))


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    top: bool  # runs when the module is imported


def imports_of(source: str, package: str) -> list[Import]:
    """Return every import of a module, at the top, in functions, for types, or by name."""
    found = []

    def visit(node: ast.AST, top: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[:len(parts) - node.level + 1], *([base] if base else [])])
            found.extend(Import(f"{base}.{alias.name}", node.lineno, top) for alias in node.names)
        elif (isinstance(node, ast.Call) and node.args
              and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                  "import_module", "__import__")
              and isinstance(node.args[0], ast.Constant)):
            found.append(Import(str(node.args[0].value), node.lineno, top))
        types_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        inner = top and not types_only and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, inner)

    visit(ast.parse(source), True)
    return found


def layer_faults(path: str, source: str) -> list[str]:
    """Return what a module at ``path`` (below the package) imports against the rule."""
    parts = ["riskmodel", *Path(path).with_suffix("").parts]
    own = parts[1]
    package = ".".join(parts[:-1])
    faults = []
    for item in imports_of(source, package):
        words = item.module.split(".")
        if words[0] != "riskmodel":
            continue
        target = words[1] if len(words) > 1 else ""
        if own in ANYWHERE:
            faults.append(f"{path}:{item.line} {own} imports {item.module}; it must stand alone")
        elif target in ANYWHERE:
            continue
        elif target not in ORDER:
            if ORDER[own] < ORDER["report"]:
                faults.append(f"{path}:{item.line} imports the package itself, which leads "
                              "everywhere: import from the module")
        elif ORDER[target] > ORDER[own]:
            faults.append(f"{path}:{item.line} {own} imports {item.module} from its right")
    return faults


def names(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_module_has_a_layer():
    for path in MODULES:
        first = Path(names(path)).parts[0].removesuffix(".py")
        assert first in ORDER or first in ANYWHERE or first == "__init__", (
            f"{names(path)} is in no layer: give it a place in ORDER")


@pytest.mark.parametrize("path", [p for p in MODULES if names(p) != "__init__.py"], ids=names)
def test_a_folder_imports_only_from_its_left(path):
    assert layer_faults(names(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("path", "source"), [
    ("world/x.py", "from riskmodel.engine.losses.losses import Losses"),
    ("world/x.py", "def f():\n    import riskmodel.perils.registry"),
    ("perils/x.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
                    "    from riskmodel.measures.measure import measure"),
    ("engine/kernel/x.py", "from ...report import html"),
    ("engine/x.py", "from importlib import import_module\nimport_module('riskmodel.cli')"),
    ("measures/x.py", "import riskmodel as rm"),
    ("measures/x.py", "from riskmodel import World"),
    ("report/x.py", "from riskmodel.testing import check_peril"),
    ("errors.py", "from riskmodel.world.tables import TABLES"),
])
def test_the_rule_sees_what_breaks_it(path, source):
    assert len(layer_faults(path, source)) == 1


@pytest.mark.parametrize(("path", "source"), [
    ("engine/x.py", "from riskmodel.world.world import World\n"
                    "from riskmodel.errors import Problem"),
    ("decisions/x.py", "from riskmodel.compute.ledger import ledger"),
    ("engine/kernel/x.py", "from .draws import draw\nfrom ..losses import Losses"),
    ("world/x.py", "import numpy as np\nfrom scipy import stats"),
])
def test_the_rule_lets_pass_what_keeps_it(path, source):
    assert layer_faults(path, source) == []


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_heavy_packages_are_loaded_where_they_are_used(path):
    source = path.read_text(encoding="utf-8")
    top = {item.module.split(".")[0] for item in imports_of(source, "riskmodel") if item.top}
    allowed = {"numba"} if names(path).startswith("engine/kernel/") else set()
    assert top & HEAVY <= allowed


def test_modules_that_load_numba_are_loaded_inside_functions():
    """The kernel's modules import numba at their top, so nothing else may load them at its own."""
    tops = {}
    for path in MODULES:
        words = ["riskmodel", *Path(names(path)).with_suffix("").parts]
        found = imports_of(path.read_text(encoding="utf-8"), ".".join(words[:-1]))
        tops[".".join(words).removesuffix(".__init__")] = {i.module for i in found if i.top}
    numba = {module for module, top in tops.items() if any(t.startswith("numba") for t in top)}
    assert numba  # the kernel is there, else this test looks at nothing
    while more := {module for module, top in tops.items() if module not in numba
                   and any(t in numba or t.rpartition(".")[0] in numba for t in top)}:
        numba |= more
    assert {module for module in numba if ".engine.kernel" not in module} == set()


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_file_is_one_idea_under_its_own_name(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "misc", "common"}
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= 450, f"{names(path)} has {length} lines: it is more than one idea"
