"""Copies to fleets: a connection is seen whole by one appliance, whoever comes, drains and goes meanwhile."""
import json
import signal
import struct
import subprocess

import decode
import pytest
from fleet import ATTACHMENT, ENDPOINT, ENDPOINT_ADDRESS, SOURCE_ADDRESS, VNI, Connections, FleetScene, frames_by_connection
from scapy.all import IP, UDP, Ether
from scene import CLI, wait_for

pytestmark = pytest.mark.sanitized

MEMBERS = 4
CONNECTIONS = 1000
NEWCOMERS = 200


@pytest.fixture
def make_scene(request):
    scenes = []

    def make(port):
        scene = FleetScene(request.node.name[:24], MEMBERS, port)
        scenes.append(scene)
        return scene

    try:
        yield make
    except BaseException:
        print(f"--- tmirror-agent\n{scenes[0].log('tmirror-agent')}")
        raise
    finally:
        for scene in scenes:
            scene.close()


def vxlan_copies(sensor):
    return [vxlan_unwrap(bytes(frame[42:])) for frame in sensor.frames()]


def vxlan_unwrap(payload, vni=VNI):
    assert payload[:8] == bytes([8, 0, 0, 0]) + vni.to_bytes(3, "big") + b"\0"
    return payload[8:]


def options_read(options):
    """Geneve's options, byte by byte: (class, type) and what they say."""
    found = {}
    while options:
        assert len(options) >= 4
        words = options[3] & 0x1f
        assert options[3] & 0xe0 == 0 and len(options) >= 4 + words * 4
        key = options[0] << 8 | options[1], options[2]
        assert key not in found
        found[key] = options[4:4 + words * 4]
        options = options[4 + words * 4:]
    return found


def gateway_unwrap(payload, flows, endpoint=ENDPOINT, address=ENDPOINT_ADDRESS, origin=SOURCE_ADDRESS, vni=VNI):
    """The frame within both layers, each byte of which is accounted for.  'flows' learns what tells the flow."""
    version, words = payload[0] >> 6, payload[0] & 0x3f
    assert (version, words, payload[1]) == (0, 8, 0) and payload[2:4] == b"\x08\x00" and payload[4:8] == bytes(4)
    options = options_read(payload[8:40])
    assert set(options) == {(0x0108, 1), (0x0108, 2), (0x0108, 3)}
    assert options[0x0108, 1] == bytes.fromhex(endpoint)
    attachment = options[0x0108, 2]
    assert not flows or flows[-1][-1] == attachment
    assert endpoint != ENDPOINT or attachment == bytes.fromhex(ATTACHMENT)
    packet = payload[40:]
    assert packet[0] == 0x45 and packet[6:10] == b"\x40\x00\x40\x11" and decode.total(packet[:20]) == 0xffff
    assert int.from_bytes(packet[2:4], "big") == len(packet)
    assert packet[12:20] == bytes(map(int, f"{origin}.{address}".split(".")))
    source, destination, length, udp_checksum = struct.unpack(">4H", packet[20:28])
    assert destination == 4789 and length == len(packet) - 20 and udp_checksum == 0 and source >= 49152
    frame = vxlan_unwrap(packet[28:], vni)
    flows.append((frame, options[0x0108, 3], source, attachment))
    return frame


def gateway_copies(sensor, flows, *endpoint):
    copies = []
    for frame in sensor.frames():
        outer = Ether(frame)
        assert outer[UDP].dport == 6081
        copies.append(gateway_unwrap(bytes(outer[UDP].payload), flows, *endpoint))
        flows[-1] = (*flows[-1][:-1], outer[IP].src, outer[IP].dst, outer[UDP].sport, flows[-1][-1])
    return copies


def settled(scene, read):
    """Once every packet of production was copied and reported: connections per sensor, and those of production.  An acknowledgement
    that comes late, while captures are read, makes it look once more."""
    def balanced():
        accepted, shipped, lost = scene.counters()
        assert not lost, dict(lost)
        if not accepted == shipped == scene.production.count() == scene.arrived():
            return None
        copies = [read(sensor) for sensor in scene.sensors]
        production = scene.production.frames()
        if not accepted == len(production) == sum(map(len, copies)):
            return None
        return [frames_by_connection(frames) for frames in copies], frames_by_connection(production)

    return wait_for("copies and production agree", balanced, 40)


def seen_whole(sensors, production, ports):
    """Which sensor saw each of these connections: exactly one of them, and every packet."""
    owners = {}
    for port in ports:
        seen = [number for number, connections in enumerate(sensors) if connections.get(port)]
        assert len(seen) == 1, f"connection {port} is at sensors {seen}"
        assert sensors[seen[0]][port] == production[port], f"connection {port} is not whole"
        owners[port] = seen[0]
    return owners


