"""What AWS does not have: extension parameters of sessions and rules, by signed queries and by boto3 with a hook."""
import datetime
import pathlib
import re
import subprocess
import time

import pytest

from command import environment
from controller import element
from test_ec2 import appliance, mirror  # noqa: F401 (fixtures)

#: Parameter, value, element of the answer, what it says there.
OPTIONS = [
    ("PacketSampling", "10", "packetSampling", "10"),
    ("FlowSampling", "100", "flowSampling", "100"),
    ("MaxBitsPerSecond", "10000000000", "maxBitsPerSecond", "10000000000"),
    ("MaxPacketsPerSecond", "5000", "maxPacketsPerSecond", "5000"),
    ("Priority", "3", "priority", "3"),
    ("Paused", "true", "paused", "true"),
    ("Continue", "true", "continue", "true"),
    ("ExpirationTime", "2199-12-31T23:59:59Z", "expirationTime", "2199-12-31T23:59:59.000Z"),
    ("Encapsulation", "geneve", "encapsulation", "geneve"),
    ("OuterDscp", "af41", "outerDscp", "34"),
    ("OuterDestinationPort", "6081", "outerDestinationPort", "6081"),
    ("OuterSourceAddress", "192.0.2.200", "outerSourceAddress", "192.0.2.200"),
]
#: How each of them goes back to AWS's behaviour, and what the answer says then.
DEFAULTS = {
    "PacketSampling": ("0", "0"), "FlowSampling": ("0", "0"), "MaxBitsPerSecond": ("0", "0"), "MaxPacketsPerSecond": ("0", "0"),
    "Priority": ("0", "0"), "Paused": ("false", "false"), "Continue": ("false", "false"), "ExpirationTime": ("never", None),
    "Encapsulation": ("vxlan", "vxlan"), "OuterDscp": ("0", "0"), "OuterDestinationPort": ("0", "0"), "OuterSourceAddress": ("", None),
}


def extended(**options):
    return {f"Extension.{name}": value for name, value in options.items()}


@pytest.fixture
def ask(controller):
    """Sends a query by wire names; expects success, or the code of a refusal and words of its message."""
    def ask(action, code=None, words=(), **parameters):
        answer = controller.query(action, **parameters)
        if code:
            assert element(answer.text, "Code") == code, answer.text
            for word in [words] if isinstance(words, str) else words:
                assert word in element(answer.text, "Message"), answer.text
        else:
            assert answer.status_code == 200, answer.text
        return answer.text
    return ask


@pytest.fixture
def change(ask, mirror):  # noqa: F811
    """Modifies the session."""
    def change(code=None, words=(), **options):
        return ask("ModifyTrafficMirrorSession", code, words, TrafficMirrorSessionId=mirror["session"], **extended(**options))
    return change


def planned(controller):
    session, = controller.plan("web-1").json()["sessions"]
    return session.get("options")


# --- Sessions --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, value, answer, said", OPTIONS)
def test_an_option_is_kept_told_and_reset(controller, ask, change, mirror, name, value, answer, said):  # noqa: F811
    assert planned(controller) is None
    assert element(change(**{name: value}), answer) == said
    option, = planned(controller).items()
    assert option[1]
    shown = ask("DescribeTrafficMirrorSessions", **extended(Show="true"))
    assert element(shown, answer) == said
    for other, _, other_answer, _ in OPTIONS:
        assert other == name or element(shown, other_answer) == DEFAULTS[other][1], shown
    # What another change does not speak of stays.
    ask("ModifyTrafficMirrorSession", TrafficMirrorSessionId=mirror["session"], Description="x")
    assert planned(controller) == dict([option])
    reset, default = DEFAULTS[name]
    assert element(change(**{name: reset}), answer) == default
    assert planned(controller) is None


def test_all_options_at_creation(controller, ask, mirror, interfaces):  # noqa: F811
    options = {name: value for name, value, _, _ in OPTIONS if name != "FlowSampling"}
    made = ask("CreateTrafficMirrorSession", NetworkInterfaceId=interfaces["tap1"], TrafficMirrorTargetId=mirror["target"],
               TrafficMirrorFilterId=mirror["filter"], SessionNumber=1, **extended(**options))
    for name, _, answer, said in OPTIONS:
        assert element(made, answer) == (said if name in options else "0")
    session, = [s for s in controller.plan("web-1").json()["sessions"] if s["source"] == interfaces["tap1"]]
    assert session["options"] == {
        "packet_sampling": 10, "bits_per_second": 10**10, "packets_per_second": 5000, "priority": 3, "paused": True,
        "continues": True, "expires": int(datetime.datetime(2199, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc).timestamp()),
        "encapsulation": "geneve", "outer_dscp": 34, "outer_port": 6081, "outer_source": "192.0.2.200"}


