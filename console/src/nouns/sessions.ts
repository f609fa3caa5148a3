/* Sessions: what the API says of them, asked with their options beyond AWS, and what is done with them. */
import {DeleteTrafficMirrorSessionCommand} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import {type Parameters, query, queryAll} from "~/api/query";
import {refusal} from "~/api/problem";
import type {Query} from "~/data/cache";
import type {Tag} from "./tags";

/* As DescribeTrafficMirrorSessions answers with Extension.Show; all texts. */
export interface Session {
	trafficMirrorSessionId: string;
	trafficMirrorTargetId: string;
	trafficMirrorFilterId: string;
	networkInterfaceId: string;
	ownerId: string;
	packetLength?: string;
	sessionNumber: string;
	virtualNetworkId: string;
	description?: string;
	tagSet?: Tag[];
	extension: SessionOptions;
}

export interface SessionOptions {
	packetSampling: string;
	flowSampling: string;
	maxBitsPerSecond: string;
	maxPacketsPerSecond: string;
	priority: string;
	paused: string;
	continue: string;
	expirationTime?: string;
	encapsulation: string;
	outerDscp: string;
	outerDestinationPort: string;
	outerSourceAddress?: string;
	trafficMirrorSelectorId?: string; // Whose it is, if a selector made it.
}

export const sessionsQuery: Query<Session[]> = {
	key: "sessions",
	kinds: ["session", "tag"],
	every: 60_000,
	fetch: (signal) =>
		queryAll("DescribeTrafficMirrorSessions", "trafficMirrorSessionSet", show, signal),
};

export function sessionQuery(id: string): Query<Session> {
	return {
		key: `session ${id}`,
		kinds: ["session", "tag"],
		every: 60_000,
		fetch: async (signal) => {
			const found = await queryAll<Session>(
				"DescribeTrafficMirrorSessions",
				"trafficMirrorSessionSet",
				{
					...show,
					Filter: [{Name: "traffic-mirror-session-id", Value: [id]}],
				},
				signal,
			);
			return found[0] ?? gone(id);
		},
	};
}

export function countSessions(sessions: Session[], field: keyof Session): Map<unknown, number> {
	const counts = new Map<unknown, number>();
	for (const {[field]: value} of sessions) counts.set(value, (counts.get(value) ?? 0) + 1);
	return counts;
}

export async function createSession(parameters: Parameters): Promise<string> {
	const answer = await query<{trafficMirrorSession: Session}>(
		"CreateTrafficMirrorSession",
		parameters,
	);
	return answer.trafficMirrorSession.trafficMirrorSessionId;
}

/* Why the session cannot be changed or ended here, if it is a selector's. */
export function boundReason({extension}: Session): string | undefined {
	const selector = extension.trafficMirrorSelectorId;
	return (
		selector &&
		`It belongs to the selector ${selector}, which alone changes and ends it.`
	);
}

export function modifySession(id: string, parameters: Parameters): Promise<unknown> {
	return query("ModifyTrafficMirrorSession", {TrafficMirrorSessionId: id, ...parameters});
}

export function pauseSession(id: string, paused: boolean): Promise<unknown> {
	return modifySession(id, {"Extension.Paused": paused});
}

export function deleteSession(id: string): Promise<unknown> {
	return ec2().send(new DeleteTrafficMirrorSessionCommand({TrafficMirrorSessionId: id}));
}

const show: Parameters = {"Extension.Show": true};

function gone(id: string): never {
	throw refusal(
		"InvalidTrafficMirrorSessionId.NotFound",
		`The session ${id} does not exist.`,
		"DescribeTrafficMirrorSessions",
	);
}
