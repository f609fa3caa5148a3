"""A controller whose writes go wrong, and what its store must be like all the same."""
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import conftest
from controller import BUILD, PROGRAM, ROOT, Controller

FAULT = os.path.join(BUILD, "tests/robust/fault.so")


class Breakable(Controller):
    """Mostly without TLS, which is slow and not the point."""

    def __init__(self, state, *options):
        super().__init__(state, "--rate", "*=unlimited", *(options or ["--plain-http"]))
        self.switch, self.changes_log = self.state + ".switch", self.state + ".changes"
        self.mark = 0  # Where in the log the present process begins.
        conftest.STARTED.append(self)

    def environment(self, at=0, torn=False):
        # The library comes before the sanitizer's, which would complain, and carries none itself.
        return os.environ | {
            "LD_PRELOAD": FAULT, "FAULT_UNDER": self.state, "FAULT_AT": str(at), "FAULT_TORN": str(int(torn)),
            "FAULT_SWITCH": self.switch, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def begin(self, *words, at=0, torn=False, log_changes=False):
        """Starts it, and does not wait."""
        environment = self.environment(at, torn)
        if log_changes:
            environment["FAULT_LOG"] = self.changes_log
        with open(self.log_path, "a", encoding="utf-8") as log:
            self.mark = log.tell()
            self.process = subprocess.Popen(
                [PROGRAM, "--state", self.state, "--listen", "127.0.0.1:0", "--log-level", "debug", *self.options, *words],
                stdout=log, stderr=log, env=environment)
        return self.process

    def start(self, at=0, torn=False):
        """Starts it; returns whether it got as far as serving."""
        self.begin(at=at, torn=torn)
        return self.wait_until_serving(may_die=at > 0)

    def wait_until_serving(self, may_die=False):
        deadline = time.monotonic() + 60
        while "listening on" not in self.log()[self.mark:]:
            status = self.process.poll()
            if status == -signal.SIGKILL and may_die:
                self.process = None
                return False
            assert status is None and time.monotonic() < deadline, self.log()
            time.sleep(0.005)
        return True

    def fail_with(self, error, kind=""):
        """From now on changes of files fail, all or those of a kind; with None no longer."""
        if error is None:
            os.unlink(self.switch)
            return
        with open(self.switch + ".new", "w", encoding="ascii") as file:
            file.write(f"{error} {kind}")
        os.rename(self.switch + ".new", self.switch)

    def run(self, *words, at=0, torn=False):
        """Does a job to its end; returns the exit status, and the last line that was said."""
        status = self.begin(*words, at=at, torn=torn).wait(timeout=60)
        self.process = None
        said = self.log()[self.mark:].splitlines() or [""]
        return status, said[-1].split("error: ", 1)[-1]

    @property
    def store(self):
        return os.path.join(self.state, "tmirror.sqlite")


def copy_of(store):
    """The store as a crash has left it, opened as a copy, so that it is still to be recovered itself."""
    with tempfile.TemporaryDirectory() as directory:
        for suffix in ("", "-wal"):
            if os.path.exists(store + suffix):
                shutil.copy(store + suffix, os.path.join(directory, "store" + suffix))
        database = sqlite3.connect(os.path.join(directory, "store"))
        loaded = sqlite3.connect(":memory:")
        database.backup(loaded)
        database.close()
    return loaded


# The schema's, of which a store has taken the first ones.
VERSIONS = sorted(int(os.path.splitext(name)[0]) for name in os.listdir(os.path.join(ROOT, "src/store/schema")))

# Tables whose rows have tags.
TAGGED = ("interfaces", "instances", "filters", "rules", "targets", "sessions")


def check(database):
    """What holds for every store at any moment, whoever was killed when."""
    def rows(sql):
        return database.execute(sql).fetchall()

    assert rows("PRAGMA integrity_check") == [("ok",)]
    assert rows("PRAGMA foreign_key_check") == []
    steps = [version for version, in rows("SELECT version FROM schema_version ORDER BY version")]
    assert steps and steps == VERSIONS[:len(steps)]
    resources = " UNION ALL ".join(f"SELECT id, owner FROM {table}" for table in TAGGED if table != "rules")
    resources += " UNION ALL SELECT rules.id, filters.owner FROM rules JOIN filters ON filters.id = rules.filter"
    assert rows(f"SELECT resource, key FROM tags WHERE (resource, owner) NOT IN ({resources})") == []
    for column, table in (("source", "interfaces"), ("filter", "filters")):
        assert rows(f"SELECT s.id FROM sessions s JOIN {table} t ON t.id = s.{column} WHERE t.owner <> s.owner") == []
    assert set(rows("SELECT session, owner, source FROM lifetimes WHERE deleted = 0")) == set(
        rows("SELECT id, owner, source FROM sessions"))
    registered = {(owner, address, interface) for owner, addresses, interface in
                  rows("SELECT owner, addresses, id FROM interfaces WHERE host IS NULL") for address in addresses.split()}
    assert registered == set(rows("SELECT owner, address, interface FROM registered_addresses"))
    assert rows("SELECT name FROM hosts WHERE instance NOT IN (SELECT id FROM instances)") == []
    assert rows("SELECT name FROM hosts WHERE plan_revision <= 0") == []
