"""Targets that one account shares with another: who sees what, who may do what, and what ends with the share."""
import re

import pytest

from controller import element
from people import People, allow, code_of
from test_isolation import furnish

TARGET, SESSION = "InvalidTrafficMirrorTargetId.NotFound", "InvalidTrafficMirrorSessionId.NotFound"


@pytest.fixture
def sides(controller):
    """The owner and the consumer of a target, with what each of them has, and a client for each."""
    owner = People(controller)
    consumer = owner.other_account("consumer")
    things, theirs = furnish(controller, owner, "web-1", "192.0.2.9"), furnish(controller, consumer, "db-1", "192.0.2.10")
    return owner, consumer, things, theirs


def share(controller, owner, target, account, action="ShareTrafficMirrorTarget", **more):
    """The code of the refusal, or None."""
    answer = controller.query(action, keys=owner.keys, TrafficMirrorTargetId=target, AccountId=account, **more)
    return element(answer.text, "Code")


def shares(controller, people, **filters):
    text = controller.query("DescribeTrafficMirrorTargetShares", keys=people.keys, **filters).text
    return [tuple(re.search(f"<{name}>([^<]*)<", item)[1] for name in ("trafficMirrorTargetId", "ownerId", "accountId"))
            for item in text.split("<item>")[1:]]


def test_life_of_a_share(controller, sides):
    owner, consumer, things, theirs = sides
    ours, ec2 = controller.client(keys=owner.keys), controller.client(keys=consumer.keys)
    ours.create_tags(Resources=[things["target"]], Tags=[{"Key": "cost", "Value": "secret"}])
    wish = {"NetworkInterfaceId": theirs["eni"], "TrafficMirrorTargetId": things["target"],
            "TrafficMirrorFilterId": theirs["filter"], "SessionNumber": 2}
    assert code_of(ec2.create_traffic_mirror_session, **wish) == TARGET

    assert share(controller, owner, things["target"], consumer.account, DryRun="true") == "DryRunOperation"
    assert shares(controller, owner) == []
    assert share(controller, owner, things["target"], consumer.account) is None
    assert share(controller, owner, things["target"], consumer.account) is None
    expected = [(things["target"], owner.account, consumer.account)]
    assert shares(controller, owner) == shares(controller, consumer) == expected

    # The consumer sees it, without its tags, and cannot pass it on, tag it or delete it.
    seen = {target["TrafficMirrorTargetId"]: target for target in ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]}
    assert set(seen) == {things["target"], theirs["target"]}
    assert (seen[things["target"]]["OwnerId"], seen[things["target"]]["Tags"]) == (owner.account, [])
    found = ec2.describe_traffic_mirror_targets(TrafficMirrorTargetIds=[things["target"]])["TrafficMirrorTargets"]
    assert found == [seen[things["target"]]]
    found = ec2.describe_traffic_mirror_targets(Filters=[{"Name": "owner-id", "Values": [consumer.account]}])["TrafficMirrorTargets"]
    assert [target["TrafficMirrorTargetId"] for target in found] == [theirs["target"]]
    assert code_of(ec2.delete_traffic_mirror_target, TrafficMirrorTargetId=things["target"]) == TARGET
    assert code_of(ec2.create_tags, Resources=[things["target"]], Tags=[{"Key": "a", "Value": "b"}]) == TARGET
    assert share(controller, consumer, things["target"], owner.account) == TARGET
    assert len(ours.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 1

    # It sends to it; the owner sees the session, without its tags, and cannot change it.
    made = ec2.create_traffic_mirror_session(**wish, TagSpecifications=[
        {"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "case", "Value": "secret"}]}])["TrafficMirrorSession"]
    identity = {"TrafficMirrorSessionId": made["TrafficMirrorSessionId"]}
    assert (made["OwnerId"], made["Tags"]) == (consumer.account, [{"Key": "case", "Value": "secret"}])
    sessions = {session["TrafficMirrorSessionId"]: session for session in ours.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]}
    assert set(sessions) == {things["session"], made["TrafficMirrorSessionId"]}
    assert sessions[made["TrafficMirrorSessionId"]] == {**made, "Tags": []}
    assert ours.describe_traffic_mirror_sessions(
        TrafficMirrorSessionIds=[made["TrafficMirrorSessionId"]])["TrafficMirrorSessions"] == [{**made, "Tags": []}]
    answer = controller.query("DescribeTrafficMirrorSessionStatus", TrafficMirrorSessionId__1=made["TrafficMirrorSessionId"])
    assert element(answer.text, "trafficMirrorSessionId") == made["TrafficMirrorSessionId"]
    assert code_of(ours.modify_traffic_mirror_session, **identity, SessionNumber=3) == SESSION
    assert code_of(ours.delete_traffic_mirror_session, **identity) == SESSION
    assert code_of(ours.delete_traffic_mirror_target, TrafficMirrorTargetId=things["target"]) == "TrafficMirrorTargetInUseException"
    assert len(ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]) == 2
    plan = controller.plan("db-1", keys=consumer.keys_of_hosts).json()
    assert {session["id"] for session in plan["sessions"]} == {theirs["session"], made["TrafficMirrorSessionId"]}
    assert "192.0.2.9" in str(plan["targets"])

    # Without the share nothing of it is left.
    assert share(controller, owner, things["target"], consumer.account, "UnshareTrafficMirrorTarget") is None
    assert shares(controller, owner) == shares(controller, consumer) == []
    assert code_of(ec2.describe_traffic_mirror_sessions, TrafficMirrorSessionIds=[made["TrafficMirrorSessionId"]]) == SESSION
    assert [session["TrafficMirrorSessionId"] for session in ours.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]] == \
           [things["session"]]
    assert code_of(ec2.create_traffic_mirror_session, **wish) == TARGET
    plan = controller.plan("db-1", keys=consumer.keys_of_hosts).json()
    assert [session["id"] for session in plan["sessions"]] == [theirs["session"]]


def test_existing_sessions_can_be_pointed_to_it(controller, sides):
    owner, consumer, things, theirs = sides
    ec2 = controller.client(keys=consumer.keys)
    change = {"TrafficMirrorSessionId": theirs["session"], "TrafficMirrorTargetId": things["target"]}
    assert code_of(ec2.modify_traffic_mirror_session, **change) == TARGET
    assert share(controller, owner, things["target"], consumer.account) is None
    assert ec2.modify_traffic_mirror_session(**change)["TrafficMirrorSession"]["TrafficMirrorTargetId"] == things["target"]
    ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=theirs["session"])
    ours = controller.client(keys=owner.keys)
    # It waits for the number of the session.
    controller.query("DeleteTrafficMirrorSelector", keys=owner.keys, TrafficMirrorSelectorId=things["selector"])
    ours.delete_traffic_mirror_session(TrafficMirrorSessionId=things["session"])
    ours.delete_traffic_mirror_target(TrafficMirrorTargetId=things["target"])
    assert shares(controller, consumer) == []


