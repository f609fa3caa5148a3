"""The agent reads its settings and credentials again on SIGHUP, and mirrors on meanwhile."""
import re
import signal

import pytest
from scene import AGENT, wait_for
from test_lifecycle import ingress_udp, numbers, send_numbers

pytestmark = pytest.mark.sanitized


def hup(scene, answer="the settings are read again"):
    mark = len(scene.log("tmirror-agent"))
    scene.agent.send_signal(signal.SIGHUP)
    wait_for(answer, lambda: answer in scene.log("tmirror-agent")[mark:])
    return scene.log("tmirror-agent")[mark:]


def test_settings_change_under_traffic(bare_scene):
    scene, count = bare_scene, 1500
    settings, keys = scene.directory / "agent.conf", scene.directory / "keys.env"
    scene.start_controller()
    old = (scene.state / "agent.env").read_text()
    keys.touch(0o600)
    keys.write_text(old)
    settings.write_text(f"credentials: {keys}\nlog-level: info\n")
    scene.agent = scene.start(scene.host, *agent_command(scene, settings))
    session = scene.session("web", scene.appliance(), ingress_udp(scene))
    sensor = scene.sensor_capture()
    sender = send_numbers(scene, count)
    settings.write_text(f"credentials: {keys}\nlog-level: debug\nreport-interval: 1\nthreads: 2\n")
    said = hup(scene)
    assert "'threads' is another in the settings now; it takes a restart" in said and said.count("restart") == 1

    # Another key, while the controller still has the old one; then only the new one.
    made = scene.tmirror("host-key", "create")
    new = old
    for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
        value = re.search(rf"{name}=(\S+)", made)[1]
        new = re.sub(rf"{name}=\S+", f"{name}={value}", new)
    keys.write_text(new)
    assert "the credentials are others now" in hup(scene)
    scene.tmirror("host-key", "delete", re.search(r"AWS_ACCESS_KEY_ID=(\S+)", old)[1])

    # A mistake changes nothing.
    settings.write_text("report-interval: often\n")
    assert f"{settings}:1: the interval of reports" in hup(scene, "the old ones go on")
    assert sender.wait(20) == 0
    assert numbers(sensor.wait_copies(count)) == list(range(count))

    # The line to the controller stands: a change is applied.
    scene.ec2().modify_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"], PacketLength=100)
    scene.settle()


def agent_command(scene, settings):
    """Without the options that the settings are to say."""
    return [AGENT, "--config", settings, "--state", scene.directory / "agent", "--bpffs", scene.pins, "--host", "testhost"]
