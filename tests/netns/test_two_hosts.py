"""Ten thousand connections between two hosts, a network and a gateway load balancer, and appliances that come, drain, falter, die and
return meanwhile: whoever looks at a connection sees all of it, and every copy is accounted for."""
import collections
import itertools
import socket

import pytest
from fleet import CHECK_PORT, Responder, allow_sockets, session_counters
from scene import wait_for
from test_fleet import gateway_unwrap, vxlan_unwrap
from two_hosts import APPLIANCES, HOSTS, SITE, SOURCES, Datagrams, Talks, TwoHosts, flow_of, streams

# Which balancer's copies are of which service; what is said to the third one is no session's business.
SERVICES = {7000: "network", 7001: "gateway"}
NOBODYS = 7002
PORTS = {"network": 4789, "gateway": 6081}
VNIS = {(host, kind): 71 + number for number, (host, kind) in enumerate(itertools.product(HOSTS, PORTS))}
BEGINNING, TIME_AFTER_TIME, LATE = 2000, 1000, 500  # Connections to each service: 10,000 in all.
DATAGRAMS = 50
THRESHOLD, INTERVAL = 2, 5


class Stage:
    """The scene, what was made in it by the API, and the conversations with what is expected of them."""

    def __init__(self, scene):
        self.scene, self.groups, self.sessions, self.endpoint = scene, {}, {}, None
        self.responders = {number: Responder(scene, number) for number in range(APPLIANCES)}
        self.expected = {}  # Per flow the appliances that were open to it and to all that began with it.

    def build(self):
        scene = self.scene
        scene.start_controller(scene.site, SITE)
        scene.start_agents()
        targets = {}
        for kind, protocol, name in (("network", "TCP_UDP", "NetworkLoadBalancerArn"),
                                     ("gateway", "GENEVE", "GatewayLoadBalancerEndpointId")):
            balancer, self.groups[kind] = scene.balancer(kind, protocol, scene.members(PORTS[kind], 0, 1, 2))
            if kind == "gateway":
                self.endpoint = balancer, _ = scene.endpoint(balancer)
            scene.elb().modify_target_group(
                TargetGroupArn=self.groups[kind], HealthCheckProtocol="TCP", HealthCheckPort=str(CHECK_PORT), HealthCheckTimeoutSeconds=2,
                HealthCheckIntervalSeconds=INTERVAL, HealthyThresholdCount=THRESHOLD, UnhealthyThresholdCount=THRESHOLD)
            targets[kind] = scene.balanced_target(**{name: balancer})
        # Else AWS's gateways leave flows with the dead.
        attributes = [{"Key": f"target_failover.on_{event}", "Value": "rebalance"} for event in ("deregistration", "unhealthy")]
        scene.elb().modify_target_group_attributes(TargetGroupArn=self.groups["gateway"], Attributes=attributes)
        filters = {kind: scene.filter(*self.rules(service)) for service, kind in SERVICES.items()}
        for (host, kind), vni in VNIS.items():
            number = list(PORTS).index(kind) + 1
            made = scene.session(SOURCES[host], targets[kind], filters[kind], number, VirtualNetworkId=vni)
            self.sessions[vni] = made["TrafficMirrorSessionId"]
        self.await_verdicts("healthy", {0: 1, 1: 1, 2: 1})
        self.talks = [kind(scene, service) for service in SERVICES for kind in (Talks, Datagrams)]
        self.others = Talks(scene, NOBODYS)

    @staticmethod
    def rules(service):
        """TCP and UDP to a service and from it, at either end."""
        block = {"FromPort": service, "ToPort": service}
        return [{"TrafficDirection": way, "Protocol": protocol, side: block} for way in ("ingress", "egress")
                for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) for side in ("SourcePortRange", "DestinationPortRange")]

    def await_verdicts(self, word, wanted, meanwhile=lambda: None):
        """Until each host has said so of each of these appliances so many times, in both fleets."""
        def told():
            meanwhile()
            return all(min(self.scene.verdicts(number, word)) >= count * len(PORTS) for number, count in wanted.items())
        wait_for(f"the hosts say {word} of {wanted}", told, 60)

    def open(self, connections, *appliances):
        """New conversations with each service, which belong to these appliances."""
        for talks in self.talks:
            count = connections if talks.protocol == socket.IPPROTO_TCP else DATAGRAMS
            self.expected.update(dict.fromkeys(talks.open(count), appliances))
        self.others.open(1)
        self.talk()

    def talk(self):
        """A little of everything."""
        for talks in (*self.talks, self.others):
            talks.talk(100)

    def arrived(self, number):
        return self.scene.sensors[number].count()

    def end_some(self, connections):
        for talks in self.talks:
            if talks.protocol == socket.IPPROTO_TCP:
                talks.end(connections)

    def end_all(self):
        for talks in (*self.talks, self.others):
            talks.end()


