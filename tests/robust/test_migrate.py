"""A controller's store goes from its file into PostgreSQL and back, and what it served before it serves after."""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from controller import PROGRAM, Controller  # noqa: E402
from postgresql import Cluster  # noqa: E402

EVENTS = 15000  # So that the way takes a while.


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture
def database(cluster, request):
    name = re.sub(r"\W", "_", request.node.name)[-50:].lower()
    cluster.query(f"CREATE SCHEMA {name}")
    return f"{cluster.uri}&options=-csearch_path%3D{name}", name


def migrate(state, source, target):
    done = subprocess.run([PROGRAM, "--state", state, "migrate", source, target], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def picture(controller):
    """What clients see, secrets included: whoever signs with an old key is known."""
    ec2, iam = controller.client(), controller.client("iam")
    return (controller.client("sts").get_caller_identity()["Account"],
            ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"],
            ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"],
            ec2.describe_network_interfaces()["NetworkInterfaces"],
            iam.list_users()["Users"], iam.list_access_keys(UserName="ann")["AccessKeyMetadata"])


def test_what_is_served_stays_the_same(state, tmp_path, database):
    uri, _ = database
    old = Controller(state)
    old.start()
    iam, ec2 = old.client("iam"), old.client()
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert old.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
    ids = [row["NetworkInterfaceId"] for row in ec2.describe_network_interfaces()["NetworkInterfaces"]]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=ids[0])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    chosen = ec2.create_traffic_mirror_filter(Description="ä 'b' \"c\"")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    ec2.create_traffic_mirror_session(NetworkInterfaceId=ids[1], TrafficMirrorTargetId=target, TrafficMirrorFilterId=chosen,
                                      SessionNumber=1)
    file = f"sqlite:{old.state}/tmirror.sqlite"
    status, said = migrate(old.state, file, uri)
    assert status == 1 and said.endswith(f"another controller runs on the directory '{state}'\n")
    before = picture(old)
    assert old.stop() == 0

    status, said = migrate(old.state, file, uri)
    assert status == 0, said
    assert re.search(r"^migrated \d+ rows of \d+ tables, schema version \d+; each was read back and compared\n"
                     rf"the key to its secrets, '{state}/seal.key', is in neither: whoever serves the new store needs it, too\n$", said)
    status, said = migrate(old.state, file, uri)
    assert status == 1 and "The second store is not empty" in said
    shared = Controller(state, "--store", uri)
    shared.start()
    assert picture(shared) == before
    assert migrate(tmp_path / "other", uri, f"sqlite:{tmp_path}/other/back")[1].endswith("end all that do\n")
    annas = shared.administrator | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    assert shared.client("sts", keys=annas).get_caller_identity()["Arn"].endswith(":user/ann")
    shared.client().create_traffic_mirror_filter(Description="made there")
    before = picture(shared)
    assert shared.stop() == 0

    status, said = migrate(old.state, uri, f"sqlite:{old.state}/back.sqlite")
    assert status == 0, said
    back = Controller(state, "--store", f"sqlite:{old.state}/back.sqlite")
    back.start()
    assert picture(back) == before and "made there" in str(before)
    assert back.stop() == 0


def fill(path):
    with sqlite3.connect(path) as store:
        store.execute("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?) INSERT INTO events "
                      "SELECT n, '123456789012', 0, n, 0, 'id', 'name', 'source', 'user', 'key', '', hex(zeroblob(200)) FROM n", (EVENTS,))
    store.close()


def kill_when(condition, *words):
    process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "it was over before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "it was over before it was killed"


def test_killed_on_the_way(state, cluster, database):
    """Nothing is there then, and the next attempt is the first one again."""
    uri, name = database
    controller = Controller(state)
    controller.start()
    assert controller.stop() == 0
    file, back = os.path.join(controller.state, "tmirror.sqlite"), os.path.join(controller.state, "back.sqlite")
    fill(file)
    writes = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO \"events\"%' AND state <> 'idle'"
    kill_when(lambda: cluster.query(writes), "--state", controller.state, "migrate", f"sqlite:{file}", uri)
    gone = f"SELECT COUNT(*) FROM pg_tables WHERE schemaname = '{name}'"
    assert cluster.query(gone) == ["0"]
    status, said = migrate(controller.state, f"sqlite:{file}", uri)
    assert status == 0, said
    assert cluster.query(f"SELECT COUNT(*) FROM {name}.events") == [str(EVENTS)]

    kill_when(lambda: os.path.exists(back + "-wal") and os.path.getsize(back + "-wal") > 1 << 20,
              "--state", controller.state, "migrate", uri, f"sqlite:{back}")
    with sqlite3.connect(back) as store:
        assert store.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    store.close()
    status, said = migrate(controller.state, uri, f"sqlite:{back}")
    assert status == 0, said
    with sqlite3.connect(back) as store:
        assert store.execute("SELECT COUNT(*) FROM events").fetchone() == (EVENTS,)
    store.close()
