"""Where the measurements take place: the scene of tests/netns with a counting sensor, and the machine's own clock.

    client 10.9.1.2 ── "client" ─┐
                                 ├─ bridge "lan"     the loads go from client to web; web's device is mirrored
    web    10.9.1.3 ── "web" ────┘
    sensor 10.9.2.2 ── "sensor" (MTU 9000)           sensor.bpf.c counts the copies, packet by packet

Equal terms: production has MTU 1500 and the offloads of a veth pair as Linux makes it.  The way to the sensor has no segmentation
offload, so whoever sends a super-packet has it cut by the kernel before it leaves, and every copy arrives in the size of
a wire.  Neighbours are known before, so no load waits for ARP.
"""
import json
import os
import pathlib
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/netns"))
from scene import BUILD, Scene, run, wait_for  # noqa: E402

LOAD, SENSOR, RULES = (BUILD / "bench" / name for name in ("load", "sensor", "rules"))
FLOWS = 100  # UDP flows of a load, to ports from PORT on; one filter takes the first of them only.
PORT, STREAM_PORT, ANSWER_PORT, PROBE_PORT = 4000, 4200, 4201, 4300
WEB = "10.9.1.3"
LIMITS = ("rules-per-filter=10000", "sessions=20000", "sources-per-target=20000", "registered-interfaces=20000",
          "sessions-per-source=8")


