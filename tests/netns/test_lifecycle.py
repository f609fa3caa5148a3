"""Restarts, crashes, devices that come and go, and the end: nothing is lost that need not be, nothing is left behind."""
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time

import pytest
from scapy.all import UDP, Ether
from scene import AGENT, BUILD, PATIENCE, has_clsact, patient, run, wait_for, watched
from test_mirroring import directions, lost, send_udp, settled_counters

COUNTING_SENDER = """
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[2])):
    s.sendto(struct.pack("!I", number), (sys.argv[1], 4000))
    time.sleep(0.0005)
"""


def numbers(copies):
    """What COUNTING_SENDER wrote, in order of arrival."""
    found = []
    for copy in copies:
        frame = Ether(copy)
        if UDP in frame and frame[UDP].dport == 4000:
            found.append(int.from_bytes(bytes(frame[UDP].payload)[:4], "big"))
    return found


def send_numbers(scene, count):
    sender = scene.client.start("python3", "-c", COUNTING_SENDER, "10.9.1.3", str(count))
    scene.processes.append(sender)
    return sender


def ingress_udp(scene):
    return scene.filter({"TrafficDirection": "ingress", "Protocol": 17})


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


class Flood:
    """Numbered datagrams both ways through the device of web, 20,000 a second, whose receivers check every byte.  Another pair of
    instances may have their addresses, elsewhere."""

    def __init__(self, scene, pair=None, rate=20000):
        self.scene, self.ways = scene, []
        client, web = pair or (scene.client, scene.web)
        for here, there, address in ((client, web, "10.9.1.3"), (web, client, "10.9.1.2")):
            sink = self.start(there, "check-udp-sink", 4400)
            wait_for("the sink is bound", lambda n=there: ":4400" in n.run("ss", "-lun"))
            self.ways.append((self.start(here, "check-udp", address, 4400, 600, int(rate / PATIENCE)), sink))

    def start(self, namespace, *words):
        process = namespace.start(BUILD / "bench/load", *words, stdout=subprocess.PIPE, text=True)
        self.scene.processes.append(process)
        return process

    def stop(self):
        """For each way what was sent and what arrived."""
        sent = [self.finish(sender)["packets"] for sender, _ in self.ways]
        time.sleep(0.5)  # What is in the sockets' queues is read.
        return [(packets, self.finish(sink)) for packets, (_, sink) in zip(sent, self.ways)]

    @staticmethod
    def finish(process):
        process.terminate()
        return json.loads(process.communicate(timeout=patient(20))[0])


def test_production_is_never_touched(scene):
    """Whatever becomes of agents, sessions and programs: every production packet arrives, once and as it was."""
    target, everything = scene.appliance(), scene.filter()
    session = scene.session("web", target, everything)  # Making a clsact qdisc is what a device in use would notice.
    flood = Flood(scene)

    def change_session():
        nonlocal session
        scene.ec2().delete_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"])
        scene.settle()
        wait_for("the program is off the device", lambda: not watched("web"))
        session = scene.session("web", target, everything)

    def start():
        scene.start_agent()
        wait_for("the agent watches", lambda: watched("web") and mirrors(scene, session))

    def stop():
        scene.agent.terminate()
        assert scene.agent.wait(patient(10)) == 0

    for _ in range(3):
        change_session()
        stop()
        start()
        kill(scene.agent)
        start()
        stop()
        run(AGENT, "--detach", "--bpffs", scene.pins)
        wait_for("the program is off the device", lambda: not watched("web"))
        start()
    for sent, arrived in flood.stop():
        assert arrived == {"received": sent, "changed": 0, "repeated": 0, "late": 0}


def mirrors(scene, session):
    before = accepted(scene, session)
    wait_for("copies are made", lambda: accepted(scene, session) > before)
    return True


