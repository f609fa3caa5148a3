"""DescribeTrafficMirrorChanges: who waits learns of a change at once, of his own account's only, and holds up nobody."""
import concurrent.futures
import os
import re
import select
import socket
import ssl
import subprocess
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from controller import BUILD, element
from people import People, allow

WAITING_MAX = 64
LONG = 20


class Feed:
    def __init__(self, controller, keys=None):
        self.controller, self.keys = controller, keys
        self.revision, _ = self.ask()

    def ask(self, **parameters):
        answer = self.controller.query("DescribeTrafficMirrorChanges", keys=self.keys, **parameters)
        assert answer.status_code == 200, answer.text
        return element(answer.text, "revision"), set(re.findall(r"<item>(\w+)</item>", answer.text))

    def since(self, wait=0):
        """The kinds that changed since this was asked last, and for how long that took."""
        began = time.monotonic()
        self.revision, kinds = self.ask(Since=self.revision, WaitSeconds=str(wait))
        return kinds, time.monotonic() - began


@pytest.fixture
def later():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        yield pool.submit


def test_who_waits_learns_at_once(controller, ec2, later):
    feed = Feed(controller)
    assert feed.since() == (set(), pytest.approx(0, abs=2))
    waiting = later(feed.since, LONG)
    made = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    kinds, took = waiting.result()
    assert kinds == {"filter", "event"} and took < LONG / 2
    ec2.create_tags(Resources=[made], Tags=[{"Key": "a", "Value": "b"}])
    assert feed.since()[0] == {"tag", "event"}


def test_what_only_looks_or_was_refused_changes_nothing(controller, ec2):
    feed = Feed(controller)
    ec2.describe_traffic_mirror_filters()
    assert controller.query("CreateTrafficMirrorFilter", DryRun="true").status_code == 412
    assert controller.query("DeleteTrafficMirrorFilter", TrafficMirrorFilterId="tmf-00000000000000000").status_code == 400
    kinds, took = feed.since(1)
    assert kinds == set() and 1 <= took < 5


def test_hosts_inventories_are_changes_and_their_counters_are_not(controller):
    feed = Feed(controller)
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"])]).status_code == 204
    assert feed.since()[0] == {"host", "source"}
    assert controller.report("web-1").status_code == 204
    assert feed.since()[0] == set()


def test_accounts_see_their_own_changes_and_what_is_shared(controller, ec2):
    own, other = Feed(controller), Feed(controller, People(controller).other_account().keys)
    own.since(), other.since()
    ec2.create_traffic_mirror_filter()
    assert own.since()[0] == {"filter", "event"}
    assert other.since()[0] == set()


def test_a_start_makes_everything_new(controller_with):
    controller = controller_with()
    feed = Feed(controller)
    controller.stop()
    controller.start()
    kinds, _ = feed.since(LONG)
    assert {"session", "filter", "host", "user", "balancer", "quota"} <= kinds
    assert feed.since()[0] == set()


def test_policies_hold(controller):
    keys = People(controller).user("mute", allow("ec2:DescribeVpcs"))
    answer = controller.query("DescribeTrafficMirrorChanges", keys=keys)
    assert element(answer.text, "Code") == "UnauthorizedOperation"
    assert element(controller.query("DescribeTrafficMirrorChanges", Since="x").text, "Code") == "InvalidParameterValue"
    assert element(controller.query("DescribeTrafficMirrorChanges", WaitSeconds="31").text, "Code") == "InvalidParameterValue"


def test_those_who_wait_are_bounded(controller):
    """They are sent by hand, since a hundred threads would be dear.  The one too many is answered at once, others when there is news."""
    feed = Feed(controller)
    waiting = [send(controller, feed.revision) for _ in range(WAITING_MAX + 1)]
    refused = select.select(waiting, [], [], LONG / 2)[0]
    assert len(refused) == 1
    assert b"<changedKindSet/>" in receive(refused[0])
    controller.client().create_traffic_mirror_filter()
    for connection in waiting:
        assert connection in refused or b"<item>filter</item>" in receive(connection)


def test_the_command_tells_them_too(controller, ec2):
    def changes(*options):
        program, credentials = os.path.join(BUILD, "src/cli/tmirror"), os.path.join(controller.state, "credentials.env")
        return subprocess.run([program, "--credentials", credentials, "changes", *options], capture_output=True, text=True, check=True).stdout

    revision, = changes().split()
    ec2.create_traffic_mirror_filter()
    later, *kinds = changes("--since", revision, "--wait", "20").split()
    assert int(later) > int(revision) and kinds == ["filter", "event"]
    assert changes("--since", later, "-o", "json").startswith("{")


def send(controller, revision):
    keys = controller.administrator
    body = f"Action=DescribeTrafficMirrorChanges&Version=2016-11-15&Since={revision}&WaitSeconds={LONG}"
    request = botocore.awsrequest.AWSRequest("POST", keys["AWS_ENDPOINT_URL"] + "/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded"})
    credentials = botocore.credentials.Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    botocore.auth.SigV4Auth(credentials, "ec2", keys["AWS_DEFAULT_REGION"]).add_auth(request)
    host, port = keys["AWS_ENDPOINT_URL"].split("//")[1].split(":")
    context = ssl.create_default_context(cafile=keys["AWS_CA_BUNDLE"])
    connection = context.wrap_socket(socket.create_connection((host, int(port)), timeout=LONG), server_hostname=host)
    prepared = request.prepare()
    headers = "".join(f"{name}: {value.decode() if isinstance(value, bytes) else value}\r\n" for name, value in prepared.headers.items())
    connection.sendall(f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{headers}\r\n{body}".encode())
    return connection


def receive(connection):
    heard = b""
    with connection:
        while piece := connection.recv(65536):
            heard += piece
    return heard
