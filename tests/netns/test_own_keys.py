"""An agent with a key of its own host: it is let in, gets itself other keys, is shut out; and knows that from a controller that is away."""
import os
import re
import signal
import subprocess

import pytest
from scapy.all import UDP, Ether
from scene import AGENT, BUILD, run, wait_for, watched
from test_lifecycle import ingress_udp, kill, send_udp

FAULT = BUILD / "tests/robust/fault.so"
CLOCK = BUILD / "tests/clients/clock.so"
POINTS = 5  # A key is kept by these changes: the old draft removed, written, synced, renamed, the directory synced.


@pytest.fixture
def enrolled(bare_scene):
    """A host that was let in by the command that 'tmirror host add' prints; its agent does not run yet."""
    bare_scene.start_controller()
    enrol(bare_scene)
    return bare_scene


def enrol(scene):
    scene.agent_credentials = scene.directory / "own/agent.env"
    printed = scene.tmirror("host", "add", "testhost")
    subprocess.run([AGENT, "--credentials", scene.agent_credentials, "--state", scene.directory / "agent", "--config", "/dev/null", "enrol"],
                   input=printed.split("<<'END'\n")[1].removesuffix("END\n"), text=True, check=True)


def start_agent(scene, *options, **variables):
    scene.agent_options = list(options)
    os.environ["TMIRROR_TEST_PREFIX"] = " ".join(["env", *(f"{name}={value}" for name, value in variables.items())]) if variables else ""
    try:
        scene.start_agent()
    finally:
        del os.environ["TMIRROR_TEST_PREFIX"]


def preload(library):
    return {"LD_PRELOAD": library, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}


def host(scene):
    """Of 'tmirror host show', line by line."""
    return dict(line.split(None, 1) for line in scene.tmirror("host", "show", "testhost").splitlines() if len(line.split(None, 1)) == 2)


def times(scene, words):
    return scene.log("tmirror-agent").count(words)


def test_a_host_that_is_shut_out_mirrors_nothing(enrolled):
    """At once, though its agent waits for a plan; also after a restart, and without a controller; until it is let in again."""
    scene = enrolled
    start_agent(scene)
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    send_udp(scene, "10.9.1.3", [1])
    sensed.wait_copies(1, 1)
    assert "its own" in scene.tmirror("host", "show", "testhost")

    # A controller that is away means nothing.
    kill(scene.controller)
    wait_for("the agent misses it", lambda: times(scene, "no answer for reports"))
    send_udp(scene, "10.9.1.3", [2])
    sensed.wait_copies(2, 1)
    (scene.directory / "tmirror-controller.log").unlink()
    scene.start_controller()
    wait_for("the agent is back", lambda: times(scene, "takes our calls again (reports)"))

    scene.tmirror("host", "revoke", "testhost")
    wait_for("the program is off the device", lambda: not watched("web"), 5)
    assert "revoked" in scene.tmirror("host", "list") and "taken back" in scene.tmirror("status")
    assert times(scene, "all sessions end") == 1
    kill(scene.agent)
    kill(scene.controller)
    missed = times(scene, "no answer for plans")
    start_agent(scene)
    wait_for("the next one misses it", lambda: times(scene, "no answer for plans") > missed)
    assert not watched("web")

    (scene.directory / "tmirror-controller.log").unlink()
    scene.start_controller()
    enrol(scene)
    scene.agent.send_signal(signal.SIGHUP)
    wait_for("the agent watches", lambda: watched("web"))

    def heard():
        send_udp(scene, "10.9.1.3", [3])
        return [Ether(copy)[UDP].dport for copy in sensed.copies(1)][2:]
    assert set(wait_for("the host mirrors again", heard)) == {3}


def test_a_key_is_renewed_whenever_the_agent_is_killed(enrolled):
    """At each change of its files on the way: the agent that follows has a key that works, and gets another."""
    scene = enrolled
    keys = scene.directory / "agent/keys"
    for at in range(1, POINTS + 1):
        start_agent(scene, "--key-age", "1s", FAULT_UNDER=keys, FAULT_AT=at, FAULT_TORN=at % 2, **preload(FAULT))
        assert scene.agent.wait(60) == -signal.SIGKILL
    start_agent(scene, "--key-age", "1s")
    wait_for("another key", lambda: times(scene, "the host has another key now"))
    given = run("sh", "-c", f". {scene.agent_credentials}; echo $AWS_ACCESS_KEY_ID").strip()
    kept = run("sh", "-c", f". {keys}/after-{given}.env; echo $AWS_ACCESS_KEY_ID").strip()
    wait_for("it is used", lambda: kept in scene.tmirror("host", "show", "testhost") and kept != given)
    assert (keys / f"after-{given}.env").stat().st_mode & 0o777 == 0o600
    # What the agent was given is good for a while, but no longer what it goes by.
    scene.agent.terminate()
    assert scene.agent.wait(60) == 0
    start_agent(scene, "--key-age", "0")
    wait_for("the agent is back", lambda: kept in scene.tmirror("host", "show", "testhost") and "connected" in scene.tmirror("host", "list"))


@pytest.mark.parametrize("ahead", [7200, -7200])
def test_a_clock_that_is_wrong(enrolled, ahead):
    start_agent(enrolled, CLOCK_AHEAD=ahead, **preload(CLOCK))
    enrolled.interface("web")
    said = re.findall(r"differs from the controller's by (-?\d+) s", enrolled.log("tmirror-agent"))
    assert said and all(abs(int(seconds) + ahead) < 60 for seconds in said)
    assert times(enrolled, "all sessions end") == 0


def test_several_controllers(enrolled):
    """The agent leaves one that does not answer, and stays with one that does."""
    url = enrolled.credentials()["AWS_ENDPOINT_URL"]
    start_agent(enrolled, "--controller", f"https://127.0.0.1:1,{url}")
    enrolled.interface("web")
    assert times(enrolled, "trying on") <= 2  # Plans and reports, once each.
