"""The pages of an account, in a browser: what happened, what it costs, how much it may have, and what a stranger's text does there."""
import datetime
import json

import pytest

EVIL = "<img src=x onerror=globalThis.taken=true>"
FORBIDDEN = {
    "/events": "LookupEvents",
    "/usage": "DescribeTrafficMirrorUsage",
    "/settings": "DescribeTrafficMirrorQuotas",
    "/users": "ListUsers",
}


def keys_of(controller):
    keys = controller.administrator
    return {"key": keys["AWS_ACCESS_KEY_ID"], "secret": keys["AWS_SECRET_ACCESS_KEY"]}


@pytest.fixture
def session(controller):
    """A session of web-1's eth0, and everything with a name that would like to run."""
    controller.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("eth1", "host", ["10.0.0.2"])])
    ec2 = controller.client()
    interfaces = sorted(ec2.describe_network_interfaces()["NetworkInterfaces"], key=lambda item: item["PrivateIpAddress"])
    source, appliance = (item["NetworkInterfaceId"] for item in interfaces)
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance, Description=EVIL)["TrafficMirrorTarget"]
    made = ec2.create_traffic_mirror_filter(Description=EVIL)["TrafficMirrorFilter"]
    session = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=source, TrafficMirrorTargetId=target["TrafficMirrorTargetId"], Description=EVIL, SessionNumber=1,
        TrafficMirrorFilterId=made["TrafficMirrorFilterId"],
        TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "Name", "Value": EVIL}, {"Key": EVIL, "Value": EVIL}]}],
    )["TrafficMirrorSession"]
    return session["TrafficMirrorSessionId"]


def test_an_event_is_found_and_told_whole(browser, controller, session):
    found = browser.travel("account.mjs", "findEvent", action="CreateTrafficMirrorSession", **keys_of(controller))
    assert found["rows"] == 1
    assert found["record"]["eventName"] == "CreateTrafficMirrorSession" and session in json.dumps(found["record"]["responseElements"])


def test_events_come_page_by_page(browser, controller):
    ec2 = controller.client()
    for number in range(60):
        ec2.create_traffic_mirror_filter(Description=f"filter {number}")
    assert "60" in browser.travel("account.mjs", "olderEvents", **keys_of(controller))


def test_usage_is_shown_and_saved(browser, controller, session):
    seen = browser.travel("account.mjs", "readUsage", device="eth0", options={"acceptDownloads": True}, **keys_of(controller))
    header, line = seen["file"].splitlines()
    values = dict(zip(header.split(","), line.split(",")))
    assert values["session"] == session and values["hours"] == "1" and values["cost"] == "0.015" and values["currency"] == "USD"
    assert "0.015 USD" in seen["text"] and seen["name"].endswith(".csv")
    assert values["from"].startswith(datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-"))


def test_a_quota_is_changed(browser, controller):
    assert "7" in browser.travel("account.mjs", "changeQuota", quota="Filters", value="7", **keys_of(controller))
    answer = controller.query("DescribeTrafficMirrorQuotas").text
    assert "<name>filters</name>" in answer and "<value>7</value>" in answer


def test_a_user_is_made_with_policy_and_key(browser, controller):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
    seen = browser.travel("account.mjs", "makeUser", user="carol", refused='{"Version": "2012-10-17", "Statement": 7}',
                          policy=json.dumps(policy), expected=["status of 400"], **keys_of(controller))
    iam = controller.client("iam")
    assert iam.get_user_policy(UserName="carol", PolicyName="look")["PolicyDocument"] == policy
    key, = iam.list_access_keys(UserName="carol")["AccessKeyMetadata"]
    assert key["AccessKeyId"] in seen["shown"] and key["AccessKeyId"] in seen["left"]
    secret = seen["shown"].split("Secret access key")[1].split()[0]
    assert len(secret) == 40 and secret not in seen["left"]


def test_what_a_policy_forbids_is_shown_as_forbidden(browser, controller):
    iam = controller.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    browser.travel("account.mjs", "lookForbidden", expected=["status of 40[03]"], places=FORBIDDEN,
                   key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def test_texts_are_shown_and_never_run(browser, controller, session):
    found = browser.travel("account.mjs", "lookForScripts", text=EVIL, **keys_of(controller),
                           places=["/sessions", f"/sessions/{session}", f"/sessions/{session}?tab=tags", "/filters", "/targets"])
    assert all(place == {"images": 0, "taken": False} for place in found.values()), found
