"""Somebody takes our program away, comes before it, or pulls the device from under it: the agent puts it back at once, the
report says so, and production never notices.

The traffic is numbered packets from client to web, one every half millisecond, so what was not mirrored tells how long
the gap was; it is printed."""
import contextlib
import ctypes
import errno
import os
import re
import socket
import struct
import time

import pytest
from scene import AGENT, enter, patient, run, wait_for
from test_lifecycle import ingress_udp, received

SPACING = 0.0005
PASS, OUTLIVE = 0, -1  # What a stranger's program returns: TC_ACT_OK ends the chain, TC_ACT_UNSPEC goes on.

BPF_PROG_LOAD, BPF_OBJ_GET, BPF_LINK_CREATE, BPF_LINK_UPDATE = 5, 7, 28, 29
TCX = {"ingress": 46, "egress": 47}
BPF_F_BEFORE = 8


def bpf(command, *words):
    """bpf(2) with a structure of (format, value) pairs; returns the descriptor."""
    data = bytearray(struct.pack("=" + "".join(f for f, _ in words), *[v for _, v in words]).ljust(128, b"\0"))
    buffer = (ctypes.c_char * len(data)).from_buffer(data)
    result = ctypes.CDLL(None, use_errno=True).syscall(321, command, buffer, len(data))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command})")
    return result


def stranger(verdict):
    """Loads somebody else's classifier: r0 = verdict; exit."""
    code = struct.pack("=BBhi", 0xb7, 0, 0, verdict) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    instructions, licence = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL")
    return bpf(BPF_PROG_LOAD, ("I", 3), ("I", 2), ("Q", ctypes.addressof(instructions)),
               ("Q", ctypes.addressof(licence)))


def come_before(device, way, program):
    """A tcx link at the head of the chain; alive until its descriptor is closed."""
    return bpf(BPF_LINK_CREATE, ("I", program), ("I", socket.if_nametoindex(device)), ("I", TCX[way]),
               ("I", BPF_F_BEFORE), ("Q", 0), ("Q", 0))


def chain(device, way):
    """The links of the chain in their order, by id; 0 for a program without."""
    links = (ctypes.c_uint32 * 64)()
    programs = (ctypes.c_uint32 * 64)()
    query = bytearray(struct.pack("=IIIIQIIQQ", socket.if_nametoindex(device), TCX[way], 0, 0,
                                  ctypes.addressof(programs), 64, 0, 0, ctypes.addressof(links)).ljust(128, b"\0"))
    buffer = (ctypes.c_char * len(query)).from_buffer(query)
    if ctypes.CDLL(None, use_errno=True).syscall(321, 16, buffer, len(query)) != 0:
        assert ctypes.get_errno() == errno.ENOENT, os.strerror(ctypes.get_errno())
        return []
    return list(links)[:struct.unpack_from("=I", query, 24)[0]]


def link_id(descriptor):
    text = open(f"/proc/self/fdinfo/{descriptor}").read()
    return int(re.search(r"^link_id:\s*(\d+)$", text, re.M)[1])


def links(scene, device="web"):
    """The pins of our links on a device."""
    return sorted(scene.pins.glob(f"layout-*/links/{socket.if_nametoindex(device)}-*"))


def mirrored(scene):
    """Numbers and times of the copies of numbered packets at the sensor.  Read by hand: scapy takes a millisecond each."""
    data, found, at = scene.sensed.path.read_bytes(), [], 24
    while at + 16 <= len(data):
        seconds, microseconds, size, _ = struct.unpack_from("=IIII", data, at)
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        copy = frame[50:]  # Ethernet, IPv4, UDP, VXLAN.
        if len(copy) >= 46 and copy[12:14] == b"\x08\0" and copy[23] == 17 and copy[36:38] == b"\x0f\xa0":
            found.append((int.from_bytes(copy[42:46], "big"), seconds + microseconds / 1e6))
    return found


def numbers(scene):
    return [number for number, _ in mirrored(scene)]


