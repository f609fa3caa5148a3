/* Load balancers and their listeners: by which port copies come to which group of appliances. */
import type {Query} from "~/data/cache";
import {callBalancing, gone, type Listed, listBalancing} from "./balancing";

export interface Balancer {
	LoadBalancerArn: string;
	LoadBalancerName: string;
	Type: string;
	Scheme?: string;
	VpcId: string;
	CreatedTime: string;
	State: {Code: string};
	DNSName?: string;
	AvailabilityZones: {ZoneName: string; SubnetId: string}[];
}

export interface Listener {
	ListenerArn: string;
	LoadBalancerArn: string;
	Port?: string; // A gateway's has none.
	Protocol?: string;
	DefaultActions: {TargetGroupArn: string}[];
}

export const balancerTypes: Record<string, string> = {
	network: "Network",
	gateway: "Gateway",
};

export const balancersQuery: Query<Balancer[]> = {
	key: "balancers",
	kinds: ["balancer"],
	every: 60_000,
	fetch: (signal) => listBalancing("DescribeLoadBalancers", "LoadBalancers", {}, signal),
};

/* By what stands in its ARN behind "loadbalancer/", which is also its page's address. */
export function balancerQuery(tail: string): Query<Balancer> {
	return {
		...balancersQuery,
		key: `balancer ${tail}`,
		fetch: async (signal) =>
			(await balancersQuery.fetch(signal)).find(({LoadBalancerArn: arn}) =>
				arn.endsWith(`:loadbalancer/${tail}`),
			) ?? gone("load balancer", "DescribeLoadBalancers"),
	};
}

export function listenersQuery(balancer: string): Query<Listener[]> {
	return {
		key: `listeners ${balancer}`,
		kinds: ["balancer"],
		every: 60_000,
		fetch: (signal) =>
			listBalancing(
				"DescribeListeners",
				"Listeners",
				{LoadBalancerArn: balancer},
				signal,
			),
	};
}

export async function createBalancer(
	name: string,
	type: string,
	subnet: string,
	internal = true,
): Promise<string> {
	const answer = await callBalancing<{LoadBalancers: Listed<Balancer>}>(
		"CreateLoadBalancer",
		{
			Name: name,
			Type: type,
			Scheme: type === "network" && internal ? "internal" : undefined,
			Subnets: [subnet],
		},
	);
	return (answer.LoadBalancers as Balancer[])[0]!.LoadBalancerArn;
}

export function deleteBalancer(arn: string): Promise<unknown> {
	return callBalancing("DeleteLoadBalancer", {LoadBalancerArn: arn});
}

/* A gateway's listener has neither protocol nor port. */
export async function createListener(
	balancer: string,
	group: string,
	port?: string,
): Promise<string> {
	const answer = await callBalancing<{Listeners: Listed<Listener>}>("CreateListener", {
		LoadBalancerArn: balancer,
		Protocol: port && "UDP",
		Port: port,
		DefaultActions: [{Type: "forward", TargetGroupArn: group}],
	});
	return (answer.Listeners as Listener[])[0]!.ListenerArn;
}

export function deleteListener(arn: string): Promise<unknown> {
	return callBalancing("DeleteListener", {ListenerArn: arn});
}

export function forwardListener(arn: string, group: string): Promise<unknown> {
	return callBalancing("ModifyListener", {
		ListenerArn: arn,
		DefaultActions: [{Type: "forward", TargetGroupArn: group}],
	});
}
