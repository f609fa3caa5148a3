"""A controller in a state directory of its own, and what speaks with it: boto3, signed requests, a host that reports."""
import json
import os
import re
import signal
import subprocess
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import requests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("TMIRROR_BUILD", os.path.join(ROOT, "build"))
PROGRAM = os.path.join(BUILD, "src/controller/tmirror-controller")

COUNTERS = {"accepted": [0, 0], "shipped": [0, 0], "truncated": [0, 0], "lost": {}}


def read_env(path):
    """The variables of a file of 'export NAME=value' lines, as a shell has them."""
    output = subprocess.run(["sh", "-c", f". '{path}' && env"], env={}, capture_output=True, check=True, text=True).stdout
    return dict(line.split("=", 1) for line in output.splitlines() if line.startswith("AWS_"))


class Controller:
    """Tests ask faster than accounts of AWS may; those that look at the rates of requests start it without 'unlimited'."""

    def __init__(self, state, *options, unlimited=True):
        self.state = str(state)
        self.options = [*(["--rate", "*=unlimited"] if unlimited else []), *options]
        self.process = None
        self.log_path = self.state + ".log"

    def start(self):
        with open(self.log_path, "a", encoding="utf-8") as log:
            mark = log.tell()
            self.process = subprocess.Popen(
                [PROGRAM, "--state", self.state, "--listen", "127.0.0.1:0", "--log-level", "debug", *self.options],
                stderr=log, stdout=log)
        deadline = time.monotonic() + 30
        while "listening on" not in self.log()[mark:]:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        return self

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(timeout=30)
        self.process = None
        return status

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    @property
    def administrator(self):
        return read_env(os.path.join(self.state, "credentials.env"))

    @property
    def agent(self):
        return read_env(os.path.join(self.state, "agent.env"))

    @property
    def url(self):
        return self.administrator["AWS_ENDPOINT_URL"]

    def client(self, service="ec2", keys=None, **options):
        keys = keys or self.administrator
        return boto3.client(
            service, endpoint_url=keys["AWS_ENDPOINT_URL"], verify=keys.get("AWS_CA_BUNDLE"),
            region_name=options.pop("region", keys["AWS_DEFAULT_REGION"]),
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"], aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False), **options)

    def request(self, method, path, body=b"", keys=None, service="ec2", headers=None, signer=botocore.auth.SigV4Auth,
                now=None, timeout=60, tamper=None):
        """Sends one signed request.  'signer' None leaves it unsigned; 'tamper' may change it after signing."""
        keys = keys or self.administrator
        request = botocore.awsrequest.AWSRequest(method, keys["AWS_ENDPOINT_URL"] + path, headers=headers or {}, data=body)
        if signer:
            credentials = botocore.credentials.Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"],
                                                           keys.get("AWS_SESSION_TOKEN"))
            signer(credentials, service, keys["AWS_DEFAULT_REGION"]).add_auth(request)
        prepared = request.prepare()
        if tamper:
            tamper(prepared)
        return requests.request(method, prepared.url, headers=dict(prepared.headers), data=prepared.body,
                                verify=keys.get("AWS_CA_BUNDLE", True), timeout=timeout)

    def query(self, action, keys=None, service="ec2", version="2016-11-15", **parameters):
        """An action by its wire names, for what no SDK knows or would let through."""
        fields = {"Action": action, "Version": version, **{k.replace("__", "."): v for k, v in parameters.items()}}
        return self.request("POST", "/", urllib.parse.urlencode(fields).encode(), keys=keys, service=service,
                            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})

    def report(self, host, interfaces=None, sessions=(), revision=0, keys=None, **more):
        """What an agent says; an interface is (device, orientation, addresses), 'more' what else stands in a report."""
        report = {"version": "0.0-test", "kernel": "6.1.0-test", "applied_revision": revision,
                  "has_inventory": interfaces is not None, "sessions": list(sessions), "interfaces": [
                      {"device": device, "mac": f"02:00:00:00:{index >> 8:02x}:{index & 255:02x}", "mtu": 1500, "orientation": orientation,
                       "addresses": list(addresses)}
                      for index, (device, orientation, addresses) in enumerate(interfaces or [])], **more}
        return self.request("POST", f"/host/v1/{host}/report", json.dumps(report).encode(), keys=keys or self.agent,
                            service="tmirror")

    def plan(self, host, known=None, keys=None, **options):
        headers = {"If-None-Match": f'"{known}"'} if known is not None else {}
        return self.request("GET", f"/host/v1/{host}/plan", keys=keys or self.agent, service="tmirror", headers=headers,
                            **options)


def element(text, name):
    """The text of the first element of that name, or None."""
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return found.group(1) if found else None
