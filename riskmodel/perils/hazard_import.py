"""A hazard and an impact function, turned into an event table over the nodes of a world.

In CLIMADA the expected annual impact of an exposure is sum over events of frequency x mdd(i) x
paa(i) x fraction x value. Here a row of the event table has probability = paa(i) x fraction and
depth = mdd(i), and the event is Poisson with that frequency as its rate: the mean MW-days lost a
year are the same number where each outage lasts 24 hours and value is the IT power. What differs
is the rest of the distribution: paa is the share of many assets there, and the chance that this
one site is hit here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.perils.hazard import Hazard
from riskmodel.perils.impact_function import ImpactFunction
from riskmodel.perils.spec import id_problems
from riskmodel.world.geography import distance_km
from riskmodel.world.tables import DURATION_DISTS, EVENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.world.world import World

_EARTH_KM = 6371.0  # mean radius, for spacing and first candidates only
_CANDIDATES = 6


@dataclass(frozen=True)
class DurationLaw:
    """How long what fails stays out: a distribution of the event table.

    ``hours`` is the fixed duration, mean, median or scale, as the event table's ``duration_h``;
    None takes the ``duration_h`` of the impact function at the place's intensity. ``shape`` is
    sigma (lognormal) or the shape (weibull). ``together``: all rows of an event share the draw.
    """

    dist: str = "fixed"
    hours: float | None = 24.0
    shape: float = float("nan")
    together: bool = False

    def __post_init__(self) -> None:
        if self.dist not in DURATION_DISTS:
            raise RiskModelError(f"there is no duration distribution {self.dist!r}; it is one of "
                                 f"{', '.join(DURATION_DISTS)}")
        if self.hours is not None and not (np.isfinite(self.hours) and self.hours >= 0):
            raise RiskModelError(f"a duration of {self.hours} hours; give a number of 0 or more")
        if self.dist in ("lognormal", "weibull") and not self.shape > 0:
            raise RiskModelError(f"a {self.dist} duration needs a shape above 0 (sigma of the "
                                 "lognormal, shape of the weibull)")


def places_of(world: World, kind: Literal["site", "feed"] = "site") -> pd.DataFrame:
    """Return the places that a hazard may hit: node_id, lat, lon, coord_precision_km.

    ``kind`` "site" takes the sites, "feed" the local supplies that have coordinates.
    """
    if kind == "site":
        table = world.sites.rename(columns={"site_id": "node_id"})
    else:
        table = world.nodes[(world.nodes["kind"] == kind) & world.nodes["lat"].notna()]
    places = table[["node_id", "lat", "lon", "coord_precision_km"]].reset_index(drop=True)
    if not len(places):
        raise RiskModelError(f"the world has no {kind} with coordinates for a hazard to hit")
    return places.fillna({"coord_precision_km": 0.0})


def centroid_weights(hazard: Hazard, places: pd.DataFrame,
                     within_km: float | None = None) -> Any:
    """Return which centroids speak for each place: sparse CSC, shape (centroids, places).

    A place takes its nearest centroid, as in CLIMADA, if it lies within ``within_km`` (twice the
    centroids' smallest spacing where not given, as in CLIMADA), else none: its column is empty. A
    place that is known less well than that spacing takes the mean over the centroids within its
    ``coord_precision_km``: no answer is finer than the place is known.

    Raises
    ------
    RiskModelError
        No place has a centroid near enough, or the spacing of one centroid was asked for.
    """
    from scipy import sparse
    from scipy.spatial import KDTree

    tree = KDTree(_on_sphere(hazard.lat, hazard.lon))
    spacing = _spacing_km(tree)
    if within_km is None:
        if spacing is None:
            raise RiskModelError("one centroid has no spacing to judge nearness by; give within_km "
                                 "(--within-km)")
        within_km = 2.0 * spacing
    if not within_km > 0:
        raise RiskModelError(f"within_km is {within_km}; give a distance above 0")
    rows, columns, weights, nearest = [], [], [], []
    for column, place in enumerate(places.itertuples(index=False)):
        lat, lon = float(place.lat), float(place.lon)  # type: ignore[arg-type]
        error = float(place.coord_precision_km)  # type: ignore[arg-type]
        spot = _on_sphere(np.array([lat]), np.array([lon]))[0]
        chosen = np.atleast_1d(tree.query(spot, k=min(_CANDIDATES, hazard.n_centroids))[1])
        apart = distance_km(hazard.lat[chosen], hazard.lon[chosen], lat, lon)
        best = int(np.argmin(apart))
        nearest.append(float(apart[best]))
        if apart[best] > within_km:
            continue
        chosen = chosen[best:best + 1]
        if error > (spacing or 0.0):
            chord = 2.0 * np.sin(min(error * 1.01 / _EARTH_KM, np.pi) / 2.0)
            near = np.array(sorted(tree.query_ball_point(spot, chord)), dtype=np.int64)
            near = near[distance_km(hazard.lat[near], hazard.lon[near], lat, lon) <= error]
            chosen = near if len(near) else chosen
        rows.extend(chosen.tolist())
        columns.extend([column] * len(chosen))
        weights.extend([1.0 / len(chosen)] * len(chosen))
    if not rows:
        raise RiskModelError(
            f"none of the {len(places)} places has a centroid within {within_km:.3g} km: the "
            f"nearest is {min(nearest):.3g} km away; is this the right world, or give a wider "
            "within_km (--within-km)")
    return sparse.csc_matrix((weights, (rows, columns)),
                             shape=(hazard.n_centroids, len(places)))


def event_table(hazard: Hazard, impact: ImpactFunction, places: pd.DataFrame, *, peril: str,
                region: str = "", duration: DurationLaw | None = None,
                within_km: float | None = None, part: str = "",
                beyond: Literal["refuse", "hold"] = "refuse",
                confidence: str = "low") -> pd.DataFrame:
    """Return an event table: what each event of a hazard does to each place.

    Parameters
    ----------
    hazard, impact : intensities, and what an intensity does
    places : node_id, lat, lon, coord_precision_km, as ``places_of`` gives them
    peril : its id in the event table; lower-case words joined by underscores
    region : what the events' region is called; the hazard's kind where not given
    duration : 24 hours, fixed, where not given and the impact function has no duration_h
    within_km : how far a place's centroid may be; see ``centroid_weights``
    part : the part of the node that is hit; "" is the whole
    beyond : "refuse" intensities outside the impact function, or "hold" its end values as CLIMADA
        does

    Returns
    -------
    frame : columns of the table ``events``. Every event of the hazard has a row, if only one of
        probability 0, so that worlds which share a hazard share its disasters.

    Raises
    ------
    RiskModelError
        The id is not sound, no place is near, or the impact function does not reach.
    """
    problems = id_problems(peril)
    if problems:
        raise RiskModelError(problems[0])
    law = duration or DurationLaw(hours=None if impact.duration_h is not None else 24.0)
    if law.hours is None and impact.duration_h is None:
        raise RiskModelError(f"{impact.name} has no duration_h, and no duration in hours is given; "
                             "give one of the two")
    if beyond == "refuse":
        impact.require_cover(hazard.intensity.data[hazard.intensity.data != 0], hazard.unit)
    weights = centroid_weights(hazard, places, within_km)
    intensity = hazard.intensity.tocsc()
    fraction = None if hazard.fraction is None else hazard.fraction.tocsc()
    parts = []
    for column, node in enumerate(places["node_id"]):
        near = slice(weights.indptr[column], weights.indptr[column + 1])
        chance, deep, hours = _at_place(intensity, fraction, impact, law, weights.indices[near],
                                        weights.data[near])
        hit = np.flatnonzero((chance > 0) & (deep > 0) & (hours > 0))
        parts.append(pd.DataFrame({"event": hit, "node_id": node, "probability": chance[hit],
                                   "depth": deep[hit], "duration_h": hours[hit]}))
    rows = pd.concat(parts, ignore_index=True)
    idle = np.setdiff1d(np.arange(hazard.n_events), rows["event"].to_numpy(int))
    rows = pd.concat([rows, pd.DataFrame({
        "event": idle, "node_id": min(places["node_id"]), "probability": 0.0, "depth": 0.0,
        "duration_h": 1.0})], ignore_index=True) if len(idle) else rows
    rows = rows.sort_values(["event", "node_id"], kind="stable").reset_index(drop=True)
    event = rows["event"].to_numpy(int)
    return pd.DataFrame({
        "event_id": np.asarray(hazard.event_ids, object)[event], "peril": peril,
        "region": region or hazard.kind or "unknown", "rate_per_yr": hazard.rate_per_yr[event],
        "node_id": rows["node_id"], "probability": rows["probability"], "depth": rows["depth"],
        "duration_dist": law.dist, "duration_h": rows["duration_h"], "duration_shape": law.shape,
        "part": part, "duration_group": "event" if law.together else "", "confidence": confidence,
        "source_urls": hazard.source})[list(EVENTS.names)]


def expected_annual_loss(events: pd.DataFrame, it_mw: pd.Series) -> pd.Series:
    """Return the mean loss of each site in MW-days a year, by sum over the rows that hit it.

    ``it_mw`` is indexed by site. Rows on other nodes count nothing. Exact for events that never
    overlap; the engine unites the outages that do.
    """
    from scipy.special import gamma

    scale, shape = events["duration_h"].to_numpy(float), events["duration_shape"].to_numpy(float)
    hours = np.select(
        [events["duration_dist"] == "lognormal", events["duration_dist"] == "weibull"],
        [scale * np.exp(np.nan_to_num(shape) ** 2 / 2.0),
         scale * gamma(1.0 + 1.0 / np.where(shape > 0, shape, 1.0))], scale)
    each = (events["rate_per_yr"] * events["probability"] * events["depth"]).to_numpy(float)
    share = pd.Series(each * hours / 24.0).groupby(events["node_id"].to_numpy()).sum()
    return (share.reindex(it_mw.index).fillna(0.0) * it_mw).rename("lost_mw_days")


def _at_place(intensity: Any, fraction: Any, impact: ImpactFunction, law: DurationLaw,
              centroids: NDArray[np.int64], weights: NDArray[np.float64],
              ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return chance, depth and hours of every event at one place, shape (events,) each.

    Over several centroids the chance is their mean, the depth the mean of those affected, the
    hours the mean of what is lost, so that the mean loss is the mean over the centroids.
    """
    events = intensity.shape[0]
    chance, lost, hours = np.zeros(events), np.zeros(events), np.zeros(events)
    for centroid, weight in zip(centroids, weights, strict=True):
        there = intensity[:, [centroid]].toarray().ravel()
        p = weight * impact.affected(there)
        if fraction is not None:
            p = p * fraction[:, [centroid]].toarray().ravel()
        d = p * impact.depth(there)
        chance, lost = chance + p, lost + d
        if law.hours is None:
            hours = hours + d * impact.hours(there)
    deep = np.divide(lost, chance, out=np.zeros(events), where=chance > 0)
    mean = (np.divide(hours, lost, out=np.zeros(events), where=lost > 0)
            if law.hours is None else np.full(events, law.hours))
    return np.minimum(chance, 1.0), np.minimum(deep, 1.0), mean


def _on_sphere(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    y, x = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])


def _spacing_km(tree: Any) -> float | None:
    """Return the smallest distance between two centroids that are not the same place."""
    if tree.n < 2:
        return None
    chords = tree.query(tree.data, k=2)[0][:, 1]
    chords = chords[chords > 1e-9]
    if not len(chords):
        return None
    return float(2.0 * np.arcsin(min(chords.min() / 2.0, 1.0)) * _EARTH_KM)
