"""A story told by hand: events and the own outages they cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from riskmodel.errors import RiskModelError


@dataclass(frozen=True)
class OwnOutage:
    """A node's direct failure: from ``start_h`` for ``duration_h`` hours, ``depth`` of ``part``.

    Hours count from the start of the story; ``depth`` is a share of the node, 0-1. The default
    part is the whole node: within one part the deepest outage counts, different parts add up.
    """

    node: str
    start_h: float = 0.0
    duration_h: float = 24.0
    depth: float = 1.0
    part: str = ""

    def __post_init__(self) -> None:
        if not self.start_h >= 0:
            raise RiskModelError(f"OwnOutage of {self.node!r}: start_h is {self.start_h}; "
                                 "give hours from the start of the story, 0 or more")
        if not 0 <= self.duration_h < float("inf"):
            raise RiskModelError(f"OwnOutage of {self.node!r}: duration_h is {self.duration_h}; "
                                 "give a finite number of hours, 0 or more")
        if not 0 <= self.depth <= 1:
            raise RiskModelError(f"OwnOutage of {self.node!r}: depth is {self.depth}; "
                                 "give the share lost, from 0 to 1")


@dataclass(frozen=True)
class Event:
    """One occurrence: a peril in a region and the own outages it causes."""

    peril: str
    region: str = ""
    outages: Sequence[OwnOutage] = field(default_factory=tuple)
    event_id: str = ""
    campaign_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "outages", tuple(self.outages))
