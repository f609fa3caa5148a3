"""The command line against a server of the test's own: botocore recomputes its signatures, and answers come late or broken.

    tmirror ──▶ Scripted: for each request one line of a script, and a note of what was asked
"""
import contextlib
import http.server
import re
import socket
import threading
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.compat import HTTPHeaders
from command import environment, tmirror

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
FILTER = "<R><trafficMirrorFilter><trafficMirrorFilterId>tmf-1</trafficMirrorFilterId></trafficMirrorFilter></R>"


def signature_is_right(method, path, headers, body):
    """By botocore's own signer, over the headers that the client says it signed."""
    matched = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", headers["Authorization"])
    key, region, service, names, signature = matched.groups()
    assert {"content-type", "host", "x-amz-date"} <= set(names.split(";"))
    signed = HTTPHeaders()
    for name in names.split(";"):
        signed[name] = headers[name]
    request = botocore.awsrequest.AWSRequest(method, f"http://{headers['Host']}{path}", headers=dict(signed.items()), data=body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, SECRET), service, region)
    signer.headers_to_sign = lambda _: signed
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request) == signature


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):  # noqa: N802 (the library's name)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append({"headers": dict(self.headers.items()), "body": dict(urllib.parse.parse_qsl(body.decode())),
                                  "right": signature_is_right("POST", self.path, self.headers, body)})
        status, text = self.server.script.pop(0)
        if status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


@contextlib.contextmanager
def scripted(*script):
    """A server and the environment of its clients."""
    server = Server(("127.0.0.1", 0), Handler)
    server.script, server.asked = list(script), []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.variables = environment(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION="eu-central-1",
                                   AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}")
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEBYaDK+/=="])
def test_signatures_are_right(token):
    extra = {"AWS_SESSION_TOKEN": token} if token else {}
    with scripted((200, FILTER)) as server:
        done = tmirror("filter", "create", "--description", "é &=+%~*/ 日本", env=server.variables | extra)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tmf-1\n", "")
    asked, = server.asked
    assert asked["right"]
    assert asked["headers"].get("X-Amz-Security-Token") == token
    assert "/eu-central-1/ec2/aws4_request" in asked["headers"]["Authorization"]
    assert asked["headers"]["User-Agent"].startswith("tmirror/")
    assert asked["body"]["Description"] == "é &=+%~*/ 日本"


def test_what_may_pass_is_tried_again_as_the_same_request():
    throttled = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow</Message></Error></Errors></Response>"
    with scripted((500, "oops"), (None, None), (503, throttled), (200, FILTER)) as server:
        done = tmirror("filter", "create", env=server.variables)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tmf-1\n", "")
    assert len(server.asked) == 4 and all(asked["right"] for asked in server.asked)
    assert {asked["body"]["ClientToken"] for asked in server.asked} == {server.asked[0]["body"]["ClientToken"]}
    assert re.fullmatch(r"[0-9a-f-]{36}", server.asked[0]["body"]["ClientToken"])


@pytest.mark.parametrize("answer, status, line, attempts", [
    ((400, "<Response><Errors><Error><Code>InvalidAction</Code><Message>no</Message></Error></Errors></Response>"), 1, "InvalidAction: no", 1),
    ((404, "<html>not here"), 1, "UnexpectedAnswer: HTTP status 404 without an error document", 1),
    ((200, "<html>not closed"), 1, "MalformedAnswer: ", 1),
    ((200, "<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>"), 1, "MalformedAnswer: ", 1),
    ((503, ""), 1, "UnexpectedAnswer: HTTP status 503", 5),
    ((None, None), 3, "Unreachable: ", 5),
    ((400, "<Response><Errors><Error><Code>X</Code><Message>a\x1b[31m\nb</Message></Error></Errors></Response>"), 1, "UnexpectedAnswer", 1),
    ((400, "<Response><Errors><Error><Code>X</Code><Message>a&#x85;\nb</Message></Error></Errors></Response>"), 1, "X: a\ufffd\ufffdb", 1),
])
def test_failures_are_said_in_one_line(answer, status, line, attempts):
    with scripted(*[answer] * attempts) as server:
        done = tmirror("filter", "list", env=server.variables)
    assert done.returncode == status and done.stdout == ""
    assert done.stderr.startswith(f"tmirror: {line}") and done.stderr.count("\n") == 1
    assert len(server.asked) == attempts
