"""Every action with every parameter and every refusal, by AWS's three clients, which must see the same.

    boto3, aws, javascript ──▶ Proxy (takes notes) ──▶ controller

One story makes, changes, finds and deletes an object of every kind, and each client tells it to a controller of its own.
Afterwards the notes are held against "tmirror-controller --list-actions": an action or a parameter that nobody has sent
with success fails the test.  What no client knows (it is not AWS's) is sent as a signed query instead.  Load balancing has
a story of its own: test_elb.py.
"""
import datetime
import json
import re
import time
import subprocess
import urllib.parse

import pytest

from clients import CLIENTS, Boto3, Refused
from controller import PROGRAM, element
from endpoints_story import tell_endpoints
from proxy import Proxy

pytestmark = pytest.mark.xdist_group("conformance")  # What one client saw is held against what others saw.

#: Parameters that can only be refused here, since nothing is there that they could name; and with which code.
REFUSED_HERE = {
    ("CreateNetworkInterface", "SecurityGroupId.N"): "InvalidGroup.NotFound",
    ("ModifyNetworkInterfaceAttribute", "SecurityGroupId.N"): "InvalidGroup.NotFound",
    ("CreateVpcEndpoint", "SecurityGroupId.N"): "InvalidGroup.NotFound",
    # There is one of each, so no page but the first, and no token is the right one.
    ("DescribeVpcs", "NextToken"): "InvalidPaginationToken",
    ("DescribeSubnets", "NextToken"): "InvalidPaginationToken",
    ("DescribePrefixLists", "NextToken"): "InvalidPaginationToken",
    # A host can be forgotten after a minute of silence; control/host_test.c has a clock for that.
    ("DeleteTrafficMirrorHost", "HostName*"): "TrafficMirrorHostInUse",
    ("DeleteTrafficMirrorHost", "DryRun"): "TrafficMirrorHostInUse",
    ("DescribePrefixLists", "PrefixListId.N"): "InvalidPrefixListID.NotFound",
    ("LookupEvents", "EventCategory"): "InvalidEventCategoryException",
}
STATUS = {"DryRunOperation": 412, "NoSuchEntity": 404, "EntityAlreadyExists": 409, "DeleteConflict": 409, "LimitExceeded": 409,
          "AccessDenied": 403}
VERSIONS = {"ec2": "2016-11-15", "sts": "2011-06-15", "iam": "2010-05-08", "cloudtrail": "2013-11-01"}
#: What differs from one controller to the next: ids, keys, the ends of ARNs, and addresses that were picked.
ID = re.compile(r"(?<=[a-z]-)[0-9a-f]{17}|A[A-Z]{3}[A-Z2-7]{16,17}|(?<=/)[0-9a-f]{16}|198[.-]1[89][.-]\d+[.-]\d+")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def served():
    """Parameters by service and action, as the controller lists them."""
    lines = subprocess.run([PROGRAM, "--list-actions"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {(words[0], words[1]): words[2:] for words in map(str.split, lines)}


class Teller:
    """Tells the story through one client, and by queries what that client does not know."""

    def __init__(self, controller, client, proxy):
        self.controller, self.client, self.proxy = controller, client, proxy
        self.answers, self.dry = [], set()

    def knows(self, operation, parameters):
        return self.client.knows("ec2", operation, parameters)

    def call(self, operation, service="ec2", **parameters):
        """The answer.  The first call of each action of EC2 is made dry before."""
        if service == "ec2" and operation not in self.dry and self.knows(operation, {**parameters, "DryRun": True}):
            self.dry.add(operation)
            self.refused("DryRunOperation", operation, **parameters, DryRun=True)
        answer = self.client.call(service, operation, **parameters)
        self.answers.append((service, operation, sorted(parameters), answer))
        return answer

    def pages(self, operation, field, **parameters):
        """All of a list, by pages of five; what lies on which page is a matter of random ids, so the whole is noted."""
        items, token = [], {}
        while True:
            page = self.call(operation, MaxResults=5, **parameters, **token)
            self.answers.pop()
            items += page[field]
            assert len(page[field]) <= 5
            if "NextToken" not in page:
                self.answers.append(("ec2", operation, sorted(["pages", *parameters]), {field: items}))
                return items
            token = {"NextToken": page["NextToken"]}

    def lists(self, operation, field, *expected, **parameters):
        """IAM's way of pages, one element on each."""
        items, marker = [], {}
        while True:
            page = self.call(operation, "iam", MaxItems=1, **parameters, **marker)
            items += page[field]
            assert len(page[field]) <= 1 and page["IsTruncated"] == ("Marker" in page)
            if not page["IsTruncated"]:
                break
            marker = {"Marker": page["Marker"]}
        names = [item if isinstance(item, str) else item.get("UserName") or item.get("RoleName") for item in items]
        assert names == list(expected)

    def refused(self, code, operation, service="ec2", **parameters):
        """Of a refusal all clients see the same code and message; the status is the proxy's note."""
        with pytest.raises(Refused) as caught:
            self.client.call(service, operation, **parameters)
        assert caught.value.code == code, (operation, parameters, caught.value)
        assert caught.value.message
        seen = self.proxy.seen[-1]
        assert (seen.action, seen.code) == (operation, code)
        assert seen.status == STATUS.get(code, 400)
        return caught.value.message

    def query(self, action, service="ec2", **fields):
        """By wire names; '__' stands for a dot."""
        fields = {name.replace("__", "."): value for name, value in fields.items()}
        if action not in self.dry and "DryRun" in served()[service, action]:
            self.dry.add(action)
            assert self.send(action, {**fields, "DryRun": "true"}).status_code == 412
        answer = self.send(action, fields, service)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, action, fields, service="ec2"):
        keys = {**self.controller.administrator, "AWS_ENDPOINT_URL": self.proxy.url}
        body = urllib.parse.urlencode({"Action": action, "Version": VERSIONS[service], **fields}).encode()
        return self.controller.request("POST", "/", body, keys=keys, service=service,
                                       headers={"Content-Type": "application/x-www-form-urlencoded"})

    def covers(self, action, parameter):
        """Whether the controller took it, or refused it for the reason known."""
        return any(exchange.action == action and parameter.rstrip("*") in exchange.parameters and
                   (exchange.status in (200, 412) or exchange.code == REFUSED_HERE.get((action, parameter)))
                   for exchange in self.proxy.seen)


def tags(kind, **pairs):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


def tell(teller):
    """The story, up to the point where everything is there; returns the ids."""
    call = teller.call
    ids = tell_surroundings(teller) | tell_interfaces(teller)
    ids |= tell_filters(teller) | tell_rules_and_targets(teller, ids)
    assert call("DescribeTrafficMirrorTargets", TrafficMirrorTargetIds=[ids["target"]])["TrafficMirrorTargets"][0]["Type"] == \
        "network-interface"
    return ids


def tell_surroundings(teller):
    call = teller.call
    vpc, = call("DescribeVpcs")["Vpcs"]
    assert call("DescribeVpcs", VpcIds=[vpc["VpcId"]])["Vpcs"] == [vpc]
    assert teller.pages("DescribeVpcs", "Vpcs", Filters=[{"Name": "state", "Values": ["available", "pending"]}]) == [vpc]
    subnet, = call("DescribeSubnets")["Subnets"]
    assert call("DescribeSubnets", SubnetIds=[subnet["SubnetId"]])["Subnets"] == [subnet]
    assert teller.pages("DescribeSubnets", "Subnets", Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]) == [subnet]
    region, = call("DescribeRegions")["Regions"]
    named = {"RegionNames": ["us-east-1"], "AllRegions": True, "Filters": [{"Name": "region-name", "Values": ["us-*"]}]}
    assert call("DescribeRegions", **named)["Regions"] == [region]
    zone, = call("DescribeAvailabilityZones")["AvailabilityZones"]
    named = {"ZoneNames": [zone["ZoneName"]], "AllAvailabilityZones": True,
             "Filters": [{"Name": "zone-name", "Values": ["us-east-1?"]}]}
    assert call("DescribeAvailabilityZones", **named)["AvailabilityZones"] == [zone]
    assert call("DescribeAvailabilityZones", ZoneIds=[zone["ZoneId"]])["AvailabilityZones"] == [zone]
    attribute, = call("DescribeAccountAttributes", AttributeNames=["default-vpc"])["AccountAttributes"]
    assert attribute["AttributeValues"] == [{"AttributeValue": vpc["VpcId"]}]
    # There are no prefix lists.
    assert teller.pages("DescribePrefixLists", "PrefixLists", Filters=[{"Name": "prefix-list-name", "Values": ["com.*"]}]) == []
    teller.refused("InvalidPrefixListID.NotFound", "DescribePrefixLists", PrefixListIds=["pl-12345678"])
    return {"vpc": vpc["VpcId"], "subnet": subnet["SubnetId"]}


