"""Load balancers, target groups and their appliances in the console; a host is played that tells what it finds."""
import threading
import time

import pytest

from controller import COUNTERS

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
    """Reports twice a second, with a word about each appliance; a session, if there is one, copies and loses steadily."""

    def __init__(self, controller, group, states, session=None):
        self.controller, self.group, self.states, self.session = controller, group, states, session
        self.reports = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.5):
            self.report()

    def count(self):
        self.reports += 1
        grown = {**COUNTERS, "accepted": [1000 * self.reports, 600_000 * self.reports], "shipped": [900 * self.reports, 540_000 * self.reports],
                 "lost": {"ring_full": [100 * self.reports, 60_000 * self.reports]}}
        return [{"id": self.session, "epoch": "0123456789abcdef", "active": True, "reason": "",
                 "counters": {"ingress": grown, "egress": COUNTERS}}] if self.session else []

    def report(self):
        members = [{"fleet": self.group, "id": id, "port": 4789, "state": state, "reason": reason}
                   for id, (state, reason) in self.states().items()]
        answer = self.controller.report("web-1", sessions=self.count(), whole=True, members=members, fleets=[])
        assert answer.status_code == 204, answer.text

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
    ec2.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=rules, TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
                                          SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
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


def test_the_picture_shows_who_is_in_trouble(browser, controller, keys, fleet, pictures):
    session = mirror(controller)
    looks = [{"name": str(pictures / f"topology-{look}.png"), "width": width, "scheme": scheme}
             for look, width, scheme in [("narrow", 360, "dark"), ("wide", 1280, "light")]]
    with Host(controller, the_group(controller), lambda: {APPLIANCES[0]: ("healthy", ""), APPLIANCES[1]: ("unhealthy", "Timeout")}, session):
        led = browser.travel("fleets.mjs", "lookAround", host="web-1", device="tap0", appliance=APPLIANCES[1], pictures=looks, **keys)
    assert led == fleet


def test_a_thousand_sources_fit_into_the_picture(browser, controller, keys, fleet, pictures):
    """50 hosts with 20 guests each, all selected by what they are."""
    for host in range(50):
        assert controller.report(f"host-{host}", [(f"tap{n}", "guest", []) for n in range(20)]).status_code == 204
    ec2 = controller.client()
    target, = ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    rules = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    made = controller.query(
        "CreateTrafficMirrorSelector", TagFilter__1__Key="tmirror:orientation", TagFilter__1__Value__1="guest", SessionNumber="1",
        TrafficMirrorTargetId=target["TrafficMirrorTargetId"], TrafficMirrorFilterId=rules)
    assert made.status_code == 200, made.text
    deadline = time.monotonic() + 60
    while "<state>active</state>" not in controller.query("DescribeTrafficMirrorSelectors").text:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    seen = browser.travel("fleets.mjs", "lookAtMany", picture=str(pictures / "topology-many.png"), **keys)
    print(seen)
    assert seen["boxes"] < 100 and "20 sources" in seen["first"]
    assert "11 more hosts" in seen["said"]
    assert seen["milliseconds"] < 2000


def test_a_host_tells_what_it_runs(browser, controller, keys, fleet):
    mirror(controller)
    said = browser.travel("fleets.mjs", "lookAtHost", host="web-1", **keys)
    assert "0.0-test" in said and "6.1.0-test" in said and "tap0 on web-1" in said
