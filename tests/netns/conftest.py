"""Fixtures: a scene with both daemons running, entered; everything is taken down afterwards."""
import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import leftovers  # noqa: E402
from scene import Scene  # noqa: E402


def pytest_sessionstart():
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 1))  # As Ctrl-C: the scene is taken down.
    if os.geteuid() == 0:
        leftovers.sweep()


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="makes network namespaces: needs root"))


# Played with each way of attaching: what the kernel has by itself, and what kernels before 6.6 have.
BOTH_WAYS = {"test_agent_killed_under_load", "test_crafted_frames", "test_device_deleted_and_made_again",
             "test_negative", "test_offloads_on", "test_own_output_is_not_mirrored", "test_production_is_never_touched",
             "test_rules_change_without_a_gap",
             "test_two_sessions"}


def pytest_generate_tests(metafunc):
    if metafunc.function.__name__ in BOTH_WAYS:
        metafunc.parametrize("attach", ["auto", "clsact"], indirect=True)


@pytest.fixture
def attach(request):
    return getattr(request, "param", "auto")


@pytest.fixture
def bare_scene(request, attach):
    """Namespaces only; the test starts the daemons, perhaps with options."""
    scene = Scene(request.node.name.split("[")[0][:24])
    scene.agent_options = ["--attach", attach]
    try:
        with scene.host.entered():
            yield scene
    except BaseException:
        for program in ("tmirror-controller", "tmirror-agent"):
            print(f"--- {program}\n{scene.log(program)}")
        raise
    finally:
        scene.close()


@pytest.fixture
def scene(bare_scene):
    bare_scene.start_controller()
    bare_scene.start_agent()
    bare_scene.interface("web")
    return bare_scene
