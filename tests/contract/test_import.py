"""``import riskmodel`` is quick and touches nothing."""

import json
import os
import subprocess
import sys
import time

import riskmodel

WATCH = """
import sys, json, logging
opened, sockets = [], []
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        opened.append(args[0] if isinstance(args[0], str) else args[0].decode())
    elif event.startswith("socket."):
        sockets.append(event)
before = {name: list(getattr(logger, "handlers", ())) for name, logger in
          [("root", logging.root), *logging.root.manager.loggerDict.items()]}
sys.addaudithook(hook)
import riskmodel
after = {name: list(getattr(logger, "handlers", ())) for name, logger in
         [("root", logging.root), *logging.root.manager.loggerDict.items()]}
print(json.dumps({
    "opened": opened, "sockets": sockets,
    "handlers": [name for name, found in after.items() if found != before.get(name, [])],
    "modules": sorted(sys.modules), "version": riskmodel.__version__}))
"""


def run(code, cwd):
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, check=True, text=True,
                          capture_output=True).stdout


def test_import_opens_nothing_and_loads_nothing_heavy(tmp_path):
    seen = json.loads(run(WATCH, tmp_path))
    assert seen["version"] == riskmodel.__version__
    # Python reads modules; nothing else is read, and nothing is written
    assert [path for path in seen["opened"] if not path.endswith((".py", ".pyc", ".so"))] == []
    assert seen["sockets"] == []
    assert seen["handlers"] == []
    heavy = {"numpy", "pandas", "geopandas", "numba", "scipy", "matplotlib", "networkx", "pyarrow",
             "shapely", "pyproj", "typer", "rich", "jinja2"}
    assert heavy & set(seen["modules"]) == set()
    assert list(tmp_path.iterdir()) == []


def test_the_watch_sees_a_file_and_a_handler(tmp_path):
    """The test above can fail: the same watch on a module that misbehaves."""
    (tmp_path / "riskmodel.py").write_text(
        "import logging, pathlib\n__version__ = '0'\nlogging.basicConfig()\n"
        "pathlib.Path('left_behind.txt').write_text('x')\n")
    seen = json.loads(run("import sys; sys.path.insert(0, '.')\n" + WATCH, tmp_path))
    assert "left_behind.txt" in seen["opened"]
    assert seen["handlers"] == ["root"]


def best_times(cwd, *codes, rounds=9):
    """Return the best time of each; taken in turn, so that a busy spell meets all of them."""
    best = [float("inf")] * len(codes)
    for _ in range(rounds):
        for i, code in enumerate(codes):
            start = time.perf_counter()
            run(code, cwd)
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def test_import_takes_little_more_than_python_itself(tmp_path):
    """A ratio, because a busy machine slows both; importing numpy alone would break it."""
    bare, ours = best_times(tmp_path, "pass", "import riskmodel")
    assert ours < 5.0 * bare
    assert ours < 1.0 or ours < 2.0 * bare  # and well under a second on any usual machine


def test_every_public_name_is_there_when_it_is_asked_for():
    for name in riskmodel.__all__:
        assert getattr(riskmodel, name) is not None
        assert name in dir(riskmodel)
