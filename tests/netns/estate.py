"""Two hosts, two controllers on one PostgreSQL behind a balancer, and a collector of copies.

    host one: client ── "client" ─ lan ─ "web" ── web        "uplink" 10.9.3.11 ─┐
    host two: the same, and of the same addresses            "uplink" 10.9.3.12 ─┼─ underlay (namespace of the site, 10.9.3.1)
                                                   collector 10.9.3.2 ───────────┘

In the site: controllers on ports 8801 and 8802, the balancer on 8773, through which agents and clients go.  The database is behind
a Unix socket, which is the same in all namespaces.  A host is cut off by taking down the site's end of its cable.
"""
import asyncio
import contextlib
import shutil
import subprocess
import sys
import threading

import boto3
import botocore.config
from scene import AGENT, BPFFS, CLI, CONTROLLER, ROOT, Scene, enter, patient, run, wait_for

sys.path += [str(ROOT / "tests"), str(ROOT / "bench")]
from postgresql import Cluster  # noqa: E402

SITE, COLLECTOR = "10.9.3.1", "10.9.3.2"
HOSTS = {"one": "10.9.3.11", "two": "10.9.3.12"}
CONTROLLER_PORTS, BALANCER_PORT = (8801, 8802), 8773
COMMON = ("seal.key", "ca.pem", "ca.key", "credentials.env", "agent.env")


class Balancer(threading.Thread):
    """Hands each connection to the next controller that takes it, in turn, and knows nothing of what is said."""

    def __init__(self, namespace, address, port, backends):
        super().__init__(daemon=True)
        self.namespace, self.address, self.port, self.backends = namespace, address, port, list(backends)
        self.turn, self.ready = 0, threading.Event()
        self.start()
        assert self.ready.wait(patient(10))

    def run(self):
        enter(self.namespace.path)
        asyncio.run(self.serve())

    async def serve(self):
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self.take, self.address, self.port, backlog=4096)
        self.ready.set()
        await self.ended.wait()
        server.close()

    async def take(self, reader, writer):
        for _ in self.backends:
            self.turn += 1
            try:
                there = await asyncio.open_connection(self.address, self.backends[self.turn % len(self.backends)])
                break
            except OSError:
                continue
        else:
            writer.close()
            return
        await asyncio.gather(self.pump(reader, there[1]), self.pump(there[0], writer))

    @staticmethod
    async def pump(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.ended.set)
        self.join(10)


