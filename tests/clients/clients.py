"""The clients that people have, unmodified, behind one way of calling them: boto3, the AWS CLI, the AWS SDK for JavaScript.

    client.call("ec2", "CreateTrafficMirrorFilter", Description="d")  →  the answer, or Refused

Parameters and answers are named as in AWS's model of the service, which all three are made from, so answers of different
clients can be compared: they are plain JSON, times are texts in UTC.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess

import awscli.botocore.session
import boto3
import botocore.config
import botocore.exceptions
import botocore.session

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("TMIRROR_BUILD", HERE.parents[1] / "build")).resolve()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def plain(value):
    """The same for the same, whichever client says it."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and TIME.fullmatch(value):
        value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds")
    return value


def shape_knows(shape, value):
    if isinstance(value, dict) and shape.type_name == "structure":
        return all(name in shape.members and shape_knows(shape.members[name], item) for name, item in value.items())
    if isinstance(value, list) and shape.type_name == "list":
        return all(shape_knows(shape.member, item) for item in value)
    return True


def known_part(shape, value):
    """What a model of before also had."""
    if isinstance(value, dict) and shape.type_name == "structure":
        return {name: known_part(shape.members[name], item) for name, item in value.items() if name in shape.members}
    if isinstance(value, list) and shape.type_name == "list":
        return [known_part(shape.member, item) for item in value]
    return value


def model_knows(session, service, operation, parameters):
    model = session.get_service_model(service)
    if operation not in model.operation_names:
        return False
    shape = model.operation_model(operation).input_shape
    return shape_knows(shape, parameters) if shape else not parameters


class Boto3:
    name = "boto3"

    def __init__(self, keys, url, _scratch, attempts=None):
        self.session = botocore.session.get_session()
        self.clients = {
            service: boto3.client(
                service, endpoint_url=url, region_name=keys["AWS_DEFAULT_REGION"],
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"], aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                config=botocore.config.Config(
                    parameter_validation=False, retries={"total_max_attempts": attempts} if attempts else None))
            for service in ("ec2", "sts", "iam", "elbv2", "cloudwatch")}

    def knows(self, service, operation, parameters):
        return model_knows(self.session, service, operation, parameters)

    @staticmethod
    def known_part(service, operation, answer):
        model = botocore.session.get_session().get_service_model(service).operation_model(operation)
        return known_part(model.output_shape, answer) if model.output_shape else {}

    def call(self, service, operation, **parameters):
        client = self.clients[service]
        method = next(name for name, wire in client.meta.method_to_api_mapping.items() if wire == operation)
        try:
            return plain(getattr(client, method)(**parameters))
        except botocore.exceptions.ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error

    def close(self):
        pass


class AwsCli:
    name = "aws"

    def __init__(self, keys, url, scratch, attempts=None):
        self.session = awscli.botocore.session.get_session()
        config = scratch / "aws-config"
        config.write_text("[default]\nparameter_validation = false\ncli_pager =\n")
        self.url = url
        self.process = subprocess.Popen(
            ["/usr/bin/python3", HERE / "aws_forks.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(scratch), "AWS_CONFIG_FILE": str(config),
                 **({"AWS_MAX_ATTEMPTS": str(attempts)} if attempts else {}),
                 **{name: value for name, value in keys.items() if name != "AWS_CA_BUNDLE"}})

    def knows(self, service, operation, parameters):
        return model_knows(self.session, service, operation, parameters)

    def call(self, service, operation, **parameters):
        words = [service, awscli.botocore.xform_name(operation, "-"), "--endpoint-url", self.url,
                 "--output", "json", "--cli-input-json", json.dumps(parameters)]
        if operation.startswith("Describe") or operation.startswith("List"):
            words.append("--no-paginate")
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        status, output, errors = json.loads(self.process.stdout.readline())
        refusal = re.search(r"An error occurred \((\S+)\) when calling the \w+ operation[^:]*: (.*)", errors)
        if refusal:
            assert (status, output) == (254, "")
            raise Refused(refusal[1], refusal[2])
        assert status == 0, errors
        return plain(json.loads(output)) if output.strip() else {}

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0


class JavaScript:
    name = "javascript"

    def __init__(self, keys, url, _scratch, attempts=None):
        self.options = {"endpoint": url, "region": keys["AWS_DEFAULT_REGION"], "credentials": {
            "accessKeyId": keys["AWS_ACCESS_KEY_ID"], "secretAccessKey": keys["AWS_SECRET_ACCESS_KEY"]}}
        if attempts:
            self.options["maxAttempts"] = attempts
        self.process = subprocess.Popen(
            ["node", install_javascript() / "caller.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"})

    def knows(self, *_):
        return True

    def ask(self, service, verb, command=None, options=None, **more):
        """One of the verbs of caller.mjs."""
        self.process.stdin.write(json.dumps({
            "service": service.upper(), "verb": verb, "command": command, "client": self.options | (options or {}),
            **more}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"]["name"], answer["error"]["message"])
        return plain(answer["result"])

    def call(self, service, operation, **parameters):
        answer = self.ask(service, "send", operation, input=parameters)
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.pop("requestId"))
        self.attempts = answer.pop("attempts")
        return answer

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0


def install_javascript():
    """The SDK in its pinned version, beside what else was built, where npm has put it at the first time."""
    place = BUILD / "tests-javascript"
    lock = (HERE / "javascript/package-lock.json").read_text(encoding="utf-8")
    done = place / "installed"
    place.mkdir(exist_ok=True)
    if not done.exists() or done.read_text(encoding="utf-8") != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "javascript" / name, place)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=place, check=True,
                       timeout=300)
        done.write_text(lock, encoding="utf-8")
    shutil.copy(HERE / "javascript/caller.mjs", place)
    return place


CLIENTS = {kind.name: kind for kind in (Boto3, AwsCli, JavaScript)}
