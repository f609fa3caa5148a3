"""What arrives at the sensor is what was on the wire: every frame, no other, byte for byte."""
import collections
import json

import decode
import pytest
from scapy.all import ICMP, IP, TCP, UDP, Dot1Q, Ether, ICMPv6EchoRequest, IPv6, Raw, fragment, sendp
from scene import patient, run, wait_for

EVERYTHING = "ip or ip6 or vlan"


def is_mirrored(frame):
    """What the session of these tests copies: IP, also inside 802.1Q; but no multicast listener reports, which the
    kernel sends when it likes, also between the starts of two captures."""
    if frame[:6] == bytes.fromhex("333300000016"):
        return False
    kind = int.from_bytes(frame[12:14], "big")
    while kind in (0x8100, 0x88A8):
        frame = frame[4:]
        kind = int.from_bytes(frame[12:14], "big")
    return kind in (0x0800, 0x86DD)


def compare(wire, copies):
    """Both as multisets: a difference names the first frames that one side lacks."""
    wire, copies = collections.Counter(wire), collections.Counter(copies)
    missing, extra = wire - copies, copies - wire
    assert not missing and not extra, (
        f"{sum(missing.values())} frames missing, {sum(extra.values())} too many; first: "
        f"{[Ether(f).summary() for f in list(missing)[:3]]} {[Ether(f).summary() for f in list(extra)[:3]]}")


@pytest.fixture
def mirrored(scene):
    """Everything of web is mirrored; wire and sensor are being captured.  Offloads are off: the wire is the wire."""
    scene.offloads(False)
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=7)
    scene.sensed = scene.sensor_capture()
    scene.wire = scene.capture(scene.host, "web", EVERYTHING, "wire")
    return scene


def arrived(scene, enough):
    """Waits until the wire has what 'enough' asks for and the sensor has as many copies; returns both."""
    wait_for("traffic on the wire", lambda: enough(scene.wire.frames()))

    def both():
        return [[f for f in side if is_mirrored(f)] for side in (scene.wire.frames(), scene.sensed.copies(7))]
    try:
        wait_for("the same copies as frames", lambda: len({frozenset(collections.Counter(s).items()) for s in both()}) == 1)
    except AssertionError:
        print(scene.tmirror("status", "-o", "json"))  # Says which copies were lost, and why.
        compare(*both())
        raise
    return both()


def test_aws_cli_to_sensor(scene):
    """The whole path, by the AWS CLI alone."""
    sensed = scene.sensor_capture()
    subnet = scene.aws("ec2", "describe-subnets", "--query", "Subnets[0].SubnetId").strip()
    appliance = scene.aws("ec2", "create-network-interface", "--subnet-id", subnet, "--private-ip-address", "10.9.2.2",
                          "--query", "NetworkInterface.NetworkInterfaceId").strip()
    target = scene.aws("ec2", "create-traffic-mirror-target", "--network-interface-id", appliance,
                       "--query", "TrafficMirrorTarget.TrafficMirrorTargetId").strip()
    made = scene.aws("ec2", "create-traffic-mirror-filter", "--description", "web only",
                     "--query", "TrafficMirrorFilter.TrafficMirrorFilterId").strip()
    for direction, ports in (("ingress", "--destination-port-range"), ("egress", "--source-port-range")):
        scene.aws("ec2", "create-traffic-mirror-filter-rule", "--traffic-mirror-filter-id", made,
                  "--traffic-direction", direction, "--rule-number", "100", "--rule-action", "accept",
                  "--protocol", "6", ports, "FromPort=80,ToPort=80",
                  "--source-cidr-block", "10.9.1.0/24", "--destination-cidr-block", "10.9.1.0/24")
    source = scene.aws("ec2", "describe-network-interfaces", "--filters", "Name=tag:Name,Values=web",
                       "--query", "NetworkInterfaces[0].NetworkInterfaceId").strip()
    scene.aws("ec2", "create-traffic-mirror-session", "--network-interface-id", source,
              "--traffic-mirror-target-id", target, "--traffic-mirror-filter-id", made,
              "--session-number", "1", "--virtual-network-id", "4242")
    scene.settle()
    server = scene.web.start("python3", "-m", "http.server", "80", "--directory", scene.directory)
    scene.processes.append(server)
    wait_for("the web server answers", lambda: "200" in scene.client.run(
        "sh", "-c", "curl -s -o /dev/null -w '%{http_code}' http://10.9.1.3/ || true"))
    for said in (b"GET / HTTP/1.1", b"200 OK"):
        wait_for(f"a copy of {said}", lambda said=said: any(said in copy for copy in sensed.copies(4242)))
    copies = [Ether(copy) for copy in sensed.copies(4242)]
    assert all(TCP in c and 80 in (c[TCP].sport, c[TCP].dport) for c in copies)
    scene.client.run("ping", "-c", "2", "-W", "2", "10.9.1.3")
    assert not [c for c in map(Ether, sensed.copies(4242)) if ICMP in c], "the filter accepts TCP only"


