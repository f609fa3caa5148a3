"""tmirror apply: the world becomes as files say, and nothing that is not theirs is touched."""
import json
import os
import re
import subprocess

import pytest
from command import ROOT, TMIRROR, Operator, environment, tmirror

BASE = """
set: edge
filters:
  - name: web
    description: shop
    network-services: [amazon-dns]
    ingress:
      - {number: 100, action: accept, protocol: tcp, source: 0.0.0.0/0, destination: 10.0.0.0/8, destination-ports: 443,
         tcp-flags: "syn,!ack"}
      - {number: 200, action: reject, source: "::/0", destination: "2001:DB8::/32", dscp: ef, description: six}
    egress:
      - {number: 100, action: accept, protocol: 17, source: 10.0.0.0/8, destination: 0.0.0.0/0, source-ports: 1000-2000}
targets:
  - {name: ids, address: 192.0.2.7}
  - {name: six, address: "2001:DB8::7"}
sessions:
  - {name: first, source: web-1/tap0, filter: web, target: ids, number: 1, packet-length: 128, virtual-network-id: 77}
  - {name: second, source: tap0, filter: web, target: six, number: 2, max-bits-per-second: 10M, flow-sampling: 10, priority: 2,
     continue: true, encapsulation: geneve, outer-dscp: af41, outer-port: 4790, expires: 2035-01-02T03:04:05Z, description: copy}
"""


