"""A fleet: controllers that share a store in PostgreSQL, and a database that goes away under them.

What one has answered all of them know at once; whoever dies, nothing that was confirmed is lost, and what was not is there
whole or not at all, so that asking again with the same ClientToken makes one thing and not two."""
import os
import re
import select
import shutil
import signal
import socket
import sys
import threading
import time

import pytest
import requests

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from controller import Controller, element  # noqa: E402
from postgresql import Cluster  # noqa: E402

LEADS = "this controller does the periodic work"
COMMON = ("seal.key", "ca.pem", "ca.key", "credentials.env", "agent.env")


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture
def database(cluster, request):
    """A schema of the test's own."""
    name = re.sub(r"\W", "_", request.node.name)[-50:].lower()
    cluster.query(f"CREATE SCHEMA {name}")
    return f"{cluster.uri}&options=-csearch_path%3D{name}"


@pytest.fixture
def fleet(tmp_path, database):
    """Starts controllers: the first makes keys and authority, the others get copies."""
    started = []

    def start(count, *options):
        for number in range(len(started), len(started) + count):
            state = tmp_path / f"state-{number}"
            if number > 0:
                state.mkdir(mode=0o700)
                for name in COMMON:
                    shutil.copy(tmp_path / "state-0" / name, state / name)
            started.append(Controller(state, "--store", database, *options))
            started[-1].start()
        return started

    yield start
    for controller in started:
        controller.stop()
        assert "Sanitizer" not in controller.log() and "runtime error" not in controller.log(), controller.log()


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def in_background(function, *arguments):
    """A thread, and the list that its result goes to, with the time that it took."""
    results, began = [], time.monotonic()
    thread = threading.Thread(target=lambda: results.append((function(*arguments), time.monotonic() - began)))
    thread.start()
    return thread, results


def filters(client):
    return {row["TrafficMirrorFilterId"] for row in client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]}


def test_what_one_writes_the_others_read(fleet):
    one, two = fleet(2)
    clients = [one.client(), two.client()]
    assert one.client("sts").get_caller_identity()["Account"] == two.client("sts").get_caller_identity()["Account"]
    known = set()
    for turn in range(20):
        writer, reader = clients[turn % 2], clients[1 - turn % 2]
        made = writer.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
        known.add(made)
        assert filters(reader) == known and filters(writer) == known and filters(reader) == known
        if turn % 3 == 2:
            reader.delete_traffic_mirror_filter(TrafficMirrorFilterId=made)
            known.remove(made)
            assert filters(writer) == known


def test_permissions_hold_everywhere_at_once(fleet):
    one, two = fleet(2)
    people = [one.client("iam"), two.client("iam")]
    people[0].create_user(UserName="bob")
    key = people[1].create_access_key(UserName="bob")["AccessKey"]
    keys = two.administrator | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}'
    for turn in range(4):
        people[turn % 2].put_user_policy(UserName="bob", PolicyName="looks", PolicyDocument=policy)
        assert two.query("DescribeTrafficMirrorFilters", keys=keys).status_code == 200
        people[turn % 2].delete_user_policy(UserName="bob", PolicyName="looks")
        assert two.query("DescribeTrafficMirrorFilters", keys=keys).status_code == 403
    people[0].delete_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"])
    assert two.query("DescribeTrafficMirrorFilters", keys=keys).status_code == 401


def test_a_long_poll_hears_of_what_another_changes(fleet):
    one, two = fleet(2, "--limit", "sessions-per-source=8")
    assert one.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
    ec2 = one.client()
    tap, nic = (next(row["NetworkInterfaceId"] for row in ec2.describe_network_interfaces()["NetworkInterfaces"]
                     if {"Key": "tmirror:device", "Value": device} in row["TagSet"]) for device in ("tap0", "eth0"))
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=nic)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    chosen = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    slowest = 0
    for number in range(1, 6):
        revision = two.plan("web-1").headers["ETag"].strip('"')
        thread, results = in_background(lambda known: two.plan("web-1", known=known), revision)
        time.sleep(0.3)
        assert not results, "nothing has changed yet"
        asked = time.monotonic()
        ec2.create_traffic_mirror_session(NetworkInterfaceId=tap, TrafficMirrorTargetId=target, SessionNumber=number,
                                          TrafficMirrorFilterId=chosen)
        thread.join(timeout=30)
        slowest = max(slowest, time.monotonic() - asked)
        (answer, _), = results
        assert answer.status_code == 200 and len(answer.json()["sessions"]) == number
    print(f"the slowest plan came {slowest:.3f} s after its change was asked for")
    assert slowest < 5