def begin(scene, members, **options):
    scene.start_door()
    scene.listen()
    scene.start_fleet_agent()
    scene.publish(members, **options)
    return Connections(scene)


def test_fleet_changes_under_traffic(make_scene):
    scene = make_scene(4789)
    with scene.host.entered():
        connections = begin(scene, [0, 1, 2])
        first = connections.open(CONNECTIONS)
        connections.talk(b"to begin with")
        owners = seen_whole(*settled(scene, vxlan_copies), first)
        assert {owner: sum(v == owner for v in owners.values()) > CONNECTIONS / 6 for owner in range(3)} == dict.fromkeys(range(3), True)
        # Another one comes.
        scene.publish([0, 1, 2, 3])
        second = connections.open(NEWCOMERS)
        connections.talk(b"with one more")
        now = seen_whole(*settled(scene, vxlan_copies), first | second)
        assert {port: now[port] for port in first} == owners
        assert {now[port] for port in second} == {0, 1, 2, 3}
        # The first drains.
        owners = now
        scene.publish([0, 1, 2, 3], draining=[0])
        third = connections.open(NEWCOMERS)
        connections.talk(b"while one drains")
        sensors, production = settled(scene, vxlan_copies)
        now = seen_whole(sensors, production, first | second | third)
        assert {port: now[port] for port in owners} == owners
        assert {now[port] for port in third} == {1, 2, 3}
        # And is gone: its connections, and no others, go on elsewhere, and nothing of them is lost.
        owners = now
        scene.publish([1, 2, 3])
        connections.talk(b"without it")
        after, production = settled(scene, vxlan_copies)
        orphans = {port for port, owner in owners.items() if owner == 0}
        seen_whole(after, production, set(owners) - orphans)
        assert after[0] == sensors[0]
        for port in orphans:
            seen = [number for number, sensor in enumerate(after) if sensor.get(port)]
            assert len(seen) == 2 and seen[0] == 0
            assert after[0][port] + after[seen[1]][port] == production[port]
        wait_for("the report counts moved flows", lambda: scene.fleet_report()["moved"] == len(orphans))
        wait_for("the report counts held flows", lambda: scene.fleet_report()["flows"] == len(owners))
        assert scene.fleet_report()["evicted"] == 0
        connections.close()


def test_gateway_wraps_copies_twice(make_scene):
    scene = make_scene(6081)
    with scene.host.entered():
        receiver = scene.appliances[0].start(CLI, "receive", "--port", "6081", "--write", scene.directory / "received.pcapng",
                                             stderr=subprocess.PIPE, text=True)
        assert "port 6081" in receiver.stderr.readline()
        connections = begin(scene, range(MEMBERS), gateway=True)
        ports = connections.open(200)
        connections.talk(b"x" * 90)
        flows = []
        sensors, production = settled(scene, lambda sensor: gateway_copies(sensor, flows))
        owners = seen_whole(sensors, production, ports)
        assert set(owners.values()) == set(range(MEMBERS))
        # What tells a flow is the same for all of its packets, in both directions, and differs from the others'.
        marks = {}
        for frame, *mark in flows:
            marks.setdefault(next(iter(frames_by_connection([frame]))), set()).add(tuple(mark))
        assert all(len(mark) == 1 for mark in marks.values())
        assert len(set.union(*marks.values())) > 190
        tshark_agrees(scene)
        receiver.send_signal(signal.SIGINT)
        receiver.communicate(timeout=20)
        received = subprocess.run(["tshark", "-r", scene.directory / "received.pcapng", "-T", "fields", "-e", "tcp.stream"],
                                  capture_output=True, text=True, check=True).stdout.split()
        assert len(received) == sum(sum(connection.values()) for connection in sensors[0].values())
        connections.close()


def test_a_gateways_source_is_looked_for_until_it_is_found(make_scene):
    """Of a source without an address of its own, while no way leads to an appliance; nobody tells the agent of routes."""
    scene = make_scene(6081)
    with scene.host.entered():
        scene.host.ip("route", "delete", "10.9.10.0/24", "dev", "fleet0")
        connections = begin(scene, [0], gateway=True, addressed=False)
        connections.open(3)
        connections.talk(b"to nowhere")
        wait_for("copies have no route", lambda: scene.counters()[2]["no_route"] > 0)
        assert scene.arrived() == 0
        scene.host.ip("route", "add", "10.9.10.0/24", "dev", "fleet0", "src", "10.9.10.1")

        def copies_arrive():
            connections.talk(b"and again")
            return scene.arrived()

        wait_for("copies arrive", copies_arrive)
        assert IP(bytes(scene.sensors[0].frames()[0])[42 + 40:]).src == "10.9.10.1"
        connections.close()


