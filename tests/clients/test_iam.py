"""IAM as boto3 and the AWS CLI meet it: users, access keys, policies, roles; accounts; and secrets at rest."""
import datetime
import json
import os
import re
import sqlite3
import stat
import subprocess

import botocore.exceptions
import pytest

from controller import ROOT, element

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture
def iam(controller):
    return controller.client("iam")


def refused(call, code, words="", status=400):
    """Calls, and expects that refusal."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), error
    assert words in error["Error"]["Message"], error


def with_key(controller, key):
    return controller.administrator | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                                       "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def whoami(controller, key):
    return controller.client("sts", keys=with_key(controller, key)).get_caller_identity()["Arn"]


# --- Users -----------------------------------------------------------------------------------------------------------

def test_user_life(controller, iam):
    created = iam.create_user(UserName="Bob", Path="/team/")["User"]
    account = controller.client("sts").get_caller_identity()["Account"]
    assert created == {"Path": "/team/", "UserName": "Bob", "UserId": created["UserId"],
                       "Arn": f"arn:aws:iam::{account}:user/team/Bob", "CreateDate": created["CreateDate"]}
    assert re.fullmatch("AIDA[A-Z2-7]{17}", created["UserId"])
    age = datetime.datetime.now(datetime.timezone.utc) - created["CreateDate"]
    assert datetime.timedelta(seconds=-2) < age < datetime.timedelta(seconds=60)
    assert iam.get_user(UserName="bob")["User"] == created
    iam.update_user(UserName="bob", NewUserName="Rob", NewPath="/")
    renamed = iam.get_user(UserName="Rob")["User"]
    assert renamed == created | {"UserName": "Rob", "Path": "/", "Arn": f"arn:aws:iam::{account}:user/Rob"}
    assert iam.list_attached_user_policies(UserName="Rob")["AttachedPolicies"] == []
    assert iam.list_groups_for_user(UserName="Rob")["Groups"] == []
    iam.delete_user(UserName="Rob")
    refused(lambda: iam.get_user(UserName="Rob"), "NoSuchEntity", "The user with name Rob cannot be found.", 404)
    refused(lambda: iam.list_groups_for_user(UserName="Rob"), "NoSuchEntity", status=404)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_user(UserName="Rob")


def test_user_refusals(iam):
    iam.create_user(UserName="bob")
    refused(lambda: iam.create_user(UserName="BOB"), "EntityAlreadyExists", "User with name BOB already exists.", 409)
    for name in ("", "a b", "a/b", "x" * 65, "ä"):
        refused(lambda: iam.create_user(UserName=name), "ValidationError")
    for path in ("a", "/a", "a/", "/ä/"):
        refused(lambda: iam.create_user(UserName="eve", Path=path), "ValidationError")
    refused(lambda: iam.create_user(), "ValidationError", "UserName")
    refused(lambda: iam.list_users(MaxItems=0), "ValidationError")
    refused(lambda: iam.list_users(MaxItems=1001), "ValidationError")
    refused(lambda: iam.list_users(Marker="nonsense"), "ValidationError")
    iam.create_access_key(UserName="bob")
    refused(lambda: iam.delete_user(UserName="bob"), "DeleteConflict",
            "Cannot delete entity, must delete access keys first.", 409)


def test_lists_come_in_pages(iam):
    names = [f"user{number:02}" for number in range(12)]
    for name in reversed(names):
        iam.create_user(UserName=name, Path="/even/" if int(name[-2:]) % 2 == 0 else "/odd/")
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/odd/", PaginationConfig={"PageSize": 4}))
    assert [len(page["Users"]) for page in pages] == [4, 2]
    assert [page["IsTruncated"] for page in pages] == [True, False] and "Marker" not in pages[1]
    assert [user["UserName"] for page in pages for user in page["Users"]] == names[1::2]
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["admin"] + names
    marker = pages[0]["Marker"]
    refused(lambda: iam.list_users(PathPrefix="/even/", Marker=marker), "ValidationError")


def test_whoever_names_no_user_is_it_himself(controller, iam):
    assert iam.get_user()["User"]["UserName"] == "admin"
    assert [key["AccessKeyId"] for key in iam.list_access_keys()["AccessKeyMetadata"]] == [
        controller.administrator["AWS_ACCESS_KEY_ID"]]
    answer = controller.query("GetUser", keys=controller.agent, service="iam", version="2010-05-08")
    assert (answer.status_code, element(answer.text, "Code")) == (403, "AccessDenied")


# --- Access keys -----------------------------------------------------------------------------------------------------

def test_keys_rotate(controller, iam):
    iam.create_user(UserName="bob")
    old = iam.create_access_key(UserName="bob")["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", old["AccessKeyId"]) and len(old["SecretAccessKey"]) == 40
    assert (old["UserName"], old["Status"]) == ("bob", "Active")
    arn = whoami(controller, old)
    assert arn.endswith(":user/bob")
    new = iam.create_access_key(UserName="bob")["AccessKey"]
    refused(lambda: iam.create_access_key(UserName="bob"), "LimitExceeded",
            "Cannot exceed quota for AccessKeysPerUser: 2", 409)
    assert whoami(controller, new) == arn
    iam.update_access_key(UserName="bob", AccessKeyId=old["AccessKeyId"], Status="Inactive")
    refused(lambda: whoami(controller, old), "InvalidClientTokenId", status=403)
    refused(lambda: controller.client(keys=with_key(controller, old)).describe_vpcs(), "AuthFailure", status=401)
    assert whoami(controller, new) == arn
    listed = {key["AccessKeyId"]: key for key in iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]}
    assert {id: key["Status"] for id, key in listed.items()} == {old["AccessKeyId"]: "Inactive", new["AccessKeyId"]: "Active"}
    assert not any("SecretAccessKey" in key for key in listed.values())
    iam.update_access_key(UserName="bob", AccessKeyId=old["AccessKeyId"], Status="Active")
    assert whoami(controller, old) == arn
    iam.delete_access_key(UserName="bob", AccessKeyId=old["AccessKeyId"])
    refused(lambda: whoami(controller, old), "InvalidClientTokenId", status=403)
    assert whoami(controller, new) == arn


def test_keys_are_somebodys(iam):
    for name in ("bob", "eve"):
        iam.create_user(UserName=name)
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    words = f"The Access Key with id {key} cannot be found."
    refused(lambda: iam.delete_access_key(UserName="eve", AccessKeyId=key), "NoSuchEntity", words, 404)
    refused(lambda: iam.update_access_key(UserName="eve", AccessKeyId=key, Status="Inactive"), "NoSuchEntity", words, 404)
    refused(lambda: iam.update_access_key(UserName="bob", AccessKeyId=key, Status="Expired"), "ValidationError")
    refused(lambda: iam.create_access_key(UserName="nobody"), "NoSuchEntity", status=404)
    refused(lambda: iam.get_access_key_last_used(AccessKeyId="AKIA" + "A" * 16), "NoSuchEntity", status=404)


def test_the_last_use_is_remembered(controller, iam):
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    refused(lambda: whoami(controller, {**key, "SecretAccessKey": "x" * 40}), "SignatureDoesNotMatch", status=403)
    assert "LastUsedDate" not in iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    whoami(controller, key)
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "bob" and used["AccessKeyLastUsed"]["ServiceName"] == "sts"
    assert used["AccessKeyLastUsed"]["Region"] == "us-east-1"
    age = datetime.datetime.now(datetime.timezone.utc) - used["AccessKeyLastUsed"]["LastUsedDate"]
    assert datetime.timedelta(seconds=-2) < age < datetime.timedelta(seconds=60)


# --- Policies and roles ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["user", "role"])
def test_policy_life(iam, kind):
    owner = {"user": {"UserName": "bob"}, "role": {"RoleName": "bob"}}[kind]
    put, get = getattr(iam, f"put_{kind}_policy"), getattr(iam, f"get_{kind}_policy")
    delete, names = getattr(iam, f"delete_{kind}_policy"), getattr(iam, f"list_{kind}_policies")
    if kind == "user":
        iam.create_user(UserName="bob")
    else:
        iam.create_role(RoleName="bob", AssumeRolePolicyDocument=json.dumps(TRUST))
    spaced = json.dumps(ALLOW, indent=4).replace("\n", "\r\n")
    put(PolicyName="b", PolicyDocument=spaced, **owner)
    put(PolicyName="a", PolicyDocument=json.dumps(ALLOW), **owner)
    put(PolicyName="a", PolicyDocument=json.dumps(ALLOW), **owner)
    assert names(**owner)["PolicyNames"] == ["a", "b"]
    first = names(MaxItems=1, **owner)
    assert first["PolicyNames"] == ["a"] and first["IsTruncated"]
    assert names(Marker=first["Marker"], **owner)["PolicyNames"] == ["b"]
    got = get(PolicyName="b", **owner)
    assert got["PolicyDocument"] == ALLOW and got["PolicyName"] == "b" and owner.items() <= got.items()
    for bad in ("", "{}", "[]", '{"Version":"2012-10-17"}', json.dumps(TRUST), json.dumps(ALLOW)[:-1]):
        refused(lambda: put(PolicyName="c", PolicyDocument=bad, **owner), "MalformedPolicyDocument")
    refused(lambda: put(PolicyName="c d", PolicyDocument=json.dumps(ALLOW), **owner), "ValidationError")
    large = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:ec2:*:*:" + "x" * 10500]}})
    refused(lambda: put(PolicyName="c", PolicyDocument=large, **owner), "LimitExceeded", status=409)
    refused(lambda: get(PolicyName="c", **owner), "NoSuchEntity", f"The {kind} policy with name c cannot be found.", 404)
    refused(lambda: getattr(iam, f"delete_{kind}")(**owner), "DeleteConflict", "must delete policies first", 409)
    for name in ("a", "b"):
        delete(PolicyName=name, **owner)
    refused(lambda: delete(PolicyName="a", **owner), "NoSuchEntity", status=404)
    getattr(iam, f"delete_{kind}")(**owner)


def test_role_life(iam):
    created = iam.create_role(RoleName="reader", Path="/a/", AssumeRolePolicyDocument=json.dumps(TRUST),
                              Description="reads\nonly", MaxSessionDuration=7200)["Role"]
    assert created["AssumeRolePolicyDocument"] == TRUST and created["MaxSessionDuration"] == 7200
    assert created["Description"] == "reads\nonly" and created["Arn"].endswith(":role/a/reader")
    assert re.fullmatch("AROA[A-Z2-7]{17}", created["RoleId"])
    assert iam.get_role(RoleName="reader")["Role"] == created
    assert iam.list_roles(PathPrefix="/a/")["Roles"] == [created]
    assert iam.list_roles(PathPrefix="/b/")["Roles"] == []
    narrower = json.loads(json.dumps(TRUST).replace('"*"', '"arn:aws:iam::123456789012:root"'))
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(narrower))
    assert iam.get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"] == narrower
    refused(lambda: iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(ALLOW)),
            "MalformedPolicyDocument")
    refused(lambda: iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(TRUST)), "EntityAlreadyExists",
            status=409)
    refused(lambda: iam.create_role(RoleName="x", AssumeRolePolicyDocument=json.dumps(TRUST), MaxSessionDuration=100),
            "ValidationError")
    iam.update_role(RoleName="reader", MaxSessionDuration=3600)
    iam.update_role(RoleName="reader", Description="")
    updated = iam.get_role(RoleName="reader")["Role"]
    assert updated["MaxSessionDuration"] == 3600 and "Description" not in updated
    refused(lambda: iam.update_role(RoleName="reader", MaxSessionDuration=43201), "ValidationError")
    assert iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"] == []
    assert iam.list_instance_profiles_for_role(RoleName="reader")["InstanceProfiles"] == []
    iam.delete_role(RoleName="reader")
    refused(lambda: iam.get_role(RoleName="reader"), "NoSuchEntity", "The role with name reader cannot be found.", 404)


def test_aws_command_line(controller, tmp_path):
    def run(*words, keys=None):
        return subprocess.run(["/usr/bin/aws", "--endpoint-url", controller.url, "--output", "json", *words],
                              env={"PATH": os.environ["PATH"]} | (keys or controller.administrator),
                              capture_output=True, text=True, check=False)

    def aws(*words, keys=None):
        done = run(*words, keys=keys)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    document = tmp_path / "policy.json"
    document.write_text(json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["ec2:Describe*", "sts:AssumeRole"], "Resource": "*"}}, indent=2))
    trusted = tmp_path / "trust.json"
    trusted.write_text(json.dumps(TRUST))
    aws("iam", "create-user", "--user-name", "carol")
    aws("iam", "put-user-policy", "--user-name", "carol", "--policy-name", "look", "--policy-document", f"file://{document}")
    key = aws("iam", "create-access-key", "--user-name", "carol")["AccessKey"]
    carol = with_key(controller, key)
    assert aws("ec2", "describe-vpcs", keys=carol)["Vpcs"]
    assert aws("iam", "get-user-policy", "--user-name", "carol", "--policy-name", "look")[
        "PolicyDocument"]["Statement"]["Action"] == ["ec2:Describe*", "sts:AssumeRole"]
    role = aws("iam", "create-role", "--role-name", "r", "--assume-role-policy-document", f"file://{trusted}")["Role"]
    session = aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "night", keys=carol)["Credentials"]
    taken = with_key(controller, session) | {"AWS_SESSION_TOKEN": session["SessionToken"]}
    assert aws("sts", "get-caller-identity", keys=taken)["Arn"].endswith(":assumed-role/r/night")
    aws("iam", "update-access-key", "--user-name", "carol", "--access-key-id", key["AccessKeyId"], "--status", "Inactive")
    failed = run("ec2", "describe-vpcs", keys=carol)
    assert failed.returncode != 0 and "AuthFailure" in failed.stderr


# --- Accounts --------------------------------------------------------------------------------------------------------

def accounts(controller, action, keys=None, **parameters):
    return controller.query(action, keys=keys, service="iam", version="2010-05-08", **parameters)


def test_accounts(controller):
    made = accounts(controller, "CreateAccount", AccountName="lab", AccountId="210987654321")
    assert made.status_code == 200 and element(made.text, "AccountId") == "210987654321"
    lab = with_key(controller, {name: element(made.text, name) for name in ("AccessKeyId", "SecretAccessKey")})
    assert controller.client("sts", keys=lab).get_caller_identity()["Arn"] == "arn:aws:iam::210987654321:user/admin"
    again = accounts(controller, "CreateAccount", AccountName="lab", AccountId="210987654321")
    assert (again.status_code, element(again.text, "Code")) == (409, "EntityAlreadyExists")
    ids = re.findall("<AccountId>([0-9]{12})</AccountId>", accounts(controller, "ListAccounts").text)
    assert sorted(ids) == sorted(["210987654321", controller.client("sts").get_caller_identity()["Account"]])
    own = re.findall("<AccountId>([0-9]{12})</AccountId>", accounts(controller, "ListAccounts", keys=lab).text)
    assert own == ["210987654321"]
    for action, parameters in (("CreateAccount", {"AccountName": "x"}), ("DeleteAccount", {"AccountId": ids[0]})):
        answer = accounts(controller, action, keys=lab, **parameters)
        assert (answer.status_code, element(answer.text, "Code")) == (403, "AccessDenied")
    ec2 = controller.client(keys=lab)
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    assert controller.client().describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    busy = accounts(controller, "DeleteAccount", AccountId="210987654321")
    assert (busy.status_code, element(busy.text, "Code")) == (409, "DeleteConflict")
    ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    assert accounts(controller, "DeleteAccount", AccountId="210987654321").status_code == 200
    refused(lambda: controller.client("sts", keys=lab).get_caller_identity(), "InvalidClientTokenId", status=403)
    gone = accounts(controller, "DeleteAccount", AccountId="210987654321")
    assert (gone.status_code, element(gone.text, "Code")) == (404, "NoSuchEntity")


# --- Secrets at rest -------------------------------------------------------------------------------------------------

def store_bytes(state):
    return b"".join(path.read_bytes() for path in state.glob("tmirror.sqlite*"))


def fails_to_start(controller, words):
    with pytest.raises(AssertionError):
        controller.start()
    controller.process = None
    assert words in controller.log()


def test_secrets_are_sealed(controller_with, tmp_path):
    controller, state = controller_with(), tmp_path / "state"
    key = state / "seal.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and re.fullmatch("[0-9a-f]{64}\n", key.read_text())
    secrets = [env["AWS_SECRET_ACCESS_KEY"].encode() for env in (controller.administrator, controller.agent)]
    assert all(secret not in store_bytes(state) for secret in secrets)
    controller.stop()
    assert all(secret not in store_bytes(state) for secret in secrets)
    controller.start()
    assert controller.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")


def test_a_wrong_seal_key_changes_nothing(controller_with, tmp_path):
    controller, state = controller_with(), tmp_path / "state"
    controller.stop()
    key, before, good = state / "seal.key", store_bytes(state), (state / "seal.key").read_text()
    key.unlink()
    fails_to_start(controller, "seal.key' is missing: the secrets of the store are sealed with it")
    assert not key.exists()
    key.write_text("nonsense\n")
    key.chmod(0o600)
    fails_to_start(controller, "seal.key' is no seal key: 64 hexadecimal digits")
    key.write_text("0" * 64 + "\n")
    fails_to_start(controller, "The seal key is not the one that the secrets of this store were sealed with")
    assert key.read_text() == "0" * 64 + "\n" and store_bytes(state) == before
    key.unlink()
    (tmp_path / "elsewhere").write_text(good)
    (tmp_path / "elsewhere").chmod(0o600)
    controller.options = ("--seal-key", str(tmp_path / "elsewhere"))
    controller.start()
    assert controller.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")
    assert not key.exists()


def test_older_keys_are_sealed_and_go_on(controller_with, tmp_path):
    """A store of the fifth version, whose secrets are plain: afterwards they are nowhere in it, and still open it."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    secret = "plain/secret+of40characters0123456789abc"
    store = sqlite3.connect(state / "tmirror.sqlite")
    store.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    for version in range(1, 6):
        with open(os.path.join(ROOT, f"src/store/schema/{version:03}.sql"), encoding="utf-8") as schema:
            store.executescript(schema.read())
        store.execute("INSERT INTO schema_version VALUES (?)", (version,))
    store.execute("INSERT INTO settings VALUES ('account', '123456789012')")
    store.execute("INSERT INTO credentials VALUES ('AKIAAAAAAAAAAAAAAAAA', ?, '123456789012', "
                  "'arn:aws:iam::123456789012:user/operator', 'AIDAAAAAAAAAAAAAAAAA', 0, 1, 7)", (secret,))
    store.commit()
    store.close()
    assert secret.encode() in store_bytes(state)
    controller = controller_with()
    keys = controller.administrator | {"AWS_ACCESS_KEY_ID": "AKIAAAAAAAAAAAAAAAAA", "AWS_SECRET_ACCESS_KEY": secret}
    iam = controller.client("iam", keys=keys)
    assert iam.get_user()["User"]["Arn"] == "arn:aws:iam::123456789012:user/operator"
    assert iam.get_user_policy(UserName="operator", PolicyName="AdministratorAccess")["PolicyDocument"] == ALLOW
    assert controller.client(keys=keys).create_traffic_mirror_filter()["TrafficMirrorFilter"]
    controller.stop()
    assert secret.encode() not in store_bytes(state)