@pytest.fixture
def stage():
    allow_sockets()
    scene = TwoHosts("two-hosts", SERVICES)
    try:
        with scene.site.entered():
            yield Stage(scene)
    except BaseException:
        for program in ("tmirror-controller", *(f"agent-{host}" for host in HOSTS)):
            print(f"--- {program}\n{scene.log(program)}")
        raise
    finally:
        scene.close()


def test_ten_thousand_connections(stage):
    scene = stage.scene
    stage.build()
    stage.open(BEGINNING, 0, 1, 2)
    falter(stage, 1)
    stage.open(TIME_AFTER_TIME, 0, 1, 2)
    join_and_drain(stage, 3, 0)
    stage.open(TIME_AFTER_TIME, 1, 2, 3)
    stage.end_some(TIME_AFTER_TIME)
    scene.controller.kill()
    scene.controller.wait()
    die(stage, 2)
    quiet = stage.arrived(2)
    stage.open(LATE, 1, 3)
    assert stage.arrived(2) == quiet
    scene.start_controller(scene.site, SITE)
    come_back(stage, 2)
    stage.open(LATE, 1, 2, 3)
    stage.end_all()
    settle_accounts(stage)
    assert scene.dropped_frames() == []
    judge(stage, dead=2, successors={1, 3})


def falter(stage, number):
    """One check finds nobody, which is not enough: nothing moves."""
    refused = stage.scene.refusals(number)
    stage.responders[number].stop()
    # No check is made twice within an interval, so nobody has failed twice when the first one is seen to.
    wait_for("a check is missed", lambda: stage.talk() or stage.scene.refusals(number) > refused)
    stage.responders[number] = Responder(stage.scene, number)


def join_and_drain(stage, newcomer, leaver):
    elb = stage.scene.elb()
    for kind, group in stage.groups.items():
        elb.register_targets(TargetGroupArn=group, Targets=stage.scene.members(PORTS[kind], newcomer))
        stage.talk()
        elb.deregister_targets(TargetGroupArn=group, Targets=stage.scene.members(PORTS[kind], leaver))
    stage.talk()
    stage.scene.settle()
    stage.await_verdicts("healthy", {newcomer: 1}, stage.talk)


def die(stage, number):
    """Nobody is there to tell the hosts."""
    stage.responders[number].stop()
    stage.await_verdicts("unhealthy", {number: 1}, stage.talk)
    await_silence(stage, number)


def await_silence(stage, number):
    """Until nothing arrives there whoever talks."""
    def silent():
        before = stage.arrived(number)
        stage.talk()
        return stage.arrived(number) == before
    wait_for("copies leave the dead appliance", silent)


def come_back(stage, number):
    stage.responders[number] = Responder(stage.scene, number)
    stage.await_verdicts("healthy", {number: 2}, stage.talk)
    stage.scene.settle()


def settle_accounts(stage):
    """Per session: production's packets were accepted, all of them were shipped, and as many copies arrived."""
    packets, copies = collections.Counter(), collections.Counter()
    for host, side in stage.scene.production.items():
        for frame in side.frames():
            (_, service, _), _ = flow_of(frame, (*SERVICES, NOBODYS))
            packets[VNIS[host, SERVICES[service]]] += 1
    for sensor in stage.scene.sensors:
        for frame in sensor.frames():
            # VXLAN's header follows UDP's, or 40 bytes of Geneve, and IPv4's and UDP's once more.
            offset = 42 if int.from_bytes(frame[36:38], "big") == PORTS["network"] else 42 + 40 + 28
            copies[int.from_bytes(frame[offset + 4:offset + 7], "big")] += 1
    assert copies == packets
    for vni, session in stage.sessions.items():
        want = packets[vni], copies[vni], {}
        wait_for(f"the account of VNI {vni} is {want}", lambda s=session, w=want: session_counters(stage.scene.status(s)) == w, 40)
    print(f"{sum(packets.values()) // len(HOSTS)} packets of production, {sum(copies.values())} copies")


