"""What is changed in the console, in a browser: sessions, rules, tags, shares, the sign-in; and that it keeps what others change meanwhile."""
import json

import pytest

from controller import element

@pytest.fixture
def keys(controller):
    keys = controller.administrator
    return {"key": keys["AWS_ACCESS_KEY_ID"], "secret": keys["AWS_SECRET_ACCESS_KEY"]}


TAPS = [f"tap{number}" for number in range(10)]


class Site:
    """Ten guests on web-1, an appliance, and a filter that rejects a network and accepts the rest."""

    def __init__(self, controller):
        self.ec2 = controller.client()
        assert controller.report("web-1", [(device, "guest", []) for device in (*TAPS, "ids")]).status_code == 204
        devices = {tag["Value"]: item["NetworkInterfaceId"] for item in self.ec2.describe_network_interfaces()["NetworkInterfaces"]
                   for tag in item["TagSet"] if tag["Key"] == "Name"}
        self.sources = [devices[tap] for tap in TAPS]
        self.target = self.ec2.create_traffic_mirror_target(NetworkInterfaceId=devices["ids"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        self.filter = self.ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        for number, action, block in [(10, "reject", "10.0.0.0/8"), (20, "accept", "0.0.0.0/0")]:
            self.ec2.create_traffic_mirror_filter_rule(
                TrafficMirrorFilterId=self.filter, TrafficDirection="ingress", RuleNumber=number, RuleAction=action, SourceCidrBlock=block,
                DestinationCidrBlock="0.0.0.0/0")

    def create_session(self, source=0, number=1):
        made = self.ec2.create_traffic_mirror_session(
            NetworkInterfaceId=self.sources[source], TrafficMirrorTargetId=self.target, TrafficMirrorFilterId=self.filter,
            SessionNumber=number, Description="as it was")
        return made["TrafficMirrorSession"]["TrafficMirrorSessionId"]

    def sessions(self):
        return self.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]

    def rules(self):
        found, = self.ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
        return sorted((rule["RuleNumber"], rule["RuleAction"], rule["SourceCidrBlock"], rule["TrafficMirrorFilterRuleId"])
                      for rule in found["IngressFilterRules"])


@pytest.fixture
def site(controller):
    return Site(controller)


def test_a_session_from_the_wizard_to_its_end(browser, controller, keys, site):
    typed = browser.travel("changes.mjs", "createSession", source=site.sources[0], target=site.target, filter=site.filter, number="5",
                           description="by hand", **keys)
    assert typed == {"offered": "1", "typed": "5"}
    session, = site.sessions()
    assert session["SessionNumber"] == 5 and session["Description"] == "by hand"
    first = session["TrafficMirrorSessionId"]
    browser.travel("changes.mjs", "modifySession", session=first, description="another", **keys)
    text = controller.query("DescribeTrafficMirrorSessions", Extension__Show="true").text
    assert "<paused>true</paused>" in text and "<description>another</description>" in text
    assert browser.travel("changes.mjs", "cloneAndDelete", session=first, source="tap1", **keys) == 1
    left, = site.sessions()
    assert left["TrafficMirrorSessionId"] == first


def test_what_is_too_much_at_once_is_asked_again(browser, controller, keys, site):
    """Thirty sessions are paused by who may ask for ten at once and then for some a second."""
    for source in range(10):
        for number in range(1, 4):
            site.create_session(source, number)
    controller.stop()
    controller.options[:] = ["--rate", "ModifyTrafficMirrorSession=10/10", "--listen", controller.url.removeprefix("https://")]
    controller.start()
    assert browser.travel("changes.mjs", "pauseMany", count=30, expected=["status of 503"], **keys) > 0
    text = controller.query("DescribeTrafficMirrorSessions", Extension__Show="true").text
    assert text.count("<paused>true</paused>") == 30


def test_rules_are_dragged_and_imported(browser, controller, keys, site):
    reject, accept = site.rules()
    browser.travel("changes.mjs", "dragRules", filter=site.filter, **keys)
    after = site.rules()
    assert [rule[1] for rule in after] == ["reject", "accept"] and {rule[3] for rule in after} == {reject[3], accept[3]}
    wished = {"IngressFilterRules": [
        {"RuleNumber": 5, "RuleAction": "reject", "SourceCidrBlock": "10.0.0.0/8", "DestinationCidrBlock": "0.0.0.0/0"},
        {"RuleNumber": 7, "RuleAction": "reject", "SourceCidrBlock": "192.168.0.0/16", "DestinationCidrBlock": "0.0.0.0/0"},
        {"RuleNumber": 30, "RuleAction": "accept", "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}]}
    seen = browser.travel("changes.mjs", "importRules", filter=site.filter, text=json.dumps(wished), options={"acceptDownloads": True}, **keys)
    assert seen["own"] is True
    assert [rule[:3] for rule in site.rules()] == [
        (5, "reject", "10.0.0.0/8"), (7, "reject", "192.168.0.0/16"), (30, "accept", "0.0.0.0/0")]
    assert not [step for step in seen["asked"] if step[0].startswith("Delete")]


def test_tags_are_edited_by_two(browser, controller, keys, site):
    site.ec2.create_tags(Resources=[site.filter], Tags=[{"Key": "whose", "Value": "nobody's"}])
    browser.travel("changes.mjs", "editTags", place=f"/console/filters/{site.filter}", **keys)
    found, = site.ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {"whose": "mine", "theirs": ""}


def test_a_target_is_shared_and_no_longer(browser, controller, keys, site):
    answer = controller.query("CreateAccount", service="iam", version="2010-05-08", AccountName="other", AccountId="210987654321")
    assert answer.status_code == 200, answer.text
    browser.travel("changes.mjs", "shareTarget", target=site.target, account="210987654321", **keys)
    assert "<accountId>" not in controller.query("DescribeTrafficMirrorTargetShares").text


def test_remembered_keys_and_signing_out(browser, keys):
    assert keys["key"] not in browser.travel("changes.mjs", "rememberAndLeave", **keys)


def test_tabs_come_and_go_together(browser, keys):
    browser.travel("changes.mjs", "leaveBoth", **keys)


def test_a_link_in_an_open_tab_signs_in_whom_it_is_for(browser, controller, keys):
    iam = controller.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    link = element(controller.query("CreateConsoleSignIn", service="sts", version="2011-06-15").text, "SignInUrl").replace("&amp;", "&")
    seen = browser.travel("changes.mjs", "followLinkInOpenTab", link=link, expected=["status of 40[03]"], key=key["AccessKeyId"],
                          secret=key["SecretAccessKey"])
    assert "nobody" in seen["before"] and "nobody" not in seen["after"] and "#" not in seen["address"]