@pytest.mark.parametrize("size", [0, 56, 1400, 4000])
def test_ping(mirrored, size):
    """Both directions; larger than the MTU means fragments, each of them copied."""
    mirrored.client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "-s", str(size), "10.9.1.3")
    mirrored.client.run("ping", "-6", "-c", "3", "-i", "0.2", "-W", "2", "-s", str(size), "fd09:1::3")
    wire, copies = arrived(mirrored, lambda frames: len(frames) >= 12)
    compare(wire, copies)


def test_tcp_without_offloads(mirrored):
    server = mirrored.web.start("iperf3", "-s", "-1")
    mirrored.processes.append(server)
    wait_for("iperf3 listens", lambda: "5201" in mirrored.web.run("ss", "-ltn"))
    # Reversed, the end is what the receiver has got; else what was written, of which an end may cut off some.
    mirrored.client.run("iperf3", "-c", "10.9.1.3", "-n", "2M", "-R")
    server.wait(patient(20))
    wire, copies = arrived(mirrored, lambda frames: len(frames) > (2 << 20) // 1448)
    compare(wire, copies)
    late = out_of_order(dict(mirrored.wire.timed_frames()), copies)
    assert not late, f"{len(late)} copies of a flow came after younger ones: {late[:5]}"


def out_of_order(seen, copies, tolerance=50e-6):
    """Copies that came after one of the same flow and way that was on the wire later, with the difference in seconds.  Two
    packets that pass the device on two CPUs within microseconds have no order."""
    latest, late = {}, []
    for copy in copies:
        packet = Ether(copy)
        if TCP not in packet:
            continue
        flow = packet[IP].src, packet[TCP].sport, packet[TCP].dport
        if latest.get(flow, 0) - seen[copy] > tolerance:
            late.append((packet.summary(), latest[flow] - seen[copy]))
        latest[flow] = max(latest.get(flow, 0), seen[copy])
    return late


def crafted():
    """Frames of kinds that sockets do not make, sent by the client to web."""
    ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    four, six = IP(src="10.9.1.2", dst="10.9.1.3"), IPv6(src="fd09:1::2", dst="fd09:1::3")
    yield ether / Dot1Q(vlan=5, prio=3) / four / UDP(sport=1000, dport=2000) / Raw(b"tagged")
    yield ether / Dot1Q(vlan=5, type=0x8100) / Dot1Q(vlan=6) / six / UDP(sport=1000, dport=2000) / Raw(b"twice")
    yield ether / four / UDP(sport=1, dport=2, chksum=0xBAD) / Raw(b"wrong checksum, kept wrong")
    yield ether / four / UDP(sport=1, dport=2, chksum=0) / Raw(b"no checksum")
    yield ether / four / TCP(sport=1, dport=2, chksum=0x1234, options=[("MSS", 1400)]) / Raw(b"x" * 100)
    yield ether / IP(src="10.9.1.2", dst="10.9.1.3", options=[]) / UDP() / Raw(b"")
    yield ether / IP(src="10.9.1.2", dst="10.9.1.3", proto=132) / Raw(b"\1\2\3\4" + b"sctp" * 5)
    yield ether / IP(src="10.9.1.2", dst="10.9.1.3", proto=50) / Raw(b"esp" * 20)
    yield ether / IP(src="10.9.1.2", dst="10.9.1.3", proto=47) / Raw(b"\0\0\x08\0" + bytes(four / ICMP()))
    yield ether / IP(src="10.9.1.2", dst="224.1.2.3") / UDP(sport=5, dport=6) / Raw(b"multicast")
    yield ether / six / ICMPv6EchoRequest(data=b"six")
    yield from fragment(ether / four / UDP(sport=7, dport=8) / Raw(b"f" * 3000), fragsize=1000)
    yield ether / Raw(bytes(four)[:20] + b"\0\1")


def test_crafted_frames(mirrored):
    frames = list(crafted())
    with mirrored.client.entered():
        sendp(frames, iface="eth0", verbose=False)
    from scene import enter
    enter(mirrored.host.path)
    wire, copies = arrived(mirrored, lambda seen: len(seen) >= len(frames) - 1)
    compare(wire, copies)
    assert any(b"wrong checksum, kept wrong" in c and c[40:42] == b"\x0b\xad" for c in copies)


def test_offloads_on(scene):
    """Super-packets leave as the packets a NIC would have sent: whole stream, right checksums, none too large."""
    scene.offloads(True)
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=7)
    server = scene.web.start("iperf3", "-s", "-1")
    scene.processes.append(server)
    wait_for("iperf3 listens", lambda: "5201" in scene.web.run("ss", "-ltn"))
    scene.client.run("iperf3", "-c", "10.9.1.3", "-n", "20M", "-b", "400M", "-R")
    server.wait(patient(20))
    counted = settled_counters(scene, session)
    copies = sensed.wait_copies(sum(d["Shipped"]["Packets"] for d in counted.values()))
    assert max(map(len, copies)) <= 1514
    assert not [Ether(copy).summary() for copy in copies if decode.wrong_checksum(copy)]
    data = {}
    for protocol, _, segment in filter(None, map(decode.transport, copies)):
        if protocol == decode.TCP and segment[:2] == (5201).to_bytes(2, "big"):
            payload = len(segment) - (segment[12] >> 4) * 4
            data.setdefault(segment[2:4], {})[segment[4:8]] = payload
    stream = max(data.values(), key=lambda segments: sum(segments.values()))
    assert sum(stream.values()) >= 20 << 20, "parts of the stream are missing"


