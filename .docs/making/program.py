"""The reference of the command line, made from the program itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from making.markdown import code, prose, table
from riskmodel.cli import app

_USED = ("--help", "--json")  # told once, at the head of the page


def verbs() -> Iterator[tuple[str, Any]]:
    """Return every command with its full name, groups before what they hold.

    A group is a command too where it does something by itself.
    """
    yield from _below("riskmodel", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if name != "riskmodel":
        yield name, command
    for word in sorted(inner or {}):
        yield from _below(f"{name} {word}", inner[word])


def write(sources: Path) -> None:
    """Write ``reference/commands.md``.

    Raises
    ------
    ValueError
        A command has no text or no example.
    """
    entries = [_entry(name, command) for name, command in verbs()]
    page = sources / "reference" / "commands.md"
    page.write_text(
        "# Commands\n\nMade from the program: what `riskmodel VERB --help` says. Every verb takes "
        "`--help` and `--json`. Exit code 0 is done, 1 the input is wrong (every problem listed), "
        "2 wrong usage. A name in capitals stands for what you give; an option in the first column "
        "of a table without dashes is given by its place. `riskmodel --version` shows the "
        "version.\n\n" + "\n".join(entries),
        encoding="utf-8")


def _entry(name: str, command: Any) -> str:
    told = (command.help or "").strip()
    example = re.sub(r"\s+", " ", command.epilog or "").strip()
    if not told or "riskmodel" not in example:
        raise ValueError(f"'{name}' has no text or no example; give its command both")
    paragraphs = "\n\n".join(prose(text) for text in re.split(r"\n\s*\n", told))
    lines = [f"## {name}", "", paragraphs, "", "```bash", *_examples(example), "```", ""]
    rows = [row for parameter in command.params if (row := _row(parameter))]
    if rows:
        lines += [table(("option", "what it is", "default"), rows)]
    return "\n".join(lines) + "\n"


def _examples(epilog: str) -> list[str]:
    """Return the commands of an epilog such as ``Example: riskmodel run``, one a line."""
    text = re.sub(r"^Examples?: *", "", epilog)
    return [part.strip(" ;,`") for part in re.split(r"(?:;| and | or )\s*(?=riskmodel )", text)]


def _row(parameter: Any) -> tuple[str, str, str] | None:
    if getattr(parameter, "hidden", False) or any(word in _USED for word in parameter.opts):
        return None
    if parameter.param_type_name == "argument":
        shown = code((parameter.metavar or parameter.name).upper())
    else:
        shown = ", ".join(code(word) for word in (*parameter.opts, *parameter.secondary_opts))
        if not getattr(parameter, "is_flag", False):
            shown += f" {code(_kind(parameter))}"
    said = getattr(parameter, "show_default", None)
    if parameter.required:
        default = "required"
    elif isinstance(said, str):
        default = prose(said)
    elif (parameter.default is None or parameter.default is False
          or parameter.default in ("", [], ()) or callable(parameter.default)):
        default = ""
    else:
        default = code(getattr(parameter.default, "value", parameter.default))
    return shown, prose(parameter.help or ""), default


def _kind(parameter: Any) -> str:
    """Return what stands for an option's value: its word, its choices, or its type."""
    if parameter.metavar:
        return str(parameter.metavar)
    kind = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(choice.value) for choice in kind)
    return {int: "N", float: "NUMBER", str: "TEXT"}.get(kind, str(parameter.name).upper())
