"""What AWS's sessions do not have, one scene for each: the sensor and the counters agree, and production never notices.

The traffic is UDP from client to web in numbered datagrams; web listens, so what production got is counted as well."""
import collections
import os
import signal
import socket
import time

import pytest
from scapy.all import IP, UDP, Ether, IPv6
from scene import enter, wait_for
from test_lifecycle import ingress_udp, kill
from test_mirroring import directions, lost

pytestmark = pytest.mark.sanitized

WEB = "10.9.1.3"
SO_RCVBUFFORCE = 33


class Traffic:
    """A sender in client and a listener in web, whose buffer holds everything a test sends."""

    def __init__(self, scene):
        self.sent = 0
        self.listener = self.open(scene, scene.web)
        self.listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        self.listener.bind((WEB, 7000))
        self.sender = self.open(scene, scene.client)

    @staticmethod
    def open(scene, namespace):
        enter(namespace.path)
        try:
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        finally:
            enter(scene.host.path)

    def send(self, count, size=100, pause=0, tos=0):
        self.sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
        for _ in range(count):
            self.sender.sendto(self.sent.to_bytes(4, "big").ljust(size, b"x"), (WEB, 7000))
            self.sent += 1
            if pause:
                time.sleep(pause)

    def check_production(self):
        """Every datagram arrived, once, in order."""
        self.listener.settimeout(5)
        assert [int.from_bytes(self.listener.recv(2000)[:4], "big") for _ in range(self.sent)] == list(range(self.sent))
        self.listener.close()
        self.sender.close()


@pytest.fixture
def traffic(scene):
    """For a session on web that takes what comes in: everything by the session's settings but the options."""
    return Traffic(scene)


def modify(scene, session, *options):
    scene.tmirror("session", "modify", session["TrafficMirrorSessionId"], *map(str, options))
    scene.settle()


def counted(scene, session, sent):
    """The counters of what came in, once all of it is accounted for."""
    def rest():
        now = directions(scene.status(session["TrafficMirrorSessionId"])).get("Ingress")
        return now if now and now["Accepted"]["Packets"] == sent == now["Shipped"]["Packets"] + lost(now) else None
    return wait_for(f"{sent} copies are accounted for", rest, 30)


def reasons(direction):
    return {entry["Reason"]: entry["Packets"] for entry in direction["Lost"] if entry["Packets"]}


def check_share(chosen, count, share):
    """Within six standard deviations of what chance gives."""
    assert abs(chosen - count * share) < 6 * (count * share * (1 - share)) ** 0.5, f"{chosen} of {count}"


def test_packet_sampling(scene, traffic):
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    modify(scene, session, "--packet-sampling", 4)
    traffic.send(4000, pause=0.0001)
    found = counted(scene, session, 4000)
    check_share(found["Shipped"]["Packets"], 4000, 1 / 4)
    assert reasons(found) == {"sampled_out": 4000 - found["Shipped"]["Packets"]}
    sensed.wait_copies(found["Shipped"]["Packets"], 1)
    traffic.check_production()


def test_flow_sampling(scene):
    """A flow is copied whole and in both directions, or not at all."""
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=1)
    modify(scene, session, "--flow-sampling", 3)
    listener = Traffic.open(scene, scene.web)
    listener.bind((WEB, 7000))
    for port in range(20000, 20300):
        sender = Traffic.open(scene, scene.client)
        sender.bind(("10.9.1.2", port))
        for _ in range(2):
            sender.sendto(b"question", (WEB, 7000))
            listener.sendto(b"answer", listener.recvfrom(100)[1])
        assert sender.recv(100) == sender.recv(100) == b"answer"
        sender.close()
    listener.close()

    def whole():
        flows, frames = collections.Counter(), list(map(Ether, sensed.copies(1)))
        for frame in frames:
            if UDP in frame:
                flows[frozenset((frame[UDP].sport, frame[UDP].dport))] += 1
        accepted = directions(scene.status(session["TrafficMirrorSessionId"]))
        told = {d: (c["Accepted"]["Packets"], c["Shipped"]["Packets"]) for d, c in accepted.items()}
        return flows if told.get("Ingress", (0, 0))[0] >= 600 and len(frames) == sum(s for _, s in told.values()) \
            else None
    flows = wait_for("what was shipped is at the sensor", whole, 30)
    assert set(flows.values()) == {4}
    check_share(len(flows), 300, 1 / 3)


