"""Build the documentation site: ``python .docs/build.py FOLDER``.

Needs ``pip install -e '.[docs]'``. Pages are gathered and made from the code in a temporary folder,
so that nothing is written beside the sources; a warning of Sphinx fails the build.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from making import stage  # noqa: E402  (the line above makes it importable)


def build(target: Path, sources: Path) -> int:
    """Gather the pages in ``sources``, build the site in ``target``; return Sphinx' exit code."""
    from sphinx.cmd.build import main as sphinx

    stage.gather(sources, say=lambda line: sys.stderr.write(line + "\n"))
    return sphinx(["-q", "-W", "--keep-going", "-E", "-b", "html", "-c", str(HERE),
                   "-d", str(sources.parent / "doctrees"), str(sources), str(target)])


def main() -> int:
    """Read the command line and build."""
    reader = argparse.ArgumentParser(description="Build the documentation site.")
    reader.add_argument("folder", type=Path, help="where the site goes, such as out/docs")
    target = reader.parse_args().folder.resolve()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as kept:
        code = build(target, Path(kept) / "pages")
    if code == 0:
        sys.stderr.write(f"site built in {time.monotonic() - start:.0f} s: "
                         f"{target / 'index.html'}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
