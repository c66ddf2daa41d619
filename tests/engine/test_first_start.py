"""The first start: where numba may not compile, may not keep what it compiled, or has no linker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import riskmodel as rm
from tests.engine.small import table, world

TOLD = """
import shutil
from riskmodel.engine.run.runner import entry_point
from tests.engine.test_first_start import small_run
assert not any(shutil.which(name) for name in ("cc", "gcc", "clang", "ld", "link"))
total = small_run()
assert not entry_point()._cache.cache_path  # NullCache: nothing is kept
print(repr(total))
"""


def small_run() -> float:
    """Return the loss of a few years of one site; drawn, cascaded and valued."""
    of = world(events=table({"rate_per_yr": 2.0, "duration_dist": "lognormal",
                             "duration_h": 30.0, "duration_shape": 0.8}))
    return float(rm.simulate(of, years=20, seed=3, workers=1).years["lost_mw_days"].sum())


def test_numba_switched_off_is_said(monkeypatch):
    """The kernel cannot run as plain Python: the message names the variable and the mend."""
    import numba

    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    with pytest.raises(rm.RiskModelError, match=r"NUMBA_DISABLE_JIT=1.*unset"):
        small_run()


@pytest.mark.slow
def test_no_compiler_and_nowhere_to_keep_what_is_compiled(tmp_path):
    """No C compiler or linker on the path, and the cache's folder cannot be made: same bytes."""
    blocked = tmp_path / "a file"
    blocked.write_text("where the cache's folder should be")
    root = Path(rm.__file__).parents[1]
    environment = {**os.environ, "PATH": str(tmp_path), "CC": "", "PYTHONPATH": str(root),
                   "NUMBA_CACHE_DIR": str(blocked / "cache"),
                   "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    found = subprocess.run([sys.executable, "-c", TOLD], env=environment, cwd=root, text=True,
                           capture_output=True, check=False, timeout=600)
    assert found.returncode == 0, found.stderr
    assert float(found.stdout) == small_run()


def test_an_index_below_0_is_read_as_it_stands():
    """The kernel reads indices as unsigned, which is right as long as none is below 0.

    Its own sentinels are -1, so the pass is tried on a function that would count from the end: an
    index of -1 stays an index of -1, and is not turned into the last element.
    """
    from riskmodel.engine.kernel.jit import jit

    @jit()
    def before(values, place):
        return values[place]

    values = np.arange(8.0)
    assert before(values[4:], -1) == 3.0  # the element before the first, which is ours
    assert before(values, 5) == 5.0
