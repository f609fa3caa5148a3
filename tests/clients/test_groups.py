"""Target groups, what is registered with them, and how it does, by AWS's clients.

Hosts are played: their reports say what agents would say of the members that they send to.
"""
import json
import os
import re
import subprocess
import time

import pytest

from clients import CLIENTS, Boto3, Refused
from controller import PROGRAM
from proxy import Proxy

GROUP = {"Protocol": "UDP", "Port": 4789, "TargetType": "ip"}
#: Parameters that are known in order to be refused.
REFUSED_HERE = {"ProtocolVersion", "Matcher.GrpcCode", "TargetControlPort", "Targets.member.N.QuicServerId"}
OURS = {"CreateTargetGroup", "DescribeTargetGroups", "ModifyTargetGroup", "DeleteTargetGroup", "DescribeTargetGroupAttributes",
        "ModifyTargetGroupAttributes", "RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"}
DELAY = "deregistration_delay.timeout_seconds"


class Site:
    """One controller, one client, and hosts that report."""

    def __init__(self, controller, client, url):
        self.controller, self.client = controller, client
        self.keys = {**controller.administrator, "AWS_ENDPOINT_URL": url}
        self.vpc = client.call("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
        self.subnet = client.call("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"]
        self.zone = client.call("ec2", "DescribeSubnets")["Subnets"][0]["AvailabilityZone"]

    def __call__(self, operation, **parameters):
        return self.client.call("elbv2", operation, **parameters)

    def refused(self, code, operation, **parameters):
        with pytest.raises(Refused) as caught:
            self(operation, **parameters)
        assert caught.value.code == code, caught.value
        return caught.value.message

    def make(self, name="sensors", **settings):
        return self("CreateTargetGroup", Name=name, VpcId=self.vpc, **{**GROUP, **settings})["TargetGroups"][0]

    def query(self, action, **fields):
        """What no client knows; '__' stands for a dot."""
        return self.controller.query(action, keys=self.keys, service="elasticloadbalancing", version="2015-12-01", **fields)

    def attributes(self, group, **parameters):
        answer = self("DescribeTargetGroupAttributes", TargetGroupArn=group)
        return {item["Key"]: item["Value"] for item in answer["Attributes"]}

    def modify(self, group, **pairs):
        wished = [{"Key": key, "Value": value} for key, value in pairs.items()]
        answer = self("ModifyTargetGroupAttributes", TargetGroupArn=group, Attributes=wished)
        return {item["Key"]: item["Value"] for item in answer["Attributes"]}

    def register(self, group, *targets):
        self("RegisterTargets", TargetGroupArn=group, Targets=[{"Id": target} for target in targets])

    def health(self, group, *targets):
        """State and reason by target."""
        named = {"Targets": [{"Id": target} for target in targets]} if targets else {}
        found = self("DescribeTargetHealth", TargetGroupArn=group, **named)["TargetHealthDescriptions"]
        return {item["Target"]["Id"]: (item["TargetHealth"]["State"], item["TargetHealth"].get("Reason")) for item in found}

    def forward(self, group, name="nlb"):
        """A load balancer with a listener for the group."""
        balancer = self("CreateLoadBalancer", Name=name, Type="network", Subnets=[self.subnet])["LoadBalancers"][0]["LoadBalancerArn"]
        listener = self("CreateListener", LoadBalancerArn=balancer, Protocol="UDP", Port=4789, DefaultActions=[
            {"Type": "forward", "TargetGroupArn": group}])["Listeners"][0]["ListenerArn"]
        return balancer, listener

    def mirror(self, balancer, *hosts):
        """Sessions from a tap of each host to the load balancer."""
        ec2 = lambda operation, **parameters: self.client.call("ec2", operation, **parameters)  # noqa: E731
        target = ec2("CreateTrafficMirrorTarget", NetworkLoadBalancerArn=balancer)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        rules = ec2("CreateTrafficMirrorFilter")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        for host in hosts:
            assert self.report(host, interfaces=[("tap0", "guest", [])]) == 204
            nic, = ec2("DescribeNetworkInterfaces", Filters=[{"Name": "tag:tmirror:host", "Values": [host]}])["NetworkInterfaces"]
            ec2("CreateTrafficMirrorSession", NetworkInterfaceId=nic["NetworkInterfaceId"], TrafficMirrorTargetId=target,
                TrafficMirrorFilterId=rules, SessionNumber=1)

    def report(self, host, group=None, interfaces=None, flows=0, **states):
        """What a host says of members: (state, reason) by address, whose dots are underscores."""
        members = [{"fleet": group, "id": name[1:].replace("_", "."), "port": 4789, "state": state, "reason": reason}
                   for name, (state, reason) in states.items()]
        body = {"version": "0.0-test", "kernel": "6.1.0-test", "applied_revision": 0, "whole": True,
                "has_inventory": interfaces is not None,
                "sessions": [], "interfaces": [
                    {"device": device, "mac": "02:00:00:00:00:01", "mtu": 1500, "orientation": orientation, "addresses": addresses}
                    for device, orientation, addresses in interfaces or []]}
        if group:
            body |= {"members": members, "fleets": [{"id": group, "flows": flows, "moved": 2, "evicted": 1}]}
        return self.controller.request("POST", f"/host/v1/{host}/report", json.dumps(body).encode(), keys=self.controller.agent,
                                       service="tmirror").status_code


@pytest.fixture
def site(controller_with, tmp_path):
    controller = controller_with("--plain-http")
    return Site(controller, Boto3(controller.administrator, controller.url, tmp_path), controller.url)


def await_that(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- The story, by every client ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", CLIENTS)
def test_a_group_lives(controller_with, tmp_path, kind):
    """Every action with every parameter; what no client knows goes as a signed query."""
    controller = controller_with("--plain-http")
    with Proxy(controller.url) as proxy:
        client = CLIENTS[kind](controller.administrator, proxy.url, tmp_path)
        try:
            tell(Site(controller, client, proxy.url))
        finally:
            client.close()
        assert missing(proxy) == set()


def tell(site):
    made = site.make(Protocol="TCP_UDP", HealthCheckProtocol="HTTP", HealthCheckPort="8080", HealthCheckEnabled=True,
                     HealthCheckPath="/up", HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=5, HealthyThresholdCount=3,
                     UnhealthyThresholdCount=4, Matcher={"HttpCode": "200-204"}, IpAddressType="ipv4",
                     Tags=[{"Key": "team", "Value": "net"}, {"Key": "empty", "Value": ""}])
    arn = made["TargetGroupArn"]
    assert re.fullmatch(r"arn:aws:elasticloadbalancing:us-east-1:\d{12}:targetgroup/sensors/[0-9a-f]{16}", arn)
    assert made == {
        "TargetGroupArn": arn, "TargetGroupName": "sensors", "Protocol": "TCP_UDP", "Port": 4789, "VpcId": site.vpc,
        "HealthCheckProtocol": "HTTP", "HealthCheckPort": "8080", "HealthCheckEnabled": True, "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 4, "HealthCheckPath": "/up",
        "Matcher": {"HttpCode": "200-204"}, "LoadBalancerArns": [], "TargetType": "ip", "IpAddressType": "ipv4"}
    for select in ({}, {"TargetGroupArns": [arn]}, {"Names": ["sensors"]}):
        assert site("DescribeTargetGroups", **select)["TargetGroups"] == [made]
    balancer, listener = site.forward(arn)
    assert site("DescribeTargetGroups", LoadBalancerArn=balancer)["TargetGroups"] == [{**made, "LoadBalancerArns": [balancer]}]
    tell_changes(site, arn)
    tell_members(site, arn)
    tell_pages(site)
    wish = {"Name": "x", "VpcId": site.vpc, "Protocol": "UDP", "Port": "4789"}
    for action, fields in (
            ("CreateTargetGroup", {**wish, "ProtocolVersion": "HTTP1"}), ("CreateTargetGroup", {**wish, "TargetControlPort": "80"}),
            ("CreateTargetGroup", {**wish, "Matcher.GrpcCode": "1"}), ("ModifyTargetGroup", {"Matcher.GrpcCode": "1"}),
            *((action, {"Targets.member.1.Id": "10.0.0.1", "Targets.member.1.QuicServerId": "0x01"})
              for action in ("RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"))):
        answer = site.query(action, **(fields if "Name" in fields else {"TargetGroupArn": arn, **fields}))
        assert answer.status_code == 400 and "cannot be specified for target groups with protocols" in answer.text
    site.refused("ResourceInUse", "DeleteTargetGroup", TargetGroupArn=arn)
    site("DeleteListener", ListenerArn=listener)
    assert site("DeleteTargetGroup", TargetGroupArn=arn) == {}
    site.refused("TargetGroupNotFound", "DescribeTargetGroups", TargetGroupArns=[arn])
    site.refused("TargetGroupNotFound", "DescribeTargetGroups", Names=["sensors"])


def tell_changes(site, arn):
    changed = site("ModifyTargetGroup", TargetGroupArn=arn, HealthCheckProtocol="HTTPS", HealthCheckPort="traffic-port",
                   HealthCheckPath="/down", HealthCheckEnabled=True, HealthCheckIntervalSeconds=20, HealthCheckTimeoutSeconds=6,
                   HealthyThresholdCount=5, UnhealthyThresholdCount=6, Matcher={"HttpCode": "204"})["TargetGroups"][0]
    assert changed == site("DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"][0]
    assert (changed["HealthCheckProtocol"], changed["HealthCheckPort"], changed["Matcher"]) == (
        "HTTPS", "traffic-port", {"HttpCode": "204"})
    before = site.attributes(arn)
    assert before == {
        DELAY: "300", "deregistration_delay.connection_termination.enabled": "true", "preserve_client_ip.enabled": "true",
        "proxy_protocol_v2.enabled": "false", "stickiness.enabled": "false", "stickiness.type": "source_ip",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
        "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
        "target_health_state.unhealthy.connection_termination.enabled": "true",
        "target_health_state.unhealthy.draining_interval_seconds": "0"}
    assert site.modify(arn, **{DELAY: "5", "stickiness.enabled": "true"}) == {**before, DELAY: "5", "stickiness.enabled": "true"}
    assert site.attributes(arn) == {**before, DELAY: "5", "stickiness.enabled": "true"}
    shown = site.query("ModifyTargetGroup", TargetGroupArn=arn, Extension__HealthCheckProtocol="ICMP", Extension__Show="true").text
    assert "<Extension><HealthCheckProtocol>ICMP</HealthCheckProtocol><Hosts>0</Hosts>" in shown
    assert "HealthCheckProtocol" not in site("DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"][0]
    assert "Extension" not in site.query("DescribeTargetGroups").text
    assert "<Extension>" in site.query("DescribeTargetGroups", Extension__Show="true").text
    site("ModifyTargetGroup", TargetGroupArn=arn, HealthCheckProtocol="TCP")


def tell_members(site, arn):
    two = [{"Id": "10.0.0.1"}, {"Id": "10.0.0.2", "Port": 5000, "AvailabilityZone": "all"}]
    assert site("RegisterTargets", TargetGroupArn=arn, Targets=two) == {}
    found = site("DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [item["Target"] for item in found] == [
        {"Id": "10.0.0.1", "Port": 4789, "AvailabilityZone": site.zone}, {"Id": "10.0.0.2", "Port": 5000, "AvailabilityZone": "all"}]
    assert [item["HealthCheckPort"] for item in found] == ["4789", "5000"]
    assert {item["TargetHealth"]["Reason"] for item in found} == {"Target.NotInUse"}
    assert site("DescribeTargetHealth", TargetGroupArn=arn, Targets=two[1:])["TargetHealthDescriptions"] == found[1:]
    assert site.query("DescribeTargetHealth", TargetGroupArn=arn, Include__member__1="All").status_code == 200
    assert site("DescribeTargetHealth", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1", "AvailabilityZone": site.zone}])[
        "TargetHealthDescriptions"] == found[:1]
    assert site.query("RegisterTargets", TargetGroupArn=arn, Targets__member__1__Id="10.0.0.1", Targets__member__1__Extension__Weight="5",
                      ).status_code == 200
    assert "<Weight>5</Weight>" in site.query("DescribeTargetHealth", TargetGroupArn=arn, Extension__Show="true").text
    assert site("DeregisterTargets", TargetGroupArn=arn, Targets=two) == {}
    assert site("DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.9.9.9", "AvailabilityZone": "all"}]) == {}
    assert set(site.health(arn).values()) == {("draining", "Target.DeregistrationInProgress")}
    await_that(lambda: site.health(arn) == {})
    assert site.health(arn, "10.0.0.1") == {"10.0.0.1": ("unused", "Target.NotRegistered")}


