"""Make the table of the last version's numbers that ships with the package.

    python -m tests.last_version            # the newest version of CHANGELOG.md, at its commit
    python -m tests.last_version --words    # only what CHANGELOG.md says has moved numbers since

The commit is run in a work tree of its own under the settings below, and its output is read by the
code of today. Whoever releases a version gives its heading and commit in ``VERSIONS`` first.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from riskmodel._version import __version__
from riskmodel.decisions.since.figures import Figures, figures_of, from_document, to_document
from riskmodel.decisions.since.last_version import FILE
from riskmodel.engine.losses.storage import read_losses

ROOT = Path(__file__).parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
YEARS, SEED = 20_000, 7
#: heading in CHANGELOG.md -> last commit of that version
VERSIONS = {"First version": "4411a3f7c4f6820f7b14115b028f4186195d8876"}
_HEADING = re.compile(r"^## \[?(.+?)\]?(?: - .*)?$", re.M)
_UNRELEASED = "Unreleased"


def last_heading(text: str) -> str:
    """Return the heading of the newest version that is no longer being written."""
    return next(name for name in _HEADING.findall(text) if name != _UNRELEASED)


def why_since(text: str, heading: str) -> tuple[str, ...]:
    """Return what moved numbers above a heading, a text each; what stands below it has a line."""
    above = text[:next(match.start() for match in _HEADING.finditer(text)
                       if match.group(1) == heading)]
    found, inside = [], False
    for part in re.split(r"\n(?=#|- )", above):
        if part.startswith("#"):
            inside = part.startswith("### Numbers change because")
        elif inside or part.startswith("- Numbers change"):
            lines = [" ".join(line.split()) for line in re.split(r"\n +- ", part[2:])]
            found.append(re.sub(r"[*`]", "", "\n".join(lines)))
    return tuple(found)


def run_of(commit: str, folder: Path) -> Figures:
    """Return the figures of the shipped world as a commit had it."""
    tree, out = folder / "tree", folder / "out"
    git = ["git", "-C", str(ROOT)]
    subprocess.run([*git, "worktree", "add", "--quiet", "--detach", tree, commit], check=True)
    try:
        subprocess.run([sys.executable, "-m", "riskmodel", "run", "--years", str(YEARS),
                        "--seed", str(SEED), "-o", out], cwd=tree, check=True,
                       env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin",
                            "NUMBA_CACHE_DIR": str(folder / "numba")})
        return figures_of(read_losses(out))
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", tree], check=True)


def main(arguments: list[str]) -> None:
    """Write the table."""
    text = CHANGELOG.read_text(encoding="utf-8")
    name = last_heading(text)
    if "--words" in arguments:
        figures = from_document(json.loads(FILE.read_text(encoding="utf-8")))
        assert figures.name == name, f"the table is of {figures.name}: make it anew, not --words"
    else:
        commit = VERSIONS[name]
        day = subprocess.run(["git", "-C", str(ROOT), "show", "-s", "--format=%cs", commit],
                             check=True, capture_output=True, text=True).stdout.strip()
        with tempfile.TemporaryDirectory() as folder:
            figures = replace(run_of(commit, Path(folder)), name=name, commit=commit[:7],
                              of_day=day)
    document = {"made_for": __version__,
                **to_document(replace(figures, why=why_since(text, name)))}
    FILE.write_text(_lines(document) + "\n", encoding="utf-8")


def _lines(document: dict[str, Any]) -> str:
    """Return JSON with a row of a table on a line, so that changes of it can be read."""
    tables = {name: document[name]["rows"] for name in ("measures", "aal_by_peril")}
    bare = document | {name: {**document[name], "rows": f"@{name}"} for name in tables}
    text = json.dumps(bare, indent=1, ensure_ascii=False)
    for name, rows in tables.items():
        lines = ",\n".join(f"   {json.dumps(row)}" for row in rows)
        text = text.replace(f'"@{name}"', f"[\n{lines}\n  ]")
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
