"""Every oracle that is asked of the measures has a test that names it."""

import re
from pathlib import Path

REQUIRED = {*(f"p{i:02d}" for i in range(4, 13)), "p14", "p15", "p16", "p37", "p38", "p55"}


def test_every_required_oracle_is_named_by_a_test():
    here = Path(__file__).parent
    names = [name for file in here.glob("test_*.py")
             for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)]
    named = {oracle for name in names for oracle in re.findall(r"p\d{2}(?=_|$)", name)}
    assert not REQUIRED - named
