"""How the program shows itself: verbs in groups by use, an example beside every refusal.

Typer prints the help and refuses wrong words; what is here only gives it order and examples.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

#: the verbs as somebody meets them who comes to the program
PANELS = {
    "Start here": ("init", "check", "run", "report"),
    "Look closer": ("explain", "graph", "replay", "perils", "scenarios", "training", "tornado"),
    "Stress and compare": ("stress", "compare", "since", "contingency", "backtest", "adequacy"),
    "Decide": ("diversify", "levers", "buildout"),
    "Data in and out": ("import-sites", "import-hazard", "export", "figures"),
}
#: where a verb goes that nobody has put into a group
ELSE = "More"
#: what Typer raises for words it cannot take
UsageError: Any = typer.BadParameter.__base__


class Verb(TyperCommand):
    """A verb that shows its example when it is called in a wrong way."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the verb; a refusal ends with the example."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            raise with_example(error, self.epilog) from None


class VerbOfVerbs(TyperGroup):
    """A verb with verbs of its own, such as ``perils show``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the verb; a refusal ends with the example."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            raise with_example(error, self.epilog) from None


class Program(TyperGroup):
    """The program: its verbs in the order and the groups of ``PANELS``."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        place = {verb: panel for panel, verbs in PANELS.items() for verb in verbs}
        known = dict(self.commands)
        self.commands = {name: known[name] for name in (*place, *known) if name in known}
        for name, command in self.commands.items():
            command.rich_help_panel = place.get(name, ELSE)  # type: ignore[attr-defined]

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs in their order."""
        return list(self.commands)


def with_example(error: Any, epilog: str | None) -> Any:
    """Return the same refusal with an example after it; help that was asked for stays as it is."""
    if not epilog or type(error).__name__ == "NoArgsIsHelpError":
        return error
    lines = [error.format_message(), *_world_hint(error), " ".join(epilog.split())]
    return UsageError("\n".join(lines), ctx=error.ctx)


def _world_hint(error: Any) -> list[str]:
    """Return how this verb takes a world, where somebody named one as other verbs do."""
    params = {} if error.ctx is None else {each.name: each for each in error.ctx.command.params}
    world, text = params.get("world"), error.format_message()
    if world is None:
        return []
    as_option = world.param_type_name == "option"
    if as_option and "unexpected extra argument" in text:
        return ["The folder of a world goes with --world here."]
    if not as_option and "--world" in text and "--worlds" not in text.split("(")[0]:
        return ["The folder of a world stands here without --world."]
    return []


def dress(app: typer.Typer) -> None:
    """Give every verb of the program, and of its verbs, its example where it is refused."""
    for command in app.registered_commands:
        command.cls = Verb
    for group in app.registered_groups:
        group.cls = VerbOfVerbs
        if group.typer_instance is not None:
            dress(group.typer_instance)
