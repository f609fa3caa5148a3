"""How often an account may ask: AWS's numbers, an administrator's, and clients that get through all the same."""
import time

import botocore.exceptions
import pytest

from clients import CLIENTS
from controller import element
from proxy import Proxy


def burst(call, count):
    """How many of so many calls in a row were refused, as EC2 does it."""
    refused = 0
    for _ in range(count):
        try:
            call()
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"] == {"Code": "RequestLimitExceeded", "Message": "Request limit exceeded."}
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            refused += 1
    return refused


def test_the_numbers_of_aws(controller_with):
    """50 that change something at once and 5 per second; of what is described, 100 and 20.  Each action has its own."""
    controller = controller_with("--plain-http", unlimited=False)
    ec2 = controller.client()
    before = time.monotonic()
    refused = burst(ec2.create_traffic_mirror_filter, 75)
    came_back = 5 * (time.monotonic() - before) + 1
    assert 25 - came_back <= refused <= 25
    assert len(ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 75 - refused
    before = time.monotonic()
    refused = burst(ec2.describe_network_interfaces, 75)
    came_back = 10 * (time.monotonic() - before) + 1
    assert 25 - came_back <= refused <= 25
    assert burst(lambda: ec2.describe_network_interfaces(MaxResults=5), 60) == 0
    assert burst(ec2.describe_traffic_mirror_sessions, 60) == 0
    assert "CreateTrafficMirrorFilter by" in controller.log() and "RequestLimitExceeded; so far 1" in controller.log()


def test_of_sts_in_its_own_words(controller_with):
    controller = controller_with("--plain-http", "--rate", "GetCallerIdentity=2/0.001", unlimited=False)
    for _ in range(2):
        assert controller.query("GetCallerIdentity", service="sts", version="2011-06-15").status_code == 200
    answer = controller.query("GetCallerIdentity", service="sts", version="2011-06-15")
    assert (answer.status_code, element(answer.text, "Code")) == (400, "Throttling") and "<ErrorResponse" in answer.text


def test_hosts_are_not_throttled(controller_with):
    controller = controller_with("--plain-http", "--rate", "*=1/0.001", unlimited=False)
    for _ in range(20):
        assert controller.report("web-1", []).status_code == 204
        assert controller.plan("web-1").status_code == 200


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_get_through(controller_with, tmp_path, name):
    """Each tries again by itself, later and later, and in the end has what its user wanted, once."""
    controller = controller_with("--plain-http", "--rate", "Create*=1/1", unlimited=False)
    with Proxy(controller.url) as proxy:
        client = CLIENTS[name](controller.administrator, proxy.url, tmp_path, attempts=10)
        for number in range(4):
            client.call("ec2", "CreateTrafficMirrorFilter", Description=str(number))
        made = client.call("ec2", "DescribeTrafficMirrorFilters")["TrafficMirrorFilters"]
        client.close()
    assert sorted(item["Description"] for item in made) == ["0", "1", "2", "3"]
    assert {exchange.status for exchange in proxy.seen} == {200, 503}
