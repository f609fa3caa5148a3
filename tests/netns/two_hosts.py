"""Two hosts whose instances talk to each other, four appliances, and a controller apart from them all.

    client 10.9.1.2 ── "client" ─ lan ═══ trunk ═══ lan ─ "server" ── server 10.9.1.4
                                   │                 │
                       host one: "uplink"       host two: "uplink"
                            10.9.3.11 │           │ 10.9.3.12
                                      └─ underlay ┘          (namespace of the site: 10.9.3.1, the controller and its API)
                                          │ │ │ │
                                 appliances 10.9.3.2 to 10.9.3.5

Both ends of a connection are sources, on different hosts: each packet is copied twice.  A sensor's capture is what came to the
appliance by its wire, so it goes on telling while the appliance is dead.
"""
import json
import socket
import struct
import subprocess

from fleet import BalancedScene
from scene import AGENT, BPFFS, enter, wait_for

HOSTS = {"one": "10.9.3.11", "two": "10.9.3.12"}
SOURCES = {"one": "client", "two": "server"}
SERVER = "10.9.1.4"
SITE = "10.9.3.1"
APPLIANCES = 4
SLICE = 50  # Connections that talk between looks at what has arrived.
LONGEST = 512  # Bytes of the longest copy.


class TwoHosts(BalancedScene):
    def __init__(self, name, services):
        super().__init__(name)
        self.hosts_by_name = {"one": self.host, "two": self.namespace("two")}
        self.site = self.namespace("site")
        self.site.add_bridge("underlay")
        self.site.ip("address", "add", f"{SITE}/24", "dev", "underlay")
        self.appliances = [self.plug_appliance(number) for number in range(APPLIANCES)]
        self.join_hosts()
        self.server = self.instance("server", SERVER, "fd09:1::4", bridge=True, host=self.hosts_by_name["two"])
        self.offloads(False, self.client, self.server)  # So that copies and production's packets are alike, byte for byte.
        self.agents = {}
        self.listen(services)

    def plug_appliance(self, number):
        appliance, name = self.namespace(f"fleet{number}"), f"fleet{number}"
        mac = self.attach(appliance, "eth0", name, self.address(number))
        # Nothing is flooded: else sensors see each other's copies.
        self.site.run("bridge", "fdb", "replace", mac, "dev", name, "master", "static")
        return appliance

    def attach(self, namespace, device, name, address):
        """A cable from a namespace's device to one of the underlay.  Returns the former's MAC address."""
        self.site.ip("link", "add", name, "mtu", "9200", "type", "veth", "peer", "name", device, "mtu", "9200", "netns", namespace.name)
        self.site.ip("link", "set", name, "addrgenmode", "none")
        self.site.ip("link", "set", name, "master", "underlay", "up")
        namespace.ip("link", "set", device, "addrgenmode", "none")
        namespace.ip("link", "set", device, "up")
        namespace.ip("address", "add", f"{address}/24", "dev", device)
        return json.loads(namespace.ip("-json", "link", "show", device))[0]["address"]

    def join_hosts(self):
        two = self.hosts_by_name["two"]
        two.add_bridge("lan")
        self.host.ip("link", "add", "trunk", "type", "veth", "peer", "name", "trunk", "netns", two.name)
        macs = [json.loads(appliance.ip("-json", "link", "show", "eth0"))[0]["address"] for appliance in self.appliances]
        for name, host in self.hosts_by_name.items():
            host.ip("link", "set", "trunk", "addrgenmode", "none")
            host.ip("link", "set", "trunk", "master", "lan", "up")
            self.attach(host, "uplink", f"host-{name}", HOSTS[name])
            # Known neighbours, so that nothing is lost while the kernel asks for an address.
            for number, mac in enumerate(macs):
                host.ip("neighbour", "add", self.address(number), "lladdr", mac, "dev", "uplink", "nud", "permanent")

    @staticmethod
    def address(number):
        return f"10.9.3.{2 + number}"

    def members(self, port, *numbers):
        return [{"Id": self.address(number), "Port": port} for number in numbers]

    def listen(self, services):
        ports = " or ".join(f"port {service}" for service in services)
        self.sensors = [self.capture(appliance, "eth0", "udp and (port 4789 or port 6081)", f"fleet{number}", longest=LONGEST)
                        for number, appliance in enumerate(self.appliances)]
        self.production = {name: self.capture(getattr(self, SOURCES[name]), "eth0", f"(tcp or udp) and ({ports})", f"production-{name}",
                                              longest=LONGEST) for name in HOSTS}

    # --- daemons ---

    def start_agents(self):
        for name, host in self.hosts_by_name.items():
            self.agents[name] = self.start(
                host, AGENT, "--credentials", self.state / "agent.env", "--state", self.directory / f"agent-{name}", "--bpffs",
                self.pins_of(name), "--host", name, name=f"agent-{name}")

    def pins_of(self, name):
        return BPFFS / f"{self.pins.name.rpartition('-')[0]}-{name}-{self.token}"

    def verdicts(self, number, word):
        """How often each host said so of an appliance, in any fleet."""
        said = f"appliance {self.address(number)} port "
        return [sum(said in line and f"is {word}" in line for line in self.log(f"agent-{name}").splitlines()) for name in HOSTS]

    def refusals(self, number):
        """Connections that an appliance's kernel refused: checks that it failed while nobody listened there."""
        names, values = [line.split() for line in self.appliances[number].run("cat", "/proc/net/snmp").splitlines()
                         if line.startswith("Tcp:")]
        return int(values[names.index("OutRsts")])

    # --- what arrives ---

    def catch_up(self):
        """Until every packet of production has arrived from both hosts (fleet.FleetScene.catch_up says why)."""
        def level():
            return sum(sensor.count() for sensor in self.sensors) == sum(side.count() for side in self.production.values())
        wait_for("copies catch up with production", level, 40)

    def dropped_frames(self):
        """By the captures themselves; they end by this."""
        for capture in self.captures:
            capture.stop()
        logs = [(self.directory / f"{capture.path.stem}.log").read_text() for capture in self.captures]
        return [log for log in logs if "\n0 packets dropped by kernel" not in log]

    def close(self):
        try:
            super().close()
        finally:
            for name in self.hosts_by_name:
                subprocess.run([AGENT, "--detach", "--bpffs", self.pins_of(name)], check=False, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)


