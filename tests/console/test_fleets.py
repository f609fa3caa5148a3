"""Load balancers, target groups and their appliances in the console; a host is played that tells what it finds."""
import json
import threading

import pytest

APPLIANCES = ["10.0.0.5", "10.0.0.6"]


@pytest.fixture
def keys(controller):
    keys = controller.administrator
    return {"key": keys["AWS_ACCESS_KEY_ID"], "secret": keys["AWS_SECRET_ACCESS_KEY"]}


@pytest.fixture
def fleet(browser, keys):
    """The address of the page of a fleet that was made by the wizard."""
    return browser.travel("fleets.mjs", "createFleet", name="ids", appliances=APPLIANCES, **keys)


class Host:
    """Reports twice a second, with a word about each appliance."""

    def __init__(self, controller, group, states):
        self.controller, self.group, self.states = controller, group, states
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.5):
            self.report()

    def report(self):
        members = [{"fleet": self.group, "id": id, "port": 4789, "state": state, "reason": reason}
                   for id, (state, reason) in self.states().items()]
        body = {"version": "0.0-test", "kernel": "6.1.0-test", "applied_revision": 0, "whole": True, "has_inventory": False,
                "sessions": [], "interfaces": [], "members": members, "fleets": []}
        assert self.controller.request("POST", "/host/v1/web-1/report", json.dumps(body).encode(), keys=self.controller.agent,
                                       service="tmirror").status_code == 204

    def __enter__(self):
        self.report()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def mirror(controller):
    """A session from a guest on web-1 to the only target."""
    ec2 = controller.client()
    controller.report("web-1", [("tap0", "guest", [])])
    source, = ec2.describe_network_interfaces(Filters=[{"Name": "tag:tmirror:host", "Values": ["web-1"]}])["NetworkInterfaces"]
    target, = ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    rules = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    return ec2.create_traffic_mirror_session(
        NetworkInterfaceId=source["NetworkInterfaceId"], TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
        TrafficMirrorFilterId=rules, SessionNumber=1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]


def the_group(controller):
    group, = controller.client("elbv2").describe_target_groups()["TargetGroups"]
    return group["TargetGroupArn"]


def test_a_fleet_from_nothing_to_one_that_falters(browser, controller, keys, fleet, tmp_path):
    balancer, = controller.client("elbv2").describe_load_balancers()["LoadBalancers"]
    target, = controller.client().describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert target["NetworkLoadBalancerArn"] == balancer["LoadBalancerArn"] and balancer["LoadBalancerName"] == "ids"
    mirror(controller)
    seen = tmp_path / "seen"
    falling = lambda: ("unhealthy", "Timeout") if seen.exists() else ("healthy", "")  # noqa: E731
    with Host(controller, the_group(controller), lambda: {APPLIANCES[0]: ("healthy", ""), APPLIANCES[1]: falling()}):
        assert browser.travel("fleets.mjs", "watchAppliance", place=fleet, appliance=APPLIANCES[1], seen=str(seen), **keys)


def test_appliances_weigh_and_leave(browser, controller, keys, fleet):
    browser.travel("fleets.mjs", "changeAppliances", place=fleet, heavier=APPLIANCES[0], leaver=APPLIANCES[1], **keys)
    text = controller.query("DescribeTargetHealth", service="elasticloadbalancing", version="2015-12-01",
                            TargetGroupArn=the_group(controller), Extension__Show="true").text
    assert "<Weight>7</Weight>" in text and text.count("<State>draining</State>") == 1


def test_a_fleet_that_is_refused_leaves_nothing(browser, controller, keys):
    """The second appliance is of another family than the group, which is refused last of all."""
    browser.travel("fleets.mjs", "refuseFleet", expected=["status of 400"], name="ids", appliances=["10.0.0.5", "fd00::1"], **keys)
    balancing = controller.client("elbv2")
    assert balancing.describe_load_balancers()["LoadBalancers"] == []
    assert balancing.describe_target_groups()["TargetGroups"] == []
    assert controller.client().describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []
