"""What Terraform's AWS provider calls for each of its resources, in its order, and what it then expects to read.

The provider itself cannot be had here, so its calls are replayed through boto3: create, read by the single id at once, update
of each attribute and its removal, tags by CreateTags and DeleteTags, a plan that must find no difference, and a destroy that
takes NotFound for success.  A resource's state is what the provider would keep of an answer.
"""
import itertools

import pytest

from clients import Boto3, Refused

COUNTER = itertools.count()


@pytest.fixture
def provider(controller_with, tmp_path):
    controller = controller_with("--plain-http")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
    provider = Provider(Boto3(controller.administrator, controller.url, tmp_path))
    provider.configure()
    return provider


class Provider:
    def __init__(self, client):
        self.client = client

    def __call__(self, operation, **parameters):
        return self.client.call("ec2", operation, **parameters)

    def configure(self):
        """What happens before any resource is looked at."""
        identity = self.client.call("sts", "GetCallerIdentity")
        assert identity["Arn"].split(":")[4] == identity["Account"]
        attributes = self("DescribeAccountAttributes", AttributeNames=["supported-platforms"])["AccountAttributes"]
        assert attributes[0]["AttributeValues"][0]["AttributeValue"] == "VPC"

    def read(self, noun, identity):
        """None: it is gone, and would be made anew."""
        try:
            found, = self(f"DescribeTrafficMirror{noun}s", **{f"TrafficMirror{noun}Ids": [identity]})[f"TrafficMirror{noun}s"]
            return found
        except Refused as refusal:
            assert refusal.code == f"InvalidTrafficMirror{noun}Id.NotFound"
            return None

    def destroy(self, noun, identity):
        """Twice, as when somebody else was faster."""
        key = f"TrafficMirror{noun}Id"
        self(f"DeleteTrafficMirror{noun}", **{key: identity})
        with pytest.raises(Refused) as caught:
            self(f"DeleteTrafficMirror{noun}", **{key: identity})
        assert caught.value.code == f"Invalid{key}.NotFound"

    def update_tags(self, identity, old, new):
        if removed := set(old) - set(new):
            self("DeleteTags", Resources=[identity], Tags=[{"Key": key, "Value": old[key]} for key in removed])
        if changed := {key: value for key, value in new.items() if old.get(key) != value}:
            self("CreateTags", Resources=[identity], Tags=[{"Key": key, "Value": value} for key, value in changed.items()])


