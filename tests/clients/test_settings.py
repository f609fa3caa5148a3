"""What both daemons are told by options, environment and files, what they say of mistakes, and what SIGHUP changes."""
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time

import pytest
from controller import BUILD, Controller

AGENT = os.path.join(BUILD, "src/agent/tmirror-agent")
CONTROLLER = os.path.join(BUILD, "src/controller/tmirror-controller")


def run(program, *words, **environment):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TMIRROR_")}
    return subprocess.run([program, *map(str, words)], env={**inherited, **environment}, capture_output=True, text=True,
                          timeout=60, check=False)


def write(path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)
    return path


def wait_for(what, condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.parametrize("program,text,complaint", [
    (AGENT, "treads: 2\n", "1: there is no setting 'treads'"),
    (AGENT, "# two\nthreads: 2\nthreads: 3\n", "3: 'threads' is said twice"),
    (AGENT, "ring-size: 100000\n", "1: a ring's size is a power of two, not 100000"),
    (AGENT, "\nreport-interval: 31\n", "2: the interval of reports is a number from 1 to 30, not '31'"),
    (AGENT, "controller: https://user:word@host\n", "1: the controller's URL has no user and no password in it"),
    (CONTROLLER, "listen: [::1]:8773\n", "1: is not YAML: "),
    (CONTROLLER, "limit: {sessions-per-source: 33}\n", "1: the limit 'sessions-per-source' can be 32 at most"),
    (CONTROLLER, "rate:\n- Describe*=1/1\n- x\n", "3: "),
    (CONTROLLER, "plain-http: si\n", "1: 'si' is neither yes nor no"),
])
def test_a_mistake_is_told_with_its_line(tmp_path, program, text, complaint):
    path = write(tmp_path / "daemon.conf", text)
    for words in (["--check-config"], []):
        done = run(program, "--config", path, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"{os.path.basename(program)}: {path}:{complaint}") and done.stderr.count("\n") == 1


def test_good_settings_are_called_good(tmp_path):
    keys = write(tmp_path / "agent.env", "AWS_ACCESS_KEY_ID=AKIAEXAMPLE\nAWS_SECRET_ACCESS_KEY=x\n", 0o600)
    path = write(tmp_path / "agent.conf", f"credentials: {keys}\nthreads: 2\n")
    done = run(AGENT, "--check-config", "--config", path)
    assert (done.returncode, done.stdout) == (0, "tmirror-agent: the settings are good\n"), done.stderr
    assert run(AGENT, "--check-config", TMIRROR_AGENT_CONFIG=str(path)).returncode == 0
    keys.chmod(0o644)
    done = run(AGENT, "--check-config", "--config", path)
    assert done.returncode == 2 and f"{path}:1: the file '{keys}' holds a secret" in done.stderr
    mend = re.search(r"run: (chmod .*)$", done.stderr)[1]
    subprocess.run(["sh", "-c", mend], check=True)
    assert run(AGENT, "--check-config", "--config", path).returncode == 0
    keys.unlink()
    assert run(AGENT, "--check-config", "--config", path).returncode == 1
    assert run(CONTROLLER, "--check-config", "--config", write(tmp_path / "c.conf", "region: eu-1\n")).returncode == 0


def test_options_go_before_the_environment_and_that_before_the_file(tmp_path):
    path = write(tmp_path / "agent.conf", "threads: 2\nhost: file\nlog-level: debug\nattach: tcx\n")
    shown = run(AGENT, "--config", path, "--show-config", "--host=option", TMIRROR_AGENT_HOST="variable",
                TMIRROR_AGENT_LOG_LEVEL="error").stdout
    assert "host: option  # --host\n" in shown
    assert "log-level: error  # TMIRROR_AGENT_LOG_LEVEL\n" in shown
    assert f"threads: 2  # {path}:1\n" in shown
    assert "report-interval: 2\n" in shown
    again = run(AGENT, "--config", write(tmp_path / "again.conf", shown), "--show-config").stdout
    assert re.sub("  #.*", "", again) == re.sub("  #.*", "", shown)
    done = run(AGENT, "--config", path, TMIRROR_AGENT_THREADS="none")
    assert done.returncode == 2
    assert done.stderr == "tmirror-agent: TMIRROR_AGENT_THREADS: the number of threads is a number from 1 to 1024, not 'none'\n"


@pytest.mark.parametrize("program", [AGENT, CONTROLLER])
def test_the_sample_and_the_example_of_the_manual_are_good(tmp_path, program):
    sample = write(tmp_path / "sample.conf", run(program, "--sample-config").stdout)
    plain = run(program, "--config", sample, "--show-config")
    assert plain.returncode == 0 and "#" not in plain.stdout.replace("# --config", "")
    shown = run("groff", "-man", "-ww", "-Tascii", "-P-cbou", write(tmp_path / "page", run(program, "--manual", "5").stdout))
    example = re.search(r"^EXAMPLES\n(.*?)^SEE ALSO", shown.stdout, re.M | re.S)[1]
    lines = re.sub("^       ", "", example, flags=re.M)
    done = run(program, "--config", write(tmp_path / "example.conf", lines), "--show-config")
    assert done.returncode == 0 and done.stdout.count("example.conf:") >= 6, done.stderr


@pytest.mark.parametrize("program", [AGENT, CONTROLLER])
def test_manual_pages_say_all(tmp_path, program):
    options = re.findall(r"--[a-z-]+", run(program, "--help").stdout)
    assert len(options) > 15
    for section in "8", "5":
        page = write(tmp_path / "page", run(program, "--manual", section).stdout)
        shown = run("groff", "-man", "-ww", "-rCHECKSTYLE=3", "-Tutf8", "-rLL=200n", "-P-cbou", page)
        assert shown.returncode == 0 and not shown.stderr
        sample = run(program, "--sample-config").stdout
        for option in set(options):
            if section == "8":
                assert re.search(rf"^ +(-\w, )?{option}\b", shown.stdout, re.M), option
            elif f"#{option[2:]}: " in sample:
                assert re.search(rf"^ +{option[2:]}: ", shown.stdout, re.M), option
    done = run(program, "--manual", "7")
    assert done.returncode == 2 and "'7'" in done.stderr


def test_sighup_takes_over_what_may_change(tmp_path):
    path = write(tmp_path / "controller.conf", "log-level: info\nregion: eu-1\n")
    controller = Controller(tmp_path / "state", "--config", path)
    process = start(controller)

    def hup(text, answer):
        write(path, text)
        mark = len(controller.log())
        process.send_signal(signal.SIGHUP)
        wait_for(answer, lambda: answer in controller.log()[mark:])
        return controller.log()[mark:]

    try:
        assert "restart" not in hup("log-level: debug\nregion: eu-1\n", "the settings are read again")
        controller.query("DescribeRegions")
        wait_for("a request is told of", lambda: "DescribeRegions" in controller.log())
        said = hup("log-level: info\nregion: eu-2\n", "the settings are read again")
        assert "'region' is another in the settings now; it takes a restart" in said and said.count("restart") == 1
        assert f"{path}:1: 'loud' is not a log level" in hup("log-level: loud\n", "the old ones go on")
        assert controller.query("DescribeRegions").status_code == 200
    finally:
        assert controller.stop() == 0


def start(controller):
    """Without --log-level, so that the file's counts."""
    with open(controller.log_path, "a", encoding="utf-8") as log:
        controller.process = subprocess.Popen(
            [CONTROLLER, "--state", controller.state, "--listen", "127.0.0.1:0", *map(str, controller.options)],
            stdout=log, stderr=log, env={**os.environ, "TMIRROR_CONTROLLER_HOBBY": "none"})
    wait_for("the controller listens", lambda: "listening on" in controller.log())
    wait_for("a variable that means nothing is told of",
             lambda: "the environment's 'TMIRROR_CONTROLLER_HOBBY' is no setting" in controller.log())
    return controller.process


def make_certificate(directory, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory / "given.key",
                    "-out", directory / "given.pem"], check=True, capture_output=True)
    (directory / "given.key").chmod(0o600)
    return ssl.PEM_cert_to_DER_cert((directory / "given.pem").read_text())


