"""Quotas, account by account: they hold at once, outlast a restart, and go before the service's."""
import botocore.exceptions
import pytest

from controller import element
from people import People, allow


def change(controller, people, name, value=None, **more):
    """Sets a quota, or resets it; the code of the refusal, or None."""
    action = "ResetTrafficMirrorQuota" if value is None else "ModifyTrafficMirrorQuota"
    given = {} if value is None else {"Value": str(value)}
    answer = controller.query(action, keys=people.keys, Name=name, **given, **more)
    return element(answer.text, "Code")


def quotas(controller, people, **more):
    """Value, default and usage by name."""
    text = controller.query("DescribeTrafficMirrorQuotas", keys=people.keys, **more).text
    return {element(item, "name"): tuple(int(element(item, field)) if element(item, field) else None
                                         for field in ("value", "default", "usage")) for item in text.split("<item>")[1:]}


def refusal(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def test_an_accounts_own_goes_before_the_services(controller_with):
    controller = controller_with("--limit", "filters=3")
    first = People(controller)
    other = first.other_account()
    ec2 = controller.client(keys=other.keys)
    assert quotas(controller, other)["filters"] == (3, 3, 0)
    assert change(controller, first, "filters", 1, AccountId=other.account) is None
    kept = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    assert refusal(ec2.create_traffic_mirror_filter) == "TrafficMirrorFilterLimitExceeded"

    # Lower than what is there: that stays, and can be worked with.
    assert change(controller, first, "filters", 0, AccountId=other.account) is None
    assert quotas(controller, other)["filters"] == (0, 3, 1)
    ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=kept, AddNetworkServices=["amazon-dns"])
    controller.stop()

    # A restart with another default changes what is nobody's own.
    controller = controller_with("--limit", "filters=5")
    for people in (first, other):
        people.keys |= {"AWS_ENDPOINT_URL": controller.url}
    ec2, mine = controller.client(keys=other.keys), controller.client(keys=first.keys)
    assert quotas(controller, first)["filters"] == (5, 5, 0)
    assert quotas(controller, first, AccountId=other.account)["filters"] == (0, 5, 1)
    assert refusal(ec2.create_traffic_mirror_filter) == "TrafficMirrorFilterLimitExceeded"
    mine.create_traffic_mirror_filter()
    assert change(controller, first, "filters", AccountId=other.account) is None
    for _ in range(4):
        ec2.create_traffic_mirror_filter()
    assert refusal(ec2.create_traffic_mirror_filter) == "TrafficMirrorFilterLimitExceeded"


def test_a_lower_quota_of_sessions_holds_at_once(controller, interfaces):
    """Also while the controller remembers that there is room for thousands."""
    people, ec2 = People(controller), controller.client()
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
    session = {"TrafficMirrorTargetId": ec2.create_traffic_mirror_target(
        NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"],
        "TrafficMirrorFilterId": ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"],
        "NetworkInterfaceId": interfaces["tap0"]}
    ec2.create_traffic_mirror_session(SessionNumber=1, **session)
    assert change(controller, people, "sessions", 1) is None
    assert refusal(ec2.create_traffic_mirror_session, SessionNumber=2, **session) == "TrafficMirrorSessionLimitExceeded"
    assert len(ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]) == 1
    assert change(controller, people, "sessions") is None
    ec2.create_traffic_mirror_session(SessionNumber=2, **session)
    assert quotas(controller, people)["sessions"] == (10000, 10000, 2)


def test_who_may(controller):
    """The first account's people whose policies allow it; others see their own."""
    first = People(controller)
    other, third = first.other_account("other"), first.other_account("third")
    assert change(controller, other, "filters", 1) == "UnauthorizedOperation"
    assert change(controller, other, "filters") == "UnauthorizedOperation"
    for account in (third.account, "000000000000"):
        answer = controller.query("DescribeTrafficMirrorQuotas", keys=other.keys, AccountId=account)
        assert (answer.status_code, element(answer.text, "Code")) == (403, "UnauthorizedOperation")
    assert set(quotas(controller, other)) == set(quotas(controller, first, AccountId=other.account)) and quotas(controller, other)
    assert change(controller, first, "filters", 1, AccountId="000000000000") == "InvalidParameterValue"

    dora = People(controller, first.user("dora", allow(["ec2:ModifyTrafficMirrorQuota", "sts:*"], StringEquals={
        "tmirror:AccountId": other.account, "tmirror:QuotaName": "filters"})))
    assert change(controller, dora, "filters", 7, AccountId=other.account) is None
    assert change(controller, dora, "targets", 7, AccountId=other.account) == "UnauthorizedOperation"
    assert change(controller, dora, "filters", 7, AccountId=third.account) == "UnauthorizedOperation"
    assert change(controller, dora, "filters", 7) == "UnauthorizedOperation"
    assert change(controller, dora, "filters", AccountId=other.account) == "UnauthorizedOperation"
    assert quotas(controller, other)["filters"] == (7, 10000, 0)
    assert change(controller, first, "filters", 8, AccountId=other.account, DryRun="true") == "DryRunOperation"
    assert quotas(controller, other)["filters"] == (7, 10000, 0)
