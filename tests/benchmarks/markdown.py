"""The benchmark's result as Markdown, from its data."""

from __future__ import annotations

import statistics
from typing import Any

from tests.benchmarks.contenders import (
    CLIMADA,
    DOES,
    ENGINE,
    ENGINE_1,
    FLOOR,
    FLOOR_1,
    LOOP,
    LOOP_ANY,
    LOOP_CIRCLES,
    LOOP_SUMS,
    NUMPY,
    NUMPY_SUMS,
)

#: what the engine on two threads should be faster than, by how much at the least, and the aim
AIMS = (
    (LOOP_ANY, 500.0, 1000.0), (LOOP, 500.0, 1000.0), (LOOP_SUMS, 500.0, 1000.0),
    (LOOP_CIRCLES, 500.0, 1000.0), (NUMPY, 3.0, 3.0), (NUMPY_SUMS, 3.0, 3.0),
    (CLIMADA, 30.0, 30.0))


def years_per_s(run: dict[str, Any]) -> float:
    """Return the median over the rounds."""
    return 1.0 / statistics.median(run["seconds_per_year"])


def faster(runs: dict[str, Any], slower: str, base: str = ENGINE) -> float:
    """Return how many times faster ``base`` is: the median of the rounds' ratios."""
    return statistics.median(s / b for s, b in zip(
        runs[slower]["seconds_per_year"], runs[base]["seconds_per_year"], strict=True))


def markdown(data: dict[str, Any]) -> str:
    """Return the whole result."""
    parts = [_head(data)]
    for job in data["jobs"]:
        parts.append(_shipped(job) if job["job"] == "shipped" else _job(job))
    parts += [_aims(data), _growth(data), _years(data), _does(data)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(data: dict[str, Any]) -> str:
    where = data["machine"]
    told = ", ".join(f"{name} {number}" for name, number in where["versions"].items())
    peers = sorted({text for job in data["jobs"] for text in job.get("peers", {}).values()})
    lines = ["# Benchmark",
             f"{where['processor']}, {where['cores']} cores; {told}"
             + "".join(f", {text}" for text in peers)
             + f". Medians of {data['rounds']} interleaved rounds; read ratios, not seconds: the "
             "machine may be shared."]
    lines += [f"Left out: {name}: {why}." for name, why in data["skipped"].items()]
    return "\n\n".join(lines)


def _job(job: dict[str, Any]) -> str:
    runs = job["runs"]
    lines = [f"## The {job['job']} job, {job['sites']:,} sites", "",
             f"{job['draws']:,.0f} draws of a row, {job['outages']:,.1f} own outages and "
             f"{job['site_hits']:,.1f} site-hits (sites that are down at some time) a year.", "",
             "| | years per second | riskmodel on 2 threads is faster by | microseconds of "
             "processor a year | years a round | AAL found, MW-days |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, run in runs.items():
        aal = run["aal_mw_days"]
        lines.append(f"| {name} | {_round(years_per_s(run))} | {_ratio(faster(runs, name))} | "
                     f"{_round(1e6 * statistics.median(run['cpu_s_per_year']))} | "
                     f"{run['years']:,} | {'' if aal is None else _round(aal)} |")
    return "\n".join(lines)


def _shipped(job: dict[str, Any]) -> str:
    lines = [f"## The shipped world, {job['sites']:,} sites", "",
             "| | years per second | years a round |", "|---|---:|---:|"]
    lines += [f"| {name} | {_round(years_per_s(run))} | {run['years']:,} |"
              for name, run in job["runs"].items()]
    return "\n".join(lines)


def _aims(data: dict[str, Any]) -> str:
    """Compare the smallest size with what it should reach."""
    found = {job["job"]: job for job in reversed(data["jobs"]) if job["job"] != "shipped"}
    rows = []
    if "standard" in found:
        runs = found["standard"]["runs"]
        for name, least, aim in AIMS:
            if name in runs:
                here = faster(runs, name)
                asked = f"{aim:,.0f} x" if least == aim else f"{aim:,.0f} x, at least {least:,.0f}"
                rows.append((f"faster than: {name}", asked, f"{_ratio(here)}", here >= least))
        slower = faster(runs, ENGINE, FLOOR)
        rows.append(("time over the floor's, standard job", "2 x at most", _ratio(slower),
                     slower <= 2.0))
    if "rich" in found:
        slower = faster(found["rich"]["runs"], ENGINE, FLOOR)
        rows.append(("time over the floor's, rich job", "4 x at most", _ratio(slower),
                     slower <= 4.0))
    if not rows:
        return ""
    lines = [f"## Aims, at {min(job['sites'] for job in found.values()):,} sites", "",
             "| riskmodel on 2 threads | aim | found | |", "|---|---|---:|---|"]
    lines += [f"| {what} | {aim} | {here} | {'met' if met else 'missed'} |"
              for what, aim, here, met in rows]
    return "\n".join(lines)


def _growth(data: dict[str, Any]) -> str:
    """Say how the cost of a year grows with the sites that are hit in it."""
    lines = []
    for kind in ("standard", "rich"):
        jobs = [job for job in data["jobs"] if job["job"] == kind]
        for job in jobs:
            runs, hits = job["runs"], job["site_hits"]
            cost = 1e9 / years_per_s(runs[ENGINE])
            cpu, floor = (1e9 * statistics.median(runs[name]["cpu_s_per_year"]) / hits
                          for name in (ENGINE_1, FLOOR_1))
            lines.append(f"| {kind} | {job['sites']:,} | {job['draws']:,.0f} | {hits:,.1f} | "
                         f"{cost / 1000:,.2f} | {cost / hits:,.0f} | {cpu:,.0f} | {floor:,.0f} |")
    if not lines:
        return ""
    return "\n".join([
        "## How cost grows with sites", "", "Elapsed time on two threads, and the processor's time "
        "on one, which other work on the machine changes less.", "",
        "| job | sites | draws a year | site-hits a year | microseconds a year, 2 threads | "
        "nanoseconds a site-hit, 2 threads | nanoseconds of processor a site-hit | the same of the "
        "floor |", "|---|---:|---:|---:|---:|---:|---:|---:|", *lines])


def _years(data: dict[str, Any]) -> str:
    if not data["years"]:
        return ""
    lengths = sorted({row["years"] for row in data["years"]})
    lines = ["## How cost grows with years", "", "Seconds of one run of the standard job, all "
             "outputs, two threads; a dash where the run would have been longer than "
             f"{data['longest_s']:.0f} s.", "",
             "| sites | " + " | ".join(f"{n:,} years" for n in lengths) + " |",
             "|---:|" + "---:|" * len(lengths)]
    for sites in sorted({row["sites"] for row in data["years"]}):
        told = {row["years"]: row["seconds"] for row in data["years"] if row["sites"] == sites}
        lines.append(f"| {sites:,} | " + " | ".join(
            "-" if told.get(n) is None else f"{told[n]:.2f}" for n in lengths) + " |")
    return "\n".join(lines)


def _does(data: dict[str, Any]) -> str:
    names = list(dict.fromkeys(name for job in data["jobs"] for name in job["runs"]))
    return "\n".join(["## What each does", "", *(f"- **{name}**: {DOES[name]}." for name in names)])


def _round(value: float) -> str:
    """Return three figures that can be trusted, in full."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 10 else f"{value:.2g}"


def _ratio(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f} x" if value >= 100 else f"{value:.2f} x"
