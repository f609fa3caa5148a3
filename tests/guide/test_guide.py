"""The operator's guide does what it says: each page is followed from its first command to its last."""
import os

import pytest
from blocks import PAGES, read_blocks
from guide_site import Site


@pytest.fixture
def site(request):
    if os.geteuid() != 0:
        pytest.skip("makes network namespaces: needs root")
    site = Site("guide")
    try:
        site.start_all()
        yield site
    except BaseException:
        for program in ("tmirror-controller", "tmirror-agent"):
            print(f"--- {program}\n{site.log(program)}")
        raise
    finally:
        site.close()


def test_every_block_says_how_it_is_run():
    complaints = [complaint for page in PAGES for block in read_blocks(page) if (complaint := block.complaint())]
    assert PAGES and not complaints, "\n".join(complaints)


@pytest.mark.parametrize("page", [page for page in PAGES if any("run" in block.said for block in read_blocks(page))],
                         ids=lambda page: page.stem)
def test_page(site, page):
    for block in read_blocks(page):
        if "file" in block.said:
            site.write(block.said["file"], block.text)
        elif "run" in block.said:
            site.run_block(block)
