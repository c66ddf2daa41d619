"""The README's table on diversification: ``python -m tests.readme.diversification_table``."""

from __future__ import annotations

import riskmodel as rm
from riskmodel.decisions.diversification.text import shown_table
from riskmodel.report.numbers import estimate, number, percent

YEARS, SEED = 20_000, 7
LABS = ("google_deepmind", "meta", "anthropic", "openai", "microsoft", "xai")


def lines() -> list[str]:
    """Return the rows of the table as Markdown, worked out anew."""
    losses = rm.simulate(rm.read_world(), years=YEARS, seed=SEED, adequacy=False)
    table = shown_table(rm.diversification(losses, LABS))
    rows = []
    for row in table.to_dict("records"):
        cells = [f"`{row['lab']}`", number(row["capacity_mw"]),
                 f"{percent(row['largest_share'])} at 1 of {row['sites']}",
                 f"{number(row['efc'])} ({number(row['efc_low'])} to {number(row['efc_high'])})",
                 *(estimate(row[name], row[f"{name}_se"]) for name in ("aal", "tvar", "eue")),
                 estimate(row["money"] / 1e6, row["money_se"] / 1e6),
                 percent(row["low_confidence_share"])]
        rows.append("| " + " | ".join(cells).replace("\N{NO-BREAK SPACE}", " ") + " |")
    return rows


if __name__ == "__main__":
    print("\n".join(lines()))
