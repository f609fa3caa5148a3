"""The one-time link to the console: from keys on a host to keys of a session in a browser, without a signature."""
import os
import subprocess
import urllib.parse

import pytest
import requests

from controller import BUILD, element
from people import People, allow

VERSION = "2011-06-15"


def make_link(controller, keys=None, **parameters):
    answer = controller.query("CreateConsoleSignIn", keys=keys, service="sts", version=VERSION, **parameters)
    assert answer.status_code == 200, answer.text
    return element(answer.text, "SignInUrl")


def redeem(controller, link):
    """As the page does it: no header but the form's."""
    code = urllib.parse.urlsplit(link).fragment.removeprefix("sign-in=")
    keys = controller.administrator
    return requests.post(keys["AWS_ENDPOINT_URL"] + "/", verify=keys["AWS_CA_BUNDLE"], timeout=30, data={
        "Action": "RedeemConsoleSignIn", "Version": VERSION, "SignInCode": code})


def keys_of(controller, answer):
    assert answer.status_code == 200, answer.text
    return controller.administrator | {
        "AWS_ACCESS_KEY_ID": element(answer.text, "AccessKeyId"), "AWS_SECRET_ACCESS_KEY": element(answer.text, "SecretAccessKey"),
        "AWS_SESSION_TOKEN": element(answer.text, "SessionToken"), "AWS_DEFAULT_REGION": element(answer.text, "Region")}


def test_the_command_prints_a_link_that_is_good_once(controller):
    program, credentials = os.path.join(BUILD, "src/cli/tmirror"), os.path.join(controller.state, "credentials.env")
    link = subprocess.run([program, "--credentials", credentials, "console"], capture_output=True, text=True, check=True).stdout.strip()
    assert link.startswith(f"{controller.url}/console/#sign-in=")
    keys = keys_of(controller, redeem(controller, link))
    identity = controller.client("sts", keys=keys).get_caller_identity()
    assert identity["Arn"] == controller.client("sts").get_caller_identity()["Arn"]
    again = redeem(controller, link)
    assert again.status_code == 403 and element(again.text, "Code") == "InvalidClientTokenId"


def test_the_session_may_what_its_user_may(controller):
    """IAM too, which other sessions of users cannot call; and no more than he."""
    people = People(controller)
    people.user("reader", allow("ec2:Describe*"))
    assert "reader" in [user["UserName"] for user in
                        controller.client("iam", keys=keys_of(controller, redeem(controller, make_link(controller)))).list_users()["Users"]]
    keys = people.user("anna", allow("ec2:DescribeVpcs"), allow("iam:ListUsers"))
    session = keys_of(controller, redeem(controller, make_link(controller, keys)))
    assert controller.client("iam", keys=session).list_users()["Users"]
    assert controller.client(keys=session).describe_vpcs()["Vpcs"]
    assert controller.query("CreateTrafficMirrorFilter", keys=session).status_code == 403
    people.iam.delete_user_policy(UserName="anna", PolicyName="p")
    assert controller.query("DescribeVpcs", keys=session).status_code == 403


def test_who_gets_no_link(controller):
    session = keys_of(controller, redeem(controller, make_link(controller)))
    for keys, parameters, code in ((session, {}, "AccessDenied"), (controller.agent, {}, "AccessDenied"),
                                   (None, {"DurationSeconds": "899"}, "ValidationError")):
        answer = controller.query("CreateConsoleSignIn", keys=keys, service="sts", version=VERSION, **parameters)
        assert element(answer.text, "Code") == code, answer.text
    assert controller.request("POST", "/", f"Action=CreateConsoleSignIn&Version={VERSION}".encode(), signer=None).status_code == 403


def test_guesses_are_slowed_down(controller):
    codes = [element(redeem(controller, "#sign-in=guess").text, "Code") for _ in range(30)]
    assert codes[0] == "InvalidClientTokenId" and codes[-1] == "Throttling"
    assert controller.query("DescribeVpcs").status_code == 200


def test_both_are_events_without_the_secrets(controller):
    link = make_link(controller)
    given = redeem(controller, link).text
    names = {}
    for event in controller.client("cloudtrail").lookup_events(MaxResults=50)["Events"]:
        names[event["EventName"]] = event
        assert link not in event["CloudTrailEvent"]
        assert element(given, "SecretAccessKey") not in event["CloudTrailEvent"]
        assert element(given, "SessionToken") not in event["CloudTrailEvent"]
    assert {"CreateConsoleSignIn", "RedeemConsoleSignIn"} <= set(names)
    assert names["RedeemConsoleSignIn"]["Username"] == "admin"
    assert element(given, "AccessKeyId") in names["RedeemConsoleSignIn"]["CloudTrailEvent"]


@pytest.mark.parametrize("fields", [{}, {"SignInCode": ""}, {"SignInCode": "x" * 129}, {"SignInCode": "x", "Other": "y"}])
def test_what_is_no_code(controller, fields):
    keys = controller.administrator
    answer = requests.post(keys["AWS_ENDPOINT_URL"] + "/", verify=keys["AWS_CA_BUNDLE"], timeout=30,
                           data={"Action": "RedeemConsoleSignIn", "Version": VERSION, **fields})
    assert answer.status_code == 400, answer.text
