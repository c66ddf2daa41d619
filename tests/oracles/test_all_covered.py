"""Every oracle that is asked for has a test that names it."""

import re
from pathlib import Path

REQUIRED = {*(f"p{i:02d}" for i in range(1, 32)),
            *(f"p{i}" for i in range(36, 48)), *(f"p{i}" for i in range(49, 57))}
ELSEWHERE = ("world/test_geography.py",)  # geodesics stand with the geography


def test_every_required_oracle_is_named_by_a_test():
    here = Path(__file__).parent
    files = [*here.glob("test_*.py"), *(here.parent / name for name in ELSEWHERE)]
    names = [name for file in files
             for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)]
    named = {oracle for name in names for oracle in re.findall(r"p\d{2}(?=_|$)", name)}
    assert not REQUIRED - named
