"""Risk Data Library Standard 0.2: metadata of a run, as JSON that validates against its schema.

The standard knows natural hazards and money. Every peril that has a natural hazard's name in its
file (``rdls_type``) is a loss entry; the others are named in ``details``, since the standard has no
word for them. Costs bear the ISO 4217 code XXX, which stands for "no currency": the tables are in
MW-days.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.exchange.country_codes import ISO3
from riskmodel.exchange.csv_tables import to_csv
from riskmodel.exchange.harmless import visible
from riskmodel.measures.yeartable import require_annual

if TYPE_CHECKING:
    from riskmodel.engine.losses.losses import Losses

SCHEMA = "https://docs.riskdatalibrary.org/en/0__2__0/rdls_schema.json"
FILE = "rdls.json"
#: hazards of the standard's closed list
HAZARDS = ("coastal_flood", "convective_storm", "drought", "earthquake", "extreme_temperature",
           "flood", "landslide", "tsunami", "volcanic", "wildfire", "strong_wind")
_NOT_STATED = "not stated"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def to_rdls(losses: Losses, folder: str | Path, *, publisher: str = "", contact: str = "",
            licence: str = "") -> Path:
    """Write ``rdls.json`` and the CSV tables it describes into a folder.

    Parameters
    ----------
    publisher : who publishes the data; contact : an e-mail address or a web address.
    licence : of the tables, as "CC-BY-4.0"; what the world's registry says if not given.

    Raises
    ------
    RiskModelError
        The losses do not carry their world, or are a story; the contact is neither kind.
    """
    target = Path(folder)
    document = metadata(losses, publisher=publisher, contact=contact, licence=licence)
    tables = to_csv(losses, target)
    document["resources"] = [
        {"id": path.stem, "title": _TITLES[path.stem], "format": "csv",
         "description": _TITLES[path.stem] + "; units are in the column unit",
         "media_type": "text/csv", "download_url": path.name} for path in tables]
    path = target / FILE
    path.write_text(json.dumps({"datasets": [document]}, indent=2, ensure_ascii=False) + "\n",
                    encoding="utf-8")
    return path


_TITLES = {"measures": "Annual measures of lost training capacity, by lab",
           "exceedance": "Exceedance curves (AEP, OEP), by lab",
           "contributions": "What explains average and tail loss",
           "years": "Losses of every simulated year, by lab"}


def metadata(losses: Losses, *, publisher: str = "", contact: str = "",
             licence: str = "") -> dict[str, Any]:
    """Return the dataset's description without its resources."""
    require_annual(losses, "RDLS metadata")
    world = losses.world
    if world is None:
        raise RiskModelError("these losses do not carry their world; read them with "
                             "read_losses(folder, world=...)")
    registry = world.registry
    title = visible(str(registry.get("title") or "Sites where AI is trained"), keep="")
    who: dict[str, Any] = {"name": visible(publisher, keep="") or _NOT_STATED}
    countries = sorted({ISO3[code] for code in world.sites["country_iso2"] if code in ISO3})
    natural, others = _hazards(losses)
    entries = [{
        "id": f"loss_{peril}", "hazard_type": hazard, "category": "infrastructure",
        "cost": {"id": "lost_mw_days", "dimension": "disruption", "unit": "XXX"},
        "impact": {"type": "total", "metric": "downtime_loss", "unit": "MW-days",
                   "base_data_type": "simulated"},
        "type": "ground_up", "approach": "hybrid", "hazard_analysis_type": "probabilistic",
        "exposure_id": "it_mw"} for peril, hazard in natural.items()]
    document: dict[str, Any] = {
        "id": f"riskmodel-{losses.manifest.get('world', {}).get('fingerprint', 'run')[:16]}"
              f"-{losses.n_years}-{losses.seed}",
        "title": f"Disruption risk to training capacity: {title}",
        "description": f"Lost training capacity (MW-days of IT power) in {losses.n_years:,} "
                       f"simulated years, {losses.booking} booking, seed {losses.seed}.",
        "risk_data_type": ["exposure", *(["loss"] if entries else [])],
        "publisher": who, "creator": who, "contact_point": _contact(who, contact),
        "version": str(world.as_of or losses.manifest.get("riskmodel", "")),
        "purpose": "Resilience: where capacity, spare feeds and insurance go",
        "project": "riskmodel", "license": licence or str(registry.get("licence") or _NOT_STATED),
        "details": "Year losses are sums over all perils of the run; losses are MW-days, and the "
                   "ISO 4217 code XXX (no currency) says that no money is meant."
                   + (f" Perils for which the standard has no hazard: {', '.join(others)}."
                      if others else ""),
        "spatial": {"countries": countries, "scale": "global" if len(countries) > 5
                    else "regional" if len(countries) > 1 else "national"} if countries
                   else {"scale": "global"},
        "exposure": {"category": "infrastructure", "metrics": [
            {"id": "it_mw", "dimension": "structure", "quantity_kind": "power"}]},
        "links": [{"href": SCHEMA, "rel": "describedby"}]}
    if entries:
        document["loss"] = {"losses": entries}
    credited = [visible(str(text), keep="") for text in registry.get("credits", [])]
    if credited:
        document["attributions"] = [
            {"id": f"credit_{i}", "entity": {"name": text}, "role": "author"}
            for i, text in enumerate(credited, start=1)]
    return document


def _contact(who: Mapping[str, Any], contact: str) -> dict[str, Any]:
    if not contact:
        return dict(who)
    if contact.startswith(("http://", "https://")):
        return {**who, "url": contact}
    if _EMAIL.fullmatch(contact):
        return {**who, "email": contact}
    raise RiskModelError(f"--contact {contact}: give an e-mail address, or an address that begins "
                         "with https://")


def _hazards(losses: Losses) -> tuple[dict[str, str], list[str]]:
    """Return peril -> the standard's hazard, and the perils that have none."""
    world = losses.world
    files: Mapping[str, Any] = {} if world is None else world.perils
    natural, others = {}, []
    for peril in sorted(losses.manifest.get("perils", {})):
        hazard = str(files.get(peril, {}).get("rdls_type") or "")
        if hazard in HAZARDS:
            natural[peril] = hazard
        else:
            others.append(peril)
    return natural, others