def test_agent_killed_under_load(scene):
    """What was captured while no agent ran is shipped by its successor: nothing is missing."""
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    sender = send_numbers(scene, 4000)
    sensed.wait_copies(200, 1)
    kill(scene.agent)
    seen = len(sensed.copies(1))
    wait_for("packets pass without an agent", lambda: received(scene) > seen + 500)
    scene.start_agent()
    assert sender.wait(patient(60)) == 0
    wait_for("all copies", lambda: set(numbers(sensed.copies(1))) == set(range(4000)))
    counted = settled_counters(scene, session)
    assert counted["Ingress"]["Accepted"]["Packets"] == 4000 and lost(counted["Ingress"]) == 0


def test_counters_survive_kills_in_mid_batch(scene):
    """A batch that was interrupted is shipped again by the next agent, but counted once."""
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    scene.processes.append(scene.web.start("iperf3", "-s"))
    wait_for("iperf3 listens", lambda: "5201" in scene.web.run("ss", "-ltn"))
    flood = scene.client.start("iperf3", "-c", "10.9.1.3", "-u", "-b", "400M", "-l", "1000", "-t", "10")
    scene.processes.append(flood)
    for _ in range(4):
        before = accepted(scene, session)
        wait_for("the flood is mirrored", lambda: accepted(scene, session) > before + 1000 or flood.poll() is not None)
        kill(scene.agent)
        scene.start_agent()
    flood.wait(patient(20))
    counted = settled_counters(scene, session)  # Fails unless accepted = shipped + lost.
    assert counted["Ingress"]["Accepted"]["Packets"] >= 4000


def accepted(scene, session):
    return directions(scene.status(session["TrafficMirrorSessionId"])).get("Ingress", {}).get(
        "Accepted", {}).get("Packets", 0)


def received(scene):
    """UDP datagrams that reached the web instance (it has no listener on the port)."""
    return int(scene.web.run("sh", "-c", "awk '/^Udp:/ && $2 ~ /[0-9]/ {print $2 + $3}' /proc/net/snmp").split()[0])


def test_controller_killed_under_load(scene):
    """Mirroring goes on without a controller, and with its return everything is as it was."""
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    sender = send_numbers(scene, 3000)
    sensed.wait_copies(200, 1)
    kill(scene.controller)
    sensed.wait_copies(1200, 1)
    scene.start_controller()
    assert sender.wait(patient(60)) == 0
    wait_for("all copies", lambda: numbers(sensed.copies(1)) == list(range(3000)))
    found = scene.ec2().describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert [s["TrafficMirrorSessionId"] for s in found] == [session["TrafficMirrorSessionId"]]


def test_agent_starts_without_controller(scene):
    """The last plan is on disk: a host mirrors after a reboot even if no controller answers."""
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    kill(scene.controller)
    kill(scene.agent)
    run(AGENT, "--detach", "--bpffs", scene.pins)
    send_udp(scene, "10.9.1.3", [1])
    scene.start_agent()
    wait_for("the agent watches", lambda: watched("web"))
    send_udp(scene, "10.9.1.3", [2])
    assert [Ether(c)[UDP].dport for c in sensed.wait_copies(1, 1)] == [2]


def test_device_deleted_and_made_again(scene):
    """The sessions stay, the interface keeps its id, and mirroring goes on with the new device."""
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    interface = scene.interface("web")
    send_udp(scene, "10.9.1.3", [1])
    sensed.wait_copies(1, 1)
    scene.host.ip("link", "delete", "web")
    describe = scene.ec2().describe_network_interfaces
    wait_for("the interface is detached", lambda: describe(NetworkInterfaceIds=[interface])
             ["NetworkInterfaces"][0]["Status"] == "available")
    sessions = scene.ec2().describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert [s["NetworkInterfaceId"] for s in sessions] == [interface]
    scene.plug(scene.web, "web", "10.9.1.3", "fd09:1::3", bridge=True)
    assert scene.interface("web") == interface
    wait_for("the session is active again", lambda: scene.status(session["TrafficMirrorSessionId"])["State"] == "active")
    send_udp(scene, "10.9.1.3", [2])
    assert [Ether(c)[UDP].dport for c in sensed.wait_copies(2, 1)] == [1, 2]