class Applier:
    """An operator with files; what apply prints, by its first character."""

    def __init__(self, operator, directory):
        self.operator, self.directory = operator, directory

    def write(self, text, name="mirrors.yaml"):
        (self.directory / name).write_text(text)
        return str(self.directory / name)

    def run(self, text, *words):
        return self.operator.run("apply", "-f", self.write(text), *words)

    def do(self, text, *words):
        done = self.run(text, *words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout.splitlines()

    def is_settled(self, text):
        done = self.run(text, "--dry-run", "--exit-status")
        return (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def refused(self, text):
        """What is wrong, behind the file's name; nothing was changed."""
        before = world(self.ec2)
        done = self.run(text)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done
        assert world(self.ec2) == before
        start = f"tmirror: usage: {self.directory}/mirrors.yaml:"
        assert done.stderr.startswith(start), done.stderr
        return done.stderr[len(start):].rstrip("\n")


@pytest.fixture
def apply(controller, ec2, interfaces, tmp_path):
    applier = Applier(Operator(os.path.join(controller.state, "credentials.env")), tmp_path)
    applier.ec2 = ec2
    return applier


def sessions(ec2):
    """By name."""
    return {tags(item)["Name"]: item for item in ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]}


def tags(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", item.get("TagSet", []))}


def world(ec2):
    """Everything that apply could change."""
    return [ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"], ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"],
            ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"],
            [item["NetworkInterfaceId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]]]


# --- From nothing, and back -------------------------------------------------------------------------------------------

def test_the_world_becomes_as_the_file_says(apply, ec2, interfaces):
    printed = apply.do(BASE)
    assert [line.split(" ")[:3] for line in printed] == [
        ["+", "filter", "web"], ["+", "rule", "web"], ["+", "rule", "web"], ["+", "rule", "web"], ["+", "appliance", "192.0.2.7"],
        ["+", "appliance", "2001:db8::7"], ["+", "target", "ids"], ["+", "target", "six"], ["+", "session", "first"],
        ["+", "session", "second"]]
    made, = ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert (made["Description"], made["NetworkServices"]) == ("shop", ["amazon-dns"])
    assert tags(made) == {"Name": "web", "tmirror-apply": "edge"}
    first, second = made["IngressFilterRules"]
    assert (first["Protocol"], first["DestinationPortRange"]) == (6, {"FromPort": 443, "ToPort": 443})
    assert (second["RuleAction"], second["DestinationCidrBlock"], second["Description"]) == ("reject", "2001:db8::/32", "six")
    assert made["EgressFilterRules"][0]["SourcePortRange"] == {"FromPort": 1000, "ToPort": 2000}
    by_name = sessions(ec2)
    assert set(by_name) == {"first", "second"}
    assert (by_name["first"]["NetworkInterfaceId"], by_name["first"]["PacketLength"], by_name["first"]["VirtualNetworkId"],
            by_name["first"]["SessionNumber"]) == (interfaces["tap0"], 128, 77, 1)
    shown = apply.operator.json("session", "show", by_name["second"]["TrafficMirrorSessionId"])["Extension"]
    assert {key: str(value) for key, value in shown.items()} == {
        "PacketSampling": "0", "FlowSampling": "10", "MaxBitsPerSecond": "10000000", "MaxPacketsPerSecond": "0", "Priority": "2",
        "Paused": "False", "Continue": "True", "Encapsulation": "geneve", "OuterDscp": "34", "OuterDestinationPort": "4790",
        "ExpirationTime": "2035-01-02T03:04:05.000Z"}
    rules = apply.operator.json("rule", "list")
    assert {(rule["Extension"]["TcpFlags"], str(rule["Extension"]["Dscp"])) for rule in rules} == {("!ack,syn", "any"), ("any", "46"),
                                                                                                   ("any", "any")}


def test_the_second_time_changes_nothing(apply, ec2):
    apply.do(BASE)
    before = world(ec2)
    assert apply.do(BASE) == [] and apply.is_settled(BASE)
    assert world(ec2) == before


def test_a_dry_run_changes_nothing(apply, ec2):
    before = world(ec2)
    planned = apply.do(BASE, "--dry-run")
    assert len(planned) == 10 and world(ec2) == before
    assert apply.run(BASE, "-n", "--exit-status").returncode == 4
    assert apply.do(BASE) == planned
    gone = apply.do("set: edge\n", "-n")
    assert [line[0] for line in gone] == ["-"] * 7 and world(ec2) != before
    assert apply.run(BASE, "--exit-status").returncode == 2


def test_what_is_no_longer_wished_is_deleted_and_nothing_else(apply, ec2, interfaces):
    by_hand = apply.operator.do("mirror", "tap1", "--to", "192.0.2.9", "--name", "by hand")
    other = BASE.replace("set: edge", "set: other").replace("192.0.2.7", "192.0.2.8").replace("DB8::7", "DB8::8").replace("tap0", "tap1")
    other = other.replace("number: 1,", "number: 11,").replace("number: 2,", "number: 12,")
    before = world(ec2)
    apply.do(other)
    apart = world(ec2)
    apply.do(BASE)
    assert [line for line in apply.do("set: edge\n") if line[0] != "-"] == []
    assert world(ec2) == apart
    apply.do("set: other\n")
    assert world(ec2) == before and by_hand in str(before)


# --- Changes ----------------------------------------------------------------------------------------------------------

def test_changes_are_made_in_place(apply, ec2):
    apply.do(BASE)
    before = sessions(ec2)
    changed = (BASE.replace("packet-length: 128", "packet-length: 256").replace("target: ids", "target: six")
               .replace("continue: true, ", "").replace("description: copy", "paused: true").replace("expires: 2035-01-02T03:04:05Z, ", "")
               .replace("action: reject", "action: accept").replace(", dscp: ef, description: six", "")
               .replace("destination-ports: 443,", "destination-ports: 80-90,").replace("[amazon-dns]", "[]"))
    planned = apply.do(changed, "-n")
    assert apply.do(changed) == planned
    assert planned == [
        "~ filter web network-services: amazon-dns → none",
        "~ rule web ingress 100 destination-ports: 443 → 80-90",
        "~ rule web ingress 200 action: reject → accept, dscp: 46 → any, description: six → none",
        "~ session first target: ids → six, packet-length: 128 → 256",
        "~ session second expires: 2035-01-02T03:04:05.000Z → never, description: copy → none, paused: false → true, "
        "continue: true → false"]
    assert apply.is_settled(changed)
    after = sessions(ec2)
    assert {name: item["TrafficMirrorSessionId"] for name, item in after.items()} == {
        name: item["TrafficMirrorSessionId"] for name, item in before.items()}
    assert after["first"]["PacketLength"] == 256 and "Description" not in after["second"]
    assert ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"][0].get("NetworkServices", []) == []
    # What goes back to its default is taken back: length, and the rule's protocol and ports.
    plain = changed.replace("packet-length: 256, ", "").replace("protocol: 17, ", "").replace(", source-ports: 1000-2000", "")
    assert apply.do(plain) == ["~ rule web egress 100 protocol: 17 → none, source-ports: 1000-2000 → none",
                               "~ session first packet-length: 256 → none"]
    assert "PacketLength" not in sessions(ec2)["first"] and sessions(ec2)["first"]["VirtualNetworkId"] == 77
    assert apply.is_settled(plain)


def test_rules_are_exactly_those_of_the_file(apply, ec2):
    apply.do(BASE)
    made, = ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    ec2.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=made["TrafficMirrorFilterId"], TrafficDirection="egress", RuleNumber=5,
                                          RuleAction="reject", SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=made["IngressFilterRules"][0]["TrafficMirrorFilterRuleId"])
    assert [line[:24] for line in apply.do(BASE)] == ["+ rule web ingress 100 a", "- rule web egress 5"]
    assert apply.is_settled(BASE)


def test_a_full_filter_is_changed(apply, ec2):
    """No filter has more than ten rules here, not even for a moment."""
    def text(numbers):
        return "set: full\nfilters:\n- name: f\n  ingress:\n" + "".join(
            f"  - {{number: {number}, action: accept, source: 0.0.0.0/0, destination: 10.{number}.0.0/16}}\n" for number in numbers)

    apply.do(text(range(1, 11)))
    assert apply.do(text([*range(2, 11), 11])) == ["~ rule f ingress 11 number: 1 → 11, destination: 10.1.0.0/16 → 10.11.0.0/16"]
    assert len(apply.do(text(range(21, 31)))) == 10 and apply.is_settled(text(range(21, 31)))
    assert [line[0] for line in apply.do(text(range(1, 4)))] == ["~"] * 3 + ["-"] * 7
    assert apply.is_settled(text([3, 2, 1]))


def test_what_cannot_be_changed_is_made_anew(apply, ec2, interfaces):
    apply.do(BASE)
    before = world(ec2)
    renewed = BASE.replace("description: shop", "description: stall").replace("192.0.2.7", "192.0.2.77").replace(
        "name: second, source: tap0", "name: second, source: tap1")
    printed = apply.do(renewed)
    kinds = [" ".join(line.split(" ")[:3]) for line in printed]
    assert [kind for kind in kinds if " rule " not in kind] == [
        "+ filter web", "+ appliance 192.0.2.77", "+ target ids", "- session second", "~ session first", "+ session second",
        "- target ids", "- filter web", "- appliance 192.0.2.7"]
    assert apply.is_settled(renewed)
    assert sessions(ec2)["second"]["NetworkInterfaceId"] == interfaces["tap1"]
    assert [len(part) for part in world(ec2)] == [len(part) for part in before]


def test_targets_exchange_their_names(apply, ec2):
    apply.do(BASE)
    before = {tags(item)["Name"]: item["TrafficMirrorTargetId"]
              for item in ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]}
    exchanged = BASE.replace("name: ids, address: 192.0.2.7", 'name: ids, address: "2001:db8::7"').replace(
        'name: six, address: "2001:DB8::7"', "name: six, address: 192.0.2.7")
    assert sorted(apply.do(exchanged))[:2] == ["~ session first target: six → ids", "~ session second target: ids → six"]
    assert apply.is_settled(exchanged)
    assert {tags(item)["Name"]: item["TrafficMirrorTargetId"]
            for item in ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]} == {"ids": before["six"], "six": before["ids"]}


def test_sessions_exchange_their_numbers(apply, ec2):
    """While no two of a source may have one number, at no moment."""
    apply.do(BASE)
    three = BASE.replace("number: 2, ", "number: 3, ") + "  - {name: third, source: tap0, filter: web, target: ids, number: 2}\n"
    assert [line.split(" ")[2:] for line in apply.do(three) if "number: 2 → 3" in line] == [["second", "number:", "2", "→", "3"]]
    turned = three.replace("number: 1, ", "number: 9, ").replace("number: 3, ", "number: 1, ").replace("number: 2}", "number: 3}").replace(
        "number: 9, ", "number: 2, ")
    printed = apply.do(turned)
    assert printed[0] == "~ session first number: 1 → 32766" and len(printed) == 4
    assert {name: item["SessionNumber"] for name, item in sessions(ec2).items()} == {"first": 2, "second": 1, "third": 3}
    assert apply.is_settled(turned)


def test_expired_sessions_are_not_wished(apply, ec2):
    past = BASE.replace("2035-01-02", "2020-01-02")
    apply.do(BASE)
    assert apply.do(past) == ["- session second"]
    assert apply.is_settled(past) and set(sessions(ec2)) == {"first"}


def test_a_run_that_failed_is_continued(apply, ec2, controller_with, tmp_path):
    """The quota lets the first session in, and no other."""
    apply.operator.do("quota", "set", "sessions-per-source", "1")
    stopped = apply.run(BASE)
    assert stopped.returncode == 1
    assert [line.split(" ")[2] for line in stopped.stdout.splitlines()] == [
        "web", "web", "web", "web", "192.0.2.7", "2001:db8::7", "ids", "six", "first"]
    first, second = stopped.stderr.splitlines()
    assert first.startswith("tmirror: 9 of 10 steps done, and stopped at: + session second source: ")
    assert second.startswith("tmirror: TrafficMirrorSessionsPerInterfaceLimitExceeded: ")
    in_json = apply.run(BASE, "-o", "json")
    assert (in_json.returncode, in_json.stdout) == (1, "[]\n")
    apply.operator.do("quota", "reset", "sessions-per-source")
    assert [line[:16] for line in apply.do(BASE)] == ["+ session second"]
    assert apply.is_settled(BASE)


def test_a_run_that_was_killed_is_continued(apply, ec2):
    rules = "".join(f"      - {{number: {number}, action: accept, source: 0.0.0.0/0, destination: 10.{number}.0.0/16}}\n"
                    for number in range(2, 9))
    text = BASE.replace("    egress:\n", "    egress:\n" + rules)
    command = [TMIRROR, "--credentials", apply.operator.credentials, "apply", "-f", apply.write(text)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("+ filter web")
        process.kill()
    left = len(apply.do(text, "-n"))
    assert 0 < left < 17 and len(ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1
    assert len(apply.do(text)) == left and apply.is_settled(text)


# --- What files may name ----------------------------------------------------------------------------------------------

def test_others_are_used_by_their_ids(apply, ec2):
    apply.operator.do("mirror", "tap1", "--to", "192.0.2.9", "--name", "by hand")
    before = world(ec2)
    session = sessions(ec2)["by hand"]
    text = (f"set: guest\nsessions:\n  - {{name: s, source: tap0, number: 1, filter: {session['TrafficMirrorFilterId']}, "
            f"target: {session['TrafficMirrorTargetId']}}}\n")
    apply.do(text)
    assert apply.is_settled(text)
    apply.do("set: guest\n")
    assert world(ec2) == before


def test_targets_lie_behind_fleets_endpoints_and_interfaces(apply, ec2, controller, interfaces):
    apply.operator.do("balancer", "create", "ids")
    arn = controller.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    text = f"set: t\ntargets:\n  - {{name: a, fleet: ids}}\n  - {{name: b, interface: {interfaces['eth0']}}}\n"
    apply.do(text)
    by_arn = text.replace("fleet: ids", f"load-balancer: '{arn}'").replace(interfaces["eth0"], "web-1/eth0")
    assert apply.is_settled(text) and apply.is_settled(by_arn)
    found = {tags(item)["Name"]: item for item in ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"]}
    assert found["a"]["NetworkLoadBalancerArn"] == arn and found["b"]["NetworkInterfaceId"] == interfaces["eth0"]
    for wrong in (f"load-balancer: '{arn[:-1]}'", "fleet: none", "endpoint: vpce-0123456789abcdef0", "interface: eni-0123456789abcdef0",
                  "address: 10.0.0", "address: 1.2.3.4, fleet: ids", "fleet: [ids]"):
        assert apply.refused(text.replace("fleet: ids", wrong)).startswith("3: ")
    assert "wants one of" in apply.refused(text.replace(", fleet: ids", ""))


def test_several_files_and_documents_are_one_wish(apply, ec2):
    half = BASE.index("targets:")
    first, second = apply.write(BASE[:half], "a.yaml"), apply.write("set: edge\n---\nset: edge\n" + BASE[half:], "b.yaml")
    assert len(apply.operator.do("apply", "-f", second, "--file", first).splitlines()) == 10
    assert apply.operator.do("apply", "-f", first, "-f", second) == "" and apply.is_settled(BASE)
    with open(apply.write(BASE), encoding="utf-8") as file:
        done = tmirror("--credentials", apply.operator.credentials, "apply", "-f", "-", stdin=file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    other = apply.write("set: other\n", "c.yaml")
    done = apply.operator.run("apply", "-f", first, "-f", other)
    assert done.returncode == 2 and f"{other}:1: the set is 'other', but 'edge' in {first}:2; apply one set" in done.stderr
    assert apply.operator.run("apply", "-f", "/none").returncode == 1


def test_the_manuals_example_is_true(apply, ec2, controller):
    with open(ROOT / "docs/apply.md", encoding="utf-8") as manual:
        example = re.search("```yaml\n(.*?)```", manual.read(), re.DOTALL).group(1)
    for host in ("web1", "web2"):
        assert controller.report(host, [("eth0", "host", [])]).status_code == 204
    apply.operator.do("balancer", "create", "recorders")
    assert len(apply.do(example)) == 7 and apply.is_settled(example)
    assert sessions(ec2)["web2"]["PacketLength"] == 128


def test_json(apply):
    planned = json.loads("\n".join(apply.do(BASE, "-n", "-o", "json")))
    assert [step["Change"] for step in planned] == ["create"] * 10 and planned[0]["Id"] == ""
    assert planned[0]["Fields"] == {"description": {"After": "shop"}, "network-services": {"After": "amazon-dns"}}
    done = json.loads("\n".join(apply.do(BASE, "-o", "json")))
    assert done[-1]["Object"] == "session second" and done[-1]["Id"].startswith("tms-")
    changed, = json.loads("\n".join(apply.do(BASE.replace("length: 128", "length: 9"), "-o", "json")))
    assert (changed["Change"], changed["Kind"], changed["Fields"]) == (
        "modify", "session", {"packet-length": {"Before": "128", "After": "9"}})
    gone = json.loads("\n".join(apply.do("set: edge\n", "-o", "json")))
    assert {step["Change"] for step in gone} == {"delete"} and len(gone) == 7
    assert apply.do("set: edge\n", "-o", "json") == ["[]"]


# --- Refusals ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("what,instead,wrong", [
    ("set: edge", "sets: edge", "2: the document does not say its set"),
    ("set: edge", "set: []", "2: a set is a text of 1 to 128 characters"),
    ("targets:", "goals:", "13: a document has no key 'goals'"),
    ("packet-length: 128", "packet-lenght: 128", "17: a session has no key 'packet-lenght'"),
    ("packet-length: 128", "packet-length: 8501", "17: packet-length '8501' is not a number from 1 to 8500"),
    ("packet-length: 128", "packet-length: ", "17: 'packet-length' has no value; leave it out"),
    ("packet-length: 128", "packet-length: [1]", "17: 'packet-length' wants one value"),
    ("filter: web, target: ids", "filter: wbe, target: ids", "17: no filter of these files is called 'wbe'"),
    ("target: ids", "target: tmt-0123456789abcdef0", "17: there is no target 'tmt-0123456789abcdef0'"),
    ("source: web-1/tap0", "source: web-1/tap9", "17: no interface is called 'web-1/tap9'"),
    ("name: second", "name: first", "18: 'session first' is in "),
    ("number: 2, max", "number: 1, max", "18: session 'first' has number 1 of this source, too"),
    ("number: 2, max", "max", "18: a session wants 'number'"),
    ("flow-sampling: 10", "flow-sampling: 10, packet-sampling: 2", "18: a session samples packets or flows, not both"),
    ("description: copy", 'description: "a\\nb"', "19: description is not a text of 255 characters at most"),
    ("name: six", 'name: "a\\tb"', "15: a name is a text of 1 to 255 characters, without"),
    ("continue: true", "continue: yes", "19: continue 'yes' is not true or false"),
    ("2035-01-02T03:04:05Z", "2h", "19: expires '2h' is not a time"),
    ("number: 200", "number: 100", "10: 'rule web ingress 100' is in "),
    ("protocol: tcp", "protocol: udp", "8: tcp-flags want protocol tcp"),
    ("protocol: 17", "protocol: 1", "12: ports want protocol tcp or udp"),
    ('source: "::/0"', "source: 0.0.0.0/0", "10: source '0.0.0.0/0' and destination '2001:db8::/32' are not of one address family"),
    ("10.0.0.0/8, destination-ports", "10.0.0.1/8, destination-ports", "8: destination '10.0.0.1/8' is not an address block"),
    ("[amazon-dns]", "[amazon-ntp]", "6: network-services 'amazon-ntp' is not one of amazon-dns"),
    ("[amazon-dns]", "amazon-dns", "6: 'network-services' is not a list"),
    ("address: 192.0.2.7", 'address: "2001:db8::7"', "15: the target in "),
    ("name: ids, ", "", "14: a target wants a name"),
    ("sessions:", "sessions: [", "17: is not YAML: "),
])
def test_errors_have_a_place_and_change_nothing(apply, what, instead, wrong):
    assert BASE.count(what) == 1 or what == "target: ids", what
    assert apply.refused(BASE.replace(what, instead)).startswith(wrong)


def test_what_others_have_is_refused_before_anything_changes(apply, ec2):
    apply.operator.do("mirror", "tap0", "--to", "192.0.2.7", "--number", "1")
    target = ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"][0]
    assert apply.refused(BASE).endswith(
        f"has a target that is not of this set, {target['TrafficMirrorTargetId']}; say that one's id in the sessions")
    elsewhere = BASE.replace("192.0.2.7", "192.0.2.8")
    assert re.fullmatch(r"17: tms-\w+, which is not of this set, has number 1 of this source", apply.refused(elsewhere))


def test_a_file_that_multiplies_is_refused_quickly(apply):
    lines = ["set: edge", "a0: &a0 [l, l, l, l, l, l, l, l, l]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert apply.refused("\n".join(lines)).endswith("there are more than 500000 values, aliases resolved")


def test_nobody_answers(tmp_path):
    (tmp_path / "f").write_text("set: x\n")
    done = tmirror("apply", "-f", tmp_path / "f", cwd=tmp_path, env=environment(
        HOME=str(tmp_path), AWS_ACCESS_KEY_ID="AKIAXXXXXXXXXXXXXXXX", AWS_SECRET_ACCESS_KEY="x", AWS_ENDPOINT_URL="http://127.0.0.1:1",
        AWS_DEFAULT_REGION="us-east-1"))
    assert done.returncode == 3 and TMIRROR.exists()
