#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the console's files:  build_console.py MODE SOURCE OUTPUT STAMP DEPFILE

With Node.js and npm, Vite builds SOURCE into the directory OUTPUT, and everything is compressed ahead of time.  Where these
are missing, or npm can get no packages, SOURCE/dist is taken, which release tarballs carry.  Where that is missing, too,
OUTPUT stays empty and the controller says that it has no console.

MODE is "auto", or "enabled": then nothing but a console will do.  STAMP is written at the end, and DEPFILE tells ninja of
every file and folder that was looked at; without sources, of the folder that they may come to.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

TOOLS = pathlib.Path(__file__).resolve().parent
ASIDE = {"node_modules", "dist"}
RELEASED = ".released"  # tools/dist puts it into SOURCE/dist of a tarball, which is then taken even where Node.js is.


class Unavailable(Exception):
    """The console cannot be built here, for reasons that are not its own."""


def list_sources(source):
    """Files and folders; a folder changes when a file comes or goes."""
    if not source.is_dir():
        yield str(source.parent)
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in ASIDE]
        yield folder
        yield from (os.path.join(folder, name) for name in files)


@contextlib.contextmanager
def locked(folder):
    """Two builds of one tree share what npm installs, so one of them waits."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def run(source, *command):
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


def install(source):
    """The packages of the lock file, unless exactly they are there."""
    if (source / "dist" / RELEASED).is_file():
        raise Unavailable("this is a release, which has its console with it")
    lock, installed = source / "package-lock.json", source / "node_modules" / ".tmirror-lock"
    if not (source / "package.json").is_file():
        raise Unavailable("there are no sources of the console")
    if not shutil.which("node") or not shutil.which("npm"):
        raise Unavailable("Node.js and npm are not installed")
    with locked(source):
        if installed.is_file() and installed.read_bytes() == lock.read_bytes():
            return
        result = run(source, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        if result.returncode != 0:
            # What follows the first lines is npm's manual.
            reason = "\n".join(result.stderr.splitlines()[:6])
            raise Unavailable(f"npm cannot install the console's packages:\n{reason}")
        shutil.copyfile(lock, installed)


def build(source, output):
    install(source)
    result = run(source, "npx", "--no-install", "vite", "build", "--base", "/console/", "--outDir", str(output), "--emptyOutDir",
                 "--logLevel", "warn")
    if result.returncode != 0:
        sys.exit(f"The console does not build:\n{result.stdout}{result.stderr}")
    subprocess.run(["node", str(TOOLS / "compress_files.mjs"), str(output)], check=True)


def take_prebuilt(source, output, reason, mode):
    if (source / "dist" / "index.html").is_file():
        shutil.copytree(source / "dist", output, ignore=shutil.ignore_patterns(RELEASED))
    elif mode == "enabled":
        sys.exit(f"The console cannot be built: {reason}")
    else:
        output.mkdir(parents=True)
        print(f"The controller is built without console: {reason}", file=sys.stderr)


def main():
    mode, source, output, stamp, depfile = sys.argv[1], *map(lambda name: pathlib.Path(name).resolve(), sys.argv[2:5]), sys.argv[5]
    shutil.rmtree(output, ignore_errors=True)
    try:
        build(source, output)
    except Unavailable as reason:
        take_prebuilt(source, output, reason, mode)
    names = [name.replace(" ", "\\ ") for name in list_sources(source)]
    pathlib.Path(depfile).write_text(f"{sys.argv[4]}: {' '.join(names)}\n", encoding="utf-8")
    stamp.write_text("\n".join(sorted(path.relative_to(output).as_posix() for path in output.rglob("*"))) + "\n", encoding="utf-8")


main()
