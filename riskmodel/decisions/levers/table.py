"""What domestic siting, or owning instead of renting, changes: the measures by strength of a lever.

No peril depends on how many MW a site has, so what a lab loses in a year is linear in where its MW
stand and under whom: a lever pulled by x loses (1 - x) times what it loses not pulled and x times
what it loses pulled all the way, year by year. Two runs under the same draws therefore give every
strength, exactly. Where moved capacity is still under construction that does not hold (the share of
a site that is late depends on what else is built there): then every strength is a run. Errors of
the differences are paired (``riskmodel.decisions.comparison``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.decisions.comparison.compare import compare
from riskmodel.decisions.levers.ownership import ownership_lever, rented_sites
from riskmodel.decisions.levers.siting import held_by_side, siting_lever
from riskmodel.decisions.mitigations.value import only_of
from riskmodel.engine.losses.losses import CAUSES_COLUMNS, EVENTS_COLUMNS, Losses
from riskmodel.engine.run.simulation import simulate
from riskmodel.errors import RiskModelError
from riskmodel.perils.registry import load_perils
from riskmodel.world.building import steps_to_come
from riskmodel.world.exposure import mw_of_lab
from riskmodel.world.site_groups import site_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

    Floats = NDArray[np.float64]

LEVERS = ("siting", "ownership")
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
MEASURES = ("aal", "aal_share", "p_loss", "tvar")
#: what the lab has in common under the lever; measures of structure, without an error
DIMENSIONS = ("operator", "cloud", "country", "grid_region")
COLUMNS = ("lab", "lever", "strength", "changed_mw", "measure", "level", "base", "value",
           "difference", "se", "low", "high", "verdict", "sentence", "unit", "n", "worlds", "seed")


def lever_table(world: World, lab: str, lever: str = "siting", *,
                strengths: Iterable[float] = STRENGTHS, years: int = 5_000, seed: int = 0,
                level: float = 0.99, country: str = "US",
                sites: str | Sequence[str] | None = None, worlds: int = 1,
                perils: Sequence[Any] | str | None = None, workers: int | None = None,
                progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Return what a lever changes for a lab, by strength, under common draws.

    Parameters
    ----------
    lever : "siting" moves a share of what the lab holds outside ``country`` to its sites inside;
        "ownership" makes a share of what it leases or rents its own, the same at every site
    strengths : shares, 0-1
    level : probability of the TVaR
    sites : of siting, those inside that take it; of ownership, those that change hands
    years, seed, worlds, perils, workers, progress : as of ``simulate``

    Returns
    -------
    frame ``lab, lever, strength, changed_mw, measure, level, base, value, difference, se, low,
    high, verdict, sentence, unit, n, worlds, seed``
        ``measure`` is one of ``aal, aal_share, p_loss, tvar`` (a row of ``compare``: difference is
        value - base, with its paired error and verdict), or ``effective_operator``,
        ``effective_cloud``, ``effective_country``, ``effective_grid_region``: over how many equal
        groups the lab's MW would be as concentrated, which has no sampling error.

    Raises
    ------
    RiskModelError : no such lever, a strength that is no share, and what the levers themselves
        refuse: see ``siting_lever`` and ``ownership_lever``
    """
    steps = [float(step) for step in strengths]
    if lever not in LEVERS:
        raise RiskModelError(f"lever_table: there is no lever {lever!r}; there are "
                             f"{', '.join(LEVERS)}")
    if not steps or not all(0 <= step <= 1 for step in steps):
        raise RiskModelError(f"lever_table: strengths are {steps}; give shares from 0 to 1")
    if lever == "siting":
        mw = sum(held_by_side(world, lab, country)[0].values())
    else:
        chosen = rented_sites(world, lab)
        named = list(chosen) if sites is None else [sites] if isinstance(sites, str) else sites
        mw = sum(chosen.get(site, 0.0) for site in named)

    def pull(step: float) -> World:
        if step == 0:
            return world
        return (siting_lever(world, lab, step, country=country, to=sites) if lever == "siting"
                else ownership_lever(world, lab, sites))

    def years_lost(of: World) -> Losses:
        return simulate(only_of(of, lab), years, seed, perils=load_perils(of, perils),
                        worlds=worlds, workers=workers, adequacy=False, progress=progress)

    linear = lever == "ownership" or not len(steps_to_come(world))
    pulled = pull(1.0)
    base = years_lost(world)
    whole = years_lost(pulled) if linear or 1.0 in steps else base
    groups = {dimension: [_shares(of, lab, dimension) for of in (world, pulled)]
              for dimension in DIMENSIONS}
    rows: list[dict[str, Any]] = []
    for step in steps:
        head = {"lab": lab, "lever": lever, "strength": step, "changed_mw": step * mw,
                "worlds": worlds, "seed": seed}
        if linear or step in (0.0, 1.0):
            other = _between(base, whole, lab, step)
        else:
            run = years_lost(pull(step))
            other = _between(run, run, lab, 0.0)
        found = compare(_between(base, base, lab, 0.0), other, "lab", MEASURES, level, paired=True)
        rows += [{**head, **{str(key): cell for key, cell in row.items()}, "value": row["other"]}
                 for row in found[found["lab"] == lab].to_dict("records")]
        for dimension, (before, after) in groups.items():
            names = sorted({*before, *after})
            one, two = (np.array([side.get(name, 0.0) for name in names])
                        for side in (before, after))
            was, value = _effective(one), _effective((1 - step) * one + step * two)
            rows.append({**head, "measure": f"effective_{dimension}", "level": np.nan,
                         "base": was, "value": value, "difference": value - was, "se": 0.0,
                         "low": value - was, "high": value - was, "verdict": "",
                         "sentence": "", "unit": "groups", "n": years})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _between(base: Losses, pulled: Losses, lab: str, share: float) -> Losses:
    """Return the year losses of a lab of which a share is under the lever."""
    lost = [_years_of(losses, lab) for losses in (base, pulled)]
    mixed = (1.0 - share) * lost[0] + share * lost[1]
    some = np.flatnonzero(mixed > 0)
    frame = pd.DataFrame({"year": some, "lab": np.full(len(some), lab, object),
                          "lost_mw_days": mixed[some], "shortfall_mw_days": np.nan,
                          "max_event_mw_days": np.nan})
    at = base.labs.index(lab)
    per_world = base.world_capacity_mw
    return replace(
        base, years=frame, labs=(lab,), capacity_mw=base.capacity_mw[[at]],
        needed_share=base.needed_share[[at]], adequacy=None, world=None, plan=None,
        causes=pd.DataFrame(columns=list(CAUSES_COLUMNS)),
        events=pd.DataFrame(columns=list(EVENTS_COLUMNS)), manifest={},
        world_capacity_mw=None if per_world is None else per_world[:, [at]])


def _years_of(losses: Losses, lab: str) -> Floats:
    rows = losses.years[losses.years["lab"] == lab]
    out = np.zeros(losses.n_years)
    out[rows["year"].to_numpy(np.int64)] = rows["lost_mw_days"].to_numpy(float)
    return out


def _shares(world: World, lab: str, dimension: str) -> dict[str, float]:
    """Return a lab's MW by group of a kind, as shares; what is not known is one group."""
    at = mw_of_lab(world, lab)
    out: dict[str, float] = {}
    groups = site_groups(world, dimension)
    for site, group, share in zip(groups["site_id"], groups["group"], groups["share"],
                                  strict=True):
        if at.get(site):
            out[group] = out.get(group, 0.0) + share * at[site]
    whole = sum(out.values())
    return {group: part / whole for group, part in out.items()} if whole > 0 else {}


def _effective(share: Floats) -> float:
    total = float((share**2).sum())
    return 1.0 / total if total > 0 else np.nan
