"""What happened: CloudTrail's LookupEvents by boto3 and the AWS CLI, tmirror events, and the audit log."""
import datetime
import json
import os
import signal
import stat
import subprocess
import time

import botocore.exceptions
import pytest

from command import Operator
from controller import PROGRAM
from people import People, allow


def lookup(controller, keys=None, **attributes):
    """All events, the newest first; an attribute may be asked for."""
    wanted = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
    pages = controller.client("cloudtrail", keys=keys).get_paginator("lookup_events").paginate(
        LookupAttributes=wanted, PaginationConfig={"PageSize": 3})
    return [event for page in pages for event in page["Events"]]


def record(event):
    return json.loads(event["CloudTrailEvent"])


def names(events):
    return [event["EventName"] for event in events]


def test_what_is_made_up_takes_little_room(controller):
    """Refused calls are kept, so they are kept short, whatever they name."""
    large = {f"ResourceId.{number}": "tmf-" + "x" * 4000 for number in range(1, 200)}
    answer = controller.query("CreateTags", **{name.replace(".", "__"): value for name, value in large.items()}, Tag__1__Key="a", Tag__1__Value="b")
    assert answer.status_code == 400
    event, = lookup(controller, EventName="CreateTags")
    assert event.get("Resources", []) == [] and len(event["CloudTrailEvent"]) < 40_000
    told = record(event)
    assert told["errorCode"].startswith("Client.") and told["requestParameters"]["omitted"] is True


def test_boto3_finds_who_did_what(controller):
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    ec2 = controller.client()
    made = ec2.create_traffic_mirror_filter(Description="it's \"quoted\" – äöü")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[made])
    with pytest.raises(botocore.exceptions.ClientError):
        ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId="tmf-0123456789abcdef0")
    ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=made)
    events = lookup(controller, ResourceName=made)
    assert names(events) == ["DeleteTrafficMirrorFilter", "CreateTrafficMirrorFilter"]
    created = events[-1]
    assert created["EventTime"] >= before and created["EventSource"] == "ec2.amazonaws.com"
    assert created["Username"] == "admin" and created["ReadOnly"] == "false"
    assert created["AccessKeyId"] == controller.administrator["AWS_ACCESS_KEY_ID"]
    assert created["Resources"] == [{"ResourceType": "AWS::EC2::TrafficMirrorFilter", "ResourceName": made}]
    told = record(created)
    assert told["eventID"] == created["EventId"] and told["eventVersion"] == "1.08"
    assert told["sourceIPAddress"] == "127.0.0.1" and "Boto3" in told["userAgent"]
    assert told["requestParameters"]["CreateTrafficMirrorFilterRequest"]["Description"] == "it's \"quoted\" – äöü"
    assert told["responseElements"]["CreateTrafficMirrorFilterResponse"]["trafficMirrorFilter"]["trafficMirrorFilterId"] == made
    looked, = lookup(controller, EventName="DescribeTrafficMirrorFilters")
    assert looked["ReadOnly"] == "true" and record(looked)["responseElements"] is None
    assert record(looked)["requestParameters"]["DescribeTrafficMirrorFiltersRequest"] == {
        "TrafficMirrorFilterId": [{"tag": 1, "content": made}]}
    refused, = [record(event) for event in lookup(controller, ResourceName="tmf-0123456789abcdef0")]
    assert refused["errorCode"] == "Client.InvalidTrafficMirrorFilterId.NotFound" and "errorMessage" in refused
    # CloudTrail's own actions are told, too.
    assert "LookupEvents" in names(lookup(controller, EventSource="cloudtrail.amazonaws.com"))


