"""Appliances that die, answer wrongly, flap and return: who serves is found out by the host alone.

A check takes a second here, so that a scene sees many; the API grants five at least.
"""
import socket
import subprocess
import time

import pytest
from fleet import CHECK_PORT, FLEET, VNI, Connections, FleetScene, Responder
from scapy.all import TCP, Ether
from scene import enter, wait_for

MEMBERS = 3


@pytest.fixture
def scene(request):
    scene = FleetScene(request.node.name[:24], MEMBERS, 4789)
    try:
        with scene.host.entered():
            yield scene
    finally:
        print(scene.log("tmirror-agent"))
        scene.close()


def check(protocol, **more):
    return {"protocol": protocol, "interval": 1, "timeout": 1, "healthy_threshold": 2, "unhealthy_threshold": 2,
            **({"path": "/health", "codes": "200-399"} if protocol.startswith("http") else {}), **more}


def states(scene):
    """Per member's number, as the last report has it: its state, and why."""
    report = scene.report()
    return {int(member["id"].split(".")[2]) - 10: (member["state"], member.get("reason", ""))
            for member in report.get("members", []) if member["fleet"] == FLEET}


def await_states(scene, *expected, seconds=20):
    expected = {number: state if isinstance(state, tuple) else (state, "") for number, state in enumerate(expected)}
    try:
        wait_for("the report tells the members' states", lambda: states(scene) == expected, seconds)
    except AssertionError:
        raise AssertionError(f"{states(scene)} are not {expected}") from None


def begin(scene, **options):
    scene.start_door()
    scene.listen()
    scene.start_fleet_agent()
    scene.publish(range(MEMBERS), **options)


UNHEALTHY, TIMEOUT, MISMATCH = (("unhealthy", reason) for reason in ("FailedHealthChecks", "Timeout", "ResponseCodeMismatch"))


def settle(scene):
    """Until every packet of production has been copied to a sensor.  Returns how many copies each has."""
    def counts():
        copies = [sensor.count() for sensor in scene.sensors]
        return copies if sum(copies) == scene.production.count() else None
    return wait_for("what production carries arrives", counts)


def fresh_copies(scene, connections, count=60):
    """Which sensors get copies of new connections, by number."""
    before = settle(scene)
    connections.open(count)
    wait_for("production saw the connections", lambda: scene.production.count() >= sum(before) + 3 * count)
    return {number for number, copies in enumerate(settle(scene)) if copies > before[number]}


def copies_go_to(scene, connections, sensors):
    """A word of the agent's about an appliance comes a moment before its flows are given to others, and so do some new connections."""
    wait_for(f"new connections' copies go to {sensors}", lambda: fresh_copies(scene, connections) == sensors)
    assert fresh_copies(scene, connections) == sensors


@pytest.mark.alone
def test_traffic_leaves_a_dead_appliance_in_time(scene):
    """By TCP, with a saved plan only: the door is shut before the appliance dies."""
    responders = [Responder(scene, number) for number in range(MEMBERS)]
    begin(scene, check=check("tcp"))
    await_states(scene, "healthy", "healthy", "healthy")
    connections = Connections(scene)
    connections.open(100)
    copies_go_to(scene, connections, {0, 1, 2})
    scene.door.shutdown()
    scene.door.server_close()
    scene.agent.kill()
    scene.agent.wait()
    scene.start_fleet_agent()
    wait_for("its successor knows who is healthy", lambda: scene.log("tmirror-agent").count("is healthy") == 2 * MEMBERS)
    # Talks all the while, so that the sensor tells when its copies ended.
    died = time.time()
    responders[1].stop()
    while "10.9.11.2 port 4789" not in unhealthy(scene):
        connections.talk(b"is anybody there")
        assert time.time() < died + 20
    told = time.time()
    connections.talk(b"and after that")
    copies_go_to(scene, connections, {0, 2})
    last = max(moment for _, moment in scene.sensors[1].timed_frames())
    print(f"the last copy left for the dead appliance {last - died:.2f} s after it died, {last - told:+.2f} s after the verdict")
    # An interval at most until the first check is missed, and interval times threshold from there on.
    assert last - died < 1 + 1 * 2 + 0.5
    responders[1] = Responder(scene, 1)
    wait_for("it is back", lambda: scene.log("tmirror-agent").count("is healthy") == 2 * MEMBERS + 1)
    copies_go_to(scene, connections, {0, 1, 2})
    connections.close()
    for responder in responders:
        responder.stop()


def unhealthy(scene):
    return "".join(line for line in scene.log("tmirror-agent").splitlines() if "is unhealthy" in line)


def test_answers_of_http(scene):
    responders = [Responder(scene, 0, 302), Responder(scene, 1, 503)]
    scene.appliances[2].run("ip", "address", "flush", "dev", "eth0")  # So that nobody answers there.
    begin(scene, check=check("http"))
    await_states(scene, "healthy", MISMATCH, TIMEOUT)
    # Redirections are not followed, and the path is asked as it is.
    assert set(responders[0].asked) == {"GET /health HTTP/1.1"}
    responders[0].status, responders[1].status = 404, 200
    await_states(scene, MISMATCH, "healthy", TIMEOUT)
    for responder in responders:
        responder.stop()


def test_a_certificate_of_nobody(scene):
    certificate = scene.directory / "responder.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody", "-days", "1",
                    "-keyout", certificate, "-out", scene.directory / "only.pem"], check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + (scene.directory / "only.pem").read_text())
    responders = [Responder(scene, 0, 200, certificate), Responder(scene, 1, 500, certificate), Responder(scene, 2, 200)]
    begin(scene, check=check("https"))
    await_states(scene, "healthy", MISMATCH, UNHEALTHY)
    for responder in responders:
        responder.stop()


