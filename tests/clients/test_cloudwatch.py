"""CloudWatch, as boto3 and the AWS CLI ask it: what there is, what it came to, by whom it may be asked.

    yesterday's controller  ──reports──▶ store ◀──reports──  today's controller ◀── boto3, aws

The first controller's clock is some minutes slow, so minutes are over when the second one, on the same store, is asked.
"""
import datetime
import os
import time

import pytest

from clients import CLIENTS, Refused
from controller import BUILD, COUNTERS, Controller, element
from people import People, allow

CLOCK = os.path.join(BUILD, "tests/clients/clock.so")
EPOCH = "0123456789abcdef"
MIRROR, EC2 = "TrafficMirror", "AWS/EC2"


def counters(accepted, shipped, **lost):
    """A hundred bytes a packet."""
    return {**COUNTERS, "accepted": [accepted, accepted * 100], "shipped": [shipped, shipped * 100],
            "lost": {reason: [packets, packets * 100] for reason, packets in lost.items()}}


class Site:
    """A host with two sessions, of which the first is told about in three minutes."""

    def __init__(self, tmp_path, monkeypatch):
        self.path = tmp_path
        with monkeypatch.context() as changed:
            changed.setenv("LD_PRELOAD", CLOCK)
            changed.setenv("CLOCK_AHEAD", "-180")
            changed.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
            self.controller = Controller(tmp_path / "state", "--plain-http", "--account", "123456789012").start()
        assert self.controller.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
        ec2 = self.controller.client()
        nics = {tag["Value"]: nic for nic in ec2.describe_network_interfaces()["NetworkInterfaces"]
                for tag in nic["TagSet"] if tag["Key"] == "tmirror:device"}
        self.tap = nics["tap0"]["NetworkInterfaceId"]
        self.instance = nics["tap0"]["Attachment"]["InstanceId"]
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        nic = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        target = ec2.create_traffic_mirror_target(NetworkInterfaceId=nic["NetworkInterfaceId"])["TrafficMirrorTarget"]
        rules = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]
        self.sessions = [ec2.create_traffic_mirror_session(
            NetworkInterfaceId=self.tap, SessionNumber=number, TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
            TrafficMirrorFilterId=rules["TrafficMirrorFilterId"])["TrafficMirrorSession"]["TrafficMirrorSessionId"] for number in (1, 2)]
        self.tell(0, counters(10, 8, ring_full=1, sampled_out=1), counters(5, 5))
        self.tell(0, counters(10, 8, ring_full=1, sampled_out=1), counters(5, 5))  # Again.
        assert self.controller.stop() == 0
        self.controller = Controller(tmp_path / "state", "--plain-http", "--account", "123456789012").start()
        self.tell(0, counters(30, 28, ring_full=1, sampled_out=1), counters(6, 5, no_route=1))
        self.now = datetime.datetime.now(datetime.timezone.utc)

    def tell(self, session, ingress, egress):
        assert self.controller.report("web-1", sessions=[
            {"id": self.sessions[session], "epoch": EPOCH, "active": True, "reason": "",
             "counters": {"ingress": ingress, "egress": egress}}]).status_code == 204

    def span(self, minutes=10):
        """Begins with an hour's fraction, as people's questions do."""
        return {"StartTime": stamp(self.now - datetime.timedelta(minutes=minutes)),
                "EndTime": stamp(self.now + datetime.timedelta(seconds=30))}


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dimensions(**pairs):
    return [{"Name": name, "Value": value} for name, value in pairs.items()]


@pytest.fixture
def site(tmp_path, monkeypatch):
    made = Site(tmp_path, monkeypatch)
    yield made
    assert made.controller.stop() == 0
    log = made.controller.log()
    assert "Sanitizer" not in log and "runtime error" not in log, log


@pytest.fixture(params=["boto3", "aws"])
def client(request, site):
    made = CLIENTS[request.param](site.controller.administrator, site.controller.url, site.path)
    yield made
    made.close()


def refused(client, code, operation, **parameters):
    with pytest.raises(Refused) as caught:
        client.call("cloudwatch", operation, **parameters)
    assert caught.value.code == code, caught.value
    return caught.value.message


