"""The API as its clients meet it: every action by boto3, some by the AWS CLI, and what is refused, by which code."""
import datetime
import json
import os
import re
import subprocess
import threading
import time

import botocore.auth
import botocore.exceptions
import pytest
import requests

from controller import COUNTERS, element


@pytest.fixture
def appliance(ec2):
    """A registered interface at 192.0.2.9."""
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    return ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]


@pytest.fixture
def mirror(ec2, interfaces, appliance):
    """Target, filter with one rule, and a session on tap0."""
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    rule = ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=filter_id, TrafficDirection="ingress", RuleNumber=100, RuleAction="accept",
        SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]
    session = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=interfaces["tap0"], TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
        TrafficMirrorFilterId=filter_id, SessionNumber=1)["TrafficMirrorSession"]
    return {"target": target["TrafficMirrorTargetId"], "filter": filter_id, "rule": rule["TrafficMirrorFilterRuleId"],
            "session": session["TrafficMirrorSessionId"]}


def refused(call, code, words=None, status=400):
    """Calls, and expects that refusal."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    error = caught.value.response
    assert error["Error"]["Code"] == code, error
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", error["ResponseMetadata"]["RequestId"])
    if words:
        assert words in error["Error"]["Message"], error
    return error["Error"]["Message"]


# --- Targets ---------------------------------------------------------------------------------------------------------

def test_target_life(ec2, appliance):
    created = ec2.create_traffic_mirror_target(
        NetworkInterfaceId=appliance["NetworkInterfaceId"], Description="sensor <1> & more", ClientToken="token-1",
        TagSpecifications=[{"ResourceType": "traffic-mirror-target", "Tags": [{"Key": "Name", "Value": "ids"}]}])
    target = created["TrafficMirrorTarget"]
    assert created["ClientToken"] == "token-1"
    assert target == {
        "TrafficMirrorTargetId": target["TrafficMirrorTargetId"], "NetworkInterfaceId": appliance["NetworkInterfaceId"],
        "Type": "network-interface", "Description": "sensor <1> & more", "OwnerId": appliance["OwnerId"],
        "Tags": [{"Key": "Name", "Value": "ids"}]}
    assert re.fullmatch("tmt-[0-9a-f]{17}", target["TrafficMirrorTargetId"])
    assert ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == [target]
    found = ec2.describe_traffic_mirror_targets(Filters=[{"Name": "tag:Name", "Values": ["i?s"]},
                                                         {"Name": "network-interface-id", "Values": ["eni-*"]}])
    assert found["TrafficMirrorTargets"] == [target] and "NextToken" not in found
    deleted = ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target["TrafficMirrorTargetId"])
    assert deleted["TrafficMirrorTargetId"] == target["TrafficMirrorTargetId"]
    refused(lambda: ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target["TrafficMirrorTargetId"]),
            "InvalidTrafficMirrorTargetId.NotFound")


def test_target_refusals(ec2, appliance, mirror):
    create = ec2.create_traffic_mirror_target
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create(NetworkInterfaceId="eni-00000000000000000")
    assert "The interface ID 'eni-00000000000000000' does not exist" in str(caught.value)
    refused(lambda: create(NetworkInterfaceId=appliance["NetworkInterfaceId"]), "InterfaceInUseByTrafficMirrorTarget")
    refused(lambda: create(NetworkInterfaceId="eni-00000000000000000", GatewayLoadBalancerEndpointId="vpce-1"),
            "InvalidParameterCombination")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create()
    assert caught.value.response["Error"]["Code"] in ("MissingParameter", "InvalidParameterCombination")
    refused(lambda: create(NetworkLoadBalancerArn="arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/x/1"),
            "NetworkLoadBalancerNotFoundException")
    refused(lambda: create(GatewayLoadBalancerEndpointId="vpce-00000000000000000"), "InvalidVpcEndpointId.NotFound")
    refused(lambda: ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=mirror["target"]),
            "TrafficMirrorTargetInUseException")


# --- Filters and rules -----------------------------------------------------------------------------------------------

def test_filter_life(ec2):
    filter_ = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]
    identity = filter_["TrafficMirrorFilterId"]
    assert filter_ == {"TrafficMirrorFilterId": identity, "IngressFilterRules": [], "EgressFilterRules": [],
                       "NetworkServices": [], "Tags": []}
    changed = ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=identity,
                                                                AddNetworkServices=["amazon-dns"])
    assert changed["TrafficMirrorFilter"]["NetworkServices"] == ["amazon-dns"]
    ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=identity, AddNetworkServices=["amazon-dns"])
    changed = ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=identity,
                                                                RemoveNetworkServices=["amazon-dns"])
    assert changed["TrafficMirrorFilter"]["NetworkServices"] == []
    refused(lambda: ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=identity,
                                                                      AddNetworkServices=["amazon-ntp"]),
            "InvalidParameterValue", "amazon-ntp")
    assert ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=identity)["TrafficMirrorFilterId"] == identity
    refused(lambda: ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[identity]),
            "InvalidTrafficMirrorFilterId.NotFound", identity)


def test_rule_life(ec2):
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    created = ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=filter_id, TrafficDirection="egress", RuleNumber=10, RuleAction="accept", Protocol=6,
        SourceCidrBlock="10.0.0.0/8", DestinationCidrBlock="0.0.0.0/0",
        DestinationPortRange={"FromPort": 443, "ToPort": 443}, Description="https", ClientToken="terraform-2026010100")
    rule = created["TrafficMirrorFilterRule"]
    assert rule == {
        "TrafficMirrorFilterRuleId": rule["TrafficMirrorFilterRuleId"], "TrafficMirrorFilterId": filter_id,
        "TrafficDirection": "egress", "RuleNumber": 10, "RuleAction": "accept", "Protocol": 6,
        "DestinationPortRange": {"FromPort": 443, "ToPort": 443}, "DestinationCidrBlock": "0.0.0.0/0",
        "SourceCidrBlock": "10.0.0.0/8", "Description": "https"}
    identity = rule["TrafficMirrorFilterRuleId"]
    changed = ec2.modify_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=identity, TrafficDirection="ingress", RuleAction="reject", RuleNumber=20,
        RemoveFields=["destination-port-range", "protocol", "description"])["TrafficMirrorFilterRule"]
    assert changed == {"TrafficMirrorFilterRuleId": identity, "TrafficMirrorFilterId": filter_id,
                       "TrafficDirection": "ingress", "RuleNumber": 20, "RuleAction": "reject",
                       "DestinationCidrBlock": "0.0.0.0/0", "SourceCidrBlock": "10.0.0.0/8"}
    inline = ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[filter_id])["TrafficMirrorFilters"][0]
    assert inline["EgressFilterRules"] == [] and inline["IngressFilterRules"] == [changed]
    assert ec2.modify_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=identity)
    assert ec2.delete_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=identity)["TrafficMirrorFilterRuleId"] == identity
    refused(lambda: ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=identity),
            "InvalidTrafficMirrorFilterRuleId.NotFound")


def test_rules_are_described(controller, ec2, mirror):
    """botocore of Debian 12 does not know DescribeTrafficMirrorFilterRules nor tags of rules; they are asked for by hand."""
    answer = controller.query("CreateTrafficMirrorFilterRule", **{
        "TrafficMirrorFilterId": mirror["filter"], "TrafficDirection": "egress", "RuleNumber": "1", "RuleAction": "accept",
        "SourceCidrBlock": "::/0", "DestinationCidrBlock": "::/0",
        "TagSpecification.1.ResourceType": "traffic-mirror-filter-rule", "TagSpecification.1.Tag.1.Key": "k",
        "TagSpecification.1.Tag.1.Value": ""}).text
    assert "<tagSet><item><key>k</key><value/></item></tagSet>" in answer
    answer = controller.query("DescribeTrafficMirrorFilterRules", Filter__1__Name="tag:k", Filter__1__Value__1="").text
    assert element(answer, "ruleNumber") == "1" and element(answer, "trafficDirection") == "egress"
    ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=element(answer, "trafficMirrorFilterRuleId"))
    answer = controller.query("DescribeTrafficMirrorFilterRules", TrafficMirrorFilterId=mirror["filter"]).text
    assert element(answer, "trafficMirrorFilterRuleId") == mirror["rule"]
    assert element(answer, "ruleNumber") == "100" and "<protocol>" not in answer and "<tagSet/>" in answer
    answer = controller.query("DescribeTrafficMirrorFilterRules", TrafficMirrorFilterRuleId__1=mirror["rule"],
                              Filter__1__Name="rule-action", Filter__1__Value__1="reject").text
    assert "<trafficMirrorFilterRuleSet/>" in answer
    answer = controller.query("DescribeTrafficMirrorFilterRules", TrafficMirrorFilterRuleId__1="tmfr-00000000000000000")
    assert answer.status_code == 400 and element(answer.text, "Code") == "InvalidTrafficMirrorFilterRuleId.NotFound"


@pytest.mark.parametrize("change, code", [
    ({"TrafficDirection": "sideways"}, "InvalidParameterValue"),
    ({"RuleAction": "drop"}, "InvalidParameterValue"),
    ({"RuleNumber": 0}, "InvalidParameterValue"),
    ({"RuleNumber": 32767}, "InvalidParameterValue"),
    ({"Protocol": 256}, "InvalidParameterValue"),
    ({"SourceCidrBlock": "10.0.0.1/8"}, "InvalidParameterValue"),
    ({"SourceCidrBlock": "::/0"}, "InvalidParameterValue"),
    ({"DestinationPortRange": {"FromPort": 1, "ToPort": 2}}, "InvalidParameterCombination"),
    ({"Protocol": 6, "DestinationPortRange": {"FromPort": 2, "ToPort": 1}}, "InvalidParameterValue"),
    ({"Protocol": 17, "SourcePortRange": {"FromPort": 1, "ToPort": 65536}}, "InvalidParameterValue"),
    ({"Description": "x" * 256}, "InvalidParameterValue"),
    ({"Description": "bell\x07"}, "InvalidParameterValue"),
    ({"TrafficMirrorFilterId": "tmf-00000000000000000"}, "InvalidTrafficMirrorFilterId.NotFound"),
    ({"RuleNumber": "many"}, "InvalidParameterValue"),
])
def test_rule_refusals(ec2, change, code):
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    rule = {"TrafficMirrorFilterId": filter_id, "TrafficDirection": "ingress", "RuleNumber": 1, "RuleAction": "accept",
            "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0", **change}
    refused(lambda: ec2.create_traffic_mirror_filter_rule(**rule), code)


def test_rule_numbers_and_quota(ec2):
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def create(number, direction="ingress"):
        return ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=filter_id, TrafficDirection=direction, RuleNumber=number, RuleAction="accept",
            SourceCidrBlock="::/0", DestinationCidrBlock="::/0")

    create(1)
    refused(lambda: create(1), "TrafficMirrorFilterRuleAlreadyExists")
    create(1, "egress")
    for number in range(2, 10):
        create(number)
    refused(lambda: create(11), "TrafficMirrorFilterRuleLimitExceeded")


# --- Sessions --------------------------------------------------------------------------------------------------------

def test_session_life(ec2, interfaces, mirror):
    created = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=interfaces["eth0"], TrafficMirrorTargetId=mirror["target"],
        TrafficMirrorFilterId=mirror["filter"], SessionNumber=7, PacketLength=100, VirtualNetworkId=4711,
        Description="d", TagSpecifications=[{"ResourceType": "traffic-mirror-session",
                                             "Tags": [{"Key": "a", "Value": "b"}]}])
    session = created["TrafficMirrorSession"]
    identity = session["TrafficMirrorSessionId"]
    assert re.fullmatch("tms-[0-9a-f]{17}", identity) and created["ClientToken"]
    assert session == {
        "TrafficMirrorSessionId": identity, "TrafficMirrorTargetId": mirror["target"],
        "TrafficMirrorFilterId": mirror["filter"], "NetworkInterfaceId": interfaces["eth0"],
        "OwnerId": session["OwnerId"], "PacketLength": 100, "SessionNumber": 7, "VirtualNetworkId": 4711,
        "Description": "d", "Tags": [{"Key": "a", "Value": "b"}]}
    changed = ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=identity, SessionNumber=8, Description="new",
                                                RemoveFields=["packet-length", "virtual-network-id"])
    changed = changed["TrafficMirrorSession"]
    assert "PacketLength" not in changed and changed["SessionNumber"] == 8 and changed["Description"] == "new"
    assert changed["VirtualNetworkId"] != 4711
    found = ec2.describe_traffic_mirror_sessions(Filters=[{"Name": "session-number", "Values": ["8"]}])
    assert [item["TrafficMirrorSessionId"] for item in found["TrafficMirrorSessions"]] == [identity]
    refused(lambda: ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=identity, PacketLength=9,
                                                      RemoveFields=["packet-length"]), "InvalidParameterCombination")
    refused(lambda: ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=identity, RemoveFields=["owner"]),
            "InvalidParameterValue", "owner")
    assert ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=identity)["TrafficMirrorSessionId"] == identity
    refused(lambda: ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=identity),
            "InvalidTrafficMirrorSessionId.NotFound")


@pytest.mark.parametrize("change, code", [
    ({"SessionNumber": 0}, "InvalidParameterValue"),
    ({"SessionNumber": 32767}, "InvalidParameterValue"),
    ({"SessionNumber": 1}, "InvalidParameterValue"),
    ({"PacketLength": 0}, "InvalidParameterValue"),
    ({"PacketLength": 8501}, "InvalidParameterValue"),
    ({"VirtualNetworkId": -1}, "InvalidParameterValue"),
    ({"VirtualNetworkId": 1 << 24}, "InvalidParameterValue"),
    ({"NetworkInterfaceId": "eni-00000000000000000"}, "InvalidNetworkInterfaceID.NotFound"),
    ({"TrafficMirrorTargetId": "tmt-00000000000000000"}, "InvalidTrafficMirrorTargetId.NotFound"),
    ({"TrafficMirrorFilterId": "tmf-00000000000000000"}, "InvalidTrafficMirrorFilterId.NotFound"),
])
def test_session_refusals(ec2, interfaces, mirror, change, code):
    session = {"NetworkInterfaceId": interfaces["tap0"], "TrafficMirrorTargetId": mirror["target"],
               "TrafficMirrorFilterId": mirror["filter"], "SessionNumber": 2, **change}
    refused(lambda: ec2.create_traffic_mirror_session(**session), code)


def test_session_couplings(ec2, interfaces, appliance, mirror):
    def create(source, number):
        return ec2.create_traffic_mirror_session(
            NetworkInterfaceId=source, TrafficMirrorTargetId=mirror["target"], TrafficMirrorFilterId=mirror["filter"],
            SessionNumber=number)

    refused(lambda: ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=mirror["filter"]), "TrafficMirrorFilterInUse")
    refused(lambda: ec2.create_traffic_mirror_target(NetworkInterfaceId=interfaces["tap0"]),
            "InterfaceInUseByTrafficMirrorSession")
    create(interfaces["tap0"], 2)
    create(interfaces["tap0"], 3)
    refused(lambda: create(interfaces["tap0"], 4), "TrafficMirrorSessionsPerInterfaceLimitExceeded")
    subnet = appliance["SubnetId"]
    elsewhere = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.77")["NetworkInterface"]
    refused(lambda: create(elsewhere["NetworkInterfaceId"], 1), "NetworkInterfaceNotSupported",
            "must be attached to a supported instance")


# --- Retries, dry runs, paging ---------------------------------------------------------------------------------------

def test_client_tokens(ec2):
    first = ec2.create_traffic_mirror_filter(Description="d", ClientToken="t")["TrafficMirrorFilter"]
    again = ec2.create_traffic_mirror_filter(Description="d", ClientToken="t")["TrafficMirrorFilter"]
    assert first == again
    refused(lambda: ec2.create_traffic_mirror_filter(Description="e", ClientToken="t"), "IdempotentParameterMismatch")
    refused(lambda: ec2.create_traffic_mirror_filter(ClientToken="t" * 65), "InvalidParameterValue")
    assert len(ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1


def test_dry_runs(ec2, mirror):
    def dry(call, **arguments):
        refused(lambda: call(DryRun=True, **arguments), "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.", status=412)

    dry(ec2.create_traffic_mirror_filter)
    dry(ec2.describe_traffic_mirror_filters)
    dry(ec2.delete_traffic_mirror_session, TrafficMirrorSessionId=mirror["session"])
    refused(lambda: ec2.delete_traffic_mirror_session(DryRun=True, TrafficMirrorSessionId="tms-00000000000000000"),
            "InvalidTrafficMirrorSessionId.NotFound")
    assert len(ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1
    assert len(ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]) == 1


def test_paging(ec2):
    made = {ec2.create_traffic_mirror_filter(Description=str(i))["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
            for i in range(12)}
    pages = list(ec2.get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["TrafficMirrorFilters"]) for page in pages] == [5, 5, 2]
    assert {item["TrafficMirrorFilterId"] for page in pages for item in page["TrafficMirrorFilters"]} == made
    for count in (0, 4, 1001):
        refused(lambda: ec2.describe_traffic_mirror_filters(MaxResults=count), "InvalidParameterValue", str(count))
    refused(lambda: ec2.describe_traffic_mirror_filters(MaxResults=5, NextToken="nonsense"), "InvalidPaginationToken")
    refused(lambda: ec2.describe_traffic_mirror_filters(MaxResults=5, TrafficMirrorFilterIds=list(made)),
            "InvalidParameterCombination")
    refused(lambda: ec2.describe_traffic_mirror_filters(Filters=[{"Name": "colour", "Values": ["red"]}]),
            "InvalidParameterValue", "The filter 'colour' is invalid")


# --- Tags ------------------------------------------------------------------------------------------------------------

def test_tags(ec2, mirror):
    ec2.create_tags(Resources=[mirror["session"], mirror["filter"]],
                    Tags=[{"Key": "env", "Value": "test"}, {"Key": "émile", "Value": "a&b"}])
    ec2.create_tags(Resources=[mirror["session"]], Tags=[{"Key": "env", "Value": "prod"}])
    session = ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"][0]
    assert {tag["Key"]: tag["Value"] for tag in session["Tags"]} == {"env": "prod", "émile": "a&b"}
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [mirror["session"]]},
                                       {"Name": "key", "Values": ["env"]}])["Tags"]
    assert found == [{"Key": "env", "ResourceId": mirror["session"], "ResourceType": "traffic-mirror-session",
                      "Value": "prod"}]
    ec2.delete_tags(Resources=[mirror["session"]], Tags=[{"Key": "env", "Value": "not this"}, {"Key": "absent"}])
    assert len(ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"][0]["Tags"]) == 2
    ec2.delete_tags(Resources=[mirror["session"]], Tags=[{"Key": "env"}])
    ec2.delete_tags(Resources=[mirror["session"]])
    assert ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"][0]["Tags"] == []


@pytest.mark.parametrize("resource, tags, code", [
    ("tms-00000000000000000", [{"Key": "k", "Value": "v"}], "InvalidTrafficMirrorSessionId.NotFound"),
    ("thing-1", [{"Key": "k", "Value": "v"}], "InvalidID"),
    (None, [{"Key": "aws:k", "Value": "v"}], "InvalidParameterValue"),
    (None, [{"Key": "tmirror:host", "Value": "v"}], "InvalidParameterValue"),
    (None, [{"Key": "k" * 129, "Value": "v"}], "InvalidParameterValue"),
    (None, [{"Key": "k", "Value": "v" * 257}], "InvalidParameterValue"),
    (None, [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], "InvalidParameterValue"),
    (None, [{"Key": str(i), "Value": ""} for i in range(51)], "TagLimitExceeded"),
    (None, [], "MissingParameter"),
])
def test_tag_refusals(ec2, resource, tags, code):
    resource = resource or ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    refused(lambda: ec2.create_tags(Resources=[resource], Tags=tags), code)


def test_tag_specifications(ec2):
    def create(*specifications):
        return ec2.create_traffic_mirror_filter(TagSpecifications=list(specifications))

    refused(lambda: create({"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "k", "Value": "v"}]}),
            "InvalidParameterValue", "traffic-mirror-session")
    refused(lambda: create({"ResourceType": "traffic-mirror-filter",
                            "Tags": [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]}), "InvalidParameterValue")
    refused(lambda: create({"Tags": [{"Key": "k", "Value": "v"}]}), "MissingParameter")


# --- Network interfaces and their surroundings -----------------------------------------------------------------------

def test_interfaces(ec2, interfaces, appliance):
    described = {item["NetworkInterfaceId"]: item for item in ec2.describe_network_interfaces()["NetworkInterfaces"]}
    nic = described[interfaces["eth0"]]
    assert nic["Status"] == "in-use" and nic["PrivateIpAddress"] == "10.0.0.1" and nic["InterfaceType"] == "interface"
    assert nic["Ipv6Addresses"][0]["Ipv6Address"] == "fd00::1" and nic["MacAddress"] == "02:00:00:00:00:00"
    assert nic["PrivateDnsName"] == nic["PrivateIpAddresses"][0]["PrivateDnsName"] == "ip-10-0-0-1.ec2.internal"
    assert {"Key": "tmirror:orientation", "Value": "host"} in nic["TagSet"] and nic["Groups"] == [] and nic["SourceDestCheck"]
    assert nic["Attachment"]["Status"] == "attached" and nic["Attachment"]["InstanceId"].startswith("i-")
    assert isinstance(nic["Attachment"]["AttachTime"], datetime.datetime)
    assert {"Key": "Name", "Value": "eth0"} in nic["TagSet"] and {"Key": "tmirror:host", "Value": "web-1"} in nic["TagSet"]
    registered = described[appliance["NetworkInterfaceId"]]
    assert registered["Status"] == "available" and "Attachment" not in registered
    assert registered["PrivateIpAddresses"] == [
        {"Primary": True, "PrivateIpAddress": "192.0.2.9", "PrivateDnsName": "ip-192-0-2-9.ec2.internal"}]
    for name, value in (("private-ip-address", "192.0.2.*"), ("private-dns-name", "ip-192-*"), ("tag:Name", "")):
        found = ec2.describe_network_interfaces(Filters=[{"Name": name, "Values": [value]}])["NetworkInterfaces"]
        assert [item["NetworkInterfaceId"] for item in found] == ([appliance["NetworkInterfaceId"]] if value else [])
    found = ec2.describe_network_interfaces(Filters=[{"Name": "source-dest-check", "Values": ["true"]}])["NetworkInterfaces"]
    assert len(found) == 4
    refused(lambda: ec2.describe_network_interfaces(NetworkInterfaceIds=["eni-00000000000000000"]),
            "InvalidNetworkInterfaceID.NotFound")
    ec2.get_waiter("network_interface_available").wait(NetworkInterfaceIds=[appliance["NetworkInterfaceId"]])


def test_interface_changes(controller, ec2, interfaces, appliance):
    identity = interfaces["tap0"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, Description={"Value": "the guest's"})
    described = ec2.describe_network_interfaces(NetworkInterfaceIds=[identity])["NetworkInterfaces"][0]
    assert described["Description"] == "the guest's"
    for orientation, status in (("host", 200), ("guest", 200), ("automatic", 200), ("upside-down", 400)):
        answer = controller.query("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=identity, Orientation=orientation)
        assert answer.status_code == status, answer.text
    ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, SourceDestCheck={"Value": True})
    refused(lambda: ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, SourceDestCheck={"Value": False}),
            "UnsupportedOperation")
    refused(lambda: ec2.modify_network_interface_attribute(NetworkInterfaceId=identity, Groups=["sg-1"]), "InvalidGroup.NotFound")
    ec2.delete_network_interface(NetworkInterfaceId=appliance["NetworkInterfaceId"])
    refused(lambda: ec2.delete_network_interface(NetworkInterfaceId=appliance["NetworkInterfaceId"]),
            "InvalidNetworkInterfaceID.NotFound")


def test_registering(ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.create_network_interface(
        SubnetId=subnet, Description="d", Ipv6Addresses=[{"Ipv6Address": "2001:db8::9"}],
        PrivateIpAddresses=[{"PrivateIpAddress": "192.0.2.2", "Primary": False},
                            {"PrivateIpAddress": "192.0.2.1", "Primary": True}],
        TagSpecifications=[{"ResourceType": "network-interface", "Tags": [{"Key": "a", "Value": "b"}]}],
        ClientToken="t")["NetworkInterface"]
    assert made["PrivateIpAddress"] == "192.0.2.1" and made["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert [item["PrivateIpAddress"] for item in made["PrivateIpAddresses"]] == ["192.0.2.1", "192.0.2.2"]
    assert made["Ipv6Addresses"] == [{"Ipv6Address": "2001:db8::9"}]
    refused(lambda: ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.1"), "InvalidIPAddress.InUse")
    refused(lambda: ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="300.0.0.1"), "InvalidParameterValue")
    refused(lambda: ec2.create_network_interface(SubnetId="subnet-00000000000000000", PrivateIpAddress="192.0.2.3"),
            "InvalidSubnetID.NotFound")
    refused(lambda: ec2.create_network_interface(
        SubnetId=subnet, PrivateIpAddress="192.0.2.4",
        PrivateIpAddresses=[{"PrivateIpAddress": "192.0.2.5", "Primary": True}]), "InvalidParameterCombination")


def test_registering_asks_for_no_more_than_there_is(ec2):
    wish = {"SubnetId": ec2.describe_subnets()["Subnets"][0]["SubnetId"], "PrivateIpAddress": "192.0.2.1"}
    refused(lambda: ec2.create_network_interface(**wish, Groups=["sg-00000000000000001"]), "InvalidGroup.NotFound", "sg-0")
    refused(lambda: ec2.create_network_interface(**wish, SecondaryPrivateIpAddressCount=1), "InvalidParameterValue")
    refused(lambda: ec2.create_network_interface(**wish, Ipv6AddressCount=1), "InvalidParameterValue")
    refused(lambda: ec2.create_network_interface(**wish, InterfaceType="efa"), "InvalidParameterValue", "InterfaceType")
    made = ec2.create_network_interface(**wish, InterfaceType="interface", Groups=[], Ipv6AddressCount=0)
    assert made["NetworkInterface"]["InterfaceType"] == "interface"


def test_surroundings(controller, ec2, interfaces):
    vpc = ec2.describe_vpcs()["Vpcs"][0]
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"][0]
    assert vpc["State"] == subnet["State"] == "available" and vpc["IsDefault"] and subnet["DefaultForAz"]
    region = ec2.describe_regions()["Regions"][0]
    assert region["RegionName"] == "us-east-1" and region["Endpoint"] in controller.url
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]
    assert zone["ZoneName"] == subnet["AvailabilityZone"] == "us-east-1a" and zone["State"] == "available"
    assert ec2.describe_availability_zones(ZoneIds=[zone["ZoneId"]])["AvailabilityZones"] == [zone]
    attributes = {item["AttributeName"]: item["AttributeValues"][0]["AttributeValue"]
                  for item in ec2.describe_account_attributes()["AccountAttributes"]}
    assert attributes == {"supported-platforms": "VPC", "default-vpc": vpc["VpcId"]}
    one = ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert [item["AttributeName"] for item in one] == ["default-vpc"]
    instances = [instance for reservation in ec2.describe_instances()["Reservations"]
                 for instance in reservation["Instances"]]
    assert len(instances) == 3 and {instance["State"]["Name"] for instance in instances} == {"running"}
    assert {interface["NetworkInterfaceId"] for instance in instances for interface in instance["NetworkInterfaces"]} == \
        set(interfaces.values())
    refused(lambda: ec2.describe_vpcs(VpcIds=["vpc-00000000000000000"]), "InvalidVpcID.NotFound")
    refused(lambda: ec2.describe_subnets(SubnetIds=["subnet-00000000000000000"]), "InvalidSubnetID.NotFound")
    for name, value in (("private-dns-name", "ip-10-0-0-1.*"), ("network-interface.addresses.private-ip-address", "10.0.0.1"),
                        ("network-interface.network-interface-id", interfaces["eth0"]), ("private-ip-address", "10.0.0.?")):
        found = ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}])["Reservations"]
        assert [reservation["Instances"][0]["PrivateDnsName"] for reservation in found] == ["ip-10-0-0-1.ec2.internal"]
    refused(lambda: ec2.describe_instances(InstanceIds=["i-00000000000000000"]), "InvalidInstanceID.NotFound")
    refused(lambda: ec2.describe_regions(RegionNames=["mars-1"]), "InvalidParameterValue", "mars-1")


# --- Who asks --------------------------------------------------------------------------------------------------------

def test_identity(controller):
    identity = controller.client("sts").get_caller_identity()
    assert re.fullmatch(r"\d{12}", identity["Account"]) and identity["UserId"]
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:user/admin"
    assert controller.client("sts", region="eu-north-1").get_caller_identity()["Account"] == identity["Account"]
    assert controller.client("sts", keys=controller.agent).get_caller_identity()["Account"] == identity["Account"]


def test_wrong_keys(controller):
    good = controller.administrator
    unknown = {**good, "AWS_ACCESS_KEY_ID": "AKIA0000000000000000"}
    wrong = {**good, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    refused(controller.client(keys=unknown).describe_vpcs, "AuthFailure", status=401)
    refused(controller.client(keys=wrong).describe_vpcs, "AuthFailure", status=401)
    refused(controller.client(region="eu-west-1").describe_vpcs, "AuthFailure", "us-east-1", status=401)
    refused(controller.client("sts", keys=unknown).get_caller_identity, "InvalidClientTokenId", status=403)
    refused(controller.client("sts", keys=wrong).get_caller_identity, "SignatureDoesNotMatch", status=403)
    refused(controller.client(keys=controller.agent).describe_vpcs, "UnauthorizedOperation", status=403)


def test_unsigned_and_malformed(controller):
    answer = controller.request("GET", "/?Action=DescribeVpcs&Version=2016-11-15", signer=None)
    assert answer.status_code == 400 and element(answer.text, "Code") == "MissingParameter"
    assert element(answer.text, "Message") == "The request must contain the parameter AWSAccessKeyId"
    answer = controller.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", signer=None)
    assert answer.status_code == 403 and element(answer.text, "Code") == "MissingAuthenticationToken"
    assert "<ErrorResponse" in answer.text
    answer = controller.request("GET", "/", signer=None, headers={"Authorization": "AWS4-HMAC-SHA256 nonsense"})
    assert answer.status_code == 400 and element(answer.text, "Code") == "IncompleteSignature"

    def other_body(request):
        request.body = request.body.replace(b"Vpcs", b"Tags")
    answer = controller.request("POST", "/", b"Action=DescribeVpcs&Version=2016-11-15", tamper=other_body)
    assert answer.status_code == 401 and element(answer.text, "Code") == "AuthFailure"


def test_clock(controller, monkeypatch):
    class Late(botocore.auth.SigV4Auth):
        minutes = 0

        def add_auth(self, request):
            class Clock(datetime.datetime):
                @classmethod
                def utcnow(cls):
                    return now + datetime.timedelta(minutes=self.minutes)
            now = datetime.datetime.utcnow()
            with monkeypatch.context() as patch:
                patch.setattr(botocore.auth.datetime, "datetime", Clock)
                super().add_auth(request)

    for minutes, status in ((-14, 200), (14, 200), (-16, 400), (16, 400)):
        Late.minutes = minutes
        answer = controller.request("POST", "/", b"Action=DescribeVpcs&Version=2016-11-15", signer=Late)
        assert answer.status_code == status, answer.text
        if status != 200:
            assert element(answer.text, "Code") == "RequestExpired"


def test_presigned(controller):
    def sign(seconds):
        return lambda *arguments: botocore.auth.SigV4QueryAuth(*arguments, expires=seconds)
    path = "/?Action=DescribeRegions&Version=2016-11-15&Filter.1.Name=region-name&Filter.1.Value.1=us-*"
    answer = controller.request("GET", path, signer=sign(60))
    assert answer.status_code == 200 and element(answer.text, "regionName") == "us-east-1"
    time.sleep(1)
    answer = controller.request("GET", path, signer=sign(0), tamper=lambda request: time.sleep(1.1))
    assert element(answer.text, "Code") == "RequestExpired"


# --- Protocol --------------------------------------------------------------------------------------------------------

def test_request_refusals(controller):
    def code(body):
        answer = controller.request("POST", "/", body.encode())
        assert answer.status_code == 400 and answer.headers["x-amzn-requestid"] == element(answer.text, "RequestID")
        assert answer.headers["Content-Type"] == "text/xml;charset=UTF-8"
        return element(answer.text, "Code"), element(answer.text, "Message")

    assert code("Version=2016-11-15") == ("MissingAction", "The request must contain the parameter Action")
    assert code("Action=Dance&Version=2016-11-15") == ("InvalidAction",
                                                       "The action Dance is not valid for this web service.")
    assert code("Action=DescribeVpcs&Version=2006-06-26")[0] == "NoSuchVersion"
    assert code("Action=DescribeVpcs")[0] == "MissingParameter"
    assert code("Action=GetCallerIdentity&Version=2016-11-15")[0] == "InvalidAction"
    assert code("Action=DescribeVpcs&Version=2016-11-15&Colour=red") == ("UnknownParameter",
                                                                         "The parameter Colour is not recognized")
    assert code("Action=DeleteTrafficMirrorFilter&Version=2016-11-15") == (
        "MissingParameter", "The request must contain the parameter TrafficMirrorFilterId")
    assert code("Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=%zz")[0] == "MalformedQueryString"
    assert code("Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=cidr")[0] == "MissingParameter"
    assert code("Action=DescribeVpcs&Version=2016-11-15&DryRun=perhaps")[0] == "InvalidParameterValue"


def test_request_size(controller):
    body = b"Action=DescribeVpcs&Version=2016-11-15&X=" + b"x" * (1 << 20)
    assert controller.request("POST", "/", body).status_code == 413


def test_get_is_served(controller):
    answer = controller.request("GET", "/?Action=DescribeVpcs&Version=2016-11-15")
    assert answer.status_code == 200 and answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<DescribeVpcs')
    assert 'Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>' in answer.text
    assert not re.search(r">\s+<", answer.text.split("\n", 1)[1])
    for method, path, status in (("PUT", "/", 400), ("GET", "/elsewhere", 400)):
        assert controller.request(method, path).status_code == status


def test_browsers_may_ask(controller):
    verify = controller.administrator["AWS_CA_BUNDLE"]
    answer = requests.options(controller.url, verify=verify, timeout=10, headers={
        "Origin": "https://console.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-amz-date"})
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type,x-amz-date"
    assert answer.headers["Access-Control-Max-Age"] == "1800" and "POST" in answer.headers["Access-Control-Allow-Methods"]
    answer = requests.options(controller.url, verify=verify, timeout=10,
                              headers={"Access-Control-Request-Headers": "a<b"})
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type, *"
    assert controller.request("GET", "/", signer=None).headers["Access-Control-Allow-Origin"] == "*"


# --- Extensions ------------------------------------------------------------------------------------------------------

def test_session_status(controller, ec2, mirror):
    revision = controller.plan("web-1").json()["revision"]
    counters = {**COUNTERS, "accepted": [10, 1000], "shipped": [7, 700], "lost": {"ring_full": [3, 300]}}
    session = {"id": mirror["session"], "epoch": "00000000000000aa", "active": True, "reason": "",
               "counters": {"ingress": counters, "egress": COUNTERS}}
    answer = controller.report("web-1", sessions=[session], revision=revision)
    assert answer.status_code == 204, answer.text
    answer = controller.query("DescribeTrafficMirrorSessionStatus", TrafficMirrorSessionId__1=mirror["session"]).text
    assert element(answer, "state") == "active" and element(answer, "hostName") == "web-1"
    assert element(answer, "deviceName") == "tap0"
    assert "<ingress><accepted><packets>10</packets><bytes>1000</bytes></accepted>" in answer
    assert "<shipped><packets>7</packets><bytes>700</bytes></shipped>" in answer
    assert "<packets>3</packets><bytes>300</bytes>" in answer
    answer = controller.query("DescribeTrafficMirrorHosts").text
    assert element(answer, "hostName") == "web-1" and element(answer, "connected") == "true"
    assert element(answer, "wantedRevision") == element(answer, "appliedRevision") == str(revision)
    answer = controller.query("DescribeTrafficMirrorHosts", HostName__1="nobody")
    assert answer.status_code == 400 and ".NotFound" in element(answer.text, "Code")


def test_explain(controller, interfaces, mirror):
    packet = {"NetworkInterfaceId": interfaces["tap0"], "TrafficDirection": "ingress", "Protocol": "6",
              "SourceAddress": "10.0.0.2", "DestinationAddress": "10.0.0.1", "SourcePort": "1", "DestinationPort": "2"}
    answer = controller.query("ExplainTrafficMirrorPacket", **packet).text
    assert element(answer, "verdict") == "mirrored" and element(answer, "trafficMirrorSessionId") == mirror["session"]
    assert element(answer, "trafficMirrorFilterRuleId") == mirror["rule"] and element(answer, "explanation")
    answer = controller.query("ExplainTrafficMirrorPacket", **{**packet, "TrafficDirection": "egress"}).text
    assert element(answer, "verdict") == "unmatched" and "<trafficMirrorFilterRuleId>" not in answer
    for change, code in (({"Protocol": "1"}, "InvalidParameterCombination"), ({"SourceAddress": "x"}, "InvalidParameterValue"),
                         ({"SourceAddress": "::1"}, "InvalidParameterCombination"),
                         ({"NetworkInterfaceId": "eni-00000000000000000"}, "InvalidNetworkInterfaceID.NotFound")):
        assert element(controller.query("ExplainTrafficMirrorPacket", **{**packet, **change}).text, "Code") == code


# --- Hosts -----------------------------------------------------------------------------------------------------------

def test_plans(controller, ec2, interfaces, mirror):
    answer = controller.plan("web-1")
    plan = answer.json()
    assert answer.status_code == 200 and answer.headers["ETag"] == f'"{plan["revision"]}"'
    assert [session["id"] for session in plan["sessions"]] == [mirror["session"]]
    assert plan["targets"][0]["address"] == "192.0.2.9" and plan["sources"][0]["device"] == "tap0"

    waited = []
    poller = threading.Thread(target=lambda: waited.append((controller.plan("web-1", plan["revision"]), time.monotonic())))
    poller.start()
    time.sleep(0.5)
    assert not waited
    ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=mirror["session"], PacketLength=64)
    changed = time.monotonic()
    poller.join(timeout=40)
    answer, when = waited[0]
    assert answer.status_code == 200 and answer.json()["sessions"][0]["packet_length"] == 64
    assert when - changed < 2


def test_host_door(controller, ec2):
    """Unknown hosts have an empty plan; nobody but a host's key gets in; what is malformed is refused."""
    assert controller.plan("new-1").json()["revision"] == 0
    assert controller.plan("new-1", keys=controller.administrator).status_code == 403
    assert controller.report("new-1", [], keys=controller.administrator).status_code == 403
    for path in ("/host/v1/", "/host/v1/a", "/host/v1/a/b", "/host/v1/a%20b/plan", f"/host/v1/{'a' * 64}/plan"):
        answer = controller.request("GET", path, keys=controller.agent, service="tmirror")
        assert answer.status_code == 400, path
    assert controller.request("GET", "/host/v1/a/plan", keys=controller.agent, service="ec2").status_code == 401
    assert controller.request("GET", "/host/v1/a/plan", signer=None).status_code == 400
    answer = controller.request("POST", "/host/v1/a/report", b"{", keys=controller.agent, service="tmirror")
    assert answer.status_code == 400 and element(answer.text, "Code") == "InvalidParameterValue"