def tell_interfaces(teller):
    call = teller.call
    nics = teller.pages("DescribeNetworkInterfaces", "NetworkInterfaces",
                 Filters=[{"Name": "tag:tmirror:host", "Values": ["web-*"]}])
    devices = {tag["Value"]: nic["NetworkInterfaceId"] for nic in nics for tag in nic["TagSet"] if tag["Key"] == "Name"}
    one, = call("DescribeNetworkInterfaces", NetworkInterfaceIds=[devices["tap0"]])["NetworkInterfaces"]
    assert one["Attachment"]["Status"] == "attached" and one["Attachment"]["DeviceIndex"] == 0
    instances = teller.pages("DescribeInstances", "Reservations")
    host, = [item for item in instances if item["Instances"][0].get("PrivateIpAddress") == "10.0.0.1"]
    assert call("DescribeInstances", InstanceIds=[host["Instances"][0]["InstanceId"]])["Reservations"] == [host]
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    assert len(call("DescribeInstances", Filters=running)["Reservations"]) == len(instances) == 8
    subnet = one["SubnetId"]
    made = call("CreateNetworkInterface", SubnetId=subnet, PrivateIpAddress="192.0.2.9", Description="é & <ü>",
                Ipv6Addresses=[{"Ipv6Address": "2001:db8::9"}], SecondaryPrivateIpAddressCount=0, InterfaceType="interface",
                TagSpecifications=tags("network-interface", Name="ids"), ClientToken="nic-1")
    appliance = made["NetworkInterface"]
    assert (appliance["Status"], appliance["Description"], made["ClientToken"]) == ("available", "é & <ü>", "nic-1")
    assert appliance["TagSet"] == [{"Key": "Name", "Value": "ids"}]
    second = call("CreateNetworkInterface", SubnetId=subnet, Ipv6AddressCount=0, ClientToken="nic-2", PrivateIpAddresses=[
        {"PrivateIpAddress": "192.0.2.11", "Primary": False}, {"PrivateIpAddress": "192.0.2.10", "Primary": True}])
    assert second["NetworkInterface"]["PrivateIpAddress"] == "192.0.2.10"
    change = {"NetworkInterfaceId": second["NetworkInterface"]["NetworkInterfaceId"]}
    assert call("ModifyNetworkInterfaceAttribute", **change, Description={"Value": "second"}) == {}
    assert call("ModifyNetworkInterfaceAttribute", **change, SourceDestCheck={"Value": True}) == {}
    teller.query("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=devices["tap0"], Orientation="guest")
    found = call("DescribeNetworkInterfaces", Filters=[{"Name": "description", "Values": ["second"]}])["NetworkInterfaces"]
    assert [nic["PrivateIpAddress"] for nic in found] == ["192.0.2.10"]
    return {**devices, "appliance": appliance["NetworkInterfaceId"], "second": change["NetworkInterfaceId"]}


def tell_filters(teller):
    call = teller.call
    made = call("CreateTrafficMirrorFilter", Description="web", TagSpecifications=tags("traffic-mirror-filter", team="a", empty=""),
                ClientToken="filter-1")
    identity = made["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    assert made == {"ClientToken": "filter-1", "TrafficMirrorFilter": {
        "TrafficMirrorFilterId": identity, "IngressFilterRules": [], "EgressFilterRules": [], "NetworkServices": [],
        "Description": "web", "Tags": [{"Key": "empty", "Value": ""}, {"Key": "team", "Value": "a"}]}}
    service = {"TrafficMirrorFilterId": identity}
    changed = call("ModifyTrafficMirrorFilterNetworkServices", **service, AddNetworkServices=["amazon-dns"])
    assert changed["TrafficMirrorFilter"]["NetworkServices"] == ["amazon-dns"]
    changed = call("ModifyTrafficMirrorFilterNetworkServices", **service, RemoveNetworkServices=["amazon-dns"])
    assert changed["TrafficMirrorFilter"]["NetworkServices"] == []
    for number in range(6):
        call("CreateTrafficMirrorFilter", Description=f"spare {number}", ClientToken=f"spare-{number}")
    found = teller.pages("DescribeTrafficMirrorFilters", "TrafficMirrorFilters",
                  Filters=[{"Name": "description", "Values": ["spare ?", "web"]}])
    assert sorted(item["Description"] for item in found) == [*(f"spare {number}" for number in range(6)), "web"]
    one = call("DescribeTrafficMirrorFilters", TrafficMirrorFilterIds=[identity])["TrafficMirrorFilters"]
    assert one == [changed["TrafficMirrorFilter"]]
    return {"filter": identity}


