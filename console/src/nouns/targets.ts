/* Targets: where copies go. */
import {
	CreateTrafficMirrorTargetCommand,
	type CreateTrafficMirrorTargetCommandInput,
	DeleteTrafficMirrorTargetCommand,
	paginateDescribeTrafficMirrorTargets,
	type TrafficMirrorTarget,
} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import {query, queryAll} from "~/api/query";
import {refusal} from "~/api/problem";
import type {Query} from "~/data/cache";
import type {Tag} from "./tags";

export interface Target {
	id: string;
	type: string;
	locator: string; // Of what stands behind it: an interface, a load balancer's ARN, an endpoint.
	description: string;
	owner: string;
	tags: Tag[];
}

export interface Share {
	trafficMirrorTargetId: string;
	accountId: string;
	ownerId: string;
}

export const targetTypes: Record<string, string> = {
	"network-interface": "Network interface",
	"network-load-balancer": "Network Load Balancer",
	"gateway-load-balancer-endpoint": "Gateway Load Balancer endpoint",
};

export const targetsQuery: Query<Target[]> = {
	key: "targets",
	kinds: ["target", "tag"],
	every: 60_000,
	async fetch(signal) {
		const targets: Target[] = [];
		const pages = paginateDescribeTrafficMirrorTargets(
			{client: ec2(), pageSize: 1000},
			{},
			{
				abortSignal: signal,
			},
		);
		for await (const page of pages)
			targets.push(...(page.TrafficMirrorTargets ?? []).map(readTarget));
		return targets;
	},
};

/* One of all, since a list of them is at hand mostly. */
export function targetQuery(id: string): Query<Target> {
	return {
		...targetsQuery,
		key: `target ${id}`,
		fetch: async (signal) =>
			(await targetsQuery.fetch(signal)).find((target) => target.id === id) ??
			gone(id),
	};
}

export const sharesQuery: Query<Share[]> = {
	key: "target shares",
	kinds: ["target"],
	every: 60_000,
	fetch: (signal) =>
		queryAll(
			"DescribeTrafficMirrorTargetShares",
			"trafficMirrorTargetShareSet",
			{},
			signal,
		),
};

export function targetText(target: Target): string {
	const name = target.tags.find(({key}) => key === "Name")?.value;
	return [name || target.description, target.id].filter(Boolean).join(" · ");
}

export async function createTarget(input: CreateTrafficMirrorTargetCommandInput): Promise<string> {
	const answer = await ec2().send(new CreateTrafficMirrorTargetCommand(input));
	return answer.TrafficMirrorTarget!.TrafficMirrorTargetId!;
}

export function deleteTarget(id: string): Promise<unknown> {
	return ec2().send(new DeleteTrafficMirrorTargetCommand({TrafficMirrorTargetId: id}));
}

export function shareTarget(id: string, account: string): Promise<unknown> {
	return query("ShareTrafficMirrorTarget", {TrafficMirrorTargetId: id, AccountId: account});
}

/* Ends the account's sessions with the target. */
export function unshareTarget(id: string, account: string): Promise<unknown> {
	return query("UnshareTrafficMirrorTarget", {TrafficMirrorTargetId: id, AccountId: account});
}

function readTarget(item: TrafficMirrorTarget): Target {
	return {
		id: item.TrafficMirrorTargetId!,
		type: item.Type ?? "",
		locator:
			item.NetworkInterfaceId ??
			item.NetworkLoadBalancerArn ??
			item.GatewayLoadBalancerEndpointId ??
			"",
		description: item.Description ?? "",
		owner: item.OwnerId ?? "",
		tags: (item.Tags ?? []).map(({Key, Value}) => ({
			key: Key ?? "",
			value: Value ?? "",
		})),
	};
}

function gone(id: string): never {
	throw refusal(
		"InvalidTrafficMirrorTargetId.NotFound",
		`The target ${id} does not exist.`,
		"DescribeTrafficMirrorTargets",
	);
}
