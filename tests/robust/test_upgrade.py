"""A controller that is started on the store of an older one, as that one left it, serves what was in it."""
import glob
import os
import sqlite3

import pytest
from broken import VERSIONS, Breakable, check, copy_of
from controller import ROOT

STEPS = sorted(glob.glob(os.path.join(ROOT, "src/store/schema/*.sql")))
OWNER, KEY, SECRET = "123456789012", "AKIAABCDEFGHIJKLMNOP", "a secret of the time before keys were sealed"[:40]

# What every version up to 5 had, in the SQL of then.  The ids are those that account and host have had ever since.
ROWS = f"""
INSERT INTO settings VALUES ('account', '{OWNER}');
INSERT INTO credentials VALUES ('{KEY}', '{SECRET}', '{OWNER}', 'arn:aws:iam::{OWNER}:user/admin', 'AIDAABCDEFGHIJKLMNOP',
 0, 1, 1);
INSERT INTO hosts (name, owner, instance, agent_version, kernel, first_report, last_report, plan_revision, applied_revision)
VALUES ('web-1', '{OWNER}', 'i-84407d26fbb13430c', '1', '6.1', 1, 1, 7, 7);
INSERT INTO instances VALUES ('i-84407d26fbb13430c', '{OWNER}', 'web-1', '', 1);
INSERT INTO interfaces VALUES ('eni-00000001', '{OWNER}', 'subnet-9fbfb7869a2528c49', 'vpc-9fbfb7869a2528c49',
 'i-84407d26fbb13430c', 'web-1', 'eth0', '020304050607', 1500, 1, 1, 0, '10.0.0.1', '', 1, 1);
INSERT INTO interfaces VALUES ('eni-00000002', '{OWNER}', 'subnet-9fbfb7869a2528c49', 'vpc-9fbfb7869a2528c49',
 NULL, NULL, NULL, '020304050608', 1500, 1, 1, 0, '192.0.2.9', '', 1, 1);
INSERT INTO registered_addresses VALUES ('{OWNER}', '192.0.2.9', 'eni-00000002');
INSERT INTO targets VALUES ('tmt-00000001', '{OWNER}', 0, 'eni-00000002', '', 1);
INSERT INTO filters VALUES ('tmf-00000001', '{OWNER}', 0, 'kept', 1);
INSERT INTO tags VALUES ('tmf-00000001', 'kept', 'yes', '{OWNER}');
INSERT INTO rules (id, filter, direction, number, action, protocol, source, destination, source_from, source_to,
 destination_from, destination_to, description)
VALUES ('tmfr-00000001', 'tmf-00000001', 0, 5, 0, 6, '0.0.0.0/0', '10.0.0.0/8', -1, -1, 80, 443, 'web');
INSERT INTO sessions (id, owner, source, target, filter, number, vni, packet_length, description, created)
VALUES ('tms-00000001', '{OWNER}', 'eni-00000001', 'tmt-00000001', 'tmf-00000001', 3, 77, 100, 'mine', 12);
"""


def make_old(path, version):
    """Leaves it open, so that a log lies beside it."""
    os.makedirs(os.path.dirname(path), mode=0o700)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")
    for number, step in enumerate(STEPS[:version], 1):
        with open(step, encoding="utf-8") as file:
            database.executescript(file.read())
        database.execute("INSERT INTO schema_version VALUES (?)", (number,))
    database.executescript(ROWS)
    return database


def judge(controller):
    """The key of then still opens all that it did, and its secret is sealed; agents get a newer plan."""
    keys = controller.administrator | {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    client = controller.client(keys=keys)
    session, = client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    assert (session["SessionNumber"], session["VirtualNetworkId"], session["Description"]) == (3, 77, "mine")
    found, = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert found["Tags"] == [{"Key": "kept", "Value": "yes"}] and found["IngressFilterRules"][0]["Description"] == "web"
    client.modify_traffic_mirror_session(TrafficMirrorSessionId="tms-00000001", Description="still mine")
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"])]).status_code == 204
    plan = controller.plan("web-1", known=7).json()
    assert [one["vni"] for one in plan["sessions"]] == [77]
    assert controller.client("sts", keys=keys).get_caller_identity()["Account"] == OWNER
    database = copy_of(controller.store)
    check(database)
    assert SECRET not in "\n".join(database.iterdump())
    assert database.execute("SELECT plan_revision FROM hosts").fetchone()[0] > 7
    assert database.execute("SELECT MAX(version) FROM schema_version").fetchone()[0] == VERSIONS[-1]


@pytest.mark.parametrize("version", range(1, 6))
def test_an_older_store_is_served(state, version):
    controller = Breakable(state)
    make_old(controller.store, version).close()
    controller.start()
    judge(controller)
    assert controller.stop() == 0
    with open(controller.store, "rb") as file:
        assert SECRET.encode() not in file.read()


@pytest.mark.parametrize("version", [1, 5])
def test_an_older_backup_is_restored_and_served(state, tmp_path, version):
    """The backup is of the old version still: whoever goes back to the old program can restore it there."""
    old = Breakable(tmp_path / "old")
    kept = make_old(old.store, version)
    backup = str(tmp_path / "backup")
    assert old.run("backup", backup)[0] == 0
    kept.close()
    assert copy_of(backup).execute("SELECT MAX(version) FROM schema_version").fetchone()[0] == version
    controller = Breakable(state)
    assert controller.run("restore", backup)[0] == 0
    controller.start()
    judge(controller)
    assert controller.stop() == 0


@pytest.mark.parametrize("version", range(1, 6))
def test_an_upgrade_cut_off(state, version):
    """In the middle of the one transaction that all steps are, or later when secrets are sealed."""
    controller = Breakable(state)
    make_old(controller.store, version).close()
    for at in (5, 20, 60, 110, 130, 150):
        controller.start(at=at, torn=True)
        if controller.process:
            controller.stop()
    controller.start()
    judge(controller)
    assert controller.stop() == 0
