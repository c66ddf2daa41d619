"""Tables that a world carries as its record: no run reads them."""

from __future__ import annotations

from riskmodel.world.schema import Column, Table
from riskmodel.world.tables import provenance

HAZARD_RATES = Table(
    "hazard_rates", "observed rates, severities and durations, as the record gives them",
    key=("rate_id",),
    columns=(
        Column("rate_id", "text", "stable name", required=True),
        Column("peril", "text", "what happens", required=True),
        Column("region", "text", "where, and what counts as one"),
        Column("annual_rate_low", "text", "events a year, low; in the record's words"),
        Column("annual_rate_best", "text", "events a year, best; in the record's words"),
        Column("annual_rate_high", "text", "events a year, high; in the record's words"),
        Column("severity_distribution", "text", "shape of the severity"),
        Column("severity_parameters", "text", "its parameters"),
        Column("duration_distribution", "text", "shape of the duration"),
        Column("duration_parameters", "text", "its parameters"),
        *provenance(),
        Column("confidence_note", "text", "what the record says about its trust, and in what"),
    ),
)

COUNTS = Table(
    "counts", "how often things happened, and how long somebody watched",
    key=("count_id",),
    columns=(
        Column("count_id", "text", "stable name; numbers of peril files refer to it",
               required=True),
        Column("family", "text", "the one peril family the count feeds", required=True),
        Column("what", "text", "what counts as one", required=True),
        Column("region", "text", "where"),
        Column("use", "text", "rate: a peril's rate rests on it; context: counted, but no rate "
               "rests on it; severity: events that speak of size and duration only",
               required=True, values=("rate", "context", "severity")),
        Column("count", "number", "events seen", "1", low=0.0),
        Column("exposure", "number", "how much was watched", low=0.0),
        Column("exposure_unit", "text", "unit of the exposure"),
        Column("exposure_factor", "number", "an exposure that is a judgement is right to within "
               "this factor (90 %); empty where it is known", "1", low=1.0),
        Column("event_ids", "text", "rows of events_observed that are among them"),
        Column("others", "text", "named events beyond that table"),
        Column("rate_id", "text", "the row of hazard_rates that tells the same"),
        *provenance(),
        Column("notes", "text", "what to know of it"),
    ),
)

DISAGREEMENTS = Table(
    "disagreements", "places whose polygon and record differ, or that cannot be judged",
    key=("site_id", "field"),
    columns=(
        Column("site_id", "text", "the site", required=True, foreign="sites.site_id"),
        Column("field", "text", "the column of sites compared", required=True),
        Column("record", "text", "what the record says"),
        Column("polygon", "text", "what the polygon at the point says"),
        Column("distance_km", "number", "from the point to that polygon; 0 inside", "km", low=0.0),
        Column("coord_precision_km", "number", "how wrong the place may be", "km", low=0.0),
        Column("verdict", "text", "what follows", values=("differs", "too coarse", "nearest")),
        Column("note", "text", "why"),
    ),
)

#: files that a world may carry beside its tables: records and findings that no run reads
RECORDS: dict[str, Table] = {table.name: table for table in (HAZARD_RATES, COUNTS, DISAGREEMENTS)}
