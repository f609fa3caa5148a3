"""Temporary keys: given out to users and for roles, by policies of both sides; and what they open."""
import json
import os
import subprocess

import botocore.auth
import pytest

from command import environment, tmirror
from controller import element
from people import People, allow, code_of, deny, policy, trust

DENIED = "AccessDenied"


@pytest.fixture
def people(controller):
    return People(controller)


def who(controller, keys):
    told = controller.client("sts", keys=keys).get_caller_identity()
    return told["Arn"], told["UserId"], told["Account"]


# --- Users -----------------------------------------------------------------------------------------------------------

def test_session_of_a_user(controller, people):
    keys = people.user("alice", allow("ec2:Describe*"))
    given = controller.client("sts", keys=keys).get_session_token(DurationSeconds=900)["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA") and len(given["AccessKeyId"]) == 20
    assert len(given["SecretAccessKey"]) == 40
    session = people.with_key(given, given["SessionToken"])
    assert who(controller, session) == who(controller, keys)
    ec2 = controller.client(keys=session)
    assert ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    assert code_of(ec2.create_traffic_mirror_filter) == "UnauthorizedOperation"
    assert code_of(controller.client("sts", keys=session).get_session_token) == DENIED
    assert code_of(controller.client("iam", keys=session).get_user) == "InvalidClientTokenId"


def test_session_keys_in_conditions(controller, people):
    """A user whose policy is for temporary keys only, and for young ones."""
    keys = people.user("alice", allow("ec2:*", Null={"aws:TokenIssueTime": "false"},
                                      DateGreaterThan={"aws:TokenIssueTime": "2020-01-01T00:00:00Z"},
                                      Bool={"aws:MultiFactorAuthPresent": "false"}))
    given = controller.client("sts", keys=keys).get_session_token()["Credentials"]
    assert code_of(controller.client(keys=keys).describe_vpcs) == "UnauthorizedOperation"
    assert code_of(controller.client(keys=people.with_key(given, given["SessionToken"])).describe_vpcs) is None


@pytest.mark.parametrize("seconds,code", [(899, "ValidationError"), (900, None), (129600, None), (129601, "ValidationError")])
def test_length_of_a_users_session(controller, seconds, code):
    assert code_of(controller.client("sts").get_session_token, DurationSeconds=seconds) == code


def test_hosts_get_none(controller):
    sts = controller.client("sts", keys=controller.agent | {"AWS_DEFAULT_REGION": "us-east-1"})
    assert sts.get_caller_identity()["Arn"].endswith("user/agent")
    assert code_of(sts.get_session_token) == DENIED
    assert code_of(sts.assume_role, RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="night") == DENIED


# --- Roles -----------------------------------------------------------------------------------------------------------

def test_session_of_a_role(controller, people):
    keys = people.user("alice", allow("sts:AssumeRole", people.arn("role/team/*")))
    arn = people.role("reader", trust(people.account), allow("ec2:Describe*"), Path="/team/")
    given = controller.client("sts", keys=keys).assume_role(RoleArn=arn, RoleSessionName="night@work")
    assert given["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{people.account}:assumed-role/reader/night@work"
    role_id = people.iam.get_role(RoleName="reader")["Role"]["RoleId"]
    assert given["AssumedRoleUser"]["AssumedRoleId"] == f"{role_id}:night@work"
    assert "PackedPolicySize" not in given
    session = people.with_key(given["Credentials"], given["Credentials"]["SessionToken"])
    assert who(controller, session) == (given["AssumedRoleUser"]["Arn"], f"{role_id}:night@work", people.account)
    ec2 = controller.client(keys=session)
    assert ec2.describe_vpcs()["Vpcs"]
    with pytest.raises(ec2.exceptions.ClientError) as caught:
        ec2.create_traffic_mirror_filter()
    assert f"User: {given['AssumedRoleUser']['Arn']} is not authorized" in caught.value.response["Error"]["Message"]
    assert code_of(controller.client(keys=keys).describe_vpcs) == "UnauthorizedOperation"


def test_role_keys_in_conditions(controller, people):
    arn = people.role("reader", trust("*"), allow(
        "ec2:*", StringLike={"aws:userid": "AROA*:night", "aws:PrincipalType": "AssumedRole"}, Null={"aws:username": "true"},
        ArnEquals={"aws:PrincipalArn": people.arn("role/reader")}))
    assert code_of(controller.client(keys=people.assume(people.keys, arn)).describe_vpcs) is None
    assert code_of(controller.client(keys=people.assume(people.keys, arn, "day")).describe_vpcs) == "UnauthorizedOperation"


def test_both_sides_decide(controller, people):
    """Whether the user's policy and the role's trust let the user in, row by row."""
    alice = controller.client("sts", keys=people.user("alice"))
    arn = people.role("reader", trust("*"))
    account, named, may = people.account, people.arn("user/alice"), allow("sts:AssumeRole", arn)
    for trusted, statements, code in (
            (trust(account), [], DENIED),
            (trust(account), [may], None),
            (trust(people.arn("root")), [may], None),
            (trust(account), [allow("sts:AssumeRole", people.arn("role/other"))], DENIED),
            (trust(named), [], None),
            (trust([people.arn("user/bob"), named]), [], None),
            (trust(people.arn("user/bob")), [may], DENIED),
            (trust("*"), [], None),
            (trust("*"), [deny("sts:*")], DENIED),
            (trust("000000000000"), [may], DENIED),
            (trust(named, StringEquals={"sts:RoleSessionName": "night"}), [], None),
            (trust(named, StringEquals={"sts:RoleSessionName": "${aws:username}"}), [], DENIED),
            (trust(named, IpAddress={"aws:SourceIp": "10.0.0.0/8"}), [], DENIED)):
        people.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trusted)
        people.put("alice", *statements)
        assert code_of(alice.assume_role, RoleArn=arn, RoleSessionName="night") == code, (trusted, statements)


