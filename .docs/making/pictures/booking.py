"""The same kind of year under both bookings: what counts as lost in it."""

from __future__ import annotations

from typing import Any

YEARS, SEED, DAYS = 400, 7, 120.0


def world() -> Any:
    """Return one site of 100 MW that is down for 120 days once in a year on average."""
    import pandas as pd

    import riskmodel as rm

    return rm.World.from_frames(
        sites=pd.DataFrame({"site_id": ["s"], "lat": [50.0], "lon": [10.0], "it_mw": [100.0]}),
        holdings=pd.DataFrame({"lab_id": ["lab"], "site_id": ["s"], "share": [1.0]}),
        labs=pd.DataFrame({"lab_id": ["lab"], "needed_share": [1.0]}),
        events=pd.DataFrame({
            "event_id": ["loss"], "peril": ["long_outage"], "region": ["here"],
            "rate_per_yr": [1.0], "node_id": ["s"], "probability": [1.0], "depth": [1.0],
            "duration_dist": ["fixed"], "duration_h": [24 * DAYS], "duration_shape": [float("nan")]
        }))


def booking() -> Any:
    """Draw the first year whose losses differ at both ends, as each booking counts it."""
    import riskmodel as rm
    from riskmodel.figures.drawing import drawn
    from riskmodel.figures.foot_facts import About
    from riskmodel.figures.palette import colour
    from riskmodel.figures.sheet import sheet

    runs = {name: rm.simulate(world(), years=YEARS, seed=SEED, booking=name)
            for name in ("occurrence", "calendar")}
    which = next(year for year in range(YEARS) if _both_ends(rm.replay(runs["calendar"], year)))
    told = {name: rm.replay(run, which) for name, run in runs.items()}
    aal = {name: rm.measure(run, by="total", measures=["aal"]).iloc[0] for name, run in
           runs.items()}

    def paint(figure: Any) -> None:
        panels = figure.subplots(2, 1, sharex=True)
        for axes, name in zip(panels, runs, strict=True):
            year = told[name]
            for row in year.outages.itertuples():
                axes.barh(1, (row.end_h - row.start_h) / 24, left=row.start_h / 24, height=.5,
                          color=colour("faint"), edgecolor=colour("soft"), linewidth=.6)
            lost = 0.0
            for row in year.labs.itertuples():
                start, end = row.start_h / 24, row.end_h / 24
                if name == "calendar":
                    start, end = max(start, 0.0), min(end, 365.0)
                if end > start:
                    axes.barh(0, end - start, left=start, height=.5, color=colour("c2"))
                    lost += (end - start) * row.lost_mw
            for edge in (0, 365):
                axes.axvline(edge, color=colour("ink"), lw=.8, ls=(0, (4, 2)))
            mean = aal[name]
            axes.set_title(f"{name}: {lost:,.0f} MW-days in this year; {mean['value']:,.0f} ± "
                           f"{mean['se']:,.0f} in an average one", fontsize=8)
            axes.set(yticks=[0, 1], yticklabels=["counts", "outages"], ylim=(-.5, 1.5),
                     xlim=(-190, 540))
        panels[-1].set_xlabel("days from the beginning of the year")

    return drawn(paint, name="booking", caption="One simulated year of a site of 100 MW that is "
                 "down for 120 days once a year on average, under both bookings.",
                 units={"x": "days"}, about=About(YEARS, SEED, ""), sheet=sheet(), height_mm=80)


def _both_ends(year: Any) -> bool:
    """Tell whether an outage reaches a month into the year, and another a month beyond it."""
    month, end = 24.0 * 30, 24.0 * 365
    start_h, end_h = year.outages["start_h"], year.outages["end_h"]
    return bool(((start_h < 0) & (end_h > month)).any()
                and ((start_h < end) & (start_h > 0) & (end_h > end + month)).any())