def judge(stage, dead, successors):
    """Every flow, by both hosts' copies of it."""
    seen = {host: [collections.defaultdict(list) for _ in range(APPLIANCES)] for host in HOSTS}
    for number, sensor in enumerate(stage.scene.sensors):
        for host, flow, moment, frame in unwrap_all(stage, number, sensor):
            seen[host][number][flow].append((moment, frame))
    production = {host: collections.defaultdict(list) for host in HOSTS}
    for host, side in stage.scene.production.items():
        for frame in side.frames():
            production[host][flow_of(frame, SERVICES)[0]].append(frame)
        assert set(production[host]) == set(stage.expected)
    words = {flow: spoken for talks in stage.talks for flow, spoken in talks.words.items()}
    moved, reached = 0, collections.defaultdict(set)
    for flow, appliances in stage.expected.items():
        owners = {tuple(number for number in range(APPLIANCES) if flow in seen[host][number]) for host in HOSTS}
        assert len(owners) == 1, f"{flow} is seen by {owners}"
        owners = owners.pop()
        assert len(owners) == 1 or len(owners) == 2 and dead in owners, f"{flow} is seen by {owners}"
        first = dead if len(owners) == 2 else owners[0]
        assert first in appliances and set(owners) - {first} <= successors
        reached[flow[0], appliances].add(first)
        moved += len(owners) == 2
        for host in HOSTS:
            timed = [pair for number in owners for pair in seen[host][number][flow]]
            frames = [frame for _, frame in sorted(timed, key=lambda pair: pair[0])]
            if len(owners) == 2:  # Once, and for good: who is back does not take again what others hold by now.
                other, = set(owners) - {dead}
                assert max(seen[host][dead][flow])[0] < min(seen[host][other][flow])[0], f"{flow} went back and forth"
            assert sorted(frames) == sorted(production[host][flow]), f"{flow} is not whole at {owners}"
            said = b"".join(words[flow])
            back = b"".join(word[::-1] for word in words[flow])
            assert streams(frames, SERVICES) == [said, back], f"{flow} is not what was said"
    assert all(set(appliances) == found for (_, appliances), found in reached.items()), reached
    connections = sum(flow[0] == socket.IPPROTO_TCP for flow in stage.expected)
    print(f"{connections} connections and {len(stage.expected) - connections} flows of datagrams; {moved} moved from the dead appliance")
    assert connections == 10000


def unwrap_all(stage, number, sensor):
    """(host, flow, moment, frame) of every copy, whose every byte outside the frame is accounted for."""
    names = {socket.inet_aton(source): host for host, source in HOSTS.items()}
    mine = socket.inet_aton(stage.scene.address(number))
    marks = {host: [] for host in HOSTS}
    endpoint, address = stage.endpoint
    for copy, moment in sensor.timed_frames():
        assert copy[12:14] == b"\x08\x00" and copy[14] == 0x45 and copy[23] == socket.IPPROTO_UDP
        assert copy[30:34] == mine
        host, port, payload = names[copy[26:30]], int.from_bytes(copy[36:38], "big"), copy[42:]
        kind = next(kind for kind, its in PORTS.items() if its == port)
        if kind == "gateway":
            frame = gateway_unwrap(payload, marks[host], endpoint.removeprefix("vpce-")[-16:], address, HOSTS[host],
                                   VNIS[host, kind])
        else:
            frame = vxlan_unwrap(payload, VNIS[host, kind])
        flow, _ = flow_of(frame, SERVICES)
        assert SERVICES[flow[1]] == kind
        yield host, flow, moment, frame
