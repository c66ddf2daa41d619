"""Holdings by rule: shares of labs named for one site, and words of attribution as chances."""

from __future__ import annotations

import pandas as pd

from riskmodel.world.rules import Rules, least

UNKNOWN = "unknown"
_WORTH = {"confirmed": "high", "likely": "medium", "speculative": "low"}


def named_labs(primary_labs: str, aliases: dict[str, str]) -> list[str]:
    """Return the labs that a site's free text names, in its order; unknown names stay as they are.

    Examples
    --------
    >>> named_labs("OpenAI;Microsoft", {"OpenAI": "openai", "Microsoft": "microsoft"})
    ['openai', 'microsoft']
    """
    words = [word.strip() for word in primary_labs.split(";")]
    return [aliases.get(word, word) for word in words if word]


def with_shares(holdings: pd.DataFrame, sites: pd.DataFrame, labs: pd.DataFrame,
                aliases: dict[str, str], rules: Rules) -> pd.DataFrame:
    """Return the holdings with shares and probabilities, and ``unknown`` where nobody is named.

    Rows whose ``share_basis`` is ``stated`` keep their share; the others of a site split what is
    left equally. Rows of ``unknown`` are made here and not read.
    """
    out = holdings[holdings["lab_id"] != UNKNOWN].reset_index(drop=True)
    by_site = sites.set_index("site_id")
    parent = labs.set_index("lab_id")["parent"]
    word = rules["attribution_probability"]
    stated = out["share_basis"].str.startswith("stated")
    for site, group in out.groupby("site_id", sort=False):
        free = group.index[~stated[group.index]]
        left = 1.0 - out.loc[group.index.difference(free), "share"].sum()
        out.loc[free, "share"] = round(left / max(len(free), 1), 6)
        out.loc[free, "share_basis"] = ("sole lab named" if len(group) == 1 else
                                        f"equal split of {len(group)} (judgement)")
        row = by_site.loc[site]
        for i in group.index:
            attribution, lab = str(out.loc[i, "attribution"]), str(out.loc[i, "lab_id"])
            owner = parent.get(lab, "")
            alone = named_labs(str(row["primary_labs"]), aliases) == [lab]
            if (attribution == "speculative" and owner and alone
                    and owner in row["operator"] and owner in row["owner"]):
                out.loc[i, "probability"] = rules.number("parent_owns")
                out.loc[i, "probability_basis"] = "parent_owns"
            else:
                out.loc[i, "probability"] = word[attribution]
                out.loc[i, "probability_basis"] = "attribution_probability"
            out.loc[i, "confidence"] = least(str(row["confidence"]), _WORTH[attribution])
    held = out.groupby("site_id")["share"].sum()
    nobody = sites[sites["site_id"].map(held).fillna(0.0) < 1 - 1e-6]
    rest = pd.DataFrame({
        "lab_id": UNKNOWN, "site_id": nobody["site_id"],
        "share": (1.0 - nobody["site_id"].map(held).fillna(0.0)).round(6), "kind": "unknown",
        "probability": word["unattributed"], "attribution": "unattributed",
        "share_basis": "what nobody is named for", "probability_basis": "attribution_probability",
        "source_urls": nobody["source_urls"], "as_of": nobody["as_of"], "confidence": "low",
        "notes": ""})
    both = pd.concat([out, rest], ignore_index=True)
    order = {site: i for i, site in enumerate(sites["site_id"])}
    both["_order"] = both["site_id"].map(order)
    both["_last"] = both["lab_id"] == UNKNOWN
    both = both.sort_values(["_order", "_last"], kind="stable").reset_index(drop=True)
    return both.drop(columns=["_order", "_last"])


def with_needs(labs: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the labs with ``needed_share``, a labelled judgement; ``unknown`` needs nothing."""
    out = labs.copy()
    unknown = out["lab_id"] == UNKNOWN
    out["needed_share"] = rules.number("needed_share")
    out["needed_share_basis"] = "judgement of rules.toml needed_share; no lab publishes it"
    out.loc[unknown, "needed_share"] = 0.0
    out.loc[unknown, "needed_share_basis"] = "not one lab: no need can be stated"
    return out