def test_role_that_is_not_there(controller, people):
    alice = controller.client("sts", keys=people.user("alice", allow("sts:AssumeRole")))
    people.role("reader", trust(people.account), Path="/team/")
    for arn in ("role/nobody", "role/reader", "role/team/Reader", "user/alice"):
        assert code_of(alice.assume_role, RoleArn=people.arn(arn), RoleSessionName="night") == DENIED
    assert code_of(alice.assume_role, RoleArn=people.arn("role/team/reader"), RoleSessionName="night") is None


def test_external_id(controller, people):
    """The deputy is not confused: without the word agreed on, the other account's permission is worth nothing."""
    other = people.other_account()
    arn = people.role("audit", trust(other.account, StringEquals={"sts:ExternalId": "a word, agreed"}), allow("ec2:Describe*"))
    sts = controller.client("sts", keys=other.user("auditor", allow("sts:AssumeRole", arn)))
    assert code_of(sts.assume_role, RoleArn=arn, RoleSessionName="night") == DENIED
    assert code_of(sts.assume_role, RoleArn=arn, RoleSessionName="night", ExternalId="another") == DENIED
    given = sts.assume_role(RoleArn=arn, RoleSessionName="night", ExternalId="a word, agreed")["Credentials"]
    assert who(controller, people.with_key(given, given["SessionToken"]))[2] == people.account
    sts = controller.client("sts", keys=other.user("intern"))
    assert code_of(sts.assume_role, RoleArn=arn, RoleSessionName="night", ExternalId="a word, agreed") == DENIED


def test_session_policy_narrows(controller, people):
    arn = people.role("operator", trust("*"), allow("ec2:*"), deny("ec2:DeleteTrafficMirrorFilter"))
    narrow = people.assume(people.keys, arn, Policy=policy(allow(["ec2:Describe*", "ec2:DeleteTrafficMirrorFilter", "iam:*"])))
    ec2, missing = controller.client(keys=narrow), {"TrafficMirrorFilterId": "tmf-00000000000000000"}
    assert code_of(ec2.describe_vpcs) is None
    with pytest.raises(ec2.exceptions.ClientError) as caught:
        ec2.create_traffic_mirror_filter()
    assert caught.value.response["Error"]["Message"].endswith("because no session policy allows the ec2:CreateTrafficMirrorFilter action")
    assert code_of(ec2.delete_traffic_mirror_filter, **missing) == "UnauthorizedOperation"
    assert code_of(controller.client("iam", keys=narrow).list_users) == DENIED
    wide = controller.client(keys=people.assume(people.keys, arn, Policy=policy(allow("*"), deny("ec2:DescribeVpcs"))))
    assert code_of(wide.create_traffic_mirror_filter, DryRun=True) == "DryRunOperation"
    assert code_of(wide.describe_vpcs) == "UnauthorizedOperation"


