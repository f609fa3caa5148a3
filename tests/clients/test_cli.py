"""Every command of tmirror, as tables and as JSON, against a controller; and its errors and exit statuses."""
import datetime
import os
import re
import subprocess
import time

import pytest
from command import TMIRROR, Operator, environment, tmirror
from controller import COUNTERS

NOUNS = ("interface", "target", "filter", "rule", "session")
PEOPLE = {"host-key": 3, "account": 3, "user": 3, "key": 5, "policy": 4, "role": 4, "quota": 4, "usage": 2, "fleet": 4, "endpoint": 8,
          "endpoint-service": 8, "selector": 8}
BALANCING = {"balancer": 5, "listener": 5, "group": 7}


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


@pytest.fixture
def mirror(operator, interfaces):
    """A session on tap0 and all that it needs, made one by one."""
    made = {"interface": operator.do("interface", "create", "--private-ip-address", "192.0.2.9")}
    made["target"] = operator.do("target", "create", "--network-interface-id", made["interface"])
    made["filter"] = operator.do("filter", "create", "--description", "web", "--tag", "Name=web", "-t", "empty=")
    made["rule"] = operator.do("rule", "create", "--traffic-mirror-filter-id", made["filter"], "--traffic-direction", "ingress",
                               "--rule-number", "100", "--rule-action", "accept", "--protocol", "tcp",
                               "--source-cidr-block", "10.0.0.0/8", "--destination-cidr-block", "0.0.0.0/0",
                               "--source-port-range", "1024-65535", "--destination-port-range", "80")
    made["session"] = operator.do("session", "create", "--network-interface-id", interfaces["tap0"],
                                  "--traffic-mirror-target-id", made["target"], "--traffic-mirror-filter-id", made["filter"],
                                  "--session-number", "5", "--packet-length", "128", "--virtual-network-id", "77",
                                  "--tag", "Name=first")
    return made


# --- Whose key --------------------------------------------------------------------------------------------------------

def test_profiles_name_keys_and_endpoint(controller, tmp_path):
    """As the AWS CLI has them, so what is set up for one works for the other."""
    keys = controller.administrator
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(
        f"[lab]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
        "[default]\naws_access_key_id = AKIAXXXXXXXXXXXXXXXX\naws_secret_access_key = wrong\n")
    place = f"endpoint_url = {controller.url}\nregion = us-east-1\nca_bundle = {keys['AWS_CA_BUNDLE']}\n"
    (tmp_path / ".aws/config").write_text(f"[profile lab]\n{place}[default]\n{place}")
    home = environment(HOME=str(tmp_path))
    assert tmirror("--profile", "lab", "target", "list", env=home, cwd=tmp_path).returncode == 0
    assert tmirror("target", "list", env=home | {"AWS_PROFILE": "lab"}, cwd=tmp_path).returncode == 0
    wrong = tmirror("--profile", "default", "target", "list", env=home, cwd=tmp_path)
    assert wrong.returncode == 1 and wrong.stderr.startswith("tmirror: AuthFailure: ")
    # The environment's key goes before a profile that nobody named on the command line.
    own = home | {"AWS_ACCESS_KEY_ID": "AKIAXXXXXXXXXXXXXXXX", "AWS_SECRET_ACCESS_KEY": "wrong", "AWS_PROFILE": "lab"}
    assert tmirror("target", "list", env=own, cwd=tmp_path).returncode == 1
    assert tmirror("target", "list", "--profile", "lab", env=own, cwd=tmp_path).returncode == 0
    nobody = tmirror("--profile", "nobody", "target", "list", env=home, cwd=tmp_path)
    assert (nobody.returncode, nobody.stderr) == (2, "tmirror: Credentials: there is no profile 'nobody'\n")


# --- Help and usage --------------------------------------------------------------------------------------------------