@pytest.mark.alone
@pytest.mark.parametrize("option, limit, unit", [("--max-packets-per-second", 300, 1),
                                                 ("--max-bits-per-second", 300 * 8 * 142, 142 * 8)])
def test_rate_cap(scene, traffic, option, limit, unit):
    """No more than the cap for the time that passes, and a burst of a tenth of a second."""
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    modify(scene, session, option, limit)
    begun = time.monotonic()
    traffic.send(6000, pause=0.0003)
    elapsed = time.monotonic() - begun
    found = counted(scene, session, 6000)
    shipped = found["Shipped"]["Packets"]
    assert reasons(found) == {"rate_cap": 6000 - shipped}
    assert limit / unit * elapsed * 0.98 <= shipped <= limit / unit * (elapsed + 0.1) * 1.001 + 1
    traffic.check_production()


def test_priority(bare_scene):
    """While nothing is shipped, the session of low priority stops at a quarter of the ring, and the other one has the
    rest: it loses nothing."""
    scene = bare_scene
    scene.agent_options = ["--ring-size", str(1 << 20)]
    scene.start_controller()
    scene.start_agent()
    scene.interface("web")
    traffic, target = Traffic(scene), scene.appliance()
    precious = scene.session("web", target, ingress_udp(scene), VirtualNetworkId=1)
    cheap = scene.session("web", target, ingress_udp(scene), number=2, VirtualNetworkId=2)
    modify(scene, precious, "--continue")
    modify(scene, cheap, "--priority", 3)
    scene.agent.send_signal(signal.SIGSTOP)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})  # Packets go into the ring of the CPU that sends them.
    traffic.send(450, size=1400)
    os.sched_setaffinity(0, before)
    scene.agent.send_signal(signal.SIGCONT)
    found = counted(scene, precious, 450)
    assert reasons(found) == {} and found["Shipped"]["Packets"] == 450
    found = counted(scene, cheap, 450)
    assert reasons(found) == {"shed": 450 - found["Shipped"]["Packets"]}
    assert 60 < found["Shipped"]["Packets"] < 110, "a quarter of a MiB, shared by two"
    traffic.check_production()


def test_pause(scene, traffic):
    """Who is paused leaves the packets to the next one, and goes on counting where it stopped."""
    sensed, target = scene.sensor_capture(), scene.appliance()
    first = scene.session("web", target, ingress_udp(scene), VirtualNetworkId=1)
    second = scene.session("web", target, ingress_udp(scene), number=2, VirtualNetworkId=2)
    for verb in (None, "pause", "resume"):
        if verb:
            scene.tmirror("session", verb, first["TrafficMirrorSessionId"])
            scene.settle()
            state = scene.status(first["TrafficMirrorSessionId"])["State"]
            assert (state == "paused") == (verb == "pause")
        traffic.send(10)
    assert counted(scene, first, 20)["Shipped"]["Packets"] == 20
    assert counted(scene, second, 10)["Shipped"]["Packets"] == 10
    assert len(sensed.wait_copies(20, 1)) == 20 and len(sensed.wait_copies(10, 2)) == 10
    traffic.check_production()


