"""Controllers, the hosts and sessions that they know, and a crowd of agents (agents.c) that speaks with them.

A controller by itself has its store in its directory; with a database, any number of them share it.  Where there is one
controller and a second core, it has the first to itself and the crowd the last; several share all cores with their
database and the crowd.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.parse

from stage import BUILD, ROOT

sys.path += [str(ROOT / "tests/clients"), str(ROOT / "tests")]
from controller import Controller  # noqa: E402

COMMON = ("seal.key", "ca.pem", "ca.key", "credentials.env", "agent.env")
OPTIONS = ("--limit", "sources-per-target=1000000", "--limit", "sessions=1000000", "--connections", "16384", "--log-level", "info")


class Crowd:
    """The program, told one line at a time; what it answers, and what the controllers spent meanwhile."""

    def __init__(self, office, sessions, count):
        self.office, self.before, self.asked = office, None, None
        states = [controller.state for controller in office.controllers]
        command = [BUILD / "bench/agents", f"{states[0]}/credentials.env", sessions, str(count), str(office.interfaces), str(office.interval),
                   *(f"{state}/agent.env" for state in states)]
        self.process = subprocess.Popen(office.place(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)

    def tell(self, *words):
        self.begin(*words)
        return self.answer()

    def begin(self, *words):
        self.asked = " ".join(map(str, words))
        self.before = self.office.spent()
        self.process.stdin.write(self.asked + "\n")
        self.process.stdin.flush()

    def answer(self):
        answer = self.process.stdout.readline()
        assert answer, f"the agents ended at '{self.asked}'\n" + "\n".join(c.log()[-2000:] for c in self.office.controllers)
        figures = json.loads(answer)
        spent = {name: (now - self.before.get(name, 0)) / figures["seconds"] for name, now in self.office.spent().items()}
        return {**figures, **spent, "resident": self.office.resident()}


class Office:
    """The controllers, with hosts and their sessions."""

    def __init__(self, directory, count=1, database=None, interfaces=3, sessions=1, interval=2):
        self.directory = pathlib.Path(directory)
        self.database, self.interfaces, self.sessions, self.interval = database, interfaces, sessions, interval
        self.cores = sorted(os.sched_getaffinity(0))
        self.alone = count == 1 and not database
        self.controllers = []
        for number in range(count):
            self.controllers.append(self.open(number))
        self.controller = self.controllers[0]

    def open(self, number):
        state = self.directory / f"state-{number}"
        if number > 0:
            state.mkdir(mode=0o700)
            for name in COMMON:
                shutil.copy(self.directory / "state-0" / name, state / name)
        store = ("--store", self.database.uri) if self.database else ()
        controller = Controller(state, *store, *OPTIONS).start()
        # Whoever comes back is found where he was.
        port = urllib.parse.urlsplit(controller.url).port
        controller.options += ["--listen", f"127.0.0.1:{port}"]
        if self.alone:
            for task in tasks(controller.process.pid):
                os.sched_setaffinity(int(task.name), {self.cores[0]})
        return controller

    def place(self, command):
        return ["taskset", "-c", str(self.cores[-1]), *command] if self.alone else command

    def close(self):
        for controller in self.controllers:
            controller.stop()

    # --- what it costs ---

    def spent(self):
        """Seconds on a CPU of all controllers, and of the database with what it has done; nobody who ends is measured."""
        of = {"cpu": sum(cpu_of(c.process.pid) for c in self.controllers if c.process)}
        return {**of, **database_load(self.database)} if self.database else of

    def resident(self):
        return sum(resident(c.process.pid) for c in self.controllers if c.process)

    # --- hosts and sessions ---

    def settle(self, hosts):
        """Makes the hosts known and gives each its sessions, all by one filter of one rule.  Returns the file of each
        host's first session in the order of the hosts, and the rule."""
        none, sessions = self.directory / "none", self.directory / "sessions"
        none.write_text("")
        with Crowd(self, none, hosts) as crowd:
            crowd.tell("register")
        ec2 = self.controller.client()
        mine = [self.sources(ec2, f"tap{number}") for number in range(self.sessions)]
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]
        mirror_filter = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        rule = ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=mirror_filter, TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
            SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]
        self.create([source for sources in mine for source in sources.values()], target["TrafficMirrorTargetId"], mirror_filter)
        pages = ec2.get_paginator("describe_traffic_mirror_sessions").paginate()
        made = {s["NetworkInterfaceId"]: s["TrafficMirrorSessionId"] for page in pages for s in page["TrafficMirrorSessions"]}
        sessions.write_text("".join(f"{made[mine[0][f'host-{number}']]}\n" for number in range(hosts)))
        return sessions, rule["TrafficMirrorFilterRuleId"]

    @staticmethod
    def sources(ec2, device):
        """Host to interface."""
        pages = ec2.get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": "tag:tmirror:device", "Values": [device]}])
        return {next(tag["Value"] for tag in found["TagSet"] if tag["Key"] == "tmirror:host"): found["NetworkInterfaceId"]
                for page in pages for found in page["NetworkInterfaces"]}

    def create(self, sources, target, mirror_filter):
        bodies = self.directory / "bodies"
        bodies.write_text("".join(urllib.parse.urlencode({
            "Action": "CreateTrafficMirrorSession", "Version": "2016-11-15", "NetworkInterfaceId": source,
            "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": mirror_filter, "SessionNumber": 1}) + "\n"
            for source in sources))
        output = subprocess.run([BUILD / "bench/requests", f"{self.controller.state}/credentials.env", bodies, "4", "100"],
                                check=True, capture_output=True, text=True).stdout
        assert json.loads(output)["good"] == len(sources), output


def tasks(process):
    return list(pathlib.Path(f"/proc/{process}/task").iterdir())


def cpu_of(process):
    """Seconds on a CPU, of all threads; none ends while it is measured."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks(process)) / 1e9


def resident(process):
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def database_load(database):
    """Seconds on a CPU of the server and those whom it has started, statements and commits; nothing while it is away."""
    if not database.server:
        return {}
    statements, commits, written = database.query(
        "SELECT (SELECT sum(calls)::bigint FROM pg_stat_statements), xact_commit, (SELECT wal_bytes::bigint FROM pg_stat_wal) "
        "FROM pg_stat_database WHERE datname = current_database()")[0].split("|")
    return {"database_cpu": family_cpu(database.server), "statements": int(statements), "commits": int(commits),
            "log_bytes": int(written)}


def family_cpu(parent):
    ticks = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == parent:
            ticks += sum(map(int, fields[11:15]))  # With those of children that have ended.
        elif int(fields[1]) == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def now():
    """The clock of the crowd's figures."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)