def tell_rules_and_targets(teller, ids):
    call = teller.call
    filter_id = next(item["TrafficMirrorFilterId"] for item in call(
        "DescribeTrafficMirrorFilters", Filters=[{"Name": "description", "Values": ["web"]}])["TrafficMirrorFilters"])
    rule = {"TrafficMirrorFilterId": filter_id, "TrafficDirection": "ingress", "RuleNumber": 100, "RuleAction": "accept",
            "Protocol": 6, "DestinationCidrBlock": "10.0.0.0/8", "SourceCidrBlock": "0.0.0.0/0", "Description": "https",
            "DestinationPortRange": {"FromPort": 443, "ToPort": 443}, "SourcePortRange": {"FromPort": 0, "ToPort": 65535}}
    made = call("CreateTrafficMirrorFilterRule", **rule, ClientToken="rule-1")["TrafficMirrorFilterRule"]
    identity = made["TrafficMirrorFilterRuleId"]
    assert made == {**rule, "TrafficMirrorFilterRuleId": identity} | {name: made[name] for name in made if name == "Tags"}
    change = {"TrafficDirection": "egress", "RuleNumber": 7, "RuleAction": "reject", "Protocol": 17, "Description": "dns",
              "DestinationPortRange": {"FromPort": 53, "ToPort": 53}, "SourcePortRange": {"FromPort": 1024, "ToPort": 65535},
              "DestinationCidrBlock": "::/0", "SourceCidrBlock": "fd00::/8"}
    changed = call("ModifyTrafficMirrorFilterRule", TrafficMirrorFilterRuleId=identity, **change)["TrafficMirrorFilterRule"]
    assert changed | change == changed
    changed = call("ModifyTrafficMirrorFilterRule", TrafficMirrorFilterRuleId=identity, RemoveFields=[
        "source-port-range", "destination-port-range", "protocol", "description"])["TrafficMirrorFilterRule"]
    for name in ("SourcePortRange", "DestinationPortRange", "Protocol", "Description"):
        assert name not in changed
    tell_extended_rule(teller, filter_id)
    made = call("CreateTrafficMirrorTarget", NetworkInterfaceId=ids["appliance"], Description="sensor", ClientToken="target-1",
                TagSpecifications=tags("traffic-mirror-target", Name="ids"))
    target = made["TrafficMirrorTarget"]
    assert (target["Type"], target["Description"], target["Tags"]) == (
        "network-interface", "sensor", [{"Key": "Name", "Value": "ids"}])
    teller.refused("NetworkLoadBalancerNotFoundException", "CreateTrafficMirrorTarget",
                   NetworkLoadBalancerArn="arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/a/1")
    endpoint = {"GatewayLoadBalancerEndpointId": "vpce-00000000000000001"}
    if teller.knows("CreateTrafficMirrorTarget", endpoint):
        teller.refused("InvalidVpcEndpointId.NotFound", "CreateTrafficMirrorTarget", **endpoint)
    for number in range(2, 7):
        call("CreateTrafficMirrorTarget", NetworkInterfaceId=ids[f"tap{number}"])
    assert len(teller.pages("DescribeTrafficMirrorTargets", "TrafficMirrorTargets")) == 6
    found = call("DescribeTrafficMirrorTargets", Filters=[{"Name": "tag:Name", "Values": ["ids"]}])["TrafficMirrorTargets"]
    assert found == [target]
    return {"filter": filter_id, "rule": identity, "target": target["TrafficMirrorTargetId"]}