def served(controller):
    port = int(controller.url.rsplit(":", 1)[1])
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))


def test_a_certificate_of_others_is_served_and_read_again(tmp_path):
    first = make_certificate(tmp_path, "first")
    path = write(tmp_path / "controller.conf", f"certificate: {tmp_path}/given.pem\ncertificate-key: {tmp_path}/given.key\n"
                 f"authority: {tmp_path}/given.pem\n")
    controller = Controller(tmp_path / "state", "--config", path)
    process = start(controller)
    try:
        assert served(controller) == first
        assert controller.administrator["AWS_CA_BUNDLE"] == f"{tmp_path}/given.pem"
        assert controller.query("DescribeRegions").status_code == 200
        port = controller.url
        second = make_certificate(tmp_path, "second")
        process.send_signal(signal.SIGHUP)
        wait_for("the second certificate is served", lambda: answers(controller) and served(controller) == second)
        assert controller.url == port and controller.query("DescribeRegions").status_code == 200
        # A key that does not belong to it leaves the old one in place.
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tmp_path / "given.key"], check=True)
        mark = len(controller.log())
        process.send_signal(signal.SIGHUP)
        wait_for("the pair is refused", lambda: "are not a certificate and its key in PEM" in controller.log()[mark:])
        assert served(controller) == second
        done = run(CONTROLLER, "--check-config", "--config", path)
        assert done.returncode == 1 and "are not a certificate and its key" in done.stderr
    finally:
        assert controller.stop() == 0
    (tmp_path / "given.key").chmod(0o644)
    done = run(CONTROLLER, "--config", path)
    assert done.returncode == 2 and f"{path}:2: the file '{tmp_path}/given.key' holds a secret" in done.stderr


def answers(controller):
    try:
        served(controller)
    except OSError:
        return False
    return True


def test_a_seal_key_that_others_read_is_refused(tmp_path):
    controller = Controller(tmp_path / "state")
    controller.start()
    controller.stop()
    key = pathlib.Path(controller.state) / "seal.key"
    key.chmod(0o644)
    done = run(CONTROLLER, "--state", controller.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and f"chmod o=,g-w '{key}'" in done.stderr
