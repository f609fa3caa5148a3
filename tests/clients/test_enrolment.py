"""A new host: 'tmirror host add' here, 'tmirror-agent enrol' there, and a key that speaks for that host alone."""
import os
import pathlib
import stat
import subprocess

import requests

from controller import BUILD, element, read_env

AGENT = os.path.join(BUILD, "src/agent/tmirror-agent")
INVALID = "InvalidTrafficMirrorHostEnrolmentCode"


def tmirror(controller, *arguments):
    return subprocess.run([os.path.join(BUILD, "src/cli/tmirror"), "--credentials", os.path.join(controller.state, "credentials.env"),
                           *arguments], capture_output=True, text=True, timeout=60)


def invitation(controller, *arguments):
    """What the printed command gives to the new host's agent."""
    printed = tmirror(controller, "host", "add", *arguments)
    assert printed.returncode == 0, printed.stderr
    text = printed.stdout
    assert text.startswith("# To be run on the new host") and "\ntmirror-agent enrol <<'END'\n" in text and text.endswith("\nEND\n")
    return text.split("<<'END'\n")[1].removesuffix("END\n")


def code_of(text):
    return next(line.removeprefix("code: ") for line in text.splitlines() if line.startswith("code: "))


def enrol(directory, text, *options):
    return subprocess.run([AGENT, "--credentials", directory / "agent.env", "--state", directory, "--config", "/dev/null", *options, "enrol"],
                          input=text, capture_output=True, text=True, timeout=60)


def redeem(controller, code, host="web-9"):
    keys = controller.administrator
    return requests.post(keys["AWS_ENDPOINT_URL"] + "/", verify=keys["AWS_CA_BUNDLE"], timeout=60, data={
        "Action": "RedeemTrafficMirrorHostEnrolment", "Version": "2016-11-15", "EnrolmentCode": code, "HostName": host})


def test_a_new_host_gets_a_key_of_its_own(controller, tmp_path):
    place = tmp_path / "new" / "etc"
    text = invitation(controller, "web-1")
    done = enrol(place, text)
    assert done.returncode == 0 and f"the host web-1 is enrolled; its key is in {place}/agent.env" in done.stdout, done.stderr
    assert stat.S_IMODE((place / "agent.env").stat().st_mode) == 0o600
    keys = read_env(place / "agent.env")
    assert keys["AWS_ENDPOINT_URL"] == controller.url and keys["AWS_CA_BUNDLE"] == str(place / "controller-ca.pem")
    assert (place / "controller-ca.pem").read_text() == pathlib.Path(controller.state, "ca.pem").read_text()
    assert controller.report("web-1", [("eth0", "host", [])], keys=keys).status_code == 204
    assert controller.plan("web-1", keys=keys).status_code == 200
    for answer in (controller.plan("web-2", keys=keys), controller.report("web-2", [], keys=keys), controller.query("DescribeVpcs", keys=keys)):
        assert answer.status_code == 403, answer.text
    assert "belongs to the host 'web-1' alone" in controller.plan("web-2", keys=keys).text

    # The command is good once, and what it tells is one line; the key stays.
    again = enrol(place, text)
    assert again.returncode == 1 and again.stderr.count("\n") == 1 and INVALID in again.stderr, again.stderr
    assert read_env(place / "agent.env") == keys and controller.plan("web-1", keys=keys).status_code == 200


def test_the_agent_says_what_is_wrong_before_it_asks(controller, tmp_path):
    text = invitation(controller, "web-1")
    for options, changed, said in (((), text.replace("region", "rigeon"), "no region"), ((), "", "no controller"),
                                   (("--host", "web-2"), text, "settings say 'web-2'"),
                                   ((), text.replace(controller.url, "https://127.0.0.1:1"), "127.0.0.1")):
        done = enrol(tmp_path, changed, *options)
        assert done.returncode == 1 and said in done.stderr and code_of(text) not in done.stderr, done.stderr
    assert not (tmp_path / "agent.env").exists()
    # The first controller is away, the second takes the code; any host may have this one.
    several = invitation(controller, "--controller", "https://127.0.0.1:1", "--controller", controller.url)
    done = enrol(tmp_path, several, "--host", "web-3")
    assert done.returncode == 0 and "the host web-3 is enrolled" in done.stdout, done.stderr
    assert f"export TMIRROR_CONTROLLERS=https://127.0.0.1:1,{controller.url}\n" in (tmp_path / "agent.env").read_text()
    assert enrol(tmp_path, text).returncode == 0


def test_waiting_enrolments_are_listed_and_cancelled(controller):
    first, second = (code_of(invitation(controller, name)) for name in ("web-1", "web-2"))
    listed = tmirror(controller, "host", "enrolments").stdout
    assert first[:16] in listed and "web-2" in listed and first not in listed and second not in listed
    assert tmirror(controller, "host", "cancel", first[:16]).returncode == 0
    assert element(redeem(controller, first, "web-1").text, "Code") == INVALID
    assert redeem(controller, second, "web-2").status_code == 200
    assert tmirror(controller, "host", "cancel", second[:16]).returncode == 1


def test_who_guesses_keeps_nobody_out(controller):
    """Wrong codes are charged, by address; a right one is taken all the same."""
    code = code_of(invitation(controller, "web-1"))
    wrong = code[:16] + "0" * 64
    codes = [element(redeem(controller, wrong, "web-1").text, "Code") for _ in range(30)]
    assert codes[0] == INVALID and codes[-1] == "RequestLimitExceeded"
    assert redeem(controller, code, "web-1").status_code == 200


def test_both_are_events_without_the_secrets(controller, tmp_path):
    code = code_of(invitation(controller, "web-1"))
    assert element(redeem(controller, "f" * 80).text, "Code") == INVALID
    given = redeem(controller, code, "web-1").text
    events = controller.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    records = {event["EventName"]: event["CloudTrailEvent"] for event in events}
    issued, redeemed = records["IssueTrafficMirrorHostEnrolment"], records["RedeemTrafficMirrorHostEnrolment"]
    assert "web-1" in issued and code[:16] in issued and "HIDDEN_DUE_TO_SECURITY_REASONS" in redeemed
    assert element(given, "accessKeyId") in redeemed
    for record in records.values():
        assert code not in record and element(given, "secretAccessKey") not in record
    assert code not in controller.log()
    for file in pathlib.Path(controller.state).iterdir():
        assert code.encode() not in file.read_bytes(), file


def test_agents_and_controllers_say_what_they_speak(controller):
    """Older and newer neighbours are taken; what nobody speaks any more is refused with a sentence."""
    def ask(**headers):
        return controller.request("GET", "/host/v1/web-1/plan", keys=controller.agent, service="tmirror", headers=headers)

    assert controller.report("web-1", [("eth0", "host", [])]).status_code == 204
    assert "<agentProtocol>1<" in controller.query("DescribeTrafficMirrorHosts").text
    for spoken in ({}, {"x-tmirror-protocol": "1"}, {"x-tmirror-protocol": "2"}, {"x-tmirror-protocol": "3"}):
        answer = ask(**spoken)
        assert answer.status_code == 200 and answer.headers["x-tmirror-protocol"] == "2", answer.text
    old = ask(**{"x-tmirror-protocol": "0"})
    assert old.status_code == 400 and element(old.text, "Code") == "TrafficMirrorHostProtocolNotSupported"
    assert "the agent is to be upgraded" in element(old.text, "Message")
    assert ask(**{"x-tmirror-protocol": "two"}).status_code == 400
