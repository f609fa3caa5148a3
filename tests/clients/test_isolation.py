"""Two accounts: whatever one of them has, the other can neither see nor touch nor use, though its policies allow everything.

Every action that the API serves is tried; one that is missing here fails the test."""
import re
import subprocess

import pytest

from controller import PROGRAM, element
from people import People, policy, trust

VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sts": "2011-06-15", "cloudtrail": "2013-11-01"}
FILTER, RULE = "InvalidTrafficMirrorFilterId.NotFound", "InvalidTrafficMirrorFilterRuleId.NotFound"
TARGET, SESSION = "InvalidTrafficMirrorTargetId.NotFound", "InvalidTrafficMirrorSessionId.NotFound"
INTERFACE = "InvalidNetworkInterfaceID.NotFound"
CIDR = {"SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
NEW_RULE = {"TrafficDirection": "ingress", "RuleNumber": 7, "RuleAction": "accept", **CIDR}
PACKET = {"TrafficDirection": "ingress", "Protocol": 6, "SourceAddress": "10.0.0.1", "DestinationAddress": "10.0.0.2"}
KEY = {"AccessKeyId": "{key}"}
DOCUMENT = policy({"Effect": "Allow", "Action": "*", "Resource": "*"}).replace("{", "{{").replace("}", "}}")

# What is asked in the name of the other account, with things of the first: in "{braces}" by name, with "own" before it those
# of the other account.  'LISTS' must have an answer in which nothing of the first account appears.
LISTS = None
ATTEMPTS = {
    "ExplainTrafficMirrorPacket": [({"NetworkInterfaceId": "{eni}", **PACKET}, INTERFACE)],
    "CreateTrafficMirrorFilter": [({}, LISTS)],
    "DeleteTrafficMirrorFilter": [({"TrafficMirrorFilterId": "{filter}"}, FILTER)],
    "DescribeTrafficMirrorFilters": [({}, LISTS), ({"TrafficMirrorFilterId.1": "{filter}"}, FILTER),
                                     ({"Filter.1.Name": "traffic-mirror-filter-id", "Filter.1.Value.1": "tmf-*"}, LISTS)],
    "ModifyTrafficMirrorFilterNetworkServices": [({"TrafficMirrorFilterId": "{filter}", "AddNetworkService.1": "amazon-dns"}, FILTER)],
    "DescribeInstances": [({}, LISTS), ({"InstanceId.1": "{instance}"}, "InvalidInstanceID.NotFound")],
    "CreateTrafficMirrorFilterRule": [({"TrafficMirrorFilterId": "{filter}", **NEW_RULE}, FILTER)],
    "ModifyTrafficMirrorFilterRule": [({"TrafficMirrorFilterRuleId": "{rule}", "RuleNumber": 9}, RULE)],
    "DeleteTrafficMirrorFilterRule": [({"TrafficMirrorFilterRuleId": "{rule}"}, RULE)],
    "DescribeTrafficMirrorFilterRules": [({}, LISTS), ({"TrafficMirrorFilterRuleId.1": "{rule}"}, RULE),
                                         ({"TrafficMirrorFilterId": "{filter}"}, FILTER)],
    "CreateTrafficMirrorSession": [
        ({"NetworkInterfaceId": eni, "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": filter_id, "SessionNumber": 2}, code)
        for eni, target, filter_id, code in (("{eni}", "{own_target}", "{own_filter}", INTERFACE),
                                             ("{own_eni}", "{target}", "{own_filter}", TARGET),
                                             ("{own_eni}", "{own_target}", "{filter}", FILTER))],
    "ModifyTrafficMirrorSession": [({"TrafficMirrorSessionId": "{session}", "SessionNumber": 9}, SESSION),
                                   ({"TrafficMirrorSessionId": "{own_session}", "TrafficMirrorTargetId": "{target}"}, TARGET),
                                   ({"TrafficMirrorSessionId": "{own_session}", "TrafficMirrorFilterId": "{filter}"}, FILTER)],
    "DeleteTrafficMirrorSession": [({"TrafficMirrorSessionId": "{session}"}, SESSION)],
    "DescribeTrafficMirrorSessions": [({}, LISTS), ({"TrafficMirrorSessionId.1": "{session}"}, SESSION)],
    "DescribeVpcs": [({}, LISTS), ({"VpcId.1": "{vpc}"}, "InvalidVpcID.NotFound")],
    "DescribeSubnets": [({}, LISTS), ({"SubnetId.1": "{subnet}"}, "InvalidSubnetID.NotFound")],
    "DescribeRegions": [({}, LISTS)],
    "DescribeAvailabilityZones": [({}, LISTS)],
    "DescribeAccountAttributes": [({}, LISTS)],
    "CreateNetworkInterface": [({"SubnetId": "{subnet}", "PrivateIpAddress": "192.0.2.77"}, "InvalidSubnetID.NotFound")],
    "DeleteNetworkInterface": [({"NetworkInterfaceId": "{appliance}"}, INTERFACE)],
    "ModifyNetworkInterfaceAttribute": [({"NetworkInterfaceId": "{eni}", "Description.Value": "mine"}, INTERFACE)],
    "DescribeNetworkInterfaces": [({}, LISTS), ({"NetworkInterfaceId.1": "{eni}"}, INTERFACE)],
    "DescribeTrafficMirrorSessionStatus": [({}, LISTS), ({"TrafficMirrorSessionId.1": "{session}"}, SESSION)],
    "DescribeTrafficMirrorHosts": [({}, LISTS), ({"HostName.1": "web-1"}, "InvalidTrafficMirrorHostName.NotFound")],
    "DeleteTrafficMirrorHost": [({"HostName": "web-1"}, "InvalidTrafficMirrorHostName.NotFound")],
    "IssueTrafficMirrorHostKey": [({"DryRun": "true"}, "DryRunOperation")],
    "DeleteTrafficMirrorHostKey": [({"AccessKeyId": "{host_key}"}, "InvalidTrafficMirrorHostKeyId.NotFound"),
                                   (KEY, "InvalidTrafficMirrorHostKeyId.NotFound")],
    "DescribeTrafficMirrorHostKeys": [({}, LISTS)],
    "ShareTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}", "AccountId": "{own_account}"}, TARGET)],
    "UnshareTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}", "AccountId": "{own_account}"}, TARGET)],
    "DescribeTrafficMirrorTargetShares": [({}, LISTS)],
    "DescribeTrafficMirrorQuotas": [({}, LISTS), ({"AccountId": "{account}"}, "UnauthorizedOperation")],
    "DescribeTrafficMirrorRefusals": [({}, LISTS), ({"AccountId": "{account}"}, "UnauthorizedOperation")],
    "ModifyTrafficMirrorQuota": [({"Name": "filters", "Value": "0", "AccountId": "{account}"}, "UnauthorizedOperation"),
                                 ({"Name": "filters", "Value": "20000"}, "UnauthorizedOperation")],
    "ResetTrafficMirrorQuota": [({"Name": "filters", "AccountId": "{account}"}, "UnauthorizedOperation"),
                                ({"Name": "filters"}, "UnauthorizedOperation")],
    "CreateTags": [({"ResourceId.1": "{%s}" % name, "Tag.1.Key": "a", "Tag.1.Value": "b"}, code) for name, code in (
        ("filter", FILTER), ("rule", RULE), ("target", TARGET), ("session", SESSION), ("eni", INTERFACE),
        ("instance", "InvalidInstanceID.NotFound"), ("vpc", "InvalidVpcID.NotFound"))],
    "DeleteTags": [({"ResourceId.1": "{filter}"}, FILTER), ({"ResourceId.1": "{own_filter}", "ResourceId.2": "{session}"}, SESSION)],
    "DescribeTags": [({}, LISTS)],
    "CreateTrafficMirrorTarget": [({"NetworkInterfaceId": "{appliance}"}, "InvalidTrafficMirrorTargetNoFound")],
    "DeleteTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}"}, TARGET)],
    "DescribeTrafficMirrorTargets": [({}, LISTS), ({"TrafficMirrorTargetId.1": "{target}"}, TARGET)],

    "GetCallerIdentity": [({}, LISTS)],
    "GetSessionToken": [({}, LISTS)],
    "AssumeRole": [({"RoleArn": "arn:aws:iam::{account}:role/reader", "RoleSessionName": "night"}, "AccessDenied")],

    "CreateUser": [({"UserName": "carol"}, LISTS)],
    "GetUser": [({"UserName": "alice"}, "NoSuchEntity")],
    "UpdateUser": [({"UserName": "alice", "NewUserName": "eve"}, "NoSuchEntity")],
    "DeleteUser": [({"UserName": "alice"}, "NoSuchEntity")],
    "ListUsers": [({}, LISTS)],
    "ListAttachedUserPolicies": [({"UserName": "alice"}, "NoSuchEntity")],
    "ListGroupsForUser": [({"UserName": "alice"}, "NoSuchEntity")],
    "CreateRole": [({"RoleName": "writer", "AssumeRolePolicyDocument": trust("*").replace("{", "{{").replace("}", "}}")}, LISTS)],
    "GetRole": [({"RoleName": "reader"}, "NoSuchEntity")],
    "DeleteRole": [({"RoleName": "reader"}, "NoSuchEntity")],
    "UpdateRole": [({"RoleName": "reader", "MaxSessionDuration": "3600"}, "NoSuchEntity")],
    "UpdateAssumeRolePolicy": [({"RoleName": "reader", "PolicyDocument": DOCUMENT}, "NoSuchEntity")],
    "ListRoles": [({}, LISTS)],
    "ListAttachedRolePolicies": [({"RoleName": "reader"}, "NoSuchEntity")],
    "ListInstanceProfilesForRole": [({"RoleName": "reader"}, "NoSuchEntity")],
    "CreateAccessKey": [({"UserName": "alice"}, "NoSuchEntity")],
    "UpdateAccessKey": [({"UserName": "alice", "Status": "Inactive", **KEY}, "NoSuchEntity"),
                        ({"Status": "Inactive", **KEY}, "NoSuchEntity")],
    "DeleteAccessKey": [({"UserName": "alice", **KEY}, "NoSuchEntity"), (KEY, "NoSuchEntity")],
    "ListAccessKeys": [({"UserName": "alice"}, "NoSuchEntity"), ({}, LISTS)],
    "GetAccessKeyLastUsed": [(KEY, "NoSuchEntity")],
    "PutUserPolicy": [({"UserName": "alice", "PolicyName": "p", "PolicyDocument": DOCUMENT}, "NoSuchEntity")],
    "GetUserPolicy": [({"UserName": "alice", "PolicyName": "p"}, "NoSuchEntity")],
    "DeleteUserPolicy": [({"UserName": "alice", "PolicyName": "p"}, "NoSuchEntity")],
    "ListUserPolicies": [({"UserName": "alice"}, "NoSuchEntity")],
    "PutRolePolicy": [({"RoleName": "reader", "PolicyName": "p", "PolicyDocument": DOCUMENT}, "NoSuchEntity")],
    "GetRolePolicy": [({"RoleName": "reader", "PolicyName": "p"}, "NoSuchEntity")],
    "DeleteRolePolicy": [({"RoleName": "reader", "PolicyName": "p"}, "NoSuchEntity")],
    "ListRolePolicies": [({"RoleName": "reader"}, "NoSuchEntity")],
    "CreateAccount": [({"AccountName": "third"}, "AccessDenied")],
    "DeleteAccount": [({"AccountId": "{account}"}, "AccessDenied")],
    "ListAccounts": [({}, LISTS)],
    # All else it finds it has asked for itself.
    "LookupEvents": [({"LookupAttributes.member.1.AttributeKey": "Username", "LookupAttributes.member.1.AttributeValue": "alice"}, LISTS)],
}


