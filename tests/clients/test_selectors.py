"""Mirroring by tag: selectors by signed queries, by the command line, with boto3 beside them; over many interfaces, and over a killed
controller."""
import json
import os
import re
import signal
import time

import pytest

from command import Operator
from controller import element
from people import People, allow, code_of
from test_events import lookup, record

NOT_FOUND, NOT_PERMITTED = "InvalidTrafficMirrorSelectorId.NotFound", "OperationNotPermitted"


def items(text, top):
    """The items of a set as dictionaries of their own texts."""
    inside = re.search(f"<{top}>(.*)</{top}>", text, re.DOTALL)
    return [dict(re.findall(r"<(\w+)>([^<]*)</", item)) for item in re.split("<item>(?=<trafficMirrorSelectorId>)", inside[1])[1:]] \
        if inside else []


def wait_for(what, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return found


class Site:
    """An account with a filter and a target, and short ways to say things."""

    def __init__(self, controller, keys=None):
        self.controller, self.keys = controller, keys or controller.administrator
        self.ec2 = controller.client(keys=self.keys)
        subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        appliance = self.ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="192.0.2.9")["NetworkInterface"]
        self.target = self.ec2.create_traffic_mirror_target(
            NetworkInterfaceId=appliance["NetworkInterfaceId"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        self.filter = self.ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def ask(self, action, **parameters):
        answer = self.controller.query(action, keys=self.keys, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.text

    def code(self, action, **parameters):
        return element(self.controller.query(action, keys=self.keys, **parameters).text, "Code")

    def wish(self, number=1, **parameters):
        return {"TrafficMirrorTargetId": self.target, "TrafficMirrorFilterId": self.filter, "SessionNumber": number,
                "TagFilter.1.Key": "app", "TagFilter.1.Value.1": "web", **parameters}

    def select(self, number=1, **parameters):
        return element(self.ask("CreateTrafficMirrorSelector", **self.wish(number, **parameters)), "trafficMirrorSelectorId")

    def selectors(self, **parameters):
        return {item["trafficMirrorSelectorId"]: item for item in items(
            self.ask("DescribeTrafficMirrorSelectors", **parameters), "trafficMirrorSelectorSet")}

    def refusals(self, **parameters):
        return items(self.ask("DescribeTrafficMirrorSelectorRefusals", **parameters), "trafficMirrorSelectorRefusalSet")

    def tag(self, *things, value="web"):
        self.ec2.create_tags(Resources=list(things), Tags=[{"Key": "app", "Value": value}])

    def sessions(self, *sources):
        filters = [{"Name": "network-interface-id", "Values": list(sources)}] if sources else []
        pages = self.ec2.get_paginator("describe_traffic_mirror_sessions").paginate(Filters=filters)
        return [session for page in pages for session in page["TrafficMirrorSessions"]]


@pytest.fixture
def site(controller):
    return Site(controller)


def test_sessions_come_and_go_with_tags(site, interfaces):
    """An unmodified client tags, and sees sessions like any other; their extension tells whose they are."""
    selector = site.select(7, Description="by tag", PacketLength=100, **{"Extension.Continue": "true"})
    site.tag(interfaces["tap0"])
    session, = site.sessions()
    assert (session["NetworkInterfaceId"], session["SessionNumber"], session["PacketLength"], session["Description"]) == (
        interfaces["tap0"], 7, 100, "by tag")
    text = site.ask("DescribeTrafficMirrorSessions", **{"Extension.Show": "true", "Filter.1.Name": "traffic-mirror-selector-id",
                                                        "Filter.1.Value.1": selector})
    assert (element(text, "trafficMirrorSelectorId"), element(text, "continue")) == (selector, "true")
    assert "trafficMirrorSelectorId" not in site.ask("DescribeTrafficMirrorSessions")
    found = site.selectors()[selector]
    assert (found["state"], found["sessionCount"], found["refusalCount"]) == ("active", "1", "0")

    # A guest that comes later has its tag by its instance.
    instance = site.ec2.describe_network_interfaces(NetworkInterfaceIds=[interfaces["eth0"]])["NetworkInterfaces"][0]["Attachment"]["InstanceId"]
    site.tag(instance)
    assert len(site.sessions()) == 2
    site.controller.report("web-1", [("eth0", "host", []), ("eth1", "host", []), ("tap0", "guest", []), ("tap1", "guest", [])])
    assert len(site.sessions()) == 3
    site.ec2.delete_tags(Resources=[instance, interfaces["tap0"]], Tags=[{"Key": "app"}])
    assert site.sessions() == []


def test_what_is_refused_is_told(site, interfaces):
    for parameters, code in (
            ({"TagFilter.1.Key": ""}, "InvalidParameterValue"), ({"TagFilter.2.Value.1": "x"}, "MissingParameter"),
            ({"SessionNumber": 0}, "InvalidParameterValue"), ({"SessionNumber": 32767}, "InvalidParameterValue"),
            ({"TagFilter.1.Key": "a" * 129}, "InvalidParameterValue"), ({"TagFilter.1.Value.1": "a" * 257}, "InvalidParameterValue"),
            ({f"TagFilter.1.Value.{number}": "v" for number in range(1, 22)}, "InvalidParameterValue"),
            ({"NetworkInterfaceId": interfaces["tap0"]}, "UnknownParameter"),
            ({"Extension.PacketSampling": 2, "Extension.FlowSampling": 2}, "InvalidParameterCombination"),
            ({"DryRun": "true"}, "DryRunOperation")):
        assert site.code("CreateTrafficMirrorSelector", **site.wish(**parameters)) == code, parameters
    wish = site.wish()
    del wish["TagFilter.1.Key"], wish["TagFilter.1.Value.1"]
    assert site.code("CreateTrafficMirrorSelector", **wish) == "MissingParameter"
    assert site.selectors() == {}
    selector = site.select()
    assert site.code("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=selector, VirtualNetworkId=1,
                     RemoveField__1="virtual-network-id") == "InvalidParameterCombination"
    assert site.code("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId="tmsel-0123456789abcdef0") == NOT_FOUND
    assert site.code("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId="tms-0123456789abcdef0") == "InvalidParameterValue"
    assert code_of(site.ec2.delete_traffic_mirror_filter, TrafficMirrorFilterId=site.filter) == "TrafficMirrorFilterInUse"
    assert code_of(site.ec2.delete_traffic_mirror_target, TrafficMirrorTargetId=site.target) == "TrafficMirrorTargetInUseException"

    # Its sessions are its own.
    site.tag(interfaces["tap0"])
    session = site.sessions()[0]["TrafficMirrorSessionId"]
    assert code_of(site.ec2.delete_traffic_mirror_session, TrafficMirrorSessionId=session) == NOT_PERMITTED
    assert code_of(site.ec2.modify_traffic_mirror_session, TrafficMirrorSessionId=session, SessionNumber=9) == NOT_PERMITTED


def test_token_and_pages(site):
    """The same token makes one selector; pages hold together."""
    once = {site.select(ClientToken="once") for _ in range(2)}
    assert len(once) == 1
    assert site.code("CreateTrafficMirrorSelector", **site.wish(2, ClientToken="once")) == "IdempotentParameterMismatch"
    made = once | {site.select() for _ in range(11)}
    found, token = set(), None
    while token != "":
        text = site.ask("DescribeTrafficMirrorSelectors", MaxResults=5, **({"NextToken": token} if token else {}))
        found |= set(re.findall("<trafficMirrorSelectorId>([^<]*)<", text))
        token = element(text, "nextToken") or ""
    assert found == made
    assert site.selectors(**{"Filter.1.Name": "state", "Filter.1.Value.1": "settling"}) == {}
    assert set(site.selectors(**{"Filter.1.Name": "session-number", "Filter.1.Value.1": "1"})) == made
    assert set(site.selectors(TrafficMirrorSelectorId__1=min(made))) == {min(made)}


def test_refusals_end_when_their_reason_does(site, interfaces):
    """A number that was taken is free with its session; a quota is the service's to notice."""
    by_hand = site.ec2.create_traffic_mirror_session(
        NetworkInterfaceId=interfaces["tap0"], TrafficMirrorTargetId=site.target, TrafficMirrorFilterId=site.filter,
        SessionNumber=1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]
    selector = site.select()
    site.tag(interfaces["tap0"])
    refusal, = site.refusals()
    assert (refusal["trafficMirrorSelectorId"], refusal["networkInterfaceId"]) == (selector, interfaces["tap0"])
    assert by_hand in refusal["reason"] and site.selectors()[selector]["refusalCount"] == "1"
    site.ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=by_hand)
    assert site.refusals() == [] and len(site.sessions()) == 1
    site.ask("ModifyTrafficMirrorQuota", Name="sessions", Value=1)
    site.tag(interfaces["tap1"])
    assert len(site.sessions()) == 1 and "may have 1" in site.refusals()[0]["reason"]
    site.ask("ResetTrafficMirrorQuota", Name="sessions")
    wait_for(lambda: len(site.sessions()) == 2)
    assert site.refusals() == []


def test_shared_target(controller, site, interfaces):
    """Copies go to another account's target while it is shared; then the sources are told, and when it is shared again they go on."""
    people = People(controller)
    other = people.other_account("consumer")
    theirs = Site(controller, other.keys)
    assert controller.report("db-1", [("tap0", "guest", [])], keys=other.host_keys()).status_code == 204
    share = {"TrafficMirrorTargetId": site.target, "AccountId": other.account}
    wish = theirs.wish(TrafficMirrorTargetId=site.target, **{"TagFilter.1.Key": "tmirror:host", "TagFilter.1.Value.1": "*"})
    assert theirs.code("CreateTrafficMirrorSelector", **wish) == "InvalidTrafficMirrorTargetId.NotFound"
    site.ask("ShareTrafficMirrorTarget", **share)
    theirs.ask("CreateTrafficMirrorSelector", **wish)
    # Of its own account's interfaces only, though both have the tag.
    assert [session["OwnerId"] for session in site.sessions()] == [other.account]
    site.ask("UnshareTrafficMirrorTarget", **share)
    assert site.sessions() == [] and site.refusals() == []
    wait_for(theirs.refusals)  # Of another account, so the call does not wait for it.
    assert site.target in theirs.refusals()[0]["reason"]
    site.ask("ShareTrafficMirrorTarget", **share)
    wait_for(theirs.sessions)
    assert theirs.refusals() == []


def test_permissions(controller, site, interfaces):
    people = People(controller)
    arn = f"arn:aws:ec2:us-east-1:{people.account}:"
    carol = Site.__new__(Site)
    carol.controller, carol.target, carol.filter = controller, site.target, site.filter
    carol.keys = people.user("carol", allow("ec2:CreateTrafficMirrorSelector", [arn + "traffic-mirror-filter/*", arn + "traffic-mirror-selector/*"]))
    denied = "UnauthorizedOperation"
    assert carol.code("CreateTrafficMirrorSelector", **carol.wish()) == denied
    people.put("carol", allow("ec2:CreateTrafficMirrorSelector", [
        arn + "traffic-mirror-filter/*", arn + "traffic-mirror-target/*", arn + "traffic-mirror-selector/*"]))
    tags = {"TagSpecification.1.ResourceType": "traffic-mirror-selector", "TagSpecification.1.Tag.1.Key": "Name",
            "TagSpecification.1.Tag.1.Value": "web"}
    assert carol.code("CreateTrafficMirrorSelector", **carol.wish(**tags)) == denied
    selector = carol.select()
    assert carol.code("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId=selector) == denied
    people.put("carol", allow("ec2:DeleteTrafficMirrorSelector", arn + "traffic-mirror-selector/" + selector))
    assert carol.code("DescribeTrafficMirrorSelectors") == denied
    assert carol.code("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId=selector) is None


def test_events(controller, site, interfaces):
    """What a selector does is told as a service's own doing, in the history and in the journal."""
    selector = site.select()
    site.tag(interfaces["tap0"])
    site.ask("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=selector, SessionNumber=3)
    session = site.sessions()[0]["TrafficMirrorSessionId"]
    site.ask("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId=selector)
    wait_for(lambda: len(lookup(controller, ResourceName=session)) == 3)
    events = lookup(controller, ResourceName=session)
    assert [event["EventName"] for event in events] == [
        verb + "TrafficMirrorSession" for verb in ("Delete", "Modify", "Create")]
    told = record(events[-1])
    assert told["eventType"] == "AwsServiceEvent" and told["userIdentity"]["type"] == "AWSService"
    assert told["serviceEventDetails"] == {"trafficMirrorSelectorId": selector, "trafficMirrorSessionId": session,
                                           "networkInterfaceId": interfaces["tap0"]}
    assert {item["ResourceName"] for item in events[-1]["Resources"]} == {selector, session, interfaces["tap0"]}
    for verb in ("made", "changed", "ended"):
        assert f"selector {selector} has {verb} session {session} of interface {interfaces['tap0']}" in controller.log()


def test_command_line(controller, site, interfaces):
    operator = Operator(os.path.join(controller.state, "credentials.env"))
    selector = operator.do("selector", "create", "--tag-filter", "app=web,shop-*", "--tag-filter", "tmirror:device",
                           "--traffic-mirror-target-id", site.target, "--traffic-mirror-filter-id", site.filter,
                           "--session-number", "5", "--flow-sampling", "10", "--tag", "Name=shop")
    operator.do("interface", "modify", interfaces["tap0"], "--tag", "app=shop-1")
    row = [selector, "shop", "app=web,shop-* tmirror:device", site.target, site.filter, "5", "-", "-", "1/10 flows", "active", "1", "0", "-"]
    assert operator.table("selector", "list") == [row]
    assert operator.json("selector", "show", selector)["SessionCount"] == 1
    operator.do("selector", "pause", selector)
    assert operator.json("session", "list")[0]["Extension"]["Paused"] is True
    operator.do("selector", "resume", selector)
    assert operator.json("session", "list")[0]["Extension"]["Paused"] is False
    session = operator.json("session", "list")[0]
    assert session["Extension"]["TrafficMirrorSelectorId"] == selector
    assert operator.refused("session", "pause", session["TrafficMirrorSessionId"]) == NOT_PERMITTED
    operator.do("selector", "modify", selector, "--tag-filter", "app=db", "--untag", "Name")
    assert operator.json("session", "list") == [] and operator.json("selector", "show", selector)["Tags"] == []
    operator.do("session", "create", "--network-interface-id", interfaces["tap1"], "--traffic-mirror-target-id", site.target,
                "--traffic-mirror-filter-id", site.filter, "--session-number", "5")
    operator.do("interface", "modify", interfaces["tap1"], "--tag", "app=db")
    refused, = operator.table("selector", "refusals")
    assert refused[:2] == [selector, interfaces["tap1"]] and "session number 5" in refused[3]
    operator.do("selector", "delete", selector)
    assert operator.json("selector", "list") == []
    assert operator.refused("selector", "delete", selector) == NOT_FOUND


def test_many_interfaces_and_a_killed_controller(controller_with):
    """A change of many is answered before it is all done; whoever is killed meanwhile goes on where it was, and nothing is done twice."""
    controller = controller_with()
    site, count = Site(controller), 600
    controller.query("ModifyTrafficMirrorQuota", Name="sources-per-target", Value=count)
    devices = [(f"tap{number}", "guest", []) for number in range(count)]
    assert controller.report("web-1", devices).status_code == 204
    selector = site.select(**{"TagFilter.1.Key": "tmirror:orientation", "TagFilter.1.Value.1": "guest"})
    first = site.selectors()[selector]
    assert first["state"] == "settling" and 0 < int(first["sessionCount"]) < count
    controller.stop(signal.SIGKILL)
    controller.start()
    site.keys = controller.administrator
    site.ec2 = controller.client()
    wait_for(lambda: site.selectors()[selector]["state"] == "active")
    sessions = site.sessions()
    assert len({session["NetworkInterfaceId"] for session in sessions}) == len(sessions) == count
    assert len(json.loads(controller.plan("web-1").text)["sessions"]) == count
    site.ask("DeleteTrafficMirrorSelector", TrafficMirrorSelectorId=selector)
    assert site.selectors()[selector]["state"] == "deleting"
    assert site.code("ModifyTrafficMirrorSelector", TrafficMirrorSelectorId=selector, SessionNumber=2) == NOT_PERMITTED
    controller.stop(signal.SIGKILL)
    controller.start()
    site.keys = controller.administrator
    site.ec2 = controller.client()
    wait_for(lambda: site.selectors() == {})
    assert site.sessions() == []


MIRRORS = """
set: edge
filters: [{name: web, ingress: [{number: 1, action: accept, source: 0.0.0.0/0, destination: 0.0.0.0/0}]}]
targets: [{name: ids, address: 192.0.2.7}]
selectors:
  - {name: shop, tags: ["app=web,shop-*", tier], filter: web, target: ids, number: 3, packet-length: 128}
"""


def test_apply(controller, tmp_path, interfaces):
    """Selectors live in files, too: made, compared, changed in place, and gone before what they lean on is."""
    operator, path = Operator(os.path.join(controller.state, "credentials.env")), tmp_path / "mirrors.yaml"

    def apply(text, *words):
        path.write_text(text)
        return operator.do("apply", "-f", path, *words).splitlines()

    made = apply(MIRRORS)
    assert made[-1] == "+ selector shop tags: app=web,shop-*; tier, filter: web, target: ids, number: 3, packet-length: 128"
    assert apply(MIRRORS, "--dry-run", "--exit-status") == []
    before, = operator.json("selector", "list")
    assert [(item["Key"], item["Values"]) for item in before["TagFilters"]] == [("app", ["web", "shop-*"]), ("tier", [])]
    operator.do("interface", "modify", interfaces["tap0"], "--tag", "app=shop-1", "--tag", "tier=1")
    changed = MIRRORS.replace("number: 3, packet-length: 128", "number: 4, virtual-network-id: 9").replace(", tier]", ", \"tier=1,2\"]")
    assert apply(changed) == ["~ selector shop tags: app=web,shop-*; tier → app=web,shop-*; tier=1,2, number: 3 → 4, "
                              "packet-length: 128 → none, virtual-network-id: none → 9"]
    assert apply(changed, "--dry-run", "--exit-status") == []
    session, = operator.json("session", "list")
    assert (session["SessionNumber"], session["VirtualNetworkId"], session.get("PacketLength")) == (4, 9, None)
    assert operator.json("selector", "list")[0]["TrafficMirrorSelectorId"] == before["TrafficMirrorSelectorId"]
    for text, words in ((MIRRORS.replace("tags: [\"app=web,shop-*\", tier]", "tags: []"), "a selector wants 'tags'"),
                        (MIRRORS.replace("filter: web", "filter: wbe"), "no filter of these files is called 'wbe'"),
                        (MIRRORS.replace("tier]", "\"=1\"]"), "tags '=1' is not")):
        path.write_text(text)
        done = operator.run("apply", "-f", path)
        assert done.returncode == 2 and words in done.stderr, done
    assert [line.split()[:2] for line in apply("set: edge")] == [["-", kind] for kind in ("selector", "target", "filter", "appliance")]
    assert operator.json("session", "list") == [] and operator.json("selector", "list") == []
