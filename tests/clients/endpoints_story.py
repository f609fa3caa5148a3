"""The part of test_conformance's story that is about endpoints to Gateway Load Balancers, and targets that are balanced."""
from controller import element

EVERYBODY, FRIEND = "*", "arn:aws:iam::210987654321:root"


def tags(kind, **pairs):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


def make_balancer(teller, kind, subnet, name="sensors"):
    """By load balancing's own door, which test_elb.py is about."""
    made = teller.controller.query("CreateLoadBalancer", service="elasticloadbalancing", version="2015-12-01",
                                   Name=name, Type=kind, Subnets__member__1=subnet)
    return element(made.text, "LoadBalancerArn")


def tell_endpoints(teller, ids):
    gateway, network = (make_balancer(teller, kind, ids["subnet"]) for kind in ("gateway", "network"))
    services = tell_services(teller, gateway, network)
    tell_permissions(teller, services[0]["ServiceId"])
    endpoints = tell_making_endpoints(teller, ids, services[0])
    tell_connections(teller, services[0]["ServiceId"], endpoints)
    tell_balanced_targets(teller, ids, gateway, network, endpoints)
    tell_another_balancer(teller, services, make_balancer(teller, "gateway", ids["subnet"], "second"))
    tell_the_end_of_endpoints(teller, services, endpoints)


