"""A peril's file as plain text: what it is, its codes, its numbers and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill, indent
from typing import Any

from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import JUDGEMENT, numbers, source_keys

_WIDTH = 96


def describe(spec: PerilSpec) -> str:
    """Return what is known of a peril as plain text for a terminal, no markup.

    Definition, group and codes; every number with low, best, high, unit, confidence, the day it
    was known and its sources; what is not modelled.
    """
    data = spec.data
    lines = [f"{spec.peril_id}: {spec.name}", "", fill(spec.definition, _WIDTH), "",
             *([fill(str(data["effect"]), _WIDTH), ""] if "effect" in data else []),
             f"group           {spec.group or 'not stated'}",
             f"OED code        {spec.oed_code or 'none exists'}",
             f"RDLS type       {spec.rdls_type or 'none exists'}"]
    if data:
        lines += [f"version         {data.get('version', '')}, as of {data.get('as_of', '')}"]
        lines += ["", *_numbers(data), *_left_out(data), *_sources(data)]
    return "\n".join(lines).rstrip() + "\n"


def _numbers(data: Mapping[str, Any]) -> list[str]:
    found = numbers(data)
    if not found:
        return []
    lines = ["numbers: best [low, high] unit (confidence, known on; source)"]
    for path, number in found.items():
        label = " ".join(str(value) for key, value in number.items()
                         if isinstance(value, str) and key not in _STATED)
        name = f"{path} ({label})" if label else path
        band = f"{_plain(number['best'])} [{_plain(number['low'])}, {_plain(number['high'])}]"
        counted = ""
        for seen, of in (("count", "exposure"), ("hits", "trials")):
            if seen in number:
                counted = f"; {_plain(number[seen])} in {_plain(number[of])}"
        lines.append(f"  {name}: {band} {number['unit']} ({number['confidence']}, "
                     f"{number['known_on']}; {', '.join(source_keys(number))}{counted})")
        if number.get("note"):
            lines.append(indent(fill(str(number["note"]), _WIDTH - 6), "      "))
    return lines


_STATED = ("unit", "source", "confidence", "known_on", "note", "low", "best", "high")


def _left_out(data: Mapping[str, Any]) -> list[str]:
    lines = ["", "not modelled:"]
    return lines + [indent(fill(line, _WIDTH - 4), "    ").replace("    ", "  - ", 1)
                    for line in data.get("not_modelled", [])]


def _sources(data: Mapping[str, Any]) -> list[str]:
    lines = ["", "sources:"]
    for key, source in data.get("sources", {}).items():
        lines.append(f"  {key}: {source['title']}")
        lines += [f"      {url.strip()}" for url in str(source["url"]).split(";") if url.strip()]
    if any(JUDGEMENT in source_keys(number) for number in numbers(data).values()):
        lines.append(f"  {JUDGEMENT}: nobody's record; the note beside the number says why")
    return lines


def _plain(value: Any) -> str:
    return f"{float(value):.4g}"
