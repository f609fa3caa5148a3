/* A fleet: a Network Load Balancer, its listener, its target group and the target before it, made in one step as
 * "tmirror fleet create" does.
 *
 * The parts have the fleet's name and are looked for by it, so making a fleet that is there adds appliances to it, unless it is
 * to be otherwise than it is.  What was made is taken away again if a later step is refused; appliances come last, all by one request. */
import type {Parameters} from "~/api/query";
import {refusal} from "~/api/problem";
import {type Made, orUndo} from "~/api/undo";
import {
	balancersQuery,
	createBalancer,
	createListener,
	deleteBalancer,
	deleteListener,
	listenersQuery,
} from "./balancers";
import {
	createGroup,
	deleteGroup,
	type Group,
	groupsQuery,
	type NewMember,
	registerMembers,
} from "./groups";
import {fetchSite} from "./site";
import {sdkTags} from "./tags";
import {createTarget, deleteTarget, targetsQuery} from "./targets";

export interface FleetWish {
	name: string;
	port: string;
	family: "ipv4" | "ipv6";
	check: Parameters;
	members: NewMember[];
}

/* The group's ARN, whose page shows the appliances. */
export async function createFleet(wish: FleetWish): Promise<string> {
	const made: Made[] = [];
	const steps = async () => {
		const {vpc, subnet} = await fetchSite();
		const group = await provideGroup(wish, vpc, made);
		const balancer = await provideBalancer(wish.name, subnet, made);
		await provideListener(balancer, group, wish.port, made);
		await provideTarget(wish.name, balancer, made);
		await registerMembers(group, wish.members);
		return group;
	};
	return orUndo(steps, made);
}

/* What a group that is there has otherwise than it is wished, as words; nothing if it will do. */
export function differenceOf(known: Group, {port, family, check}: FleetWish): string | undefined {
	const protocol = check["HealthCheckProtocol"] ?? check["Extension.HealthCheckProtocol"];
	const rows: [what: string, has: string | undefined, wished: unknown][] = [
		["port", known.Port, port],
		["addresses", known.IpAddressType, family],
		["check", known.Extension.HealthCheckProtocol, protocol],
		["check's port", known.HealthCheckPort, check["HealthCheckPort"]],
		["path", known.HealthCheckPath, check["HealthCheckPath"]],
		["statuses", known.Matcher?.HttpCode, check["Matcher.HttpCode"]],
		["interval", known.HealthCheckIntervalSeconds, check["HealthCheckIntervalSeconds"]],
		["timeout", known.HealthCheckTimeoutSeconds, check["HealthCheckTimeoutSeconds"]],
		["passes", known.HealthyThresholdCount, check["HealthyThresholdCount"]],
		["failures", known.UnhealthyThresholdCount, check["UnhealthyThresholdCount"]],
	];
	if (known.Protocol === "GENEVE") return "protocol GENEVE";
	const other = rows.find(
		([, has, wished]) => wished !== undefined && String(wished) !== has,
	);
	return other && `${other[0]} ${other[1]}, not ${String(other[2])}`;
}

async function provideGroup(wish: FleetWish, vpc: string, made: Made[]): Promise<string> {
	const all = await groupsQuery.fetch(new AbortController().signal);
	const known = all.find(({TargetGroupName: name}) => name === wish.name);
	const difference = known && differenceOf(known, wish);
	if (difference)
		throw refusal(
			"DuplicateTargetGroupName",
			`The fleet ${wish.name} is there with ${difference}. Its target group's page changes the check.`,
			"CreateTargetGroup",
		);
	if (known) return known.TargetGroupArn;
	const arn = await createGroup({
		Name: wish.name,
		Protocol: "UDP",
		Port: wish.port,
		VpcId: vpc,
		TargetType: "ip",
		IpAddressType: wish.family,
		...wish.check,
	});
	made.push({what: `the target group ${wish.name}`, undo: () => deleteGroup(arn)});
	return arn;
}

async function provideBalancer(name: string, subnet: string, made: Made[]): Promise<string> {
	const all = await balancersQuery.fetch(new AbortController().signal);
	const known = all.find((item) => item.LoadBalancerName === name && item.Type === "network");
	if (known) return known.LoadBalancerArn;
	const arn = await createBalancer(name, "network", subnet);
	made.push({what: `the load balancer ${name}`, undo: () => deleteBalancer(arn)});
	return arn;
}

async function provideListener(balancer: string, group: string, port: string, made: Made[]) {
	const all = await listenersQuery(balancer).fetch(new AbortController().signal);
	const known = all.some(
		(item) => item.Port === port && item.DefaultActions[0]?.TargetGroupArn === group,
	);
	if (known) return;
	const arn = await createListener(balancer, group, port);
	made.push({what: `the listener ${arn}`, undo: () => deleteListener(arn)});
}

async function provideTarget(name: string, balancer: string, made: Made[]) {
	const all = await targetsQuery.fetch(new AbortController().signal);
	if (all.some(({locator}) => locator === balancer)) return;
	const id = await createTarget({
		NetworkLoadBalancerArn: balancer,
		TagSpecifications: sdkTags("traffic-mirror-target", name),
	});
	made.push({what: `the target ${id}`, undo: () => deleteTarget(id)});
}
