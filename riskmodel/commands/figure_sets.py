"""Which figures an output holds, and what draws each: the report's own functions and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.commands.worlds import world_of
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import one_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from riskmodel.engine.losses.losses import Losses
    from riskmodel.figures.foot_facts import About
    from riskmodel.report.context import Context

#: draws figures of one kind in a size; several where one needs several files
Draw = Callable[..., "list[Figure]"]
#: labs of the figure with a panel a lab
_PANELS = 6


def of_run(losses: Losses, folder: Path, lab: str | None) -> dict[str, Draw]:
    """Return what draws the figures of a run's folder, by the names that ``--only`` takes."""
    from riskmodel import figures
    from riskmodel.figures.context import context_of

    context = context_of(losses)

    def exceedance(**how: Any) -> list[Figure]:
        found = [figures.exceedance(losses, lab, **how)]
        panels = context.first(_PANELS, hit=True)
        if lab is None and panels:
            found.append(figures.exceedance(losses, panels, **how))
        return found

    def contributions(**how: Any) -> list[Figure]:
        return [figures.contributions(losses, by, lab=lab, **how) for by in ("peril", "region")]

    def world_map(**how: Any) -> list[Figure]:
        return [figures.world_map(losses, lab=lab, view=view, **how)
                for view in _views(context if lab is None else context.only(lab))]

    return {
        "exceedance": exceedance, "contributions": contributions,
        "convergence": lambda **how: [figures.convergence(losses, lab=lab, **how)],
        "world_map": world_map,
        "year": lambda **how: [figures.year(losses, lab=lab, **how)],
        "stress_heat": lambda **how: [_scenarios(context, lab, **how)],
        "diversification": lambda **how: [_spread(context, lab, "diversification", **how)],
        "firm_mw": lambda **how: [_spread(context, lab, "firm_mw", **how)],
        "training": lambda **how: [_training(context, folder, lab, **how)],
        "build_out": lambda **how: [_build_out(context, lab, **how)],
        "backtests": lambda **how: [figures.backtests(_backtests(context, lab), **how)],
        "restoration": lambda **how: [figures.restoration(test, **how)
                                      for test in _backtests(context, lab)
                                      if {"half_h", "full_h"} <= set(test.samples)]}


def of_compare(folder: Path, manifest: Mapping[str, Any], lab: str | None) -> dict[str, Draw]:
    """Return what draws the figures of a comparison's folder."""
    import pandas as pd

    from riskmodel import figures

    table = pd.read_parquet(folder / "comparison.parquet")
    told = about_manifest(manifest["base"])
    try:
        world = world_of(manifest["base"], folder)  # for names
    except RiskModelError:
        world = None
    if lab is not None:
        table = table[table["lab"] == one_of(lab, list(dict.fromkeys(table["lab"])), "lab")]
    shown = [name for name in ("aal", "tvar", "eue") if name in set(table["measure"])]

    def difference(**how: Any) -> list[Figure]:
        found, why = [], ""
        for name in shown:
            try:
                found.append(figures.difference(table, told, measure=name, world=world, **how))
            except RiskModelError as error:
                why = str(error)
        if not found:
            raise RiskModelError(why or "the comparison has no measure that is drawn")
        return found

    return {"difference": difference}


def of_buildout(folder: Path, manifest: Mapping[str, Any], lab: str | None) -> dict[str, Draw]:
    """Return what draws the figure of a build-out's folder."""
    import pandas as pd

    from riskmodel import figures

    fan = pd.read_parquet(folder / "build_out_fan.parquet")
    if lab is not None:
        one_of(lab, list(dict.fromkeys(fan["lab"])), "lab")
    told = figures.About(manifest["draws"], manifest["seed"], manifest["world"]["as_of"] or "")
    return {"build_out": lambda **how: [figures.build_out(fan, told, labs=lab, **how)]}


def of_allocate(folder: Path, manifest: Mapping[str, Any], lab: str | None) -> dict[str, Draw]:
    """Return what draws the frontier of an allocation's folder."""
    import pandas as pd

    from riskmodel import figures
    from riskmodel.decisions.allocation.frontier import Frontier

    if lab is not None:
        one_of(lab, [manifest["lab"]], "lab")
    path = folder / "frontier.parquet"
    if not path.is_file():
        raise RiskModelError(f"{folder} holds no frontier; run `riskmodel diversify allocate` with "
                             "--frontier")
    table = pd.read_parquet(path)
    turned = manifest.get("frontier") or {}
    curve = Frontier(manifest["lab"], turned.get("along", str(table["along"].iloc[0])),
                     turned.get("what", "limit"), manifest["level"], table, pd.DataFrame(), {})
    return {"frontier": lambda **how: [figures.frontier(curve, about_manifest(manifest), **how)]}


