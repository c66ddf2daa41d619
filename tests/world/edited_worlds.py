"""Random small worlds to edit, and what their labs hold in states of the world."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import riskmodel as rm
from riskmodel.engine.outages.streams import keyed_uniform
from riskmodel.world.attribution import draw_holdings

LABS = ("x", "y", "z")
SITES = ("a", "b", "c")


@st.composite
def worlds(draw, rivals=False):
    """Three sites, some of them empty; labs hold shares that fit, some of them unsure."""
    rows = []
    for site in SITES:
        left = 1.0
        for lab in draw(st.permutations(LABS)):
            share = draw(st.sampled_from([0.0, 0.2, 0.35, 0.5, 1.0]))
            share = share if rivals else min(share, left)
            if share > 0:
                chance = draw(st.sampled_from([1.0, 0.95, 0.75, 0.35]))
                if rivals and share > left:
                    chance = 0.35  # what counts must fit
                if chance > 0.5:
                    left = round(left - share, 9)
                rows.append((lab, site, share, chance))
                left = left if rivals or chance > 0.5 else round(left - share, 9)
    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": SITES, "lat": 50.0, "lon": 10.0, "it_mw": [
            draw(st.sampled_from([0.0, 60.0, 300.0, 1000.0])) for _ in SITES]}),
        labs=pd.DataFrame({"lab_id": LABS, "needed_share": 0.8}),
        holdings=pd.DataFrame(rows or [("x", "a", 0.0, 1.0)],
                              columns=["lab_id", "site_id", "share", "probability"]))


def megawatts(world) -> dict[tuple[str, str], float]:
    """Return what each lab effectively holds at each site."""
    size = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    return {(lab, site): share * size[site] for lab, site, share in
            world.effective_holdings().itertuples(index=False) if share * size[site] > 1e-9}


def lab_totals(world, states=200) -> dict[str, np.ndarray]:
    """Return the MW of each lab in each state of the world."""
    found = draw_holdings(world, lambda names: keyed_uniform(
        7, "ignorance", "holdings", np.arange(states)[:, None], 0,
        np.array(list(names), dtype=object)[None, :]).reshape(states, len(names)))
    size = dict(zip(world.sites["site_id"], world.sites["it_mw"], strict=True))
    assert found.share.min() >= 0
    total: dict[str, np.ndarray] = {}
    for lab, site, share in zip(found.lab_id, found.site_id, found.share.T, strict=True):
        total[lab] = total.get(lab, np.zeros(states)) + share * size[site]
    return total
