"""What a run was: enough to repeat it, and to notice that something else was run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from riskmodel._version import __version__
from riskmodel.engine.kept.identity import digest_of

if TYPE_CHECKING:
    from riskmodel.engine.plan.plan import Plan
    from riskmodel.world.world import World


def describe_run(world: World, plan: Plan, perils: Sequence[Any], *, years: int, seed: int | None,
                 booking: str, horizon_days: float, recovery_cap_days: float,
                 worlds: int = 1) -> dict[str, Any]:
    """Return the manifest of a run. It holds no clock time, so that equal runs are equal bytes."""
    import numba
    import numpy
    import pandas

    return {
        "riskmodel": __version__,
        "world": {"folder": _folder(world), "as_of": str(world.as_of) if world.as_of else None,
                  "fingerprint": world.fingerprint, "sites": len(world.sites),
                  "capacity_mw": round(float(plan.capacity_mw.sum()), 6)},
        "perils": {peril.spec.peril_id: _peril_hash(peril) for peril in perils},
        "years": years, "seed": seed, "booking": booking, "horizon_days": horizon_days,
        "recovery_cap_days": recovery_cap_days, "worlds": worlds,
        "versions": {"numpy": numpy.__version__, "pandas": pandas.__version__,
                     "numba": numba.__version__},
    }


def _folder(world: World) -> str | None:
    """Return the world's folder, or None for the world that ships and worlds in memory."""
    if world.folder is None:
        return None
    from riskmodel.world.shipped import shipped_folder

    return None if world.folder == shipped_folder() else str(world.folder)


def _peril_hash(peril: Any) -> str:
    return digest_of(json.dumps(dict(peril.spec.data), sort_keys=True, default=str))