def test_who_waits_for_changes_hears_of_what_another_does(fleet):
    one, two = fleet(2)
    for turn in range(3):
        since = element(two.query("DescribeTrafficMirrorChanges").text, "revision")
        thread, results = in_background(
            lambda: two.query("DescribeTrafficMirrorChanges", Since=since, WaitSeconds="20"))
        time.sleep(0.3)
        assert not results, "nothing has changed yet"
        assert one.query("CreateTrafficMirrorFilter").status_code == 200
        thread.join(timeout=30)
        (answer, seconds), = results
        assert "<item>filter</item>" in answer.text and seconds < 15, (seconds, answer.text)


def test_who_asks_them_in_turn_is_told_each_change_once(fleet):
    """As behind a balancer that does not know its clients: revisions of one are understood by the other."""
    controllers = fleet(2)

    def ask(turn, since):
        answer = controllers[turn % 2].query("DescribeTrafficMirrorChanges", Since=since)
        return element(answer.text, "revision"), answer.text.count("<item>")

    since = element(controllers[0].query("DescribeTrafficMirrorChanges").text, "revision")
    for change in range(6):
        assert controllers[change // 2 % 2].query("CreateTrafficMirrorFilter").status_code == 200
        told = []
        for turn in range(8):
            since, kinds = ask(change + turn, since)
            told.append(kinds)
        assert told[0] > 0, "the change is not told"
        assert not any(told[3:]), f"one change is told again and again: {told}"
    thread, results = in_background(
        lambda: controllers[0].query("DescribeTrafficMirrorChanges", Since=since, WaitSeconds="20"))
    assert controllers[1].query("CreateTrafficMirrorFilter").status_code == 200
    thread.join(timeout=30)
    assert "<item>filter</item>" in results[0][0].text and results[0][1] < 15


def test_a_link_to_the_console_opens_anywhere_and_once(fleet):
    controllers = fleet(2)
    version = "2011-06-15"

    def redeem(controller, code):
        keys = controller.administrator
        return requests.post(keys["AWS_ENDPOINT_URL"] + "/", verify=keys["AWS_CA_BUNDLE"], timeout=30,
                             data={"Action": "RedeemConsoleSignIn", "Version": version, "SignInCode": code})

    for turn in range(4):
        here, there = controllers[turn % 2], controllers[1 - turn % 2]
        link = element(here.query("CreateConsoleSignIn", service="sts", version=version).text, "SignInUrl")
        code = link.partition("#sign-in=")[2]
        both = [in_background(redeem, controller, code) for controller in ((there,) if turn < 2 else (here, there))]
        for thread, _ in both:
            thread.join()
        opened = [results[0][0] for _, results in both if results[0][0].status_code == 200]
        assert len(opened) == 1, [results[0][0].text for _, results in both]
        keys = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey", "AWS_SESSION_TOKEN": "SessionToken"}
        keys = {name: element(opened[0].text, tag) for name, tag in keys.items()}
        for controller in controllers:
            assert controller.query("DescribeTrafficMirrorFilters", keys=controller.administrator | keys).status_code == 200
            again = redeem(controller, code)
            assert (again.status_code, element(again.text, "Code")) == (403, "InvalidClientTokenId")


def test_a_quota_is_one_for_all(fleet):
    controllers = fleet(2, "--limit", "filters=7")
    made, refused = [], []

    def make(controller):
        for _ in range(6):
            answer = controller.query("CreateTrafficMirrorFilter")
            (made if answer.status_code == 200 else refused).append(element(answer.text, "Code"))

    threads = [threading.Thread(target=make, args=(controller,)) for controller in controllers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 7 and refused == ["TrafficMirrorFilterLimitExceeded"] * 5


def test_the_same_token_makes_one_thing_wherever_it_is_used(fleet):
    controllers = fleet(2)
    for turn in range(5):
        threads = [in_background(lambda c: c.query("CreateTrafficMirrorFilter", ClientToken=f"turn-{turn}"), controller)
                   for controller in controllers * 2]
        for thread, _ in threads:
            thread.join()
        answers = [results[0][0] for _, results in threads]
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        assert len({element(answer.text, "trafficMirrorFilterId") for answer in answers}) == 1
    assert len(filters(controllers[0].client())) == 5


def test_controllers_that_start_at_once_agree(tmp_path, database):
    """The schema is made once, and so is the account.  Who came second with another key is refused, and nothing is spoilt."""
    controllers = [Controller(tmp_path / f"state-{number}", "--store", database) for number in range(3)]
    for controller, key in zip(controllers, ("c3" * 32, "5a" * 32, "5a" * 32)):
        os.mkdir(controller.state, 0o700)
        with open(os.path.join(controller.state, "seal.key"), "w", encoding="ascii") as file:
            file.write(key + "\n")
        os.chmod(os.path.join(controller.state, "seal.key"), 0o600)
    threads = [in_background(lambda controller: controller.start(), controller) for controller in controllers[1:]]
    for thread, _ in threads:
        thread.join()
    accounts = {controller.client("sts").get_caller_identity()["Account"] for controller in controllers[1:]}
    with pytest.raises(AssertionError):
        controllers[0].start()
    assert "The seal key is not the one" in controllers[0].log()
    assert len(accounts) == 1
    for controller in controllers[1:]:
        assert controller.stop() == 0, controller.log()


def test_the_periodic_work_is_done_by_one_and_moves_when_he_dies(fleet):
    one, two = fleet(2)
    wait_for(lambda: LEADS in one.log() or LEADS in two.log(), "nobody leads")
    leader, other = (one, two) if LEADS in one.log() else (two, one)
    ec2 = other.client()
    assert other.report("web-1", [("eth0", "host", ["10.0.0.1"]), ("tap0", "guest", [])]).status_code == 204
    rows = {tag["Value"]: row["NetworkInterfaceId"] for row in ec2.describe_network_interfaces()["NetworkInterfaces"]
            for tag in row["TagSet"] if tag["Key"] == "tmirror:device"}
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=rows["eth0"])["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    chosen = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def mirror_for_a_second():
        answer = other.query("CreateTrafficMirrorSession", NetworkInterfaceId=rows["tap0"], TrafficMirrorTargetId=target,
                             TrafficMirrorFilterId=chosen, SessionNumber="1", Extension__DurationSeconds="1")
        assert answer.status_code == 200, answer.text
        return element(answer.text, "trafficMirrorSessionId")

    ended = mirror_for_a_second()
    wait_for(lambda: f"session {ended} " in leader.log(), "the session goes on")
    assert LEADS not in other.log() and f"session {ended} " not in other.log()
    leader.stop(signal.SIGKILL)
    wait_for(lambda: LEADS in other.log(), "nobody leads any more")
    ended = mirror_for_a_second()
    wait_for(lambda: f"session {ended} " in other.log(), "the session goes on")


class Writer(threading.Thread):
    """Makes filters, each by a token of its own, and asks again until it is told what has become of it."""

    def __init__(self, controller, name):
        super().__init__()
        self.controller, self.label = controller, name
        self.ends, self.confirmed, self.refused, self.error = False, {}, set(), None

    def run(self):
        try:
            turn = 0
            while not self.ends:
                turn += 1
                self.make(f"{self.label}-{turn}")
        except BaseException as error:  # Whatever it is, the test shall say it.
            self.error = error

    def make(self, token):
        deadline = time.monotonic() + 30
        while True:
            answer = self.controller.query("CreateTrafficMirrorFilter", ClientToken=token, Description=token)
            if answer.status_code == 200:
                self.confirmed[token] = element(answer.text, "trafficMirrorFilterId")
                return
            self.refused.add((answer.status_code, element(answer.text, "Code")))
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.05)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_database_goes_away_in_the_middle_of_writes(fleet, cluster, how):
    controllers = fleet(2, "--limit", "filters=100000")
    writers = [Writer(controller, f"{index}-{number}") for index, controller in enumerate(controllers) for number in range(2)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        made = sum(len(writer.confirmed) for writer in writers)
        wait_for(lambda made=made: sum(len(writer.confirmed) for writer in writers) > made + 8, "nobody gets on")
        cluster.stop(how)
        refused = controllers[0].query("DescribeTrafficMirrorFilters")
        assert (refused.status_code, element(refused.text, "Code")) == (503, "Unavailable"), refused.text
        cluster.start()
    made = sum(len(writer.confirmed) for writer in writers)
    wait_for(lambda: sum(len(writer.confirmed) for writer in writers) > made + 8, "nobody gets on")
    for writer in writers:
        writer.ends = True
    for writer in writers:
        writer.join()
        assert not writer.error, writer.error
    assert set().union(*(writer.refused for writer in writers)) == {(503, "Unavailable")}
    pages = controllers[1].client().get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 1000})
    stored = [(row["Description"], row["TrafficMirrorFilterId"]) for page in pages for row in page["TrafficMirrorFilters"]]
    confirmed = {token: made for writer in writers for token, made in writer.confirmed.items()}
    assert sorted(stored) == sorted(confirmed.items())
    print(f"{len(stored)} filters, each made once, though the database went three times")


