"""Two accounts: whatever one of them has, the other can neither see nor touch nor use, though its policies allow everything.

Every action that the API serves is tried; one that is missing here fails the test."""
import re
import subprocess

import pytest

from controller import PROGRAM, element
from people import People, policy, trust

ELB = "elasticloadbalancing"
VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sts": "2011-06-15", ELB: "2015-12-01",
            "cloudtrail": "2013-11-01", "monitoring": "2010-08-01"}
#: What permissions begin with, where it is not the name of the service.
PREFIXES = {"monitoring": "cloudwatch"}
FILTER, RULE = "InvalidTrafficMirrorFilterId.NotFound", "InvalidTrafficMirrorFilterRuleId.NotFound"
TARGET, SESSION = "InvalidTrafficMirrorTargetId.NotFound", "InvalidTrafficMirrorSessionId.NotFound"
SELECTOR = "InvalidTrafficMirrorSelectorId.NotFound"
INTERFACE = "InvalidNetworkInterfaceID.NotFound"
SERVICE, ENDPOINT = "InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointId.NotFound"
CIDR = {"SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
NEW_RULE = {"TrafficDirection": "ingress", "RuleNumber": 7, "RuleAction": "accept", **CIDR}
PACKET = {"TrafficDirection": "ingress", "Protocol": 6, "SourceAddress": "10.0.0.1", "DestinationAddress": "10.0.0.2"}
TIME = {"StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-01T01:00:00Z"}
STAT = "MetricDataQueries.member.1.MetricStat"
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
    "StartTrafficMirrorPeek": [({"TrafficMirrorSessionId": "{session}"}, SESSION)],
    "GetTrafficMirrorPeek": [({"TrafficMirrorSessionId": "{session}", "TrafficMirrorPeekId": "peek-0"}, SESSION)],
    "StopTrafficMirrorPeek": [({"TrafficMirrorSessionId": "{session}", "TrafficMirrorPeekId": "peek-0"}, SESSION)],
    "DescribeTrafficMirrorSessions": [({}, LISTS), ({"TrafficMirrorSessionId.1": "{session}"}, SESSION)],
    "CreateTrafficMirrorSelector": [
        ({"TagFilter.1.Key": "app", "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": filter_id, "SessionNumber": 2}, code)
        for target, filter_id, code in (("{target}", "{own_filter}", TARGET), ("{own_target}", "{filter}", FILTER))] + [
        ({"TagFilter.1.Key": "tmirror:host", "TrafficMirrorTargetId": "{own_target}", "TrafficMirrorFilterId": "{own_filter}",
          "SessionNumber": 3}, LISTS)],
    "ModifyTrafficMirrorSelector": [
        ({"TrafficMirrorSelectorId": "{selector}", "SessionNumber": 9}, SELECTOR),
        ({"TrafficMirrorSelectorId": "{own_selector}", "TrafficMirrorTargetId": "{target}"}, TARGET),
        ({"TrafficMirrorSelectorId": "{own_selector}", "TrafficMirrorFilterId": "{filter}"}, FILTER)],
    "DeleteTrafficMirrorSelector": [({"TrafficMirrorSelectorId": "{selector}"}, SELECTOR)],
    "DescribeTrafficMirrorSelectors": [({}, LISTS), ({"TrafficMirrorSelectorId.1": "{selector}"}, SELECTOR)],
    "DescribeTrafficMirrorSelectorRefusals": [({}, LISTS), ({"Filter.1.Name": "traffic-mirror-selector-id",
                                                             "Filter.1.Value.1": "tmsel-*"}, LISTS)],
    "DescribeVpcs": [({}, LISTS), ({"VpcId.1": "{vpc}"}, "InvalidVpcID.NotFound")],
    "DescribeSubnets": [({}, LISTS), ({"SubnetId.1": "{subnet}"}, "InvalidSubnetID.NotFound")],
    "DescribeRegions": [({}, LISTS)],
    "DescribeAvailabilityZones": [({}, LISTS)],
    "DescribeAccountAttributes": [({}, LISTS)],
    "DescribePrefixLists": [({}, LISTS)],
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
    "RevokeTrafficMirrorHost": [({"HostName": "web-1"}, "InvalidTrafficMirrorHostName.NotFound")],
    "IssueTrafficMirrorHostEnrolment": [({"DryRun": "true"}, "DryRunOperation")],
    "DeleteTrafficMirrorHostEnrolment": [({"EnrolmentId": "{enrolment}"}, "InvalidTrafficMirrorHostEnrolmentId.NotFound")],
    "DescribeTrafficMirrorHostEnrolments": [({}, LISTS)],
    "RedeemTrafficMirrorHostEnrolment": [({"EnrolmentCode": "{key}", "HostName": "web-1"}, "InvalidTrafficMirrorHostEnrolmentCode")],
    "ShareTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}", "AccountId": "{own_account}"}, TARGET)],
    "UnshareTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}", "AccountId": "{own_account}"}, TARGET)],
    "DescribeTrafficMirrorTargetShares": [({}, LISTS)],
    "DescribeTrafficMirrorQuotas": [({}, LISTS), ({"AccountId": "{account}"}, "UnauthorizedOperation")],
    "DescribeTrafficMirrorRefusals": [({}, LISTS), ({"AccountId": "{account}"}, "UnauthorizedOperation")],
    "DescribeTrafficMirrorChanges": [({}, LISTS), ({"Since": "0"}, LISTS)],
    "DescribeTrafficMirrorUsage": [({}, LISTS), ({"AccountId": "{account}"}, "UnauthorizedOperation"),
                                   ({"AccountId": "all"}, "UnauthorizedOperation")],
    "ModifyTrafficMirrorQuota": [({"Name": "filters", "Value": "0", "AccountId": "{account}"}, "UnauthorizedOperation"),
                                 ({"Name": "filters", "Value": "20000"}, "UnauthorizedOperation")],
    "ResetTrafficMirrorQuota": [({"Name": "filters", "AccountId": "{account}"}, "UnauthorizedOperation"),
                                ({"Name": "filters"}, "UnauthorizedOperation")],
    "CreateTags": [({"ResourceId.1": "{%s}" % name, "Tag.1.Key": "a", "Tag.1.Value": "b"}, code) for name, code in (
        ("filter", FILTER), ("rule", RULE), ("target", TARGET), ("session", SESSION), ("eni", INTERFACE),
        ("instance", "InvalidInstanceID.NotFound"), ("vpc", "InvalidVpcID.NotFound"))],
    "DeleteTags": [({"ResourceId.1": "{filter}"}, FILTER), ({"ResourceId.1": "{own_filter}", "ResourceId.2": "{session}"}, SESSION)],
    "DescribeTags": [({}, LISTS)],
    "CreateTrafficMirrorTarget": [({"NetworkInterfaceId": "{appliance}"}, "InvalidTrafficMirrorTargetNoFound"),
                                  ({"NetworkLoadBalancerArn": "{balancer}"}, "NetworkLoadBalancerNotFoundException"),
                                  ({"GatewayLoadBalancerEndpointId": "{endpoint}"}, ENDPOINT)],
    "DeleteTrafficMirrorTarget": [({"TrafficMirrorTargetId": "{target}"}, TARGET)],
    "CreateVpcEndpointServiceConfiguration": [({"GatewayLoadBalancerArn.1": "{gateway}"}, "InvalidParameterValue")],
    "ModifyVpcEndpointServiceConfiguration": [({"ServiceId": "{service}", "AcceptanceRequired": "false"}, SERVICE)],
    "DeleteVpcEndpointServiceConfigurations": [({"ServiceId.1": "{service}"}, "InvalidVpcEndpointService.NotFound")],
    "DescribeVpcEndpointServiceConfigurations": [({}, LISTS), ({"ServiceId.1": "{service}"}, SERVICE)],
    "DescribeVpcEndpointServices": [({}, LISTS), ({"ServiceName.1": "com.amazonaws.vpce.us-east-1.{service}"},
                                                 "InvalidServiceName")],
    "ModifyVpcEndpointServicePermissions": [({"ServiceId": "{service}", "AddAllowedPrincipals.1": "*"}, SERVICE)],
    "DescribeVpcEndpointServicePermissions": [({"ServiceId": "{service}"}, SERVICE)],
    "CreateVpcEndpoint": [
        ({"VpcEndpointType": "GatewayLoadBalancer", "VpcId": vpc, "SubnetId.1": subnet,
          "ServiceName": "com.amazonaws.vpce.us-east-1.{%s}" % service}, code) for vpc, subnet, service, code in (
              ("{own_vpc}", "{own_subnet}", "service", "InvalidServiceName"),
              ("{vpc}", "{own_subnet}", "own_service", "InvalidVpcID.NotFound"),
              ("{own_vpc}", "{subnet}", "own_service", "InvalidSubnetID.NotFound"))],
    "DeleteVpcEndpoints": [({"VpcEndpointId.1": "{endpoint}"}, "InvalidVpcEndpoint.NotFound")],
    "DescribeVpcEndpoints": [({}, LISTS), ({"VpcEndpointId.1": "{endpoint}"}, ENDPOINT)],
    "DescribeVpcEndpointConnections": [({}, LISTS)],
    "AcceptVpcEndpointConnections": [({"ServiceId": "{service}", "VpcEndpointId.1": "{endpoint}"}, SERVICE),
                                     ({"ServiceId": "{own_service}", "VpcEndpointId.1": "{endpoint}"}, ENDPOINT)],
    "RejectVpcEndpointConnections": [({"ServiceId": "{service}", "VpcEndpointId.1": "{endpoint}"}, SERVICE),
                                     ({"ServiceId": "{own_service}", "VpcEndpointId.1": "{endpoint}"}, ENDPOINT)],
    "DescribeTrafficMirrorTargets": [({}, LISTS), ({"TrafficMirrorTargetId.1": "{target}"}, TARGET)],

    "ListMetrics": [({}, LISTS), ({"Dimensions.member.1.Name": "HostName", "Dimensions.member.1.Value": "web-1"}, LISTS)],
    "GetMetricStatistics": [({"Namespace": "AWS/EC2", "MetricName": "NetworkMirrorIn", "Dimensions.member.1.Name": "InstanceId",
                              "Dimensions.member.1.Value": "{instance}", "Statistics.member.1": "Sum", "Period": 60, **TIME}, LISTS)],
    "GetMetricData": [({"MetricDataQueries.member.1.Id": "a", f"{STAT}.Metric.Namespace": "TrafficMirror",
                        f"{STAT}.Metric.MetricName": "BytesShippedIn", f"{STAT}.Period": 60, f"{STAT}.Stat": "Sum",
                        f"{STAT}.Metric.Dimensions.member.1.Name": "TrafficMirrorSessionId",
                        f"{STAT}.Metric.Dimensions.member.1.Value": "{session}", **TIME}, LISTS)],

    "GetCallerIdentity": [({}, LISTS)],
    "GetSessionToken": [({}, LISTS)],
    "CreateConsoleSignIn": [({}, LISTS)],
    "RedeemConsoleSignIn": [({"SignInCode": "{key}"}, "InvalidClientTokenId")],
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