@pytest.mark.parametrize("name, value, words", [
    ("PacketSampling", "-1", "(-1) for parameter Extension.PacketSampling"),
    ("PacketSampling", "1000001", "(1000001) for parameter Extension.PacketSampling"),
    ("PacketSampling", "", "() for parameter Extension.PacketSampling"),
    ("FlowSampling", "1.5", "(1.5) for parameter Extension.FlowSampling"),
    ("MaxBitsPerSecond", "7999", "7999"),
    ("MaxBitsPerSecond", "10M", "(10M) for parameter Extension.MaxBitsPerSecond"),
    ("MaxBitsPerSecond", "1000000000001", "(1000000000001) for parameter Extension.MaxBitsPerSecond"),
    ("MaxPacketsPerSecond", "1000000001", "(1000000001) for parameter Extension.MaxPacketsPerSecond"),
    ("Priority", "4", "(4) for parameter Extension.Priority"),
    ("Paused", "yes", "(yes) for parameter Extension.Paused"),
    ("Continue", "2", "(2) for parameter Extension.Continue"),
    ("ExpirationTime", "2020-01-01T00:00:00Z", "(2020-01-01T00:00:00Z) for parameter Extension.ExpirationTime"),
    ("ExpirationTime", "2199-02-30T00:00:00Z", "(2199-02-30T00:00:00Z) for parameter Extension.ExpirationTime"),
    ("ExpirationTime", "2199-02-20T00:00:00+01:00", "Extension.ExpirationTime"),
    ("ExpirationTime", "tomorrow", "(tomorrow) for parameter Extension.ExpirationTime"),
    ("DurationSeconds", "0", "(0) for parameter Extension.DurationSeconds"),
    ("Encapsulation", "gre", "(gre) for parameter Extension.Encapsulation"),
    ("OuterDscp", "64", "(64) for parameter Extension.OuterDscp"),
    ("OuterDscp", "af44", "(af44) for parameter Extension.OuterDscp"),
    ("OuterDestinationPort", "65536", "(65536) for parameter Extension.OuterDestinationPort"),
    ("OuterSourceAddress", "192.0.2", "(192.0.2) for parameter Extension.OuterSourceAddress"),
    ("OuterSourceAddress", "224.0.0.1", "224.0.0.1"),
    ("OuterSourceAddress", "0.0.0.0", "0.0.0.0"),
    ("OuterSourceAddress", "ff02::1", "ff02::1"),
])
def test_bad_values_are_refused_by_name(controller, change, name, value, words):
    change("InvalidParameterValue", words, **{name: value})
    assert planned(controller) is None


@pytest.mark.parametrize("options, words", [
    ({"PacketSampling": "2", "FlowSampling": "3"}, "1 in 2"),
    ({"ExpirationTime": "2199-01-01T00:00:00Z", "DurationSeconds": "60"}, "Extension.DurationSeconds"),
    ({"OuterSourceAddress": "fd00::1"}, ["fd00::1", "192.0.2.9"]),
])
def test_combinations_without_sense_are_refused(controller, change, options, words):
    change("InvalidParameterCombination", words, **options)
    assert planned(controller) is None


def test_a_combination_may_come_about_in_two_steps(change):
    change(PacketSampling="2")
    change("InvalidParameterCombination", "1 in 2", FlowSampling="3")
    change(PacketSampling="0", FlowSampling="3")
    change("InvalidParameterCombination", "1 in 3", PacketSampling="2")


def test_another_target_must_fit_the_outer_source(ask, change, ec2, mirror):  # noqa: F811
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    six = ec2.create_network_interface(SubnetId=subnet, Ipv6Addresses=[{"Ipv6Address": "fd00::9"}])
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=six["NetworkInterface"]["NetworkInterfaceId"])
    change(OuterSourceAddress="192.0.2.1")
    ask("ModifyTrafficMirrorSession", "InvalidParameterCombination", ["192.0.2.1", "fd00::9"],
        TrafficMirrorSessionId=mirror["session"], TrafficMirrorTargetId=target["TrafficMirrorTarget"]["TrafficMirrorTargetId"])
    ask("ModifyTrafficMirrorSession", TrafficMirrorSessionId=mirror["session"],
        TrafficMirrorTargetId=target["TrafficMirrorTarget"]["TrafficMirrorTargetId"], **extended(OuterSourceAddress="fd00::1"))


