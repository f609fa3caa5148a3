"""Load balancers and listeners, by AWS's three clients, which must see the same.

    boto3, aws, javascript ──▶ Proxy (takes notes) ──▶ controller

As in test_conformance.py, each client tells one story, and whatever action or parameter of load balancers, listeners and tags
nobody has sent with success (or with the one refusal that is expected of it) fails the test.  What a client is too old for is
sent as a signed query.
"""
import os
import re
import subprocess
from xml.etree import ElementTree

import botocore.exceptions
import pytest

from clients import CLIENTS, Boto3, Refused
from controller import PROGRAM, element
from people import People
from proxy import Proxy

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
#: Of target groups test_groups.py tells.
TOLD_ELSEWHERE = re.compile(r"TargetGroup|RegisterTargets|DeregisterTargets|TargetHealth")
#: Parameters that can only be refused here, and with which code.
REFUSED_HERE = {
    "SubnetMappings.member.N.AllocationId": "AllocationIdNotFound",
    "SecurityGroups.member.N": "InvalidSecurityGroup",
    "SslPolicy": "InvalidConfigurationRequest",
    "Certificates.member.N.CertificateArn": "InvalidConfigurationRequest",
    "AlpnPolicy.member.N": "InvalidConfigurationRequest",
}
PROTECTION, IDLE = "deletion_protection.enabled", "tcp.idle_timeout.seconds"