def commands():
    """As --help lists them."""
    listed = tmirror("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [words[:2] if words[0] in (*NOUNS, "host", *PEOPLE, *BALANCING) else words[:1] for words in map(str.split, listed)]


def test_every_command_has_help():
    found = commands()
    # Sessions pause and resume, too, and targets are shared.  Hosts come and go by themselves, so they have others.
    assert len(found) == 5 * len(NOUNS) + 2 + 3 + 7 + 11 + 4 + sum(PEOPLE.values()) + sum(BALANCING.values())
    for words in found:
        done = tmirror(*words, "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"Usage: tmirror {' '.join(words)}") and not done.stderr
    for noun in NOUNS:
        assert tmirror(noun, "--help").stdout.count(f"\n  {noun} ") == {"session": 7, "target": 8}.get(noun, 5)
    for noun, verbs in (PEOPLE | BALANCING).items():
        assert tmirror(noun, "--help").stdout.count(f"\n  {noun} ") == verbs


def test_version():
    assert tmirror("--version").stdout.startswith("tmirror 0.")


@pytest.mark.parametrize("words", [
    (), ("session",), ("session", "lst"), ("nonsense",), ("session", "list", "--nonsense"), ("session", "show"),
    ("session", "list", "word"), ("session", "list", "-o", "yaml"), ("mirror", "eth0"), ("session", "list", "--credentials"),
    ("session", "modify", "tms-1"), ("session", "list", "--filter", "abc"),
    ("explain", "eni-1", "--from", "[::1", "--to", "::1"),
])
def test_misuse_is_said_in_one_line(operator, words):
    done = tmirror("--credentials", operator.credentials, *words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("tmirror: usage: ") and done.stderr.count("\n") == 1


# --- The nouns -------------------------------------------------------------------------------------------------------

def test_json_is_what_an_sdk_gives(operator, ec2, mirror):
    """Names, types and nesting as boto3 has them, for each noun that it knows; besides, what AWS does not have."""
    def plain(shown):
        if isinstance(shown, list):
            return [plain(item) for item in shown]
        return {name: plain(value) for name, value in shown.items() if name != "Extension"} if isinstance(shown, dict) else shown

    for noun, describe, key in (
            ("session", ec2.describe_traffic_mirror_sessions, "TrafficMirrorSessions"),
            ("target", ec2.describe_traffic_mirror_targets, "TrafficMirrorTargets"),
            ("filter", ec2.describe_traffic_mirror_filters, "TrafficMirrorFilters")):
        assert plain(operator.json(noun, "list")) == describe()[key]
        assert plain(operator.json(noun, "show", mirror[noun])) == describe()[key][0]
    expected = ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"][0]["IngressFilterRules"][0]
    rule = operator.json("rule", "show", mirror["rule"])
    assert rule.pop("Extension") == {"TcpFlags": "any", "Dscp": "any"}
    assert {name: value for name, value in rule.items() if name != "Tags"} == \
           {name: value for name, value in expected.items() if name != "Tags"}

    expected = ec2.describe_network_interfaces()["NetworkInterfaces"]
    for interface in expected:
        if "Attachment" in interface:
            interface["Attachment"]["AttachTime"] = None
    listed = operator.json("interface", "list")
    for interface in listed:
        interface.pop("AvailabilityZoneId", None)  # Newer than Debian's boto3.
        if "Attachment" in interface:
            interface["Attachment"]["AttachTime"] = None
    assert listed == expected


def test_tables_show_the_essentials(operator, mirror, interfaces):
    assert operator.table("session", "list") == [
        [mirror["session"], "first", interfaces["tap0"], mirror["target"], mirror["filter"], "5", "77", "128", "-", "-"]]
    assert operator.table("target", "list") == [[mirror["target"], "network-interface", mirror["interface"], "-"]]
    assert operator.table("filter", "list") == [[mirror["filter"], "1", "0", "-", "web"]]
    assert operator.table("rule", "list") == [
        [mirror["rule"], mirror["filter"], "ingress", "100", "accept", "tcp", "10.0.0.0/8", "1024-65535", "0.0.0.0/0", "80", "-", "-"]]
    rows = {row[0]: row[1:] for row in operator.table("interface", "list")}
    assert rows[interfaces["eth0"]] == ["web-1", "eth0", "host", "10.0.0.1 fd00::1", "in-use", "-"]
    assert rows[mirror["interface"]] == ["-", "-", "-", "192.0.2.9", "available", "-"]
    assert "100 accept tcp 10.0.0.0/8:1024-65535 -> 0.0.0.0/0:80" in operator.do("filter", "show", mirror["filter"])
    assert "Name=web" in operator.do("filter", "show", mirror["filter"])


def test_lists_can_be_filtered(operator, mirror, interfaces):
    def ids(*words):
        return [row[0] for row in operator.table(*words)]

    assert ids("session", "list", "--filter", "session-number=4,5") == [mirror["session"]]
    assert ids("session", "list", "--filter", "session-number=4", "-f", "description=*") == []
    assert ids("filter", "list", "--filter", "tag:Name=w*") == [mirror["filter"]]
    assert ids("rule", "list", "--traffic-mirror-filter-id", mirror["filter"]) == [mirror["rule"]]
    assert ids("interface", "list", "-f", "tag:tmirror:device=tap1") == [interfaces["tap1"]]
    assert operator.refused("session", "list", "--filter", "nonsense=1") == "InvalidParameterValue"


def test_modify(operator, mirror):
    session = operator.json("session", "modify", mirror["session"], "--session-number", "6", "--description", "é 1",
                            "--remove-field", "packet-length", "--tag", "Name=second", "--tag", "a=b=c")
    assert (session["SessionNumber"], session["Description"], session.get("PacketLength")) == (6, "é 1", None)
    assert {tag["Key"]: tag["Value"] for tag in session["Tags"]} == {"Name": "second", "a": "b=c"}
    assert operator.do("session", "modify", mirror["session"], "--untag", "a") == ""
    assert operator.json("session", "show", mirror["session"])["Tags"] == [{"Key": "Name", "Value": "second"}]

    rule = operator.json("rule", "modify", mirror["rule"], "--traffic-direction", "egress", "--rule-action", "reject",
                         "--remove-field", "source-port-range,destination-port-range", "--remove-field", "protocol")
    assert (rule["TrafficDirection"], rule["RuleAction"]) == ("egress", "reject")
    assert not {"Protocol", "SourcePortRange", "DestinationPortRange"} & set(rule)

    filter_ = operator.json("filter", "modify", mirror["filter"], "--add-network-service", "amazon-dns", "--untag", "empty")
    assert filter_["NetworkServices"] == ["amazon-dns"] and filter_["Tags"] == [{"Key": "Name", "Value": "web"}]
    assert operator.json("filter", "modify", mirror["filter"], "--remove-network-service", "amazon-dns")["NetworkServices"] == []

    assert operator.json("target", "modify", mirror["target"], "--tag", "x")["Tags"] == [{"Key": "x", "Value": ""}]
    assert operator.json("interface", "modify", mirror["interface"], "--description", "sensor")["Description"] == "sensor"


def test_orientation_can_be_set(operator, interfaces):
    for wish, shown in (("guest", "guest"), ("automatic", "host")):
        operator.do("interface", "modify", interfaces["eth0"], "--orientation", wish)
        assert re.search(rf"^ORIENTATION +{shown}$", operator.do("interface", "show", interfaces["eth0"]), re.MULTILINE)
    assert operator.refused("interface", "modify", interfaces["eth0"], "--orientation", "sideways") == "InvalidParameterValue"


def test_delete(operator, mirror):
    assert operator.refused("filter", "delete", mirror["filter"]) == "TrafficMirrorFilterInUse"
    assert operator.refused("target", "delete", mirror["target"]) == "TrafficMirrorTargetInUseException"
    for noun in ("session", "rule", "filter", "target", "interface"):
        assert operator.do(noun, "delete", mirror[noun]) == ""
    for noun in ("session", "rule", "filter", "target"):
        assert operator.table(noun, "list") == []
    assert operator.refused("session", "delete", mirror["session"]) == "InvalidTrafficMirrorSessionId.NotFound"


def test_delete_takes_several(operator):
    made = [operator.do("filter", "create") for _ in range(3)]
    operator.do("filter", "delete", *made)
    assert operator.table("filter", "list") == []


def test_a_client_token_makes_one(operator):
    first = operator.do("filter", "create", "--client-token", "mine")
    assert operator.do("filter", "create", "--client-token", "mine") == first
    assert operator.refused("filter", "create", "--client-token", "mine", "--description", "x") == "IdempotentParameterMismatch"


def test_dry_run_changes_nothing(operator, mirror):
    assert operator.refused("filter", "create", "--dry-run") == "DryRunOperation"
    assert operator.refused("session", "delete", "--dry-run", mirror["session"]) == "DryRunOperation"
    assert operator.refused("session", "modify", "--dry-run", mirror["session"], "--session-number", "9") == "DryRunOperation"
    assert operator.json("session", "show", mirror["session"])["SessionNumber"] == 5


def test_many_are_listed_over_pages(operator, ec2):
    """More than one page of a thousand."""
    made = {ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"] for _ in range(1005)}
    assert {item["TrafficMirrorFilterId"] for item in operator.json("filter", "list")} == made


# --- mirror and unmirror ---------------------------------------------------------------------------------------------

def everything(operator):
    return {noun: operator.json(noun, "list") for noun in NOUNS}


def test_mirror_goes_from_nothing_to_a_session(operator, interfaces):
    before = everything(operator)
    session = operator.do("mirror", "tap0", "--to", "192.0.2.7", "--packet-length", "100", "--vni", "9", "--name", "日本")
    made = operator.json("session", "show", session)
    assert (made["NetworkInterfaceId"], made["SessionNumber"], made["PacketLength"], made["VirtualNetworkId"]) == \
           (interfaces["tap0"], 1, 100, 9)
    assert {tag["Key"]: tag["Value"] for tag in made["Tags"]} == {"Name": "日本", "made-by": "tmirror"}
    filter_ = operator.json("filter", "show", made["TrafficMirrorFilterId"])
    assert [(rule["RuleAction"], rule["SourceCidrBlock"], rule["DestinationCidrBlock"])
            for rule in filter_["IngressFilterRules"] + filter_["EgressFilterRules"]] == \
           [("accept", "0.0.0.0/0", "0.0.0.0/0"), ("accept", "::/0", "::/0")] * 2

    # What is there is used again, and the next number is free.
    second = operator.json("mirror", "web-1/tap0", "--to", "192.0.2.7")
    assert second["SessionNumber"] == 2
    assert [second[name] == made[name] for name in ("TrafficMirrorTargetId", "TrafficMirrorFilterId")] == [True, True]
    third = operator.json("mirror", interfaces["tap1"], "--to", made["TrafficMirrorTargetId"], "--filter",
                          made["TrafficMirrorFilterId"], "--number", "30")
    assert third["SessionNumber"] == 30

    # Ended one by one; the last takes target and interface along.
    operator.do("unmirror", session, second["TrafficMirrorSessionId"])
    assert len(operator.json("target", "list")) == 1
    operator.do("unmirror", third["TrafficMirrorSessionId"])
    after = everything(operator)
    assert [after[noun] == before[noun] for noun in ("interface", "target", "session")] == [True] * 3
    assert [item["TrafficMirrorFilterId"] for item in after["filter"]] == [filter_["TrafficMirrorFilterId"]]


def test_mirror_to_ipv6_and_to_a_known_interface(operator, interfaces):
    first = operator.json("mirror", "tap0", "--to", "2001:DB8:0:0::7")
    assert operator.json("mirror", "tap1", "--to", "2001:db8::7")["TrafficMirrorTargetId"] == first["TrafficMirrorTargetId"]
    second = operator.json("mirror", "tap0", "--to", interfaces["eth0"])
    target = operator.json("target", "show", second["TrafficMirrorTargetId"])
    assert target["NetworkInterfaceId"] == interfaces["eth0"]


def test_a_changed_filter_is_not_taken_for_everything(operator, interfaces):
    first = operator.json("mirror", "tap0", "--to", "192.0.2.7")
    rules = operator.json("filter", "show", first["TrafficMirrorFilterId"])["EgressFilterRules"]
    operator.do("rule", "modify", rules[0]["TrafficMirrorFilterRuleId"], "--rule-action", "reject")
    second = operator.json("mirror", "tap0", "--to", "192.0.2.7")
    assert second["TrafficMirrorFilterId"] != first["TrafficMirrorFilterId"]


@pytest.mark.parametrize("words, code", [
    (("tap0", "--to", "192.0.2.7", "--number", "99999"), "InvalidParameterValue"),
    (("tap0", "--to", "192.0.2.7", "--packet-length", "x"), "InvalidParameterValue"),
    (("tap0", "--to", "192.0.2.7", "--filter", "tmf-0123456789abcdef0"), "InvalidTrafficMirrorFilterId.NotFound"),
    (("tap0", "--to", "tmt-0123456789abcdef0"), "InvalidTrafficMirrorTargetId.NotFound"),
    (("tap9", "--to", "192.0.2.7"), "InvalidNetworkInterfaceID.NotFound"),
    (("elsewhere/tap0", "--to", "192.0.2.7"), "InvalidNetworkInterfaceID.NotFound"),
    (("eni-0123456789abcdef0", "--to", "192.0.2.7"), "InvalidNetworkInterfaceID.NotFound"),
])
def test_mirror_does_all_or_nothing(operator, interfaces, words, code):
    before = everything(operator)
    assert operator.refused("mirror", *words) == code
    assert everything(operator) == before


def test_a_device_that_two_hosts_have_must_be_told_apart(operator, controller, interfaces):
    assert controller.report("web-2", [("tap0", "guest", [])]).status_code == 204
    done = operator.run("mirror", "tap0", "--to", "192.0.2.7")
    assert done.returncode == 2 and "web-" in done.stderr
    assert operator.do("mirror", "web-2/tap0", "--to", "192.0.2.7").startswith("tms-")


# --- What AWS does not have ------------------------------------------------------------------------------------------

OPTIONS = ["--packet-sampling", "10", "--max-bits-per-second", "10M", "--max-packets-per-second", "5001", "--priority", "2",
           "--paused", "--continue", "--expires", "2h", "--encapsulation", "geneve", "--outer-dscp", "ef", "--outer-port", "6000",
           "--outer-source", "192.0.2.1"]


def check_options(operator, session):
    extension = operator.json("session", "show", session)["Extension"]
    end = datetime.datetime.fromisoformat(extension.pop("ExpirationTime").replace("Z", "+00:00")).timestamp()
    assert abs(end - time.time() - 7200) < 60
    assert extension == {
        "PacketSampling": 10, "FlowSampling": 0, "MaxBitsPerSecond": 10**7, "MaxPacketsPerSecond": 5001, "Priority": 2, "Paused": True,
        "Continue": True, "Encapsulation": "geneve", "OuterDscp": 46, "OuterDestinationPort": 6000, "OuterSourceAddress": "192.0.2.1"}
    options, = [row[8] for row in operator.table("session", "list") if row[0] == session]
    assert re.fullmatch(r"paused, 1/10 packets, 10M bit/s, 5001 packets/s, priority 2, continue, until 20\S+Z, geneve, DSCP 46, "
                        r"port 6000, from 192\.0\.2\.1", options)


def test_options_of_sessions(operator, mirror, interfaces):
    created = operator.do("session", "create", "--network-interface-id", interfaces["tap1"], "--traffic-mirror-target-id", mirror["target"],
                          "--traffic-mirror-filter-id", mirror["filter"], "--session-number", "1", *OPTIONS)
    check_options(operator, created)
    check_options(operator, operator.do("mirror", "tap1", "--to", "192.0.2.9", *OPTIONS))
    operator.do("session", "modify", mirror["session"], *OPTIONS)
    check_options(operator, mirror["session"])
    operator.do("session", "modify", mirror["session"], "--packet-sampling", "0", "--flow-sampling", "3", "--max-bits-per-second", "0",
                "--max-packets-per-second", "0", "--priority", "0", "--resumed", "--no-continue", "--expires", "never",
                "--encapsulation", "vxlan", "--outer-dscp", "0", "--outer-port", "0", "--outer-source", "")
    assert [row[8] for row in operator.table("session", "list") if row[0] == mirror["session"]] == ["1/3 flows"]
    assert operator.refused("session", "modify", mirror["session"], "--expires", "2020-01-01T00:00:00Z") == "InvalidParameterValue"
    assert operator.refused("session", "modify", mirror["session"], "--packet-sampling", "2") == "InvalidParameterCombination"


def test_sessions_pause_and_resume(operator, mirror, interfaces):
    other = operator.do("mirror", "tap1", "--to", "192.0.2.9")

    def paused():
        return {session["TrafficMirrorSessionId"]: session["Extension"]["Paused"] for session in operator.json("session", "list")}

    assert operator.do("session", "pause", mirror["session"], other) == ""
    assert paused() == {mirror["session"]: True, other: True}
    assert operator.do("session", "resume", other) == ""
    assert paused() == {mirror["session"]: True, other: False}
    assert operator.refused("session", "resume", "--dry-run", mirror["session"]) == "DryRunOperation"
    assert operator.refused("session", "pause", "tms-0123456789abcdef0") == "InvalidTrafficMirrorSessionId.NotFound"
    assert paused() == {mirror["session"]: True, other: False}


def test_header_fields_of_rules(operator, mirror):
    operator.do("rule", "modify", mirror["rule"], "--tcp-flags", "syn,!ack", "--dscp", "cs1")
    assert operator.table("rule", "list")[0][-2] == "flags !ack,syn DSCP 8"
    assert operator.json("rule", "show", mirror["rule"])["Extension"] == {"TcpFlags": "!ack,syn", "Dscp": "8"}
    assert "-> 0.0.0.0/0:80 flags !ack,syn DSCP 8" in operator.do("filter", "show", mirror["filter"])
    operator.do("rule", "modify", mirror["rule"], "--tcp-flags", "any", "--dscp", "any")
    assert operator.table("rule", "list")[0][-2] == "-"
    assert operator.refused("rule", "modify", mirror["rule"], "--tcp-flags", "sin") == "InvalidParameterValue"
    operator.do("rule", "modify", mirror["rule"], "--tcp-flags", "syn", "--dscp", "1")
    packet = ["web-1/tap0", "--direction", "ingress", "--protocol", "tcp", "--from", "10.1.1.1:2000", "--to", "192.0.2.1:80"]
    assert operator.json("explain", *packet, "--tcp-flags", "syn,ack", "--dscp", "le")["Verdict"] == "mirrored"
    assert operator.json("explain", *packet, "--tcp-flags", "ack", "--dscp", "le")["Verdict"] == "unmatched"


# --- status and explain ----------------------------------------------------------------------------------------------

def counted(accepted, lost):
    return COUNTERS | {"accepted": [accepted, accepted * 100], "shipped": [accepted - sum(lost.values()), 0],
                       "lost": {reason: [packets, packets * 100] for reason, packets in lost.items()}}


def test_watch_shows_rates(operator, controller, mirror):
    """What came between two reports, by the time between them; before there are two, nothing."""
    def report(accepted, lost):
        session = {"id": mirror["session"], "epoch": "0123456789abcdef", "active": True, "reason": "",
                   "counters": {"ingress": counted(accepted, {"ring_full": lost}), "egress": counted(0, {})}}
        revision = operator.json("status")["Hosts"][0]["WantedRevision"]
        assert controller.report("web-1", revision=revision, sessions=[session]).status_code == 204
        return datetime.datetime.fromisoformat(operator.json("status")["Hosts"][0]["LastReport"])

    before = report(1000, 0)
    row, = operator.table("watch", "--count", "1")
    assert row == [mirror["session"], "web-1", "tap0", "active", "-", "-", "-", "-"]
    with subprocess.Popen([TMIRROR, "--credentials", operator.credentials, "watch", "--interval", "1", mirror["session"]],
                          env=environment(), stdout=subprocess.PIPE, text=True) as watch:
        def look():
            return [watch.stdout.readline() for _ in range(3)][1].split()

        assert look()[4:] == ["-"] * 4
        seconds = (report(51000, 20000) - before).total_seconds()
        while (row := look())[4] == "-":
            pass
        watch.kill()
    scales = {"k": 1e3, "M": 1e6}
    rates = [float(cell.rstrip("kM")) * scales.get(cell[-1], 1) for cell in (row[4], row[6], row[7])]
    assert rates == pytest.approx([50000 / seconds, 30000 / seconds, 20000 / seconds], rel=0.02), (row, seconds)
    for words in (("--interval", "0"), ("--count", "x"), ("-o", "json")):
        assert operator.run("watch", *words).returncode == 2


def test_status_tells_of_hosts_and_sessions(operator, controller, mirror, interfaces):
    assert operator.table("status")[0][:3] == ["web-1", operator.json("status")["Hosts"][0]["InstanceId"], "connected"]
    revision = operator.json("status")["Hosts"][0]["WantedRevision"]
    counters = {"ingress": counted(10, {"ring_full": 2, "no_route": 1}), "egress": counted(5, {"ring_full": 1})}
    assert controller.report("web-1", revision=revision, sessions=[
        {"id": mirror["session"], "epoch": "0123456789abcdef", "active": True, "reason": "", "counters": counters}]).status_code == 204

    output = operator.do("status").splitlines()
    assert "applied" in output[1]
    session = output[-1]
    for word in (mirror["session"], " web-1 ", " tap0 ", " active ", " 15 ", " 11 ", "4: ring_full 3, no_route 1"):
        assert word in session
    status = operator.json("status", mirror["session"])
    assert set(status) == {"Sessions"}
    assert status["Sessions"][0]["State"] == "active"
    assert status["Sessions"][0]["Ingress"]["Accepted"] == {"Packets": 10, "Bytes": 1000}
    assert {item["Reason"]: item["Packets"] for item in status["Sessions"][0]["Ingress"]["Lost"] if item["Packets"]} == \
           {"ring_full": 2, "no_route": 1}
    assert operator.refused("status", "tms-0123456789abcdef0") == "InvalidTrafficMirrorSessionId.NotFound"


def test_hosts(operator, interfaces):
    assert operator.table("host", "list")[0][0] == operator.json("host", "show", "web-1")["HostName"] == "web-1"
    assert operator.table("host", "list", "--filter", "host-name=db-*") == []
    assert operator.refused("host", "delete", "web-1") == "TrafficMirrorHostInUse"
    assert operator.refused("host", "delete", "nobody") == "InvalidTrafficMirrorHostName.NotFound"


def test_explain(operator, mirror):
    def verdict(direction, protocol, sender, receiver):
        return operator.json("explain", "web-1/tap0", "--direction", direction, "--protocol", protocol, "--from", sender, "--to", receiver)

    taken = verdict("ingress", "tcp", "10.1.1.1:2000", "192.0.2.1:80")
    assert (taken["Verdict"], taken["TrafficMirrorSessionId"], taken["RuleNumber"]) == ("mirrored", mirror["session"], 100)
    assert verdict("ingress", "tcp", "10.1.1.1:2000", "192.0.2.1:81")["Verdict"] == "unmatched"
    assert verdict("egress", "6", "10.1.1.1:2000", "192.0.2.1:80")["Verdict"] == "unmatched"
    assert verdict("ingress", "udp", "10.1.1.1:68", "255.255.255.255:67")["Verdict"] == "excluded"
    assert verdict("ingress", "tcp", "[fd00::1]:2000", "[fd00::2]:80")["Verdict"] == "unmatched"
    assert verdict("ingress", "icmpv6", "fd00::1", "fd00::2")["Verdict"] == "unmatched"
    text = operator.do("explain", "tap0", "--direction", "ingress", "--protocol", "tcp", "--from", "10.1.1.1:2000", "--to", "192.0.2.1:80")
    assert text.splitlines()[0].split() == ["VERDICT", "mirrored"]
    assert operator.refused("explain", "tap0", "--direction", "up", "--protocol", "tcp", "--from", "10.1.1.1:1", "--to", "10.0.0.1:2") == \
           "InvalidParameterValue"


# --- Credentials and errors ------------------------------------------------------------------------------------------

def test_credentials_come_from_three_places(controller, tmp_path):
    keys, nowhere = controller.administrator, tmp_path / "empty"
    (nowhere / "var").mkdir(parents=True)
    assert tmirror("session", "list", env=environment(**keys), cwd=nowhere).returncode == 0
    assert tmirror("session", "list", cwd=nowhere).returncode == 2

    with open(os.path.join(controller.state, "credentials.env"), encoding="utf-8") as file:
        (nowhere / "var/credentials.env").write_text(file.read(), encoding="utf-8")
    assert tmirror("session", "list", cwd=nowhere).returncode == 0
    # The environment goes before that file, and an option before the environment.
    wrong = environment(**(keys | {"AWS_SECRET_ACCESS_KEY": "wrong"}))
    assert tmirror("session", "list", env=wrong, cwd=nowhere).stderr.startswith("tmirror: AuthFailure: ")
    assert tmirror("session", "list", "--credentials", "var/credentials.env", env=wrong, cwd=nowhere).returncode == 0
    assert tmirror("session", "list", "--credentials", "missing.env").returncode == 2


def test_nobody_there(controller, operator):
    controller.stop()
    done = operator.run("session", "list")
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("tmirror: Unreachable: ") and done.stderr.count("\n") == 1


def test_a_stranger_is_not_trusted(controller, tmp_path):
    keys = dict(controller.administrator)
    del keys["AWS_CA_BUNDLE"]
    done = tmirror("session", "list", env=environment(**keys))
    assert done.returncode == 3 and done.stderr.startswith("tmirror: Untrusted: ")


def test_a_full_disk_is_noticed(operator):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([TMIRROR, "--credentials", operator.credentials, "filter", "list"], stdout=full,
                              stderr=subprocess.PIPE, text=True, env=environment(), check=False)
    assert done.returncode == 1 and "No space left" in done.stderr


def test_colours_are_for_terminals(operator):
    command = f"{TMIRROR} --credentials {operator.credentials} session list"

    def on_a_terminal(**variables):
        return subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True,
                              env=environment(TERM="xterm", **variables), check=True).stdout

    assert "\033" not in operator.do("session", "list")
    assert "\033[1m" in on_a_terminal()
    assert "\033" not in on_a_terminal(NO_COLOR="1")
