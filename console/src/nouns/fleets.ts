/* A fleet: a Network Load Balancer, its listener, its target group and the target before it, made in one step as
 * "tmirror fleet create" does.
 *
 * The parts have the fleet's name and are looked for by it, so making a fleet that is there adds appliances to it.  What was
 * made is taken away again if a later step is refused; appliances come last, all by one request. */
import type {Parameters} from "~/api/query";
import {refusal} from "~/api/problem";
import {
	balancersQuery,
	createBalancer,
	createListener,
	deleteBalancer,
	deleteListener,
	listenersQuery,
} from "./balancers";
import {createGroup, deleteGroup, groupsQuery, type NewMember, registerMembers} from "./groups";
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

type Undo = () => Promise<unknown>;

/* The group's ARN, whose page shows the appliances. */
export async function createFleet(wish: FleetWish): Promise<string> {
	const made: Undo[] = [];
	try {
		const {vpc, subnet} = await fetchSite();
		const group = await provideGroup(wish, vpc, made);
		const balancer = await provideBalancer(wish.name, subnet, made);
		await provideListener(balancer, group, wish.port, made);
		await provideTarget(wish.name, balancer, made);
		await registerMembers(group, wish.members);
		return group;
	} catch (error) {
		for (const undo of made.reverse()) await undo().catch(() => {});
		throw error;
	}
}

async function provideGroup(wish: FleetWish, vpc: string, made: Undo[]): Promise<string> {
	const all = await groupsQuery.fetch(new AbortController().signal);
	const known = all.find(({TargetGroupName: name}) => name === wish.name);
	if (known && (known.Protocol === "GENEVE" || known.Port !== wish.port))
		throw refusal(
			"DuplicateTargetGroupName",
			`There is a target group ${wish.name} with protocol ${known.Protocol} and port ${known.Port}.`,
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
	made.push(() => deleteGroup(arn));
	return arn;
}

async function provideBalancer(name: string, subnet: string, made: Undo[]): Promise<string> {
	const all = await balancersQuery.fetch(new AbortController().signal);
	const known = all.find((item) => item.LoadBalancerName === name && item.Type === "network");
	if (known) return known.LoadBalancerArn;
	const arn = await createBalancer(name, "network", subnet);
	made.push(() => deleteBalancer(arn));
	return arn;
}

async function provideListener(balancer: string, group: string, port: string, made: Undo[]) {
	const all = await listenersQuery(balancer).fetch(new AbortController().signal);
	const known = all.some(
		(item) => item.Port === port && item.DefaultActions[0]?.TargetGroupArn === group,
	);
	if (known) return;
	const arn = await createListener(balancer, group, port);
	made.push(() => deleteListener(arn));
}

async function provideTarget(name: string, balancer: string, made: Undo[]) {
	const all = await targetsQuery.fetch(new AbortController().signal);
	if (all.some(({locator}) => locator === balancer)) return;
	const id = await createTarget({
		NetworkLoadBalancerArn: balancer,
		TagSpecifications: sdkTags("traffic-mirror-target", name),
	});
	made.push(() => deleteTarget(id));
}
