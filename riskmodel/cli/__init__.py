"""The program ``riskmodel``: its verbs, their options and their examples.

What each verb does stands in ``riskmodel.commands``.
"""

from riskmodel.cli.program import app, main, perils_app, scenarios_app

__all__ = ["app", "main", "perils_app", "scenarios_app"]