def test_the_aws_cli_finds_it(controller, tmp_path):
    controller.client().create_traffic_mirror_filter()
    done = subprocess.run(
        ["/usr/bin/aws", "--endpoint-url", controller.url, "cloudtrail", "lookup-events", "--lookup-attributes",
         "AttributeKey=EventName,AttributeValue=CreateTrafficMirrorFilter", "--start-time", "2020-01-01T00:00:00Z", "--end-time",
         "2037-01-01", "--max-results", "1"], env={**os.environ, **controller.administrator, "HOME": str(tmp_path)},
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    event, = json.loads(done.stdout)["Events"]
    assert event["EventName"] == "CreateTrafficMirrorFilter"


def test_refusals_have_cloudtrails_names(controller):
    client = controller.client("cloudtrail")
    for code, parameters in (("InvalidMaxResultsException", {"MaxResults": 51}), ("InvalidNextTokenException", {"NextToken": "x"}),
                             ("InvalidTimeRangeException", {"StartTime": 2, "EndTime": 1}),
                             ("InvalidEventCategoryException", {"EventCategory": "insight"}),
                             ("InvalidLookupAttributesException", {"LookupAttributes": [{"AttributeKey": "Colour",
                                                                                         "AttributeValue": "red"}]})):
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            client.lookup_events(**parameters)
        assert caught.value.response["Error"]["Code"] == code and caught.value.response["Error"]["Message"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        controller.client("cloudtrail", region="eu-north-1").lookup_events()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    headers = {"X-Amz-Target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DeleteTrail",
               "Content-Type": "application/x-amz-json-1.1"}
    answer = controller.request("POST", "/", b"{}", service="cloudtrail", headers=headers)
    assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")
    headers["X-Amz-Target"] = headers["X-Amz-Target"].replace("DeleteTrail", "LookupEvents")
    for body in (b"{", b"[]", b'{"MaxResults": {"a": {"b": {"c": {"d": {"e": 1}}}}}}', b'{"a": 1, "a": 2}'):
        answer = controller.request("POST", "/", body, service="cloudtrail", headers=headers)
        assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException"), body
    # Older SDKs name the package, too; what only ends like the name is another.
    for target, known in (("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", True), ("CloudTrail_20131101", True), ("NoCloudTrail_20131101", False)):
        headers["X-Amz-Target"] = f"{target}.LookupEvents"
        answer = controller.request("POST", "/", b"", service="cloudtrail", headers=headers)
        assert ("Events" in answer.text) == known, answer.text
    headers["X-Amz-Target"] = "CloudTrail_20131101.LookupEvents"
    assert controller.request("POST", "/", b"{}", service="cloudtrail", headers=headers,
                              signer=None).json()["__type"] == "MissingAuthenticationTokenException"
    # What is signed for another service does not pass for this one.
    assert controller.request("POST", "/", b"{}", service="ec2", headers=headers).status_code == 400


def test_it_takes_permission_and_has_a_rate(controller_with):
    controller = controller_with(unlimited=False)
    people = People(controller)
    keys = people.user("eve")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        controller.client("cloudtrail", keys=keys).lookup_events()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    people.put("eve", allow("cloudtrail:LookupEvents"))
    deadline = time.monotonic() + 10
    codes = set()
    while "ThrottlingException" not in codes:
        assert time.monotonic() < deadline
        try:
            controller.client("cloudtrail", keys=keys).lookup_events()
            codes.add(None)
        except botocore.exceptions.ClientError as error:
            codes.add(error.response["Error"]["Code"])
    assert codes == {None, "ThrottlingException"}


def test_accounts_see_their_own(controller):
    people = People(controller)
    other = people.other_account()
    controller.client().create_traffic_mirror_filter(Description="ours")
    controller.client(keys=other.keys).create_traffic_mirror_filter(Description="theirs")
    ours, theirs = lookup(controller), lookup(controller, keys=other.keys)
    assert "ours" in str(ours) and "theirs" not in str(ours)
    assert "theirs" in str(theirs) and "ours" not in str(theirs)
    assert {record(event)["recipientAccountId"] for event in theirs} == {other.account}


def test_changes_outlast_kill_9_and_what_is_looked_at_does_not(controller):
    controller.client().create_traffic_mirror_filter(Description="kept")
    controller.client().describe_vpcs()
    controller.stop(signal.SIGKILL)
    controller.start()
    assert names(lookup(controller, EventName="CreateTrafficMirrorFilter")) == ["CreateTrafficMirrorFilter"]
    controller.client().describe_vpcs()
    before = lookup(controller)
    assert {"CreateTrafficMirrorFilter", "DescribeVpcs"} <= set(names(before))
    controller.stop(signal.SIGKILL)
    controller.start()
    after = lookup(controller, ReadOnly="false")
    assert after == [event for event in before if event["ReadOnly"] == "false"] and after
    assert "DescribeVpcs" not in names(lookup(controller))


def test_the_audit_log_is_written_and_opened_anew(controller_with, tmp_path):
    log, moved = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    controller = controller_with("--audit-log", str(log))
    controller.client().create_traffic_mirror_filter(Description="first")
    controller.client().describe_vpcs()
    controller.query("CreateTrafficMirrorFilter", keys={**controller.administrator, "AWS_SECRET_ACCESS_KEY": "wrong"})
    controller.query("CreateTrafficMirrorFilter", keys={**controller.administrator, "AWS_ACCESS_KEY_ID": "AKIASTRANGER"})
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(record["eventName"], record.get("errorCode")) for record in told] == [
        ("CreateTrafficMirrorFilter", None), ("DescribeVpcs", None), ("CreateTrafficMirrorFilter", "Client.AuthFailure")]
    assert told[2]["userIdentity"]["type"] == "Unknown"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    log.rename(moved)
    controller.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while not log.exists():
        assert time.monotonic() < deadline, controller.log()
        time.sleep(0.02)
    controller.client().create_traffic_mirror_filter(Description="second")
    assert "second" in log.read_text() and "second" not in moved.read_text()
    keys = {**controller.administrator}
    assert keys["AWS_SECRET_ACCESS_KEY"] not in log.read_text() + moved.read_text()


def test_a_log_that_cannot_be_written_is_said_at_the_start(tmp_path):
    done = subprocess.run([PROGRAM, "--state", str(tmp_path), "--audit-log", str(tmp_path / "missing" / "audit.jsonl")],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "cannot write the audit log" in done.stderr and "missing" in done.stderr


def test_tmirror_tells(controller):
    operator = Operator(os.path.join(controller.state, "credentials.env"))
    made = controller.client().create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    controller.query("CreateTrafficMirrorFilter", Colour="red")
    (_, *told), = operator.table("events", "--by", f"ResourceName={made}")
    assert told == ["admin", "127.0.0.1", "CreateTrafficMirrorFilter", made, "done"]
    assert [row[-1] for row in operator.table("events", "--since", "1h", "--by", "EventName=CreateTrafficMirrorFilter")] == [
        "Client.UnknownParameter", "done"]
    assert operator.table("events", "--since", "2h", "--until", "1h") == []
    listed = operator.json("events", "--by", "EventName=CreateTrafficMirrorFilter")
    assert [event["EventName"] for event in listed] == ["CreateTrafficMirrorFilter"] * 2
    assert operator.refused("events", "--by", "Colour=red") == "InvalidLookupAttributesException"
    assert operator.run("events", "--by", "nonsense").returncode == 2