def test_large_inventories_fit(controller, ec2):
    many = [(f"tap{i}", "guest", [f"10.{i // 65536}.{i // 256 % 256}.{i % 256}"]) for i in range(15000)]
    body = json.dumps(many)
    assert len(body) < 1 << 20
    report = {"version": "v", "kernel": "k" * 90, "applied_revision": 0, "has_inventory": True, "sessions": [],
              "interfaces": [{"device": device, "mac": "02:00:00:00:00:00", "mtu": 1500, "orientation": orientation,
                              "addresses": addresses} for device, orientation, addresses in many]}
    body = json.dumps(report).encode()
    assert len(body) > 1 << 20
    answer = controller.request("POST", "/host/v1/big/report", body, keys=controller.agent, service="tmirror")
    assert answer.status_code == 204, answer.text
    answer = controller.request("POST", "/host/v1/big/report", body, service="tmirror")
    assert answer.status_code == 413


# --- The program -----------------------------------------------------------------------------------------------------

def test_state_outlives_the_program(controller):
    keys, filter_ = controller.administrator, controller.client().create_traffic_mirror_filter()["TrafficMirrorFilter"]
    for name, mode in (("", 0o700), ("ca.key", 0o600), ("server.key", 0o600), ("credentials.env", 0o600),
                       ("agent.env", 0o600), ("tmirror.sqlite", 0o600)):
        assert os.stat(os.path.join(controller.state, name)).st_mode & 0o777 == mode
    with open(os.path.join(controller.state, "ca.pem"), "rb") as authority:
        before = authority.read()
    controller.stop()
    controller.start()
    with open(os.path.join(controller.state, "ca.pem"), "rb") as authority:
        assert authority.read() == before
    assert controller.administrator["AWS_ACCESS_KEY_ID"] == keys["AWS_ACCESS_KEY_ID"]
    assert controller.client().describe_traffic_mirror_filters()["TrafficMirrorFilters"] == [filter_]