def tell_pages(site):
    for number in range(3):
        site.make(f"page-{number}", HealthCheckProtocol="TCP")
    names, marker = [], {}
    while True:
        page = site("DescribeTargetGroups", PageSize=2, **marker)
        assert len(page["TargetGroups"]) <= 2
        names += [group["TargetGroupName"] for group in page["TargetGroups"]]
        if "NextMarker" not in page:
            break
        marker = {"Marker": page["NextMarker"]}
    assert sorted(names) == ["page-0", "page-1", "page-2", "sensors"]
    assert site.query("CreateTargetGroup", Name="icmp", Protocol="UDP", Port="4789", VpcId=site.vpc, TargetType="ip",
                      Extension__HealthCheckProtocol="UDP", Extension__Show="true").status_code == 200


def missing(proxy):
    """Parameters of our actions that nobody has sent with success, but for those that are there to be refused."""
    lines = subprocess.run([PROGRAM, "--list-actions"], capture_output=True, text=True, check=True).stdout.splitlines()
    served = {(words[1], parameter.rstrip("*")) for words in map(str.split, lines)
              for parameter in words[2:] if words[0] == "elasticloadbalancing" and words[1] in OURS}
    sent = {(exchange.action, parameter) for exchange in proxy.seen for parameter in exchange.parameters
            if exchange.status == 200 or parameter in REFUSED_HERE}
    return served - sent


