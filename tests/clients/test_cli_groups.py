"""tmirror group: every command, as tables and as JSON, against a controller."""
import os

import pytest
from command import Operator, tmirror

VERBS = ("list", "show", "create", "modify", "delete", "add", "remove")


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


def test_help():
    listed = tmirror("group", "--help").stdout
    assert listed.count("\n  group ") == len(VERBS)
    for verb in VERBS:
        done = tmirror("group", verb, "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"Usage: tmirror group {verb}") and not done.stderr


def test_a_group_from_nothing_to_nothing(operator):
    arn = operator.do("group", "create", "sensors", "--check", "http:8080", "--check-path", "/up", "--check-codes", "204",
                      "--check-interval", "10", "--check-timeout", "3", "--healthy", "2", "--unhealthy", "3", "--tag", "team=net")
    assert arn.startswith("arn:aws:elasticloadbalancing:") and ":targetgroup/sensors/" in arn
    assert operator.do("group", "create", "second", "--protocol", "geneve", "--instances", "--check", "icmp").startswith("arn:")
    assert sorted(operator.table("group", "list")) == [
        ["second", "GENEVE", "6081", "instance", "icmp:80", "0", "0"], ["sensors", "UDP", "4789", "ip", "http:8080", "0", "0"]]
    assert operator.do("group", "add", "sensors", "10.0.0.1", "10.0.0.2:5000", "--weight", "7", "--zone", "all") == ""
    shown = operator.do("group", "show", arn)
    assert operator.do("group", "show", "sensors") == shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["GROUP", "sensors"] in lines and ["CHECK", "http:8080"] in lines and ["MOVED", "FLOWS", "0"] in lines
    assert ["10.0.0.1", "4789", "7", "8080", "unused"] in [line[:5] for line in lines]
    assert ["10.0.0.2", "5000", "7", "8080", "unused"] in [line[:5] for line in lines]
    assert "Target.NotInUse: Target group is not configured" in shown
    operator.do("group", "remove", "sensors", "10.0.0.1", "10.9.9.9")
    assert [item["Target"]["Id"] for item in operator.json("group", "show", "sensors")["TargetHealthDescriptions"]] == ["10.0.0.2"]
    assert operator.do("group", "delete", "sensors", "second") == ""
    assert operator.table("group", "list") == []
    assert operator.refused("group", "show", "sensors") == "TargetGroupNotFound"


def test_json_is_what_an_sdk_gives(operator, controller):
    elb = controller.client("elbv2")
    made = operator.json("group", "create", "sensors", "--protocol", "tcp_udp", "--port", "5000", "--ipv6", "-t", "team=net")
    arn = made["TargetGroupArn"]
    known = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert {key: made[key] for key in known} == known
    assert made["Tags"] == [{"Key": "team", "Value": "net"}]
    assert made["Extension"] == {"HealthCheckProtocol": "TCP", "Hosts": 0, "Flows": 0, "MovedFlows": 0, "EvictedFlows": 0}
    assert made["Attributes"] == elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    assert made["TargetHealthDescriptions"] == []
    operator.do("group", "add", arn, "2001:db8::1", "[2001:db8::2]:5001")
    described = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    told = operator.json("group", "show", arn)["TargetHealthDescriptions"]
    assert [{key: item[key] for key in item if key != "Extension"} for item in told] == described
    assert [item["Extension"] for item in told] == [{"Weight": 1}] * 2
    assert {key: operator.json("group", "list")[0][key] for key in known} == known


def test_modify(operator, controller):
    arn = operator.do("group", "create", "sensors", "--tag", "a=1", "--tag", "b=2")
    operator.do("group", "modify", "sensors", "--check", "https", "--check-path", "/x", "--tag", "a=3", "--untag", "b",
                "--attribute", "stickiness.enabled=true", "--attribute", "deregistration_delay.timeout_seconds=5")
    shown = operator.json("group", "show", "sensors")
    assert (shown["HealthCheckProtocol"], shown["HealthCheckPath"], shown["Tags"]) == ("HTTPS", "/x", [{"Key": "a", "Value": "3"}])
    attributes = {item["Key"]: item["Value"] for item in shown["Attributes"]}
    assert attributes["stickiness.enabled"] == "true" and attributes["deregistration_delay.timeout_seconds"] == "5"
    assert operator.json("group", "modify", arn, "--check", "none")["Extension"]["HealthCheckProtocol"] == "NONE"
    assert operator.refused("group", "modify", arn, "--attribute", "proxy_protocol_v2.enabled=true") == "ValidationError"
    assert operator.refused("group", "create", "sensors", "--check", "smoke") == "ValidationError"
    assert operator.refused("group", "add", arn, "127.0.0.1") == "InvalidTarget"
    assert operator.refused("group", "create", "sensors", "--port", "5000") == "DuplicateTargetGroupName"


@pytest.mark.parametrize("words", [
    ("group", "modify", "sensors"), ("group", "add", "sensors"), ("group", "create"), ("group", "add", "sensors", "[::1"),
    ("group", "delete")])
def test_misuse(operator, words):
    operator.do("group", "create", "sensors")
    done = operator.run(*words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
