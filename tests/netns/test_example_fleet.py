"""The example that shows a fleet (examples/fleet) does so, and leaves nothing behind."""
import os
import subprocess

import pytest
from scene import BUILD, ROOT, patient, run

pytestmark = pytest.mark.sanitized


def test_the_fleet_of_the_example():
    done = subprocess.run([ROOT / "examples/fleet/run"], env={**os.environ, "BUILD": str(BUILD), "DURATION": "1"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=patient(120), check=False)
    assert done.returncode == 0, done.stdout
    for host in ("one", "two", "three"):
        assert any(line.startswith(host) and "connected" in line for line in done.stdout.splitlines()), done.stdout
    assert "copies arrived." in done.stdout.splitlines()[-1], done.stdout
    assert "tmf-" not in run("ip", "netns", "list")
