"""Every kind of packet that docs/packets.md lists: the copy is what the wire carried, byte by byte.

What is cut into wire packets is cut twice here, by us and by the kernel: the client's device leaves everything to hardware,
"web" can do nothing, so the kernel finishes each packet on its way out of "web", behind our program:

    client eth0 ── super-packets ──▶ bridge ──▶ our program ──▶ kernel cuts, sums up ──▶ the wire that is compared
"""
import socket

import pytest
from scapy.all import (GRE, ICMP, IP, SCTP, TCP, UDP, Dot1AD, Dot1Q, Ether, ICMPv6EchoRequest, IPOption_RR, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN, Raw, SCTPChunkInit,
                       fragment, fragment6, sendp)
from scene import enter, patient, wait_for
from test_mirroring import EVERYTHING, arrived, compare, is_mirrored, mirrored, out_of_order  # noqa: F401

pytestmark = pytest.mark.sanitized

FOUR, SIX = IP(src="10.9.1.2", dst="10.9.1.3"), IPv6(src="fd09:1::2", dst="fd09:1::3")
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
PORTS = UDP(sport=1000, dport=2000)


def cut(packet, size):
    return Ether(bytes(packet)[:size])


# Frames that sockets do not make.  A kind that is no IP, or has no whole IP header, is not mirrored.
KINDS = {
    "udp": [ETHER / FOUR / PORTS / Raw(b"four"), ETHER / SIX / PORTS / Raw(b"six")],
    "tcp": [ETHER / FOUR / TCP(options=[("MSS", 1400), ("WScale", 7)]), ETHER / SIX / TCP(flags="PA") / Raw(b"data")],
    "icmp": [ETHER / FOUR / ICMP() / Raw(b"ping"), ETHER / SIX / ICMPv6EchoRequest(data=b"ping")],
    "sctp": [ETHER / FOUR / SCTP(sport=1, dport=2) / SCTPChunkInit(), ETHER / SIX / SCTP(sport=1, dport=2) / SCTPChunkInit()],
    "esp": [ETHER / IP(src="10.9.1.2", dst="10.9.1.3", proto=50) / Raw(b"esp" * 20),
            ETHER / IPv6(src="fd09:1::2", dst="fd09:1::3", nh=50) / Raw(b"esp" * 20)],
    "gre": [ETHER / FOUR / GRE() / FOUR / PORTS / Raw(b"in gre"),
            ETHER / SIX / GRE(chksum_present=1, key_present=1, key=7) / FOUR / PORTS / Raw(b"in gre")],
    "ip in ip": [ETHER / FOUR / FOUR / PORTS, ETHER / FOUR / SIX / PORTS, ETHER / SIX / FOUR / PORTS, ETHER / SIX / SIX / PORTS],
    "ipv4 options": [ETHER / IP(src="10.9.1.2", dst="10.9.1.3", options=[IPOption_RR(length=39, routers=["0.0.0.0"] * 9)])
                     / PORTS / Raw(b"options")],
    "ipv6 extension headers": [ETHER / SIX / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])
                               / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)]) / IPv6ExtHdrRouting(addresses=["fd09:1::9"])
                               / PORTS / Raw(b"extended")],
    "fragments": [*fragment(ETHER / FOUR / PORTS / Raw(b"f" * 3000), fragsize=1000),
                  *fragment6(ETHER / SIX / IPv6ExtHdrFragment(id=7) / PORTS / Raw(b"f" * 3000), 1000)],
    "802.1Q": [ETHER / Dot1Q(vlan=5, prio=3) / FOUR / PORTS / Raw(b"tagged"), ETHER / Dot1Q(vlan=6) / SIX / PORTS],
    "QinQ": [ETHER / Dot1AD(vlan=5) / Dot1Q(vlan=6, prio=1) / FOUR / PORTS / Raw(b"twice"),
             ETHER / Dot1Q(vlan=5) / Dot1Q(vlan=6) / SIX / PORTS / Raw(b"twice")],
    "multicast": [Ether(src=ETHER.src, dst="01:00:5e:01:02:03") / IP(src="10.9.1.2", dst="224.1.2.3") / PORTS,
                  Ether(src=ETHER.src, dst="33:33:00:00:12:34") / IPv6(src="fd09:1::2", dst="ff02::1234") / PORTS],
    "broadcast": [Ether(src=ETHER.src, dst="ff:ff:ff:ff:ff:ff") / IP(src="10.9.1.2", dst="255.255.255.255") / PORTS],
    "wrong checksums": [ETHER / FOUR / UDP(sport=1, dport=2, chksum=0xBAD) / Raw(b"wrong"),
                        ETHER / SIX / TCP(chksum=0x1234) / Raw(b"wrong"),
                        ETHER / IP(src="10.9.1.2", dst="10.9.1.3", chksum=0x1111) / PORTS,
                        ETHER / FOUR / SCTP(sport=1, dport=2, chksum=0xDEADBEEF) / SCTPChunkInit()],
    "no checksum": [ETHER / FOUR / UDP(sport=1, dport=2, chksum=0) / Raw(b"none")],
    "wrong lengths": [ETHER / IP(src="10.9.1.2", dst="10.9.1.3", len=1000) / PORTS / Raw(b"short"),
                      ETHER / FOUR / UDP(sport=1, dport=2, len=3) / Raw(b"short"),
                      ETHER / IPv6(src="fd09:1::2", dst="fd09:1::3", plen=9) / PORTS / Raw(b"long" * 9)],
    "padding": [ETHER / FOUR / PORTS / Raw(b"x") / Raw(b"") / Raw(b"\0" * 17)],
    "truncated headers": [cut(ETHER / FOUR / PORTS, 34), cut(ETHER / FOUR / PORTS, 37), cut(ETHER / FOUR / TCP(), 45),
                          cut(ETHER / SIX / PORTS, 54), cut(ETHER / SIX / IPv6ExtHdrDestOpt() / PORTS, 57)],
    "empty": [ETHER / FOUR / PORTS, ETHER / SIX / PORTS, ETHER / IP(src="10.9.1.2", dst="10.9.1.3", proto=17)],
}