@pytest.mark.parametrize("action, parameters", [
    ("ModifyTrafficMirrorSession", {"Extension.Sampling": "1"}),
    ("ModifyTrafficMirrorSession", {"extension.PacketSampling": "1"}),
    ("ModifyTrafficMirrorSession", {"PacketSampling": "1"}),
    ("DescribeTrafficMirrorSessions", {"Extension.PacketSampling": "1"}),
    ("DeleteTrafficMirrorSession", {"Extension.Show": "true"}),
    ("CreateTrafficMirrorTarget", {"Extension.Show": "true"}),
])
def test_unknown_extensions_are_unknown_parameters(ask, mirror, action, parameters):  # noqa: F811
    name, = parameters
    if action.endswith("Session"):
        parameters["TrafficMirrorSessionId"] = mirror["session"]
    ask(action, "UnknownParameter", name, **parameters)


def test_clients_of_aws_see_nothing(ask, change, ec2, mirror, interfaces):  # noqa: F811
    """An answer has the element only where the request spoke of extensions."""
    change(Priority="2")
    ids = {"TrafficMirrorSessionId": mirror["session"]}
    assert "xtension" not in ask("DescribeTrafficMirrorSessions")
    assert "xtension" not in ask("DescribeTrafficMirrorSessions", **extended(Show="false"))
    assert "xtension" not in ask("ModifyTrafficMirrorSession", Description="x", **ids)
    assert "xtension" not in ask("ModifyTrafficMirrorSession", Description="x", **ids, **extended(Show="false"))
    assert element(ask("ModifyTrafficMirrorSession", Description="x", **ids, **extended(Show="true")), "priority") == "2"
    assert element(change(Paused="false"), "priority") == "2"
    assert "xtension" not in ask("DescribeTrafficMirrorFilters") + ask("DescribeTrafficMirrorFilterRules")
    made = ask("CreateTrafficMirrorSession", NetworkInterfaceId=interfaces["tap1"], TrafficMirrorTargetId=mirror["target"],
               TrafficMirrorFilterId=mirror["filter"], SessionNumber=1)
    assert "xtension" not in made


def test_client_tokens_cover_extensions(ask, mirror, interfaces):  # noqa: F811
    wish = dict(NetworkInterfaceId=interfaces["tap1"], TrafficMirrorTargetId=mirror["target"],
                TrafficMirrorFilterId=mirror["filter"], SessionNumber=1, ClientToken="t")
    first = ask("CreateTrafficMirrorSession", **wish, **extended(DurationSeconds="3600"))
    again = ask("CreateTrafficMirrorSession", **wish, **extended(DurationSeconds="3600", Show="true"))
    assert element(first, "trafficMirrorSessionId") == element(again, "trafficMirrorSessionId")
    assert element(first, "expirationTime") == element(again, "expirationTime")
    ask("CreateTrafficMirrorSession", "IdempotentParameterMismatch", **wish, **extended(DurationSeconds="3601"))
    ask("CreateTrafficMirrorSession", "IdempotentParameterMismatch", **wish)


def test_a_session_ends_at_its_time(controller, ask, change, mirror):  # noqa: F811
    """As if it had been deleted: found no more, its number free, the host's plan without it."""
    before = controller.plan("web-1")
    end = time.time() + 3
    change(DurationSeconds="3")
    middle = controller.plan("web-1").json()
    assert abs(planned(controller)["expires"] - end) <= 1
    after = controller.plan("web-1", known=middle["revision"], timeout=20)
    assert end - 1 <= time.time() <= end + 3
    assert after.status_code == 200 and after.json()["revision"] > middle["revision"] > before.json()["revision"]
    assert after.json()["sessions"] == []
    ask("DescribeTrafficMirrorSessions", "InvalidTrafficMirrorSessionId.NotFound",
        **{"TrafficMirrorSessionId.1": mirror["session"]})
    assert f"session {mirror['session']} of interface" in controller.log()


