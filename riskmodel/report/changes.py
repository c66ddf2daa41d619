"""What changed since the last version's numbers, or since an earlier run, lab by lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmodel.decisions.comparison.text import SAME
from riskmodel.decisions.since.comparable import notes_on
from riskmodel.decisions.since.figures import LEVEL
from riskmodel.decisions.since.since import LESS, MORE, sides, since_of
from riskmodel.errors import RiskModelError
from riskmodel.measures.yeartable import TOTAL
from riskmodel.report.context import MOST_LABS, Context, Section, records
from riskmodel.report.names import clean
from riskmodel.report.numbers import estimate, number, whole
from riskmodel.report.page import render

if TYPE_CHECKING:
    from typing import TypeAlias

    import pandas as pd

    from riskmodel.decisions.since.figures import Figures
    from riskmodel.engine.losses.losses import Losses

    Comparison: TypeAlias = tuple[Figures, Figures, pd.DataFrame, pd.DataFrame]

KEY = "since"
#: perils named as what moved a lab's average
MOST_PERILS = 2
_LONG = 900


def build(context: Context) -> Section:
    """Write the section; what cannot be compared, it says, unless it was asked for by name.

    Raises
    ------
    RiskModelError : the earlier run that was asked for cannot be compared with this one
    """
    if not context.annual:
        return _missing("this is a story, and a story has no average year")
    compared = kept_comparison(context)
    if isinstance(compared, str):
        return _missing(f"{compared}; `riskmodel report OUT --since EARLIER` compares with an "
                        "earlier run of your own")
    then, now, found, perils = compared
    if context.lab and context.lab not in set(found["lab"]):
        return _missing(f"{context.called(TOTAL)} held nothing then and holds nothing now")
    asked = context.since is not None
    title = f"What changed since {'the earlier run' if asked else 'the last version'}"
    body = render(
        "changes.html.j2", asked=asked, then=_told(then), years=whole(then.years),
        now_years=whole(now.years), paired=bool(len(found) and found["paired"].all()),
        seed=then.facts.get("seed"), rows=_rows(context, found, perils), level=LEVEL,
        perils=_perils(context, perils[perils["lab"] == (context.lab or TOTAL)]),
        whose=context.called(TOTAL),
        notes=[clean(note, _LONG) for note in notes_on(then, now, context.names.peril)],
        why=[[clean(line.replace("->", "\u2192"), _LONG) for line in text.split("\n")]
             for text in then.why])
    return Section(KEY, title, body)


def kept_comparison(context: Context) -> Comparison | str:
    """Return both sides, what changed and by which peril, computed once; or why it cannot be.

    Raises
    ------
    RiskModelError : the earlier run that was asked for cannot be compared with this one
    """
    if KEY not in context.kept:
        losses, answer = _of_all(context), ""
        try:
            before, then, now = sides(losses, context.since)
        except RiskModelError as error:
            if context.since is not None:
                raise
            answer = str(error)
        context.kept[KEY] = answer or (
            then, now, since_of(losses, before, then, now),
            since_of(losses, before, then, now, by="peril"))
    return context.kept[KEY]  # type: ignore[no-any-return]


def in_short(context: Context) -> list[str]:
    """Return what changed of the average, as a sentence; nothing where it cannot be compared."""
    compared = kept_comparison(context)
    if isinstance(compared, str):
        return []
    found = compared[2]
    rows = found[(found["lab"] == (context.lab or TOTAL)) & (found["measure"] == "aal")]
    if rows.empty:
        return []
    row = records(rows)[0]
    since = "the earlier run" if context.since is not None else "the last version"
    if row["difference"] != row["difference"]:
        return []
    if row["verdict"] == SAME:
        return [f"Since {since} the average has not changed."]
    text = (f"Since {since} the average went from {number(row['then'])} to {number(row['now'])} "
            f"MW-days ({_signed(row)})")
    return [f"{text}." if row["verdict"] in (MORE, LESS) else f"{text}, within chance."]


def _of_all(context: Context) -> Losses:
    """Return the losses of all labs: of all years of a long run too."""
    return context.run if context.every is None else context.every


def _told(then: Figures) -> str:
    if not then.commit:
        return clean(then.name, 200)
    return clean(f"{then.name} of {then.of_day} (commit {then.commit})", 200)


def _rows(context: Context, found: pd.DataFrame, perils: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row a lab, the largest change of the average first, the total last."""
    table = {(row["lab"], row["measure"]): row for row in records(found)}
    by_lab = {lab: records(part) for lab, part in perils.groupby("lab", sort=False)}
    labs = [lab for lab in dict.fromkeys(found["lab"]) if lab != TOTAL]
    labs.sort(key=lambda lab: (-abs(table[lab, "aal"]["difference"]), lab))
    rows = []
    for lab in [context.lab] if context.lab else [*labs[:MOST_LABS], TOTAL]:
        capacity = table[lab, "capacity"]
        rows.append({
            "lab": lab, "name": context.called(lab),
            "capacity": capacity, "moved": abs(capacity["difference"]) > 0,
            "aal": _cell(table[lab, "aal"]), "tvar": _cell(table.get((lab, "tvar"))),
            "through": _through(context, by_lab.get(lab, []))})
    return rows


def _cell(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None or row["difference"] != row["difference"]:
        return None
    return {**row, "told": row["verdict"] in (MORE, LESS), "shown": _signed(row)}


def _signed(row: dict[str, Any]) -> str:
    """Return a difference with its sign and its error."""
    if row["difference"] == 0 and not row["se"] > 0:
        return "0"
    sign = "+" if row["difference"] > 0 else ""
    return f"{sign}{estimate(row['difference'], row['se'])}"


def _through(context: Context, rows: list[dict[str, Any]]) -> str:
    """Return the perils that moved a lab's average most, beyond chance."""
    moved = sorted((row for row in rows if row["verdict"] in (MORE, LESS)),
                   key=lambda row: -abs(row["difference"]))
    return ", ".join(f"{context.names.peril(row['peril'])} {_signed(row)}"
                     for row in moved[:MOST_PERILS])


def _perils(context: Context, found: pd.DataFrame) -> list[dict[str, Any]]:
    rows = sorted(records(found), key=lambda row: -abs(row["difference"]))
    return [{**(_cell(row) or row), "name": context.names.peril(row["peril"])} for row in rows]


def _missing(why: str) -> Section:
    return Section(KEY, "What changed since the last version", render(
        "missing.html.j2", what="What changed", why=clean(why, 600)))
