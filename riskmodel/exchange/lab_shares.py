"""Who holds an imported site: names of labs as the record calls them, shares and chances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmodel.exchange.epoch_sites import WORDS
from riskmodel.exchange.site_rows import SiteRow, short_id

if TYPE_CHECKING:
    from riskmodel.world.rules import Rules
    from riskmodel.world.world import World

_WORTH = {"confirmed": "high", "likely": "medium", "speculative": "low"}


def lab_ids(names: list[str], shipped: World) -> dict[str, str]:
    """Return name -> lab_id: the record's where it knows the name, else one made of the name."""
    known = {str(alias).lower(): str(lab) for alias, lab in
             zip(shipped.lab_aliases["alias"], shipped.lab_aliases["lab_id"], strict=True)}
    for lab, name in zip(shipped.labs["lab_id"], shipped.labs["name"], strict=True):
        known |= {str(lab).lower(): str(lab), str(name).lower(): str(lab)}
    known["spacexai"] = "xai"  # as Epoch calls it
    out: dict[str, str] = {}
    for name in names:
        made = short_id(name) or f"lab_{len(out) + 1}"
        out[name] = known.get(name.lower(), made)
    return out


def holdings_and_labs(rows: list[SiteRow], shipped: World, rules: Rules, as_of: str,
                      source: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows of ``holdings`` and of ``labs``.

    Labs named for one site without a share split what the stated shares leave equally. Without a
    word on how sure the file is, an attribution is true; Epoch's words become chances by rule.
    """
    names = list(dict.fromkeys(name for row in rows for name, _, _ in row.labs))
    ids = lab_ids(names, shipped)
    word = rules["attribution_probability"]
    holdings: list[dict[str, Any]] = []
    tagged = any(tag for row in rows for _, tag, _ in row.labs)  # then a bare name is not sure
    for row in rows:
        free = [name for name, _, share in row.labs if share is None]
        left = max(0.0, 1.0 - sum(share or 0.0 for _, _, share in row.labs))
        for name, tag, share in row.labs:
            how = WORDS.get(tag, "likely") if tagged else "confirmed"
            holdings.append({
                "lab_id": ids[name], "site_id": row.cells["site_id"],
                "share": round(left / len(free), 6) if share is None else share,
                "probability": word[how] if tagged else 1.0, "attribution": how,
                "share_basis": "stated" if share is not None else "sole lab named"
                if len(row.labs) == 1 else f"equal split of {len(free)} (judgement)",
                "probability_basis": "attribution_probability" if tagged else "as the file says",
                "source_urls": row.cells.get("source_urls") or source, "as_of": as_of,
                "confidence": _WORTH[how] if tagged else row.cells.get("confidence", "low")})
    return _once(holdings), _labs(ids, shipped, rules, as_of, source)


def _once(holdings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what two spellings of one lab hold of one site."""
    out: dict[tuple[str, str], dict[str, Any]] = {}
    for row in holdings:
        there = out.setdefault((row["lab_id"], row["site_id"]), row)
        if there is not row:
            there["share"] = round(there["share"] + row["share"], 6)
            there["probability"] = min(there["probability"], row["probability"])
    return list(out.values())


def _labs(ids: dict[str, str], shipped: World, rules: Rules, as_of: str,
          source: str) -> list[dict[str, Any]]:
    known = {row["lab_id"]: row for row in shipped.labs.to_dict("records")}
    out: dict[str, dict[str, Any]] = {}
    for name, lab in ids.items():
        if lab in known:
            out.setdefault(lab, {str(k): v for k, v in known[lab].items()})
        else:
            out.setdefault(lab, {
                "lab_id": lab, "name": name, "needed_share": rules.number("needed_share"),
                "needed_share_basis": "judgement of rules.toml needed_share; change it here",
                "source_urls": source, "as_of": as_of, "confidence": "low"})
    if not out:  # a world needs a lab; nobody is named, so everything is nobody's
        out["unknown"] = {"lab_id": "unknown", "name": "Nobody the file names",
                          "needed_share": 0.0, "as_of": as_of, "source_urls": source,
                          "needed_share_basis": "not one lab: no need can be stated",
                          "confidence": "low"}
    return list(out.values())