@pytest.mark.parametrize("uri, sentence", [
    ("postgresql:///postgres?host=/tmp&user=tmirror&password=hunter2", "does not belong into the store's URI"),
    ("postgresql:///postgres?host=/tmp&user=tmirror&sslpassword=hunter2", "does not belong into the store's URI"),
    ("postgresql://tmirror:hunter2@db/tmirror", "does not belong into the store's URI"),
    ("postgresql://tmirror:hunter2@db/tmirror?sslmod=require", "is no connection URI: invalid URI query parameter"),
    ("postgresql://tmirror:hunter2@[db/tmirror", "is no connection URI: "),
    ("postgresql://tmirror:hunter2@db:x/tmirror", ""),
    ("postgres://tmirror:hunter2@db/tmirror", "is neither 'sqlite:PATH', 'postgresql://…' nor 'memory'"),
])
def test_no_password_on_the_command_line(tmp_path, uri, sentence):
    controller = Controller(tmp_path / "state", "--store", uri)
    with pytest.raises(AssertionError):
        controller.start()
    assert sentence in controller.log() and "hunter2" not in controller.log(), controller.log()


def test_the_servers_words_are_told(tmp_path, cluster):
    controller = Controller(tmp_path / "state", "--store", f"{cluster.uri}&options=-csearch_path%3Dnowhere")
    with pytest.raises(AssertionError):
        controller.start()
    assert "The store's server says: no schema has been selected to create in" in controller.log()


