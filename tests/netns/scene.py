"""A host with an instance, a client and a sensor, each in a network namespace of its own.

    client  10.9.1.2 fd09:1::2 ── device "client" ─┐
                                                   ├─ bridge "lan"     (namespace of the host:
    web     10.9.1.3 fd09:1::3 ── device "web" ────┘                    controller, agent, API on loopback)
    sensor  10.9.2.2 fd09:2::2 ── device "sensor" 10.9.2.1 fd09:2::1

The instances' own ends are called eth0.  Everything is made anew for each scene and removed with it, also when a test
fails.  Nothing sleeps: wait_for() polls a condition up to a deadline.
"""
import contextlib
import ctypes
import errno
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import boto3
import botocore.config
import decode
import leftovers

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TMIRROR_BUILD", ROOT / "build")).resolve()
CONTROLLER = BUILD / "src/controller/tmirror-controller"
AGENT = BUILD / "src/agent/tmirror-agent"
CLI = BUILD / "src/cli/tmirror"
CLONE_NEWNET = 0x40000000
PATIENCE = float(os.environ.get("TMIRROR_PATIENCE", "1"))  # What every deadline is multiplied by, for emulated processors.
BPFFS = pathlib.Path("/sys/fs/bpf")
HOME = f"/proc/self/fd/{os.open('/proc/self/ns/net', os.O_RDONLY)}"  # The namespace that the tests were started in.


def is_sanitized():
    """Whether the agent is built with sanitizers, and so does in ten seconds what it else does in one."""
    return b"__asan_init" in AGENT.read_bytes()


def patient(seconds):
    """A deadline's length on this machine."""
    return seconds * PATIENCE


def wait_for(what, condition, seconds=20):
    """Returns the first true value of condition(); fails the test with 'what' at the deadline.  Asking takes half of the time at
    most, as what is waited for may want the CPU."""
    deadline = time.monotonic() + patient(seconds)
    while True:
        asked = time.monotonic()
        value = condition()
        if value:
            return value
        now = time.monotonic()
        assert now < deadline, f"waited {patient(seconds):g} s in vain: {what}"
        time.sleep(max(0.005, min(now - asked, 0.25)))


def run(*command, **options):
    """Runs to success; the output goes into the failure's message."""
    options.setdefault("timeout", patient(60))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def tcx_programs(device):
    """Number of programs on both tcx hooks of a device of this namespace (BPF_PROG_QUERY; 46 and 47 are the hooks)."""
    total = 0
    for hook in (46, 47):
        query = bytearray(struct.pack("=IIIIQII", socket.if_nametoindex(device), hook, 0, 0, 0, 0, 0).ljust(64, b"\0"))
        buffer = (ctypes.c_char * len(query)).from_buffer(query)
        if ctypes.CDLL(None, use_errno=True).syscall(321, 16, buffer, len(query)) != 0:
            if ctypes.get_errno() == errno.EINVAL:
                continue  # A kernel before 6.6.
            raise OSError(ctypes.get_errno(), "BPF_PROG_QUERY")
        total += struct.unpack_from("=I", query, 24)[0]
    return total


def watched(device):
    """Whether a program of ours is on the device, by either way of attaching."""
    return tcx_programs(device) > 0 or any(
        "bpf" in run("tc", "filter", "show", "dev", device, way) for way in ("ingress", "egress") if has_clsact(device))


def has_clsact(device):
    return "clsact" in run("tc", "qdisc", "show", "dev", device)


def enter(path):
    """Moves this thread into a network namespace; child processes inherit it."""
    with open(path) as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")


class Namespace:
    def __init__(self, name):
        self.name, self.path = name, f"/run/netns/{name}"
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        return self.run("ip", *arguments)

    def add_bridge(self, name):
        self.ip("link", "add", name, "type", "bridge", "mcast_snooping", "0")
        self.ip("link", "set", name, "addrgenmode", "none")
        self.ip("link", "set", name, "up")

    def command(self, *command):
        # Not "ip netns exec": it would hide bpffs behind a fresh /sys.
        return ["nsenter", f"--net={self.path}", *map(str, command)]

    def run(self, *command, **options):
        return run(*self.command(*command), **options)

    def start(self, *command, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*command), start_new_session=True, **options)

    @contextlib.contextmanager
    def entered(self):
        enter(self.path)
        try:
            yield
        finally:
            enter(HOME)

    def delete(self):
        subprocess.run(["ip", "netns", "delete", self.name], check=False)