def test_a_session_ends_that_was_due_while_nobody_ran(controller, ask, change, mirror):  # noqa: F811
    change(DurationSeconds="1")
    revision = controller.plan("web-1").json()["revision"]
    controller.stop()
    time.sleep(1.1)
    controller.start()
    deadline = time.monotonic() + 10
    while mirror["session"] in ask("DescribeTrafficMirrorSessions"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert controller.plan("web-1").json()["revision"] > revision


@pytest.mark.parametrize("never", ["never", ""])
def test_an_end_can_be_taken_back(controller, ask, change, mirror, never):  # noqa: F811
    change(DurationSeconds="2")
    change(ExpirationTime=never)
    time.sleep(4)
    assert mirror["session"] in ask("DescribeTrafficMirrorSessions")


def test_paused_is_a_state(controller, ask, change, mirror):  # noqa: F811
    def status():
        answer = ask("DescribeTrafficMirrorSessionStatus")
        return element(answer, "state"), element(answer, "reason")

    def apply():
        plan = controller.plan("web-1").json()
        assert controller.report("web-1", revision=plan["revision"]).status_code == 204

    change(Paused="true")
    assert status()[0] == "pending"
    apply()
    assert status() == ("paused", "The session is paused and copies nothing until it is resumed")
    assert "<reason>rate_cap</reason>" in ask("DescribeTrafficMirrorSessionStatus")
    change(Paused="false")
    assert status()[0] == "pending"


# --- Rules -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def change_rule(ask, mirror):  # noqa: F811
    def change(code=None, words=(), Protocol="6", **options):
        return ask("ModifyTrafficMirrorFilterRule", code, words, TrafficMirrorFilterRuleId=mirror["rule"], Protocol=Protocol,
                   **extended(**options))
    return change


def planned_rule(controller):
    filter_, = controller.plan("web-1").json()["filters"]
    rule, = filter_["rules"]
    return rule.get("tcp_flags"), rule.get("dscp")


@pytest.mark.parametrize("flags, said", [
    ("syn", "syn"), ("syn,!ack", "!ack,syn"), ("fin,syn,rst,psh,ack,urg,ece,cwr", "cwr,ece,urg,ack,psh,rst,syn,fin"),
    ("!fin,!syn,!rst,!psh,!ack,!urg,!ece,!cwr", "!cwr,!ece,!urg,!ack,!psh,!rst,!syn,!fin"), ("syn,syn", "syn")])
def test_tcp_flags(controller, ask, change_rule, flags, said):
    assert element(change_rule(TcpFlags=flags), "tcpFlags") == said
    assert planned_rule(controller) == (said, None)
    for action in "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorFilters":
        assert element(ask(action, **extended(Show="true")), "tcpFlags") == said
    assert planned_rule(controller) == (said, None)
    change_rule(Dscp="ef")
    assert planned_rule(controller) == (said, 46)
    assert element(change_rule(TcpFlags=""), "tcpFlags") == "any"
    assert planned_rule(controller) == (None, 46)


@pytest.mark.parametrize("dscp, value", [("0", 0), ("63", 63), ("cs0", 0), ("cs7", 56), ("af11", 10), ("af43", 38), ("ef", 46), ("le", 1)])
def test_dscp(controller, change_rule, dscp, value):
    assert element(change_rule(Protocol="17", Dscp=dscp), "dscp") == str(value)
    assert planned_rule(controller) == (None, value)
    assert element(change_rule(Dscp="any"), "dscp") == "any"
    assert planned_rule(controller) == (None, None)


@pytest.mark.parametrize("name, value", [
    ("TcpFlags", "SYN"), ("TcpFlags", "syn,"), ("TcpFlags", ",syn"), ("TcpFlags", "syn ack"), ("TcpFlags", "!"), ("TcpFlags", "!!syn"),
    ("TcpFlags", "syn,!syn"), ("TcpFlags", "sy"), ("TcpFlags", "none"),
    ("Dscp", "64"), ("Dscp", "-1"), ("Dscp", "cs8"), ("Dscp", "af50"), ("Dscp", "af10"), ("Dscp", "EF")])
def test_bad_matches_are_refused_by_name(controller, change_rule, name, value):
    change_rule("InvalidParameterValue", f"({value}) for parameter Extension.{name}", **{name: value})
    assert planned_rule(controller) == (None, None)


def test_rules_are_created_with_matches(ask, mirror):  # noqa: F811
    wish = dict(TrafficMirrorFilterId=mirror["filter"], TrafficDirection="egress", RuleNumber=1, RuleAction="accept",
                SourceCidrBlock="::/0", DestinationCidrBlock="::/0", Protocol=6, ClientToken="t")
    made = ask("CreateTrafficMirrorFilterRule", **wish, **extended(TcpFlags="rst", Dscp="8"))
    assert (element(made, "tcpFlags"), element(made, "dscp")) == ("rst", "8")
    ask("CreateTrafficMirrorFilterRule", "IdempotentParameterMismatch", **wish, **extended(TcpFlags="rst", Dscp="9"))
    ask("CreateTrafficMirrorFilterRule", "IdempotentParameterMismatch", **wish)


@pytest.mark.parametrize("protocol", ["0", "17"])
def test_tcp_flags_need_tcp(change_rule, protocol):
    change_rule("InvalidParameterCombination", "TCP", Protocol=protocol, TcpFlags="syn")


@pytest.mark.parametrize("packet, verdict", [
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="syn", Dscp="ef"), "mirrored"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="syn,fin", Dscp="46"), "mirrored"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="syn,ack", Dscp="46"), "unmatched"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="", Dscp="46"), "unmatched"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", Dscp="46"), "unmatched"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="syn"), "unmatched"),
    (dict(Protocol="6", TcpFlags="syn"), "InvalidParameterCombination"),
    (dict(Protocol="17", SourcePort="1", DestinationPort="2", TcpFlags="syn"), "InvalidParameterCombination"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="!syn"), "InvalidParameterValue"),
    (dict(Protocol="6", SourcePort="1", DestinationPort="2", TcpFlags="any"), "InvalidParameterValue"),
    (dict(Protocol="6", Dscp="64"), "InvalidParameterValue"),
])
def test_explanations_look_at_flags_and_dscp(ask, change_rule, interfaces, packet, verdict):
    change_rule(TcpFlags="syn,!ack", Dscp="ef")
    answer = ask("ExplainTrafficMirrorPacket", verdict if verdict.startswith("Invalid") else None,
                 NetworkInterfaceId=interfaces["tap0"], TrafficDirection="ingress", SourceAddress="10.0.0.1",
                 DestinationAddress="10.0.0.2", **packet)
    assert verdict.startswith("Invalid") or element(answer, "verdict") == verdict


