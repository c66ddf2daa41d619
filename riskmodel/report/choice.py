"""Which sections of a report are wanted: some of them, or all but some."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from riskmodel.errors import RiskModelError
from riskmodel.world.columns import near


def choose(every: Iterable[str], absent: Mapping[str, str], sections: Sequence[str] | None,
           without: Sequence[str] = ()) -> list[str]:
    """Return the keys of the sections that are wanted, in the order in which they are read.

    Parameters
    ----------
    every : keys of all sections there are
    absent : those that this run cannot have, and why; they are left out unless asked for by name
    sections : the wanted ones; all that the run can have if None
    without : the ones to leave out

    Raises
    ------
    RiskModelError : a name is no section, the run cannot have one that is asked for, or none is
        left
    """
    known = list(every)
    wrong = [f"{name!r}{near(name, known)}" for name in [*(sections or ()), *without]
             if name not in known]
    if wrong:
        raise RiskModelError(f"the report has no section {', '.join(wrong)}. Sections: "
                             f"{', '.join(known)}")
    refused = [f"{name} ({absent[name]})" for name in sections or () if name in absent]
    if refused:
        raise RiskModelError(f"this run has no section {', '.join(refused)}; leave it out")
    wanted = known if sections is None else sections
    found = [key for key in known
             if key in wanted and key not in absent and key not in without]
    if not found:
        raise RiskModelError("no section is left; choose at least one of "
                             f"{', '.join(key for key in known if key not in absent)}")
    return found


def described(builders: Mapping[str, Callable[..., Any]]) -> dict[str, str]:
    """Return what each section is about: the first sentence of the module that writes it."""
    return {key: (inspect.getdoc(inspect.getmodule(build)) or "").split("\n\n")[0].split(". ")[0]
            .replace("\n", " ").rstrip(".") for key, build in builders.items()}