class Capture:
    """tcpdump on one device; frames() are the packets so far, as scapy layers or raw bytes."""

    def __init__(self, namespace, device, expression, directory, name, direction=None, longest=9100):
        self.path = directory / f"{name}.pcap"
        self.walked, self.counted = 24, 0
        # The buffer has a slot of the largest size for every frame: room for some 20,000 of them, or more that are short.
        command = ["tcpdump", "-i", device, "-U", "--immediate-mode", "-B", "200000", "-s", str(longest), "-w", self.path]
        if direction:
            command += ["-Q", direction]
        self.log = open(directory / f"{name}.log", "w+")
        self.process = namespace.start(*command, *expression.split(), stderr=self.log)
        wait_for("tcpdump listens", lambda: "listening" in pathlib.Path(self.log.name).read_text())

    def frames(self):
        return [frame for frame, _ in self.timed_frames()]

    def timed_frames(self):
        """Frames with the time of capture in seconds."""
        data = self.path.read_bytes() if self.path.exists() else b""
        frames, offset = [], 24
        while offset + 16 <= len(data):
            seconds, microseconds, length, _ = struct.unpack_from("=4I", data, offset)
            offset += 16 + length
            if offset <= len(data):
                frames.append((data[offset - length:offset], seconds + microseconds / 1e6))
        return frames

    def count(self):
        """How many frames there are by now.  Only what is new is walked over, so this may be asked often."""
        with open(self.path, "rb") as file:
            file.seek(self.walked)
            data = file.read()
        offset = 0
        while offset + 16 <= len(data):
            end = offset + 16 + int.from_bytes(data[offset + 8:offset + 12], sys.byteorder)
            if end > len(data):
                break
            offset, self.counted = end, self.counted + 1
        self.walked += offset
        return self.counted

    def copies(self, vni=None):
        """The frames inside VXLAN, optionally of one VNI only."""
        found = filter(None, map(decode.vxlan, self.frames()))
        return [inner for number, inner in found if vni is None or number == vni]

    def wait_copies(self, count, vni=None, seconds=20):
        return wait_for(f"{count} copies at the sensor", lambda: self.enough(count, vni), seconds)

    def enough(self, count, vni):
        copies = self.copies(vni)
        return copies if len(copies) >= count else None

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(patient(10))
        self.log.close()


