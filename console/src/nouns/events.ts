/* Events: who asked for what, and what came of it, as CloudTrail tells it.
 *
 * They are asked for by the Query API, since CloudTrail's own protocol is one more for the browser to load. */
import {patiently} from "~/api/patience";
import {refusal} from "~/api/problem";
import {query, services} from "~/api/query";
import type {Query} from "~/data/cache";
import {parseDate} from "~/text/dates";
import {parseSpan} from "~/text/spans";

export interface EventLine {
	id: string;
	time?: Date;
	name: string;
	source: string; // The service, as ec2.amazonaws.com.
	user: string;
	readOnly: boolean;
	resources: string[];
	address: string;
	error: string; // Its code, if it was refused.
	errorMessage: string;
	record: string; // All of it, as indented JSON.
}

/* What the controller looks for; everything else is sought among what came. */
export interface Lookup {
	attribute: string;
	value: string;
	span: string; // As text/spans.ts has it.
}

export interface EventPage {
	events: EventLine[];
	next?: string;
	from?: Date; // A token fits the question only that it came from.
}

interface Answer {
	Events?: Event[] | ""; // An empty list is an empty text.
	NextToken?: string;
}

interface Event {
	EventId: string;
	EventName: string;
	ReadOnly: string;
	EventTime: string;
	EventSource: string;
	Username: string;
	Resources: {ResourceName: string}[] | "";
	CloudTrailEvent: string;
}

export const attributes = [
	{value: "", label: "Everything"},
	{value: "EventName", label: "Action"},
	{value: "Username", label: "User"},
	{value: "ResourceName", label: "Object"},
	{value: "ResourceType", label: "Type of object"},
	{value: "EventSource", label: "Service"},
	{value: "ReadOnly", label: "Only reads (true, false)"},
	{value: "AccessKeyId", label: "Access key"},
	{value: "EventId", label: "Event id"},
];

/* The newest page. */
export function eventsQuery(lookup: Lookup): Query<EventPage> {
	return {
		key: `events ${JSON.stringify(lookup)}`,
		kinds: ["event"],
		every: 30_000, // What only reads is told by no change.
		fetch: (signal) => fetchEvents(lookup, undefined, signal),
	};
}

const pause = 500; // There are two such requests a second for an account.

/* A page may be empty while there is another one, which then is asked for at the pace that is allowed. */
export async function fetchEvents(
	{attribute, value, span}: Lookup,
	before?: EventPage,
	signal?: AbortSignal,
): Promise<EventPage> {
	const asked = parseSpan(span);
	const from = before?.from ?? asked?.from;
	const wanted = attribute && value.trim();
	let next = before?.next;
	do {
		const ask = () =>
			query<{LookupEventsResult: Answer}>(
				"LookupEvents",
				{
					LookupAttributes: wanted
						? [
								{
									AttributeKey: attribute,
									AttributeValue: wanted,
								},
							]
						: undefined,
					StartTime: from?.toISOString(),
					EndTime: asked?.to?.toISOString(),
					NextToken: next,
				},
				{service: services.cloudtrail, signal},
			);
		const answer = await patiently(ask);
		const {Events, NextToken} = answer.LookupEventsResult;
		next = NextToken || undefined;
		const events = (Events || []).map(readEvent);
		if (events.length > 0 || !next) return {events, next, from};
		await new Promise((done) => setTimeout(done, pause));
	} while (!signal?.aborted);
	return {events: [], next, from};
}

export function eventQuery(id: string): Query<EventLine> {
	return {
		key: `event ${id}`,
		kinds: [],
		async fetch(signal) {
			const lookup = {attribute: "EventId", value: id, span: ""};
			const {events} = await fetchEvents(lookup, undefined, signal);
			if (events[0]) return events[0];
			throw refusal(
				"EventNotFound",
				`The event ${id} is not kept, or no longer.`,
				"LookupEvents",
			);
		},
	};
}

function readEvent(event: Event): EventLine {
	const record = readRecord(event.CloudTrailEvent);
	return {
		id: event.EventId,
		time: parseDate(event.EventTime),
		name: event.EventName,
		source: event.EventSource,
		user: event.Username,
		readOnly: event.ReadOnly === "true",
		resources: (event.Resources || []).map(({ResourceName}) => ResourceName),
		address: String(record["sourceIPAddress"] ?? ""),
		error: String(record["errorCode"] ?? ""),
		errorMessage: String(record["errorMessage"] ?? ""),
		record: JSON.stringify(record, undefined, 2),
	};
}

function readRecord(text: string): Record<string, unknown> {
	return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
