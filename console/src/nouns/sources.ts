/* Sources: network interfaces of hosts, as EC2 describes them; where they are is said by tags of the inventory's own. */
import {
	DescribeNetworkInterfacesCommand,
	type NetworkInterface,
	paginateDescribeNetworkInterfaces,
} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import type {Query} from "~/data/cache";
import {gone} from "./balancing";
import type {Tag} from "./tags";

export interface Source {
	id: string;
	host: string;
	device: string;
	name: string;
	instance?: string;
	addresses: string[];
	mac?: string;
	type?: string;
	orientation?: string;
	status?: string;
	attachedAt?: Date;
	owner?: string;
	subnet?: string;
	vpc?: string;
	zone?: string;
	description?: string;
	tags: Tag[];
}

export const sourcesQuery: Query<Source[]> = {
	key: "sources",
	kinds: ["source", "host", "tag"],
	every: 60_000,
	fetch: fetchAll,
};

export function sourceQuery(id: string): Query<Source> {
	return {
		key: `source ${id}`,
		kinds: ["source", "host", "tag"],
		every: 60_000,
		fetch: async (signal) => {
			const command = new DescribeNetworkInterfacesCommand({
				NetworkInterfaceIds: [id],
			});
			const answer = await ec2().send(command, {abortSignal: signal});
			const [found] = answer.NetworkInterfaces ?? [];
			return found
				? readSource(found)
				: gone("interface", "DescribeNetworkInterfaces");
		},
	};
}

/* What people call it: a device on a host. */
export function sourceText(source: Pick<Source, "id" | "device" | "host" | "name">): string {
	const place = source.device ? `${source.device} on ${source.host}` : source.id;
	return source.name && source.name !== source.device ? `${source.name} (${place})` : place;
}

async function fetchAll(signal: AbortSignal): Promise<Source[]> {
	const sources: Source[] = [];
	const pages = paginateDescribeNetworkInterfaces(
		{client: ec2(), pageSize: 1000},
		{},
		{
			abortSignal: signal,
		},
	);
	for await (const page of pages)
		sources.push(...(page.NetworkInterfaces ?? []).map(readSource));
	return sources;
}

function readSource(item: NetworkInterface): Source {
	const tags = (item.TagSet ?? []).map(({Key, Value}) => ({
		key: Key ?? "",
		value: Value ?? "",
	}));
	const tag = (key: string) => tags.find((row) => row.key === key)?.value ?? "";
	return {
		id: item.NetworkInterfaceId!,
		host: tag("tmirror:host"),
		device: tag("tmirror:device"),
		name: tag("Name"),
		instance: item.Attachment?.InstanceId,
		addresses: [
			...(item.PrivateIpAddresses ?? []).flatMap(
				({PrivateIpAddress}) => PrivateIpAddress ?? [],
			),
			...(item.Ipv6Addresses ?? []).flatMap(({Ipv6Address}) => Ipv6Address ?? []),
		],
		mac: item.MacAddress,
		type: item.InterfaceType,
		orientation: tag("tmirror:orientation") || undefined,
		status: item.Status,
		attachedAt: item.Attachment?.AttachTime,
		owner: item.OwnerId,
		subnet: item.SubnetId,
		vpc: item.VpcId,
		zone: item.AvailabilityZone,
		description: item.Description,
		tags,
	};
}