def served():
    lines = subprocess.run([PROGRAM, "--list-actions"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {words[1]: words[2:] for words in map(str.split, lines)
            if words[0] == "elasticloadbalancing" and not TOLD_ELSEWHERE.search(words[1])}


def flatten(value, name=""):
    """As SDKs name what lies in structures and lists."""
    if not isinstance(value, (dict, list)):
        yield name, str(value).lower() if isinstance(value, bool) else value
        return
    items = value.items() if isinstance(value, dict) else ((f"member.{number}", item) for number, item in enumerate(value, 1))
    for key, item in items:
        yield from flatten(item, f"{name}.{key}" if name else key)


def unfold(node):
    """An answer as SDKs see it, but that every leaf is a text."""
    children = [(re.sub("{.*}", "", child.tag), child) for child in node]
    if children and all(tag == "member" for tag, _ in children):
        return [unfold(child) for _, child in children]
    return {tag: unfold(child) for tag, child in children} if children else node.text or []


def pairs(items):
    return {item["Key"]: item["Value"] for item in items}


class Site:
    """A controller and one client of it."""

    def __init__(self, controller, client, proxy=None):
        self.controller, self.client, self.proxy = controller, client, proxy
        self.answers = []
        subnet = client.call("ec2", "DescribeSubnets")["Subnets"][0]
        self.subnet, self.vpc, self.zone = subnet["SubnetId"], subnet["VpcId"], subnet["AvailabilityZone"]

    def __call__(self, operation, **parameters):
        if not self.client.knows("elbv2", operation, parameters):
            return self.query(operation, **parameters)
        answer = self.client.call("elbv2", operation, **parameters)
        self.answers.append((operation, sorted(parameters), answer))
        return answer

    def unnoted(self, operation, **parameters):
        """What lies on which page is a matter of random digits."""
        return self.client.call("elbv2", operation, **parameters)

    def query(self, operation, **parameters):
        """For what a client is too old to know; texts stay texts."""
        keys = {**self.controller.administrator, **({"AWS_ENDPOINT_URL": self.proxy.url} if self.proxy else {})}
        answer = self.controller.query(operation, keys=keys, service="elasticloadbalancing", version="2015-12-01",
                                       **dict(flatten(parameters)))
        if answer.status_code != 200:
            raise Refused(element(answer.text, "Code"), element(answer.text, "Message"))
        return unfold(ElementTree.fromstring(answer.text)[0])

    def refused(self, code, operation, **parameters):
        with pytest.raises(Refused) as caught:
            self(operation, **parameters)
        assert caught.value.code == code, (operation, parameters, caught.value)
        assert caught.value.message
        return caught.value.message

    def ec2(self, operation, **parameters):
        return self.client.call("ec2", operation, **parameters)

    def balancer(self, name="sensors", **settings):
        made = self("CreateLoadBalancer", **{"Name": name, "Type": "network", "Subnets": [self.subnet], **settings})
        return made["LoadBalancers"][0]

    def group(self, name="group", protocol="UDP", port=4789):
        return self.client.call("elbv2", "CreateTargetGroup", Name=name, Protocol=protocol, Port=port, VpcId=self.vpc,
                                TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer, group, protocol="UDP", port=4789, **more):
        return self("CreateListener", LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=forward(group),
                    **more)["Listeners"][0]

    def interfaces(self, **filters):
        named = [{"Name": name.replace("__", ".").replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        return self.ec2("DescribeNetworkInterfaces", Filters=named)["NetworkInterfaces"]


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": group}]


@pytest.fixture
def site(controller_with, tmp_path):
    controller = controller_with("--plain-http", "--account", "123456789012")
    return Site(controller, Boto3(controller.administrator, controller.url, tmp_path))


# --- The story -------------------------------------------------------------------------------------------------------

def tell_balancers(site):
    made = site("CreateLoadBalancer", Name="sensors", Type="network", Scheme="internal", IpAddressType="ipv4",
                SubnetMappings=[{"SubnetId": site.subnet, "PrivateIPv4Address": "192.0.2.77"}],
                Tags=[{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}])
    balancer, = made["LoadBalancers"]
    digits = balancer["LoadBalancerArn"].rpartition("/")[2]
    assert re.fullmatch(f"{ARN}loadbalancer/net/sensors/[0-9a-f]{{16}}", balancer["LoadBalancerArn"])
    assert {name: value for name, value in balancer.items() if name not in ("LoadBalancerArn", "CreatedTime")} == {
        "LoadBalancerName": "sensors", "Scheme": "internal", "Type": "network", "VpcId": site.vpc, "State": {"Code": "active"},
        "DNSName": f"sensors-{digits}.elb.us-east-1.amazonaws.com", "IpAddressType": "ipv4", "AvailabilityZones": [
            {"ZoneName": site.zone, "SubnetId": site.subnet,
             "LoadBalancerAddresses": [{"PrivateIPv4Address": "192.0.2.77"}]}]}
    gateway, = site("CreateLoadBalancer", Name="wall", Type="gateway", Subnets=[site.subnet])["LoadBalancers"]
    assert re.fullmatch(f"{ARN}loadbalancer/gwy/wall/[0-9a-f]{{16}}", gateway["LoadBalancerArn"])
    assert "Scheme" not in gateway and "DNSName" not in gateway
    site("CreateLoadBalancer", Name="old", Type="network", Subnets=[site.subnet], EnablePrefixForIpv6SourceNat="off")
    everything = site("DescribeLoadBalancers")["LoadBalancers"]
    assert len(everything) == 3 and balancer in everything
    assert site("DescribeLoadBalancers", LoadBalancerArns=[balancer["LoadBalancerArn"]])["LoadBalancers"] == [balancer]
    assert site("DescribeLoadBalancers", Names=["wall", "sensors"])["LoadBalancers"] == [gateway, balancer]
    walked, marker = [], {}
    while marker is not None:
        page = site.unnoted("DescribeLoadBalancers", PageSize=1, **marker)
        walked += page["LoadBalancers"]
        assert len(page["LoadBalancers"]) == 1
        marker = {"Marker": page["NextMarker"]} if "NextMarker" in page else None
    assert walked == everything
    return balancer["LoadBalancerArn"], gateway["LoadBalancerArn"]


def tell_settings(site, balancer, gateway):
    named = {"LoadBalancerArn": balancer}
    before = pairs(site("DescribeLoadBalancerAttributes", **named)["Attributes"])
    assert before[PROTECTION] == before["load_balancing.cross_zone.enabled"] == "false"
    assert before["dns_record.client_routing_policy"] == "any_availability_zone"
    after = pairs(site("ModifyLoadBalancerAttributes", **named, Attributes=[
        {"Key": PROTECTION, "Value": "true"}, {"Key": "load_balancing.cross_zone.enabled", "Value": "true"},
        {"Key": "access_logs.s3.enabled", "Value": "false"}])["Attributes"])
    assert after == {**before, PROTECTION: "true", "load_balancing.cross_zone.enabled": "true"}
    assert pairs(site("DescribeLoadBalancerAttributes", LoadBalancerArn=gateway)["Attributes"]).keys() == {
        PROTECTION, "load_balancing.cross_zone.enabled"}
    zones = site("SetSubnets", **named, IpAddressType="ipv4",
                 SubnetMappings=[{"SubnetId": site.subnet, "PrivateIPv4Address": "192.0.2.77"}])
    assert zones["AvailabilityZones"][0]["SubnetId"] == site.subnet
    site("SetSubnets", **named, Subnets=[site.subnet])
    site("SetSubnets", **named, Subnets=[site.subnet], EnablePrefixForIpv6SourceNat="off")
    assert site("SetIpAddressType", **named, IpAddressType="ipv4") == {"IpAddressType": "ipv4"}
    assert site("SetSecurityGroups", **named, SecurityGroups=[])["SecurityGroupIds"] == []
    site("SetSecurityGroups", **named, SecurityGroups=[], EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic="off")
    assert site("DescribeCapacityReservation", **named) == {"CapacityReservationState": []}
    names = [limit["Name"] for limit in site("DescribeAccountLimits")["Limits"]]
    first = site("DescribeAccountLimits", PageSize=2)
    rest = site("DescribeAccountLimits", PageSize=400, Marker=first["NextMarker"])
    assert [limit["Name"] for limit in first["Limits"] + rest["Limits"]] == names and "NextMarker" not in rest
    assert {"network-load-balancers", "gateway-load-balancers", "target-groups"} <= set(names)


def tell_listeners(site, balancer, gateway):
    udp, both, geneve = site.group("udp"), site.group("both", "TCP_UDP"), site.group("geneve", "GENEVE", 6081)
    listener = site.listener(balancer, udp, Tags=[{"Key": "k", "Value": "v"}])
    arn = listener["ListenerArn"]
    assert re.fullmatch(balancer.replace(":loadbalancer/", ":listener/") + "/[0-9a-f]{16}", arn)
    assert listener == {"ListenerArn": arn, "LoadBalancerArn": balancer, "Port": 4789, "Protocol": "UDP", "DefaultActions": [
        {"Type": "forward", "TargetGroupArn": udp, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": udp}]}}]}
    second = site("CreateListener", LoadBalancerArn=balancer, Protocol="TCP_UDP", Port=4790, MutualAuthentication={"Mode": "off"},
                  DefaultActions=[{"Type": "forward", "Order": 1, "ForwardConfig": {
                      "TargetGroups": [{"TargetGroupArn": both, "Weight": 1}],
                      "TargetGroupStickinessConfig": {"Enabled": False}}}])["Listeners"][0]
    wall = site("CreateListener", LoadBalancerArn=gateway, DefaultActions=forward(geneve))["Listeners"][0]
    assert "Port" not in wall and "Protocol" not in wall
    assert site("DescribeListeners", ListenerArns=[arn])["Listeners"] == [listener]
    found = site("DescribeListeners", LoadBalancerArn=balancer)["Listeners"]
    assert sorted(item["Port"] for item in found) == [4789, 4790]
    page = site.unnoted("DescribeListeners", LoadBalancerArn=balancer, PageSize=1)
    assert page["Listeners"] == found[:1]
    assert site.unnoted("DescribeListeners", LoadBalancerArn=balancer, Marker=page["NextMarker"])["Listeners"] == found[1:]
    changed = site("ModifyListener", ListenerArn=second["ListenerArn"], Port=4791, Protocol="UDP", DefaultActions=forward(udp))
    assert changed["Listeners"][0]["Port"] == 4791 and changed["Listeners"][0]["Protocol"] == "UDP"
    changed = site("ModifyListener", ListenerArn=second["ListenerArn"], MutualAuthentication={"Mode": "off"}, DefaultActions=[
        {"Type": "forward", "Order": 1, "TargetGroupArn": both, "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": both, "Weight": 7}], "TargetGroupStickinessConfig": {"Enabled": False}}}])
    assert changed["Listeners"][0]["DefaultActions"][0]["TargetGroupArn"] == both and str(changed["Listeners"][0]["Port"]) == "4791"
    attributes = {"Attributes": [{"Key": IDLE, "Value": "350"}]}
    assert site("DescribeListenerAttributes", ListenerArn=arn) == attributes
    attributes["Attributes"][0]["Value"] = "6000"
    assert site("ModifyListenerAttributes", ListenerArn=arn, **attributes) == attributes
    assert site("DescribeListenerAttributes", ListenerArn=arn) == attributes
    return arn, second["ListenerArn"], wall["ListenerArn"], udp, geneve


def tell_tags(site, balancer, listener, group):
    assert pairs(site("DescribeTags", ResourceArns=[balancer])["TagDescriptions"][0]["Tags"]) == {"team": "a", "empty": ""}
    site("AddTags", ResourceArns=[balancer, listener, group], Tags=[{"Key": "team", "Value": "b"}, {"Key": "site", "Value": "é"}])
    described = site("DescribeTags", ResourceArns=[listener, balancer])["TagDescriptions"]
    assert [item["ResourceArn"] for item in described] == [listener, balancer]
    assert pairs(described[0]["Tags"]) == {"k": "v", "team": "b", "site": "é"}
    site("RemoveTags", ResourceArns=[balancer, listener, group], TagKeys=["site", "team", "never"])
    assert pairs(site("DescribeTags", ResourceArns=[balancer])["TagDescriptions"][0]["Tags"]) == {"empty": ""}
    assert site("DescribeTags", ResourceArns=[group])["TagDescriptions"] == [{"ResourceArn": group, "Tags": []}]
    assert not any(tag["ResourceId"].startswith("arn:") for tag in site.ec2("DescribeTags")["Tags"])


def tell_refusals(site, balancer, gateway, listener, udp, geneve):
    subnets = {"Subnets": [site.subnet]}
    network = {"Name": "other", "Type": "network", **subnets}
    for code, operation, parameters in [
            # Load balancers.
            ("DuplicateLoadBalancerName", "CreateLoadBalancer", {"Name": "sensors", "Type": "network", **subnets}),
            ("ValidationError", "CreateLoadBalancer", {**network, "Name": "-a"}),
            ("ValidationError", "CreateLoadBalancer", {**network, "Name": "internal-a"}),
            ("ValidationError", "CreateLoadBalancer", {"Name": "other", "Type": "network"}),
            ("ValidationError", "CreateLoadBalancer", {**network, "SubnetMappings": [{"SubnetId": site.subnet}]}),
            ("InvalidConfigurationRequest", "CreateLoadBalancer", {**network, "Type": "application"}),
            ("InvalidConfigurationRequest", "CreateLoadBalancer", {"Name": "other", **subnets}),
            ("InvalidConfigurationRequest", "CreateLoadBalancer", {**network, "Subnets": [site.subnet, site.subnet]}),
            ("SubnetNotFound", "CreateLoadBalancer", {**network, "Subnets": ["subnet-0123456789abcdef0"]}),
            ("InvalidScheme", "CreateLoadBalancer", {**network, "Type": "gateway", "Scheme": "internal"}),
            ("InvalidScheme", "CreateLoadBalancer", {**network, "Scheme": "sideways"}),
            ("InvalidSecurityGroup", "CreateLoadBalancer", {**network, "SecurityGroups": ["sg-0123456789abcdef0"]}),
            ("InvalidSecurityGroup", "SetSecurityGroups", {"LoadBalancerArn": balancer, "SecurityGroups": ["sg-0123456789abcdef0"]}),
            ("ValidationError", "CreateLoadBalancer", {**network, "IpAddressType": "dualstack"}),
            ("ValidationError", "SetIpAddressType", {"LoadBalancerArn": balancer, "IpAddressType": "dualstack"}),
            ("AllocationIdNotFound", "CreateLoadBalancer",
             {"Name": "other", "Type": "network", "SubnetMappings": [{"SubnetId": site.subnet, "AllocationId": "eipalloc-1"}]}),
            ("AllocationIdNotFound", "SetSubnets",
             {"LoadBalancerArn": balancer, "SubnetMappings": [{"SubnetId": site.subnet, "AllocationId": "eipalloc-1"}]}),
            ("InvalidConfigurationRequest", "CreateLoadBalancer",
             {"Name": "other", "Type": "network",
              "SubnetMappings": [{"SubnetId": site.subnet, "PrivateIPv4Address": "192.0.2.78"}]}),
            ("ResourceInUse", "CreateLoadBalancer",
             {"Name": "other", "Type": "network", "Scheme": "internal",
              "SubnetMappings": [{"SubnetId": site.subnet, "PrivateIPv4Address": "192.0.2.77"}]}),
            ("InvalidConfigurationRequest", "SetSubnets",
             {"LoadBalancerArn": balancer,
              "SubnetMappings": [{"SubnetId": site.subnet, "PrivateIPv4Address": "192.0.2.78"}]}),
            ("DuplicateTagKeys", "CreateLoadBalancer",
             {**network, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
            ("TooManyTags", "CreateLoadBalancer",
             {**network, "Tags": [{"Key": str(number), "Value": ""} for number in range(51)]}),
            ("ValidationError", "AddTags", {"ResourceArns": [balancer], "Tags": [{"Key": "aws:a", "Value": ""}]}),
            ("LoadBalancerNotFound", "DescribeLoadBalancers", {"Names": ["nobody"]}),
            ("LoadBalancerNotFound", "DescribeLoadBalancers", {"LoadBalancerArns": [f"{ARN}loadbalancer/net/a/0123456789abcdef"]}),
            ("ValidationError", "DescribeLoadBalancers", {"LoadBalancerArns": ["nonsense"]}),
            ("ValidationError", "DescribeLoadBalancers", {"LoadBalancerArns": [balancer], "PageSize": 5}),
            ("ValidationError", "DescribeLoadBalancers", {"LoadBalancerArns": [balancer], "Names": ["sensors"]}),
            ("ValidationError", "DescribeLoadBalancers", {"PageSize": 401}),
            ("ValidationError", "DescribeLoadBalancers", {"Marker": "nonsense"}),
            ("ValidationError", "DescribeAccountLimits", {"Marker": "nonsense"}),
            ("OperationNotPermitted", "DeleteLoadBalancer", {"LoadBalancerArn": balancer}),
            ("ValidationError", "DeleteLoadBalancer", {"LoadBalancerArn": listener}),
            ("ValidationError", "ModifyLoadBalancerAttributes",
             {"LoadBalancerArn": balancer, "Attributes": [{"Key": "routing.http2.enabled", "Value": "true"}]}),
            ("InvalidConfigurationRequest", "ModifyLoadBalancerAttributes",
             {"LoadBalancerArn": gateway, "Attributes": [{"Key": "access_logs.s3.enabled", "Value": "false"}]}),
            ("InvalidConfigurationRequest", "ModifyLoadBalancerAttributes",
             {"LoadBalancerArn": balancer, "Attributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}]}),
            # Listeners.
            ("DuplicateListener", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "TCP_UDP", "Port": 4789, "DefaultActions": forward(site.group("more", "TCP_UDP"))}),
            ("UnsupportedProtocol", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "TCP", "Port": 80, "DefaultActions": forward(udp)}),
            ("IncompatibleProtocols", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "TCP_UDP", "Port": 80, "DefaultActions": forward(udp)}),
            ("IncompatibleProtocols", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80, "DefaultActions": forward(geneve)}),
            ("IncompatibleProtocols", "CreateListener", {"LoadBalancerArn": gateway, "DefaultActions": forward(udp)}),
            ("DuplicateListener", "CreateListener",
             {"LoadBalancerArn": gateway, "DefaultActions": forward(site.group("geneve2", "GENEVE", 6081))}),
            ("InvalidConfigurationRequest", "CreateListener",
             {"LoadBalancerArn": gateway, "Protocol": "UDP", "Port": 6081, "DefaultActions": forward(geneve)}),
            ("TargetGroupAssociationLimit", "CreateListener",
             {"LoadBalancerArn": site.balancer("third")["LoadBalancerArn"], "Protocol": "UDP", "Port": 4789,
              "DefaultActions": forward(udp)}),
            ("TargetGroupNotFound", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80,
              "DefaultActions": forward(f"{ARN}targetgroup/nobody/0123456789abcdef")}),
            ("ValidationError", "CreateListener", {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80, "DefaultActions": []}),
            ("ValidationError", "CreateListener", {"LoadBalancerArn": balancer, "Port": 80, "DefaultActions": forward(udp)}),
            ("ValidationError", "CreateListener", {"LoadBalancerArn": balancer, "Protocol": "UDP", "DefaultActions": forward(udp)}),
            ("ValidationError", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80, "DefaultActions": [{"Type": "redirect"}]}),
            ("InvalidConfigurationRequest", "CreateListener",
             {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80, "DefaultActions": [
                 {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": udp}, {"TargetGroupArn": geneve}]}}]}),
            *((("InvalidConfigurationRequest", operation, {**named, **tls}))
              for operation, named in (("CreateListener", {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 80,
                                                           "DefaultActions": forward(udp)}),
                                       ("ModifyListener", {"ListenerArn": listener}))
              for tls in ({"SslPolicy": "x"}, {"Certificates": [{"CertificateArn": "arn:x"}]}, {"AlpnPolicy": ["None"]})),
            ("ListenerNotFound", "ModifyListener", {"ListenerArn": f"{listener[:-16]}0123456789abcdef", "Port": 1}),
            ("DuplicateListener", "ModifyListener", {"ListenerArn": listener, "Port": 4791}),
            ("ValidationError", "DescribeListeners", {}),
            ("ValidationError", "DescribeListeners", {"LoadBalancerArn": balancer, "ListenerArns": [listener]}),
            ("ValidationError", "ModifyListenerAttributes",
             {"ListenerArn": listener, "Attributes": [{"Key": IDLE, "Value": "59"}]}),
            ("ListenerNotFound", "DeleteListener", {"ListenerArn": f"{listener[:-16]}0123456789abcdef"})]:
        site.refused(code, operation, **parameters)


def tell_the_end(site, balancer, gateway, listeners):
    site("ModifyLoadBalancerAttributes", LoadBalancerArn=balancer, Attributes=[{"Key": PROTECTION, "Value": "false"}])
    assert site("DeleteListener", ListenerArn=listeners[1]) == {}
    site.refused("ListenerNotFound", "DescribeListeners", ListenerArns=[listeners[1]])
    for arn in (balancer, gateway, balancer):
        assert site("DeleteLoadBalancer", LoadBalancerArn=arn) == {}
    site.refused("LoadBalancerNotFound", "DescribeLoadBalancers", LoadBalancerArns=[balancer])
    site.refused("ListenerNotFound", "DescribeListeners", ListenerArns=[listeners[0]])
    site.refused("LoadBalancerNotFound", "DescribeTags", ResourceArns=[balancer])


@pytest.fixture(scope="module")
def stories():
    """What each client has seen, by its name."""
    return {}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_whole_story(controller_with, tmp_path, stories, name):
    controller = controller_with("--plain-http", "--account", "123456789012")
    with Proxy(controller.url) as proxy:
        client = CLIENTS[name](controller.administrator, proxy.url, tmp_path)
        site = Site(controller, client, proxy)
        balancer, gateway = tell_balancers(site)
        tell_settings(site, balancer, gateway)
        *listeners, udp, geneve = tell_listeners(site, balancer, gateway)
        tell_tags(site, balancer, listeners[0], udp)
        tell_refusals(site, balancer, gateway, listeners[0], udp, geneve)
        tell_the_end(site, balancer, gateway, listeners)
        client.close()
    missing = [(action, parameter) for action, parameters in served().items() for parameter in parameters
               if not any(exchange.action == action and parameter.rstrip("*") in exchange.parameters and
                          (exchange.status == 200 or exchange.code == REFUSED_HERE.get(parameter)) for exchange in proxy.seen)]
    assert missing == []
    assert served().keys() <= {exchange.action for exchange in proxy.seen if exchange.status == 200}
    stories[name] = site.answers


@pytest.mark.parametrize("name", ["aws", "javascript"])
def test_all_see_the_same(stories, name):
    """What boto3 has seen, the others have, too; ids, times and markers apart, and members that are younger than its model."""
    known = {repr(answer[:2]) for answer in stories["boto3"]}
    told = [answer for answer in stories[name] if repr(answer[:2]) in known]
    ours = {repr(answer[:2]) for answer in told}
    expected = [answer for answer in stories["boto3"] if repr(answer[:2]) in ours]
    assert len(told) > 28
    for (operation, parameters, theirs), seen in zip(expected, told, strict=True):
        answer = Boto3.known_part("elbv2", operation, seen[2])
        assert anonymous((seen[0], seen[1], answer)) == anonymous((operation, parameters, theirs))


def anonymous(value):
    if isinstance(value, dict):
        return {name: anonymous(item) for name, item in value.items() if name not in ("CreatedTime", "NextMarker")}
    if isinstance(value, (list, tuple)):
        return sorted((anonymous(item) for item in value), key=repr)
    return re.sub(r"[0-9a-f]{16,17}", "…", value) if isinstance(value, str) else value


# --- One by one ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arn, code", [
    (f"{ARN}loadbalancer/net/a/0123456789abcdef", "LoadBalancerNotFound"),
    (f"{ARN}listener/net/a/0123456789abcdef/0123456789abcdef", "ListenerNotFound"),
    (f"{ARN}targetgroup/a/0123456789abcdef", "TargetGroupNotFound"),
    ("tmt-0123456789abcdef0", "ValidationError"),
])
def test_tags_of_what_is_not_there(site, arn, code):
    for operation, parameters in (("AddTags", {"Tags": [{"Key": "k", "Value": "v"}]}), ("RemoveTags", {"TagKeys": ["k"]}),
                                  ("DescribeTags", {})):
        assert arn in site.refused(code, operation, ResourceArns=[arn], **parameters)


def test_create_again(site):
    """The same settings give the same load balancer and the same listener; others are in the way."""
    first = site.balancer(Tags=[{"Key": "k", "Value": "v"}])
    assert site.balancer(Tags=[{"Key": "k", "Value": "v"}]) == site.balancer() == first
    site("AddTags", ResourceArns=[first["LoadBalancerArn"]], Tags=[{"Key": "later", "Value": ""}])
    assert site.balancer() == first
    for change in ({"Scheme": "internal"}, {"Tags": [{"Key": "k", "Value": "w"}]}):
        site.refused("DuplicateLoadBalancerName", "CreateLoadBalancer", Name="sensors", Type="network", Subnets=[site.subnet], **change)
    assert site.balancer(Type="gateway")["LoadBalancerArn"] != first["LoadBalancerArn"]
    assert len(site("DescribeLoadBalancers", Names=["sensors"])["LoadBalancers"]) == 2
    group = site.group()
    listener = site.listener(first["LoadBalancerArn"], group)
    assert site.listener(first["LoadBalancerArn"], group) == listener
    assert site("DescribeListeners", LoadBalancerArn=first["LoadBalancerArn"])["Listeners"] == [listener]


def test_tags_are_settings_of_listeners(site):
    """Whoever asks for a listener once more finds the tags that he asks for, or is told."""
    balancer, group = site.balancer()["LoadBalancerArn"], site.group()
    wish = {"LoadBalancerArn": balancer, "Protocol": "UDP", "Port": 4789, "DefaultActions": forward(group)}
    made = site("CreateListener", **wish, Tags=[{"Key": "k", "Value": "v"}])
    assert site("CreateListener", **wish, Tags=[{"Key": "k", "Value": "v"}]) == site("CreateListener", **wish) == made
    for tags in ({"Key": "k", "Value": "w"}, {"Key": "l", "Value": "v"}):
        site.refused("DuplicateListener", "CreateListener", **wish, Tags=[tags])


def test_lists_are_bounded_and_folded(site):
    """Before anything of them is looked up; what is named twice is shown, or deleted, once."""
    balancer, group = site.balancer()["LoadBalancerArn"], site.group()
    found = site("DescribeLoadBalancers", Names=["sensors"] * 1000)["LoadBalancers"]
    assert [item["LoadBalancerArn"] for item in found] == [balancer]
    words = "more than the possible 1000 elements"
    assert words in site.refused("ValidationError", "DescribeLoadBalancers", Names=["sensors"] * 1001)
    many = [{"Id": f"10.0.{number >> 8}.{number & 255}"} for number in range(1, 1002)]
    for operation in ("RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"):
        assert words in site.refused("ValidationError", operation, TargetGroupArn=group, Targets=many)
    site("RegisterTargets", TargetGroupArn=group, Targets=many[:1000])
    twice = site("DescribeTargetHealth", TargetGroupArn=group, Targets=[many[0], many[1], many[0], {**many[1], "Port": 4789}])
    assert [item["Target"]["Id"] for item in twice["TargetHealthDescriptions"]] == ["10.0.0.1", "10.0.0.2"]
    # Of 21 ARNs, none is looked for.
    missing = [f"{ARN}loadbalancer/net/a/{number:016x}" for number in range(21)]
    assert "20 elements" in site.refused("ValidationError", "AddTags", ResourceArns=missing, Tags=[{"Key": "k", "Value": "v"}])
    assert "20 elements" in site.refused("ValidationError", "DescribeTags", ResourceArns=missing)
    ids = [f"vpce-{number:017x}" for number in range(1001)]
    ec2 = site.controller.client("ec2")
    gone = ec2.delete_vpc_endpoints(VpcEndpointIds=ids[:2] * 500)["Unsuccessful"]
    assert [item["ResourceId"] for item in gone] == ids[:2]
    with pytest.raises(ec2.exceptions.ClientError, match=words):
        ec2.delete_vpc_endpoints(VpcEndpointIds=ids)


def test_the_interface_of_a_load_balancer(site):
    """It shows itself as AWS's does, with an address that nobody else has; it mirrors nothing, and goes with its owner."""
    balancer = site.balancer()
    site.balancer("second")
    path = balancer["LoadBalancerArn"].split(":loadbalancer/")[1]
    nic, = site.interfaces(description=f"ELB {path}", attachment__instance_owner_id="amazon-elb")
    assert (nic["InterfaceType"], nic["RequesterManaged"], nic["Status"]) == ("network_load_balancer", True, "in-use")
    other, = site.interfaces(description="ELB net/second/*")
    assert nic["PrivateIpAddress"] != other["PrivateIpAddress"]
    assert all(item["PrivateIpAddress"].startswith(("198.18.", "198.19.")) for item in (nic, other))
    assert len(site.interfaces(interface_type="network_load_balancer", requester_managed="true")) == 2
    gateway = site.balancer(Type="gateway")["LoadBalancerArn"]
    wall, = site.interfaces(interface_type="gateway_load_balancer")
    assert wall["Description"] == f"ELB {gateway.split(':loadbalancer/')[1]}" and wall["RequesterManaged"]
    site("DeleteLoadBalancer", LoadBalancerArn=gateway)
    assert site.interfaces(interface_type="gateway_load_balancer") == []
    named = {"NetworkInterfaceId": nic["NetworkInterfaceId"]}
    for code, operation, parameters in [
            ("OperationNotPermitted", "DeleteNetworkInterface", named),
            ("OperationNotPermitted", "ModifyNetworkInterfaceAttribute", {**named, "Description": {"Value": "mine"}}),
            ("NetworkInterfaceNotSupported", "CreateTrafficMirrorTarget", named)]:
        with pytest.raises(Refused) as caught:
            site.ec2(operation, **parameters)
        assert caught.value.code == code, caught.value
    target = site.ec2("CreateTrafficMirrorTarget", NetworkLoadBalancerArn=balancer["LoadBalancerArn"])["TrafficMirrorTarget"]
    rules = site.ec2("CreateTrafficMirrorFilter")["TrafficMirrorFilter"]
    with pytest.raises(Refused) as caught:
        site.ec2("CreateTrafficMirrorSession", **named, TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
                 TrafficMirrorFilterId=rules["TrafficMirrorFilterId"], SessionNumber=1)
    assert caught.value.code == "NetworkInterfaceNotSupported"
    site("DeleteLoadBalancer", LoadBalancerArn=balancer["LoadBalancerArn"])
    assert site.interfaces(description=f"ELB {path}") == [] and len(site.interfaces()) == 1


def test_a_change_of_a_listener_is_a_new_plan(site):
    """For the hosts that send to its load balancer, and for nobody else."""
    controller = site.controller
    for host in ("web-1", "web-2"):
        assert controller.report(host, [("tap0", "guest", [])]).status_code == 204
    balancer = site.balancer()["LoadBalancerArn"]
    target = site.ec2("CreateTrafficMirrorTarget", NetworkLoadBalancerArn=balancer)["TrafficMirrorTarget"]
    rules = site.ec2("CreateTrafficMirrorFilter")["TrafficMirrorFilter"]
    nic, = site.ec2("DescribeNetworkInterfaces", Filters=[
        {"Name": "tag:tmirror:host", "Values": ["web-1"]}])["NetworkInterfaces"]
    site.ec2("CreateTrafficMirrorSession", NetworkInterfaceId=nic["NetworkInterfaceId"], SessionNumber=1,
             TrafficMirrorTargetId=target["TrafficMirrorTargetId"], TrafficMirrorFilterId=rules["TrafficMirrorFilterId"])

    def revisions():
        return [controller.plan(host).json()["revision"] for host in ("web-1", "web-2")]

    def changes(operation, **parameters):
        before = revisions()
        answer = site(operation, **parameters)
        after = revisions()
        assert after[0] > before[0] and after[1] == before[1], operation
        return answer

    group, other = site.group(), site.group("other")
    listener = changes("CreateListener", LoadBalancerArn=balancer, Protocol="UDP", Port=4789, DefaultActions=forward(group))
    named = {"ListenerArn": listener["Listeners"][0]["ListenerArn"]}
    assert [fleet["id"] for fleet in controller.plan("web-1").json()["fleets"]] == [group]
    changes("ModifyListener", **named, DefaultActions=forward(other))
    assert [fleet["id"] for fleet in controller.plan("web-1").json()["fleets"]] == [other]
    changes("ModifyListenerAttributes", **named, Attributes=[{"Key": IDLE, "Value": "60"}])
    assert controller.plan("web-1").json()["fleets"][0]["tcp_idle"] == 60
    changes("DeleteListener", **named)
    assert controller.plan("web-1").json().get("fleets", []) == []
    changes("DeleteLoadBalancer", LoadBalancerArn=balancer)


def test_quotas(site):
    """As many as the account may have."""
    for name, value in (("network-load-balancers", 1), ("gateway-load-balancers", 0), ("listeners-per-load-balancer", 1)):
        assert site.controller.query("ModifyTrafficMirrorQuota", Name=name, Value=value).status_code == 200
    balancer = site.balancer()["LoadBalancerArn"]
    site.refused("TooManyLoadBalancers", "CreateLoadBalancer", Name="second", Type="network", Subnets=[site.subnet])
    site.refused("TooManyLoadBalancers", "CreateLoadBalancer", Name="wall", Type="gateway", Subnets=[site.subnet])
    group = site.group()
    site.listener(balancer, group)
    site.refused("TooManyListeners", "CreateListener", LoadBalancerArn=balancer, Protocol="UDP", Port=4790,
                 DefaultActions=forward(group))
    limits = {limit["Name"]: limit["Max"] for limit in site("DescribeAccountLimits")["Limits"]}
    assert (limits["network-load-balancers"], limits["gateway-load-balancers"]) == ("1", "0")


def test_waiters(site, tmp_path):
    """Of boto3 and of the AWS CLI; a load balancer is there at once, and so it is gone."""
    client = site.client.clients["elbv2"]
    arn = site.balancer()["LoadBalancerArn"]
    group = site.group()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **site.controller.administrator}

    def wait(what, *words, **parameters):
        """All of them at the first look, for another comes after a quarter of a minute."""
        client.get_waiter(what.replace("-", "_")).wait(WaiterConfig={"MaxAttempts": 1}, **parameters)
        done = subprocess.run(["aws", "elbv2", "wait", what, *words, "--endpoint-url", site.controller.url], env=environment,
                              capture_output=True, text=True, timeout=14)
        assert (done.returncode, done.stderr) == (0, ""), done

    named = {"LoadBalancerArns": [arn]}
    wait("load-balancer-available", "--load-balancer-arns", arn, **named)
    wait("load-balancer-exists", "--load-balancer-arns", arn, **named)
    # In service is tested with hosts that say so (test_groups.py); here nobody does.
    target = {"TargetGroupArn": group, "Targets": [{"Id": "10.0.0.1"}]}
    site("RegisterTargets", **target)
    with pytest.raises(botocore.exceptions.WaiterError, match="Max attempts exceeded"):
        client.get_waiter("target_in_service").wait(WaiterConfig={"MaxAttempts": 1}, **target)
    site("DeregisterTargets", **target)
    wait("target-deregistered", "--target-group-arn", group, "--targets", "Id=10.0.0.1", **target)
    with pytest.raises(botocore.exceptions.WaiterError, match="Max attempts exceeded"):
        client.get_waiter("load_balancers_deleted").wait(WaiterConfig={"MaxAttempts": 1}, **named)
    client.delete_load_balancer(LoadBalancerArn=arn)
    wait("load-balancers-deleted", "--load-balancer-arns", arn, **named)


def test_permissions(site):
    """By ARN, by tags, and for tags that come with what is made."""
    people = People(site.controller)
    allow = {"Effect": "Allow", "Resource": "*"}
    keys = people.user(
        "operator", {**allow, "Action": ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:Describe*"]},
        {**allow, "Action": "elasticloadbalancing:AddTags",
         "Condition": {"StringEquals": {"elasticloadbalancing:CreateAction": "CreateLoadBalancer"}}},
        {**allow, "Action": "elasticloadbalancing:*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
        {"Effect": "Deny", "Action": "*", "Resource": f"{ARN}loadbalancer/gwy/*"},
        {"Effect": "Deny", "Action": "elasticloadbalancing:RemoveTags", "Resource": "*",
         "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}})
    operator = Boto3(keys, site.controller.url, None)

    def refused(operation, **parameters):
        with pytest.raises(Refused) as caught:
            operator.call("elbv2", operation, **parameters)
        assert caught.value.code == "AccessDenied", caught.value
        return caught.value.message

    named = {"Type": "network", "Subnets": [site.subnet]}
    own = operator.call("elbv2", "CreateLoadBalancer", Name="own", Tags=[{"Key": "team", "Value": "a"}], **named)
    own = own["LoadBalancers"][0]["LoadBalancerArn"]
    others = site.balancer("others")["LoadBalancerArn"]
    assert f"{ARN}loadbalancer/gwy/wall/*" in refused("CreateLoadBalancer", Name="wall", Type="gateway", Subnets=[site.subnet])
    assert others in refused("DeleteLoadBalancer", LoadBalancerArn=others)
    assert others in refused("AddTags", ResourceArns=[own, others], Tags=[{"Key": "team", "Value": "a"}])
    refused("RemoveTags", ResourceArns=[own], TagKeys=["k", "team"])
    operator.call("elbv2", "RemoveTags", ResourceArns=[own], TagKeys=["k"])
    group = site.group()
    listener = operator.call("elbv2", "CreateListener", LoadBalancerArn=own, Protocol="UDP", Port=4789,
                             DefaultActions=forward(group))["Listeners"][0]["ListenerArn"]
    assert "/net/own/" in refused("CreateListener", LoadBalancerArn=own, Protocol="UDP", Port=4790, DefaultActions=forward(group),
                                  Tags=[{"Key": "k", "Value": "v"}])
    assert listener in refused("DeleteListener", ListenerArn=listener)
    operator.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=own)


# --- Terraform -------------------------------------------------------------------------------------------------------

def test_terraform(site):
    """The calls of its provider for aws_lb and aws_lb_listener: create, read, update, delete."""
    site.client.call("ec2", "DescribeSubnets", SubnetIds=[site.subnet])
    made = site.balancer("tf-lb", Scheme="internal", SubnetMappings=[{"SubnetId": site.subnet}], Subnets=[],
                         Tags=[{"Key": "Name", "Value": "tf"}])
    named = {"LoadBalancerArn": made["LoadBalancerArn"]}

    def read():
        seen = site("DescribeLoadBalancers", LoadBalancerArns=[made["LoadBalancerArn"]])["LoadBalancers"][0]
        assert seen["State"]["Code"] == "active"
        attributes = pairs(site("DescribeLoadBalancerAttributes", **named)["Attributes"])
        site("DescribeCapacityReservation", **named)
        tags = site("DescribeTags", ResourceArns=[made["LoadBalancerArn"]])["TagDescriptions"][0]["Tags"]
        return seen, attributes, pairs(tags)

    site("ModifyLoadBalancerAttributes", **named, Attributes=[
        {"Key": "access_logs.s3.enabled", "Value": "false"}, {"Key": PROTECTION, "Value": "false"},
        {"Key": "load_balancing.cross_zone.enabled", "Value": "true"},
        {"Key": "dns_record.client_routing_policy", "Value": "any_availability_zone"},
        {"Key": "zonal_shift.config.enabled", "Value": "false"}])
    seen, attributes, tags = read()
    assert seen["AvailabilityZones"] == [{"ZoneName": site.zone, "SubnetId": site.subnet, "LoadBalancerAddresses": []}]
    assert attributes["load_balancing.cross_zone.enabled"] == "true" and tags == {"Name": "tf"}
    # What it cannot set it leaves out and tries again, if the message says so in these words.
    message = site.refused("ValidationError", "ModifyLoadBalancerAttributes", **named,
                           Attributes=[{"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"}])
    assert re.search(r"attribute key ('|\")?([^'\" ]+)('|\")? is not (recognized|supported)", message)
    listener = site.listener(made["LoadBalancerArn"], site.group(), Tags=[{"Key": "Name", "Value": "tf"}])
    arn = {"ListenerArn": listener["ListenerArn"]}
    assert site("DescribeListeners", ListenerArns=[listener["ListenerArn"]])["Listeners"] == [listener]
    assert pairs(site("DescribeListenerAttributes", **arn)["Attributes"]) == {IDLE: "350"}
    site("ModifyListener", **arn, Port=4790, Protocol="UDP", DefaultActions=forward(site.group("second")))
    site("AddTags", ResourceArns=[listener["ListenerArn"]], Tags=[{"Key": "Name", "Value": "new"}])
    site("DeleteListener", **arn)
    site.refused("ListenerNotFound", "DescribeListeners", ListenerArns=[listener["ListenerArn"]])
    site("DeleteLoadBalancer", **named)
    site.refused("LoadBalancerNotFound", "DescribeLoadBalancers", LoadBalancerArns=[made["LoadBalancerArn"]])
    path = made["LoadBalancerArn"].split(":loadbalancer/")[1]
    for owner in ("amazon-elb", "amazon-aws"):
        assert site.interfaces(attachment__instance_owner_id=owner, description=f"ELB {path}") == []
