/* All sessions in a few figures: how many are in which state, and how fast they copy and lose now.
 *
 * Rates come from counters between two looks, session by session, so that one that comes or goes does not disturb the
 * sum.  A look is compared with one some seconds older, since hosts report every two seconds and looks fall between. */
import {watchSignedIn} from "~/api/keys";
import type {Query} from "~/data/cache";
import {addCounters, type Counters, noCounters, rateBetween} from "~/text/rates";
import {type SessionStatus, statusesQuery} from "./status";

export interface Summary {
	sessions: number;
	states: Record<string, number>;
	rate?: Counters; // Once there are two looks.
	busiest: {status: SessionStatus; rate: Counters}[];
}

interface Look {
	time: number;
	counters: Map<string, Counters>;
}

const memory = 12_000;
const leastApart = 2500;
const mostBusy = 5;
let looks: Look[] = [];

watchSignedIn(() => (looks = []));

export const summaryQuery: Query<Summary> = {
	key: "summary",
	kinds: ["session", "host"],
	every: 3000,
	async fetch(signal) {
		const statuses = await statusesQuery.fetch(signal);
		const look = lookAt(statuses, Date.now());
		const recent = looks.filter(({time}) => time > look.time - memory);
		looks = [...recent, look];
		const before = recent.find(({time}) => time <= look.time - leastApart);
		return summarize(statuses, before, look);
	},
};

export function summarize(statuses: SessionStatus[], before: Look | undefined, now: Look): Summary {
	const states: Record<string, number> = {};
	for (const {state} of statuses) states[state] = (states[state] ?? 0) + 1;
	const rates = statuses.flatMap((status) => {
		const rate = before && rateOf(status.id, before, now);
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

export function lookAt(statuses: SessionStatus[], time: number): Look {
	return {
		time,
		counters: new Map(
			statuses.map(({id, counters}) => [
				id,
				addCounters(counters.ingress, counters.egress),
			]),
		),
	};
}

function rateOf(id: string, before: Look, now: Look): Counters | undefined {
	const [old, fresh] = [before.counters.get(id), now.counters.get(id)];
	if (!old || !fresh) return undefined;
	return rateBetween({time: before.time, counters: old}, {time: now.time, counters: fresh});
}