def about_manifest(facts: Mapping[str, Any]) -> About:
    """Return what the foot line says of a run by its manifest."""
    from riskmodel.figures.foot_facts import About

    more = [f"{facts['booking']} booking"] if facts.get("booking") else []
    if facts.get("worlds", 1) > 1:
        more.insert(0, f"{facts['worlds']:,} worlds")
    return About(int(facts["years"]), facts.get("seed"),
                 str((facts.get("world") or {}).get("as_of") or ""), more=tuple(more))


def _views(context: Context) -> list[str]:
    """Return the windows of the map: the closer one where the report has it."""
    from riskmodel.report.places import places
    from riskmodel.report.worldmap import FEWEST_INSIDE, views

    near = views()["us"]
    inside = sum(p.placed and near.holds(p.lon, p.lat) for p in places(context))
    return ["world", "us"] if inside >= FEWEST_INSIDE else ["world"]


def _scenarios(context: Context, lab: str | None, **how: Any) -> Figure:
    from riskmodel import figures
    from riskmodel.report.scenarios import played

    if lab is not None:
        raise RiskModelError("scenarios are drawn lab by lab; leave out --lab")
    if context.world is None:
        raise RiskModelError("the world of the run is not at hand")
    found = played(context)
    total = found.table[found.table["lab"] == "total"]
    costly = set(total.loc[total["lost_mw_days"] > 0, "scenario"])
    return figures.stress_heat(
        found.table[found.table["scenario"].isin(costly)], world=context.world,
        titles={name: each.name for name, each in found.scenarios.items()}, **how)


def _spread(context: Context, lab: str | None, name: str, **how: Any) -> Figure:
    from riskmodel import figures
    from riskmodel.report.diversification import worth

    found = worth(context)
    if isinstance(found, str):
        raise RiskModelError(found)
    draw = getattr(figures, name)
    return draw(found[0], context.losses, labs=None if lab is None else [lab],  # type: ignore[no-any-return]
                world=context.world, **how)


def _training(context: Context, folder: Path, lab: str | None, **how: Any) -> Figure:
    import pandas as pd

    from riskmodel import figures

    path = folder / "training.parquet"
    if not path.is_file():
        raise RiskModelError("the run has no training.parquet: it is left out where years carry "
                             "weights")
    return figures.training(pd.read_parquet(path), context.losses, lab=lab, world=context.world,
                            **how)


def _build_out(context: Context, lab: str | None, **how: Any) -> Figure:
    from riskmodel import figures
    from riskmodel.compute.buildout import build_out
    from riskmodel.compute.buildout_draws import draw_build_out
    from riskmodel.compute.buildout_fan import build_out_fan
    from riskmodel.report.buildout import DRAWS, largest

    world = context.world
    if world is None:
        raise RiskModelError("the world of the run is not at hand")
    labs = [lab] if lab is not None else largest(build_out(world))
    if not labs:
        raise RiskModelError("no lab is known to hold or plan anything")
    if "build_out_fan" not in context.kept:
        drawn = draw_build_out(world, labs, draws=DRAWS, seed=context.losses.seed or 0)
        context.kept["build_out_fan"] = build_out_fan(world, drawn=drawn)
    return figures.build_out(context.kept["build_out_fan"], world, **how)


def _backtests(context: Context, lab: str | None) -> list[Any]:
    from riskmodel.decisions.backtests.backtest import backtest, backtests
    from riskmodel.report.backtests import DRAWS

    if lab is not None:
        raise RiskModelError("back-tests are of no lab; leave out --lab")
    if context.world is None:
        raise RiskModelError("the world of the run is not at hand")
    if "backtests" not in context.kept:
        context.kept["backtests"] = [backtest(context.world, name, n=DRAWS)
                                     for name in backtests(context.world)["backtest"]]
    found: list[Any] = context.kept["backtests"]
    if not found:
        raise RiskModelError("this world has no back-tests")
    return found
