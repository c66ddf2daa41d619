"""Oasis ORD: period, event, exceedance and average loss tables that loss-curve tools read.

Columns, their order and the codes are those of the Open Results Data standard as OasisLMF writes
it (``oasislmf.pytools``): a summary is a lab, a period a simulated year, and ``Loss`` is lost
capacity in **MW-days**, not money. Where the standard asks for exposed value, which has no meaning
per event here, the lab's IT capacity in MW stands.

| file | table |
|---|---|
| ``gul_S1_splt.csv`` | SPLT, sample period loss: one row a year, event and lab |
| ``gul_S1_selt.csv`` | SELT, sample event loss: the same by event |
| ``gul_S1_melt.csv`` | MELT, moment event loss: every simulated event once in ``n_years`` |
| ``gul_S1_ept.csv`` | EPT, exceedance: OEP (1), OEP TVaR (2), AEP (3), AEP TVaR (4) |
| ``gul_S1_palt.csv`` | PALT, average loss: mean and standard deviation of a year |
| ``gul_S1_summary-info.csv`` | what each SummaryId is |
| ``event-info.csv`` | what each EventId is: peril, region, year, start |
| ``metadata.json`` | unit, number of periods, seed, versions, what each code means |
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.engine.losses.losses import Losses
from riskmodel.errors import RiskModelError
from riskmodel.exchange.harmless import visible, write_csv
from riskmodel.measures import weighted
from riskmodel.measures.yeartable import TOTAL, require_annual

#: the standard's codes; version 2 of it writes the words
EP_TYPES = {1: "OEP", 2: "TVAR_OEP", 3: "AEP", 4: "TVAR_AEP"}
FULL, SAMPLE = 2, 2  # EPCalc: over every sample; SampleType: from samples
RETURN_PERIODS = (2, 5, 10, 20, 25, 30, 50, 75, 100, 150, 200, 250, 500, 1000, 2000, 5000, 10_000)
_NEW_YEAR = np.datetime64("2001-01-01T00:00")  # no leap year: a simulated year has 365 days


def to_ord(losses: Losses, folder: str | Path) -> Path:
    """Write Oasis ORD tables of a run into a folder: SPLT, SELT, MELT, EPT, PALT.

    Losses are MW-days of IT capacity; summaries are the labs and, last, the total. Return periods
    beyond the simulated years are left out, never guessed.

    Raises
    ------
    RiskModelError
        A story (it has no years), or somebody's year table, which has no events.
    """
    require_annual(losses, "ORD tables")
    if losses.causes.empty and not losses.years.empty:
        raise RiskModelError("to_ord: these losses have no events (a year table alone); ORD's "
                             "period and event tables need them: export a run of riskmodel")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    by_event = event_losses(losses)
    tables = {"splt": splt(losses, by_event), "selt": selt(losses, by_event),
              "melt": melt(losses, by_event), "ept": ept(losses, by_event),
              "palt": palt(losses, by_event)}
    for name, frame in tables.items():
        write_csv(target / f"gul_S1_{name}.csv", frame)
    write_csv(target / "gul_S1_summary-info.csv", summaries(losses))
    write_csv(target / "event-info.csv", _events(losses, by_event))
    facts = {
        "standard": "Oasis Open Results Data", "loss_unit": "MW-days of IT capacity",
        "exposure_unit": "MW of IT capacity", "perspective": "gul (ground up)",
        "periods": losses.n_years, "period_weight": "1 / periods" if losses.weights is None
        else "PeriodWeight of each row: bad years were drawn more often than they happen",
        "samples": 1,
        "booking": losses.booking, "seed": losses.seed,
        "EPType": {str(code): word for code, word in EP_TYPES.items()},
        "EPCalc": {"2": "full uncertainty: every period ranked"}, "SampleType": {"2": "sample"},
        "manifest": _without_folder(losses)}
    text = json.dumps(facts, indent=1, default=str, ensure_ascii=False)
    (target / "metadata.json").write_text(text + "\n", encoding="utf-8")
    return target


def _without_folder(losses: Losses) -> dict[str, Any]:
    """Return the manifest without the folder on somebody's machine."""
    facts = dict(losses.manifest)
    if isinstance(facts.get("world"), Mapping):
        facts["world"] = {k: v for k, v in facts["world"].items() if k != "folder"}
    return facts


def summary_ids(losses: Losses) -> dict[str, int]:
    """Return lab -> SummaryId, from 1; the total comes last."""
    return {lab: i for i, lab in enumerate([*losses.labs, TOTAL], start=1)}


def summaries(losses: Losses) -> pd.DataFrame:
    """Return what each SummaryId is; Oasis' own join splits lines at commas, so none is inside."""
    mw = [*losses.capacity_mw, float(np.nansum(losses.capacity_mw))]
    return pd.DataFrame({
        "summary_id": list(summary_ids(losses).values()),
        "lab": [visible(str(lab), keep="").replace(",", ";") for lab in summary_ids(losses)],
        "tiv": np.round(np.asarray(mw, dtype=float), 6)})


def event_losses(losses: Losses) -> pd.DataFrame:
    """Return ``event, summary, loss``: what each event cost each lab, and all of them."""
    ids = summary_ids(losses)
    rows = losses.causes[["event", "lab", "lost_mw_days"]].copy()
    rows["summary"] = rows["lab"].astype(object).map(ids).astype(np.int64)
    each = rows.groupby(["event", "summary"], as_index=False)["lost_mw_days"].sum()
    total = rows.groupby("event", as_index=False)["lost_mw_days"].sum()
    total.insert(1, "summary", ids[TOTAL])
    both = pd.concat([each, total], ignore_index=True)
    both = both[both["lost_mw_days"] > 0]  # the standard lists losses only
    both = both.rename(columns={"lost_mw_days": "loss"})
    return both.sort_values(["event", "summary"], ignore_index=True)


