/* How sessions are doing: their state, and what became of their copies since they were made.
 *
 * Counters only grow.  A rate is what they grew by between two looks, over the time between them (text/rates.ts). */
import {queryAll} from "~/api/query";
import type {Query} from "~/data/cache";
import type {Counters} from "~/text/rates";

export interface SessionStatus {
	id: string;
	source: string;
	host?: string;
	device?: string;
	state: string;
	reason?: string;
	counters: {ingress: Counters; egress: Counters};
}

interface Count {
	packets: string;
	bytes: string;
}

interface AnsweredDirection {
	accepted: Count;
	shipped: Count;
	truncated: Count;
	lostSet: (Count & {reason: string})[];
}

interface AnsweredStatus {
	trafficMirrorSessionId: string;
	networkInterfaceId: string;
	hostName?: string;
	deviceName?: string;
	state: string;
	reason?: string;
	ingress: AnsweredDirection;
	egress: AnsweredDirection;
}

const pace = 2000; // Hosts report every two seconds.

export const statusesQuery: Query<SessionStatus[]> = {
	key: "session statuses",
	kinds: ["session", "host"],
	every: 2 * pace,
	fetch: (signal) => fetchStatuses({}, signal),
};

export function statusQuery(id: string): Query<SessionStatus | undefined> {
	return {
		key: `session status ${id}`,
		kinds: ["session", "host"],
		every: pace,
		fetch: async (signal) =>
			(await fetchStatuses({TrafficMirrorSessionId: [id]}, signal))[0],
	};
}

async function fetchStatuses(which: {TrafficMirrorSessionId?: string[]}, signal: AbortSignal) {
	const answered = which.TrafficMirrorSessionId
		? queryAllNamed(which.TrafficMirrorSessionId, signal)
		: queryAll<AnsweredStatus>(action, set, {}, signal, pageSize);
	return (await answered).map(readStatus);
}

const action = "DescribeTrafficMirrorSessionStatus";
const set = "trafficMirrorSessionStatusSet";
const pageSize = 250; // Each has some 5 kB, and a page must be read between two frames.

/* By a filter, as MaxResults is refused beside ids. */
function queryAllNamed(ids: string[], signal: AbortSignal) {
	const Filter = [{Name: "traffic-mirror-session-id", Value: ids}];
	return queryAll<AnsweredStatus>(action, set, {Filter}, signal);
}

function readStatus(answer: AnsweredStatus): SessionStatus {
	return {
		id: answer.trafficMirrorSessionId,
		source: answer.networkInterfaceId,
		host: answer.hostName,
		device: answer.deviceName,
		state: answer.state,
		reason: answer.reason,
		counters: {
			ingress: readDirection(answer.ingress),
			egress: readDirection(answer.egress),
		},
	};
}

function readDirection(answer: AnsweredDirection): Counters {
	return {
		accepted: readCount(answer.accepted),
		shipped: readCount(answer.shipped),
		truncated: readCount(answer.truncated),
		lost: Object.fromEntries(
			answer.lostSet.map((lost) => [lost.reason, readCount(lost)]),
		),
	};
}

function readCount({packets, bytes}: Count) {
	return {packets: Number(packets), bytes: Number(bytes)};
}
