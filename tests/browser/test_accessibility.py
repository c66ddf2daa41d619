"""No serious accessibility fault in the report: axe-core's rules, in light and in dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.visits import MARKS, Visit

pytestmark = MARKS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, report, scheme):
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    rules = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with Visit(browser, report, 1280, scheme) as visit:
        visit.page.evaluate(rules)
        found = visit.page.evaluate("axe.run()")
    assert len(found["passes"]) > 20  # the rules did run
    faults = [(each["impact"], each["id"], [node["target"] for node in each["nodes"]][:3])
              for each in found["violations"] if each["impact"] in ("serious", "critical")]
    assert faults == []
