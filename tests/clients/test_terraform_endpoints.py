"""The call sequences of Terraform's AWS provider for endpoint services, endpoints, and mirror targets that are balanced.

Replayed through boto3 as in test_terraform.py, which has the provider's ways.
"""
import pytest

from clients import Refused
from test_terraform import provider, tags_of  # noqa: F401 (a fixture)

FRIEND, OTHER = "arn:aws:iam::210987654321:root", "arn:aws:iam::210987654322:root"


def specification(kind, **pairs):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


def make_balancer(provider, kind, name="first"):
    subnet = provider("DescribeSubnets")["Subnets"][0]["SubnetId"]
    made = provider.client.call("elbv2", "CreateLoadBalancer", Name=f"{name}-{kind}", Type=kind, Subnets=[subnet])["LoadBalancers"][0]
    return made["LoadBalancerArn"]


def read_service(provider, identity):
    """The provider asks for the one id and takes its NotFound for "make it anew"."""
    try:
        found, = provider("DescribeVpcEndpointServiceConfigurations", ServiceIds=[identity])["ServiceConfigurations"]
    except Refused as refusal:
        assert refusal.code == "InvalidVpcEndpointServiceId.NotFound"
        return None
    allowed = provider("DescribeVpcEndpointServicePermissions", ServiceId=identity)["AllowedPrincipals"]
    return found | {"allowed": sorted(item["Principal"] for item in allowed)}