def settled_counters(scene, session):
    """The session's counters once two reports tell the same of them and every accepted copy is accounted for."""
    last = {}

    def still():
        nonlocal last
        status = json.loads(scene.tmirror("status", "-o", "json"))
        reported = [host["LastReport"] for host in status["Hosts"]]
        now = directions(next(s for s in status["Sessions"]
                              if s["TrafficMirrorSessionId"] == session["TrafficMirrorSessionId"]))
        if now != last.get("counters"):
            last = {"counters": now, "reported": reported}
        done = all(new > old for new, old in zip(reported, last["reported"])) and any(
            d["Accepted"]["Packets"] > 0 for d in now.values()) and all(
            d["Accepted"]["Packets"] == d["Shipped"]["Packets"] + lost(d) for d in now.values())
        return now if done else None
    return wait_for("the counters come to rest", still, 30)


def directions(status):
    return {d: status[d] for d in ("Ingress", "Egress") if d in status}


def lost(direction):
    return sum(entry["Packets"] for entry in direction["Lost"])


@pytest.mark.parametrize("length", [1, 35, 60, 100, 1000, 1514])
def test_truncation(scene, length):
    """Every wire packet is cut to N bytes, also those out of super-packets; never below 35 bytes of IPv4."""
    scene.offloads(True)
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), scene.filter(), PacketLength=length, VirtualNetworkId=7)
    server = scene.web.start("iperf3", "-s", "-1")
    scene.processes.append(server)
    wait_for("iperf3 listens", lambda: "5201" in scene.web.run("ss", "-ltn"))
    scene.client.run("iperf3", "-c", "10.9.1.3", "-n", "4M", "-R")
    counted = settled_counters(scene, session)
    frames = sensed.wait_copies(sum(d["Shipped"]["Packets"] for d in counted.values()))
    large = [Ether(f) for f in frames if int.from_bytes(f[16:18], "big") + 14 >= length and f[12:14] == b"\x08\0"]
    assert large and {len(c) for c in large} == {max(length, 35)}
    full = [c for c in large if c[IP].src == "10.9.1.3" and c[IP].len == 1500]
    assert len(full) > 2500, f"{len(full)} of the ~2,900 full-sized packets of the stream"


