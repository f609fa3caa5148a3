"""What an administrator's quotas reach: thousands of rules in a filter, and tens of sessions on a source."""
import statistics
import time

import botocore.exceptions
import pytest

RULES = 5000
SESSIONS = 20
SAMPLE = 500


@pytest.fixture
def site(controller_with):
    controller = controller_with("--limit", f"rules-per-filter={RULES}", "--limit", f"sessions-per-source={SESSIONS}")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"])]).status_code == 204
    return controller


def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code


def make_rule(ec2, filter_id, number):
    """Each other third octet is a block of its own."""
    return ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=filter_id, TrafficDirection="ingress" if number % 2 else "egress", RuleNumber=number,
        RuleAction="accept", SourceCidrBlock=f"10.{number >> 8}.{number & 255}.0/24", DestinationCidrBlock="0.0.0.0/0")


@pytest.mark.alone
def test_thousands_of_rules_and_many_sessions(site):
    ec2 = site.client()
    source, = [nic["NetworkInterfaceId"] for nic in ec2.describe_network_interfaces()["NetworkInterfaces"]]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]["NetworkInterfaceId"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def make_session(number):
        return ec2.create_traffic_mirror_session(
            NetworkInterfaceId=source, TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id, SessionNumber=number)

    for number in range(1, SESSIONS + 1):
        make_session(number)
    refused(lambda: make_session(SESSIONS + 1), "TrafficMirrorSessionsPerInterfaceLimitExceeded")

    # A rule costs what the first did, however many there are: had it read the others, the last would take several times
    # as long.  Medians, since other programs run here, too.
    took = []
    for number in range(1, RULES + 1):
        before = time.monotonic()
        make_rule(ec2, filter_id, number)
        took.append(time.monotonic() - before)
    first, last = statistics.median(took[:SAMPLE]), statistics.median(took[-SAMPLE:])
    assert last < 2 * first, f"{first * 1000:.2f} ms for one of the first rules, {last * 1000:.2f} ms for one of the last"
    refused(lambda: make_rule(ec2, filter_id, RULES + 1), "TrafficMirrorFilterRuleLimitExceeded")
    refused(lambda: make_rule(ec2, filter_id, RULES), "TrafficMirrorFilterRuleAlreadyExists")

    shown, = ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert [rule["RuleNumber"] for rule in shown["IngressFilterRules"]] == list(range(1, RULES, 2))
    assert [rule["RuleNumber"] for rule in shown["EgressFilterRules"]] == list(range(2, RULES + 1, 2))
    pages = ec2.get_paginator("describe_traffic_mirror_sessions").paginate(PaginationConfig={"PageSize": 5})
    assert sum(len(page["TrafficMirrorSessions"]) for page in pages) == SESSIONS

    plan = site.plan("web-1").json()
    assert len(plan["filters"][0]["rules"]) == RULES and len(plan["sessions"]) == SESSIONS
    assert [session["number"] for session in plan["sessions"]] == list(range(1, SESSIONS + 1))
