"""Measurements of one thing each (extra.py), beside the table of contenders and loads."""
import json
import os
import statistics
import subprocess
import time

from agents import Agents
from api import Api
from balance import Fleet
from contenders import Mirred, Ours
from contenders import Contender as Nobody
from extra import Extra
from loads import Datagrams
from stage import BUILD, LOAD, Stage, cpu_and_wakeups, difference, run, tasks, wait_for

SCHED_IDLE = 5


class Isolation(Extra):
    """Programs that want all of every core beside mirrored traffic: what do they get done?"""
    key, title = "isolation", "work of programs that saturate every core, beside 20,000 mirrored packets a second"
    variants = {"none": "no mirroring", "ours": "Traffic Mirror (SCHED_IDLE)",
                "ours-normal": "Traffic Mirror, threads at normal priority", "mirred": "tc mirred + vxlan"}
    rate, seconds = 20000, 50

    def measure(self):
        rows = []
        stage = Stage("benchiso")
        try:
            with stage.host.entered():
                stage.build()
                makers = {"none": Nobody(stage), "ours": Ours(stage), "ours-normal": Ours(stage), "mirred": Mirred(stage)}
                for contender in makers.values():
                    contender.prepare()
                for number in range(1 if self.quick else 5):
                    for key, contender in makers.items():
                        rows.append({"round": number, "variant": key, **self.variant(stage, key, contender)})
        finally:
            stage.close()
        return {"rows": rows, "rate": self.rate}

    def variant(self, stage, key, contender):
        contender.start()
        idle = [task for task in tasks(stage.agent.pid) if os.sched_getscheduler(task) == SCHED_IDLE]
        if key == "ours-normal":
            for task in idle:
                os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))
        try:
            before = stage.counter.settled()
            burners = [stage.web.start("taskset", "-c", core, LOAD, "burn", 1, stdout=subprocess.PIPE, text=True)
                       for core in stage.cores]
            done = Datagrams("", "", "18", self.rate).run(stage, 1)
            turns = sum(json.loads(burner.communicate(timeout=30)[0])["turns"] for burner in burners)
            counted = difference(stage.counter.settled(), before)
        finally:
            for task in idle:
                os.sched_setscheduler(task, SCHED_IDLE, os.sched_param(0))
            contender.stop()
        return {"turns": turns, "packets": done.units, "copies": counted["stamped"]}

    def show(self, data):
        lines = ["| | work of the saturating programs | production packets | copies delivered |", "|---|---:|---:|---:|"]
        by_round = {(row["round"], row["variant"]): row for row in data["rows"]}
        for key, title in self.variants.items():
            rows = [row for row in data["rows"] if row["variant"] == key]
            kept = [row["turns"] / by_round[row["round"], "none"]["turns"] for row in rows]
            sent = [row["packets"] / by_round[row["round"], "none"]["packets"] for row in rows]
            arrived = [row["copies"] / row["packets"] for row in rows]
            lines.append(f"| {title} | {spread(kept)} | {spread(sent)} | {spread(arrived) if key != 'none' else '–'} |")
        return "\n".join(lines)


def spread(shares):
    middle, low, high = (f"{share * 100:.1f} %" for share in (statistics.median(shares), min(shares), max(shares)))
    return middle if low == high else f"{middle} ({low} to {high})"


class Idle(Extra):
    key, title, seconds = "idle", "what the agent costs while a watched source has no traffic", 35

    def measure(self):
        seconds = 3 if self.quick else 20
        stage = Stage("benchidle")
        try:
            with stage.host.entered():
                stage.build()
                stage.session("web", stage.target, stage.everything)
                time.sleep(1)  # What the start left to do is over.
                before = cpu_and_wakeups(stage.agent.pid)
                time.sleep(seconds)
                after = cpu_and_wakeups(stage.agent.pid)
        finally:
            stage.close()
        return {"seconds": seconds, "cpu": after[0] - before[0], "wakeups": after[1] - before[1]}

    def show(self, data):
        return (f"A watched source without traffic: the agent is on a CPU for {data['cpu'] / data['seconds'] / 1e6:.2f} ms of each "
                f"second ({data['cpu'] / data['seconds'] / 1e7:.3f} % of a core) and wakes up "
                f"{data['wakeups'] / data['seconds']:.1f} times a second, reports to the controller included ({data['seconds']} s).")


