"""The verbs of ``riskmodel diversify``: what spreading capacity is worth, and where to put it."""

from __future__ import annotations

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="What geographic diversification is worth, and where the next MW should go.",
    epilog="Example: riskmodel diversify concentration --lab openai",
)
