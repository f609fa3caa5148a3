"""Replacing every daemon of an estate under load, and what must hold then (test_rolling_upgrade.py, tests/upgrade)."""
import itertools
import threading

from botocore.exceptions import BotoCoreError, ClientError
from estate import HOSTS
from fleet import session_counters
from scene import AGENT, CONTROLLER, patient, wait_for
from stage import Sensor
from test_lifecycle import Flood

VNIS = {"one": 71, "two": 72}
RATE = 1500  # Datagrams a second each way, of each host.


class Client(threading.Thread):
    """Somebody who works with the API by boto3 as it comes, and finds at once what he has made."""

    def __init__(self, estate, target, source):
        super().__init__(daemon=True)
        self.ec2, self.target, self.source = estate.api(), target, source
        self.turns, self.retries, self.error, self.ends = 0, 0, None, threading.Event()
        self.ec2.meta.events.register("needs-retry.ec2", self.count, unique_id="count")
        self.start()

    def count(self, attempts, **_):
        self.retries += attempts > 1

    def run(self):
        try:
            for turn in itertools.count(1):
                if self.ends.is_set():
                    return
                self.work(turn)
                self.turns = turn
        except (BotoCoreError, ClientError, AssertionError) as error:
            self.error = error

    def work(self, turn):
        ec2, name = self.ec2, f"turn {turn}"
        filter_id = ec2.create_traffic_mirror_filter(Description=name)["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=filter_id, TrafficDirection="ingress", RuleNumber=1, RuleAction="accept", Protocol=6,
            SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
        found, = ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[filter_id])["TrafficMirrorFilters"]
        assert (found["Description"], len(found["IngressFilterRules"])) == (name, 1), found
        session = ec2.create_traffic_mirror_session(
            NetworkInterfaceId=self.source, TrafficMirrorTargetId=self.target, TrafficMirrorFilterId=filter_id,
            SessionNumber=turn % 1000 + 2)["TrafficMirrorSession"]["TrafficMirrorSessionId"]
        ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=session, Description=name)
        ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=session)
        ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)


class Load:
    """Production at each host, all of it mirrored, and a client for each."""

    def __init__(self, estate):
        self.estate = estate
        self.sensor = Sensor(estate, "vnis", namespace=estate.collector)
        target, everything = estate.appliance("10.9.3.2"), estate.filter(
            *({"TrafficDirection": way, "Protocol": 17} for way in ("ingress", "egress")))
        ec2 = estate.api()
        self.sessions = {host: ec2.create_traffic_mirror_session(
            NetworkInterfaceId=estate.interface_of(host, "web"), TrafficMirrorTargetId=target, TrafficMirrorFilterId=everything,
            SessionNumber=1, VirtualNetworkId=vni)["TrafficMirrorSession"]["TrafficMirrorSessionId"] for host, vni in VNIS.items()}
        wait_for("the hosts mirror", lambda: estate.applied() and all(
            estate.status(session)["State"] == "active" for session in self.sessions.values()))
        self.floods = {host: Flood(estate, estate.pairs[host], RATE) for host in HOSTS}
        self.clients = [Client(estate, target, estate.interface_of(host, "client")) for host in HOSTS]

    def go_on(self):
        """Until every client has made a whole turn more, and the collector got copies of both hosts."""
        turns = [client.turns + 2 for client in self.clients]
        before = self.sensor.snapshot()["vnis"]
        wait_for("the clients get on", lambda: all(client.turns >= turn or client.error
                                                   for client, turn in zip(self.clients, turns)), 60)
        for client in self.clients:
            assert client.error is None, repr(client.error)
        wait_for("copies of both hosts arrive", lambda: all(
            self.sensor.snapshot()["vnis"].get(str(vni), 0) > before.get(str(vni), 0) for vni in VNIS.values()))

    def settle(self):
        """No request failed; every packet of production arrived as it was, was accepted, and is accounted for."""
        for client in self.clients:
            client.ends.set()
        for client in self.clients:
            client.join(patient(60))
            assert client.error is None, repr(client.error)
        for host, flood in self.floods.items():
            total = 0
            for packets, got in flood.stop():
                assert (got["received"], got["changed"], got["repeated"]) == (packets, 0, 0), (host, packets, got)
                total += packets
            wait_for(f"the account of host {host} is settled", lambda h=host, t=total: self.is_settled(h, t), 60)
            accepted, shipped, lost = session_counters(self.estate.status(self.sessions[host]))
            print(f"host {host}: {accepted} packets of production, each accepted; {shipped} copies shipped and arrived; lost {dict(lost)}")
        print(f"{sum(client.turns for client in self.clients)} turns of clients, {sum(client.retries for client in self.clients)} "
              "requests asked again by boto3")

    def is_settled(self, host, packets):
        accepted, shipped, lost = session_counters(self.estate.status(self.sessions[host]))
        arrived = self.sensor.snapshot()["vnis"].get(str(VNIS[host]), 0)
        return accepted == packets and accepted == shipped + sum(lost.values()) and arrived == shipped


def replace_controllers(estate, load, program=CONTROLLER):
    for number in range(2):
        estate.controllers[number].terminate()
        assert estate.controllers[number].wait(patient(30)) == 0, estate.log(f"controller-{number}")
        load.go_on()
        estate.start_one(number, program)
        load.go_on()


def replace_agents(estate, load, program=AGENT):
    for host in HOSTS:
        estate.agents[host].terminate()
        assert estate.agents[host].wait(patient(30)) == 0, estate.log(f"agent-{host}")
        estate.start_host(host, program)
        load.go_on()
