"""tmirror doctor on a host where one thing after the other is made to ail, and mended by the command that it prints."""
import json
import os
import shlex
import subprocess
import tarfile

import pytest
from scene import AGENT, BUILD, CLI, is_sanitized, run, wait_for
from test_lifecycle import ingress_udp

pytestmark = pytest.mark.sanitized

CLOCK = BUILD / "tests/clients/clock.so"


class Doctor:
    def __init__(self, scene):
        self.scene = scene

    def examine(self, *words, **environment):
        """Exit status and findings."""
        keys = ["--credentials", self.scene.state / "credentials.env"]
        done = subprocess.run([str(word) for word in (CLI, *keys, "doctor", "--agent", AGENT, "--json", *words)], capture_output=True,
                              text=True, timeout=60, check=False, env={**os.environ, **environment})
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    def find(self, check, verdict, part="", **environment):
        """The findings of a check that have this verdict and this part in their text."""
        return [finding for finding in self.examine(**environment)[1]
                if finding["Check"] == check and finding["Verdict"] == verdict and part in finding["Text"]]

    def must_mend(self, check, verdict, part, change=lambda command: command, status=1):
        """Ails as expected; then the printed command is run, and it does no more."""
        found = self.find(check, verdict, part)
        assert len(found) == 1, (check, part, self.examine()[1])
        assert verdict != "problem" or self.examine()[0] == status
        command = change(found[0]["Mend"])
        run(*shlex.split(command))
        wait_for(f"'{command}' mends {check}", lambda: not self.find(check, verdict, part))
        return command


@pytest.fixture
def host(scene):
    """Mirrors; the way to the sensor takes 9,000 bytes."""
    scene.session("web", scene.appliance(), ingress_udp(scene))
    wait_for("the plan is saved", lambda: (scene.directory / "agent" / "plan.json").exists())
    return Doctor(scene)


def test_a_host_without_ailment(host):
    status, findings = host.examine()
    bad = [finding for finding in findings if finding["Verdict"] in ("warning", "problem")]
    assert status == 0 and not bad, bad
    texts = {(finding["Check"], finding["Verdict"]) for finding in findings}
    for check in ("agent", "settings", "plan", "files", "kernel", "bpffs", "capabilities", "rings", "sources", "paths", "firewall",
                  "clock", "controller", "versions", "sessions"):
        assert (check, "ok") in texts, check
    shown = run(CLI, "--credentials", host.scene.state / "credentials.env", "doctor", "--agent", AGENT)
    assert "ok       clock         agrees with the controller's\n" in shown and "mend:" not in shown
    # Without a key for the API, and as somebody who may see little, it says so.
    done = subprocess.run([CLI, "doctor", "--agent", AGENT, "--json"], capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, cwd="/", user=65534)
    unseen = {finding["Check"] for finding in json.loads(done.stdout) if finding["Verdict"] == "unseen"}
    assert {"agent", "kernel", "paths", "controller", "sessions"} <= unseen, done.stdout


def test_what_ails_the_network_is_mended(host):
    scene = host.scene
    scene.host.ip("link", "set", "sensor", "mtu", "1500")
    assert host.must_mend("mtu", "warning", "need 1550 bytes on the way to 10.9.2.2, which takes 1500") == "ip link set dev sensor mtu 1550"

    scene.host.ip("address", "del", "10.9.2.1/24", "dev", "sensor")
    scene.host.ip("address", "add", "10.9.9.1/24", "dev", "sensor")
    command = host.must_mend("paths", "problem", "no route to the appliance 10.9.2.2", lambda line: line.replace("via GATEWAY", "dev sensor"))
    assert command == "ip route add 10.9.2.2/32 dev sensor"
    scene.host.ip("route", "del", "10.9.2.2/32")
    scene.host.ip("address", "add", "10.9.2.1/24", "dev", "sensor")

    scene.host.ip("neighbour", "replace", "10.9.2.2", "dev", "sensor", "nud", "failed")
    host.must_mend("paths", "problem", "10.9.2.2 on the way to 10.9.2.2 does not answer")

    scene.host.run("nft", "add table inet guard; add chain inet guard out { type filter hook output priority 0; policy drop; }; "
                          "add rule inet guard out tcp dport 1-65535 accept; add rule inet guard out meta l4proto icmp accept; "
                          "add rule inet guard out tcp sport 1-65535 accept")
    host.must_mend("firewall", "problem", "the chain inet guard out drops copies to 10.9.2.2, UDP port 4789")
    # What is limited may be dropped, and who cannot tell says so.
    scene.host.run("nft", "flush chain inet guard out; chain inet guard out { policy accept; }; "
                          "add rule inet guard out limit rate over 10/second drop")
    assert host.find("firewall", "warning", "may drop copies")
    scene.host.run("nft", "delete table inet guard")
    assert host.find("firewall", "ok")

    scene.host.ip("link", "set", "web", "down")
    assert host.must_mend("sources", "warning", "web is down") == "ip link set dev web up"


