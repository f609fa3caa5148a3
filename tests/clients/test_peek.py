"""Peeks, with an agent that the test plays: who may see what, what a packet looks like in a line, and in a capture file."""
import base64
import json
import random
import subprocess
import time

import pytest
from command import Operator
from controller import element
from people import People, allow, deny
from scapy.all import (ARP, ICMP, IP, TCP, UDP, Dot1Q, Ether, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                       IPv6ExtHdrHopByHop, PadN, Raw)

START, GET, STOP = (f"ec2:{verb}TrafficMirrorPeek" for verb in ("Start", "Get", "Stop"))
REFUSED = "Client.UnauthorizedOperation"
NOT_FOUND = "InvalidTrafficMirrorPeek.NotFound"


@pytest.fixture
def session(controller, interfaces):
    return Operator(controller.state + "/credentials.env").do("mirror", interfaces["tap0"], "--to", "192.0.2.9").split()[0]


class Agent:
    """What web-1's agent does once it hears of a peek."""

    def __init__(self, controller):
        self.controller = controller

    def post(self, packets=(), host="web-1"):
        body = json.dumps({"packets": list(packets)}).encode()
        return self.controller.request("POST", f"/host/v1/{host}/peek", body, keys=self.controller.agent, service="tmirror")

    def wishes(self):
        answer = self.post()
        assert answer.status_code == 200, answer.text
        return {item["session"]: item["snap_length"] for item in answer.json()["items"]}

    def show(self, session, *frames, moment=1700000000_123456789):
        answer = self.post([{"session": session, "time": moment + i, "direction": "egress", "length": len(frame) + 10, "skipped": i,
                             "bytes": base64.b64encode(frame).decode()} for i, frame in enumerate(frames)])
        assert answer.status_code == 200, answer.text


@pytest.fixture
def agent(controller):
    return Agent(controller)


class Viewer:
    def __init__(self, controller, session, keys=None):
        self.controller, self.session, self.keys, self.id = controller, session, keys, "peek-0"

    def ask(self, verb, code=None, **parameters):
        if verb != "Start":
            parameters["TrafficMirrorPeekId"] = self.id
        answer = self.controller.query(f"{verb}TrafficMirrorPeek", keys=self.keys, TrafficMirrorSessionId=self.session, **parameters)
        assert element(answer.text, "Code") == code, answer.text
        return answer.text

    def start(self, **parameters):
        self.id = element(self.ask("Start", **parameters), "trafficMirrorPeekId")
        return self

    def packets(self, **parameters):
        return self.ask("Get", **parameters).split("<item>")[1:]


def test_what_is_shown_is_seen(controller, session, agent):
    viewer = Viewer(controller, session).start(SnapLength=20)
    assert agent.wishes() == {session: 20}
    agent.show(session, bytes(range(18)), bytes(range(30)))
    assert agent.post([], host="web-2").json() == {"items": []}
    first, second = viewer.packets()
    assert [element(first, name) for name in ("number", "seconds", "nanoseconds", "trafficDirection", "length", "skipped")] == \
        ["1", "1700000000", "123456789", "egress", "28", "0"]
    assert base64.b64decode(element(first, "data")) == bytes(range(18))
    assert base64.b64decode(element(second, "data")) == bytes(range(20)), "no more than was asked for, whatever a host shows"
    assert [element(item, "number") for item in viewer.packets(AfterNumber=1)] == ["2"]
    assert len(viewer.packets(MaxResults=1)) == 1 and viewer.packets(AfterNumber=2) == []
    viewer.ask("Stop")
    viewer.ask("Get", NOT_FOUND)
    viewer.ask("Stop", NOT_FOUND)
    assert agent.wishes() == {}
    for parameters in ({"SnapLength": 0}, {"SnapLength": 9217}, {"SnapLength": "all"}):
        viewer.ask("Start", "InvalidParameterValue", **parameters)
    viewer.ask("Start", "DryRunOperation", DryRun="true")
    assert agent.wishes() == {}


def test_agents_are_told(controller, session, agent):
    """A poll that waits ends, once; and each report's answer says it, until nobody looks any more."""
    def poll(seconds):
        begun = time.monotonic()
        answer = controller.plan("web-1", known=revision, timeout=seconds)
        return answer.status_code, "x-tmirror-peek" in answer.headers, time.monotonic() - begun

    def reported():
        answer = controller.report("web-1")
        assert answer.status_code == 204
        return "x-tmirror-peek" in answer.headers

    revision = controller.plan("web-1").headers["ETag"].strip('"')
    assert not reported()
    viewer = Viewer(controller, session).start()
    status, told, waited = poll(20)
    assert (status, told) == (304, True) and waited < 10
    with pytest.raises(Exception, match="timed out"):
        poll(1)
    assert reported() and reported()
    viewer.ask("Stop")
    assert not reported()


