"""Ways of mirroring web's device to the sensor, each as an operator would set it up.

prepare() is called once and raises Unavailable with the reason if this machine cannot do it; start() and stop() surround
each load.  'note' tells the reader what is special about it.
"""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess

from stage import PORT, RULES, address_of, link, run, wait_for

VXLAN_DEVICE = "bench0"


class Unavailable(Exception):
    """This machine cannot run the contender; the text says why."""


def need(program):
    if not shutil.which(program):
        raise Unavailable(f"{program} is not installed")


class Contender:
    key, title, note, family = "none", "no mirroring", "", "none"
    mirrors, first_only = False, False
    baseline = "none"  # Whose figures it is compared with.
    patience = 0.06    # Seconds without a copy after which no more are waited for.

    def __init__(self, stage):
        self.stage = stage

    def prepare(self):
        pass

    def start(self):
        pass

    def stop(self):
        pass


class Ours(Contender):
    key, title, family, mirrors = "ours", "Traffic Mirror", "ours", True
    options = {}

    def filter(self):
        return self.stage.everything

    def prepare(self):
        self.filter_id = self.filter()

    def start(self):
        self.session = self.stage.session("web", self.stage.target, self.filter_id, **self.options)

    def stop(self):
        self.stage.ec2().delete_traffic_mirror_session(TrafficMirrorSessionId=self.session["TrafficMirrorSessionId"])
        self.stage.settle()


class OursTruncated(Ours):
    key, title, options = "ours-128", "Traffic Mirror, first 128 bytes", {"PacketLength": 128}


class OursFew(Ours):
    key, title, first_only = "ours-1%", "Traffic Mirror, 1 % matches", True
    note = "a filter for one of the hundred UDP flows; of TCP it takes nothing"

    def filter(self):
        return self.stage.filter({"TrafficDirection": "ingress", "Protocol": 17,
                                  "DestinationPortRange": {"FromPort": PORT, "ToPort": PORT}})


class OursRules(Ours):
    key, title = "ours-10k", "Traffic Mirror, 10,000 rules"
    note = "9,998 rules of an access list after ClassBench, then two that take everything"

    def filter(self):
        """Three rules through the API.  The others become rows of its store, copied from the first: the way of ten thousand
        calls takes longer than all that is measured here."""
        last = {"RuleNumber": 30000}
        made = self.stage.filter({"TrafficDirection": "ingress"}, {"TrafficDirection": "ingress", **last},
                                 {"TrafficDirection": "egress", **last})
        with contextlib.closing(sqlite3.connect(self.stage.state / "tmirror.sqlite", timeout=10)) as store, store:
            store.row_factory = sqlite3.Row
            first = dict(store.execute("SELECT * FROM rules WHERE filter = ? AND number = 1", (made,)).fetchone())
            rows = [{**first, **self.columns(number, line.split())}
                    for number, line in enumerate(run(RULES, "9998").splitlines(), 1)]
            store.execute("DELETE FROM rules WHERE id = ?", (first["id"],))
            names = ", ".join(first)
            store.executemany(f"INSERT INTO rules ({names}) VALUES ({', '.join(':' + name for name in first)})", rows)
        return made

    @staticmethod
    def columns(number, words):
        protocol, source, destination, *ports = words
        ranges = [(-1, -1) if text == "-" else tuple(map(int, text.split("-"))) for text in ports]
        return {"id": f"tmfr-{number:017x}", "number": number, "protocol": int(protocol), "source": source,
                "destination": destination, "source_from": ranges[0][0], "source_to": ranges[0][1],
                "destination_from": ranges[1][0], "destination_to": ranges[1][1]}


class ByDevice(Contender):
    """A VXLAN device of the kernel, to which somebody copies packets."""
    family, mirrors = "kernel", True
    remote, local, uplink = "10.9.2.2", "10.9.2.1", "sensor"

    def start(self):
        host = self.stage.host
        host.ip("link", "add", VXLAN_DEVICE, "type", "vxlan", "id", "99", "remote", self.remote, "local", self.local,
                "dstport", "4789", "dev", self.uplink)
        host.ip("link", "set", VXLAN_DEVICE, "addrgenmode", "none")
        host.ip("link", "set", VXLAN_DEVICE, "mtu", "8900", "up")
        self.copy()

    def copy(self):
        raise NotImplementedError

    def stop(self):
        self.uncopy()
        self.stage.host.ip("link", "delete", VXLAN_DEVICE)


