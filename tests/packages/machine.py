"""A machine to install packages on: a minimal Debian in a directory, with process, mount and network namespaces of its own.

    client 10.9.1.2 ── device "client" ─┐
                                        ├─ bridge "lan"     (the machine: packages, daemons, API on loopback)
    web    10.9.1.3 ── device "web" ────┘
    sensor 10.9.2.2 ── device "sensor" 10.9.2.1

Its first process is systemd, or one that does nothing; with that one everything of the machine ends, mounts and all.  The
minimal Debian is made once, by debootstrap, and kept as an archive.  The machine itself has no network to the outside: what
packages depend on was fetched before.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/netns"))
from scene import Capture, Namespace, run, wait_for  # noqa: E402

CACHE = pathlib.Path(os.environ.get("TMIRROR_DEBIAN", "/var/tmp/tmirror-debian.tar"))
PACKAGES = pathlib.Path(os.environ.get("TMIRROR_PACKAGES", ROOT / "build/deb")).resolve()
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root",
               "LC_ALL": "C.UTF-8"}
APT = ["apt-get", "-q", "-y", "--no-install-recommends", "-o", "APT::Sandbox::User=root"]

# What the first process sees when it starts.  Not by chroot, from within which nobody may make user namespaces, as systemd
# does for PrivateUsers=; cgroups are of the newer kind, which systemd wants.
BOOT = """
set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t bpf bpf "$root/sys/fs/bpf"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/packages"
mount --bind "$PACKAGES" "$root/packages"
cd "$root"
pivot_root . .
umount -l .
exec env -i container=test PATH="$PATH" "$@"
"""


def sources():
    """The host's own sources of Debian packages, and how to get there."""
    return [path for pattern in ("apt/sources.list", "apt/sources.list.d/*.list", "apt/sources.list.d/*.sources", "apt/apt.conf.d/*",
                                 "apt/keyrings/*", "apt/trusted.gpg.d/*", "resolv.conf", "hosts",
                                 "ssl/certs/ca-certificates.crt")
            for path in pathlib.Path("/etc").glob(pattern) if path.is_file()]


def mirror():
    for path in sources():
        if "sources.list" in str(path):
            for line in path.read_text().splitlines():
                words = line.split()
                if words[:1] == ["URIs:"]:
                    return words[1]
                if words[:1] == ["deb"]:
                    return next(word for word in words if "://" in word)
    raise AssertionError("this host has no source of Debian packages")


def make_debian():
    """The archive that machines are made of, if it is not there yet; with what our packages depend on in apt's cache."""
    wanted = depended_upon()
    has = CACHE.with_suffix(".depends")
    if CACHE.exists() and has.exists() and has.read_text().split() == wanted:
        return
    with tempfile.TemporaryDirectory(dir=CACHE.parent, prefix="tmirror-debian-") as root:
        run("debootstrap", "--variant=minbase", "--include=ca-certificates,iproute2", "bookworm", root, mirror(), timeout=600)
        shutil.rmtree(f"{root}/etc/apt/sources.list.d", ignore_errors=True)
        pathlib.Path(root, "etc/apt/sources.list").unlink(missing_ok=True)
        for path in sources():
            if "docker" not in path.name:
                copy = pathlib.Path(root, *path.parts[1:])
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
        fetch = ["chroot", root, "env", "-i", *settings(), *APT]
        run(*fetch, "update", timeout=600)
        for manager in (["systemd"], ["systemd-standalone-sysusers", "systemd-standalone-tmpfiles"]):
            run(*fetch, "--download-only", "install", *wanted, *manager, timeout=600)
        run("tar", "-C", root, "-cf", f"{CACHE}.new", ".", timeout=600)
    os.replace(f"{CACHE}.new", CACHE)
    has.write_text("\n".join(wanted))


def depended_upon():
    """Names of the packages that ours ask for by themselves; without alternatives, which are about service managers."""
    names = set()
    for package in PACKAGES.glob("*.deb"):
        for relation in run("dpkg-deb", "-f", package, "Depends").split(","):
            if relation.strip() and "|" not in relation and "tmirror" not in relation:
                names.add(relation.split()[0].split(":")[0])
    return sorted(names)


