"""What is not known of a peril's numbers: states of the world drawn from their stated bounds.

A state of the world gives every number of a peril one value; the peril is then built anew with it
in the place of ``best``. The laws:

- a rate with ``count`` and ``exposure``: its Jeffreys posterior Gamma(count + 1/2, exposure).
  Where the exposure is a judgement (``exposure_factor`` f above 1) it is lognormal, right to within
  f with 90 %: multiplied by f^(z / 1.645);
- a chance with ``hits`` and ``trials``: Beta(hits + 1/2, trials - hits + 1/2);
- every other number: ``low``, ``best``, ``high`` are its 5, 50 and 95 % points. A split lognormal
  where ``low`` is above 0, else a split normal, cut at 2.5 standard deviations and stretched so
  that the three stated points stay exact. Shares and chances stay within 0 and 1, and nothing
  whose ``low`` is not negative turns negative;
- ``low`` = ``best`` = ``high``: known, always ``best``.

A drawn rate is held below a ``ceiling_per_yr`` that stands in its own table: the machinery thins
its arrivals from there.

Each number has a uniform of its own, keyed by the peril's id and the number's path. Numbers with
the same ``tied = "word"`` share one, in one peril or in several: what raises one raises the other.
So do numbers of one ``counted`` row: one count leaves one rate unknown, however often it is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.perils.posterior import Z95_ONE_SIDED, rate_quantile
from riskmodel.perils.spec import NUMBER_KEYS, is_number_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmodel.perils.protocol import PerilSpec

    Floats = NDArray[np.float64]
    #: (peril id, names) -> uniforms in (0, 1), shape (worlds, names)
    Uniform = Callable[[str, Sequence[str]], Floats]

CUT = 2.5  # standard deviations
ENDS = (0.05, 0.95)
#: units of numbers that lie within 0 and 1
BOUNDED = ("share", "probability", "chance", "fraction", "proportion", "per launch")
_LAW_KEYS = ("count", "exposure", "exposure_factor", "exposure_scale", "counted", "hits", "trials",
             "tied", "note")


@dataclass(frozen=True)
class Input:
    """A number of a peril that is not known for sure.

    ``path`` names it to people (``local.allocation[RFC/PJM]``), ``steps`` leads to it in the data;
    ``stream`` and ``name`` key its uniform; ``ceiling`` is the largest value the machinery takes.
    """

    peril_id: str
    path: str
    steps: tuple[str | int, ...]
    number: Mapping[str, Any]
    stream: str
    name: str
    ceiling: float = math.inf

    @property
    def unit(self) -> str:
        """Unit of the number."""
        return str(self.number.get("unit", ""))

    @property
    def best(self) -> float:
        """The number as the file has it."""
        return float(self.number["best"])


def inputs(spec: PerilSpec) -> list[Input]:
    """Return every number of the peril that a state of the world may change, in file order."""
    found = []
    for path, steps, number, ceiling in _numbers(spec.data, "", (), math.inf):
        if not {"low", "best", "high"} <= set(number):
            continue
        if float(number["low"]) == float(number["best"]) == float(number["high"]):
            continue
        stream, name = spec.peril_id, path
        if number.get("tied"):
            stream, name = "", f"tied {number['tied']}"
        elif number.get("counted"):
            stream, name = "", f"counted {number['counted']}"
        found.append(Input(spec.peril_id, path, steps, number, stream, name, ceiling))
    return found


def draw(unknown: Sequence[Input], uniform: Uniform) -> Floats:
    """Return a value for each input in each world, shape (worlds, inputs).

    ``uniform`` gives the keyed uniforms of one stream: a pure function of the seed, the world's
    number and the names it is asked for.
    """
    columns: list[Floats] = []
    for stream in dict.fromkeys(each.stream for each in unknown):
        mine = [each for each in unknown if each.stream == stream]
        columns += list(_draw_stream(mine, stream, uniform))
    order = [i for stream in dict.fromkeys(each.stream for each in unknown)
             for i, each in enumerate(unknown) if each.stream == stream]
    if not columns:
        return np.zeros((0, 0))
    out = np.empty((len(columns[0]), len(unknown)))
    out[:, order] = np.stack(columns, axis=1)
    return out


def _draw_stream(mine: Sequence[Input], stream: str, uniform: Uniform) -> Iterator[Floats]:
    names = list(dict.fromkeys(each.name for each in mine))
    about = list(dict.fromkeys(f"{each.name} exposure" for each in mine
                               if _factor(each.number) > 1))
    u = uniform(stream, [*names, *about])
    place = {name: i for i, name in enumerate([*names, *about])}
    for each in mine:
        exposure = None
        if _factor(each.number) > 1:
            exposure = u[:, place[f"{each.name} exposure"]]
        yield value_at(each, u[:, place[each.name]], exposure)


def value_at(each: Input, u: Floats, exposure: Floats | None = None) -> Floats:
    """Return the values of an input at the probabilities ``u`` of its law.

    ``exposure`` are those of an exposure that is a judgement; None takes its middle.
    """
    from scipy.special import betaincinv, gammaincinv, ndtri

    number = each.number
    if {"count", "exposure"} <= set(number):
        value = gammaincinv(float(number["count"]) + 0.5, u) / float(number["exposure"])
        if exposure is not None:
            value = value / _factor(number) ** (ndtri(exposure) / Z95_ONE_SIDED)
    elif {"hits", "trials"} <= set(number):
        hits, trials = float(number["hits"]), float(number["trials"])
        value = betaincinv(hits + 0.5, trials - hits + 0.5, u)
    else:
        low, best, high = (float(number[key]) for key in ("low", "best", "high"))
        value = split(u, low, best, high)
        if low >= 0:
            value = np.maximum(value, 0.0)
        if each.unit in BOUNDED and low >= 0 and high <= 1:
            value = np.minimum(value, 1.0)
    return np.minimum(value, each.ceiling)


def end_values(each: Input) -> tuple[float, float]:
    """Return the 5 % and the 95 % point of an input; of a judged exposure too."""
    if _factor(each.number) > 1:
        shape, exposure = float(each.number["count"]) + 0.5, float(each.number["exposure"])
        ends = [rate_quantile(p, shape, _factor(each.number)) / exposure for p in ENDS]
        return min(ends[0], each.ceiling), min(ends[1], each.ceiling)
    low, high = value_at(each, np.array(ENDS)).tolist()
    return low, high


def split(u: Floats, low: float, best: float, high: float) -> Floats:
    """Return the quantile of the split law through low (5 %), best (50 %) and high (95 %).

    With z a standard normal cut at 2.5 standard deviations and z95 its 95 % point, the value is
    best (high / best)^(z / z95) above the middle and best (low / best)^(-z / z95) below it where
    ``low`` is above 0, and linear in z on each side where it is not.
    """
    from scipy.special import ndtr, ndtri

    if low == best == high:
        return np.full(np.shape(u), best)
    edge = ndtr(-CUT)
    z = ndtri(edge + np.asarray(u, float) * (1.0 - 2.0 * edge))
    steps = np.abs(z) / ndtri(edge + 0.95 * (1.0 - 2.0 * edge))
    end = np.where(z > 0, high, low)
    if low > 0:
        return np.asarray(best * (end / best) ** steps)
    return np.asarray(best + (end - best) * steps)


def with_values(spec: PerilSpec, unknown: Sequence[Input], values: Sequence[float] | Floats
                ) -> PerilSpec:
    """Return the spec with the inputs' ``best`` replaced; the spec given is not changed."""
    data = dict(spec.data)
    fresh: dict[tuple[str | int, ...], Any] = {(): data}  # containers that are ours already
    for each, value in zip(unknown, values, strict=True):
        for depth, step in enumerate(each.steps):
            here = each.steps[:depth + 1]
            if here not in fresh:
                holder = fresh[here[:-1]]
                inner = holder[step]
                fresh[here] = holder[step] = (dict(inner) if isinstance(inner, Mapping)
                                              else list(inner))
        fresh[each.steps]["best"] = float(value)
    return replace(spec, data=data)


