"""A host of its own with a fleet of appliances, and a controller's host door that hands out the plans a test writes.

    client  10.9.1.2 ─┐
                      ├─ bridge "lan"    (namespace of the host: agent and door)
    web     10.9.1.3 ─┘
    fleet0  10.9.10.2 ── device "fleet0" 10.9.10.1, and so on: each appliance in a namespace and a network of its own

The plans are those of mirror/plan.h: what an agent does with a fleet depends on nothing else.  A scene may start a real controller
instead, and say the same by the API.
"""
import collections
import contextlib
import http.server
import json
import resource
import socket
import ssl
import struct
import threading

import boto3
from scene import AGENT, Scene, enter, wait_for

SOURCE, FILTER, TARGET, SESSION = (f"{kind}-0000000000000000{n}" for n, kind in enumerate(("eni", "tmf", "tmt", "tms")))
FLEET = "arn:aws:elasticloadbalancing:eu-test-1:000000000001:targetgroup/fleet/0123456789abcdef"
ENDPOINT, ATTACHMENT, ENDPOINT_ADDRESS, SOURCE_ADDRESS = "0123456789abcdef", "0000000000000007", "10.0.0.7", "10.9.1.3"
VNI = 77
CHECK_PORT = 80


class Door(http.server.ThreadingHTTPServer):
    """Plans for whoever asks, by long poll; keeps the reports."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.changed = threading.Condition()
        self.revision, self.plan, self.report = 0, None, None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def publish(self, plan):
        with self.changed:
            self.revision += 1
            self.plan = json.dumps({**plan, "revision": self.revision}).encode()
            self.changed.notify_all()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        known = self.headers.get("If-None-Match")
        with self.server.changed:
            self.server.changed.wait_for(lambda: self.tag() != known, 5)
            tag, plan = self.tag(), self.server.plan
        self.answer(304, b"") if tag == known else self.answer(200, plan, tag)

    def do_POST(self):
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            # Reports that are not whole tell the members of which there is news.
            known = [] if report.get("whole") else self.server.report["members"]
            report["members"] = list({(member["fleet"], member["id"], member["port"]): member
                                      for member in known + report.get("members", [])}.values())
            self.server.report = report
        self.answer(204, b"")

    def tag(self):
        return f'"{self.server.revision}"'

    def answer(self, status, body, tag=None):
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if status == 200:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # Of an agent that ends.
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class BalancedScene(Scene):
    """What scenes of load balancers ask of the API."""

    def elb(self):
        return self.api("elbv2")

    def api(self, service):
        env = self.credentials()
        return boto3.client(service, endpoint_url=env["AWS_ENDPOINT_URL"], region_name=env["AWS_DEFAULT_REGION"],
                            aws_access_key_id=env["AWS_ACCESS_KEY_ID"], verify=env["AWS_CA_BUNDLE"],
                            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"])

    def balancer(self, kind, protocol, targets):
        """A load balancer of a kind, with a listener and a group, which are called likewise; returns its ARN and the group's."""
        elb, subnet = self.elb(), self.ec2().describe_subnets()["Subnets"][0]
        balancer = elb.create_load_balancer(Name=kind, Type=kind, Subnets=[subnet["SubnetId"]])["LoadBalancers"][0]
        group = elb.create_target_group(Name=kind, Protocol=protocol, Port=targets[0]["Port"], VpcId=subnet["VpcId"],
                                        TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=group, Targets=targets)
        entrance = {} if kind == "gateway" else {"Protocol": protocol, "Port": 4789}
        elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], **entrance,
                            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        return balancer["LoadBalancerArn"], group

    def endpoint(self, balancer):
        """An endpoint to a gateway, and the address of its interface."""
        ec2 = self.ec2()
        subnet = ec2.describe_subnets()["Subnets"][0]
        service = ec2.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=[balancer], AcceptanceRequired=False)
        made = ec2.create_vpc_endpoint(VpcEndpointType="GatewayLoadBalancer", VpcId=subnet["VpcId"],
                                       ServiceName=service["ServiceConfiguration"]["ServiceName"],
                                       SubnetIds=[subnet["SubnetId"]])["VpcEndpoint"]
        nic = ec2.describe_network_interfaces(NetworkInterfaceIds=made["NetworkInterfaceIds"])["NetworkInterfaces"][0]
        return made["VpcEndpointId"], nic["PrivateIpAddress"]

    def balanced_target(self, **target):
        return self.ec2().create_traffic_mirror_target(**target)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]