def test_what_there_is(site, client):
    def listed(**parameters):
        found = client.call("cloudwatch", "ListMetrics", **parameters)["Metrics"]
        return [(metric["Namespace"], metric["MetricName"], {item["Name"]: item["Value"] for item in metric["Dimensions"]})
                for metric in found]

    everything = listed()
    # Eight of the instance; twelve of session, interface and host, and packets and bytes for each of three reasons.
    assert len(everything) == 8 + 3 * (12 + 2 * 3)
    assert {name for namespace, name, _ in everything if namespace == EC2} == {
        f"Network{packets}{skip}Mirror{way}" for packets in ("", "Packets") for skip in ("", "Skip") for way in ("In", "Out")}
    assert listed(Namespace=EC2, Dimensions=dimensions(InstanceId=site.instance)) == [row for row in everything if row[0] == EC2]
    assert listed(MetricName="PacketsLostIn", Dimensions=[{"Name": "Reason"}, {"Name": "HostName", "Value": "web-1"}]) == [
        (MIRROR, "PacketsLostIn", {"HostName": "web-1", "Reason": reason}) for reason in ("ring_full", "sampled_out")]
    assert listed(RecentlyActive="PT3H", OwningAccount="123456789012") == everything
    assert listed(Namespace="AWS/EBS") == listed(Dimensions=dimensions(InstanceId="i-1")) == []
    assert not [row for row in everything if site.sessions[1] in row[2].values()]  # It was never heard of.
    refused(client, "InvalidParameterValue", "ListMetrics", RecentlyActive="PT4H")
    refused(client, "InvalidParameterValue", "ListMetrics", OwningAccount="999999999999")
    refused(client, "InvalidNextToken", "ListMetrics", NextToken="more")


def test_what_it_came_to(site, client):
    """The minutes of the first controller are told; the second one's last minute lasts."""
    def points(name, namespace=MIRROR, period=60, statistics=("Sum",), unit=None, minutes=10, **which):
        more = {"Unit": unit} if unit else {}
        answer = client.call("cloudwatch", "GetMetricStatistics", Namespace=namespace, MetricName=name, Period=period,
                             Dimensions=dimensions(**which), Statistics=list(statistics), **site.span(minutes), **more)
        assert answer["Label"] == name
        return answer["Datapoints"]

    def sums(*arguments, **parameters):
        return [point["Sum"] for point in points(*arguments, **parameters)]

    session = {"TrafficMirrorSessionId": site.sessions[0]}
    point, = points("PacketsAcceptedIn", statistics=["SampleCount", "Average", "Sum", "Minimum", "Maximum"], period=300, **session)
    assert {name: point[name] for name in point if name != "Timestamp"} == {
        "SampleCount": 1, "Average": 10, "Sum": 10, "Minimum": 10, "Maximum": 10, "Unit": "Count"}
    assert sums("BytesShippedIn", **session) == [800] and sums("BytesAcceptedOut", **session) == [500]
    assert sums("PacketsLostIn", **session) == [2] and sums("PacketsLostIn", Reason="ring_full", **session) == [1]
    assert sums("PacketsLostIn", Reason="no_route", **session) == [] == sums("PacketsShippedIn", Reason="ring_full", **session)
    assert sums("PacketsShippedIn", NetworkInterfaceId=site.tap) == sums("PacketsShippedIn", HostName="web-1") == [8]
    assert sums("NetworkPacketsMirrorIn", EC2, InstanceId=site.instance) == [8]
    # What was left out on purpose is not skipped for want of room.
    assert sums("NetworkSkipMirrorIn", EC2, InstanceId=site.instance) == [100]
    # From the hours, whose bounds the span may contain.
    assert sum(sums("PacketsAcceptedIn", period=3600, minutes=4 * 24 * 60, **session)) == 10
    # High resolution has what has just come; of both controllers together nothing is counted twice.
    assert sum(sums("PacketsAcceptedIn", period=1, **session)) == sum(sums("PacketsAcceptedIn", period=30, **session)) == 30
    assert sum(sums("PacketsLostOut", period=10, Reason="no_route", **session)) == 1
    assert sums("PacketsAcceptedIn", unit="Count", **session) == [10] and sums("PacketsAcceptedIn", unit="Bytes", **session) == []
    assert sums("PacketsAcceptedIn") == sums("Nothing", **session) == sums("PacketsAcceptedIn", EC2, **session) == []
    assert sums("PacketsAcceptedIn", HostName="web-1", **session) == []


