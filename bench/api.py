"""The API's speed: a controller with its store on disk serves 10,000 sessions, and requests.c asks over kept connections.

The controller has one core to itself, and who asks the other, where there are two; so the controller's CPU time is what
serving takes.  Everything is asked twice: with TLS and without.
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

SESSIONS_PER_SOURCE = 32
HOSTS = 50
TURNS = 10  # In which everything is described.


def body(action, **parameters):
    return urllib.parse.urlencode({"Action": action, "Version": "2016-11-15",
                                   **{name.replace("__", "."): value for name, value in parameters.items()}})


def describe(**parameters):
    return body("DescribeTrafficMirrorSessions", **parameters)


class Served:
    """A controller with sessions, and who asks it."""

    def __init__(self, directory, sessions, creates, seconds, options):
        self.directory, self.seconds = pathlib.Path(directory), seconds
        self.sessions, self.creates = sessions, creates
        self.cores = sorted(os.sched_getaffinity(0))
        self.controller = Controller(
            self.directory / "state", "--limit", f"sessions-per-source={SESSIONS_PER_SOURCE}", "--limit",
            "sources-per-target=100000", "--limit", "sessions=1000000", *options, "--log-level", "info").start()
        for thread in os.listdir(f"/proc/{self.controller.process.pid}/task"):
            os.sched_setaffinity(int(thread), {self.cores[0]})
        self.populate()

    def cpu(self):
        words = pathlib.Path(f"/proc/{self.controller.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, lines, connections, seconds=None):
        """Figures of requests.c, and what the controller spent on each request."""
        path = self.directory / "bodies"
        path.write_text("\n".join(lines) + "\n")
        before = self.cpu()
        output = subprocess.run(
            ["taskset", "-c", str(self.cores[-1]), BUILD / "bench/requests", self.directory / "state/credentials.env", path,
             str(connections), str(seconds or self.seconds)], check=True, capture_output=True, text=True).stdout
        figures = json.loads(output)
        figures["server_us"] = (self.cpu() - before) * 1e6 / max(1, figures["good"] + figures["bad"])
        assert figures["bad"] == 0, figures
        return figures

    def populate(self):
        """Sources of 50 hosts, a target, a filter, and sessions, by the API itself."""
        sources = (self.sessions + 2 * self.creates) // SESSIONS_PER_SOURCE + 1
        for host in range(HOSTS):
            devices = [(f"tap{number}", "guest", []) for number in range(sources // HOSTS + 1)]
            answer = self.controller.report(f"host-{host}", devices)
            assert answer.status_code == 204, answer.text
        ec2 = self.controller.client()
        pages = ec2.get_paginator("describe_network_interfaces").paginate()
        self.sources = [nic["NetworkInterfaceId"] for page in pages for nic in page["NetworkInterfaces"]]
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        self.target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"])[
            "TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        self.filter = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        self.ask(self.new_sessions(0, self.sessions), 8, 100)

    def new_sessions(self, first, count):
        return [body("CreateTrafficMirrorSession", NetworkInterfaceId=self.sources[index // SESSIONS_PER_SOURCE],
                     TrafficMirrorTargetId=self.target, TrafficMirrorFilterId=self.filter,
                     SessionNumber=index % SESSIONS_PER_SOURCE + 1, ClientToken=f"token-{index}")
                for index in range(first, first + count)]

    def pages(self, size):
        """The questions of a client that lists everything by pages of such a size; all are asked once."""
        ec2, lines, token, count = self.controller.client(), [], {}, 0
        while token is not None:
            page = ec2.describe_traffic_mirror_sessions(MaxResults=size, **token)
            lines.append(describe(MaxResults=size, **token))
            count += len(page["TrafficMirrorSessions"])
            token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
        assert count == self.sessions, count
        return lines

    def measure(self):
        hundreds, thousands = self.pages(100), self.pages(1000)
        one = self.controller.client().describe_traffic_mirror_sessions(MaxResults=5)["TrafficMirrorSessions"][0]
        # Questions that nobody has asked before: no answer is kept that would do.
        new = [line.replace("MaxResults=100", f"MaxResults={size}") for line in hundreds for size in range(90, 110) if size != 100]
        repeated = hundreds * (50000 // len(hundreds))
        figures = {
            "page": self.ask(repeated, 8),
            "page_alone": self.ask(repeated, 1),
            "page_new": self.ask(new, 8),
            "by_id": self.ask([describe(TrafficMirrorSessionId__1=one["TrafficMirrorSessionId"])], 8),
            "by_field": self.ask([describe(MaxResults=100, Filter__1__Name="session-number", Filter__1__Value__1="7")], 8),
        }
        everything = self.ask(thousands * TURNS, 1, 60)
        figures["create"] = self.ask(self.new_sessions(self.sessions, self.creates), 8, 60)
        figures["create_alone"] = self.ask(self.new_sessions(self.sessions + self.creates, self.creates), 1, 60)
        return {"rows": figures, "everything": {
            "pages": len(thousands), "server_ms": everything["server_us"] * len(thousands) / 1000,
            "elapsed_ms": everything["seconds"] * 1000 / TURNS}}


class Api(Extra):
    key, title, seconds = "api", "signed requests to a controller with 10,000 sessions", 115
    ways = {"tls": ("with TLS", []), "plain": ("without", ["--plain-http"])}
    questions = {
        "page": "a page of 100 sessions, 8 connections", "page_alone": "the same, 1 connection",
        "page_new": "a page that nobody has asked for, 8 connections", "by_id": "a session by its id, 8 connections",
        "by_field": "100 sessions by a field, 8 connections", "create": "`CreateTrafficMirrorSession`, 8 connections",
        "create_alone": "the same, 1 connection",
    }

    def measure(self):
        sessions, creates, seconds = (1000, 200, 0.5) if self.quick else (10000, 2000, 2)
        data = {"sessions": sessions, "ways": {}}
        for key, (_, options) in self.ways.items():
            with tempfile.TemporaryDirectory(prefix="tmirror-api-", dir="/var/tmp") as directory:
                served = Served(directory, sessions, creates, seconds, options)
                try:
                    data["ways"][key] = served.measure()
                finally:
                    served.controller.stop()
        return data

    def show(self, data):
        lines = ["|" + "".join(f" | {title}: a second | p50 | p99 | of the server" for title, _ in self.ways.values()) + " |",
                 "|---|" + "---:|" * 4 * len(self.ways)]
        for key, title in self.questions.items():
            cells = (data["ways"][way]["rows"][key] for way in self.ways)
            lines.append(f"| {title} | " + " | ".join(
                f"{of['per_second']:,.0f} | {milliseconds(of['p50_us'])} | {milliseconds(of['p99_us'])} | {of['server_us']:.0f} µs"
                for of in cells) + " |")
        tls, plain = (data["ways"][way]["everything"] for way in ("tls", "plain"))
        return "\n".join(lines) + "\n\n" + (
            f"Describing all {data['sessions']:,} sessions, by {tls['pages']} pages of 1,000, takes {tls['server_ms']:.0f} ms of "
            f"the server and {tls['elapsed_ms']:.0f} ms in all with TLS, {plain['server_ms']:.0f} ms and "
            f"{plain['elapsed_ms']:.0f} ms without.")


def milliseconds(microseconds):
    return f"{microseconds / 1000:.3g} ms"
