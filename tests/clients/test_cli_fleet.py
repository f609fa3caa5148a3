"""The short form of load balancing, by the command line: from nothing to appliances that share a mirror, and back."""
import os

import pytest
from command import Operator


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


@pytest.fixture
def elb(controller):
    return controller.client("elbv2")


def members(elb, name="ids"):
    group, = elb.describe_target_groups(Names=[name])["TargetGroups"]
    health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    return group, {(item["Target"]["Id"], item["Target"]["Port"]) for item in health}


def test_a_fleet_comes_and_goes(operator, ec2, elb, interfaces):
    target = operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5", "-a", "10.0.0.6:4790")
    group, registered = members(elb)
    assert registered == {("10.0.0.5", 4789), ("10.0.0.6", 4790)}
    balancer, = elb.describe_load_balancers(Names=["ids"])["LoadBalancers"]
    assert (balancer["Type"], balancer["Scheme"]) == ("network", "internal")
    listener, = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert (listener["Protocol"], listener["Port"]) == ("UDP", 4789)
    assert listener["DefaultActions"][0]["TargetGroupArn"] == group["TargetGroupArn"]
    found, = ec2.describe_traffic_mirror_targets(TrafficMirrorTargetIds=[target])["TrafficMirrorTargets"]
    assert found["NetworkLoadBalancerArn"] == balancer["LoadBalancerArn"]
    # Again, with one more: what is there stays.
    assert operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5", "--appliance", "10.0.0.7") == target
    assert members(elb)[1] == registered | {("10.0.0.7", 4789)}
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 1
    # A session to it is made by its name, and its end leaves the fleet alone.
    session = operator.do("mirror", "eth0", "--to", "fleet:ids")
    made, = ec2.describe_traffic_mirror_sessions(TrafficMirrorSessionIds=[session])["TrafficMirrorSessions"]
    assert made["TrafficMirrorTargetId"] == target
    assert operator.refused("fleet", "delete", "ids") == "TrafficMirrorTargetInUseException"
    assert members(elb)[1] and elb.describe_load_balancers(Names=["ids"])["LoadBalancers"] == [balancer]
    operator.do("unmirror", session)
    assert ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == [found]
    operator.do("fleet", "delete", "ids")
    assert elb.describe_load_balancers()["LoadBalancers"] == elb.describe_target_groups()["TargetGroups"] == []
    assert ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []
    assert operator.refused("fleet", "delete", "ids") == "LoadBalancerNotFound"


def test_what_is_half_there_is_finished_and_taken_apart(operator, ec2, elb, interfaces):
    operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5")
    balancer, = elb.describe_load_balancers()["LoadBalancers"]
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    dangling, = ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    target = operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5")
    assert target != dangling["TrafficMirrorTargetId"]
    balancer, = elb.describe_load_balancers()["LoadBalancers"]
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    operator.do("fleet", "delete", "ids")
    assert elb.describe_target_groups()["TargetGroups"] == []


def test_fleets_are_shown(operator, interfaces):
    target = operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5")
    other = operator.do("fleet", "create", "six", "--appliance", "[2001:db8::5]:4790")
    assert sorted(operator.table("fleet", "list")) == [["ids", target, "-"], ["six", other, "-"]]
    assert operator.table("fleet", "show", "six")[0][:3] == ["2001:db8::5", "4790", "unused"]
    assert [item["Target"]["Id"] for item in operator.json("fleet", "show", "ids")] == ["10.0.0.5"]
    assert operator.refused("fleet", "show", "none") == "LoadBalancerNotFound"


@pytest.mark.parametrize("check,protocol,port", [
    ("tcp:80", "TCP", "80"), ("http:8080", "HTTP", "8080"), ("https", "HTTPS", "traffic-port"), ("TCP", "TCP", "traffic-port")])
def test_checks_are_awss(operator, elb, check, protocol, port):
    operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5", "--check", check)
    group, _ = members(elb)
    assert (group["HealthCheckProtocol"], group["HealthCheckPort"]) == (protocol, port)


@pytest.mark.parametrize("check", ["udp", "icmp", "none", None])
def test_checks_are_ours(operator, controller, elb, check):
    operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5", *(["--check", check] if check else []))
    answer = controller.query("DescribeTargetGroups", service="elasticloadbalancing", version="2015-12-01", Extension__Show="true")
    assert f"<HealthCheckProtocol>{(check or 'icmp').upper()}</HealthCheckProtocol>" in answer.text.split("<Extension>")[1]


@pytest.mark.parametrize("words, code", [
    (("fleet", "create", "ids", "--appliance", "sensor"), "InvalidTarget"),
    (("fleet", "create", "ids", "--appliance", "10.0.0.5", "--check", "magic"), "ValidationError"),
    (("fleet", "create", "i_d_s", "--appliance", "10.0.0.5"), "ValidationError"),
    (("mirror", "eth0", "--to", "fleet:none"), "LoadBalancerNotFound")])
def test_a_refusal_leaves_nothing_behind(operator, elb, interfaces, words, code):
    assert operator.refused(*words) == code
    assert elb.describe_load_balancers()["LoadBalancers"] == elb.describe_target_groups()["TargetGroups"] == []