@pytest.mark.parametrize("end", ["guest", "host"])
def test_kinds(mirrored, end):  # noqa: F811
    """Out of web, so that the kernel has taken an outer tag off when we see it, and into web, where tags are inline."""
    frames = [frame for kind in KINDS.values() for frame in kind]
    with (mirrored.web if end == "guest" else mirrored.host).entered():
        sendp(frames, iface="eth0" if end == "guest" else "web", verbose=False)
    enter(mirrored.host.path)
    wire, copies = arrived(mirrored, lambda seen: len(seen) >= len(frames))
    compare(wire, copies)
    missing = [kind for kind, sent in KINDS.items() if not all(bytes(frame) in copies for frame in sent)]
    assert not missing


def test_not_ip(mirrored):  # noqa: F811
    """Rules are about addresses: what has none, or no whole header with them, is never mirrored."""
    frames = [Ether(src=ETHER.src, dst="ff:ff:ff:ff:ff:ff", type=0x88CC) / Raw(b"lldp" * 20),
              ETHER / Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / Dot1Q(vlan=4) / FOUR / PORTS,
              cut(ETHER / FOUR / PORTS, 33), cut(ETHER / SIX / PORTS, 53)]
    last = ETHER / FOUR / PORTS / Raw(b"the last")
    with mirrored.client.entered():
        sendp(frames + [last], iface="eth0", verbose=False)
    enter(mirrored.host.path)
    wait_for("the last frame", lambda: bytes(last) in mirrored.sensed.copies(7))
    # The kernels of the scene say something of their own now and then.
    assert [c for c in mirrored.sensed.copies(7) if Ether(c).src == ETHER.src] == [bytes(last)]


RECEIVE = """
import socket, sys
family, kind, address, port, size = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET, *sys.argv[1:]
s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
s.bind((address, int(port)))
s.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
if kind == "tcp":
    s.listen()
    s = s.accept()[0]
got = 0
while got < int(size):
    got += len(s.recv(1 << 20))
"""

SEND = """
import socket, sys
family, kind, address, port, size = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET, *sys.argv[1:]
s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
s.connect((address, int(port)))
if kind == "udp":
    s.setsockopt(socket.SOL_UDP, 103, 1200)  # UDP_SEGMENT
left = int(size)
while left > 0:
    left -= s.send(b"mirror" * min(left // 6 + 1, 6000))
"""


def transfer(source, sink, kind, address, size=300_000):
    receiver = sink.start("python3", "-c", RECEIVE, kind, address, "5555", str(size))
    try:
        listening = "-ltn" if kind == "tcp" else "-lun"
        wait_for("the receiver listens", lambda: ":5555 " in sink.run("ss", listening))
        source.run("python3", "-c", SEND, kind, address, "5555", str(size))
        assert receiver.wait(patient(20)) == 0
    finally:
        receiver.kill()


