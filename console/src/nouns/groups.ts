/* Target groups: the appliances that share what comes to a load balancer, how they are checked, and how they do. */
import type {Parameters} from "~/api/query";
import type {Query} from "~/data/cache";
import {callBalancing, gone, type Listed, listBalancing, listOf} from "./balancing";

/* As DescribeTargetGroups answers with Extension.Show; all texts. */
export interface Group {
	TargetGroupArn: string;
	TargetGroupName: string;
	Protocol: string;
	Port: string;
	VpcId: string;
	HealthCheckPort: string;
	HealthCheckEnabled: string;
	HealthCheckIntervalSeconds: string;
	HealthCheckTimeoutSeconds: string;
	HealthyThresholdCount: string;
	UnhealthyThresholdCount: string;
	HealthCheckPath?: string;
	Matcher?: {HttpCode: string};
	LoadBalancerArns: Listed<string>;
	TargetType: string;
	IpAddressType: string;
	Extension: {
		HealthCheckProtocol: string;
		Hosts?: string;
		Flows?: string;
		MovedFlows?: string;
		EvictedFlows?: string;
	};
}

export interface Member {
	Target: {Id: string; Port: string; AvailabilityZone?: string};
	HealthCheckPort: string;
	TargetHealth: {State: string; Reason?: string; Description?: string};
	Extension?: {Weight?: string};
}

export interface NewMember {
	Id: string;
	Port?: string;
	weight?: string;
}

export interface GroupHealth {
	group: string;
	members: Member[];
}

const pace = 2000; // Hosts report every two seconds, and changes of health at once.
const show: Parameters = {"Extension.Show": true};

export const groupsQuery: Query<Group[]> = {
	key: "groups",
	kinds: ["balancer"],
	every: 30_000,
	fetch: (signal) => listBalancing("DescribeTargetGroups", "TargetGroups", show, signal),
};

/* By what stands in its ARN behind "targetgroup/"; often, for the flows that hosts tell of. */
export function groupQuery(tail: string): Query<Group> {
	return {
		...groupsQuery,
		key: `group ${tail}`,
		every: 2 * pace,
		fetch: async (signal) =>
			(await groupsQuery.fetch(signal)).find(({TargetGroupArn: arn}) =>
				arn.endsWith(`:targetgroup/${tail}`),
			) ?? gone("target group", "DescribeTargetGroups"),
	};
}

export function membersQuery(group: string): Query<Member[]> {
	return {
		key: `members ${group}`,
		kinds: ["balancer", "host"],
		every: pace,
		fetch: (signal) => fetchMembers(group, signal),
	};
}

/* Of every group, a few requests at a time. */
export const healthQuery: Query<GroupHealth[]> = {
	key: "health of groups",
	kinds: ["balancer", "host"],
	every: 2 * pace,
	async fetch(signal) {
		const groups = await groupsQuery.fetch(signal);
		const found: GroupHealth[] = [];
		const waiting = [...groups.entries()];
		const worker = async () => {
			for (let next = waiting.shift(); next; next = waiting.shift()) {
				const group = next[1].TargetGroupArn;
				found[next[0]] = {
					group,
					members: await fetchMembers(group, signal),
				};
			}
		};
		await Promise.all(Array.from({length: 6}, worker));
		return found;
	},
};

export async function createGroup(parameters: Parameters): Promise<string> {
	const answer = await callBalancing<{TargetGroups: Listed<Group>}>("CreateTargetGroup", {
		...parameters,
		...show,
	});
	return (answer.TargetGroups as Group[])[0]!.TargetGroupArn;
}

export function modifyGroup(arn: string, parameters: Parameters): Promise<unknown> {
	return callBalancing("ModifyTargetGroup", {TargetGroupArn: arn, ...parameters, ...show});
}

export function deleteGroup(arn: string): Promise<unknown> {
	return callBalancing("DeleteTargetGroup", {TargetGroupArn: arn});
}

/* One that is registered already takes the weight. */
export function registerMembers(group: string, members: NewMember[]): Promise<unknown> {
	return callBalancing("RegisterTargets", {
		TargetGroupArn: group,
		Targets: members.map(({Id, Port, weight}) => ({
			Id,
			Port,
			"Extension.Weight": weight,
		})),
	});
}

export function deregisterMembers(group: string, members: Member[]): Promise<unknown> {
	return callBalancing("DeregisterTargets", {
		TargetGroupArn: group,
		Targets: members.map(({Target: {Id, Port}}) => ({Id, Port})),
	});
}

export function memberKey({Target: {Id, Port}}: Member): string {
	return `${Id} port ${Port}`;
}

async function fetchMembers(group: string, signal: AbortSignal): Promise<Member[]> {
	const answer = await callBalancing<{TargetHealthDescriptions: Listed<Member>}>(
		"DescribeTargetHealth",
		{TargetGroupArn: group, ...show},
		signal,
	);
	return listOf(answer.TargetHealthDescriptions);
}
