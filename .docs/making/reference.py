"""The reference: every public name of ``riskmodel``, in the groups in which they stand there."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import riskmodel
from making.places import ROOT

_INTRO = {
    "errors": "What riskmodel raises and warns of. Catch `RiskModelError`: the text of each says "
              "what is wrong, where, and what to do.",
    "world": "What is exposed, and what hangs on what.",
    "perils": "What may happen: perils, events, stories.",
    "data in and out": "Sites of other forms come in; results leave in the forms of other tools.",
    "engine": "What happens in each year.",
    "measures": "What it costs, with errors and bands.",
    "compute": "What lost capacity means for training, and what is being built.",
    "decisions": "What to do about it.",
    "report": "What people look at.",
    "figures": "Figures for papers and slides, as `rm.figures.exceedance(losses)`. Each gives a "
               "matplotlib figure; `rm.figures.write` puts it into a file.",
    "mitigations": "What could be done, as `rm.mitigations.reserve(\"openai\", hours=72)`. Each "
                   "gives a `Mitigation`; its `apply(world)` gives the world with it in place.",
}


def groups() -> dict[str, list[str]]:
    """Return the public names by the comment that heads them in ``riskmodel/__init__.py``.

    Raises
    ------
    ValueError
        A public name was not found in the text, or stands under no comment.
    """
    text = (ROOT / "riskmodel" / "__init__.py").read_text(encoding="utf-8")
    block = text.split("_PUBLIC = {")[1].split("\n}")[0]
    found: dict[str, list[str]] = {}
    group = ""
    for line in block.splitlines():
        if comment := re.match(r"\s+# (.+)$", line):
            group = comment[1].strip()
        elif name := re.match(r'\s+"(\w+)":', line):
            found.setdefault(group, []).append(name[1])
    listed = {name for names in found.values() for name in names}
    lost = set(riskmodel._PUBLIC) ^ listed
    if lost or "" in found:
        raise ValueError(f"public names without a group in riskmodel/__init__.py: "
                         f"{sorted(lost | set(found.get('', [])))}")
    return found


def write(sources: Path) -> None:
    """Write a page for each group, and the page that lists them."""
    folder = sources / "reference"
    folder.mkdir(exist_ok=True)
    pages = []
    for group, names in groups().items():
        page = group.replace(" ", "_")
        pages.append(page)
        (folder / f"{page}.md").write_text(_page(group, names), encoding="utf-8")
    for name, path in riskmodel._MODULES.items():
        pages.append(name)
        (folder / f"{name}.md").write_text(_module_page(name, path), encoding="utf-8")
    listed = "\n".join(f"| [{group.capitalize()}]({group.replace(' ', '_')}.md) | "
                       f"{', '.join(f'{{py:obj}}`~riskmodel.{name}`' for name in names)} |"
                       for group, names in groups().items())
    listed += "".join(f"\n| [{name.capitalize()}]({name}.md) | "
                      f"{', '.join(f'`{name}.{each}`' for each in module_names(path))} |"
                      for name, path in riskmodel._MODULES.items())
    index = (folder / "index.md").read_text(encoding="utf-8")
    index = index.replace("<!-- groups -->", "| | names |\n|---|---|\n" + listed)
    index += "\n```{toctree}\n:hidden:\n\n" + "\n".join([*pages, "commands"]) + "\n```\n"
    (folder / "index.md").write_text(index, encoding="utf-8")


def _page(group: str, names: list[str]) -> str:
    entries = []
    for name in names:
        value = getattr(riskmodel, name)
        entries.append(f"## {name}\n\n```{{eval-rst}}\n.. py:currentmodule:: riskmodel\n\n"
                       f"{_directive(name, value)}\n```\n")
    return f"# {group.capitalize()}\n\n{_INTRO.get(group, '')}\n\n" + "\n".join(entries)


def module_names(path: str) -> list[str]:
    """Return what a public module offers: functions and classes of its own without a page yet."""
    module = import_module(path)
    offered = {name: getattr(module, name) for name in getattr(module, "__all__", vars(module))
               if not name.startswith("_")}
    return [name for name, value in offered.items()
            if str(getattr(value, "__module__", "")).startswith(path)
            and not (name in riskmodel._PUBLIC and getattr(riskmodel, name) is value)]


def _module_page(name: str, path: str) -> str:
    module = import_module(path)
    entries = [f"## {name}.{each}\n\n```{{eval-rst}}\n"
               f"{_directive(each, getattr(module, each), path)}\n```\n"
               for each in module_names(path)]
    return f"# {name.capitalize()}\n\n{_INTRO[name]}\n\n" + "\n".join(entries)


def _directive(name: str, value: object, module: str = "riskmodel") -> str:
    if not inspect.getdoc(value):
        raise ValueError(f"{module}.{name} has no docstring")
    if inspect.isclass(value) and issubclass(value, BaseException):
        return f".. autoexception:: {module}.{name}"
    if inspect.isclass(value):
        return f".. autoclass:: {module}.{name}\n   :members:"
    if callable(value):
        return f".. autofunction:: {module}.{name}"
    return f".. autodata:: {module}.{name}"
