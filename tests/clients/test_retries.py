"""What the network and a busy server do to clients: connections reset, 503s, wrong clocks.  Each client goes on by itself,
and whatever it tries again is done once.

    client ──▶ Proxy (breaks what it is told to) ──▶ controller
"""
import re
import urllib.error
import urllib.request

import pytest

from clients import CLIENTS, Refused
from controller import element
from proxy import FAULTS, Proxy

HOUR = 3600 * 1000


@pytest.fixture
def proxy(controller_with):
    controller = controller_with("--plain-http")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"])]).status_code == 204
    with Proxy(controller.url) as running:
        running.controller = controller
        yield running


@pytest.fixture
def client_of(proxy, tmp_path):
    made = []

    def make(name):
        made.append(CLIENTS[name](proxy.controller.administrator, proxy.url, tmp_path))
        return made[-1]
    yield make
    for client in made:
        client.close()


@pytest.mark.parametrize("name", CLIENTS)
def test_a_broken_create_makes_one_object(proxy, client_of, name):
    """Of every kind that can be made, in every way of breaking: the client tries again with the same ClientToken."""
    client = client_of(name)
    source, = client.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
    wishes = {"SubnetId": source["SubnetId"], "PrivateIpAddress": "192.0.2.9"}

    def broken(operation, fault, **parameters):
        before = len(proxy.seen)
        proxy.faults = [fault]
        answer = client.call("ec2", operation, **parameters)
        first, second = proxy.seen[before:]
        assert (first.action, first.fault, second.action, second.fault) == (operation, fault, operation, None)
        assert re.fullmatch(r"[0-9a-f-]{36}", first.fields["ClientToken"])
        assert first.fields["ClientToken"] == second.fields["ClientToken"] == answer["ClientToken"]
        return next(item for key, item in answer.items() if key != "ClientToken")

    nic = broken("CreateNetworkInterface", "reset after", **wishes)["NetworkInterfaceId"]
    target = broken("CreateTrafficMirrorTarget", "unavailable after", NetworkInterfaceId=nic)["TrafficMirrorTargetId"]
    for fault in FAULTS:
        filter_id = broken("CreateTrafficMirrorFilter", fault, Description=fault)["TrafficMirrorFilterId"]
    broken("CreateTrafficMirrorFilterRule", "reset after", TrafficMirrorFilterId=filter_id, TrafficDirection="ingress",
           RuleNumber=1, RuleAction="accept", SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
    session = broken("CreateTrafficMirrorSession", "unavailable after", NetworkInterfaceId=source["NetworkInterfaceId"],
                     TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id, SessionNumber=1)

    filters = client.call("ec2", "DescribeTrafficMirrorFilters")["TrafficMirrorFilters"]
    assert sorted(item["Description"] for item in filters) == sorted(FAULTS)
    assert sum(len(item["IngressFilterRules"]) for item in filters) == 1
    assert client.call("ec2", "DescribeTrafficMirrorSessions")["TrafficMirrorSessions"] == [session]
    assert len(client.call("ec2", "DescribeTrafficMirrorTargets")["TrafficMirrorTargets"]) == 1
    assert len(client.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]) == 2


@pytest.mark.parametrize("name", CLIENTS)
def test_several_faults_in_a_row(proxy, client_of, name):
    client = client_of(name)
    proxy.faults = ["reset before", "throttled"]
    assert client.call("ec2", "DescribeVpcs")["Vpcs"]
    assert [exchange.fault for exchange in proxy.seen] == ["reset before", "throttled", None]


@pytest.mark.parametrize("name", CLIENTS)
def test_what_never_passes_is_told(proxy, client_of, name):
    """The client gives up, and its user reads EC2's code."""
    client = client_of(name)
    proxy.faults = ["throttled"] * 10
    with pytest.raises(Refused) as caught:
        client.call("ec2", "DescribeVpcs")
    assert caught.value.code == "RequestLimitExceeded"
    assert 3 <= len(proxy.seen) <= 5


