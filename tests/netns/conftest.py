"""Fixtures: a scene with both daemons running, entered; everything is taken down afterwards."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from scene import Scene  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="makes network namespaces: needs root"))


@pytest.fixture
def bare_scene(request):
    """Namespaces only; the test starts the daemons, perhaps with options."""
    scene = Scene(request.node.name.split("[")[0][:24])
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