#: The same of load balancing, where names of actions are used again.
BALANCER, LISTENER, GROUP = "LoadBalancerNotFound", "ListenerNotFound", "TargetGroupNotFound"
PROTECT = {"Attributes.member.1.Key": "deletion_protection.enabled", "Attributes.member.1.Value": "true"}
TO_GROUP = {"DefaultActions.member.1.Type": "forward", "DefaultActions.member.1.TargetGroupArn": "{group}"}
BALANCING = {
    "CreateLoadBalancer": [({"Name": "theirs", "Type": "gateway", "Subnets.member.1": "{subnet}"}, "SubnetNotFound"),
                           ({"Name": "sensors", "Type": "gateway", "Subnets.member.1": "{own_subnet}"}, LISTS)],
    "DescribeLoadBalancers": [({}, LISTS), ({"LoadBalancerArns.member.1": "{balancer}"}, BALANCER),
                              ({"Names.member.1": "web-1-balancer"}, BALANCER)],
    "DeleteLoadBalancer": [({"LoadBalancerArn": "{balancer}"}, LISTS)],
    "DescribeLoadBalancerAttributes": [({"LoadBalancerArn": "{balancer}"}, BALANCER)],
    "ModifyLoadBalancerAttributes": [({"LoadBalancerArn": "{balancer}", **PROTECT}, BALANCER)],
    "SetSubnets": [({"LoadBalancerArn": "{balancer}", "Subnets.member.1": "{own_subnet}"}, BALANCER),
                   ({"LoadBalancerArn": "{own_balancer}", "Subnets.member.1": "{subnet}"}, "SubnetNotFound")],
    "SetSecurityGroups": [({"LoadBalancerArn": "{balancer}"}, BALANCER)],
    "SetIpAddressType": [({"LoadBalancerArn": "{balancer}", "IpAddressType": "ipv4"}, BALANCER)],
    "DescribeCapacityReservation": [({"LoadBalancerArn": "{balancer}"}, BALANCER)],
    "DescribeAccountLimits": [({}, LISTS)],
    "CreateListener": [({"LoadBalancerArn": "{balancer}", "Protocol": "UDP", "Port": 4789, **TO_GROUP}, BALANCER),
                       ({"LoadBalancerArn": "{own_balancer}", "Protocol": "UDP", "Port": 4789, **TO_GROUP}, GROUP)],
    "DescribeListeners": [({"LoadBalancerArn": "{balancer}"}, BALANCER), ({"ListenerArns.member.1": "{listener}"}, LISTENER)],
    "ModifyListener": [({"ListenerArn": "{listener}", "Port": 4790}, LISTENER)],
    "DeleteListener": [({"ListenerArn": "{listener}"}, LISTENER)],
    "DescribeListenerAttributes": [({"ListenerArn": "{listener}"}, LISTENER)],
    "ModifyListenerAttributes": [({"ListenerArn": "{listener}", "Attributes.member.1.Key": "tcp.idle_timeout.seconds",
                                   "Attributes.member.1.Value": "60"}, LISTENER)],
    "CreateTargetGroup": [({"Name": "theirs", "Protocol": "UDP", "Port": 4789, "VpcId": "{vpc}"}, "ValidationError"),
                          ({"Name": "sensors", "Protocol": "UDP", "Port": 4789, "VpcId": "{own_vpc}"}, LISTS)],
    "DescribeTargetGroups": [({}, LISTS), ({"TargetGroupArns.member.1": "{group}"}, GROUP), ({"Names.member.1": "web-1-group"}, GROUP),
                             ({"LoadBalancerArn": "{balancer}"}, BALANCER)],
    "ModifyTargetGroup": [({"TargetGroupArn": "{group}", "HealthCheckPort": 80}, GROUP)],
    "DeleteTargetGroup": [({"TargetGroupArn": "{group}"}, GROUP)],
    "DescribeTargetGroupAttributes": [({"TargetGroupArn": "{group}"}, GROUP)],
    "ModifyTargetGroupAttributes": [({"TargetGroupArn": "{group}", "Attributes.member.1.Key": "stickiness.enabled",
                                      "Attributes.member.1.Value": "true"}, GROUP)],
    "RegisterTargets": [({"TargetGroupArn": "{group}", "Targets.member.1.Id": "192.0.2.1"}, GROUP),
                        ({"TargetGroupArn": "{own_instances}", "Targets.member.1.Id": "{instance}"}, "InvalidTarget")],
    "DeregisterTargets": [({"TargetGroupArn": "{group}", "Targets.member.1.Id": "192.0.2.9"}, GROUP)],
    "DescribeTargetHealth": [({"TargetGroupArn": "{group}"}, GROUP)],
    "AddTags": [({"ResourceArns.member.1": "{%s}" % name, "Tags.member.1.Key": "k"}, code)
                for name, code in (("balancer", BALANCER), ("listener", LISTENER), ("group", GROUP))],
    "RemoveTags": [({"ResourceArns.member.1": "{balancer}", "TagKeys.member.1": "k"}, "LoadBalancerNotFound")],
    "DescribeTags": [({"ResourceArns.member.1": "{balancer}"}, "LoadBalancerNotFound")],
}


