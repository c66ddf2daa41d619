"""From counts to rates: write the Jeffreys posterior of each counted number into the peril files.

A number of a peril's TOML that names a row of ``counts.csv`` (``counted = "cloud_critical"``)
takes its count and exposure from there, and its low, best and high from them: nobody types a rate
that can be counted. ``counted`` may be a pattern (``oe417_*_storm``): the rows' counts add up.
``exposure_scale`` multiplies the exposure (50 states watched for one span), ``exposure_factor``
says how far an exposure that is a judgement may be off. A chance with ``hits`` and ``trials``
takes the Beta posterior.

``python -m riskmodel.perils.calibrate`` does this for the shipped world, or for a folder given.
"""

from __future__ import annotations

import re
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.perils.posterior import beta_posterior, gamma_posterior

if TYPE_CHECKING:
    import pandas as pd

COUNTS_FILE = "counts.csv"
_INLINE = re.compile(r"\{[^{}]*\b(?:count|counted|hits)\s*=[^{}]*\}")


def counted_number(number: dict[str, Any], counts: pd.DataFrame | None) -> dict[str, Any]:
    """Return what a counted number must say: low, best, high, and what they rest on.

    ``counts`` is the table ``counts``; it may be None for a number that states its own count and
    exposure.

    Raises
    ------
    RiskModelError : no row of that id, or rows that were watched for different spans.
    """
    if "hits" in number:
        chance = beta_posterior(number["hits"], number["trials"])
        return {"low": _plain(chance.low), "best": _plain(chance.mean), "high": _plain(chance.high)}
    factor = number.get("exposure_factor")
    name = number.get("counted")
    if name is None:
        count, exposure = number["count"], number["exposure"]
    else:
        if counts is None:
            raise RiskModelError(f"counted = {name!r}, but the world has no {COUNTS_FILE}")
        rows = counts[[fnmatchcase(str(row), name) for row in counts["count_id"]]]
        if not len(rows):
            raise RiskModelError(f"{COUNTS_FILE} has no row {name!r}; add it or mend the name")
        spans = sorted(set(rows["exposure"].astype(float)))
        if len(spans) != 1 or not spans[0] > 0:
            raise RiskModelError(f"the rows {name!r} of {COUNTS_FILE} have exposures {spans}; "
                                 "rows that add up are watched for one span above 0")
        count = int(rows["count"].astype(float).sum())
        exposure = spans[0] * float(number.get("exposure_scale", 1))
        stated = {float(value) for value in rows["exposure_factor"] if float(value or 1) > 1}
        if factor is None and stated:
            factor = max(stated)
    found = gamma_posterior(count, exposure, 1.0 if factor is None else float(factor))
    result = {"low": _plain(found.low), "best": _plain(found.mean), "high": _plain(found.high),
              "count": count, "exposure": _plain(exposure, 7)}
    if factor is not None:
        result["exposure_factor"] = _plain(float(factor))
    return result


def calibrated_text(text: str, counts: pd.DataFrame | None) -> str:
    """Return the text of a peril's TOML with every counted number worked out again."""
    def mend(match: re.Match[str]) -> str:
        inline = match.group(0)
        number = tomllib.loads(f"number = {inline}")["number"]
        if not ("counted" in number or {"count", "exposure"} <= set(number)
                or {"hits", "trials"} <= set(number)):
            return inline
        for key, value in counted_number(number, counts).items():
            inline = _set(inline, key, value)
        return inline

    return _INLINE.sub(mend, text)


def read_counts(folder: Path) -> pd.DataFrame | None:
    """Return the table ``counts`` of a world's folder, None where it has none."""
    import pandas as pd

    path = folder / COUNTS_FILE
    if not path.is_file():
        return None
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("count", "exposure", "exposure_factor"):
        table[column] = pd.to_numeric(table[column]).fillna(0.0)
    return table


def calibrate(folder: Path) -> list[str]:
    """Write every counted number of a folder's perils and back-tests; return what changed."""
    counts = read_counts(folder)
    changed = []
    for path in sorted([*(folder / "perils").glob("*.toml"),
                        *(folder / "backtests").glob("*.toml")]):
        text = path.read_text(encoding="utf-8")
        try:
            mended = calibrated_text(text, counts)
        except RiskModelError as error:
            raise RiskModelError(f"{path.parent.name}/{path.name}: {error}") from None
        if mended != text:
            path.write_text(mended, encoding="utf-8")
            changed.append(path.name)
    return changed


def _set(inline: str, key: str, value: float) -> str:
    """Return an inline table with one key set; a key that is not there is added at the end."""
    pattern = re.compile(rf"(?<![\w]){key}\s*=\s*[-+.\deE_]+")
    if pattern.search(inline):
        return pattern.sub(f"{key} = {value}", inline, count=1)
    return f"{inline[:-1].rstrip().rstrip(',')}, {key} = {value} }}"


def _plain(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")


def main(arguments: list[str] | None = None) -> int:
    """Calibrate the folder given, or the shipped world."""
    from riskmodel.world.shipped import shipped_folder

    given = sys.argv[1:] if arguments is None else arguments
    changed = calibrate(Path(given[0]) if given else shipped_folder())
    sys.stdout.write(f"{', '.join(changed) or 'nothing'} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
