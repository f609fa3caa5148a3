"""The packages on a machine of their own: installed, at work, upgraded under traffic, removed, purged."""
import json
import os
import pathlib
import re
import secrets
import subprocess

import pytest
from machine import PACKAGES, ROOT, Machine, make_debian
from scapy.all import UDP, Ether
from scene import run, wait_for

OURS = ("tmirror-controller", "tmirror-agent", "tmirror", "libtmirror-dev", "libtmirror0")
SENDER = """
import socket, struct, sys, time
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[1])):
    link.sendto(struct.pack(">I", number), ("10.9.1.3", 4000))
    time.sleep(0.002)
"""


class Plain:
    """Started by hand, as on a system without systemd: foreground programs with their output on standard error."""

    first_process = ["sleep", "infinity"]
    needs = ["systemd-standalone-sysusers", "systemd-standalone-tmpfiles"]
    agent = "root"
    capabilities = {"CapPrm": (12, 13, 39), "CapBnd": (12, 13, 39)}

    def __init__(self, machine):
        self.machine = machine

    def start_controller(self):
        self.machine.start("/usr/sbin/tmirror-controller")

    def start_agent(self):
        self.machine.start("/usr/sbin/tmirror-agent")

    def after_upgrade(self):
        """Nobody restarts the daemons but whoever started them."""
        for program, start in (("tmirror-agent", self.start_agent), ("tmirror-controller", self.start_controller)):
            self.machine.run("start-stop-daemon", "--stop", "--retry", "10", "--exec", f"/usr/sbin/{program}")
            start()


class Systemd:
    """Started by the units, confined as these say."""

    first_process = ["/lib/systemd/systemd", "--system", "--unit=multi-user.target", "--log-target=console"]
    needs = ["systemd"]
    agent = "tmirror-agent"
    capabilities = {"CapPrm": (12, 13, 39), "CapAmb": ()}

    def __init__(self, machine):
        self.machine = machine

    def start_controller(self):
        """By the package."""
        assert self.machine.run("systemctl", "is-active", "tmirror-controller").strip() == "active"
        assert not self.machine.succeeds("systemctl", "is-active", "tmirror-agent"), "an agent without a key has nothing to do"

    def start_agent(self):
        self.machine.run("systemctl", "start", "tmirror-agent")

    def after_upgrade(self):
        pass


@pytest.fixture(scope="session", autouse=True)
def debian():
    make_debian()


@pytest.fixture(params=[Plain, Systemd], ids=["plain", "systemd"])
def manager(request):
    kind = request.param
    machine = Machine(secrets.token_hex(3), kind.first_process, kind.needs)
    try:
        yield kind(machine)
    except BaseException:
        print(pathlib.Path(machine.log.name).read_text()[-6000:])
        if kind is Systemd:
            print(machine.run("journalctl", "--no-pager", "-u", "tmirror-*"))
        raise
    finally:
        machine.close()


def test_life_of_the_packages(manager, tmp_path):
    """One story, since each chapter needs the one before it."""
    machine = manager.machine
    install(machine)
    manager.start_controller()
    wait_for("the controller has written its keys", lambda: machine.succeeds("test", "-s", "/var/lib/tmirror/agent.env"))
    machine.run("install", "-o", manager.agent, "-m", "600", "/var/lib/tmirror/agent.env", "/etc/tmirror/agent.env")
    manager.start_agent()
    sensor = machine.capture()
    mirror(machine)
    machine.client.run("ping", "-c", "1", "-W", "2", "10.9.1.3")
    sensor.wait_copies(2)
    check_confinement(manager)
    examine(manager)
    upgrade(manager, sensor, tmp_path)
    remove(manager)


def install(machine):
    packages = [f"/packages/{path.name}" for path in PACKAGES.glob("*.deb") if path.name.split("_")[0] in OURS]
    assert len(packages) == len(OURS), f"tools/deb has not made all packages in {PACKAGES}"
    machine.install(*packages)
    for user, directory in (("tmirror", "/var/lib/tmirror"), ("tmirror-agent", "/var/lib/tmirror-agent")):
        assert machine.run("stat", "-c", "%U", directory).strip() == user


def tmirror(machine, *words):
    return machine.run("tmirror", "--credentials", "/var/lib/tmirror/credentials.env", *words)


def mirror(machine):
    wait_for("the agent has told of its interfaces", lambda: "web" in tmirror(machine, "interface", "list"))
    tmirror(machine, "mirror", "web", "--to", "10.9.2.2")
    wait_for("the session is active", lambda: states(machine) == ["active"])


