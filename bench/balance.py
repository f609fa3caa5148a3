"""What it costs to share copies among appliances, beside a box in the middle.

    host ── "sensor" ─────────────────────────── sensor    10.9.2.101 to .200: appliances
         └─ "director" ── director ── "beyond" ── beyond    10.9.4.101 to .200: appliances behind the director

The appliances of either side are addresses of one namespace, whose device has the counting program.  Of a fleet the agent
chooses.  The director rewrites each copy's destination by a hash of its address and source port, which nftables takes
once for a flow and conntrack remembers; for each number of appliances it has an address of its own, so that what it
remembers of one contender does not serve another.  No link offers segmentation: copies cross each in the size of a wire.
"""
import statistics

from contenders import Contender as Nobody
from contenders import Mirred, Ours
from extra import Extra
from stage import LOAD, WEB, Sensor, Stage, address_of, busy_seconds, cpu_and_wakeups, difference, percentile

PORT, FLOWS = 5000, 1000
MANY = 100
DIRECTED = {"10.9.3.2": 4, "10.9.3.3": 4, "10.9.3.4": MANY}  # The director's addresses, and how many appliances have a share.


class Sensors:
    """Two sensors as one."""
    settled = Sensor.settled

    def __init__(self, *sensors):
        self.sensors = sensors

    def snapshot(self):
        one, other = (sensor.snapshot() for sensor in self.sensors)
        return {name: {key: value.get(key, 0) + other[name].get(key, 0) for key in value | other[name]}
                if isinstance(value, dict) else value + other[name] for name, value in one.items()}


class BalanceStage(Stage):
    def __init__(self):
        super().__init__("benchfleet")
        self.director = self.instance("director", "10.9.3.2", "fd09:3::2")
        self.beyond = self.namespace("beyond")
        self.plug(self.beyond, "beyond", "10.9.4.2", "fd09:4::2", host=self.director)

    def build(self):
        super().build(sensor_options=("appliances",))
        self.connect(self.host, "director", "10.9.3.1/24", self.director, list(DIRECTED))
        self.connect(self.director, "beyond", "10.9.4.1/24", self.beyond, addresses(4, MANY))
        for address in addresses(2, MANY):
            self.know(self.host, "sensor", address, self.sensor)
        self.direct()
        self.counter = Sensors(self.counter, Sensor(self, "appliances", namespace=self.beyond))
        self.processes.append(self.web.start("taskset", "-c", self.cores[-1], LOAD, "sink", PORT, FLOWS))

    def connect(self, namespace, device, own, neighbour, others):
        namespace.ip("address", "add", own, "dev", device)
        namespace.ip("link", "set", device, "mtu", "9000")
        neighbour.ip("link", "set", "eth0", "mtu", "9000")
        self.segment_nothing(namespace, device)
        for address in others:
            self.know(namespace, device, address, neighbour)

    @staticmethod
    def know(namespace, device, address, neighbour):
        namespace.ip("neighbour", "replace", address, "lladdr", address_of(neighbour), "dev", device)

    def direct(self):
        rules = "\n".join(f"ip daddr {own} udp dport 4789 dnat to jhash ip saddr . udp sport mod {count} map "
                          f"{{ {', '.join(f'{n}: {a}' for n, a in enumerate(addresses(4, count)))} }}"
                          for own, count in DIRECTED.items())
        for address in list(DIRECTED)[1:]:
            self.director.ip("address", "add", f"{address}/24", "dev", "eth0")
        self.director.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        self.director.run("nft", "table ip balance {\nchain arriving {\ntype nat hook prerouting priority dstnat;\n"
                          f"{rules}\n}}\n}}")

    def fleet(self, count):
        words = [word for address in addresses(2, count) for word in ("--appliance", address)]
        return self.tmirror("fleet", "create", f"of-{count}", "--check", "none", *words).split()[-1]


def addresses(network, count):
    return [f"10.9.{network}.{101 + number}" for number in range(count)]


class OursTo(Ours):
    def __init__(self, stage, target):
        super().__init__(stage)
        self.target = target

    def start(self):
        self.session = self.stage.session("web", self.target, self.stage.everything)


class MirredTo(Mirred):
    local, uplink = "10.9.3.1", "director"

    def __init__(self, stage, remote):
        super().__init__(stage)
        self.remote = remote


