"""``prices.toml``: anchors of a price of IT power and a cost of risk capital, with their sources.

An anchor is one way to price a MW-day of IT power. Which recipe prices it follows from the numbers
it holds; all of its numbers at their cheap ends give the low price, all at the dear ends the high.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.decisions.price.price import Price
from riskmodel.errors import RiskModelError
from riskmodel.perils.spec import is_number_table, number_problems
from riskmodel.world.columns import near
from riskmodel.world.exposure import to_date
from riskmodel.world.shipped import shipped_folder

if TYPE_CHECKING:
    from riskmodel.world.world import World

PRICE_FILE = "prices.toml"
DAYS_PER_YEAR = 365.25
_MW_PER_GW = 1000.0

#: the numbers of a recipe (those that make it dearer, then those that make it cheaper) -> USD per
#: MW-day of IT power
_RECIPES: dict[tuple[tuple[str, ...], tuple[str, ...]], Callable[..., float]] = {
    (("usd_per_h100_h", "h100e_per_gw", "pue"), ()):
        lambda rent, chips, pue: rent * 24 * chips / _MW_PER_GW * pue,
    (("usd_per_gw", "pue"), ("life_years",)):
        lambda cost, pue, life: cost / _MW_PER_GW / (life * DAYS_PER_YEAR) * pue,
    (("usd_per_it_mw_yr",), ()): lambda cost: cost / DAYS_PER_YEAR,
    (("usd_per_it_mw_day",), ()): lambda cost: cost,
}


def read_price(anchor: str | None = None, *, world: World | None = None) -> Price:
    """Return a price of lost IT power and a cost of risk capital, with bounds and sources.

    Parameters
    ----------
    anchor : ``rental`` (what renting as much would cost), ``capex`` (capital cost written off) or
        ``ownership`` (all costs of owning), or one of your own file; None takes the file's default.
    world : whose folder may hold a ``prices.toml`` of its own; that of the package where it has
        none.

    Raises
    ------
    RiskModelError
        There is no such anchor, or everything that is wrong with the file.
    """
    folder = world.folder if world is not None else None
    path = folder / PRICE_FILE if folder is not None else None
    if path is None or not path.is_file():
        path = shipped_folder() / PRICE_FILE
    return parse_price(_parsed(path), anchor, where=path.name)


def as_price(price: Price | float | str | None, *, world: World | None = None) -> Price:
    """Return a price from what a caller may give: a Price, a number, an anchor's name, or nothing.

    A number is USD per MW-day of IT power; the cost of capital is then that of the file.
    """
    if isinstance(price, Price):
        return price
    if price is None or isinstance(price, str):
        return read_price(price, world=world)
    file = read_price(world=world)
    return Price(price, file.rate_per_yr, rate_low=file.rate_low, rate_high=file.rate_high)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RiskModelError(f"{path.name}: no TOML in UTF-8: {error}; mend the file") from None
    except OSError as error:
        raise RiskModelError(f"{path.name}: cannot be read: {error.strerror}") from None


def parse_price(data: Mapping[str, Any], anchor: str | None = None, *,
                where: str = PRICE_FILE) -> Price:
    """Return the price of a parsed file; see ``read_price``."""
    problems = price_problems(data)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise RiskModelError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
                             f"\n{listed}")
    anchors = data["anchors"]
    name = str(data["default_anchor"]) if anchor is None else anchor
    if name not in anchors:
        raise RiskModelError(f"{where}: there is no anchor {name!r}{near(name, anchors)}; anchors "
                             f"are {', '.join(anchors)}")
    numbers = _numbers(data, name)
    dear, cheap = next(_recipe(numbers))
    work = _RECIPES[dear, cheap]

    def at(end: str, other: str) -> float:
        return work(*(float(numbers[key][end]) for key in dear),
                    *(float(numbers[key][other]) for key in cheap))

    rate = data["capital"]["rate_per_yr"]
    used = dict.fromkeys(part.strip() for number in (*(numbers[key] for key in (*dear, *cheap)),
                                                     rate)
                         for part in str(number["source"]).split(";"))
    sources = data.get("sources", {})
    return Price(
        at("best", "best"), float(rate["best"]), low=at("low", "high"), high=at("high", "low"),
        rate_low=float(rate["low"]), rate_high=float(rate["high"]),
        basis=f"{name}: {anchors[name]['meaning']}",
        sources=tuple((str(sources[key]["title"]), str(sources[key]["url"])) for key in used
                      if key in sources))


def price_problems(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a parsed price file, one line each; empty if it is sound."""
    sources = data.get("sources", {})
    problems = [f"sources.{key} lacks a title or a url" for key, source in sources.items()
                if not (isinstance(source, Mapping) and source.get("title") and source.get("url"))]
    as_of = to_date(data.get("as_of"), "prices.toml: as_of")
    used: set[str] = set()
    anchors = data.get("anchors")
    if not (isinstance(anchors, Mapping) and anchors
            and all(isinstance(each, Mapping) for each in anchors.values())):
        return [*problems, "there is no anchor; write [anchors.NAME] with meaning and the numbers "
                           "of a recipe"]
    if data.get("default_anchor") not in anchors:
        problems.append(f"default_anchor is {data.get('default_anchor')!r}; name one of "
                        f"{', '.join(anchors)}")
    found = {"capital.rate_per_yr": data.get("capital", {}).get("rate_per_yr")}
    if "pue" in data:
        found["pue.value"] = data["pue"].get("value")
    for name, anchor in anchors.items():
        if not anchor.get("meaning"):
            problems.append(f"anchors.{name} lacks its meaning; say in a few words what it prices")
        numbers = {key: value for key, value in anchor.items() if key != "meaning"}
        found |= {f"anchors.{name}.{key}": value for key, value in numbers.items()}
        if len(list(_recipe(_numbers(data, name)))) != 1 or not set(numbers) <= _known():
            recipes = "; or ".join(", ".join((*dear, *cheap)) for dear, cheap in _RECIPES)
            problems.append(f"anchors.{name} holds {', '.join(numbers) or 'no number'}; give the "
                            f"numbers of one recipe: {recipes} (pue stands in [pue])")
    for path, value in found.items():
        if not is_number_table(value):
            problems.append(f"{path} is {value!r}; write it as {{ low = , best = , high = , unit = "
                            ", source = , confidence = , known_on = , note = }")
        else:
            problems += number_problems(path, value, sources, as_of, used)
            if not problems and not float(value["low"]) > 0:
                problems.append(f"{path} has low {value['low']}; it is above 0")
    return problems + [f"sources.{key} is used by no number" for key in sources if key not in used]


def _numbers(data: Mapping[str, Any], anchor: str) -> dict[str, Any]:
    """Return the numbers of an anchor, the PUE that all may use among them."""
    return {**({"pue": data["pue"].get("value")} if "pue" in data else {}),
            **{key: value for key, value in data["anchors"][anchor].items() if key != "meaning"}}


def _recipe(numbers: Mapping[str, Any]) -> Any:
    """Give the recipes whose numbers are all there."""
    return (names for names in _RECIPES if {*names[0], *names[1]} <= set(numbers))


def _known() -> set[str]:
    return {key for dear, cheap in _RECIPES for key in (*dear, *cheap)}
