"""Templates: autoescape is on, so a text from data is never markup."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from riskmodel._version import __version__
from riskmodel.report import numbers
from riskmodel.report.long_words import breakable

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the template environment."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True,
                      lstrip_blocks=True, undefined=StrictUndefined)
    env.filters.update(number=numbers.number, whole=numbers.whole, percent=numbers.percent)
    env.globals.update(data=data, link=link, estimate=numbers.estimate,
                       estimate_pair=numbers.estimate_pair)
    return env


def render(template: str, **values: Any) -> Markup:
    """Return a template filled with values."""
    return Markup(environment().get_template(template).render(**values))


def whole_page(*, title: str, sections: Sequence[Any], about: Sequence[str],
               figures: Sequence[tuple[str, str, str]]) -> str:
    """Return a page as one text that needs nothing beside it: its style stands in it.

    ``sections`` have ``key, title, body``; ``figures`` are value, unit and what it is. A page with
    a map has the map's script too: the browser runs the one whose hash the page's policy names, and
    nothing that data might bring. On any other page it runs none.
    """
    script = ""
    if any('class="atlas"' in section.body for section in sections):
        script = (TEMPLATES / "map.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return breakable(str(render(
        "report.html.j2", title=title, sections=sections, about=about, figures=figures,
        version=__version__, script=script, script_hash=digest,
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"))))


def data(value: float | None, shown: str) -> Markup:
    """Return a number as shown, with its full digits for whoever checks or scrapes the page."""
    full = "" if value is None or value != value else repr(float(value))
    return Markup('<data value="{}">{}</data>').format(full, shown)


def link(url: str, shown: str | None = None) -> Markup:
    """Return a link to a source; anything but http(s) stays text."""
    label = escape(shown if shown is not None else url)
    if not url.lower().startswith(("https://", "http://")):
        return Markup(label)
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, label)
