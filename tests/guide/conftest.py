"""Where what scenes are made of lies; as for scenes, SIGTERM takes everything down, and leftovers are swept."""
import os
import pathlib
import signal
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "netns")]
import leftovers  # noqa: E402


def pytest_configure():
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 1))
    if os.geteuid() == 0:
        leftovers.sweep()