def test_session_policy_is_checked(controller, people):
    sts, arn = controller.client("sts"), people.role("reader", trust("*"))
    def assume(**options):
        return sts.assume_role(RoleArn=arn, RoleSessionName="night", **options)

    assert code_of(assume, Policy="{") == "MalformedPolicyDocument"
    assert code_of(assume, Policy=json.dumps({"Version": "2012-10-17", "Statement": []})) == "MalformedPolicyDocument"
    long = policy(allow("ec2:*", ["arn:aws:ec2:*:*:traffic-mirror-filter/" + "x" * 60] * 18))
    assert code_of(assume, Policy=long + " " * (2049 - len(long))) == "ValidationError"
    given = assume(Policy=long + "\n\t" * ((2048 - len(long)) // 2))
    assert 90 < given["PackedPolicySize"] <= 100
    assert len(given["Credentials"]["SessionToken"]) <= 4096
    assert code_of(controller.client(keys=people.with_key(given["Credentials"], given["Credentials"]["SessionToken"])).describe_vpcs) \
        == "UnauthorizedOperation"


def test_chain_of_roles(controller, people):
    """From one role to the next, by the first one's permission, and for an hour at most."""
    second = people.role("second", trust(people.arn("role/first")), allow("ec2:*"), MaxSessionDuration=7200)
    first = people.role("first", trust(people.account), allow("sts:AssumeRole", second), MaxSessionDuration=7200)
    keys = people.assume(people.keys, first, DurationSeconds=7200)
    sts = controller.client("sts", keys=keys)
    assert code_of(controller.client("sts").assume_role, RoleArn=second, RoleSessionName="night") == DENIED
    assert code_of(sts.assume_role, RoleArn=second, RoleSessionName="night", DurationSeconds=3601) == "ValidationError"
    assert who(controller, people.assume(keys, second, DurationSeconds=3600))[0].endswith(":assumed-role/second/night")
    session = f"arn:aws:sts::{people.account}:assumed-role/first/night"
    people.iam.update_assume_role_policy(RoleName="second", PolicyDocument=trust(session))
    assert code_of(sts.assume_role, RoleArn=second, RoleSessionName="night") is None
    people.iam.update_assume_role_policy(RoleName="second", PolicyDocument=trust(session.replace("night", "day")))
    assert code_of(sts.assume_role, RoleArn=second, RoleSessionName="night") == DENIED


@pytest.mark.parametrize("options,code", [
    ({"RoleSessionName": "x"}, "ValidationError"), ({"RoleSessionName": "a b"}, "ValidationError"),
    ({"RoleSessionName": "a" * 65}, "ValidationError"), ({"RoleSessionName": "_+=,.@-"}, None),
    ({"DurationSeconds": 899}, "ValidationError"), ({"DurationSeconds": 3601}, "ValidationError"), ({"DurationSeconds": 3600}, None),
    ({"ExternalId": "x"}, "ValidationError"), ({"SerialNumber": "arn:aws:iam::1:mfa/x"}, "ValidationError"),
])
def test_what_assume_role_takes(controller, people, options, code):
    arn = people.role("reader", trust("*"))
    assert code_of(controller.client("sts").assume_role, **{"RoleArn": arn, "RoleSessionName": "night", **options}) == code


# --- How a token comes -----------------------------------------------------------------------------------------------

def test_token_in_the_query(controller, people):
    arn = people.role("reader", trust("*"), allow("ec2:Describe*"))
    keys = people.assume(people.keys, arn)
    path = "/?Action=DescribeVpcs&Version=2016-11-15"
    answer = controller.request("GET", path, keys=keys, signer=botocore.auth.SigV4QueryAuth)
    assert answer.status_code == 200 and "X-Amz-Security-Token=" in answer.request.url
    def change(request):
        request.url = request.url.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=A", 1)

    answer = controller.request("GET", path, keys=keys, signer=botocore.auth.SigV4QueryAuth, tamper=change)
    assert (answer.status_code, element(answer.text, "Code")) == (401, "AuthFailure")
    answer = controller.request("GET", path, keys=keys | {"AWS_SESSION_TOKEN": None}, signer=botocore.auth.SigV4QueryAuth)
    assert (answer.status_code, element(answer.text, "Code")) == (401, "AuthFailure")


def test_hosts_door_stays_shut(controller, people):
    keys = people.assume(people.keys, people.role("any", trust("*"), allow("*")))
    assert controller.plan("web-1", keys=keys).status_code == 403
    assert controller.report("web-1", [], keys=keys).status_code == 403


def test_tokens_outlive_the_controller(controller, people):
    keys = people.assume(people.keys, people.role("reader", trust("*"), allow("ec2:Describe*")))
    controller.stop()
    controller.start()
    fresh = keys | {"AWS_ENDPOINT_URL": controller.url}
    assert controller.client(keys=fresh).describe_vpcs()["Vpcs"]


def test_command_lines(controller, people):
    """The AWS CLI takes a role on; it and ours take the token from the environment."""
    arn = people.role("reader", trust("*"), allow("ec2:Describe*"))
    keys = {name: value for name, value in controller.administrator.items() if name != "AWS_ENDPOINT_URL"}
    aws = ["/usr/bin/aws", "--endpoint-url", controller.url, "--output", "json"]
    taken = subprocess.run([*aws, "sts", "assume-role", "--role-arn", arn, "--role-session-name", "night"], check=True, text=True,
                           capture_output=True, env=environment(**keys))
    given = json.loads(taken.stdout)["Credentials"]
    session = people.with_key(given, given["SessionToken"])
    shown = subprocess.run([*aws, "ec2", "describe-vpcs"], check=True, text=True, capture_output=True,
                           env=environment(**{k: v for k, v in session.items() if k != "AWS_ENDPOINT_URL"}))
    assert len(json.loads(shown.stdout)["Vpcs"]) == 1
    refused = subprocess.run([*aws, "ec2", "create-traffic-mirror-filter"], text=True, capture_output=True, check=False,
                             env=environment(**{k: v for k, v in session.items() if k != "AWS_ENDPOINT_URL"}))
    assert refused.returncode != 0 and "(UnauthorizedOperation)" in refused.stderr
    listed = tmirror("filter", "list", "-o", "json", env=environment(**session, PATH=os.environ["PATH"]))
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    made = tmirror("filter", "create", env=environment(**session))
    assert made.returncode == 1 and "UnauthorizedOperation" in made.stderr
