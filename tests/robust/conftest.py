"""Shares what tests/clients knows of controllers, and knows how long to go on."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(os.path.dirname(HERE), "clients")]


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=50, help="how often the controller is killed (50)")
    parser.addoption("--connections", type=int, default=3000, help="how often strangers connect (3000)")
    parser.addoption("--every-point", action="store_true", help="crash at each change of a file, not at some")


@pytest.fixture
def state(tmp_path):
    """A state directory; whatever still serves it at the end is ended."""
    yield tmp_path / "state"
    for controller in STARTED:
        controller.stop()
    STARTED.clear()


STARTED = []