def test_what_statistics_cannot_be(site, client):
    wish = {"Namespace": MIRROR, "MetricName": "PacketsLostIn", "Dimensions": dimensions(HostName="web-1"), "Period": 60,
            "Statistics": ["Sum"], **site.span()}

    def expect(code, **changes):
        changed = {name: value for name, value in {**wish, **changes}.items() if value is not None}
        return refused(client, code, "GetMetricStatistics", **changed)

    assert "1440" in expect("InvalidParameterCombination", **site.span(24 * 60 + 10)).replace(",", "")
    expect("InvalidParameterCombination", Statistics=None)
    expect("InvalidParameterValue", ExtendedStatistics=["p99"])
    expect("InvalidParameterValue", Statistics=["Median"])
    expect("InvalidParameterValue", Period=45)
    expect("InvalidParameterValue", Period=90)
    expect("InvalidParameterValue", EndTime=wish["StartTime"])
    expect("InvalidParameterValue", Unit="Furlongs")
    expect("MissingParameter", Namespace=None)
    expect("MissingParameter", Dimensions=[{"Name": "HostName"}])
    assert client.call("cloudwatch", "GetMetricStatistics", **wish)["Datapoints"]


def stat(identity, name, statistic="Sum", period=60, **more):
    which = more.pop("which")
    namespace = more.pop("namespace", MIRROR)
    unit = {"Unit": more.pop("Unit")} if "Unit" in more else {}
    return {"Id": identity, "MetricStat": {"Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions(**which)},
                                           "Period": period, "Stat": statistic, **unit}, **more}


def test_several_at_once(site, client):
    which = {"TrafficMirrorSessionId": site.sessions[0]}
    queries = [stat("a", "PacketsAcceptedIn", which=which, Label="taken", AccountId="123456789012"),
               stat("b_2", "NetworkPacketsMirrorIn", which={"InstanceId": site.instance}, namespace=EC2, Unit="Count"),
               stat("hidden", "PacketsAcceptedIn", which=which, ReturnData=False),
               stat("none", "PacketsAcceptedIn", which={"HostName": "db-1"}), stat("bytes", "PacketsAcceptedIn", which=which, Unit="Bytes"),
               stat("now", "PacketsAcceptedIn", "Maximum", 1, which=which)]
    answer = client.call("cloudwatch", "GetMetricData", MetricDataQueries=queries, ScanBy="TimestampAscending",
                         LabelOptions={"Timezone": "+0130"}, **site.span())
    found = {result["Id"]: result for result in answer["MetricDataResults"]}
    assert list(found) == ["a", "b_2", "none", "bytes", "now"] and "NextToken" not in answer
    assert {name: result["Values"] for name, result in found.items()} == {
        "a": [10], "b_2": [8], "none": [], "bytes": [], "now": [10, 20]}
    assert [len(result["Timestamps"]) for result in found.values()] == [1, 1, 0, 0, 2]
    assert {result["StatusCode"] for result in found.values()} == {"Complete"}
    assert (found["a"]["Label"], found["none"]["Label"]) == ("taken", "PacketsAcceptedIn")
    answer = client.call("cloudwatch", "GetMetricData", MetricDataQueries=queries[-1:], **site.span())
    assert answer["MetricDataResults"][0]["Values"] == [20, 10]  # The youngest first.


def test_what_data_cannot_be(site, client):
    good = stat("a", "PacketsAcceptedIn", which={"HostName": "web-1"})

    def expect(code, *queries, **more):
        refused(client, code, "GetMetricData", MetricDataQueries=list(queries), **{**site.span(), **more})

    expect("InvalidParameterValue", good, good)
    expect("InvalidParameterValue", {**good, "Id": "Upper"})
    expect("InvalidParameterValue", good, {"Id": "e", "Expression": "a * 2"})
    expect("InvalidParameterValue", {**good, "Period": 60})
    expect("InvalidParameterValue", {**good, "Label": "${MAX}"})
    expect("InvalidParameterValue", {**good, "AccountId": "999999999999"})
    expect("InvalidParameterValue", stat("a", "PacketsAcceptedIn", "p99", which={"HostName": "web-1"}))
    expect("MissingParameter", {"Id": "a"})
    expect("MissingParameter")
    expect("InvalidParameterValue", good, ScanBy="Random")
    expect("InvalidParameterCombination", good, StartTime="2020-01-01T00:00:00Z")


