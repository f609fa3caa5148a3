"""Load balancers and listeners by the command line, as an operator uses it."""
import os

import pytest

from clients import plain
from command import Operator


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


@pytest.fixture
def elb(controller):
    return controller.client("elbv2")


def test_from_nothing_to_a_listener(operator, elb):
    arn = operator.do("balancer", "create", "sensors", "--internal", "--address", "192.0.2.77", "-t", "team=a")
    operator.do("group", "create", "left")
    listener = operator.do("listener", "create", "sensors", "left", "--tcp-idle", "60", "-t", "k=v")
    seen = elb.describe_load_balancers(Names=["sensors"])["LoadBalancers"][0]
    assert (seen["LoadBalancerArn"], seen["Scheme"], seen["Type"]) == (arn, "internal", "network")
    seen = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]
    assert (seen["ListenerArn"], seen["Protocol"], seen["Port"]) == (listener, "UDP", 4789)
    tags = elb.describe_tags(ResourceArns=[arn, listener])["TagDescriptions"]
    assert [item["Tags"] for item in tags] == [[{"Key": "team", "Value": "a"}], [{"Key": "k", "Value": "v"}]]
    assert [row[:4] for row in operator.table("balancer", "list")] == [["sensors", "network", "internal", "active"]]
    assert operator.table("listener", "list", "sensors") == [["UDP", "4789", "left", listener]]
    shown = operator.do("balancer", "show", "sensors")
    assert "192.0.2.77" in shown and arn in shown and listener in shown and "left" in shown
    # Once more is no error, and makes nothing.
    assert operator.do("listener", "create", arn, "left", "--port", "4789", "--protocol", "udp") == listener


def test_json_is_what_an_sdk_gives(operator, elb):
    operator.do("balancer", "create", "sensors")
    operator.do("group", "create", "left", "--protocol", "tcp_udp")
    made = operator.json("listener", "create", "sensors", "left", "--protocol", "tcp_udp", "--port", "4790")
    assert plain(operator.json("balancer", "list")) == plain(elb.describe_load_balancers()["LoadBalancers"])
    listeners = plain(elb.describe_listeners(LoadBalancerArn=made["LoadBalancerArn"])["Listeners"])
    assert plain(operator.json("listener", "list", "sensors")) == listeners == [plain(made)]
    shown = operator.json("balancer", "show", "sensors")
    assert plain(shown.pop("Listeners")) == listeners and shown.pop("Tags") == []
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=made["LoadBalancerArn"])["Attributes"]
    assert shown.pop("Attributes") == attributes
    assert [plain(shown)] == plain(operator.json("balancer", "list"))


def test_modify(operator, elb):
    arn = operator.do("balancer", "create", "sensors", "--tag", "old=1")
    for group in ("left", "right"):
        operator.do("group", "create", group)
    listener = operator.do("listener", "create", "sensors", "left")
    operator.do("balancer", "modify", "sensors", "--attribute", "deletion_protection.enabled=true", "--tag", "new=2", "--untag", "old")
    assert operator.refused("balancer", "delete", "sensors") == "OperationNotPermitted"
    operator.do("listener", "modify", "sensors:4789", "--group", "right", "--port", "4790", "--tag", "k=v")
    operator.do("listener", "modify", "sensors", "--tcp-idle", "6000")
    seen = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    assert seen["Port"] == 4790 and "/right/" in seen["DefaultActions"][0]["TargetGroupArn"]
    assert operator.json("listener", "show", listener)["Port"] == 4790
    tags = elb.describe_tags(ResourceArns=[arn, listener])["TagDescriptions"]
    assert [item["Tags"] for item in tags] == [[{"Key": "new", "Value": "2"}], [{"Key": "k", "Value": "v"}]]
    for words in (("balancer", "modify", "sensors"), ("listener", "modify", "sensors")):
        assert operator.run(*words).returncode == 2
    assert operator.refused("listener", "modify", "sensors", "--tcp-idle", "59") == "ValidationError"


def test_a_listener_is_known_by_its_port(operator):
    operator.do("balancer", "create", "sensors")
    operator.do("group", "create", "left")
    assert operator.refused("listener", "show", "sensors") == "ListenerNotFound"
    for port in (4789, 4790):
        operator.do("listener", "create", "sensors", "left", "--port", port)
    assert operator.json("listener", "show", "sensors:4790")["Port"] == 4790
    assert operator.run("listener", "show", "sensors").returncode == 2
    assert operator.refused("listener", "delete", "sensors:4791") == "ListenerNotFound"
    operator.do("listener", "delete", "sensors:4789", "sensors:4790")
    assert operator.table("listener", "list", "sensors") == []
    assert operator.refused("listener", "list", "nobody") == "LoadBalancerNotFound"


def test_a_gateway(operator, elb):
    arn = operator.do("balancer", "create", "wall", "--gateway")
    operator.do("group", "create", "walls", "--protocol", "geneve", "--port", "6081")
    operator.do("listener", "create", "wall", "walls")
    assert "Port" not in operator.json("listener", "show", "wall")
    assert operator.refused("listener", "create", "wall", "walls", "--port", "6081") == "InvalidConfigurationRequest"
    operator.do("listener", "delete", "wall")
    operator.do("balancer", "delete", "wall")
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    operator.do("balancer", "delete", arn)
    assert operator.refused("balancer", "delete", "wall") == "LoadBalancerNotFound"
