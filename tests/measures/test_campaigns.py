"""OEP per campaign: events of one campaign are one occurrence."""

import numpy as np
import pandas as pd
import pytest
from hand_built import losses_from_causes, random_losses

import riskmodel as rm
from riskmodel.errors import RiskModelError
from riskmodel.measures.campaigns import largest_campaign_losses

#: year, event, lab, peril, lost; and event -> campaign
ROWS = [(0, 10, "a", "kinetic_strike", 5.0), (0, 11, "a", "kinetic_strike", 4.0),
        (0, 12, "a", "grid_outage", 8.0), (0, 13, "a", "kinetic_strike", 6.0),
        (0, 11, "b", "kinetic_strike", 20.0), (2, 14, "a", "kinetic_strike", 3.0),
        (2, 15, "a", "cable_cut", 2.5), (2, 16, "a", "cable_cut", 2.5),
        (3, 17, "b", "kinetic_strike", 1.0), (4, 18, "b", "sabotage", 2.0)]
CAMPAIGN = {10: "3", 11: "3", 13: "4", 14: "3", 17: "3", 18: "3"}


def by_hand():
    causes = pd.DataFrame(ROWS, columns=["year", "event", "lab", "peril", "lost_mw_days"]).assign(
        region="gulf", node="site")
    losses = losses_from_causes(causes, 10, ("a", "b", "idle"))
    losses.events["campaign_id"] = losses.events["event"].map(CAMPAIGN).fillna("")
    return losses


def test_events_of_a_campaign_are_one_occurrence():
    found = largest_campaign_losses(by_hand())
    # year 0 of a: campaign 3 (5 + 4) beats the grid's 8; year 2: 3, the two cable cuts stay apart
    assert sorted(found["a"]) == [3.0, 9.0]
    assert sorted(found["b"]) == [1.0, 2.0, 20.0]
    assert found["idle"].size == 0
    # of all together: campaign 3 of year 0 cost 5 + 4 + 20
    assert sorted(largest_campaign_losses(by_hand(), "total")["total"]) == [1.0, 2.0, 3.0, 29.0]


def test_exceedance_counts_campaigns_when_asked():
    losses = by_hand()
    for by, lab, event, campaign in (("lab", "a", 8.0, 9.0), ("total", "total", 24.0, 29.0)):
        for occurrence, expected in (("event", event), ("campaign", campaign)):
            curve = rm.exceedance(losses, "oep", by, [10], occurrence=occurrence)
            assert curve.loc[curve["lab"] == lab, "lost_mw_days"].item() == expected
    # the default is the event
    pd.testing.assert_frame_equal(rm.exceedance(losses, "oep", return_periods=[2, 10]),
                                  rm.exceedance(losses, "oep", return_periods=[2, 10],
                                                occurrence="event"))


def test_without_campaigns_both_are_the_same():
    losses = random_losses()
    for by in ("lab", "total"):
        one, two = (rm.exceedance(losses, "oep", by, occurrence=what)
                    for what in ("event", "campaign"))
        pd.testing.assert_frame_equal(one, two)


def test_a_campaign_is_between_its_largest_event_and_the_year():
    losses = random_losses()
    rng = np.random.default_rng(2)
    losses.events["campaign_id"] = rng.integers(0, 2, len(losses.events)).astype(str)
    for by in ("lab", "total"):
        aep, oep = (rm.exceedance(losses, basis, by)["lost_mw_days"] for basis in ("aep", "oep"))
        campaign = rm.exceedance(losses, "oep", by, occurrence="campaign")["lost_mw_days"]
        assert (oep <= campaign + 1e-9).all()
        assert (campaign <= aep + 1e-9).all()
        assert (campaign > oep + 1e-9).any()


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(RiskModelError, match="what the oep curve counts"):
        rm.exceedance(by_hand(), "aep", occurrence="campaign")
    with pytest.raises(RiskModelError, match="did you mean 'campaign'"):
        rm.exceedance(by_hand(), "oep", occurrence="campaigns")
    bare = rm.Losses.from_years(pd.DataFrame({"year": [1], "lab": ["a"], "lost_mw_days": [3.0]}),
                                10)
    with pytest.raises(RiskModelError, match="needs the causes"):
        rm.exceedance(bare, "oep", occurrence="campaign")