def settings():
    return [f"{name}={value}" for name, value in ENVIRONMENT.items()]


class Machine:
    def __init__(self, token, first_process, needs):
        """'needs' are the packages without which the first process, or what ours depend on, is not there."""
        self.namespaces, self.boot, self.log = [], None, None
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=CACHE.parent, prefix=f"tmirror-machine-{token}-"))
        self.root = self.directory / "root"
        self.root.mkdir()
        run("tar", "-C", self.root, "-xf", CACHE)
        self.root.chmod(0o755)  # It was a temporary directory.
        self.directory.chmod(0o755)
        run("chroot", self.root, "env", "-i", *settings(), *APT, "install", *needs, timeout=120)
        self.host = self.namespace(f"pkh-{token}")
        self.host.add_bridge("lan")
        self.client = self.plug(f"pkc-{token}", "client", "10.9.1.2", bridge=True)
        self.web = self.plug(f"pkw-{token}", "web", "10.9.1.3", bridge=True)
        self.sensor = self.plug(f"pks-{token}", "sensor", "10.9.2.2")
        self.host.ip("link", "set", "sensor", "mtu", "9000")  # Whole copies of 1,500 bytes fit.
        self.sensor.ip("link", "set", "eth0", "mtu", "9000")
        self.host.ip("address", "add", "10.9.2.1/24", "dev", "sensor")
        self.log = open(self.directory / "boot.log", "w")
        self.boot = subprocess.Popen(
            self.host.command("unshare", "--mount", "--pid", "--fork", "--kill-child", "--cgroup", "--uts", "--ipc", "sh", "-c", BOOT, "boot",
                              self.root, *first_process),
            env={**ENVIRONMENT, "PACKAGES": str(PACKAGES)}, stdout=self.log, stderr=self.log, start_new_session=True)
        self.first = wait_for("the machine's first process", lambda: self.find_first(os.path.basename(first_process[0])))

    def find_first(self, name):
        assert self.boot.poll() is None, pathlib.Path(self.log.name).read_text()
        for number in pathlib.Path(f"/proc/{self.boot.pid}/task/{self.boot.pid}/children").read_text().split():
            if pathlib.Path(f"/proc/{number}/comm").read_text().strip() == name:
                return int(number)
        return None

    def namespace(self, name):
        self.namespaces.append(Namespace(name))
        return self.namespaces[-1]

    def plug(self, name, device, address, bridge=False):
        instance = self.namespace(name)
        self.host.ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name)
        if bridge:
            self.host.ip("link", "set", device, "master", "lan")
        self.host.ip("link", "set", device, "up", "addrgenmode", "none")
        instance.ip("link", "set", "eth0", "up", "addrgenmode", "none")
        instance.ip("address", "add", f"{address}/24", "dev", "eth0")
        return instance

    def command(self, *words):
        return ["nsenter", "--target", str(self.first), "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd",
                "env", "-i", *settings(), *map(str, words)]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def succeeds(self, *words):
        return subprocess.run(self.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def start(self, *words):
        """In the background, without a service manager."""
        subprocess.Popen(self.command(*words), stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,  # pylint: disable=R1732
                         start_new_session=True)

    def install(self, *packages):
        """Packages by name or path, with what they depend on, from apt's cache."""
        return self.run(*APT, "install", *packages, timeout=120)

    def processes(self, program):
        """Their numbers outside of the machine."""
        namespace = os.readlink(f"/proc/{self.first}/ns/pid")
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(path / "ns/pid") == namespace and os.readlink(path / "exe").endswith(program):
                    found.append(int(path.name))
            except OSError:
                continue
        return found

    def capture(self):
        return Capture(self.sensor, "eth0", "udp port 4789", self.directory, "sensor")

    def close(self):
        if self.boot:
            self.boot.kill()
            self.boot.wait()
        for namespace in self.namespaces:
            for number in subprocess.run(["ip", "netns", "pids", namespace.name], stdout=subprocess.PIPE, text=True, check=False).stdout.split():
                subprocess.run(["kill", "-9", number], check=False, stderr=subprocess.DEVNULL)
            namespace.delete()
        if self.log:
            self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)