# --- The manual ------------------------------------------------------------------------------------------------------

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/extensions.md").read_text(encoding="utf-8")


def block(language):
    found, = re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    return found


def test_the_manual_has_every_parameter_action_state_and_reason(ask, mirror):  # noqa: F811
    rows = (ROOT / "src/api/extension.h").read_text(encoding="utf-8")
    for parameter in {*re.findall(r'"(Extension\.\w+)"', rows)}:
        assert f"`{parameter}`" in MANUAL or f"`{parameter}=" in MANUAL, parameter
    status = ask("DescribeTrafficMirrorSessionStatus")
    reasons = {*re.findall("<reason>([a-z_]+)</reason>", status)}
    assert len(reasons) == 11
    for reason in reasons:
        assert f"\n| `{reason}` |" in MANUAL, reason
    table = (ROOT / "src/control/status.c").read_text(encoding="utf-8").split("state_names[SESSION_STATE_COUNT]")[1].split("};")[0]
    states = re.findall(r'= "([a-z-]+)",', table)
    assert "paused" in states
    for state in states:
        assert f"`{state}`" in MANUAL, state


def test_curl_sends_extensions(controller, mirror):  # noqa: F811
    script = f"source {controller.state}/credentials.env\n{block('bash')}"
    done = subprocess.run(["bash", "-c", script], env=environment(SESSION=mirror["session"]), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert element(done.stdout, "paused") == "true"
    assert planned(controller) == {"paused": True}


def test_boto3_sends_extensions_by_a_hook(controller, ask, mirror):  # noqa: F811
    names = {}
    exec(block("python"), names)  # noqa: S102 (ours)
    client = names["extend"](controller.client(), PacketSampling=10, Encapsulation="geneve")
    client.modify_traffic_mirror_session(TrafficMirrorSessionId=mirror["session"])
    assert planned(controller) == {"packet_sampling": 10, "encapsulation": "geneve"}
    assert element(ask("DescribeTrafficMirrorSessions", **extended(Show="true")), "packetSampling") == "10"
    # Whoever does not use it, sees and sends nothing.
    controller.client().modify_traffic_mirror_session(TrafficMirrorSessionId=mirror["session"], Description="x")
    assert planned(controller) == {"packet_sampling": 10, "encapsulation": "geneve"}