class Fleet(Extra):
    key, title, seconds = "fleet", "what sharing copies among appliances costs, beside a box in the middle", 90
    variants = {"none": "no mirroring", "one": "Traffic Mirror, one appliance", "fleet-4": "Traffic Mirror, fleet of 4",
                "fleet-100": "Traffic Mirror, fleet of 100", "directed-4": "Traffic Mirror, director with 4",
                "mirred": "tc mirred + vxlan, one appliance", "mirred-4": "tc mirred + vxlan, director with 4",
                "mirred-100": "tc mirred + vxlan, director with 100"}
    loads = {"paced": 100000, "full": 0}

    def measure(self):
        stage = BalanceStage()
        try:
            with stage.host.entered():
                stage.build()
                makers = self.makers(stage)
                rows = [{"round": number, "load": load, "variant": key, **self.variant(stage, makers[key], rate)}
                        for number in range(1 if self.quick else 3) for load, rate in self.loads.items()
                        for key in turned(list(makers), number)]
        finally:
            stage.close()
        return {"rows": rows, "rate": self.loads["paced"], "flows": FLOWS}

    @staticmethod
    def makers(stage):
        ours, few, many = DIRECTED
        return {"none": Nobody(stage), "one": OursTo(stage, stage.target), "fleet-4": OursTo(stage, stage.fleet(4)),
                "fleet-100": OursTo(stage, stage.fleet(MANY)), "directed-4": OursTo(stage, stage.appliance(ours)),
                "mirred": Mirred(stage), "mirred-4": MirredTo(stage, few), "mirred-100": MirredTo(stage, many)}

    @staticmethod
    def variant(stage, contender, rate):
        contender.start()
        try:
            stage.load("udp", WEB, PORT, FLOWS, "18", 0.1, 100000)  # Each flow is known, and naps have found their length.
            before, busy, agent = stage.counter.settled(), busy_seconds(), run_seconds(stage.agent.pid)
            arrived = stage.arrived()
            counted = stage.load("udp", WEB, PORT, FLOWS, "18", 1, rate)
            arrived = stage.arrived() - arrived
            copies = difference(stage.counter.settled(), before)
            busy, agent = busy_seconds() - busy, run_seconds(stage.agent.pid) - agent
        finally:
            contender.stop()
        return {"packets": arrived, "elapsed": counted["elapsed"] / 1e9, "machine": busy, "agent": agent,
                "copies": copies["stamped"], "appliances": sorted(filter(None, copies["appliances"].values())),
                "age": percentile(copies["latency"], 0.5)}

    def show(self, data):
        lines = [f"| {data['flows']:,} flows | appliances reached | {data['rate']:,} packets/s: all cores, ns per copy | "
                 "the agent, ns per copy | age, median | full rate: thousand copies/s | delivered |",
                 "|---|---:|---:|---:|---:|---:|---:|"]
        for key, title in self.variants.items():
            if key != "none":
                lines.append(self.line(title, pairs(data, key, "paced"), pairs(data, key, "full"), key.startswith("mirred")))
        return "\n".join(lines)

    @staticmethod
    def line(title, paced, full, no_agent):
        reached = min(len(row["appliances"]) for row, _ in paced + full)
        cost = [(row["machine"] / row["packets"] - base["machine"] / base["packets"]) * row["packets"] / row["copies"] * 1e9
                for row, base in paced]
        agent = "–" if no_agent else spread([row["agent"] / row["copies"] * 1e9 for row, _ in paced])
        age = statistics.median(row["age"] for row, _ in paced) / 1e3
        rate = [row["copies"] / row["elapsed"] / 1e3 for row, _ in full]
        delivered = min(min(row["copies"] / row["packets"], 1) for row, _ in paced + full)
        return (f"| {title} | {reached} | {spread(cost)} | {agent} | {age:,.0f} µs | {spread(rate)} | "
                f"{int(delivered * 10000) / 100:g} % |")


def turned(keys, number):
    """Each round begins with another one."""
    return keys[number % len(keys):] + keys[:number % len(keys)]


def pairs(data, key, load):
    """What was measured in each round, and what there was without mirroring."""
    rows = {(row["round"], row["variant"]): row for row in data["rows"] if row["load"] == load}
    return [(row, rows[number, "none"]) for (number, variant), row in rows.items() if variant == key]


def spread(values):
    if len(values) == 1:
        return f"{values[0]:,.0f}"
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def run_seconds(process):
    """On CPUs, of all threads of a process."""
    return cpu_and_wakeups(process)[0] / 1e9