def _factor(number: Mapping[str, Any]) -> float:
    return float(number.get("exposure_factor", 1.0)) if "count" in number else 1.0


def _numbers(value: Any, path: str, steps: tuple[str | int, ...], ceiling: float
             ) -> Iterator[tuple[str, tuple[str | int, ...], Mapping[str, Any], float]]:
    """Yield name, steps, number and ceiling of every number table below ``value``."""
    if is_number_table(value):
        yield path, steps, value, ceiling
    elif isinstance(value, Mapping):
        own = float(value["ceiling_per_yr"]) if "ceiling_per_yr" in value else math.inf
        for key, inner in value.items():
            if path == "" and key == "sources":
                continue
            top = own if _is_rate(inner) else math.inf
            yield from _numbers(inner, f"{path}.{key}" if path else str(key), (*steps, key), top)
    elif isinstance(value, (list, tuple)):
        for label, (place, inner) in zip(_labels(value), enumerate(value), strict=True):
            yield from _numbers(inner, f"{path}[{label}]", (*steps, place), math.inf)


def _is_rate(value: Any) -> bool:
    return is_number_table(value) and str(value.get("unit", "")).startswith("1/yr")


def _labels(rows: Sequence[Any]) -> list[str]:
    """Return a name for each row of a list: its own words where they tell rows apart, else places.

    Names keep a draw with its row when rows are added or change places.
    """
    words = ["/".join(str(value) for key, value in row.items() if isinstance(value, str)
                      and key not in NUMBER_KEYS and key not in _LAW_KEYS)
             if isinstance(row, Mapping) else "" for row in rows]
    return words if all(words) and len(set(words)) == len(words) else [
        str(place) for place in range(len(rows))]
