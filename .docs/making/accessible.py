"""What the theme leaves out for readers who use a keyboard or a screen reader."""

from __future__ import annotations

import re
from typing import Any

_LONG = re.compile(r'<dl>\n((?:<dd>(?=<em class="sig-param|<span class="pre|<em|<span).*?</dd>\n)+)'
                   r'</dl>')


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx, after the theme."""
    app.connect("html-page-context", _mend, priority=900)
    return {"parallel_read_safe": True}


def _mend(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    body = context.get("body", "")
    # what is wider than the page scrolls: then the keyboard must reach it
    body = body.replace("<pre>", '<pre tabindex="0">')
    for part in ("table-wrapper", "cell_output"):
        body = body.replace(f'<div class="{part}', f'<div tabindex="0" class="{part}')
    # a long signature is written as a list of definitions that defines nothing
    context["body"] = _LONG.sub(_lines, body)
    tree = context.get("furo_navigation_tree")
    if tree:  # its captions are headings, and a heading has a level
        context["furo_navigation_tree"] = tree.replace('role="heading"',
                                                       'role="heading" aria-level="2"')


def _lines(found: re.Match[str]) -> str:
    inner = found[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
    return f'<span class="sig-lines">{inner}</span>'