def tell_services(teller, gateway, network):
    call, refused = teller.call, teller.refused
    wish = {"GatewayLoadBalancerArns": [gateway], "AcceptanceRequired": True}
    made = call("CreateVpcEndpointServiceConfiguration", **wish, ClientToken="service-1",
                TagSpecifications=tags("vpc-endpoint-service", Name="sensors"))
    service = made["ServiceConfiguration"]
    assert made["ClientToken"] == "service-1"
    assert service["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]
    assert service["ServiceName"] == f"com.amazonaws.vpce.us-east-1.{service['ServiceId']}"
    assert (service["ServiceState"], service["AcceptanceRequired"]) == ("Available", True)
    assert (service["GatewayLoadBalancerArns"], service["AvailabilityZones"]) == ([gateway], ["us-east-1a"])
    assert service["Tags"] == [{"Key": "Name", "Value": "sensors"}]
    again = call("CreateVpcEndpointServiceConfiguration", **wish, ClientToken="service-1",
                 TagSpecifications=tags("vpc-endpoint-service", Name="sensors"))
    assert again == made
    for wrong in (network, gateway[:-1] + ("0" if gateway[-1] != "0" else "1"), "sensors"):
        refused("InvalidParameterValue", "CreateVpcEndpointServiceConfiguration", GatewayLoadBalancerArns=[wrong])
    refused("InvalidParameterValue", "CreateVpcEndpointServiceConfiguration", GatewayLoadBalancerArns=[gateway, gateway])
    typed = {"GatewayLoadBalancerArns": [gateway], "SupportedIpAddressTypes": ["ipv4"]}
    others = [call("CreateVpcEndpointServiceConfiguration", **typed)["ServiceConfiguration"] for _ in range(5)]
    refused("InvalidParameterValue", "CreateVpcEndpointServiceConfiguration", **{**typed, "SupportedIpAddressTypes": ["ipv6"]})
    find = "DescribeVpcEndpointServiceConfigurations"
    assert call(find, ServiceIds=[service["ServiceId"]])["ServiceConfigurations"] == [service]
    assert len(teller.pages(find, "ServiceConfigurations")) == 6
    named = [{"Name": "service-name", "Values": [service["ServiceName"]]}, {"Name": "tag:Name", "Values": ["sens*"]}]
    assert call(find, Filters=named)["ServiceConfigurations"] == [service]
    refused("InvalidVpcEndpointServiceId.NotFound", find, ServiceIds=["vpce-svc-00000000000000000"])
    return [service, *others]


def tell_permissions(teller, service):
    call = teller.call
    change = {"ServiceId": service}
    made = call("ModifyVpcEndpointServicePermissions", **change, AddAllowedPrincipals=[EVERYBODY, FRIEND])
    assert made["ReturnValue"] is True
    friends = [f"arn:aws:iam::210987654321:user/friend-{number}" for number in range(5)]
    call("ModifyVpcEndpointServicePermissions", **change, AddAllowedPrincipals=friends, RemoveAllowedPrincipals=[EVERYBODY])
    find = "DescribeVpcEndpointServicePermissions"
    found = teller.pages(find, "AllowedPrincipals", **change)
    assert [(item["PrincipalType"], item["Principal"]) for item in found] == [
        ("Account", FRIEND), *(("User", friend) for friend in friends)]
    assert len(call(find, **change, Filters=[{"Name": "principal-type", "Values": ["Account"]}])["AllowedPrincipals"]) == 1
    teller.refused("InvalidParameterValue", "ModifyVpcEndpointServicePermissions", **change, AddAllowedPrincipals=["friend"])
    teller.refused("MissingParameter", "ModifyVpcEndpointServicePermissions", **change)


def tell_making_endpoints(teller, ids, service):
    """Six that wait, and what cannot be had."""
    call, refused = teller.call, teller.refused
    offered = call("DescribeVpcEndpointServices", ServiceNames=[service["ServiceName"]])
    assert offered["ServiceNames"] == [service["ServiceName"]]
    assert offered["ServiceDetails"][0]["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]
    assert len(teller.pages("DescribeVpcEndpointServices", "ServiceDetails")) == 6
    mine = [{"Name": "owner", "Values": ["123456789012"]}, {"Name": "service-type", "Values": ["Gateway*"]}]
    assert len(call("DescribeVpcEndpointServices", Filters=mine)["ServiceNames"]) == 6
    wish = {"VpcEndpointType": "GatewayLoadBalancer", "VpcId": ids["vpc"], "ServiceName": service["ServiceName"],
            "SubnetIds": [ids["subnet"]]}
    made = call("CreateVpcEndpoint", **wish, ClientToken="endpoint-1", PrivateDnsEnabled=False,
                TagSpecifications=tags("vpc-endpoint", Name="door"))
    endpoint = made["VpcEndpoint"]
    assert made["ClientToken"] == "endpoint-1"
    assert (endpoint["State"], endpoint["VpcEndpointType"], endpoint["OwnerId"]) == (
        "pendingAcceptance", "GatewayLoadBalancer", "123456789012")
    assert (endpoint["VpcId"], endpoint["SubnetIds"], endpoint["Tags"]) == (
        ids["vpc"], [ids["subnet"]], [{"Key": "Name", "Value": "door"}])
    nic, = call("DescribeNetworkInterfaces", NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert (nic["InterfaceType"], nic["RequesterManaged"], nic["Status"]) == ("gateway_load_balancer_endpoint", True, "in-use")
    refused("OperationNotPermitted", "DeleteNetworkInterface", NetworkInterfaceId=nic["NetworkInterfaceId"])
    typed = {**wish, "IpAddressType": "ipv4"}
    others = [call("CreateVpcEndpoint", **typed)["VpcEndpoint"] for _ in range(5)]
    for code, change in (("InvalidParameterValue", {"VpcEndpointType": "Interface"}),
                         ("InvalidParameterValue", {"IpAddressType": "ipv6"}),
                         ("InvalidServiceName", {"ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"}),
                         ("InvalidServiceName", {"ServiceName": "com.amazonaws.us-east-1.s3"}),
                         ("InvalidVpcID.NotFound", {"VpcId": "vpc-00000000000000000"}),
                         ("InvalidSubnetID.NotFound", {"SubnetIds": ["subnet-00000000000000000"]}),
                         ("InvalidParameterValue", {"SubnetIds": [ids["subnet"], ids["subnet"]]}),
                         ("InvalidGroup.NotFound", {"SecurityGroupIds": ["sg-1"]}),
                         ("InvalidParameterCombination", {"PrivateDnsEnabled": True}),
                         ("IdempotentParameterMismatch", {"ClientToken": "endpoint-1"})):
        refused(code, "CreateVpcEndpoint", **{**wish, **change})
    find = "DescribeVpcEndpoints"
    assert call(find, VpcEndpointIds=[endpoint["VpcEndpointId"]])["VpcEndpoints"] == [endpoint]
    assert len(teller.pages(find, "VpcEndpoints")) == 6
    waiting = [{"Name": "vpc-endpoint-state", "Values": ["pendingAcceptance"]}, {"Name": "tag-key", "Values": ["Name"]}]
    assert call(find, Filters=waiting)["VpcEndpoints"] == [endpoint]
    refused("InvalidVpcEndpointId.NotFound", find, VpcEndpointIds=["vpce-00000000000000000"])
    return [item["VpcEndpointId"] for item in (endpoint, *others)]


def tell_connections(teller, service, endpoints):
    """The first two are accepted, the third is rejected."""
    call = teller.call
    found = teller.pages("DescribeVpcEndpointConnections", "VpcEndpointConnections")
    assert {item["VpcEndpointState"] for item in found} == {"pendingAcceptance"} and len(found) == 6
    answer = {"ServiceId": service}
    assert call("AcceptVpcEndpointConnections", **answer, VpcEndpointIds=endpoints[:2]).get("Unsuccessful", []) == []
    assert call("RejectVpcEndpointConnections", **answer, VpcEndpointIds=[endpoints[2]]).get("Unsuccessful", []) == []
    late = call("AcceptVpcEndpointConnections", **answer, VpcEndpointIds=[endpoints[2], "vpce-00000000000000000"])
    assert [(item["ResourceId"], item["Error"]["Code"]) for item in late["Unsuccessful"]] == [
        (endpoints[2], "InvalidState"), ("vpce-00000000000000000", "InvalidVpcEndpointId.NotFound")]
    there = [{"Name": "service-id", "Values": [service]}, {"Name": "vpc-endpoint-state", "Values": ["available"]}]
    found = call("DescribeVpcEndpointConnections", Filters=there)["VpcEndpointConnections"]
    assert {item["VpcEndpointId"] for item in found} == set(endpoints[:2])
    teller.refused("InvalidVpcEndpointServiceId.NotFound", "AcceptVpcEndpointConnections",
                   ServiceId="vpce-svc-00000000000000000", VpcEndpointIds=endpoints)


def tell_balanced_targets(teller, ids, gateway, network, endpoints):
    call, refused = teller.call, teller.refused
    made = call("CreateTrafficMirrorTarget", NetworkLoadBalancerArn=network, Description="balanced")["TrafficMirrorTarget"]
    assert (made["Type"], made["NetworkLoadBalancerArn"]) == ("network-load-balancer", network)
    find = "DescribeTrafficMirrorTargets"
    named = [{"Name": "network-load-balancer-arn", "Values": [network]}]
    assert call(find, Filters=named)["TrafficMirrorTargets"] == [made]
    refused("NlbInUseByTrafficMirrorTargetException", "CreateTrafficMirrorTarget", NetworkLoadBalancerArn=network)
    refused("InvalidParameterValue", "CreateTrafficMirrorTarget", NetworkLoadBalancerArn=gateway)
    refused("NetworkLoadBalancerNotFoundException", "CreateTrafficMirrorTarget",
            NetworkLoadBalancerArn=network[:-1] + ("0" if network[-1] != "0" else "1"))
    for target in (made["TrafficMirrorTargetId"], tell_gateway_target(teller, endpoints)):
        session = {"TrafficMirrorSessionId": ids["session"]}
        call("ModifyTrafficMirrorSession", **session, TrafficMirrorTargetId=target)
        refused("TrafficMirrorTargetInUseException", "DeleteTrafficMirrorTarget", TrafficMirrorTargetId=target)
        call("ModifyTrafficMirrorSession", **session, TrafficMirrorTargetId=ids["target"])
        call("DeleteTrafficMirrorTarget", TrafficMirrorTargetId=target)


def tell_gateway_target(teller, endpoints):
    """Debian's clients are older than this parameter."""
    wish = {"GatewayLoadBalancerEndpointId": endpoints[0]}
    if not teller.knows("CreateTrafficMirrorTarget", wish):
        answer = teller.query("CreateTrafficMirrorTarget", **wish)
        return answer.split("<trafficMirrorTargetId>")[1].split("<")[0]
    made = teller.call("CreateTrafficMirrorTarget", **wish)["TrafficMirrorTarget"]
    assert (made["Type"], made["GatewayLoadBalancerEndpointId"]) == ("gateway-load-balancer-endpoint", endpoints[0])
    for code, endpoint in (("VpcEndpointInUseByTrafficMirrorTargetException", endpoints[0]), ("InvalidState", endpoints[2]),
                           ("InvalidVpcEndpointId.NotFound", "vpce-00000000000000000")):
        teller.refused(code, "CreateTrafficMirrorTarget", GatewayLoadBalancerEndpointId=endpoint)
    return made["TrafficMirrorTargetId"]


def tell_another_balancer(teller, services, second):
    """One for the one that is there, while no endpoint is connected."""
    first, change = services[0]["GatewayLoadBalancerArns"][0], "ModifyVpcEndpointServiceConfiguration"
    busy, free = ({"ServiceId": service["ServiceId"]} for service in services[:2])
    both = {"AddGatewayLoadBalancerArns": [second], "RemoveGatewayLoadBalancerArns": [first]}
    teller.refused("ExistingVpcEndpointConnections", change, **busy, **both)
    for wrong in ({"AddGatewayLoadBalancerArns": [second]}, {"RemoveGatewayLoadBalancerArns": [first]},
                  {**both, "RemoveGatewayLoadBalancerArns": [second]}, {**both, "AddGatewayLoadBalancerArns": ["sensors"]}):
        teller.refused("InvalidParameterValue", change, **free, **wrong)
    teller.refused("MissingParameter", change, **free)
    assert teller.call(change, **free, **both).get("Return", True) is True
    found, = teller.call("DescribeVpcEndpointServiceConfigurations", ServiceIds=[free["ServiceId"]])["ServiceConfigurations"]
    assert found == {**services[1], "GatewayLoadBalancerArns": [second]}


def tell_the_end_of_endpoints(teller, services, endpoints):
    call = teller.call
    service = services[0]["ServiceId"]
    modify = {"ServiceId": service, "AcceptanceRequired": False}
    assert call("ModifyVpcEndpointServiceConfiguration", **modify).get("Return", True) is True
    drop = "DeleteVpcEndpointServiceConfigurations"
    left = call(drop, ServiceIds=[service])["Unsuccessful"]
    assert [(item["ResourceId"], item["Error"]["Code"]) for item in left] == [(service, "ExistingVpcEndpointConnections")]
    assert call("DeleteVpcEndpoints", VpcEndpointIds=[*endpoints, endpoints[0]]).get("Unsuccessful", []) == []
    left = call("DeleteVpcEndpoints", VpcEndpointIds=[endpoints[0]])["Unsuccessful"]
    assert [(item["ResourceId"], item["Error"]["Code"]) for item in left] == [(endpoints[0], "InvalidVpcEndpoint.NotFound")]
    assert call(drop, ServiceIds=[item["ServiceId"] for item in services]).get("Unsuccessful", []) == []
    left = call(drop, ServiceIds=[service])["Unsuccessful"]
    assert [item["Error"]["Code"] for item in left] == ["InvalidVpcEndpointService.NotFound"]
