"""Every page that the menu leads to can be visited without a complaint, in each look; make screenshots keeps the pictures."""
import pytest
from world import SESSIONS, World

LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "colorScheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "colorScheme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_each_page(browser, controller, pictures, look):
    keys = controller.administrator
    with World(controller) as world:
        session = world.sessions[next(iter(SESSIONS))]
        places = browser.travel("journeys.mjs", "photograph", options=LOOKS[look], directory=str(pictures), look=look,
                                more=[f"/console/sessions/{session}"], key=keys["AWS_ACCESS_KEY_ID"], secret=keys["AWS_SECRET_ACCESS_KEY"])
    assert "/console/" in places and "/console/sessions" in places
    assert len(list(pictures.glob(f"*-{look}.png"))) == len(places)
