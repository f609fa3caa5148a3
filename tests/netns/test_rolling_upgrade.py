"""Every controller and every agent is replaced, one after the other, while production is mirrored and clients work: no packet is
lost or changed, no accepted copy is unaccounted for, and no client sees an error that its own retries do not hide."""
import pytest
import rolling
from estate import Estate

pytestmark = pytest.mark.sanitized


@pytest.fixture
def estate():
    made = Estate("rolling")
    try:
        with made.site.entered():
            yield made
    except BaseException:
        made.tell()
        raise
    finally:
        made.close()


def test_rolling_upgrade(estate):
    estate.open()
    load = rolling.Load(estate)
    load.go_on()
    rolling.replace_controllers(estate, load)
    rolling.replace_agents(estate, load)
    load.settle()
