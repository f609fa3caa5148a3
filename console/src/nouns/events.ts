/* Events: who asked for what, and what came of it, as CloudTrail tells it. */
import {type Event, LookupEventsCommand} from "@aws-sdk/client-cloudtrail";
import {cloudtrail} from "~/api/cloudtrail";
import {refusal} from "~/api/problem";
import type {Query} from "~/data/cache";
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

/* A page may be empty while there is another one; then the next is asked for at once. */
export async function fetchEvents(
	{attribute, value, span}: Lookup,
	token?: string,
	signal?: AbortSignal,
): Promise<EventPage> {
	const {from, to} = parseSpan(span) ?? {};
	const wanted = attribute && value.trim();
	let next = token;
	do {
		const answer = await cloudtrail().send(
			new LookupEventsCommand({
				LookupAttributes: wanted
					? [
							{
								AttributeKey:
									attribute as "EventId",
								AttributeValue: wanted,
							},
						]
					: undefined,
				StartTime: from,
				EndTime: to,
				NextToken: next,
			}),
			{abortSignal: signal},
		);
		next = answer.NextToken;
		const events = (answer.Events ?? []).map(readEvent);
		if (events.length > 0 || !next) return {events, next};
	} while (!signal?.aborted);
	return {events: [], next};
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
		id: event.EventId ?? "",
		time: event.EventTime,
		name: event.EventName ?? "",
		source: event.EventSource ?? "",
		user: event.Username ?? "",
		readOnly: event.ReadOnly === "true",
		resources: (event.Resources ?? []).flatMap(({ResourceName}) => ResourceName ?? []),
		address: String(record["sourceIPAddress"] ?? ""),
		error: String(record["errorCode"] ?? ""),
		errorMessage: String(record["errorMessage"] ?? ""),
		record: JSON.stringify(record, undefined, 2),
	};
}

function readRecord(text: string | undefined): Record<string, unknown> {
	return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
