"""Who may do what: policies held against requests, by boto3, with everything that they can say of a request."""
import collections

import pytest

from people import People, allow, code_of, deny

ALLOWED, REFUSED = "DryRunOperation", "UnauthorizedOperation"
REGION = "us-east-1"


@pytest.fixture
def people(controller):
    return People(controller)


@pytest.fixture
def scene(ec2, interfaces, people):
    """Three filters, a rule, a target and a session of the administrator's; what is tagged is of the team net."""
    def tags(kind):
        return [{"ResourceType": kind, "Tags": [{"Key": "team", "Value": "net"}]}]

    subnet = ec2.describe_subnets()["Subnets"][0]
    appliance = ec2.create_network_interface(SubnetId=subnet["SubnetId"], PrivateIpAddress="192.0.2.9")["NetworkInterface"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance["NetworkInterfaceId"],
                                              TagSpecifications=tags("traffic-mirror-target"))["TrafficMirrorTarget"]
    ours = ec2.create_traffic_mirror_filter(TagSpecifications=tags("traffic-mirror-filter"))["TrafficMirrorFilter"]
    theirs = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]
    rule = ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=ours["TrafficMirrorFilterId"], TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
        SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]
    session = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=interfaces["tap0"], TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
        TrafficMirrorFilterId=ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"],
        SessionNumber=1)["TrafficMirrorSession"]
    names = {"eni": interfaces["tap1"], "tap0": interfaces["tap0"], "appliance": appliance["NetworkInterfaceId"],
             "target": target["TrafficMirrorTargetId"], "filter": ours["TrafficMirrorFilterId"],
             "other": theirs["TrafficMirrorFilterId"], "rule": rule["TrafficMirrorFilterRuleId"],
             "session": session["TrafficMirrorSessionId"], "subnet": subnet["SubnetId"], "vpc": subnet["VpcId"],
             "account": people.account}
    return collections.namedtuple("Scene", names)(**names)


def arn(scene, kind, name):
    return f"arn:aws:ec2:{REGION}:{scene.account}:{kind}/{name}"


# --- Policies and requests -------------------------------------------------------------------------------------------

def describe(scene):
    return "describe_traffic_mirror_sessions", {}


def create_filter(scene, **tags):
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    return "create_traffic_mirror_filter", {"TagSpecifications": [{"ResourceType": "traffic-mirror-filter", "Tags": given}]
                                            } if tags else {}


def delete_filter(scene):
    return "delete_traffic_mirror_filter", {"TrafficMirrorFilterId": scene.filter}


def delete_other(scene):
    return "delete_traffic_mirror_filter", {"TrafficMirrorFilterId": scene.other}


def delete_missing(scene):
    return "delete_traffic_mirror_filter", {"TrafficMirrorFilterId": "tmf-00000000000000000"}


def delete_rule(scene):
    return "delete_traffic_mirror_filter_rule", {"TrafficMirrorFilterRuleId": scene.rule}


def create_session(scene):
    return "create_traffic_mirror_session", {
        "NetworkInterfaceId": scene.eni, "TrafficMirrorTargetId": scene.target, "TrafficMirrorFilterId": scene.filter,
        "SessionNumber": 1}


def modify_session(scene, **changes):
    return "modify_traffic_mirror_session", {"TrafficMirrorSessionId": scene.session, **(changes or {"SessionNumber": 2})}


def point_elsewhere(scene):
    return modify_session(scene, TrafficMirrorFilterId=scene.other)


def create_interface(scene):
    return "create_network_interface", {"SubnetId": scene.subnet, "PrivateIpAddress": "192.0.2.10"}


def tag_filter(scene, key="owner"):
    return "create_tags", {"Resources": [scene.filter], "Tags": [{"Key": key, "Value": "alice"}]}


def tag_two(scene):
    return "create_tags", {"Resources": [scene.filter, scene.other], "Tags": [{"Key": "owner", "Value": "alice"}]}