def tell_extended_rule(teller, filter_id):
    """Tags of rules and the describing of rules are younger than Debian's botocore; the extension is ours."""
    answer = teller.query("CreateTrafficMirrorFilterRule", TrafficMirrorFilterId=filter_id, TrafficDirection="ingress",
                          RuleNumber="1", RuleAction="accept", SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0",
                          Protocol="6", Extension__TcpFlags="syn,!ack", Extension__Dscp="ef", Extension__Show="true",
                          TagSpecification__1__ResourceType="traffic-mirror-filter-rule", TagSpecification__1__Tag__1__Key="k",
                          TagSpecification__1__Tag__1__Value="v", ClientToken="rule-2")
    rule = element(answer, "trafficMirrorFilterRuleId")
    answer = teller.query("ModifyTrafficMirrorFilterRule", TrafficMirrorFilterRuleId=rule, Extension__TcpFlags="fin",
                          Extension__Dscp="cs1", Extension__Show="true")
    assert (element(answer, "tcpFlags"), element(answer, "dscp")) == ("fin", "8")
    assert element(teller.query("DescribeTrafficMirrorFilters", TrafficMirrorFilterId__1=filter_id, Extension__Show="true"),
                   "tcpFlags") == "fin"
    asked = {"TrafficMirrorFilterRuleIds": [rule], "TrafficMirrorFilterId": filter_id}
    if teller.knows("DescribeTrafficMirrorFilterRules", asked):
        found = teller.call("DescribeTrafficMirrorFilterRules", **asked)["TrafficMirrorFilterRules"]
        assert [item["Tags"] for item in found] == [[{"Key": "k", "Value": "v"}]]
        found = teller.pages("DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterRules",
                      Filters=[{"Name": "rule-action", "Values": ["accept"]}])
        assert [item["RuleNumber"] for item in found] == [1]
    else:
        teller.query("DescribeTrafficMirrorFilterRules", TrafficMirrorFilterRuleId__1=rule, TrafficMirrorFilterId=filter_id)
    answer = teller.query("DescribeTrafficMirrorFilterRules", Filter__1__Name="tag:k", Filter__1__Value__1="v",
                          MaxResults="5", Extension__Show="true")
    assert element(answer, "dscp") == "8"
    for number in range(2, 8):
        teller.query("CreateTrafficMirrorFilterRule", TrafficMirrorFilterId=filter_id, TrafficDirection="ingress",
                     RuleNumber=str(number), RuleAction="accept", SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
    token = element(teller.query("DescribeTrafficMirrorFilterRules", MaxResults="5"), "nextToken")
    assert element(teller.query("DescribeTrafficMirrorFilterRules", MaxResults="5", NextToken=token), "ruleNumber")


def tell_sessions(teller, ids):
    call = teller.call
    wish = {"NetworkInterfaceId": ids["tap0"], "TrafficMirrorTargetId": ids["target"], "TrafficMirrorFilterId": ids["filter"],
            "PacketLength": 128, "SessionNumber": 1, "VirtualNetworkId": 4711, "Description": "first"}
    made = call("CreateTrafficMirrorSession", **wish, ClientToken="session-1",
                TagSpecifications=tags("traffic-mirror-session", env="test"))
    session = made["TrafficMirrorSession"]
    identity = session["TrafficMirrorSessionId"]
    assert made == {"ClientToken": "session-1", "TrafficMirrorSession": {
        **wish, "TrafficMirrorSessionId": identity, "OwnerId": session["OwnerId"], "Tags": [{"Key": "env", "Value": "test"}]}}
    change = {"TrafficMirrorTargetId": ids["target"], "TrafficMirrorFilterId": ids["filter"], "PacketLength": 256,
              "SessionNumber": 2, "VirtualNetworkId": 4712, "Description": "changed"}
    changed = call("ModifyTrafficMirrorSession", TrafficMirrorSessionId=identity, **change)["TrafficMirrorSession"]
    assert changed == {**session, **change}
    changed = call("ModifyTrafficMirrorSession", TrafficMirrorSessionId=identity,
                   RemoveFields=["packet-length", "description", "virtual-network-id"])["TrafficMirrorSession"]
    assert not {"PacketLength", "Description"} & set(changed) and changed["VirtualNetworkId"] != 4712
    assert call("DescribeTrafficMirrorSessions", TrafficMirrorSessionIds=[identity])["TrafficMirrorSessions"] == [changed]
    found = teller.pages("DescribeTrafficMirrorSessions", "TrafficMirrorSessions",
                  Filters=[{"Name": "network-interface-id", "Values": [ids["tap0"]]}])
    assert found == [changed]
    for device, number in (("tap0", 1), ("tap0", 3), ("tap1", 1), ("tap1", 2), ("tap1", 3), ("eth0", 1)):
        call("CreateTrafficMirrorSession", **{**wish, "NetworkInterfaceId": ids[device], "SessionNumber": number,
                                              "VirtualNetworkId": 0})
    assert len(teller.pages("DescribeTrafficMirrorSessions", "TrafficMirrorSessions")) == 7
    tell_session_extension(teller, ids, identity)
    return {"session": identity}


SESSION_OPTIONS = {"Extension.FlowSampling": "10", "Extension.MaxBitsPerSecond": "100000000",
                   "Extension.MaxPacketsPerSecond": "10000", "Extension.Priority": "2", "Extension.Paused": "false",
                   "Extension.Continue": "true", "Extension.ExpirationTime": "2199-01-01T00:00:00Z",
                   "Extension.Encapsulation": "geneve", "Extension.OuterDscp": "af41", "Extension.OuterDestinationPort": "6082",
                   "Extension.OuterSourceAddress": "192.0.2.200", "Extension.Show": "true"}


def tell_session_extension(teller, ids, identity):
    session = {"NetworkInterfaceId": ids["eth0"], "TrafficMirrorTargetId": ids["target"],
               "TrafficMirrorFilterId": ids["filter"], "SessionNumber": "9"}
    made = element(teller.query("CreateTrafficMirrorSession", **session, **SESSION_OPTIONS), "trafficMirrorSessionId")
    answer = teller.query("ModifyTrafficMirrorSession", TrafficMirrorSessionId=made, **{**SESSION_OPTIONS, "Extension.Priority": "1"})
    assert (element(answer, "priority"), element(answer, "flowSampling")) == ("1", "10")
    for action, named in (("ModifyTrafficMirrorSession", {"TrafficMirrorSessionId": identity}),
                          ("CreateTrafficMirrorSession", {**session, "SessionNumber": "10"})):
        answer = teller.query(action, **named, **{"Extension.PacketSampling": "7", "Extension.DurationSeconds": "3600"})
        assert element(answer, "packetSampling") == "7" and element(answer, "expirationTime")
    assert element(teller.query("DescribeTrafficMirrorSessions", TrafficMirrorSessionId__1=made, Extension__Show="true"),
                   "encapsulation") == "geneve"


def tell_extension_actions(teller, ids):
    query = teller.query
    answer = query("DescribeTrafficMirrorSessionStatus", TrafficMirrorSessionId__1=ids["session"])
    assert element(answer, "trafficMirrorSessionId") == ids["session"]
    token = element(query("DescribeTrafficMirrorSessionStatus", MaxResults="5"), "nextToken")
    query("DescribeTrafficMirrorSessionStatus", MaxResults="5", NextToken=token)
    query("DescribeTrafficMirrorSessionStatus", Filter__1__Name="state", Filter__1__Value__1="pending")
    assert element(query("DescribeTrafficMirrorHosts", HostName__1="web-1"), "hostName") == "web-1"
    query("DescribeTrafficMirrorHosts", Filter__1__Name="connected", Filter__1__Value__1="true")
    for number in range(6):
        assert teller.controller.report(f"idle-{number}", []).status_code == 204
    token = element(query("DescribeTrafficMirrorHosts", MaxResults="5"), "nextToken")
    assert element(query("DescribeTrafficMirrorHosts", MaxResults="5", NextToken=token), "hostName")
    for dry in ("true", "false"):
        answer = teller.send("DeleteTrafficMirrorHost", {"HostName": "idle-1", "DryRun": dry})
        assert element(answer.text, "Code") == "TrafficMirrorHostInUse"
    accounts = [element(query("CreateAccount", "iam", AccountName=f"guest-{number}"), "AccountId") for number in range(6)]
    for account in accounts:
        query("ShareTrafficMirrorTarget", TrafficMirrorTargetId=ids["target"], AccountId=account, DryRun="false")
    token = element(query("DescribeTrafficMirrorTargetShares", MaxResults="5"), "nextToken")
    query("DescribeTrafficMirrorTargetShares", MaxResults="5", NextToken=token, DryRun="false")
    query("DescribeTrafficMirrorTargetShares", Filter__1__Name="account-id", Filter__1__Value__1=accounts[0])
    for account in accounts:
        query("UnshareTrafficMirrorTarget", TrafficMirrorTargetId=ids["target"], AccountId=account, DryRun="false")
        query("DeleteAccount", "iam", AccountId=account)
    tell_quotas(teller)
    tell_usage(teller, ids)
    revision = element(query("DescribeTrafficMirrorChanges", DryRun="false"), "revision")
    assert "<item>filter</item>" in query("DescribeTrafficMirrorChanges", Since=str(int(revision) - 600_000), WaitSeconds="0")
    tell_events(teller)
    query("IssueTrafficMirrorHostKey", DryRun="false")
    assert "secretAccessKey" not in query("DescribeTrafficMirrorHostKeys", DryRun="false")
    query("DeleteTrafficMirrorHostKey", AccessKeyId=element(query("DescribeTrafficMirrorHostKeys"), "accessKeyId"), DryRun="false")
    issued = query("IssueTrafficMirrorHostEnrolment", HostName="new-1", ValiditySeconds="600", DryRun="false")
    for _ in range(5):
        query("IssueTrafficMirrorHostEnrolment")
    page = query("DescribeTrafficMirrorHostEnrolments", MaxResults="5", DryRun="false")
    assert "enrolmentCode" not in page and page.count("<enrolmentId>") == 5
    page = query("DescribeTrafficMirrorHostEnrolments", MaxResults="5", NextToken=element(page, "nextToken"))
    assert page.count("<enrolmentId>") == 1
    assert element(query("RedeemTrafficMirrorHostEnrolment", EnrolmentCode=element(issued, "enrolmentCode"), HostName="new-1"), "secretAccessKey")
    query("RevokeTrafficMirrorHost", HostName="new-1", DryRun="false")
    query("DeleteTrafficMirrorHostEnrolment", EnrolmentId=element(query("IssueTrafficMirrorHostEnrolment"), "enrolmentId"), DryRun="false")
    query("ExplainTrafficMirrorPacket", NetworkInterfaceId=ids["tap0"], TrafficDirection="ingress", Protocol="6",
          SourceAddress="10.0.0.1", DestinationAddress="10.0.0.2", SourcePort="1", DestinationPort="2", TcpFlags="syn", Dscp="0")
    peeked = {"TrafficMirrorSessionId": ids["session"], "DryRun": "false"}
    peeked["TrafficMirrorPeekId"] = element(query("StartTrafficMirrorPeek", SnapLength="64", **peeked), "trafficMirrorPeekId")
    assert element(query("GetTrafficMirrorPeek", AfterNumber="0", MaxResults="10", **peeked), "lastNumber") == "0"
    query("StopTrafficMirrorPeek", **peeked)
    tell_selectors(teller, ids)


def tell_selectors(teller, ids):
    query = teller.query
    nobody = {"TagFilter.1.Key": "tmirror:device", "TagFilter.1.Value.1": "nothing-*", "TrafficMirrorTargetId": ids["target"],
              "TrafficMirrorFilterId": ids["filter"], "SessionNumber": "1000", "DryRun": "false"}
    fields = {"PacketLength": "128", "VirtualNetworkId": "77", "Description": "by tag", **SESSION_OPTIONS}
    first = element(query("CreateTrafficMirrorSelector", **nobody, **fields, ClientToken="selector-1",
                          TagSpecification__1__ResourceType="traffic-mirror-selector", TagSpecification__1__Tag__1__Key="a",
                          TagSpecification__1__Tag__1__Value="b"), "trafficMirrorSelectorId")
    answer = query("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=first, **nobody, **fields)
    assert element(answer, "packetLength") == "128"
    briefly = {"Extension.PacketSampling": "7", "Extension.DurationSeconds": "3600"}
    made = [first, element(query("CreateTrafficMirrorSelector", **nobody, **briefly), "trafficMirrorSelectorId")]
    query("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=made[1], **briefly)
    query("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=first, RemoveField__1="description")
    # Of each interface the number is the first one's, so the others are refused.
    everyone = {**nobody, "TagFilter.1.Key": "tmirror:host", "TagFilter.1.Value.1": "web-1", "SessionNumber": "1001"}
    made += [element(query("CreateTrafficMirrorSelector", **everyone), "trafficMirrorSelectorId") for _ in range(4)]
    query("DescribeTrafficMirrorSelectors", TrafficMirrorSelectorId__1=first, DryRun="false")
    query("DescribeTrafficMirrorSelectors", Filter__1__Name="session-number", Filter__1__Value__1="1000")
    query("DescribeTrafficMirrorSelectorRefusals", Filter__1__Name="traffic-mirror-selector-id", Filter__1__Value__1=made[-1], DryRun="false")
    for action in ("DescribeTrafficMirrorSelectors", "DescribeTrafficMirrorSelectorRefusals"):
        token = element(query(action, MaxResults="5"), "nextToken")
        assert "<item>" in query(action, MaxResults="5", NextToken=token)
    for selector in reversed(made):
        query("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId=selector, DryRun="false")
    deadline = time.monotonic() + 20
    while "<item>" in query("DescribeTrafficMirrorSelectors"):
        assert time.monotonic() < deadline, "its sessions end, and then it is gone"


def tell_events(teller):
    """In the form of the older services; clients' own is asked for in test_events.py."""
    asked = {"LookupAttributes__member__1__AttributeKey": "EventName",
             "LookupAttributes__member__1__AttributeValue": "CreateTrafficMirrorFilter",
             "StartTime": "2026-01-01T00:00:00Z", "EndTime": "2099-01-01T00:00:00Z", "MaxResults": "1"}
    first = teller.query("LookupEvents", "cloudtrail", **asked)
    second = teller.query("LookupEvents", "cloudtrail", NextToken=element(first, "NextToken"), **asked)
    assert element(first, "EventName") == element(second, "EventName") == "CreateTrafficMirrorFilter"
    assert element(first, "EventId") != element(second, "EventId")
    refused = teller.send("LookupEvents", {"EventCategory": "insight"}, "cloudtrail")
    assert element(refused.text, "Code") == "InvalidEventCategoryException"


def tell_quotas(teller):
    query = teller.query
    account = element(query("CreateAccount", "iam", AccountName="frugal"), "AccountId")

    def told(name):
        items = query("DescribeTrafficMirrorQuotas", AccountId=account, DryRun="false").split("<item>")[1:]
        item, = (item for item in items if element(item, "name") == name)
        return [element(item, field) for field in ("accountId", "value", "default", "maximum", "usage", "refused")]

    assert told("rules-per-filter") == [account, "10", "10", "10000", None, "0"]
    assert "true" == element(query("ModifyTrafficMirrorQuota", Name="filters", Value="7", AccountId=account, DryRun="false"), "return")
    assert told("filters") == [account, "7", "10000", "4294967295", "0", "0"]
    assert "true" == element(query("ResetTrafficMirrorQuota", Name="filters", AccountId=account, DryRun="false"), "return")
    assert told("filters") == [account, "10000", "10000", "4294967295", "0", "0"]
    assert "<item>" not in query("DescribeTrafficMirrorRefusals", AccountId=account, DryRun="false")
    for name, value, code in (("filter", "7", "InvalidParameterValue"), ("filters", "-1", "InvalidParameterValue"),
                              ("rules-per-filter", "10001", "InvalidParameterValue"), ("filters", "4294967296", "InvalidParameterValue")):
        answer = teller.send("ModifyTrafficMirrorQuota", {"Name": name, "Value": value, "AccountId": account})
        assert element(answer.text, "Code") == code, answer.text
    query("DeleteAccount", "iam", AccountId=account)


def tell_usage(teller, ids):
    """A session that was just made has begun one hour."""
    def told(**more):
        return teller.query("DescribeTrafficMirrorUsage", Filter__1__Name="traffic-mirror-session-id", Filter__1__Value__1=ids["session"],
                            DryRun="false", **more)

    text = told(GroupBy="session", Granularity="total")
    assert [element(text, name) for name in ("networkInterfaceId", "deviceName", "trafficMirrorSessionId", "hours", "cost", "currency")] == [
        ids["tap0"], "tap0", ids["session"], "1", "0.015", "USD"]
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    period = told(StartTime=today, EndTime="2099-01-01", Granularity="daily").split("<periodSet>")[1]
    assert element(period, "startTime") == f"{today}T00:00:00.000Z" and element(period, "hours") == "1"
    account = element(text, "accountId")
    text = teller.query("DescribeTrafficMirrorUsage", GroupBy="account", AccountId=account)
    assert element(text, "accountId") == account and element(text, "networkInterfaceId") is None
    token = element(teller.query("DescribeTrafficMirrorUsage", MaxResults="5"), "nextToken")
    assert token is None or element(teller.query("DescribeTrafficMirrorUsage", MaxResults="5", NextToken=token), "hours")
    for name, value in (("StartTime", "soon"), ("EndTime", "2026-02-30"), ("Granularity", "yearly"), ("GroupBy", "colour"),
                        ("AccountId", "999999999999"), ("NextToken", "x")):
        answer = teller.send("DescribeTrafficMirrorUsage", {name: value})
        assert answer.status_code == 400 and value in element(answer.text, "Message"), answer.text


def tell_identities(teller):
    """Users with keys and policies, roles, and whoever they are for a while."""
    def call(operation, **parameters):
        return teller.call(operation, "iam", **parameters)

    user = call("CreateUser", UserName="ann", Path="/team/")["User"]
    assert call("GetUser", UserName="ann")["User"] == user
    teller.refused("EntityAlreadyExists", "CreateUser", "iam", UserName="ann")
    call("UpdateUser", UserName="ann", NewPath="/team/a/", NewUserName="ada")
    call("CreateUser", UserName="bob", Path="/team/")
    teller.lists("ListUsers", "Users", "ada", "bob", PathPrefix="/team/")
    keys = [call("CreateAccessKey", UserName="ada")["AccessKey"] for _ in range(2)]
    teller.refused("LimitExceeded", "CreateAccessKey", "iam", UserName="ada")
    teller.lists("ListAccessKeys", "AccessKeyMetadata", "ada", "ada", UserName="ada")
    call("UpdateAccessKey", UserName="ada", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    assert call("GetAccessKeyLastUsed", AccessKeyId=keys[0]["AccessKeyId"])["UserName"] == "ada"
    for key in keys:
        call("DeleteAccessKey", UserName="ada", AccessKeyId=key["AccessKeyId"])
    tell_roles(teller, call)
    for kind, name in (("User", "ada"), ("Role", "ops")):
        tell_policies(teller, call, kind, {f"{kind}Name": name})
    assert call("ListGroupsForUser", UserName="ada", MaxItems=5)["Groups"] == []
    assert call("ListInstanceProfilesForRole", RoleName="ops", MaxItems=5)["InstanceProfiles"] == []
    for action, owner in (("ListGroupsForUser", {"UserName": "ada"}), ("ListInstanceProfilesForRole", {"RoleName": "ops"}),
                          ("ListAttachedUserPolicies", {"UserName": "ada"}), ("ListAttachedRolePolicies", {"RoleName": "ops"})):
        # These lists are always empty, so nothing can be wrong about where to go on.
        teller.query(action, "iam", **owner, PathPrefix="/", Marker="whatever")
    for kind, name in (("User", "ada"), ("User", "bob"), ("Role", "ops"), ("Role", "dev")):
        call(f"Delete{kind}", **{f"{kind}Name": name})
        teller.refused("NoSuchEntity", f"Delete{kind}", "iam", **{f"{kind}Name": name})
    teller.query("CreateAccount", "iam", AccountName="other", AccountId="210987654321")
    marker = element(teller.query("ListAccounts", "iam", MaxItems="1"), "Marker")
    assert element(teller.query("ListAccounts", "iam", MaxItems="1", Marker=marker), "AccountId")
    teller.query("DeleteAccount", "iam", AccountId="210987654321")


def tell_policies(teller, call, kind, owner):
    for policy in ("p1", "p2"):
        call(f"Put{kind}Policy", **owner, PolicyName=policy, PolicyDocument=json.dumps(EVERYTHING))
    teller.refused("MalformedPolicyDocument", f"Put{kind}Policy", "iam", **owner, PolicyName="p3", PolicyDocument="{")
    got = call(f"Get{kind}Policy", **owner, PolicyName="p1")["PolicyDocument"]
    assert (json.loads(urllib.parse.unquote(got)) if isinstance(got, str) else got) == EVERYTHING
    teller.lists(f"List{kind}Policies", "PolicyNames", "p1", "p2", **owner)
    teller.refused("DeleteConflict", f"Delete{kind}", "iam", **owner)
    for policy in ("p1", "p2"):
        call(f"Delete{kind}Policy", **owner, PolicyName=policy)
    assert call(f"ListAttached{kind}Policies", **owner, PathPrefix="/", MaxItems=5)["AttachedPolicies"] == []


def tell_roles(teller, call):
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}]}
    role = call("CreateRole", RoleName="ops", Path="/on-call/", AssumeRolePolicyDocument=json.dumps(trust),
                Description="who is awake", MaxSessionDuration=7200)["Role"]
    call("CreateRole", RoleName="dev", Path="/on-call/", AssumeRolePolicyDocument=json.dumps(trust))
    call("UpdateAssumeRolePolicy", RoleName="ops", PolicyDocument=json.dumps(trust))
    assert call("GetRole", RoleName="ops")["Role"]["Arn"] == role["Arn"] == "arn:aws:iam::123456789012:role/on-call/ops"
    teller.lists("ListRoles", "Roles", "dev", "ops", PathPrefix="/on-call/")
    call("UpdateRole", RoleName="ops", Description="on call", MaxSessionDuration=7200)
    assumed = teller.call("AssumeRole", "sts", RoleArn=role["Arn"], RoleSessionName="night", DurationSeconds=900,
                          ExternalId="xyz", Policy=json.dumps(EVERYTHING))
    assert assumed["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/ops/night"
    assert assumed["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert teller.call("GetSessionToken", "sts", DurationSeconds=900)["Credentials"]["SessionToken"]
    link = element(teller.query("CreateConsoleSignIn", "sts", DurationSeconds="900"), "SignInUrl")
    assert element(teller.query("RedeemConsoleSignIn", "sts", SignInCode=link.partition("#sign-in=")[2]), "SessionToken")
    assert teller.call("GetCallerIdentity", "sts")["Arn"] == "arn:aws:iam::123456789012:user/admin"


def tell_tags(teller, ids):
    call = teller.call
    both = [ids["session"], ids["filter"]]
    assert call("CreateTags", Resources=both, Tags=[{"Key": f"k{number}", "Value": "v"} for number in range(3)]) == {}
    found = teller.pages("DescribeTags", "Tags", Filters=[{"Name": "key", "Values": ["k?"]}])
    assert {(tag["ResourceId"], tag["ResourceType"], tag["Key"], tag["Value"]) for tag in found} == {
        (identity, kind, f"k{number}", "v") for number in range(3)
        for identity, kind in zip(both, ("traffic-mirror-session", "traffic-mirror-filter"))}
    assert call("DeleteTags", Resources=both, Tags=[{"Key": "k0"}, {"Key": "k1", "Value": "other"}]) == {}
    left = call("DescribeTags", Filters=[{"Name": "resource-id", "Values": [ids["session"]]}])["Tags"]
    assert sorted(tag["Key"] for tag in left) == ["env", "k1", "k2"]


def tell_the_end(teller, ids):
    """Everything is deleted, what depends on others first; a second time there is nothing to delete."""
    call, refused = teller.call, teller.refused
    for session in call("DescribeTrafficMirrorSessions")["TrafficMirrorSessions"]:
        identity = {"TrafficMirrorSessionId": session["TrafficMirrorSessionId"]}
        assert call("DeleteTrafficMirrorSession", **identity) == identity
    refused("InvalidTrafficMirrorSessionId.NotFound", "DeleteTrafficMirrorSession", TrafficMirrorSessionId=ids["session"])
    for operation, name, key in (("DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId", "rule"),
                                 ("DeleteTrafficMirrorFilter", "TrafficMirrorFilterId", "filter"),
                                 ("DeleteTrafficMirrorTarget", "TrafficMirrorTargetId", "target")):
        assert call(operation, **{name: ids[key]}) == {name: ids[key]}
        refused(f"Invalid{name}.NotFound", operation, **{name: ids[key]})
    assert call("DeleteNetworkInterface", NetworkInterfaceId=ids["second"]) == {}
    refused("InvalidNetworkInterfaceID.NotFound", "DeleteNetworkInterface", NetworkInterfaceId=ids["second"])


def tell_refusals(teller, ids):
    """The table of refusals.  {…} in a text is an id of the story."""
    messages = []
    for code, operation, parameters in REFUSALS:
        parameters = fill(parameters, ids)
        if teller.knows(operation, parameters):
            messages.append((operation, code, teller.refused(code, operation, **parameters)))
    return messages


def fill(value, ids):
    if isinstance(value, dict):
        return {name: fill(item, ids) for name, item in value.items()}
    if isinstance(value, list):
        return [fill(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) else value


def rule(**changes):
    return {"TrafficMirrorFilterId": "{filter}", "TrafficDirection": "ingress", "RuleNumber": 50, "RuleAction": "accept",
            "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0", **changes}


def session(**changes):
    return {"NetworkInterfaceId": "{eth0}", "TrafficMirrorTargetId": "{target}", "TrafficMirrorFilterId": "{filter}",
            "SessionNumber": 3, **changes}


VALUE, COMBINATION, MISSING = "InvalidParameterValue", "InvalidParameterCombination", "MissingParameter"
NOWHERE = "00000000000000000"
REFUSALS = [
    # What is not there.
    ("InvalidTrafficMirrorFilterId.NotFound", "DescribeTrafficMirrorFilters", {"TrafficMirrorFilterIds": [f"tmf-{NOWHERE}"]}),
    ("InvalidTrafficMirrorFilterId.NotFound", "DescribeTrafficMirrorFilters",
     {"TrafficMirrorFilterIds": ["{filter}", f"tmf-{NOWHERE}"]}),
    ("InvalidTrafficMirrorFilterId.NotFound", "DeleteTrafficMirrorFilter", {"TrafficMirrorFilterId": f"tmf-{NOWHERE}"}),
    ("InvalidTrafficMirrorFilterId.NotFound", "ModifyTrafficMirrorFilterNetworkServices",
     {"TrafficMirrorFilterId": f"tmf-{NOWHERE}", "AddNetworkServices": ["amazon-dns"]}),
    ("InvalidTrafficMirrorFilterId.NotFound", "CreateTrafficMirrorFilterRule", rule(TrafficMirrorFilterId=f"tmf-{NOWHERE}")),
    ("InvalidTrafficMirrorFilterRuleId.NotFound", "ModifyTrafficMirrorFilterRule",
     {"TrafficMirrorFilterRuleId": f"tmfr-{NOWHERE}"}),
    ("InvalidTrafficMirrorFilterRuleId.NotFound", "DeleteTrafficMirrorFilterRule",
     {"TrafficMirrorFilterRuleId": f"tmfr-{NOWHERE}"}),
    ("InvalidTrafficMirrorFilterRuleId.NotFound", "DescribeTrafficMirrorFilterRules",
     {"TrafficMirrorFilterRuleIds": [f"tmfr-{NOWHERE}"]}),
    ("InvalidTrafficMirrorTargetId.NotFound", "DescribeTrafficMirrorTargets", {"TrafficMirrorTargetIds": [f"tmt-{NOWHERE}"]}),
    ("InvalidTrafficMirrorTargetId.NotFound", "DeleteTrafficMirrorTarget", {"TrafficMirrorTargetId": f"tmt-{NOWHERE}"}),
    ("InvalidTrafficMirrorTargetId.NotFound", "CreateTrafficMirrorSession", session(TrafficMirrorTargetId=f"tmt-{NOWHERE}")),
    ("InvalidTrafficMirrorTargetId.NotFound", "ModifyTrafficMirrorSession",
     {"TrafficMirrorSessionId": "{session}", "TrafficMirrorTargetId": f"tmt-{NOWHERE}"}),
    ("InvalidTrafficMirrorFilterId.NotFound", "CreateTrafficMirrorSession", session(TrafficMirrorFilterId=f"tmf-{NOWHERE}")),
    ("InvalidTrafficMirrorFilterId.NotFound", "ModifyTrafficMirrorSession",
     {"TrafficMirrorSessionId": "{session}", "TrafficMirrorFilterId": f"tmf-{NOWHERE}"}),
    ("InvalidTrafficMirrorSessionId.NotFound", "ModifyTrafficMirrorSession", {"TrafficMirrorSessionId": f"tms-{NOWHERE}"}),
    ("InvalidTrafficMirrorSessionId.NotFound", "DescribeTrafficMirrorSessions", {"TrafficMirrorSessionIds": [f"tms-{NOWHERE}"]}),
    ("InvalidTrafficMirrorSessionId.NotFound", "DeleteTrafficMirrorSession", {"TrafficMirrorSessionId": f"tms-{NOWHERE}"}),
    ("InvalidNetworkInterfaceID.NotFound", "CreateTrafficMirrorSession", session(NetworkInterfaceId=f"eni-{NOWHERE}")),
    ("InvalidNetworkInterfaceID.NotFound", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": [f"eni-{NOWHERE}"]}),
    ("InvalidNetworkInterfaceID.NotFound", "DeleteNetworkInterface", {"NetworkInterfaceId": f"eni-{NOWHERE}"}),
    ("InvalidNetworkInterfaceID.NotFound", "ModifyNetworkInterfaceAttribute",
     {"NetworkInterfaceId": f"eni-{NOWHERE}", "Description": {"Value": "x"}}),
    ("InvalidTrafficMirrorTargetNoFound", "CreateTrafficMirrorTarget", {"NetworkInterfaceId": f"eni-{NOWHERE}"}),
    ("InvalidVpcID.NotFound", "DescribeVpcs", {"VpcIds": [f"vpc-{NOWHERE}"]}),
    ("InvalidSubnetID.NotFound", "DescribeSubnets", {"SubnetIds": [f"subnet-{NOWHERE}"]}),
    ("InvalidSubnetID.NotFound", "CreateNetworkInterface", {"SubnetId": f"subnet-{NOWHERE}", "PrivateIpAddress": "192.0.2.30"}),
    ("InvalidInstanceID.NotFound", "DescribeInstances", {"InstanceIds": [f"i-{NOWHERE}"]}),
    ("InvalidGroup.NotFound", "CreateNetworkInterface",
     {"SubnetId": "{subnet}", "PrivateIpAddress": "192.0.2.30", "Groups": ["sg-1"]}),
    ("InvalidGroup.NotFound", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "{second}", "Groups": ["sg-1"]}),
    (VALUE, "DescribeRegions", {"RegionNames": ["mars-1"]}),
    (VALUE, "DescribeAvailabilityZones", {"ZoneNames": ["mars-1a"]}),
    ("InvalidTrafficMirrorSessionId.NotFound", "CreateTags",
     {"Resources": [f"tms-{NOWHERE}"], "Tags": [{"Key": "a", "Value": "b"}]}),
    ("InvalidTrafficMirrorFilterId.NotFound", "DeleteTags", {"Resources": [f"tmf-{NOWHERE}"], "Tags": [{"Key": "a"}]}),
    # Ids that are none.
    (VALUE, "DescribeTrafficMirrorFilters", {"TrafficMirrorFilterIds": ["nonsense"]}),
    (VALUE, "DeleteTrafficMirrorSession", {"TrafficMirrorSessionId": "tmf-0123456789abcdef0"}),
    (VALUE, "DeleteTrafficMirrorTarget", {"TrafficMirrorTargetId": "tmt-XYZ"}),
    (VALUE, "DeleteTrafficMirrorFilterRule", {"TrafficMirrorFilterRuleId": "tmfr-"}),
    ("InvalidID", "CreateTags", {"Resources": ["nonsense-1"], "Tags": [{"Key": "a", "Value": "b"}]}),
    # What is taken or in use.
    ("InterfaceInUseByTrafficMirrorSession", "CreateTrafficMirrorTarget", {"NetworkInterfaceId": "{tap0}"}),
    ("InterfaceInUseByTrafficMirrorTarget", "CreateTrafficMirrorTarget", {"NetworkInterfaceId": "{appliance}"}),
    ("NetworkInterfaceNotSupported", "CreateTrafficMirrorSession", session(NetworkInterfaceId="{second}")),
    ("TrafficMirrorFilterInUse", "DeleteTrafficMirrorFilter", {"TrafficMirrorFilterId": "{filter}"}),
    ("TrafficMirrorTargetInUseException", "DeleteTrafficMirrorTarget", {"TrafficMirrorTargetId": "{target}"}),
    ("TrafficMirrorFilterRuleAlreadyExists", "CreateTrafficMirrorFilterRule", rule(RuleNumber=1)),
    (VALUE, "CreateTrafficMirrorSession", session(SessionNumber=1)),
    (VALUE, "ModifyTrafficMirrorSession", {"TrafficMirrorSessionId": "{session}", "SessionNumber": 3}),
    ("TrafficMirrorSessionsPerInterfaceLimitExceeded", "CreateTrafficMirrorSession",
     session(NetworkInterfaceId="{tap1}", SessionNumber=4)),
    ("InvalidIPAddress.InUse", "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddress": "192.0.2.9"}),
    ("IdempotentParameterMismatch", "CreateTrafficMirrorFilter", {"Description": "other", "ClientToken": "filter-1"}),
    ("IdempotentParameterMismatch", "CreateTrafficMirrorTarget", {"NetworkInterfaceId": "{second}", "ClientToken": "target-1"}),
    ("IdempotentParameterMismatch", "CreateTrafficMirrorFilterRule", rule(ClientToken="rule-1")),
    ("IdempotentParameterMismatch", "CreateTrafficMirrorSession", session(ClientToken="session-1")),
    # Numbers and words out of their range.
    *((VALUE, "CreateTrafficMirrorSession", session(**change)) for change in (
        {"SessionNumber": 0}, {"SessionNumber": 32767}, {"PacketLength": 0}, {"PacketLength": 8501}, {"VirtualNetworkId": -1},
        {"VirtualNetworkId": 1 << 24}, {"Description": "x" * 256}, {"Description": "tab\t"}, {"Description": "line\n"},
        {"ClientToken": "x" * 65}, {"ClientToken": "é"})),
    *((VALUE, "CreateTrafficMirrorFilterRule", rule(**change)) for change in (
        {"TrafficDirection": "sideways"}, {"RuleAction": "drop"}, {"RuleNumber": 0}, {"RuleNumber": 32767}, {"Protocol": 256},
        {"Protocol": -1}, {"SourceCidrBlock": "10.0.0.1/8"}, {"SourceCidrBlock": "10.0.0.0/33"}, {"SourceCidrBlock": "::/0"},
        {"DestinationCidrBlock": "everywhere"}, {"Protocol": 6, "DestinationPortRange": {"FromPort": 2, "ToPort": 1}},
        {"Protocol": 17, "SourcePortRange": {"FromPort": 1, "ToPort": 65536}})),
    (VALUE, "ModifyTrafficMirrorFilterNetworkServices", {"TrafficMirrorFilterId": "{filter}", "AddNetworkServices": ["amazon-ntp"]}),
    (VALUE, "ModifyTrafficMirrorSession", {"TrafficMirrorSessionId": "{session}", "RemoveFields": ["owner"]}),
    (VALUE, "ModifyTrafficMirrorFilterRule", {"TrafficMirrorFilterRuleId": "{rule}", "RemoveFields": ["rule-number"]}),
    *((VALUE, operation, {"MaxResults": count}) for count in (4, 1001) for operation in (
        "DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorSessions",
        "DescribeTrafficMirrorTargets", "DescribeNetworkInterfaces", "DescribeTags")),
    (VALUE, "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddress": "300.0.0.1"}),
    (VALUE, "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddress": "192.0.2.30", "InterfaceType": "efa"}),
    ("UnsupportedOperation", "ModifyNetworkInterfaceAttribute",
     {"NetworkInterfaceId": "{second}", "SourceDestCheck": {"Value": False}}),
    (VALUE, "DescribeAccountAttributes", {"AttributeNames": ["max-instances"]}),
    # Filters and pages.
    *((VALUE, operation, {"Filters": [{"Name": "colour", "Values": ["red"]}]}) for operation in (
        "DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorSessions",
        "DescribeTrafficMirrorTargets", "DescribeNetworkInterfaces", "DescribeInstances", "DescribeVpcs", "DescribeSubnets",
        "DescribeTags", "DescribeRegions", "DescribeAvailabilityZones", "DescribePrefixLists")),
    ("InvalidPaginationToken", "DescribeTrafficMirrorSessions", {"MaxResults": 5, "NextToken": "nonsense"}),
    *(("InvalidPaginationToken", operation, {"MaxResults": 5, "NextToken": "nonsense"}) for operation in (
        "DescribeVpcs", "DescribeSubnets", "DescribePrefixLists")),
    (COMBINATION, "DescribeTrafficMirrorSessions", {"MaxResults": 5, "TrafficMirrorSessionIds": ["{session}"]}),
    # What does not go together, and what is absent.
    (MISSING, "CreateTrafficMirrorTarget", {"Description": "nowhere"}),
    (COMBINATION, "CreateTrafficMirrorTarget", {"NetworkInterfaceId": "{second}", "NetworkLoadBalancerArn": "arn:x"}),
    (COMBINATION, "CreateTrafficMirrorFilterRule", rule(DestinationPortRange={"FromPort": 1, "ToPort": 2})),
    (COMBINATION, "ModifyTrafficMirrorSession",
     {"TrafficMirrorSessionId": "{session}", "PacketLength": 9, "RemoveFields": ["packet-length"]}),
    (COMBINATION, "ModifyTrafficMirrorFilterRule",
     {"TrafficMirrorFilterRuleId": "{rule}", "Description": "x", "RemoveFields": ["description"]}),
    (MISSING, "CreateTags", {"Resources": ["{filter}"], "Tags": []}),
    # Tags.
    (VALUE, "CreateTags", {"Resources": ["{filter}"], "Tags": [{"Key": "aws:x", "Value": ""}]}),
    (VALUE, "CreateTags", {"Resources": ["{filter}"], "Tags": [{"Key": "x" * 129, "Value": ""}]}),
    (VALUE, "CreateTags", {"Resources": ["{filter}"], "Tags": [{"Key": "x", "Value": "y" * 257}]}),
    ("TagLimitExceeded", "CreateTags",
     {"Resources": ["{filter}"], "Tags": [{"Key": f"t{number}", "Value": ""} for number in range(51)]}),
    (VALUE, "CreateTrafficMirrorFilter", {"TagSpecifications": tags("traffic-mirror-session", k="v")}),
    (VALUE, "CreateTrafficMirrorFilter", {"TagSpecifications": [
        {"ResourceType": "traffic-mirror-filter", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]}]}),
]


def anonymous(value):
    """An answer without what differs from one controller to the next: ids, tokens, times."""
    if isinstance(value, dict):
        return {name: anonymous(item) for name, item in value.items()
                if name not in ("ClientToken", "NextToken", "AttachTime", "LaunchTime", "Endpoint", "MacAddress", "CreateDate",
                                "Expiration", "CreationTimestamp", "SecretAccessKey", "SessionToken", "Marker", "PolicyDocument",
                                "AssumeRolePolicyDocument",
                                "VirtualNetworkId")}
    if isinstance(value, (list, tuple)):
        return sorted((anonymous(item) for item in value), key=repr)
    return ID.sub("…", value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def stories():
    """What each client has seen, by its name."""
    return {}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_whole_story(controller_with, tmp_path, stories, name):
    controller = controller_with("--plain-http", "--account", "123456789012")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1", "192.0.2.200"]),
                                       *((f"tap{number}", "guest", []) for number in range(7))]).status_code == 204
    with Proxy(controller.url) as proxy:
        client = CLIENTS[name](controller.administrator, proxy.url, tmp_path)
        teller = Teller(controller, client, proxy)
        ids = tell(teller)
        ids |= tell_sessions(teller, ids)
        tell_endpoints(teller, ids)
        messages = tell_refusals(teller, ids)
        tell_tags(teller, ids)
        tell_extension_actions(teller, ids)
        tell_identities(teller)
        tell_the_end(teller, ids)
        client.close()
    told = {action: parameters for (service, action), parameters in served().items() if service in VERSIONS}
    missing = [(action, parameter) for action, parameters in told.items()
               for parameter in parameters if not teller.covers(action, parameter)]
    assert missing == []
    acted = {exchange.action for exchange in proxy.seen if exchange.status == 200} | {action for action, _ in REFUSED_HERE}
    assert told.keys() - acted == set()
    stories[name] = {"answers": teller.answers, "messages": messages}


@pytest.mark.parametrize("name", ["aws", "javascript"])
def test_all_see_the_same(stories, name):
    """What boto3 has seen, the others have, too: each answer that both asked for, with all its values and types.  Members that
    are younger than boto3's model are left out."""
    known = {repr(answer[:3]) for answer in stories["boto3"]["answers"]}
    told = [answer for answer in stories[name]["answers"] if repr(answer[:3]) in known]
    assert len(told) > 100
    ours = {repr(answer[:3]) for answer in told}
    expected = [answer for answer in stories["boto3"]["answers"] if repr(answer[:3]) in ours]
    for theirs, (service, operation, parameters, answer) in zip(expected, told, strict=True):
        seen = service, operation, parameters, Boto3.known_part(service, operation, answer)
        assert anonymous(seen) == anonymous(theirs)
    theirs = {repr(anonymous(message)) for message in stories["boto3"]["messages"]}
    assert theirs <= {repr(anonymous(message)) for message in stories[name]["messages"]}
