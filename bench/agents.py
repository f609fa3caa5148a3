"""One controller and many agents on long poll (agents.c): what they cost it, and when a change is live at its agent.

The controller has one core to itself and the agents, with the client that changes their sessions, the other, where there
are two.  A thousand hosts, each with a session, are known to it in every row of the table; what differs is how many of their
agents are there.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

from extra import Extra
from stage import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests/clients"))
from controller import Controller  # noqa: E402


class Fleet:
    """The program, told one line at a time; what it answers, and what the controller spent meanwhile."""

    def __init__(self, office, sessions, count):
        self.office = office
        state = office.controller.state
        self.process = subprocess.Popen(
            ["taskset", "-c", str(office.cores[-1]), BUILD / "bench/agents", f"{state}/agent.env", f"{state}/credentials.env",
             sessions, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)

    def tell(self, *words):
        before = self.office.cpu()
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the agents ended at '{' '.join(map(str, words))}'\n{self.office.controller.log()[-2000:]}"
        figures = json.loads(answer)
        return {**figures, "cpu": (self.office.cpu() - before) / figures["seconds"], "resident": self.office.resident()}


class Office:
    """A controller on a core of its own, with hosts and their sessions."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.cores = sorted(os.sched_getaffinity(0))
        self.controller = Controller(self.directory / "state", "--limit", "sources-per-target=100000", "--limit",
                                     "sessions=100000", "--log-level", "info").start()
        for task in self.tasks():
            os.sched_setaffinity(int(task.name), {self.cores[0]})

    def tasks(self):
        return list(pathlib.Path(f"/proc/{self.controller.process.pid}/task").iterdir())

    def cpu(self):
        """Seconds on a CPU, of all threads; none ends while it is measured."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self.tasks()) / 1e9

    def resident(self):
        status = pathlib.Path(f"/proc/{self.controller.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def settle(self, hosts):
        """Makes the hosts known and gives each a session, all by one filter of one rule.  Returns the file of the sessions in
        the order of the hosts, and the rule."""
        none, sessions = self.directory / "none", self.directory / "sessions"
        none.write_text("")
        with Fleet(self, none, hosts) as fleet:
            fleet.tell("register")
        ec2 = self.controller.client()
        mine = self.sources(ec2)
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]
        mirror_filter = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        rule = ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=mirror_filter, TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
            SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]
        self.create(mine, target["TrafficMirrorTargetId"], mirror_filter)
        pages = ec2.get_paginator("describe_traffic_mirror_sessions").paginate()
        made = {s["NetworkInterfaceId"]: s["TrafficMirrorSessionId"] for page in pages for s in page["TrafficMirrorSessions"]}
        sessions.write_text("".join(f"{made[mine[f'host-{number}']]}\n" for number in range(hosts)))
        return sessions, rule["TrafficMirrorFilterRuleId"]

    @staticmethod
    def sources(ec2):
        """Host to interface."""
        pages = ec2.get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": "tag:tmirror:device", "Values": ["tap0"]}])
        return {next(tag["Value"] for tag in found["TagSet"] if tag["Key"] == "tmirror:host"): found["NetworkInterfaceId"]
                for page in pages for found in page["NetworkInterfaces"]}

    def create(self, sources, target, mirror_filter):
        bodies = self.directory / "bodies"
        bodies.write_text("".join(urllib.parse.urlencode({
            "Action": "CreateTrafficMirrorSession", "Version": "2016-11-15", "NetworkInterfaceId": source,
            "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": mirror_filter, "SessionNumber": 1}) + "\n"
            for source in sources.values()))
        output = subprocess.run([BUILD / "bench/requests", f"{self.controller.state}/credentials.env", bodies, "4", "60"],
                                check=True, capture_output=True, text=True).stdout
        assert json.loads(output)["good"] == len(sources), output


class Agents(Extra):
    key, title, seconds = "agents", "one controller with many agents on long poll", 110
    rate = 20

    def measure(self):
        hosts, seconds = (100, 2) if self.quick else (1000, 10)
        counts = (0, hosts // 10, hosts)
        rows = []
        with tempfile.TemporaryDirectory(prefix="tmirror-agents-", dir="/var/tmp") as directory:
            office = Office(directory)
            try:
                sessions, rule = office.settle(hosts)
                for count in counts:
                    rows.append({"agents": count, **self.row(office, sessions, rule, count, seconds)})
            finally:
                office.controller.stop()
        return {"hosts": hosts, "rate": self.rate, "rows": rows}

    def row(self, office, sessions, rule, count, seconds):
        with Fleet(office, sessions, count) as fleet:
            figures = {"register": fleet.tell("register"), "poll": fleet.tell("poll")}
            fleet.tell("idle", 2)  # All have reported at once, because all have had a plan.
            figures["idle"] = fleet.tell("idle", seconds)
            figures["change"] = fleet.tell("change", self.rate, seconds)
            if count:
                figures["rule"] = fleet.tell("rule", rule, 5 if self.quick else 20)
        return figures

    def show(self, data):
        lines = ["| agents | resident | of a core, idle | of a core, changes | API answers | p99 | live at its agent | p99 | max |"
                 " after the answer | p99 | max |", "|---:|" + "---:|" * 11]
        for row in data["rows"]:
            change = row["change"]
            lines.append(f"| {row['agents']:,} | {change['resident'] / 2**20:.0f} MiB | {share(row['idle'])} | {share(change)} | "
                         f"{times(change, 'answers', 'median', 'p99')} | {times(change, 'live', 'median', 'p99', 'max')} | "
                         f"{times(change, 'after', 'median', 'p99', 'max')} |")
        last = data["rows"][-1]
        greeted = last["register"]["seconds"] + last["poll"]["seconds"]
        return "\n".join(lines) + "\n\n" + (
            f"A controller that knows {data['hosts']:,} hosts with a session each; {data['rate']} changes of sessions a second.  "
            f"A rule that all {last['agents']:,} agents have is live at the last of them "
            f"{times(last['rule'], 'live', 'median', 'max', by=' (')} at most) after it is asked for.  "
            f"All {last['agents']:,} agents, coming at once, are known and have their first plan within {greeted:.1f} s, "
            "their TLS greetings included.")


def share(figures):
    return f"{figures['cpu'] * 100:.1f} %"


def times(figures, what, *which, by=" | "):
    if what not in figures:
        return by.join("–" for _ in which)
    return by.join(f"{figures[what][name] / 1000:.3g} ms" for name in which)
