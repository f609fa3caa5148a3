"""An appliance that was deregistered keeps the connections that it has, for as long as they go on."""
import time

import pytest
from fleet import Connections
from scene import is_sanitized
from test_fleet import make_scene, seen_whole, settled, vxlan_copies  # noqa: F401, the fixture is found by its name

REMEMBERED = 120  # Seconds for which idle flows are remembered: the least that a group can have, for UDP's.


def deregister_at_once(scene, group, members):
    """Without delay, but connections are not to be cut."""
    elb = scene.elb()
    scene.tmirror("listener", "modify", "network:4789", "--tcp-idle", "60")
    attributes = {"timeout_seconds": "0", "connection_termination.enabled": "false"}
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[
        {"Key": f"deregistration_delay.{key}", "Value": value} for key, value in attributes.items()])
    elb.deregister_targets(TargetGroupArn=group, Targets=members)
    scene.settle()


@pytest.mark.skipif(is_sanitized(), reason="two minutes of waiting, once: what ships is what counts here")
def test_a_connection_that_never_pauses_is_seen_whole(make_scene):  # noqa: F811
    scene = make_scene(4790)
    with scene.host.entered():
        scene.start_controller()
        scene.start_agent()
        scene.listen()
        balancer, group = scene.balancer("network", "UDP", scene.members(0, 1))
        scene.balanced_session(NetworkLoadBalancerArn=balancer)
        connections = Connections(scene)
        ports = connections.open(20)
        connections.talk(b"to begin with")
        owners = seen_whole(*settled(scene, vxlan_copies), ports)
        assert set(owners.values()) == {0, 1}
        deregister_at_once(scene, group, scene.members(0))
        assert scene.elb().describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["Target"]["Id"] == \
            scene.address(1)
        end = time.monotonic() + REMEMBERED + 10
        while time.monotonic() < end:
            connections.talk(b"still here")
            time.sleep(5)  # Between words of a connection that is alive: it must outlast what is remembered of idle ones.
        late = connections.open(20)
        connections.talk(b"and still")
        now = seen_whole(*settled(scene, vxlan_copies), ports | late)
        assert {port: now[port] for port in ports} == owners
        assert {now[port] for port in late} == {1}
        connections.close()