def test_a_fleet_without_room_says_so(make_scene):
    scene = make_scene(4789)
    with scene.host.entered():
        connections = begin(scene, [], room=False)
        connections.open(3)
        connections.talk(b"to nobody")
        wait_for("copies have no target", lambda: scene.counters()[2]["no_target"] > 0)
        session = scene.report()["sessions"][0]
        assert (session["active"], session["reason"]) == (False, "the host sends to as many appliances as it can already")
        connections.close()


def test_network_load_balancer_by_the_api(make_scene):
    """From AWS's requests to the sensors: members come and go while connections stay."""
    scene = make_scene(4790)
    with scene.host.entered():
        scene.start_controller()
        scene.start_agent()
        scene.listen()
        balancer, group = scene.balancer("network", "UDP", scene.members(0, 1, 2))
        scene.balanced_session(NetworkLoadBalancerArn=balancer)
        connections = Connections(scene)
        first = connections.open(200)
        connections.talk(b"to begin with")
        owners = seen_whole(*settled(scene, vxlan_copies), first)
        assert set(owners.values()) == {0, 1, 2}
        scene.elb().register_targets(TargetGroupArn=group, Targets=scene.members(3))
        scene.elb().deregister_targets(TargetGroupArn=group, Targets=scene.members(0))
        scene.settle()
        second = connections.open(200)
        connections.talk(b"one comes, one drains")
        now = seen_whole(*settled(scene, vxlan_copies), first | second)
        assert {port: now[port] for port in first} == owners
        assert {now[port] for port in second} == {1, 2, 3}
        connections.close()


def test_a_balancer_without_a_listener_says_so(make_scene):
    scene = make_scene(4789)
    with scene.host.entered():
        scene.start_controller()
        scene.start_agent()
        scene.listen()
        balancer, _ = scene.balancer("network", "UDP", scene.members(0))
        listener = scene.elb().describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
        scene.balanced_session(NetworkLoadBalancerArn=balancer)
        scene.elb().delete_listener(ListenerArn=listener)
        scene.settle()
        connections = Connections(scene, paced=False)
        connections.open(1)
        connections.talk(b"to nobody")
        wait_for("what goes nowhere is counted", lambda: scene.counters()[2]["no_target"] == scene.production.count() > 0)
        assert set(scene.counters()[2]) == {"no_target"}
        assert "has no UDP listener on port 4789" in json.dumps(scene.status(scene.session_id))
        assert scene.arrived() == 0
        connections.close()


def test_gateway_load_balancer_by_the_api(make_scene):
    scene = make_scene(6081)
    with scene.host.entered():
        scene.start_controller()
        scene.start_agent()
        scene.listen()
        balancer, _ = scene.balancer("gateway", "GENEVE", scene.members(*range(MEMBERS)))
        endpoint, address = scene.endpoint(balancer)
        scene.balanced_session(GatewayLoadBalancerEndpointId=endpoint)
        connections = Connections(scene)
        ports = connections.open(100)
        connections.talk(b"by the gateway")
        flows = []
        number = endpoint.removeprefix("vpce-")[-16:]
        # The host knows no address of web, so it gives its own on the way to the first appliance.
        unwrap = [flows, number, address, "10.9.10.1"]
        owners = seen_whole(*settled(scene, lambda sensor: gateway_copies(sensor, *unwrap)), ports)
        assert set(owners.values()) == set(range(MEMBERS))
        connections.close()


def tshark_agrees(scene):
    """Wireshark's reading of both layers of every copy."""
    fields = ["geneve.version", "geneve.proto_type", "geneve.vni", "geneve.option.class", "ip.dst", "udp.dstport", "vxlan.vni",
              "tcp.port", "ip.checksum.status"]
    arguments = ["tshark", "-r", scene.sensors[1].path, "-o", "ip.check_checksum:TRUE", "-T", "fields"]
    for field in fields:
        arguments += ["-e", field]
    lines = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(scene.sensors[1].frames()) > 0
    for line in lines:
        version, protocol, vni, classes, addresses, ports, vxlan, tcp, checksums = line.split("\t")
        assert (version, int(protocol, 16), int(vni, 16)) == ("0", 0x0800, 0)
        assert [int(c, 16) for c in classes.split(",")] == [0x0108] * 3
        assert addresses.split(",")[:2] == ["10.9.11.2", ENDPOINT_ADDRESS]
        assert ports.split(",") == ["6081", "4789"] and int(vxlan) == VNI and "7000" in tcp.split(",")
        assert set(checksums.split(",")) == {"1"}