def test_policies_know_whose_target_it_is(controller, sides):
    """A consumer's user may be held to targets of its own account, or of the other."""
    owner, consumer, things, theirs = sides
    assert share(controller, owner, things["target"], consumer.account) is None
    keys = consumer.user("bob")
    ec2 = controller.client(keys=keys)
    others = ["arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:traffic-mirror-filter/*", "arn:aws:ec2:*:*:traffic-mirror-session/*"]
    for account, own, shared in ((owner.account, "UnauthorizedOperation", "DryRunOperation"),
                                 (consumer.account, "DryRunOperation", "UnauthorizedOperation")):
        consumer.put("bob", allow("ec2:*", [*others, f"arn:aws:ec2:*:{account}:traffic-mirror-target/*"]))
        for target, code in ((theirs["target"], own), (things["target"], shared)):
            assert code_of(ec2.create_traffic_mirror_session, NetworkInterfaceId=theirs["eni"], TrafficMirrorTargetId=target,
                           TrafficMirrorFilterId=theirs["filter"], SessionNumber=5, DryRun=True) == code
    keys = owner.user("dora", allow("ec2:ShareTrafficMirrorTarget", StringEquals={"tmirror:AccountId": consumer.account}))
    dora = People(controller, keys)
    assert share(controller, dora, things["target"], consumer.account) is None
    assert share(controller, dora, things["target"], "123456789012") == "UnauthorizedOperation"


def test_what_cannot_be_shared(controller, sides):
    owner, consumer, things, theirs = sides
    for target, account, code in ((things["target"], owner.account, "InvalidParameterValue"),
                                  (things["target"], "000000000000", "InvalidParameterValue"),
                                  (things["target"], "everybody", "InvalidParameterValue"),
                                  (theirs["target"], consumer.account, TARGET),
                                  ("tmt-00000000000000000", consumer.account, TARGET)):
        assert share(controller, owner, target, account) == code
    assert share(controller, owner, things["target"], consumer.account, "UnshareTrafficMirrorTarget") == "InvalidParameterValue"


def test_shares_by_pages_and_filters(controller, sides):
    owner, _, things, _ = sides
    accounts = sorted(owner.other_account(f"other-{number}").account for number in range(6))
    for account in accounts:
        assert share(controller, owner, things["target"], account) is None
    text = controller.query("DescribeTrafficMirrorTargetShares", MaxResults="5").text
    rest = shares(controller, owner, MaxResults="5", NextToken=element(text, "nextToken"))
    assert text.count("<item>") == 5 and [account for *_, account in rest] == accounts[5:]
    assert shares(controller, owner, Filter__1__Name="account-id", Filter__1__Value__1=accounts[2]) == [
        (things["target"], owner.account, accounts[2])]
