"""A peril whose events come out of a generating system: shortages that curtail one grid node."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.perils.adequacy.convolution import curtailed_first, exact_indices
from riskmodel.perils.adequacy.files import read_generating_system
from riskmodel.perils.adequacy.sequential import shortages
from riskmodel.perils.adequacy.systems import GeneratingSystem
from riskmodel.perils.outages import Outages, Sampler
from riskmodel.perils.protocol import PerilSpec
from riskmodel.perils.spec import figure, read_spec

if TYPE_CHECKING:
    from riskmodel.perils.protocol import Block
    from riskmodel.world.world import World

_UNIT_NUMBERS = {"mw": "MW", "count": "units", "forced_outage_rate": "share", "mttr_h": "h"}


@dataclass(frozen=True, eq=False)
class AdequacyGenerator(Sampler):
    """Curtailment of a grid node by the sequential simulation of its generating units.

    An event is one shortage; its own outages are the pieces of it, each with its own depth, which
    is exact as long as units and hourly load say all. Make one with ``of``, then
    ``register_peril`` it or pass it in ``simulate(..., perils=[...])``.

    Attributes
    ----------
    spec : every number of it; units' outage rates and repair times are read from there
    system : names of the units, and the load
    node : the node that is curtailed, such as ``grid:ERCOT``
    """

    spec: PerilSpec
    system: GeneratingSystem
    node: str

    @classmethod
    def of(cls, system: GeneratingSystem, node: str, *, large_load_mw: float | None = None,
           peril_id: str | None = None) -> AdequacyGenerator:
        """Return the peril of a system on a node.

        Parameters
        ----------
        system : units and load
        node : the node it supplies
        large_load_mw : MW of load on the node that is cut before any other, the campus among it;
            None shares a shortage out evenly over all load
        peril_id : ``adequacy_<system_id>`` if None

        Raises
        ------
        RiskModelError : ``large_load_mw`` is not above 0.
        """
        note = "As given with the system; no band."
        data: dict[str, Any] = {
            "id": peril_id or f"adequacy_{system.system_id}",
            "name": f"Curtailment on {node}", "version": "1.0", "as_of": "2026-11-23",
            "load_factor": _number(1.0, "ratio", note)}
        if large_load_mw is not None:
            data["large_load_mw"] = _number(large_load_mw, "MW", note)
        return cls._described(data, system, node)

    @classmethod
    def from_file(cls, data: Mapping[str, Any], folder: Path | None) -> AdequacyGenerator:
        """Return the peril of a world's ``perils/<id>.toml`` that names a generating system.

        ``generating_system`` is the name of one that ships, or a TOML file below the world's
        folder; ``node`` is the node; ``load_factor`` and ``large_load_mw`` may be given as numbers.
        """
        where = f"perils/{data.get('id', '?')}.toml"
        named = str(data["generating_system"])
        if not data.get("node"):
            raise RiskModelError(f"{where}: node is not there; name the node that "
                                 f"{named} supplies, such as grid:ERCOT")
        own = (folder / named) if folder is not None else None
        system = read_generating_system(own if own is not None and own.is_file() else named)
        given = {"load_factor": _number(1.0, "ratio", "The load as given."), **data}
        return cls._described(given, system, str(data["node"]))

    @classmethod
    def _described(cls, data: Mapping[str, Any], system: GeneratingSystem,
                   node: str) -> AdequacyGenerator:
        note = f"Unit of {system.name or system.system_id}; no band."
        units = [{"name": unit.name, **{key: _number(float(getattr(unit, key)), of, note)
                                        for key, of in _UNIT_NUMBERS.items()}}
                 for unit in system.units]
        texts = {
            "definition": f"Load on {node} is above what the units of {system.name or 'its grid'} "
                          "that are up can give: supply is curtailed until it is not.",
            "effect": f"Takes from {node} the share of load that cannot be served, hour by hour.",
            "group": "technological", "oed_code": "", "rdls_type": "",
            "not_modelled": [
                "Imports, maintenance, derating, start-up and common causes: units fail alone.",
                "The transmission system: all load of the node shares one pool.",
                "Load is the same in every year; hours of the year beyond it have no shortage.",
            ]}
        # text, so that a run's record of its perils tells one load from another
        load = hashlib.sha256(system.load_mw.tobytes()).hexdigest()
        spec = read_spec({**texts, **data, "units": data.get("units", units), "load_sha256": load},
                         f"generating system {system.system_id!r} on {node}")
        peril = cls(spec, system, node)
        large = peril.large_load_mw
        if figure(spec.data, "load_factor") <= 0 or (large is not None and large <= 0):
            raise RiskModelError(f"{spec.peril_id}: load_factor and large_load_mw must be above 0")
        return peril

    @property
    def large_load_mw(self) -> float | None:
        """MW of load that is cut first; None: shortages are shared out over all load."""
        return figure(self.spec.data, "large_load_mw") if "large_load_mw" in self.spec.data \
            else None

    def drawn_system(self) -> GeneratingSystem:
        """Return the system with the numbers of the spec."""
        data = self.spec.data
        units = tuple(
            replace(unit, mw=figure(data, "units", i, "mw"),
                    count=round(figure(data, "units", i, "count")),
                    forced_outage_rate=figure(data, "units", i, "forced_outage_rate"),
                    mttr_h=figure(data, "units", i, "mttr_h"))
            for i, unit in enumerate(self.system.units))
        return replace(self.system, units=units,
                       load_mw=self.system.load_mw * figure(data, "load_factor"))

    def expected_curtailed_h(self) -> float:
        """Return the exact expected hours a year of full curtailment that the peril amounts to.

        The sum over the hours of the expected share of the node's supply that is lost.
        """
        system = self.drawn_system()
        large = self.large_load_mw
        if large is None:
            return exact_indices(system, joint=False)["curtailed"]
        return curtailed_first(system, large)

    def regions(self, world: World) -> list[str]:
        """Return the one region that its events carry: the node without its kind."""
        return [self.node.partition(":")[2] or self.node]

    def draw(self, block: Block, world: World) -> Outages:
        """Return the own outages of the node, one a piece of a shortage."""
        known = {*world.nodes["node_id"], *world.sites["site_id"]}
        if self.node not in known:
            raise RiskModelError(f"{self.spec.peril_id}: there is no node {self.node!r} in this "
                                 "world; name one of its nodes, or leave this peril out")
        pieces = shortages(self.drawn_system(), block)
        start = pieces["start_h"].to_numpy()
        key = pieces["year"] * 10_000 + pieces["event"]
        event_start = pieces.groupby(key)["start_h"].transform("min").to_numpy()
        begun = event_start < block.horizon_h
        if not begun.any():
            return Outages.none()
        large = self.large_load_mw
        share = pieces["short_mw"].to_numpy() / (
            pieces["load_mw"].to_numpy() if large is None else large)
        rows = int(begun.sum())
        return Outages.of({
            "year": pieces["year"].to_numpy()[begun], "event": pieces["event"].to_numpy()[begun],
            "region": np.full(rows, self.regions(world)[0], object),
            "campaign_id": np.full(rows, -1, np.int64), "event_start_h": event_start[begun],
            "node_id": np.full(rows, self.node, object), "part": np.full(rows, "", object),
            "start_h": start[begun], "duration_h": pieces["duration_h"].to_numpy()[begun],
            "depth": np.minimum(1.0, share[begun])})


def _number(value: float, unit: str, note: str) -> dict[str, Any]:
    return {"low": value, "best": value, "high": value, "unit": unit, "source": "judgement",
            "confidence": "medium", "known_on": "2026-11-23", "note": note}
