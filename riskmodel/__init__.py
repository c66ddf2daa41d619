"""riskmodel: disruption risk to the places where frontier AI is trained.

Public names are loaded when first used, so that ``import riskmodel`` is quick and touches nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskmodel._version import __version__

#: public name -> module that defines it
_PUBLIC = {
    # errors
    "RiskModelError": "riskmodel.errors",
    "WorldError": "riskmodel.errors",
    "RiskModelWarning": "riskmodel.errors",
    "BeyondSpanWarning": "riskmodel.errors",
    # world
    "World": "riskmodel.world.world",
    "read_world": "riskmodel.world.io",
    "read_portfolio": "riskmodel.world.portfolio_file",
    "read_portfolios": "riskmodel.world.portfolio_file",
    "exposure": "riskmodel.world.exposure_table",
    # perils
    "Event": "riskmodel.perils.events",
    "OwnOutage": "riskmodel.perils.events",
    "check_peril": "riskmodel.testing",
    "PerilSpec": "riskmodel.perils.protocol",
    "read_peril_spec": "riskmodel.perils.spec",
    "register_peril": "riskmodel.perils.registry",
    "unregister_peril": "riskmodel.perils.registry",
    "Scenario": "riskmodel.perils.scenarios",
    "load_scenario": "riskmodel.perils.scenarios",
    "scenarios": "riskmodel.perils.scenarios",
    "AdequacyGenerator": "riskmodel.perils.adequacy.generator",
    "GeneratingSystem": "riskmodel.perils.adequacy.systems",
    "read_generating_system": "riskmodel.perils.adequacy.files",
    "Proposal": "riskmodel.perils.kinetic.proposal",
    "Tilt": "riskmodel.perils.kinetic.proposal",
    "even_regimes": "riskmodel.perils.kinetic.proposal",
    "rare_regimes": "riskmodel.perils.kinetic.proposal",
    # data in and out
    "import_sites": "riskmodel.exchange.import_sites",
    "to_ord": "riskmodel.exchange.ord_tables",
    "to_oed": "riskmodel.exchange.oed_export",
    "to_geoparquet": "riskmodel.exchange.result_layers",
    "to_geopackage": "riskmodel.exchange.result_layers",
    "to_rdls": "riskmodel.exchange.rdls",
    "to_csv": "riskmodel.exchange.csv_tables",
    "to_duckdb": "riskmodel.exchange.csv_tables",
    # engine
    "Losses": "riskmodel.engine.losses.losses",
    "LongRun": "riskmodel.engine.long.long_run",
    "simulate": "riskmodel.engine.run.simulation",
    "read_losses": "riskmodel.engine.losses.storage",
    "replay": "riskmodel.engine.stories.replay",
    # measures
    "measure": "riskmodel.measures.measure",
    "exceedance": "riskmodel.measures.measure",
    "contributions": "riskmodel.measures.contributions",
    "low_confidence_share": "riskmodel.measures.confidence",
    "convergence": "riskmodel.measures.convergence",
    "Until": "riskmodel.measures.until",
    "adequacy_indices": "riskmodel.measures.adequacy",
    "shapley": "riskmodel.measures.shapley",
    "shapley_permutations": "riskmodel.measures.shapley",
    # compute
    "site_chips": "riskmodel.compute.sitechips",
    "ledgers": "riskmodel.compute.ledger",
    "read_law": "riskmodel.compute.scaling",
    "ShannonLaw": "riskmodel.compute.shannon",
    "OvertrainingWarning": "riskmodel.compute.shannon",
    "TrainingRun": "riskmodel.compute.consequences",
    "consequences": "riskmodel.compute.consequences",
    "lab_consequences": "riskmodel.compute.labconsequences",
    "training_losses": "riskmodel.compute.training",
    "RunSpec": "riskmodel.compute.runspec",
    "run_spec": "riskmodel.compute.runspec",
    "progress_measures": "riskmodel.compute.progress",
    "Lever": "riskmodel.compute.levers",
    "read_levers": "riskmodel.compute.levers",
    "resilience_bought": "riskmodel.compute.levers",
    "build_out": "riskmodel.compute.buildout",
    "build_out_causes": "riskmodel.compute.buildout_fan",
    "build_out_fan": "riskmodel.compute.buildout_fan",
    "draw_build_out": "riskmodel.compute.buildout_draws",
    "Campaign": "riskmodel.compute.campaign_damage",
    "deal_ledger": "riskmodel.compute.deal_ledger",
    "supply_dependence": "riskmodel.compute.supply_dependence",
    "custom_silicon": "riskmodel.compute.supply_dependence",
    # decisions
    "contingency": "riskmodel.decisions.contingency.contingency",
    "dependencies": "riskmodel.decisions.contingency.dependence",
    "allocate": "riskmodel.decisions.allocation.allocation",
    "frontier": "riskmodel.decisions.allocation.frontier",
    "spread_frontier": "riskmodel.decisions.allocation.spread_frontier",
    "fewest_failures": "riskmodel.decisions.contingency.supply_cut",
    "importance": "riskmodel.decisions.importance.importance",
    "compare": "riskmodel.decisions.comparison.compare",
    "since": "riskmodel.decisions.since.since",
    "last_version": "riskmodel.decisions.since.last_version",
    "stress": "riskmodel.decisions.stress.stress",
    "stress_suite": "riskmodel.decisions.stress.suite",
    "stress_table": "riskmodel.decisions.stress.table",
    "stress_wide": "riskmodel.decisions.stress.table",
    "Grid": "riskmodel.decisions.stress.grid",
    "stress_grid": "riskmodel.decisions.stress.grid",
    "reverse_stress": "riskmodel.decisions.reverse.reverse_stress",
    "tornado": "riskmodel.decisions.tornado.tornado",
    "Mitigation": "riskmodel.decisions.mitigations.mitigations",
    "usual_mitigations": "riskmodel.decisions.mitigations.mitigations",
    "mitigation_value": "riskmodel.decisions.mitigations.value",
    "diversification": "riskmodel.decisions.diversification.diversification",
    "Diversification": "riskmodel.decisions.diversification.diversification",
    "needed_share_figures": "riskmodel.decisions.diversification.needed_share",
    "equivalent_firm_mw": "riskmodel.decisions.diversification.firm",
    "siting_lever": "riskmodel.decisions.levers.siting",
    "ownership_lever": "riskmodel.decisions.levers.ownership",
    "lever_table": "riskmodel.decisions.levers.table",
    "site_courses": "riskmodel.engine.losses.courses",
    "backtest": "riskmodel.decisions.backtests.backtest",
    "backtests": "riskmodel.decisions.backtests.backtest",
    "concentration": "riskmodel.decisions.concentration.concentration",
    "accumulation": "riskmodel.decisions.concentration.accumulation",
    "independent_bets": "riskmodel.decisions.concentration.independent_bets",
    "Cover": "riskmodel.decisions.price.cover",
    "cover": "riskmodel.decisions.price.cover_table",
    "next_mw": "riskmodel.decisions.next_mw.marginal",
    "candidate_years": "riskmodel.decisions.next_mw.candidate_years",
    "with_candidates": "riskmodel.decisions.next_mw.candidates",
    "Price": "riskmodel.decisions.price.price",
    "read_price": "riskmodel.decisions.price.file",
    # report
    "dependency_picture": "riskmodel.report.dependency_picture",
    "report_sections": "riskmodel.report.html",
    "write_report": "riskmodel.report.html",
}

#: public name of a whole module -> the module: ``rm.mitigations.reserve(...)``
_MODULES = {"figures": "riskmodel.figures",
            "mitigations": "riskmodel.decisions.mitigations.mitigations"}

__all__ = ["__version__", *sorted([*_PUBLIC, *_MODULES])]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'riskmodel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(__all__) | set(globals()))


if TYPE_CHECKING:
    from riskmodel import figures
    from riskmodel.compute.buildout import build_out
    from riskmodel.compute.buildout_draws import draw_build_out
    from riskmodel.compute.buildout_fan import build_out_causes, build_out_fan
    from riskmodel.compute.campaign_damage import Campaign
    from riskmodel.compute.consequences import TrainingRun, consequences
    from riskmodel.compute.deal_ledger import deal_ledger
    from riskmodel.compute.labconsequences import lab_consequences
    from riskmodel.compute.ledger import ledgers
    from riskmodel.compute.levers import Lever, read_levers, resilience_bought
    from riskmodel.compute.progress import progress_measures
    from riskmodel.compute.runspec import RunSpec, run_spec
    from riskmodel.compute.scaling import read_law
    from riskmodel.compute.shannon import OvertrainingWarning, ShannonLaw
    from riskmodel.compute.sitechips import site_chips
    from riskmodel.compute.supply_dependence import custom_silicon, supply_dependence
    from riskmodel.compute.training import training_losses
    from riskmodel.decisions.allocation.allocation import allocate
    from riskmodel.decisions.allocation.frontier import frontier
    from riskmodel.decisions.allocation.spread_frontier import spread_frontier
    from riskmodel.decisions.backtests.backtest import backtest, backtests
    from riskmodel.decisions.comparison.compare import compare
    from riskmodel.decisions.concentration.accumulation import accumulation
    from riskmodel.decisions.concentration.concentration import concentration
    from riskmodel.decisions.concentration.independent_bets import independent_bets
    from riskmodel.decisions.contingency.contingency import contingency
    from riskmodel.decisions.contingency.dependence import dependencies
    from riskmodel.decisions.contingency.supply_cut import fewest_failures
    from riskmodel.decisions.diversification.diversification import Diversification, diversification
    from riskmodel.decisions.diversification.firm import equivalent_firm_mw
    from riskmodel.decisions.diversification.needed_share import needed_share_figures
    from riskmodel.decisions.importance.importance import importance
    from riskmodel.decisions.levers.ownership import ownership_lever
    from riskmodel.decisions.levers.siting import siting_lever
    from riskmodel.decisions.levers.table import lever_table
    from riskmodel.decisions.mitigations import mitigations
    from riskmodel.decisions.mitigations.mitigations import Mitigation, usual_mitigations
    from riskmodel.decisions.mitigations.value import mitigation_value
    from riskmodel.decisions.next_mw.candidate_years import candidate_years
    from riskmodel.decisions.next_mw.candidates import with_candidates
    from riskmodel.decisions.next_mw.marginal import next_mw
    from riskmodel.decisions.price.cover import Cover
    from riskmodel.decisions.price.cover_table import cover
    from riskmodel.decisions.price.file import read_price
    from riskmodel.decisions.price.price import Price
    from riskmodel.decisions.reverse.reverse_stress import reverse_stress
    from riskmodel.decisions.since.last_version import last_version
    from riskmodel.decisions.since.since import since
    from riskmodel.decisions.stress.grid import Grid, stress_grid
    from riskmodel.decisions.stress.stress import stress
    from riskmodel.decisions.stress.suite import stress_suite
    from riskmodel.decisions.stress.table import stress_table, stress_wide
    from riskmodel.decisions.tornado.tornado import tornado
    from riskmodel.engine.long.long_run import LongRun
    from riskmodel.engine.losses.courses import site_courses
    from riskmodel.engine.losses.losses import Losses
    from riskmodel.engine.losses.storage import read_losses
    from riskmodel.engine.run.simulation import simulate
    from riskmodel.engine.stories.replay import replay
    from riskmodel.errors import BeyondSpanWarning, RiskModelError, RiskModelWarning, WorldError
    from riskmodel.exchange.csv_tables import to_csv, to_duckdb
    from riskmodel.exchange.import_sites import import_sites
    from riskmodel.exchange.oed_export import to_oed
    from riskmodel.exchange.ord_tables import to_ord
    from riskmodel.exchange.rdls import to_rdls
    from riskmodel.exchange.result_layers import to_geopackage, to_geoparquet
    from riskmodel.measures.adequacy import adequacy_indices
    from riskmodel.measures.confidence import low_confidence_share
    from riskmodel.measures.contributions import contributions
    from riskmodel.measures.convergence import convergence
    from riskmodel.measures.measure import exceedance, measure
    from riskmodel.measures.shapley import shapley, shapley_permutations
    from riskmodel.measures.until import Until
    from riskmodel.perils.adequacy.files import read_generating_system
    from riskmodel.perils.adequacy.generator import AdequacyGenerator
    from riskmodel.perils.adequacy.systems import GeneratingSystem
    from riskmodel.perils.events import Event, OwnOutage
    from riskmodel.perils.kinetic.proposal import Proposal, Tilt, even_regimes, rare_regimes
    from riskmodel.perils.protocol import PerilSpec
    from riskmodel.perils.registry import register_peril, unregister_peril
    from riskmodel.perils.scenarios import Scenario, load_scenario, scenarios
    from riskmodel.perils.spec import read_peril_spec
    from riskmodel.report.dependency_picture import dependency_picture
    from riskmodel.report.html import report_sections, write_report
    from riskmodel.testing import check_peril
    from riskmodel.world.exposure_table import exposure
    from riskmodel.world.io import read_world
    from riskmodel.world.portfolio_file import read_portfolio, read_portfolios
    from riskmodel.world.world import World
