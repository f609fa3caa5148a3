"""The console before a real controller and a real agent, with real traffic in namespaces: what its pages tell is what the kernel counted.

One scene for all journeys, in this order, since making one costs as much as they do.
"""
import base64
import contextlib
import io
import os
import socket
import sys
import threading
import types

import pytest
from browser import HERE, Browser

sys.path.append(str(HERE.parent / "netns"))
import leftovers  # noqa: E402
from fleet import BalancedScene  # noqa: E402
from scapy.all import UDP, PcapNgReader  # noqa: E402
from scene import enter, wait_for  # noqa: E402

pytestmark = [pytest.mark.xdist_group("console-live"), pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces: needs root")]

WEB, SENSOR, CHECK_PORT = "10.9.1.3", "10.9.2.2", 8080
WORDS = b"somebody's own words"


class Traffic:
    """Datagrams from client to web."""

    def __init__(self, scene):
        enter(scene.client.path)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        enter(scene.host.path)

    def send(self, count):
        for _ in range(count):
            self.socket.sendto(WORDS, (WEB, 7000))

    @contextlib.contextmanager
    def steady(self):
        """Some 200 a second."""
        over = threading.Event()

        def run():
            while not over.wait(0.1):
                self.send(20)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    leftovers.sweep()
    directory = tmp_path_factory.mktemp("live")
    with contextlib.ExitStack() as stack:
        scene = BalancedScene("console")
        stack.callback(scene.close)
        stack.enter_context(scene.host.entered())
        scene.start_controller()
        scene.start_agent()
        subnet = scene.ec2().describe_subnets()["Subnets"][0]["SubnetId"]
        scene.ec2().create_network_interface(SubnetId=subnet, PrivateIpAddress=SENSOR, Description="sensor")
        scene.interface("web")
        env = scene.credentials()
        browser = Browser(env["AWS_ENDPOINT_URL"], env["AWS_CA_BUNDLE"], directory / "home")
        stack.callback(browser.close)
        traffic = Traffic(scene)
        stack.callback(traffic.socket.close)
        yield types.SimpleNamespace(scene=scene, browser=browser, traffic=traffic, directory=directory,
                                    keys={"key": env["AWS_ACCESS_KEY_ID"], "secret": env["AWS_SECRET_ACCESS_KEY"]})


def count_at_rest(scene, session):
    """What the session's filter took of what came in, by a report that has come since."""
    before = scene.hosts()[0]["LastReport"]
    wait_for("the host reports", lambda: scene.hosts()[0]["LastReport"] > before)
    return scene.status(session)["Ingress"]["Accepted"]["Packets"]


@pytest.fixture(scope="module")
def session(live):
    with live.traffic.steady():
        session = live.browser.travel("live.mjs", "mirrorFromNothing", device="web on testhost", sensor=SENSOR, **live.keys)
    return session


def test_from_nothing_to_a_session_whose_chart_moves(live, session):
    described, = live.scene.ec2().describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert described["TrafficMirrorSessionId"] == session


def test_an_edited_filter_shows_in_the_counters(live, session):
    rules, = live.scene.ec2().describe_traffic_mirror_filters()["TrafficMirrorFilters"]

    def set_action(action):
        live.browser.travel("live.mjs", "setAction", filter=rules["TrafficMirrorFilterId"], rule="0.0.0.0/0", action=action, **live.keys)
        live.scene.settle()

    set_action("reject")
    counted = count_at_rest(live.scene, session)
    live.traffic.send(50)
    set_action("accept")
    live.traffic.send(25)
    assert live.browser.travel("live.mjs", "waitAccepted", session=session, count=counted + 25, **live.keys) == counted + 25


def test_packets_are_looked_at_and_saved(live, session):
    with live.traffic.steady():
        seen = live.browser.travel("live.mjs", "peek", session=session, count=150, words="own words",
                                   options={"acceptDownloads": True}, **live.keys)
    assert seen["summary"].startswith("10.9.1.2:") and f"{WEB}:7000 UDP" in seen["summary"]
    with PcapNgReader(io.BytesIO(base64.b64decode(seen["file"]))) as reader:
        frames = list(reader)
    datagrams = [frame for frame in frames if UDP in frame and frame[UDP].dport == 7000]
    assert seen["name"] == f"{session}.pcapng" and len(frames) >= 150 and len(datagrams) > 100
    assert all(bytes(frame[UDP].payload).startswith(WORDS) for frame in datagrams)
    assert 100 <= seen["shown"] <= 102, "a hundred lines, and the head"
    assert seen["asked"].count("StartTrafficMirrorPeek") == 1 and seen["asked"].count("StopTrafficMirrorPeek") == 1


def test_who_may_not_look_at_packets_is_told_so(live, session):
    iam = live.scene.api("iam")
    iam.create_user(UserName="viewer")
    iam.put_user_policy(UserName="viewer", PolicyName="look", PolicyDocument=
                        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:Describe*","cloudwatch:*"],"Resource":"*"}}')
    key = iam.create_access_key(UserName="viewer")["AccessKey"]
    said = live.browser.travel("live.mjs", "peekForbidden", session=session, expected=["status of 403"],
                               key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert "StartTrafficMirrorPeek" in said


def test_an_appliance_that_falls_is_seen(live, session):
    scene = live.scene
    enter(scene.sensor.path)
    appliance = socket.create_server((SENSOR, CHECK_PORT))
    enter(scene.host.path)
    elb, subnet = scene.elb(), scene.ec2().describe_subnets()["Subnets"][0]
    balancer = elb.create_load_balancer(Name="ids", Type="network", Subnets=[subnet["SubnetId"]])["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(
        Name="ids", Protocol="UDP", Port=4789, VpcId=subnet["VpcId"], TargetType="ip", HealthCheckProtocol="TCP", HealthCheckPort=str(CHECK_PORT),
        HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2,
        UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": SENSOR, "Port": 4789}])
    elb.create_listener(LoadBalancerArn=balancer, Protocol="UDP", Port=4789, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    target = scene.ec2().create_traffic_mirror_target(NetworkLoadBalancerArn=balancer)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    scene.ec2().modify_traffic_mirror_session(TrafficMirrorSessionId=session, TrafficMirrorTargetId=target)
    seen = live.directory / "seen"
    over = threading.Event()

    def fall():
        while not seen.exists() and not over.wait(0.05):
            pass
        appliance.close()

    thread = threading.Thread(target=fall)
    thread.start()
    try:
        live.browser.travel("live.mjs", "watchAppliance", place="/console/groups/" + group.split(":targetgroup/")[1], appliance=SENSOR,
                            seen=str(seen), **live.keys)
    finally:
        over.set()
        thread.join()