def states(machine):
    return [session["State"] for session in json.loads(tmirror(machine, "status", "-o", "json"))["Sessions"]]


def capabilities(number):
    """Sets of capabilities of a process, by their names in /proc."""
    status = pathlib.Path(f"/proc/{number}/status").read_text()
    return {name: tuple(bit for bit in range(64) if int(bits, 16) >> bit & 1)
            for name, bits in re.findall(r"^(Cap\w+):\s*([0-9a-f]+)$", status, re.M)} | {
                "NoNewPrivs": re.search(r"^NoNewPrivs:\s*(\d)", status, re.M)[1]}


def check_confinement(manager):
    """What the kernel says of the running daemons, whatever the units or the programs promise."""
    (agent,), (controller,) = manager.machine.processes("/tmirror-agent"), manager.machine.processes("/tmirror-controller")
    held = capabilities(agent)
    for name, bits in manager.capabilities.items():
        assert held[name] == bits, (name, held)
    assert held["NoNewPrivs"] == "1"
    assert capabilities(controller)["CapEff"] == () and capabilities(controller)["NoNewPrivs"] == "1"
    if isinstance(manager, Plain):
        assert "tmirror-controller" in pathlib.Path(manager.machine.log.name).read_text(), "without a service manager it logs to standard error"
    if isinstance(manager, Systemd):
        # What was written cannot be executed, nor become code by mapping it.
        seen = ["nsenter", "--target", str(controller), "--mount", "--root", "--wd"]
        written = pathlib.Path(f"/proc/{controller}/root/var/lib/tmirror/written")
        written.write_bytes(pathlib.Path("/bin/true").read_bytes())
        written.chmod(0o755)
        done = subprocess.run([*seen, "/lib64/ld-linux-x86-64.so.2", "/var/lib/tmirror/written"], capture_output=True, text=True, check=False)
        assert done.returncode != 0 and "failed to map segment" in done.stderr, done
        written.unlink()
        for number, user in ((agent, "tmirror-agent"), (controller, "tmirror")):
            assert manager.machine.run("id", "-u", user).strip() == str(os.stat(f"/proc/{number}").st_uid)


def examine(manager):
    """The doctor, as root calls him on a host that was installed from packages, finds the agent, whosever it is, and nothing bad."""
    machine = manager.machine
    (agent,) = manager.machine.processes("/tmirror-agent")
    number = pathlib.Path(f"/proc/{agent}/status").read_text().split("NSpid:")[1].splitlines()[0].split()[-1]
    # Root without root's capabilities cannot write to the directory of the package's user, and the doctor says so.
    saved = isinstance(manager, Systemd)
    if saved:
        wait_for("the plan is saved", lambda: machine.succeeds("test", "-s", "/var/lib/tmirror-agent/plan.json"))
    findings = json.loads(tmirror(machine, "doctor", "--json"))
    bad = [finding for finding in findings if finding["Verdict"] in ("problem", "warning")]
    assert [finding["Check"] for finding in bad] == ([] if saved else ["plan"]), bad
    texts = {(finding["Check"], finding["Verdict"]): finding["Text"] for finding in findings}
    assert texts["agent", "ok"] == f"runs as process {number}"
    for check in ("settings", "rings", "bpffs", "controller", "capabilities", *(("plan", "paths") if saved else ())):
        assert (check, "ok") in texts, (check, findings)
    assert ("/run/tmirror/bpf" if isinstance(manager, Systemd) else "/sys/fs/bpf") in texts["bpffs", "ok"]
    tmirror(machine, "support-bundle", "/root/bundle.tar")
    bundle = (machine.root / "root/bundle.tar").read_bytes().decode(errors="replace")
    for name in ("agent.env", "credentials.env"):
        for line in (machine.root / "var/lib/tmirror" / name).read_text().splitlines():
            assert "SECRET" not in line or line.split("=", 1)[1] not in bundle
    assert ('"sources"' in bundle) == saved and "tmirror-support/settings.yaml" in bundle
    machine.run("rm", "/root/bundle.tar")