def test_continue(scene, traffic):
    """One packet goes to two targets, cut for each as its session says."""
    sensed = scene.sensor_capture()
    scene.sensor.ip("address", "add", "10.9.2.3/24", "dev", "eth0")
    first = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    scene.session("web", scene.appliance("10.9.2.3"), ingress_udp(scene), number=2, VirtualNetworkId=2, PacketLength=60)
    traffic.send(1)
    modify(scene, first, "--continue")
    traffic.send(10)
    modify(scene, first, "--no-continue")
    traffic.send(1)
    whole, cut = sensed.wait_copies(12, 1), sensed.wait_copies(10, 2)
    assert {len(c) for c in whole} == {142} and {len(c) for c in cut} == {60}
    assert [c[:60] for c in whole[1:11]] == cut
    assert {Ether(f)[IP].dst for f in sensed.frames()} == {"10.9.2.2", "10.9.2.3"}
    traffic.check_production()


def test_expiration(scene, traffic):
    """The agent ends the session by its own clock, with no controller to tell it; the next one takes over at once.  The
    controller, when it is back, has no such session."""
    sensed, target = scene.sensor_capture(), scene.appliance()
    first = scene.session("web", target, ingress_udp(scene), VirtualNetworkId=1)
    scene.session("web", target, ingress_udp(scene), number=2, VirtualNetworkId=2)
    end = int(time.time()) + 5
    modify(scene, first, "--expires", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))
    kill(scene.controller)
    while not sensed.copies(2):
        traffic.send(10, pause=0.005)
        assert time.time() < end + 10, "the session goes on"
    assert sensed.copies(1)
    gone = min(at for frame, at in sensed.timed_frames() if bytes(Ether(frame)[UDP].payload)[4:7] == b"\0\0\2")
    assert 0 <= gone - end < 1
    scene.start_controller()
    wait_for("one session is left", lambda: [s["SessionNumber"] for s in scene.ec2().describe_traffic_mirror_sessions()
                                             ["TrafficMirrorSessions"]] == [2])
    traffic.check_production()


@pytest.mark.parametrize("appliance, source", [("10.9.2.2", "10.9.2.7"), ("fd09:2::2", "fd09:2::7")])
def test_outer(scene, traffic, appliance, source):
    """What copies are wrapped in: Geneve with the time of capture, a mark, a port, and an address of the host."""
    scene.host.ip("address", "add", f"{source}/{64 if ':' in source else 24}", "dev", "sensor",
                  *(["nodad"] if ":" in source else []))
    sensed = scene.capture(scene.sensor, "eth0", "udp port 7777", "geneve")
    session = scene.session("web", scene.appliance(appliance), ingress_udp(scene), VirtualNetworkId=0x123456)
    modify(scene, session, "--encapsulation", "geneve", "--outer-dscp", "ef", "--outer-port", 7777, "--outer-source", source)
    begun = time.time_ns()
    traffic.send(10)
    assert reasons(counted(scene, session, 10)) == {}
    ended = time.time_ns()
    frames = wait_for("ten copies", lambda: sensed.frames() if len(sensed.frames()) == 10 else None)
    for number, frame in enumerate(map(Ether, frames)):
        outer = frame[IPv6 if ":" in source else IP]
        assert (outer.src, outer.dst, frame[UDP].dport) == (source, appliance, 7777)
        assert (outer.tc if ":" in source else outer.tos) >> 2 == 46
        header = bytes(frame[UDP].payload)
        assert header[:4] == b"\x03\0\x65\x58" and header[4:8] == b"\x12\x34\x56\0"
        assert header[8:12] == b"\xff\x4d\x01\x02"
        assert begun <= int.from_bytes(header[12:20], "big") <= ended
        inner = Ether(header[20:])
        assert inner[IP].dst == WEB and bytes(inner[UDP].payload)[:4] == number.to_bytes(4, "big")
    traffic.check_production()


def test_default_geneve_port(scene, traffic):
    sensed = scene.capture(scene.sensor, "eth0", "udp", "geneve")
    session = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    modify(scene, session, "--encapsulation", "geneve")
    traffic.send(3)
    assert reasons(counted(scene, session, 3)) == {}
    frames = wait_for("three copies", lambda: sensed.frames() if len(sensed.frames()) == 3 else None)
    assert {Ether(f)[UDP].dport for f in frames} == {6081}
    traffic.check_production()
