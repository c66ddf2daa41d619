"""Every picture by its name, drawn and written as SVG, with its caption and text for the blind."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from making import shipped_run
from making.pictures.booking import booking
from making.pictures.cascade import cascade
from making.pictures.dependency_graph import dependency_graph
from making.pictures.ignorance import ignorance

LABS = ("openai", "anthropic", "meta")
DRAWS, SEED = 500, 7


def _diversification() -> Any:
    import riskmodel as rm
    from riskmodel import figures

    losses = shipped_run.losses()
    return figures.diversification(rm.diversification(losses), losses)


def _training() -> Any:
    import riskmodel as rm
    from riskmodel import figures

    losses = shipped_run.losses()
    return figures.training(rm.training_losses(losses), losses)


def _build_out() -> Any:
    import riskmodel as rm
    from riskmodel import figures

    world = shipped_run.world()
    drawn = rm.draw_build_out(world, list(LABS), draws=DRAWS, seed=SEED)
    return figures.build_out(rm.build_out_fan(world, drawn=drawn), world)


def _figure(name: str) -> Callable[[], Any]:
    def draw() -> Any:
        from riskmodel import figures

        return getattr(figures, name)(shipped_run.losses())
    return draw


#: name -> what draws it
PICTURES: dict[str, Callable[[], Any]] = {
    "map": _figure("world_map"),
    "dependency graph": dependency_graph,
    "cascade": cascade,
    "year": _figure("year"),
    "booking": booking,
    "exceedance": _figure("exceedance"),
    "ignorance": ignorance,
    "contributions": _figure("contributions"),
    "diversification": _diversification,
    "training": _training,
    "build-out": _build_out,
}


def write(name: str, folder: Path) -> str:
    """Draw a picture into ``folder`` and return the Markdown that shows it."""
    from riskmodel import figures

    figure = PICTURES[name]()
    told = figures.note(figure)
    file = f"{name.replace(' ', '-')}.svg"
    folder.mkdir(exist_ok=True)
    figures.write(figure, folder / file)
    alt = escape(told.caption, quote=True)
    return (f'```{{figure}} pictures/{file}\n:alt: {alt}\n:class: picture\n\n'
            f"{told.caption}\n```\n")
