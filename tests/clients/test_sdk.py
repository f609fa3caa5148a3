"""The C SDK as its users meet it: one header, one shared library, in C and C++."""
import pathlib
import re
import subprocess

import pytest
from command import BUILD, ROOT, environment

LIBRARY = BUILD / "src/sdk/libtmirror.so"
HEADER = ROOT / "src/sdk/tmirror.h"
USER = pathlib.Path(__file__).with_name("sdk_user.c")


def exported():
    lines = subprocess.run(["nm", "-D", LIBRARY], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[-2:] for line in lines]


def sanitizer():
    """A sanitized library wants a sanitized program."""
    return ["-fsanitize=address,undefined"] if any("__asan_init" in name for _, name in exported()) else []


@pytest.fixture
def user(tmp_path):
    """The program, built against a directory that holds the header and nothing else."""
    (tmp_path / "include").mkdir()
    (tmp_path / "include/tmirror.h").write_bytes(HEADER.read_bytes())
    program = tmp_path / "user"
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *sanitizer(), "-I", tmp_path / "include", USER,
                    "-o", program, "-L", LIBRARY.parent, "-ltmirror", f"-Wl,-rpath,{LIBRARY.parent}"], check=True)

    def run(**variables):
        return subprocess.run([program], capture_output=True, text=True, timeout=60, env=environment(**variables), check=False)

    return run


def test_the_header_says_what_is_exported():
    declared = set(re.findall(r"\b(tmirror_[a-z_]+)\(", re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)))
    assert {name for kind, name in exported() if kind == "T"} == declared


def test_pages_errors_and_silence(controller, ec2, user):
    made = {ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"] for _ in range(12)}
    keys = controller.administrator
    done = user(**keys)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == made and len(done.stdout.split()) == 12

    done = user(**(keys | {"AWS_SECRET_ACCESS_KEY": "wrong"}))
    assert done.returncode == 1 and done.stderr.startswith("1 401 AuthFailure: ")
    controller.stop()
    assert user(**keys).stderr.startswith("2 0 Unreachable: ")
    assert user().stderr.startswith("3 0 Credentials: ")


def test_cxx_takes_the_header():
    subprocess.run(["clang++", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c++", HEADER], check=True)
