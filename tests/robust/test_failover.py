"""A database with a standby, reached over TCP by TLS: who is not who he should be is refused, and when the primary dies the standby
takes over under two controllers, which lose nothing and do nothing by halves.

	controllers ──TLS──▶ localhost:A  primary ── synchronous ──▶ standby  localhost:B
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from controller import Controller, element  # noqa: E402
from postgresql import Cluster  # noqa: E402
from test_postgresql import COMMON, Writer, filters, wait_for  # noqa: E402

SETTINGS = {"listen_addresses": "127.0.0.1", "ssl": "on", "wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def openssl(*words):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2", *words],
                   check=True, capture_output=True)


def certify(cluster, authority):
    """A certificate for 'localhost', in files as the server wants them."""
    names = [os.path.join(cluster.directory, name) for name in ("server.pem", "server.key")]
    openssl("-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-out", names[0], "-keyout", names[1])
    for name in names:
        os.chmod(name, 0o600)
        shutil.chown(name, os.stat(cluster.directory).st_uid, os.stat(cluster.directory).st_gid)
    cluster.settings |= {"ssl_cert_file": names[0], "ssl_key_file": names[1]}
    return cluster


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("authority") / "ca")
    for name in (path, path + "-other"):
        openssl("-subj", "/CN=A test's authority", "-out", name + ".pem", "-keyout", name + ".key")
    return path


@pytest.fixture(scope="module")
def pair(authority):
    with certify(Cluster(port=free_port(), **SETTINGS), authority) as primary:
        with certify(Cluster(primary, port=free_port(), **SETTINGS), authority) as standby:
            primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.query("SELECT pg_reload_conf()")
            wait_for(lambda: primary.query("SELECT sync_state FROM pg_stat_replication") == ["sync"], "nobody follows")
            yield primary, standby


def location(hosts, root):
    return f"postgresql://tmirror@{hosts}/postgres?target_session_attrs=read-write&sslmode=verify-full&sslrootcert={root}.pem"


@pytest.mark.parametrize("host, suffix, words", [
    ("localhost", "-other", "certificate verify failed"),
    ("127.0.0.1", "", 'does not match host name "127.0.0.1"'),
])
def test_who_is_not_who_he_should_be_is_refused(tmp_path, pair, authority, host, suffix, words):
    controller = Controller(tmp_path / "state", "--store", location(f"{host}:{pair[0].settings['port']}", authority + suffix))
    with pytest.raises(AssertionError):
        controller.start()
    assert "Cannot connect to the store: " in controller.log() and words in controller.log(), controller.log()


def test_the_standby_takes_over(tmp_path, pair, authority):
    primary, standby = pair
    hosts = ",".join(f"localhost:{cluster.settings['port']}" for cluster in (standby, primary))
    controllers = [Controller(tmp_path / name, "--store", location(hosts, authority), "--limit", "filters=100000") for name in ("one", "two")]
    writers = [Writer(controller, str(index)) for index, controller in enumerate(controllers)]
    try:
        controllers[0].start()
        os.mkdir(controllers[1].state, 0o700)
        for name in COMMON:
            shutil.copy(os.path.join(controllers[0].state, name), controllers[1].state)
        controllers[1].start()
        assert primary.query("SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                             "WHERE ssl AND application_name = 'tmirror-controller'") == ["4"]
        for writer in writers:
            writer.start()
        wait_for(lambda: min(len(writer.confirmed) for writer in writers) > 8, "nobody gets on")
        primary.kill(signal.SIGQUIT)
        refused = controllers[0].query("CreateTrafficMirrorFilter", ClientToken="meanwhile", Description="meanwhile")
        assert (refused.status_code, element(refused.text, "Code")) == (503, "Unavailable"), refused.text
        made = [len(writer.confirmed) for writer in writers]
        began = time.monotonic()
        standby.promote()
        wait_for(lambda: all(len(writer.confirmed) > before + 8 for writer, before in zip(writers, made)), "nobody gets on", 60)
        print(f"{time.monotonic() - began:.1f} s after the promotion both write again")
    finally:
        for writer in writers:
            writer.ends = True
        for writer in writers:
            if writer.is_alive():
                writer.join()
    try:
        assert not any(writer.error for writer in writers), [writer.error for writer in writers]
        assert set().union(*(writer.refused for writer in writers)) <= {(503, "Unavailable")}
        pages = controllers[1].client().get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 1000})
        stored = sorted((row["Description"], row["TrafficMirrorFilterId"]) for page in pages for row in page["TrafficMirrorFilters"])
        assert stored == sorted(pair for writer in writers for pair in writer.confirmed.items())
        assert filters(controllers[0].client()) == {identity for _, identity in stored}
    finally:
        for controller in controllers:
            controller.stop()