def served():
    """Every action, with its service."""
    lines = subprocess.run([PROGRAM, "--list-actions"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[1]: line.split()[0] for line in lines}


def furnish(controller, people, host, address):
    """One of each thing, for an account whose hosts report with these keys."""
    ec2 = controller.client(keys=people.keys)
    keys = people.host_keys()
    assert controller.report(host, [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])], keys=keys).status_code == 204
    subnet = ec2.describe_subnets()["Subnets"][0]
    found = ec2.describe_network_interfaces(Filters=[{"Name": "tag:tmirror:device", "Values": ["tap0"]}])["NetworkInterfaces"][0]
    appliance = ec2.create_network_interface(SubnetId=subnet["SubnetId"], PrivateIpAddress=address)["NetworkInterface"]
    made = {"eni": found["NetworkInterfaceId"], "instance": found["Attachment"]["InstanceId"], "vpc": subnet["VpcId"],
            "subnet": subnet["SubnetId"], "appliance": appliance["NetworkInterfaceId"], "account": people.account}
    made["target"] = ec2.create_traffic_mirror_target(
        NetworkInterfaceId=made["appliance"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    made["filter"] = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    made["rule"] = ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=made["filter"], **NEW_RULE)["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
    made["session"] = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=made["eni"], TrafficMirrorTargetId=made["target"], TrafficMirrorFilterId=made["filter"],
        SessionNumber=1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]
    made["host_key"] = keys["AWS_ACCESS_KEY_ID"]
    made["key"] = people.user("alice" if host == "web-1" else "zoe")["AWS_ACCESS_KEY_ID"]
    people.role("reader" if host == "web-1" else "zebra", trust(people.account))
    return made


def everything(controller, people):
    """All that the account's own administrator can see; not what the clock changes."""
    ec2, iam = controller.client(keys=people.keys), people.iam
    seen = [ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"], ec2.describe_tags()["Tags"],
            ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"],
            ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"],
            ec2.describe_network_interfaces()["NetworkInterfaces"], iam.list_users()["Users"], iam.list_roles()["Roles"],
            iam.list_access_keys(UserName="alice")["AccessKeyMetadata"], iam.list_user_policies(UserName="alice")["PolicyNames"]]
    return seen


@pytest.fixture
def people(controller):
    return People(controller)


def test_another_accounts_things_are_not_there(controller, people):
    actions = served()
    assert set(ATTEMPTS) == set(actions)
    things = furnish(controller, people, "web-1", "192.0.2.9")
    other = people.other_account()
    names = things | {f"own_{name}": thing for name, thing in furnish(controller, other, "db-1", "192.0.2.9").items()}
    before = everything(controller, people)
    for action, attempts in ATTEMPTS.items():
        for parameters, code in attempts:
            fields = {name: str(value).format(**names) for name, value in parameters.items()}
            answer = controller.query(action, keys=other.keys, service=actions[action], version=VERSIONS[actions[action]], **fields)
            assert element(answer.text, "Code") == code, (action, fields, answer.text)
            if code == LISTS:
                shown = [thing for thing in things.values() if thing in answer.text]
                assert not shown and "web-1" not in answer.text and "alice" not in answer.text, (action, answer.text)
    assert everything(controller, people) == before


def test_every_action_takes_permission(controller, people):
    """Who has no policy may only ask who he is."""
    actions = served()
    names = furnish(controller, people, "web-1", "192.0.2.9")
    names |= {f"own_{name}": thing for name, thing in names.items()}
    before = everything(controller, people)
    nobody = people.user("nobody")
    for action, attempts in ATTEMPTS.items():
        for parameters, _ in attempts:
            fields = {name: str(value).format(**names) for name, value in parameters.items()}
            answer = controller.query(action, keys=nobody, service=actions[action], version=VERSIONS[actions[action]], **fields)
            code = None if action in ("GetCallerIdentity", "GetSessionToken") else \
                {"ec2": "UnauthorizedOperation", "cloudtrail": "AccessDeniedException"}.get(actions[action], "AccessDenied")
            assert element(answer.text, "Code") == code, (action, answer.text)
            if code:
                assert f"{people.arn('user/nobody')} is not authorized to perform: {actions[action]}:{action} on" in answer.text
    people.iam.delete_access_key(UserName="nobody", AccessKeyId=nobody["AWS_ACCESS_KEY_ID"])
    people.iam.delete_user(UserName="nobody")
    assert everything(controller, people) == before


def test_hosts_belong_to_an_account(controller, people):
    """A host is of the account whose key it reports with, and another's key cannot speak for it."""
    furnish(controller, people, "web-1", "192.0.2.9")
    other = people.other_account()
    keys = other.host_keys()
    assert controller.report("web-1", [("eth0", "host", [])], keys=keys).status_code == 403
    assert controller.plan("web-1", keys=keys).status_code == 403
    assert controller.report("db-1", [("eth0", "host", [])], keys=keys).status_code == 204
    assert len(controller.plan("web-1").json()["sources"]) == 1
    assert controller.plan("db-1").status_code == 403


def test_keys_of_hosts(controller, people):
    """Two of them, so that one can be replaced; one that is deleted opens nothing."""
    first = {key["AccessKeyId"] for key in host_keys(controller, people)}
    assert first == {controller.agent["AWS_ACCESS_KEY_ID"]}
    second = people.host_keys()
    assert controller.report("web-1", [], keys=second).status_code == 204
    refused = controller.query("IssueTrafficMirrorHostKey")
    assert (refused.status_code, element(refused.text, "Code")) == (400, "TrafficMirrorHostKeyLimitExceeded")
    listed = host_keys(controller, people)
    assert {key["AccessKeyId"] for key in listed} == first | {second["AWS_ACCESS_KEY_ID"]}
    assert all("SecretAccessKey" not in key for key in listed)
    assert controller.query("DeleteTrafficMirrorHostKey", AccessKeyId=first.pop()).status_code == 200
    assert controller.report("web-1").status_code == 401
    assert controller.report("web-1", keys=second).status_code == 204
    assert controller.query("DescribeVpcs", keys=second).status_code == 403


def host_keys(controller, people):
    text = controller.query("DescribeTrafficMirrorHostKeys", keys=people.keys).text
    return [{name[0].upper() + name[1:]: value for name, value in re.findall(r"<(\w+)>([^<]+)</", item)}
            for item in text.split("<item>")[1:]]