def test_negative(scene):
    """What is rejected, belongs to another source or comes after deletion does not arrive; order decides."""
    sensed = scene.sensor_capture()
    made = scene.filter({"TrafficDirection": "ingress", "RuleAction": "reject", "Protocol": 17,
                         "DestinationPortRange": {"FromPort": 7000, "ToPort": 7999}},
                        {"TrafficDirection": "ingress", "Protocol": 17})
    session = scene.session("web", scene.appliance(), made, VirtualNetworkId=9)
    send_udp(scene, "10.9.1.3", [6999, 7000, 7999, 8000])
    sensed.wait_copies(2, 9)
    scene.client.run("ping", "-c", "1", "-W", "2", "10.9.1.3")
    send_udp(scene, "10.9.1.3", [6001])
    ports = [Ether(c)[UDP].dport for c in sensed.wait_copies(3, 9)]
    assert ports == [6999, 8000, 6001], "neither rejected nor of another protocol or direction"
    scene.ec2().delete_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"])
    scene.settle()
    send_udp(scene, "10.9.1.3", [6002])
    again = scene.session("web", session["TrafficMirrorTargetId"], made, VirtualNetworkId=10)
    send_udp(scene, "10.9.1.3", [6003])
    assert [Ether(c)[UDP].dport for c in sensed.wait_copies(1, 10)] == [6003]
    assert len(sensed.copies(9)) == 3 and again


def send_udp(scene, address, ports):
    scene.client.run("python3", "-c", "import socket, sys\n"
                     "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                     "[s.sendto(b'hello', (sys.argv[1], int(p))) for p in sys.argv[2:]]", address, *map(str, ports))


def test_two_sessions(scene):
    """The lower number goes first, a packet is copied at most once, a reject passes it on."""
    sensed = scene.sensor_capture()
    target = scene.appliance()
    first = scene.filter({"TrafficDirection": "ingress", "Protocol": 17, "RuleAction": "reject",
                          "DestinationPortRange": {"FromPort": 2000, "ToPort": 2000}},
                         {"TrafficDirection": "ingress", "Protocol": 17,
                          "DestinationPortRange": {"FromPort": 1000, "ToPort": 2999}})
    second = scene.filter({"TrafficDirection": "ingress", "Protocol": 17})
    scene.session("web", target, second, number=20, VirtualNetworkId=2)
    scene.session("web", target, first, number=10, VirtualNetworkId=1)
    send_udp(scene, "10.9.1.3", [1000, 2000, 3000, 2999])
    sensed.wait_copies(4)
    assert sorted(Ether(c)[UDP].dport for c in sensed.copies(1)) == [1000, 2999]
    assert sorted(Ether(c)[UDP].dport for c in sensed.copies(2)) == [2000, 3000]


def test_direction_is_the_guests(scene):
    """On the host's end of a veth, what the guest receives is ingress."""
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), scene.filter({"TrafficDirection": "egress"}), VirtualNetworkId=3)
    scene.client.run("ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.1.3")
    copies = [Ether(c) for c in sensed.wait_copies(2, 3)]
    assert {c[IP].src for c in copies} == {"10.9.1.3"}