def test_interface_deleted_takes_its_sessions(scene):
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    scene.ec2().delete_network_interface(NetworkInterfaceId=session["NetworkInterfaceId"])
    assert scene.ec2().describe_traffic_mirror_sessions()["TrafficMirrorSessions"] == []
    scene.settle()
    wait_for("the program is off the device", lambda: not watched("web"))


def test_rules_change_without_a_gap(scene):
    """Changing a filter or modifying a session takes effect on running traffic; what both forms accept is never missed."""
    sensed = scene.sensor_capture()
    target, made = scene.appliance(), ingress_udp(scene)
    session = scene.session("web", target, made, VirtualNetworkId=1)
    ec2 = scene.ec2()
    sender = send_numbers(scene, 3000)
    sensed.wait_copies(100, 1)
    for number in range(2, 8):
        rule = ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=made, TrafficDirection="ingress", RuleNumber=100 + number, RuleAction="accept",
            Protocol=6, SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]
        ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"],
                                          PacketLength=1000 + number)
        ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"])
    assert sender.wait(patient(60)) == 0
    wait_for("all copies", lambda: numbers(sensed.copies(1)) == list(range(3000)))


def test_detach_leaves_nothing(scene):
    """For good: no program, map, qdisc, pin or process of ours remains."""
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=1)
    ours = kernel_objects(scene.agent)
    assert watched("web") and {kind for kind, _ in ours} == {"map", "prog"}
    scene.agent.terminate()
    assert scene.agent.wait(patient(10)) == 0
    assert watched("web"), "an agent that merely stops leaves the mirror in place"
    run(AGENT, "--detach", "--bpffs", scene.pins)
    assert not scene.pins.exists()
    wait_for("the kernel lets the links go", lambda: not watched("web"))
    wait_for("the kernel frees our objects", lambda: not ours & kernel_objects())


def kernel_objects(process=None):
    """Kinds and ids of the BPF objects that a process holds, or of all there are; others may use BPF at the same time."""
    if process is None:
        return {(kind, entry["id"]) for kind in ("map", "prog")
                for entry in json.loads(run("bpftool", "-j", kind, "show"))}
    found = set()
    for path in pathlib.Path(f"/proc/{process.pid}/fdinfo").iterdir():
        found |= {(kind, int(number)) for kind, number in re.findall(r"^(map|prog)_id:\s*(\d+)$", path.read_text(), re.M)}
    return found


def test_clsact_fallback(bare_scene):
    """Kernels without tcx: the same, attached the older way."""
    scene = bare_scene
    scene.agent_options = ["--attach", "clsact"]
    scene.start_controller()
    scene.start_agent()
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=1)
    assert "clsact" in run("tc", "qdisc", "show", "dev", "web")
    scene.client.run("ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.1.3")
    sensed.wait_copies(4, 1)
    scene.agent.terminate()
    assert scene.agent.wait(patient(10)) == 0
    run(AGENT, "--detach", "--bpffs", scene.pins)
    assert not watched("web") and has_clsact("web"), "removing the qdisc would drop packets of a device that is up"


def test_change_is_live_soon(scene):
    """From the API's answer to a filter in force: the median is printed; the bound is a generous deadline."""
    target = scene.appliance()
    made = scene.filter({"TrafficDirection": "ingress", "Protocol": 17})
    scene.session("web", target, made, VirtualNetworkId=1)
    ec2, times = scene.ec2(), []
    rules = pinned_rules(scene)
    for number in range(15):
        ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=made, TrafficDirection="egress", RuleNumber=100 + number, RuleAction="accept",
            Protocol=6, SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
        answered = time.monotonic()
        wait_for("the plan on disk changes", lambda: rules(100 + number))
        times.append((time.monotonic() - answered) * 1000)
        if number == 8:
            found = ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[made])["TrafficMirrorFilters"][0]
            for rule in found["EgressFilterRules"]:
                ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"])
    print(f"API answer to plan in force: median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms")