def splt(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    """Return the sample period loss table; the day is that of a year without a leap day."""
    events = losses.events.set_index("event").loc[by_event["event"]]
    start = events["start_h"].to_numpy(dtype=float)
    minutes = np.rint(start * 60).astype("timedelta64[m]")
    moment = pd.DatetimeIndex(_NEW_YEAR + minutes)
    period = events["year"].to_numpy(dtype=np.int64) + 1
    frame = pd.DataFrame({
        "Period": period,
        "PeriodWeight": year_weights(losses)[period - 1] / losses.n_years,
        "EventId": by_event["event"].to_numpy() + 1,
        "Year": period + moment.year.to_numpy() - 2001, "Month": moment.month,
        "Day": moment.day, "Hour": moment.hour, "Minute": moment.minute,
        "SummaryId": by_event["summary"].to_numpy(), "SampleId": 1,
        "Loss": by_event["loss"].to_numpy(),
        "ImpactedExposure": _exposed(losses, by_event["summary"])})
    return frame.sort_values(["SummaryId", "Period", "EventId"], ignore_index=True)


def selt(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    """Return the sample event loss table."""
    return pd.DataFrame({
        "EventId": by_event["event"].to_numpy() + 1, "SummaryId": by_event["summary"].to_numpy(),
        "SampleId": 1, "Loss": by_event["loss"].to_numpy(),
        "ImpactedExposure": _exposed(losses, by_event["summary"])})


def melt(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    """Return the moment event loss table: each simulated event has the rate of one in n years."""
    loss, mw = by_event["loss"].to_numpy(), _exposed(losses, by_event["summary"])
    year = losses.events.set_index("event")["year"].loc[by_event["event"]]
    rate = year_weights(losses)[year.to_numpy(dtype=np.int64)] / losses.n_years
    return pd.DataFrame({
        "EventId": by_event["event"].to_numpy() + 1, "SummaryId": by_event["summary"].to_numpy(),
        "SampleType": SAMPLE, "EventRate": rate, "ChanceOfLoss": 1.0,
        "MeanLoss": loss, "SDLoss": 0.0, "MaxLoss": loss, "FootprintExposure": mw,
        "MeanImpactedExposure": mw, "MaxImpactedExposure": mw})


def ept(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    """Return the exceedance table, largest return period first, within the simulated span."""
    frames = []
    for summary, (sums, largest) in _years(losses, by_event).items():
        for code, of, tail in ((1, largest, False), (2, largest, True), (3, sums, False),
                               (4, sums, True)):
            found = [(period, (weighted.tail_mean if tail else weighted.quantile)(
                of, losses.n_years / period)) for period in RETURN_PERIODS[::-1]]
            held = [(period, loss) for period, loss in found if np.isfinite(loss)]
            frames.append(pd.DataFrame({
                "SummaryId": summary, "EPCalc": FULL, "EPType": code,
                "ReturnPeriod": [float(period) for period, _ in held],
                "Loss": [float(loss) for _, loss in held]}))
    return pd.concat(frames, ignore_index=True)


def palt(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    """Return the average loss table: mean and standard deviation of the loss of a period."""
    n = losses.n_years
    rows = []
    for summary, (sums, _) in _years(losses, by_event).items():
        mean = float((sums.weights * sums.losses).sum()) / n
        square = float((sums.weights * sums.losses**2).sum()) / n - mean**2
        rows.append((summary, SAMPLE, mean, np.sqrt(max(square, 0.0) * n / max(n - 1, 1))))
    return pd.DataFrame(rows, columns=["SummaryId", "SampleType", "MeanLoss", "SDLoss"])


def _years(losses: Losses, by_event: pd.DataFrame
           ) -> dict[int, tuple[weighted.Sample, weighted.Sample]]:
    """Return, by summary, the sum and the largest event of each year that lost anything."""
    year = losses.events.set_index("event")["year"]
    rows = by_event.assign(year=year.loc[by_event["event"]].to_numpy())
    weights = year_weights(losses)
    out = {}
    for summary in summary_ids(losses).values():
        each = rows[rows["summary"] == summary].groupby("year")["loss"]
        sums, largest = each.sum(), each.max()
        weight = weights[sums.index.to_numpy(dtype=np.int64)]
        out[summary] = (weighted.sample(sums.to_numpy(), weight, losses.n_years),
                        weighted.sample(largest.to_numpy(), weight, losses.n_years))
    return out


def year_weights(losses: Losses) -> np.ndarray:
    """Return how many true years each simulated one stands for, shape (n_years,); mean near 1."""
    if losses.weights is None:
        return np.ones(losses.n_years)
    return np.asarray(losses.weights, dtype=float)


def _exposed(losses: Losses, summary: pd.Series) -> np.ndarray:
    mw = np.array([0.0, *losses.capacity_mw, np.nansum(losses.capacity_mw)])
    return np.asarray(np.nan_to_num(mw)[summary.to_numpy()], dtype=float)


def _events(losses: Losses, by_event: pd.DataFrame) -> pd.DataFrame:
    listed = losses.events[losses.events["event"].isin(set(by_event["event"]))]
    return pd.DataFrame({
        "EventId": listed["event"].to_numpy() + 1, "peril": listed["peril"].astype(object),
        "region": listed["region"].astype(object), "period": listed["year"].to_numpy() + 1,
        "start_h": listed["start_h"].to_numpy(dtype=float), "name": listed["event_id"]})
