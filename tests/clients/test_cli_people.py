"""Accounts, users, keys and policies by the command line: a team gets an account, and its people no more than they need."""
import json
import os
import subprocess

import pytest
from command import TMIRROR, Operator, environment

LOOK = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


@pytest.fixture
def speak_for(controller, tmp_path):
    """An operator with the printed key: what a shell would have after reading the lines."""
    def make(printed):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.env"
        with open(os.path.join(controller.state, "credentials.env"), encoding="utf-8") as own:
            rest = [line for line in own if "ENDPOINT" in line or "CA_BUNDLE" in line or "REGION" in line]
        path.write_text("".join(rest) + "\n".join(line for line in printed.splitlines() if line.startswith("export")) + "\n")
        return Operator(path)

    return make


def test_users_and_policies(operator, speak_for, tmp_path):
    document = tmp_path / "look.json"
    document.write_text(json.dumps(LOOK, indent=2))
    assert operator.do("user", "create", "carol", "--path", "/team/") == "carol"
    assert operator.refused("user", "create", "Carol") == "EntityAlreadyExists"
    assert [row[0] for row in operator.table("user", "list")] == ["admin", "carol"]
    assert [user["UserName"] for user in operator.json("user", "list", "--path-prefix", "/team/")] == ["carol"]
    carol = speak_for(operator.do("key", "create", "--user", "carol"))
    assert carol.refused("target", "list") == "UnauthorizedOperation"
    operator.do("policy", "put", "look", document, "--user", "carol")
    assert carol.table("target", "list") == []
    assert carol.refused("filter", "create") == "UnauthorizedOperation"
    assert carol.refused("user", "list") == "AccessDenied"
    assert operator.table("policy", "list", "--user", "carol") == [["look"]]
    assert operator.do("policy", "get", "look", "--user", "carol") == document.read_text()
    operator.do("policy", "delete", "look", "--user", "carol")
    assert carol.refused("target", "list") == "UnauthorizedOperation"
    assert operator.refused("policy", "get", "look", "--user", "carol") == "NoSuchEntity"
    assert operator.refused("user", "delete", "carol") == "DeleteConflict"
    for key in operator.json("key", "list", "--user", "carol"):
        operator.do("key", "delete", key["AccessKeyId"], "--user", "carol")
    operator.do("user", "delete", "carol")
    assert carol.refused("target", "list") == "AuthFailure"


def test_policy_from_standard_input(operator):
    operator.do("user", "create", "carol")
    done = subprocess.run([TMIRROR, "--credentials", operator.credentials, "policy", "put", "p", "-", "-u", "carol"],
                          input=json.dumps(LOOK), text=True, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(operator.do("policy", "get", "p", "-u", "carol")) == LOOK
    missing = operator.run("policy", "put", "p", "/nonexistent", "-u", "carol")
    assert missing.returncode == 1 and "cannot read '/nonexistent'" in missing.stderr
    for words in (("list",), ("list", "-u", "carol", "-r", "carol"), ("get", "p")):
        done = operator.run("policy", *words)
        assert done.returncode == 2 and "one of --user and --role is needed" in done.stderr
    assert operator.refused("policy", "list", "--role", "carol") == "NoSuchEntity"


def test_keys_rotate(operator, speak_for):
    operator.do("user", "create", "carol")
    first = operator.json("key", "create", "-u", "carol")
    assert first["UserName"] == "carol" and len(first["SecretAccessKey"]) == 40
    second = speak_for(operator.do("key", "create", "-u", "carol"))
    assert operator.refused("key", "create", "-u", "carol") == "LimitExceeded"
    operator.do("key", "disable", first["AccessKeyId"], "-u", "carol")
    listed = {row[0]: row[2] for row in operator.table("key", "list", "-u", "carol")}
    assert sorted(listed.values()) == ["Active", "Inactive"] and listed[first["AccessKeyId"]] == "Inactive"
    operator.do("key", "enable", first["AccessKeyId"], "-u", "carol")
    operator.do("key", "delete", first["AccessKeyId"], "-u", "carol")
    assert len(operator.table("key", "list", "-u", "carol")) == 1
    assert second.refused("target", "list") == "UnauthorizedOperation"


def test_roles(operator, controller, tmp_path):
    account = controller.client("sts").get_caller_identity()["Account"]
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}]}, indent=1))
    arn = operator.do("role", "create", "night", trust, "--path", "/shift/", "--max-session-duration", "7200")
    assert arn == f"arn:aws:iam::{account}:role/shift/night"
    assert operator.do("role", "trust", "night") == trust.read_text()
    trust.write_text(trust.read_text().replace(account, f"arn:aws:iam::{account}:user/admin"))
    operator.do("role", "trust", "night", trust)
    assert operator.do("role", "trust", "night") == trust.read_text()
    assert [row[:3] for row in operator.table("role", "list")] == [["night", arn, "7200"]]
    document = tmp_path / "look.json"
    document.write_text(json.dumps(LOOK))
    operator.do("policy", "put", "look", document, "--role", "night")
    assert controller.client("sts").assume_role(RoleArn=arn, RoleSessionName="now")["AssumedRoleUser"]["Arn"].endswith(
        ":assumed-role/night/now")
    assert operator.refused("role", "delete", "night") == "DeleteConflict"
    operator.do("policy", "delete", "look", "--role", "night")
    operator.do("role", "delete", "night")
    assert operator.json("role", "list") == []
    trust.write_text("{}")
    assert operator.refused("role", "create", "night", trust) == "MalformedPolicyDocument"


