"""Somebody looks at what a session copies: he sees what the sensor sees, no more than a hundred packets a second of it, and nothing of
it stays anywhere."""
import base64
import json
import signal
import socket
import subprocess
import time

import pytest
from scapy.all import UDP, Ether, PcapReader
from scene import CLI, enter, patient, wait_for

pytestmark = pytest.mark.sanitized

WEB = "10.9.1.3"
MARK = b"somebody's own words "
PACKETS_PER_SECOND = 100


class Peek:
    """`tmirror peek` in the background: into a file, or as objects of JSON."""

    def __init__(self, scene, session, *options, write=True):
        self.path = scene.directory / f"peek{len(scene.processes)}"
        self.output = open(self.path, "wb")
        command = [CLI, "--credentials", scene.state / "credentials.env", "peek", session, *map(str, options)]
        command += ["-w", "-"] if write else ["-o", "json"]
        self.process = subprocess.Popen(command, stdout=self.output, stderr=subprocess.PIPE, text=True)
        scene.processes.append(self.process)

    def frames(self):
        """Bytes with the length on the wire and the time of capture."""
        if self.path.stat().st_size < 60:
            return []
        with PcapReader(str(self.path)) as reader:
            return [(bytes(packet), packet.wirelen, float(packet.time)) for packet in reader]

    def objects(self):
        text, decoder, found = self.path.read_text(), json.JSONDecoder(), []
        while text := text.lstrip():
            try:
                value, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break  # The rest is being written.
            found.append(value)
            text = text[end:]
        return found

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(patient(10)) == 0, self.process.stderr.read()
        self.process.stderr.close()
        self.output.close()


class Traffic:
    """Datagrams from client to web, by their numbers."""

    def __init__(self, scene):
        enter(scene.client.path)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        enter(scene.host.path)
        self.sent = 0

    def send(self, size=200):
        self.sent += 1
        self.socket.sendto(MARK + self.sent.to_bytes(4, "big").ljust(size, b"."), (WEB, 7000))


def numbered(frame):
    """The number of a datagram of ours, or None."""
    position = frame.find(MARK)
    return int.from_bytes(frame[position + len(MARK):position + len(MARK) + 4], "big") if position > 0 else None


@pytest.fixture
def session(scene):
    scene.offloads(False)
    rule = {"TrafficDirection": "ingress", "Protocol": 17}
    return scene.session("web", scene.appliance(), scene.filter(rule), VirtualNetworkId=7)["TrafficMirrorSessionId"]


@pytest.fixture
def traffic(scene):
    return Traffic(scene)


def sends_until(traffic, what, condition):
    """Sends a datagram now and then until it is so."""
    def sent():
        traffic.send()
        time.sleep(0.02)  # Not so many that what is asked for would be passed over.
        return condition()
    return wait_for(what, sent)


def test_what_is_seen_is_what_the_sensor_gets(scene, session, traffic):
    sensed = scene.sensor_capture()
    whole, heads = Peek(scene, session, "-s", 9216), Peek(scene, session, write=False)
    sends_until(traffic, "both see something", lambda: whole.frames() and heads.objects())
    first = traffic.sent + 1
    for size in range(30, 1400, 30):
        traffic.send(size)
    copies = wait_for("all are at the sensor", lambda: of_ours(sensed.copies(7), first, traffic.sent))
    frames = wait_for("all are seen", lambda: of_ours([frame for frame, _, _ in whole.frames()], first, traffic.sent))
    assert frames == copies, "byte for byte"
    times = {numbered(frame): when for frame, _, when in whole.frames() if numbered(frame) is not None}
    assert all(abs(when - time.time()) < patient(60) for when in times.values())
    assert all(times[number] < times[number + 1] for number in range(first, traffic.sent))
    assert all(length == len(frame) for frame, length, _ in whole.frames())
    seen = wait_for("all are told", lambda: len(heads.objects()) >= len(copies) and heads.objects())[-len(copies):]
    check_objects(seen, copies)
    whole.end()
    heads.end()


def of_ours(frames, first, last):
    found = {numbered(frame): frame for frame in frames if first <= (numbered(frame) or 0) <= last}
    return found if len(found) == last - first + 1 else None


def check_objects(seen, copies):
    """By its defaults, somebody sees heads of packets, and a line about each.  They were seen by another at full length."""
    for entry, frame in zip(seen, copies.values()):
        assert base64.b64decode(entry["Data"]) == frame[:128], entry
        assert entry["Length"] == len(frame) and entry["TrafficDirection"] == "ingress"
        udp = Ether(frame)[UDP]
        assert entry["Summary"] == f"10.9.1.2:{udp.sport} > 10.9.1.3:7000 UDP length {len(udp.payload)}"


def test_a_flood_is_sampled_and_shipped(scene, session, traffic):
    """Of many packets a hundred a second are seen, the others counted; and all are shipped as ever."""
    peek = Peek(scene, session, write=False)
    sends_until(traffic, "something is seen", peek.objects)
    begun = time.monotonic()
    while time.monotonic() < begun + 2:
        traffic.send(60)
        if traffic.sent % 20 == 0:
            time.sleep(0.001)
    flooded = traffic.sent
    sends_until(traffic, "a packet after the flood", lambda: numbered_last(peek) > flooded)
    lasted = time.monotonic() - begun
    peek.end()
    seen = peek.objects()
    assert len(seen) <= PACKETS_PER_SECOND * (lasted + 1) + 50, f"{len(seen)} in {lasted} s"
    assert len(seen) > PACKETS_PER_SECOND, "nor are there many fewer"
    assert sum(entry["Skipped"] for entry in seen) > 5 * len(seen), "there was a flood"
    assert [entry["Number"] for entry in seen] == list(range(1, len(seen) + 1))

    def shipped():
        ingress = scene.status(session)["Ingress"]
        return ingress["Shipped"]["Packets"] == ingress["Accepted"]["Packets"] == traffic.sent
    wait_for("every copy is shipped", shipped)
    first = min(number for entry in seen if (number := number_of(entry)))
    last = max(number for entry in seen if (number := number_of(entry)))
    assert sum(entry["Skipped"] for entry in seen[1:]) + len(seen) == last - first + 1, "each packet was seen or counted"


def number_of(entry):
    return numbered(base64.b64decode(entry["Data"])) or 0


def numbered_last(peek):
    objects = peek.objects()
    return number_of(objects[-1]) if objects else 0


def test_nothing_is_kept(scene, session, traffic):
    """When the look is over nothing of it is anywhere: not in the store, not in a log, nor in the answer to who looks anew."""
    peek = Peek(scene, session, "-s", 9216)
    sends_until(traffic, "something is seen", peek.frames)
    assert any(MARK in frame for frame, _, _ in peek.frames())
    peek.end()
    again = Peek(scene, session, write=False)
    first = traffic.sent + 1
    sends_until(traffic, "something is seen", again.objects)
    assert number_of(again.objects()[0]) >= first
    again.end()
    for directory in (scene.state, scene.directory / "agent"):
        for path in directory.rglob("*"):
            assert not path.is_file() or MARK not in path.read_bytes(), path
    for program in ("tmirror-controller", "tmirror-agent"):
        assert MARK.decode() not in scene.log(program)
    events = scene.tmirror("events", "-o", "json")
    assert "StartTrafficMirrorPeek" in events and "StopTrafficMirrorPeek" in events and MARK.decode() not in events
