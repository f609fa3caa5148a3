/* Endpoint services of gateways, and the endpoints by which accounts send to them. */
import {refusal} from "~/api/problem";
import {type Parameters, query, queryAll} from "~/api/query";
import type {Query} from "~/data/cache";
import {listOf, type Listed} from "./balancing";
import {fetchSite} from "./site";

export interface Service {
	serviceId: string;
	serviceName: string;
	acceptanceRequired: string;
	gatewayLoadBalancerArnSet: string[];
}

/* An endpoint as the service's owner sees it. */
export interface Connection {
	serviceId: string;
	vpcEndpointId: string;
	vpcEndpointOwner: string;
	vpcEndpointState: string;
	creationTimestamp: string;
	gatewayLoadBalancerArnSet: string[];
}

interface Unsuccessful {
	error: {code: string; message: string};
}

export function servicesQuery(balancer: string): Query<Service[]> {
	return ofBalancer<Service>(
		balancer,
		"DescribeVpcEndpointServiceConfigurations",
		"serviceConfigurationSet",
	);
}

export function connectionsQuery(balancer: string): Query<Connection[]> {
	return ofBalancer<Connection>(
		balancer,
		"DescribeVpcEndpointConnections",
		"vpcEndpointConnectionSet",
	);
}

export function createService(balancer: string): Promise<unknown> {
	return query("CreateVpcEndpointServiceConfiguration", {
		GatewayLoadBalancerArn: [balancer],
		AcceptanceRequired: false,
	});
}

export function setAcceptance(id: string, required: boolean): Promise<unknown> {
	return query("ModifyVpcEndpointServiceConfiguration", {
		ServiceId: id,
		AcceptanceRequired: required,
	});
}

export function deleteService(id: string): Promise<unknown> {
	return changeAll("DeleteVpcEndpointServiceConfigurations", {ServiceId: [id]});
}

export async function createEndpoint(serviceName: string): Promise<unknown> {
	const {vpc, subnet} = await fetchSite();
	return query("CreateVpcEndpoint", {
		VpcEndpointType: "GatewayLoadBalancer",
		VpcId: vpc,
		ServiceName: serviceName,
		SubnetId: [subnet],
	});
}

export function deleteEndpoints(ids: string[]): Promise<unknown> {
	return changeAll("DeleteVpcEndpoints", {VpcEndpointId: ids});
}

export function acceptEndpoints(service: string, ids: string[]): Promise<unknown> {
	return changeAll("AcceptVpcEndpointConnections", {ServiceId: service, VpcEndpointId: ids});
}

export function rejectEndpoints(service: string, ids: string[]): Promise<unknown> {
	return changeAll("RejectVpcEndpointConnections", {ServiceId: service, VpcEndpointId: ids});
}

function ofBalancer<T extends {gatewayLoadBalancerArnSet: string[]}>(
	balancer: string,
	action: string,
	set: string,
): Query<T[]> {
	return {
		key: `${action} ${balancer}`,
		kinds: ["endpoint"],
		every: 30_000,
		fetch: async (signal) =>
			(await queryAll<T>(action, set, {}, signal)).filter((item) =>
				item.gatewayLoadBalancerArnSet.includes(balancer),
			),
	};
}

/* These answer with what they could not do instead of refusing. */
async function changeAll(action: string, parameters: Parameters) {
	const answer = await query<{unsuccessful?: Listed<Unsuccessful>}>(action, parameters);
	const [first] = listOf(answer.unsuccessful);
	if (first) throw refusal(first.error.code, first.error.message, action);
}
