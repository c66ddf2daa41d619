"""``reverse_stress``: the mildest event of a family that takes a lab down so far, for so long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.reverse.need import Need
from riskmodel.engine.losses.losses import Losses
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.errors import RiskModelError
from riskmodel.perils.scenarios import Scenario, load_scenario, scenario_files
from riskmodel.world.columns import near

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.perils.places import Place
    from riskmodel.world.world import World

SCENARIOS = "scenarios"
OUTAGES, SCALED, YEARS = "outages", "scaled scenarios", "simulated years"


@dataclass(frozen=True, eq=False, repr=False)
class ReverseStress:
    """What it takes, member by member of the family, the mildest first.

    Attributes
    ----------
    lab, share, days : the question: ``share`` of the lab's capacity missing, throughout ``days``
    capacity_mw : IT MW of the lab
    family : as it was asked for, in words; ``kind`` : "outages", "scaled scenarios" or
        "simulated years"
    members : frame, a row a member. ``does_it``; ``severity`` of the mildest event of the member
        that does it, in ``unit``; no event of the member that does it is below
        ``severity_at_least``. Beside them, by kind:

        - outages: ``nodes`` that fail together; ``depth``, ``duration_h`` of the mildest; the
          shallowest that does it (``least_depth``, ``duration_h_at_least_depth``), the shortest
          (``duration_h_at_full_depth``); ``most_share``, the most that the member takes for so
          long, whole and for as long as the engine counts
        - scaled scenarios: ``as_told`` says whether it does it unscaled; ``depth_factor``,
          ``duration_factor`` of the mildest; ``duration_factor_as_deep`` at the told depths,
          ``depth_factor_as_long`` at the told lengths; ``most_share`` at the largest scale
        - simulated years: only those that do it; ``year``, ``lost_mw_days`` of the lab,
          ``return_period_yr`` of such a loss and its ``se``, ``spell_days``, and the cause of most
          of it: ``peril, region, event_id, campaign_id, cause_share``
    frontier : frame ``member, depth, duration_h, severity`` (outages) or ``member, depth_factor,
        duration_factor, severity``: the shortest duration that does it at each depth
    chance : of simulated years, the share that do it: ``value, se, n``
    left_out : member -> why it could not be asked
    """

    lab: str
    share: float
    days: float
    capacity_mw: float
    family: str
    kind: str
    members: pd.DataFrame
    frontier: pd.DataFrame
    chance: dict[str, float] | None = None
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether anything in the family does it."""
        return bool(len(self.members)) and bool(self.members["does_it"].any())

    @property
    def mildest(self) -> dict[str, Any] | None:
        """The first row of ``members``, or None where nothing in the family does it."""
        return dict(self.members.iloc[0]) if self.found else None

    def __str__(self) -> str:
        from riskmodel.decisions.reverse.words import sentence

        return sentence(self)

    __repr__ = __str__


def reverse_stress(world: World, lab: str, share: float = 0.5, days: float = 30.0, *,
                   family: str | Sequence[Place] | Sequence[Scenario] | Losses = "grid",
                   tolerance: float = 0.01,
                   recovery_cap_days: float = RECOVERY_CAP_DAYS) -> ReverseStress:
    """Find the mildest event of a family that costs a lab ``share`` of its capacity for ``days``.

    It is met when there is a stretch of ``days`` throughout which at least ``share`` of the lab's
    capacity is missing. Deeper or longer does it too (every rule of the cascade is monotone), so
    the search is exact: thresholds are met to 1e-9, no grid is laid.

    Parameters
    ----------
    lab : a lab_id, or "total" for all labs together
    family : what may happen:

        - a kind of node ("grid", "cloud", "cloud_region", "country", "gas", "operator", "theatre",
          "interconnection", "corridor", "site" ...): each node of the kind fails alone, with one
          depth for one duration. Severity is depth x duration: hours of full outage.
        - a list of places (nodes, selectors; see ``Grid``), each alone
        - "scenarios", or a list of scenarios: each is made deeper and longer, or milder; outages
          keep their begin, depths are cut at 1, what is lost for good counts as
          ``recovery_cap_days``. Severity is the factor on depth x the factor on duration: 1 is the
          scenario as told.
        - ``Losses`` of this world: the simulated years that do it; severity is the return period
          of the lab's loss in that year
    tolerance : no event of a member is milder than the one found by more than this share;
        ``severity_at_least`` says what is certain

    Raises
    ------
    RiskModelError
        There is no such lab, kind or node; the lab has no capacity; a number is out of bounds.
    """
    if not 0 < share <= 1:
        raise RiskModelError(f"reverse_stress: share is {share!r}; give a share of the lab's "
                             "capacity, above 0 up to 1")
    if not 0 < days <= recovery_cap_days or not math.isfinite(days):
        raise RiskModelError(f"reverse_stress: days is {days!r}; give days above 0, up to the "
                             f"{recovery_cap_days:g} after which the engine takes everything for "
                             "recovered")
    if not 0 < tolerance < 1:
        raise RiskModelError(f"reverse_stress: tolerance is {tolerance!r}; give a share such as "
                             "0.01")
    if isinstance(family, Losses):
        from riskmodel.decisions.reverse.years import years_that_do_it

        return years_that_do_it(family, world, lab, share, days)
    need = Need.of(world, lab, share, days, recovery_cap_days)
    if family == SCENARIOS or _all_scenarios(family):
        from riskmodel.decisions.reverse.scenarios import scaled_scenarios

        told = [load_scenario(name, world=world) for name in scenario_files(world)] \
            if isinstance(family, str) else list(family)
        return scaled_scenarios(world, need, told, tolerance=tolerance)  # type: ignore[arg-type]
    from riskmodel.decisions.reverse.outages import single_outages

    words = f"{family} nodes" if isinstance(family, str) else "the places given"
    return single_outages(world, need, _places(world, family), words, tolerance=tolerance)


def _all_scenarios(family: object) -> bool:
    return isinstance(family, list | tuple) and bool(family) and all(
        isinstance(each, Scenario) for each in family)


def _places(world: World, family: object) -> list[Place]:
    if isinstance(family, str):
        nodes = world.all_nodes
        kinds = sorted(set(nodes["kind"]))
        if family not in kinds:
            raise RiskModelError(
                f"reverse_stress: there is no node of kind {family!r} in this world"
                f"{near(family, [*kinds, SCENARIOS]) or ';'} families are {', '.join(kinds)} and "
                f"{SCENARIOS}; or give a list of places, or losses")
        return sorted(nodes.loc[nodes["kind"] == family, "node_id"])
    if isinstance(family, list | tuple) and family:
        return list(family)
    raise RiskModelError(f"reverse_stress: family is {family!r}; give a kind of node, "
                         f"{SCENARIOS!r}, a list of places or of scenarios, or losses")