def served():
    """Every action, with its service."""
    lines = subprocess.run([PROGRAM, "--list-actions"], check=True, capture_output=True, text=True).stdout.splitlines()
    return {tuple(line.split()[:2]) for line in lines}


def all_attempts():
    """Service, action, fields with things by name, and what is to come of them."""
    services = {action: service for service, action in served() if service != ELB}
    assert set(ATTEMPTS) | {(ELB, action) for action in BALANCING} == set(services) | {pair for pair in served() if pair[0] == ELB}
    for service_of, table in ((services.get, ATTEMPTS), (lambda _: ELB, BALANCING)):
        for action, attempts in table.items():
            for parameters, code in attempts:
                yield service_of(action), action, parameters, code


def code_of(answer):
    """Of an error, or of the one thing that a call about several could not do; None is success, whose answers may have an
    element of that name, too."""
    if "<unsuccessful><item>" in answer.text:
        return element(answer.text, "code")
    return None if answer.status_code == 200 else element(answer.text, "Code")


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
    # It selects the interface, and is refused: the number is the session's.
    answer = controller.query("CreateTrafficMirrorSelector", keys=people.keys, TagFilter__1__Key="tmirror:device",
                              TagFilter__1__Value__1="tap0", TrafficMirrorTargetId=made["target"],
                              TrafficMirrorFilterId=made["filter"], SessionNumber=1)
    made["selector"] = element(answer.text, "trafficMirrorSelectorId")
    made["host_key"] = keys["AWS_ACCESS_KEY_ID"]
    made["enrolment"] = element(controller.query("IssueTrafficMirrorHostEnrolment", keys=people.keys).text, "enrolmentId")
    elb = controller.client("elbv2", keys=people.keys)
    made["balancer"] = elb.create_load_balancer(
        Name=f"{host}-balancer", Type="network", Subnets=[made["subnet"]])["LoadBalancers"][0]["LoadBalancerArn"]
    for name, kind in (("group", "ip"), ("instances", "instance")):
        made[name] = elb.create_target_group(Name=f"{host}-{name}", Protocol="UDP", Port=4789, VpcId=made["vpc"], TargetType=kind)[
            "TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=made["group"], Targets=[{"Id": "192.0.2.9"}])
    made["listener"] = elb.create_listener(
        LoadBalancerArn=made["balancer"], Protocol="UDP", Port=4790,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made["group"]}])["Listeners"][0]["ListenerArn"]
    made["gateway"] = elb.create_load_balancer(
        Name=f"{host}-gateway", Type="gateway", Subnets=[made["subnet"]])["LoadBalancers"][0]["LoadBalancerArn"]
    service = ec2.create_vpc_endpoint_service_configuration(
        GatewayLoadBalancerArns=[made["gateway"]], AcceptanceRequired=True)["ServiceConfiguration"]
    made["service"] = service["ServiceId"]
    made["endpoint"] = ec2.create_vpc_endpoint(
        VpcEndpointType="GatewayLoadBalancer", VpcId=made["vpc"], SubnetIds=[made["subnet"]],
        ServiceName=service["ServiceName"])["VpcEndpoint"]["VpcEndpointId"]
    made["key"] = people.user("alice" if host == "web-1" else "zoe")["AWS_ACCESS_KEY_ID"]
    people.role("reader" if host == "web-1" else "zebra", trust(people.account))
    return made