def end_by_signal():
    """SIGTERM ends the program as Ctrl-C does: the scene is taken down."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def busy_seconds():
    """Time that all CPUs together did not idle since boot.  Idle time is measured by the kernel; time in user, kernel and
    interrupts is only sampled, which misses what sleeps between ticks.  What the hypervisor took is left out."""
    fields = list(map(int, open("/proc/stat").readline().split()[1:]))
    ticks = os.sysconf("SC_CLK_TCK")
    return os.cpu_count() * time.monotonic() - (fields[3] + fields[4] + fields[7]) / ticks


def tasks(process):
    return [int(task.name) for task in pathlib.Path(f"/proc/{process}/task").iterdir()]


def cpu_and_wakeups(process):
    """Nanoseconds on the CPU, and how often it went to sleep and came back, of all threads."""
    nanoseconds = switches = 0
    for task in tasks(process):
        base = pathlib.Path(f"/proc/{process}/task/{task}")
        nanoseconds += int((base / "schedstat").read_text().split()[0])
        status = dict(line.split(":\t") for line in (base / "status").read_text().splitlines() if ":\t" in line)
        switches += int(status["voluntary_ctxt_switches"])
    return nanoseconds, switches


def machine():
    """What the figures depend on."""
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    memory = int(open("/proc/meminfo").readline().split()[1])
    return {"model": model, "cores": os.cpu_count(), "memory": memory * 1024, "kernel": os.uname().release,
            "hypervisor": "hypervisor" in open("/proc/cpuinfo").read(),
            "revision": run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
            if (ROOT / ".git").exists() else None}


class Sensor:
    """The counting program on the sensor's device.  Counts grow from the start; subtract two snapshots."""

    def __init__(self, scene, *options, namespace=None):
        self.process = (namespace or scene.sensor).start(SENSOR, "eth0", *options, stdin=-1, stdout=-1, stderr=None, text=True)
        scene.processes.append(self.process)
        assert self.process.stdout.readline() == "{}\n", "the sensor does not start"

    def snapshot(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        counts = json.loads(self.process.stdout.readline())
        counts["latency"] = {int(begin): count for begin, count in counts["latency"]}
        return counts

    def settled(self, patience=0.06):
        """A snapshot once nothing has arrived for so many seconds."""
        last = [None]

        def quiet():
            before, last[0] = last[0], self.snapshot()
            if before and before["packets"] == last[0]["packets"]:
                return last[0]
            time.sleep(patience)
            return None
        return wait_for("the sensor's counters come to rest", quiet, 30)


def difference(after, before):
    """What was counted between two snapshots."""
    return {name: {b: n - before[name].get(b, 0) for b, n in value.items()} if isinstance(value, dict)
            else value - before[name] for name, value in after.items()}


def percentile(histogram, share):
    """The bucket of a histogram {begin: count} in which the share is reached; None of an empty one."""
    left = share * sum(histogram.values())
    for begin in sorted(histogram):
        left -= histogram[begin]
        if histogram[begin] and left <= 0:
            return begin
    return None


class Stage(Scene):
    """The scene with servers for all loads, both daemons, and the sensor."""

    def __init__(self, name="bench", options=()):
        super().__init__(name, [word for limit in LIMITS for word in ("--limit", limit)] + list(options))
        self.cores = sorted(os.sched_getaffinity(0))
        self.client_of_api = None

    def build(self, daemons=True, sensor_options=()):
        self.segment_nothing(self.host, "sensor")
        # The bridge does not hand packets to a firewall, as on hosts of virtual machines.
        self.host.run("sysctl", "-q", "--ignore", "-w", "net.bridge.bridge-nf-call-iptables=0",
                      "net.bridge.bridge-nf-call-ip6tables=0", "net.bridge.bridge-nf-call-arptables=0")
        self.introduce(self.client, "10.9.1.3", self.web)
        self.introduce(self.web, "10.9.1.2", self.client)
        self.host.ip("neighbour", "replace", "10.9.2.2", "lladdr", address_of(self.sensor), "dev", "sensor")
        for mode, *words in (("sink", PORT, FLOWS), ("sink", PROBE_PORT, 1), ("stream-sink", STREAM_PORT),
                             ("answer", ANSWER_PORT)):
            self.processes.append(self.web.start("taskset", "-c", self.cores[-1], LOAD, mode, *words))
        for port in (STREAM_PORT, ANSWER_PORT):
            wait_for("the servers listen", lambda port=port: str(port) in self.web.run("ss", "-ltn"))
        self.counter = Sensor(self, *sensor_options)
        if daemons:
            self.start_controller()
            self.start_agent()
            self.interface("web")
            self.target, self.everything = self.appliance(), self.filter()

    @staticmethod
    def segment_nothing(namespace, device):
        namespace.run("ethtool", "-K", device, "tx-udp-segmentation", "off", "tx-udp_tnl-segmentation", "off",
                      "tx-udp_tnl-csum-segmentation", "off", "tso", "off")

    def ec2(self):
        """One client for the whole run: making one costs more than a call."""
        if not self.client_of_api:
            self.client_of_api = super().ec2()
        return self.client_of_api

    @staticmethod
    def introduce(instance, address, neighbour):
        instance.ip("neighbour", "replace", address, "lladdr", address_of(neighbour), "dev", "eth0")

    def load(self, *words, core=0):
        """Runs a load in the client, on one core; returns what it counted."""
        return json.loads(self.client.run("taskset", "-c", self.cores[core], LOAD, *words))

    def await_copy(self, seconds=20):
        """Until whoever mirrors has delivered a first copy: none is measured while it warms up."""
        before = self.counter.snapshot()["packets"]

        def arrived():
            self.load("udp", WEB, PORT, 1, 18, 0.001, 1000)
            return self.counter.snapshot()["packets"] > before
        wait_for("a first copy arrives", arrived, seconds)

    def load_start(self, *words):
        return self.client.start(LOAD, *words)

    def arrived(self):
        """Production packets that web received, and their bytes."""
        lines = self.web.run("cat", "/proc/net/dev").splitlines()
        fields = next(line.split(":")[1].split() for line in lines if line.strip().startswith("eth0:"))
        return int(fields[1])


def link(namespace, device):
    """What "ip link" says of a device.  Not out of /sys, which shows the namespace that it was mounted in."""
    return json.loads(namespace.ip("-j", "link", "show", "dev", device))[0]


def address_of(instance):
    return link(instance, "eth0")["address"]