class FleetScene(BalancedScene):
    def __init__(self, name, count, port):
        super().__init__(name)
        self.port, self.session_id = port, None
        self.appliances = [self.plug_appliance(number) for number in range(count)]
        self.offloads(False)  # So that copies and production's packets are alike, byte for byte.

    def plug_appliance(self, number):
        name, network = f"fleet{number}", f"10.9.{10 + number}"
        appliance = self.instance(name, f"{network}.2", f"fd09:{10 + number}::2")
        self.host.ip("address", "add", f"{network}.1/24", "dev", name)
        self.set_mtu(name, 9200)
        # Known neighbours, so that nothing is lost while the kernel asks for an address.
        mac = json.loads(appliance.ip("-json", "link", "show", "eth0"))[0]["address"]
        self.host.ip("neighbour", "add", f"{network}.2", "lladdr", mac, "dev", name, "nud", "permanent")
        return appliance

    def start_door(self):
        self.door = Door()
        keys = self.directory / "agent.env"
        keys.touch(mode=0o600)
        keys.write_text("AWS_ACCESS_KEY_ID=none\nAWS_SECRET_ACCESS_KEY=none\n")

    def start_fleet_agent(self):
        self.agent = self.start(self.host, AGENT, "--credentials", self.directory / "agent.env", "--state",
                                self.directory / "agent", "--bpffs", self.pins, "--host", "testhost", "--controller",
                                f"http://127.0.0.1:{self.door.server_port}", *self.agent_options)

    def listen(self):
        expression = f"udp port {self.port}"
        self.sensors = [self.capture(appliance, "eth0", expression, f"fleet{number}")
                        for number, appliance in enumerate(self.appliances)]
        self.production = self.capture(self.web, "eth0", "tcp", "production")

    def publish(self, members, draining=(), gateway=False, device="web", addressed=True, room=True, **more):
        """A session on web, or another device, that copies all TCP over IPv4 to these of the appliances."""
        source = {"id": SOURCE, "device": device, "orientation": "guest", **({"address": SOURCE_ADDRESS} if addressed else {})}
        rules = [{"id": f"tmfr-0000000000000000{n}", "direction": way, "number": 1, "action": "accept", "protocol": 6,
                  "source": "0.0.0.0/0", "destination": "0.0.0.0/0"} for n, way in enumerate(("ingress", "egress"))]
        target = {"id": TARGET, "reachable": False, "port": 4789}
        if gateway:
            target["gateway"] = {"endpoint": ENDPOINT, "attachment": ATTACHMENT, "address": ENDPOINT_ADDRESS}
        check = {"protocol": "none", "interval": 10, "timeout": 5, "healthy_threshold": 2, "unhealthy_threshold": 2}
        fleet = {"id": FLEET, "stickiness": "5-tuple", "rebalance": True, "tcp_idle": 350, "other_idle": 120,
                 "healthy_count": 1, "healthy_percent": 0, "check": check,
                 "members": [{"id": f"10.9.{10 + n}.2", "port": self.port, "address": f"10.9.{10 + n}.2",
                              "check_port": 80, "weight": 1, "draining": n in draining} for n in members], **more}
        session = {"id": SESSION, "source": SOURCE, "filter": FILTER, "target": TARGET, "number": 1, "vni": VNI,
                   "packet_length": 0, **({"fleet": FLEET} if room else {"crowded_out": True})}
        self.door.publish({"resolvers": [], "sources": [source], "filters": [{"id": FILTER, "rules": rules}],
                           "targets": [target], "fleets": [fleet] if room else [], "sessions": [session]})
        wait_for("the plan is applied", lambda: self.report() and self.report()["applied_revision"] == self.door.revision)

    # --- the same by the API ---

    def address(self, number):
        return f"10.9.{10 + number}.2"

    def members(self, *numbers):
        return [{"Id": self.address(number), "Port": self.port} for number in numbers]

    def balanced_session(self, **target):
        """A session on web to a balanced target, of TCP over IPv4 both ways."""
        rules = [{"TrafficDirection": way, "Protocol": 6} for way in ("ingress", "egress")]
        self.session_id = self.session("web", self.balanced_target(**target), self.filter(*rules),
                                       VirtualNetworkId=VNI)["TrafficMirrorSessionId"]

    def report(self):
        with self.door.changed:
            return self.door.report

    def fleet_report(self):
        return self.report()["fleets"][0]

    def counters(self):
        """Packets accepted and shipped, and lost by reason, of both directions together, as the last report or the status has them."""
        if self.session_id:
            return session_counters(self.status(self.session_id))
        ways = [s["counters"][way] for s in self.report()["sessions"] for way in ("ingress", "egress")]
        lost = collections.Counter()
        for way in ways:
            lost.update({reason: count[0] for reason, count in way["lost"].items() if count[0]})
        return *(sum(way[key][0] for way in ways) for key in ("accepted", "shipped")), lost

    def arrived(self):
        """Copies at all sensors by now."""
        return sum(sensor.count() for sensor in self.sensors)

    def catch_up(self):
        """Until every packet of production has arrived as a copy.  Shipping gives way to production, so traffic that never
        waits makes it lose copies, by design: by their thousands where the agent is sanitized or others work beside it."""
        wait_for("copies catch up with production", lambda: self.arrived() == self.production.count())


