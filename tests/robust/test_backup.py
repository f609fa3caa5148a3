"""Backups of a controller at work, and a new one made out of them."""
import os
import re
import shutil
import stat
import threading

from broken import Breakable, check, copy_of
from controller import element

ROUNDS = 10


class Maker(threading.Thread):
    """Makes filters with two tags each, one after the other."""

    def __init__(self, controller):
        super().__init__()
        self.controller, self.made, self.over, self.error = controller, [], threading.Event(), None

    def run(self):
        while not self.over.is_set():
            tags = {f"TagSpecification.1.Tag.{n}.{part}": f"{part}{n}" for n in (1, 2) for part in ("Key", "Value")}
            answer = self.controller.query("CreateTrafficMirrorFilter", **tags,
                                           **{"TagSpecification.1.ResourceType": "traffic-mirror-filter"})
            if answer.status_code != 200:
                self.error = answer.text
                return
            self.made.append(element(answer.text, "trafficMirrorFilterId"))


def test_backups_while_clients_write(state, tmp_path):
    controller = Breakable(state)
    controller.start()
    maker = Maker(controller)
    maker.start()
    job = Breakable(state)
    job.log_path = str(tmp_path / "job.log")
    backup = str(tmp_path / "backup")
    try:
        for _ in range(ROUNDS):
            before = len(maker.made)
            status, said = job.run("backup", backup)
            after = len(maker.made) + 1
            assert (status, said) == (0, f"the key to its secrets, '{state}/seal.key', is not in it: keep a copy of that apart")
            assert re.search(rf"^wrote '{backup}': \d+ bytes, schema version \d+$", job.log(), re.MULTILINE)
            assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600 and not os.path.exists(backup + "-wal")
            database = copy_of(backup)
            check(database)
            found = [identity for identity, in database.execute("SELECT id FROM filters")]
            assert before <= len(found) <= after and set(maker.made[:before]) <= set(found)
            assert database.execute("SELECT COUNT(*) FROM tags WHERE resource LIKE 'tmf-%'").fetchone()[0] == 2 * len(found)
    finally:
        maker.over.set()
        maker.join()
    assert maker.error is None and len(maker.made) > ROUNDS
    assert job.run("restore", backup) == (1, f"another controller runs on the directory '{controller.state}'")


def test_a_new_machine(state, tmp_path):
    """A backup and the seal key are all that it takes for the old keys to be good; the backup alone opens nothing."""
    controller = Breakable(state)
    controller.start()
    old = controller.administrator
    assert controller.query("CreateTrafficMirrorFilter").status_code == 200
    backup = str(tmp_path / "backup")
    assert Breakable(state).run("backup", backup)[0] == 0
    controller.stop()
    with open(backup, "rb") as file:
        assert old["AWS_SECRET_ACCESS_KEY"].encode() not in file.read()

    new = Breakable(tmp_path / "new")
    assert new.run("restore", backup)[0] == 0
    status, said = new.run()
    assert status == 1 and "seal" in said, said
    shutil.copy(os.path.join(state, "seal.key"), new.state)
    new.start()
    keys = new.administrator | {name: old[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    assert len(new.client(keys=keys).describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1
    assert new.stop() == 0
