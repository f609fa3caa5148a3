"""Users, roles and accounts as IAM makes them, and clients that speak for them."""
import json

import botocore.exceptions

from controller import element


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **condition):
    return statement("Allow", action, resource, condition)


def deny(action, resource="*", **condition):
    return statement("Deny", action, resource, condition)


def statement(effect, action, resource, condition):
    made = {"Effect": effect, "Action": action, "Resource": resource}
    return made | {"Condition": condition} if condition else made


def trust(principal, **condition):
    made = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return policy(made | {"Condition": condition} if condition else made)


def code_of(call, *arguments, **parameters):
    """The code of the error, or None."""
    try:
        call(*arguments, **parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


class People:
    """What an administrator does with IAM, in one account."""

    def __init__(self, controller, keys=None):
        self.controller, self.keys = controller, keys or controller.administrator
        self.iam = controller.client("iam", keys=self.keys)
        self.keys_of_hosts = None
        self.account = controller.client("sts", keys=self.keys).get_caller_identity()["Account"]

    def arn(self, rest):
        return f"arn:aws:iam::{self.account}:{rest}"

    def with_key(self, key, token=None):
        return self.keys | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]} | (
            {"AWS_SESSION_TOKEN": token} if token else {})

    def user(self, name, *statements, path="/"):
        """The keys of a new user."""
        self.iam.create_user(UserName=name, Path=path)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return self.with_key(self.iam.create_access_key(UserName=name)["AccessKey"])

    def put(self, user, *statements):
        """The user's only policy; nothing takes it away."""
        if statements:
            self.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy(*statements))
        elif self.iam.list_user_policies(UserName=user)["PolicyNames"]:
            self.iam.delete_user_policy(UserName=user, PolicyName="p")

    def role(self, name, trusted, *statements, **options):
        """The ARN of a new role."""
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **options)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return made["Arn"]

    def assume(self, keys, role, name="night", **options):
        """The keys of a new session of the role."""
        given = self.controller.client("sts", keys=keys).assume_role(RoleArn=role, RoleSessionName=name, **options)
        return self.with_key(given["Credentials"], given["Credentials"]["SessionToken"])

    def host_keys(self):
        """A new key of the account's hosts."""
        answer = self.controller.query("IssueTrafficMirrorHostKey", keys=self.keys)
        assert answer.status_code == 200, answer.text
        self.keys_of_hosts = self.keys | {"AWS_ACCESS_KEY_ID": element(answer.text, "accessKeyId"),
                                          "AWS_SECRET_ACCESS_KEY": element(answer.text, "secretAccessKey")}
        return self.keys_of_hosts

    def other_account(self, name="other"):
        """The people of a new account."""
        answer = self.controller.query("CreateAccount", keys=self.keys, service="iam", version="2010-05-08", AccountName=name)
        assert answer.status_code == 200, answer.text
        key = {field: element(answer.text, field) for field in ("AccessKeyId", "SecretAccessKey")}
        return People(self.controller, self.with_key(key))
