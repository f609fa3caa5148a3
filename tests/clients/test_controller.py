"""The controller as its operator meets it: two of them, kill -9, a full disk, a certificate near its end, and what it logs."""
import os
import re
import signal
import ssl
import subprocess
import threading
import time

import botocore.exceptions
import pytest
import requests

from controller import PROGRAM, Controller, element

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")


def run(*options):
    """Starts a controller that is expected to give up, and returns its status and the line it says why with."""
    done = subprocess.run([PROGRAM, "--listen", "127.0.0.1:0", *options], capture_output=True, text=True, timeout=30, check=False)
    line = done.stderr.splitlines()[-1]
    return done.returncode, line.split("error: ", 1)[-1]


def filters(controller):
    pages = controller.client().get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 1000})
    return {found["TrafficMirrorFilterId"] for page in pages for found in page["TrafficMirrorFilters"]}


def make_filter(controller, **parameters):
    """The status of the answer, and the id if one was made."""
    answer = controller.query("CreateTrafficMirrorFilter", **parameters)
    return answer.status_code, element(answer.text, "trafficMirrorFilterId") or element(answer.text, "Code")


def test_a_directory_has_one_controller(controller):
    assert run("--state", controller.state) == (1, f"another controller runs on the directory '{controller.state}'")
    controller.stop(signal.SIGKILL)
    controller.start()


def test_first_starts_at_once_leave_one_running(tmp_path):
    state = str(tmp_path / "state")
    started = [subprocess.Popen([PROGRAM, "--listen", "127.0.0.1:0", "--state", state], stderr=subprocess.PIPE, text=True)
               for _ in range(4)]
    deadline = time.monotonic() + 30
    while sum(one.poll() is None for one in started) > 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    running = [one for one in started if one.poll() is None]
    assert len(running) == 1
    running[0].terminate()
    output = {one: one.communicate(timeout=30)[1] for one in started}
    for one in started:
        assert one.returncode == (0 if one in running else 1)
        assert one in running or "another controller runs on the directory" in output[one]


@pytest.mark.parametrize("options, reason", [
    (["--state", "/proc/nothing"], "cannot make the directory '/proc/nothing': No such file or directory"),
    (["--store", "sqlite:/nowhere/store"], "cannot open the store 'sqlite:/nowhere/store': No such file or directory"),
    (["--store", "sqlite:/etc/passwd"],
     "cannot open the store 'sqlite:/etc/passwd': it is no SQLite database, or a damaged one"),
    (["--listen", "192.0.2.1:1"], "cannot listen on 192.0.2.1 port 1: Cannot assign requested address")])
def test_why_it_does_not_start(tmp_path, options, reason):
    assert run("--state", str(tmp_path / "state"), *options) == (1, reason)


def test_an_account_is_for_good(controller_with):
    controller = controller_with("--account", "123456789012")
    controller.stop()
    assert run("--state", controller.state, "--account", "210987654321") == \
           (1, "The store belongs to the account 123456789012, not to 210987654321")
    controller.options = ()
    controller.start()
    assert "account 123456789012," in controller.log().splitlines()[-1]


def test_confirmed_writes_outlive_kill(controller):
    made, unclear, threads = [], [], []

    def write(number):
        for turn in range(1000):
            try:
                made.append(make_filter(controller, ClientToken=f"{number}-{turn}")[1])
            except (requests.RequestException, KeyError):
                unclear.append(number)
                return

    for number in range(4):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
    while len(made) < 40:
        time.sleep(0.01)
    controller.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    controller.start()
    found = filters(controller)
    assert set(made) <= found and len(found) <= len(made) + len(unclear)


@as_root
def test_a_full_disk_stops_changes_only(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=True)
    controller = Controller(small / "state")
    controller.log_path = str(tmp_path / "log")
    try:
        controller.start()
        made = set()
        for _ in range(2000):
            status, identity = make_filter(controller, Description="x" * 250)
            if status != 200:
                break
            made.add(identity)
        assert (status, identity) == (503, "Unavailable")
        assert controller.report("web-1", [("eth0", "host", [])]).status_code == 503
        assert filters(controller) == made
        assert "No space left on device" in controller.log()
        subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
        assert make_filter(controller)[0] == 200
        assert controller.stop() == 0
    finally:
        controller.stop(signal.SIGKILL)
        subprocess.run(["umount", "--lazy", str(small)], check=True)


@as_root
def test_a_read_only_directory_is_said(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], check=True)
    controller = Controller(place / "state")
    controller.log_path = str(tmp_path / "log")
    try:
        controller.start().stop()
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        assert run("--state", controller.state) == (1, f"cannot open '{controller.state}/lock': Read-only file system")
    finally:
        controller.stop(signal.SIGKILL)
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def served_certificate(controller):
    host, port = re.fullmatch(r"https://(.*):(\d+)", controller.url).groups()
    return ssl.get_server_certificate((host, int(port)))


def test_a_certificate_is_renewed_while_serving(controller):
    url, before, path = controller.url, served_certificate(controller), os.path.join(controller.state, "server.pem")
    controller.process.send_signal(signal.SIGHUP)
    assert make_filter(controller)[0] == 200 and served_certificate(controller) == before
    os.unlink(path)
    controller.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while True:
        try:
            if served_certificate(controller) != before:
                break
        except OSError:
            pass  # Between the servers.
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert controller.url == url and make_filter(controller)[0] == 200
    with open(path, encoding="ascii") as file:
        assert file.read().strip() == served_certificate(controller).strip()


def test_a_renewal_that_fails_ends_nothing(controller):
    key = os.path.join(controller.state, "ca.key")
    with open(key, "w", encoding="ascii") as file:
        file.write("nonsense")
    controller.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while "cannot renew the certificate" not in controller.log():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert make_filter(controller)[0] == 200


def test_nobody_forges_the_log(controller):
    controller.query("Create\n00:00:00.000 tmirror-controller info: all is well\x1b[2J")
    with pytest.raises(botocore.exceptions.ClientError):
        controller.client().create_traffic_mirror_filter_rule(TrafficMirrorFilterId="tmf-\nforged line")
    assert "\x1b" not in controller.log()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} tmirror-controller \w+: (request|listening|made)", line)
               for line in controller.log().splitlines())