class Thousand(Extra):
    """Many sources on one host, each with a session of its own."""
    key, title, seconds = "thousand", "memory and time with 1,000 sources on one host", 110

    def measure(self):
        count = 100 if self.quick else 1000
        stage = Stage("benchmany")
        try:
            with stage.host.entered():
                self.plug(stage, count)
                stage.build()
                first = stage.interface("many0")
                empty = {"resident": resident(stage.agent.pid), "maps": map_memory(), "cpu": cpu_and_wakeups(stage.agent.pid)[0]}
                restart = self.sessions(stage, count)
                full = {"resident": resident(stage.agent.pid), "maps": map_memory()}
                change = self.change(stage, first)
        finally:
            stage.close()
        return {"count": count, "empty": empty, "full": full, **restart, "change": change}

    @staticmethod
    def plug(stage, count):
        """Both ends of a pair are sources."""
        lines = "\n".join(f"link add name many{i} type veth peer name many{i + 1}" for i in range(0, count, 2))
        stage.host.run("ip", "-batch", "-", input=lines + "\n")

    def sessions(self, stage, count):
        """Made while the agent is away; then it starts and applies all of them at once."""
        identities = wait_for("all devices are listed", lambda: self.identities(stage, count), 60)
        stage.agent.terminate()
        stage.agent.wait(20)
        started = time.monotonic()
        for identity in identities:
            stage.ec2().create_traffic_mirror_session(NetworkInterfaceId=identity, TrafficMirrorTargetId=stage.target,
                                                      TrafficMirrorFilterId=stage.everything, SessionNumber=1)
        made = time.monotonic()
        stage.start_agent()
        wait_for("the agent applies the plan", lambda: self.active(stage) == count, 100)
        return {"create": made - started, "apply": time.monotonic() - made,
                "apply_cpu": cpu_and_wakeups(stage.agent.pid)[0] / 1e9}

    @staticmethod
    def identities(stage, count):
        pages = stage.ec2().get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": "tag:tmirror:device", "Values": ["many*"]}])
        found = [i["NetworkInterfaceId"] for page in pages for i in page["NetworkInterfaces"]]
        return found if len(found) == count else None

    @staticmethod
    def active(stage):
        return sum(s["State"] == "active" for s in json.loads(stage.tmirror("status", "-o", "json"))["Sessions"])

    @staticmethod
    def change(stage, interface):
        """Seconds until one more session is in force."""
        started = time.monotonic()
        stage.ec2().create_traffic_mirror_session(NetworkInterfaceId=interface, TrafficMirrorTargetId=stage.target,
                                                  TrafficMirrorFilterId=stage.everything, SessionNumber=2)
        stage.settle()
        return time.monotonic() - started

    def show(self, data):
        count = data["count"]
        own = data["full"]["resident"] - data["empty"]["resident"]
        maps = data["full"]["maps"] - data["empty"]["maps"]
        return (f"{count:,} sources on one host, a session each: the agent has {mebibytes(data['full']['resident'])} resident, "
                f"{own / count / 1024:.1f} KiB for each source, and {mebibytes(data['full']['maps'])} in kernel maps, rings "
                f"included, {maps / count / 1024:.1f} KiB for each.  Making the sessions through the API took "
                f"{data['create']:.1f} s; an agent that starts has all of them in force after {data['apply']:.1f} s, "
                f"{data['apply_cpu']:.1f} s of CPU time; one more session is in force after {data['change'] * 1e3:.0f} ms, the API "
                f"call included.")


def mebibytes(size):
    return f"{size / 2**20:.0f} MiB"


def resident(process):
    return next(int(line.split()[1]) * 1024 for line in open(f"/proc/{process}/status") if line.startswith("VmRSS"))


def map_memory():
    """Of all BPF maps of the machine: inner maps have no name that would tell whose they are."""
    return sum(int(m.get("bytes_memlock", 0)) for m in json.loads(run("bpftool", "map", "show", "-j")))


class Printed(Extra):
    """A measuring program of one module, shown as it prints."""

    def __init__(self, quick, key, title, *command, **environment):
        super().__init__(quick)
        self.key, self.title, self.command = key, title, command
        self.environment = {**os.environ, **environment}

    def measure(self):
        if not (BUILD / self.command[0]).exists():
            return {"text": None}
        done = subprocess.run([BUILD / self.command[0], *self.command[1:]], capture_output=True, text=True, timeout=110,
                              env=self.environment)
        assert done.returncode == 0, f"{self.command[0]}: exit {done.returncode}\n{done.stderr}"
        return {"text": "\n".join(line for line in done.stdout.splitlines() if not line.startswith("["))}

    def show(self, data):
        return f"```\n{data['text'].rstrip()}\n```" if data["text"] else "Not measured in this run."


def all_extras(quick):
    return [
        Isolation(quick), Idle(quick), Thousand(quick), Api(quick), Agents(quick), Fleet(quick),
        # With CAP_PERFMON, as an agent loads it that has it.
        Printed(quick, "program", "what a packet on a watched device pays", "tests/datapath/datapath_measure",
                TMIRROR_ALL_CAPABILITIES="1"),
        Printed(quick, "shipping", "how near shipping comes to what the kernel can take", "src/ship/ship_bench"),
        Printed(quick, "classifier", "what finding the rule of a packet costs", "bench/classify",
                *(["--quick"] if quick else [])),
        Printed(quick, "classifier-flows", "the same where packets are of flows", "bench/classify", "--flows",
                *(["--quick"] if quick else [])),
    ]
