"""Small answers of every kind that a figure draws, each computed once by the measure itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure

import riskmodel as rm
from riskmodel import figures
from riskmodel.perils.scenarios import read_scenario
from tests.engine.small import world as small_world
from tests.engine.unsure import Storms, spec_of, stated
from tests.report.conftest import make_world

Draw = Callable[..., Figure]
STORY = {
    "id": "try", "name": "A try & more", "story": "It goes dark.", "as_of": "2026-11-24",
    "confidence": "low", "does_not_cover": ["Anything else."],
    "sources": {"a": {"title": "A record", "url": "https://example.org/a",
                      "published": "2026-01-01"}},
    "events": [{"peril": "grid_outage", "region": "ERCOT", "what": "Dark", "outages": [
        {"node": "tex", "start_h": 0.0, "duration_h": 48, "depth": 1.0, "source": "a"}]}]}


def storms(peril_id: str, *rate: float) -> Storms:
    return Storms(spec_of(peril_id, stated(*rate), stated(1.0, 1.0, 1.0, "h"), ceiling=64.0))


@pytest.fixture(scope="session")
def world() -> rm.World:
    return make_world()


@pytest.fixture(scope="session")
def losses(world: rm.World) -> rm.Losses:
    return rm.simulate(world, years=1200, seed=3)


@pytest.fixture(scope="session")
def answers(world: rm.World, losses: rm.Losses) -> dict[str, Any]:
    """What the measures and decisions return, by the figure that draws it."""
    told = rm.allocate(world, "alpha", 50.0, ["tex", "ohio", "dubai"], 0.95, years=800, seed=4,
                       caps={"ohio": 20.0}, cost={"US": 9.0, "AE": 6.0}, replicates=3)
    other = world.move(lab="beta", mw=20.0, from_site="ohio", to_site="dubai")
    shipped = rm.read_world()
    return {
        "stress": rm.stress_table(world, [read_scenario(STORY)]),
        "diversification": rm.diversification(losses),
        "frontier": rm.frontier(told, "max_share", [0.4, 0.6, 1.0], of="country"),
        "fan": rm.build_out_fan(shipped, ["openai", "meta"], draws=50, seed=7, every="year"),
        "shipped": shipped,
        "training": rm.training_losses(losses),
        "tornado": rm.tornado(small_world(mw=24.0), 1000, 5, worlds=40, top=3, perils=[
            storms("wild", 1.0, 4.0, 16.0), storms("tame", 3.0, 4.0, 5.0)]),
        "compare": rm.compare(losses, rm.simulate(other, years=1200, seed=3)),
        "backtests": [rm.backtest(shipped, name, n=200, seed=1)
                      for name in ("restoration-iberia-2025", "load-trips-2025")]}


@pytest.fixture(scope="session")
def draw(world: rm.World, losses: rm.Losses, answers: dict[str, Any]) -> dict[str, Draw]:
    """Figure -> what draws it from the small answers; takes size, width_mm and so on."""
    of = answers
    return {
        "exceedance": lambda **how: figures.exceedance(losses, **how),
        "contributions": lambda **how: figures.contributions(losses, **how),
        "convergence": lambda **how: figures.convergence(losses, **how),
        "world_map": lambda **how: figures.world_map(losses, **how),
        "year": lambda **how: figures.year(losses, **how),
        "stress_heat": lambda **how: figures.stress_heat(of["stress"], **how),
        "diversification": lambda **how: figures.diversification(of["diversification"], losses,
                                                                 **how),
        "firm_mw": lambda **how: figures.firm_mw(of["diversification"], losses, **how),
        "frontier": lambda **how: figures.frontier(of["frontier"], world, seed=4, **how),
        "build_out": lambda **how: figures.build_out(of["fan"], of["shipped"], **how),
        "training": lambda **how: figures.training(of["training"], losses, **how),
        "tornado": lambda **how: figures.tornado(of["tornado"], world, seed=5, **how),
        "difference": lambda **how: figures.difference(of["compare"], losses, **how),
        "backtests": lambda **how: figures.backtests(of["backtests"], **how),
        "restoration": lambda **how: figures.restoration(of["backtests"][0], **how)}


@pytest.fixture(scope="session")
def drawn(draw: dict[str, Draw]) -> Callable[[str], Figure]:
    """Return a figure in its usual size, drawn once."""
    kept: dict[str, Figure] = {}

    def get(name: str) -> Figure:
        if name not in kept:
            kept[name] = draw[name]()
        return kept[name]

    return get
