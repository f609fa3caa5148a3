"""The console's files as a browser's network sees them: whole, compressed, kept for as long as they stay, and safeguarded."""
import gzip
import os
import pathlib
import re

import pytest
import requests

from controller import BUILD

FILES = pathlib.Path(BUILD) / "src/web/console"
CODINGS = {"gzip": ".gz", "br": ".br"}


@pytest.fixture
def get(controller):
    session, authority = requests.Session(), controller.administrator["AWS_CA_BUNDLE"]

    def get(path, method="GET", **headers):
        headers = {"Accept-Encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return session.request(method, controller.url + path, headers=headers, allow_redirects=False, stream=True, timeout=30,
                               verify=authority)

    yield get
    session.close()


def built_files():
    return sorted(path for path in FILES.rglob("*") if path.is_file() and path.suffix not in CODINGS.values())


def test_every_file_is_served_in_every_coding(get):
    files = built_files()
    assert FILES / "index.html" in files and len(files) > 10
    for path in files:
        name = "/console/" + path.relative_to(FILES).as_posix()
        for coding, suffix in [(None, ""), *CODINGS.items()]:
            packed = path.with_name(path.name + suffix)
            answer = get(name, Accept_Encoding=coding or "identity")
            assert answer.status_code == 200, name
            assert answer.headers.get("Content-Encoding") == (coding if packed.is_file() else None)
            assert answer.raw.read(decode_content=False) == (packed if packed.is_file() else path).read_bytes()
        if path.with_name(path.name + ".gz").is_file():
            assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_scripts_and_styles_are_compressed():
    for path in built_files():
        if path.suffix in (".js", ".css") and path.stat().st_size > 4096:
            plain, gz, br = (os.path.getsize(f"{path}{suffix}") for suffix in ("", ".gz", ".br"))
            assert br <= gz < plain / 2, path


def test_browsers_keep_what_stays(get):
    script, = re.findall(r'src="(/console/assets/[^"]+\.js)"', get("/console/").text)
    first = get(script, Accept_Encoding="br")
    assert "immutable" in first.headers["Cache-Control"] and first.headers["Content-Type"].startswith("text/javascript")
    assert "Accept-Encoding" in first.headers["Vary"]
    again = get(script, Accept_Encoding="br", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304 and not again.content and again.headers["ETag"] == first.headers["ETag"]
    assert get(script, Accept_Encoding="gzip", If_None_Match=first.headers["ETag"]).status_code == 200
    page = get("/console/")
    assert page.headers["Cache-Control"] == "no-cache"
    assert get("/console/", If_None_Match=page.headers["ETag"]).status_code == 304


def test_the_page_is_at_every_place_but_not_in_the_place_of_files(get):
    page = get("/console/").content
    for place in ("/console/sessions", "/console/sessions/tms-0123456789abcdef0", "/console/nowhere/else"):
        assert get(place).content == page
    assert get("/console/assets/none.js").status_code == 404
    head = get("/console/", method="HEAD")
    assert head.status_code == 200 and int(head.headers["Content-Length"]) == len(page) and not head.content
    assert get("/console/", method="POST").status_code == 405


def test_browsers_are_led_to_the_console_and_clients_to_the_api(get, controller):
    led = get("/", Accept="text/html,application/xhtml+xml")
    assert led.status_code == 302 and led.headers["Location"] == "/console/"
    assert get("/console").headers["Location"] == "/console/"
    assert get("/").status_code == get("/", Accept="application/xml").status_code == 400
    assert controller.request("GET", "/?Action=DescribeVpcs&Version=2016-11-15", headers={"Accept": "text/html"}).status_code == 200
    assert "Content-Security-Policy" not in controller.query("DescribeVpcs").headers


def test_the_page_may_do_nothing_that_it_need_not(get):
    for path in ("/console/", "/console", "/console/assets/none.js", "/console/icon.svg"):
        headers = get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
