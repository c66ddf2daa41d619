"""Efficiency levers: the sum over kinds of work by hand, and what a lever never touches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.compute.inputs import Band
from riskmodel.compute.levers import (
    SCOPES,
    TOGETHER,
    Lever,
    needed_compute,
    read_levers,
    read_work,
    reference_runs,
    resilience_bought,
    scope_factors,
    sparse_attention_saving,
)
from riskmodel.errors import RiskModelError


def lever(scope, factor, family="", key=""):
    return Lever(key or scope, scope, Band(factor, factor, factor), family=family)


def test_the_sum_over_kinds_of_work_by_hand():
    shares = {"pretraining": 0.7, "rl": 0.2, "tuning": 0.1}
    three = [lever("pretraining", 4.0), lever("rl", 6.67), lever("tuning", 2.0)]
    needed = needed_compute(three, shares)
    assert needed == pytest.approx(0.7 / 4 + 0.2 / 6.67 + 0.1 / 2)
    assert needed == pytest.approx(0.255, abs=5e-4)
    assert 1 / needed == pytest.approx(3.9, abs=0.05)
    assert needed_compute(read_levers().values(), read_work()) == pytest.approx(needed, abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from(SCOPES), st.floats(1, 20)), max_size=6),
       st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_no_lever_beats_the_share_it_acts_on(some, weights):
    shares = {scope: w / sum(weights) for scope, w in zip(SCOPES, weights, strict=True)}
    shares["inference"] = 1.0 - sum(shares[s] for s in SCOPES[:3])
    used = [lever(scope, m, key=f"{scope}{i}") for i, (scope, m) in enumerate(some)]
    needed = needed_compute(used, shares)
    untouched = sum(share for scope, share in shares.items()
                    if scope not in {scope for scope, _ in some})
    assert untouched - 1e-12 <= needed <= 1 + 1e-12
    saved = sum(1 - needed_compute([one for one in used if one.scope == scope], shares)
                for scope in SCOPES)
    assert 1 - needed == pytest.approx(saved)  # scopes add up


def test_levers_of_one_family_do_the_same_thing():
    both = [lever("tuning", 2.0, "transfer", "a"), lever("tuning", 3.0, "transfer", "b")]
    assert scope_factors(both)["tuning"] == 3.0
    assert scope_factors([*both, lever("tuning", 2.0, key="c")])["tuning"] == 6.0


def test_shipped_levers_have_scopes_bands_and_sources():
    found = read_levers()
    assert {key: one.scope for key, one in found.items()} == {
        "mixture_of_experts": "pretraining", "sparse_attention": "inference", "mup": "tuning",
        "complete_mue": "tuning", "relex": "rl"}
    assert found["mixture_of_experts"].factor == Band(1.0, 4.0, 7.0)
    assert found["relex"].factor.high == pytest.approx(1 / 0.15, abs=0.005)
    assert found["mup"].family == found["complete_mue"].family
    assert all("http" in one.source and one.note for one in found.values())


def test_mw_days_bought_by_hand():
    frame = resilience_bought(1000.0, aal_mw_days=2000.0).set_index("lever")
    moe = frame.loc["mixture_of_experts"]
    assert moe["mw_days"] == pytest.approx(0.7 * 0.75 * 365_000)
    assert (moe["mw_days_low"], moe["mw_days_high"]) == pytest.approx(
        (0.0, 0.7 * (1 - 1 / 7) * 365_000))
    assert moe["covers_aal"] == pytest.approx(moe["mw_days"] / 2000)
    assert frame.loc["sparse_attention", "mw_days"] == 0.0  # training serves nobody
    together = frame.loc[TOGETHER]
    alone = frame.drop(index=[TOGETHER, "complete_mue"])["mw_days"].sum()  # muP is the stronger
    assert together["mw_days"] == pytest.approx(alone)
    assert together["factor"] == pytest.approx(3.92, abs=0.01)
    assert "107" in together["note"]  # 4 x 2 x 2 x 6.67, as a headline would have it
    serving = resilience_bought(1000.0, shares=read_work("serving")).set_index("lever")
    assert serving.loc["sparse_attention", "mw_days"] == pytest.approx(0.5 * 365_000)
    assert serving.loc["mixture_of_experts", "mw_days"] == 0.0


def test_reference_runs_and_sparse_attention_by_hand():
    runs = reference_runs().set_index("run")
    assert runs.loc["deepseek_v3", "active_share"] == pytest.approx(0.055, abs=5e-4)
    assert runs.loc["mistral_large_3", "active_share"] == pytest.approx(0.061, abs=5e-4)
    retrofit = runs.loc["deepseek_v32_retrofit", "flop"]
    assert retrofit == pytest.approx(2.1e23, rel=1e-3)
    assert retrofit / runs.loc["deepseek_v3", "flop"] == pytest.approx(0.064, abs=5e-4)
    assert sparse_attention_saving(131_072, 2048) == pytest.approx(32, rel=0.01)
    few = sum(range(1, 11)) / sum(min(i, 4) for i in range(1, 11))
    assert sparse_attention_saving(10, 4) == pytest.approx(few)
    assert sparse_attention_saving(3, 4) == 1.0


def test_what_is_no_lever_is_refused():
    with pytest.raises(RiskModelError, match="did you mean 'tuning'"):
        lever("tunning", 2.0)
    with pytest.raises(RiskModelError, match="in order"):
        Lever("x", "rl", Band(3.0, 2.0, 4.0))
    with pytest.raises(RiskModelError, match=r"add up to 0\.9"):
        needed_compute([], {"rl": 0.9})
    with pytest.raises(RiskModelError, match="no kind of work 'art'"):
        needed_compute([], {"art": 1.0})
    with pytest.raises(RiskModelError, match="no work 'play'"):
        read_work("play")
    with pytest.raises(RiskModelError, match="capacity_mw"):
        resilience_bought(-1.0)
    with pytest.raises(RiskModelError, match="1 or more"):
        sparse_attention_saving(0, 1)
