"""The operator's guide does what it says: each page is followed from its first command to its last."""
import os
import re
import subprocess

import pytest
from blocks import PAGES, ROOT, read_blocks
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


def anchors(page):
    """The names of a page's headings, as they are linked to."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    words = (re.sub(r"[^\w\- ]", "", title.lower()) for title in re.findall(r"^#+ +(.*?) *$", prose, re.M))
    return {title.replace(" ", "-") for title in words}


def test_every_link_leads_somewhere():
    """Of all pages, pictures and headings included; links to other sites are not followed."""
    complaints = []
    for name in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split():
        page = ROOT / name
        prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", prose):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if re.match(r"\w+:", link):
                continue
            if not target.exists() or anchor and anchor not in anchors(target):
                complaints.append(f"{name}: {link} leads nowhere")
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("page", [page for page in PAGES if any("run" in block.said for block in read_blocks(page))],
                         ids=lambda page: page.stem)
def test_page(site, page):
    for block in read_blocks(page):
        if "file" in block.said:
            site.write(block.said["file"], block.text)
        elif "run" in block.said:
            site.run_block(block)