def test_a_refusal_is_not_tried_again(proxy, client_of):
    client = client_of("javascript")
    with pytest.raises(Refused):
        client.call("ec2", "DeleteTrafficMirrorFilter", TrafficMirrorFilterId="tmf-00000000000000000")
    assert len(proxy.seen) == 1


# --- The AWS SDK for JavaScript alone --------------------------------------------------------------------------------

@pytest.mark.parametrize("offset", [HOUR, -HOUR])
def test_a_wrong_clock_is_corrected(proxy, client_of, offset):
    """The SDK learns the time from the Date of the refusal, and signs anew; from then on it is right at once."""
    client = client_of("javascript")
    options = {"systemClockOffset": offset}
    for statuses in ([400, 200], [200]):
        before = len(proxy.seen)
        assert client.ask("EC2", "send", "DescribeVpcs", options, input={})["attempts"] == len(statuses)
        assert [exchange.status for exchange in proxy.seen[before:]] == statuses
    assert proxy.seen[0].code == "RequestExpired"


def test_paginators(proxy, client_of):
    client = client_of("javascript")
    made = {client.call("ec2", "CreateTrafficMirrorFilter", Description=str(number))["TrafficMirrorFilter"][
        "TrafficMirrorFilterId"] for number in range(12)}
    pages = client.ask("EC2", "paginate", "DescribeTrafficMirrorFilters", input={}, pageSize=5)
    assert [len(page["TrafficMirrorFilters"]) for page in pages] == [5, 5, 2]
    assert {item["TrafficMirrorFilterId"] for page in pages for item in page["TrafficMirrorFilters"]} == made
    assert "NextToken" not in pages[-1]
    for operation, field, count in (("DescribeTrafficMirrorSessions", "TrafficMirrorSessions", 0),
                                    ("DescribeTrafficMirrorTargets", "TrafficMirrorTargets", 0),
                                    ("DescribeInstances", "Reservations", 1), ("DescribeSubnets", "Subnets", 1),
                                    ("DescribeNetworkInterfaces", "NetworkInterfaces", 1), ("DescribeVpcs", "Vpcs", 1)):
        page, = client.ask("EC2", "paginate", operation, input={}, pageSize=5)
        assert len(page[field]) == count and "NextToken" not in page


def test_waiters(proxy, client_of):
    client = client_of("javascript")
    source, = client.call("ec2", "DescribeNetworkInterfaces")["NetworkInterfaces"]
    registered = client.call("ec2", "CreateNetworkInterface", SubnetId=source["SubnetId"],
                             PrivateIpAddress="192.0.2.9")["NetworkInterface"]
    wanted = {"NetworkInterfaceIds": [registered["NetworkInterfaceId"]]}
    assert client.ask("EC2", "wait", "NetworkInterfaceAvailable", input=wanted) == "SUCCESS"
    instance = {"InstanceIds": [source["Attachment"]["InstanceId"]]}
    assert client.ask("EC2", "wait", "InstanceRunning", input=instance) == "SUCCESS"
    with pytest.raises(Refused):
        client.ask("EC2", "wait", "NetworkInterfaceAvailable", input={"NetworkInterfaceIds": ["eni-00000000000000000"]})


def test_presigned(proxy, client_of):
    """A URL that is good by itself, for anybody, for a while."""
    client = client_of("javascript")

    def fetch(expires):
        url = client.ask("EC2", "presign", query={
            "Action": "DescribeRegions", "Version": "2016-11-15", "Filter.1.Name": "region-name", "Filter.1.Value.1": "us-*"},
            expiresIn=expires)
        assert "X-Amz-Signature=" in url
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()

    assert element(fetch(60), "regionName") == "us-east-1"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(client.ask("EC2", "presign", query={"Action": "DescribeRegions", "Version": "2016-11-15"},
                                          expiresIn=60).replace("DescribeRegions", "DescribeVpcs"))
    assert caught.value.code == 401
