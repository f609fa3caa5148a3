"""A short soak (bench/soak): production whole, accounts settled and nothing leaked after some seconds of changes."""
import os
import subprocess
import sys

import pytest
from scene import AGENT, BUILD, ROOT


def sanitized():
    """Sanitizers keep freed memory, which looks like growth."""
    return b"__asan_init" in AGENT.read_bytes()


@pytest.mark.parametrize("restarts", [None, "upgrade"])
def test_soak(restarts):
    options = ["--ignore-memory"] if sanitized() else []
    if restarts:
        options += ["--restarts", restarts]
    done = subprocess.run([sys.executable, ROOT / "bench/soak", "--seconds", "10", "--seed", "1", *options],
                          env={**os.environ, "TMIRROR_BUILD": str(BUILD)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=240)
    assert done.returncode == 0, done.stdout