def test_a_key_that_is_no_text_is_nobodys(fleet):
    """The database would refuse it as a fault; strangers send it without a signature."""
    one, = fleet(1)
    query = "Action=DescribeVpcs&Version=2016-11-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z" \
        "&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Signature=" + "0" * 64
    for key in ("%FF%FF", "AKIAIOSFODNN7EXAMPLE"):
        answer = one.request("GET", f"/?{query}&X-Amz-Credential={key}/20260101/us-east-1/ec2/aws4_request", signer=None)
        assert (answer.status_code, element(answer.text, "Code")) == (401, "AuthFailure"), answer.text


class Cut:
    """Stands before the server and ends a connection at the COMMIT of whoever has sent a word, before or after the server has it."""

    def __init__(self, directory, cluster):
        self.directory, self.server = str(directory), os.path.join(cluster.directory, ".s.PGSQL.5432")
        self.word, self.after, self.cuts = b"never sent", False, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.directory, ".s.PGSQL.5432"))
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()

    def forward(self, client, server):
        spoken = False
        with client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    spoken |= ready is client and self.word in data
                    if spoken and b"COMMIT\0" in data and ready is client:
                        self.cuts += 1
                        self.word = b"never sent"
                        if self.after:
                            server.sendall(data)
                            server.recv(65536)
                        return
                    (server if ready is client else client).sendall(data)


@pytest.mark.parametrize("after", [False, True])
def test_a_commit_that_is_cut_off(tmp_path, cluster, database, after):
    """Where the server has not heard of it, nothing is there and the client is told; where it has, what was made is answered."""
    cut = Cut(tmp_path, cluster)
    controller = Controller(tmp_path / "state", "--store", database.replace(cluster.directory, str(tmp_path)))
    controller.start()
    try:
        cut.word, cut.after = b"to be cut off", after

        def make():
            return controller.query("CreateTrafficMirrorFilter", ClientToken="once", Description="to be cut off")

        first = make()
        assert cut.cuts == 1
        if after:
            assert first.status_code == 200, first.text
        else:
            assert (first.status_code, element(first.text, "Code")) == (503, "Unavailable")
            assert not filters(controller.client())
        made = element(make().text, "trafficMirrorFilterId")
        assert filters(controller.client()) == {made}
        assert not after or element(first.text, "trafficMirrorFilterId") == made
        names = [event["EventName"] for event in controller.client("cloudtrail").lookup_events(MaxResults=50)["Events"]]
        assert names.count("CreateTrafficMirrorFilter") == 2
    finally:
        controller.stop()
        cut.listener.close()
