"""The report's own colours, read from its style sheet, so that page and paper cannot part."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

#: shares of colour in white of the shades of a heat map, faintest first, as in the report's page
HEAT = (0.06, 0.13, 0.21, 0.30, 0.40, 0.52)


@cache
def colours() -> dict[str, str]:
    """Return name -> hex colour of the report's light theme: ``c1`` to ``c8``, ``ink`` and so on.

    ``c1`` to ``c8`` stay apart for colour-blind readers; the story's labs have ``l1`` to ``l7``.
    """
    css = (files("riskmodel.report") / "templates" / "style.css").read_text(encoding="utf-8")
    light = css[css.index(":root"):css.index("}", css.index(":root"))]
    return dict(re.findall(r"--([a-z]+\d?):\s*(#[0-9a-f]{6})", light))


def colour(name: str) -> str:
    """Return one colour of the report by its name."""
    return colours()[name]


def tint(name: str, share: float) -> str:
    """Return a colour mixed with white: ``share`` 1 is the colour itself, 0 is white."""
    full = [int(colour(name)[i:i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in full)