def test_what_ails_files_and_daemons_is_told(host):
    scene = host.scene
    keys = scene.state / "agent.env"
    keys.chmod(0o644)
    assert host.find("settings", "problem", "holds a secret")  # An agent would not start.
    command = host.find("settings", "problem")[0]["Text"].split("run: ")[1]
    run("sh", "-c", command)
    assert not host.find("settings", "problem")
    plan = scene.directory / "agent" / "plan.json"
    plan.chmod(0o666)
    host.must_mend("files", "problem", "the saved plan")

    # A clock that is wrong: refused beyond 300 seconds, and remarkable before.
    clock = {"LD_PRELOAD": str(CLOCK), "CLOCK_AHEAD": "30"}
    if not is_sanitized():  # Whose own library has to be the first.
        assert host.find("clock", "warning", "before the controller's", **clock)

    # A key that the controller has forgotten.
    good = keys.read_text()
    key = next(line.split("=")[1] for line in good.splitlines() if "ACCESS_KEY_ID" in line)
    keys.write_text(good.replace(key, key[:-4] + "AAAA"))
    assert "tmirror host-key create" in host.find("controller", "problem", "refuses the host 'testhost'")[0]["Mend"]
    keys.write_text(good)

    scene.controller.terminate()
    scene.controller.wait()
    assert host.find("controller", "problem", "https://127.0.0.1:8773")
    assert host.find("sessions", "unseen")
    scene.start_controller()
    assert not host.find("controller", "problem")

    scene.agent.terminate()
    scene.agent.wait()
    settings = scene.directory / "agent.conf"
    settings.write_text(f"credentials: {keys}\nstate: {scene.directory}/agent\nbpffs: {scene.pins}\nhost: testhost\n")
    settings.chmod(0o666)
    status, findings = host.examine("--config", settings)
    found = {finding["Check"]: finding for finding in findings if finding["Verdict"] == "problem"}
    assert status == 1 and found["agent"]["Mend"] == "systemctl start tmirror-agent"
    assert found["files"]["Mend"] == f"chmod 644 {settings}"
    assert any(finding["Check"] == "paths" and finding["Verdict"] == "ok" for finding in findings)  # By the saved plan.
    run(*shlex.split(found["files"]["Mend"]))
    settings.write_text("hots: testhost\n")
    assert f"{settings}:1: there is no setting 'hots'" in [
        finding["Text"] for finding in host.examine("--config", settings)[1] if finding["Check"] == "settings"][0]


