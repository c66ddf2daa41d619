"""What places of stories are called in a report: nodes by name, selectors in their words."""

from __future__ import annotations

from riskmodel.perils.places import TOGETHER
from riskmodel.report.names import Names, clean


def place_name(label: str, names: Names) -> str:
    """Return the name of a place as a grid or a family labels it; a site goes by its region."""
    parts = [part.strip() for part in label.split(TOGETHER)]
    known = names.world is not None and set(names.world.all_nodes["node_id"])
    return clean(f" {TOGETHER} ".join(names.node(part) if known and part in known else part
                                      for part in parts), 120)