def tagged(**tags):
    return lambda scene: create_filter(scene, **tags)


TEAM = {"StringEquals": {"aws:ResourceTag/team": "net"}}
MATRIX = [
    # Nothing is allowed by default, and names are patterns without case.
    ([], describe, REFUSED),
    ([allow("ec2:*")], describe, ALLOWED),
    ([allow("*")], create_session, ALLOWED),
    ([allow("ec2:describe*")], describe, ALLOWED),
    ([allow("ec2:Describe*")], create_filter, REFUSED),
    ([allow(["ec2:DescribeTrafficMirrorFilters", "ec2:DescribeTrafficMirrorSession?"])], describe, ALLOWED),
    ([allow("iam:*")], describe, REFUSED),
    ([{"Effect": "Allow", "NotAction": "ec2:Create*", "Resource": "*"}], describe, ALLOWED),
    ([{"Effect": "Allow", "NotAction": "ec2:Create*", "Resource": "*"}], create_filter, REFUSED),

    # What denies wins, wherever it stands.
    ([deny("ec2:DeleteTrafficMirrorFilter"), allow("*")], delete_filter, REFUSED),
    ([allow("*"), deny("*", "arn:aws:ec2:*:*:traffic-mirror-filter/{filter}")], delete_filter, REFUSED),
    ([allow("*"), deny("*", "arn:aws:ec2:*:*:traffic-mirror-filter/{filter}")], delete_other, ALLOWED),

    # What lists has no resource but everything.
    ([allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-session/*")], describe, REFUSED),

    # Resources by ARN: account, region, one of them.
    ([allow("ec2:*", "arn:aws:ec2:{region}:{account}:traffic-mirror-filter/{filter}")], delete_filter, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:{region}:{account}:traffic-mirror-filter/{filter}")], delete_other, REFUSED),
    ([allow("ec2:*", "arn:aws:ec2:eu-north-1:*:*")], delete_filter, REFUSED),
    ([allow("ec2:*", "arn:aws:ec2:*:000000000000:*")], delete_filter, REFUSED),
    ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ec2:*:*:traffic-mirror-filter/{filter}"}], delete_filter, REFUSED),
    ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ec2:*:*:traffic-mirror-filter/{filter}"}], delete_other, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-filter/*")], create_filter, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-target/*")], create_filter, REFUSED),

    # What does not exist is judged like what does: only who may learn that it is missing.
    ([], delete_missing, REFUSED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-filter/*")], delete_missing, "InvalidTrafficMirrorFilterId.NotFound"),
    ([allow("ec2:*", **TEAM)], delete_missing, REFUSED),

    # Every resource of a request must be allowed.
    ([allow("ec2:*", ["arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:traffic-mirror-filter/*",
                      "arn:aws:ec2:*:*:traffic-mirror-target/*", "arn:aws:ec2:*:*:traffic-mirror-session/*"])], create_session, ALLOWED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:traffic-mirror-filter/*",
                      "arn:aws:ec2:*:*:traffic-mirror-target/*"])], create_session, REFUSED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:network-interface/{appliance}", "arn:aws:ec2:*:*:traffic-mirror-*"])], create_session, REFUSED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:network-interface/{eni}", "arn:aws:ec2:*:*:traffic-mirror-*"])], create_session, ALLOWED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-filter-rule/*"])], delete_rule, REFUSED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-filter-rule/*", "arn:aws:ec2:*:*:traffic-mirror-filter/{filter}"])], delete_rule, ALLOWED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-session/*"])], modify_session, ALLOWED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-session/*"])], point_elsewhere, REFUSED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-session/*", "arn:aws:ec2:*:*:traffic-mirror-filter/{other}"])], point_elsewhere, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:subnet/*")], create_interface, REFUSED),
    ([allow("ec2:*", ["arn:aws:ec2:*:*:subnet/{subnet}", "arn:aws:ec2:*:*:network-interface/*"])], create_interface, ALLOWED),

    # Tags of what is there.
    ([allow("ec2:*", **TEAM)], delete_filter, ALLOWED),
    ([allow("ec2:*", **TEAM)], delete_other, REFUSED),
    ([allow("ec2:*", StringLike={"ec2:ResourceTag/team": "n*"})], delete_filter, ALLOWED),
    ([allow("ec2:*", StringNotEquals={"aws:ResourceTag/team": "net"})], delete_filter, REFUSED),
    ([allow("ec2:*", StringNotEquals={"aws:ResourceTag/team": "net"})], delete_other, ALLOWED),
    ([allow("ec2:*", Null={"aws:ResourceTag/team": "true"})], delete_other, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:network-interface/*", StringEquals={"aws:ResourceTag/tmirror:device": "tap1"}),
      allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-*")], create_session, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:network-interface/*", StringEquals={"aws:ResourceTag/tmirror:device": "tap0"}),
      allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-*")], create_session, REFUSED),

    # Tags of what is made, which need a permission of their own.
    ([allow("ec2:CreateTrafficMirrorFilter")], tagged(team="net"), REFUSED),
    ([allow(["ec2:CreateTrafficMirrorFilter", "ec2:CreateTags"])], tagged(team="net"), ALLOWED),
    ([allow("ec2:CreateTrafficMirrorFilter"),
      allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "CreateTrafficMirrorFilter"})], tagged(team="net"), ALLOWED),
    ([allow("ec2:CreateTrafficMirrorFilter"),
      allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "CreateTrafficMirrorTarget"})], tagged(team="net"), REFUSED),
    ([allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "CreateTrafficMirrorFilter"})], tag_filter, REFUSED),
    ([allow("ec2:Create*", StringEquals={"aws:RequestTag/team": "net"})], tagged(team="net"), ALLOWED),
    ([allow("ec2:Create*", StringEquals={"aws:RequestTag/team": "net"})], tagged(team="web"), REFUSED),
    ([allow("ec2:Create*", StringEquals={"aws:RequestTag/team": "net"})], create_filter, REFUSED),
    ([allow("ec2:Create*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "owner"]}})], tagged(team="net", owner="x"), ALLOWED),
    ([allow("ec2:Create*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "owner"]}})], tagged(team="net", cost="x"), REFUSED),
    ([allow("ec2:Create*"), deny("ec2:CreateTags", **{"ForAnyValue:StringLike": {"aws:TagKeys": "c*"}})], tagged(cost="x"), REFUSED),

    # Tags that are set on what is there.
    ([allow("ec2:CreateTags", **TEAM)], tag_filter, ALLOWED),
    ([allow("ec2:CreateTags", **TEAM)], tag_two, REFUSED),
    ([allow("ec2:CreateTags", StringEquals={"aws:RequestTag/owner": "${{aws:username}}"})], tag_filter, ALLOWED),
    ([allow("ec2:CreateTags", StringEquals={"aws:RequestTag/owner": "bob"})], tag_filter, REFUSED),

    # Where it is, and what is changed of it.
    ([allow("ec2:*", StringEquals={"ec2:Region": "us-east-1"})], describe, ALLOWED),
    ([allow("ec2:*", StringEquals={"aws:RequestedRegion": "eu-north-1"})], describe, REFUSED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:network-interface/*", ArnEquals={"ec2:Vpc": "arn:aws:ec2:{region}:{account}:vpc/{vpc}"},
            StringEquals={"ec2:Subnet": "arn:aws:ec2:{region}:{account}:subnet/{subnet}", "ec2:NetworkInterfaceID": "{eni}"}),
      allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-*")], create_session, ALLOWED),
    ([allow("ec2:*", "arn:aws:ec2:*:*:network-interface/*", ArnEquals={"ec2:Vpc": "arn:aws:ec2:*:*:vpc/vpc-0"}),
      allow("ec2:*", "arn:aws:ec2:*:*:traffic-mirror-*")], create_session, REFUSED),
    ([allow("ec2:Modify*", **{"ForAllValues:StringEquals": {"ec2:Attribute": "SessionNumber"}})], modify_session, ALLOWED),
    ([allow("ec2:Modify*", **{"ForAllValues:StringEquals": {"ec2:Attribute": "Description"}})], modify_session, REFUSED),
    ([allow("ec2:Modify*", NumericLessThan={"ec2:Attribute/SessionNumber": "3"})], modify_session, ALLOWED),
    ([allow("ec2:Modify*", NumericLessThan={"ec2:Attribute/SessionNumber": "2"})], modify_session, REFUSED),

    # Who asks, from where, when and how.
    ([allow("ec2:*", IpAddress={"aws:SourceIp": "127.0.0.0/8"})], describe, ALLOWED),
    ([allow("ec2:*", IpAddress={"aws:SourceIp": ["10.0.0.0/8", "::1"]})], describe, REFUSED),
    ([allow("ec2:*", NotIpAddress={"aws:SourceIp": "127.0.0.1"})], describe, REFUSED),
    ([allow("ec2:*", Bool={"aws:SecureTransport": "true"})], describe, ALLOWED),
    ([allow("ec2:*", Bool={"aws:SecureTransport": "false"})], describe, REFUSED),
    ([allow("ec2:*", DateGreaterThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})], describe, ALLOWED),
    ([allow("ec2:*", DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})], describe, REFUSED),
    ([allow("ec2:*", NumericGreaterThan={"aws:EpochTime": "1577836800"})], describe, ALLOWED),
    ([allow("ec2:*", StringEquals={"aws:username": "alice"})], describe, ALLOWED),
    ([allow("ec2:*", StringEquals={"aws:username": "Alice"})], describe, REFUSED),
    ([allow("ec2:*", StringEqualsIgnoreCase={"aws:username": "Alice"})], describe, ALLOWED),
    ([allow("ec2:*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::{account}:user/*"})], describe, ALLOWED),
    ([allow("ec2:*", StringEquals={"aws:PrincipalAccount": "{account}", "aws:PrincipalType": "User"})], describe, ALLOWED),
    ([allow("ec2:*", StringLike={"aws:userid": "AIDA*"})], describe, ALLOWED),
    ([allow("ec2:*", StringLike={"aws:UserAgent": "*Boto3*"})], describe, ALLOWED),
    ([allow("ec2:*", Bool={"aws:MultiFactorAuthPresent": "false"})], describe, REFUSED),
    ([allow("ec2:*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})], describe, ALLOWED),
    ([allow("ec2:*", Null={"aws:TokenIssueTime": "true"})], describe, ALLOWED),
]


def filled(value, scene):
    """With the scene's ids in the places of "{filter}" and its like."""
    if isinstance(value, str):
        return value.format(region=REGION, **scene._asdict())
    if isinstance(value, list):
        return [filled(item, scene) for item in value]
    return {name: filled(item, scene) for name, item in value.items()}


def test_matrix(controller, people, scene):
    """One user, whose policy is put anew for each row; dry runs, so that no row leaves anything behind."""
    alice = controller.client(keys=people.user("alice"))
    for number, (statements, request, expected) in enumerate(MATRIX):
        action, parameters = request(scene)
        people.put("alice", *filled(statements, scene))
        assert code_of(getattr(alice, action), DryRun=True, **parameters) == expected, (number, statements, action)


def test_words(controller, people, scene):
    """Who was refused what on which resource, and for which lack."""
    alice = controller.client(keys=people.user("alice", allow("ec2:Delete*"), deny("ec2:Delete*", "arn:aws:ec2:*:*:*/" + scene.other)))
    told = "You are not authorized to perform this operation. User: " + people.arn("user/alice") + " is not authorized to perform: "
    for call, expected in (
            (lambda: alice.describe_traffic_mirror_filters(),
             "ec2:DescribeTrafficMirrorFilters on resource: * because no identity-based policy allows the "
             "ec2:DescribeTrafficMirrorFilters action"),
            (lambda: alice.create_traffic_mirror_filter(),
             f"ec2:CreateTrafficMirrorFilter on resource: {arn(scene, 'traffic-mirror-filter', '*')} because no identity-based "
             "policy allows the ec2:CreateTrafficMirrorFilter action"),
            (lambda: alice.delete_traffic_mirror_filter(TrafficMirrorFilterId=scene.other),
             f"ec2:DeleteTrafficMirrorFilter on resource: {arn(scene, 'traffic-mirror-filter', scene.other)} with an explicit "
             "deny in an identity-based policy")):
        with pytest.raises(alice.exceptions.ClientError) as caught:
            call()
        assert caught.value.response["Error"] == {"Code": "UnauthorizedOperation", "Message": told + expected}
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_refused_changes_nothing(controller, ec2, people, scene):
    alice = controller.client(keys=people.user("alice", allow("ec2:Describe*")))
    for action, parameters in (delete_other(scene), create_filter(scene), modify_session(scene), tag_filter(scene)):
        assert code_of(getattr(alice, action), **parameters) == REFUSED
    assert alice.describe_traffic_mirror_filters() | {"ResponseMetadata": 0} == \
           ec2.describe_traffic_mirror_filters() | {"ResponseMetadata": 0}
    assert len(alice.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 3
    assert alice.describe_traffic_mirror_sessions()["TrafficMirrorSessions"][0]["SessionNumber"] == 1


def test_tags_on_create_are_made_when_allowed(controller, people):
    alice = controller.client(keys=people.user(
        "alice", allow("ec2:CreateTrafficMirrorFilter", StringEquals={"aws:RequestTag/owner": "${aws:username}"}),
        allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "CreateTrafficMirrorFilter"})))
    made = alice.create_traffic_mirror_filter(**create_filter(None, owner="alice")[1])["TrafficMirrorFilter"]
    assert made["Tags"] == [{"Key": "owner", "Value": "alice"}]
    assert code_of(alice.create_traffic_mirror_filter, **create_filter(None, owner="bob")[1]) == REFUSED


# --- IAM itself ------------------------------------------------------------------------------------------------------

def test_iam_is_authorized_too(controller, people):
    """A user who may look after his own keys, with the policy of AWS's guide."""
    own = [people.arn("user/*/${aws:username}"), people.arn("user/${aws:username}")]
    alice = controller.client("iam", keys=people.user("alice", allow(["iam:*AccessKey*", "iam:GetUser"], own)))
    people.user("bob")
    assert alice.get_user()["User"]["UserName"] == "alice"
    made = alice.create_access_key()["AccessKey"]
    alice.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    alice.delete_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"])
    assert len(alice.list_access_keys()["AccessKeyMetadata"]) == 1
    for call in (lambda: alice.create_access_key(UserName="bob"), lambda: alice.get_user(UserName="nobody"),
                 lambda: alice.list_users(), lambda: alice.delete_user(UserName="alice"),
                 lambda: alice.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument="{}")):
        assert code_of(call) == "AccessDenied"
    with pytest.raises(alice.exceptions.ClientError) as caught:
        alice.get_user(UserName="bob")
    assert caught.value.response["Error"]["Message"] == (
        f"User: {people.arn('user/alice')} is not authorized to perform: iam:GetUser on resource: {people.arn('user/bob')} "
        "because no identity-based policy allows the iam:GetUser action")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_iam_by_path(controller, people):
    alice = controller.client("iam", keys=people.user("alice", allow("iam:*", people.arn("user/team/*"))))
    alice.create_user(UserName="carol", Path="/team/")
    assert alice.get_user(UserName="carol")["User"]["Path"] == "/team/"
    assert code_of(alice.create_user, UserName="dave") == "AccessDenied"
    assert code_of(alice.update_user, UserName="carol", NewUserName="alice") == "AccessDenied"