def pinned_rules(scene):
    """The agent saves a plan after it has applied it."""
    path = scene.directory / "agent/plan.json"
    return lambda number: f'"number":{number},' in path.read_text().replace(" ", "") if path.exists() else False


def test_secrets_stay_secret(scene):
    """Files of mode 0600, nothing in arguments or logs."""
    for path in scene.state.iterdir():
        if path.suffix in (".env", ".key", ".sqlite") or "sqlite" in path.name:
            assert path.stat().st_mode & 0o077 == 0, path
    secret = scene.credentials()["AWS_SECRET_ACCESS_KEY"]
    for process in (scene.controller, scene.agent):
        with open(f"/proc/{process.pid}/cmdline") as handle:
            assert secret not in handle.read()
    assert secret not in scene.log("tmirror-controller") + scene.log("tmirror-agent")
    assert os.path.exists(scene.state / "ca.pem") and directions


@pytest.mark.parametrize("missing", ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_incomplete_credentials(bare_scene, missing):
    """One line says what is missing, and the agent ends."""
    bare_scene.start_controller()
    path = bare_scene.state / "agent.env"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if missing not in line))
    bare_scene.start_agent()
    assert bare_scene.agent.wait(patient(10)) == 1
    assert missing in bare_scene.log("tmirror-agent") and bare_scene.log("tmirror-agent").count("\n") == 1


def test_wrong_credentials(bare_scene):
    """One line says so; the agent goes on trying, for keys can be repaired at the controller too."""
    bare_scene.start_controller()
    path = bare_scene.state / "agent.env"
    path.write_text(path.read_text().replace("AWS_SECRET_ACCESS_KEY=", "AWS_SECRET_ACCESS_KEY=not-"))
    bare_scene.start_agent()
    wait_for("the refusal is logged", lambda: "no answer for plans" in bare_scene.log("tmirror-agent"))
    assert bare_scene.agent.poll() is None
    assert all(line[2:3] == ":" for line in bare_scene.log("tmirror-agent").splitlines()), "a line without a time"


def test_agent_has_three_capabilities(scene):
    """CAP_NET_ADMIN (12), CAP_NET_RAW (13) and CAP_BPF (39), and no way to any other."""
    status = dict(line.split(":\t", 1) for line in open(f"/proc/{scene.agent.pid}/status").read().splitlines()
                  if ":\t" in line)
    three = 1 << 12 | 1 << 13 | 1 << 39
    for kind in ("CapPrm", "CapEff", "CapBnd"):
        assert int(status[kind], 16) == three, kind
    assert status["NoNewPrivs"].strip() == "1"


def test_agent_without_perfmon(bare_scene, monkeypatch):
    """Newer kernels load the program without CAP_PERFMON; of an older one the agent says what it needs, and ends."""
    scene = bare_scene
    monkeypatch.setenv("TMIRROR_TEST_PREFIX", "setpriv --bounding-set=-perfmon,-sys_admin")
    scene.start_controller()
    scene.start_agent()
    wait_for("the agent runs or ends", lambda: scene.agent.poll() is not None or scene.hosts(), 40)
    if scene.agent.poll() is not None:
        assert tuple(map(int, os.uname().release.split(".")[:2])) < (6, 8)
        assert scene.agent.wait() == 1 and "CAP_PERFMON" in scene.log("tmirror-agent")
        return
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=1)
    scene.client.run("ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.1.3")
    sensed.wait_copies(4, 1)


def test_a_deleted_interface_that_is_there_comes_back(scene):
    """Deleted by mistake or not, what is plugged is shown: the host is asked for it, though nothing of it changed."""
    before = scene.interface("web")
    scene.session("web", scene.appliance(), ingress_udp(scene))
    scene.settle()
    scene.ec2().delete_network_interface(NetworkInterfaceId=before)
    after = scene.interface("web")
    assert after != before
    assert scene.ec2().describe_traffic_mirror_sessions()["TrafficMirrorSessions"] == []
