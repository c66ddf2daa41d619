"""The data dictionary of a world: every table and column, from their one definition."""

from __future__ import annotations

from making.markdown import code, number, prose, table
from riskmodel.world.schema import Column, Table
from riskmodel.world.tables import TABLES

_KINDS = {"text": "text", "number": "number", "integer": "whole number", "date": "date",
          "flag": "true or false"}


def dictionary() -> str:
    """Return a section for each table of a world."""
    return "\n".join(_section(each) for each in TABLES.values())


def _section(of: Table) -> str:
    key = ", ".join(code(name) for name in of.key)
    facts = [f"File {code(of.file)}"]
    facts.append("a world must hold it" if of.required else "may be left out")
    if key:
        facts.append(f"one row for each {key}")
    rows = [(code(column.name), prose(column.meaning), _type(column), _allowed(column))
            for column in of.columns]
    heads = ("column", "meaning", "type, unit", "allowed")
    meaning = prose(of.meaning)
    return (f"### {of.name}\n\n{meaning[:1].upper()}{meaning[1:]}. {'; '.join(facts)}.\n\n"
            f"{table(heads, rows)}\n")


def _type(column: Column) -> str:
    unit = {"": "", "1": ", share or ratio"}.get(column.unit, f", {column.unit}")
    return _KINDS[column.kind] + unit


def _allowed(column: Column) -> str:
    said = ["**needed**"] if column.required else []
    if column.values:
        said.append(", ".join(code(word) for word in column.values)
                    + (" (others are warned of)" if column.soft else ""))
    if column.above is not None:
        said.append(f"above {number(column.above)}")
    if column.low is not None and column.high is not None:
        said.append(f"{number(column.low)} to {number(column.high)}")
    elif column.low is not None:
        said.append(f"{number(column.low)} or more")
    elif column.high is not None:
        said.append(f"{number(column.high)} or less")
    if column.foreign:
        said.append(f"one of {code(column.foreign)}")
    if column.default not in (None, ""):
        said.append(f"empty means {code(column.default)}")
    return "; ".join(said)
