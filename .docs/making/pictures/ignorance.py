"""Two kinds of not knowing: sampling error, which more years shrink, and ignorance."""

from __future__ import annotations

from typing import Any

from making import shipped_run

YEARS, WORLDS, SEED = 1500, 30, 7
MOST = 8


def ignorance() -> Any:
    """Draw the AAL of the largest labs with its sampling error and its band between worlds."""
    import riskmodel as rm
    from riskmodel.figures.drawing import drawn
    from riskmodel.figures.foot_facts import about
    from riskmodel.figures.labels import lab_label, plain_ticks
    from riskmodel.figures.palette import colour
    from riskmodel.figures.sheet import sheet
    from riskmodel.report.names import Names
    from riskmodel.report.numbers import short

    run = rm.simulate(shipped_run.world(), years=YEARS, seed=SEED, worlds=WORLDS, adequacy=False)
    found = rm.measure(run, measures=["aal"])
    found = found[found["value"] > 0].nlargest(MOST, "value").iloc[::-1]
    names = Names(shipped_run.world())

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        for place, row in enumerate(found.itertuples()):
            axes.barh(place, row.band_high - row.band_low, left=row.band_low, height=.55,
                      color=colour("c1"), alpha=.3,
                      label="ignorance: nine worlds in ten" if place == 0 else None)
            axes.errorbar(row.value, place, xerr=1.96 * row.se, fmt="o", color=colour("c2"),
                          markersize=3.5, capsize=2,
                          label="sampling: ± 1.96 standard errors" if place == 0 else None)
        axes.set_yticks(range(len(found)), [lab_label(names, lab, 22) for lab in found["lab"]])
        axes.set(xscale="log", xlabel="average annual loss, MW-days (logarithmic)")
        plain_ticks(axes, "x", short)
        axes.legend(loc="lower right")

    return drawn(paint, name="ignorance", caption="Average annual loss of the labs that lose "
                 "most: what a finite number of years leaves open, and what not knowing rates, "
                 "severities and attributions leaves open.", units={"x": "MW-days"},
                 about=about(run), sheet=sheet(), height_mm=75)
