"""A small SVG writer: every attribute and every text is escaped, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(tag: str, *children: str | Markup, **attributes: object) -> Markup:
    """Return one element; ``stroke_width=2`` becomes ``stroke-width="2"``, None is left out."""
    parts = [tag]
    for name, value in attributes.items():
        if value is None:
            continue
        key = name.rstrip("_").replace("_", "-").replace("viewbox", "viewBox")
        text = f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e4 else str(value)
        parts.append(f'{key}="{escape(text)}"')
    inner = "".join(str(escape(child)) for child in children)
    head = " ".join(parts)
    return Markup(f"<{head}>{inner}</{tag}>") if inner else Markup(f"<{head}/>")


def group(children: Iterable[Markup], **attributes: object) -> Markup:
    """Return a ``g`` of children."""
    return element("g", *children, **attributes)


def figure(width: float, height: float, children: Iterable[Markup], *, key: str, title: str,
           desc: str, class_: str = "chart") -> Markup:
    """Return a whole picture with a name and a description for screen readers.

    ``key`` must be unique in the page: the ids of title and description are made from it.
    """
    return element(
        "svg",
        element("title", title, id=f"{key}-t"), element("desc", desc, id=f"{key}-d"),
        *children,
        viewbox=f"0 0 {width:g} {height:g}", role="img", class_=class_,
        aria_labelledby=f"{key}-t", aria_describedby=f"{key}-d")


def text(x: float, y: float, content: str, **attributes: object) -> Markup:
    """Return a text at a place."""
    return element("text", content, x=round(x, 1), y=round(y, 1), **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """Return a straight line."""
    return element("line", x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1),
                   **attributes)


def path(points: Iterable[tuple[float, float]], *, close: bool = False,
         **attributes: object) -> Markup:
    """Return a broken line through points, or the area inside it."""
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    if not steps:
        return Markup("")
    return element("path", d=f"M{steps}{'Z' if close else ''}", **attributes)
