"""Quotas, account by account: they hold at once, outlast a restart, and go before the service's; what was refused is counted."""
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


def refused(controller, people, **more):
    """Accounts, actions, reasons and counts."""
    text = controller.query("DescribeTrafficMirrorRefusals", keys=people.keys, **more).text
    items = text.split("<item>")[1:]
    assert all(element(item, "firstTime") <= element(item, "lastTime") and element(item, "firstTime") >= element(text, "since")
               for item in items)
    return [(element(item, "accountId"), element(item, "action"), element(item, "reason"), int(element(item, "count")))
            for item in items]


def refused_by_quota(controller, people, **more):
    text = controller.query("DescribeTrafficMirrorQuotas", keys=people.keys, **more).text
    counts = {element(item, "name"): int(element(item, "refused")) for item in text.split("<item>")[1:]}
    return {name: count for name, count in counts.items() if count > 0}


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


BALANCING_LIMITS = [word for name, value in (
    ("network-load-balancers", 1), ("gateway-load-balancers", 1), ("listeners-per-load-balancer", 0), ("target-groups", 1),
    ("targets-per-target-group", 0), ("endpoint-services", 1), ("endpoints", 0)) for word in ("--limit", f"{name}={value}")]


def meet_limits_of_balancing(elb, ec2):
    """Each of them once."""
    subnet, = ec2.describe_subnets()["Subnets"]
    made = {}
    for kind in ("network", "gateway"):
        wish = {"Type": kind, "Subnets": [subnet["SubnetId"]]}
        made[kind] = elb.create_load_balancer(Name=kind, **wish)["LoadBalancers"][0]["LoadBalancerArn"]
        assert refusal(elb.create_load_balancer, Name="second", **wish) == "TooManyLoadBalancers"
    wish = {"Protocol": "UDP", "Port": 4789, "VpcId": subnet["VpcId"], "TargetType": "ip"}
    group = elb.create_target_group(Name="first", **wish)["TargetGroups"][0]["TargetGroupArn"]
    assert refusal(elb.create_target_group, Name="second", **wish) == "TooManyTargetGroups"
    assert refusal(elb.register_targets, TargetGroupArn=group, Targets=[{"Id": "10.0.0.1"}]) == "TooManyTargets"
    assert refusal(elb.create_listener, LoadBalancerArn=made["network"], Protocol="UDP", Port=4789,
                   DefaultActions=[{"Type": "forward", "TargetGroupArn": group}]) == "TooManyListeners"
    wish = {"GatewayLoadBalancerArns": [made["gateway"]]}
    service = ec2.create_vpc_endpoint_service_configuration(**wish)["ServiceConfiguration"]["ServiceName"]
    assert refusal(ec2.create_vpc_endpoint_service_configuration, **wish) == "VpcEndpointServiceLimitExceeded"
    assert refusal(ec2.create_vpc_endpoint, VpcEndpointType="GatewayLoadBalancer", VpcId=subnet["VpcId"], ServiceName=service,
                   SubnetIds=[subnet["SubnetId"]]) == "VpcEndpointLimitExceeded"


