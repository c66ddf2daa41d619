"""Equations as MathML, made while building: no script, no font, no request."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx as the way to show mathematics in HTML."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True}


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _display(writer: Any, node: Any) -> None:
    writer.body.append('<div class="equation" tabindex="0" role="group" aria-label="Equation">'
                       + tex2mathml(node.astext(), as_block=True) + "</div>\n")
    raise nodes.SkipNode
