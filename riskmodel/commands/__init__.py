"""What each verb of the command line does; ``riskmodel.cli`` only declares them."""