def read_endpoint(provider, identity):
    """With a prefix list of the service's name, which only AWS's own services have, and the addresses of its interfaces."""
    try:
        found, = provider("DescribeVpcEndpoints", VpcEndpointIds=[identity])["VpcEndpoints"]
    except Refused as refusal:
        assert refusal.code == "InvalidVpcEndpointId.NotFound"
        return None
    named = [{"Name": "prefix-list-name", "Values": [found["ServiceName"]]}]
    assert provider("DescribePrefixLists", Filters=named)["PrefixLists"] == []
    nic, = provider("DescribeNetworkInterfaces", NetworkInterfaceIds=found["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert [nic["SubnetId"]] == found["SubnetIds"]
    return found


def make_service(provider, balancer, **arguments):
    made = provider("CreateVpcEndpointServiceConfiguration", GatewayLoadBalancerArns=[balancer], **{
        "AcceptanceRequired": False, **arguments})
    return made["ServiceConfiguration"]["ServiceId"]


def make_endpoint(provider, service, **arguments):
    """As the provider does: that there is no private name is always said."""
    subnet = provider("DescribeSubnets")["Subnets"][0]
    return provider("CreateVpcEndpoint", VpcEndpointType="GatewayLoadBalancer", PrivateDnsEnabled=False, VpcId=subnet["VpcId"],
                    SubnetIds=[subnet["SubnetId"]], ServiceName=read_service(provider, service)["ServiceName"],
                    **arguments)["VpcEndpoint"]["VpcEndpointId"]


def destroy_service(provider, identity):
    assert provider("DeleteVpcEndpointServiceConfigurations", ServiceIds=[identity]).get("Unsuccessful", []) == []
    assert read_service(provider, identity) is None
    left, = provider("DeleteVpcEndpointServiceConfigurations", ServiceIds=[identity])["Unsuccessful"]
    assert left["Error"]["Code"] == "InvalidVpcEndpointService.NotFound"


def destroy_endpoint(provider, identity):
    assert provider("DeleteVpcEndpoints", VpcEndpointIds=[identity]).get("Unsuccessful", []) == []
    assert read_endpoint(provider, identity) is None
    left, = provider("DeleteVpcEndpoints", VpcEndpointIds=[identity])["Unsuccessful"]
    assert left["Error"]["Code"] == "InvalidVpcEndpoint.NotFound", "the provider takes this for done"


def test_an_endpoint_service(provider):  # noqa: F811
    balancer = make_balancer(provider, "gateway")
    identity = make_service(provider, balancer, ClientToken="terraform-2026010203040500", AcceptanceRequired=True,
                            TagSpecifications=specification("vpc-endpoint-service", a="1", b=""))
    provider("ModifyVpcEndpointServicePermissions", ServiceId=identity, AddAllowedPrincipals=[FRIEND])
    state = read_service(provider, identity)
    assert state["ServiceState"] == "Available", "the provider waits for this, in this spelling"
    assert (state["AcceptanceRequired"], state["GatewayLoadBalancerArns"], state["allowed"]) == (True, [balancer], [FRIEND])
    assert tags_of(state) == {"a": "1", "b": ""}
    provider("ModifyVpcEndpointServiceConfiguration", ServiceId=identity, AcceptanceRequired=False)
    provider("ModifyVpcEndpointServicePermissions", ServiceId=identity, AddAllowedPrincipals=[OTHER],
             RemoveAllowedPrincipals=[FRIEND])
    provider.update_tags(identity, {"a": "1", "b": ""}, {"a": "2", "c": "3"})
    state = read_service(provider, identity)
    assert (state["AcceptanceRequired"], state["allowed"], tags_of(state)) == (False, [OTHER], {"a": "2", "c": "3"})
    assert read_service(provider, identity) == state
    second = make_balancer(provider, "gateway", "second")
    provider("ModifyVpcEndpointServiceConfiguration", ServiceId=identity, AddGatewayLoadBalancerArns=[second],
             RemoveGatewayLoadBalancerArns=[balancer])
    assert read_service(provider, identity) == state | {"GatewayLoadBalancerArns": [second]}
    # The data source that finds a service by its name.
    found, = provider("DescribeVpcEndpointServices", ServiceNames=[state["ServiceName"]])["ServiceDetails"]
    assert (found["ServiceId"], found["Owner"]) == (identity, balancer.split(":")[4])
    destroy_service(provider, identity)


def test_an_endpoint(provider):  # noqa: F811
    service = make_service(provider, make_balancer(provider, "gateway"))
    identity = make_endpoint(provider, service, ClientToken="terraform-2026010203040501",
                             TagSpecifications=specification("vpc-endpoint", a="1"))
    state = read_endpoint(provider, identity)
    assert state["State"] == "available"
    assert (state["VpcEndpointType"], len(state["SubnetIds"]), len(state["NetworkInterfaceIds"])) == ("GatewayLoadBalancer", 1, 1)
    assert (state["PrivateDnsEnabled"], state["RouteTableIds"], state["Groups"], state["DnsEntries"]) == (False, [], [], [])
    provider.update_tags(identity, {"a": "1"}, {"b": ""})
    assert tags_of(read_endpoint(provider, identity)) == {"b": ""}
    with pytest.raises(AssertionError, match="Existing"):
        left = provider("DeleteVpcEndpointServiceConfigurations", ServiceIds=[service])["Unsuccessful"]
        assert not left, left[0]["Error"]["Code"]
    destroy_endpoint(provider, identity)
    destroy_service(provider, service)


def test_an_accepted_connection(provider):  # noqa: F811
    """aws_vpc_endpoint_connection_accepter: finds the connection by both ids, and rejects it in the end."""
    service = make_service(provider, make_balancer(provider, "gateway"), AcceptanceRequired=True)
    identity = make_endpoint(provider, service)
    assert read_endpoint(provider, identity)["State"] == "pendingAcceptance"
    connection = {"Filters": [{"Name": "service-id", "Values": [service]}, {"Name": "vpc-endpoint-id", "Values": [identity]}]}
    for action, state in (("Accept", "available"), ("Reject", "rejected")):
        done = provider(f"{action}VpcEndpointConnections", ServiceId=service, VpcEndpointIds=[identity])
        assert done.get("Unsuccessful", []) == []
        found, = provider("DescribeVpcEndpointConnections", **connection)["VpcEndpointConnections"]
        assert found["VpcEndpointState"] == state == read_endpoint(provider, identity)["State"]
    destroy_service(provider, service)
    destroy_endpoint(provider, identity)


def test_a_target_in_front_of_a_network_load_balancer(provider):  # noqa: F811
    balancer = make_balancer(provider, "network")
    made = provider("CreateTrafficMirrorTarget", NetworkLoadBalancerArn=balancer, Description="d")["TrafficMirrorTarget"]
    identity = made["TrafficMirrorTargetId"]
    assert provider.read("Target", identity) == made
    assert (made["NetworkLoadBalancerArn"], made["Type"]) == (balancer, "network-load-balancer")
    assert "NetworkInterfaceId" not in made
    # Terraform destroys in the order of dependence; whoever is quicker leaves a target that dangles and can be deleted.
    provider.client.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=balancer)
    assert provider.read("Target", identity) == made
    provider.destroy("Target", identity)
