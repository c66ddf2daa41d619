"""``stress_grid``: one kind of outage, where by how long by how deep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from riskmodel.decisions.stress.portfolios import named_portfolios
from riskmodel.decisions.stress.story_figures import FIGURES, story_figures
from riskmodel.engine.run.simulation import RECOVERY_CAP_DAYS
from riskmodel.engine.stories.stories import set_stage
from riskmodel.errors import RiskModelError
from riskmodel.perils.events import Event, OwnOutage
from riskmodel.perils.places import nodes_at, place_words

if TYPE_CHECKING:
    from riskmodel.decisions.stress.portfolios import Portfolio
    from riskmodel.perils.places import Place

COLUMNS = ("portfolio", "peril", "where", "nodes", "duration_h", "depth", *FIGURES)
#: stories of one grid: beyond it somebody has mistaken steps for values
MOST_STORIES = 200_000


@dataclass(frozen=True)
class Grid:
    """Stories of one outage each, for every combination of where, how long and how deep.

    Attributes
    ----------
    where : places; each is a node ("grid:ERCOT"), a selector ({"kind": "feed", "grid": "PJM"} or
        "feed@grid:PJM"), or several of them that fail together (a list, or "grid:A+grid:B")
    duration_h : hours, above 0; ``depth`` : shares lost, above 0 up to 1
    peril : what it is called; it changes no number
    """

    where: Sequence[Place]
    duration_h: Sequence[float]
    depth: Sequence[float] = (1.0,)
    peril: str = "outage"

    def __post_init__(self) -> None:
        places = [self.where] if isinstance(self.where, str | Mapping) else list(self.where)
        object.__setattr__(self, "where", tuple(places))
        for name, high in (("duration_h", math.inf), ("depth", 1.0)):
            given = getattr(self, name)
            values = [given] if isinstance(given, int | float) else list(given)
            if not values:
                raise RiskModelError(f"Grid: {name} is empty; give at least one value")
            for value in values:
                if not (0 < value <= high and math.isfinite(value)):
                    what = "hours above 0" if name == "duration_h" else "shares above 0 up to 1"
                    raise RiskModelError(f"Grid: {name} has {value!r}; give {what}")
            object.__setattr__(self, name, tuple(dict.fromkeys(float(v) for v in values)))
        if not places:
            raise RiskModelError("Grid: where is empty; name nodes or selectors")
        labels = [place_words(place) for place in places]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise RiskModelError(f"Grid: where has {twice!r} twice; take one out")
        if len(self) > MOST_STORIES:
            raise RiskModelError(f"Grid: {len(self):,} stories are more than {MOST_STORIES:,}; "
                                 "give fewer values")

    def __len__(self) -> int:
        return len(self.where) * len(self.duration_h) * len(self.depth)


def stress_grid(portfolios: Portfolio | Mapping[str, Portfolio], grid: Grid | None = None, *,
                where: Sequence[Place] | None = None, duration_h: Sequence[float] = (),
                depth: Sequence[float] = (1.0,), peril: str = "outage",
                recovery_cap_days: float = RECOVERY_CAP_DAYS) -> pd.DataFrame:
    """Play every story of a grid and return what each lab loses in each.

    Give a ``Grid``, or its ``where``, ``duration_h``, ``depth`` and ``peril``. Frame ``portfolio,
    peril, where, nodes, duration_h, depth`` and the figures of ``stress_table``; ``nodes`` is how
    many nodes the place has in the portfolio's world (0: a selector finds nothing, and nothing is
    lost). Every outage begins at hour 0 and ends ``recovery_cap_days`` later at the latest.

    Parameters
    ----------
    portfolios : a world, or name -> world, as in ``stress_table``

    Raises
    ------
    RiskModelError : a value is out of bounds, or a node is not in the world
    """
    if grid is None:
        if where is None:
            raise RiskModelError("stress_grid: give a Grid, or where, duration_h and depth")
        grid = Grid(where, duration_h, depth, peril)
    if not recovery_cap_days > 0:
        raise RiskModelError("recovery_cap_days must be above 0")
    frames = []
    for name, on in named_portfolios(portfolios).items():
        world = on(None)
        stories, told = [], []
        for place in grid.where:
            nodes = nodes_at(world, place)
            for hours in grid.duration_h:
                for share in grid.depth:
                    stories.append([Event(grid.peril, "", [OwnOutage(node, 0.0, hours, share)
                                                           for node in nodes])])
                    told.append((name, grid.peril, place_words(place), len(nodes), hours, share))
        stage = set_stage(world, [grid.peril], recovery_cap_days=recovery_cap_days)
        table = story_figures(stage, stories)
        keys = pd.DataFrame(told, columns=list(COLUMNS[:6])).iloc[table["story"]]
        frames.append(pd.concat([keys.reset_index(drop=True), table.drop(columns="story")], axis=1))
    return pd.concat(frames, ignore_index=True)