class Sender:
    """Numbered packets for as long as the block lasts; 'sent' is how many."""

    CODE = """
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
number, due = 0, time.monotonic()
while True:
    try:
        s.sendto(struct.pack("!I", number), ("10.9.1.3", 4000))
        number += 1
    except OSError:
        pass  # The way is being rebuilt.
    due += 0.0005
    time.sleep(max(0, due - time.monotonic()))
"""

    def __init__(self, scene):
        self.scene = scene

    def __enter__(self):
        self.before = received(self.scene)
        self.process = self.scene.client.start("python3", "-c", self.CODE)
        self.scene.processes.append(self.process)
        wait_for("packets pass", lambda: received(self.scene) > self.before + 50)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(patient(10))

    def arrived(self):
        return received(self.scene) - self.before


def watched_scene(scene, *options):
    scene.agent_options = list(options)
    scene.start_controller()
    scene.start_agent()
    scene.interface("web")
    scene.sensed = scene.sensor_capture()
    scene.made = scene.session("web", scene.appliance(), ingress_udp(scene), VirtualNetworkId=1)
    return scene


@pytest.fixture
def by_tcx(bare_scene):
    return watched_scene(bare_scene, "--attach", "tcx")


@pytest.fixture
def by_clsact(bare_scene):
    return watched_scene(bare_scene, "--attach", "clsact")


def host(scene):
    return scene.hosts()[0]


def state(scene):
    return scene.status(scene.made["TrafficMirrorSessionId"])["State"]


def wait_reported(scene, reason, device="web", count=1):
    """The host's report counts and explains it; so does the command line."""
    found = wait_for(f"the report says: {reason}", lambda: int(host(scene)["Reattachments"]) >= count and host(scene))
    assert found["LastReattachment"]["DeviceName"] == device
    assert reason in found["LastReattachment"]["Reason"]
    assert abs(time.time() - parse_time(found["LastReattachment"]["Time"])) < 60
    assert reason in scene.tmirror("host", "list")
    return int(found["Reattachments"])


def parse_time(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def copies_again(scene, since):
    """Waits for copies of packets that were sent after 'since' of them had been seen."""
    wait_for("copies flow again", lambda: len(numbers(scene)) > since + 100)


def gap(scene):
    """The longest run of numbers that no copy has, as seconds; numbers after the last copy do not count."""
    seen = sorted(set(numbers(scene)))
    return max((b - a - 1 for a, b in zip(seen, seen[1:])), default=0) * SPACING


def disturb(scene, action, reason, count=1, limit=1.0, lost=0):
    """Does something while packets flow; everything is as before within 'limit' seconds, and production lost nothing, or
    no more than 'lost' packets."""
    with Sender(scene) as sender:
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)
        action()
        copies_again(scene, len(numbers(scene)))
    wait_for("the counters settle", lambda: state(scene) == "active")
    last = max(numbers(scene))
    wait_for("all packets reached the instance", lambda: sender.arrived() + lost >= last + 1)
    lasted = gap(scene)
    print(f"{reason}: mirrored nothing for {lasted * 1000:.1f} ms")
    assert lasted < limit
    wait_reported(scene, reason, count=count)
    return lasted


# --- tcx -------------------------------------------------------------------------------------------------------------


@pytest.mark.alone  # A sweep finds it, and sweeps are paced by what they cost.
def test_links_detached(by_tcx):
    """By "bpftool link detach", which leaves the pins: nothing tells of it, a sweep finds it."""
    def detach():
        assert len(links(by_tcx)) == 2
        for path in links(by_tcx):
            run("bpftool", "link", "detach", "pinned", path)
    disturb(by_tcx, detach, "our program was taken away")


def test_pins_removed(by_tcx):
    """By removing the files in bpffs."""
    disturb(by_tcx, lambda: [path.unlink() for path in links(by_tcx)], "our program was taken away")
    assert len(links(by_tcx)) == 2


@pytest.mark.alone  # As above.
def test_another_program_in_our_link(by_tcx):
    """By "bpf link update", without detaching anything."""
    program = stranger(OUTLIVE)

    def replace():
        for path in links(by_tcx):
            name = ctypes.create_string_buffer(os.fsencode(path))
            link = bpf(BPF_OBJ_GET, ("Q", ctypes.addressof(name)))
            bpf(BPF_LINK_UPDATE, ("I", link), ("I", program))
            os.close(link)
    disturb(by_tcx, replace, "our program was taken away")


