"""What Prometheus is told by an agent: the same as the API tells of its sessions, also after the agent was killed."""
import pytest
from prometheus_client.parser import text_string_to_metric_families
from scene import wait_for
from test_lifecycle import kill
from test_mirroring import settled_counters

pytestmark = pytest.mark.sanitized

PAGE = "http://127.0.0.1:9464/metrics"


def scrape(scene):
    """The samples by name and labels, sorted."""
    text = scene.host.run("curl", "--silent", "--show-error", "--fail", "--retry", "20", "--retry-connrefused", "--retry-delay", "1",
                          "--retry-all-errors", PAGE)
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def counted(page, session, name, direction, **labels):
    key = {"direction": direction, "host": "testhost", "session": session["TrafficMirrorSessionId"], **labels}
    return page.get((f"tmirror_session_{name}_total", *sorted(key.items())))


def test_agent_tells_of_its_sessions(scene):
    kill(scene.agent)
    scene.agent_options = [*scene.agent_options, "--metrics", "127.0.0.1:9464"]
    scene.start_agent()
    session = scene.session("web", scene.appliance(), scene.filter(), VirtualNetworkId=5)
    scene.client.run("ping", "-c", "5", "-i", "0.1", "-W", "2", "10.9.1.3")
    for _ in range(2):
        told = settled_counters(scene, session)
        page = wait_for("both tell the same", lambda told=told: (page := scrape(scene)) and all(
            counted(page, session, "accepted_packets", direction.lower()) == told[direction]["Accepted"]["Packets"] and
            counted(page, session, "shipped_bytes", direction.lower()) == told[direction]["Shipped"]["Bytes"]
            for direction in ("Ingress", "Egress")) and page)
        assert told["Ingress"]["Accepted"]["Packets"] >= 5
        assert counted(page, session, "lost_packets", "ingress", reason="ring_full") == 0
        assert page["tmirror_session_active", ("host", "testhost"), ("session", session["TrafficMirrorSessionId"])] == 1
        assert page["tmirror_agent_sessions",] == 1 and page["process_resident_memory_bytes",] > 1e6
        # Counters belong to the session, not to the process that tells of them.
        kill(scene.agent)
        scene.start_agent()
