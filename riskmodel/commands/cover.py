"""``riskmodel diversify cover``: what a simple cover on lost MW-days would pay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    number,
    print_json,
    print_table,
    records,
    say,
    with_error,
    wrong_usage,
)
from riskmodel.commands.tables import check_table_file, write_table_file
from riskmodel.commands.worlds import check_lab, read_checked, simulated


def cover(folder: Path | None, *, as_of: str | None, lab: str | None, waiting_h: float,
          indemnity_days: float, deductible: float, limit: float | None,
          annual_limit: float | None, price: str | None, years: int, seed: int,
          perils: list[str] | None, out: Path | None, as_json: bool) -> None:
    """Simulate, then print what the cover pays for each lab."""
    check_table_file(out)
    world, _ = read_checked(folder, as_of)
    from riskmodel.decisions.price.cover import Cover
    from riskmodel.decisions.price.cover_table import cover as work
    from riskmodel.decisions.price.file import as_price

    check_lab(world, lab)
    with wrong_usage():  # before the years are simulated
        terms = Cover(waiting_h, indemnity_days, deductible,
                      *(float("inf") if each is None else each for each in (limit, annual_limit)))
        priced = as_price(_number_or_name(price), world=world)
    losses = simulated(world, years, seed, perils)
    frame = work(losses, lab, waiting_h=waiting_h, indemnity_days=indemnity_days,
                 deductible_mw_days=deductible, limit_mw_days=limit,
                 annual_limit_mw_days=annual_limit, price=priced)
    write_table_file(frame, out)
    if as_json:
        print_json({"ok": True, "as_of": world.as_of, "years": years, "seed": seed,
                    "terms": str(terms), "price": str(priced), "out": out,
                    "cover": records(frame)})
        return
    print_table(_shown(frame), f"A cover with {terms}; {years:,} years, seed {seed}",
                right=["AAL", "paid", "of AAL", "TVaR 99 %", "after cover", "pays in",
                       "at a limit in", "premium"],
                caption="MW-days a year, ± one standard error; TVaR: mean of the worst year in "
                        f"100. Premium: expected payment only, million {priced.currency} a year at "
                        f"{priced.per_mw_day:,.0f} a MW-day ({priced.low:,.0f} to "
                        f"{priced.high:,.0f}; {priced.basis})")
    if out is not None:
        say(f"table: {out}")


def _number_or_name(price: str | None) -> float | str | None:
    try:
        value = None if price is None else float(price)
    except ValueError:
        return price
    if value is not None and not 0 <= value < float("inf"):
        raise WrongUsage(f"--price is {price}; give USD a MW-day, 0 or more, or an anchor")
    return value


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for lab, part in frame.groupby("lab", sort=False):
        value, se = (part.set_index("measure")[name] for name in ("value", "se"))
        rows.append({
            "lab": lab, "AAL": number(value["aal"]),
            "paid": with_error(value["recovery"], se["recovery"]),
            "of AAL": _percent(value["recovered_share"]), "TVaR 99 %": number(value["tvar"]),
            "after cover": number(value["tvar_net"]), "pays in": _percent(value["p_claim"]),
            "at a limit in": _percent(value["p_limit"]),
            "premium": number(value["premium"] / 1e6)})
    return pd.DataFrame(rows)


def _percent(share: float) -> str:
    return "-" if share != share else f"{number(100 * share, 2)} %"
