"""Fixtures: a controller with a fresh state directory on a free port; hosts that have reported to it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from controller import Controller  # noqa: E402


@pytest.fixture
def controller_with(tmp_path):
    """Starts a controller with options of the test's own."""
    started = []

    def start(*options, state=tmp_path / "state", **more):
        started.append(Controller(state, *options, **more))
        return started[-1].start()

    yield start
    for controller in started:
        status = controller.stop()
        assert status in (0, None), controller.log()
        assert "Sanitizer" not in controller.log() and "runtime error" not in controller.log(), controller.log()


@pytest.fixture
def controller(controller_with):
    return controller_with()


@pytest.fixture
def ec2(controller):
    return controller.client()


@pytest.fixture
def interfaces(controller, ec2):
    """Ids by device: a host's own NIC, and two guests' taps."""
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1", "fd00::1"]), ("tap0", "guest", []),
                                       ("tap1", "guest", [])]).status_code == 204
    described = ec2.describe_network_interfaces()["NetworkInterfaces"]
    return {tag["Value"]: interface["NetworkInterfaceId"]
            for interface in described for tag in interface["TagSet"] if tag["Key"] == "tmirror:device"}