def test_own_output_is_not_mirrored(scene):
    """The device that carries the copies is itself a source: no copy of a copy."""
    sensed = scene.sensor_capture()
    target = scene.appliance()
    everything = scene.filter()
    scene.session("web", target, everything, VirtualNetworkId=1)
    scene.session("sensor", target, everything, VirtualNetworkId=2)
    scene.client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "10.9.1.3")
    scene.host.run("ping", "-c", "1", "-W", "2", "10.9.2.2")
    sensed.wait_copies(6, 1)
    sensed.wait_copies(2, 2)
    inner = [Ether(c) for c in sensed.copies(2)]
    assert inner and not [c for c in inner if UDP in c and c[UDP].dport == 4789]


def test_path_mtu_truncates(scene):
    """A path too narrow for the copy cuts it and says so; no outer packet is ever a fragment."""
    scene.set_mtu("sensor", 1500)
    fragments = scene.capture(scene.sensor, "eth0", "ip[6:2] & 0x3fff != 0", "fragments")
    sensed = scene.sensor_capture()
    session = scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=5)
    scene.client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "-s", "1472", "10.9.1.3")
    # 1500 bytes of outer IP hold 20 of IPv4, 8 of UDP, 8 of VXLAN and the rest of the copy.
    wait_for("six copies of pings", lambda: [len(c) for c in sensed.copies(5) if ICMP in Ether(c)] == [1464] * 6)
    counted = settled_counters(scene, session)
    assert counted["Ingress"]["Truncated"]["Packets"] == 3 and counted["Egress"]["Truncated"]["Packets"] == 3
    assert not fragments.frames()


def test_outer_ipv6(scene):
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance("fd09:2::2"), scene.filter(), VirtualNetworkId=6)
    scene.client.run("ping", "-c", "2", "-i", "0.2", "-W", "2", "10.9.1.3")
    sensed.wait_copies(4, 6)
    outer = Ether(sensed.frames()[0])
    assert outer[IPv6].dst == "fd09:2::2" and outer[UDP].chksum != 0


def test_one_datagram_per_copy_and_one_port_per_flow(scene):
    """Both directions of a flow leave from one port; many flows use many ports."""
    sensed = scene.sensor_capture()
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=8)
    echo = scene.web.start("python3", "-c", "import socket\n"
                           "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('10.9.1.3', 9))\n"
                           "while True: s.sendto(*s.recvfrom(2000))")
    scene.processes.append(echo)
    wait_for("the echo server listens", lambda: "10.9.1.3:9 " in scene.web.run("ss", "-lun"))
    scene.client.run("python3", "-c", "import socket\n"
                     "for port in range(20000, 20400):\n"
                     "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(2)\n"
                     "    s.bind(('10.9.1.2', port)); s.sendto(b'x' * 50, ('10.9.1.3', 9)); s.recv(100); s.close()")
    sensed.wait_copies(800, 8)
    ports = collections.defaultdict(set)
    for frame in sensed.frames():
        outer = Ether(frame)
        inner = Ether(bytes(outer[UDP].payload)[8:])
        if UDP in inner and 9 in (inner[UDP].sport, inner[UDP].dport):
            assert outer[IP].len == 50 + 14 + 20 + 8 + 36, "more than one copy in a datagram"
            ports[max(inner[UDP].sport, inner[UDP].dport)].add(outer[UDP].sport)
    assert len(ports) == 400 and all(len(used) == 1 for used in ports.values())
    assert len({port for used in ports.values() for port in used}) == 8


def test_unchanged_for_the_guest(scene):
    """Production does not notice: no error counter moves, MTU and features of the watched device stay."""
    before = run("ethtool", "-k", "web"), scene.web.run("ip", "-o", "link")
    scene.session("web", scene.appliance(), scene.filter())
    scene.client.run("ping", "-f", "-c", "2000", "-W", "2", "10.9.1.3")
    assert (run("ethtool", "-k", "web"), scene.web.run("ip", "-o", "link")) == before