def test_sensors_that_speak_nothing_but_udp(scene):
    """One listens, one does not, one is not there."""
    enter(scene.appliances[0].path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sensor:
        sensor.bind(("10.9.10.2", CHECK_PORT))
        enter(scene.host.path)
        scene.host.ip("neighbour", "delete", "10.9.12.2", "dev", "fleet2")
        scene.appliances[2].run("ip", "link", "set", "eth0", "arp", "off")
        begin(scene, check=check("udp"))
        await_states(scene, "healthy", UNHEALTHY, TIMEOUT)
        scene.appliances[2].run("ip", "link", "set", "eth0", "arp", "on")
        await_states(scene, "healthy", UNHEALTHY, UNHEALTHY)  # Nobody listens there either.
    await_states(scene, UNHEALTHY, UNHEALTHY, UNHEALTHY)


def test_echoes(scene):
    begin(scene, check=check("icmp"))
    await_states(scene, "healthy", "healthy", "healthy")
    scene.appliances[1].run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
    await_states(scene, "healthy", TIMEOUT, "healthy")
    scene.appliances[1].run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=0")
    await_states(scene, "healthy", "healthy", "healthy")


def test_with_nobody_healthy_all_serve(scene):
    begin(scene, check=check("tcp"))
    await_states(scene, UNHEALTHY, UNHEALTHY, UNHEALTHY)
    connections = Connections(scene)
    copies_go_to(scene, connections, {0, 1, 2})
    responder = Responder(scene, 2)
    await_states(scene, UNHEALTHY, UNHEALTHY, "healthy")
    copies_go_to(scene, connections, {2})
    connections.close()
    responder.stop()


def test_who_flaps_waits_longer_each_time(scene):
    responders = [Responder(scene, number, 200) for number in range(MEMBERS)]
    begin(scene, check=check("http"))
    await_states(scene, "healthy", "healthy", "healthy")
    passes = []
    for _ in range(3):
        responders[1].status = 500
        await_states(scene, "healthy", MISMATCH, "healthy")
        responders[1].asked.clear()
        responders[1].status = 200
        await_states(scene, "healthy", "healthy", "healthy")
        passes.append(len(responders[1].asked))
    print(f"passed checks before it was healthy again: {passes}")
    for passed, wanted in zip(passes, (2, 4, 8), strict=True):
        assert wanted <= passed <= wanted + 1
    for responder in responders:
        responder.stop()


def test_target_health_by_the_api_and_without_it(scene):
    """DescribeTargetHealth tells what the host found; the controller is killed before the next appliance dies."""
    responders = [Responder(scene, number, 200) for number in range(MEMBERS)]
    scene.start_controller()
    scene.start_agent()
    scene.listen()
    elb = scene.elb()
    balancer, group = scene.balancer("network", "UDP", scene.members(*range(MEMBERS)))
    elb.modify_target_group(TargetGroupArn=group, HealthCheckProtocol="HTTP", HealthCheckPort=str(CHECK_PORT), HealthCheckPath="/health",
                            HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2, UnhealthyThresholdCount=2)

    def health():
        found = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [(item["TargetHealth"]["State"], item["TargetHealth"].get("Reason"))
                for item in sorted(found, key=lambda item: item["Target"]["Id"])]

    assert {state for state, _ in health()} == {"unused"}
    scene.balanced_session(NetworkLoadBalancerArn=balancer)
    wait_for("all are healthy", lambda: health() == [("healthy", None)] * 3)
    responders[0].status = 500
    mismatch = ("unhealthy", "Target.ResponseCodeMismatch")
    wait_for("one is not any more", lambda: health() == [mismatch, ("healthy", None), ("healthy", None)])
    connections = Connections(scene)
    copies_go_to(scene, connections, {1, 2})
    scene.controller.kill()
    scene.controller.wait()
    responders[1].stop()
    wait_for("the host finds out alone", lambda: "10.9.11.2 port 4789" in unhealthy(scene))
    copies_go_to(scene, connections, {2})
    connections.close()
    for number in (0, 2):
        responders[number].stop()


def test_checks_are_not_mirrored(scene):
    """A session on the device that checks leave by sees another's connection to the same port, and no question of theirs."""
    responders = [Responder(scene, number) for number in range(MEMBERS)]
    begin(scene, check=check("tcp"), device="fleet1")
    syn = f"tcp dst port {CHECK_PORT} and tcp[tcpflags] & tcp-syn != 0"
    checks = scene.capture(scene.appliances[1], "eth0", syn, "checks")
    await_states(scene, "healthy", "healthy", "healthy")
    asked = checks.count()
    with socket.create_connection(("10.9.11.2", CHECK_PORT)) as other:
        port = other.getsockname()[1]
    wait_for("the other's connection was copied", lambda: len(asking_ports(scene)) >= 3)
    wait_for("it was checked three times more", lambda: checks.count() >= asked + 4)
    assert set(asking_ports(scene)) == {port}
    for responder in responders:
        responder.stop()


def asking_ports(scene):
    """Whom the copied segments to the check port are from."""
    segments = [Ether(copy)[TCP] for sensor in scene.sensors for copy in sensor.copies(VNI)]
    return [tcp.sport for tcp in segments if tcp.dport == CHECK_PORT]