def test_who_may_look(controller, session, agent):
    """The permission for each look; what was refused and what was done is kept, and what was seen is not."""
    people = People(controller)
    watcher = people.user("watcher", allow(["ec2:Describe*", GET, STOP]))
    Viewer(controller, session, watcher).ask("Start", "UnauthorizedOperation")
    brief = Viewer(controller, session, people.user(
        "brief", allow([START, GET, STOP], NumericLessThanEqualsIfExists={"tmirror:SnapLength": "128"})))
    brief.ask("Start", "UnauthorizedOperation", SnapLength=129)
    brief.start(SnapLength=128).ask("Stop")
    brief.start()
    agent.show(session, b"x" * 60 + b"a secret")
    assert len(brief.packets()) == 1
    # Who knows the id sees nothing, and may not end it, either.
    for keys in (watcher, None):
        other = Viewer(controller, session, keys)
        other.id = brief.id
        other.ask("Get", NOT_FOUND)
        other.ask("Stop", NOT_FOUND)
    # What is forbidden meanwhile is over with the next look.
    people.put("brief", allow([START, GET, STOP]), deny(GET, f"arn:aws:ec2:*:*:traffic-mirror-session/{session}"))
    brief.ask("Get", "UnauthorizedOperation")
    events = Operator(controller.state + "/credentials.env").json("events", "--by", "EventName=StartTrafficMirrorPeek")
    records = [json.loads(event["CloudTrailEvent"]) for event in events]
    asked = [record["requestParameters"]["StartTrafficMirrorPeekRequest"] for record in records]
    assert all(request["TrafficMirrorSessionId"] == session for request in asked)
    done = [(record["userIdentity"]["arn"].split("/")[-1], record.get("errorCode"), request.get("SnapLength"))
            for record, request in zip(records, asked)]
    assert sorted(done, key=str) == sorted([("watcher", REFUSED, None), ("brief", REFUSED, 129),
                                            ("brief", None, 128), ("brief", None, None)], key=str)
    assert "a secret" not in json.dumps(events) and base64.b64encode(b"a secret").decode()[:8] not in json.dumps(events)


def test_how_many_and_what_hosts_may_tell(controller, session, agent):
    viewers = [Viewer(controller, session).start() for _ in range(8)]
    Viewer(controller, session).ask("Start", "TrafficMirrorPeekLimitExceeded")
    viewers.pop().ask("Stop")
    viewers.append(Viewer(controller, session).start(SnapLength=9216))
    assert agent.wishes() == {session: 9216}
    for body in (b"", b"{}", b'{"packets": 7}', b'{"packets": [{"session": "tms-1"}]}'):
        answer = controller.request("POST", "/host/v1/web-1/peek", body, keys=controller.agent, service="tmirror")
        assert answer.status_code == 400, body
    for _ in range(6):
        agent.show(session, *[bytes(100)] * 400)
    assert len(viewers[0].packets()) == 1000 and element(viewers[0].packets()[0], "number") == "1401"
    controller.query("DeleteTrafficMirrorSession", TrafficMirrorSessionId=session)
    viewers[0].ask("Get", "InvalidTrafficMirrorSessionId.NotFound")
    deadline = time.monotonic() + 30
    while agent.wishes():  # Until the next second, in which peeks of sessions that are gone end.
        assert time.monotonic() < deadline


def endpoints(packet):
    network = packet[IP] if IP in packet else packet[IPv6]
    return network.src, network.dst


def expected_line(packet):
    """What scapy knows of a packet, in our words."""
    line = "".join(f"VLAN {tag.vlan} " for tag in packet.iterpayloads() if isinstance(tag, Dot1Q))
    if ARP in packet:
        arp = packet[ARP]
        return line + (f"ARP who has {arp.pdst}? tell {arp.psrc}" if arp.op == 1 else f"ARP {arp.psrc} is at {arp.hwsrc}")
    source, destination = endpoints(packet)
    pattern = "[{}]:{} > [{}]:{} " if IPv6 in packet else "{}:{} > {}:{} "
    if TCP in packet:
        tcp = packet[TCP]
        names = [name for name, letter in (("FIN", "F"), ("SYN", "S"), ("RST", "R"), ("PSH", "P"), ("ACK", "A"), ("URG", "U"),
                                           ("ECE", "E"), ("CWR", "C")) if letter in str(tcp.flags)]
        line += pattern.format(source, tcp.sport, destination, tcp.dport) + f"TCP [{','.join(names)}] seq {tcp.seq}"
        line += f" ack {tcp.ack}" if "A" in str(tcp.flags) else ""
        return line + f" win {tcp.window} length {len(tcp.payload)}"
    if UDP in packet:
        udp = packet[UDP]
        return line + pattern.format(source, udp.sport, destination, udp.dport) + f"UDP length {len(udp.payload)}"
    if ICMP in packet:
        icmp = packet[ICMP]
        return line + f"{source} > {destination} ICMP echo request id {icmp.id} seq {icmp.seq} length {len(icmp.payload)}"
    if ICMPv6EchoRequest in packet:
        echo = packet[ICMPv6EchoRequest]
        return line + f"{source} > {destination} ICMPv6 echo request id {echo.id} seq {echo.seq} length {len(echo.data)}"
    return line + f"{source} > {destination} UDP length {len(packet[Raw])} fragment at {packet[IPv6ExtHdrFragment].offset * 8}"