def everything(controller, people):
    """All that the account's own administrator can see; not what the clock changes."""
    ec2, iam = controller.client(keys=people.keys), people.iam
    elb = controller.client("elbv2", keys=people.keys)
    groups = elb.describe_target_groups()["TargetGroups"]
    seen = [elb.describe_load_balancers()["LoadBalancers"], groups,
            [[elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"],
              elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]] for group in groups],
            ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"], ec2.describe_tags()["Tags"],
            ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"],
            ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"], ec2.describe_vpc_endpoints()["VpcEndpoints"],
            ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"],
            ec2.describe_network_interfaces()["NetworkInterfaces"], iam.list_users()["Users"], iam.list_roles()["Roles"],
            iam.list_access_keys(UserName="alice")["AccessKeyMetadata"], iam.list_user_policies(UserName="alice")["PolicyNames"]]
    return seen


@pytest.fixture
def people(controller):
    return People(controller)


def test_another_accounts_things_are_not_there(controller, people):
    things = furnish(controller, people, "web-1", "192.0.2.9")
    other = people.other_account()
    names = things | {f"own_{name}": thing for name, thing in furnish(controller, other, "db-1", "192.0.2.9").items()}
    before = everything(controller, people)
    for service, action, parameters, code in all_attempts():
        fields = {name: str(value).format(**names) for name, value in parameters.items()}
        answer = controller.query(action, keys=other.keys, service=service, version=VERSIONS[service], **fields)
        assert code_of(answer) == code, (action, fields, answer.text)
        if code == LISTS:
            shown = [thing for thing in things.values() if thing in answer.text]
            assert not shown and "web-1" not in answer.text and "alice" not in answer.text, (action, answer.text)
    assert everything(controller, people) == before


