"""A world with made-up sites, deals and dates, small enough to add up by hand."""

from __future__ import annotations

import pandas as pd

from riskmodel.world.world import World

RECORD = "2026-06-30"
#: site -> country, MW at the record, chips
SITES = {"alpha": ("US", 100.0, "GPU"), "beta": ("US", 0.0, "GPU"), "gamma": ("US", 60.0, ""),
         "desert": ("AE", 0.0, "GPU")}
STEPS = [("alpha", "2026-01-01", 100.0, "observed_or_confirmed"),
         ("alpha", "2027-05-01", 250.0, "projected"),
         ("beta", "2027-09-01", 80.0, "projected"),
         ("gamma", "2026-03-01", 60.0, "observed_or_confirmed"),
         ("desert", "2027-06-01", 200.0, "projected")]
#: deal -> what differs from a plain binding lease of 300 MW of IT power without a site
PLAIN = {"lab_id": "lab", "counterparty": "Somebody", "kind": "lease", "standing": "binding",
         "is_up_to": False, "capacity_gw": 0.3, "capacity_basis": "it", "confidence": "high"}


def world(deals: dict[str, dict[str, object]] | None = None,
          sites: dict[str, tuple[str, ...]] | None = None, as_of: str = RECORD) -> World:
    """Return the world with some deals, and the sites that each stands on."""
    rows = [{"deal_id": name, **PLAIN, **differs} for name, differs in (deals or {}).items()]
    links = [(deal, site, "named") for deal, those in (sites or {}).items() for site in those]
    return World.from_frames(
        sites=pd.DataFrame({
            "site_id": list(SITES), "lat": [32.0, 33.0, 34.0, 24.4], "lon": [-99.0, -98.0, -97.0,
                                                                            54.6],
            "it_mw": [mw for _, mw, _ in SITES.values()], "pue": 1.25,
            "country_iso2": [country for country, _, _ in SITES.values()], "as_of": RECORD,
            "chip_family": [chip for _, _, chip in SITES.values()], "confidence": "high",
            "operator": ["Builder", "Builder", "Landlord", "Khalij"]}),
        sites_timeline=pd.DataFrame(
            STEPS, columns=["site_id", "date", "it_mw", "state"]).assign(
                as_of=RECORD, confidence="low"),
        holdings=pd.DataFrame([("lab", "alpha", 1.0), ("lab", "beta", 1.0), ("lab", "gamma", 0.5),
                               ("other", "gamma", 0.5), ("other", "desert", 1.0)],
                              columns=["lab_id", "site_id", "share"]),
        labs=pd.DataFrame({"lab_id": ["lab", "other"], "name": ["Lab", "Other"],
                           "needed_share": 0.8, "hq_country_iso2": "US"}),
        chips=pd.DataFrame({
            "chip_family": ["GPU", "XPU", "Own"], "designer": ["NVIDIA", "AMD", "Lab / Broadcom"],
            "foundry": ["TSMC", "TSMC", "TSMC"],
            "foundry_locations": ["Taiwan (N4)", "Taiwan; Arizona", "Taiwan (N3)"],
            "packaging": "CoWoS (Taiwan)", "memory_supplier": ["SK hynix;Micron", "SK hynix", ""],
            "tdp_w": [1000.0, 1000.0, float("nan")],
            "bf16_dense_tflops": [989.5 * 2, 989.5, float("nan")], "confidence": "high"}),
        supply_nodes=pd.DataFrame({
            "node_id": ["fab", "hbm", "hbm_2"], "node_type": ["foundry", "memory", "memory"],
            "country_iso2": ["TW", "KR", "JP"], "operator": ["TSMC", "SK hynix", "Micron"]}),
        theatres=pd.DataFrame({"theatre_id": ["gulf"], "country_iso2": ["AE"]}),
        deals=pd.DataFrame(rows, columns=None) if rows else None,
        deal_sites=pd.DataFrame(links, columns=["deal_id", "site_id", "link"]) if links else None,
        as_of=as_of)
