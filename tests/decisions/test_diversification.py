"""What a spread is worth: re-splitting, independent twins, four currencies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.decisions.diversification.arrangements import (
    AS_IS,
    CONCENTRATED,
    EVEN_COPIES,
    UNLINKED,
    arrangements,
    batch_of,
)
from riskmodel.decisions.diversification.needed_share import needed_share_figures
from riskmodel.decisions.price.price import Price
from riskmodel.engine.losses.courses import booked_courses
from riskmodel.errors import RiskModelError
from tests.engine.small import table, world

RATE, HOURS, MW = 4.0, 240.0, 100.0
Q = 1 - np.exp(-RATE * HOURS / 8760)
PRICE = Price(10_000.0, 0.06, low=5_000.0, high=20_000.0)


def event(node: str) -> dict:
    return {"event_id": f"at {node}", "node_id": node, "rate_per_yr": RATE, "duration_h": HOURS}


def apart(mw=(MW, MW), needed: float = 0.5) -> rm.World:
    """Two sites of equal hazard with fates of their own."""
    return world(sites=("s", "t"), mw=list(mw), events=table(event("s"), event("t")),
                 needed=needed)


def linked(needed: float = 0.5) -> rm.World:
    """Two sites that only their one grid can take down."""
    return world(("s", "power", "g"), ("t", "power", "g"), sites=("s", "t"), mw=[MW, MW],
                 events=table(event("g")), needed=needed)


def pick(found, comparison: str, measure: str):
    frame = found.table
    return frame[(frame["comparison"] == comparison) & (frame["measure"] == measure)].iloc[0]


@pytest.fixture(scope="module")
def spread() -> rm.Diversification:
    return rm.diversification(rm.simulate(apart(), 10_000, 3), level=0.9, price=PRICE)


def test_the_mean_does_not_change_by_splitting_at_equal_hazard(spread):
    row = pick(spread, "spread", "aal_avoided")
    assert row["se"] > 0
    assert abs(row["value"]) <= 4 * row["se"]  # and not the same years: only the mean is equal
    placed = spread.placed.set_index(["arrangement", "measure"])["value"]
    exact = RATE * HOURS / 24 * 2 * MW  # overlaps of one site's own outages counted once
    assert placed[AS_IS, "aal"] < exact
    assert placed[AS_IS, "tvar"] < placed[CONCENTRATED, "tvar"]
    assert pick(spread, "spread", "tvar_avoided")["low"] > 0


def test_the_four_currencies_hang_together(spread):
    aal, tvar, money = (pick(spread, "spread", name) for name in
                        ("aal_avoided", "tvar_avoided", "money"))
    assert money["value"] == pytest.approx(10_000 * (aal["value"] + 0.06 * tvar["value"]))
    assert money["se"] == pytest.approx(10_000 * aal["se"], rel=0.5)
    ends = [pick(spread, "spread", f"money_{end}_price")["value"] for end in ("low", "high")]
    assert ends[0] <= money["value"] <= ends[1]
    firm = pick(spread, "spread", "efc")
    assert abs(firm["value"] - 2 * MW * 0.5 * (1 - Q)) <= 4 * firm["se"]  # closed form at .5
    placed = spread.placed.set_index(["arrangement", "measure"])["value"]
    for measure in ("aal", "tvar", "eue"):
        assert pick(spread, "spread", f"{measure}_avoided")["value"] == pytest.approx(
            placed[CONCENTRATED, measure] - placed[AS_IS, measure], abs=1e-9)


def test_what_links_two_sites_is_what_unlinking_gives_back():
    losses = rm.simulate(linked(), 10_000, 3)
    found = rm.diversification(losses, level=0.9, price=PRICE)
    for name in ("efc", "aal_avoided", "tvar_avoided", "eue_avoided"):
        assert pick(found, "spread", name)["value"] == pytest.approx(0.0, abs=1e-9)
    free = pick(found, "unlinking", "efc")
    assert abs(free["value"] - 2 * MW * 0.5 * (1 - Q)) <= 4 * free["se"]
    assert free["low"] <= 2 * MW * 0.5 * (1 - Q) <= free["high"]
    assert pick(found, "unlinking", "aal_avoided")["value"] == 0.0
    assert pick(found, "unlinking", "tvar_avoided")["low"] > 0
    twins = pick(found, "even copies", "efc")
    assert twins["value"] == pytest.approx(free["value"])  # the sites are each other's copies


def test_a_lab_with_one_site_has_no_spread():
    found = rm.diversification(rm.simulate(apart((MW, 0.0)), 500, 3), level=0.9, price=PRICE)
    for measure in ("efc", "aal_avoided", "tvar_avoided", "eue_avoided", "money"):
        for comparison in ("spread", "unlinking"):
            row = pick(found, comparison, measure)
            assert (row["value"], row["se"], row["low"], row["high"]) == (0.0, 0.0, 0.0, 0.0)
    assert found.labs.iloc[0]["sites"] == 1
    assert found.labs.iloc[0]["largest_share"] == 1.0


def test_states_of_the_world_stay_apart():
    made = apart()
    losses = rm.simulate(replace(made, holdings=made.holdings.assign(probability=[0.9, 0.6])),
                         4000, 3, worlds=8)
    found = rm.diversification(losses, "lab", level=0.9, price=PRICE)
    aal = rm.measure(losses, measures="aal").set_index("lab").loc["lab"]
    placed = found.placed.set_index(["arrangement", "measure"])
    assert placed.loc[(AS_IS, "aal"), "value"] == pytest.approx(aal["value"])
    assert placed.loc[(UNLINKED, "aal"), "value"] == pytest.approx(aal["value"])
    assert found.labs.iloc[0]["capacity_mw"] == pytest.approx(
        losses.capacity_mw[losses.labs.index("lab")])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(40, 90), st.integers(1, 3),
       st.lists(st.floats(0.0, 100.0), min_size=2, max_size=2).filter(lambda mw: sum(mw) > 1))
def test_moved_years_keep_what_a_site_loses_and_its_state(worlds, years, copies, mw):
    losses = rm.simulate(apart(), years, 5, worlds=1)
    both = [replace(each, worlds=worlds) for each in booked_courses(losses)]
    found = arrangements(np.array([mw] * worlds), *both, copies=copies)
    for name in (AS_IS, CONCENTRATED, UNLINKED, EVEN_COPIES):
        each = found[name]
        assert each.lost.sum() == pytest.approx(each.own.sum())
        for state in range(worlds):
            assert each.lost[state::worlds].sum() == pytest.approx(each.own[state::worlds].sum())
    batch = found[EVEN_COPIES].batch
    for number in range(batch.max() + 1):  # nothing travels between batches
        mine = batch == number
        assert found[EVEN_COPIES].lost[mine].sum() == pytest.approx(
            found[EVEN_COPIES].own[mine].sum())
    assert (batch == batch_of(both[0], int(batch.max()) + 1)).all()


def test_the_needed_share_decides():
    figures = needed_share_figures(rm.simulate(apart(), 10_000, 3), "lab", (0.5, 0.75, 1.0))
    efc = figures[figures["measure"] == "efc"].set_index("needed_share")
    exact = {0.5: 2 * MW * 0.5 * (1 - Q), 0.75: 2 * MW * 0.25 * (1 - Q), 1.0: 0.0}
    for share, value in exact.items():
        assert efc.loc[share, "low"] <= value <= efc.loc[share, "high"]
    hours = figures.pivot_table(index="needed_share", columns="measure", values="value")
    # all is needed: nothing gained in firm MW, and short nearly twice as often
    assert hours.loc[1.0, "lolh"] / hours.loc[1.0, "lolh_concentrated"] == pytest.approx(
        2 - Q, rel=0.03)


def test_what_cannot_be_answered_is_refused():
    losses = rm.simulate(apart(), 30, 3)
    with pytest.raises(RiskModelError, match="cannot hold the level"):
        rm.diversification(losses)
    with pytest.raises(RiskModelError, match="lab is 'labb'"):
        rm.diversification(losses, "labb", level=0.5)
    with pytest.raises(RiskModelError, match="holds no capacity"):
        rm.diversification(rm.simulate(apart((0.0, 0.0)), 30, 3), "lab", level=0.5)
    with pytest.raises(RiskModelError, match="simulate more years"):
        rm.diversification(losses, "lab", level=0.5, copies=16)
    with pytest.raises(RiskModelError, match="copies is 0"):
        rm.diversification(losses, "lab", level=0.5, copies=0)
