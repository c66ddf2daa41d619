"""The verbs about data in and out: ``init``, ``import-sites`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli_options import Json
from riskmodel.commands.console import user_errors


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; new or empty.")],
    bare: Annotated[bool, typer.Option("--bare", help="Headers only, without the three example "
                                       "sites.")] = False,
    json: Json = False,
) -> None:
    """Write a small world of your own, with comments, to edit, check and run."""
    from riskmodel.commands.init import init as work

    with user_errors(as_json=json):
        work(folder, bare=bare, as_json=json)


def add_to(app: typer.Typer) -> None:
    """Make the verbs known to the program."""
    app.command(epilog="Example: riskmodel init mine")(init)
