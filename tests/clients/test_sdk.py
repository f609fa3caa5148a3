"""The C SDK as its users meet it: one header, one shared library, in C and C++."""
import pathlib
import re
import subprocess

import pytest
from command import BUILD, ROOT, environment
from controller import COUNTERS, element

LIBRARY = BUILD / "src/sdk/libtmirror.so"
SOURCES = ROOT / "src/sdk"
HEADERS = [SOURCES / "tmirror.h", SOURCES / "tmirror_typed.h"]
USER = pathlib.Path(__file__).with_name("sdk_user.c")
# Of base, net and sigv4, what libtmirror uses.
THREAD_SOURCES = ["base/clock.c", "base/file.c", "base/random.c", "base/refusal.c", "base/text.c", "net/http_client.c",
                  "sigv4/credentials.c", "sigv4/profile.c"]
THREADS = pathlib.Path(__file__).with_name("sdk_threads.c")


def exported():
    lines = subprocess.run(["nm", "-D", LIBRARY], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[-2:] for line in lines]


def sanitizer():
    """A sanitized library wants a sanitized program."""
    return ["-fsanitize=address,undefined"] if any("__asan_init" in name for _, name in exported()) else []


@pytest.fixture
def user(tmp_path):
    """The program, built against a directory that holds the header and nothing else."""
    (tmp_path / "include").mkdir()
    (tmp_path / "include/tmirror.h").write_bytes(HEADERS[0].read_bytes())
    program = tmp_path / "user"
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *sanitizer(), "-I", tmp_path / "include", USER,
                    "-o", program, "-L", LIBRARY.parent, "-ltmirror", f"-Wl,-rpath,{LIBRARY.parent}"], check=True)

    def run(**variables):
        return subprocess.run([program], capture_output=True, text=True, timeout=60, env=environment(**variables), check=False)

    return run


def declared():
    text = "".join(re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL) for header in HEADERS)
    return set(re.findall(r"TMIRROR_EXPORT[^;(]*?\b(tmirror_[a-z_]+)\(", text))


def test_the_headers_say_what_is_exported_and_since_when():
    assert {name for kind, name in exported() if kind == "T"} == {f"{name}@@LIBTMIRROR_0.1" for name in declared()}


