"""Where an instance is that is registered with a fleet: at the device of its host's default route, and nowhere else."""
import contextlib
import json

import botocore.exceptions
import pytest
from fleet import BalancedScene
from scene import wait_for

pytestmark = pytest.mark.sanitized


@pytest.fixture
def scene():
    """A host with two ways out, "first" 10.9.30.1 and "second" 10.9.31.1, and a bridge with an address."""
    with contextlib.closing(BalancedScene("place")) as scene, scene.host.entered():
        for name, address in (("first", "10.9.30.1"), ("second", "10.9.31.1")):
            scene.host.ip("link", "add", name, "type", "veth", "peer", "name", f"{name}_far")
            for end in (name, f"{name}_far"):
                scene.host.ip("link", "set", end, "up")
            scene.host.ip("address", "add", f"{address}/24", "dev", name)
        scene.host.ip("address", "add", "10.9.1.1/24", "dev", "lan")
        scene.start_controller()
        scene.start_agent()
        scene.interface("web")
        yield scene


def instance(scene, device):
    found = scene.ec2().describe_network_interfaces(NetworkInterfaceIds=[scene.interface(device)])
    return found["NetworkInterfaces"][0]["Attachment"]["InstanceId"]


def refusal(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]


def members(scene):
    """Where the agent sends, by the plan that it keeps."""
    path = scene.directory / "agent/plan.json"
    fleets = json.loads(path.read_text()).get("fleets", []) if path.exists() else []
    return [member["address"] for fleet in fleets for member in fleet["members"]]


def test_an_instance_goes_by_the_default_route(scene):
    elb, ec2, host = scene.elb(), scene.ec2(), instance(scene, "first")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = elb.create_target_group(Name="hosts", Protocol="UDP", Port=4789, VpcId=subnet["VpcId"])["TargetGroups"][0]["TargetGroupArn"]
    registration = {"TargetGroupArn": group, "Targets": [{"Id": host}]}
    refused = refusal(elb.register_targets, **registration)
    assert refused["Code"] == "InvalidTarget"
    assert all(word in refused["Message"] for word in (host, "first", "second")), refused["Message"]

    # The route alone changes: no link, no address.
    scene.host.ip("route", "add", "default", "via", "10.9.31.2", "metric", "20")

    def registered():
        with contextlib.suppress(botocore.exceptions.ClientError):
            return elb.register_targets(**registration)
    wait_for("the host tells its default route", registered)
    balancer = elb.create_load_balancer(Name="hosts", Type="network", Subnets=[subnet["SubnetId"]])["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="UDP", Port=4789,
                        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    target, filter_id = scene.balanced_target(NetworkLoadBalancerArn=balancer), scene.filter()
    scene.session("client", target, filter_id)
    assert members(scene) == ["10.9.31.1"]

    # What receives copies is no source; what else its host has may be one.
    looped = refusal(ec2.create_traffic_mirror_session, NetworkInterfaceId=scene.interface("second"), SessionNumber=1,
                     TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id)
    assert looped["Code"] == "InterfaceInUseByTrafficMirrorTarget" and host in looped["Message"]
    session = scene.session("first", target, filter_id)
    assert scene.status(session["TrafficMirrorSessionId"])["State"] == "active"
    ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"])

    # A bridge moves nobody, nor does the loss of the route; a better route does.
    scene.host.add_bridge("another")
    scene.host.ip("address", "add", "172.31.0.1/16", "dev", "another")
    scene.interface("another")
    scene.host.ip("route", "delete", "default")
    scene.settle()
    assert members(scene) == ["10.9.31.1"]
    scene.host.ip("route", "add", "default", "via", "10.9.30.2", "metric", "10")
    wait_for("copies go where the host is now", lambda: members(scene) == ["10.9.30.1"])
