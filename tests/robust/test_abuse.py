"""Strangers who mean harm: whatever they send, hold back or open, memory stays bounded and others are served meanwhile.

They come from addresses of their own, since each address may have no more than its share of the connections; the honest
client, who asks over and over on new connections, comes from another."""
import os
import resource
import socket
import ssl
import statistics
import threading
import time
from urllib.parse import urlsplit

import pytest
from controller import Controller
from conftest import STARTED

DEADLINE = 5        # Seconds within which an honest client has its answer.
CONNECTIONS = 4096  # What the server has in all.
HOME = "127.0.0.1"


class Bystander(threading.Thread):
    """The honest client."""

    def __init__(self, controller):
        super().__init__()
        self.controller, self.took, self.errors, self.over = controller, [], [], threading.Event()

    def run(self):
        while not self.over.is_set():
            before = time.monotonic()
            try:
                answer = self.controller.query("DescribeTrafficMirrorFilters")
                if answer.status_code != 200:
                    self.errors.append(answer.text)
            except Exception as error:  # pylint: disable=broad-except
                self.errors.append(error)
            self.took.append(time.monotonic() - before)
            self.over.wait(0.2)


class Victim:
    def __init__(self, controller):
        self.controller, self.process = controller, controller.process.pid
        self.port = urlsplit(controller.url).port
        self.descriptors = self.count_descriptors()
        self.before = self.memory("VmRSS")

    def memory(self, name):
        """In MiB."""
        with open(f"/proc/{self.process}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name + ":"))

    def count_descriptors(self):
        return len(os.listdir(f"/proc/{self.process}/fd"))

    def connect(self, stranger=0, tls=False):
        address = f"127.0.{1 + stranger // 250}.{1 + stranger % 250}"
        connection = socket.create_connection((HOME, self.port), timeout=30, source_address=(address, 0))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not tls:
            return connection
        context = ssl.create_default_context(cafile=self.controller.administrator["AWS_CA_BUNDLE"])
        return context.wrap_socket(connection, server_hostname=HOME)

    def await_peace(self):
        """All that strangers have opened is closed again."""
        deadline = time.monotonic() + 30
        while self.count_descriptors() > self.descriptors + 4:
            assert time.monotonic() < deadline, f"{self.count_descriptors()} descriptors, {self.descriptors} before"
            time.sleep(0.1)


@pytest.fixture
def victim(state, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # A sanitizer keeps freed memory for a while, which would look like growth.
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8")
    controller = Controller(state, "--rate", "*=unlimited")
    STARTED.append(controller)
    controller.start()
    for _ in range(20):
        assert controller.query("DescribeTrafficMirrorFilters").status_code == 200
    victim = Victim(controller)
    bystander = Bystander(controller)
    bystander.start()
    yield victim
    bystander.over.set()
    bystander.join()
    victim.await_peace()
    print(f"{len(bystander.took)} answers, median {statistics.median(bystander.took) * 1000:.0f} ms, slowest "
          f"{max(bystander.took) * 1000:.0f} ms; memory {victim.before:.0f} MiB before, {victim.memory('VmHWM'):.0f} at most, "
          f"{victim.memory('VmRSS'):.0f} after")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert bystander.errors == [] and max(bystander.took) < DEADLINE
    assert controller.stop() == 0
    assert "Sanitizer" not in controller.log() and "runtime error" not in controller.log()


def close_all(connections):
    for connection in connections:
        connection.close()


def read_reply(connection):
    """All until the server closes, or falls silent."""
    connection.settimeout(DEADLINE)
    heard = b""
    try:
        while piece := connection.recv(1 << 16):
            heard += piece
    except (OSError, ssl.SSLError):
        pass
    return heard


def half_close(connection):
    """Without the end of TLS that the library's own way brings along."""
    socket.socket.shutdown(connection, socket.SHUT_WR)


def status_of(heard):
    return int(heard.split(b" ", 2)[1]) if heard.startswith(b"HTTP/1.1 ") else None


def test_more_connections_than_there_are(victim):
    """A TLS handshake that never comes, on more connections than the server has."""
    connections = [victim.connect(number // 400) for number in range(CONNECTIONS + 400)]
    time.sleep(1)
    assert victim.memory("VmRSS") < victim.before + 300
    close_all(connections)


def test_handshakes_left_hanging(victim):
    """The beginning of a ClientHello, and then nothing."""
    connections = [victim.connect(number // 100) for number in range(1000)]
    for connection in connections:
        connection.sendall(bytes.fromhex("16030100c8010000c40303"))
    time.sleep(1)
    assert victim.memory("VmRSS") < victim.before + 100
    close_all(connections)


def test_slow_requests(victim):
    """A header in pieces, one byte a round."""
    connections = [victim.connect(number // 100, tls=True) for number in range(300)]
    for letter in b"GET /?a=b HTTP/1.1\r\nHost":
        for connection in connections:
            connection.sendall(bytes([letter]))
    assert victim.memory("VmRSS") < victim.before + 100
    close_all(connections)


def test_a_storm_of_connections(victim, request):
    """Opened and dropped as fast as it goes, some politely and some by reset."""
    count, threads = request.config.getoption("--connections"), 4
    began = time.monotonic()

    def storm(part):
        for number in range(count // threads):
            connection = victim.connect(part)
            if number % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

    storms = [threading.Thread(target=storm, args=(part,)) for part in range(threads)]
    for thread in storms:
        thread.start()
    for thread in storms:
        thread.join()
    print(f"{count} connections in {time.monotonic() - began:.1f} s")
    assert victim.memory("VmRSS") < victim.before + 64


POST = b"POST / HTTP/1.1\r\nHost: h\r\n"


def test_bodies_of_a_gigabyte(victim):
    """Announced, or never ending: 1 GiB each."""
    announced = victim.connect(1, tls=True)
    announced.sendall(POST + b"Content-Length: 1073741824\r\n\r\n")
    assert status_of(read_reply(announced)) == 413
    announced.close()
    piece = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    sent = 0
    endless = victim.connect(1, tls=True)
    endless.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    try:
        for sent in range(1024):
            endless.sendall(piece)
    except OSError:
        pass
    assert sent < 64, f"{sent} MiB were taken off the line"
    endless.close()
    assert victim.memory("VmHWM") < victim.before + 64


def test_many_bodies_at_once(victim):
    """All within the bounds of one, but for the last byte."""
    body = b"x" * ((1 << 20) - 1)
    connections = []
    for number in range(100):
        connection = victim.connect(number // 20, tls=True)
        connection.sendall(POST + f"Content-Length: {1 << 20}\r\n\r\n".encode() + body)
        connections.append(connection)
    assert victim.memory("VmRSS") < victim.before + 300
    close_all(connections)


@pytest.mark.parametrize("words, statuses", [
    (b"GET /?" + b"a.1." * 15000 + b"=x HTTP/1.1\r\nHost: h\r\n\r\n", {400}),
    (b"GET /?" + b"a&" * 30000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", {400, 414, None}),
    (b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", {400, 414, None}),
    (b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"b" * 1000000 + b"\r\n\r\n", {400, 431, None}),
    (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"A: b\r\n" * 200 + b"\r\n", {431}),
    (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"A: b\r\n" * 100000 + b"\r\n", {400, 431, None}),
    (b"\r\n" * 100000, {414, None}), (b"\0" * 100000, {400, 414, None}), (b"A" * 100000, {400, 414, None})],
    ids=["deep-name", "many-names", "long-target", "long-header", "many-headers", "very-many-headers", "empty-lines", "nulls",
         "no-end"])
def test_requests_out_of_all_proportion(victim, words, statuses):
    for number in range(5):
        connection = victim.connect(number, tls=True)
        try:
            connection.sendall(words)
            half_close(connection)
        except OSError:
            pass  # Refused in the middle.
        began = time.monotonic()
        assert status_of(read_reply(connection)) in statuses
        assert time.monotonic() - began < DEADLINE
        connection.close()
    assert victim.memory("VmHWM") < victim.before + 64


@pytest.mark.parametrize("body", [
    "&".join(f"Filter.{number}.Name=vpc-id" for number in range(1, 8000)),
    "&".join(f"Filter.1.Value.{number}=x" for number in range(8000, 0, -1)),
    "&".join(f"TrafficMirrorFilterId.{number}=tmf-{number:017x}" for number in range(1, 8000)),
    "&".join(["TagSpecification.1.Tag.1.Key=a"] * 8000), "a" * 1000000, "%41" * 330000, "&" * 1000000,
    ".".join(["1"] * 400000)],
    ids=["filters", "values-backwards", "ids", "one-name", "one-word", "escapes", "nothing", "deep"])
def test_forms_out_of_all_proportion(victim, body):
    """Signed, so that they are looked at to the end."""
    began = time.monotonic()
    answer = victim.controller.request(
        "POST", "/", f"Action=DescribeTrafficMirrorFilters&Version=2016-11-15&{body}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    assert answer.status_code in (200, 400, 413), answer.text
    assert time.monotonic() - began < DEADLINE / 2
    assert victim.memory("VmHWM") < victim.before + 64


def test_pipelined_requests(victim):
    """Hundreds at once are answered one by one, and in order."""
    connection = victim.connect(1, tls=True)
    count = 500
    words = b"".join(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number for number in range(count - 1))
    words += b"GET /%d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" % (count - 1)
    sender = threading.Thread(target=connection.sendall, args=(words,))
    sender.start()
    heard = read_reply(connection)
    sender.join()
    connection.close()
    places = [heard.find(b"'/%d'" % number) for number in range(count)]
    assert -1 not in places and places == sorted(places)


def test_replies_that_nobody_reads(victim):
    """Requests without end, whose answers pile up: at some point the server takes no more."""
    connections = [victim.connect(number // 10, tls=True) for number in range(20)]
    words = b"GET /%s HTTP/1.1\r\nHost: h\r\n\r\n" % (b"x" * 100) * 100
    for connection in connections:
        connection.settimeout(0.2)
        try:
            for _ in range(1000):
                connection.sendall(words)
        except OSError:
            pass
    assert victim.memory("VmRSS") < victim.before + 64
    close_all(connections)


def test_half_closed_connections(victim):
    """Who has said all may close his half; the answer still comes, or the connection ends."""
    for number in range(100):
        connection = victim.connect(number // 50, tls=True)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[:-(number % 4) or None])
        half_close(connection)
        assert status_of(read_reply(connection)) in ((400,) if number % 4 == 0 else (400, None))
        connection.close()
