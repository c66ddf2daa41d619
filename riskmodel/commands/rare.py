"""``riskmodel run --rare``: from words on the command line to a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError

if TYPE_CHECKING:
    from riskmodel.perils.kinetic.proposal import Proposal

EXAMPLE = "gulf:war=0.5,size=1"


def proposal_asked(texts: Sequence[str] | None, defensive: float, *,
                   even: bool = False) -> Proposal | None:
    """Return the proposal of ``--rare THEATRE`` or ``--rare THEATRE:NUMBER=VALUE,...``.

    Raises
    ------
    RiskModelError : a text that is neither, or a theatre named twice
    """
    from riskmodel.perils.kinetic.proposal import even_regimes, rare_regimes

    if not texts:
        return even_regimes() if even else None

    theatres: dict[str, dict[str, float]] = {}
    for text in texts:
        name, _, rest = text.partition(":")
        name = name.strip()
        if not name or name in theatres:
            raise RiskModelError(f"--rare {text!r}: name each theatre once, as in {EXAMPLE}")
        theatres[name] = dict(_pair(text, part) for part in rest.split(",") if part.strip())
    return rare_regimes(theatres, defensive=defensive, even=even)


def _pair(text: str, part: str) -> tuple[str, float]:
    key, _, value = part.partition("=")
    try:
        return key.strip(), float(value)
    except ValueError:
        raise RiskModelError(f"--rare {text!r}: {part.strip()!r} is no NUMBER=VALUE; write it as "
                             f"in {EXAMPLE}") from None
