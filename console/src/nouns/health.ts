/* Whether the appliances of all target groups are well, in one list (groups.ts has them group by group). */
import type {Query} from "~/data/cache";
import {arnName} from "./balancing";
import {type GroupHealth, healthQuery} from "./groups";

export interface Appliance {
	group: string; // Its name.
	id: string; // An address or an instance.
	state: string; // healthy, unhealthy, initial, draining, unused, unavailable.
	reason?: string;
}

export const appliancesQuery: Query<Appliance[]> = {
	...healthQuery,
	key: "appliances",
	every: 10_000, // Checks fail and pass without anybody's doing.
	fetch: async (signal) => (await healthQuery.fetch(signal)).flatMap(listAppliances),
};

function listAppliances({group, members}: GroupHealth): Appliance[] {
	return members.map(({Target, TargetHealth}) => ({
		group: arnName(group),
		id: Target.Id,
		state: TargetHealth.State,
		reason: TargetHealth.Description,
	}));
}
