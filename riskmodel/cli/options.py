"""Options that several verbs share, and the words that they take."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_YEARS = 20_000
MOST_YEARS = 200_000  # of a run that stops when an error is reached


class Booking(StrEnum):
    """Which year a loss belongs to."""

    occurrence = "occurrence"
    calendar = "calendar"


class HitBy(StrEnum):
    """What an imported hazard hits."""

    site = "site"
    feed = "feed"


class Duration(StrEnum):
    """Distribution of an outage's hours."""

    fixed = "fixed"
    exponential = "exponential"
    lognormal = "lognormal"
    weibull = "weibull"


class MitigationMeasure(StrEnum):
    """What mitigations are to save."""

    aal = "aal"
    tvar = "tvar"


class RankBy(StrEnum):
    """What a ranking of places for the next MW goes by."""

    cost = "cost"
    block_cost = "block_cost"
    aal = "aal"
    tail = "tail"
    credit = "credit"


def date(text: str | None) -> str | None:
    """Return an ISO date as it is written, or refuse it."""
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2027-12-31") from None


def names(text: str | None) -> list[str] | None:
    """Return the names of a list with commas, each once."""
    if text is None:
        return None
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise typer.BadParameter("nothing named; write A,B")
    return list(dict.fromkeys(found))


def numbers(text: str) -> list[float]:
    """Return the numbers of a list with commas."""
    try:
        return [float(word) for word in text.split(",") if word.strip()]
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no list of numbers; write 50,100,250") from None


World = Annotated[
    Path | None,
    typer.Argument(help="Folder of tables; the world that ships if none is given.",
                   show_default=False)]
WorldOption = Annotated[
    Path | None,
    typer.Option("--world", help="Folder of tables; the shipped world, or the one of the run, "
                 "if none is given.", show_default=False)]
Output = Annotated[Path, typer.Argument(help="Folder that `riskmodel run` left.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", callback=date, show_default=False,
                 help="Count what is energised on that day; later than the world's own date, also "
                      "what is announced by then.")]
Lab = Annotated[
    str | None,
    typer.Option(help="One lab (a lab_id), or `total`; every lab if not given.",
                 show_default=False)]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, metavar="N",
                                   help="One seed gives one answer, to the byte.")]
Perils = Annotated[
    str | None,
    typer.Option(metavar="A,B", callback=names, show_default=False,
                 help="Only these perils; all of the world if not given.")]
Years = Annotated[int, typer.Option(min=1, help="Years to simulate.")]
Worlds = Annotated[int, typer.Option(
    min=1, help="States of the world to draw from what is not known.")]
Level = Annotated[float, typer.Option(
    min=0.01, max=0.99999, help="Level of the TVaR: .99 is the worst 1 year in 100.")]
Sites = Annotated[bool, typer.Option("--sites", help="Name single sites, not only regions.")]
TableFile = Annotated[
    Path | None,
    typer.Option("-o", "--out", help="File to write the table to: .csv or .parquet.",
                 show_default=False)]
PageFolder = Annotated[
    Path | None,
    typer.Option("-o", "--out", help="Folder to leave the page and its tables in.",
                 show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
