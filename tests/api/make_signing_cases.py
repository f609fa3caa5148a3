#!/usr/bin/python3
"""Writes signing/CASE/: requests signed by botocore, with the text of every stage as botocore has it.

The results are checked in; run this again only to add cases.  Each case holds

    request             as on the wire, with its signature; lines end with a single newline
    context             access key, secret, and the time of verifying in milliseconds
    canonical-request, string-to-sign, signature
"""
import datetime
import os
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)
URL = "https://127.0.0.1:8773"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

# Name: (method, path with query, parameters encoded by the client, headers, body, seconds of a presigned request).
CASES = {
    "post-form": ("POST", "/", {}, FORM, b"Action=DescribeVpcs&Version=2016-11-15", None),
    "get-bare": ("GET", "/", {}, {}, b"", None),
    "get-order": ("GET", "/?b=2&a=2&a=1&B=0&aa=&a-=3&a.b=4", {}, {}, b"", None),
    "get-blanks": ("GET", "/", {"Name": "two words", "Plus": "a+b", "Slash": "a/b"}, {}, b"", None),
    "get-utf8": ("GET", "/", {"Tag": "h\u00e9llo \u20ac \U0001f600", "Mark": "-_.~*!'()"}, {}, b"", None),
    "path-host": ("GET", "/host/v1/web-1.example_a/plan", {}, {"If-None-Match": '"7"'}, b"", None),
    "path-escapes": ("GET", "/a%20b/%E2%82%AC/c+d", {}, {}, b"", None),
    "path-dots": ("GET", "/a/./b/../c//d/", {}, {}, b"", None),
    "header-blanks": ("POST", "/", {}, {**FORM, "X-Words": "  many   blanks\t here  "}, b"x", None),
    "header-many": ("POST", "/", {}, {
        **FORM, "amz-sdk-invocation-id": "a9d4f0ad-71b3-4f35-a2f5-c7d3ab2ac2d7", "amz-sdk-request": "attempt=1; max=3",
        "X-Amz-User-Agent": "aws-sdk-js/3.600.0", "Zeta": "last"}, b"Action=A", None),
    "header-empty": ("GET", "/", {}, {"X-Empty": ""}, b"", None),
    "body-hash": ("POST", "/", {}, {
        "X-Amz-Content-SHA256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}, b"x", None),
    "body-bytes": ("POST", "/", {}, {}, bytes(range(1, 256)), None),
    "presigned": ("GET", "/?Action=DescribeRegions&Version=2016-11-15&Z=a%20b&x=1", {}, {}, b"", 300),
}


class Clock(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW


def write(case, name, content):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "signing", case, name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def make(case, method, path, parameters, headers, body, expires):
    stages = {}

    class Stages:
        """Notes each stage on its way through botocore's signer."""

        def canonical_request(self, request):
            stages["canonical-request"] = super().canonical_request(request)
            return stages["canonical-request"]

        def string_to_sign(self, request, canonical_request):
            stages["string-to-sign"] = super().string_to_sign(request, canonical_request)
            return stages["string-to-sign"]

        def signature(self, string_to_sign, request):
            stages["signature"] = super().signature(string_to_sign, request)
            return stages["signature"]

    class Header(Stages, botocore.auth.SigV4Auth):
        pass

    class Query(Stages, botocore.auth.SigV4QueryAuth):
        pass

    credentials = botocore.credentials.Credentials(KEY, SECRET)
    signer = Query(credentials, "ec2", "us-east-1", expires=expires) if expires else Header(credentials, "ec2", "us-east-1")
    request = botocore.awsrequest.AWSRequest(method, URL + path, headers=headers, data=body, params=parameters)
    signer.add_auth(request)
    prepared = request.prepare()
    target = prepared.url[len(URL):]
    lines = [f"{method} {target} HTTP/1.1", f"Host: {urllib.parse.urlsplit(URL).netloc}"]
    lines += [f"{name}: {value if isinstance(value, str) else value.decode()}"
              for name, value in prepared.headers.items() if name.lower() != "host"]
    os.makedirs(os.path.join(os.path.dirname(os.path.abspath(__file__)), "signing", case), exist_ok=True)
    write(case, "request", "\n".join(lines).encode() + b"\n\n" + body)
    milliseconds = int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
    write(case, "context", f"{KEY}\n{SECRET}\n{milliseconds}\n")
    for name, text in stages.items():
        write(case, name, text)


botocore.auth.datetime.datetime = Clock
for case_name, case_parts in CASES.items():
    make(case_name, *case_parts)
