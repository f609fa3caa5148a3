/* How fast each session copies and loses now, for the picture of all of them (summary.ts has the looks that rates are of). */
import {watchSignedIn} from "~/api/keys";
import type {Query} from "~/data/cache";
import {type Counters, rateBetween} from "~/text/rates";
import {type SessionStatus, statusesQuery} from "./status";
import {lookAt} from "./summary";

export interface Traffic {
	status: SessionStatus;
	rate?: Counters; // Once there are two looks.
}

const memory = 12_000;
const leastApart = 2500;
let looks: ReturnType<typeof lookAt>[] = [];

watchSignedIn(() => (looks = []));

export const trafficQuery: Query<Traffic[]> = {
	key: "traffic",
	kinds: ["session", "host", "balancer"],
	every: 3000,
	async fetch(signal) {
		const statuses = await statusesQuery.fetch(signal);
		const now = lookAt(statuses, Date.now());
		const recent = looks.filter(({time}) => time > now.time - memory);
		looks = [...recent, now];
		const before = recent.find(({time}) => time <= now.time - leastApart);
		return statuses.map((status) => {
			const [old, fresh] = [
				before?.counters.get(status.id),
				now.counters.get(status.id),
			];
			const rate =
				before && old && fresh
					? rateBetween(
							{time: before.time, counters: old},
							{time: now.time, counters: fresh},
						)
					: undefined;
			return {status, rate};
		});
	},
};