def test_stops_while_hosts_wait(controller):
    controller.report("web-1", [])
    revision = controller.plan("web-1").json()["revision"]
    answers = []
    poller = threading.Thread(target=lambda: answers.append(controller.plan("web-1", revision).status_code))
    agent = controller.agent
    poller.start()
    time.sleep(0.5)
    started = time.monotonic()
    assert controller.stop() == 0
    poller.join(timeout=10)
    assert time.monotonic() - started < 5 and answers == [304] and agent


def test_options(controller_with):
    controller = controller_with("--account", "123456789012", "--region", "eu-west-9", "--limit", "filters=2", "--plain-http",
                                 "--store", "memory")
    assert controller.url.startswith("http://") and "AWS_CA_BUNDLE" not in controller.administrator
    ec2 = controller.client()
    assert ec2.describe_vpcs()["Vpcs"][0]["OwnerId"] == "123456789012"
    assert ec2.describe_regions()["Regions"][0]["RegionName"] == "eu-west-9"
    ec2.create_traffic_mirror_filter()
    ec2.create_traffic_mirror_filter()
    refused(ec2.create_traffic_mirror_filter, "TrafficMirrorFilterLimitExceeded")
    assert not os.path.exists(os.path.join(controller.state, "tmirror.sqlite"))


# --- The AWS CLI -----------------------------------------------------------------------------------------------------