def random_packet(draw):
    """Of a kind that scapy builds and reads back: addresses, ports, flags and options drawn at random."""
    def port():
        return draw.randrange(1, 65536)

    def v4():
        return ".".join(str(draw.randrange(1, 255)) for _ in range(4))

    def v6():
        return f"2001:db8::{draw.randrange(1, 65536):x}:{draw.randrange(1, 65536):x}"

    packet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    for _ in range(draw.choice((0, 0, 1, 2))):
        packet /= Dot1Q(vlan=draw.randrange(4096))
    payload = Raw(bytes(draw.randrange(256) for _ in range(draw.randrange(60))))
    kind = draw.choice(("arp", "tcp", "tcp", "udp", "icmp", "icmp6", "fragment"))
    if kind == "arp":
        return packet / ARP(op=draw.choice((1, 2)), psrc=v4(), pdst=v4(), hwsrc="02:00:00:00:00:01")
    if kind == "icmp":
        return packet / IP(src=v4(), dst=v4()) / ICMP(id=port(), seq=port()) / payload
    network = IPv6(src=v6(), dst=v6())
    if kind == "icmp6":
        return packet / network / ICMPv6EchoRequest(id=port(), seq=port(), data=bytes(payload))
    if kind == "fragment":
        return packet / network / IPv6ExtHdrFragment(nh=17, offset=draw.randrange(1, 8000), m=1) / Raw(b"x" * draw.randrange(1, 40))
    for header in draw.choice(((), (IPv6ExtHdrHopByHop,), (IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt))):
        network /= header(options=[PadN(optdata=b"\0" * 4)])
    if draw.random() < 0.6:
        network = IP(src=v4(), dst=v4(), options=draw.choice(([], [("NOP")] * 4)))
    if kind == "udp":
        return packet / network / UDP(sport=port(), dport=port()) / payload
    options = draw.choice(([], [("MSS", 1460), ("NOP", None), ("NOP", None), ("SAckOK", b"")]))
    return packet / network / TCP(sport=port(), dport=port(), seq=draw.randrange(2**32), ack=draw.randrange(2**32),
                                  flags=draw.randrange(256), window=port(), options=options) / payload


def test_lines_are_scapys(controller, session, agent):
    """A thousand packets drawn at random, each told by us and by scapy."""
    draw = random.Random(7)
    viewer = Viewer(controller, session).start(SnapLength=9216)
    packets = [Ether(bytes(random_packet(draw))) for _ in range(1000)]
    agent.show(session, *map(bytes, packets))
    seen = viewer.packets()
    assert len(seen) == len(packets)
    for item, packet in zip(seen, packets):
        line = element(item, "summary").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
        assert line == expected_line(packet), packet.summary()


def test_the_capture_file_is_tsharks(controller, session, agent, tmp_path):
    """What the command line writes, tshark reads: times to the nanosecond, both lengths, and the bytes."""
    draw = random.Random(8)
    packets = [bytes(random_packet(draw)) for _ in range(50)]
    path = tmp_path / "seen.pcapng"
    command = Operator(controller.state + "/credentials.env")
    with command.start("peek", session, "-s", "9216", "-c", str(len(packets)), "-w", str(path)) as running:
        deadline = time.monotonic() + 30
        while not agent.wishes():
            assert time.monotonic() < deadline and running.poll() is None
        agent.show(session, *packets)
        assert running.wait(30) == 0, running.stderr.read()
    read = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len"],
                          check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
    assert read == [f"1700000000.{123456789 + i}\t{len(packet) + 10}\t{len(packet)}" for i, packet in enumerate(packets)]
    assert all(packet in path.read_bytes() for packet in packets)
    # As lines, and as JSON.
    lines = command.start("peek", session, "-c", "2")
    while not agent.wishes():
        assert time.monotonic() < deadline and lines.poll() is None
    agent.show(session, packets[0], packets[1])
    assert lines.wait(30) == 0
    printed = lines.stdout.read().splitlines()
    assert len(printed) == 3 and printed[1] == "… 1 packets not shown" and ".123456 egress  " in printed[0]
    assert agent.wishes() == {}, "it says when it is done"
