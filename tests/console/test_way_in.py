"""The way into the console, in a browser."""
import pytest

from controller import element

LIGHT = 600_000
SECONDS = 2


def keys_of(controller):
    keys = controller.administrator
    return {"key": keys["AWS_ACCESS_KEY_ID"], "secret": keys["AWS_SECRET_ACCESS_KEY"]}


@pytest.mark.alone
def test_the_first_page_is_light_and_quick(browser):
    # The first visit also fills the caches of the machine, and whatever else runs makes one slower, never quicker.
    visit = min((browser.travel("journeys.mjs", "open") for _ in range(3)), key=lambda visit: visit["milliseconds"])
    print(f"{visit['bytes']} bytes, {visit['milliseconds']:.0f} ms")
    assert "Traffic Mirror" in visit["title"]
    assert 50_000 < visit["bytes"] < LIGHT
    assert visit["milliseconds"] < SECONDS * 1000


def test_keys_open_the_console(browser, controller):
    assert browser.travel("journeys.mjs", "signInAndLook", **keys_of(controller))


def test_a_wrong_secret_does_not(browser, controller):
    said = browser.travel("journeys.mjs", "signInWrongly", expected=["status of 40[13]"], **keys_of(controller) | {"secret": "wrong"})
    assert "signature" in said.lower() or "not valid" in said.lower()


def test_a_link_opens_the_console_once(browser, controller):
    answer = controller.query("CreateConsoleSignIn", service="sts", version="2011-06-15")
    link = element(answer.text, "SignInUrl").replace("&amp;", "&")
    code = link.split("#sign-in=")[1]
    opened = browser.travel("journeys.mjs", "followLink", link=link)
    assert "Overview" in opened["title"] and code not in opened["address"] and "#" not in opened["address"]
    again = browser.travel("journeys.mjs", "followUsedLink", link=link, expected=["status of 40[03]"])
    assert "link" in again["said"] and code not in again["address"] and code not in again["said"]


def test_tabs_share_one_feed_of_changes(browser, controller):
    assert browser.travel("journeys.mjs", "shareFeed", **keys_of(controller)) == 1


def test_keys_stay_in_memory(browser, controller):
    keys = keys_of(controller)
    for where, text in browser.travel("journeys.mjs", "whatStays", **keys).items():
        assert keys["secret"] not in text and keys["key"] not in text, where


def test_a_script_that_got_in_can_do_nothing(browser):
    tried = browser.travel("journeys.mjs", "attack", expected=["script-src", "frame-src", r"elsewhere\.invalid"])
    assert "taken" not in tried["title"]
    assert {"script-src-elem", "frame-src", "connect-src"} <= set(tried["violated"])