def test_what_the_agent_wrote_is_a_strangers(host, tmp_path):
    """Its files and names are not what makes root's doctor read, wait, or tell a command of theirs."""
    scene = host.scene
    plan = scene.directory / "agent" / "plan.json"
    good = plan.read_bytes()
    secret = tmp_path / "shadow"
    secret.write_bytes(good.replace(b"web", b"root-only"))
    for make, said in ((lambda: plan.symlink_to(secret), "Too many levels of symbolic links"), (lambda: os.mkfifo(plan), "Invalid argument")):
        plan.unlink()
        make()
        assert said in host.find("plan", "unseen")[0]["Text"]
        bundle = tmp_path / "bundle.tar"
        run(CLI, "support-bundle", bundle, "--agent", AGENT, timeout=60)
        assert b"root-only" not in bundle.read_bytes() and b"plan.json" not in bundle.read_bytes().replace(b"agent/plan.json", b"")
        bundle.unlink()
    plan.unlink()
    plan.write_bytes(good)
    keys = scene.state / "agent.env"
    words = keys.read_text()
    # Its certificate fails, and what mends it has the path in it.
    evil = tmp_path / "x'; touch pwned; '"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other", "-keyout", tmp_path / "key",
        "-out", evil)
    keys.write_text("\n".join(line for line in words.splitlines() if "CA_BUNDLE" not in line)
                    + f"\nexport AWS_CA_BUNDLE=\"{evil}\"\n")
    mend = host.find("controller", "problem")[0]["Mend"]
    assert shlex.split(mend) == ["scp", "CONTROLLER:/var/lib/tmirror/ca.pem", str(evil)], mend
    keys.write_text(words)
    # nft reads on within a word, so a chain's name that is none for it goes into no command.
    scene.host.run("nft", "-j", "-f", "-", input=json.dumps({"nftables": [{"add": {"table": {"family": "inet", "name": "guard"}}}, {"add": {"chain": {
        "family": "inet", "table": "guard", "name": "a;flush ruleset", "type": "filter", "hook": "output", "prio": 0, "policy": "drop"}}}]}))
    found = host.find("firewall", "problem", "the chain inet guard a;flush ruleset drops copies")
    assert found and not any("Mend" in finding for finding in found), found
    scene.host.run("nft", "delete", "table", "inet", "guard")
    # Somebody else's process of that name is no agent.
    scene.agent.terminate()
    scene.agent.wait()
    other = tmp_path / "tmirror-agent"
    other.write_bytes(open("/bin/sleep", "rb").read())
    other.chmod(0o755)
    with subprocess.Popen([other, "60"]) as sleeper:
        try:
            assert host.find("agent", "problem", "no agent runs")
        finally:
            sleeper.kill()


def test_a_support_bundle_has_no_secret(host, tmp_path):
    scene = host.scene
    secrets = [line.split("=", 1)[1] for name in ("agent.env", "credentials.env") for line in (scene.state / name).read_text().splitlines()
               if "SECRET" in line]
    secrets.append((scene.state / "seal.key").read_text().strip())
    for name in "ca.key", "server.key":
        secrets += [line for line in (scene.state / name).read_text().splitlines() if "-----" not in line and len(line) >= 8]
    assert len(secrets) >= 7
    log = tmp_path / "daemon.log"
    typed = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIExampleOfAKey\n-----END EC PRIVATE KEY-----"
    log.write_text("\n".join([*(f"said '{secret}', twice: {secret}{secret}" for secret in secrets), typed,
                              "postgresql://tm:hunter2pass@db/tm", "Password: correct-horse", '"SecretAccessKey": "abcdefgh"', "the end\n"]))
    bundle = tmp_path / "bundle.tar"
    words = [CLI, "--credentials", scene.state / "credentials.env", "support-bundle", bundle, "--agent", AGENT, "--log", log,
             "--controller-state", scene.state]
    run(*words)
    assert bundle.stat().st_mode & 0o777 == 0o600
    raw = bundle.read_bytes().decode(errors="replace")
    for secret in [*secrets, "MHcCAQEEIExampleOfAKey", "hunter2pass", "correct-horse", "abcdefgh"]:
        assert secret not in raw, secret
    with tarfile.open(bundle) as tar:
        files = {member.name.removeprefix("tmirror-support/"): tar.extractfile(member).read().decode() for member in tar}
    assert {"doctor.json", "settings.yaml", "plan.json", "hosts.json", "sessions.json", "link.txt", "rules.txt", "journal.txt",
            "log/1-daemon.log"} <= files.keys()
    assert json.loads(files["plan.json"])["sources"] and json.loads(files["sessions.json"])[0]["State"] == "active"
    assert "host: testhost" in files["settings.yaml"] and "lan" in files["link.txt"]
    assert files["log/1-daemon.log"].endswith("postgresql://tm:***@db/tm\nPassword: ***\n\"SecretAccessKey\": \"***\"\nthe end\n")
    again = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 1 and "File exists" in again.stderr
    lost = subprocess.run([*map(str, words[:4]), str(tmp_path / "other.tar"), "--log", "/nonexistent"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert lost.returncode == 1 and not (tmp_path / "other.tar").exists()
