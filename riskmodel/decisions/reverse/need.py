"""What a reverse stress test asks for: so many MW of one lab missing, for so long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.losses.losses import HOURS_PER_DAY
from riskmodel.engine.stories.stories import Stage, set_stage
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.world.columns import near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World


@dataclass(frozen=True, eq=False)
class Need:
    """The question, in MW and hours.

    ``mw`` : the lab's IT MW at each site of the world, in the order of ``world.sites``
    """

    lab: str
    share: float
    days: float
    mw: NDArray[np.float64]
    cap_days: float

    @property
    def capacity_mw(self) -> float:
        """IT MW of the lab."""
        return float(self.mw.sum())

    @property
    def level_mw(self) -> float:
        """MW that must be missing."""
        return self.share * self.capacity_mw

    @property
    def hours(self) -> float:
        """Hours for which they must be missing without a break."""
        return self.days * HOURS_PER_DAY

    @property
    def cap_h(self) -> float:
        """Hours after which every outage has ended."""
        return self.cap_days * HOURS_PER_DAY

    @classmethod
    def of(cls, world: World, lab: str, share: float, days: float, cap_days: float) -> Need:
        """Return the question for a lab of a world, or for all of them ("total")."""
        stage = set_stage(world, (), recovery_cap_days=cap_days)
        if lab != TOTAL and lab not in stage.labs:
            raise RiskModelError(f"there is no lab {lab!r} in this world{near(lab, stage.labs)}; "
                                 f"there are {', '.join(stage.labs)}, and {TOTAL}")
        mw = stage.held_mw.sum(axis=0) if lab == TOTAL else stage.held_mw[stage.labs.index(lab)]
        if not mw.sum() > 0:
            raise RiskModelError(f"lab {lab!r} has no capacity in this world, so no share of it "
                                 "can be lost; take another lab, or a world of another date")
        return cls(lab, share, days, mw, cap_days)

    def stage(self, world: World, perils: Iterable[str], regions: Iterable[str] = ("",)) -> Stage:
        """Return the stage on which its stories are played."""
        return set_stage(world, perils, regions, recovery_cap_days=self.cap_days, check=False)
