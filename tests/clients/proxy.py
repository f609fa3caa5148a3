"""Between a client and the controller: notes what is asked for and answered, and breaks what a test wants broken.

    client ──▶ Proxy ──▶ controller          Signatures stay right, since not a byte of what is signed is changed:
                                             the host that was signed is the proxy's, and the controller takes it so.
"""
import http.client
import http.server
import re
import socket
import struct
import threading
import urllib.parse

THROTTLED = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Errors><Error><Code>RequestLimitExceeded</Code>"
             "<Message>Request limit exceeded.</Message></Error></Errors><RequestID>0</RequestID></Response>")
# What befalls a request: whether the controller gets it, and what the client gets (None: a reset connection).
FAULTS = {
    "reset before": (False, None),
    "reset after": (True, None),
    "unavailable before": (False, (503, "")),
    "unavailable after": (True, (503, "")),
    "throttled": (False, (503, THROTTLED)),
}


class Exchange:
    """A request and its answer."""

    def __init__(self, fields):
        self.fields = fields
        self.action = fields.get("Action", "")
        self.status, self.code, self.fault = None, None, None

    @property
    def parameters(self):
        """Names as the API lists them, with N for every index."""
        return {re.sub(r"\.\d+(?=\.|$)", ".N", name) for name in self.fields
                if name not in ("Action", "Version") and not name.startswith("X-Amz-")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = urllib.parse.urlsplit(self.path).query
        exchange = Exchange(dict(urllib.parse.parse_qsl(f"{query}&{body.decode()}", keep_blank_values=True)))
        exchange.fault = self.server.proxy.next_fault(exchange)
        passes, instead = FAULTS.get(exchange.fault, (True, ()))
        if passes:
            status, headers, text = self.forward(body)
            exchange.status = status
            exchange.code = (re.findall("<Code>([^<]*)</Code>", text.decode()) or [None])[0]
        self.server.proxy.seen.append(exchange)
        if instead is None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        if instead:
            status, text, headers = instead[0], instead[1].encode(), {"Content-Type": "text/xml;charset=UTF-8"}
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = serve

    def forward(self, body):
        """As it came, over a connection of its own."""
        connection = http.client.HTTPConnection(self.server.proxy.upstream, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.putheader("Connection", "close")
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        headers = {name: value for name, value in answer.getheaders()
                   if name.lower() not in ("connection", "content-length", "transfer-encoding")}
        connection.close()
        return answer.status, headers, text

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request):
        """Without the orderly end that would spare the client a reset."""
        self.close_request(request)

    def handle_error(self, *_):
        pass


class Proxy:
    """A context: serves while it is entered."""

    def __init__(self, url):
        self.upstream = urllib.parse.urlsplit(url).netloc
        self.seen = []
        self.faults = []
        self.faulty = lambda exchange: True
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def next_fault(self, exchange):
        return self.faults.pop(0) if self.faults and self.faulty(exchange) else None

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
