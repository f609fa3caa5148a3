"""A headless Chromium that trusts one controller's authority, and the journeys that it makes through the console.

    test ── Browser.travel("sign_in.mjs", "by_key", …) ──▶ node driver.mjs ──▶ chromium ── TLS ──▶ controller

A journey fails its test by an exception, and also by anything that a page must not do (driver.mjs lists it); what a test
expects of that kind it names by patterns.
"""
import json
import os
import pathlib
import re
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 120


class Browser:
    def __init__(self, origin, authority, home, prefix=()):
        """'home' is a directory for what the browser keeps; 'prefix' a command that it is started by, in a namespace say."""
        trust(authority, home)
        self.process = subprocess.Popen(
            [*prefix, "node", str(HERE / "driver.mjs"), origin, str(ROOT / "console")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)})

    def travel(self, file, journey, expected=(), options=None, **given):
        """What the journey returns.  'options' are playwright's of a context; 'expected' patterns of complaints must all come."""
        self.process.stdin.write(json.dumps({"file": str(HERE / file), "journey": journey, "given": given, "options": options or {}}) + "\n")
        self.process.stdin.flush()
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        assert line, "the browser has died"
        answer = json.loads(line)
        assert "error" not in answer, "\n".join([answer["error"], *answer["complaints"]])
        surprises = [text for text in answer["complaints"] if not any(re.search(pattern, text) for pattern in expected)]
        assert not surprises, "\n".join(surprises)
        for pattern in expected:
            assert any(re.search(pattern, text) for text in answer["complaints"]), f"nobody complained of '{pattern}'"
        return answer.get("value")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def trust(authority, home):
    """Chromium takes authorities from NSS's database in the home directory, and so checks certificates as it does elsewhere."""
    database = pathlib.Path(home) / ".pki/nssdb"
    database.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "tmirror", "-t", "C,,", "-i", str(authority)]):
        subprocess.run(["certutil", *arguments, "-d", f"sql:{database}"], check=True, capture_output=True, timeout=60)