@pytest.mark.alone  # As above.
@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_overtaken(by_tcx, way):
    """Somebody's program that ends the chain comes before ours; it goes on to work, behind."""
    link = []
    disturb(by_tcx, lambda: link.append(come_before("web", way, stranger(PASS))), "another program came before ours")
    found = chain("web", way)
    assert len(found) == 2 and found[1] == link_id(link[0]), "the other goes on, behind ours"


def test_tug_of_war(by_tcx):
    """Another who also wants to be first, and comes back whenever we are: the agent stops quarrelling, says so, and takes
    next to no time for it."""
    scene, programs, held = by_tcx, [stranger(PASS), stranger(PASS)], []

    def quarrel(until):
        rounds = 0
        while time.monotonic() < until:
            if not held or chain("web", "egress")[0] != link_id(held[0]):
                held.append(come_before("web", "egress", programs[rounds % 2]))
                for old in held[:-1]:
                    os.close(old)
                del held[:-1]
                rounds += 1
            time.sleep(0.01)
        return rounds
    before = cpu_seconds(scene.agent)
    rounds = quarrel(time.monotonic() + 15)
    used = cpu_seconds(scene.agent) - before
    print(f"15 s of quarrel: {rounds} rounds, {used:.2f} s of CPU")
    assert 3 <= rounds <= 12
    assert used < 1.5
    wait_for("the session says so", lambda: state(scene) == "overtaken")
    assert "another program comes before ours" in scene.status(scene.made["TrafficMirrorSessionId"])["Reason"]
    for descriptor in held:
        os.close(descriptor)
    wait_for("first again", lambda: state(scene) == "active", 40)


def cpu_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_taken_away_while_no_agent_ran(by_tcx):
    """The successor finds the links dead, puts the program back and reports it."""
    scene = by_tcx
    scene.agent.kill()
    scene.agent.wait()
    for path in links(scene):
        run("bpftool", "link", "detach", "pinned", path)
    scene.start_agent()
    wait_reported(scene, "our program was taken away")
    with Sender(scene):
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)


# --- clsact ----------------------------------------------------------------------------------------------------------


def test_qdisc_deleted(by_clsact):
    """The kernel tells of it, so no sweep is waited for.  The kernel also stops a device for a moment whenever a clsact
    qdisc is removed or made, whoever does it, and drops what comes meanwhile."""
    lasted = disturb(by_clsact, lambda: run("tc", "qdisc", "del", "dev", "web", "clsact"), "our program was taken away",
                     lost=100)
    assert lasted < 0.2


def test_classifiers_flushed(by_clsact):
    lasted = disturb(by_clsact, lambda: run("tc", "filter", "del", "dev", "web", "egress"), "our program was taken away")
    assert lasted < 0.2


def add_stranger(priority, way="egress"):
    """A classifier for another protocol, so with a priority of its own, which lets IP pass and ends the chain."""
    run("tc", "filter", "add", "dev", "web", way, "protocol", "ip", "prio", str(priority), "bpf", "bytecode",
        "1,6 0 0 0", "direct-action")


def test_first_priority_again(by_clsact):
    """Where a better priority than a stranger's is free, ours moves there."""
    scene = by_clsact
    scene.agent.terminate()
    scene.agent.wait(patient(10))
    run(AGENT, "--detach", "--bpffs", scene.pins)
    for priority in (1, 2):  # In the qdisc that it has left.
        add_stranger(priority)
    scene.start_agent()
    wait_for("the session says who is first", lambda: state(scene) == "overtaken")
    for priority in (2, 1):  # In this order no better place is free while a stranger is before us.
        run("tc", "filter", "del", "dev", "web", "egress", "prio", str(priority))
    wait_for("nobody is before us", lambda: state(scene) == "active", 40)
    assert re.search("protocol all pref 3 bpf .* handle 0x746d", run("tc", "filter", "show", "dev", "web", "egress"))
    disturb(scene, lambda: add_stranger(2), "another program came before ours")
    shown = run("tc", "filter", "show", "dev", "web", "egress")
    assert re.search("protocol all pref 1 bpf .* handle 0x746d", shown) and "protocol ip pref 2" in shown
    assert "pref 3" not in shown


