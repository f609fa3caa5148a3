"""Runs the command line as an operator would; used by the tests of the command line."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TMIRROR_BUILD", ROOT / "build")).resolve()
TMIRROR = BUILD / "src/cli/tmirror"


def environment(**variables):
    """This process's, without anybody's credentials."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | variables


def tmirror(*words, **options):
    """Runs to the end; judges nothing."""
    options.setdefault("env", environment())
    return subprocess.run([TMIRROR, *map(str, words)], capture_output=True, text=True, timeout=60, **options)


class Operator:
    """Somebody with a file of credentials."""

    def __init__(self, credentials):
        self.credentials = credentials

    def run(self, *words):
        return tmirror("--credentials", self.credentials, *words)

    def start(self, *words):
        """A command that goes on by itself."""
        return subprocess.Popen([TMIRROR, "--credentials", self.credentials, *map(str, words)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=environment())

    def do(self, *words):
        """What is printed; all must go well, in silence."""
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), f"{words}: exit {done.returncode}: {done.stderr}"
        return done.stdout.rstrip("\n")

    def json(self, *words):
        return json.loads(self.do(*words, "-o", "json"))

    def table(self, *words):
        """The rows below the titles, as lists of cells; no cell of a test has two blanks in a row."""
        lines = self.do(*words).splitlines()
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[1:]]

    def refused(self, *words):
        """The code of the refusal: one line, exit status 1."""
        done = self.run(*words)
        assert done.returncode == 1 and done.stdout == "", f"{words}: exit {done.returncode}: {done.stdout}"
        name, code, message = done.stderr.split(": ", 2)
        assert name == "tmirror" and message.endswith("\n") and message.count("\n") == 1
        return code
