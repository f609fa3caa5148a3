"""The site that the guide speaks of, in namespaces:

    client  10.9.1.2 ─── device "client" ───────┐
    server  10.9.1.30 ── device "eth0" ─────────┤
    machine 10.9.1.31 ── device "tap100i0" ─────┼─ bridge "lan"     (host: controller, agent, API on loopback)
    guest   10.9.1.32 ── device "vnet0" ────────┤
    pod     10.9.1.33 ── device "cali0a1b2c3" ──┘
    sensor  192.0.2.10 ─ device "sensor" 192.0.2.1

The client asks the web servers of all others, over and over.  Paths of the installed system, as the guide has them, are those of
the scene's directory, by substitution.
"""
import contextlib
import os
import re
import shutil
import signal
import subprocess

import pytest
from scene import AGENT, CLI, CONTROLLER, Scene, patient, wait_for

SOURCES = {"eth0": "10.9.1.30", "tap100i0": "10.9.1.31", "vnet0": "10.9.1.32", "cali0a1b2c3": "10.9.1.33"}
STATES = ("/var/lib/tmirror", "/etc/tmirror", "/etc/suricata", "/var/log/suricata", "/var/tmp")


class Site(Scene):
    def __init__(self, name):
        super().__init__(name)
        self.started = []
        self.variables = self.directory / "variables"
        self.variables.touch()
        (self.directory / "var/tmp").mkdir(parents=True)
        for number, (device, address) in enumerate(SOURCES.items(), 30):
            setattr(self, device, self.instance(device, address, f"fd09:1::{number}", bridge=True))
        self.sensor.ip("address", "add", "192.0.2.10/24", "dev", "eth0")
        self.host.ip("address", "add", "192.0.2.1/24", "dev", "sensor")

    def start_all(self):
        with self.host.entered():
            self.start_controller()
            self.start_agent()
            self.interface("cali0a1b2c3")
        (self.directory / "etc/tmirror").mkdir(parents=True)
        pages = self.directory / "www"
        pages.mkdir()
        (pages / "index.html").write_text("<h1>Mirrored</h1>\n")
        for device, address in SOURCES.items():
            self.start(getattr(self, device), "python3", "-m", "http.server", "80", "--bind", address, "--directory", pages)
        asking = "; ".join(f"curl -s -m 1 http://{address}/ >/dev/null" for address in SOURCES.values())
        self.start(self.client, "sh", "-c", f"while :; do {asking}; done")

    # --- the guide's blocks ---

    def here(self, text):
        """The text with the paths of this scene."""
        for path in STATES:
            place = self.state if path == "/var/lib/tmirror" else self.directory / path.strip("/")
            text = re.sub(rf"{path}(?=[/\s'\"]|$)", str(place), text, flags=re.M)
        return text

    def write(self, path, text):
        path = self.directory / self.here(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here(text))

    def run_block(self, block):
        """Runs it as its page asks for; fails the test with what it printed."""
        needed = block.said.get("needs")
        if needed and not shutil.which(needed, path=self.environment()["PATH"]):
            return
        pattern = block.said.get("until") or block.said.get("shows")
        if "until" in block.said:
            self.run_until(block, pattern)
            return
        status, printed = self.try_block(block)
        assert status == 0, f"{block.place}: exit status {status}\n{block.text}\n{printed}"
        if pattern:
            assert re.search(pattern, printed, re.M), f"{block.place}: does not show {pattern}\n{block.text}\n{printed}"

    def run_until(self, block, pattern):
        printed = ""

        def shows():
            nonlocal printed
            printed = self.try_block(block)[1]
            return re.search(pattern, printed, re.M)
        try:
            wait_for(f"{block.place} shows {pattern}", shows)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{block.text}\n{printed}") from None

    def try_block(self, block):
        """Exit status and output.  What it leaves running may write on, so the output is a file."""
        output = self.directory / "output"
        script = f"set -a; . {self.variables}; cd {self.directory}\n{self.here(block.text)}\nexport -p >{self.variables}"
        with open(output, "w") as file:
            process = getattr(self, block.said.get("on", "host")).start(
                "bash", "-euo", "pipefail", "-c", script, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
                env=self.environment())
        self.started.append(process)
        try:
            status = process.wait(patient(30))
        except subprocess.TimeoutExpired:
            pytest.fail(f"{block.place}: does not end\n{block.text}\n{output.read_text()}")
        return status, output.read_text()

    def environment(self):
        programs = ":".join(str(program.parent) for program in (CLI, AGENT, CONTROLLER))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        # Both programs find their credentials by themselves where they are installed; here these lie elsewhere.
        return {**clean, **self.credentials(), "TMIRROR_AGENT_CREDENTIALS": str(self.directory / "etc/tmirror/agent.env"), "PATH": f"{programs}:{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(self.directory)}

    def close(self):
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # What the block left in the background.
        super().close()
