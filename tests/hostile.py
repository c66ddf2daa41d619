"""Texts that try to break what shows them, and a world in which everything is called by them."""

from __future__ import annotations

import pandas as pd

import riskmodel as rm

#: what it tries -> the text
TEXTS = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "formula": "=cmd|' /C calc'!A0",
    "turned": "abc\u202egnp.exe\u2066\u200f",
    "zero width": "in\u200bvis\u2060ib\ufeffle\u00ad\u061c",
    "long": "x" * 10_000,
    "lines": "two\r\nlines\u2028and\ta tab",
    "controls": "nul\x00bell\x07esc\x1b[31mred\x9b2J",
    "marks": "Zalgo" + "\u0301\u0489" * 400,
    "template": "{{ 7 * 7 }}{% raw %}$\\frac{1}$ &lt; [red]",
    "style": "</style></title><body onload=alert(1)><a href=javascript:alert(1)>",
    "tags": "tag\U000e0041\U000e0042 end",  # letters that are not seen
}


def hostile_world() -> rm.World:
    """Return a world in which a lab, a site, an event and a source bear each of the texts."""
    texts = list(TEXTS.values())
    n = len(texts)
    ids = [f"s{i}" for i in range(n)]
    return rm.World.from_frames(
        as_of="2026-11-23",
        sites=pd.DataFrame({
            "site_id": ids, "name": texts, "lat": [34.0 + i % 6 for i in range(n)],
            "lon": [-115.0 + 2.8 * i for i in range(n)], "it_mw": 50.0, "operator": texts,
            "country_iso2": "US", "grid_region": texts, "confidence": "low",
            "source_urls": [f"https://example.org/{text}" if i % 2 else f"javascript:{text}"
                            for i, text in enumerate(texts)]}),
        labs=pd.DataFrame({"lab_id": texts, "name": texts,
                           "needed_share": 0.8}),
        holdings=pd.DataFrame({
            "lab_id": texts * 2, "site_id": [*ids, *ids[1:], ids[0]],
            "share": 0.5}),
        nodes=pd.DataFrame({"node_id": [f"grid:g{i}" for i in range(n)], "kind": "grid",
                            "name": texts}),
        requirements=pd.DataFrame({"node_id": ids, "group": "power",
                                   "member_id": [f"grid:g{i}" for i in range(n)],
                                   "source_urls": texts}),
        events=pd.DataFrame({
            "event_id": texts, "peril": texts, "region": texts, "rate_per_yr": 0.3,
            "node_id": [f"grid:g{i}" for i in range(n)], "probability": 1.0, "depth": 1.0,
            "duration_dist": "fixed", "duration_h": 100.0, "duration_shape": float("nan")}))
