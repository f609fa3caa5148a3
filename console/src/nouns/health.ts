/* Whether the appliances of target groups are well, as the hosts' checks find. */
import {
	DescribeTargetHealthCommand,
	paginateDescribeTargetGroups,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {balancing} from "~/api/balancing";
import type {Query} from "~/data/cache";

export interface Appliance {
	group: string;
	groupArn: string;
	id: string; // An address or an instance.
	port?: number;
	state: string; // healthy, unhealthy, initial, draining, unused, unavailable.
	reason?: string;
}

export const healthQuery: Query<Appliance[]> = {
	key: "appliances",
	kinds: ["balancer"],
	every: 10_000, // Checks fail and pass without anybody's doing.
	async fetch(signal) {
		const appliances: Appliance[] = [];
		const pages = paginateDescribeTargetGroups(
			{client: balancing()},
			{},
			{abortSignal: signal},
		);
		for await (const page of pages)
			for (const {TargetGroupArn, TargetGroupName} of page.TargetGroups ?? [])
				appliances.push(
					...(await fetchGroup(
						TargetGroupArn!,
						TargetGroupName!,
						signal,
					)),
				);
		return appliances;
	},
};

async function fetchGroup(arn: string, name: string, signal: AbortSignal): Promise<Appliance[]> {
	const command = new DescribeTargetHealthCommand({TargetGroupArn: arn});
	const answer = await balancing().send(command, {abortSignal: signal});
	return (answer.TargetHealthDescriptions ?? []).map(({Target, TargetHealth}) => ({
		group: name,
		groupArn: arn,
		id: Target?.Id ?? "",
		port: Target?.Port,
		state: TargetHealth?.State ?? "",
		reason: TargetHealth?.Description,
	}));
}
