"""The tables of a world, defined once as data.

Validation, empty frames, readers, writers and the data dictionary come from these definitions.
A column's unit lives in its name (``it_mw``, ``rate_per_yr``) and again in ``unit``.
"""

from __future__ import annotations

from riskmodel.world.schema import Column, Table


def provenance(confidence: bool = True) -> tuple[Column, ...]:
    """Return the columns that say where a row comes from, and how far to trust it."""
    columns = (
        Column("source_urls", "text", "where the row comes from; several joined by ';'"),
        Column("as_of", "date", "day the source speaks of, ISO 8601"),
        Column("confidence", "text", "how far the row can be trusted",
               values=("high", "medium", "low")),
    )
    return columns if confidence else columns[:2]


NODE_KINDS = ("site", "zone", "cloud_region", "cloud", "grid", "interconnection", "feed", "plant",
              "gas", "country", "theatre", "supplier", "corridor", "operator", "water")
STATUSES = ("operational", "partial", "construction", "planned", "damaged")
STATES = ("observed_or_confirmed", "estimated", "projected")
DURATION_DISTS = ("fixed", "exponential", "lognormal", "weibull")
MODES = ("quorum", "proportional")

SITES = Table(
    "sites", "a training campus, hall or cloud zone with a place on the map", key=("site_id",),
    required=True,
    columns=(
        Column("site_id", "text", "stable name of the site; also its node id", required=True),
        Column("name", "text", "what people call it"),
        Column("operator", "text", "who runs the halls"),
        Column("owner", "text", "who owns them"),
        Column("country_iso2", "text", "ISO 3166-1 alpha-2"),
        Column("admin1", "text", "state or province"),
        Column("locality", "text", "town"),
        Column("lat", "number", "latitude, WGS84", "degrees", True, -90.0, 90.0),
        Column("lon", "number", "longitude, WGS84", "degrees", True, -180.0, 180.0),
        Column("coord_precision_km", "number",
               "how wrong the place may be; nothing computes a distance finer than this", "km",
               low=0.0, default=0.0),
        Column("power_mw_low", "number", "power as the record gives it, low; what it measures says "
               "power_basis", "MW", low=0.0),
        Column("power_mw", "number", "power as the record gives it: on site now where the site "
               "runs, the whole plan where it does not", "MW", low=0.0),
        Column("power_mw_high", "number", "power as the record gives it, high", "MW", low=0.0),
        Column("power_basis", "text", "what the record's power measures",
               values=("facility", "it", "planned_facility", "planned_it")),
        Column("facility_mw_low", "number", "facility power at the world's date, low", "MW",
               low=0.0),
        Column("facility_mw", "number", "facility power at the world's date (IT x PUE)", "MW",
               low=0.0),
        Column("facility_mw_high", "number", "facility power at the world's date, high", "MW",
               low=0.0),
        Column("pue", "number", "power usage effectiveness used to pass from facility to IT power",
               "1", low=1.0),
        Column("pue_basis", "text", "where the PUE comes from"),
        Column("it_mw_low", "number", "IT capacity at the world's date, low", "MW", low=0.0),
        Column("it_mw", "number", "IT capacity at the world's date", "MW", True, 0.0),
        Column("it_mw_high", "number", "IT capacity at the world's date, high", "MW", low=0.0),
        Column("it_mw_basis", "text", "how it_mw was come by"),
        Column("status", "text", "state of the site", values=STATUSES),
        Column("operational_from", "date", "first day it ran"),
        Column("full_capacity_date", "date", "day the whole plan is due"),
        Column("chip_family", "text", "chip families, joined by ';'"),
        Column("accelerator_count", "number", "chips on site", "chips", low=0.0),
        Column("grid_region_text", "text", "grid region in the words of the record"),
        Column("grid_region", "text", "normalised grid region (table grid_regions)"),
        Column("onsite_generation_mw", "number", "generation behind the meter", "MW", low=0.0),
        Column("onsite_generation_type", "text", "what generates it, in the words of the record"),
        Column("cloud_provider", "text", "cloud operator, in the words of the record"),
        Column("cloud_region", "text", "cloud region code"),
        Column("primary_labs", "text", "labs in the words of the record; attribution, not proof"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

SITES_TIMELINE = Table(
    "sites_timeline", "capacity steps of a site: from this date on it had this much power",
    key=("site_id", "date"),
    columns=(
        Column("site_id", "text", "the site", required=True, foreign="sites.site_id"),
        Column("date", "date", "from this day on", required=True),
        Column("it_mw", "number", "IT capacity", "MW", True, 0.0),
        Column("facility_mw", "number", "facility power", "MW", low=0.0),
        Column("state", "text", "how sure the step is", required=True, values=STATES),
        Column("note", "text", "what the step is, or how it was estimated"),
        Column("rule", "text", "the rule that made the row or its power; empty = the record's"),
        *provenance(),
    ),
)

LABS = Table(
    "labs", "who trains; `unknown` is a lab", key=("lab_id",), required=True,
    columns=(
        Column("lab_id", "text", "stable name of the lab", required=True),
        Column("name", "text", "its full name"),
        Column("needed_share", "number", "share of its capacity the lab needs up at once", "1",
               True, 0.0, 1.0),
        Column("needed_share_basis", "text", "why this share: a judgement, and whose"),
        Column("parent", "text", "company it belongs to, where it is not its own"),
        Column("hq_country_iso2", "text", "seat, ISO 3166-1 alpha-2; several joined by '/'"),
        Column("hq_city", "text", "seat"),
        Column("clouds", "text", "clouds it uses, joined by ';'"),
        Column("chip_families", "text", "chips it uses, joined by ';'"),
        Column("disclosed_commitment", "text", "what it says it has committed"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

LAB_ALIASES = Table(
    "lab_aliases", "free-text lab names of the records, each with its lab", key=("alias",),
    columns=(
        Column("alias", "text", "the name as written", required=True),
        Column("lab_id", "text", "the lab meant", required=True, foreign="labs.lab_id"),
        Column("note", "text", "why"),
        *provenance(),
    ),
)

HOLDINGS = Table(
    "holdings", "a lab's share of a site and, apart from it, the chance that this is true",
    key=("lab_id", "site_id", "origin"), required=True,
    columns=(
        Column("lab_id", "text", "the lab", required=True, foreign="labs.lab_id"),
        Column("site_id", "text", "the site", required=True, foreign="sites.site_id"),
        Column("origin", "text", "the site it was moved from by an edit of the world, whose "
               "attribution decides; empty = the record's"),
        Column("share", "number", "share of the site's capacity", "1", True, 0.0, 1.0),
        Column("kind", "text", "how it is held", values=("owned", "leased", "cloud", "unknown"),
               soft=True),
        Column("probability", "number", "chance that the attribution is true", "1", low=0.0,
               high=1.0, default=1.0),
        Column("attribution", "text", "the record's word for it",
               values=("confirmed", "likely", "speculative", "unattributed"), soft=True),
        Column("share_basis", "text", "where the share comes from"),
        Column("probability_basis", "text", "the rule that turned the word into a number"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

DEALS = Table(
    "deals", "what the agreements say; ceilings and non-binding texts kept apart", key=("deal_id",),
    columns=(
        Column("deal_id", "text", "stable name of the deal", required=True),
        Column("lab_id", "text", "the lab", required=True, foreign="labs.lab_id"),
        Column("lab", "text", "the lab in the words of the record"),
        Column("counterparty", "text", "the other side"),
        Column("kind", "text", "cloud, chips, lease, own_build or equity"),
        Column("capacity_gw_low", "number", "capacity, low", "GW", low=0.0),
        Column("capacity_gw", "number", "capacity, best; a ceiling where is_up_to", "GW", low=0.0),
        Column("capacity_gw_high", "number", "capacity, high", "GW", low=0.0),
        Column("capacity_basis", "text", "what the GW measure, where the record says so",
               values=("it", "facility")),
        Column("is_up_to", "flag", "the capacity is a ceiling, not a promise"),
        Column("standing", "text", "what the agreement is today",
               values=("binding", "announced", "reported", "non_binding", "superseded", "dropped",
                       "paused"), soft=True),
        Column("superseded_by", "text", "the deal that replaced it"),
        Column("named_in_brief", "flag", "the project's brief names it"),
        Column("value_usd_bn", "number", "money", "USD bn", low=0.0),
        Column("term_years", "number", "length", "years", low=0.0),
        Column("start", "text", "start, as exact as the record has it"),
        Column("end", "text", "end, as exact as the record has it"),
        Column("chip_family", "text", "chips, joined by ';'"),
        Column("sites_or_regions", "text", "places in the words of the record"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

DEAL_SITES = Table(
    "deal_sites", "which sites a deal stands on", key=("deal_id", "site_id"),
    columns=(
        Column("deal_id", "text", "the deal", required=True, foreign="deals.deal_id"),
        Column("site_id", "text", "the site", required=True, foreign="sites.site_id"),
        Column("link", "text", "named by the record, or attributed by third parties",
               values=("named", "attributed", "assumed"), soft=True),
        *provenance(),
    ),
)

CLOUDS = Table(
    "clouds", "operators of clouds and halls", key=("cloud_id",),
    columns=(
        Column("cloud_id", "text", "stable name", required=True),
        Column("name", "text", "its name"),
        Column("owner", "text", "who owns it"),
        Column("hq_country_iso2", "text", "seat, ISO 3166-1 alpha-2"),
        Column("chip_families", "text", "chips it runs, joined by ';'"),
        Column("nvidia_h100e_median", "number", "NVIDIA stock", "H100-equivalents", low=0.0),
        Column("nvidia_h100e_p5", "number", "the same, 5th percentile", "H100-equivalents",
               low=0.0),
        Column("nvidia_h100e_p95", "number", "the same, 95th percentile", "H100-equivalents",
               low=0.0),
        Column("other_chips_h100e", "text", "other stock, in the words of the record"),
        Column("relevant_region_codes", "text", "regions, joined by ';'"),
        Column("war_damage_2026", "text", "what the war of 2026 did to it"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

CHIPS = Table(
    "chips", "chip families", key=("chip_family",),
    columns=(
        Column("chip_family", "text", "the family", required=True),
        Column("designer", "text", "who designs it"),
        Column("foundry", "text", "who makes the die"),
        Column("foundry_locations", "text", "where"),
        Column("packaging", "text", "how and where it is packaged"),
        Column("memory_supplier", "text", "whose memory"),
        Column("tdp_w", "number", "thermal design power of one chip", "W", low=0.0),
        Column("bf16_dense_tflops", "number", "dense BF16 peak", "TFLOP/s", low=0.0),
        Column("fp8_dense_tflops", "number", "dense FP8 peak", "TFLOP/s", low=0.0),
        Column("fp4_dense_tflops", "number", "dense FP4 peak", "TFLOP/s", low=0.0),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

SUPPLY_NODES = Table(
    "supply_nodes", "fabs, packaging, memory, equipment and designers", key=("node_id",),
    columns=(
        Column("node_id", "text", "stable name", required=True),
        Column("name", "text", "its name"),
        Column("node_type", "text", "foundry, packaging, memory, equipment or designer"),
        Column("country_iso2", "text", "ISO 3166-1 alpha-2; several joined by '/'"),
        Column("locality", "text", "town"),
        Column("lat", "number", "latitude, WGS84", "degrees", low=-90.0, high=90.0),
        Column("lon", "number", "longitude, WGS84", "degrees", low=-180.0, high=180.0),
        Column("coord_precision_km", "number", "how wrong the place may be", "km", low=0.0),
        Column("operator", "text", "who runs it"),
        Column("role", "text", "what it does"),
        Column("chip_families", "text", "what hangs on it, joined by ';'"),
        *provenance(),
        Column("notes", "text", "what else the record says"),
    ),
)

GRID_REGIONS = Table(
    "grid_regions", "free-text grid regions of the records, normalised", key=("grid_region_text",),
    columns=(
        Column("grid_region_text", "text", "the words of the record", required=True),
        Column("grid_region", "text", "balancing authority, ISO or zone", required=True),
        Column("interconnection", "text", "the synchronous system behind it", required=True),
        Column("level", "text", "what grid_region is",
               values=("iso", "balancing_authority", "bidding_zone", "national", "regional",
                       "off_grid"), soft=True),
        Column("basis", "text", "why"),
        *provenance(),
    ),
)

THEATRES = Table(
    "theatres", "each theatre of conflict as a stated union of countries",
    key=("theatre_id", "country_iso2"),
    columns=(
        Column("theatre_id", "text", "the theatre", required=True),
        Column("country_iso2", "text", "one of its countries", required=True),
        Column("basis", "text", "why it belongs"),
        *provenance(),
    ),
)

NODES = Table(
    "nodes", "anything that can fail; a site is a node under its site_id", key=("node_id",),
    columns=(
        Column("node_id", "text", "stable name", required=True),
        Column("kind", "text", "what it is", required=True, values=NODE_KINDS, soft=True),
        Column("name", "text", "what people call it"),
        Column("country_iso2", "text", "ISO 3166-1 alpha-2"),
        Column("lat", "number", "latitude, WGS84", "degrees", low=-90.0, high=90.0),
        Column("lon", "number", "longitude, WGS84", "degrees", low=-180.0, high=180.0),
        Column("coord_precision_km", "number", "how wrong the place may be", "km", low=0.0),
        Column("rule", "text", "the rule that made the row"),
        *provenance(),
    ),
)

REQUIREMENTS = Table(
    "requirements", "what a node needs: groups of members", key=("node_id", "group", "member_id"),
    columns=(
        Column("node_id", "text", "who needs", required=True),
        Column("group", "text", "name of the group within the node", required=True),
        Column("member_id", "text", "a node that can serve", required=True),
        Column("weight", "number", "weight of the member in a proportional group", "1",
               above=0.0, default=1.0),
        Column("k", "number", "how many members (quorum) or how much weight (proportional) it "
               "needs", "1", above=0.0, default=1.0),
        Column("mode", "text", "quorum or proportional", values=MODES, default="quorum"),
        Column("share", "number", "how much of the node depends on the group", "1", low=0.0,
               high=1.0, default=1.0),
        Column("ride_through_h", "number", "reserve, in full-load hours", "h", low=0.0,
               default=0.0),
        Column("recharge_h", "number", "hours to refill an empty reserve; 0 = at once", "h",
               low=0.0, default=24.0),
        Column("rule", "text", "the rule that made the row"),
        *provenance(),
    ),
)

EVENTS = Table(
    "events", "event table: one row per event and node",
    key=("peril", "event_id", "node_id", "part"),
    columns=(
        Column("event_id", "text", "name of the event within its peril", required=True),
        Column("peril", "text", "the peril", required=True),
        Column("region", "text", "where it happens", required=True),
        Column("rate_per_yr", "number", "Poisson rate of the event", "1/yr", True, 0.0),
        Column("node_id", "text", "a node it may hit", required=True),
        Column("probability", "number", "chance that the node fails, given the event", "1", True,
               0.0, 1.0),
        Column("depth", "number", "share of the part lost", "1", True, 0.0, 1.0),
        Column("duration_dist", "text", "distribution of the duration", required=True,
               values=DURATION_DISTS),
        Column("duration_h", "number", "fixed: duration; exponential: mean; lognormal: median; "
               "weibull: scale", "h", True, 0.0),
        Column("duration_shape", "number", "lognormal: sigma; weibull: shape", "1", low=0.0),
        Column("part", "text", "the part of the node it hits; empty = the whole", default=""),
        Column("duration_group", "text",
               "rows of one event that name the same group share the duration's draw", default=""),
        Column("confidence", "text", "how far the row can be trusted",
               values=("high", "medium", "low")),
        Column("source_urls", "text", "where the row comes from"),
    ),
)

EVENTS_OBSERVED = Table(
    "events_observed", "disruptions that happened", key=("event_id",),
    columns=(
        Column("event_id", "text", "stable name", required=True),
        Column("name", "text", "what people call it"),
        Column("peril", "text", "the record's class"),
        Column("family", "text", "the one peril family the event feeds"),
        Column("start_utc", "text", "start, as exact as the record has it"),
        Column("region", "text", "where"),
        Column("lat", "number", "latitude, WGS84", "degrees", low=-90.0, high=90.0),
        Column("lon", "number", "longitude, WGS84", "degrees", low=-180.0, high=180.0),
        Column("what_failed", "text", "what failed"),
        Column("customers_or_mw_lost", "text", "size, in the words of the record"),
        Column("duration_h_to_50pct", "number", "hours to half restored", "h", low=0.0),
        Column("duration_h_to_full", "number", "hours to full restoration", "h", low=0.0),
        Column("data_center_effect", "text", "what it did to data centres"),
        *provenance(),
        Column("confidence_note", "text", "what the record says about its trust, and in what"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (SITES, SITES_TIMELINE, LABS, LAB_ALIASES, HOLDINGS, DEALS, DEAL_SITES, CLOUDS,
                  CHIPS, SUPPLY_NODES, GRID_REGIONS, THEATRES, NODES, REQUIREMENTS, EVENTS,
                  EVENTS_OBSERVED)
}
