"""The agent's files, when it is killed at any change of them, or when they cannot be written."""
import errno
import json
import os
import signal

import pytest
from scene import BUILD, wait_for

FAULT = BUILD / "tests/robust/fault.so"
POINTS = 12  # A plan is saved by five changes: the old draft removed, written, synced, renamed, the directory synced.


@pytest.fixture
def session(scene):
    """One that is mirrored; the agent has ended since."""
    made = scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=1)
    wait_for("a plan is saved", lambda: (scene.directory / "agent/plan.json").exists() and lengths(scene))
    scene.agent.terminate()
    assert scene.agent.wait(20) == 0
    return made["TrafficMirrorSessionId"]


@pytest.fixture
def start_broken(scene, monkeypatch):
    """Starts an agent with the library that makes its writes go wrong (tests/robust/fault.c)."""
    def start(**faults):
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        faults = {"LD_PRELOAD": FAULT, "FAULT_UNDER": scene.directory / "agent", "ASAN_OPTIONS": sanitizer, **faults}
        monkeypatch.setenv("TMIRROR_TEST_PREFIX", " ".join(["env", *(f"{name}={value}" for name, value in faults.items())]))
        scene.start_agent()

    return start


def saved_plan(scene):
    """Whole, whatever happened."""
    with open(scene.directory / "agent/plan.json", encoding="utf-8") as file:
        return json.load(file)


def lengths(scene):
    return [session["packet_length"] for session in saved_plan(scene)["sessions"]]


def change(scene, session, length):
    scene.ec2().modify_traffic_mirror_session(TrafficMirrorSessionId=session, PacketLength=length)


def test_agent_killed_while_it_saves_a_plan(scene, session, start_broken):
    """What is on the disk is a whole plan: the one before, or the one that was being saved."""
    length = 100
    for at in range(1, POINTS + 1):
        before = lengths(scene)
        start_broken(FAULT_AT=at, FAULT_TORN=at % 2)
        while scene.agent.poll() is None:
            before = lengths(scene)
            length += 1
            change(scene, session, length)
            wait_for("the plan is saved, or the agent gone",
                     lambda: scene.agent.poll() is not None or lengths(scene) == [length])
        assert scene.agent.returncode == -signal.SIGKILL
        assert lengths(scene) in (before, [length])
    start_broken()
    wait_for("the last plan is saved", lambda: lengths(scene) == [length])


def test_agent_without_room(scene, session, start_broken):
    """It goes on by plans that it cannot save, says so, and saves the next one that it can."""
    switch = scene.directory / "switch"
    start_broken(FAULT_SWITCH=switch)
    change(scene, session, 100)
    wait_for("the plan is saved", lambda: lengths(scene) == [100])
    switch.write_text(str(errno.ENOSPC))
    change(scene, session, 101)
    scene.settle()
    wait_for("it says so", lambda: "cannot save the plan" in scene.log("tmirror-agent"))
    assert "No space left on device" in scene.log("tmirror-agent") and lengths(scene) == [100]
    switch.unlink()
    change(scene, session, 102)
    wait_for("the next plan is saved", lambda: lengths(scene) == [102])
