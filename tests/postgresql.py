#!/usr/bin/env python3
"""A PostgreSQL cluster of its own, in a temporary directory, on a Unix socket, gone in the end.

Tests in Python use Cluster; any other test runs under it:

	tests/postgresql.py COMMAND...

which finds its URI in the environment, as TMIRROR_TEST_POSTGRESQL.  PostgreSQL refuses to run as root, so root hands it over
to the user that its package has made.  The disk is not waited for unless somebody asks: no test pulls a plug.
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

SETTINGS = {"listen_addresses": "", "fsync": "off", "max_connections": "60", "shared_buffers": "16MB",
            "jit": "off", "lc_messages": "C", "autovacuum": "off", "max_wal_senders": "0"}


def program(name):
    found = shutil.which(name)
    places = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    if not places and not found:
        sys.exit(f"there is no '{name}': PostgreSQL is not installed (Debian: postgresql)")
    return places[-1] if places else found


def is_over(process):
    """Or a zombie, where nobody waits for orphans."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Cluster:
    """With 'settings' beyond those above; 'uri' leads to its database.  It begins empty, or as a standby that follows 'primary'."""

    def __init__(self, primary=None, **settings):
        self.primary = primary
        self.settings = SETTINGS | {"wal_level": "minimal"} | settings
        self.directory = tempfile.mkdtemp(prefix="tmirror-pg-", dir="/tmp")
        self.data = os.path.join(self.directory, "data")
        self.uri = f"postgresql:///postgres?host={self.directory}&user=tmirror&port={self.settings.get('port', 5432)}"
        self.become = []
        self.server = None
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            # The root directory of a container may be root's alone, and access(2) has to know that it does not matter.
            search = [f"--{kind}-caps=-all,+dac_read_search" for kind in ("inh", "ambient")]
            self.become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups",
                           "--securebits=+no_setuid_fixup", *search]
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        os.chmod(self.directory, 0o755)

    def __enter__(self):
        try:
            if self.primary:
                self._run("pg_basebackup", "-D", self.data, "-d", self.primary.uri, "-R", "-c", "fast", "--no-sync")
            else:
                self._run("initdb", "-D", self.data, "-U", "tmirror", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                          "--no-sync", "--no-instructions")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.server:
            self.kill(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in self.settings.items())
        self._run("pg_ctl", "start", "-s", "-w", "-t", "30", "-D", self.data, "-l", os.path.join(self.directory, "log"),
                  "-o", f"-k {self.directory} {options}")
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            self.server = int(file.readline())

    def stop(self, how="fast"):
        self._run("pg_ctl", "stop", "-s", "-w", "-t", "30", "-D", self.data, "-m", how)
        self.server = None

    def promote(self):
        self._run("pg_ctl", "promote", "-s", "-w", "-t", "30", "-D", self.data)

    def kill(self, number):
        """To the server, which takes its children along, and by its id."""
        os.kill(self.server, number)
        if number in (signal.SIGQUIT, signal.SIGTERM, signal.SIGINT):
            while not is_over(self.server):
                signal.sigtimedwait([], 0.01)
            self.server = None

    def query(self, sql):
        """The rows as lines, columns parted by '|'."""
        return self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.uri, "-c", sql).splitlines()

    def _run(self, name, *words):
        done = subprocess.run([*self.become, program(name), *words], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stdout}")
        return done.stdout


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # As meson ends what takes too long: nothing stays.
    with Cluster() as cluster:
        done = subprocess.run(sys.argv[1:], env=os.environ | {"TMIRROR_TEST_POSTGRESQL": cluster.uri}, check=False)
    sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)


if __name__ == "__main__":
    main()
