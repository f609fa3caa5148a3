"""The appliance's end: VXLAN from the wire into a capture file, a pipe or a TAP device, judged by Wireshark's tools."""
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import time

import pytest
from command import TMIRROR, environment, tmirror
from scapy.all import IP, UDP, Ether, IPv6, raw

FRAME = raw(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=1, dport=2) / (b"x" * 100))
FRAME6 = raw(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IPv6(src="fd00::1", dst="fd00::2") / UDP(sport=1, dport=2) / (b"y" * 57))


def vxlan(frame, vni=7, flags=0x08000000):
    return struct.pack(">II", flags, vni << 8) + frame


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


class Receiver:
    def __init__(self, *words, before=(), **options):
        self.port = free_port()
        self.process = subprocess.Popen(
            [*before, TMIRROR, "receive", "--port", str(self.port), *map(str, words)],
            stderr=subprocess.PIPE, text=True, env=environment(), **options)
        assert f"port {self.port}" in self.process.stderr.readline()

    def send(self, *datagrams, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            for datagram in datagrams:
                sender.sendto(datagram, (address, self.port))

    def end(self, number=signal.SIGINT):
        """Interrupts, as ^C does; returns what was counted."""
        self.process.send_signal(number)
        return self.result()

    def result(self):
        _, errors = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, errors
        return errors


@contextlib.contextmanager
def receiving(*words, **options):
    receiver = Receiver(*words, **options)
    try:
        yield receiver
    finally:
        receiver.process.kill()
        receiver.process.wait()


def tshark(path, *fields):
    """The fields of each packet."""
    words = [word for field in fields for word in ("-e", field)]
    output = subprocess.run(["tshark", "-r", path, "-T", "fields", *words], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in output.splitlines()]


def counts(line):
    """Of the last line, printed with -o json."""
    return json.loads(line.splitlines()[-1])


def test_a_file_holds_what_came(tmp_path):
    path = tmp_path / "a.pcapng"
    before = time.time()
    with receiving("-w", path, "--count", 4) as receiver:
        receiver.send(vxlan(FRAME), vxlan(FRAME6, vni=0xFFFFFF))
        receiver.send(vxlan(FRAME[:35]), vxlan(FRAME6[:55]), address="::1")
        receiver.result()
    rows = tshark(path, "frame.time_epoch", "frame.cap_len", "frame.len", "ip.dst", "ipv6.dst", "udp.dstport")
    assert [row[1:] for row in rows] == [
        [str(len(FRAME)), str(len(FRAME)), "10.0.0.2", "", "2"],
        [str(len(FRAME6)), str(len(FRAME6)), "", "fd00::2", "2"],
        ["35", str(len(FRAME)), "10.0.0.2", "", ""],
        ["55", str(len(FRAME6)), "", "fd00::2", ""],
    ]
    assert all(before - 1 < float(row[0]) < time.time() + 1 for row in rows)
    described = subprocess.run(["capinfos", path], check=True, capture_output=True, text=True).stdout
    assert "nanoseconds" in described and "tmirror" in described and "Ethernet" in described


def test_strangers_are_counted_and_left_out(tmp_path):
    path = tmp_path / "a.pcapng"
    with receiving("-w", path, "--vni", 7, "-o", "json", "-c", 2) as receiver:
        receiver.send(vxlan(FRAME), b"", b"junk", vxlan(FRAME[:13]), vxlan(FRAME, flags=0), vxlan(FRAME, vni=8), vxlan(FRAME))
        result = counts(receiver.result())
    assert result == {"Frames": 2, "Bytes": 2 * len(FRAME), "OtherVni": 1, "Malformed": 4, "RefusedByDevice": 0, "DroppedByKernel": 0}
    assert len(tshark(path, "frame.number")) == 2


def test_trains_are_taken_apart(tmp_path):
    """Datagrams that the sender's kernel was given as one, as the agent does; the last is shorter."""
    path = tmp_path / "a.pcapng"
    wagons = [vxlan(FRAME)] * 40 + [vxlan(FRAME6)]
    with receiving("-w", path, "-o", "json", "--count", 41) as receiver:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.IPPROTO_UDP, 103, len(wagons[0]))  # UDP_SEGMENT
            sender.sendto(b"".join(wagons), ("127.0.0.1", receiver.port))
        assert counts(receiver.result())["Bytes"] == 40 * len(FRAME) + len(FRAME6)
    assert tshark(path, "frame.len") == [[str(len(FRAME))]] * 40 + [[str(len(FRAME6))]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_file_is_whole(tmp_path, number):
    path = tmp_path / "a.pcapng"
    with receiving("-w", path, "-o", "json") as receiver:
        receiver.send(*[vxlan(FRAME)] * 500)
        deadline = time.monotonic() + 20
        while path.stat().st_size < 500 * (len(FRAME) + 32):  # An enhanced packet block has 32 bytes around the frame.
            assert time.monotonic() < deadline
            time.sleep(0.01)
        result = counts(receiver.end(number))
    assert result["Frames"] == 500
    assert len(tshark(path, "frame.number")) == 500


def test_a_pipe_shows_packets_at_once():
    with receiving("-w", "-", stdout=subprocess.PIPE) as receiver:
        shark = subprocess.Popen(["tshark", "-l", "-r", "-", "-T", "fields", "-e", "udp.dstport"],
                                 stdin=receiver.process.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            receiver.send(vxlan(FRAME))
            assert shark.stdout.readline() == "2\n"
            assert receiver.process.poll() is None
        finally:
            receiver.process.stdout.close()
            shark.kill()
            shark.wait()


def test_a_reader_that_leaves_is_no_failure():
    with receiving("-w", "-", stdout=subprocess.PIPE) as receiver:
        receiver.process.stdout.close()
        receiver.process.stdout = None
        receiver.send(vxlan(FRAME))
        assert "received" in receiver.result()


def test_time_ends_it(tmp_path):
    started = time.monotonic()
    with receiving("-w", tmp_path / "a", "--duration", 1) as receiver:
        receiver.result()
    assert 0.9 < time.monotonic() - started < 10


def test_one_address_is_listened_on(tmp_path):
    with receiving("-w", tmp_path / "a", "--listen", "127.0.0.2", "-c", 1, "-o", "json") as receiver:
        receiver.send(vxlan(FRAME), address="127.0.0.1")
        receiver.send(vxlan(FRAME6), address="127.0.0.2")
        assert counts(receiver.result())["Bytes"] == len(FRAME6)


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a device: needs root")
def test_a_tap_device_shows_the_frames():
    """In a namespace of its own; what listens there sees the frames, and the machine's stack says nothing."""
    script = f"""
        set -e
        ip link set lo up
        {TMIRROR} receive --port 4789 --tap seen -o json &
        receiver=$!
        for try in $(seq 500); do grep -q seen: /proc/net/dev && break; sleep 0.01; done
        timeout 20 tcpdump -i seen -w - -U -c 3 --immediate-mode > "$1" 2> "$1.log" &
        watcher=$!
        for try in $(seq 500); do grep -q listening "$1.log" && break; sleep 0.01; done
        /usr/bin/python3 -c '
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(3):
        sender.sendto(bytes.fromhex(sys.argv[1]), ("127.0.0.1", 4789))
' {vxlan(FRAME).hex()}
        wait $watcher   # The device goes with the receiver, and what nobody has read of it with the device.
        kill -INT $receiver
        wait $receiver
    """
    path = f"/tmp/tmirror-tap-{os.getpid()}"
    try:
        done = subprocess.run(["unshare", "--net", "bash", "-c", script, "bash", path], capture_output=True, text=True, timeout=60, env=environment())
        assert done.returncode == 0, done.stderr
        assert counts(done.stderr)["Frames"] == 3
        assert tshark(path, "frame.len", "udp.dstport") == [[str(len(FRAME)), "2"]] * 3
    finally:
        for name in (path, path + ".log"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(name)


@pytest.mark.parametrize("words, status, text", [
    ((), 2, "say where to"),
    (("-w", "a", "--tap", "b"), 2, "say where to"),
    (("-w", "/nonexistent/a"), 1, "No such file"),
    (("-w", "/dev/null", "--port", "0"), 2, "not a number from 1 to 65535"),
    (("-w", "/dev/null", "--port", "65536"), 2, "not a number"),
    (("-w", "/dev/null", "--vni", "16777216"), 2, "not a number"),
    (("-w", "/dev/null", "--count", "-1"), 2, "not a number"),
    (("-w", "/dev/null", "--listen", "localhost"), 2, "not an address"),
    (("-w", "/dev/null", "--listen", "203.0.113.1"), 1, "UDP port"),
    (("--tap", "a/b"), 1, "no name for a device"),
])
def test_what_cannot_be_is_refused(words, status, text):
    done = tmirror("receive", *words)
    assert done.returncode == status
    assert done.stderr.startswith("tmirror: ") and done.stderr.count("\n") == 1 and text in done.stderr