def test_pages_of_data(site):
    """One data point on a page, and what is asked with the token must be the same."""
    cloudwatch = site.controller.client("cloudwatch")
    which = {"TrafficMirrorSessionId": site.sessions[0]}
    wish = {"MetricDataQueries": [stat("now", "PacketsAcceptedIn", period=1, which=which), stat("none", "Nothing", which=which),
                                  stat("a", "PacketsShippedIn", which=which)], **site.span()}
    seen, token, pages = {}, {}, 0
    while True:
        answer = cloudwatch.get_metric_data(MaxDatapoints=1, **wish, **token)
        pages += 1
        for result in answer["MetricDataResults"]:
            seen.setdefault(result["Id"], []).extend(result["Values"])
            assert len(result["Timestamps"]) == len(result["Values"])
        assert sum(len(result["Values"]) for result in answer["MetricDataResults"]) <= 1
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
        with pytest.raises(cloudwatch.exceptions.InvalidNextToken):
            cloudwatch.get_metric_data(**{**wish, "ScanBy": "TimestampAscending"}, **token)
    assert seen == {"now": [20, 10], "none": [], "a": [8]} and pages >= 3
    together = cloudwatch.get_paginator("get_metric_data").paginate(**wish, PaginationConfig={"PageSize": 1}).build_full_result()
    assert sum(len(result["Values"]) for result in together["MetricDataResults"]) == 3


def test_pages_of_much_to_read(site):
    """What takes long to read comes in more pages than its data points need."""
    cloudwatch = site.controller.client("cloudwatch")
    which = {"TrafficMirrorSessionId": site.sessions[0]}
    wish = {"MetricDataQueries": [stat(f"q{number}", "PacketsShippedIn", which=which) for number in range(20)], **site.span(24 * 60)}
    first = cloudwatch.get_metric_data(**wish)
    assert 0 < len(first["MetricDataResults"]) < 20 and "NextToken" in first
    pages = list(cloudwatch.get_paginator("get_metric_data").paginate(**wish))
    results = [result for page in pages for result in page["MetricDataResults"]]
    assert [(result["Id"], result["Values"], result["StatusCode"]) for result in results] == [
        (f"q{number}", [8], "Complete") for number in range(20)]


def test_pages_of_metrics(controller):
    """Pages end with whole things, and every metric is on one of them."""
    devices = [(f"tap{number}", "guest", []) for number in range(40)]
    assert controller.report("web-1", devices).status_code == 204
    ec2, cloudwatch = controller.client(), controller.client("cloudwatch")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = []
    nics = [nic["NetworkInterfaceId"] for nic in ec2.describe_network_interfaces()["NetworkInterfaces"]]
    rules = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    for number in range(0, 40, 10):
        nic = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=f"192.0.2.{number + 1}")["NetworkInterface"]
        target = ec2.create_traffic_mirror_target(NetworkInterfaceId=nic["NetworkInterfaceId"])["TrafficMirrorTarget"]
        made += [ec2.create_traffic_mirror_session(
            NetworkInterfaceId=source, SessionNumber=1, TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
            TrafficMirrorFilterId=rules)["TrafficMirrorSession"]["TrafficMirrorSessionId"] for source in nics[number:number + 10]]
    told = [{"id": session, "epoch": EPOCH, "active": True, "reason": "",
             "counters": {"ingress": counters(1, 1), "egress": COUNTERS}} for session in made]
    assert controller.report("web-1", sessions=told).status_code == 204
    deadline = time.monotonic() + 90
    while not cloudwatch.list_metrics()["Metrics"]:  # Until the minute is over.
        assert time.monotonic() < deadline
        time.sleep(1)
        assert controller.report("web-1").status_code == 204
    pages = [page["Metrics"] for page in cloudwatch.get_paginator("list_metrics").paginate()]
    assert all(len(page) <= 500 for page in pages) and len(pages) > 2
    names = [repr(metric) for page in pages for metric in page]
    # An instance of each guest, of the sessions and interfaces one each, and the host.
    assert len(names) == len(set(names)) == 40 * 8 + 81 * 12
    token = cloudwatch.list_metrics()["NextToken"]
    with pytest.raises(cloudwatch.exceptions.ClientError) as caught:
        cloudwatch.list_metrics(Namespace=MIRROR, NextToken=token)
    assert caught.value.response["Error"]["Code"] == "InvalidNextToken"


