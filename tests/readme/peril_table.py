"""The README's table of perils: ``python -m tests.readme.peril_table`` prints it."""

from __future__ import annotations

import riskmodel as rm
from riskmodel.perils.registry import load_perils
from riskmodel.report.numbers import estimate

YEARS, SEED, LATER = 20_000, 7, "2027-12-31"


def lines() -> list[str]:
    """Return the rows of the table as Markdown, worked out anew."""
    world = rm.read_world()
    found = [_aal(each) for each in (world, rm.read_world(as_of=LATER))]
    rows = []
    for peril in load_perils(world):
        spec = peril.spec
        cells = [estimate(*aal.get(spec.peril_id, (0.0, 0.0))).replace("\N{NO-BREAK SPACE}", " ")
                 for aal in found]
        rows.append(f"| `{spec.peril_id}` | {spec.name} | {cells[0]} | {cells[1]} |")
    whole = [estimate(*aal["total"]).replace("\N{NO-BREAK SPACE}", " ") for aal in found]
    return [*rows, f"| all | | {whole[0]} | {whole[1]} |"]


def _aal(world: rm.World) -> dict[str, tuple[float, float]]:
    losses = rm.simulate(world, years=YEARS, seed=SEED, adequacy=False)
    parts = rm.contributions(losses, measure="aal", by=["peril"])
    total = rm.measure(losses, by="total", measures="aal").iloc[0]
    return {"total": (float(total["value"]), float(total["se"])),
            **{str(row["peril"]): (float(row["value"]), float(row["se"]))
               for row in parts.to_dict("records")}}


if __name__ == "__main__":
    print("\n".join(lines()))
