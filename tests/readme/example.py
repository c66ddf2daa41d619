"""Take the Python example out of the README: ``python example.py README.md TARGET.py``."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


if __name__ == "__main__":
    code, *_ = blocks(Path(sys.argv[1]).read_text(encoding="utf-8"), "python")
    Path(sys.argv[2]).write_text(code, encoding="utf-8")