def test_who_may_ask(site):
    people = People(site.controller)
    wish = {"Namespace": MIRROR, "MetricName": "PacketsAcceptedIn", "Dimensions": dimensions(HostName="web-1"), "Period": 60,
            "Statistics": ["Sum"], **site.span()}
    reader = site.controller.client("cloudwatch", keys=people.user("reader", allow("cloudwatch:GetMetricStatistics")))
    assert [point["Sum"] for point in reader.get_metric_statistics(**wish)["Datapoints"]] == [10]
    with pytest.raises(reader.exceptions.ClientError) as caught:
        reader.list_metrics()
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied" and "cloudwatch:ListMetrics" in error["Message"]
    other = People(site.controller).other_account()
    stranger = site.controller.client("cloudwatch", keys=other.keys)
    assert stranger.list_metrics()["Metrics"] == [] == stranger.get_metric_statistics(**wish)["Datapoints"]
    data = stranger.get_metric_data(MetricDataQueries=[stat("a", "PacketsAcceptedIn", which={"HostName": "web-1"})], **site.span())
    assert data["MetricDataResults"][0]["Values"] == []


def test_a_report_that_is_taken_in_turns(site):
    """What stands at the end of a long report counts as what stands at its beginning."""
    told = counters(40, 38, ring_full=1, sampled_out=1)
    others = [f"tms-{number:017x}" for number in range(448)]
    entries = [{"id": identity, "epoch": EPOCH, "active": True, "reason": "", "counters": {"ingress": told, "egress": COUNTERS}}
               for identity in (site.sessions[0], *others, site.sessions[1])]
    assert site.controller.report("web-1", sessions=entries).status_code == 204
    cloudwatch = site.controller.client("cloudwatch")
    for session, accepted in zip(site.sessions, (40, 40)):
        points = cloudwatch.get_metric_statistics(
            Namespace=MIRROR, MetricName="PacketsAcceptedIn", Period=1, Statistics=["Sum"],
            Dimensions=dimensions(TrafficMirrorSessionId=session), **site.span())["Datapoints"]
        assert sum(point["Sum"] for point in points) == accepted


def test_what_no_client_sends(site):
    def ask(action, **fields):
        return site.controller.query(action, service="monitoring", version="2010-08-01", **fields)

    answer = ask("ListMetrics", IncludeLinkedAccounts="true", MetricName="PacketsLostIn")
    assert answer.status_code == 200 and element(answer.text, "OwningAccounts") is None
    assert answer.text.count("<member>123456789012</member>") == answer.text.count("<MetricName>")
    times = {"StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-01T01:00:00Z"}
    for fields, code in (({"MetricDataQueries.member.1.Label": "x"}, "MissingParameter"),
                         ({"MetricDataQueries.member.1.Id": "a", "MetricDataQueries.member.2.Label": "x"}, "MissingParameter"),
                         ({"MetricDataQueries.member.1.Id": "a", "StartTime": "yesterday"}, "InvalidParameterValue"),
                         ({"MetricDataQueries.member.1.Id": "a", "MaxDatapoints": "100801"}, "InvalidParameterValue")):
        answer = ask("GetMetricData", **{**times, **fields})
        assert (answer.status_code, element(answer.text, "Code")) == (400, code), answer.text
    answer = ask("ListMetrics", **{"Dimensions.member.1.Value": "web-1"})
    assert element(answer.text, "Code") == "MissingParameter"