def test_every_action_takes_permission(controller, people):
    """Who has no policy may only ask who he is."""
    names = furnish(controller, people, "web-1", "192.0.2.9")
    names |= {f"own_{name}": thing for name, thing in names.items()}
    before = everything(controller, people)
    nobody = people.user("nobody")
    for service, action, parameters, _ in all_attempts():
        fields = {name: str(value).format(**names) for name, value in parameters.items()}
        answer = controller.query(action, keys=nobody, service=service, version=VERSIONS[service], **fields)
        if action in ("RedeemConsoleSignIn", "RedeemTrafficMirrorHostEnrolment"):  # Of whoever has the code.
            continue
        code = None if action in ("GetCallerIdentity", "GetSessionToken", "CreateConsoleSignIn") else \
            {"ec2": "UnauthorizedOperation", "cloudtrail": "AccessDeniedException"}.get(service, "AccessDenied")
        assert code_of(answer) == code, (action, answer.text)
        if code:
            assert f"{people.arn('user/nobody')} is not authorized to perform: {PREFIXES.get(service, service)}:{action} on" in answer.text
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
    assert controller.report("web-1").status_code == 403
    assert controller.report("web-1", keys=second).status_code == 204
    assert controller.query("DescribeVpcs", keys=second).status_code == 403


def host_keys(controller, people):
    text = controller.query("DescribeTrafficMirrorHostKeys", keys=people.keys).text
    return [{name[0].upper() + name[1:]: value for name, value in re.findall(r"<(\w+)>([^<]+)</", item)}
            for item in text.split("<item>")[1:]]
