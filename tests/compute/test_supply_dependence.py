"""Shares of suppliers by hand, and what custom silicon does to them."""

from __future__ import annotations

import pytest

import riskmodel as rm
from riskmodel.compute.chip_makers import chip_makers, mixed
from riskmodel.compute.supply_dependence import custom_silicon, own_silicon, supply_dependence
from tests.compute.made_up_build import world


def shares(of, role, lab="lab", layer="energised", **how):
    table = supply_dependence(of, lab, layers=[layer], roles=[role], **how)
    return {row["supplier"]: (pytest.approx(row["value"]), pytest.approx(row["low"]),
                              pytest.approx(row["high"])) for row in table.to_dict("records")}


def test_shares_of_a_lab_by_hand():
    """Alpha's 100 MW are GPU; half of gamma's 60 name no chip: 100 and 30 of 130."""
    known, loose = 100 / 130, 30 / 130
    assert shares(world(), "designer") == {"NVIDIA": (known, known, 1.0),
                                           "unknown": (loose, 0.0, loose)}
    assert shares(world(), "memory") == {
        "SK hynix": (known / 2, 0.0, 1.0), "Micron": (known / 2, 0.0, 1.0),
        "unknown": (loose, 0.0, loose)}
    assert shares(world(), "design_partner")["(nobody)"][0] == known


def test_a_deal_that_names_several_families_is_split_and_its_bounds_give_all_to_one():
    of = world({"d": {"chip_family": "GPU;XPU"}})
    assert shares(of, "designer", layer="contracted") == {
        "NVIDIA": (0.5, 0.0, 1.0), "AMD": (0.5, 0.0, 1.0)}
    # each family has SK hynix: half and all of it
    assert shares(of, "memory", layer="contracted")["SK hynix"] == (0.75, 0.0, 1.0)
    assert shares(of, "foundry", layer="contracted") == {"TSMC": (1.0, 1.0, 1.0)}
    # a second place of the dies is named for one family, without a share
    assert shares(of, "foundry_place", layer="contracted") == {
        "Taiwan": (1.0, 0.5, 1.0), "elsewhere": (0.0, 0.0, 0.5)}


def test_shares_of_a_role_add_up_and_lie_within_their_bounds():
    table = supply_dependence(rm.read_world(), date="2028-12-31",
                              layers=["energised", "scheduled", "contracted", "announced", "up_to"])
    sums = table.groupby(["lab", "layer", "role"])["value"].sum()
    assert (sums - 1).abs().max() < 1e-9
    assert (table["low"] <= table["value"] + 1e-12).all()
    assert (table["value"] <= table["high"] + 1e-12).all()
    assert (table["high"] <= 1 + 1e-12).all()


def test_who_makes_what_in_the_shipped_record():
    makers = chip_makers(rm.read_world())
    assert makers["TPU v7"]["design_partner"] == {"Broadcom": (1.0, 1.0, 1.0)}
    # the placeholder names Google alone; the table of designers has Broadcom under it
    assert set(makers["TPU"]["design_partner"]) == {"Broadcom"}
    assert set(makers["Titan (OpenAI-Broadcom)"]["design_partner"]) == {"Broadcom"}
    assert makers["Maia 200"]["memory"] == {"SK hynix": (1.0, 1.0, 1.0)}
    rubin = makers["Rubin"]["memory"]
    assert rubin["SK hynix"] == (0.54, 0.67, 0.70)
    assert rubin["Samsung"] == rubin["Micron"] == (0.0, pytest.approx(0.165), pytest.approx(0.46))
    assert set(makers["Cerebras WSE"]["memory"]) == {"(nobody)"}
    assert set(makers["Trainium4"]["memory"]) == {"unknown"}
    assert makers["B200"]["foundry_place"] == {"Taiwan": (0.5, 1.0, 1.0),
                                               "elsewhere": (0.0, 0.0, 0.5)}
    assert set(makers["Ascend 910C"]["foundry"]) == {"SMIC", "TSMC"}


def test_custom_silicon_moves_the_designer_and_leaves_the_foundry():
    """Half of the GPU capacity to the lab's own chip: NVIDIA from 100 to 50 of 130 MW."""
    table = custom_silicon(world(), "lab", to="Own", strengths=[0.0, 0.5, 1.0],
                           layers=["energised"])
    value = table.pivot_table(index="strength", columns=["role", "supplier"], values="value")
    assert value["designer", "NVIDIA"].tolist() == pytest.approx([100 / 130, 50 / 130, 0])
    assert value["designer", "Lab"].tolist() == pytest.approx([0, 50 / 130, 100 / 130])
    assert value["design_partner", "Broadcom"].tolist() == pytest.approx([0, 50 / 130, 100 / 130])
    for role, supplier in (("foundry", "TSMC"), ("foundry_place", "Taiwan")):
        assert value[role, supplier].tolist() == pytest.approx([100 / 130] * 3)
    # its memory is not published: what SK hynix had turns into bounds
    assert value["memory", "SK hynix"].tolist() == pytest.approx([50 / 130, 25 / 130, 0])
    high = table[(table["role"] == "memory") & (table["strength"] == 1.0)]["high"].iat[0]
    assert high == pytest.approx(1.0)


def test_custom_silicon_at_no_strength_is_what_there_is():
    shipped = rm.read_world()
    base = supply_dependence(shipped, "openai").set_index(["layer", "role", "supplier"])["value"]
    moved = custom_silicon(shipped, "openai", strengths=[0.0])
    for row in moved[moved["role"] != "h100e"].to_dict("records"):
        assert row["value"] == pytest.approx(
            base.get((row["layer"], row["role"], row["supplier"]), 0.0))


def test_whose_silicon_a_lab_would_move_to():
    shipped = rm.read_world()
    assert {lab: own_silicon(shipped, lab) for lab in ("openai", "google_deepmind", "microsoft",
                                                       "amazon", "meta")} == {
        "openai": "Titan (OpenAI-Broadcom)", "google_deepmind": "TPU 8t",
        "microsoft": "Maia 200", "amazon": "Trainium3", "meta": "TPU v7"}


def test_mixing_nothing_and_everything():
    makers = chip_makers(world())
    one = {role: {name: band for name, band in of.items() if band.best} for role, of in
           mixed(makers["GPU"], makers["XPU"], 1.0).items()}
    assert {role: set(of) for role, of in one.items()} == {
        role: {name for name, band in of.items() if band.best}
        for role, of in makers["XPU"].items()}


@pytest.mark.parametrize(("how", "message"), [
    ({"lab": "lap"}, "no lab 'lap'"), ({"layers": ["signed"]}, "no layer 'signed'"),
    ({"roles": ["maker"]}, "no role 'maker'")])
def test_words_that_mean_nothing_are_refused(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        supply_dependence(world(), **how)


@pytest.mark.parametrize(("how", "message"), [
    ({"to": "TPU"}, "no chip family 'TPU'"), ({"strengths": [1.5]}, "shares from 0 to 1")])
def test_a_lever_that_cannot_be_pulled_is_refused(how, message):
    with pytest.raises(rm.RiskModelError, match=message):
        custom_silicon(world(), "lab", **{"to": "Own", **how})
