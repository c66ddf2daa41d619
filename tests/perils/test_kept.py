"""What is kept for the next block: by world and by the numbers of a peril."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import riskmodel as rm
from riskmodel.perils.kept import MOST_SPECS, kept_with_peril, kept_with_world
from riskmodel.perils.kinetic.parts import POWER, facility_parts, site_parts


def worlds(*sites):
    import pandas as pd
    return [rm.World.from_frames(
        sites=pd.DataFrame({"site_id": [site], "lat": 0.0, "lon": 0.0, "it_mw": 1.0}),
        labs=pd.DataFrame({"lab_id": ["l"], "needed_share": [1.0]}),
        holdings=pd.DataFrame({"lab_id": ["l"], "site_id": [site], "share": 1.0}))
        for site in sites]


def test_kept_with_the_world():
    asked = []

    @kept_with_world
    def first_site(world):
        asked.append(world)
        return world.sites["site_id"].iloc[0]

    one, two = worlds("a", "b")
    assert [first_site(world) for world in (one, two, one, two)] == ["a", "b", "a", "b"]
    assert len(asked) == 2


@dataclass(frozen=True)
class Peril:
    spec: Any

    @kept_with_peril
    def told(self, world, what="x"):
        self.spec["asked"] = self.spec.get("asked", 0) + 1
        return self.spec["number"], world.sites["site_id"].iloc[0], what


def test_kept_with_the_numbers_of_a_peril():
    one, two = worlds("a", "b")
    numbers = [{"number": i} for i in range(3)]
    for _ in range(2):
        for spec in numbers:
            assert Peril(spec).told(one) == (spec["number"], "a", "x")
            assert Peril(spec).told(two, "y") == (spec["number"], "b", "y")
    assert [spec["asked"] for spec in numbers] == [2, 2, 2]
    # many states of one peril: the first are forgotten and worked out again, never mistaken
    for i in range(2 * MOST_SPECS):
        assert Peril({"number": i}).told(one)[0] == i
    assert Peril(numbers[0]).told(one) == (0, "a", "x")
    assert numbers[0]["asked"] == 3


def test_parts_of_hits_are_told_by_number():
    site = site_parts(np.array([0, POWER, 4]), np.array([0, 3, 255]), np.array([0, 7, 255]),
                      np.array([0, 1, 65_535]))
    assert site.text().tolist() == [
        "building 1, campaign 0, wave 0, hit 1", "power, campaign 3, wave 7, hit 2",
        "building 5, campaign 255, wave 255, hit 65536"]
    node = facility_parts("line", np.array([0, 41]))
    assert node.text().tolist() == ["grid line 1", "grid line 42"]
    assert facility_parts("cable", np.array([6])).text().tolist() == ["cable facility 7"]


def test_numbers_of_parts_differ_and_are_none_of_the_whole_node():
    number, kind = np.divmod(np.arange(40_000), 4)
    code = np.concatenate([
        site_parts(number, number % 9, kind, number % 5).code,
        *(facility_parts(name, number[:500]).code for name in ("grid", "line", "gas", "cable"))])
    few = np.unique(code)
    got = facility_parts("grid", np.array([0])).book.numbers(few, len).view(np.int64)
    assert len(np.unique(got)) == len(few)
    assert (got > 0).all()