def session_counters(status):
    """The same of a session's status."""
    ways = [way for name, way in status.items() if name in ("Ingress", "Egress")]
    lost = collections.Counter()
    for way in ways:
        lost.update({entry["Reason"]: entry["Packets"] for entry in way["Lost"] if entry["Packets"]})
    return *(sum(way[key]["Packets"] for way in ways) for key in ("Accepted", "Shipped")), lost


class Responder(threading.Thread):
    """Says what a test wants on an appliance's check port, until it is stopped."""

    def __init__(self, scene, number, status=None, certificate=None):
        super().__init__(daemon=True)
        self.scene, self.number, self.status, self.certificate, self.asked = scene, number, status, certificate, []
        self.ready = threading.Event()
        self.start()
        assert self.ready.wait(10)

    def run(self):
        enter(self.scene.appliances[self.number].path)
        responder = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                responder.asked.append(self.requestline)
                self.send_response(responder.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "5")
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"hello")

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # A check by TCP says nothing.

        self.server = Server((self.scene.address(self.number), CHECK_PORT), Answer)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.ready.set()
        self.server.serve_forever(poll_interval=0.02)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.join(10)


def allow_sockets():
    """As many as thousands of connections need."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


class Connections:
    """TCP connections from client to web that stay open; each is known by client's port.  They go at the pace at which copies arrive,
    or, where none are to arrive, at their own."""
    SLICE = 50  # Connections between looks at what has arrived.

    def __init__(self, scene, paced=True):
        allow_sockets()
        self.scene, self.paced, self.pairs = scene, paced, {}
        enter(scene.web.path)
        self.listener = socket.create_server(("10.9.1.3", 7000), backlog=4096)
        enter(scene.host.path)

    def open(self, count):
        """Returns the ports of the new ones."""
        enter(self.scene.client.path)
        made = {}
        for _ in self.slices(range(count)):
            near = socket.create_connection(("10.9.1.3", 7000))
            made[near.getsockname()[1]] = (near, self.listener.accept()[0])
        enter(self.scene.host.path)
        self.pairs.update(made)
        return set(made)

    def talk(self, word):
        """A question and its answer on every connection."""
        for near, far in self.slices(self.pairs.values()):
            near.sendall(word)
            assert far.recv(100) == word
            far.sendall(word[::-1])
            assert near.recv(100) == word[::-1]

    def slices(self, things):
        for number, thing in enumerate(things, 1):
            yield thing
            if self.paced and number % self.SLICE == 0:
                self.scene.catch_up()

    def close(self):
        for pair in self.pairs.values():
            for end in pair:
                end.close()
        self.listener.close()


def port_of(frame):
    """The port that names a frame's connection.  Thousands are asked, so bytes must do."""
    assert frame[12:14] == b"\x08\x00" and frame[14] >> 4 == 4 and frame[23] == 6, frame.hex()
    source, destination = struct.unpack_from(">2H", frame, 14 + (frame[14] & 15) * 4)
    return source if destination == 7000 else destination


def frames_by_connection(frames):
    """Per connection a multiset of its frames."""
    connections = collections.defaultdict(collections.Counter)
    for frame in frames:
        connections[port_of(frame)][frame] += 1
    return connections
