"""Licences and sources of the shipped data, from their register."""

from __future__ import annotations

import tomllib

from making.markdown import code, prose, table
from making.places import ROOT


def page() -> str:
    """Return the credits and the table of files with licence, source and day."""
    register = tomllib.loads((ROOT / "geodata" / "registry.toml").read_text(encoding="utf-8"))
    thanks = "\n".join(f"- {prose(credit)}." for credit in register["credits"])
    rows = [(code(entry["path"]), prose(entry["licence"]), prose(entry["source"]),
             str(entry["date"])) for entry in register["files"]]
    return (f"As of {register['as_of']}. {prose(register['licence'])}.\n\n{thanks}\n\n"
            f"{table(('file', 'licence', 'source', 'as of'), rows)}\n")