def test_what_was_refused_is_counted(controller_with):
    """By account, action and reason: each quota, and requests that come too fast; until the account or the controller ends."""
    controller = controller_with("--limit", "filters=1", "--limit", "targets=1", "--limit", "rules-per-filter=0", "--limit",
                                 "sessions-per-source=1", "--limit", "sources-per-target=1", "--limit", "registered-interfaces=1", "--limit", "selectors=0",
                                 *BALANCING_LIMITS, "--rate", "DescribeTrafficMirrorTargets=1/0.001", "--rate", "*=unlimited", unlimited=False)
    first = People(controller)
    other = first.other_account()
    assert (refused(controller, first), refused(controller, other)) == ([], [])
    ec2, mine = controller.client(keys=other.keys), controller.client(keys=first.keys)
    assert controller.report("web-1", [("eth0", "host", []), ("tap0", "guest", [])]).status_code == 204
    nics = {tag["Value"]: nic["NetworkInterfaceId"] for nic in mine.describe_network_interfaces()["NetworkInterfaces"]
            for tag in nic["TagSet"] if tag["Key"] == "tmirror:device"}
    subnet = mine.describe_subnets()["Subnets"][0]["SubnetId"]

    # The same of each account, but not as often.
    ec2.create_traffic_mirror_filter()
    for _ in range(3):
        assert refusal(ec2.create_traffic_mirror_filter) == "TrafficMirrorFilterLimitExceeded"
    mirror_filter = mine.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    assert refusal(mine.create_traffic_mirror_filter, DryRun=True) == "TrafficMirrorFilterLimitExceeded"
    ec2.describe_traffic_mirror_targets()
    for _ in range(2):
        assert refusal(ec2.describe_traffic_mirror_targets) == "RequestLimitExceeded"

    # Every other quota, and what is refused for another reason.
    appliance = mine.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
    assert refusal(mine.create_network_interface, SubnetId=subnet, PrivateIpAddress="192.0.2.10") == "NetworkInterfaceLimitExceeded"
    target = mine.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"][
        "TrafficMirrorTargetId"]
    assert refusal(mine.create_traffic_mirror_target, NetworkInterfaceId=nics["eth0"]) == "TrafficMirrorTargetLimitExceeded"
    rule = {"TrafficMirrorFilterId": mirror_filter, "TrafficDirection": "ingress", "RuleNumber": 1, "RuleAction": "accept",
            "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
    assert refusal(mine.create_traffic_mirror_filter_rule, **rule) == "TrafficMirrorFilterRuleLimitExceeded"
    session = {"TrafficMirrorTargetId": target, "TrafficMirrorFilterId": mirror_filter}
    mine.create_traffic_mirror_session(NetworkInterfaceId=nics["tap0"], SessionNumber=1, **session)
    assert refusal(mine.create_traffic_mirror_session, NetworkInterfaceId=nics["tap0"], SessionNumber=2,
                   **session) == "TrafficMirrorSessionsPerInterfaceLimitExceeded"
    assert refusal(mine.create_traffic_mirror_session, NetworkInterfaceId=nics["eth0"], SessionNumber=1,
                   **session) == "TrafficMirrorSourcesPerTargetLimitExceeded"
    assert change(controller, first, "sources-per-target", 5) is None and change(controller, first, "sessions", 1) is None
    assert refusal(mine.create_traffic_mirror_session, NetworkInterfaceId=nics["eth0"], SessionNumber=1,
                   **session) == "TrafficMirrorSessionLimitExceeded"
    assert refusal(mine.delete_traffic_mirror_filter, TrafficMirrorFilterId=mirror_filter) == "TrafficMirrorFilterInUse"
    selector = {"TagFilter.1.Key": "app", "SessionNumber": 1, **session}
    answer = controller.query("CreateTrafficMirrorSelector", keys=first.keys, **selector)
    assert element(answer.text, "Code") == "TrafficMirrorSelectorLimitExceeded"
    meet_limits_of_balancing(controller.client("elbv2", keys=first.keys), mine)

    of_other = [(other.account, "CreateTrafficMirrorFilter", "filters", 3),
                (other.account, "DescribeTrafficMirrorTargets", "throttled", 2)]
    of_first = [(first.account, action, reason, 1) for action, reason in (
        ("CreateListener", "listeners-per-load-balancer"), ("CreateLoadBalancer", "network-load-balancers"),
        ("CreateLoadBalancer", "gateway-load-balancers"), ("CreateNetworkInterface", "registered-interfaces"),
        ("CreateTargetGroup", "target-groups"), ("CreateTrafficMirrorFilter", "filters"),
        ("CreateTrafficMirrorFilterRule", "rules-per-filter"), ("CreateTrafficMirrorSelector", "selectors"),
        ("CreateTrafficMirrorSession", "sessions"),
        ("CreateTrafficMirrorSession", "sessions-per-source"), ("CreateTrafficMirrorSession", "sources-per-target"),
        ("CreateTrafficMirrorTarget", "targets"), ("CreateVpcEndpoint", "endpoints"),
        ("CreateVpcEndpointServiceConfiguration", "endpoint-services"), ("RegisterTargets", "targets-per-target-group"))]
    assert refused(controller, other) == refused(controller, first, AccountId=other.account) == of_other
    assert refused(controller, first, AccountId=first.account) == of_first
    assert refused(controller, first) == sorted(of_first + of_other, key=lambda row: row[:2])
    assert refused_by_quota(controller, other) == refused_by_quota(controller, first, AccountId=other.account) == {"filters": 3}
    assert refused_by_quota(controller, first) == dict.fromkeys(quotas(controller, first), 1)

    # Whoever comes under the number of an account that has ended begins anew, and everybody does with the controller.
    kept = ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"][0]["TrafficMirrorFilterId"]
    ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=kept)
    assert controller.query("DeleteAccount", service="iam", version="2010-05-08", AccountId=other.account).status_code == 200
    assert refused(controller, first) == of_first
    controller.stop()
    controller = controller_with("--limit", "filters=1")
    first.keys |= {"AWS_ENDPOINT_URL": controller.url}
    assert refused(controller, first) == []