def upgrade(manager, sensor, directory):
    """To a higher version while numbered packets flow: every one of them is copied."""
    machine = manager.machine
    before = machine.processes("/tmirror-agent") + machine.processes("/tmirror-controller")
    raised = [raise_version(path, machine.root / "root") for path in PACKAGES.glob("*.deb") if path.name.split("_")[0] in OURS]
    sender = machine.client.start("/usr/bin/python3", "-c", SENDER, "6000", stderr=subprocess.STDOUT)
    wait_for("copies of the first packets", lambda: numbers(sensor))
    machine.install(*raised)
    manager.after_upgrade()
    wait_for("the new agent runs", lambda: len(machine.processes("/tmirror-agent")) == 1)
    assert sender.poll() is None, "the upgrade took longer than the packets"
    assert sender.wait(60) == 0
    wait_for("all copies", lambda: set(numbers(sensor)) == set(range(6000)))
    assert not set(before) & set(machine.processes("/tmirror-agent") + machine.processes("/tmirror-controller"))
    wait_for("the session is active", lambda: states(machine) == ["active"])


def numbers(sensor):
    found = []
    for copy in sensor.copies():
        frame = Ether(copy)
        if UDP in frame and frame[UDP].dport == 4000:
            found.append(int.from_bytes(bytes(frame[UDP].payload)[:4], "big"))
    return found


def raise_version(package, directory):
    """The same package with a higher version; its path within the machine."""
    tree = directory / "raised"
    run("rm", "-rf", tree)
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    version = re.search(r"^Version: (.*)$", control.read_text(), re.M)[1]
    control.write_text(control.read_text().replace(version, f"{version}+1"))
    raised = directory / package.name.replace(version, f"{version}+1")
    run("dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, raised)
    run("rm", "-r", tree)
    return f"/root/{raised.name}"


def kernel_objects(number=None):
    """Kinds and numbers of the BPF objects of a process, or of all there are."""
    if number is None:
        return {(kind, entry["id"]) for kind in ("map", "prog") for entry in json.loads(run("bpftool", "-j", kind, "show"))}
    return {(kind, int(found)) for path in pathlib.Path(f"/proc/{number}/fdinfo").iterdir()
            for kind, found in re.findall(r"^(map|prog)_id:\s*(\d+)$", path.read_text(), re.M)}


def start_in_container(machine):
    """A controller in a process namespace of its own, from the same file."""
    process = subprocess.Popen(  # pylint: disable=R1732
        machine.command("unshare", "--pid", "--fork", "--kill-child", "/usr/sbin/tmirror-controller", "--state", "/tmp/contained", "--listen",
                        "127.0.0.1:0"), stdout=machine.log, stderr=machine.log, stdin=subprocess.DEVNULL)
    wait_for("the contained controller serves", lambda: machine.succeeds("test", "-s", "/tmp/contained/agent.env"))
    return process


def remove(manager):
    """Purged, the packages have been there as little as their programs, maps, processes, users and files."""
    machine = manager.machine
    (agent,) = machine.processes("/tmirror-agent")
    ours = kernel_objects(agent)
    assert {kind for kind, _ in ours} == {"map", "prog"}
    users = {machine.run("id", "-u", user).strip() for user in ("tmirror", "tmirror-agent")}
    container = start_in_container(machine)
    machine.run("apt-get", "-q", "-y", "remove", *OURS, timeout=120)
    assert container.poll() is None, "what runs the same file in a container is not the package's to stop"
    container.terminate()
    container.wait()
    machine.run("rm", "-r", "/tmp/contained")
    assert not machine.processes("/tmirror-agent") and not machine.processes("/tmirror-controller")
    assert machine.succeeds("test", "-s", "/var/lib/tmirror/tmirror.sqlite"), "what is removed, but not purged, keeps its data"
    wait_for("the kernel frees our objects", lambda: not ours & kernel_objects())
    record = "/var/log/api-record"
    if isinstance(manager, Plain):  # Kept elsewhere, so the number of who wrote it is not given away.
        machine.run("install", "-o", "tmirror", "/dev/null", record)
    machine.run("dpkg", "--purge", "tmirror-controller", "tmirror-agent", timeout=120)
    if isinstance(manager, Plain):
        assert machine.run("stat", "-c", "%U", record).strip() == "tmirror"
        machine.run("rm", record)
        machine.run("userdel", "tmirror")
    for user in ("tmirror", "tmirror-agent"):
        assert not machine.succeeds("getent", "passwd", user) and not machine.succeeds("getent", "group", user)
    left = machine.run("find", "/etc", "/var", "/usr", "/lib", "/run", "/root", "/tmp", "/sys/fs/bpf", "-name", "*tmirror*", "-not",
                       "-path", "/root/*.deb").split()
    assert left == []
    for user in users:
        assert machine.run("find", "/etc", "/var", "/usr", "/run", "-uid", user).split() == []
    assert not machine.succeeds("mountpoint", "-q", "/run/tmirror/bpf")
