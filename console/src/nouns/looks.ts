/* Rates of all sessions, of counters between two looks.
 *
 * A look is compared with one some seconds older, since hosts report every two seconds and looks fall between.  Session by
 * session, so that one that comes or goes does not disturb the sum. */
import {watchSignedIn} from "~/api/keys";
import {addCounters, type Counters, rateBetween} from "~/text/rates";
import type {SessionStatus} from "./status";

export interface Look {
	time: number;
	counters: Map<string, Counters>;
}

const memory = 12_000;
const leastApart = 2500;

/* For one query: hands it each new look with the older one to compare it with, once there is one. */
export function rememberLooks(): (now: Look) => Look | undefined {
	let looks: Look[] = [];
	watchSignedIn(() => (looks = []));
	return (now) => {
		const recent = looks.filter(({time}) => time > now.time - memory);
		looks = [...recent, now];
		return recent.find(({time}) => time <= now.time - leastApart);
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

/* Of a session that both looks have. */
export function rateOf(id: string, before: Look | undefined, now: Look): Counters | undefined {
	const [old, fresh] = [before?.counters.get(id), now.counters.get(id)];
	if (!before || !old || !fresh) return undefined;
	return rateBetween({time: before.time, counters: old}, {time: now.time, counters: fresh});
}
