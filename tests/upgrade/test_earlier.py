"""A rolling upgrade from an earlier build, of which TMIRROR_EARLIER is the build directory (tools/check upgrade makes it).

Either kind of daemon may go first: so old agents work with new controllers, new agents with old ones, and an old controller beside
a new one on the same store, whose schema is the new one's by then."""
import os
import pathlib

import pytest
import rolling
from estate import Estate

EARLIER = pathlib.Path(os.environ.get("TMIRROR_EARLIER", "/nowhere"))
CONTROLLER, AGENT = EARLIER / "src/controller/tmirror-controller", EARLIER / "src/agent/tmirror-agent"


@pytest.fixture
def estate():
    assert CONTROLLER.exists() and AGENT.exists(), "TMIRROR_EARLIER names no build; run this by tools/check upgrade"
    made = Estate("earlier")
    try:
        with made.site.entered():
            yield made
    except BaseException:
        made.tell()
        raise
    finally:
        made.close()


@pytest.mark.parametrize("order", [("controllers", "agents"), ("agents", "controllers")], ids="-then-".join)
def test_upgrade_from_an_earlier_build(estate, order):
    replace = {"controllers": rolling.replace_controllers, "agents": rolling.replace_agents}
    estate.open(CONTROLLER, AGENT)
    load = rolling.Load(estate)
    load.go_on()
    for kind in order:
        replace[kind](estate, load)
    load.settle()