def specification(kind, tags):
    return [{"ResourceType": f"traffic-mirror-{kind}", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def tags_of(item):
    return {tag["Key"]: tag["Value"] for tag in item["Tags"]}


def make_filter(provider, **arguments):
    return provider("CreateTrafficMirrorFilter", **arguments)["TrafficMirrorFilter"]["TrafficMirrorFilterId"]


def make_target(provider):
    subnet = provider("DescribeSubnets")["Subnets"][0]["SubnetId"]
    nic = provider("CreateNetworkInterface", SubnetId=subnet, PrivateIpAddress=f"192.0.2.{next(COUNTER) + 1}")["NetworkInterface"]
    assert provider("DescribeNetworkInterfaces", NetworkInterfaceIds=[nic["NetworkInterfaceId"]])["NetworkInterfaces"][0][
        "Status"] == "available"
    return provider("CreateTrafficMirrorTarget", NetworkInterfaceId=nic["NetworkInterfaceId"])["TrafficMirrorTarget"]


def test_a_filter(provider):
    identity = make_filter(provider, Description="d", TagSpecifications=specification("filter", {"a": "1", "b": ""}))
    provider("ModifyTrafficMirrorFilterNetworkServices", TrafficMirrorFilterId=identity, AddNetworkServices=["amazon-dns"])
    state = provider.read("Filter", identity)
    assert (state["Description"], state["NetworkServices"], tags_of(state)) == ("d", ["amazon-dns"], {"a": "1", "b": ""})
    provider("ModifyTrafficMirrorFilterNetworkServices", TrafficMirrorFilterId=identity, RemoveNetworkServices=["amazon-dns"])
    provider.update_tags(identity, {"a": "1", "b": ""}, {"a": "2", "c": "3"})
    state = provider.read("Filter", identity)
    assert (state["NetworkServices"], tags_of(state)) == ([], {"a": "2", "c": "3"})
    bare = provider.read("Filter", make_filter(provider))
    assert "Description" not in bare and bare["Tags"] == []
    provider.destroy("Filter", identity)
    assert provider.read("Filter", identity) is None


def find_rule(provider, filter_id, rule_id):
    """The provider looks for a rule in its filter, in both directions."""
    state = provider.read("Filter", filter_id)
    found = [rule for rule in state["IngressFilterRules"] + state["EgressFilterRules"]
             if rule["TrafficMirrorFilterRuleId"] == rule_id]
    return found[0] if found else None


def test_a_rule(provider):
    filter_id = make_filter(provider)
    required = {"TrafficMirrorFilterId": filter_id, "TrafficDirection": "ingress", "RuleNumber": 10, "RuleAction": "accept",
                "SourceCidrBlock": "10.0.0.0/8", "DestinationCidrBlock": "0.0.0.0/0"}
    made = provider("CreateTrafficMirrorFilterRule", **required, ClientToken=f"terraform-2026010203040500{next(COUNTER):08x}")
    identity = made["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
    bare = find_rule(provider, filter_id, identity)
    assert bare == {**required, "TrafficMirrorFilterRuleId": identity}, "what is not set is absent: no protocol, no 0 to 0"
    modify = {"TrafficMirrorFilterRuleId": identity}
    # Ports are added, and the protocol always goes along with them.
    ports = {"DestinationPortRange": {"FromPort": 0, "ToPort": 65535}, "SourcePortRange": {"FromPort": 22, "ToPort": 22}}
    provider("ModifyTrafficMirrorFilterRule", **modify, Protocol=6, **ports, Description="d")
    assert find_rule(provider, filter_id, identity) == {**bare, "Protocol": 6, "Description": "d", **ports}
    # Each attribute that forces nothing, alone.
    for change in ({"RuleNumber": 20}, {"RuleAction": "reject"}, {"TrafficDirection": "egress"}, {"SourceCidrBlock": "0.0.0.0/0"},
                   {"DestinationCidrBlock": "192.168.0.0/16"}, {"Protocol": 17}):
        before = find_rule(provider, filter_id, identity)
        provider("ModifyTrafficMirrorFilterRule", **modify, **change)
        assert find_rule(provider, filter_id, identity) == {**before, **change}
    # An update that concerns none of the API's attributes names the rule and nothing else.
    before = find_rule(provider, filter_id, identity)
    provider("ModifyTrafficMirrorFilterRule", **modify)
    assert find_rule(provider, filter_id, identity) == before
    # The ports are removed with the protocol, which is sent as 0, too.
    provider("ModifyTrafficMirrorFilterRule", **modify, Protocol=0,
             RemoveFields=["destination-port-range", "source-port-range", "protocol", "description"])
    after = find_rule(provider, filter_id, identity)
    assert not {"DestinationPortRange", "SourcePortRange", "Description"} & set(after) and after.get("Protocol", 0) == 0
    provider.destroy("FilterRule", identity)
    assert find_rule(provider, filter_id, identity) is None


def test_a_target(provider):
    made = make_target(provider)
    identity = made["TrafficMirrorTargetId"]
    assert provider.read("Target", identity) == made
    assert (made["Type"], made["Tags"]) == ("network-interface", []) and "NetworkLoadBalancerArn" not in made
    provider.update_tags(identity, {}, {"Name": "ids"})
    assert provider.read("Target", identity) == {**made, "Tags": [{"Key": "Name", "Value": "ids"}]}
    provider.update_tags(identity, {"Name": "ids"}, {})
    assert provider.read("Target", identity) == made
    provider.destroy("Target", identity)
    assert provider.read("Target", identity) is None


def test_a_session(provider):
    targets = [make_target(provider)["TrafficMirrorTargetId"] for _ in range(2)]
    filters = [make_filter(provider) for _ in range(2)]
    source = next(nic["NetworkInterfaceId"] for nic in provider("DescribeNetworkInterfaces")["NetworkInterfaces"]
                  if {"Key": "Name", "Value": "tap0"} in nic["TagSet"])
    required = {"NetworkInterfaceId": source, "TrafficMirrorTargetId": targets[0], "TrafficMirrorFilterId": filters[0],
                "SessionNumber": 1}
    made = provider("CreateTrafficMirrorSession", **required, TagSpecifications=specification("session", {"a": "1"}))
    identity = made["TrafficMirrorSession"]["TrafficMirrorSessionId"]
    state = provider.read("Session", identity)
    assert state == made["TrafficMirrorSession"] and state | required == state and tags_of(state) == {"a": "1"}
    assert not {"PacketLength", "Description"} & set(state) and 0 < state["VirtualNetworkId"] <= 16777215
    for change in ({"PacketLength": 100}, {"Description": "d"}, {"VirtualNetworkId": 1}, {"SessionNumber": 32766},
                   {"TrafficMirrorTargetId": targets[1]}, {"TrafficMirrorFilterId": filters[1]}):
        before = provider.read("Session", identity)
        provider("ModifyTrafficMirrorSession", TrafficMirrorSessionId=identity, **change)
        assert provider.read("Session", identity) == {**before, **change}
    # As the provider and AWS's console do: what stays goes along with what is removed.
    before = provider.read("Session", identity)
    provider("ModifyTrafficMirrorSession", TrafficMirrorSessionId=identity, SessionNumber=before["SessionNumber"],
             TrafficMirrorFilterId=filters[1], TrafficMirrorTargetId=targets[1], RemoveFields=["packet-length", "description"])
    after = provider.read("Session", identity)
    assert after == {name: value for name, value in before.items() if name not in ("PacketLength", "Description")}
    provider("ModifyTrafficMirrorSession", TrafficMirrorSessionId=identity, RemoveFields=["virtual-network-id"])
    provider.update_tags(identity, {"a": "1"}, {"a": "2"})
    assert tags_of(provider.read("Session", identity)) == {"a": "2"}
    # Destroyed in the order of dependencies, which the API insists on.
    with pytest.raises(Refused) as caught:
        provider("DeleteTrafficMirrorFilter", TrafficMirrorFilterId=filters[1])
    assert caught.value.code == "TrafficMirrorFilterInUse"
    provider.destroy("Session", identity)
    for target, filter_id in zip(targets, filters):
        provider.destroy("Target", target)
        provider.destroy("Filter", filter_id)
