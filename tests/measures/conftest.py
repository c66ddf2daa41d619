import pytest
from hand_built import random_losses


@pytest.fixture(scope="session")
def losses():
    return random_losses()


@pytest.fixture(scope="session")
def tied():
    return random_losses(ties=True)
