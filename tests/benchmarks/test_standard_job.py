"""The benchmark's contenders do the same job: they find the same loss, but for what they skip."""

from __future__ import annotations

import pytest

from tests.benchmarks.standard_job import contenders, measure, table


@pytest.fixture(scope="module")
def job():
    return contenders(100, 1)


def test_the_contenders_agree(job):
    """Neither reference unites overlapping outages, so both find a little more than the engine.

    Numbers of years are such that 10 % is more than four standard errors of each mean (a year's
    loss has a standard deviation of about its mean).
    """
    runs, _ = job
    engine = runs["riskmodel"][0](4096)
    numpy = runs["vectorised numpy, 1 thread"][0](4096)
    networkx = runs["networkx loop"][0](1600)
    assert networkx == pytest.approx(numpy, rel=0.1)
    assert 0.9 * numpy < engine < 1.05 * numpy


def test_the_table_says_what_was_measured(job):
    """A line for each contender, the engine against itself at exactly 1."""
    runs, plan = job
    small = {name: (function, 64) for name, (function, _) in runs.items()}
    text = table(measure(small, rounds=2), plan)
    assert "| riskmodel |" in text
    assert "| 1.00 x |" in text.splitlines()[2]
    for name in runs:
        assert f"| {name} |" in text
