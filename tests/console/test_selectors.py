"""Selectors in the console: made, looked at, changed and ended, and what the pages of their sessions let one do."""
import pytest
from world import World


@pytest.fixture
def site(controller):
    """Three hosts; two interfaces are tagged, one of which has a session of number 7 already."""
    with World(controller) as world:
        devices = world.devices()
        world.ec2.create_tags(Resources=[devices[name] for name in ("web-1", "web-2", "mail")], Tags=[{"Key": "app", "Value": "web"}])
        world.ec2.modify_traffic_mirror_session(TrafficMirrorSessionId=world.sessions["mail, in full"], SessionNumber=7)
        yield world


def test_a_selector_from_nothing_to_its_end(browser, controller, site):
    keys = controller.administrator
    keys = {"key": keys["AWS_ACCESS_KEY_ID"], "secret": keys["AWS_SECRET_ACCESS_KEY"]}
    devices = site.devices()
    before = {session["TrafficMirrorSessionId"] for session in site.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]}
    made = browser.travel("selectors.mjs", "select", tag="app", value="web", target="recorder", filter="everything",
                          sources=["web-1", "web-2"], refused=devices["mail"], **keys)
    assert "in use" in made["said"] or "number" in made["said"]
    sessions = {session["NetworkInterfaceId"]: session for session in site.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
                if session["TrafficMirrorSessionId"] not in before}
    assert set(sessions) == {devices["web-1"], devices["web-2"]} and all(session["SessionNumber"] == 7 for session in sessions.values())
    selector = made["place"].rsplit("/", 1)[1]
    bound = browser.travel("selectors.mjs", "lookAtBound", session=sessions[devices["web-1"]]["TrafficMirrorSessionId"], selector=selector, **keys)
    assert bound == {"Pause": "true", "Modify": "true", "Delete": "true"}
    site.ec2.create_tags(Resources=[devices["web-2"]], Tags=[{"Key": "app", "Value": "shop-2"}])
    browser.travel("selectors.mjs", "changeSelector", place=made["place"], tag="app", value="shop-*", gone="web-1", **keys)
    left = {session["TrafficMirrorSessionId"] for session in site.ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]}
    assert left == before
