"""A small company that the console has something to say of: three hosts, a fleet, a sensor of its own, sessions that copy and lose.

The hosts are played: each says twice a second what an agent would say.  The controller and all that it holds are real.
"""
import threading

from controller import COUNTERS

HOSTS = {"hypervisor-1": ["web-1", "web-2", "mail"], "hypervisor-2": ["database", "backup"], "edge": ["uplink"]}
APPLIANCES = {"10.0.0.5": ("healthy", ""), "10.0.0.6": ("healthy", ""), "10.0.0.7": ("unhealthy", "Timeout"), "10.0.0.8": ("healthy", "")}

# Of each session: its host and device, its target and filter, the packets of a report, and what of them gets lost.
SESSIONS = {
    "web-1, to the fleet": ("hypervisor-1", "web-1", "ids", "web", 2400, {}),
    "web-2, to the fleet": ("hypervisor-1", "web-2", "ids", "web", 1700, {"ring_full": 40}),
    "mail, in full": ("hypervisor-1", "mail", "recorder", "everything", 300, {}),
    "database, headers": ("hypervisor-2", "database", "recorder", "everything", 5200, {}),
    "uplink, one flow in a hundred": ("edge", "uplink", "ids", "everything", 900, {"unreachable": 120}),
}


class World:
    def __init__(self, controller):
        self.controller, self.ec2, self.balancing = controller, controller.client(), controller.client("elbv2")
        self.over, self.reports, self.threads = threading.Event(), {}, []
        for host, devices in HOSTS.items():
            assert controller.report(host, [(device, "guest", []) for device in devices]).status_code == 204
        self.subnet = self.ec2.describe_subnets()["Subnets"][0]
        self.group = self.make_fleet()
        targets = {"ids": self.make_target("ids", NetworkLoadBalancerArn=self.balancer), "recorder": self.make_recorder()}
        filters = {"everything": self.make_filter("everything", [{}]),
                   "web": self.make_filter("web", [{"Protocol": 6, "DestinationPortRange": {"FromPort": port, "ToPort": port}} for port in (80, 443)])}
        devices = self.devices()
        self.sessions = {name: self.ec2.create_traffic_mirror_session(
            NetworkInterfaceId=devices[device], TrafficMirrorTargetId=targets[target], TrafficMirrorFilterId=filters[rules], SessionNumber=1,
            Description=name, TagSpecifications=named("traffic-mirror-session", name))["TrafficMirrorSession"]["TrafficMirrorSessionId"]
            for name, (_, device, target, rules, _, _) in SESSIONS.items()}

    def make_fleet(self):
        self.balancer = self.balancing.create_load_balancer(
            Name="ids", Type="network", Scheme="internal", Subnets=[self.subnet["SubnetId"]])["LoadBalancers"][0]["LoadBalancerArn"]
        group = self.balancing.create_target_group(
            Name="ids", Protocol="UDP", Port=4789, TargetType="ip", VpcId=self.subnet["VpcId"], HealthCheckProtocol="TCP",
            HealthCheckPort="22")["TargetGroups"][0]["TargetGroupArn"]
        self.balancing.create_listener(LoadBalancerArn=self.balancer, Protocol="UDP", Port=4789,
                                       DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        self.balancing.register_targets(TargetGroupArn=group, Targets=[{"Id": address, "Port": 4789} for address in APPLIANCES])
        return group

    def make_recorder(self):
        interface = self.ec2.create_network_interface(SubnetId=self.subnet["SubnetId"], PrivateIpAddress="10.0.0.20")["NetworkInterface"]
        return self.make_target("recorder", NetworkInterfaceId=interface["NetworkInterfaceId"])

    def make_target(self, name, **behind):
        made = self.ec2.create_traffic_mirror_target(Description=name, TagSpecifications=named("traffic-mirror-target", name), **behind)
        return made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    def make_filter(self, name, rules):
        made = self.ec2.create_traffic_mirror_filter(Description=name, TagSpecifications=named("traffic-mirror-filter", name))
        filter_id = made["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        for direction in ("ingress", "egress"):
            for index, rule in enumerate(rules):
                self.ec2.create_traffic_mirror_filter_rule(
                    TrafficMirrorFilterId=filter_id, TrafficDirection=direction, RuleNumber=100 * (index + 1), RuleAction="accept",
                    SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0", **rule)
        return filter_id

    def devices(self):
        """Interface ids by their device's name."""
        return {tag["Value"]: interface["NetworkInterfaceId"]
                for interface in self.ec2.describe_network_interfaces()["NetworkInterfaces"]
                for tag in interface["TagSet"] if tag["Key"] == "Name"}

    def count(self, host):
        """What the host's sessions have copied by its next report; a little more or less each time."""
        for name, (at, _, _, _, packets, lost) in SESSIONS.items():
            if at != host:
                continue
            times = self.reports[host] + (self.reports[host] % 7) / 9
            total = {reason: [int(count * times), int(count * times) * 600] for reason, count in lost.items()}
            gone = sum(count for count, _ in total.values())
            accepted = int(packets * times)
            grown = {**COUNTERS, "accepted": [accepted, accepted * 600], "shipped": [accepted - gone, (accepted - gone) * 600], "lost": total}
            yield {"id": self.sessions[name], "epoch": "0123456789abcdef", "active": True, "reason": "",
                   "counters": {"ingress": grown, "egress": {**grown, "lost": {}, "shipped": grown["accepted"]}}}

    def report(self, host):
        self.reports[host] = self.reports.get(host, 0) + 1
        revision = self.controller.plan(host).json()["revision"]
        members = [{"fleet": self.group, "id": address, "port": 4789, "state": state, "reason": reason}
                   for address, (state, reason) in APPLIANCES.items()]
        answer = self.controller.report(host, sessions=self.count(host), revision=revision, version="1.0.0", kernel="6.1.0-28-amd64", whole=True,
                                        members=members, fleets=[])
        assert answer.status_code == 204, answer.text

    def run(self, host):
        while not self.over.wait(0.5):
            self.report(host)

    def __enter__(self):
        for host in HOSTS:
            self.report(host)
            self.threads.append(threading.Thread(target=self.run, args=[host]))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]
