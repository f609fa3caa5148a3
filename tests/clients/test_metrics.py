"""What Prometheus is told by the controller: requests, hosts, sessions, in its format and by its customs."""
import collections
import urllib.error
import urllib.request

import pytest
from command import Operator
from controller import COUNTERS, element
from people import People
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture
def controller(controller_with):
    return controller_with("--metrics", "127.0.0.1:0")


def url(controller):
    return f"http://127.0.0.1:{controller.log().split('answering Prometheus on port ')[1].split()[0]}/metrics"


def scrape(controller):
    with urllib.request.urlopen(url(controller), timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.read().decode()


def families(text):
    """By name; each is there once, with help and type."""
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) and names == [line.split()[2] for line in text.splitlines() if line.startswith("# HELP")]
    parsed = {family.name: family for family in text_string_to_metric_families(text)}
    assert all(family.documentation.endswith(".") for family in parsed.values())
    return parsed


def values(family, **labels):
    return [sample.value for sample in family.samples if labels.items() <= sample.labels.items()]


def test_sessions_and_hosts(controller, interfaces, ec2):
    operator = Operator(controller.state + "/credentials.env")
    session = operator.do("mirror", interfaces["tap0"], "--to", "192.0.2.9").split()[0]
    lost = {**COUNTERS, "accepted": [10, 1000], "shipped": [7, 700], "lost": {"ring_full": [3, 300]}}
    revision = operator.json("status")["Hosts"][0]["WantedRevision"]
    assert controller.report("web-1", revision=revision, sessions=[
        {"id": session, "epoch": "0123456789abcdef", "active": True, "reason": "",
         "counters": {"ingress": lost, "egress": COUNTERS}}]).status_code == 204
    found = families(scrape(controller))
    labels = {"session": session, "host": "web-1", "device": "tap0", "direction": "ingress"}
    for name, expected in (("accepted_packets", 10), ("accepted_bytes", 1000), ("shipped_packets", 7), ("shipped_bytes", 700)):
        assert values(found[f"tmirror_session_{name}"], **labels) == [expected]
    losses = found["tmirror_session_lost_packets"]
    assert values(losses, **labels, reason="ring_full") == [3] and sum(values(losses, session=session)) == 3
    assert len(values(losses, **labels)) == 11  # Those that did not happen, too.
    account = operator.json("account", "list")[0]["AccountId"]
    assert values(found["tmirror_sessions"], account=account, state="active") == [1]
    assert sum(values(found["tmirror_sessions"])) == 1 and len(values(found["tmirror_sessions"], account=account)) == 10
    assert values(found["tmirror_session_state"], session=session, state="active") == [1]
    assert values(found["tmirror_hosts"], connected="true") == [1] and values(found["tmirror_host_connected"], host="web-1") == [1]
    assert values(found["process_resident_memory_bytes"])[0] > 1e6


def test_requests(controller, ec2):
    for _ in range(3):
        ec2.describe_traffic_mirror_targets()
    assert controller.query("DeleteTrafficMirrorTarget", TrafficMirrorTargetId="tmt-0123456789abcdef0").status_code == 400
    assert controller.query("MakeMoney").status_code == 400
    assert controller.query("SpendMoney", keys={**controller.administrator, "AWS_SECRET_ACCESS_KEY": "x" * 40}).status_code in (401, 403)
    found = families(scrape(controller))
    requests = found["tmirror_api_requests"]
    assert values(requests, action="DescribeTrafficMirrorTargets", status="200") == [3]
    assert values(requests, action="DeleteTrafficMirrorTarget", status="400") == [1]
    # What strangers, and friends, make up is no action, so it makes no series.
    assert "Money" not in scrape(controller) and sum(values(requests, action="")) == 2
    durations = {sample.labels.get("le", sample.name): sample.value for sample in found["tmirror_api_request_duration_seconds"].samples}
    assert durations["+Inf"] == durations["tmirror_api_request_duration_seconds_count"] >= 4
    buckets = [value for key, value in durations.items() if key[0] in "0123456789+"]
    assert buckets == sorted(buckets)


def test_many_sessions_are_told_as_one(controller_with):
    """A thousand one by one, the others in a sum: the number of series is bounded, and nothing is missing in it."""
    controller = controller_with("--metrics", "127.0.0.1:0", "--limit", "sessions-per-source=30", "--limit", "sources-per-target=100")
    assert controller.report("big", [(f"tap{i}", "guest", []) for i in range(40)]).status_code == 204
    ec2 = controller.client()
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]["NetworkInterfaceId"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    mirror = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    taps = [item["NetworkInterfaceId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]
            if item["NetworkInterfaceId"] != appliance]
    made = [ec2.create_traffic_mirror_session(NetworkInterfaceId=tap, TrafficMirrorTargetId=target, TrafficMirrorFilterId=mirror,
                                              SessionNumber=number)["TrafficMirrorSession"]["TrafficMirrorSessionId"]
            for tap in taps for number in range(1, 27)]
    counters = {"ingress": {**COUNTERS, "accepted": [1, 100], "shipped": [1, 100]}, "egress": COUNTERS}
    assert controller.report("big", sessions=[{"id": session, "epoch": "0123456789abcdef", "active": True, "reason": "",
                                               "counters": counters} for session in made]).status_code == 204
    accepted = families(scrape(controller))["tmirror_session_accepted_packets"]
    by_session = collections.Counter()
    for sample in accepted.samples:
        by_session[sample.labels["session"]] += sample.value
    assert len(by_session) == 1001 and by_session["other"] == len(made) - 1000 and sum(by_session.values()) == len(made) == 1040


def test_each_session_is_told_once(controller):
    """Also one that sends to another account's target, which both accounts see."""
    first = People(controller)
    other = first.other_account()
    ec2 = controller.client()
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    appliance = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]["NetworkInterfaceId"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    assert controller.query("ShareTrafficMirrorTarget", TrafficMirrorTargetId=target, AccountId=other.account).status_code == 200
    issued = controller.query("IssueTrafficMirrorHostKey", keys=other.keys).text
    host = {**controller.agent, "AWS_ACCESS_KEY_ID": element(issued, "accessKeyId"), "AWS_SECRET_ACCESS_KEY": element(issued, "secretAccessKey")}
    assert controller.report("lab-1", [("tap0", "guest", [])], keys=host).status_code == 204
    lab = controller.client(keys=other.keys)
    source, = (item["NetworkInterfaceId"] for item in lab.describe_network_interfaces()["NetworkInterfaces"])
    mirror = lab.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    session = lab.create_traffic_mirror_session(NetworkInterfaceId=source, TrafficMirrorTargetId=target, TrafficMirrorFilterId=mirror,
                                                SessionNumber=1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]
    page = scrape(controller)
    samples = [line.rsplit(" ", 1)[0] for line in page.splitlines() if not line.startswith("#")]
    assert len(samples) == len(set(samples)) and any(session in sample for sample in samples)
    assert sum(values(families(page)["tmirror_sessions"])) == 1
    assert sum(values(families(page)["tmirror_sessions"], account=other.account)) == 1


def test_only_get_and_only_the_page(controller):
    for path, method, status in (("/", "GET", 404), ("/?Action=DescribeRegions&Version=2016-11-15", "GET", 404),
                                 ("/metrics", "POST", 405), ("/metrics", "DELETE", 405)):
        request = urllib.request.Request(url(controller).removesuffix("/metrics") + path, method=method)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        assert caught.value.code == status


def test_nobody_answers_unless_asked(controller_with):
    assert "Prometheus" not in controller_with().log()