class Talks:
    """Conversations by one protocol with one service on the server.  Each is a flow, known by protocol, service and the client's port, and
    remembers every word, which the server says backwards."""
    protocol, kind = socket.IPPROTO_TCP, socket.SOCK_STREAM

    def __init__(self, scene, service):
        self.scene, self.service, self.near, self.words, self.turn = scene, service, {}, {}, 0
        enter(scene.server.path)
        self.begin()
        enter(scene.site.path)

    def open(self, count):
        """Returns the new flows."""
        enter(self.scene.client.path)
        made = [self.open_one() for _ in self.slices(range(count))]
        enter(self.scene.site.path)
        return set(made)

    def open_one(self):
        near = socket.socket(socket.AF_INET, self.kind)
        near.settimeout(20)
        near.connect((SERVER, self.service))
        flow = self.protocol, self.service, near.getsockname()[1]
        assert flow not in self.near
        self.near[flow], self.words[flow] = near, []
        self.accept(flow)
        return flow

    def talk(self, count=None):
        """A question and its answer on each flow, or on so many, by turns."""
        flows = list(self.near)
        first, self.turn = self.turn, self.turn + (count or 0)
        for number in self.slices(range(first, first + (count or len(flows)))):
            self.say(flows[number % len(flows)], number)

    def say(self, flow, number):
        word = b"%d-%d " % (flow[2], number)
        self.ask(flow, word)
        self.words[flow].append(word)

    def end(self, count=None):
        """So many of the oldest flows, or all, after a last word."""
        for number, flow in enumerate(self.slices(list(self.near)[:count])):
            self.say(flow, number)
            self.end_one(flow)

    def slices(self, things):
        for number, thing in enumerate(things, 1):
            yield thing
            if number % SLICE == 0:
                self.scene.catch_up()
        self.scene.catch_up()

    # --- what TCP and UDP do differently ---

    def begin(self):
        self.listener, self.far = socket.create_server((SERVER, self.service), backlog=4096), {}

    def accept(self, flow):
        self.far[flow] = self.listener.accept()[0]

    def ask(self, flow, word):
        near, far = self.near[flow], self.far[flow]
        near.sendall(word)
        assert far.recv(100) == word
        far.sendall(word[::-1])
        assert near.recv(100) == word[::-1]

    def end_one(self, flow):
        self.near.pop(flow).close()
        far = self.far.pop(flow)
        assert far.recv(1) == b""
        far.close()


class Datagrams(Talks):
    protocol, kind = socket.IPPROTO_UDP, socket.SOCK_DGRAM

    def begin(self):
        self.far = socket.socket(socket.AF_INET, self.kind)
        self.far.settimeout(20)
        self.far.bind((SERVER, self.service))

    def accept(self, flow):
        self.ask(flow, b"hello")
        self.words[flow].append(b"hello")

    def ask(self, flow, word):
        self.near[flow].send(word)
        heard, who = self.far.recvfrom(100)
        assert heard == word and who[1] == flow[2]
        self.far.sendto(word[::-1], who)
        assert self.near[flow].recv(100) == word[::-1]

    def end_one(self, flow):
        self.near.pop(flow).close()


def flow_of(frame, services):
    """Which flow a frame of production belongs to, and whether it is the client's."""
    assert frame[12:14] == b"\x08\x00" and frame[14] == 0x45 and frame[23] in (6, 17), frame.hex()
    source, destination = struct.unpack_from(">2H", frame, 34)
    if destination in services:
        return (frame[23], destination, source), True
    assert source in services, frame.hex()
    return (frame[23], source, destination), False


def streams(frames, services):
    """What both sides said in a flow's frames: (client, server).  TCP's sequence numbers must cover all from SYN to FIN."""
    said = {True: {}, False: {}}
    for order, frame in enumerate(frames):
        (protocol, *_), outward = flow_of(frame, services)
        end = 14 + int.from_bytes(frame[16:18], "big")
        if protocol == socket.IPPROTO_UDP:
            said[outward][order] = frame[42:end], 1
            continue
        flags, data = frame[47], frame[34 + (frame[46] >> 4) * 4:end]
        length = len(data) + (flags >> 1 & 1) + (flags & 1)
        if length:
            said[outward][int.from_bytes(frame[38:42], "big")] = data, length, flags & 3
    return [joined(said[outward]) for outward in (True, False)]


def joined(pieces):
    """The bytes of one side.  Pieces of UDP come in their order, those of TCP by their sequence numbers."""
    if not pieces:
        return None
    if len(next(iter(pieces.values()))) == 2:
        return b"".join(data for data, _ in pieces.values())
    first, = [sequence for sequence, (*_, flags) in pieces.items() if flags & 2]
    ordered = sorted(((sequence - first) % (1 << 32), *piece) for sequence, piece in pieces.items())
    expected = 0
    for offset, _, length, _ in ordered:
        if offset != expected:
            return None
        expected += length
    return b"".join(data for _, data, _, _ in ordered) if ordered[-1][3] & 1 else None