def site(ec2):
    subnet, = ec2.describe_subnets()["Subnets"]
    return subnet["SubnetId"], subnet["VpcId"]


def make_group(elb, ec2, name, **extra):
    group, = elb.create_target_group(
        **{"Name": name, "Protocol": "UDP", "Port": 4789, "VpcId": site(ec2)[1], "TargetType": "ip"} | extra)["TargetGroups"]
    return group["TargetGroupArn"]


def make_balancer(elb, ec2, kind="network"):
    made, = elb.create_load_balancer(Name="ids", Type=kind, Subnets=[site(ec2)[0]])["LoadBalancers"]
    return made["LoadBalancerArn"]


def listen(elb, balancer, group):
    made, = elb.create_listener(LoadBalancerArn=balancer, Protocol="UDP", Port=4789,
                                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])["Listeners"]
    return made


def everything(elb, ec2):
    balancers = elb.describe_load_balancers()["LoadBalancers"]
    groups = elb.describe_target_groups()["TargetGroups"]
    return (balancers, groups, ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"],
            [elb.describe_listeners(LoadBalancerArn=item["LoadBalancerArn"])["Listeners"] for item in balancers],
            [elb.describe_target_health(TargetGroupArn=item["TargetGroupArn"])["TargetHealthDescriptions"] for item in groups])


def test_a_gateway_of_the_name_is_no_fleet(operator, ec2, elb, interfaces):
    gateway = make_balancer(elb, ec2, "gateway")
    group = make_group(elb, ec2, "ids", Protocol="GENEVE", Port=6081)
    before = everything(elb, ec2)
    assert operator.refused("fleet", "delete", "ids") == "LoadBalancerNotFound"
    assert operator.refused("mirror", "eth0", "--to", "fleet:ids") == "LoadBalancerNotFound"
    # The group's name is taken; of what was to be made nothing stays, and the gateway does.
    assert operator.refused("fleet", "create", "ids", "--appliance", "10.0.0.5") == "DuplicateTargetGroupName"
    assert everything(elb, ec2) == before
    elb.delete_target_group(TargetGroupArn=group)
    operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5")
    # Of two with one name neither is taken.
    done = operator.run("balancer", "delete", "ids")
    assert (done.returncode, done.stdout) == (2, "") and "say its ARN" in done.stderr
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 2
    operator.do("fleet", "delete", "ids")
    left, = elb.describe_load_balancers()["LoadBalancers"]
    assert left["LoadBalancerArn"] == gateway and elb.describe_target_groups()["TargetGroups"] == []


def test_a_refusal_leaves_what_was_there_as_it_was(operator, ec2, elb, controller):
    balancer, other = make_balancer(elb, ec2), make_group(elb, ec2, "other")
    listener = listen(elb, balancer, other)
    elb.register_targets(TargetGroupArn=make_group(elb, ec2, "ids"), Targets=[{"Id": "10.0.0.1"}])
    before = everything(elb, ec2)
    assert operator.refused("fleet", "create", "ids", "--appliance", "10.0.0.5") == "DuplicateListener"
    assert everything(elb, ec2) == before
    # So it is with the very last step: group, listener and target were made, and go again.
    elb.delete_listener(ListenerArn=listener["ListenerArn"])
    elb.delete_target_group(TargetGroupArn=before[1][0]["TargetGroupArn"])
    elb.delete_target_group(TargetGroupArn=before[1][1]["TargetGroupArn"])
    before = everything(elb, ec2)
    assert len(before[0]) == 1 and before[1:] == ([], [], [[]], [])
    assert operator.refused("fleet", "create", "ids", "--appliance", "10.0.0.5", "--appliance", "sensor") == "InvalidTarget"
    assert everything(elb, ec2) == before


def test_again_with_and_without_the_options(operator, ec2, elb):
    made = operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5", "--check", "tcp:80", "--port", "4790")
    before = everything(elb, ec2)
    again = ("fleet", "create", "ids", "--appliance")
    assert operator.do(*again, "10.0.0.6") == made
    assert operator.do(*again, "10.0.0.6", "--check", "TCP:80", "--port", "4790") == made
    assert members(elb)[1] == {("10.0.0.5", 4790), ("10.0.0.6", 4790)}
    assert everything(elb, ec2)[:4] == before[:4]
    for options in [("--check", "tcp:81"), ("--check", "tcp"), ("--check", "icmp"), ("--port", "4789")]:
        assert operator.refused(*again, "10.0.0.7", *options) == "DuplicateTargetGroupName"
    assert members(elb)[1] == {("10.0.0.5", 4790), ("10.0.0.6", 4790)}


def test_a_listener_that_is_there_stays(operator, ec2, elb):
    balancer, group = make_balancer(elb, ec2), make_group(elb, ec2, "ids", Protocol="TCP_UDP")
    elb.create_listener(LoadBalancerArn=balancer, Protocol="TCP_UDP", Port=4789,
                        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    before = everything(elb, ec2)
    operator.do("fleet", "create", "ids", "--appliance", "10.0.0.5")
    assert everything(elb, ec2)[3] == before[3]


@pytest.mark.parametrize("words", [("ids",), ("ids", "--appliance", "[::1"), ("--appliance", "10.0.0.5")])
def test_misuse(operator, words):
    done = operator.run("fleet", "create", *words)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("tmirror: ")
