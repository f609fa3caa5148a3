"""docs/compatibility.md: it names what is served, all of it and nothing else; and the choices it tells are those of the API."""
import pathlib
import re
import subprocess

import pytest

from clients import Boto3, Refused
from controller import PROGRAM, element

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/compatibility.md"


#: The page's headings, as clients and signatures call these services.
SERVICES = {"EC2": "ec2", "STS": "sts", "IAM": "iam", "Load balancing": "elasticloadbalancing",
            "CloudTrail": "cloudtrail", "CloudWatch": "monitoring"}


def documented():
    """Verdicts by parameter, by service and action."""
    actions = {}
    for chapter in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, *sections = re.split(r"^### ", chapter, flags=re.MULTILINE)
        for section in sections:
            name, text = section.split("\n", 1)
            verdicts = actions[SERVICES[heading.split("\n")[0]], name] = {}
            for verdict, words in re.findall(r"^- (same|extended|different): ((?:.+\n?(?!- |\n))*.*)", text, flags=re.MULTILINE):
                parameters = re.findall(r"`([^`]+)`", words)
                for parameter in parameters[:1] if verdict == "different" else parameters:
                    assert parameter not in verdicts, (name, parameter)
                    verdicts[parameter] = verdict
    return actions


def served():
    lines = subprocess.run([PROGRAM, "--list-actions"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {(words[0], words[1]): {word.rstrip("*") for word in words[2:]} for words in map(str.split, lines)}


def test_the_page_names_what_is_served():
    assert {action: set(verdicts) for action, verdicts in documented().items()} == served()


def test_what_is_extended_is_unknown_to_aws():
    """By the model that boto3 has: what the page calls the same, clients know; what it calls extended, they do not."""
    from botocore.session import get_session
    younger = {"DescribeTrafficMirrorFilterRules", ("DescribeTargetHealth", "Include.member.N")}
    for service in SERVICES.values():
        model = get_session().get_service_model({"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch"}.get(service, service))
        for (whose, name), verdicts in documented().items():
            if whose != service or name not in model.operation_names:
                continue
            shape = model.operation_model(name).input_shape
            # EC2's names on the wire begin with a capital letter, and lists have the name of one element.
            known = {re.sub(r"s?\.N|s$", "", wire).lower() for wire in names_of(shape)} if shape else set()
            for parameter, verdict in verdicts.items():
                first = re.sub(r"\.N$|s$", "", parameter.split(".")[0]).lower()
                if verdict == "extended":
                    assert first not in known or ".Extension." in parameter, (name, parameter)
                elif verdict == "same" and not younger & {name, (name, parameter)} and not parameter.startswith("TagSpecification"):
                    assert first in known, (name, parameter, known)


def names_of(shape):
    for name, member in shape.members.items():
        yield member.serialization.get("queryName") or member.serialization.get("name") or name


# --- The choices -----------------------------------------------------------------------------------------------------

@pytest.fixture
def site(controller_with, tmp_path):
    controller = controller_with("--plain-http")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
    client = Boto3(controller.administrator, controller.url, tmp_path)

    class Site:
        query, request = staticmethod(controller.query), staticmethod(controller.request)

        @staticmethod
        def call(operation, **parameters):
            return client.call("ec2", operation, **parameters)

        @staticmethod
        def refused(code, operation, **parameters):
            with pytest.raises(Refused) as caught:
                client.call("ec2", operation, **parameters)
            assert caught.value.code == code, caught.value

    found = {tag["Value"]: nic["NetworkInterfaceId"] for nic in Site.call("DescribeNetworkInterfaces")["NetworkInterfaces"]
             for tag in nic["TagSet"] if tag["Key"] == "Name"}
    Site.tap, Site.nic = found["tap0"], found["eth0"]
    Site.subnet = Site.call("DescribeSubnets")["Subnets"][0]["SubnetId"]
    Site.appliance = Site.call("CreateNetworkInterface", SubnetId=Site.subnet, PrivateIpAddress="192.0.2.9")[
        "NetworkInterface"]["NetworkInterfaceId"]
    Site.target = Site.call("CreateTrafficMirrorTarget", NetworkInterfaceId=Site.appliance)["TrafficMirrorTarget"][
        "TrafficMirrorTargetId"]
    Site.filter = Site.call("CreateTrafficMirrorFilter")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    Site.session = {"TrafficMirrorTargetId": Site.target, "TrafficMirrorFilterId": Site.filter}
    Site.rule = {"TrafficMirrorFilterId": Site.filter, "TrafficDirection": "ingress", "RuleNumber": 1, "RuleAction": "accept",
                 "SourceCidrBlock": "0.0.0.0/0", "DestinationCidrBlock": "0.0.0.0/0"}
    return Site


def test_a_token_again(site):
    """The object as it is now; after it is gone, that."""
    def create():
        return site.call("CreateTrafficMirrorSession", NetworkInterfaceId=site.tap, SessionNumber=1, ClientToken="t",
                         **site.session)["TrafficMirrorSession"]

    first = create()
    site.call("ModifyTrafficMirrorSession", TrafficMirrorSessionId=first["TrafficMirrorSessionId"], Description="changed")
    assert create() == {**first, "Description": "changed"}
    site.call("DeleteTrafficMirrorSession", TrafficMirrorSessionId=first["TrafficMirrorSessionId"])
    site.refused("InvalidTrafficMirrorSessionId.NotFound", "CreateTrafficMirrorSession", NetworkInterfaceId=site.tap,
                 SessionNumber=1, ClientToken="t", **site.session)
    assert site.call("DescribeTrafficMirrorSessions")["TrafficMirrorSessions"] == []


def test_numbers_at_their_bounds(site):
    """Short packets are taken literally; 0 is a VNI, and two sessions may have the same."""
    for number, nic in ((1, site.tap), (32766, site.tap), (1, site.nic)):
        for vni, length in ((0, 1), (16777215, 8500)):
            made = site.call("CreateTrafficMirrorSession", NetworkInterfaceId=nic, SessionNumber=number, VirtualNetworkId=vni,
                             PacketLength=length, **site.session)["TrafficMirrorSession"]
            assert (made["VirtualNetworkId"], made["PacketLength"], made["SessionNumber"]) == (vni, length, number)
            site.call("DeleteTrafficMirrorSession", TrafficMirrorSessionId=made["TrafficMirrorSessionId"])
    same = [site.call("CreateTrafficMirrorSession", NetworkInterfaceId=nic, SessionNumber=1, VirtualNetworkId=7, **site.session)
            for nic in (site.tap, site.nic)]
    assert [item["TrafficMirrorSession"]["VirtualNetworkId"] for item in same] == [7, 7]
    for number in (1, 32766):
        made = site.call("CreateTrafficMirrorFilterRule", **{**site.rule, "RuleNumber": number})["TrafficMirrorFilterRule"]
        assert made["RuleNumber"] == number


def test_protocol_zero_is_all(site):
    made = site.call("CreateTrafficMirrorFilterRule", **site.rule, Protocol=6)["TrafficMirrorFilterRule"]
    identity = {"TrafficMirrorFilterRuleId": made["TrafficMirrorFilterRuleId"]}
    changed = site.call("ModifyTrafficMirrorFilterRule", **identity, Protocol=0)["TrafficMirrorFilterRule"]
    assert changed.get("Protocol", 0) == 0
    site.call("ModifyTrafficMirrorFilterRule", **identity, Protocol=17)
    changed = site.call("ModifyTrafficMirrorFilterRule", **identity, Protocol=0, RemoveFields=["protocol"])
    assert changed["TrafficMirrorFilterRule"].get("Protocol", 0) == 0


def test_what_is_deleted_and_what_stays(site):
    """A filter takes its rules along; target and sessions outlive the interface behind the target; a source, its sessions."""
    made = site.call("CreateTrafficMirrorFilterRule", **site.rule)["TrafficMirrorFilterRule"]
    session = site.call("CreateTrafficMirrorSession", NetworkInterfaceId=site.tap, SessionNumber=1, **site.session)
    site.call("DeleteNetworkInterface", NetworkInterfaceId=site.appliance)
    assert site.call("DescribeTrafficMirrorSessions")["TrafficMirrorSessions"] == [session["TrafficMirrorSession"]]
    assert site.call("DescribeTrafficMirrorTargets")["TrafficMirrorTargets"][0]["NetworkInterfaceId"] == site.appliance
    site.call("DeleteNetworkInterface", NetworkInterfaceId=site.tap)
    assert site.call("DescribeTrafficMirrorSessions")["TrafficMirrorSessions"] == []
    site.call("DeleteTrafficMirrorFilter", TrafficMirrorFilterId=site.filter)
    site.refused("InvalidTrafficMirrorFilterRuleId.NotFound", "DeleteTrafficMirrorFilterRule",
                 TrafficMirrorFilterRuleId=made["TrafficMirrorFilterRuleId"])


def test_pages(site):
    for number in range(6):
        site.call("CreateTrafficMirrorFilter", Description=str(number))
    token = site.call("DescribeTrafficMirrorFilters", MaxResults=5)["NextToken"]
    site.refused("InvalidParameterCombination", "DescribeTrafficMirrorFilters", TrafficMirrorFilterIds=[site.filter], NextToken=token)
    site.refused("InvalidPaginationToken", "DescribeTrafficMirrorTargets", NextToken=token)
    site.refused("InvalidPaginationToken", "DescribeTrafficMirrorFilters", NextToken=token,
                 Filters=[{"Name": "description", "Values": ["1"]}])
    assert len(site.call("DescribeTrafficMirrorFilters", NextToken=token)["TrafficMirrorFilters"]) == 2


def test_what_is_asked_in_a_strange_way(site):
    def code(**fields):
        return element(site.query("DescribeVpcs", **fields).text, "Code")

    assert code(Colour="red") == "UnknownParameter"
    assert code(Filter="") is None and code(VpcId="") is None
    assert code(DryRun="perhaps") == "InvalidParameterValue" and code(DryRun="true", MaxResults="4") == "InvalidParameterValue"
    twice = site.request("POST", "/", b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=5&MaxResults=6")
    assert element(twice.text, "Code") == "InvalidParameterCombination"
    both = site.request("POST", "/?Action=DescribeSubnets&Version=2016-11-15", b"Action=DescribeVpcs&Version=2016-11-15")
    assert "<DescribeSubnetsResponse" in both.text
    for services in ({"AddNetworkServices": ["amazon-dns"]}, {"RemoveNetworkServices": ["amazon-dns"]}):
        for _ in range(2):
            site.call("ModifyTrafficMirrorFilterNetworkServices", TrafficMirrorFilterId=site.filter, **services)
