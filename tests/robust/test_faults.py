"""Files that cannot be written, and crashes in the middle of what is done to them once: a first start, a backup, a
restoration."""
import errno
import os
import shutil
import signal
import sqlite3

import pytest
from broken import Breakable, check, copy_of
from controller import element
from writers import states_of

POINTS = 12  # Of a crash, if not every one is asked for.


def points(changes, request):
    """Which changes to crash at."""
    if request.config.getoption("--every-point"):
        return range(1, changes + 1)
    return sorted({1 + index * (changes - 1) // (POINTS - 1) for index in range(POINTS)})


def count_changes(controller):
    with open(controller.changes_log, encoding="utf-8") as log:
        lines = log.readlines()
    os.unlink(controller.changes_log)
    return lines


def make_filter(controller, description):
    answer = controller.query("CreateTrafficMirrorFilter", Description=description)
    return answer.status_code, element(answer.text, "Code"), element(answer.text, "Message")


def described(controller):
    found = controller.client().describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    return sorted(one["Description"] for one in found)


FULL = (503, "Unavailable", "The store is full or read-only: nothing can be changed at present")
BROKEN = (500, "InternalError", "An internal error has occurred")


@pytest.mark.parametrize("error, kind, answer", [
    (errno.ENOSPC, "", FULL), (errno.ENOSPC, "write", FULL), (errno.EROFS, "", FULL), (errno.EIO, "", BROKEN),
    (errno.EIO, "sync", BROKEN)])
def test_a_store_that_cannot_be_written(state, error, kind, answer):
    controller = Breakable(state)
    controller.start()
    assert make_filter(controller, "before")[0] == 200
    controller.fail_with(error, kind)
    for _ in range(3):
        assert make_filter(controller, "meanwhile") == answer
        assert controller.report("web-1", [("eth0", "host", [])]).status_code == answer[0]
        assert described(controller) == ["before"]
    assert os.strerror(error) in controller.log()
    controller.fail_with(None)
    assert make_filter(controller, "after")[0] == 200
    assert controller.report("web-1", [("eth0", "host", [])]).status_code == 204
    assert described(controller) == ["after", "before"]
    controller.stop(signal.SIGKILL)
    check(copy_of(controller.store))
    controller.start()
    assert described(controller) == ["after", "before"]


def test_a_first_start_cut_off(state, request):
    """Certificates, keys, the store and the files that say how to sign in: nothing half made is in the next one's way."""
    whole = Breakable(state, "--log-level", "info")
    whole.begin(log_changes=True)
    whole.wait_until_serving()
    whole.stop()
    changes = count_changes(whole)
    assert any(line.startswith("rename") and line.rstrip().endswith("agent.env") for line in changes)
    for at in points(len(changes), request):
        shutil.rmtree(state)
        controller = Breakable(state, "--log-level", "info")
        controller.start(at=at, torn=at % 2 == 0)
        controller.stop(signal.SIGKILL)
        controller.start()
        assert make_filter(controller, f"after a crash at {at}")[0] == 200
        assert controller.report("web-1", []).status_code == 204
        check(copy_of(controller.store))
        assert controller.stop() == 0


@pytest.fixture
def two(state, tmp_path):
    """A stopped store with a filter "new" in it, whose log is still there, and a backup with one "old"."""
    controller = Breakable(state)
    controller.start()
    assert make_filter(controller, "old")[0] == 200
    backup = str(tmp_path / "backup")
    assert controller_job(state, "backup", backup)[0] == 0
    assert make_filter(controller, "new")[0] == 200
    controller.stop(signal.SIGKILL)
    shutil.copytree(state, tmp_path / "kept")

    def again():
        shutil.rmtree(state)
        shutil.copytree(tmp_path / "kept", state)
        return Breakable(state), backup

    return again


def controller_job(state, *words):
    return Breakable(state).run(*words)


def filters_of(path):
    database = copy_of(path)
    check(database)
    return sorted(state[1] for state in states_of(database).values())


def asides(controller):
    return [os.path.join(controller.state, name) for name in os.listdir(controller.state)
            if name.startswith("tmirror.sqlite.before-") and not name.endswith("-wal")]


def test_a_restoration_cut_off(two, request):
    controller, backup = two()
    controller.begin("restore", backup, log_changes=True).wait(timeout=60)
    changes = count_changes(controller)
    seen = set()
    for at in points(len(changes), request):
        controller, backup = two()
        assert controller.run("restore", backup, at=at, torn=at % 2 == 0)[0] == -signal.SIGKILL
        now = filters_of(controller.store)
        assert now == ["new", "old"] or ["new", "old"] in [filters_of(path) for path in asides(controller)]
        seen.add(tuple(now))
        assert controller.run("restore", backup)[0] == 0
        assert filters_of(controller.store) == ["old"]
        assert ["new", "old"] in [filters_of(path) for path in asides(controller)]
        controller.start()
        assert described(controller) == ["old"]
        assert controller.stop() == 0
    assert seen == {("new", "old"), ("old",)}


def test_a_backup_cut_off(two, request):
    controller, earlier = two()
    shutil.copy(earlier, controller.store + ".backup")
    controller.begin("backup", controller.store + ".backup", log_changes=True).wait(timeout=60)
    changes = count_changes(controller)
    for at in points(len(changes), request):
        controller, earlier = two()
        backup = controller.store + ".backup"
        shutil.copy(earlier, backup)
        assert controller.run("backup", backup, at=at, torn=at % 2 == 0)[0] == -signal.SIGKILL
        assert filters_of(backup) in (["old"], ["new", "old"])
        assert controller.run("backup", backup)[0] == 0
        assert filters_of(backup) == ["new", "old"]


def test_a_backup_without_room(two):
    controller, earlier = two()
    backup = controller.store + ".backup"
    shutil.copy(earlier, backup)
    controller.fail_with(errno.ENOSPC, "write")
    assert controller.run("backup", backup) == (1, f"cannot write the backup '{backup}': No space left on device")
    assert not os.path.exists(backup + ".new") and filters_of(backup) == ["old"]
    controller.fail_with(None)
    assert controller.run("backup", backup)[0] == 0
    assert filters_of(backup) == ["new", "old"]


def test_a_restoration_without_room(two):
    controller, backup = two()
    controller.fail_with(errno.ENOSPC, "write")
    assert controller.run("restore", backup)[0] == 1
    controller.fail_with(None)
    assert filters_of(controller.store) == ["new", "old"]


def test_a_damaged_store_is_said(two):
    """A page in the middle is overwritten: no backup, and no start that makes it worse."""
    controller, backup = two()
    sqlite3.connect(controller.store).execute("VACUUM").connection.close()
    with open(controller.store, "r+b") as file:
        file.seek(8192)
        file.write(b"x" * 4096)
    status, said = controller.run("backup", backup + ".other")
    assert (status, said) == (1, f"The store '{controller.store}' is damaged: no backup was made")
    assert controller.run("restore", backup)[0] == 0
    controller.start()
    assert described(controller) == ["old"]
