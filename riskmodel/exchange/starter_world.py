"""Write a first world into an empty folder: three made-up sites, or tables that wait for yours."""

from __future__ import annotations

import shutil
from pathlib import Path

from riskmodel.errors import RiskModelError
from riskmodel.world.shipped import shipped_folder
from riskmodel.world.wholefile import write_whole

#: the perils that find something to hit in the three sites
PERILS = ("adequacy_curtailment", "cloud_outage", "cyber", "grid_outage", "heatwave", "hurricane",
          "sabotage", "site_failure", "winter_storm")
#: tables that are of use with a header alone; the example's event table is not
_TABLES = ("sites.csv", "labs.csv", "holdings.csv", "nodes.csv", "requirements.csv")
_CARDS = ("README.md", "registry.toml")


def write_starter(folder: str | Path, *, bare: bool = False) -> list[str]:
    """Write a small, valid, commented world into a new or empty folder; return its files.

    Parameters
    ----------
    folder : where; made if it is not there.
    bare : headers only, for somebody who has sites of their own. It is valid once
        ``sites.csv`` and ``labs.csv`` have a row.

    Raises
    ------
    RiskModelError
        The folder is a file, or holds something: nothing is ever written over.
    """
    target = Path(folder)
    require_empty(target, "init")
    starter = Path(__file__).resolve().parent / "starter"
    names = [*_CARDS, *_TABLES, *([] if bare else ["events.csv"])]
    (target / "perils").mkdir(parents=True, exist_ok=True)
    for name in names:
        text = (starter / name).read_text(encoding="utf-8")
        if bare and name in _TABLES:
            text = text.splitlines(keepends=True)[0]
        if bare and name == "registry.toml":
            text = text.replace("An example: three made-up sites", "A world of my own")
        write_whole(target / name, text)
    for peril in PERILS:
        name = f"perils/{peril}.toml"
        shutil.copyfile(shipped_folder() / name, target / name)
        names.append(name)
    return names


def require_empty(folder: Path, what: str) -> None:
    """Refuse a folder that is a file or holds anything: nothing is ever written over."""
    if folder.exists() and not folder.is_dir():
        raise RiskModelError(f"{what}: '{folder}' is a file; name a folder that does not exist yet")
    if folder.is_dir():
        found = sorted(item.name for item in folder.iterdir())
        if found:
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            raise RiskModelError(f"{what}: '{folder}' is not empty ({', '.join(found[:3])}{more}); "
                                 "name a folder that does not exist yet")