def test_aws_cli(controller, interfaces):
    def aws(*words, status=0):
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", controller.url, "--output", "json", *words],
                              env={"PATH": os.environ["PATH"], "HOME": controller.state, **controller.administrator},
                              capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if status == 0 else done.stderr

    assert aws("sts", "get-caller-identity")["Arn"].endswith("user/admin")
    subnet = aws("ec2", "describe-subnets")["Subnets"][0]["SubnetId"]
    eni = aws("ec2", "create-network-interface", "--subnet-id", subnet, "--private-ip-address", "192.0.2.9")
    target = aws("ec2", "create-traffic-mirror-target", "--network-interface-id",
                 eni["NetworkInterface"]["NetworkInterfaceId"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    filter_ = aws("ec2", "create-traffic-mirror-filter", "--tag-specifications",
                  "ResourceType=traffic-mirror-filter,Tags=[{Key=Name,Value=all}]")
    filter_id = filter_["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    aws("ec2", "create-traffic-mirror-filter-rule", "--traffic-mirror-filter-id", filter_id, "--traffic-direction", "ingress",
        "--rule-number", "1", "--rule-action", "accept", "--protocol", "17", "--source-cidr-block", "0.0.0.0/0",
        "--destination-cidr-block", "0.0.0.0/0", "--destination-port-range", "FromPort=53,ToPort=53")
    session = aws("ec2", "create-traffic-mirror-session", "--network-interface-id", interfaces["tap0"],
                  "--traffic-mirror-target-id", target, "--traffic-mirror-filter-id", filter_id, "--session-number", "1")
    assert session["TrafficMirrorSession"]["SessionNumber"] == 1
    described = aws("ec2", "describe-traffic-mirror-filters", "--filters", "Name=tag:Name,Values=a*")
    assert described["TrafficMirrorFilters"][0]["IngressFilterRules"][0]["DestinationPortRange"] == {"FromPort": 53,
                                                                                                     "ToPort": 53}
    assert "(TrafficMirrorFilterInUse)" in aws("ec2", "delete-traffic-mirror-filter", "--traffic-mirror-filter-id",
                                               filter_id, status=254)


def test_no_answer_is_older_than_the_last_change(ec2, mirror):
    """The same questions, between changes of every kind: of the object itself, its tags, its parts, and by somebody else."""
    def ask():
        return (ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"], ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"],
                ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"])

    changes = [
        lambda: ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=mirror["session"], Description="new"),
        lambda: ec2.create_tags(Resources=[mirror["session"]], Tags=[{"Key": "a", "Value": "1"}]),
        lambda: ec2.create_tags(Resources=[mirror["target"]], Tags=[{"Key": "a", "Value": "1"}]),
        lambda: ec2.delete_tags(Resources=[mirror["session"]]),
        lambda: ec2.modify_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=mirror["rule"], RuleNumber=7),
        lambda: ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=mirror["filter"],
                                                                  AddNetworkServices=["amazon-dns"]),
        lambda: ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=mirror["rule"]),
        lambda: ec2.delete_network_interface(NetworkInterfaceId=ask()[0][0]["NetworkInterfaceId"]),
        lambda: ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=mirror["target"]),
    ]
    for number, change in enumerate(changes):
        before = ask()
        assert ask() == before
        change()
        assert ask() != before, number
    assert ask()[0] == ask()[2] == [] and ask()[1][0]["IngressFilterRules"] == []
