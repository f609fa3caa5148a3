"""What each of AWS's clients is told when it may not: keys, permissions, clocks, quotas, and too many requests.  Refusals of
what is asked for stand in test_conformance.py; those that no client can cause, in test_ec2.py."""
import os

import pytest

from clients import BUILD, CLIENTS, Refused
from people import People

CLOCK = os.path.join(BUILD, "tests/clients/clock.so")
HOUR = 3600
LOOK = {"ec2": "DescribeVpcs", "sts": "GetCallerIdentity", "iam": "ListUsers"}


@pytest.fixture(params=CLIENTS)
def client_of(request, tmp_path):
    """Makes clients of one kind, which ask once."""
    made = []

    def make(controller, keys=None):
        made.append(CLIENTS[request.param](keys or controller.administrator, controller.url, tmp_path, attempts=1))
        return made[-1]
    yield make
    for client in made:
        client.close()


def told(client, operation, service="ec2", **parameters):
    """The code of the refusal."""
    with pytest.raises(Refused) as caught:
        client.call(service, operation, **parameters)
    assert caught.value.message
    return caught.value.code


def test_who_is_nobody(controller_with, client_of):
    controller = controller_with("--plain-http")
    keys = controller.administrator
    unknown = client_of(controller, keys | {"AWS_ACCESS_KEY_ID": "AKIAAAAAAAAAAAAAAAAA"})
    wrong = client_of(controller, keys | {"AWS_SECRET_ACCESS_KEY": "x" * 40})
    assert {service: told(unknown, operation, service) for service, operation in LOOK.items()} == {
        "ec2": "AuthFailure", "sts": "InvalidClientTokenId", "iam": "InvalidClientTokenId"}
    assert {service: told(wrong, operation, service) for service, operation in LOOK.items()} == {
        "ec2": "AuthFailure", "sts": "SignatureDoesNotMatch", "iam": "SignatureDoesNotMatch"}


def test_who_may_not(controller_with, client_of):
    controller = controller_with("--plain-http")
    client = client_of(controller, People(controller).user("carol"))
    assert told(client, "DescribeVpcs") == told(client, "DescribeVpcs", DryRun=True) == "UnauthorizedOperation"
    assert told(client, "ListUsers", "iam") == "AccessDenied"
    role = {"RoleArn": "arn:aws:iam::123456789012:role/none", "RoleSessionName": "night"}
    assert told(client, "AssumeRole", "sts", **role) == "AccessDenied"
    assert client.call("sts", "GetCallerIdentity")["Arn"].endswith(":user/carol")


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_who_lives_at_another_time(controller_with, client_of, monkeypatch, ahead):
    """The SDK for JavaScript learns from the refusal, and would try again (test_retries.py)."""
    with monkeypatch.context() as changed:
        changed.setenv("LD_PRELOAD", CLOCK)
        changed.setenv("CLOCK_AHEAD", str(ahead))
        changed.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
        controller = controller_with("--plain-http")
    assert {service: told(client_of(controller), operation, service) for service, operation in LOOK.items()} == {
        "ec2": "RequestExpired", "sts": "SignatureDoesNotMatch", "iam": "SignatureDoesNotMatch"}


def test_who_asks_too_often(controller_with, client_of):
    rates = [word for operation in LOOK.values() for word in ("--rate", f"{operation}=1/0.001")]
    controller = controller_with("--plain-http", *rates, unlimited=False)
    client = client_of(controller)
    for service, operation in LOOK.items():
        client.call(service, operation)
    assert {service: told(client, operation, service) for service, operation in LOOK.items()} == {
        "ec2": "RequestLimitExceeded", "sts": "Throttling", "iam": "Throttling"}


def test_who_has_enough(controller_with, client_of):
    """Every quota."""
    controller = controller_with("--plain-http", *(word for quota in (
        "filters=1", "targets=1", "rules-per-filter=1", "sessions-per-source=1", "sources-per-target=2", "sessions=2",
        "registered-interfaces=1") for word in ("--limit", quota)))
    assert controller.report("web-1", [(f"tap{number}", "guest", []) for number in range(3)]).status_code == 204
    client = client_of(controller)
    sources = [nic["NetworkInterfaceId"] for nic in client.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]]
    subnet = client.call("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"]

    def twice(code, operation, first, second=None):
        made = client.call("ec2", operation, **first)
        assert told(client, operation, **(second or first)) == code
        return next(item for name, item in made.items() if name != "ClientToken")

    appliance = twice("NetworkInterfaceLimitExceeded", "CreateNetworkInterface",
                      {"SubnetId": subnet, "PrivateIpAddress": "192.0.2.9"},
                      {"SubnetId": subnet, "PrivateIpAddress": "192.0.2.10"})["NetworkInterfaceId"]
    target = twice("TrafficMirrorTargetLimitExceeded", "CreateTrafficMirrorTarget", {"NetworkInterfaceId": appliance},
                   {"NetworkInterfaceId": sources[0]})["TrafficMirrorTargetId"]
    mirror_filter = twice("TrafficMirrorFilterLimitExceeded", "CreateTrafficMirrorFilter", {})["TrafficMirrorFilterId"]
    rule = {"TrafficMirrorFilterId": mirror_filter, "TrafficDirection": "ingress", "RuleNumber": 1, "RuleAction": "accept",
            "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
    twice("TrafficMirrorFilterRuleLimitExceeded", "CreateTrafficMirrorFilterRule", rule, {**rule, "RuleNumber": 2})

    def session(source, number=1):
        return {"NetworkInterfaceId": sources[source], "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": mirror_filter,
                "SessionNumber": number}

    twice("TrafficMirrorSessionsPerInterfaceLimitExceeded", "CreateTrafficMirrorSession", session(0), session(0, 2))
    twice("TrafficMirrorSourcesPerTargetLimitExceeded", "CreateTrafficMirrorSession", session(1), session(2))
    assert controller.query("ModifyTrafficMirrorQuota", Name="sources-per-target", Value="9").status_code == 200
    assert told(client, "CreateTrafficMirrorSession", **session(2)) == "TrafficMirrorSessionLimitExceeded"