class Scene:
    def __init__(self, name, options=()):
        # Process ids repeat from one process namespace to the next; scenes of several runs must not meet.
        self.token = secrets.token_hex(3)
        self.directory, self.lock = leftovers.make_directory(self.token)
        self.state = self.directory / "state"
        self.pins = BPFFS / f"tmirror-{name}-{self.token}"
        self.processes, self.captures, self.namespaces = [], [], []
        self.controller = self.agent = self.agent_credentials = None
        self.controller_options, self.agent_options = list(options), []
        self.host = self.namespace("host")
        self.host.add_bridge("lan")
        self.client = self.instance("client", "10.9.1.2", "fd09:1::2", bridge=True)
        self.web = self.instance("web", "10.9.1.3", "fd09:1::3", bridge=True)
        self.sensor = self.instance("sensor", "10.9.2.2", "fd09:2::2")
        self.host.ip("address", "add", "10.9.2.1/24", "dev", "sensor")
        self.host.ip("address", "add", "fd09:2::1/64", "dev", "sensor", "nodad")
        self.set_mtu("sensor", 9000)

    # --- namespaces ---

    def namespace(self, name):
        namespace = Namespace(f"tmt-{name}-{self.token}")
        self.namespaces.append(namespace)
        return namespace

    def instance(self, name, ipv4, ipv6, bridge=False, host=None):
        instance = self.namespace(name)
        self.plug(instance, name, ipv4, ipv6, bridge, host)
        return instance

    def plug(self, instance, device, ipv4, ipv6, bridge=False, host=None):
        """A cable from eth0 to a device of the host, or of another one."""
        host = host or self.host
        host.ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", instance.name)
        # Without link-local addresses nothing speaks on the wire but what a test sends.
        host.ip("link", "set", device, "addrgenmode", "none")
        instance.ip("link", "set", "eth0", "addrgenmode", "none")
        host.ip("link", "set", device, "up")
        if bridge:
            host.ip("link", "set", device, "master", "lan")
        instance.ip("link", "set", "eth0", "up")
        instance.ip("address", "add", f"{ipv4}/24", "dev", "eth0")
        instance.ip("address", "add", f"{ipv6}/64", "dev", "eth0", "nodad")

    def set_mtu(self, device, mtu):
        peer = next(n for n in self.namespaces if n.name == f"tmt-{device}-{self.token}")
        self.host.ip("link", "set", device, "mtu", str(mtu))
        peer.ip("link", "set", "eth0", "mtu", str(mtu))

    def offloads(self, on, *instances):
        """Of client and web, or others: off, their wire carries finished packets of at most the MTU."""
        for instance in instances or (self.client, self.web):
            instance.run("ethtool", "-K", "eth0", *[word for feature in ("tx", "tso", "gso", "gro")
                                                    for word in (feature, "on" if on else "off")])

    # --- daemons ---

    def start(self, namespace, *command, prefix=(), name=None):
        log = open(self.directory / f"{name or pathlib.Path(command[0]).name}.log", "a")
        process = namespace.start(*prefix, *command, stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        return process

    def start_controller(self, namespace=None, address="127.0.0.1"):
        self.controller = self.start(namespace or self.host, CONTROLLER, "--state", self.state, "--listen", f"{address}:8773",
                                     "--rate", "*=unlimited",
                                     *self.controller_options)
        wait_for("the controller listens", lambda: "listening" in self.log("tmirror-controller"))
        wait_for("the API answers", self.api_answers)

    def api_answers(self):
        with contextlib.suppress(Exception):
            return self.ec2().describe_regions() or True

    def start_agent(self):
        self.agent = self.start(self.host, AGENT, "--credentials", self.agent_credentials or self.state / "agent.env", "--state",
                                self.directory / "agent", "--bpffs", self.pins, "--host", "testhost",
                                "--report-interval", "1", *self.agent_options, prefix=os.environ.get("TMIRROR_TEST_PREFIX", "").split())

    def log(self, program):
        path = self.directory / f"{program}.log"
        return path.read_text() if path.exists() else ""

    def credentials(self):
        lines = (self.state / "credentials.env").read_text().splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))

    def ec2(self):
        env = self.credentials()
        return boto3.client("ec2", endpoint_url=env["AWS_ENDPOINT_URL"], region_name=env["AWS_DEFAULT_REGION"],
                            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"], verify=env["AWS_CA_BUNDLE"],
                            config=botocore.config.Config(retries={"max_attempts": 0}))

    def aws(self, *arguments):
        """The AWS CLI, unmodified; returns what it prints."""
        env = {**os.environ, **self.credentials()}
        return run("/usr/bin/aws", "--endpoint-url", env["AWS_ENDPOINT_URL"], "--output", "text", *arguments, env=env)

    def tmirror(self, *arguments):
        return run(CLI, "--credentials", self.state / "credentials.env", *arguments)

    # --- the operator's steps ---

    def interface(self, device):
        def find():
            filters = [{"Name": "tag:tmirror:device", "Values": [device]}, {"Name": "status", "Values": ["in-use"]}]
            found = self.ec2().describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
            return found[0]["NetworkInterfaceId"] if found else None
        return wait_for(f"the inventory lists {device}", find)

    def appliance(self, address="10.9.2.2"):
        ec2 = self.ec2()
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        key = {"Ipv6Addresses": [{"Ipv6Address": address}]} if ":" in address else {"PrivateIpAddress": address}
        interface = ec2.create_network_interface(SubnetId=subnet, **key)["NetworkInterface"]["NetworkInterfaceId"]
        target = ec2.create_traffic_mirror_target(NetworkInterfaceId=interface)
        return target["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    def filter(self, *rules):
        """Rules are dicts of CreateTrafficMirrorFilterRule's parameters; what is left out accepts everything."""
        ec2 = self.ec2()
        filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        for number, rule in enumerate(rules or self.accept_all(), 1):
            defaults = {"RuleNumber": number, "RuleAction": "accept", "SourceCidrBlock": "0.0.0.0/0",
                        "DestinationCidrBlock": "0.0.0.0/0"}
            ec2.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=filter_id, **{**defaults, **rule})
        return filter_id

    @staticmethod
    def accept_all():
        return [{"TrafficDirection": direction, "SourceCidrBlock": block, "DestinationCidrBlock": block}
                for direction in ("ingress", "egress") for block in ("0.0.0.0/0", "::/0")]

    def session(self, device, target, filter_id, number=1, **more):
        session = self.ec2().create_traffic_mirror_session(
            NetworkInterfaceId=self.interface(device), TrafficMirrorTargetId=target,
            TrafficMirrorFilterId=filter_id, SessionNumber=number, **more)["TrafficMirrorSession"]
        self.settle()
        return session

    def hosts(self):
        return json.loads(self.tmirror("status", "-o", "json"))["Hosts"]

    def settle(self):
        """Until the agent has applied the plan as it is now."""
        def applied():
            hosts = self.hosts()
            return hosts and all(h["AppliedRevision"] == h["WantedRevision"] for h in hosts)
        wait_for("the agent applies the plan", applied)

    def status(self, session_id):
        """State and counters of one session, as the extension action tells them."""
        sessions = json.loads(self.tmirror("status", "-o", "json"))["Sessions"]
        return next(s for s in sessions if s["TrafficMirrorSessionId"] == session_id)

    def capture(self, namespace, device, expression, name, direction=None, **more):
        capture = Capture(namespace, device, expression, self.directory, name, direction, **more)
        self.captures.append(capture)
        return capture

    def sensor_capture(self, name="sensor"):
        return self.capture(self.sensor, "eth0", "udp port 4789", name)

    # --- the end ---

    def close(self):
        for capture in self.captures:
            with contextlib.suppress(Exception):
                capture.stop()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(patient(10))
                if process.poll() is None:
                    process.kill()
                    process.wait()
        subprocess.run(self.host.command(AGENT, "--detach", "--bpffs", self.pins), check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for namespace in self.namespaces:
            namespace.delete()
        shutil.rmtree(self.directory, ignore_errors=True)
        os.close(self.lock)
