"""Endpoints and their services by the command line."""
import os

import pytest
from command import Operator

NOWHERE = "vpce-00000000000000000"


@pytest.fixture
def operator(controller):
    return Operator(os.path.join(controller.state, "credentials.env"))


@pytest.fixture
def gateway(controller):
    elb, ec2 = controller.client("elbv2"), controller.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    return elb.create_load_balancer(Name="gate", Type="gateway", Subnets=[subnet])["LoadBalancers"][0]["LoadBalancerArn"]


@pytest.fixture
def service(operator, gateway):
    return operator.do("endpoint-service", "create", "--gateway-load-balancer-arn", gateway, "--tag", "Name=gate")


def make_endpoint(operator, service, *words):
    return operator.do("endpoint", "create", "--service-name", f"com.amazonaws.vpce.us-east-1.{service}", *words)


def test_services(operator, gateway, service):
    name = f"com.amazonaws.vpce.us-east-1.{service}"
    assert operator.table("endpoint-service", "list") == [[service, name, "true"]]
    shown = operator.json("endpoint-service", "show", service)
    assert (shown["ServiceName"], shown["GatewayLoadBalancerArns"]) == (name, [gateway])
    operator.do("endpoint-service", "modify", service, "--no-acceptance", "--tag", "team=a", "--untag", "Name")
    shown = operator.json("endpoint-service", "show", service)
    assert (shown["AcceptanceRequired"], shown["Tags"]) == (False, [{"Key": "team", "Value": "a"}])
    assert [row[0] for row in operator.table("endpoint-service", "offers")] == [name]
    everybody, friend = "*", "arn:aws:iam::210987654321:root"
    operator.do("endpoint-service", "permit", service, "--add", f"{everybody},{friend}")
    assert [row[:2] for row in operator.table("endpoint-service", "permissions", service)] == [
        [everybody, "All"], [friend, "Account"]]
    operator.do("endpoint-service", "permit", service, "--remove", everybody)
    assert [row[0] for row in operator.table("endpoint-service", "permissions", service)] == [friend]
    assert operator.refused("endpoint-service", "permit", service) == "MissingParameter"
    operator.do("endpoint-service", "delete", service)
    assert operator.refused("endpoint-service", "delete", service) == "InvalidVpcEndpointService.NotFound"
    assert operator.table("endpoint-service", "list") == []


def test_endpoints(operator, service):
    endpoint = make_endpoint(operator, service, "--tag", "Name=door")
    row, = operator.table("endpoint", "list")
    assert row[:2] == [endpoint, "pendingAcceptance"] and row[3].startswith("eni-")
    assert operator.refused("target", "create", "--gateway-load-balancer-endpoint-id", endpoint) == "InvalidState"
    assert operator.table("endpoint", "connections")[0][2] == "pendingAcceptance"
    operator.do("endpoint", "accept", service, endpoint)
    assert operator.json("endpoint", "show", endpoint)["State"] == "available"
    target = operator.do("target", "create", "--gateway-load-balancer-endpoint-id", endpoint)
    assert operator.table("target", "list") == [[target, "gateway-load-balancer-endpoint", endpoint, "-"]]
    assert operator.refused("endpoint", "accept", service, endpoint) == "InvalidState"
    assert operator.refused("endpoint-service", "delete", service) == "ExistingVpcEndpointConnections"
    operator.do("endpoint", "reject", service, endpoint)
    operator.do("endpoint", "modify", endpoint, "--untag", "Name")
    assert (shown := operator.json("endpoint", "show", endpoint))["State"] == "rejected" and shown["Tags"] == []
    assert operator.refused("endpoint", "delete", NOWHERE, endpoint) == "InvalidVpcEndpoint.NotFound"
    assert operator.table("endpoint", "list") == []
    operator.do("target", "delete", target)


def test_json_is_what_is_made(operator, service):
    made = operator.json("endpoint", "create", "--service-name", f"com.amazonaws.vpce.us-east-1.{service}")
    assert made == operator.json("endpoint", "show", made["VpcEndpointId"])
    assert operator.refused("endpoint", "create", "--service-name", "com.amazonaws.us-east-1.s3") == "InvalidServiceName"
