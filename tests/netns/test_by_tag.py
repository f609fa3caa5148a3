"""Mirroring by tag: an interface that appears with the tag is heard at the sensor, one that loses it no more, others never."""
import collections
import json

import pytest
from scapy.all import IP, UDP, Ether
from scene import wait_for
from test_mirroring import send_udp, settled_counters

pytestmark = pytest.mark.sanitized

SHOP, WEB = "10.9.1.4", "10.9.1.3"


def sessions(scene):
    return json.loads(scene.tmirror("session", "list", "-o", "json"))


def heard(sensed):
    """How many copies came of what was sent to whom, by address and port."""
    frames = [frame for frame in map(Ether, sensed.copies(9)) if UDP in frame]
    return collections.Counter((frame[IP].dst, frame[UDP].dport) for frame in frames)


def test_tags_say_what_is_mirrored(scene):
    """A device's name is its tag from the first report on, until somebody gives it another one."""
    sensed = scene.sensor_capture()
    everything = scene.filter({"TrafficDirection": "ingress", "Protocol": 17})
    scene.tmirror("selector", "create", "--tag-filter", "Name=shop*", "--traffic-mirror-target-id", scene.appliance(),
                  "--traffic-mirror-filter-id", everything, "--session-number", "1", "--virtual-network-id", "9")
    scene.settle()
    assert sessions(scene) == []
    scene.instance("shop1", SHOP, "fd09:1::4", bridge=True)
    session, = wait_for("the new interface is mirrored", lambda: sessions(scene))
    scene.settle()
    send_udp(scene, SHOP, [4001] * 20)
    send_udp(scene, WEB, [4002] * 20)
    sensed.wait_copies(20, 9)
    assert settled_counters(scene, session)["Ingress"]["Shipped"]["Packets"] == 20

    # The tag is taken away: its session ends, and another one's begins, whose copies show that the first are not just late.
    shop = session["NetworkInterfaceId"]
    scene.tmirror("interface", "modify", shop, "--tag", "Name=attic")
    assert sessions(scene) == []
    scene.tmirror("interface", "modify", scene.interface("web"), "--tag", "Name=shop2")
    scene.settle()
    send_udp(scene, SHOP, [4003] * 20)
    send_udp(scene, WEB, [4004] * 10)
    sensed.wait_copies(30, 9)
    assert heard(sensed) == {(SHOP, 4001): 20, (WEB, 4004): 10}
    last, = sessions(scene)
    assert last["NetworkInterfaceId"] == scene.interface("web")
    assert settled_counters(scene, last)["Ingress"]["Shipped"]["Packets"] == 10