# --- Rules ------------------------------------------------------------------------------------------------------------

def test_names_and_settings(site):
    made = site.make(Tags=[{"Key": "a", "Value": "b"}])
    assert site.make() == made and site.make(Tags=[{"Key": "a", "Value": "b"}]) == made
    for difference in ({"Port": 4790}, {"Protocol": "TCP_UDP"}, {"TargetType": "instance"}, {"HealthCheckIntervalSeconds": 31},
                       {"Tags": [{"Key": "a", "Value": "c"}]}):
        assert "different settings" in site.refused("DuplicateTargetGroupName", "CreateTargetGroup", Name="sensors", VpcId=site.vpc,
                                                    **{**GROUP, **difference})
    for name in ("-a", "a-", "a b", "a" * 33):
        site.refused("ValidationError", "CreateTargetGroup", Name=name, VpcId=site.vpc, **GROUP)


@pytest.mark.parametrize("protocol, check", [("UDP", {"HealthCheckProtocol": "TCP", "HealthCheckPort": "traffic-port",
                                                      "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 10}),
                                             ("GENEVE", {"HealthCheckProtocol": "TCP", "HealthCheckPort": "80",
                                                         "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 5})])
def test_defaults(site, protocol, check):
    made = site("CreateTargetGroup", Name="g", Protocol=protocol, Port=6081 if protocol == "GENEVE" else 4789,
                VpcId=site.vpc)["TargetGroups"][0]
    assert made["TargetType"] == "instance" and made["IpAddressType"] == "ipv4"
    assert {key: made[key] for key in check} == check
    assert (made["HealthyThresholdCount"], made["UnhealthyThresholdCount"]) == (5, 2)
    assert "HealthCheckPath" not in made and "Matcher" not in made


@pytest.mark.parametrize("difference, words", [
    ({"Protocol": "TCP"}, "TCP_UDP"), ({"Protocol": "GENEVE"}, "6081"), ({"TargetType": "alb"}, "instance and ip"),
    ({"HealthCheckProtocol": "UDP"}, "Extension.HealthCheckProtocol"), ({"HealthCheckEnabled": False}, "must be true"),
    ({"HealthCheckIntervalSeconds": 4}, "between 5 and 300"), ({"HealthCheckTimeoutSeconds": 31}, "greater than the interval"),
    ({"UnhealthyThresholdCount": 1}, "between 2 and 10"), ({"HealthCheckPath": "/"}, "'TCP'"),
    ({"HealthCheckProtocol": "HTTP", "Matcher": {"HttpCode": "600"}}, "200 to 599"), ({"HealthCheckPort": "http"}, "traffic-port"),
    ({"IpAddressType": "dualstack"}, "ipv6"), ({"VpcId": "vpc-12345678"}, "vpc-12345678")])
def test_what_cannot_be_had(site, difference, words):
    wish = {"Name": "g", "VpcId": site.vpc, **GROUP, **difference}
    assert words in site.refused("ValidationError", "CreateTargetGroup", **wish)


def test_what_may_be_registered(site):
    four, six = site.make("four")["TargetGroupArn"], site.make("six", IpAddressType="ipv6")["TargetGroupArn"]
    site.register(four, "192.0.2.1", "8.8.8.8")
    site.register(six, "2001:db8:0::1")
    assert list(site.health(six)) == ["2001:db8::1"]
    for group, target in ((four, "2001:db8::1"), (six, "192.0.2.1"), (four, "sensor"), (four, "127.0.0.1"), (four, "239.1.1.1"),
                          (four, "i-12345678")):
        assert target in site.refused("InvalidTarget", "RegisterTargets", TargetGroupArn=group, Targets=[{"Id": target}])
    site.refused("ValidationError", "RegisterTargets", TargetGroupArn=four, Targets=[{"Id": "192.0.2.9", "AvailabilityZone": "eu-1z"}])
    instances = site.make("instances", TargetType="instance")["TargetGroupArn"]
    assert site.report("web-1", interfaces=[("eth0", "host", ["10.0.0.1"])]) == 204
    instance = site.client.call("ec2", "DescribeInstances")["Reservations"][0]["Instances"][0]["InstanceId"]
    site.register(instances, instance)
    assert site.health(instances) == {instance: ("unused", "Target.NotInUse")}
    site.refused("InvalidTarget", "RegisterTargets", TargetGroupArn=instances, Targets=[{"Id": "i-0123456789abcdef0"}])
    site.refused("TargetGroupNotFound", "RegisterTargets", TargetGroupArn=four[:-1] + "x", Targets=[{"Id": "192.0.2.1"}])


def test_quotas(controller_with, tmp_path):
    controller = controller_with("--plain-http", "--limit", "target-groups=1", "--limit", "targets-per-target-group=2")
    site = Site(controller, Boto3(controller.administrator, controller.url, tmp_path), controller.url)
    arn = site.make()["TargetGroupArn"]
    site.refused("TooManyTargetGroups", "CreateTargetGroup", Name="b", VpcId=site.vpc, **GROUP)
    site.register(arn, "10.0.0.1", "10.0.0.2")
    site.register(arn, "10.0.0.1", "10.0.0.2")
    site.refused("TooManyTargets", "RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.3"}])
    assert len(site.health(arn)) == 2


def test_failover_of_gateways(site):
    arn = site.make(Protocol="GENEVE", Port=6081)["TargetGroupArn"]
    both = ["target_failover.on_deregistration", "target_failover.on_unhealthy"]
    assert site.attributes(arn) == {DELAY: "300", "stickiness.enabled": "false", "stickiness.type": "source_ip_dest_ip_proto",
                                    **dict.fromkeys(both, "no_rebalance")}
    with pytest.raises(Refused, match="same value"):
        site.modify(arn, **{both[0]: "rebalance"})
    assert site.modify(arn, **dict.fromkeys(both, "rebalance"))[both[1]] == "rebalance"
    for key, value in (("preserve_client_ip.enabled", "true"), ("stickiness.type", "source_ip"), (DELAY, "3601"), ("colour", "red")):
        with pytest.raises(Refused) as caught:
            site.modify(arn, **{key: value})
        assert caught.value.code == "ValidationError" and key in caught.value.message
    with pytest.raises(Refused):
        site("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1", "Port": 6082}])


# --- Health -----------------------------------------------------------------------------------------------------------

def test_health_by_the_word_of_hosts(site):
    arn = site.make()["TargetGroupArn"]
    balancer, _ = site.forward(arn)
    site.register(arn, "10.0.0.1", "10.0.0.2")
    assert set(site.health(arn).values()) == {("unused", "Target.NotInUse")}
    site.mirror(balancer, "web-1", "web-2")
    assert site.report("web-1", arn, _10_0_0_1=("initial", "")) == 204
    assert site.health(arn) == {"10.0.0.1": ("initial", "Elb.InitialHealthChecking"),
                                "10.0.0.2": ("initial", "Elb.RegistrationInProgress")}
    site.report("web-1", arn, _10_0_0_1=("healthy", ""), _10_0_0_2=("healthy", ""))
    assert set(site.health(arn).values()) == {("healthy", None)}
    site.controller.client("elbv2").get_waiter("target_in_service").wait(TargetGroupArn=arn, WaiterConfig={"MaxAttempts": 1})
    done = subprocess.run(["aws", "elbv2", "wait", "target-in-service", "--target-group-arn", arn, "--endpoint-url",
                           site.controller.url], env={"PATH": os.environ["PATH"], **site.controller.administrator},
                          capture_output=True, text=True, timeout=14)
    assert (done.returncode, done.stderr) == (0, ""), done
    site.report("web-2", arn, flows=7, _10_0_0_1=("healthy", ""), _10_0_0_2=("unhealthy", "Timeout"))
    assert site.health(arn) == {"10.0.0.1": ("healthy", None), "10.0.0.2": ("unhealthy", "Target.Timeout")}
    found = site("DescribeTargetHealth", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.2"}])["TargetHealthDescriptions"]
    assert found[0]["TargetHealth"]["Description"] == "Health checks timed out from 1 of 2 hosts"
    text = site.query("DescribeTargetGroups", Extension__Show="true").text
    assert "<Hosts>2</Hosts><Flows>7</Flows><MovedFlows>4</MovedFlows><EvictedFlows>2</EvictedFlows>" in text
    assert site.report("stranger", arn, interfaces=[], _10_0_0_1=("unhealthy", "Timeout")) == 204
    assert site.health(arn, "10.0.0.1") == {"10.0.0.1": ("healthy", None)}


def test_a_target_leaves(site):
    arn = site.make()["TargetGroupArn"]
    site.forward(arn)
    site.modify(arn, **{DELAY: "5"})
    site.register(arn, "10.0.0.1")
    site("DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    assert site.health(arn, "10.0.0.1") == {"10.0.0.1": ("draining", "Target.DeregistrationInProgress")}
    site.register(arn, "10.0.0.1")
    assert site.health(arn)["10.0.0.1"][0] == "unused"
    site("DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    site.controller.client("elbv2").get_waiter("target_deregistered").wait(
        TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    assert site.health(arn) == {}
    await_that(lambda: "1 targets are drained" in site.controller.log())


# --- What Terraform calls ---------------------------------------------------------------------------------------------

def test_terraform(site):
    """aws_lb_target_group and aws_lb_target_group_attachment: made, read, changed, planned again, destroyed."""
    name = "tf-20260101000000000000000001"
    site.refused("TargetGroupNotFound", "DescribeTargetGroups", Names=[name])
    made = site.make(name, HealthCheckEnabled=True, HealthCheckIntervalSeconds=30, HealthCheckPort="traffic-port",
                     HealthCheckProtocol="TCP", HealthyThresholdCount=3, UnhealthyThresholdCount=3,
                     Tags=[{"Key": "Name", "Value": "tf"}])
    arn = made["TargetGroupArn"]
    site.modify(arn, **{DELAY: "300", "deregistration_delay.connection_termination.enabled": "false",
                        "preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "false",
                        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration", "stickiness.enabled": "false",
                        "stickiness.type": "source_ip"})

    def read():
        group, = site("DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"]
        tags, = site("DescribeTags", ResourceArns=[arn])["TagDescriptions"]
        return group, site.attributes(arn), tags["Tags"]

    first = read()
    assert first[0] == made and first[2] == [{"Key": "Name", "Value": "tf"}]
    assert read() == first
    site("ModifyTargetGroup", TargetGroupArn=arn, HealthCheckEnabled=True, HealthCheckIntervalSeconds=10, HealthCheckPort="8080",
         HealthCheckProtocol="HTTP", HealthyThresholdCount=3, UnhealthyThresholdCount=3, HealthCheckPath="/", HealthCheckTimeoutSeconds=6,
         Matcher={"HttpCode": "200-399"})
    site("AddTags", ResourceArns=[arn], Tags=[{"Key": "Name", "Value": "other"}])
    site("RemoveTags", ResourceArns=[arn], TagKeys=["Nothing"])
    group, _, tags = read()
    assert (group["HealthCheckPort"], group["Matcher"]["HttpCode"], tags[0]["Value"]) == ("8080", "200-399", "other")

    attachment = {"TargetGroupArn": arn, "Targets": [{"Id": "10.0.0.1", "Port": 4789}]}
    site("RegisterTargets", **attachment)
    found, = site("DescribeTargetHealth", **attachment)["TargetHealthDescriptions"]
    assert found["TargetHealth"].get("Reason") not in ("Target.NotRegistered", "Target.DeregistrationInProgress")
    site("DeregisterTargets", **attachment)
    found, = site("DescribeTargetHealth", **attachment)["TargetHealthDescriptions"]
    assert found["TargetHealth"]["Reason"] in ("Target.NotRegistered", "Target.DeregistrationInProgress")

    _, listener = site.forward(arn)
    # It waits for the listener's end if the message says so in these words.
    assert "is currently in use by a listener or a rule" in site.refused("ResourceInUse", "DeleteTargetGroup", TargetGroupArn=arn)
    site("DeleteListener", ListenerArn=listener)
    site("DeleteTargetGroup", TargetGroupArn=arn)
    site.refused("TargetGroupNotFound", "DescribeTargetGroups", TargetGroupArns=[arn])
