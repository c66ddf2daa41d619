"""The own outages of simulated years, drawn once, so that trials can be run again without some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmodel.engine.kernel.layout import HAPPENED, OWN, Given, Records
from riskmodel.engine.outages.given import sample_spans
from riskmodel.engine.plan.plan import Plan
from riskmodel.engine.run.runner import Span, run_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrialOutages:
    """Own outages of a number of trials, those of one trial side by side, trials rising.

    ``trial`` says which trial each of the records ``out`` belongs to.
    """

    trial: Ints
    out: Records
    count: int

    def where(self, keep: Bools) -> TrialOutages:
        """Return the same trials with only some of the outages."""
        return TrialOutages(self.trial[keep], self.out[keep], self.count)

    def of(self, trials: Ints) -> TrialOutages:
        """Return some of the trials (rising or not, also one several times), renumbered from 0."""
        begin = np.searchsorted(self.trial, trials)
        many = np.searchsorted(self.trial, trials, side="right") - begin
        first = np.cumsum(many) - many  # where each trial's outages go
        take = np.repeat(begin - first, many) + np.arange(int(many.sum()))
        return TrialOutages(np.repeat(np.arange(len(trials)), many), self.out[take], len(trials))

    def with_one_more(self, node: int, start_h: float, end_h: float) -> TrialOutages:
        """Return the same with one node wholly out for a while in every trial."""
        more = np.zeros(self.count, OWN)
        more["node"], more["start"], more["end"], more["depth"] = node, start_h, end_h, 1.0
        at = np.searchsorted(self.trial, np.arange(self.count))
        return TrialOutages(np.insert(self.trial, at, np.arange(self.count)),
                            np.insert(self.out, at, more), self.count)

    def given(self) -> Given:
        """Return them as the kernel takes them, one nameless event a trial."""
        happened = np.zeros(self.count, HAPPENED)
        happened["row"] = happened["campaign"] = -1
        edges = np.searchsorted(self.trial, np.arange(self.count + 1))
        own = self.out.copy()
        own["event"] = 0
        return Given(np.arange(self.count + 1), happened, edges.astype(np.int64), own)


def drawn_outages(plan: Plan, first: int, years: int, wanted: Ints, span: Span, *,
                  stride: int = 1, nodes: Bools | None = None) -> TrialOutages:
    """Draw the own outages of some years of a block; they are the same as in ``run_block``.

    Parameters
    ----------
    first, years, stride : the block: ``years`` years, each ``stride`` after the last
    wanted : positions in the block of the years to keep; each becomes a trial
    nodes : mask over ``plan.nodes``; outages of others are left out
    """
    given = sample_spans(plan, first, years, [span.segments], stride)[0]
    parts = [np.zeros(0, OWN)]
    counts = np.zeros(len(wanted), np.int64)
    for trial, index in enumerate(wanted.tolist()):
        events = slice(given.event_off[index], given.event_off[index + 1])
        outages = slice(given.out_off[index], given.out_off[index + 1])
        own = Given(np.array([0, events.stop - events.start]), given.event[events],
                    np.array([0, outages.stop - outages.start]), given.out[outages])
        work, rows = run_year(plan, first + index * stride, own, span)
        out = work.out[:rows.count[5]]
        if nodes is not None:
            out = out[nodes[out["node"]]]
        counts[trial] = len(out)
        parts.append(out.copy())
    return TrialOutages(np.repeat(np.arange(len(wanted)), counts), np.concatenate(parts),
                        len(wanted))


def joined(parts: list[TrialOutages]) -> TrialOutages:
    """Return the trials of all parts, one part after the other."""
    first = np.cumsum([0] + [part.count for part in parts])
    return TrialOutages(
        np.concatenate([part.trial + at for part, at in zip(parts, first, strict=False)]),
        np.concatenate([part.out for part in parts]), int(first[-1]))