def test_pages_errors_and_silence(controller, ec2, user):
    made = {ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"] for _ in range(12)}
    keys = controller.administrator
    done = user(**keys)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == made and len(done.stdout.split()) == 12

    done = user(**(keys | {"AWS_SECRET_ACCESS_KEY": "wrong"}))
    assert done.returncode == 1 and done.stderr.startswith("1 401 AuthFailure: ")
    controller.stop()
    assert user(**keys).stderr.startswith("2 0 Unreachable: ")
    assert user().stderr.startswith("3 0 Credentials: ")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What a package would hold, and flags for it from pkg-config."""
    tree = tmp_path_factory.mktemp("installed")
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--tags", "devel,libtmirror,man", "--destdir", tree],
                   check=True)
    [description] = tree.rglob("tmirror.pc")
    place = {"PKG_CONFIG_LIBDIR": str(description.parent), "PKG_CONFIG_SYSROOT_DIR": str(tree)}
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "tmirror"], env=environment(**place), check=True, capture_output=True,
                           text=True).stdout.split()
    [library] = tree.rglob("libtmirror.so")
    return tree, [*flags, f"-Wl,-rpath,{library.parent}"]


def build(source, program, flags, *more):
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *sanitizer(), *more, source, "-o", program, *flags],
                   check=True)


def test_the_example_works_from_an_installed_tree(controller, interfaces, ec2, installed, tmp_path):
    tree, flags = installed
    [example] = tree.rglob("example.c")
    build(example, tmp_path / "example", flags)
    done = subprocess.run([tmp_path / "example", interfaces["tap0"], interfaces["tap1"]], capture_output=True, text=True, timeout=60,
                          env=environment(**controller.administrator), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    [session] = ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert session["NetworkInterfaceId"] == interfaces["tap0"]
    assert session["Tags"] == [{"Key": "made-by", "Value": "example"}]
    name = session["TrafficMirrorSessionId"]
    made, waited, listed = done.stdout.splitlines()
    assert made == f"made {name}" and listed == f"{name} number 1 of {interfaces['tap0']}"
    assert re.fullmatch(r"not yet: after 3000 ms 'state' is '[a-z-]+'", waited)


@pytest.mark.parametrize("compiler", [["gcc", "-std=c11", "-x", "c"], ["clang", "-std=c11", "-x", "c"], ["g++", "-std=c++11", "-x", "c++"],
                                      ["clang++", "-std=c++17", "-x", "c++"]], ids=lambda words: words[0])
def test_c_and_cxx_take_the_headers(installed, compiler, tmp_path):
    tree, flags = installed
    source = tmp_path / "all.c"
    names = sorted(path.name for path in tree.rglob("*.h"))
    assert names == ["tmirror.h", "tmirror_actions.h", "tmirror_typed.h"]
    source.write_text("".join(f"#include <{name}>\n" for name in names))
    subprocess.run([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-fsyntax-only",
                    *(flag for flag in flags if flag.startswith("-I")), source], check=True)


def test_every_action_has_a_function(installed):
    tree, _ = installed
    [header] = tree.rglob("tmirror_actions.h")
    rows = subprocess.run([BUILD / "src/controller/tmirror-controller", "--list-actions"], check=True, capture_output=True, text=True).stdout
    served = {":".join(line.split()[:2]).removeprefix("ec2:") for line in rows.splitlines()}
    assert set(re.findall(r'_action = \{"([A-Za-z:]+)"', header.read_text())) == served


CALL = """	{{
		struct tmirror_{1}_output *output = NULL;
		int r;

		error = (struct tmirror_error){{0}};
		r = tmirror_{0}(client, NULL, &output, &error);
		printf("{0} %d %s\\n", r, error.code);
		tmirror_output_free(output);
	}}
"""


def test_every_function_reads_what_the_controller_answers(controller, ec2, interfaces, installed, tmp_path):
    """Without parameters, and with something of each kind there; what needs parameters is refused for their lack."""
    make_session(ec2, interfaces["tap0"], interfaces["tap1"])
    make_balancer(controller, ec2)
    [header] = installed[0].rglob("tmirror_actions.h")
    functions = re.findall(r"^static inline int tmirror_([a-z0-9_]+)\(", header.read_text(), re.MULTILINE)
    source = tmp_path / "every.c"
    source.write_text("#include <stdio.h>\n#include <tmirror_actions.h>\nint main(void)\n{\n\tstruct tmirror_error error;\n"
                      "\tstruct tmirror_client *client;\n\tif (tmirror_client_new(NULL, &client, &error) != 0)\n\t\treturn 1;\n"
                      + "".join(CALL.format(name, name.removesuffix("_all")) for name in functions) + "\ttmirror_client_free(client);\n\treturn 0;\n}\n")
    build(source, tmp_path / "every", installed[1])
    done = subprocess.run([tmp_path / "every"], capture_output=True, text=True, timeout=60, env=environment(**controller.administrator),
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")
    results = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert set(results) == set(functions)
    assert {tuple(result) for result in results.values()} <= {("0",), ("1", "MissingParameter"), ("1", "ValidationError")}
    assert sum(result == ["0"] for result in results.values()) > 60


# Lists that are always empty here, what belongs to every answer, elements that only hold what a list has, and what only agents ask for.
UNTYPED = {"requestId", "RequestId", "RequestID", "ResponseMetadata", "Response", "Errors", "Error", "ErrorResponse", "Code", "Message", "Type",
           "item", "member", "routeTableIdSet", "groupSet", "dnsEntrySet", "messageSet", "prefixListSet", "CapacityReservationState", "HostKey"}


def test_typed_outputs_know_every_element_that_the_api_writes():
    """The first text of each call of the writer is an element's name."""
    written = {name for path in (ROOT / "src/api").glob("*.c") if not path.name.endswith("_test.c")
               for name in re.findall(r'\bxml_(?:open|text|number|count|boolean|time|text_if_set|set)\([^,"]+, "([A-Za-z0-9]+)"', path.read_text())}
    assert len(written) > 200
    lines = (SOURCES / "answers.txt").read_text().splitlines()
    typed = {line.split()[0] for line in lines if line.startswith("\t")}
    assert written - typed - UNTYPED == set()


def test_the_manual_is_clean(installed):
    tree, _ = installed
    [page] = tree.rglob("libtmirror.3*")
    done = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou", "-ww", "-rCHECKSTYLE=3", page], check=True, capture_output=True, text=True)
    assert done.stderr == "" and "tmirror_wait_for" in done.stdout
    for milestone in re.findall(r"^\t(TMIRROR_[A-Z_]+),", re.search(r"enum tmirror_milestone \{(.*?)\};", HEADERS[0].read_text(), re.DOTALL).group(1),
                                re.MULTILINE):
        assert milestone in page.read_text()


@pytest.mark.parametrize("checks", ["", "-fsanitize=thread"], ids=["plain", "thread-sanitizer"])
def test_clients_in_many_threads(controller, ec2, installed, tmp_path, checks):
    """Built from the library's sources where races are looked for: a sanitizer sees only what was compiled with it."""
    tree, flags = installed
    if checks and sanitizer():
        pytest.skip("two sanitizers do not go together")
    ec2.create_traffic_mirror_filter()
    if checks:
        sources = [ROOT / "src" / name for name in THREAD_SOURCES]
        sources += [path for path in SOURCES.glob("*.c") if not path.name.endswith("_test.c") and path.name != "example.c"]
        subprocess.run(["cc", "-std=gnu17", "-g", "-O1", checks, "-D_GNU_SOURCE", '-DTMIRROR_VERSION="test"', "-I", ROOT / "src",
                        "-I", SOURCES, "-I", BUILD / "src/sdk", THREADS, *sources, "-o", tmp_path / "threads", "-lcurl", "-lexpat", "-lgnutls"],
                       check=True)
    else:
        build(THREADS, tmp_path / "threads", flags, "-D_GNU_SOURCE")
    # The thread sanitizer of older compilers knows no addresses as random as today's.
    done = subprocess.run(["setarch", "--addr-no-randomize", tmp_path / "threads"], capture_output=True, text=True, timeout=100,
                          env=environment(**controller.administrator), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "8 threads, 320 answers, 1 aborted\n"


def test_the_page_about_the_sdk_speaks_of_what_there_is(controller, ec2, interfaces, installed, tmp_path):
    page = (ROOT / "docs/sdk.md").read_text()
    for name in re.findall(r"`(TMIRROR_[A-Z_]+|tmirror_[a-z_]+[a-z])`", page):
        assert any(name in header.read_text() for header in installed[0].rglob("*.h")), name
    source = tmp_path / "sessions.c"
    source.write_text(re.search(r"```c\n(.*?)```", page, re.DOTALL).group(1))
    build(source, tmp_path / "sessions", installed[1])
    session = make_session(ec2, interfaces["tap0"], interfaces["tap1"])
    done = subprocess.run([tmp_path / "sessions"], capture_output=True, text=True, timeout=60, env=environment(**controller.administrator),
                          check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, session + "\n", "")


SESSION_ACTIVE, HOST_CONNECTED, TARGETS_IN_SERVICE, LOAD_BALANCER_AVAILABLE, LOAD_BALANCER_DELETED, ENDPOINT_AVAILABLE, ENDPOINT_DELETED = range(7)


def make_session(ec2, source, sensor):
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=sensor)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    mirror_filter = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    ec2.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=mirror_filter, TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
                                          SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0")
    return ec2.create_traffic_mirror_session(NetworkInterfaceId=source, TrafficMirrorTargetId=target, TrafficMirrorFilterId=mirror_filter,
                                             SessionNumber=1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]


@pytest.fixture
def wait(controller, installed, tmp_path):
    """Begins to wait; what is returned tells how it ended."""
    build(USER.with_name("sdk_wait.c"), tmp_path / "wait", installed[1])

    def start(milestone, name, milliseconds=500):
        process = subprocess.Popen([tmp_path / "wait", str(milestone), name, str(milliseconds)], stdout=subprocess.PIPE, text=True,
                                   env=environment(**controller.administrator))
        return lambda: process.communicate(timeout=60)[0].rstrip("\n")

    return start


REACHED = "0 : "


def test_sessions_and_hosts_are_waited_for(controller, ec2, interfaces, wait):
    assert wait(HOST_CONNECTED, "web-1")() == REACHED
    coming = wait(HOST_CONNECTED, "web-2", 30000)
    assert controller.report("web-2", [("eth0", "host", [])]).status_code == 204
    assert coming() == REACHED

    controller.report("web-1", sessions=[])
    assert ec2.create_network_interface(SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"], PrivateIpAddress="192.0.2.9")
    sensor = ec2.describe_network_interfaces(Filters=[{"Name": "private-ip-address", "Values": ["192.0.2.9"]}])["NetworkInterfaces"][0]
    session = make_session(ec2, interfaces["tap0"], sensor["NetworkInterfaceId"])
    assert re.fullmatch(r"5 TimedOut: after 500 ms 'state' is '[a-z-]+'", wait(SESSION_ACTIVE, session)())
    coming = wait(SESSION_ACTIVE, session, 30000)
    revision = int(element(controller.query("DescribeTrafficMirrorHosts", HostName__1="web-1").text, "wantedRevision"))
    assert controller.report("web-1", revision=revision, sessions=[
        {"id": session, "epoch": "0123456789abcdef", "active": True, "reason": "",
         "counters": {"ingress": COUNTERS, "egress": COUNTERS}}]).status_code == 204
    assert coming() == REACHED
    assert wait(SESSION_ACTIVE, "tms-00000000000000000")().startswith("1 InvalidTrafficMirrorSessionId.NotFound: ")


def make_balancer(controller, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = controller.client("elbv2").create_load_balancer(Name="sensors", Type="gateway", Subnets=[subnet])
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def test_balancers_and_endpoints_are_waited_for(controller, ec2, wait):
    elb = controller.client("elbv2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    balancer = make_balancer(controller, ec2)
    assert wait(LOAD_BALANCER_AVAILABLE, balancer)() == REACHED
    service = ec2.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=[balancer], AcceptanceRequired=True)["ServiceConfiguration"]

    def make_endpoint():
        return ec2.create_vpc_endpoint(VpcEndpointType="GatewayLoadBalancer", VpcId=subnet["VpcId"], SubnetIds=[subnet["SubnetId"]],
                                       ServiceName=service["ServiceName"])["VpcEndpoint"]["VpcEndpointId"]

    first, second = make_endpoint(), make_endpoint()
    assert wait(ENDPOINT_AVAILABLE, first)() == "5 TimedOut: after 500 ms 'state' is 'pendingAcceptance'"
    accepted, rejected = wait(ENDPOINT_AVAILABLE, first, 30000), wait(ENDPOINT_AVAILABLE, second, 30000)
    ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[first])
    ec2.reject_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[second])
    assert accepted() == REACHED and rejected() == "5 Failed: 'state' is 'rejected'"

    assert wait(ENDPOINT_DELETED, first)() == "5 TimedOut: after 500 ms it is still there"
    deleted = wait(ENDPOINT_DELETED, first, 30000)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[first, second])
    assert deleted() == REACHED
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert wait(LOAD_BALANCER_DELETED, balancer)() == REACHED


def test_members_are_waited_for(controller, ec2, wait):
    """No host sends to them, so they are not healthy."""
    elb = controller.client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elb.create_target_group(Name="sensors", Protocol="GENEVE", Port=6081, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    assert wait(TARGETS_IN_SERVICE, group)() == "5 TimedOut: after 500 ms there is nothing"
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "192.0.2.7"}])
    assert wait(TARGETS_IN_SERVICE, group)() == "5 TimedOut: after 500 ms 'TargetHealth/State' is 'unused'"