class Mirred(ByDevice):
    key, title = "mirred", "tc mirred + vxlan"
    note = "a u32 filter that takes everything, on both hooks of clsact"

    def copy(self):
        self.stage.host.run("tc", "qdisc", "add", "dev", "web", "clsact")
        for hook in ("ingress", "egress"):
            self.stage.host.run("tc", "filter", "add", "dev", "web", hook, "protocol", "all", "u32", "match", "u32", "0",
                                "0", "action", "mirred", "egress", "mirror", "dev", VXLAN_DEVICE)

    def uncopy(self):
        self.stage.host.run("tc", "qdisc", "del", "dev", "web", "clsact")


class Duplicate(ByDevice):
    key, title = "nft", "nftables dup + vxlan"
    note = "netdev family, ingress and egress hook"

    def prepare(self):
        need("nft")

    def copy(self):
        chains = "\n".join(f"chain {hook} {{ type filter hook {hook} device web priority 0; dup to {VXLAN_DEVICE}; }}"
                           for hook in ("ingress", "egress"))
        self.stage.host.run("nft", f"table netdev bench {{\n{chains}\n}}")

    def uncopy(self):
        self.stage.host.run("nft", "delete table netdev bench")


class Agent(ByDevice):
    """A program in user space between two devices."""
    family = "user"
    patience = 0.3  # libpcap's buffers may rest a while.

    def command(self):
        raise NotImplementedError

    def prepare(self):
        need(self.command()[0])

    def copy(self):
        self.process = self.stage.host.start(*self.command())
        self.stage.processes.append(self.process)
        wait_for(f"{self.key} listens on web", self.listens)

    def listens(self):
        assert self.process.poll() is None, f"{self.key} ended by itself"
        packet = self.stage.host.run("cat", "/proc/net/packet").splitlines()[1:]
        index = link(self.stage.host, "web")["ifindex"]
        return any(line.split()[4] == str(index) for line in packet)

    def uncopy(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.stage.processes.remove(self.process)


class Netsniff(Agent):
    key, title = "netsniff-ng", "netsniff-ng + vxlan"
    note = "AF_PACKET with rings; as packaged by Debian, sees super-packets whole and cannot cut them"

    def command(self):
        return ["netsniff-ng", "--in", "web", "--out", VXLAN_DEVICE, "--silent", "--jumbo-support", "--no-sock-mem",
                "--ring-size", "64MiB"]


class Daemonlogger(Agent):
    key, title = "daemonlogger", "daemonlogger + vxlan"
    note = ("libpcap; as packaged by Debian, wants an address on the device, sees super-packets whole and cannot cut "
            "them")

    def command(self):
        return ["daemonlogger", "-P", self.stage.directory, "-i", "web", "-o", VXLAN_DEVICE]

    def copy(self):
        self.stage.host.ip("address", "replace", "192.0.2.1/32", "dev", "web")
        super().copy()

    def uncopy(self):
        super().uncopy()
        self.stage.host.ip("address", "flush", "dev", "web")


class Switch(Contender):
    """Open vSwitch as packaged, in user space: client and web hang on its bridge instead of the kernel's."""
    key, title, family = "ovs", "Open vSwitch without mirror", "ovs"
    note = ("user-space datapath over AF_PACKET, as packaged by Debian; the kernel module is not needed.  It cannot carry "
            "super-packets, so the guests' offloads are off")
    uplink, address = "bench-up", "10.9.2.1/24"

    def prepare(self):
        for program in ("ovs-vswitchd", "ovsdb-server", "ovs-vsctl"):
            need(program)
        shared = getattr(self.stage, "switch_directory", None)
        self.directory = shared or self.serve()

    def serve(self):
        directory = self.stage.directory / "ovs"
        directory.mkdir()
        self.stage.switch_directory = self.directory = directory
        run("ovsdb-tool", "create", directory / "conf.db", "/usr/share/openvswitch/vswitch.ovsschema")
        self.serve_with("ovsdb-server", directory / "conf.db", f"--remote=punix:{directory}/db.sock")
        wait_for("ovsdb-server listens", (directory / "db.sock").exists)
        self.vsctl("--no-wait", "init")
        self.serve_with("ovs-vswitchd", f"unix:{directory}/db.sock")
        self.vsctl("add-br", self.uplink, "--", "set", "bridge", self.uplink, "datapath_type=netdev")
        self.vsctl("add-br", "bench-lan", "--", "set", "bridge", "bench-lan", "datapath_type=netdev")
        return directory

    def serve_with(self, program, *words):
        self.stage.processes.append(self.stage.host.start(
            program, *words, f"--unixctl={self.directory}/{program}.ctl", "--no-chdir", "--log-file=" + str(
                self.directory / f"{program}.log"), "-vconsole:off",
            env={**os.environ, "OVS_RUNDIR": str(self.directory)}))

    def vsctl(self, *words):
        return self.stage.host.run("ovs-vsctl", f"--db=unix:{self.directory}/db.sock", "--timeout=20", *words)

    def start(self):
        host = self.stage.host
        for instance in (self.stage.client, self.stage.web):
            instance.run("ethtool", "-K", "eth0", "tx", "off")
        for device in ("client", "web"):
            host.ip("link", "set", device, "nomaster")
        self.vsctl("add-port", "bench-lan", "client", "--", "add-port", "bench-lan", "web")
        wait_for("Open vSwitch forwards", lambda: "bytes from" in self.stage.client.run(
            "sh", "-c", "ping -c 1 -W 1 10.9.1.3 || true"))

    def stop(self):
        host = self.stage.host
        self.vsctl("del-port", "client", "--", "del-port", "web")
        for device in ("client", "web"):
            host.ip("link", "set", device, "master", "lan")
        for instance in (self.stage.client, self.stage.web):
            instance.run("ethtool", "-K", "eth0", "tx", "on", "tso", "on")


class SwitchMirror(Switch):
    key, title, mirrors, baseline = "ovs-mirror", "Open vSwitch mirror + vxlan", True, "ovs"
    note = "compared with Open vSwitch without mirror; " + Switch.note

    def start(self):
        """The switch finds the tunnel's way by itself, over a bridge of its own that has the host's address."""
        host = self.stage.host
        host.ip("address", "del", self.address, "dev", "sensor")
        self.vsctl("add-port", self.uplink, "sensor", "--", "add-port", "bench-lan", "copies", "--", "set", "interface",
                   "copies", "type=vxlan", "options:remote_ip=10.9.2.2", "options:key=99")
        host.ip("address", "add", self.address, "dev", self.uplink)
        host.ip("link", "set", self.uplink, "mtu", "9000", "up")
        super().start()
        self.vsctl("--", "--id=@web", "get", "port", "web", "--", "--id=@out", "get", "port", "copies", "--",
                   "--id=@m", "create", "mirror", "name=bench", "select-src-port=@web", "select-dst-port=@web",
                   "output-port=@out", "--", "set", "bridge", "bench-lan", "mirrors=@m")
        self.appctl("tnl/neigh/set", self.uplink, "10.9.2.2", address_of(self.stage.sensor))

    def appctl(self, *words):
        return self.stage.host.run("ovs-appctl", "-t", self.directory / "ovs-vswitchd.ctl", *words)

    def stop(self):
        host = self.stage.host
        self.vsctl("clear", "bridge", "bench-lan", "mirrors")
        self.vsctl("del-port", "copies", "--", "del-port", "sensor")
        super().stop()
        host.ip("address", "flush", "dev", self.uplink)
        host.ip("address", "add", self.address, "dev", "sensor")
        host.ip("neighbour", "replace", "10.9.2.2", "lladdr", address_of(self.stage.sensor), "dev", "sensor")


def all_contenders(stage):
    return [kind(stage) for kind in (Contender, Ours, OursTruncated, OursFew, OursRules, Mirred, Duplicate, Netsniff,
                                     Daemonlogger, Switch, SwitchMirror)]
