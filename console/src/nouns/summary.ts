/* All sessions in a few figures: how many are in which state, and how fast they copy and lose now (looks.ts). */
import type {Query} from "~/data/cache";
import {addCounters, type Counters, noCounters} from "~/text/rates";
import {type Look, lookAt, rateOf, rememberLooks} from "./looks";
import {type SessionStatus, statusesQuery} from "./status";

export interface Summary {
	sessions: number;
	states: Record<string, number>;
	rate?: Counters; // Once there are two looks.
	busiest: {status: SessionStatus; rate: Counters}[];
}

const mostBusy = 5;
const remember = rememberLooks();

export const summaryQuery: Query<Summary> = {
	key: "summary",
	kinds: ["session", "host"],
	every: 3000,
	async fetch(signal) {
		const statuses = await statusesQuery.fetch(signal);
		const look = lookAt(statuses, Date.now());
		return summarize(statuses, remember(look), look);
	},
};

export function summarize(statuses: SessionStatus[], before: Look | undefined, now: Look): Summary {
	const states: Record<string, number> = {};
	for (const {state} of statuses) states[state] = (states[state] ?? 0) + 1;
	const rates = statuses.flatMap((status) => {
		const rate = rateOf(status.id, before, now);
		return rate ? [{status, rate}] : [];
	});
	return {
		sessions: statuses.length,
		states,
		rate: before && rates.reduce((sum, {rate}) => addCounters(sum, rate), noCounters),
		busiest: rates
			.filter(({rate}) => rate.accepted.packets > 0)
			.sort((a, b) => b.rate.accepted.bytes - a.rate.accepted.bytes)
			.slice(0, mostBusy),
	};
}
