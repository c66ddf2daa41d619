"""The first years of a run again, watching every site: what several sections read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.compute.progress import RunCourses, control_planes
from riskmodel.compute.training import training_losses
from riskmodel.engine.losses.courses import Courses, booked_courses
from riskmodel.engine.losses.firstyears import first_years
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.plan.again import again, same_world
from riskmodel.measures.confidence import low_confidence_share
from riskmodel.report.context import Context

if TYPE_CHECKING:
    from riskmodel.world.world import World

MOST_YEARS = 8_000  # watched: what is kept of a year grows with the sites it hits
BOOKINGS = ("occurrence", "calendar")


@dataclass(eq=False)
class FirstYears:
    """The losses of the first years, and the courses of sites and control planes in them.

    ``sites`` and ``control`` hold occurrence and calendar booking; ``control_of`` says which
    control plane a site restarts by.
    """

    losses: Losses
    sites: tuple[Courses, Courses]
    control: tuple[Courses, Courses]
    control_of: dict[str, str]

    @cached_property
    def training(self) -> pd.DataFrame:
        """What the lost years mean for training, computed once."""
        return self.training_of(None)

    def training_of(self, labs: Sequence[str] | None) -> pd.DataFrame:
        """Return what the lost years of some labs mean for training."""
        booked = BOOKINGS.index(self.losses.booking)
        control = self.control[booked] if self.control_of else None
        return training_losses(
            self.losses, labs=labs, years=self.losses.n_years,
            courses=RunCourses(self.sites[booked], control, self.control_of))


def watch_first_years(losses: Losses, *, world: World | None = None, workers: int | None = None
                      ) -> FirstYears:
    """Run the first years again, once, watching all sites and the control planes they restart by.

    Raises
    ------
    RiskModelError : the run cannot be run again
    """
    place = same_world(losses, world, "watch_first_years")
    # compiled once, also where the losses were read from a folder
    few = replace(first_years(losses, MOST_YEARS), world=place, plan=again(losses, place))
    sites, of = list(place.sites["site_id"]), control_planes(place)
    planes = list(dict.fromkeys(of.values()))
    one, two = booked_courses(few, BOOKINGS, sites=[*sites, *planes], workers=workers)
    return FirstYears(few, (one.only(sites), two.only(sites)),
                      (one.only(planes), two.only(planes)), of)


def kept_first_years(context: Context) -> FirstYears:
    """Return what was watched in the first years, run again at most once a report."""
    if "first_years" not in context.kept:
        context.kept["first_years"] = watch_first_years(context.run, world=context.world)
    return context.kept["first_years"]  # type: ignore[no-any-return]


def first_courses(context: Context) -> tuple[Losses, tuple[Courses, Courses]]:
    """Return the losses of the first years, and the courses of all sites in them.

    Raises
    ------
    RiskModelError : the run cannot be run again
    """
    found = kept_first_years(context)
    return found.losses, found.sites


def low_confidence(context: Context) -> pd.DataFrame | None:
    """Return the shares of the AAL that rest on low records, computed once."""
    if "low_confidence" not in context.kept:
        context.kept["low_confidence"] = low_confidence_share(context.run)
    return context.kept["low_confidence"]  # type: ignore[no-any-return]
