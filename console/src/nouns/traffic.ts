/* How fast each session copies and loses now, for the picture of all of them. */
import type {Query} from "~/data/cache";
import type {Counters} from "~/text/rates";
import {lookAt, rateOf, rememberLooks} from "./looks";
import {type SessionStatus, statusesQuery} from "./status";

export interface Traffic {
	status: SessionStatus;
	rate?: Counters; // Once there are two looks.
}

const remember = rememberLooks();

export const trafficQuery: Query<Traffic[]> = {
	key: "traffic",
	kinds: ["session", "host", "balancer"],
	every: 3000,
	async fetch(signal) {
		const statuses = await statusesQuery.fetch(signal);
		const now = lookAt(statuses, Date.now());
		const before = remember(now);
		return statuses.map((status) => ({status, rate: rateOf(status.id, before, now)}));
	},
};