class Estate(Scene):
    def __init__(self, name):
        super().__init__(name)
        self.site = self.namespace("site")
        self.site.add_bridge("underlay")
        self.site.ip("address", "add", f"{SITE}/24", "dev", "underlay")
        self.collector = self.namespace("collector")
        self.attach(self.collector, "eth0", "collector", COLLECTOR)
        self.hosts_by_name = {"one": self.host, "two": self.namespace("two")}
        self.hosts_by_name["two"].add_bridge("lan")
        self.pairs = {"one": (self.client, self.web), "two": tuple(
            self.second_instance(name, number) for number, name in enumerate(("client", "web"), 2))}
        for host, address in HOSTS.items():
            self.attach(self.hosts_by_name[host], "uplink", f"host-{host}", address)
        self.agents, self.controllers, self.balancer = {}, [None, None], None
        self.state = self.directory / "state-0"
        self.cluster = Cluster()
        self.cluster.__enter__()

    def second_instance(self, device, number):
        instance = self.namespace(f"{device}2")
        self.plug(instance, device, f"10.9.1.{number}", f"fd09:1::{number}", True, self.hosts_by_name["two"])
        return instance

    def attach(self, namespace, device, name, address):
        """A cable from a namespace's device to one of the underlay."""
        self.site.ip("link", "add", name, "mtu", "9200", "type", "veth", "peer", "name", device, "mtu", "9200", "netns", namespace.name)
        self.site.ip("link", "set", name, "addrgenmode", "none")
        self.site.ip("link", "set", name, "master", "underlay", "up")
        namespace.ip("link", "set", device, "addrgenmode", "none")
        namespace.ip("link", "set", device, "up")
        namespace.ip("address", "add", f"{address}/24", "dev", device)

    # --- daemons ---

    def open(self, controller=CONTROLLER, agent=AGENT):
        for number in range(2):
            self.start_one(number, controller)
        self.balancer = Balancer(self.site, SITE, BALANCER_PORT, CONTROLLER_PORTS)
        for name in ("credentials.env", "agent.env"):
            self.write_keys(name)
        for host in HOSTS:
            self.start_host(host, agent)
        for host in HOSTS:
            for device in ("client", "web"):
                self.interface_of(host, device)

    def start_one(self, number, program=CONTROLLER, prefix=()):
        state = self.directory / f"state-{number}"
        if number > 0 and not state.exists():
            state.mkdir(mode=0o700)
            for name in COMMON:
                shutil.copy(self.state / name, state / name)
        mark = len(self.log(f"controller-{number}"))
        self.controllers[number] = self.start(
            self.site, program, "--state", state, "--store", self.cluster.uri, "--listen", f"{SITE}:{CONTROLLER_PORTS[number]}",
            "--rate", "*=unlimited", "--limit", "sessions-per-source=16", prefix=prefix, name=f"controller-{number}")
        wait_for("the controller listens", lambda: "listening on" in self.log(f"controller-{number}")[mark:]
                 or self.controllers[number].poll() is not None)
        assert self.controllers[number].poll() is None, self.log(f"controller-{number}")[mark:]

    def start_host(self, host, program=AGENT, prefix=()):
        self.agents[host] = self.start(
            self.hosts_by_name[host], program, "--credentials", self.directory / "agent.env", "--state",
            self.directory / f"agent-{host}", "--bpffs", self.pins_of(host), "--host", host, prefix=prefix, name=f"agent-{host}")

    def pins_of(self, host):
        return BPFFS / f"{self.pins.name.rpartition('-')[0]}-{host}-{self.token}"

    def write_keys(self, name):
        """As the first controller wrote them, but to go through the balancer."""
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text((self.state / name).read_text().replace(f":{CONTROLLER_PORTS[0]}", f":{BALANCER_PORT}"))

    # --- the API, through the balancer ---

    def credentials(self):
        lines = (self.directory / "credentials.env").read_text().splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))

    def api(self, service="ec2", attempts=3):
        """With as many attempts as AWS's clients make by themselves."""
        env = self.credentials()
        return boto3.client(service, endpoint_url=env["AWS_ENDPOINT_URL"], region_name=env["AWS_DEFAULT_REGION"],
                            aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
                            verify=env["AWS_CA_BUNDLE"],
                            config=botocore.config.Config(retries={"mode": "standard", "total_max_attempts": attempts}))

    def ec2(self):
        return self.api()

    def tmirror(self, *arguments):
        return run(CLI, "--credentials", self.directory / "credentials.env", *arguments)

    def interface_of(self, host, device):
        filters = [{"Name": "tag:tmirror:device", "Values": [device]}, {"Name": "tag:tmirror:host", "Values": [host]}]

        def find():
            found = self.api().describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
            return found[0]["NetworkInterfaceId"] if found else None
        return wait_for(f"the inventory lists {device} of {host}", find)

    def applied(self, names=HOSTS):
        hosts = {host["HostName"]: host for host in self.hosts()}
        return all(hosts[name]["AppliedRevision"] == hosts[name]["WantedRevision"] for name in names)

    # --- the network ---

    def cut(self, host, is_cut=True):
        self.site.ip("link", "set", f"host-{host}", "down" if is_cut else "up")

    # --- the end ---

    def tell(self):
        """For a test that failed."""
        for name in ("controller-0", "controller-1", *(f"agent-{host}" for host in HOSTS)):
            print(f"--- {name}\n{self.log(name)[-6000:]}")

    def close(self):
        if self.balancer:
            self.balancer.stop()
        try:
            super().close()
        finally:
            for host in HOSTS:
                subprocess.run([AGENT, "--detach", "--bpffs", self.pins_of(host)], check=False, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            self.cluster.__exit__()