def test_accounts(operator, speak_for):
    printed = operator.do("account", "create", "lab", "--account-id", "210987654321")
    assert printed.startswith("# account 210987654321\nexport AWS_ACCESS_KEY_ID=AKIA")
    lab = speak_for(printed)
    assert lab.table("user", "list")[0][:2] == ["admin", "arn:aws:iam::210987654321:user/admin"]
    assert [row[0] for row in lab.table("account", "list")] == ["210987654321"]
    assert len(operator.table("account", "list")) == 2
    assert lab.refused("account", "create", "other") == "AccessDenied"
    filter_id = lab.do("filter", "create")
    assert operator.table("filter", "list") == []
    assert operator.refused("account", "delete", "210987654321") == "DeleteConflict"
    lab.do("filter", "delete", filter_id)
    operator.do("account", "delete", "210987654321")
    assert lab.refused("filter", "list") == "AuthFailure"
    made = operator.json("account", "create", "second")
    assert made["Account"]["AccountName"] == "second" and len(made["AccessKey"]["SecretAccessKey"]) == 40


def test_quotas(operator, speak_for):
    """The service's people give the lab less than all others have, and take that back."""
    lab = speak_for(operator.do("account", "create", "lab", "--account-id", "210987654321"))

    def listed(who, *words):
        return {row[0]: row[1:] for row in who.table("quota", "list", *words)}

    lab.do("filter", "create")
    assert listed(lab)["filters"] == ["10000", "10000", "1", "0"]
    assert lab.refused("quota", "set", "filters", "20000") == "UnauthorizedOperation"
    assert operator.refused("quota", "set", "filters", "1", "--account", "210987654321", "--dry-run") == "DryRunOperation"
    operator.do("quota", "set", "filters", "1", "--account", "210987654321")
    assert listed(operator, "--account", "210987654321") == listed(lab)
    assert listed(lab)["filters"] == ["1", "10000", "1", "0"] and listed(operator)["filters"] == ["10000", "10000", "0", "0"]
    assert lab.refused("filter", "create") == "TrafficMirrorFilterLimitExceeded"
    operator.do("filter", "create")
    assert listed(lab)["filters"] == ["1", "10000", "1", "1"] and listed(operator)["filters"] == ["10000", "10000", "1", "0"]
    for who, words in ((lab, ()), (operator, ()), (operator, ("--account", "210987654321"))):
        row, = who.table("quota", "refusals", *words)
        assert row[:4] == ["210987654321", "CreateTrafficMirrorFilter", "filters", "1"] and row[4] == row[5]
        shown, = who.json("quota", "refusals", *words)
        assert (shown["AccountId"], shown["Reason"], shown["Count"], shown["FirstTime"]) == ("210987654321", "filters", "1", row[4])
    assert lab.refused("quota", "refusals", "--account", "123456789012") == "UnauthorizedOperation"
    operator.do("quota", "reset", "filters", "--account", "210987654321")
    lab.do("filter", "create")
    assert operator.refused("quota", "set", "sessions-per-source", "33") == "InvalidParameterValue"
    assert operator.run("quota", "set", "filters").returncode == 2
    rules, = (item for item in operator.json("quota", "list") if item["Name"] == "rules-per-filter")
    assert "Usage" not in rules and rules["Maximum"] == "10000"


def test_hosts_and_targets_of_two_accounts(controller, operator, speak_for):
    """The lab gets a key for its hosts, and sends to a target of the first account's."""
    lab = speak_for(operator.do("account", "create", "lab"))
    account = next(account["AccountId"] for account in operator.json("account", "list") if account["AccountName"] == "lab")
    keys = dict(line.removeprefix("export ").split("=", 1) for line in lab.do("host-key", "create").splitlines())
    assert controller.report("lab-1", [("eth0", "host", [])], keys=controller.agent | keys).status_code == 204
    assert [row[0] for row in lab.table("host", "list")] == ["lab-1"] and operator.table("host", "list") == []
    assert [row[0] for row in lab.table("host-key", "list")] == [keys["AWS_ACCESS_KEY_ID"]]

    interface = operator.do("interface", "create", "--private-ip-address", "192.0.2.9")
    target = operator.do("target", "create", "--network-interface-id", interface)
    assert lab.table("target", "list") == []
    assert operator.refused("target", "share", target, account, "--dry-run") == "DryRunOperation"
    operator.do("target", "share", target, account)
    assert [row[0] for row in lab.table("target", "list")] == [target]
    assert [row[0] for row in lab.table("target", "shares")] == [target]
    source = lab.json("interface", "list")[0]["NetworkInterfaceId"]
    session = lab.do("session", "create", "--network-interface-id", source, "--traffic-mirror-target-id", target,
                     "--traffic-mirror-filter-id", lab.do("filter", "create"), "--session-number", "1")
    assert [row[0] for row in operator.table("session", "list")] == [session]
    operator.do("target", "unshare", target, account)
    assert operator.table("target", "shares") == lab.table("session", "list") == []

    lab.do("host-key", "delete", keys["AWS_ACCESS_KEY_ID"])
    assert lab.table("host-key", "list") == []
    assert controller.report("lab-1", keys=controller.agent | keys).status_code == 403
