"""What scenes leave that had no time to take themselves down, because their process was killed: the next run takes it away.

A scene holds the lock of its directory for as long as its process lives."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PREFIX = "tmirror-scene-"
BPFFS = pathlib.Path("/sys/fs/bpf")
YOUNG = 60  # Seconds in which a directory may be without its lock yet.


def make_directory(token):
    """A scene's directory, and the descriptor that holds its lock."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{PREFIX}{token}-"))
    descriptor = os.open(directory, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return directory, descriptor


def sweep():
    for directory in pathlib.Path(tempfile.gettempdir()).glob(PREFIX + "*-*"):
        with contextlib.suppress(OSError):
            if time.time() - directory.stat().st_mtime > YOUNG and not is_held(directory):
                take_away(directory.name.removeprefix(PREFIX).split("-")[0])
                shutil.rmtree(directory, ignore_errors=True)


def is_held(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def take_away(token):
    """Processes, namespaces and pins of a scene, in this order: what has no process, device nor name any more, is gone."""
    for name in [line.split()[0] for line in output("ip", "netns", "list").splitlines() if line]:
        if name.startswith("tmt-") and name.endswith(f"-{token}"):
            for process in output("ip", "netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", name], check=False)
    for pins in BPFFS.glob(f"tmirror-*-{token}"):
        shutil.rmtree(pins, ignore_errors=True)


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
