"""Fixtures: a controller with its console, and a browser before it."""
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "clients")]
from browser import Browser  # noqa: E402
from controller import Controller  # noqa: E402


@pytest.fixture
def controller(tmp_path):
    controller = Controller(tmp_path / "state").start()
    yield controller
    assert controller.stop() in (0, None), controller.log()
    assert "Sanitizer" not in controller.log() and "runtime error" not in controller.log(), controller.log()


@pytest.fixture
def browser(controller, tmp_path):
    browser = Browser(controller.url, controller.administrator["AWS_CA_BUNDLE"], tmp_path / "home")
    yield browser
    browser.close()


@pytest.fixture
def pictures(tmp_path):
    """Where screenshots go: make screenshots keeps them."""
    wished = os.environ.get("TMIRROR_SCREENSHOTS")
    directory = pathlib.Path(wished).resolve() if wished else tmp_path / "screenshots"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
