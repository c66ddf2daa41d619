"""The rules of a world, read from its ``rules.toml``: every default with its worth.

The derivation (:mod:`riskmodel.world.derive`) asks here for values and for the provenance that the
rows it makes carry.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riskmodel.errors import RiskModelError

_RANK = {"low": 0, "medium": 1, "high": 2}
_EVENT = re.compile(r"events_observed (E\d+)")


def least(*confidences: str) -> str:
    """Return the lowest of some confidences; empty ones are left out of it."""
    known = [c for c in confidences if c in _RANK]
    return min(known, key=_RANK.__getitem__) if known else "low"


@dataclass(frozen=True)
class Rules:
    """Values of the rules, and where they come from."""

    tables: Mapping[str, Mapping[str, Any]]
    event_urls: Mapping[str, str] = field(default_factory=dict)  # event_id -> its sources

    def __getitem__(self, name: str) -> Any:
        """Return the value of a rule."""
        if name not in self.tables:
            raise RiskModelError(f"rules.toml: no rule [{name}]; write it with value, unit, source "
                                 "and confidence")
        return self.tables[name]["value"]

    def number(self, name: str) -> float:
        """Return the value of a rule that is a number."""
        return float(self[name])

    def confidence(self, *names: str) -> str:
        """Return the lowest confidence of some rules."""
        return least(*(str(self.tables[name]["confidence"]) for name in names))

    def sources(self, *names: str, also: Iterable[str] = ()) -> str:
        """Return the sources of some rules (observed events resolved), then those of ``also``.

        A rule that is a judgement says so: ``rules.toml <name> (judgement)``.
        """
        found: list[str] = []
        for name in names:
            source = str(self.tables[name]["source"])
            event = _EVENT.fullmatch(source)
            if event is not None:
                found += self.event_urls.get(event[1], source).split(";")
            elif source.startswith("http"):
                found += source.split(";")
            else:
                found.append(f"rules.toml {name} ({source})")
        for text in also:
            found += str(text).split(";")
        return ";".join(dict.fromkeys(part.strip() for part in found if part.strip()))


def read_rules(folder: str | Path, event_urls: Mapping[str, str] | None = None) -> Rules:
    """Read ``rules.toml`` of a world's folder and see that every rule is complete."""
    path = Path(folder) / "rules.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, table in tables.items():
        missing = [key for key in ("value", "unit", "source", "confidence", "note")
                   if key not in table]
        if missing:
            raise RiskModelError(f"{path.name}: rule [{name}] lacks {', '.join(missing)}")
        if table["confidence"] not in _RANK:
            raise RiskModelError(f"{path.name}: rule [{name}] has confidence "
                                 f"{table['confidence']!r}; use high, medium or low")
    return Rules(tables, dict(event_urls or {}))
