"""How a training run is laid out: over which sites, how it saves, restarts and moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from riskmodel.compute.checkpoints import best_interval, goodput, work_lost_per_fault_h
from riskmodel.compute.inputs import band, read_inputs
from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.world.world import World

MODES = ("rigid", "quorum", "elastic")
PLACES = ("warm", "leased", "new_chips")


@dataclass(frozen=True)
class RunSpec:
    """A run over sites.

    Attributes
    ----------
    mode : "rigid" (a site down stops it), "elastic" (a site down costs its share) or "quorum" (it
        goes on while enough sites are up, without the share of those that are down)
    k, quorum_share : of a quorum: how many sites must be up, or which share of their number
        (rounded up); give one
    largest : spread over so many of the lab's largest sites; None for all of them
    interval_h, write_h, restart_h : work between checkpoints, pause to save, time to restart
    offsite_lag_h : age of the newest checkpoint at another place; None where checkpoints are kept
        on site only, so that a site whose storage is lost loses all the progress it held
    storage_lost_after_h : an outage longer than this has destroyed what was stored there
    progress_at_risk_h : progress that an on-site-only checkpoint holds
    relocate_after_h : lost capacity is replaced so many hours after it fell out; None for never
    relocate_share : at most this share of the run can be replaced at a time
    mttf_h : mean time between faults of the run's own chips, for its goodput
    """

    mode: str
    interval_h: float
    write_h: float
    restart_h: float
    offsite_lag_h: float | None
    storage_lost_after_h: float
    progress_at_risk_h: float
    mttf_h: float
    k: int | None = None
    quorum_share: float | None = None
    largest: int | None = None
    relocate_after_h: float | None = None
    relocate_share: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise RiskModelError(f"RunSpec: mode is {self.mode!r}; give one of {', '.join(MODES)}")
        for name, least in (("interval_h", 1e-9), ("write_h", 0.0), ("restart_h", 0.0),
                            ("offsite_lag_h", 0.0), ("storage_lost_after_h", 1e-9),
                            ("progress_at_risk_h", 0.0), ("mttf_h", 1e-9),
                            ("relocate_after_h", 1e-9)):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= least):
                what = "0 or more" if least == 0 else "above 0"
                raise RiskModelError(f"RunSpec: {name} is {value}; give hours, {what}")
        if self.mode == "quorum" and (self.k is None) == (self.quorum_share is None):
            raise RiskModelError("RunSpec: a quorum needs either k, how many sites must be up, or "
                                 "quorum_share, which share of them")
        if self.mode != "quorum" and (self.k is not None or self.quorum_share is not None):
            raise RiskModelError(f"RunSpec: k and quorum_share are of a quorum, and mode is "
                                 f"{self.mode!r}")
        for name in ("k", "largest"):
            value = getattr(self, name)
            if value is not None and (value != int(value) or value < 1):
                raise RiskModelError(f"RunSpec: {name} is {value}; give a whole number, 1 or more")
        for name in ("quorum_share", "relocate_share"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise RiskModelError(f"RunSpec: {name} is {value}; give a share above 0, at most "
                                     "1")

    @property
    def label(self) -> str:
        """Return the name of the run, or its mode."""
        return self.name or self.mode

    @property
    def lost_work_h(self) -> float:
        """Return the work since the last checkpoint on site, on average."""
        return work_lost_per_fault_h(self.interval_h, self.write_h)

    @property
    def lost_with_storage_h(self) -> float:
        """Return the work lost where what was stored on site is gone, or cannot be reached."""
        if self.offsite_lag_h is None:
            return max(self.progress_at_risk_h, self.lost_work_h)
        return self.offsite_lag_h + self.lost_work_h

    @property
    def goodput(self) -> float:
        """Return the share of undisturbed time that becomes progress, faults of chips alone."""
        return float(goodput(self.interval_h, self.write_h, self.mttf_h, self.restart_h))

    def needed(self, sites: int) -> int:
        """Return how many of so many sites must be up.

        Raises
        ------
        RiskModelError : k is more than there are
        """
        if self.mode == "elastic":
            return 1
        if self.mode == "rigid":
            return sites
        if self.quorum_share is not None:
            return max(math.ceil(self.quorum_share * sites - 1e-9), 1)
        assert self.k is not None  # __post_init__ saw to it
        if self.k > sites:
            raise RiskModelError(f"RunSpec {self.label!r}: a quorum of {self.k} sites, and the run "
                                 f"has {sites}; lower k, or give quorum_share")
        return self.k


def run_spec(mode: str = "rigid", place: str | None = None, *, world: World | None = None,
             **changes: Any) -> RunSpec:
    """Return a run with the defaults of ``compute/training.toml``.

    Parameters
    ----------
    place : where lost capacity is replaced: "warm" (kept for the run), "leased" or "new_chips";
        None for nowhere
    changes : any attribute of ``RunSpec``; without ``interval_h`` it is the one of most goodput

    Raises
    ------
    RiskModelError : an unknown word, or a value out of bounds
    """
    data = read_inputs("training", world)
    default = {name: band(data, "run", name).best
               for name in ("mttf_h", "write_h", "restart_h", "offsite_lag_h",
                            "storage_lost_after_h")}
    default["progress_at_risk_h"] = band(data, "run", "progress_at_risk_days").best * 24.0
    if place is not None:
        if place not in PLACES:
            raise RiskModelError(f"place is {place!r}; give one of {', '.join(PLACES)}")
        default["relocate_after_h"] = band(data, "relocation", place).best
    known = {item.name for item in fields(RunSpec)}
    strange = [name for name in changes if name not in known]
    if strange:
        raise RiskModelError(f"a run has no {strange[0]!r}; it has {', '.join(sorted(known))}")
    if mode == "quorum" and not {"k", "quorum_share"} & set(changes):
        changes["quorum_share"] = 0.75
    merged = {**default, **changes}
    if "interval_h" not in merged:
        merged["interval_h"] = best_interval(merged["write_h"], merged["mttf_h"]) \
            if merged["write_h"] > 0 else 0.5
    return RunSpec(mode=mode, **merged)


def three_modes(spec: RunSpec, quorum_share: float = 0.75) -> tuple[RunSpec, RunSpec, RunSpec]:
    """Return the same run rigid, by quorum and elastic."""
    bare = replace(spec, mode="elastic", k=None, quorum_share=None)
    return (replace(bare, mode="rigid", name=""),
            replace(bare, mode="quorum", quorum_share=quorum_share, name=""),
            replace(bare, name=""))
