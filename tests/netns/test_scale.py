"""Hundreds of sources on one host: what a plan takes until all of them are watched, what they cost when idle, and how they
go.  The figures are printed; the bounds are ratios between few and many, and shares of a CPU, not times of this machine.

TMIRROR_SCALE=N makes it N sources instead of 100."""
import json
import os
import re
import time

import pytest
from scene import AGENT, patient, run, tcx_programs, wait_for
from test_lifecycle import kernel_objects
from test_tamper import cpu_seconds

MANY = int(os.environ.get("TMIRROR_SCALE", "100"))
FEW = MANY // 3


def plug(scene, first, last):
    """Devices s-FIRST to s-LAST, each the host's end of a cable into the namespace of web."""
    lines = []
    for number in range(first, last):
        lines += [f"link add s-{number} type veth peer name p-{number} netns {scene.web.name}",
                  f"link set s-{number} addrgenmode none", f"link set s-{number} up"]
    scene.host.run("ip", "-batch", "-", input="\n".join(lines))


def interfaces(scene):
    """Ids of the devices made by plug(), by device."""
    found = {}
    for page in scene.ec2().get_paginator("describe_network_interfaces").paginate():
        for interface in page["NetworkInterfaces"]:
            tags = {t["Key"]: t["Value"] for t in interface["TagSet"]}
            if tags.get("tmirror:device", "").startswith("s-"):
                found[tags["tmirror:device"]] = interface["NetworkInterfaceId"]
    return found


def make_sessions(scene, target, filter_id, first, last):
    found = wait_for("the inventory", lambda: (i := interfaces(scene)) and len(i) >= last and i, 60)
    ec2 = scene.ec2()
    for number in range(first, last):
        ec2.create_traffic_mirror_session(
            NetworkInterfaceId=found[f"s-{number}"], TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id,
            SessionNumber=1, VirtualNetworkId=1000 + number)


def watched_count(scene, ids=None):
    return len(list(scene.pins.glob("layout-*/links/*")))


def start_and_time(scene, count):
    """Starts an agent that finds nothing in the kernel; returns seconds until every source is watched."""
    begun = time.monotonic()
    scene.start_agent()
    wait_for("all sources are watched", lambda: watched_count(scene) == 2 * count, 120)
    wait_for("the host has applied its plan", lambda: all(
        h["AppliedRevision"] == h["WantedRevision"] and h["Connected"] for h in scene.hosts()), 60)
    return time.monotonic() - begun


def stop_and_time(scene):
    """Ends the agent and takes all away; returns seconds for the first and the second."""
    begun = time.monotonic()
    scene.agent.terminate()
    assert scene.agent.wait(patient(30)) == 0
    stopped = time.monotonic()
    run(AGENT, "--detach", "--bpffs", scene.pins)
    assert not scene.pins.exists()
    return stopped - begun, time.monotonic() - stopped


def memory(scene):
    """Kilobytes of the agent's own memory and of the maps it holds."""
    status = open(f"/proc/{scene.agent.pid}/status").read()
    own = int(re.search(r"^RssAnon:\s*(\d+) kB", status, re.M)[1])
    maps = {number for kind, number in kernel_objects(scene.agent) if kind == "map"}
    held = sum(m.get("bytes_memlock", 0) for m in json.loads(run("bpftool", "-j", "map", "show")) if m["id"] in maps)
    return own, held // 1024


def idle_share(scene, process, seconds=6):
    """Share of a CPU that a process takes while nothing happens."""
    wait_for("what was to be done is done", lambda: quiet(process), 60)
    before = cpu_seconds(process)
    time.sleep(seconds)  # There is nothing to wait for: it is the absence of work that is measured.
    return (cpu_seconds(process) - before) / seconds


def quiet(process):
    before = cpu_seconds(process)
    time.sleep(1)
    return cpu_seconds(process) - before <= 0.1


@pytest.mark.alone
@pytest.mark.parametrize("attach", ["tcx", "clsact"])
def test_many_sources(bare_scene, attach):
    scene = bare_scene
    scene.agent_options = ["--attach", attach]
    scene.controller_options = ["--limit", f"sources-per-target={MANY}"]
    scene.start_controller()
    scene.start_agent()
    target, filter_id = scene.appliance(), scene.filter()
    figures, done = {}, 0
    for count in (FEW, MANY):
        plug(scene, done, count)
        make_sessions(scene, target, filter_id, done, count)
        done = count
        stop_and_time(scene)
        started = start_and_time(scene, count) if attach == "tcx" else start_clsact(scene, count)
        own, maps = memory(scene)
        shares = idle_share(scene, scene.agent), idle_share(scene, scene.controller)
        stopped, detached = stop_and_time(scene)
        figures[count] = started, own, maps, *shares, stopped, detached
        print(f"{attach}, {count} sources: watched after {started:.2f} s, agent {own} kB, maps {maps} kB, idle "
              f"{shares[0]:.2%} agent {shares[1]:.2%} controller, stopped after {stopped:.2f} s, detached after {detached:.2f} s")
        scene.start_agent()
    assert tcx_programs("s-0") >= 0
    few, many = figures[FEW], figures[MANY]
    assert many[0] < 5 * few[0], "three times the sources take more than five times as long"
    assert many[6] < 5 * few[6] + 1
    assert many[3] < 0.05, "the idle agent takes more than a twentieth of a CPU"


def test_attaching_keeps_nobody_waiting(bare_scene):
    """While it attaches to many devices, which waits for the kernel on each, the agent looks after those that it has, and
    stops when it is told to; its successor goes on from there."""
    scene = bare_scene
    scene.agent_options = ["--attach", "tcx"]
    scene.controller_options = ["--limit", f"sources-per-target={MANY}"]
    scene.start_controller()
    scene.start_agent()
    plug(scene, 0, MANY)
    make_sessions(scene, scene.appliance(), scene.filter(), 0, MANY)
    stop_and_time(scene)
    wait_for("the kernel lets go", lambda: not any(tcx_programs(f"s-{number}") for number in range(MANY)), 60)
    scene.start_agent()
    first = wait_for("the first is attached", lambda: sorted(scene.pins.glob("layout-*/links/*-ingress")))[0]
    first.unlink()
    wait_for("the first is attached again", first.exists)
    assert watched_count(scene) < 2 * MANY, "it was put back when all were attached, not before"
    begun = time.monotonic()
    scene.agent.terminate()
    assert scene.agent.wait(patient(10)) == 0
    stopped = time.monotonic() - begun
    assert watched_count(scene) < 2 * MANY, "it stopped when all were attached, not before"
    print(f"stopped in the midst of attaching after {stopped:.2f} s")
    start_and_time(scene, MANY)


def start_clsact(scene, count):
    begun = time.monotonic()
    scene.start_agent()
    wait_for("the host has applied its plan", lambda: all(
        h["AppliedRevision"] == h["WantedRevision"] and h["Connected"] for h in scene.hosts()), 120)
    took = time.monotonic() - begun
    shown = run("tc", "-s", "qdisc", "show")
    assert shown.count("clsact") >= count
    return took