# --- devices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attach", ["tcx", "clsact"])
def test_device_made_anew(bare_scene, attach):
    """Deleted and plugged again while packets flow.  How long it takes from the device to its first copy is printed."""
    scene = watched_scene(bare_scene, "--attach", attach)
    with Sender(scene):
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)
        scene.host.ip("link", "delete", "web")
        wait_for("the session is detached", lambda: state(scene) == "source-detached")
        seen, gone = len(numbers(scene)), time.time()
        scene.plug(scene.web, "web", "10.9.1.3", "fd09:1::3", bridge=True)
        # The sender knows the old address of the new device.
        scene.client.ip("neighbour", "flush", "all")
        there, reached = time.time(), received(scene)
        wait_for("copies flow again", lambda: len(numbers(scene)) > seen + 100)
        wait_for("packets reach the instance", lambda: received(scene) > reached)
    first = min(moment for _, moment in mirrored(scene) if moment > gone)
    print(f"{attach}: first copy {(first - there) * 1000:+.1f} ms after the device was plugged again")
    assert first - there < 1.5
    wait_reported(scene, "the device went and came back")
    wait_for("active", lambda: state(scene) == "active")


def test_device_in_another_namespace_and_back(by_tcx):
    """While it is away, nothing of ours stays on it."""
    scene = by_tcx
    scene.host.ip("link", "set", "web", "netns", scene.sensor.name)
    wait_for("the session is detached", lambda: state(scene) == "source-detached")
    with scene.sensor.entered():
        wait_for("the links let go", lambda: not chain("web", "ingress") and not chain("web", "egress"))
    enter(scene.host.path)
    scene.sensor.ip("link", "set", "web", "netns", scene.host.name)
    scene.host.ip("link", "set", "web", "master", "lan", "up")
    wait_reported(scene, "the device went and came back")
    with Sender(scene):
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)


def test_device_renamed_and_back(by_tcx):
    """A source is known by its device's name: under another it is another interface."""
    scene = by_tcx
    scene.host.ip("link", "set", "web", "down")
    scene.host.ip("link", "set", "web", "name", "other")
    scene.host.ip("link", "set", "other", "up")
    wait_for("the session is detached", lambda: state(scene) == "source-detached")
    assert scene.interface("other")
    for name, after in (("other", "web"),):
        scene.host.ip("link", "set", name, "down")
        scene.host.ip("link", "set", name, "name", after)
        scene.host.ip("link", "set", after, "up")
    wait_reported(scene, "the device went and came back")
    with Sender(scene):
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)


def test_new_address(by_tcx):
    """A change of MAC or address is no reason to touch the program; the inventory has it soon."""
    scene = by_tcx
    before = links(scene)
    ids = [run("bpftool", "link", "show", "pinned", path).split(":")[0] for path in before]
    scene.host.ip("link", "set", "web", "address", "02:00:00:00:12:34")
    describe = scene.ec2().describe_network_interfaces
    interface = scene.made["NetworkInterfaceId"]
    wait_for("the new MAC", lambda: describe(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["MacAddress"]
             == "02:00:00:00:12:34")
    assert [run("bpftool", "link", "show", "pinned", path).split(":")[0] for path in links(scene)] == ids
    assert int(host(scene)["Reattachments"]) == 0


def test_nothing_amiss(by_tcx):
    """Links made again for other reasons, a stranger behind ours, a plan that changes: none of that is tampering."""
    scene = by_tcx
    program = stranger(OUTLIVE)
    link = bpf(BPF_LINK_CREATE, ("I", program), ("I", socket.if_nametoindex("web")), ("I", TCX["egress"]), ("I", 0),
               ("Q", 0), ("Q", 0))
    scene.ec2().modify_traffic_mirror_session(
        TrafficMirrorSessionId=scene.made["TrafficMirrorSessionId"], PacketLength=100)
    scene.settle()
    scene.agent.kill()
    scene.agent.wait()
    scene.start_agent()
    wait_for("the new agent reports", lambda: "watching" in scene.log("tmirror-agent"))
    scene.settle()
    with Sender(scene):
        wait_for("copies flow", lambda: len(numbers(scene)) > 100)
    assert int(host(scene)["Reattachments"]) == 0
    with contextlib.suppress(OSError):
        os.close(link)