def tunnel(scene, outer, options):
    """A VXLAN between client and web, with 10.9.3.0/24 and fd09:3::/64 inside."""
    ends = {"4": ("10.9.1.2", "10.9.1.3"), "6": ("fd09:1::2", "fd09:1::3")}[outer]
    for number, (instance, local, remote) in enumerate(((scene.client, *ends), (scene.web, *reversed(ends))), 2):
        instance.ip("link", "add", "vx0", "type", "vxlan", "id", "42", "local", local, "remote", remote, "dstport", "4789",
                    *options)
        instance.ip("link", "set", "vx0", "addrgenmode", "none")
        instance.ip("link", "set", "vx0", "up")
        instance.ip("address", "add", f"10.9.3.{number}/24", "dev", "vx0")
        instance.ip("address", "add", f"fd09:3::{number}/64", "dev", "vx0", "nodad")


@pytest.fixture
def finished(scene):
    """Mirrored, with a wire that the kernel itself has finished; see above."""
    features = [word for feature in ("tx", "tso", "gso", "gro", "tx-udp-segmentation") for word in (feature, "off")]
    scene.host.run("ethtool", "-K", "web", *features)
    scene.web.run("ethtool", "-K", "eth0", *features)
    scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=7)
    scene.sensed = scene.sensor_capture()
    scene.wire = scene.capture(scene.host, "web", EVERYTHING, "wire")
    return scene


def expect_wire(scene, count):
    wire, copies = arrived(scene, lambda frames: len(frames) >= count)
    compare(wire, copies)
    assert max(map(len, copies)) <= 1514
    return wire, copies


@pytest.mark.parametrize("kind,address", [("tcp", "10.9.1.3"), ("tcp", "fd09:1::3"), ("udp", "10.9.1.3"), ("udp", "fd09:1::3")])
def test_super_packets(finished, kind, address):
    """TSO and USO: cut as the kernel cuts them, and in the order of the flow."""
    transfer(finished.client, finished.web, kind, address)
    _, copies = expect_wire(finished, 200)
    if address == "10.9.1.3":
        late = out_of_order(dict(finished.wire.timed_frames()), copies)
        assert not late, f"{len(late)} copies of a flow came after younger ones: {late[:5]}"


@pytest.mark.parametrize("outer,options,address", [("4", ["noudpcsum"], "10.9.3.3"), ("4", ["udpcsum"], "fd09:3::3"),
                                                   ("6", [], "10.9.3.3"), ("6", ["udp6zerocsumtx", "udp6zerocsumrx"], "fd09:3::3")])
def test_tunnels(finished, outer, options, address):
    """TSO inside VXLAN, with and without a checksum outside."""
    tunnel(finished, outer, options)
    transfer(finished.client, finished.web, "tcp", address)
    expect_wire(finished, 200)


@pytest.mark.parametrize("address", ["10.9.1.2", "fd09:1::2"])
def test_gro(finished, address):
    """What is merged on its way in leaves as it came: compared with what web's own device sent."""
    finished.host.run("ethtool", "-K", "web", "gro", "on")
    sent = finished.capture(finished.web, "eth0", EVERYTHING, "sent", "out")
    transfer(finished.web, finished.client, "tcp", address)

    def from_web(frames):
        source = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address.replace("1.2", "1.3").replace("::2", "::3"))
        at = 22 if ":" in address else 26
        return [f for f in frames if is_mirrored(f) and f[at:at + len(source)] == source]
    wait_for("as many copies as sent", lambda: 200 <= len(from_web(sent.frames())) == len(from_web(finished.sensed.copies(7))))
    compare(from_web(sent.frames()), from_web(finished.sensed.copies(7)))


def test_jumbo_frames(mirrored):  # noqa: F811
    """Frames of 9,000 bytes arrive whole at a sensor that can take them, and as much as fits at another."""
    for device in ("client", "web"):
        mirrored.set_mtu(device, 8900)
    mirrored.host.ip("link", "set", "lan", "mtu", "8900")
    mirrored.client.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "-M", "do", "-s", "8872", "10.9.1.3")
    wire, copies = arrived(mirrored, lambda frames: len(frames) >= 6)
    compare(wire, copies)
    assert max(map(len, copies)) == 8914
